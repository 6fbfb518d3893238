//! The reader of stored events: damaged and made-up bytes are refused, whatever their checksum says,
//! and what is taken is whole.

use std::sync::LazyLock;

use everview_core::json::Json;
use everview_core::orders::{OrderStream, VIEWS};
use everview_core::{Engine, Epoch, Format, Limits, Mapping, Position, Reader};
use everview_protocol::definitions;

use super::snapshot::{changed, seal};

/// Records of several kinds, as an engine stores them.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut engine = empty();
    for event in OrderStream::new(7).events().take(8) {
        engine.append(Epoch::new(2), &event).expect("events of the shop are accepted");
    }
    read_more(&mut engine);
    engine.store(Position::START)
});

fn empty() -> Engine {
    thread_local! {
        static EMPTY: Engine = {
            let mut engine = Engine::default();
            let definitions = definitions::parse(VIEWS).expect("the views of the orders are read");
            engine.define(&definitions).expect("the views of the orders can be defined");
            engine
        };
    }
    EMPTY.with(Engine::clone)
}

fn read_more(engine: &mut Engine) {
    let lines = br#"
{"id":"a","source":"/s","type":"T","subject":"x","sequence":"1","data":{"n":1.50,"l":[1]}}
{"id":"b","source":"/s","type":"T","subject":"x","sequence":"3","data":{"n":"\u00e9","l":[{}]}}
{"id":"c","source":"/s","type":"T","subject":"y","sequence":"4","data":{"n":null,"l":[]}}
"#;
    let mapping = Mapping::cloud_events();
    let mut reader = Reader::new(Format::Ndjson, &mapping, "/fuzz", Limits::default())
        .expect("the mapping can be read");
    engine.read(&mut reader, lines);
    engine.finish(&mut reader);
}

/// An even first byte: the rest is what is stored. An odd one: the rest changes what an engine
/// stored, each three bytes a place and what is put there, or a cut. With its second bit, the
/// checksum is mended; with its third, it is read into an engine that has events.
pub fn check(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else { return };
    let mut stored = if kind & 1 == 0 { rest.to_vec() } else { changed(&WHOLE, rest) };
    if kind & 2 != 0 {
        seal(&mut stored);
    }
    let mut engine = empty();
    if kind & 4 != 0 {
        read_more(&mut engine);
    }
    let (head, digest) = (engine.head(), engine.digest());
    match engine.read_stored(&stored) {
        Ok(()) => require_works(engine),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!((engine.head(), engine.digest()), (head, digest), "refused: {error}");
        }
    }
}

fn require_works(mut engine: Engine) {
    for event in engine.log().after(Position::START) {
        assert!(Json::parse(&event.raw).is_ok(), "took {}", event.raw);
        assert!(Json::parse(&event.data).is_ok(), "took {}", event.data);
    }
    let (head, digest) = (engine.head(), engine.digest());
    let mut again = empty();
    again.read_stored(&engine.store(Position::START)).expect("what an engine stores is read");
    assert_eq!((again.head(), again.digest()), (head, digest));
    read_more(&mut engine);
    engine.seek(Position::START);
    engine.rewind(head);
    engine.seek(head);
    assert_eq!(engine.digest(), digest, "after more events and back");
}
