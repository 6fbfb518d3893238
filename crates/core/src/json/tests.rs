use super::{Json, JsonProblem, quote};
use alloc::string::String;
use alloc::vec::Vec;

#[test]
fn a_value_is_read_in_place() {
    let json = Json::parse(
        " {\"a\": [1, -2.5e3, true], \"b\": {\"c\": \"x\\u00e9\\ud83d\\ude00\\/\"}, \"a\": null} ",
    )
    .unwrap();

    let names: Vec<_> = json.members().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["a", "b", "a"]);
    assert!(json.get("a").unwrap().is_null(), "the last of two counts");
    assert_eq!(json.get("b").unwrap().get("c").unwrap().as_str().unwrap(), "xé😀/");
    let first = json.members().next().unwrap().1;
    assert_eq!(first.elements().map(Json::text).collect::<Vec<_>>(), ["1", "-2.5e3", "true"]);
    assert_eq!(first.elements().next().unwrap().as_i64(), Some(1));
}

#[test]
fn what_is_not_json_is_refused_where_it_breaks() {
    for (text, offset) in [
        ("", 0),
        ("{", 1),
        ("{\"a\" 1}", 5),
        ("{\"a\":1,}", 7),
        ("[1 2]", 3),
        ("[1,]", 3),
        ("01", 1),
        ("1.", 2),
        ("-", 1),
        ("tru", 0),
        ("\"a\nb\"", 2),
        ("\"\\x\"", 2),
        ("\"\\ud800\"", 1),
        ("\"\\udc00\"", 1),
        ("\"abc", 4),
        ("1 2", 2),
        ("{\"a\":1]", 6),
    ] {
        assert_eq!(Json::parse(text).unwrap_err().offset, offset, "{text}");
    }
}

#[test]
fn nesting_is_bounded_without_recursion() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(Json::parse(&deep(129)).is_ok(), "the innermost is empty");
    assert_eq!(Json::parse(&deep(10_000)).unwrap_err().problem, JsonProblem::TooDeep);
    assert_eq!(Json::parse(&"{\"a\":".repeat(10_000)).unwrap_err().problem, JsonProblem::TooDeep);
}

#[test]
fn a_quoted_text_reads_back() {
    let text = "tab\t nul\0 quote\" back\\ é 😀";
    let mut quoted = String::new();
    quote(text, &mut quoted);
    assert_eq!(Json::parse(&quoted).unwrap().as_str().unwrap(), text);
}
