//! How much one address may have under way at once: whoever holds connections and bodies back holds back nobody else.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts by address, each up to one limit.
#[derive(Debug)]
pub(crate) struct Crowd<K: Hash + Eq + Clone> {
    most: usize,
    here: Mutex<HashMap<K, usize>>,
}

/// One of them; its place is free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Guest<K: Hash + Eq + Clone> {
    crowd: Arc<Crowd<K>>,
    key: K,
}

impl<K: Hash + Eq + Clone> Crowd<K> {
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, here: Mutex::default() })
    }

    /// Lets one in; `None` when this address has all that it may have.
    pub fn enter(self: &Arc<Self>, key: K) -> Option<Guest<K>> {
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let count = here.entry(key.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Guest { crowd: Arc::clone(self), key })
    }
}

impl<K: Hash + Eq + Clone> Drop for Guest<K> {
    fn drop(&mut self) {
        let mut here = self.crowd.here.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = here.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                here.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Crowd;

    #[test]
    fn one_address_fills_its_own_places_only() {
        let crowd = Crowd::new(2);
        let (first, second) = (crowd.enter("a").expect("a place"), crowd.enter("a").expect("a place"));
        assert!(crowd.enter("a").is_none());
        assert!(crowd.enter("b").is_some());
        drop(first);
        assert!(crowd.enter("a").is_some());
        drop(second);
        assert!(crowd.here.lock().expect("a lock").is_empty(), "nobody is remembered");
    }
}
