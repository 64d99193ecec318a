//! When to try again: exponential with full jitter, and never before the other side asked for.

use std::time::Duration;

use jiff::fmt::rfc2822;

/// The longest pause that another side may ask for: a mistake there must not silence us for ever.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// Pauses between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Longest pause after the first failure; doubles with each further one.
    pub base: Duration,
    /// The pause never grows beyond this.
    pub cap: Duration,
}

impl Backoff {
    /// The pause after `failures` failures in a row (1 is the first): anywhere from nothing to the longest, as
    /// `random`, evenly distributed over all of u64, says. With `asked` (`Retry-After`) it starts only after that,
    /// so that all who were sent away do not come back in the same instant.
    pub fn delay(&self, failures: u32, random: u64, asked: Option<Duration>) -> Duration {
        let doublings = failures.saturating_sub(1).min(63);
        let base = u64::try_from(self.base.as_micros()).unwrap_or(u64::MAX);
        let cap = u64::try_from(self.cap.as_micros()).unwrap_or(u64::MAX);
        let longest = base.saturating_mul(1 << doublings).min(cap);
        // The upper half of the product is evenly distributed over 0..=longest.
        let jitter = (u128::from(random) * (u128::from(longest) + 1)) >> 64;
        let jitter = Duration::from_micros(u64::try_from(jitter).unwrap_or(longest));
        asked.unwrap_or_default().min(LONGEST_ASKED).saturating_add(jitter)
    }
}

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, of which `now` (unix seconds) makes seconds. `None` for
/// anything else; a date gone by is no pause.
pub fn parse_retry_after(value: &str, now: i64) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::from_secs(u64::try_from(at.as_second().saturating_sub(now)).unwrap_or(0)))
}
