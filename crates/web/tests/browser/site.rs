//! A node with certificates, accounts and holders, on a socket of its own.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use node::audit::Actor;
use node::deliver::{ContactChange, Notice, Notifier, NotifyError};
use node::keys::{KeyFolder, NodeKeys};
use node::operator::{NewOperator, Warrant};
use node::pack::PackOrder;
use tokio::sync::oneshot;
use web::{App, Limits, NodeKey, Setup};

use crate::support::{NOW, World, first_issues, sqlite, submitted};
use testbed::Browser;

/// Password of every account here.
pub const PASSWORD: &str = "yanshi-2026-lu";

/// The machine's time: the browser has no other.
#[allow(clippy::disallowed_methods, reason = "the browser beside it goes by the machine's clock")]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("a clock").as_micros()).expect("a time")
}

/// Keeps what holders are told.
#[derive(Default)]
pub struct Told(std::sync::Mutex<Vec<Notice>>);

impl Notifier for Told {
    fn channel(&self) -> &str {
        "file"
    }

    fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        self.0.lock().expect("no panic before").push(notice.clone());
        Ok(())
    }
}

/// The running node.
pub struct Site {
    pub app: App,
    pub root: String,
    pub world: World,
    /// 证照标识 of the certificates, in the order of their issue.
    pub identifiers: Vec<String>,
    /// Their plates; empty for those of people and companies.
    pub plates: Vec<String>,
    /// Name and document number of their holders.
    pub holders: Vec<(String, String)>,
    keys: NodeKeys,
    address: SocketAddr,
    running: Mutex<Option<Running>>,
}

