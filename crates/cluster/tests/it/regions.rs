//! Two regions that exchange their logs late and out of order show the same in the end.

use everview_cluster::clock::{HybridClock, Inbox, MergedLog, Region, Stamp, VersionVector};
use everview_core::{Engine, Epoch, NewEvent, Position, Rng, Timestamp};

use everview_cluster::sim::bank::engine;

const EVENTS: u64 = 120;

/// A region with its views, which fold the merged log.
struct Site {
    region: Region,
    clock: HybridClock,
    inbox: Inbox<Letter>,
    log: MergedLog<NewEvent>,
    views: Engine,
    rewinds: usize,
}

#[derive(Clone)]
struct Letter {
    stamp: Stamp,
    seen: VersionVector,
    event: NewEvent,
}

impl Site {
    fn new(region: Region) -> Self {
        let (clock, inbox) = (HybridClock::default(), Inbox::new(1_000));
        let (log, views) = (MergedLog::default(), engine());
        Self { region, clock, inbox, log, views, rewinds: 0 }
    }

    fn pay(&mut self, now: Timestamp, account: u64, amount: u64) -> Letter {
        let (number, seen) = self.inbox.make(self.region);
        let stamp = Stamp { time: self.clock.tick(now), region: self.region, number };
        let event = NewEvent {
            id: number.to_string(),
            source: format!("/{}", self.region.get()),
            event_type: "Paid".into(),
            subject: format!("account-{account}"),
            time: Some(now),
            data: format!(r#"{{"amount":{amount}}}"#),
        };
        let letter = Letter { stamp, seen, event };
        self.fold(letter.clone());
        letter
    }

    fn receive(&mut self, now: Timestamp, letter: Letter) {
        self.clock.hear(now, letter.stamp.time).unwrap();
        let mut ready = Vec::new();
        let (stamp, seen) = (letter.stamp, letter.seen.clone());
        self.inbox.offer(stamp, seen, letter, &mut ready).unwrap();
        for letter in ready {
            self.fold(letter);
        }
    }

    /// Puts an event where it belongs: rewind, and replay what follows.
    fn fold(&mut self, Letter { stamp, event, .. }: Letter) {
        let Some(following) = self.log.insert(stamp, event) else { return };
        let head = self.views.head().get();
        self.views.rewind(Position::new(head - following as u64));
        for (_, event) in self.log.from(stamp) {
            self.views.append(Epoch::default(), event).unwrap();
        }
        self.rewinds += usize::from(0 < following);
    }
}

fn texts(views: &Engine) -> Vec<String> {
    views.log().after(Position::START).map(|event| event.raw.into_owned()).collect()
}

#[test]
fn late_events_of_another_region_are_folded_in_where_they_belong() {
    let mut rewinds = 0;
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        let mut sites = [1, 2].map(|number| Site::new(Region::new(number)));
        let mut letters: [Vec<Letter>; 2] = [Vec::new(), Vec::new()];
        for step in 0..EVENTS {
            let now = Timestamp::from_millis(i64::try_from(step).unwrap() * 40);
            let from = usize::try_from(rng.below(2)).unwrap();
            let letter = sites[from].pay(now, rng.below(5), step + 1);
            letters[1 - from].push(letter);
            // Some arrive, in no order, and one of them twice.
            for (site, letters) in sites.iter_mut().zip(&mut letters) {
                while !letters.is_empty() && rng.chance(300_000) {
                    let at = usize::try_from(rng.below(letters.len() as u64)).unwrap();
                    site.receive(now, letters[at].clone());
                    site.receive(now, letters.swap_remove(at));
                }
            }
        }
        let end = Timestamp::from_millis(60_000);
        for (site, letters) in sites.iter_mut().zip(letters) {
            for letter in letters {
                site.receive(end, letter);
            }
        }

        let mut folded = engine();
        for (_, event) in sites[0].log.iter() {
            folded.append(Epoch::default(), event).unwrap();
        }
        assert_eq!(folded.head().get(), EVENTS, "seed {seed}");
        for site in &sites {
            assert_eq!(site.views.digest(), folded.digest(), "seed {seed}, {}", site.region);
            assert_eq!(texts(&site.views), texts(&folded), "seed {seed}, {}", site.region);
        }
        rewinds += sites.iter().map(|site| site.rewinds).sum::<usize>();
    }
    assert!(200 < rewinds, "only {rewinds} events were late");
}
