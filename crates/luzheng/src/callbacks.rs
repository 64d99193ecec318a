//! Results pushed to clients: one thread a client, so that one that does not answer holds up nobody else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use link::http::{Client, HttpError, Sources, Timeouts};
use link::sign::Person;
use node::callback::{Pushed, Refusal, split_address};
use node::client::ClientEntry;
use node::keys::NodeKeys;
use node::{NodeError, Province};

use crate::cli::serve::pause;
use crate::{machine, workers};

/// How often new clients, and a client's results, are looked for.
const CLIENTS: Duration = Duration::from_secs(2);
const RESULTS: Duration = Duration::from_millis(500);
const PATIENCE: Timeouts = Timeouts { connect: Duration::from_secs(3), read: Duration::from_secs(10) };

/// Starts the thread that looks after the threads of the clients. These are not waited for at the end: what was not acknowledged comes
/// again after the next start.
pub fn start(
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
    owner: &str,
    stop: &Arc<AtomicBool>,
) -> JoinHandle<()> {
    let (province, keys) = (Arc::clone(province), Arc::clone(keys));
    let (owner, stop) = (owner.to_owned(), Arc::clone(stop));
    std::thread::spawn(move || {
        let mut running: BTreeMap<String, JoinHandle<()>> = BTreeMap::new();
        while !stop.load(Ordering::Relaxed) {
            running.retain(|_, thread| !thread.is_finished());
            let clients = province.client_list().unwrap_or_default();
            for one in clients.into_iter().filter(|one| one.active && one.callback.is_some()) {
                if !running.contains_key(&one.id) {
                    let (id, own) = (one.id.clone(), (Arc::clone(&province), Arc::clone(&keys)));
                    let (owner, stop) = (owner.clone(), Arc::clone(&stop));
                    running.insert(id, std::thread::spawn(move || serve(&own.0, &own.1, one, &owner, &stop)));
                }
            }
            pause(&stop, CLIENTS);
        }
    })
}

/// Pushes to one client until it is disabled or changed, or the node stops.
fn serve(province: &Province, keys: &NodeKeys, client: ClientEntry, owner: &str, stop: &AtomicBool) {
    let way = way(province, keys, &client);
    if let Err(why) = &way {
        eprintln!("结果回调“{}”：{why}", client.id);
    }
    while !stop.load(Ordering::Relaxed) {
        let now = machine::micros();
        let known = province.client_list().unwrap_or_default().into_iter().find(|one| one.id == client.id);
        if known.is_some_and(|one| one != client) {
            // Disabled, or it has another address or other rights: a new thread begins with those.
            return;
        }
        let post = |body: &[u8]| match &way {
            Ok((http, target)) => post(http, target, body),
            Err(why) => Err(Refusal { cause: why.to_string(), retry_after: None }),
        };
        match province.callback_once(&client, owner, post, now) {
            Ok(Pushed::Taken(_, true)) => {}
            Ok(_) => pause(stop, RESULTS),
            Err(error) => {
                eprintln!("结果回调“{}”：{error}", client.id);
                pause(stop, CLIENTS);
            }
        }
    }
}

/// A client of its address, under our node key, for this receiver alone. Its connections stay open; redirects are not followed.
fn way(province: &Province, keys: &NodeKeys, client: &ClientEntry) -> Result<(Client, String), NodeError> {
    let (base, target) = split_address(client.callback.as_deref().unwrap_or_default())?;
    let refused = |error: HttpError| NodeError::Refused {
        what: error.to_string(),
        fix: "请停用该客户端，以正确的地址重新登记".into(),
    };
    let signer = workers::signer(&province.id, keys, &client.id).map_err(refused)?;
    let sources = Sources { now: Box::new(machine::now), random: Box::new(machine::sixteen) };
    // It answers to nobody's receipt: a 2xx says that it has them.
    Ok((Client::new(&base, signer, PATIENCE, sources, None).map_err(refused)?, target))
}

fn post(http: &Client, target: &str, body: &[u8]) -> Result<(), Refusal> {
    let done = http.post(target, &Person::default(), "application/json", body);
    done.map(drop).map_err(|error| Refusal { cause: error.to_string(), retry_after: error.retry_after() })
}
