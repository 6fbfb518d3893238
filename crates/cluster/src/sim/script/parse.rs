//! Text into scripts.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use core::str::FromStr;

use everview_core::Timestamp;

use super::super::{Balance, Fault, Group, NetworkConfig, SimConfig, Target};
use super::{Action, Edits, Payments, Script, Step, Work};
use crate::balance::Strategy;
use crate::{ClientId, Detection, NodeId, Phi, Place, Region, Replication, Serve, ServerId, Zone};

/// A line of a scenario could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: ScriptProblem,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptProblem {
    /// A word is not what is needed there.
    #[error("expected {expected}, found `{found}`")]
    Unexpected {
        /// What is needed.
        expected: &'static str,
        /// The word; empty at the end of the line.
        found: String,
    },
    /// A time comes before the one of the step before.
    #[error("expected a time after the step before, found {found} ms")]
    TimeBack {
        /// The time.
        found: i64,
    },
}

/// The most nodes: they are named by letters.
const MOST_NODES: usize = 26;
/// The most steps.
const MOST_STEPS: usize = 10_000;
/// The most events that nodes send at least: whoever wants more, retains all.
const MOST_RETAINED: u64 = 1_000_000;
const DAY_MS: i64 = 86_400_000;

type Parsed<T> = Result<T, ScriptProblem>;

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::default();
        for (index, line) in text.lines().enumerate() {
            let parsed = match line.strip_prefix('#') {
                Some(about) => {
                    script.about.push(about.strip_prefix(' ').unwrap_or(about).to_string());
                    Ok(())
                }
                None => parse_line(&mut script, &mut Words(line)),
            };
            parsed.map_err(|problem| ScriptError { line: index + 1, problem })?;
        }
        Ok(script)
    }
}

fn parse_line(script: &mut Script, words: &mut Words<'_>) -> Parsed<()> {
    while let Some(word) = words.take() {
        match word {
            "at" => {
                let step = parse_step(words)?;
                if script.steps.last().is_some_and(|last| step.at < last.at) {
                    return Err(ScriptProblem::TimeBack { found: step.at.millis() });
                }
                if script.steps.len() == MOST_STEPS {
                    return Err(unexpected("at most 10000 steps", word));
                }
                script.steps.push(step);
            }
            "until" => script.until = words.seconds()?,
            "payments" => script.work = Work::Payments(parse_payments(words)?),
            "log" => {
                words.expect("per", "`per region`")?;
                words.expect("region", "`per region`")?;
                script.work = Work::Regions(None);
            }
            "edits" => script.work = Work::Regions(Some(parse_edits(words)?)),
            "orders" => script.work = parse_orders(words)?,
            "seed" => script.config.seed = words.number("a seed")?,
            "clients" => script.config.clients = words.within("1 to 64 clients", 1..=64)?,
            "batch" => script.config.batch = words.within("1 to 10000 events", 1..=10_000)?,
            "retain" => {
                script.config.retain =
                    Some(words.within("1 to 1000000 events", 1..=MOST_RETAINED)?);
                words.expect("events", "`events`")?;
            }
            "serve" => {
                script.config.serve = words.one_of(
                    "`committed` or `appended`",
                    &[("committed", Serve::Committed), ("appended", Serve::Appended)],
                )?;
            }
            "replication" => {
                let names = Replication::ALL.map(|one| (one.name(), one));
                script.config.replication =
                    words.one_of("`quorum`, `synchronous` or `asynchronous`", &names)?;
            }
            "places" => script.config.places = parse_places(words)?,
            "servers" => script.config.servers = parse_places(words)?,
            "balance" => script.config.balance = parse_balance(words)?,
            "timing" => parse_timing(&mut script.config, words)?,
            "detection" => script.config.timing.detection = parse_detection(words)?,
            "links" => parse_links(&mut script.config.network, words)?,
            found => return Err(unexpected("a setting or `at`", found)),
        }
    }
    Ok(())
}

fn parse_places(words: &mut Words<'_>) -> Parsed<Vec<Place>> {
    let mut places = Vec::new();
    while let Some(word) = words.take() {
        if places.len() == MOST_NODES {
            return Err(unexpected("at most 26 places", word));
        }
        places.push(place(word)?);
    }
    if places.is_empty() { Err(unexpected("a place such as 1.2", "")) } else { Ok(places) }
}

