//! Two provinces and the ministry as real processes, each at an address that it keeps when it is killed and started again.
#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::Path;
use std::time::Duration;

use codes::CertificateId;
use link::http::Client;
use link::sign::Person;
use node::keys::{KeyFolder, import_neighbour};
use proof::CodeRequest;
use serde_json::{Value, json};

use crate::nodes::{self, *};

/// Province demo-99 issues, province demo-98 checks, the ministry demo-00 stands between them.
pub struct Three {
    pub folder: Folder,
    /// Of home, ministry and the other province.
    addresses: [String; 3],
    pub ministry: Option<Node>,
    pub home: Option<Node>,
    pub away: Option<Node>,
    /// A business system at home, an officer's system elsewhere, one at the ministry.
    pub sender: Client,
    pub officer: Client,
    pub central: Client,
    pub events: Vec<Value>,
    pub identifiers: Vec<String>,
}

pub fn officer() -> Person {
    Person {
        operator: Some("执法员一".into()),
        unit: Some("试验省交通运输执法总队".into()),
        staff_no: Some("9801-007".into()),
        purpose: Some("路检".into()),
        case_no: None,
    }
}

pub fn add_client(config: &str, rights: &[&str]) -> String {
    let mut args = vec!["client", "add", "--config", config, "--operator", "管理员一", "--name", "系统"];
    args.extend(["--source", "运政"]);
    args.extend(rights.iter().flat_map(|right| ["--right", right]));
    text(&luzheng(&args))
}

impl Three {
    /// With so many certificates of the first province. `knows`: the other province has the first one's keys.
    pub fn start(name: &str, count: usize, knows: bool) -> Self {
        let folder = Folder(std::env::temp_dir().join(format!("luzheng-{name}-{}", std::process::id())));
        let at = &folder.0;
        std::fs::create_dir_all(at).unwrap();
        keys(at, "demo-99", ("演示省交通运输厅", "11990000MB0000000J"), None);
        keys(at, "demo-98", ("试验省交通运输厅", "11980000MB0000000E"), Some("demo-99"));
        keys(at, "demo-00", ("演示部", "11990000MB0000000J"), Some("demo-99"));
        let ministry_config = config(at, "demo-00", "ministry", "");
        let ministry = serve(at, "demo-00");
        let lane = format!(
            "[[lane]]\nname = \"ministry\"\naddress = \"{}\"\npeer = \"demo-00\"\n",
            ministry.address
        );
        let home_config = config(at, "demo-99", "province", &lane);
        enrol(at, &home_config, ("demo-00", "ministry", "http://127.0.0.1:1"), &[]);
        let sender = add_client(&home_config, &["lifecycle", "verify"]);
        let home = serve(at, "demo-99");
        let away_config = config(at, "demo-98", "province", "");
        // This province trusts its own keys; those of the other one only where the test says so.
        let own = std::fs::read_to_string(&away_config).unwrap();
        std::fs::write(&away_config, own.replace("trust = \"demo-99-keys\"", "trust = \"demo-98-keys\""))
            .unwrap();
        if knows {
            let mut folder = KeyFolder::open(&at.join("demo-98-keys")).unwrap();
            let other = KeyFolder::open(&at.join("demo-99-keys")).unwrap();
            import_neighbour(&mut folder, &other, "province-99", now()).unwrap();
        }
        enrol(at, &away_config, ("demo-00", "ministry", &ministry.address), &[]);
        enrol(at, &ministry_config, ("demo-99", "province", &home.address), &["--issuer", "99"]);
        enrol(at, &ministry_config, ("demo-98", "province", "http://127.0.0.1:1"), &["--issuer", "98"]);
        let officer = add_client(&away_config, &["verify"]);
        let central = add_client(&ministry_config, &["verify"]);
        let away = serve(at, "demo-98");
        let addresses = [&home, &ministry, &away].map(|node| node.address.clone());
        let mut three = Self {
            addresses,
            sender: client(&home.address, &sender),
            officer: client(&away.address, &officer),
            central: client(&ministry.address, &central),
            events: events(at, count),
            identifiers: Vec::new(),
            ministry: Some(ministry),
            home: Some(home),
            away: Some(away),
            folder,
        };
        // The ministry looks for new peers once a second.
        std::thread::sleep(Duration::from_millis(1100));
        let sent = json!(three.events).to_string();
        for result in three.send(&sent)["results"].as_array().unwrap() {
            three.identifiers.push(result["identifier"].as_str().unwrap().to_owned());
        }
        three
    }

