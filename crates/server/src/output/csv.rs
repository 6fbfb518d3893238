//! A view as CSV, after RFC 4180.

use std::io;

use csv::{ErrorKind, Terminator, WriterBuilder};
use everview_core::Value;

use super::Listing;

pub(super) fn write(view: Listing<'_>, out: &mut impl io::Write) -> io::Result<()> {
    write_rows(view, out).map_err(|error| match error.into_kind() {
        // As it was, since a broken pipe is to be known as one.
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

fn write_rows(view: Listing<'_>, out: &mut impl io::Write) -> csv::Result<()> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record(&view.columns)?;
    for row in view.rows {
        for value in &*row {
            match value {
                Value::Null => writer.write_field("")?,
                Value::Text(text) => writer.write_field(&**text)?,
                number => writer.write_field(number.to_string())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.flush()?)
}
