use everview_core::Rng;

use super::*;

#[test]
fn a_key_reads_like_what_it_names() {
    let texts = [
        (vec![Value::text("order-1")], "order-1"),
        (vec![Value::text("Ada Okafor"), 7.into()], "Ada Okafor,7"),
        (vec![Value::text("7"), Value::Null, true.into()], "\"7\",null,true"),
        (vec![Value::text("a,b"), Value::text("")], "\"a,b\",\"\""),
        (vec![Value::Decimal("1.50".parse().unwrap())], "1.5"),
        (vec![], ""),
    ];
    for (key, text) in texts {
        assert_eq!(text_from_key(&key), text);
    }
}

#[test]
fn every_key_is_read_back_from_its_text() {
    const PARTS: [&str; 14] =
        ["a", ",", "\"", "\\", "1", "e", ".", "-", "null", "true", " ", "é", "{", "["];
    let mut rng = Rng::new(5);
    let mut below = |most: u64| usize::try_from(rng.below(most)).unwrap();
    for _ in 0..20_000 {
        let mut value = || match below(4) {
            0 => Value::Null,
            1 => Value::Int(i64::try_from(below(1_000)).unwrap() - 500),
            2 => Value::Bool(below(2) == 0),
            _ => Value::text(&(0..below(5)).map(|_| PARTS[below(14)]).collect::<String>()),
        };
        let key = [value(), value(), value()];
        let text = text_from_key(&key);
        assert_eq!(*key_from_text(&text), key, "{text}");
    }
}

#[test]
fn a_text_that_nobody_wrote_is_still_a_key() {
    for text in ["\"", "\"a", "\"a\"b", ",", ",,", "1,", "\"\\"] {
        assert!(!key_from_text(text).is_empty(), "{text}");
    }
}
