//! What the ministry last heard of a certificate, for when its issuing province is out of reach.

use std::sync::Arc;

use model::{Reason, Verdict};
use store::rows::holding::{self, Holding};

use super::VerifyAnswer;
use super::elsewhere::{About, Elsewhere, Told};
use crate::audit::Actor;
use crate::collect::HoldingBody;
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// The base of a certificate that stands.
const NORMAL: &str = "正常";

/// The ministry's holdings (`collect_holding`) as the last to be asked.
///
/// They never make a certificate valid: what was collected last may have been revoked since. They do make it invalid when they
/// say that it *ended* (注销, 撤销, 吊销 …), for an end is final but for 复议恢复, which is rare, and which the holder can show a decision
/// of; the answer says how old that knowledge is. A revoked certificate must not become merely undecided for as long as somebody
/// can keep its province's node off the network. What can pass unseen (暂扣, an expired day) stays undecided.
pub struct Holdings(pub Arc<Province>);

impl Elsewhere for Holdings {
    fn ask(&self, about: &About, _actor: &Actor, now: i64) -> Result<Told, NodeError> {
        let asked = about.id.to_string();
        let held = self.0.store.read(|session| holding::by_identifier(session, &asked))?;
        match held.into_iter().max_by_key(|one| one.received_at) {
            Some(held) => Ok(Told::Answer(Box::new(self.tell(about, held, now)?))),
            None => Ok(Told::Unknown(None)),
        }
    }
}

impl Holdings {
    fn tell(&self, about: &About, held: Holding, now: i64) -> Result<VerifyAnswer, NodeError> {
        let province = &self.0;
        let place = Holding::place(&held.province, &held.certificate_id);
        let body: HoldingBody = parse(&province.personal.open(&place, &held.body_sealed)?, "归集内容")?;
        let kind = province.data.catalogue.kind(&held.kind, ::lifecycle::day_of(now).date());
        let known_at = crate::keys::rfc3339(held.received_at / 1_000_000);
        let last = format!(
            "部级最近所知：状态“{}”，{} 归集，距今 {}",
            body.status,
            known_at,
            age(now - held.received_at)
        );
        // Nobody checked a code that came with an unknown key: that doubt stays.
        let mut reasons: Vec<Reason> =
            about.doubts.iter().filter(|one| one.code != "NOT_OURS").cloned().collect();
        for one in reasons.iter_mut().filter(|one| one.code.starts_with("ISSUER_")) {
            one.text = format!("{}；{last}", one.text);
        }
        if held.base != NORMAL {
            reasons.push(Reason::new("STATUS_ENDED", &held.base));
        }
        let today = ::lifecycle::day_of(now);
        let (face, allows) = match (kind, &body.record) {
            (Some(kind), Some(record)) => (
                province.face_of(kind, record, false),
                province.allowed(kind, record, &body.state.on(today), today),
            ),
            _ => (Vec::new(), Vec::new()),
        };
        Ok(VerifyAnswer {
            verdict: Verdict::from_reasons(&reasons),
            reasons,
            identifier: held.identifier,
            kind_name: kind.map(|kind| kind.name.clone()),
            kind: Some(held.kind),
            status: Some(body.status),
            causes: Vec::new(),
            state_seq: Some(held.state_seq),
            valid_from: body.state.valid_from.map(|day| day.to_string()),
            valid_to: body.state.valid_to.map(|end| end.to_string()),
            face,
            allows,
            source: format!("部级归集（{}）", province.id),
            known_at,
        })
    }
}

/// How long ago, in the two largest units that say something.
pub fn age(micros: i64) -> String {
    let minutes = micros.max(0) / 60_000_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => "不到 1 分钟".into(),
        (0, 0, minutes) => format!("{minutes} 分钟"),
        (0, hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
        (days, hours, _) => format!("{days} 天 {hours} 小时"),
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages_are_told_in_two_units() {
        let minute = 60_000_000;
        assert_eq!(age(-5), "不到 1 分钟");
        assert_eq!(age(59_999_999), "不到 1 分钟");
        assert_eq!(age(59 * minute), "59 分钟");
        assert_eq!(age(185 * minute), "3 小时 5 分钟");
        assert_eq!(age(50 * 60 * minute), "2 天 2 小时");
    }
}
