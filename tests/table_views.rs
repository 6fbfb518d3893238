//! What table views can say, and how they refuse.

use everview_core::{Engine, Epoch, NewEvent, Position};
use everview_protocol::definitions;

fn define(text: &str) -> Engine {
    let mut engine = Engine::default();
    engine.define(&definitions::parse(text).unwrap()).unwrap();
    engine
}

/// Appends an event of this type and subject; its time is as many minutes as its number.
fn send(engine: &mut Engine, event_type: &str, subject: &str, data: &str) {
    let number = engine.head().next().get();
    let event = NewEvent {
        id: format!("e{number}"),
        source: "/shop".into(),
        event_type: event_type.into(),
        subject: subject.into(),
        time: Some(format!("2026-01-02T03:{number:02}:00Z").parse().unwrap()),
        data: data.into(),
    };
    engine.append(Epoch::new(1), &event).unwrap();
}

fn folded(text: &str, events: &[(&str, &str, &str)]) -> Engine {
    let mut engine = define(text);
    for (event_type, subject, data) in events {
        send(&mut engine, event_type, subject, data);
    }
    engine
}

/// The rows of the view `v`, one line each.
fn rows(engine: &Engine) -> Vec<String> {
    let line =
        |row: everview_core::Row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    engine.view("v").unwrap().rows().map(line).collect()
}

fn errors(engine: &Engine) -> Vec<String> {
    engine.quarantine().map(|refused| format!("{} {}", refused.position, refused.error)).collect()
}

fn refusal(text: &str) -> String {
    let definitions = definitions::parse(text).unwrap();
    Engine::default().define(&definitions).unwrap_err().to_string()
}

