//! How often parts fail, as people write it.

use std::str::FromStr;

use everview_cluster::study::{Rate, RateError, Rates};

/// `--rate PART=BETWEEN/REPAIR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    part: String,
    rate: Rate,
}

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
        let rate = times.parse().map_err(|error: RateError| error.to_string())?;
        Ok(Self { part: part.to_owned(), rate })
    }
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
