//! The part of a definitions file that says how old versions of events are lifted.

use everview_core::{Split, Upcaster};
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

use super::tree::{Node, Wrong};
use super::write::write_texts;

const UPCASTER: [&str; 7] = ["to", "version", "rename", "split", "default", "compute", "remove"];

pub(super) fn read(place: &str, node: &Node<'_>) -> Result<Upcaster, Wrong> {
    let fields = node.fields(&UPCASTER)?;
    let splits = |node| splits(&format!("{place}.split"), node);
    Ok(Upcaster {
        to: fields.need("to")?.text()?,
        version: fields.text("version")?,
        rename: fields.pairs("rename")?,
        split: fields.get("split").map_or_else(|| Ok(Vec::new()), splits)?,
        default: fields.pairs("default")?,
        compute: fields.pairs("compute")?,
        remove: fields.get("remove").map_or_else(|| Ok(Vec::new()), Node::texts)?,
    })
}

fn splits(place: &str, node: &Node<'_>) -> Result<Vec<(String, Split)>, Wrong> {
    let split = |(field, node): (&str, &Node<'_>)| {
        let fields = node.fields(&["by", "into"])?;
        let (by, into) = (fields.need("by")?.text()?, fields.need("into")?.texts()?);
        let wrong = |part, problem| Err(Wrong::meaning(format!("{place}.{field}.{part}"), problem));
        match (&*by, &*into) {
            ("", _) => wrong("by", "expected what stands between the parts"),
            (_, []) => wrong("into", "expected the names of the parts"),
            _ => Ok((field.to_owned(), Split { by, into })),
        }
    };
    node.entries()?.map(split).collect()
}

pub(super) fn write(from: &str, upcaster: &Upcaster, lines: &mut Vec<String>) {
    lines.push(format!("[upcasters.{}]", from.to_toml_key()));
    lines.push(format!("to = {}", upcaster.to.to_toml_value()));
    if let Some(version) = &upcaster.version {
        lines.push(format!("version = {}", version.to_toml_value()));
    }
    write_texts("rename", &upcaster.rename, lines);
    for (field, Split { by, into }) in &upcaster.split {
        let (by, into) = (by.to_toml_value(), into.to_toml_value());
        lines.push(format!("split.{} = {{ by = {by}, into = {into} }}", field.to_toml_key()));
    }
    write_texts("default", &upcaster.default, lines);
    write_texts("compute", &upcaster.compute, lines);
    if !upcaster.remove.is_empty() {
        lines.push(format!("remove = {}", upcaster.remove.to_toml_value()));
    }
}
