//! What a program gives: objects cross as their JSON, in one step.

use everview_core::Value;
use everview_core::json::Json;
use everview_protocol::javascript::ArgumentError;
use js_sys::{ArrayBuffer, JSON, Number, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::{Code, with_code};

/// Reads an object.
pub(crate) fn read<T>(
    object: &JsValue,
    from_json: impl FnOnce(&str) -> Result<T, ArgumentError>,
) -> Result<T, JsValue> {
    from_json(&json(object)?).map_err(with_code(Code::ArgumentInvalid))
}

/// The bytes of a typed array, also of one that was made in another window.
pub(crate) fn bytes(array: &JsValue) -> Result<Uint8Array, JsValue> {
    if !ArrayBuffer::is_view(array) {
        let found = array.js_typeof().as_string().unwrap_or_default();
        let found = format_args!("expected a Uint8Array, found {found}");
        return Err(Code::ArgumentInvalid.error(found));
    }
    let view: &Uint8Array = array.unchecked_ref();
    let (start, length) = (view.byte_offset(), view.byte_length());
    // One whose buffer went elsewhere has no bytes, and cannot be looked at.
    let is_empty = length == 0;
    let whole = || Uint8Array::new_with_byte_offset_and_length(&view.buffer(), start, length);
    Ok(if is_empty { Uint8Array::new_with_length(0) } else { whole() })
}

/// Reads the value of a row: a number is kept as the digits it is printed with.
pub(crate) fn value(cell: &JsValue) -> Result<Value, JsValue> {
    let is_plain = match cell.as_f64() {
        Some(number) => number.is_finite(),
        None => !cell.is_object() && !cell.is_function() && !cell.is_symbol(),
    };
    let value = if cell.is_bigint() {
        i64::try_from(cell.clone()).ok().map(Value::Int)
    } else if is_plain {
        Json::parse(&json(cell)?).ok().and_then(Value::from_json)
    } else {
        None
    };
    value.ok_or_else(|| {
        let expected = "null, a boolean, an exact number, a bigint of 64 bits or a string";
        let digits = |_| Number::from(cell.clone()).to_string_with_radix(10).ok();
        let digits = cell.as_f64().and_then(digits).map(String::from);
        let found = digits.or_else(|| cell.js_typeof().as_string()).unwrap_or_default();
        Code::ArgumentInvalid.error(format_args!("expected {expected}, found {found}"))
    })
}

fn json(value: &JsValue) -> Result<String, JsValue> {
    // It throws if there is a bigint inside, or a circle, and what is undefined has no text.
    let text = JSON::stringify(value).map_err(|error| {
        let message = js_sys::Error::from(error).message();
        Code::ArgumentInvalid.error(String::from(message))
    })?;
    Ok(JsValue::from(text).as_string().unwrap_or_else(|| "null".to_owned()))
}
