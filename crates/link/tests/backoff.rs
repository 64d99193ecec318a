//! When to try again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use link::http::{Backoff, parse_retry_after};
use proptest::prelude::*;

const BACKOFF: Backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(60) };

#[test]
fn the_longest_pause_doubles_up_to_the_cap() {
    let longest = |failures| BACKOFF.delay(failures, u64::MAX, None).as_secs();
    let found: Vec<u64> = [1, 2, 3, 4, 7, 8, u32::MAX].into_iter().map(longest).collect();
    assert_eq!(found, [1, 2, 4, 8, 60, 60, 60]);
}

#[test]
fn the_jitter_is_full() {
    assert_eq!(BACKOFF.delay(5, 0, None), Duration::ZERO);
    assert_eq!(BACKOFF.delay(5, u64::MAX / 2, None).as_millis(), 8000);
}

#[test]
fn what_the_other_side_asks_for_comes_first() {
    let asked = Some(Duration::from_secs(100));
    assert_eq!(BACKOFF.delay(1, 0, asked), Duration::from_secs(100));
    assert_eq!(BACKOFF.delay(1, u64::MAX, asked), Duration::from_secs(101));
    assert_eq!(BACKOFF.delay(1, 0, Some(Duration::MAX)), Duration::from_secs(86_400));
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(parse_retry_after("120", 0), Some(Duration::from_secs(120)));
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(parse_retry_after(date, 784_111_777 - 30), Some(Duration::from_secs(30)));
    assert_eq!(parse_retry_after(date, 784_111_777 + 30), Some(Duration::ZERO));
    assert_eq!(parse_retry_after("soon", 0), None);
    assert_eq!(parse_retry_after("-1", 0), None);
}

proptest! {
    #[test]
    fn no_input_panics(text in ".{0,40}", now in any::<i64>(), failures in any::<u32>(), random in any::<u64>()) {
        let asked = parse_retry_after(&text, now);
        let pause = BACKOFF.delay(failures, random, asked);
        prop_assert!(pause >= asked.unwrap_or_default().min(Duration::from_secs(86_400)));
        let huge = Backoff { base: Duration::MAX, cap: Duration::MAX };
        huge.delay(failures, random, asked);
    }
}
