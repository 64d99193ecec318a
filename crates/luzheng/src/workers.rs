//! What a serving node does beside answering: sequence the audit log, collect, watch for outages, turn the day.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use gm::x509::Certificate;
use link::files::{DiskFolder, FieldMap};
use link::http::{Client, HttpError, Peer, ReceiptKey, Sources, Timeouts};
use link::sign::{Person, SignError, Signer, VerifyingKey};
use node::audit::Actor;
use node::collect::{FilesTransport, HttpTransport, Transport};
use node::deliver::{FileNotifier, HttpNotifier, Notifier};
use node::keys::NodeKeys;
use node::reconcile::{HttpPeer, OWN, Order, PeerTree, Question, Reply, fold};
use node::{NodeError, Province};

use crate::cli::Failure;
use crate::cli::serve::pause;
use crate::config::{Config, Lane, Notify, Role};
use crate::neighbours::Witnessing;
use crate::{callbacks, machine};

/// How often each kind of work looks around.
const SEQUENCE: Duration = Duration::from_millis(200);
const COLLECT: Duration = Duration::from_millis(200);
const TICK: Duration = Duration::from_secs(10);
const CHECKPOINT: Duration = Duration::from_secs(10);
const DROP: Duration = Duration::from_secs(5);
const TELL: Duration = Duration::from_millis(500);
const TEND: Duration = Duration::from_secs(120);
const DUTY: Duration = Duration::from_secs(300);
const TALLY: Duration = Duration::from_secs(3600);
const WINDOW: Duration = Duration::from_secs(1);
/// Somebody stands at the window and waits for the sheet.
const PRINT: Duration = Duration::from_millis(200);
/// The party of an outage that is our own planned maintenance.
const MAINTENANCE: &str = "维护";
/// Intents older than this belong to a process that is gone (`domain.md`: doctor lists them after 10 minutes).
const STALE: i64 = 10 * 60 * 1_000_000;
/// A confirmed emergency act that is not settled after this long was cut short.
const CLAIMED: i64 = 60 * 1_000_000;
/// The largest file that a drop folder may hold.
const DROP_LIMIT: u64 = 1 << 30;

