//! What is given back to a program: it is written as one text and a tape of numbers, of which
//! JavaScript makes values in one call. A call for each value costs many times as much.

use std::fmt::{Error, Write as _};

use everview_protocol::javascript::Cell;
use serde::ser::{Error as _, Impossible, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Code, with_code};

#[wasm_bindgen(module = "/src/values.js")]
extern "C" {
    #[wasm_bindgen(js_name = valueOf)]
    fn value_of(text: &str, numbers: &[f64]) -> JsValue;
}

/// What follows on the tape; `values.js` reads it.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Null,
    False,
    True,
    Number,
    Text,
    BigInt,
    List,
    Object,
}

/// Makes a JavaScript value of a Rust one.
pub(crate) fn out<T: Tsify + Serialize>(value: &T) -> Result<Ts<T>, JsValue> {
    let mut tape = Tape::default();
    value.serialize(&mut tape).map_err(with_code(Code::ArgumentInvalid))?;
    Ok(Ts::new_unchecked(value_of(&tape.text, &tape.numbers)))
}

/// A value as JavaScript takes it.
#[derive(Debug, Default)]
struct Tape {
    /// All texts, one after the other.
    text: String,
    /// Tags, each with what belongs to it. Lengths of texts are in units of UTF-16.
    numbers: Vec<f64>,
    /// The names of fields that the text has already.
    names: Vec<&'static str>,
}

impl Tape {
    fn tag(&mut self, tag: Tag) {
        self.numbers.push(f64::from(tag as u8));
    }

    #[inline]
    fn number(&mut self, number: f64) {
        self.tag(Tag::Number);
        self.numbers.push(number);
    }

    fn integer(&mut self, number: i128) {
        match i64::try_from(number) {
            Ok(safe) if Cell::is_safe(safe) => self.number(float(safe)),
            _ => {
                self.tag(Tag::BigInt);
                let from = self.text.len();
                // Writing to a String cannot fail.
                let _ = write!(self.text, "{number}");
                self.numbers.push(length(self.text.len() - from));
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.text.push_str(text);
        let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.numbers.push(length(units));
    }
}

#[expect(clippy::cast_precision_loss, reason = "only what is safe gets here")]
fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
fn length(length: usize) -> f64 {
    length as f64
}

/// Integers cross as numbers where these are exact.
macro_rules! integers {
    ($($method:ident: $integer:ty),*) => {
        $(fn $method(self, number: $integer) -> Result<(), Error> {
            self.integer(i128::from(number));
            Ok(())
        })*
    };
}

/// Kinds that nothing which is given back has.
macro_rules! refused {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, Error> {
            Err(Error::custom(concat!("cannot give back by ", stringify!($method))))
        })*
    };
}

impl Serializer for &mut Tape {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Self;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Error>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_i128: i128
    );

    refused! {
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_tuple(usize) -> Impossible<(), Error>;
        serialize_tuple_struct(&'static str, usize) -> Impossible<(), Error>;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Impossible<(), Error>;
        serialize_map(Option<usize>) -> Impossible<(), Error>;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Impossible<(), Error>;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error::custom(variant))
    }

    fn serialize_bool(self, truth: bool) -> Result<(), Error> {
        self.tag(if truth { Tag::True } else { Tag::False });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Error> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Error> {
        self.number(number);
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.tag(Tag::Text);
        self.text(text);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.tag(Tag::Null);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Error> {
        self.tag(Tag::List);
        self.numbers.push(length(len.ok_or_else(|| Error::custom("a list without a length"))?));
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Self, Error> {
        self.tag(Tag::Object);
        self.numbers.push(length(len));
        Ok(self)
    }
}

impl SerializeSeq for &mut Tape {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

impl SerializeStruct for &mut Tape {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let known = self.names.iter().position(|known| *known == name);
        self.numbers.push(length(known.unwrap_or(self.names.len())));
        if known.is_none() {
            self.names.push(name);
            self.text(name);
        }
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}
