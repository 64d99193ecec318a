//! The province's side: leasing what is due, bringing it over, settling it by its receipt.

use std::sync::Arc;

use link::http::{Origin, Peer};
use store::rows::collect::{self, Item};

use super::settle::{Fate, Settled, Why};
use super::{
    ALONE_AFTER, BATCH, Delivery, DeliveryReceipt, LEASE, MESSAGE_BYTES, Outcome, Transport, TransportError,
};
use crate::issue::each;
use crate::{NodeError, Province};

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Certificates whose turn it was.
    pub leased: usize,
    /// Acts that are through.
    pub done: usize,
    /// Certificates that are tried again later.
    pub later: usize,
    /// New dead letters.
    pub dead: usize,
    /// Messages sent.
    pub messages: usize,
}

/// A leased item with what is to be sent for it.
pub(super) struct Pair {
    pub item: Item,
    pub delivery: Delivery,
}

impl Province {
    /// One round of a lane: leases up to [`BATCH`] certificates that are due, sends them, settles each by its receipt. `owner`
    /// names the worker, `now` is microseconds UTC. Call it again at once while [`Sent::leased`] is not 0.
    ///
    /// # Errors
    /// A database that does not work. What the destination says, or does not say, is no error: it stands in the rows.
    pub fn collect_once(
        self: &Arc<Self>,
        lane: &str,
        transport: &dyn Transport,
        owner: &str,
        now: i64,
    ) -> Result<Sent, NodeError> {
        let items = self.lease_items(lane, owner, now)?;
        let mut sent = Sent { leased: items.len(), ..Sent::default() };
        let built = each(self.threads, items, |item| {
            let delivery = self.delivery(&item, now);
            (item, delivery)
        });
        let (mut ready, mut broken) = (Vec::new(), Vec::new());
        for (item, delivery) in built {
            match delivery {
                Ok(delivery) => ready.push(Pair { item, delivery }),
                Err(error) => broken.push((item, error.to_string())),
            }
        }
        if !broken.is_empty() {
            let own =
                |(item, error)| Settled::failed(item, Why::new(Origin::Own, "OWN", error), Fate::LaterOrDead);
            sent.add(self.settle(lane, owner, None, broken.into_iter().map(own).collect(), now)?);
        }
        let mut silent: Option<TransportError> = None;
        for message in messages(ready) {
            if let Some(error) = &silent {
                // It does not answer: the rest would only wait for the same.
                let rest = message.into_iter().map(|pair| failed(pair, error, false)).collect();
                sent.add(self.settle(lane, owner, None, rest, now)?);
            } else {
                silent = self.exchange((lane, owner), transport, message, now, &mut sent)?;
            }
        }
        Ok(sent)
    }

    fn lease_items(self: &Arc<Self>, lane: &str, owner: &str, now: i64) -> Result<Vec<Item>, NodeError> {
        let (lane, owner) = (lane.to_owned(), owner.to_owned());
        let until = now.saturating_add(LEASE);
        self.store.write(move |session| {
            Ok::<_, NodeError>(collect::lease(session, &lane, &owner, (now, until), BATCH as u32)?)
        })
    }