/// Starts the background work of a node; each thread ends soon after `stop`.
pub fn start(
    config: &Config,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
    stop: &Arc<AtomicBool>,
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let owner = format!("{}-{}", config.node.id, std::process::id());
    let mut threads = Vec::new();
    {
        let (province, owner) = (Arc::clone(province), owner.clone());
        threads.push(every(stop, SEQUENCE, "审计日志排序", move || {
            let done = province.audit_log().sequence(&owner, machine::micros())?;
            // A full batch means that more waits.
            Ok(done.more)
        }));
    }
    {
        let (province, keys) = (Arc::clone(province), Arc::clone(keys));
        threads.push(every(stop, CHECKPOINT, "审计日志检查点", move || {
            province.audit_log().checkpoint(&*keys.log, machine::micros())?;
            Ok(false)
        }));
    }
    {
        let province = Arc::clone(province);
        threads.push(every(stop, TICK, "中断时钟", move || {
            let now = machine::micros();
            province.outage_tick(now)?;
            let day = province.new_day(now);
            // A day that is stuck holds up no recovery.
            province.recover(now - STALE, now)?;
            day?;
            Ok(false)
        }));
    }
    {
        let (province, is_ministry) = (Arc::clone(province), config.node.role == Role::Ministry);
        threads.push(every(stop, TICK, "对账摘要", move || {
            fold(&province.store, OWN)?;
            if is_ministry {
                for peer in province.peer_list()? {
                    fold(&province.store, &peer.id)?;
                }
            }
            Ok(false)
        }));
    }
    if config.node.role == Role::Province {
        let mut witnessing = Witnessing::new(config, province, keys);
        threads.push(every(stop, CHECKPOINT, "审计检查点见证", move || {
            witnessing.once(machine::micros())?;
            Ok(false)
        }));
        for lane in &config.lanes {
            let transport = transport(lane, province, keys)?;
            let (province, name, owner) = (Arc::clone(province), lane.name.clone(), owner.clone());
            let reconciling = (Arc::clone(&province), Arc::clone(keys), lane.clone(), owner.clone());
            threads.push(every(stop, WINDOW, "对账", move || {
                let (province, keys, lane, owner) = &reconciling;
                let mut connect = |order: &Order| reconciled(order, lane, province, keys);
                province.reconcile_work(&lane.name, owner, &mut connect, &machine::micros)
            }));
            threads.push(every(stop, COLLECT, "归集", move || {
                let sent = province.collect_once(&name, &*transport, &owner, machine::micros())?;
                Ok(sent.leased > 0)
            }));
        }
    }
    threads.extend(crate::packs::start(config, province, keys, stop));
    threads.push(callbacks::start(province, keys, &owner, stop));
    if config.node.role == Role::Province {
        let (province, owner) = (Arc::clone(province), owner.clone());
        threads.push(every(stop, WINDOW, "批量导入", move || {
            province.batch_work(&owner, machine::micros())
        }));
    }
    if config.node.role == Role::Province {
        let province = Arc::clone(province);
        threads.push(every(stop, TICK, "应急办理", move || {
            let now = machine::micros();
            province.manual_work(now - CLAIMED, now)?;
            Ok(false)
        }));
    }
    if config.node.role == Role::Province {
        let (province, owner) = (Arc::clone(province), owner.clone());
        threads
            .push(every(stop, PRINT, "批量打印", move || province.print_work(&owner, machine::micros())));
    }
    if config.node.role == Role::Province {
        holders(config, province, keys, stop, &owner, &mut threads)?;
    }
    if config.node.role == Role::Province {
        let (counted, ending) = (province, Arc::clone(stop));
        let province = Arc::clone(province);
        threads.push(every(stop, WINDOW, "存量转化", move || {
            province.convert_work(&machine::micros, &|| ending.load(Ordering::Relaxed))
        }));
        let province = Arc::clone(counted);
        threads.push(every(stop, TICK, "转化统计", move || {
            province.convert_count(&machine::micros)?;
            Ok(false)
        }));
    }
    for one in &config.drops {
        let (province, one) = (Arc::clone(province), one.clone());
        let map = one.map.as_deref().map(field_map).transpose()?;
        threads.push(every(stop, DROP, "投放目录", move || {
            let actor = Actor { client: one.source.clone(), ..Actor::default() };
            let taken = province.intake_folder(&one.folder, map.as_ref(), &actor, machine::micros())?;
            match taken.failed.first() {
                Some((name, why)) => Err(NodeError::Refused {
                    what: format!("批次“{name}”：{why}"),
                    fix: "改正后会自动重试".into(),
                }),
                None => Ok(false),
            }
        }));
    }
    Ok(threads)
}

/// Tells holders, and tidies up behind sign-ins and shown codes.
fn holders(
    config: &Config,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
    stop: &Arc<AtomicBool>,
    owner: &str,
    threads: &mut Vec<JoinHandle<()>>,
) -> Result<(), Failure> {
    if let Some(notifier) = notifier(&config.notify, province, keys)? {
        let (province, owner) = (Arc::clone(province), owner.to_owned());
        threads.push(every(stop, TELL, "通知持证人", move || {
            let told = province.deliver_tell(&*notifier, &owner, machine::micros())?;
            Ok(told.done + told.dead > 0)
        }));
    }
    {
        let province = Arc::clone(province);
        threads.push(every(stop, DUTY, "责任登记册", move || {
            province.duty_check(machine::micros())?;
            Ok(false)
        }));
    }
    {
        let province = Arc::clone(province);
        threads.push(every(stop, TALLY, "密钥使用次数", move || {
            province.keys_tally(machine::micros())?;
            Ok(false)
        }));
    }
    let province = Arc::clone(province);
    threads.push(every(stop, TEND, "送达整理", move || {
        let now = machine::micros();
        province.deliver_tend(now)?;
        province.share_prune(now)?;
        Ok(false)
    }));
    Ok(())
}

