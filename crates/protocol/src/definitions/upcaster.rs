//! The part of a definitions file that says how old versions of events are lifted.

use everview_core::{Split, Upcaster};
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

use super::shape::Entries;
use super::write::write_texts;
use super::{DefinitionsError, wrong};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpcasterShape {
    to: String,
    version: Option<String>,
    #[serde(default)]
    rename: Entries<String>,
    #[serde(default)]
    split: Entries<SplitShape>,
    #[serde(default)]
    default: Entries<String>,
    #[serde(default)]
    compute: Entries<String>,
    #[serde(default)]
    remove: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SplitShape {
    by: String,
    into: Vec<String>,
}

pub(super) fn from_shape(place: &str, shape: UpcasterShape) -> Result<Upcaster, DefinitionsError> {
    let split = shape.split.into_iter().map(|(field, SplitShape { by, into })| {
        let place = format!("{place}.split.{field}");
        match (&*by, &*into) {
            ("", _) => Err(wrong(&format!("{place}.by"), "expected what stands between the parts")),
            (_, []) => Err(wrong(&format!("{place}.into"), "expected the names of the parts")),
            _ => Ok((field, Split { by, into })),
        }
    });
    Ok(Upcaster {
        to: shape.to,
        version: shape.version,
        rename: shape.rename.into_pairs(),
        split: split.collect::<Result<_, _>>()?,
        default: shape.default.into_pairs(),
        compute: shape.compute.into_pairs(),
        remove: shape.remove,
    })
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
