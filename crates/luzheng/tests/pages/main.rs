//! The pages as the demo serves them, in a real Chromium: every page of every role, and the five-minute story end to end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../stage/mod.rs"]
mod stage;
mod story;
mod walk;

use serde::Deserialize;
use stage::{Demo, Folder};
use testbed::Browser;
use walk::Walk;

/// What the demo writes of its sign-ins.
#[derive(Deserialize)]
struct SignIns {
    client: Vec<Client>,
    operator: Vec<Operator>,
    holder: Vec<Holder>,
}

#[derive(Deserialize)]
struct Client {
    id: String,
    secret: String,
}

#[derive(Deserialize)]
struct Operator {
    node: String,
    role: String,
    account: String,
    password: String,
}

#[derive(Deserialize)]
struct Holder {
    node: String,
    name: String,
    number: String,
}

/// The running demo, with a browser in front of it.
struct Stage {
    demo: Demo,
    folder: Folder,
    sign_ins: SignIns,
    browser: Browser,
}

impl Stage {
    fn set() -> Self {
        let folder = Folder::new("pages");
        let demo = Demo::start(&folder.0);
        let text = std::fs::read_to_string(folder.0.join("sign-ins.toml")).unwrap();
        Self { demo, folder, sign_ins: toml::from_str(&text).unwrap(), browser: Browser::start(&[]) }
    }

    /// `http://host:port` of a node.
    fn root(&self, node: &str) -> String {
        let name = ["部级节点", "演示省节点", "试验省节点"]
            [["demo-00", "demo-99", "demo-98"].iter().position(|&id| id == node).unwrap()];
        let line = self.demo.said.lines().find(|line| line.starts_with(name)).unwrap();
        let url = line.split('　').nth(1).unwrap();
        url.trim_end_matches('/').to_owned()
    }

    /// Whoever was signed in before is not any more: the nodes share a host, so they share the cookie.
    fn leave(&self) {
        self.browser.devtools("Network.clearBrowserCookies", &serde_json::json!({}));
    }

    /// Signs in an account of this role.
    fn operator(&self, node: &str, role: &str) {
        self.leave();
        let one = self.sign_ins.operator.iter().find(|one| one.node == node && one.role == role).unwrap();
        self.browser.open(&format!("{}/sign-in", self.root(node)));
        self.browser.find("#account").write(&one.account);
        self.browser.find("#password").write(&one.password);
        self.browser.find("form[action='/sign-in'] button").click();
        self.browser.wait("return !location.pathname.startsWith('/sign-in')");
    }

    /// Signs in a holder with the code that the demo's notifier wrote into its folder.
    fn holder(&self, node: &str, name: &str, number: &str) {
        self.leave();
        let notices = self.folder.0.join(&node[5..]).join("notices");
        let before = codes(&notices);
        self.browser.open(&format!("{}/sign-in/holder", self.root(node)));
        self.browser.find("#name").write(name);
        self.browser.find("#number").write(number);
        self.browser.find("form[action='/sign-in/holder'] button").click();
        self.browser.awaited("#code");
        let code = (0..200).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            codes(&notices).into_iter().find(|code| !before.contains(code))
        });
        self.browser.find("#code").write(&code.unwrap().1);
        self.browser.find("form[action='/sign-in/holder/code'] button").click();
        self.browser.wait("return location.pathname.startsWith('/holder')");
    }
}

/// One-time codes that were sent, with their times.
fn codes(folder: &std::path::Path) -> Vec<(i64, String)> {
    let mut codes = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for notice in text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
            if notice["what"] == "code" {
                let words = notice["text"].as_str().unwrap_or_default();
                let digits = words.chars().skip_while(|one| !one.is_ascii_digit()).take(6).collect();
                codes.push((notice["at"].as_i64().unwrap_or_default(), digits));
            }
        }
    }
    codes
}

#[test]
fn every_page_holds_and_the_story_is_seen() {
    let stage = Stage::set();
    story::tell(&stage);
    let mut walk = Walk::new(&stage.browser);
    stage.leave();
    stage.browser.open(&stage.root("demo-99"));
    walk.go("不登录");
    for one in stage.sign_ins.operator.iter().filter(|one| one.node != "demo-98") {
        stage.operator(&one.node, &one.role);
        walk.go(&one.role);
    }
    for one in stage.sign_ins.holder.iter().filter(|one| one.node == "demo-99").take(2) {
        stage.holder(&one.node, &one.name, &one.number);
        walk.go("持证主体");
    }
    println!("{} pages looked at", walk.looked);
    assert!(walk.faults.is_empty(), "{}", walk.faults.join("\n"));
    stage.demo.stop();
}
