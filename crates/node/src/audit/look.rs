//! A look into the log or into the past is itself an entry (B6): who looked at what, durable before anything is shown.

use std::collections::BTreeMap;

use super::{Act, Actor, Log, append};
use crate::NodeError;

/// Who looks.
#[derive(Clone, Debug)]
pub struct Look<'a> {
    /// Whoever looks.
    pub actor: &'a Actor,
    /// A new row key.
    pub id: String,
    /// Microseconds UTC.
    pub now: i64,
}

impl Log<'_> {
    /// Writes the entry of a look.
    pub(super) fn note(
        &self,
        look: Look<'_>,
        act: &str,
        object: Option<String>,
        detail: &[(&str, String)],
    ) -> Result<(), NodeError> {
        let act = Act {
            act: act.to_owned(),
            at: look.now,
            actor: look.actor.clone(),
            object,
            outcome: "done".into(),
            detail: detail
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect::<BTreeMap<_, _>>(),
            ..Act::default()
        };
        let id = look.id;
        Ok(self.store.write(move |session| append(session, id.clone(), std::slice::from_ref(&act)))?)
    }
}

impl crate::Province {
    /// A look by `actor` at an instant (microseconds UTC).
    pub fn looking<'a>(&self, actor: &'a Actor, now: i64) -> Look<'a> {
        Look { actor, id: self.new_id(now), now }
    }
}
