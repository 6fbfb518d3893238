mod laws;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::{
    Access, Answer, Clause, CursorError, Definitions, Delta, Engine, Epoch, IndexDefinition,
    NewEvent, Position, Read, ReadError, Row, TableDefinition, Timestamp, Value, ViewDefinition,
};

fn clause(set: &[(&str, &str)]) -> Clause {
    let pair = |(column, expr): &(&str, &str)| (column.to_string(), expr.to_string());
    Clause { set: set.iter().map(pair).collect(), ..Clause::default() }
}

fn index(view: &str, columns: &[&str], is_unique: bool) -> IndexDefinition {
    let columns = columns.iter().map(ToString::to_string).collect();
    IndexDefinition { view: view.into(), columns, is_unique }
}

fn definitions(indexes: Vec<IndexDefinition>) -> Definitions {
    let placed = clause(&[
        ("region", "data.region"),
        ("total", "data.total"),
        ("at", "time"),
        ("mail", "data.mail"),
    ]);
    let gone = Clause { delete: true, ..Clause::default() };
    let orders = TableDefinition {
        key: vec!["subject".into()],
        on: vec![("Placed".into(), placed), ("Gone".into(), gone)],
        ..TableDefinition::default()
    };
    let query = |sql: &str| ViewDefinition::Query(sql.into());
    Definitions {
        views: vec![
            ("orders".into(), ViewDefinition::Table(orders)),
            (
                "regions".into(),
                query("SELECT region, COUNT(*) AS orders FROM orders GROUP BY region"),
            ),
            ("top".into(), query("SELECT subject, total FROM orders ORDER BY total DESC LIMIT 5")),
            ("odd".into(), query("SELECT subject FROM orders ORDER BY length(subject)")),
        ],
        indexes,
        ..Definitions::default()
    }
}

fn indexes() -> Vec<IndexDefinition> {
    vec![
        index("orders", &["region", "total"], false),
        index("orders", &["total"], false),
        index("orders", &["at", "region"], false),
        index("orders", &["mail"], true),
        index("regions", &["orders"], false),
    ]
}

fn engine(indexes: Vec<IndexDefinition>) -> Engine {
    let mut engine = Engine::default();
    engine.define(&definitions(indexes)).unwrap();
    engine
}

fn place(engine: &mut Engine, order: &str, data: &str) {
    happen(engine, "Placed", order, data);
}

fn happen(engine: &mut Engine, event_type: &str, order: &str, data: &str) {
    let number = engine.head().get();
    let event = NewEvent {
        id: format!("{number}-{order}"),
        source: "/shop".into(),
        event_type: event_type.into(),
        subject: order.into(),
        time: format!("2026-01-01T00:00:{:02}Z", number % 60).parse().ok(),
        data: data.into(),
    };
    engine.append(Epoch::new(3), &event).unwrap();
}

fn read(view: &str, filter: &str, order: &str) -> Read {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
    Read { view: view.into(), filter: some(filter), order: some(order), ..Read::default() }
}

/// The first column of the answer's rows, and how they were found.
fn found(engine: &mut Engine, read: &Read) -> (String, String) {
    let answer = engine.query(read, None).unwrap();
    let first: Vec<String> = answer.rows.iter().map(|row| row[0].to_string()).collect();
    (first.join(" "), answer.explain.to_string())
}