/// The way to holders that the configuration names.
fn notifier(
    notify: &Notify,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
) -> Result<Option<Box<dyn Notifier>>, Failure> {
    if let Some(folder) = &notify.folder {
        return Ok(Some(Box::new(FileNotifier::new(folder.clone())?)));
    }
    let (Some(address), Some(path), Some(peer)) = (&notify.address, &notify.path, &notify.peer) else {
        return Ok(None);
    };
    let signer = Signer::sm2(&province.id, Box::new(NodeSigner(Arc::clone(&keys.node))), peer);
    let sources = Sources { now: Box::new(machine::now), random: Box::new(machine::sixteen) };
    let timeouts = Timeouts { connect: Duration::from_secs(3), read: Duration::from_secs(10) };
    // A gateway is no node of ours and has no certificate here: its 2xx is what counts.
    let client = Client::new(address, signer.map_err(|error| error.to_string())?, timeouts, sources, None)
        .map_err(|error| Failure(error.to_string()))?;
    Ok(Some(Box::new(HttpNotifier::new(client, path.clone()))))
}

fn field_map(path: &Path) -> Result<FieldMap, Failure> {
    Ok(FieldMap::parse(&std::fs::read_to_string(path)?).map_err(|error| error.to_string())?)
}

/// Runs `work` again and again: at once while there is more, else after a pause. An error is told once and tried again.
pub fn every(
    stop: &Arc<AtomicBool>,
    time: Duration,
    what: &'static str,
    mut work: impl FnMut() -> Result<bool, NodeError> + Send + 'static,
) -> JoinHandle<()> {
    let stop = Arc::clone(stop);
    std::thread::spawn(move || {
        let mut told = String::new();
        while !stop.load(Ordering::Relaxed) {
            match work() {
                Ok(true) => continue,
                Ok(false) => told.clear(),
                Err(error) => {
                    let text = error.to_string();
                    if told != text {
                        eprintln!("{what}：{text}");
                        told = text;
                    }
                }
            }
            pause(&stop, time);
        }
    })
}

/// The way to a destination.
fn transport(
    lane: &Lane,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
) -> Result<Box<dyn Transport>, Failure> {
    if let Some(folder) = &lane.folder {
        let folder = DiskFolder::open(folder, DROP_LIMIT).map_err(|error| error.to_string())?;
        // `Config::check` has seen to it that a folder has its map.
        let map = field_map(lane.map.as_deref().unwrap_or(Path::new("")))?;
        return Ok(Box::new(FilesTransport::new(Box::new(folder), map, Peer::Ministry)));
    }
    Ok(Box::new(HttpTransport::new(client_of(lane, province, keys, machine::now)?, Peer::Ministry)))
}

/// The tree at the end of a lane, asked in the name of whoever wanted the comparison.
struct LanePeer {
    client: Client,
    person: Person,
}

impl PeerTree for LanePeer {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        HttpPeer { client: &self.client, person: self.person.clone() }.ask(question)
    }
}

fn reconciled(
    order: &Order,
    lane: &Lane,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
) -> Result<Box<dyn PeerTree>, NodeError> {
    let refused = |what: String, fix: &str| NodeError::Refused { what, fix: fix.into() };
    if lane.address.is_none() {
        let what = format!("归集目标“{}”是文件目录，没有可询问的接口", lane.name);
        return Err(refused(what, "请向对方索取清单后按清单对账"));
    }
    let client = client_of(lane, province, keys, machine::now)
        .map_err(|error| refused(error.0, "恢复后请重新对账"))?;
    let person = Person { operator: order.actor.operator.clone(), ..Person::default() };
    Ok(Box::new(LanePeer { client, person }))
}

