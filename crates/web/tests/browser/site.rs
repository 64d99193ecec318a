//! A node with certificates, accounts and holders, on a socket of its own.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use gm::sm2::SecretKey;
use gm::{KeyProvider, SoftwareKeys};
use node::audit::Actor;
use node::operator::{NewOperator, Warrant};
use tokio::sync::oneshot;
use web::{App, Limits, NodeKey, Setup};

use crate::driver::Browser;
use crate::support::{NOW, World, first_issues, sqlite, submitted};

/// Password of every account here.
pub const PASSWORD: &str = "yanshi-2026-lu";

/// The machine's time: the browser has no other.
#[allow(clippy::disallowed_methods, reason = "the browser beside it goes by the machine's clock")]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("a clock").as_micros()).expect("a time")
}

/// The running node.
pub struct Site {
    pub app: App,
    pub root: String,
    pub world: World,
    /// 证照标识 of the certificates, in the order of their issue.
    pub identifiers: Vec<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    /// With so many certificates, one officer (`zhifa001`) and one clerk (`chuangkou1`).
    pub fn start(certificates: usize) -> Self {
        let world = sqlite();
        let province = Arc::clone(&world.province);
        let events: Vec<_> = first_issues(certificates).into_iter().map(submitted).collect();
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
            };
            province.operator_add(new, PASSWORD, &by, Warrant::BreakGlass("测试"), NOW).expect("an account");
        }
        let mut keys = SoftwareKeys::new();
        keys.insert("node", SecretKey::from_bytes(&[7; 32]).expect("a key"));
        let app = App::new(Setup {
            province,
            clock: Arc::new(now),
            receiver: None,
            node_key: Some(NodeKey {
                id: "demo-99-1".into(),
                key: keys.signing_key("node").expect("it").into(),
            }),
            limits: Limits::default(),
            metrics: Vec::new(),
        })
        .expect("the app");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let root = format!("http://{}", listener.local_addr().expect("its address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let ours = app.clone();
        let thread = std::thread::spawn(move || {
            web::run(ours, listener, 2, async {
                let _ = stopped.await;
            })
            .expect("a server");
        });
        Self { app, root, world, identifiers, stop: Some(stop), thread: Some(thread) }
    }

    /// Signs an operator in.
    pub fn sign_in(&self, browser: &Browser, account: &str) {
        browser.open(&format!("{}/sign-in", self.root));
        browser.find("#account").write(account);
        browser.find("#password").write(PASSWORD);
        browser.find("main button").click();
        browser.wait("return location.pathname !== '/sign-in'");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