fn parse_balance(words: &mut Words<'_>) -> Parsed<Balance> {
    let names = Strategy::ALL.map(|one| (one.name(), one));
    let strategy = words.one_of("the name of a strategy, such as `round-robin`", &names)?;
    let mut balance = Balance { strategy, ..Balance::default() };
    if let Some(word) = words.take() {
        if word != "capacity" {
            return Err(unexpected("`capacity` or the end", word));
        }
        balance.capacity = words.within("1 to 1000000 requests", 1..=1_000_000)?;
    }
    Ok(balance)
}

fn parse_timing(config: &mut SimConfig, words: &mut Words<'_>) -> Parsed<()> {
    while let Some(word) = words.take() {
        // Some are shared out among retries, and no share may be nothing.
        let (setting, least) = match word {
            "heartbeat" => (&mut config.timing.heartbeat_ms, 1),
            "suspicion" => (&mut config.timing.suspicion_ms, 20),
            "lease" => (&mut config.timing.lease_ms, 20),
            "drift" => (&mut config.timing.drift_ms, 0),
            found => return Err(unexpected("a time of the timing", found)),
        };
        let expected = "milliseconds: at least 1, of suspicion and lease 20, at most a day";
        *setting = words.within(expected, least..=DAY_MS)?;
    }
    Ok(())
}

fn parse_detection(words: &mut Words<'_>) -> Parsed<Detection> {
    match words.need("`deadline` or `phi`")? {
        "deadline" => Ok(Detection::Deadline),
        "phi" => {
            let threshold_milli = words.within("1 to 100000 thousandths", 1..=100_000)?;
            words.expect("window", "`window`")?;
            let window = words.within("2 to 1000 heartbeats", 2..=1_000)?;
            words.expect("deviation", "`deviation`")?;
            let deviation_ms = words.within("1 millisecond to a day", 1..=DAY_MS)?;
            words.expect("pause", "`pause`")?;
            let pause_ms = words.within("0 milliseconds to a day", 0..=DAY_MS)?;
            Ok(Detection::Phi(Phi { threshold_milli, window, deviation_ms, pause_ms }))
        }
        found => Err(unexpected("`deadline` or `phi`", found)),
    }
}

fn parse_links(network: &mut NetworkConfig, words: &mut Words<'_>) -> Parsed<()> {
    while let Some(word) = words.take() {
        let setting = match word {
            "region" => {
                network.region_ms = words.within("0 to 60000 milliseconds", 0..=60_000)?;
                continue;
            }
            "from" | "to" => {
                let millis = words.within("0 to 60000 milliseconds", 0..=60_000)?;
                let is_least = word == "from";
                let delay =
                    if is_least { &mut network.delay_min_ms } else { &mut network.delay_max_ms };
                *delay = millis;
                continue;
            }
            "loss" => &mut network.loss,
            "duplication" => &mut network.duplication,
            "reordering" => &mut network.reordering,
            found => return Err(unexpected("a setting of links", found)),
        };
        *setting = words.within("0 to 1000000 of a million", 0..=1_000_000)?;
    }
    // Both may be on the line, in any order.
    network.delay_max_ms = network.delay_max_ms.max(network.delay_min_ms);
    Ok(())
}

fn parse_payments(words: &mut Words<'_>) -> Parsed<Payments> {
    words.expect("every", "`every`")?;
    let every_ms = words.within("1 millisecond to a day", 1..=DAY_MS.unsigned_abs())?;
    words.expect("ms", "`ms`")?;
    words.expect("in", "`in`")?;
    let accounts = words.within("1 to 1000000 accounts", 1..=1_000_000)?;
    words.expect("accounts", "`accounts`")?;
    words.expect("until", "`until`")?;
    Ok(Payments { every_ms, accounts, until: words.seconds()? })
}

fn parse_edits(words: &mut Words<'_>) -> Parsed<Edits> {
    words.expect("every", "`every`")?;
    let every_ms = words.within("1 millisecond to a day", 1..=DAY_MS.unsigned_abs())?;
    words.expect("ms", "`ms`")?;
    words.expect("in", "`in`")?;
    let rows = words.within("1 to 1000000 rows", 1..=1_000_000)?;
    words.expect("rows", "`rows`")?;
    words.expect("until", "`until`")?;
    Ok(Edits { every_ms, rows, until: words.seconds()? })
}

fn parse_orders(words: &mut Words<'_>) -> Parsed<Work> {
    let pace = words.within("1 to 1000 times", 1..=1_000)?;
    words.expect("times", "`times as fast`")?;
    words.expect("as", "`times as fast`")?;
    words.expect("fast", "`times as fast`")?;
    let until = match words.take() {
        None => None,
        Some("until") => Some(words.seconds()?),
        Some(found) => return Err(unexpected("`until` or the end", found)),
    };
    Ok(Work::Orders { pace, until })
}

