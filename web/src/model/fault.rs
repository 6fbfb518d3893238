//! A fault that somebody puts together, as the step of a script that it becomes.

#[cfg(test)]
mod tests;

/// What a kind of fault needs to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// A node, or whoever leads; where there are servers, one of them too.
    Node,
    /// A server.
    Server,
    /// The node that is to lead.
    Heir,
    /// Some of the nodes.
    Group,
    /// From whom, and to whom.
    Link,
    /// A number of a zone or region.
    Number,
    /// Nothing.
    Nothing,
}

/// How much, where a kind of fault has a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    /// What it is counted in.
    pub(crate) unit: &'static str,
    /// How many of what scripts count in that is.
    factor: i64,
    /// What is there before somebody writes another.
    pub(crate) usual: &'static str,
}

const MILLIS: fn(&'static str) -> Option<Amount> =
    |usual| Some(Amount { unit: "ms", factor: 1, usual });
const PERCENT: fn(&'static str) -> Option<Amount> =
    |usual| Some(Amount { unit: "% of the messages", factor: 10_000, usual });

const WEIGHT: Option<Amount> =
    Some(Amount { unit: "times the usual share", factor: 1, usual: "2" });

/// A kind of fault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Its name in scripts.
    pub(crate) name: &'static str,
    /// What it does, for people.
    pub(crate) words: &'static str,
    /// What it needs to be told.
    pub(crate) needs: Needs,
    /// How much of it.
    pub(crate) amount: Option<Amount>,
    /// Whether it can end by itself.
    pub(crate) lasts: bool,
}

impl Kind {
    /// Whether it can happen to regions with a log each: they have neither a leader nor servers.
    pub(crate) fn is_of_regions(&self) -> bool {
        !matches!(self.needs, Needs::Heir | Needs::Server)
    }
}

/// All kinds that can be chosen.
pub(crate) fn kinds() -> [Kind; 26] {
    let kind = |name, words, needs| Kind { name, words, needs, amount: None, lasts: true };
    let link = |name, words, amount| Kind { amount, ..kind(name, words, Needs::Link) };
    let once = |name, words, needs| Kind { lasts: false, ..kind(name, words, needs) };
    let drift = Some(Amount { unit: "millionths", factor: 1, usual: "200000" });
    [
        kind("kill", "its process dies", Needs::Node),
        kind("power-loss", "it loses its power, and what was not synced", Needs::Node),
        kind("torn-write", "it loses its power in the middle of a write", Needs::Node),
        kind("store-loss", "its store fails", Needs::Node),
        kind("freeze", "it stands still, as in a long pause", Needs::Node),
        kind("stall-disk", "its disk syncs nothing", Needs::Node),
        kind("isolate", "it reaches no node and no lease", Needs::Node),
        kind("partition", "these and the others do not reach each other", Needs::Group),
        link("cut", "the link is cut in that direction", None),
        link("slow", "the link is slower in that direction", MILLIS("400")),
        link("lossy", "the link loses messages in that direction", PERCENT("20")),
        link("duplicating", "the link repeats messages in that direction", PERCENT("20")),
        link("reordering", "the link swaps messages in that direction", PERCENT("20")),
        Kind {
            amount: MILLIS("5000"),
            ..once("skew", "its clock is set on, or back if negative", Needs::Node)
        },
        Kind { amount: drift, ..kind("drift", "its clock runs too fast", Needs::Node) },
        kind("zone-outage", "a zone has no power", Needs::Number),
        kind("region-outage", "a region has no power", Needs::Number),
        once("hand-over", "the leader hands over to it, as before maintenance", Needs::Heir),
        kind("drain", "the balancer sends it nothing more, as before maintenance", Needs::Server),
        once("undrain", "the balancer sends to it again", Needs::Server),
        Kind { amount: WEIGHT, ..once("weigh", "it gets another share", Needs::Server) },
        once("restart", "it starts again", Needs::Node),
        once("thaw", "it goes on", Needs::Node),
        once("resume-disk", "its disk syncs again", Needs::Node),
        once("heal", "all links are mended", Needs::Nothing),
        once("mend", "everything is mended", Needs::Nothing),
    ]
}

/// A fault that is being put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultDraft {
    /// The name of its kind.
    pub(crate) kind: String,
    /// Whom it hits, or from where a link goes.
    pub(crate) target: String,
    /// Where a link goes to.
    pub(crate) other: String,
    /// Some nodes, or the number of a zone.
    pub(crate) text: String,
    /// How much; as usual when it is empty.
    pub(crate) amount: String,
    /// For how many seconds; until it is mended when it is empty.
    pub(crate) seconds: String,
}

impl Default for FaultDraft {
    fn default() -> Self {
        Self {
            kind: "kill".into(),
            target: "leader".into(),
            other: "B".into(),
            text: String::new(),
            amount: String::new(),
            seconds: "10".into(),
        }
    }
}

impl FaultDraft {
    /// What it is.
    pub(crate) fn kind(&self) -> Kind {
        let all = kinds();
        let found = all.iter().find(|kind| kind.name == self.kind);
        *found.unwrap_or(&all[0])
    }

    /// The step of a script that it comes to, without its time.
    pub(crate) fn line(&self) -> String {
        let kind = self.kind();
        let written = |text: &str, usual: &str| {
            let text = text.trim();
            if text.is_empty() { usual.to_owned() } else { text.to_owned() }
        };
        let mut words = vec![kind.name.to_owned()];
        match kind.needs {
            Needs::Node | Needs::Heir | Needs::Server => words.push(self.target.clone()),
            Needs::Link => words.extend([self.target.clone(), self.other.clone()]),
            Needs::Group => words.push(written(&self.text, "A")),
            Needs::Number => words.push(written(&self.text, "1")),
            Needs::Nothing => {}
        }
        if let Some(Amount { factor, usual, .. }) = kind.amount {
            let text = written(&self.amount, usual);
            // What is no number is left for the reader of scripts to complain about.
            let amount = text.parse::<i64>().ok().and_then(|number| number.checked_mul(factor));
            words.extend(["by".into(), amount.map_or(text, |amount| amount.to_string())]);
        }
        let seconds = self.seconds.trim();
        if kind.lasts && !seconds.is_empty() {
            words.extend(["for".into(), seconds.into(), "s".into()]);
        }
        words.join(" ")
    }
}
