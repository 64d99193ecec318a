//! 复议/诉讼恢复: a decision is undone, and what it ended stands again as before.

use crate::check::Case;
use crate::delta::Delta;
use crate::history::{History, Outcome, Past};
use crate::message::Message;

/// The steps that give back what the undone event took. Holds and dates need none: an ended certificate keeps them.
pub(crate) fn reversal(case: &Case, history: &History, place: usize) -> Result<Vec<Delta>, Message> {
    let earlier = history.past().get(..place).unwrap_or_default();
    let undoable = |past: &Past| {
        past.outcome == Outcome::Applied && case.row.undoes.contains(&past.event.kind) && standing(case, past)
    };
    let target = match &case.event.undoes {
        Some(name) => earlier.iter().rposition(|past| past.event.is(name) && undoable(past)),
        None => earlier.iter().rposition(undoable),
    };
    if let Some(index) = target {
        return Ok(reversed(history, index, &earlier[index]));
    }
    // An old record may come with its end already on it, and no event of ours that says so.
    let ended = case.row.undoes.iter().any(|kind| kind.name() == case.state.base.name());
    if case.event.undoes.is_none() && ended {
        return Ok(vec![Delta::Base(crate::Base::Normal)]);
    }
    let name = case.event.undoes.as_ref().map_or("撤销或吊销", |name| &*name.event_id);
    case.refuse("NOTHING_TO_UNDO", name)
}

/// Whether something that the event ended is still ended by it.
fn standing(case: &Case, past: &Past) -> bool {
    past.deltas.iter().any(|delta| match delta {
        Delta::Base(base) => case.state.base == *base,
        Delta::EntitlementBase { code, base } => {
            case.state.entitlements.get(code).is_some_and(|one| one.base == *base)
        }
        _ => false,
    })
}

fn reversed(history: &History, index: usize, past: &Past) -> Vec<Delta> {
    let before = history.before(index);
    let back = |delta: &Delta| match delta {
        Delta::Base(_) => Some(Delta::Base(before.base)),
        Delta::EntitlementBase { code, .. } => {
            let base = before.entitlements.get(code)?.base;
            Some(Delta::EntitlementBase { code: code.clone(), base })
        }
        _ => None,
    };
    past.deltas.iter().filter_map(back).collect()
}