impl Step {
    /// What happens at a time, from a line of a script without `at` and the time.
    ///
    /// ```
    /// use everview_cluster::sim::Step;
    /// use everview_core::Timestamp;
    ///
    /// let step = Step::parse(Timestamp::from_millis(1_500), "kill leader for 2 s")?;
    /// assert_eq!(step.to_string(), "at 1.5 s kill leader for 2 s");
    /// # Ok::<(), everview_cluster::sim::ScriptProblem>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the line.
    pub fn parse(at: Timestamp, text: &str) -> Result<Self, ScriptProblem> {
        if let Some((_, rest)) = text.split_once('\n') {
            return Err(unexpected("one line", rest));
        }
        let mut words = Words(text);
        let step = parse_happening(at, &mut words)?;
        words.take().map_or(Ok(step), |found| Err(unexpected("the end of the line", found)))
    }
}

fn parse_step(words: &mut Words<'_>) -> Parsed<Step> {
    let at = words.seconds()?;
    parse_happening(at, words)
}

fn parse_happening(at: Timestamp, words: &mut Words<'_>) -> Parsed<Step> {
    let action = match words.need("what happens")? {
        "pay" => Action::Pay {
            account: words.need("an account")?.to_string(),
            amount: words.number("an amount")?,
        },
        "edit" => Action::Edit {
            node: words.node()?,
            row: words.need("a row")?.to_string(),
            field: words.need("a field")?.to_string(),
            value: words.need("a value")?.to_string(),
        },
        "restore" => {
            let (node, number) = (words.node()?, words.number("the number of a change")?);
            words.expect("of", "`of`")?;
            Action::Restore { node, number, region: Region::new(words.number("a region")?) }
        }
        kind => Action::Fault(parse_fault(kind, words)?),
    };
    let for_ms = match words.take() {
        None => None,
        Some("for") => Some(words.seconds()?.millis()),
        Some(found) => return Err(unexpected("`for` or the end", found)),
    };
    Ok(Step { at, action, for_ms })
}

fn parse_fault(kind: &str, words: &mut Words<'_>) -> Parsed<Fault> {
    Ok(match kind {
        "kill" => Fault::Kill(words.target()?),
        "power-loss" => Fault::PowerLoss(words.target()?),
        "torn-write" => Fault::TornWrite(words.target()?),
        "store-loss" => Fault::StoreLoss(words.target()?),
        "destroy" => Fault::Destroy(words.target()?),
        "zone-outage" => Fault::ZoneOutage(Zone::new(words.number("a zone")?)),
        "region-outage" => Fault::RegionOutage(Region::new(words.number("a region")?)),
        "restart" => Fault::Restart(words.target()?),
        "freeze" => Fault::Freeze(words.target()?),
        "thaw" => Fault::Thaw(words.target()?),
        "isolate" => Fault::Isolate(words.target()?),
        "partition" => Fault::Partition(words.group()?),
        "cut" => Fault::Cut(words.target()?, words.target()?),
        "slow" => Fault::Slow(words.target()?, words.target()?, words.by()?),
        "lossy" => Fault::Lossy(words.target()?, words.target()?, words.by()?),
        "duplicating" => Fault::Duplicating(words.target()?, words.target()?, words.by()?),
        "reordering" => Fault::Reordering(words.target()?, words.target()?, words.by()?),
        "skew" => Fault::Skew(words.target()?, words.by()?),
        "drift" => Fault::Drift(words.target()?, words.by()?),
        "stall-disk" => Fault::StallDisk(words.target()?),
        "resume-disk" => Fault::ResumeDisk(words.target()?),
        "hand-over" => Fault::HandOver(words.node()?),
        "drain" => Fault::Drain(words.server()?),
        "undrain" => Fault::Undrain(words.server()?),
        "weigh" => Fault::Weigh(words.server()?, words.by()?),
        "heal" => Fault::Heal,
        "calm" => Fault::Calm,
        "mend" => Fault::Mend,
        found => return Err(unexpected("a fault or `pay`", found)),
    })
}

fn place(word: &str) -> Parsed<Place> {
    let parts = word.split_once('.').and_then(|(region, zone)| {
        let (region, zone) = (region.parse().ok()?, zone.parse().ok()?);
        Some(Place::new(region, zone))
    });
    parts.ok_or_else(|| unexpected("a place such as 1.2", word))
}

