//! A ministry beside the province, and a way to it that can fail, answer late, lose the answer, apply twice.
#![allow(dead_code, reason = "each test target uses its own part")]

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use link::http::Origin;
use node::collect::{
    Delivery, DeliveryReceipt, HeldFile, Outcome, Receiver, Sender, Transport, TransportError,
};
use objects::disk::Folder;
use objects::{EmbeddedStore, ObjectKeys};
use store::rows::holding;
use store::{PersonalKey, PersonalKeys, Store};

use crate::support::{Scratch, World};

/// What happens to the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Pass,
    /// It never arrives.
    Silent,
    /// It arrives, the answer does not.
    LoseAnswer,
    /// It arrives twice.
    Twice,
    /// It arrives, and is answered the next time it is asked for.
    Late,
    /// The destination refuses the whole message for good.
    Refuse,
}

pub struct Ministry {
    pub receiver: Receiver,
    pub folder: Scratch,
}

/// On the same kind of engine as the province.
pub fn ministry(world: &World, verifier: bool) -> Ministry {
    let folder = Scratch::new();
    let url = if world.url.starts_with("sqlite:") {
        format!("sqlite:{}", folder.0.join("rows.db").display())
    } else {
        testbed::Database::new().url()
    };
    let files = folder.0.join("objects");
    std::fs::create_dir_all(&files).expect("a folder");
    let disk = Arc::new(Folder::new(&files).expect("the folder"));
    let keys = ObjectKeys::new((1, &[7; 16]), &[]).expect("one key");
    let options = objects::Options { acknowledged: None, ..objects::Options::default() };
    let counter = AtomicU64::new(1);
    let trust = node::load_trust(&world.folder.0.join("keys"));
    let receiver = Receiver {
        store: Store::open(&url, &store::Options::default()).expect("the store"),
        objects: Arc::new(EmbeddedStore::open(disk, keys, options).expect("the files")),
        personal: PersonalKeys::new(PersonalKey::new("m1", &[4; 32]), Vec::new(), &[5; 32]),
        verifier: verifier.then(|| Arc::new(seal::Verifier::new(trust.expect("trust data")))),
        chance: Box::new(move |out| {
            let count = counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            for (byte, value) in out.iter_mut().zip(count) {
                *byte = value;
            }
        }),
    };
    Ministry { receiver, folder }
}

pub fn sender() -> Sender {
    Sender { province: "demo-99".into(), issuers: vec!["99".into()] }
}

/// The way there.
pub struct Way<'a> {
    pub ministry: &'a Ministry,
    pub from: Sender,
    pub steps: Mutex<VecDeque<Step>>,
    /// Certificates that the ministry refuses.
    pub refused: Mutex<HashSet<String>>,
    /// Certificates whose message makes the ministry stumble.
    pub poison: Mutex<HashSet<String>>,
    /// Every message: (certificate, count, with files).
    pub log: Mutex<Vec<Vec<(String, i64, bool)>>>,
    pub now: AtomicI64,
}

impl<'a> Way<'a> {
    pub fn new(ministry: &'a Ministry, now: i64) -> Self {
        Self {
            ministry,
            from: sender(),
            steps: Mutex::default(),
            refused: Mutex::default(),
            poison: Mutex::default(),
            log: Mutex::default(),
            now: AtomicI64::new(now),
        }
    }

    pub fn then(&self, steps: &[Step]) {
        self.steps.lock().expect("steps").extend(steps);
    }

    fn arrive(&self, deliveries: &[Delivery]) -> Vec<DeliveryReceipt> {
        let now = self.now.fetch_add(1, Ordering::Relaxed);
        let mut receipts = self.ministry.receiver.receive(&self.from, deliveries, now).expect("receives");
        let refused = self.refused.lock().expect("refused");
        for (delivery, receipt) in deliveries.iter().zip(&mut receipts) {
            if refused.contains(&delivery.certificate) {
                *receipt = DeliveryReceipt::because(delivery, Outcome::Refused, "DEMO", "照面有误", "请改正");
            }
        }
        receipts
    }
}

fn error(origin: Origin, may_pass: bool) -> TransportError {
    let (code, cause) = ("DEMO".into(), "演示的故障；请稍候".into());
    TransportError { origin, code, cause, may_pass, retry_after: None }
}

impl Transport for Way<'_> {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        let told = |one: &Delivery| {
            (one.certificate.clone(), one.state_seq, one.files.iter().any(|file| file.content.is_some()))
        };
        self.log.lock().expect("log").push(deliveries.iter().map(told).collect());
        if deliveries.iter().any(|one| self.poison.lock().expect("poison").contains(&one.certificate)) {
            return Err(error(Origin::Ministry, true));
        }
        let step = self.steps.lock().expect("steps").pop_front().unwrap_or(Step::Pass);
        match step {
            Step::Silent => Err(error(Origin::Network, true)),
            Step::Refuse => Err(error(Origin::Ministry, false)),
            Step::LoseAnswer => {
                self.arrive(deliveries);
                Err(error(Origin::Network, true))
            }
            Step::Late => {
                self.arrive(deliveries);
                Ok(Vec::new())
            }
            Step::Twice => {
                self.arrive(deliveries);
                Ok(self.arrive(deliveries))
            }
            Step::Pass => Ok(self.arrive(deliveries)),
        }
    }
}

/// What is counted is what is held.
fn assert_counted(ministry: &Ministry) {
    let found = ministry.receiver.store.read(|session| -> Result<_, store::StoreError> {
        let held = session.rows(
            "SELECT province, kind, base, CAST(COUNT(*) AS BIGINT) FROM collect_holding GROUP BY province, kind, base \
             ORDER BY province, kind, base",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        Ok((held, holding::answer::counts(session)?))
    });
    let (mut held, mut counted): (Vec<(String, String, String, i64)>, _) = found.expect("counts");
    held.sort();
    counted.sort();
    assert_eq!(held, counted);
}

/// The ministry holds exactly what the province has.
pub fn assert_equal(world: &World, ministry: &Ministry) {
    assert_counted(ministry);
    let sql =
        "SELECT id, state_seq, version, identifier, base, last_day FROM lifecycle_certificate ORDER BY id";
    type Row = (String, i64, i64, Option<String>, String, Option<String>);
    let own: Result<Vec<Row>, store::StoreError> = world.province.store.read(|session| {
        session.rows(sql, &[], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
    });
    let held = ministry
        .receiver
        .store
        .read(|session| holding::page(session, "demo-99", "", 1000))
        .expect("holdings");
    for one in &held {
        let files: Vec<HeldFile> = serde_json::from_str(&one.files).expect("files");
        assert!(!files.is_empty());
        for file in files {
            let mut sm3 = [0; 32];
            for (byte, at) in sm3.iter_mut().zip((0..64).step_by(2)) {
                *byte = u8::from_str_radix(&file.sm3[at..at + 2], 16).expect("hex");
            }
            ministry
                .receiver
                .objects
                .get(&file.place.parse().expect("a place"), &sm3)
                .expect("the file is there");
        }
        assert!(ministry.receiver.body(one).expect("opens").record.is_some());
    }
    let held: Vec<Row> = held
        .into_iter()
        .map(|one| (one.certificate_id, one.state_seq, one.version, one.identifier, one.base, one.last_day))
        .collect();
    assert_eq!(own.expect("certificates"), held);
}

/// What the ministry holds of the province.
pub fn holdings(ministry: &Ministry) -> Vec<holding::Holding> {
    ministry.receiver.store.read(|session| holding::page(session, "demo-99", "", 1000)).expect("holdings")
}
