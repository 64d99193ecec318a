//! The other nodes of a serving node: whom it asks about certificates that its register does not have, who witnesses its log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use link::http::{Client, HttpError, Timeouts};
use link::sign::Person;
use node::audit::{CHECKPOINTS, Declined, NOT_CONTINUED, NamedKey, WitnessAnswer, WitnessRequest};
use node::client::Role as PeerRole;
use node::keys::NodeKeys;
use node::verify::{Chain, Elsewhere, Holdings, Neighbours};
use node::{NodeError, Province};

use crate::config::{Config, Role};
use crate::{machine, workers};

/// An officer stands at the roadside: a node that takes longer is as good as away. The ministry must be able to give up on a
/// province, and say so, before the asking province gives up on the ministry.
const ISSUER: Timeouts = Timeouts { connect: Duration::from_secs(1), read: Duration::from_secs(2) };
const MINISTRY: Timeouts = Timeouts { connect: Duration::from_secs(1), read: Duration::from_secs(4) };

/// Those who are asked, in their order: a province asks its ministry, the ministry the issuing province and then what it holds.
/// The ministry is the enrolled peer of that role; the address of an HTTP lane to it goes before the enrolled one.
pub fn chain(config: &Config, province: &Arc<Province>, keys: &Arc<NodeKeys>) -> Chain {
    let addresses = addresses(config);
    let (node, keys) = (province.id.clone(), Arc::clone(keys));
    let connect = Box::new(move |peer: &node::client::PeerEntry, address: &str| {
        let timeouts = if peer.role == PeerRole::Ministry { MINISTRY } else { ISSUER };
        workers::client(
            &node,
            &keys,
            address,
            (&peer.id, &peer.certificate),
            timeouts,
            Box::new(machine::now),
        )
    });
    let nodes = Neighbours::new(Arc::clone(province), addresses, connect, Box::new(machine::micros));
    let mut chain: Vec<Arc<dyn Elsewhere>> = vec![Arc::new(nodes)];
    if config.node.role == Role::Ministry {
        chain.push(Arc::new(Holdings(Arc::clone(province))));
    }
    chain.push(Arc::new(node::pack::Packs(Arc::clone(province))));
    chain.into()
}

/// Addresses that lanes give for their peers.
fn addresses(config: &Config) -> BTreeMap<String, String> {
    let lanes = config.lanes.iter().filter_map(|lane| Some((lane.peer.clone()?, lane.address.clone()?)));
    lanes.collect()
}

/// A checkpoint that waits for its witness may wait; a refusal is no news before somebody has looked.
const WITNESS: Timeouts = Timeouts { connect: Duration::from_secs(3), read: Duration::from_secs(20) };
/// Microseconds between two requests after a refusal.
const REFUSED: i64 = 10 * 60 * 1_000_000;

/// Has this node's checkpoints witnessed by its ministry.
pub struct Witnessing {
    config: Config,
    province: Arc<Province>,
    keys: Arc<NodeKeys>,
    /// Size that was witnessed last in this process; at start the witness is always asked: the database may have been put back.
    done: Option<u64>,
    not_before: i64,
}

impl Witnessing {
    /// Of a province's node.
    pub fn new(config: &Config, province: &Arc<Province>, keys: &Arc<NodeKeys>) -> Self {
        let (province, keys) = (Arc::clone(province), Arc::clone(keys));
        Self { config: config.clone(), province, keys, done: None, not_before: 0 }
    }

    /// Asks if there is something new. Without an enrolled ministry and its log certificate there is no witness; `doctor` says so.
    ///
    /// # Errors
    /// The witness is away, or refuses: the alarm is raised then.
    pub fn once(&mut self, now: i64) -> Result<(), NodeError> {
        let last = self.province.audit_log().last_checkpoint()?.map(|last| last.checkpoint().size);
        if last.is_none() || last == self.done || now < self.not_before {
            return Ok(());
        }
        let Some((id, Some(witness))) = self.province.witness_key()? else { return Ok(()) };
        let own =
            NamedKey { name: self.province.id.clone(), key: self.keys.log_certificate.public_key().clone() };
        let client = self.client(&id)?;
        let done = self.province.witness_once(&[own, witness], |request| send(&client, request), now);
        if let Err(NodeError::Forked { .. }) = &done {
            self.not_before = now + REFUSED;
        }
        self.done = done?;
        Ok(())
    }

    fn client(&self, id: &str) -> Result<Client, NodeError> {
        let known = self.province.peer_list()?.into_iter().find(|one| one.id == id);
        let refused =
            |what: String| NodeError::Refused { what, fix: "请核对部级节点的登记地址".into() };
        let peer = known.ok_or_else(|| refused(format!("没有登记节点“{id}”")))?;
        let address = addresses(&self.config).remove(id).unwrap_or_else(|| peer.address.clone());
        let made = workers::client(
            &self.province.id,
            &self.keys,
            &address,
            (id, &peer.certificate),
            WITNESS,
            Box::new(machine::now),
        );
        made.map_err(|error| refused(error.to_string()))
    }
}

fn send(client: &Client, request: &WitnessRequest) -> Result<WitnessAnswer, Declined> {
    let other = |what: String| {
        Declined::Other(NodeError::Refused { what, fix: "会自动再次请求见证".into() })
    };
    let body = serde_json::to_vec(request).map_err(|error| other(error.to_string()))?;
    match client.post(CHECKPOINTS, &Person::default(), "application/json", &body) {
        Ok(answer) => serde_json::from_slice(&answer.body).map_err(|error| other(error.to_string())),
        // Only the witness itself can raise the alarm: its refusal bears its receipt.
        Err(HttpError::Refused { problem, proven: true, .. })
            if problem.code.as_deref() == Some(NOT_CONTINUED) =>
        {
            Err(Declined::Forked(problem.detail.unwrap_or(problem.title)))
        }
        Err(error) => Err(other(error.to_string())),
    }
}
