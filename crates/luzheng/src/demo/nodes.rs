//! The three nodes of the demo: started, enrolled at each other, stopped.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use link::http::{Client, Sources, Timeouts};
use link::sign::{HmacKey, Signer};
use node::Province;
use node::audit::Actor;
use node::client::{NewClient, NewPeer, Right, Role};
use tokio::sync::oneshot;

use super::clock::DemoClock;
use super::folder::{ClientNote, Folder};
use super::told;
use crate::cli::Failure;
use crate::cli::serve::{listen, open_with};
use crate::config::Config;
use crate::machine::{self, Stop};
use crate::running::Running;

/// One node of the demo.
pub struct Spec {
    /// Id among nodes.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// First two digits of its area codes; empty for the ministry.
    pub area: &'static str,
    /// Name on its seal.
    pub authority: &'static str,
    /// That authority's USCC.
    pub uscc: &'static str,
    /// Its folder below the demo's.
    pub folder: &'static str,
    /// Added to the port base.
    port: u16,
    /// Whose certificates the ministry takes from it.
    issuers: &'static [&'static str],
}

/// Place of the ministry among [`SPECS`].
pub const MINISTRY: usize = 0;
/// Place of 演示省.
pub const DEMO: usize = 1;
/// Place of 试验省.
pub const TRIAL: usize = 2;

/// The ministry first: the others' keys come under its root, and they deliver to it.
pub const SPECS: [Spec; 3] = [
    Spec {
        id: "demo-00",
        name: "部级节点",
        area: "",
        authority: "演示部",
        uscc: "11970000MB0000000A",
        folder: "00",
        port: 0,
        issuers: &[],
    },
    Spec {
        id: "demo-99",
        name: "演示省节点",
        area: "99",
        authority: "演示省交通运输厅",
        uscc: "11990000MB0000000J",
        folder: "99",
        port: 9,
        // 甲演市一区 is missing on purpose: what it issues is refused there, and somebody has to see to it.
        issuers: &["990000", "990100", "990200"],
    },
    Spec {
        id: "demo-98",
        name: "试验省节点",
        area: "98",
        authority: "试验省交通运输厅",
        uscc: "11980000MB0000000E",
        folder: "98",
        port: 8,
        issuers: &["98"],
    },
];

/// The authority that the ministry has not enrolled.
pub const NOT_ENROLLED: &str = "11990101MB0000101Y";

/// A node of the demo, running.
pub struct Node {
    /// What it is.
    pub spec: &'static Spec,
    /// Its configuration.
    pub config: Config,
    /// The node.
    pub running: Running,
}

impl Node {
    /// `http://host:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.running.address)
    }
}

/// All three.
pub struct Nodes {
    list: Vec<Node>,
    ended: oneshot::Receiver<()>,
    stop: Arc<AtomicBool>,
    tellers: Vec<JoinHandle<()>>,
}

impl Nodes {
    /// Starts them on ports from `base` on, or on free ones (0), on the demo's clock and without background work.
    ///
    /// # Errors
    /// A port that is taken; a folder that cannot be opened.
    pub fn start(folder: &Folder, base: u16, clock: &DemoClock) -> Result<Self, Failure> {
        let mut listeners: Vec<TcpListener> = Vec::new();
        for spec in &SPECS {
            let port = if base == 0 { 0 } else { base.saturating_add(spec.port) };
            listeners.push(listen(&format!("127.0.0.1:{port}"))?);
        }
        let ministry = listeners[MINISTRY].local_addr()?.to_string();
        let passphrase = folder.passphrase()?;
        let (ended, over) = machine::ending();
        // Whichever ends first.
        let ended = Arc::new(Mutex::new(Some(ended)));
        let mut list = Vec::new();
        for (spec, listener) in SPECS.iter().zip(listeners) {
            let address = listener.local_addr()?.to_string();
            let config = folder.configure(spec, &address, &ministry)?;
            let opened = open_with(&config, &passphrase, true, clock.now())?;
            let ended = Arc::clone(&ended);
            let tell = move || {
                let first = ended.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(tell) = first {
                    tell();
                }
            };
            let running = Running::start(&config, opened, listener, clock.shared(), tell)?;
            list.push(Node { spec, config, running });
        }
        Ok(Self { list, ended: over, stop: Arc::default(), tellers: Vec::new() })
    }

    /// One of them: [`MINISTRY`], [`DEMO`] or [`TRIAL`].
    pub fn at(&self, place: usize) -> &Node {
        &self.list[place]
    }

    /// All of them, the ministry first.
    pub fn iter(&self) -> impl Iterator<Item = &Node> {
        self.list.iter()
    }

    /// The provinces.
    pub fn provinces(&self) -> [&Node; 2] {
        [&self.list[DEMO], &self.list[TRIAL]]
    }

