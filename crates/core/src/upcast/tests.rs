use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Code, Coded, Unusable, Upcasters};
use crate::{Epoch, Log, NewEvent, Position, Split, Upcaster};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_string(), (*b).to_string())).collect()
}

fn to(version: &str) -> Upcaster {
    Upcaster { to: version.into(), ..Upcaster::default() }
}

fn compile(upcasters: &[(&str, Upcaster)]) -> Result<Upcasters, String> {
    let declared: Vec<_> =
        upcasters.iter().map(|(from, upcaster)| ((*from).into(), upcaster.clone())).collect();
    Upcasters::compile(&declared, &[]).map_err(|Unusable { from, wrong: (place, problem) }| {
        alloc::format!("{from}{place}: {problem}")
    })
}

/// What becomes of an event: its type and its data, or why it cannot be lifted.
fn lift(upcasters: &mut Upcasters, event_type: &str, data: &str) -> String {
    let event = NewEvent {
        id: "1".into(),
        source: "/test".into(),
        event_type: event_type.into(),
        subject: "a".into(),
        time: None,
        data: data.into(),
    };
    let mut log = Log::new();
    log.append(Epoch::new(1), &event).unwrap();
    match upcasters.lift(&log.get(Position::new(1)).unwrap()) {
        Ok(Some(lifted)) => [lifted.event_type, lifted.data].join(" "),
        Ok(None) => "as it is".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_event_goes_through_every_version_to_the_last() {
    let first = Upcaster {
        rename: pairs(&[("customer_name", "customer")]),
        default: pairs(&[("currency", "'EUR'")]),
        ..to("Placed.v2")
    };
    let second = Upcaster {
        split: alloc::vec![(
            "customer".into(),
            Split { by: " ".into(), into: alloc::vec!["first".into(), "last".into()] },
        )],
        compute: pairs(&[("cents", "data.total * 100"), ("at", "data.address")]),
        remove: alloc::vec!["total".into(), "address".into()],
        ..to("Placed")
    };
    let mut upcasters = compile(&[("Placed.v1", first), ("Placed.v2", second)]).unwrap();
    let data = r#"{"customer_name":"Ada King Lovelace","total":12.5,"address":{"zip": "1"}}"#;
    assert_eq!(
        lift(&mut upcasters, "Placed.v1", data),
        r#"Placed {"currency":"EUR","first":"Ada","last":"King Lovelace","cents":1250,"at":{"zip": "1"}}"#
    );
    assert_eq!(
        lift(&mut upcasters, "Placed.v2", r#"{"customer":"Ada","currency":"USD"}"#),
        r#"Placed {"currency":"USD","first":"Ada","last":null,"cents":null,"at":null}"#
    );
    assert_eq!(lift(&mut upcasters, "Placed", data), "as it is");
    assert_eq!(upcasters.ends("Placed.v1"), ["Placed"]);
    assert!(!upcasters.concern("Placed"));
}

#[test]
fn a_version_may_stand_in_the_event() {
    let version = |number: u64, next: &str| {
        let version = Some("data.version".into());
        let compute = pairs(&[("version", "data.version + 1")]);
        (alloc::format!("Placed.v{number}"), Upcaster { version, compute, ..to(next) })
    };
    let declared = [version(1, "Placed.v2"), version(2, "Placed")];
    let mut upcasters = Upcasters::compile(&declared, &[]).unwrap();
    assert_eq!(lift(&mut upcasters, "Placed", r#"{"version":1}"#), r#"Placed {"version":3}"#);
    assert_eq!(lift(&mut upcasters, "Placed", r#"{"version":2}"#), r#"Placed {"version":3}"#);
    for newest in [r#"{"version":3}"#, "{}", r#"{"version":"1"}"#, "null", r#"{"version":1e99}"#] {
        assert_eq!(lift(&mut upcasters, "Placed", newest), "as it is");
    }
}

#[test]
fn a_gap_or_a_circle_is_refused_with_both_versions() {
    let refused = |upcasters: &[(&str, &str)]| {
        let upcasters: Vec<_> = upcasters.iter().map(|(from, next)| (*from, to(next))).collect();
        compile(&upcasters).unwrap_err()
    };
    assert_eq!(
        refused(&[("A.v1", "A.v2"), ("A.v3", "A.v4")]),
        "A.v1: expected an upcaster from `A.v2` towards `A.v3`, found none"
    );
    assert_eq!(
        refused(&[("A.v1", "A.v3")]),
        "A.v1: expected an upcaster from `A.v2` towards `A.v3`, found none"
    );
    assert_eq!(
        refused(&[("A", "B"), ("B", "A")]),
        "A: `A` is lifted to `B`, which is lifted to `A` again"
    );
    assert_eq!(refused(&[("A", "A")]), "A: `A` is lifted to `A`, which is lifted to `A` again");
    assert_eq!(refused(&[("A", "B"), ("A", "C")]), "A: a second upcaster from this version");
}

#[test]
fn expressions_name_what_is_beside_the_data() {
    let all = "id || source || subject || type || ifnull(time, '-') || position || epoch || stream_version";
    let named = Upcaster { compute: pairs(&[("all", all)]), ..to("B") };
    let mut upcasters = compile(&[("A", named)]).unwrap();
    assert_eq!(lift(&mut upcasters, "A", "{}"), r#"B {"all":"1/testaA-111"}"#);
}

#[test]
fn what_makes_no_sense_is_refused_by_name_and_place() {
    let refused = |upcaster: Upcaster| compile(&[("A", upcaster)]).unwrap_err();
    assert_eq!(
        refused(Upcaster { compute: pairs(&[("x", "total + 1")]), ..to("B") }),
        "A.compute.x: no column `total`; there are id, source, subject, type, time, \
         position, epoch, stream_version, data.… at byte 0"
    );
    assert_eq!(
        refused(Upcaster { compute: pairs(&[("x", "SUM(data.x)")]), ..to("B") }),
        "A.compute.x: an aggregate in an upcaster is not supported at byte 0"
    );
    assert_eq!(
        refused(Upcaster {
            rename: pairs(&[("a", "x")]),
            compute: pairs(&[("x", "1")]),
            ..to("B")
        }),
        "A: the field `x` is made twice"
    );
    assert_eq!(
        refused(Upcaster { version: Some("data.v".into()), ..to("B") }),
        "A: expected a name such as `OrderPlaced.v1`, whose number `version` is compared with"
    );
}

#[test]
fn an_event_that_cannot_be_lifted_says_why() {
    let upcaster = Upcaster {
        split: alloc::vec![(
            "name".into(),
            Split { by: " ".into(), into: alloc::vec!["first".into()] },
        )],
        compute: pairs(&[("share", "1 / data.n")]),
        ..to("B")
    };
    let mut upcasters = compile(&[("A", upcaster)]).unwrap();
    assert_eq!(
        lift(&mut upcasters, "A", "{\"n\":0}"),
        "from `A` to `B`: compute.share: `/` by zero"
    );
    assert_eq!(
        lift(&mut upcasters, "A", "{\"name\":7,\"n\":1}"),
        "from `A` to `B`: split.name: expected a text, found 7"
    );
    assert_eq!(lift(&mut upcasters, "A", "[]"), "from `A` to `B`: expected data that is an object");
    assert_eq!(lift(&mut upcasters, "A", "null"), r#"B {"first":null,"share":null}"#);
}

#[test]
fn an_upcaster_may_be_written_in_rust() {
    let code: Code = Rc::new(|event| match &*event.data {
        "{}" => Err("nothing to lift".into()),
        "[]" => Ok("{".into()),
        data => Ok(alloc::format!(" {{\"was\":{data}}} ")),
    });
    let mut upcasters =
        Upcasters::compile(&[], &[Coded { from: "A".into(), to: "B".into(), code }]).unwrap();
    assert_eq!(lift(&mut upcasters, "A", "7"), r#"B {"was":7}"#);
    assert_eq!(lift(&mut upcasters, "A", "{}"), "from `A` to `B`: nothing to lift");
    assert!(
        lift(&mut upcasters, "A", "[]").starts_with("from `A` to `B`: the new data is not JSON")
    );
}