    pub fn send(&self, body: &str) -> Value {
        let post = self.sender.post(
            "/api/v1/lifecycle/events",
            &Person::default(),
            "application/json",
            body.as_bytes(),
        );
        nodes::body(post)
    }

    /// Starts a node that is away, at the address that it had.
    pub fn start_again(&mut self, name: &str) {
        let (node, address) = match name {
            "demo-99" => (&mut self.home, &self.addresses[0]),
            "demo-00" => (&mut self.ministry, &self.addresses[1]),
            _ => (&mut self.away, &self.addresses[2]),
        };
        if node.is_none() {
            *node = Some(serve_at(&self.folder.0, name, address));
        }
    }

    /// An event of a certificate; `id` makes it another one.
    pub fn message(&self, number: usize, event: &str, id: usize) -> Value {
        json!({
            "event_id": format!("later-{id}"), "event": event, "subject_ref": self.events[number]["subject_ref"],
            "occurred_at": "2026-06-02T09:00:00+08:00", "effective_on": "2026-06-02",
            "decision": {"no": format!("演示决〔2026〕{id}号"), "date": "2026-06-02"},
        })
    }

    /// The codes on the faces of all certificates, with their places in the packs.
    pub fn codes(&self) -> Vec<String> {
        let at = &self.folder.0;
        let url = format!("sqlite:{}", at.join("demo-99/rows.db").display());
        let store = store::Store::open(&url, &store::Options::default()).unwrap();
        let keys = KeyFolder::open(&at.join("demo-99-keys")).unwrap().unlock(PASSPHRASE).unwrap();
        let code = |identifier: &String| {
            let found = store.read(|session| store::rows::certificate::by_identifier(session, identifier));
            let index = found.unwrap().unwrap().status_index.unwrap();
            keys.codes.content(&request(identifier, u32::try_from(index).unwrap())).unwrap()
        };
        self.identifiers.iter().map(code).collect()
    }

    /// The other province takes the first one's pack, with all that was issued so far.
    pub fn hand_over_pack(&self) {
        let config = |name: &str| self.folder.0.join(format!("{name}.toml")).to_str().unwrap().to_owned();
        let file = self.folder.0.join("99.lzpk").to_str().unwrap().to_owned();
        let by = ["--operator", "管理员一"];
        luzheng(&[&["pack", "build", "--config", &config("demo-99"), "--out", &file], &by[..]].concat());
        luzheng(&[&["pack", "import", "--config", &config("demo-98"), &file], &by[..]].concat());
    }

    pub fn end(&self, number: usize, event: &str) {
        let message = self.message(number, event, number);
        let answer = self.send(&message.to_string());
        assert!(answer.to_string().contains("\"applied\""), "{answer}");
    }

    pub fn collected(&self) {
        wait_collected(self.folder.0.join("demo-99.toml").to_str().unwrap());
    }
}

pub fn check(client: &Client, identifier: &str) -> Value {
    nodes::body(client.get(&format!("/api/v1/verify/{identifier}"), &officer()))["answers"][0].clone()
}

pub fn check_code(client: &Client, code: &str) -> Value {
    let scanned = json!({ "code": code }).to_string();
    let answer = client.post("/api/v1/verify/code", &officer(), "application/json", scanned.as_bytes());
    nodes::body(answer)["answers"][0].clone()
}

pub fn codes_of(answer: &Value) -> Vec<&str> {
    answer["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// The code on the face, as the issuer's key makes it.
pub fn code(folder: &Path, keys: &str, identifier: &str) -> String {
    let keys = KeyFolder::open(&folder.join(keys)).unwrap().unlock(PASSPHRASE).unwrap();
    keys.codes.content(&request(identifier, 1)).unwrap()
}

fn request(identifier: &str, status_index: u32) -> CodeRequest {
    CodeRequest {
        identifier: CertificateId::parse(identifier).unwrap(),
        status_index,
        issued: "2026-06-01".parse().unwrap(),
        valid_from: "2026-06-01".parse().unwrap(),
        valid_to: codes::Validity::parse("2032-05-31").unwrap(),
    }
}