    /// Enrols each at the others and makes the API clients.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn enrol(&self, now: i64) -> Result<Vec<ClientNote>, Failure> {
        let operator = operator("系统管理员");
        let ministry = self.at(MINISTRY);
        for province in self.provinces() {
            enrol(&ministry.running.province, province, Role::Province, &operator, now)?;
            enrol(&province.running.province, ministry, Role::Ministry, &operator, now)?;
        }
        let mut clients = Vec::new();
        for province in self.provinces() {
            let area = province.spec.area;
            let business = ["lifecycle", "verify", "sandbox", "lifecycle.read_personal"];
            clients.push(client(province, ("yunzheng", area), "运政系统", &business, now)?);
            let officer = ["verify.read", "verify.read_personal"];
            clients.push(client(province, ("zhifa", area), "执法终端", &officer, now)?);
        }
        let reader = ["verify.read", "reconcile.read", "audit.read"];
        clients.push(client(ministry, ("bu", "00"), "核查终端", &reader, now)?);
        Ok(clients)
    }

    /// Starts the background work of all, and the telling of holders.
    ///
    /// # Errors
    /// A lane that cannot be made.
    pub fn work(&mut self, folder: &Folder) -> Result<(), Failure> {
        self.list.iter_mut().try_for_each(|node| node.running.work(&node.config))?;
        for node in &self.list[DEMO..] {
            self.tellers.push(told::start(folder, node, &self.stop)?);
        }
        Ok(())
    }

    /// Waits until somebody stops the process or a node ends by itself; then stops all.
    ///
    /// # Errors
    /// A node that did not end well.
    pub fn wait(mut self, stop: Stop) -> Result<(), Failure> {
        let (_, never) = oneshot::channel();
        stop.wait(std::mem::replace(&mut self.ended, never));
        say!("正在停止……");
        self.stop()?;
        say!("已停止。数据都在；再次运行同一命令即可继续。");
        Ok(())
    }

    /// Stops all, at the same time.
    ///
    /// # Errors
    /// A node that did not end well.
    pub fn stop(mut self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        for teller in self.tellers.drain(..) {
            let _ = teller.join();
        }
        self.list.iter_mut().for_each(|node| node.running.halt());
        self.list.into_iter().try_for_each(|node| node.running.stop())
    }
}

/// Enrols a node at another one.
///
/// # Errors
/// A database that cannot be written.
pub fn enrol(
    province: &Province,
    other: &Node,
    role: Role,
    operator: &Actor,
    now: i64,
) -> Result<(), Failure> {
    let new = NewPeer {
        id: Some(other.spec.id.to_owned()),
        role,
        name: other.spec.authority.to_owned(),
        address: other.url(),
        certificate: other.running.keys.certificate.as_der().to_vec(),
        issuers: other.spec.issuers.iter().map(|&issuer| issuer.to_owned()).collect(),
        rights: None,
    };
    let chains = &province.verifier.trust().chains;
    let id = province.peer_add(new, chains, operator, now)?;
    Ok(province.peer_log(&id, other.running.keys.log_certificate.as_der(), chains, operator, now)?)
}

fn client(
    node: &Node,
    (word, area): (&str, &str),
    name: &str,
    rights: &[&str],
    now: i64,
) -> Result<ClientNote, Failure> {
    let new = NewClient {
        id: Some(format!("{word}-{area}")),
        name: format!("{}{name}", node.spec.name.trim_end_matches("节点")),
        source: SOURCE.to_owned(),
        rights: rights.iter().map(|right| right.parse::<Right>()).collect::<Result<_, _>>()?,
        callback: None,
    };
    let full = new.name.clone();
    let issued = node.running.province.client_add(new, &operator("系统管理员"), now)?;
    Ok(ClientNote {
        node: node.spec.id.to_owned(),
        id: issued.id,
        name: full,
        secret: issued.secret.to_string(),
    })
}

/// The business system's name: its events and the results that it reads.
pub const SOURCE: &str = "运政";

/// Somebody who acts.
pub fn operator(name: &str) -> Actor {
    Actor { client: "cli".into(), operator: Some(name.to_owned()), ..Actor::default() }
}

/// A client of a node, as an outside system has it.
///
/// # Errors
/// A secret that is damaged.
pub fn http_client(node: &Node, note: &ClientNote) -> Result<Client, Failure> {
    let byte = |at: usize| note.secret.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Option<Vec<u8>> = (0..note.secret.len()).step_by(2).map(byte).collect();
    let key = bytes.and_then(|bytes| HmacKey::new(&bytes).ok());
    let key = key.ok_or_else(|| format!("客户端“{}”的密钥已损坏；请用 --fresh 重新开始", note.id))?;
    let signer = Signer::hmac(&note.id, key).map_err(|error| error.to_string())?;
    let sources = Sources { now: Box::new(machine::now), random: Box::new(machine::sixteen) };
    let timeouts = Timeouts { connect: Duration::from_secs(5), read: Duration::from_secs(30) };
    Client::new(&node.url(), signer, timeouts, sources, None).map_err(|error| Failure(error.to_string()))
}