/// How long deliveries and comparisons may take.
const PATIENT: Timeouts = Timeouts { connect: Duration::from_secs(5), read: Duration::from_secs(60) };

/// A client of the node at the end of a lane. `now` gives Unix seconds.
pub fn client_of(
    lane: &Lane,
    province: &Arc<Province>,
    keys: &Arc<NodeKeys>,
    now: impl Fn() -> i64 + Send + Sync + 'static,
) -> Result<Client, Failure> {
    let (address, peer) = (lane.address.clone().unwrap_or_default(), lane.peer.clone().unwrap_or_default());
    let known = province.peer_list()?.into_iter().find(|one| one.id == peer).ok_or_else(|| {
        format!("归集通道“{}”的对方节点“{peer}”没有登记；请先用 luzheng peer add 登记它的节点证书", lane.name)
    })?;
    let made = client(&province.id, keys, &address, (&peer, &known.certificate), PATIENT, Box::new(now));
    made.map_err(|error| Failure(error.to_string()))
}

/// A client that speaks to another node under this node's key and believes only its receipts.
pub fn client(
    node: &str,
    keys: &NodeKeys,
    address: &str,
    (peer, certificate): (&str, &Certificate),
    timeouts: Timeouts,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
) -> Result<Client, HttpError> {
    let receipt =
        ReceiptKey { id: peer.to_owned(), key: VerifyingKey::Sm2(certificate.public_key().clone()) };
    let sources = Sources { now, random: Box::new(machine::sixteen) };
    Client::new(address, signer(node, keys, peer)?, timeouts, sources, Some(receipt))
}

/// Signs requests of this node to a receiver.
pub fn signer(node: &str, keys: &NodeKeys, receiver: &str) -> Result<Signer, HttpError> {
    let signer = Signer::sm2(node, Box::new(NodeSigner(Arc::clone(&keys.node))), receiver);
    signer.map_err(|error| HttpError::Sign(SignError::Request(error)))
}

/// The node's key, shared.
struct NodeSigner(Arc<dyn gm::SigningKey>);

impl gm::SigningKey for NodeSigner {
    fn public_key(&self) -> &gm::sm2::PublicKey {
        self.0.public_key()
    }

    fn sign_digest(&self, e: &[u8; 32]) -> Result<gm::sm2::Signature, gm::GmError> {
        self.0.sign_digest(e)
    }

    fn label(&self) -> &str {
        self.0.label()
    }
}

/// Opens and closes the planned maintenance windows (`outage open --leg in --party 维护 --until …`) of a serving node: while one is
/// open, requests are answered with 503 and its end.
pub fn maintenance(province: &Arc<Province>, app: &web::App, stop: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (province, app) = (Arc::clone(province), app.clone());
    every(stop, WINDOW, "维护时段", move || {
        let now = machine::micros();
        let records = province.outage_list(i64::MAX, 200)?;
        let open = records.into_iter().find(|one| {
            one.party == MAINTENANCE
                && one.kind == "planned"
                && one.started_at <= now
                && one.ended_at.is_some_and(|end| now < end)
        });
        let window = open.and_then(|one| Some(web::Maintenance { until: one.ended_at?, why: one.cause }));
        if app.maintenance() != window {
            app.set_maintenance(window);
        }
        Ok(false)
    })
}

/// The node's own figures for `/metrics`.
pub fn metrics(config: &Config, province: &Arc<Province>) -> Box<dyn Fn() -> String + Send + Sync> {
    let lanes: Vec<String> = config.lanes.iter().map(|lane| lane.name.clone()).collect();
    let province = Arc::clone(province);
    Box::new(move || {
        let now = machine::micros();
        let status: Vec<_> =
            lanes.iter().filter_map(|lane| province.collect_status(lane, now).ok()).collect();
        let log = province.audit_log().metrics(now).unwrap_or_default();
        let duty = province.duty_metrics(now).unwrap_or_default();
        format!("{}{log}{duty}", node::collect::metrics(&status))
    })
}
