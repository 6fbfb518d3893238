//! How often parts fail, as people write it.

use std::str::FromStr;
use std::time::Duration;

use everview_cluster::study::{Rate, Rates};

/// `--rate PART=BETWEEN/REPAIR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    part: String,
    rate: Rate,
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

impl Assignment {
    /// Gives the part its rate.
    pub(super) fn apply(&self, rates: &mut Rates) {
        for (name, rate) in rates.named() {
            if name == self.part {
                *rate = self.rate;
            }
        }
    }
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (part, times) = text
            .split_once('=')
            .ok_or("expected PART=BETWEEN/REPAIR, such as machine=90d/10min")?;
        let names = Rates::default().named().map(|(name, _)| name);
        if !names.contains(&part) {
            return Err(format!("expected one of {} before `=`, found `{part}`", names.join(", ")));
        }
        let part = part.to_owned();
        if times == "never" {
            return Ok(Self { part, rate: Rate::NEVER });
        }
        let (between, repair) =
            times.split_once('/').ok_or("expected the time to repair after `/`, or `never`")?;
        let rate = Rate { between_failures: time(between)?, to_repair: time(repair)? };
        Ok(Self { part, rate })
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let found = UNITS.iter().find(|(name, _)| *name == unit);
    let millis = found.and_then(|(_, millis)| number.parse::<u64>().ok()?.checked_mul(*millis));
    let wrong = || format!("expected a time such as 90d, 6h, 10min, 30s or 250ms, found `{text}`");
    millis.filter(|millis| 0 < *millis).map(Duration::from_millis).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use everview_cluster::study::Rates;

    use super::Assignment;

    #[test]
    fn a_rate_is_shown_as_it_was_written() {
        for text in ["machine=90d/10min", "zone=1d/36s", "region=never", "release=5h/250ms"] {
            let mut rates = Rates::default();
            text.parse::<Assignment>().unwrap().apply(&mut rates);
            let told = rates.named().map(|(name, rate)| format!("{name}={rate}"));
            assert!(told.contains(&text.to_owned()), "{told:?}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused_with_what_was_expected() {
        for (text, expected) in [
            ("machine", "expected PART=BETWEEN/REPAIR"),
            ("disk=1d/1h", "expected one of machine, zone, zone-network, region"),
            ("machine=1d", "expected the time to repair after `/`"),
            ("machine=1d/0s", "expected a time such as"),
            ("machine=99999999999999999999y/1h", "expected a time such as"),
            ("machine=1.5d/1h", "found `1.5d`"),
        ] {
            let error = text.parse::<Assignment>().unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
