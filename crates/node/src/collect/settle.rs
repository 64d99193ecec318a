//! Writing down what became of deliveries: rows, feed, audit, outage clock, in one transaction.

use std::sync::Arc;
use std::time::Duration;

use link::http::Origin;
use store::Session;
use store::rows::collect::{self, Failure, Item};
use store::rows::reconcile::run::reopen;
use store::rows::result::{self, ResultRow};

use super::{ATTEMPTS, BACKOFF, Delivery, DeliveryReceipt, Sent};
use crate::audit::{self, Act, Actor};
use crate::lifecycle::json;
use crate::{NodeError, Province, outage, overview};

/// Why an item did not go through.
#[derive(Clone, Debug)]
pub(super) struct Why {
    pub origin: Origin,
    pub code: String,
    pub text: String,
    pub receipt: Option<DeliveryReceipt>,
    pub retry_after: Option<Duration>,
}

impl Why {
    pub fn new(origin: Origin, code: &str, text: String) -> Self {
        Self { origin, code: code.to_owned(), text, receipt: None, retry_after: None }
    }
}

/// What is done with an item that did not go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Again without a pause.
    AtOnce,
    /// Again after a pause, however often.
    Later,
    /// The same, but not for ever.
    LaterOrDead,
    /// The same, but not for ever while the destination answers others.
    LaterOrDeadIfUp,
    /// A dead letter.
    Dead,
}

/// An item with what became of it.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    item: Item,
    end: End,
}

#[derive(Clone, Debug)]
enum End {
    Done { up_to: i64, area: String, receipt: DeliveryReceipt },
    Failed { why: Why, fate: Fate },
}

impl Settled {
    pub fn done(item: Item, delivery: &Delivery, receipt: DeliveryReceipt) -> Self {
        Self { item, end: End::Done { up_to: delivery.state_seq, area: delivery.area.clone(), receipt } }
    }

    pub fn failed(item: Item, why: Why, fate: Fate) -> Self {
        Self { item, end: End::Failed { why, fate } }
    }
}

/// A destination that answered within so many microseconds is up.
const UP: i64 = 15 * 60 * 1_000_000;

impl Province {
    /// Settles items in one transaction. `answered`: did the destination answer, or stay silent? `None` when it was not asked.
    pub(super) fn settle(
        self: &Arc<Self>,
        lane: &str,
        owner: &str,
        answered: Option<bool>,
        settled: Vec<Settled>,
        now: i64,
    ) -> Result<Sent, NodeError> {
        let (province, lane, owner) = (Arc::clone(self), lane.to_owned(), owner.to_owned());
        self.store.write(move |session| {
            let mut sent = Sent::default();
            let heard = outage::heard(session, &province, &lane, answered, now)?;
            let up = heard.is_some_and(|at| now.saturating_sub(at) < UP);
            let (mut acts, mut lines) = (Vec::new(), Vec::new());
            for one in &settled {
                match &one.end {
                    End::Done { up_to, area, receipt } => {
                        let known = (one.item.certificate_id.as_str(), area.as_str());
                        sent.done +=
                            done(session, (&lane, known), (*up_to, receipt), now, (&mut acts, &mut lines))?;
                    }
                    End::Failed { why, fate } => {
                        let failure = province.failure(&one.item, why, *fate, up, now)?;
                        if !collect::fail(session, &owner, &failure)? {
                            continue;
                        }
                        if failure.state == "dead" {
                            sent.dead += 1;
                            // What a repair had sent again is a difference as before.
                            reopen(session, &lane, &one.item.certificate_id)?;
                            acts.push(dead(&lane, &one.item, &failure, now));
                            lines.extend(told(session, &lane, &one.item, why, now)?);
                        } else {
                            sent.later += 1;
                        }
                    }
                }
            }
            result::insert(session, &lines)?;
            audit::append(session, province.new_id(now), &acts)?;
            Ok(sent)
        })
    }

