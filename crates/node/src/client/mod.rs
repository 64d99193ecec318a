//! `client`, `peer`: who may speak to this node, with what key, and what each may do (`domain.md`, "Who may speak").

mod calls;
mod change;
mod issuers;
mod nonce;
mod peer;
mod rights;
mod source;
mod speaker;

use crate::audit::{Act, Actor};
use crate::{NodeError, Province};

pub(crate) use nonce::drop_old_nonces;

pub use calls::Calls;
pub use change::{ClientEntry, Issued, NewClient};
pub use issuers::{Issuer, IssuerChange, Issuers};
pub use peer::{NewPeer, PeerEntry, Role, read_certificate, speaks_for};
pub use rights::{ACTS, Lack, Right, lack, unlimited};
pub use speaker::{Speaker, Speakers};

/// State of a client or peer that may speak.
const ACTIVE: &str = "active";
/// State of one that may not.
const DISABLED: &str = "disabled";

/// An act that changes who may speak has a name behind it.
pub(crate) fn check_operator(actor: &Actor) -> Result<(), NodeError> {
    if actor.operator.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return Err(NodeError::refused("没有写明经办人", "请用 --operator 写明经办人姓名或账号"));
    }
    Ok(())
}

/// Key ids as `docs/signing.md` demands: 1 to 64 letters, digits and `. _ : -`.
fn check_id(id: &str) -> Result<(), NodeError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    if (1..=64).contains(&id.len()) && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(NodeError::refused(format!("编号“{id}”不合规"), "请用 1 到 64 个字母、数字或“. _ : -”"))
}

/// The audit row of a change.
fn act(name: &str, id: &str, operator: &Actor, now: i64, detail: &[(&str, &str)]) -> Act {
    let pairs = [("id", id)].into_iter().chain(detail.iter().copied());
    Act {
        act: name.to_owned(),
        at: now,
        actor: operator.clone(),
        outcome: "done".to_owned(),
        detail: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        ..Act::default()
    }
}

impl Province {
    /// Runs a change of one row with its audit row; `false` from `change` means that there is no such row.
    fn change_speaker<E: Into<NodeError>>(
        &self,
        what: &'static str,
        act: Act,
        now: i64,
        mut change: impl FnMut(&mut store::Session) -> Result<bool, E> + Send + 'static,
    ) -> Result<(), NodeError> {
        let id = act.detail.get("id").cloned().unwrap_or_default();
        let row = self.new_id(now);
        self.store.write(move |session| {
            if !change(session).map_err(Into::into)? {
                return Err(NodeError::refused(
                    format!("没有编号为“{id}”的{what}"),
                    "请用 list 命令核对编号",
                ));
            }
            Ok(crate::audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }
}
