//! What a page asks for and a worker does: comparisons and repairs, which take longer than a request may.
//!
//! The wish is a row, so that a process that dies loses nothing: whoever runs next finds it and begins anew. One process at a time
//! works for a lane (lease `reconcile/<lane>`).

use std::sync::Arc;

use store::rows::lease;
use store::rows::reconcile::order::{self, OrderRow};

use super::compare::{Comparison, Depth};
use super::protocol::{PeerTree, Question, Reply};
use super::run::Summary;
use crate::audit::{self, Act, Actor};
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// How long a worker may be silent before another process takes over, microseconds.
const LEASE: i64 = 60_000_000;
/// How often progress is written, microseconds.
const TELL: i64 = 1_000_000;

/// What somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A comparison.
    Run(Depth),
    /// The repair of a run.
    Repair(String),
}

/// A wish that is not fulfilled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Lane of the outbox whose destination is meant.
    pub lane: String,
    /// What is to be done.
    pub wish: Wish,
    /// Who asked.
    pub actor: Actor,
    /// Microseconds UTC.
    pub asked_at: i64,
}

impl Wish {
    fn slug(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Repair(_) => "repair",
        }
    }
}

impl Order {
    fn read(row: OrderRow) -> Result<Self, NodeError> {
        let wish = match row.run_id {
            Some(run) => Wish::Repair(run),
            None if row.depth == "leaves" => Wish::Run(Depth::Leaves),
            None => Wish::Run(Depth::Sums),
        };
        Ok(Self {
            wish, actor: parse(&row.actor, "对账申请人")?, lane: row.lane, asked_at: row.asked_at
        })
    }
}

/// Makes the way to the other side of a lane for whoever asked.
pub type Connect<'a> = dyn FnMut(&Order) -> Result<Box<dyn PeerTree + 'a>, NodeError> + 'a;

impl Province {
    /// Asks for a comparison with the destination of a lane, or for the repair of a run of it; a worker does it soon
    /// ([`Province::reconcile_work`]).
    ///
    /// # Errors
    /// An unknown lane or run, a run that was not finished, the same wish again before it is fulfilled; a database that cannot be
    /// written.
    pub fn reconcile_ask(&self, lane: &str, wish: &Wish, actor: &Actor, now: i64) -> Result<(), NodeError> {
        if !self.lanes.iter().any(|known| known == lane) {
            let known = self.lanes.join("、");
            return Err(NodeError::refused(
                format!("没有名为“{lane}”的归集目标"),
                format!("请从已配置的目标中选择：{known}"),
            ));
        }
        let (run_id, depth) = match wish {
            Wish::Run(depth) => (None, if *depth == Depth::Leaves { "leaves" } else { "sums" }),
            Wish::Repair(id) => {
                self.repairable(id)?;
                (Some(id.clone()), "sums")
            }
        };
        let row = OrderRow {
            lane: lane.to_owned(),
            what: wish.slug().into(),
            run_id,
            depth: depth.into(),
            actor: json(actor)?,
            asked_at: now,
        };
        let mut act = Act {
            act: format!("reconcile.{}", row.what),
            at: now,
            actor: actor.clone(),
            outcome: "asked".into(),
            ..Act::default()
        };
        act.detail.insert("lane".into(), row.lane.clone());
        act.detail.extend(row.run_id.iter().map(|run| ("run".to_owned(), run.clone())));
        let id = self.new_id(now);
        self.store.write(move |session| {
            if !order::ask(session, &row)? {
                return Err(NodeError::refused("已有同样的申请正在等待或执行", "请等它完成后再申请"));
            }
            Ok(audit::append(session, id.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// What was asked for and is not done yet, oldest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn reconcile_orders(&self) -> Result<Vec<Order>, NodeError> {
        self.store.read(order::all)?.into_iter().map(Order::read).collect()
    }

    /// Does the oldest thing that was asked for of a lane; false when there is nothing to do, or somebody else is at it. `clock`
    /// gives microseconds UTC, `owner` names this process.
    ///
    /// # Errors
    /// What the work itself says; it is not tried again then, for the run is on record as interrupted with its cause.
    pub fn reconcile_work(
        self: &Arc<Self>,
        lane: &str,
        owner: &str,
        connect: &mut Connect<'_>,
        clock: &dyn Fn() -> i64,
    ) -> Result<bool, NodeError> {
        let Some(order) = self.reconcile_orders()?.into_iter().find(|one| one.lane == lane) else {
            return Ok(false);
        };
        let now = clock();
        if !self.reconcile_lease(lane, owner, now)? {
            return Ok(false);
        }
        let done = match &order.wish {
            Wish::Run(depth) => {
                let mut peer = Watched {
                    province: self,
                    order: &order,
                    owner,
                    connect,
                    clock,
                    peer: None,
                    told: 0,
                    seen: Comparison::default(),
                };
                self.reconcile_run(lane, &mut peer, *depth, &order.actor, now).map(|_| ())
            }
            Wish::Repair(run) => self.reconcile_repair(run, &order.actor, now).map(|_| ()),
        };
        // What our own rows could not do is tried again; anything else is on record as the end of this run.
        let is_over = !matches!(done, Err(NodeError::Store(_)));
        let (lane, owner, what) = (lane.to_owned(), owner.to_owned(), order.wish.slug());
        self.store.write(move |session| -> Result<(), NodeError> {
            if is_over {
                order::fulfil(session, &lane, what, order.asked_at)?;
            }
            Ok(lease::release(session, &lease_of(&lane), &owner)?)
        })?;
        done.map(|()| true)
    }

    fn reconcile_lease(&self, lane: &str, owner: &str, now: i64) -> Result<bool, NodeError> {
        let (key, owner) = (lease_of(lane), owner.to_owned());
        Ok(self.store.write(move |session| lease::take(session, &key, &owner, now, now + LEASE))?)
    }
}

fn lease_of(lane: &str) -> String {
    format!("reconcile/{lane}")
}

/// The other side, called only once the run is on record, with its progress written down between the messages.
struct Watched<'a, 'c, 'p> {
    province: &'a Province,
    order: &'a Order,
    owner: &'a str,
    connect: &'c mut Connect<'p>,
    clock: &'a dyn Fn() -> i64,
    peer: Option<Box<dyn PeerTree + 'p>>,
    told: i64,
    seen: Comparison,
}

impl PeerTree for Watched<'_, '_, '_> {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        let peer = match &mut self.peer {
            Some(peer) => peer,
            None => self.peer.insert((self.connect)(self.order)?),
        };
        let reply = peer.ask(question)?;
        let now = (self.clock)();
        if self.seen.messages == 0
            && let Reply::Children { lists } = &reply
        {
            self.seen.theirs = lists.iter().flatten().map(|child| child.leaves).fold(0, u64::saturating_add);
        }
        self.seen.messages += 1;
        if let Reply::Leaves { lists } = &reply {
            self.seen.compared += lists.iter().map(Vec::len).sum::<usize>() as u64;
        }
        if now - self.told >= TELL {
            self.told = now;
            self.tell(now)?;
        }
        Ok(reply)
    }
}

impl Watched<'_, '_, '_> {
    fn tell(&self, now: i64) -> Result<(), NodeError> {
        let lane = &self.order.lane;
        if !self.province.reconcile_lease(lane, self.owner, now)? {
            return Err(NodeError::refused("另一进程接手了对账", "请等它完成"));
        }
        let summary = json(&Summary { comparison: self.seen.clone(), ..Summary::default() })?;
        let lane = lane.clone();
        Ok(self.province.store.write(move |session| order::progress(session, &lane, &summary))?)
    }
}
