//! A server on a socket of its own, with a clock that the test sets, and a client that signs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::JoinHandle;

use gm::sm2::SecretKey;
use gm::{KeyProvider, SoftwareKeys};
use link::problem::Problem;
use link::sign::{HmacKey, Outgoing, Person, Signer};
use node::audit::Actor;
use node::client::NewClient;
use serde_json::Value;
use tokio::sync::oneshot;
use web::{App, Limits, NodeKey, Setup};

use crate::support::{NOW, SECOND, World, sqlite};

static NONCE: AtomicU64 = AtomicU64::new(0);

/// A running server.
pub struct Server {
    pub app: App,
    pub clock: Arc<AtomicI64>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    pub world: Option<World>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub fn problem(&self) -> Problem {
        let problem = Problem::parse(&self.body).expect("a problem document");
        assert!(self.header("content-type").contains("application/problem+json"), "{}", self.head);
        assert_eq!(problem.status, self.status);
        assert!(problem.fix.is_some() && problem.detail.is_some(), "{problem:?}");
        problem
    }

    pub fn code(&self) -> String {
        self.problem().code.expect("a code")
    }

    pub fn header(&self, name: &str) -> String {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':')).map_or(String::new(), |(_, value)| value.trim().to_owned())
    }
}

/// The node key of the tests.
pub fn node_key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).expect("a key")
}

pub fn setup(world: &World, clock: &Arc<AtomicI64>, limits: Limits) -> Setup {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", node_key());
    let clock = Arc::clone(clock);
    Setup {
        province: Arc::clone(&world.province),
        clock: Arc::new(move || clock.load(Ordering::SeqCst)),
        receiver: None,
        node_key: Some(NodeKey { id: "demo-99-1".into(), key: keys.signing_key("node").expect("it").into() }),
        limits,
        metrics: Vec::new(),
    }
}

impl Server {
    pub fn start() -> Self {
        Self::over(sqlite(), Limits::default())
    }

    pub fn over(world: World, limits: Limits) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let made = setup(&world, &clock, limits);
        Self::of(world, clock, made)
    }

    /// Of a setup that a test has changed.
    pub fn of(world: World, clock: Arc<AtomicI64>, made: Setup) -> Self {
        let app = App::new(made).expect("the app");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = listener.local_addr().expect("its address");
        let (stop, stopped) = oneshot::channel::<()>();
        let ours = app.clone();
        let thread = std::thread::spawn(move || {
            web::run(ours, listener, 2, async {
                let _ = stopped.await;
            })
            .expect("a server");
        });
        Self { app, clock, address, stop: Some(stop), thread: Some(thread), world: Some(world) }
    }

    /// Its address, for a browser.
    #[allow(dead_code, reason = "the pages' tests use it")]
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops the server; the world stays.
    pub fn stop(mut self) -> World {
        self.end();
        self.world.take().expect("the world")
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("a clean end");
        }
    }

    /// Time goes on, so that changes to clients are seen.
    pub fn tick(&self) {
        self.clock.fetch_add(2 * SECOND, Ordering::SeqCst);
    }

    /// A client with these rights, and its signer.
    pub fn client(&self, id: &str, rights: &[&str]) -> Client<'_> {
        self.client_and_key(id, rights).0
    }

    /// The same, and its secret.
    pub fn client_and_key(&self, id: &str, rights: &[&str]) -> (Client<'_>, HmacKey) {
        let new = NewClient {
            id: Some(id.into()),
            name: "演示运政系统".into(),
            source: "运政".into(),
            rights: rights.iter().map(|text| text.parse().expect("a right")).collect(),
            callback: None,
        };
        let province = &self.app.province;
        let issued = province.client_add(new, &admin(), NOW).expect("a client");
        self.tick();
        let key = HmacKey::new(&unhex(&issued.secret)).expect("a key");
        let signer = Signer::hmac(&issued.id, key.clone()).expect("a signer");
        (Client { server: self, signer, person: Person::default() }, key)
    }

    /// Sends a request as it is.
    pub fn send(&self, method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> Got {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).expect("the head goes out");
        // A refusal may come before the body is read.
        let _ = stream.write_all(body);
        read_answer(stream)
    }

    /// Without a signature.
    pub fn bare(&self, method: &str, target: &str, body: &[u8]) -> Got {
        self.send(method, target, &[], body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Signs and sends.
pub struct Client<'s> {
    pub server: &'s Server,
    pub signer: Signer,
    pub person: Person,
}

impl Client<'_> {
    pub fn get(&self, target: &str) -> Got {
        self.send("GET", target, b"")
    }

    pub fn post(&self, target: &str, body: impl AsRef<[u8]>) -> Got {
        self.send("POST", target, body.as_ref())
    }

    pub fn send(&self, method: &str, target: &str, body: &[u8]) -> Got {
        self.server.send(method, target, &self.headers(method, target, body), body)
    }

    pub fn headers(&self, method: &str, target: &str, body: &[u8]) -> Vec<(String, String)> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let nonce = format!("{:022}", NONCE.fetch_add(1, Ordering::SeqCst));
        let time = self.server.clock.load(Ordering::SeqCst) / SECOND;
        let signed = self.signer.sign(&Outgoing {
            method,
            path,
            query,
            body,
            time,
            nonce: &nonce,
            person: &self.person,
        });
        let headers = signed.expect("a signed request").headers;
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// What a process of the tests says it runs with.
#[allow(dead_code, reason = "the pages' tests use it")]
pub fn installation(keys: &std::path::Path, log: gm::x509::Certificate) -> web::Installation {
    let setting =
        |name: &str, value: &str, origin| web::Setting { name: name.into(), value: value.into(), origin };
    web::Installation {
        program: "0.6.0".into(),
        started_at: NOW,
        file: Some("node.toml".into()),
        config: vec![
            setting("node.id", "demo-99", "配置文件"),
            setting("store.url", "postgres://luzheng:******@10.0.0.5/luzheng", "环境变量"),
            setting("limits.events", "1000", "缺省"),
        ],
        keys: keys.to_owned(),
        log,
        drops: Vec::new(),
    }
}

/// Whoever gives rights.
pub fn admin() -> Actor {
    Actor { client: "cli".into(), operator: Some("管理员一".into()), ..Actor::default() }
}

/// Every right there is for a business system.
pub const ALL: &[&str] = &["deliver", "lifecycle", "lifecycle.read_personal", "sandbox.lint", "verify"];

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("hex"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
}

fn read_answer(stream: TcpStream) -> Got {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).expect("a line") == 0 || line == "\r\n" {
            break;
        }
        head += &line;
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut body = Vec::new();
    reader.read_to_end(&mut body).expect("a body");
    Got { status, head, body }
}
