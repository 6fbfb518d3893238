use super::*;

#[test]
fn a_branch_is_taken_apart_only_when_asked() {
    let Node::Branch { is_array: false, members: 2, text } = node(r#"{"a":[1,2],"b":"x"}"#) else {
        panic!("an object with two members");
    };
    let members = members(&text);
    assert_eq!(members[1], ("b".into(), Node::Text("x".into())));
    assert_eq!(
        members[0],
        ("a".into(), Node::Branch { is_array: true, members: 2, text: "[1,2]".into() })
    );
}

#[test]
fn numbers_keep_every_digit() {
    assert_eq!(node("12345678901234567890.10"), Node::Literal("12345678901234567890.10".into()));
}

#[test]
fn escapes_are_read() {
    assert_eq!(node(r#""a\n\u00e9""#), Node::Text("a\né".into()));
}

#[test]
fn a_text_that_is_no_json_is_shown_as_it_is() {
    assert_eq!(node("{oops"), Node::Text("{oops".into()));
}

#[test]
fn indented_text_is_the_same_json() {
    assert_eq!(
        indented(r#"{"a":[1,{"b":null}],"c":{}}"#),
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {}\n}"
    );
}