#[test]
fn the_largest_and_the_smallest_values_are_kept_and_null_is_none_of_them() {
    let engine = folded(
        "[views.v]\nkey = 'subject'\n[views.v.on.Bid]\n\
         max = { most = 'data.price' }\nmin = { least = 'data.price', first = 'time' }\n",
        &[
            ("Bid", "a", r#"{"price":7}"#),
            ("Bid", "a", "{}"),
            ("Bid", "a", r#"{"price":12.5}"#),
            ("Bid", "a", r#"{"price":-3}"#),
            ("Bid", "b", "{}"),
        ],
    );
    assert_eq!(
        rows(&engine),
        [
            "a 12.5 -3 2026-01-02T03:01:00.000Z".to_owned(),
            "b NULL NULL 2026-01-02T03:05:00.000Z".to_owned()
        ]
    );
}

#[test]
fn a_list_keeps_its_last_elements_as_a_json_array() {
    let mut engine = folded(
        "[views.v]\nkey = 'subject'\n[views.v.on.Added]\n\
         append = { last = { value = 'data.sku', limit = 3 } }\n",
        &[
            ("Added", "a", r#"{"sku":"x \"1\""}"#),
            ("Added", "a", "{}"),
            ("Added", "a", r#"{"sku":2}"#),
            ("Added", "a", r#"{"sku":0.50}"#),
        ],
    );
    assert_eq!(rows(&engine), [r#"a ["x \"1\"",2,0.5]"#]);
    send(&mut engine, "Added", "a", r#"{"sku":true}"#);
    assert_eq!(rows(&engine), ["a [2,0.5,true]"]);
    engine.seek(Position::new(4));
    assert_eq!(rows(&engine), [r#"a ["x \"1\"",2,0.5]"#]);
}

#[test]
fn appending_to_what_is_no_list_refuses_the_event() {
    let engine = folded(
        "[views.v]\nkey = 'subject'\n\
         [views.v.on.Set]\nset = { list = 'data.to' }\n\
         [views.v.on.Added]\nappend = { list = { value = '1', limit = 2 } }\n",
        &[
            ("Set", "a", r#"{"to":"text"}"#),
            ("Added", "a", "{}"),
            ("Set", "b", r#"{"to":5}"#),
            ("Added", "b", "{}"),
            ("Set", "c", r#"{"to":["x",  "y"]}"#),
            ("Added", "c", "{}"),
        ],
    );
    assert_eq!(rows(&engine), ["a text", "b 5", r#"c ["y",1]"#]);
    assert_eq!(
        errors(&engine),
        [
            "#2 on.Added.append.list: `append` expected a list, found text",
            "#4 on.Added.append.list: `append` expected a list, found integer"
        ]
    );
}

#[test]
fn several_clauses_of_a_type_follow_each_other() {
    let engine = folded(
        "[views.v]\nkey = 'subject'\n\
         [[views.v.on.Moved]]\nadd = { total = 'data.by' }\n\
         [[views.v.on.Moved]]\nwhen = 'total < 0'\nset = { total = '0', refused = 'data.by' }\n\
         [[views.v.on.Moved]]\nwhen = 'total > 10'\ndelete = true\n\
         [[views.v.on.Moved]]\nwhen = 'data.again'\nset = { again = 'total' }\n",
        &[
            ("Moved", "a", r#"{"by":5}"#),
            ("Moved", "a", r#"{"by":-8}"#),
            ("Moved", "b", r#"{"by":11}"#),
            ("Moved", "c", r#"{"by":9}"#),
            ("Moved", "c", r#"{"by":9,"again":true}"#),
        ],
    );
    assert_eq!(rows(&engine), ["a 0 -8 NULL", "c NULL NULL NULL"]);
}

#[test]
fn types_share_a_clause_and_those_of_every_type_go_first() {
    let engine = folded(
        "[views.v]\nkey = 'subject'\n\
         [views.v.on.'Paid, Shipped']\nset = { status = 'lower(type)' }\n\
         [views.v.on.Shipped]\nset = { note = \"status || '!'\" }\n\
         [views.v.on.'*']\nadd = { n = '1' }\nset = { status = 'NULL' }\n",
        &[("Paid", "a", "{}"), ("Shipped", "a", "{}"), ("Other", "b", "{}")],
    );
    assert_eq!(rows(&engine), ["a shipped shipped! 2", "b NULL NULL 1"]);
    assert_eq!(engine.ignored(), 0);
}

#[test]
fn all_expressions_of_a_clause_see_the_row_before_it_and_previous_is_before_the_event() {
    let engine = folded(
        "[views.v]\nkey = 'subject'\n\
         [[views.v.on.Set]]\nset = { a = 'data.to', b = 'a', c = 'b' }\n\
         [[views.v.on.Set]]\nset = { d = 'a - previous.a', e = 'previous.e IS NULL' }\n",
        &[("Set", "x", r#"{"to":10}"#), ("Set", "x", r#"{"to":17}"#), ("Set", "x", r#"{"to":1}"#)],
    );
    assert_eq!(rows(&engine), ["x 1 17 10 -16 false"]);
}

#[test]
fn an_array_gives_a_row_for_each_of_its_elements() {
    let engine = folded(
        "[views.v]\nkey = ['subject', 'item.sku']\neach = 'data.order.items'\n\
         [views.v.on.Placed]\nset = { place = 'item_index', tag = 'item.tags[1]' }\n\
         add = { quantity = 'item.quantity * data.times' }\n\
         [views.v.on.Cancelled]\ndelete = true\n",
        &[
            (
                "Placed",
                "a",
                r#"{"times":2,"order":{"items":[{"sku":"x","quantity":1,"tags":[1,2]},{"sku":"y","quantity":5},{"sku":"x","quantity":10}]}}"#,
            ),
            ("Placed", "b", r#"{"order":{"items":[]}}"#),
            ("Placed", "b", r#"{"order":null}"#),
            ("Cancelled", "a", r#"{"order":{"items":[{"sku":"y"},{"sku":"z"}]}}"#),
        ],
    );
    assert_eq!(rows(&engine), ["a x 2 NULL 22"]);
    assert_eq!(errors(&engine), Vec::<String>::new());
}

#[test]
fn elements_that_come_to_one_row_see_each_other_and_previous_is_before_the_event() {
    let engine = folded(
        "[views.v]\nkey = 'item'\neach = 'data'\n\
         [views.v.on.Seen]\nadd = { n = '1' }\nset = { before = 'previous.n', within = 'n' }\n",
        &[("Seen", "a", r#"["x","y","x"]"#), ("Seen", "a", r#"["x","x"]"#)],
    );
    assert_eq!(rows(&engine), ["x 2 3 4", "y NULL NULL 1"]);
}

#[test]
fn an_event_that_is_refused_at_one_element_leaves_no_trace_of_the_others() {
    let view = "[views.v]\nkey = 'item.sku'\neach = 'data.items'\n\
                [views.v.on.Placed]\nadd = { n = '10 / item.by' }\n";
    let placed = |items: &str| format!(r#"{{"items":{items}}}"#);
    let events = [
        placed(r#"[{"sku":"x","by":2}]"#),
        placed(r#"[{"sku":"x","by":1},{"sku":"y","by":1},{"sku":"z","by":0}]"#),
        placed(r#"[{"sku":"v","by":1},{"by":1}]"#),
        placed(r#"[{"sku":"w","by":1},{"sku":"u","by":99999999999999999999}]"#),
        placed(r#"{"sku":"x"}"#),
        placed("5"),
    ];
    let events: Vec<_> = events.iter().map(|data| ("Placed", "a", data.as_str())).collect();
    let engine = folded(view, &events);
    assert_eq!(rows(&engine), ["x 5"]);
    assert_eq!(engine.digest(), folded(view, &events[..1]).digest());
    assert_eq!(
        errors(&engine),
        [
            "#2 element 2: on.Placed.add.n: `/` by zero",
            "#3 element 1: the key is NULL",
            "#4 element 1: on.Placed.add.n: the number 99999999999999999999 in `item.by` is beyond 64 bits or 38 digits, 18 of them after the point",
            "#5 each: `each` expected an array, found an object",
            "#6 each: `each` expected an array, found a number",
        ]
    );
}

#[test]
fn the_envelope_can_be_read() {
    let engine = folded(
        "[views.v]\nkey = 'id'\n[views.v.on.'*']\n\
         set = { a = 'source', b = 'type', c = 'time', d = 'position', e = 'epoch', f = 'stream_version', g = 'subject' }\n",
        &[("A", "x", "{}"), ("B", "x", "{}")],
    );
    assert_eq!(
        rows(&engine),
        [
            "e1 /shop A 2026-01-02T03:01:00.000Z 1 1 1 x",
            "e2 /shop B 2026-01-02T03:02:00.000Z 2 1 2 x"
        ]
    );
}

#[test]
fn a_default_is_there_from_the_first_clause_on_and_again_after_a_deletion() {
    let engine = folded(
        "[views.v]\nkey = 'subject'\n\
         columns = { status = { default = \"'new'\" }, n = { default = 100 }, open = { default = true } }\n\
         [views.v.on.Added]\nwhen = \"status = 'new' AND n < 103\"\nadd = { n = '1' }\n\
         [views.v.on.Closed]\nset = { status = \"'closed'\", open = 'NOT open' }\n\
         [[views.v.on.Reset]]\ndelete = true\n\
         [[views.v.on.Reset]]\nset = { was = 'previous.status', open = 'open' }\n",
        &[
            ("Added", "a", "{}"),
            ("Added", "a", "{}"),
            ("Closed", "a", "{}"),
            ("Added", "a", "{}"),
            ("Added", "b", "{}"),
            ("Closed", "c", "{}"),
            ("Reset", "c", "{}"),
        ],
    );
    assert_eq!(
        rows(&engine),
        ["a closed 102 false NULL", "b new 101 true NULL", "c new 100 true closed"]
    );
}

#[test]
fn a_value_of_another_type_refuses_the_event_for_the_view() {
    let engine = folded(
        "[views.v]\nkey = ['data.n', 'subject']\n\
         columns = { n = { type = 'integer' }, i = { type = 'integer' }, d = { type = 'decimal' }, \
         t = { type = 'text' }, b = { type = 'boolean' }, at = { type = 'time' } }\n\
         [views.v.on.Set]\n\
         set = { i = 'data.i', d = 'data.d', t = 'data.t', b = 'data.b', at = 'data.at' }\n\
         [views.v.on.Added]\nadd = { i = 'data.i' }\n",
        &[
            (
                "Set",
                "a",
                r#"{"n":1,"i":9223372036854775807,"d":3,"t":"2026-01-02T03:04:05.000Z","b":false,"at":"2026-01-02T03:04:05+01:00"}"#,
            ),
            ("Set", "b", r#"{"n":1}"#),
            ("Set", "b", r#"{"n":"1"}"#),
            ("Set", "c", r#"{"n":1,"i":1.0}"#),
            ("Set", "d", r#"{"n":1,"i":1,"d":"1"}"#),
            ("Set", "e", r#"{"n":1,"t":1}"#),
            ("Set", "f", r#"{"n":1,"b":1}"#),
            ("Set", "g", r#"{"n":1,"at":1}"#),
            ("Set", "h", r#"{"n":1,"at":"soon"}"#),
            ("Added", "i", r#"{"n":1,"i":0.5}"#),
        ],
    );
    assert_eq!(
        rows(&engine),
        [
            "1 a 9223372036854775807 3 2026-01-02T03:04:05.000Z false 2026-01-02T02:04:05.000Z",
            "1 b NULL NULL NULL NULL NULL"
        ]
    );
    assert_eq!(
        errors(&engine),
        [
            "#3 key: `type` expected an integer, found text",
            "#4 on.Set.set.i: `type` expected an integer, found decimal",
            "#5 on.Set.set.d: `type` expected a decimal, found text",
            "#6 on.Set.set.t: `type` expected a text, found integer",
            "#7 on.Set.set.b: `type` expected a boolean, found integer",
            "#8 on.Set.set.at: `type` expected a time, found integer",
            "#9 on.Set.set.at: `type` expected a time such as 2026-01-02T03:04:05Z, found text",
            "#10 on.Added.add.i: `type` expected an integer, found decimal",
        ]
    );
}

#[test]
fn types_that_are_not_given_are_told_from_the_clauses() {
    let engine = define(
        "[views.v]\nkey = ['subject', 'data.k']\n\
         columns = { given = { type = 'decimal' }, start = { default = 0 } }\n\
         [views.v.on.A]\n\
         set = { given = 'data.x', status = \"'new'\", at = 'time', ratio = '1 / 2.0', \
         both = '1', either = 'CASE WHEN data.x THEN 1 END', unknown = 'data.x', yes = 'data.x > 1', \
         day = 'substr(time, 1, 10)', some = 'coalesce(NULL, 2)', any = 'coalesce(data.x, 2)' }\n\
         add = { n = '1', sum = 'data.x', start = '1' }\n\
         append = { list = { value = 'data.x', limit = 2 } }\n\
         [views.v.on.B]\nset = { both = \"'text'\", status = 'NULL', at = 'NULL' }\n",
    );
    let view = engine.view("v").unwrap();
    let types: Vec<String> = view
        .columns()
        .iter()
        .zip(view.column_types())
        .map(|(name, known)| format!("{name} {}", known.map_or("?", |known| known.name())))
        .collect();
    assert_eq!(
        types,
        [
            "subject text",
            "k ?",
            "given decimal",
            "start integer",
            "status text",
            "at time",
            "ratio decimal",
            "both ?",
            "either integer",
            "unknown ?",
            "yes boolean",
            "day text",
            "some integer",
            "any ?",
            "n integer",
            "sum ?",
            "list text"
        ]
    );
}

#[test]
fn a_clause_that_changes_nothing_makes_the_row() {
    let engine = folded(
        "[views.v]\nkey = 'data.customer'\n[views.v.on.Placed]\nwhen = 'data.total > 5'\n",
        &[
            ("Placed", "a", r#"{"customer":"ada","total":9}"#),
            ("Placed", "b", r#"{"customer":"bob","total":1}"#),
        ],
    );
    assert_eq!(rows(&engine), ["ada"]);
}

#[test]
fn what_cannot_be_is_refused_by_view_clause_column_and_byte() {
    let view = |rest: &str| refusal(&format!("[views.v]\nkey = 'subject'\n{rest}"));
    let on = |clause: &str| view(&format!("[views.v.on.A]\n{clause}\n"));
    assert_eq!(
        on("set = { a = '1' }\nmax = { a = '2' }"),
        "view `v`, on.A: column `a` is in `set` and in `max` of one clause"
    );
    assert_eq!(
        on("append = { a = { value = '1', limit = 0 } }"),
        "view `v`, on.A.append.a.limit: expected a limit from 1 to 1000, found 0"
    );
    assert_eq!(
        on("append = { a = { value = '1 +', limit = 1 } }"),
        "view `v`, on.A.append.a: expected a value, found the end at byte 3"
    );
    assert_eq!(
        on("min = { a = '1 + previous.b' }"),
        "view `v`, on.A.min.a: no column `previous.b`; there are subject, a at byte 4"
    );
    assert_eq!(
        on("max = { a = 'item.x' }"),
        "view `v`, on.A.max.a: no column `item.x`; there are id, source, subject, type, time, \
         position, epoch, stream_version, data.…, previous.…, subject, a at byte 0"
    );
    assert_eq!(
        view("[[views.v.on.A]]\ndelete = true\n[[views.v.on.A]]\nwhen = 'b'\n"),
        "view `v`, on.A[1].when: no column `b`; there are id, source, subject, type, time, \
         position, epoch, stream_version, data.…, previous.…, subject at byte 0"
    );
    assert_eq!(
        view("on.'A, , B' = {}\n"),
        "view `v`, on.A, , B: expected event types separated by commas, found an empty one"
    );
    assert_eq!(view("on.'A, *' = {}\n"), "view `v`, on.A, *: `*` is every type and stands alone");
    assert_eq!(view("on.'A,B,A' = {}\n"), "view `v`, on.A,B,A: `A` is there twice");
    assert_eq!(
        view("each = 'data.items || data.more'\non.A = {}\n"),
        "view `v`, each: expected a path into the data, such as `data.items`"
    );
    assert_eq!(
        refusal("[views.v]\nkey = 'previous.a'\non.A.set.a = '1'\n"),
        "view `v`, key: no column `previous.a`; there are id, source, subject, type, time, \
         position, epoch, stream_version, data.… at byte 0"
    );
}

#[test]
fn what_is_said_wrong_of_a_column_is_refused_by_its_name() {
    let columns = |columns: &str| {
        refusal(&format!(
            "[views.v]\nkey = 'subject'\ncolumns = {{ {columns} }}\non.A.set.a = '1'\n\
             on.A.append.list = {{ value = '1', limit = 1 }}\n"
        ))
    };
    assert_eq!(
        columns("b = { default = 1 }"),
        "view `v`, columns.b: no clause changes this column, and it is no part of the key"
    );
    assert_eq!(
        columns("a = { default = 'new' }"),
        "view `v`, columns.a.default: no column `new`; there are id, source, subject, type, time, \
         position, epoch, stream_version, data.… at byte 0"
    );
    assert_eq!(
        columns("a = { default = 'position + 1' }"),
        "view `v`, columns.a.default: expected a constant, found an expression that reads the event"
    );
    assert_eq!(columns("a = { default = '1 / 0' }"), "view `v`, columns.a.default: `/` by zero");
    assert_eq!(
        columns("a = { type = 'text', default = 1 }"),
        "view `v`, columns.a.default: `type` expected a text, found integer"
    );
    assert_eq!(
        columns("subject = { default = 1 }"),
        "view `v`, columns.subject.default: a column of the key has no default"
    );
    assert_eq!(
        columns("list = { type = 'integer' }"),
        "view `v`, on.A.append.list: a list is kept as text, and the column's type is integer"
    );
}

#[test]
fn windows_that_overlap_are_refused_in_a_table_view() {
    assert_eq!(
        refusal(
            "[views.v]\nkey = 'subject'\non.A.set.a = \"1 || hop(time, '1 minute', '5 minutes')\"\n"
        ),
        "view `v`, on.A.set.a: hop in a table view is not supported at byte 9"
    );
}
