//! The nonce window: once in ten minutes, in bounded memory, over restarts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use link::sign::*;
use proptest::prelude::*;

const NOW: i64 = 1_795_305_600;

fn caller(key: &str, nonce: &str) -> Caller {
    Caller {
        scheme: Scheme::HmacSm3,
        key: key.into(),
        person: Person::default(),
        time: NOW,
        nonce: nonce.into(),
        digest: [0; 32],
    }
}

#[test]
fn a_nonce_works_once_per_key() {
    let mut window = NonceWindow::new(100, 100);
    assert!(window.admit(&caller("a", "n"), NOW).is_ok());
    assert_eq!(window.admit(&caller("a", "n"), NOW), Err(AuthError::Replay));
    assert!(window.admit(&caller("b", "n"), NOW).is_ok());
}

#[test]
fn it_is_kept_for_the_whole_time_in_which_its_request_could_pass() {
    for start in NOW..NOW + 130 {
        let mut window = NonceWindow::new(100, 100);
        window.admit(&caller("a", "n"), start).unwrap();
        assert_eq!(window.admit(&caller("a", "n"), start + NONCE_SECONDS), Err(AuthError::Replay), "{start}");
    }
}

#[test]
fn old_ones_make_room() {
    let mut window = NonceWindow::new(1, 1);
    window.admit(&caller("a", "n"), NOW).unwrap();
    window.admit(&caller("a", "m"), NOW + 2 * NONCE_SECONDS).unwrap();
    assert_eq!(window.len(), 1);
}

#[test]
fn a_clock_that_steps_back_opens_no_gap() {
    let mut window = NonceWindow::new(100, 100);
    window.admit(&caller("a", "n"), NOW).unwrap();
    window.admit(&caller("a", "m"), NOW - 1000).unwrap();
    for nonce in ["n", "m"] {
        assert_eq!(window.admit(&caller("a", nonce), NOW - 900), Err(AuthError::Replay));
    }
}

#[test]
fn a_full_window_refuses_and_says_so() {
    let mut window = NonceWindow::new(3, 2);
    for nonce in ["1", "2"] {
        window.admit(&caller("flood", nonce), NOW).unwrap();
    }
    let refusal = window.admit(&caller("flood", "3"), NOW).unwrap_err();
    assert_eq!((refusal.code(), refusal.status()), ("AUTH_FULL", 503));
    assert!(refusal.to_string().contains("该密钥"));
    window.admit(&caller("other", "1"), NOW).unwrap();
    assert!(window.admit(&caller("third", "1"), NOW).unwrap_err().to_string().contains("本节点"));
}

#[test]
fn a_restart_forgets_nothing_young_and_a_torn_end_harms_nothing() {
    let mut window = NonceWindow::new(100, 100);
    let mut appended = window.admit(&caller("a", "old"), NOW).unwrap().to_bytes().to_vec();
    appended.extend(window.admit(&caller("a", "young"), NOW + 500).unwrap().to_bytes());
    appended.extend([1, 2, 3]);
    for bytes in [appended, window.snapshot()] {
        let mut restarted = NonceWindow::new(100, 100);
        restarted.restore(&bytes, NOW + 601).unwrap();
        assert_eq!(restarted.len(), 1);
        assert_eq!(restarted.admit(&caller("a", "young"), NOW + 601), Err(AuthError::Replay));
    }
}

#[test]
fn a_window_too_small_for_its_past_is_an_error() {
    let mut window = NonceWindow::new(100, 100);
    for nonce in ["1", "2", "3"] {
        window.admit(&caller("a", nonce), NOW).unwrap();
    }
    assert!(NonceWindow::new(2, 2).restore(&window.snapshot(), NOW).is_err());
}

proptest! {
    #[test]
    fn it_agrees_with_a_plain_list(steps in prop::collection::vec((0u8..3, 0u8..8, 0i64..200), 0..60)) {
        let (mut window, mut now, mut list) = (NonceWindow::new(1000, 1000), NOW, Vec::new());
        for (key, nonce, wait) in steps {
            now += wait;
            let (pair, age) = ((key, nonce), |at: i64| now - at);
            let seen = list.iter().rev().find(|(other, _)| *other == pair).map(|(_, at)| age(*at));
            let admitted = window.admit(&caller(&key.to_string(), &nonce.to_string()), now).is_ok();
            match seen {
                Some(age) if age <= NONCE_SECONDS => prop_assert!(!admitted),
                Some(age) if age < NONCE_SECONDS + 120 => {}
                _ => prop_assert!(admitted),
            }
            if admitted { list.push((pair, now)); }
        }
    }

    #[test]
    fn any_bytes_restore_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), now in any::<i64>()) {
        let _ = NonceWindow::new(100, 100).restore(&bytes, now);
    }
}
