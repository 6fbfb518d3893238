//! How often parts fail, and how long they then are down.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use alloc::string::{String, ToString as _};

/// How often a part fails, and how long its repair takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// From a repair to the next failure, on average. [`Duration::MAX`] is never.
    pub between_failures: Duration,
    /// From a failure until the part works again, on average.
    pub to_repair: Duration,
}

/// How often each kind of part fails. Every installation should put in its own.
///
/// The defaults, and where they are from:
///
/// | part | fails | for | source |
/// |---|---|---|---|
/// | machine | every 657 days | 10 min | 1,000 failures a year in a cluster of 1,800 machines (1); the repair is assumed: a restart or another machine |
/// | zone | every year | 6 h | a power distribution unit a year, 6 hours, up to half of a cluster (1) |
/// | network of a zone | every 91 days | 30 min | four network upkeeps a year with about 30 minutes of lost connections (1) |
/// | region | every 2 years | 4 h | judged from the summaries that providers publish after large events (2) |
/// | network between two regions | every year | 1 h | assumed: single long links are down for days in a year (3), and there are several |
/// | release | every 91 days | 5 min | assumed: four a year get past all checks and are rolled back; about 70 % of outages come from changes (4) |
///
/// 1. Jeff Dean, "Designs, Lessons and Advice from Building Large Distributed Systems", LADIS 2009,
///    and his talk at Google I/O 2008: what a new cluster goes through in its first year.
/// 2. For instance the post-event summaries of Amazon Web Services.
/// 3. Turner and others, "California Fault Lines", SIGCOMM 2010: 1.2 to 2.7 days a year.
/// 4. Beyer and others, "Site Reliability Engineering", 2016, chapter 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// A machine, or the process on it.
    pub machine: Rate,
    /// A zone, with all machines in it.
    pub zone: Rate,
    /// What connects a zone with the others and with clients.
    pub zone_network: Rate,
    /// A region, with all its zones. Its disks survive.
    pub region: Rate,
    /// What connects two regions.
    pub region_network: Rate,
    /// A change by people that takes down the servers of a region. Regions are changed one after
    /// the other, so it is found before it reaches the next.
    pub release: Rate,
}

const fn rate(days_between: u64, minutes_to_repair: u64) -> Rate {
    Rate {
        between_failures: Duration::from_hours(24 * days_between),
        to_repair: Duration::from_mins(minutes_to_repair),
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            machine: rate(657, 10),
            zone: rate(365, 6 * 60),
            zone_network: rate(91, 30),
            region: rate(730, 4 * 60),
            region_network: rate(365, 60),
            release: rate(91, 5),
        }
    }
}

impl Rate {
    /// What never fails.
    pub const NEVER: Self =
        Self { between_failures: Duration::MAX, to_repair: Duration::from_mins(1) };
}

/// As it can be written, such as `657d/10min`: from a repair to the next failure, and from there to its
/// repair.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.between_failures == Duration::MAX {
            return f.write_str("never");
        }
        write!(f, "{}/{}", Time(self.between_failures), Time(self.to_repair))
    }
}

/// A rate that is not written as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RateError {
    /// There is no time to repair.
    #[error("expected the time to repair after `/`, or `never`")]
    NoRepair,
    /// Something is no time.
    #[error("expected a time such as 90d, 6h, 10min, 30s or 250ms, found `{found}`")]
    Time {
        /// What is there.
        found: String,
    },
}

/// Reads a rate as it is written, with times in `y`, `d`, `h`, `min`, `s` or `ms`.
///
/// ```
/// use everview_cluster::study::Rate;
///
/// let rate: Rate = "90d/10min".parse()?;
/// assert_eq!(rate.to_repair.as_secs(), 600);
/// assert_eq!("never".parse(), Ok(Rate::NEVER));
/// # Ok::<(), everview_cluster::study::RateError>(())
/// ```
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        if text == "never" {
            return Ok(Self::NEVER);
        }
        let (between, repair) = text.split_once('/').ok_or(RateError::NoRepair)?;
        Ok(Self { between_failures: time(between)?, to_repair: time(repair)? })
    }
}

/// Units of time, the longest first, in milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("y", 365 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

fn time(text: &str) -> Result<Duration, RateError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let found = UNITS.iter().find(|(name, _)| *name == unit);
    let millis = found.and_then(|(_, millis)| number.parse::<u64>().ok()?.checked_mul(*millis));
    let millis = millis.filter(|millis| *millis > 0).map(Duration::from_millis);
    millis.ok_or_else(|| RateError::Time { found: text.to_string() })
}

/// A time in the longest unit that it is whole in, of those up to days.
pub(super) struct Time(pub(super) Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let whole = UNITS[1..].iter().find(|(_, unit)| millis.is_multiple_of((*unit).into()));
        let (name, unit) = whole.unwrap_or(&UNITS[5]);
        write!(f, "{}{name}", millis / u128::from(*unit))
    }
}

impl Rates {
    /// Where the default of each part is from, in the order of [`Rates::named`], in a few words: the
    /// documentation of [`Rates`] has the titles.
    pub const SOURCES: [&str; 6] = [
        "Dean 2009; the repair is assumed",
        "Dean 2009",
        "Dean 2009",
        "judged from summaries that providers publish after large events",
        "assumed",
        "assumed",
    ];

    /// Nothing ever fails.
    pub const NEVER: Self = Self {
        machine: Rate::NEVER,
        zone: Rate::NEVER,
        zone_network: Rate::NEVER,
        region: Rate::NEVER,
        region_network: Rate::NEVER,
        release: Rate::NEVER,
    };

    /// Each rate with the name of its part, to be shown and to be set by.
    pub fn named(&mut self) -> [(&'static str, &mut Rate); 6] {
        [
            ("machine", &mut self.machine),
            ("zone", &mut self.zone),
            ("zone-network", &mut self.zone_network),
            ("region", &mut self.region),
            ("region-network", &mut self.region_network),
            ("release", &mut self.release),
        ]
    }
}
