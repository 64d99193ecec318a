//! Which clients and sources somebody with areas and kinds of their own may look at.

use std::collections::BTreeMap;

use super::{ClientEntry, Right};
use crate::session::Scope;
use crate::{NodeError, Province};

impl ClientEntry {
    /// Does everything that the client may do lie in these areas and kinds?
    pub fn lies_within(&self, scope: &Scope) -> bool {
        self.rights.iter().all(|right| right.lies_within(scope))
    }
}

impl Right {
    fn lies_within(&self, scope: &Scope) -> bool {
        let whole = |list: &[String]| list.iter().any(|one| one == "*");
        let areas = whole(&scope.areas)
            || self.areas.iter().all(|area| {
                area != "*" && scope.areas.iter().any(|one| !one.is_empty() && area.starts_with(one.as_str()))
            });
        let kinds = whole(&scope.kinds) || self.kinds.iter().all(|kind| scope.kinds.contains(kind));
        areas && kinds
    }
}

impl Province {
    /// The sources all of whose clients lie within these areas and kinds. One whose clients reach further is not among them: its results
    /// speak of certificates of elsewhere.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn client_sources(&self, scope: &Scope) -> Result<Vec<String>, NodeError> {
        let mut inside: BTreeMap<String, bool> = BTreeMap::new();
        for one in self.client_list()? {
            let within = one.lies_within(scope);
            inside.entry(one.source).and_modify(|all| *all &= within).or_insert(within);
        }
        Ok(inside.into_iter().filter(|(_, within)| *within).map(|(source, _)| source).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(rights: &[&str], areas: &[&str], kinds: &[&str]) -> bool {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let entry = ClientEntry {
            id: "c".into(),
            name: "演示".into(),
            source: "运政".into(),
            rights: rights.iter().map(|text| text.parse().expect("a right")).collect(),
            callback: None,
            active: true,
            created_at: 0,
            updated_at: 0,
        };
        entry.lies_within(&Scope { areas: list(areas), kinds: list(kinds) })
    }

    #[test]
    fn a_client_that_reaches_further_is_outside() {
        assert!(within(&["lifecycle@9901"], &["9901"], &["*"]));
        assert!(within(&["lifecycle@990101,990102", "verify@9902"], &["9901", "9902"], &["*"]));
        assert!(!within(&["lifecycle@9901", "verify"], &["9901"], &["*"]));
        assert!(!within(&["lifecycle@99"], &["9901"], &["*"]));
        assert!(!within(&["lifecycle@9901"], &["9901"], &["taxi-driver"]));
        assert!(within(&["lifecycle", "verify"], &["*"], &["*"]));
        assert!(!within(&["lifecycle@9901"], &[], &[]));
    }
}
