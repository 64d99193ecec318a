//! Dead letters as the people of an area see them: by cause, in pages, and sent again where the account may.

use std::sync::Arc;

use store::rows::collect::{self, DeadCause, DeadLine};
use store::rows::overview::Reach;

use super::Which;
use crate::audit::Actor;
use crate::{NodeError, Province};

/// Dead letters that one act sends again at most: the page says how many are left.
pub const RESENT: u32 = 2_000;

/// Which dead letters, within a reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This one, by its row key.
    One(String),
    /// All of one cause, by its code.
    Cause(String),
}

impl Province {
    /// Why dead letters within a reach are dead: destination, side, code, how many.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn collect_dead_causes(&self, reach: &Reach) -> Result<Vec<DeadCause>, NodeError> {
        self.store.read(|session| {
            let mut causes = Vec::new();
            for lane in &self.lanes {
                causes.extend(collect::dead_causes(session, lane, reach)?);
            }
            Ok(causes)
        })
    }

    /// A page of dead letters within a reach, oldest first: those after a row key, of one code where one is given.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn collect_dead_within(
        &self,
        reach: &Reach,
        code: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<DeadLine>, NodeError> {
        self.store.read(|session| {
            let mut found = Vec::new();
            for lane in &self.lanes {
                found.extend(collect::dead_within(session, lane, reach, code, after, most)?);
            }
            found.sort_by(|a: &DeadLine, b| a.item.id.cmp(&b.item.id));
            found.truncate(most as usize);
            Ok(found)
        })
    }

    /// Sends dead letters within a reach again, at most [`RESENT`]; how many.
    ///
    /// # Errors
    /// None of them lies within the reach: the same for another area's as for one that does not exist; a database that cannot be
    /// written.
    pub fn collect_retry_within(
        self: &Arc<Self>,
        reach: &Reach,
        lane: &str,
        wanted: &Wanted,
        operator: &Actor,
        now: i64,
    ) -> Result<u64, NodeError> {
        let ids: Vec<String> = self.store.read(|session| -> Result<_, NodeError> {
            let lines = match wanted {
                Wanted::One(id) => collect::dead_one(session, lane, reach, id)?.into_iter().collect(),
                Wanted::Cause(code) => collect::dead_within(session, lane, reach, code, "", RESENT)?,
            };
            Ok(lines.into_iter().map(|line| line.item.id).collect())
        })?;
        if ids.is_empty() {
            return Err(NodeError::refused(
                "没有可以重发的死信：可能已由他人重发，或不在您的管辖范围内",
                "请刷新归集页面核对",
            ));
        }
        self.collect_retry(lane, Which::Ids(ids), operator, now)
    }
}
