//! Whom a serving node asks about certificates that its register does not have.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use link::http::Timeouts;
use node::Province;
use node::client::Role as PeerRole;
use node::keys::NodeKeys;
use node::verify::{Chain, Elsewhere, Holdings, Neighbours};

use crate::config::{Config, Role};
use crate::{machine, workers};

/// An officer stands at the roadside: a node that takes longer is as good as away. The ministry must be able to give up on a
/// province, and say so, before the asking province gives up on the ministry.
const ISSUER: Timeouts = Timeouts { connect: Duration::from_secs(1), read: Duration::from_secs(2) };
const MINISTRY: Timeouts = Timeouts { connect: Duration::from_secs(1), read: Duration::from_secs(4) };

/// Those who are asked, in their order: a province asks its ministry, the ministry the issuing province and then what it holds.
/// The ministry is the enrolled peer of that role; the address of an HTTP lane to it goes before the enrolled one.
pub fn chain(config: &Config, province: &Arc<Province>, keys: &Arc<NodeKeys>) -> Chain {
    let lanes = config.lanes.iter().filter_map(|lane| Some((lane.peer.clone()?, lane.address.clone()?)));
    let addresses: BTreeMap<String, String> = lanes.collect();
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
    chain.into()
}
