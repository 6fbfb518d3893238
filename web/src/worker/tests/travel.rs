//! Searches, playing, and what is told of a row.

use everview_protocol::session::{
    DiffQuery, FindQuery, Found, Goal, HistoryPage, HistoryQuery, OnsetQuery, Pace, RowChange,
    WhyPage, WhyQuery,
};

use super::*;

fn why(session: &mut Session, view: &str, key: &str, column: Option<&str>) -> WhyPage {
    let (view, key, column) = (view.into(), key.into(), column.map(Into::into));
    match reply(session, Request::Why(WhyQuery { view, key, column })) {
        Reply::Why(why) => why,
        other => panic!("expected why, found {other:?}"),
    }
}

fn history(session: &mut Session, view: &str, key: &str, before: Option<u64>) -> HistoryPage {
    let query = HistoryQuery { view: view.into(), key: key.into(), before, count: 3 };
    match reply(session, Request::History(query)) {
        Reply::History(history) => history,
        other => panic!("expected a history, found {other:?}"),
    }
}

#[test]
fn a_cell_has_the_events_that_made_it_and_what_they_say_of_their_origin() {
    let text = orders(3).replace(r#""price_cents":450"#, r#""price_cents":450,"command":"c-7""#);
    let mut session = file(&text);
    let known = why(&mut session, "orders", "o0", Some("total_cents"));
    assert_eq!((known.position, &*known.value), (3, "900"));
    let last = &known.causes[0];
    assert_eq!((last.position, &*last.event_type), (2, "ItemAdded"));
    assert_eq!((&*last.before, &*last.after), ("0", "900"));
    assert_eq!(last.clause.as_deref(), Some("on.ItemAdded.add.total_cents"));
    assert_eq!(last.origin, [("command".to_owned(), "c-7".to_owned())]);
    assert_eq!(known.causes[1].position, 1);
    assert!(known.causes[1].origin.is_empty(), "nothing is made up");
    // Without a column, the first one that the key does not show.
    assert_eq!(why(&mut session, "orders", "o0", None).column, "customer");

    reply(&mut session, Request::Seek { position: 1 });
    assert_eq!(why(&mut session, "orders", "o0", Some("total_cents")).causes.len(), 1);
    let (view, key, column) = ("orders".into(), "o1".into(), None);
    let answer = reply(&mut session, Request::Why(WhyQuery { view, key, column }));
    assert_eq!(answer, Reply::Impossible("view `orders` has no such row at #1".into()));
}

#[test]
fn a_cell_of_a_derived_view_leads_to_the_rows_it_rests_on() {
    let mut session = file(&orders(200));
    let text = "[views.orders]\nkey = \"subject\"\n[views.orders.on.OrderPlaced]\nset = { n = \"position\" }\n[views.all]\nsql = \"SELECT SUM(n) AS n FROM orders\"\n";
    assert_eq!(reply(&mut session, Request::Define { text: text.into() }), Reply::Done);
    let known = why(&mut session, "all", "", None);
    assert_eq!((known.contributions.len(), known.rest), (20, 80));
    let largest = &known.contributions[0];
    assert_eq!(largest.amount.as_deref(), Some("199"));
    assert_eq!((&*largest.rows[0].view, &*largest.rows[0].key), ("orders", "o99"));
    assert_eq!(known.causes[0].position, 199);
}

#[test]
fn the_rows_of_a_page_are_told_by_their_keys() {
    let mut session = file(&orders(20));
    let sort = Some(Sort { column: "customer".into(), is_descending: true });
    let sorted = page(&mut session, "orders", sort, "c2");
    assert_eq!(sorted.keys, ["o2", "o5", "o8"]);
    assert_eq!(page(&mut session, "top_customers", None, "").keys, Vec::<String>::new());
    assert_eq!(page(&mut session, "events_by_type", None, "").keys, ["ItemAdded", "OrderPlaced"]);
}

#[test]
fn what_became_of_a_row_is_told_a_few_changes_at_a_time() {
    let mut session = file(&orders(20));
    let first = history(&mut session, "events_by_type", "ItemAdded", None);
    let positions = |page: &HistoryPage| -> Vec<u64> {
        page.versions.iter().map(|version| version.position).collect()
    };
    assert_eq!((positions(&first), first.next), (vec![20, 18, 16], Some(16)));
    let cell = &first.versions[0].cells[1];
    assert_eq!((&*cell.column, cell.before.as_deref(), &*cell.text), ("events", Some("9"), "10"));
    let next = history(&mut session, "events_by_type", "ItemAdded", first.next);
    assert_eq!(positions(&next), [14, 12, 10]);
    let last = history(&mut session, "events_by_type", "ItemAdded", Some(5));
    assert_eq!((positions(&last), last.next), (vec![4, 2], None));
    assert_eq!(last.versions[1].change, RowChange::Added);
}

#[test]
fn the_history_of_a_row_of_a_derived_view_is_that_of_a_table_with_the_same_rows() {
    let text = "[views.orders]\nkey = \"data.sku\"\n[views.orders.on.ItemAdded]\nadd = { n = \"1\" }\n[views.same]\nsql = \"SELECT sku, SUM(n) AS n FROM orders GROUP BY sku\"\n";

    let mut session = file(&orders(20_000));
    session.answer(1, Request::Define { text: text.into() });
    session.work(&mut || false);
    let name = page(&mut session, "orders", None, "").keys;
    assert_eq!(name, ["tea"]);
    for position in [1, 2, 3, 9_000, 20_000] {
        reply(&mut session, Request::Seek { position });
        for before in [None, Some(1), Some(2), Some(3), Some(8_001)] {
            if before.is_some_and(|before| position < before) {
                continue;
            }
            let of_table = history(&mut session, "orders", "tea", before);
            let of_query = history(&mut session, "same", "tea", before);
            let positions = |page: &HistoryPage| -> Vec<u64> {
                page.versions.iter().map(|version| version.position).collect()
            };
            assert_eq!(positions(&of_query), positions(&of_table), "{position} {before:?}");
            assert_eq!(of_query.next.is_some(), of_table.next.is_some(), "{position} {before:?}");
        }
    }
}

/// Follows a search to its end, and tells what it found and how many stretches it took.
fn found(session: &mut Session, goal: &Goal, from: u64, to: u64) -> (Option<u64>, u32) {
    let mut query = FindQuery { view: "orders".into(), goal: goal.clone(), from, to };
    for stretch in 1.. {
        match reply(session, Request::Find(query.clone())) {
            Reply::Found(Found { position: None, next: Some(next) }) => query.from = next,
            Reply::Found(Found { position, .. }) => return (position, stretch),
            other => panic!("expected a stretch of a search, found {other:?}"),
        }
    }
    unreachable!()
}

#[test]
fn a_search_goes_on_from_stretch_to_stretch() {
    let mut session = file(&orders(20_000));
    let holds = |condition: &str| Goal::Holds { condition: condition.into() };
    let there = holds("subject = 'o9000'");
    assert_eq!(found(&mut session, &there, 0, 20_000), (Some(18_001), 5));
    let young = holds("subject = 'o9000' AND total_cents = 0");
    assert_eq!(found(&mut session, &young, 20_000, 0), (Some(18_001), 1));
    assert_eq!(found(&mut session, &young, 18_000, 0), (None, 5));
    let row = Goal::Changes { key: Some("o9000".into()) };
    assert_eq!(found(&mut session, &row, 0, 20_000).0, Some(18_001));
    assert_eq!(found(&mut session, &row, 18_001, 20_000).0, Some(18_002));
    assert_eq!(found(&mut session, &row, 18_002, 20_000).0, None);
    assert_eq!(found(&mut session, &row, 18_001, 0), (None, 5));
    assert_eq!(found(&mut session, &Goal::Changes { key: None }, 5, 20_000), (Some(6), 1));
    let wrong = FindQuery { view: "orders".into(), goal: holds("nothing > 1"), from: 0, to: 9 };
    let answer = reply(&mut session, Request::Find(wrong));
    assert!(matches!(&answer, Reply::Impossible(why) if why.contains("`nothing`")), "{answer:?}");
}

#[test]
fn a_breakpoint_is_looked_for_to_the_end_of_the_log() {
    let mut session = file(&orders(10_000));
    let (mut positions, mut after) = (Vec::new(), 0);
    while after < 10_000 {
        let query = OnsetQuery {
            view: "orders".into(),
            condition: "total_cents > 0 AND subject LIKE 'o_99'".into(),
            after,
        };
        let Reply::Onsets(onsets) = reply(&mut session, Request::Onsets(query)) else { panic!() };
        positions.extend(onsets.positions);
        after = onsets.reached;
    }
    assert_eq!(positions, [400], "it holds from o199 on");
}

#[test]
fn playing_goes_by_count_or_by_time_and_never_past_its_limit() {
    let mut session = file(&orders(200));
    let mut play =
        |elapsed_ms, pace, limit| reply(&mut session, Request::Play { elapsed_ms, pace, limit });
    assert_eq!(play(250, Pace::Count(100), None), Reply::Place(Some(200)));
    reply(&mut session, Request::Seek { position: 0 });
    let mut play =
        |elapsed_ms, pace, limit| reply(&mut session, Request::Play { elapsed_ms, pace, limit });
    assert_eq!(play(200, Pace::Count(100), None), Reply::Place(Some(20)));
    assert_eq!(play(200, Pace::Count(100), Some(25)), Reply::Place(Some(25)));
    // The events are a second apart.
    assert_eq!(play(200, Pace::Time(1_000), None), Reply::Place(Some(27)));
    assert_eq!(play(200, Pace::Time(100), None), Reply::Place(Some(27)));
}

#[test]
fn a_second_of_recorded_time_is_a_step() {
    let mut session = file(&orders(20));
    reply(&mut session, Request::Seek { position: 5 });
    let on = reply(&mut session, Request::StepTime { milliseconds: 2_000 });
    assert_eq!(on, Reply::Place(Some(7)));
    let back = reply(&mut session, Request::StepTime { milliseconds: -1_000 });
    assert_eq!(back, Reply::Place(Some(6)));
}

#[test]
fn a_difference_beyond_the_head_grows_with_it() {
    let mut session = simulated(1);
    let diff = |session: &mut Session, to| {
        let query = DiffQuery { view: "orders".into(), from: Some(1), to, first: 0, count: 0 };
        match reply(session, Request::Diff(query)) {
            Reply::Diff(Some(page)) => page,
            other => panic!("expected a difference, found {other:?}"),
        }
    };
    let (before, fixed) = (diff(&mut session, u64::MAX), diff(&mut session, 50));
    for _ in 0..50 {
        session.advance(100);
    }
    assert!(before.to < diff(&mut session, u64::MAX).to);
    assert_eq!(diff(&mut session, 50), fixed);
}