/// A server until it is dropped.
struct Running {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn over(app: &App, listener: TcpListener) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let ours = app.clone();
        let thread = std::thread::spawn(move || {
            web::run(ours, listener, 2, async {
                let _ = stopped.await;
            })
            .expect("a server");
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Site {
    /// With so many certificates, one officer (`zhifa001`) and one clerk (`chuangkou1`).
    pub fn start(certificates: usize) -> Self {
        let world = sqlite();
        let province = Arc::clone(&world.province);
        let events = first_issues(certificates);
        let plates = events.iter().map(|event| text(event, "KZ_CLHP")).collect();
        let holders = events.iter().map(|event| (text(event, "CZZT"), text(event, "CZZTDM"))).collect();
        let events: Vec<_> = events.into_iter().map(submitted).collect();
        let answers = province.accept(events, NOW);
        let identifiers = answers.iter().filter_map(|answer| answer.identifier.clone()).collect();
        let by = Actor { client: "cli".into(), operator: Some("管理员一".into()), ..Actor::default() };
        for (name, person, role, areas) in
            [("zhifa001", "赵路平", "执法", "*"), ("chuangkou1", "钱窗", "窗口经办", "9901")]
        {
            let new = NewOperator {
                name: name.into(),
                person: person.into(),
                unit: "演示市交通运输综合行政执法支队".into(),
                staff_no: "99010001".into(),
                role: role.into(),
                areas: vec![areas.into()],
                kinds: vec!["*".into()],
            };
            province.operator_add(new, PASSWORD, &by, Warrant::BreakGlass("测试"), NOW).expect("an account");
        }
        let folder = KeyFolder::open(&world.folder.0.join("keys")).expect("the key folder");
        let keys = folder.node_keys("test-passphrase").expect("the node's keys");
        let app = App::new(Setup {
            province,
            clock: Arc::new(now),
            receiver: None,
            node_key: Some(NodeKey { id: "demo-99".into(), key: Arc::clone(&keys.node) }),
            limits: Limits::default(),
            metrics: Vec::new(),
        })
        .expect("the app");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = listener.local_addr().expect("its address");
        let root = format!("http://{address}");
        let running = Mutex::new(Some(Running::over(&app, listener)));
        Self { app, root, world, identifiers, plates, holders, keys, address, running }
    }

    /// Signs an operator in, and waits for the page's script.
    pub fn sign_in(&self, browser: &Browser, account: &str) {
        self.sign_in_plain(browser, account);
        browser.wait("return location.pathname !== '/sign-in'");
    }

    /// Signs an operator in where there is no script.
    pub fn sign_in_plain(&self, browser: &Browser, account: &str) {
        browser.open(&format!("{}/sign-in", self.root));
        browser.find("#account").write(account);
        browser.find("#password").write(PASSWORD);
        browser.find("main button").click();
    }
}

impl Site {
    /// The node is gone: pages and service workers reach nothing.
    pub fn cut(&self) {
        drop(self.running.lock().expect("no panic before").take());
    }

    /// It is there again, at the same address.
    pub fn back(&self) {
        let listener = TcpListener::bind(self.address).expect("the same socket");
        *self.running.lock().expect("no panic before") = Some(Running::over(&self.app, listener));
    }

    /// Makes a pack of what stands now.
    pub fn make_pack(&self) {
        let by = Actor::node();
        let order = PackOrder {
            key: &*self.keys.node,
            certificate: &self.keys.certificate,
            max_age: 3 * 86_400,
            actor: &by,
        };
        self.world.province.pack_build(&order, now()).expect("a pack");
    }

    /// A further pack that speaks of so many certificates: 95 of 100 in their usual state, the others over nine states.
    pub fn make_large_pack(&self, count: usize) {
        self.make_pack();
        let province = &self.world.province;
        let mut pack = province.pack_open("99", 1).expect("the rows").expect("the first pack");
        let (own, versions) = (pack.columns.states.clone(), pack.columns.versions.clone());
        let usual = own[own.len() - 1];
        let mut code = pack.states.iter().map(|state| state.code).max().unwrap_or(0);
        while pack.states.len() < 10 {
            code += 1;
            let held = proof::PackState { code, ..pack.states[usize::from(usual)].clone() };
            pack.states.push(held);
        }
        let mut random = 7u32;
        let mut draw = |most: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % most
        };
        pack.columns.states = (0..count)
            .map(|at| match own.get(at) {
                Some(state) => *state,
                None if draw(100) < 95 => usual,
                None => draw(10) as u8,
            })
            .collect();
        pack.columns.versions = (0..count)
            .map(|at| versions.get(at).copied().unwrap_or(if draw(100) < 88 { 1 } else { 2 }))
            .collect();
        for (state, version) in pack.columns.states.iter().zip(&mut pack.columns.versions) {
            // An index without a certificate has no version.
            if pack.states[usize::from(*state)].base.is_empty() {
                *version = 0;
            }
        }
        pack.number = 2;
        let file = pack.encode(&*self.keys.node).expect("a pack");
        let row = store::rows::pack::PackRow {
            province: "99".into(),
            number: 2,
            made_at: pack.made_at,
            count: count as i64,
            digest: pack.digest().expect("a digest"),
            sm3: "0".repeat(64),
            bytes: file.len() as i64,
            recorded_at: now(),
        };
        let text = gm::base64::encode(&file);
        province
            .store
            .write(move |session| store::rows::pack::insert(session, &row, &text))
            .expect("it is kept");
    }

    /// Signs the holder of a certificate in: with name, number and the code that was sent to the phone.
    pub fn sign_in_holder(&self, browser: &Browser, certificate: usize) {
        let (name, number) = &self.holders[certificate];
        let change = ContactChange {
            name: name.clone(),
            number: number.clone(),
            phone: "13800009999".into(),
            proof: "核对身份证件原件，本人到场".into(),
        };
        let by = Actor { client: "cli".into(), operator: Some("经办一".into()), ..Actor::default() };
        self.world
            .province
            .contact_change(&change, (&node::certificate::Within::all(), &by), now())
            .expect("a phone");
        browser.open(&format!("{}/sign-in/holder", self.root));
        browser.find("#name").write(name);
        browser.find("#number").write(number);
        browser.find("main button").click();
        browser.awaited("#code");
        let told = Told::default();
        self.world.province.deliver_tell(&told, "test", now()).expect("it is told");
        let notices = told.0.into_inner().expect("no panic before");
        let notice = notices.iter().find(|one| one.what == "code").expect("a code was sent");
        let digits: String = notice.text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect();
        browser.find("#code").write(&digits);
        browser.find("main button").click();
        browser.wait("return location.pathname === '/holder'");
    }
}

/// An item of an event's face.
fn text(event: &node::lifecycle::BusinessEvent, item: &str) -> String {
    let record = event.record.as_ref().expect("a record");
    match record.face.get(item) {
        Some(model::FaceValue::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