    fn failure(&self, item: &Item, why: &Why, fate: Fate, up: bool, now: i64) -> Result<Failure, NodeError> {
        let attempts = item.attempts + 1;
        let is_dead = match fate {
            Fate::Dead => true,
            Fate::LaterOrDead => attempts >= ATTEMPTS,
            Fate::LaterOrDeadIfUp => attempts >= ATTEMPTS && up,
            Fate::AtOnce | Fate::Later => false,
        };
        let mut random = [0; 8];
        (self.chance)(&mut random);
        let failures = u32::try_from(attempts).unwrap_or(u32::MAX);
        let pause = BACKOFF.delay(failures, u64::from_le_bytes(random), why.retry_after);
        let pause =
            if fate == Fate::AtOnce { 0 } else { i64::try_from(pause.as_micros()).unwrap_or(i64::MAX) };
        Ok(Failure {
            id: item.id.clone(),
            state: if is_dead { "dead" } else { "pending" },
            run_at: now.saturating_add(pause),
            attempts,
            tried_at: now,
            origin: why.origin.number().into(),
            code: why.code.clone(),
            error: why.text.clone(),
            receipt: why.receipt.as_ref().map(json).transpose()?,
        })
    }
}

/// Marks the acts of a certificate as through, and tells those who sent the events.
fn done(
    session: &mut Session,
    (lane, (certificate, area)): (&str, (&str, &str)),
    (up_to, receipt): (i64, &DeliveryReceipt),
    now: i64,
    (acts, lines): (&mut Vec<Act>, &mut Vec<ResultRow>),
) -> Result<usize, NodeError> {
    let settled = collect::settle(session, (lane, certificate), up_to, &json(receipt)?, now)?;
    let counts = || settled.iter().map(|(count, _)| *count);
    let (Some(from), Some(to)) = (counts().min(), counts().max()) else {
        // Somebody else settled it while our lease had run out.
        return Ok(0);
    };
    for (source, event_id, state_seq) in collect::events(session, certificate, (from, to))? {
        let body =
            serde_json::json!({ "lane": lane, "state_seq": state_seq, "foreign_id": receipt.foreign_id });
        lines.push(ResultRow {
            seq: 0,
            source,
            event_id,
            certificate_id: Some(certificate.to_owned()),
            what: "collected".into(),
            body: body.to_string(),
            recorded_at: now,
        });
    }
    for (_, created_at) in &settled {
        overview::lagged(session, lane, (*created_at, now));
    }
    let mut act = Act {
        act: "collect.deliver".into(),
        at: now,
        actor: Actor::node(),
        object: Some(certificate.to_owned()),
        area: Some(area.to_owned()),
        outcome: json(&receipt.outcome)?.trim_matches('"').to_owned(),
        ..Act::default()
    };
    act.detail.insert("lane".into(), lane.to_owned());
    act.detail.insert("state_seq".into(), to.to_string());
    act.detail.insert("acts".into(), settled.len().to_string());
    acts.push(act);
    Ok(settled.len())
}

fn dead(lane: &str, item: &Item, failure: &Failure, now: i64) -> Act {
    let mut act = Act {
        act: "collect.dead".into(),
        at: now,
        actor: Actor::node(),
        object: Some(item.certificate_id.clone()),
        outcome: failure.code.clone(),
        ..Act::default()
    };
    act.detail.insert("lane".into(), lane.to_owned());
    act.detail.insert("state_seq".into(), item.state_seq.to_string());
    act.detail.insert("origin".into(), failure.origin.to_string());
    act
}

/// The sender of the event behind a dead letter hears of it (`domain.md`, "Records and events").
fn told(
    session: &mut Session,
    lane: &str,
    item: &Item,
    why: &Why,
    now: i64,
) -> Result<Vec<ResultRow>, NodeError> {
    let seq = item.state_seq;
    let body = serde_json::json!({
        "lane": lane, "state_seq": seq, "origin": why.origin.number(), "code": why.code, "why": why.text,
    });
    let line = |(source, event_id, _)| ResultRow {
        seq: 0,
        source,
        event_id,
        certificate_id: Some(item.certificate_id.clone()),
        what: "collect.refused".into(),
        body: body.to_string(),
        recorded_at: now,
    };
    Ok(collect::events(session, &item.certificate_id, (seq, seq))?.into_iter().map(line).collect())
}
