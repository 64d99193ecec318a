//! Offline packs of a serving node: its own made anew from time to time, other provinces' fetched.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;

use link::http::{Fetched, Timeouts, fetch};
use node::audit::Actor;
use node::keys::NodeKeys;
use node::pack::PackOrder;
use node::{NodeError, Province};

use crate::config::{Config, PackSource, Packs, Role};
use crate::machine;
use crate::workers::every;

/// How often it is looked whether a pack is due, and whether another process took one in.
const LOOK: Duration = Duration::from_secs(10);
/// How often other provinces' packs are asked for; an unchanged one costs a few bytes.
const FETCH: Duration = Duration::from_secs(60);
/// The largest pack that is fetched.
const MOST: u64 = 16 << 20;
const MINUTE: i64 = 60;

/// Starts the threads.
pub fn start(
    config: &Config,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
    stop: &Arc<AtomicBool>,
) -> Vec<JoinHandle<()>> {
    let mut threads = Vec::new();
    {
        let (province, keys, packs) = (Arc::clone(province), Arc::clone(keys), config.pack.clone());
        let builds = config.node.role == Role::Province && packs.every_minutes > 0;
        threads.push(every(stop, LOOK, "离线数据包", move || {
            province.pack_refresh()?;
            if builds {
                build_when_due(&province, &keys, &packs)?;
            }
            Ok(false)
        }));
    }
    for source in &config.pack_sources {
        let (province, source) = (Arc::clone(province), source.clone());
        threads.push(every(stop, FETCH, "外省离线数据包", move || {
            take(&province, &source)?;
            Ok(false)
        }));
    }
    threads
}

fn build_when_due(province: &Province, keys: &NodeKeys, packs: &Packs) -> Result<(), NodeError> {
    let newest = province.pack_list()?.into_iter().rfind(|row| row.province == province.area);
    let due = newest.map_or(0, |row| row.made_at + i64::from(packs.every_minutes) * MINUTE);
    if machine::now() >= due {
        let actor = Actor::node();
        province.pack_build(&order(keys, packs, &actor), machine::micros())?;
    }
    Ok(())
}

/// How a node makes its packs.
pub fn order<'a>(keys: &'a NodeKeys, packs: &Packs, actor: &'a Actor) -> PackOrder<'a> {
    let max_age = packs.max_age_hours.saturating_mul(3600);
    PackOrder { key: &*keys.node, certificate: &keys.certificate, max_age, actor }
}

fn take(province: &Province, source: &PackSource) -> Result<(), NodeError> {
    let held = province.pack_list()?.into_iter().rfind(|row| row.province == source.province);
    let url =
        format!("{}/api/v1/pack/current?province={}", source.address.trim_end_matches('/'), source.province);
    let timeouts = Timeouts { connect: Duration::from_secs(5), read: Duration::from_secs(60) };
    let refused = |what: String| NodeError::Refused { what, fix: "稍后会自动重试".into() };
    match fetch(&url, held.as_ref().map(|row| row.sm3.as_str()), MOST, timeouts).map_err(refused)? {
        Fetched::File(file) => province.pack_import(&file, &Actor::node(), machine::micros()).map(|_| ()),
        Fetched::Same | Fetched::None => Ok(()),
    }
}
