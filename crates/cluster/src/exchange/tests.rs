use alloc::vec;

use everview_core::Value;

use super::*;
use crate::conflict::{Field, Write};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn site(region: u8, log: Vec<Arc<Change>>) -> Site {
    let peers = [1, 2, 3].into_iter().filter(|peer| *peer != region).map(Region::new).collect();
    Site::new(SiteConfig::new(Region::new(region), peers, Policy::by_field()), log).unwrap()
}

fn write(row: &str, text: &str) -> SiteInput {
    let deed = Deed::write([("note", Write::Put(Value::text(text)))]);
    SiteInput::Write { row: row.into(), deed, data: "{}".into() }
}

fn step(site: &mut Site, now: i64, input: SiteInput) -> Vec<SiteOutput> {
    let mut out = Vec::new();
    site.step(at(now), input, &mut out);
    out
}

/// What is said to a region.
fn said(out: &[SiteOutput], region: u8) -> Vec<SiteMessage> {
    let to_it = |output: &SiteOutput| match output {
        SiteOutput::Send { to, message } if *to == Region::new(region) => Some(message.clone()),
        _ => None,
    };
    out.iter().filter_map(to_it).collect()
}

fn hear(site: &mut Site, now: i64, from: u8, messages: Vec<SiteMessage>) -> Vec<SiteOutput> {
    let from = Region::new(from);
    let hear = |message| step(site, now, SiteInput::Message { from, message });
    messages.into_iter().flat_map(hear).collect()
}

#[test]
fn what_was_lost_on_the_way_is_sent_again_when_the_other_tells_what_it_has() {
    let (mut one, mut two) = (site(1, vec![]), site(2, vec![]));
    step(&mut one, 0, write("a", "lost"));
    step(&mut one, 10, write("a", "lost too"));

    let asks = said(&step(&mut two, 300, SiteInput::Tick), 1);
    let answer = said(&hear(&mut one, 310, 2, asks), 2);
    hear(&mut two, 320, 1, answer);

    assert_eq!(two.seen(), one.seen());
    assert_eq!(two.resolved("a"), one.resolved("a"));
}

#[test]
fn a_site_that_comes_back_with_less_gives_no_number_that_others_know() {
    let mut one = site(1, vec![]);
    step(&mut one, 0, write("a", "first"));
    let synced = one.log().to_vec();
    step(&mut one, 10, write("a", "never synced, so never sent"));

    let mut one = site(1, synced);
    assert_eq!(one.seen().get(Region::new(1)), 1);
    let out = step(&mut one, 5, write("a", "second"));
    let change = out.iter().find_map(|output| match output {
        SiteOutput::Made(change) => Some(change.clone()),
        _ => None,
    });
    let change = change.unwrap();
    assert_eq!(change.stamp.number, 2);
    assert!(one.log()[0].stamp.time < change.stamp.time, "though its clock is behind");
}

#[test]
fn what_is_overruled_is_written_again_by_whoever_wants_it_back() {
    let (mut one, mut two) = (site(1, vec![]), site(2, vec![]));
    let first = said(&step(&mut one, 0, write("a", "red")), 2);
    let second = said(&step(&mut two, 10, write("a", "blue")), 1);
    hear(&mut two, 20, 1, first);
    hear(&mut one, 20, 2, second);
    let note = |site: &Site| site.resolved("a").unwrap().fields.unwrap()["note"].clone();
    assert_eq!(note(&one), Field::Value(Value::text("blue")));

    let stamp = one.log()[0].stamp;
    let again = said(&step(&mut one, 30, SiteInput::Restore { stamp }), 2);
    hear(&mut two, 40, 1, again);

    assert_eq!(note(&one), Field::Value(Value::text("red")));
    assert_eq!(one.resolved("a"), two.resolved("a"));
    assert!(two.resolved("a").unwrap().conflicts[0].settled.is_some());
}

#[test]
fn a_change_that_there_is_no_rule_for_is_not_made_and_takes_no_number() {
    let mut one = site(1, vec![]);
    let deed = Deed::write([("note", Write::Add(1))]);
    let input = SiteInput::Write { row: "a".into(), deed, data: "{}".into() };
    step(&mut one, 0, input);
    assert_eq!(one.log().len(), 0);
    assert_eq!(one.seen().get(Region::new(1)), 0);
}