/// A node by its name, as it is shown.
fn node(word: &str) -> Option<NodeId> {
    let number = match word.as_bytes() {
        [letter @ b'A'..=b'Z'] => letter - b'A',
        [b'N', number @ ..] => core::str::from_utf8(number).ok()?.parse().ok()?,
        _ => return None,
    };
    Some(NodeId::new(number))
}

/// A server by its name, as it is shown.
fn server(word: &str) -> Option<ServerId> {
    let number: u8 = word.strip_prefix('S')?.parse().ok()?;
    number.checked_sub(1).map(ServerId::new)
}

fn target(word: &str) -> Option<Target> {
    match word {
        "leader" => Some(Target::Leader),
        "lease" => Some(Target::Lease),
        "client" => Some(Target::Client(ClientId(0))),
        "balancer" => Some(Target::Balancer),
        _ if server(word).is_some() => server(word).map(Target::Server),
        _ => match word.strip_prefix("client-") {
            Some(number) => Some(Target::Client(ClientId(number.parse().ok()?))),
            None => node(word).map(Target::Node),
        },
    }
}

fn unexpected(expected: &'static str, found: &str) -> ScriptProblem {
    ScriptProblem::Unexpected { expected, found: found.into() }
}

/// What is left of a line.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    fn need(&mut self, expected: &'static str) -> Parsed<&'a str> {
        self.take().ok_or_else(|| unexpected(expected, ""))
    }

    fn expect(&mut self, word: &str, expected: &'static str) -> Parsed<()> {
        match self.need(expected)? {
            found if found == word => Ok(()),
            found => Err(unexpected(expected, found)),
        }
    }

    fn number<T: FromStr>(&mut self, expected: &'static str) -> Parsed<T> {
        let word = self.need(expected)?;
        word.parse().map_err(|_| unexpected(expected, word))
    }

    fn within<T: FromStr + PartialOrd>(
        &mut self,
        expected: &'static str,
        range: RangeInclusive<T>,
    ) -> Parsed<T> {
        let word = self.need(expected)?;
        let number = word.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| unexpected(expected, word))
    }

    fn by<T: FromStr>(&mut self) -> Parsed<T> {
        self.expect("by", "`by`")?;
        self.number("a number")
    }

    fn one_of<T: Copy>(&mut self, expected: &'static str, names: &[(&str, T)]) -> Parsed<T> {
        let word = self.need(expected)?;
        let found = names.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| *value).ok_or_else(|| unexpected(expected, word))
    }

    /// A number of seconds with up to three digits after the point, and the `s` after it.
    fn seconds(&mut self) -> Parsed<Timestamp> {
        let expected = "seconds such as 1.25, and `s`";
        let word = self.need(expected)?;
        let (whole, rest) = word.split_once('.').unwrap_or((word, ""));
        let digits = whole.len().saturating_sub(1) + rest.len();
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !is_number(whole)
            || !is_number(rest)
            || 3 < rest.len()
            || 12 < digits
        {
            return Err(unexpected(expected, word));
        }
        let millis = alloc::format!("{whole}{rest:0<3}");
        let millis = millis.parse().map_err(|_| unexpected(expected, word))?;
        self.expect("s", expected)?;
        Ok(Timestamp::from_millis(millis))
    }

    fn node(&mut self) -> Parsed<NodeId> {
        let word = self.need("a node")?;
        node(word).ok_or_else(|| unexpected("a node", word))
    }

    fn server(&mut self) -> Parsed<ServerId> {
        let word = self.need("a server")?;
        server(word).ok_or_else(|| unexpected("a server such as S1", word))
    }

    fn target(&mut self) -> Parsed<Target> {
        let word = self.need("whom it hits")?;
        target(word).ok_or_else(|| {
            unexpected("a node, `leader`, `lease`, a client, `balancer` or a server", word)
        })
    }

    /// Nodes, up to the end or `for`.
    fn group(&mut self) -> Parsed<Group> {
        let mut nodes = Vec::new();
        loop {
            let mut ahead = Self(self.0);
            let Some(word) = ahead.take().filter(|word| *word != "for") else { break };
            nodes.push(node(word).ok_or_else(|| unexpected("a node", word))?);
            self.0 = ahead.0;
        }
        if nodes.is_empty() {
            Err(unexpected("nodes", ""))
        } else {
            Ok(nodes.into_iter().collect())
        }
    }
}