    /// Sends one message and settles it; gives the error back when the destination did not answer.
    fn exchange(
        self: &Arc<Self>,
        (lane, owner): (&str, &str),
        transport: &dyn Transport,
        message: Vec<Pair>,
        now: i64,
        sent: &mut Sent,
    ) -> Result<Option<TransportError>, NodeError> {
        let (items, deliveries): (Vec<Item>, Vec<Delivery>) =
            message.into_iter().map(|pair| (pair.item, pair.delivery)).unzip();
        sent.messages += 1;
        let answer = transport.send(&deliveries);
        let pairs: Vec<Pair> =
            items.into_iter().zip(deliveries).map(|(item, delivery)| Pair { item, delivery }).collect();
        match answer {
            Ok(receipts) => {
                let peer = origin(transport.peer());
                let settled = pairs.into_iter().map(|pair| judge(pair, &receipts, peer)).collect();
                sent.add(self.settle(lane, owner, Some(true), settled, now)?);
                Ok(None)
            }
            // The message as a whole is refused: which of them is it? Each alone, so that one does not take all along.
            Err(error) if !error.may_pass && pairs.len() > 1 => {
                for pair in pairs {
                    self.exchange((lane, owner), transport, vec![pair], now, sent)?;
                }
                Ok(None)
            }
            Err(error) => {
                let alone = pairs.len() == 1;
                let settled = pairs.into_iter().map(|pair| failed(pair, &error, alone)).collect();
                sent.add(self.settle(lane, owner, Some(!error.may_pass), settled, now)?);
                Ok(error.may_pass.then_some(error))
            }
        }
    }
}

impl Sent {
    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.later += other.later;
        self.dead += other.dead;
    }
}

fn origin(peer: Peer) -> Origin {
    match peer {
        Peer::Ministry => Origin::Ministry,
        Peer::Province => Origin::Province,
    }
}

/// Messages of bounded size; what failed repeatedly travels alone, behind the others.
fn messages(ready: Vec<Pair>) -> Vec<Vec<Pair>> {
    let (alone, together): (Vec<Pair>, Vec<Pair>) =
        ready.into_iter().partition(|pair| pair.item.attempts >= ALONE_AFTER);
    let mut messages: Vec<Vec<Pair>> = Vec::new();
    let mut weight = MESSAGE_BYTES;
    for pair in together {
        let more = pair.delivery.weight();
        if weight + more > MESSAGE_BYTES {
            messages.push(Vec::new());
            weight = 0;
        }
        weight += more;
        if let Some(last) = messages.last_mut() {
            last.push(pair);
        }
    }
    messages.extend(alone.into_iter().map(|pair| vec![pair]));
    messages
}

/// What a receipt means for its item.
fn judge(pair: Pair, receipts: &[DeliveryReceipt], peer: Origin) -> Settled {
    let Pair { item, delivery } = pair;
    let found = receipts.iter().find(|receipt| {
        receipt.certificate == delivery.certificate && receipt.state_seq == delivery.state_seq
    });
    let Some(receipt) = found else {
        let why = Why::new(peer, "WAITING", "对方尚未答复；系统会自动再次查询".into());
        return Settled::failed(item, why, Fate::Later);
    };
    let words = |receipt: &DeliveryReceipt| format!("{}；{}", receipt.what, receipt.fix);
    let why = Why { receipt: Some(receipt.clone()), ..Why::new(peer, &receipt.code, words(receipt)) };
    match receipt.outcome {
        Outcome::Applied | Outcome::Already => Settled::done(item, &delivery, receipt.clone()),
        Outcome::Refused => Settled::failed(item, why, Fate::Dead),
        Outcome::OutOfOrder => Settled::failed(item, why, Fate::LaterOrDead),
        Outcome::NeedFile => {
            // Asked for the files at the first attempt without them: no fault of anybody's, so no pause.
            let had = delivery.files.iter().all(|file| file.content.is_some());
            Settled::failed(item, why, if had { Fate::LaterOrDead } else { Fate::AtOnce })
        }
    }
}

/// What a failed message means for one of its items. While its destination answers others, an item that failed too often on
/// its own is given up; while nobody gets an answer, nothing is.
fn failed(pair: Pair, error: &TransportError, alone: bool) -> Settled {
    let why =
        Why { retry_after: error.retry_after, ..Why::new(error.origin, &error.code, error.cause.clone()) };
    let fate = if !error.may_pass {
        Fate::Dead
    } else if alone && matches!(error.origin, Origin::Ministry | Origin::Province) {
        Fate::LaterOrDeadIfUp
    } else {
        Fate::Later
    };
    Settled::failed(pair.item, why, fate)
}
