//! Who asks another system waits little: one that does not answer is left alone for a while, and only so many ask at once.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// A system that did not answer is not asked again for so long, microseconds: officers must not queue behind it.
const AWAY: i64 = 5_000_000;
/// Questions on their way to one system at most; more would hold the threads that other work needs.
const MOST: usize = 32;

/// The way to one other system.
#[derive(Default)]
pub(super) struct Gate {
    /// Until when it counts as away, microseconds UTC; 0 while it answers.
    away_until: AtomicI64,
    asking: AtomicUsize,
}

/// Why nobody is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// It did not answer just now.
    Away,
    /// Too many ask.
    Full,
}

impl Gate {
    /// A place among those that ask, unless the system is away. When its time is over one question tries, the others go on
    /// without it until that one is answered.
    pub fn enter(&self, now: i64) -> Result<Place<'_>, Shut> {
        let until = self.away_until.load(Ordering::Acquire);
        if until != 0 {
            let mine = now >= until
                && self
                    .away_until
                    .compare_exchange(until, now + AWAY, Ordering::AcqRel, Ordering::Acquire)
                    .is_ok();
            if !mine {
                return Err(Shut::Away);
            }
        }
        let place = Place(&self.asking);
        if self.asking.fetch_add(1, Ordering::AcqRel) >= MOST {
            return Err(Shut::Full);
        }
        Ok(place)
    }

    /// It answered, be it a refusal.
    pub fn there(&self) {
        self.away_until.store(0, Ordering::Release);
    }

    /// It did not.
    pub fn away(&self, now: i64) {
        self.away_until.store(now + AWAY, Ordering::Release);
    }
}

/// One of those that ask; leaves when dropped.
pub(super) struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_tries_whether_it_is_there_again() {
        let gate = Gate::default();
        assert!(gate.enter(1).is_ok());
        gate.away(1);
        assert_eq!(gate.enter(AWAY).err(), Some(Shut::Away));
        assert!(gate.enter(AWAY + 1).is_ok());
        assert_eq!(gate.enter(AWAY + 2).err(), Some(Shut::Away));
        gate.there();
        assert!(gate.enter(AWAY + 3).is_ok());
    }

    #[test]
    fn only_so_many_ask_at_once() {
        let gate = Gate::default();
        let mut places: Vec<_> = (0..MOST).map(|_| gate.enter(1)).collect();
        assert!(places.iter().all(Result::is_ok));
        assert_eq!(gate.enter(1).err(), Some(Shut::Full));
        places.pop();
        assert!(gate.enter(1).is_ok());
    }
}