fn shop() -> Engine {
    let mut engine = engine(indexes());
    for (order, region, total, mail) in [
        ("a", "'north'", "5", "x@y"),
        ("b", "'south'", "12", "z@y"),
        ("c", "'north'", "12", "x@y"),
        ("d", "'north'", "7", "q@y"),
        ("e", "'west'", "30", "w@y"),
    ] {
        let region = region.replace('\'', "\"");
        place(
            &mut engine,
            order,
            &format!(r#"{{"region":{region},"total":{total},"mail":"{mail}"}}"#),
        );
    }
    engine
}

#[test]
fn a_query_uses_the_index_that_narrows_most_and_says_so() {
    let mut engine = shop();
    for (filter, order, rows, explain) in [
        ("subject = 'b'", "", "b", "by key, equal subject, in order, rows examined: 1"),
        (
            "subject IN ('e', 'a', 'z')",
            "",
            "a e",
            "by key, equal subject, sorted afterwards, rows examined: 2",
        ),
        ("", "", "a b c d e", "index key, in order, rows examined: 5"),
        (
            "subject > 'b' AND subject <= 'd'",
            "",
            "c d",
            "index key, range subject, in order, rows examined: 2",
        ),
        (
            "region = 'north' AND total >= 7",
            "total DESC",
            "c d",
            "index region, total, equal region, range total, in order, rows examined: 2",
        ),
        (
            "region = 'north' AND length(mail) = 3 AND mail <> 'q@y'",
            "",
            "a c",
            "index region, total, equal region, rest of the condition checked, sorted afterwards, rows examined: 3",
        ),
        ("", "total DESC", "e b c d a", "index total, in order, rows examined: 5"),
        ("", "region DESC, total", "e b a d c", "index region, total, in order, rows examined: 5"),
        (
            "substr(region, 1, 2) = 'no'",
            "region, total DESC",
            "c d a",
            "index region, total, range region, in order, rows examined: 3",
        ),
        ("mail IS NULL", "", "", "index mail, equal mail, in order, rows examined: 0"),
        (
            "total + 0 = 12",
            "mail",
            "c b",
            "index mail, rest of the condition checked, in order, rows examined: 5",
        ),
        (
            "total + 0 = 12",
            "mail, at",
            "c b",
            "every row, rest of the condition checked, sorted afterwards, rows examined: 5",
        ),
    ] {
        let read = read("orders", filter, order);
        assert_eq!(found(&mut engine, &read), (rows.into(), explain.into()), "{filter} {order}");
    }
}

#[test]
fn a_text_pattern_is_a_range_of_an_index_in_any_case_of_its_letters() {
    let mut engine = engine(vec![index("orders", &["mail"], false)]);
    for (order, mail) in [("a", "Ab-1"), ("b", "aB-2"), ("c", "AC-3"), ("d", "ab"), ("e", "x")] {
        place(&mut engine, order, &format!(r#"{{"mail":"{mail}"}}"#));
    }
    for (filter, rows, examined) in [
        ("mail LIKE 'ab-%'", "a b", 2),
        ("mail LIKE 'ab-_x'", "", 2),
        ("mail LIKE 'AB'", "d", 3),
        ("mail LIKE '%1'", "a", 5),
        ("left(mail, 2) = 'AC'", "c", 1),
        ("substr(mail, 1, 1) = 'A' AND mail <> 'AC-3'", "a", 1),
        ("mail LIKE 'abcdefghijk%'", "", 0),
    ] {
        let answer = engine.query(&read("orders", filter, "mail"), None).unwrap();
        let found: Vec<String> = answer.rows.iter().map(|row| row[0].to_string()).collect();
        assert_eq!(
            (found.join(" ").as_str(), answer.explain.examined),
            (rows, examined),
            "{filter}"
        );
        assert!(answer.explain.is_sorted);
    }
}

#[test]
fn a_derived_view_that_sorts_is_read_in_its_order_and_the_first_rows_alone_are_looked_at() {
    let mut engine = shop();
    let top = Read { limit: Some(2), ..read("top", "", "") };
    let expected = "the view's order, in order, rows examined: 3";
    assert_eq!(found(&mut engine, &top), ("e b".into(), expected.into()));
    let explain = "index orders, equal orders, in order, rows examined: 2";
    let regions = read("regions", "orders = 1", "");
    assert_eq!(found(&mut engine, &regions), ("south west".into(), explain.into()));
}

#[test]
fn an_index_with_a_limit_looks_at_as_many_rows_as_it_needs() {
    let mut engine = engine(indexes());
    for order in 0..2_000 {
        place(&mut engine, &format!("{order:04}"), &format!(r#"{{"total":{order}}}"#));
    }
    let top = Read { limit: Some(10), ..read("orders", "", "total DESC") };
    assert_eq!(engine.explain(&top).unwrap().examined, 11);
    let top = Read { limit: Some(10), ..read("orders", "total % 2 = 0", "total DESC") };
    assert_eq!(engine.explain(&top).unwrap().examined, 64);
    let rows = engine.query(&top, None).unwrap().rows;
    assert_eq!((rows.len(), rows[9][0].to_string()), (10, "1980".into()));
}

#[test]
fn an_answer_says_what_it_is_true_at_and_how_old_that_is() {
    let mut engine = shop();
    engine.seek(Position::new(2));
    let now: Timestamp = "2026-01-01T00:00:03.500Z".parse().unwrap();
    let as_of = engine.query(&read("orders", "", ""), Some(now)).unwrap().as_of;
    assert_eq!(
        (as_of.position, as_of.head, as_of.epoch),
        (Position::new(2), Position::new(5), Epoch::new(3))
    );
    assert_eq!(as_of.digest, engine.view("orders").unwrap().digest());
    assert_eq!(as_of.time, "2026-01-01T00:00:01Z".parse().ok());
    assert_eq!(as_of.age_millis, Some(2_500));
    let as_of = engine.query(&read("orders", "", ""), None).unwrap().as_of;
    assert_eq!(as_of.age_millis, None);
}

#[test]
fn a_query_names_what_it_does_not_understand() {
    let mut engine = shop();
    for (filter, order, expected) in [
        (
            "totl > 1",
            "",
            "where: no column `totl`; there are subject, region, total, at, mail at byte 0",
        ),
        ("SUM(total) > 1", "", "where: an aggregate here is not supported at byte 0"),
        ("total >", "", "where: expected a value, found the end at byte 7"),
        ("", "length(mail)", "order by: sorting by what is no column is not supported at byte 0"),
        ("", "mail NULLS LAST", "order by: NULLS is not supported at byte 5"),
    ] {
        let error = engine.query(&read("orders", filter, order), None).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let error = engine.query(&read("order", "", ""), None).unwrap_err();
    assert_eq!(error.to_string(), "no view `order`; there are orders, regions, top, odd");
}

#[test]
fn rows_that_the_condition_has_no_value_for_are_left_out_and_named() {
    let mut engine = shop();
    let answer = engine.query(&read("orders", "total / (total - 7) > 0", ""), None).unwrap();
    assert_eq!(answer.rows.len(), 3);
    let errors: Vec<String> =
        answer.errors.iter().map(|(key, error)| format!("{}: {error}", key[0])).collect();
    assert_eq!(errors, ["d: `/` by zero"]);
}

#[test]
fn what_only_queries_name_is_forgotten() {
    let mut engine = shop();
    let mark = format!("{:?}", engine.views.dictionary.mark());
    for number in 0..50 {
        engine
            .query(&read("orders", &format!("mail || 'n' = 'never {number}'"), ""), None)
            .unwrap();
    }
    assert_eq!(format!("{:?}", engine.views.dictionary.mark()), mark);
}

#[test]
fn a_unique_index_keeps_every_row_and_says_which_are_equal() {
    let mut engine = shop();
    let violations = |engine: &mut Engine| -> Vec<String> {
        let of = engine.violations("orders").unwrap().into_iter();
        of.map(|violation| {
            let keys: Vec<String> = violation.keys.iter().map(|key| key[0].to_string()).collect();
            format!("{} {}: {}", violation.index, violation.values[0], keys.join(" "))
        })
        .collect()
    };
    assert_eq!(violations(&mut engine), ["mail x@y: a c"]);
    place(&mut engine, "f", r#"{"mail":"x@y"}"#);
    place(&mut engine, "g", r#"{"mail":"z@y"}"#);
    place(&mut engine, "h", r#"{"mail":null}"#);
    place(&mut engine, "i", r#"{"mail":null}"#);
    assert_eq!(violations(&mut engine), ["mail x@y: a c f", "mail z@y: b g"]);
    happen(&mut engine, "Gone", "a", "{}");
    happen(&mut engine, "Gone", "b", "{}");
    assert_eq!(violations(&mut engine), ["mail x@y: c f"]);
    engine.seek(Position::new(2));
    assert!(violations(&mut engine).is_empty());
    assert_eq!(engine.query(&read("orders", "mail = 'x@y'", ""), None).unwrap().rows.len(), 1);
}

#[test]
fn an_index_made_on_demand_outlives_a_new_definition() {
    let mut engine = shop();
    engine.add_index(&index("orders", &["mail", "at"], false)).unwrap();
    let by_mail = read("orders", "mail = 'x@y'", "at");
    let used = |engine: &mut Engine| engine.explain(&by_mail).unwrap().access;
    assert_eq!(used(&mut engine), Access::Index("mail, at".into()));
    engine.define(&definitions(Vec::new())).unwrap();
    assert_eq!(used(&mut engine), Access::Index("mail, at".into()));
    let error = engine.add_index(&index("orders", &["nobody"], false)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "view `orders`, indexes: no column `nobody`; there are subject, region, total, at, mail"
    );
    let error = Engine::default().define(&definitions(vec![index("none", &["a"], false)]));
    assert_eq!(
        error.unwrap_err().to_string(),
        "view `none`, indexes: no view `none`; there are orders, regions, top, odd"
    );
}

#[test]
fn aggregates_are_those_of_a_derived_view_over_the_rows_that_were_found() {
    let mut engine = shop();
    let north = read("orders", "region = 'north'", "");
    let answer = engine
        .aggregate(&north, "COUNT(*) AS orders, SUM(total) AS total, SUM(total) / COUNT(*)", None)
        .unwrap();
    assert_eq!(*answer.columns, ["orders", "total", "SUM(total) / COUNT(*)"]);
    assert_eq!(answer.rows, [Row::from([3.into(), 24.into(), 8.into()])]);
    assert_eq!(answer.explain.equal, ["region"]);
    let none = engine.aggregate(&read("orders", "total > 99", ""), "COUNT(*), SUM(total)", None);
    assert_eq!(none.unwrap().rows, [Row::from([0.into(), Value::Null])]);
    for (items, expected) in [
        ("region", "aggregates: what is no aggregate is not supported at byte 0"),
        (
            "COUNT(*), SUM(totl)",
            "aggregates: no column `totl`; there are subject, region, total, at, mail at byte 14",
        ),
        ("COUNT(*) FROM orders --", "aggregates: "),
        ("1 FROM v UNION ALL SELECT 2", "aggregates: UNION ALL is not supported at byte 0"),
    ] {
        let error = engine.aggregate(&north, items, None).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let error = engine.aggregate(&north, "SUM(mail)", None).unwrap();
    assert_eq!(error.errors.len(), 3);
    let error = engine.aggregate(&north, "1 / (COUNT(*) - 3)", None).unwrap_err();
    assert_eq!(error.to_string(), "`/` by zero");
}

/// All pages of a query, with what `between` does after each.
fn pages(engine: &mut Engine, read: &Read, mut between: impl FnMut(&mut Engine)) -> Vec<Answer> {
    let mut read = read.clone();
    let mut pages = Vec::new();
    loop {
        let page = engine.query(&read, None).unwrap();
        read.after = page.next.clone();
        pages.push(page);
        if read.after.is_none() {
            return pages;
        }
        between(engine);
    }
}

#[test]
fn a_page_goes_on_after_the_last_one_whatever_came_and_went_before() {
    let mut engine = shop();
    let by_total = Read { limit: Some(2), ..read("orders", "", "total DESC") };
    let mut round = 0;
    let pages = pages(&mut engine, &by_total, |engine| {
        round += 1;
        // A row before the cursor comes, and the row that the cursor stands at goes.
        place(engine, &format!("new{round}"), r#"{"total":100}"#);
        happen(engine, "Gone", if round == 1 { "b" } else { "d" }, "{}");
    });
    let rows: Vec<_> =
        pages.iter().flat_map(|page| &page.rows).map(|row| row[0].to_string()).collect();
    assert_eq!(rows, ["e", "b", "c", "d", "a"]);
    assert_eq!(pages[0].since, None);
    let since = pages[1].since.unwrap();
    assert_eq!((since.position, since.has_changed), (Position::new(5), true));
}

#[test]
fn a_foreign_or_damaged_cursor_is_refused_by_name() {
    let mut engine = shop();
    let first = Read { limit: Some(1), ..read("orders", "total > 1", "total") };
    let cursor = engine.query(&first, None).unwrap().next;
    let with = |read: Read| Read { after: cursor.clone(), ..read };
    for other in [
        read("orders", "total > 2", "total"),
        read("orders", "total > 1", "total DESC"),
        read("orders", "total > 1", ""),
        read("top", "total > 1", "total"),
    ] {
        let error = engine.query(&with(other), None).unwrap_err();
        assert_eq!(error, ReadError::Cursor(CursorError::OtherQuery));
    }
    let mut damaged = with(first.clone());
    damaged.after.as_mut().unwrap().pop();
    let error = engine.query(&damaged, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cursor is damaged: it has other characters than 0-9 and a-f"
    );
    let refused = engine.subscribe(&with(first)).unwrap_err();
    assert_eq!(refused, ReadError::SubscribeAfter);
    // What the view sorts by is in no row, so there is nothing to go on after.
    let odd = Read { limit: Some(1), ..read("odd", "", "") };
    assert_eq!(engine.query(&odd, None).unwrap().next, None);
}

#[test]
fn a_subscription_tells_which_rows_enter_and_leave_the_condition() {
    let mut engine = shop();
    let dear = engine.subscribe(&read("orders", "total > 10", "")).unwrap();
    let top =
        engine.subscribe(&Read { limit: Some(1), ..read("orders", "", "total DESC") }).unwrap();
    let seen = |engine: &mut Engine, subscription| -> Vec<String> {
        let show = |delta: &Delta| {
            let total =
                |row: &Option<Row>| row.as_ref().map_or("-".to_string(), |row| row[2].to_string());
            format!("{} {} {}", delta.key[0], total(&delta.before), total(&delta.after))
        };
        engine.poll(subscription, None).unwrap().deltas.iter().map(show).collect()
    };
    assert_eq!(seen(&mut engine, dear), ["b - 12", "c - 12", "e - 30"]);
    assert_eq!(seen(&mut engine, top), ["e - 30"]);
    place(&mut engine, "a", r#"{"total":50}"#);
    place(&mut engine, "a", r#"{"total":40}"#);
    place(&mut engine, "b", r#"{"total":1}"#);
    place(&mut engine, "d", r#"{"total":1}"#);
    place(&mut engine, "e", r#"{"total":31}"#);
    assert_eq!(seen(&mut engine, dear), ["a - 40", "b 12 -", "e 30 31"]);
    assert!(seen(&mut engine, dear).is_empty());
    assert_eq!(seen(&mut engine, top), ["a - 40", "e 30 -"]);
    engine.seek(Position::new(5));
    assert_eq!(seen(&mut engine, dear), ["a 40 -", "b - 12", "e 31 30"]);
    engine.define(&definitions(Vec::new())).unwrap();
    assert!(seen(&mut engine, dear).is_empty());
    place(&mut engine, "z", r#"{"total":99}"#);
    assert!(seen(&mut engine, dear).is_empty(), "the playhead is in the past");
    engine.seek(engine.head());
    assert_eq!(seen(&mut engine, dear), ["a - 40", "b 12 -", "e 30 31", "z - 99"]);
    assert!(engine.unsubscribe(dear) && !engine.unsubscribe(dear));
    let error = engine.poll(dear, None).unwrap_err();
    assert_eq!(error.to_string(), format!("no subscription {dear}"));
}

#[test]
fn a_subscription_says_so_while_its_view_is_gone_and_goes_on_when_it_is_back() {
    let mut engine = shop();
    let all = engine.subscribe(&read("orders", "", "")).unwrap();
    assert_eq!(engine.poll(all, None).unwrap().deltas.len(), 5);
    engine.define(&Definitions::default()).unwrap();
    let error = engine.poll(all, None).unwrap_err();
    assert_eq!(error.to_string(), "no view `orders`; there are none");
    place(&mut engine, "f", "{}");
    engine.define(&definitions(Vec::new())).unwrap();
    let deltas = engine.poll(all, None).unwrap().deltas;
    assert_eq!((deltas.len(), deltas[0].key[0].to_string()), (1, "f".into()));
}
