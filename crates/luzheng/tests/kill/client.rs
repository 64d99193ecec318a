//! Business systems that send events over signed requests, and again whatever was not answered.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use link::http::{Answer, Client, HttpError, Sources, Timeouts};
use link::sign::{HmacKey, Person, Signer};
use sample::{SampleOptions, generate};
use serde_json::{Value, json};

use super::random::Random;

const EVENTS: &str = "/api/v1/lifecycle/events";
const LATER: [&str; 8] = ["暂扣", "恢复", "补发", "补发", "停运", "复运", "挂失", "解挂"];

/// What all senders share: where the server is now, and when to stop.
pub struct Shared {
    address: Mutex<String>,
    credentials: (String, Vec<u8>),
    finished: AtomicBool,
    cut: AtomicUsize,
}

impl Shared {
    pub fn new(address: &str, credentials: (String, Vec<u8>)) -> Self {
        let address = Mutex::new(address.to_owned());
        Self { address, credentials, finished: AtomicBool::new(false), cut: AtomicUsize::new(0) }
    }

    /// The server has another address since its restart.
    pub fn moved(&self, address: &str) {
        address.clone_into(&mut self.address.lock().unwrap());
    }

    /// No new events: only what is not answered yet.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Relaxed);
    }

    /// Requests that were sent and brought no answer.
    pub fn cut(&self) -> usize {
        self.cut.load(Ordering::Relaxed)
    }

    /// A client of the server where it is now.
    pub fn client(&self) -> Client {
        let (id, secret) = &self.credentials;
        let signer = Signer::hmac(id, HmacKey::new(secret).unwrap()).unwrap();
        let sources = Sources { now: Box::new(now), random: Box::new(random) };
        let address = self.address.lock().unwrap().clone();
        Client::new(&address, signer, Timeouts::default(), sources, None).unwrap()
    }
}

#[allow(clippy::disallowed_methods, reason = "a test talks to a process that lives in real time")]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// The JSON of an answer that must have come.
pub fn body(answer: Result<Answer, HttpError>) -> Value {
    serde_json::from_slice(&answer.unwrap().body).unwrap()
}

/// 初领 events of invented records.
pub fn records(count: usize) -> Vec<Value> {
    let data = node::Data::load(None).unwrap();
    let options = SampleOptions { count, seed: 5, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).unwrap();
    let event = |number: usize| {
        let case = sample.case(number)?;
        let photo = case.record.photo.as_ref().and_then(|_| sample.photo(number));
        let mut record = serde_json::to_value(&case.record).unwrap();
        record.as_object_mut().unwrap().remove("photo");
        Some(json!({
            "event_id": format!("E{number}"), "event": "初领", "subject_ref": format!("S{number}"),
            "occurred_at": "2026-06-01T09:00:00+08:00", "effective_on": "2026-06-01",
            "record": record, "photo": photo.map(|bytes| gm::base64::encode(&bytes)),
        }))
    };
    (0..count).filter_map(event).collect()
}

/// One business system with its own certificates.
pub struct Business<'a> {
    shared: &'a Shared,
    firsts: &'a [Value],
    random: Random,
    /// Everything sent, in its order.
    sent: Vec<Value>,
    answers: BTreeMap<(String, String), Value>,
}

impl<'a> Business<'a> {
    pub fn new(shared: &'a Shared, firsts: &'a [Value], random: Random) -> Self {
        Self { shared, firsts, random, sent: Vec::new(), answers: BTreeMap::new() }
    }

    /// Sends until told to finish, then everything once more; what it was answered.
    pub fn work(mut self) -> BTreeMap<(String, String), Value> {
        let mut client = self.shared.client();
        while !self.shared.finished.load(Ordering::Relaxed) {
            let batch: Vec<Value> = (0..1 + self.random.below(3)).map(|_| self.next()).collect();
            self.deliver(&mut client, batch);
        }
        for batch in self.sent.clone().chunks(20) {
            self.deliver(&mut client, batch.to_vec());
        }
        self.answers
    }

    fn next(&mut self) -> Value {
        let number = self.sent.len();
        let event = match self.firsts.get(number) {
            Some(first) => first.clone(),
            None => {
                let first = &self.firsts[self.random.below(self.firsts.len() as u64) as usize];
                let subject = first["subject_ref"].as_str().unwrap();
                json!({
                    "event_id": format!("{subject}/{number}"), "event": self.random.one_of(&LATER), "subject_ref": subject,
                    "occurred_at": "2026-06-02T09:00:00+08:00", "effective_on": "2026-06-02",
                    "decision": {"no": format!("演示〔2026〕{number}号"), "date": "2026-06-02"},
                })
            }
        };
        self.sent.push(event.clone());
        event
    }

    /// Sends a batch until all of it is answered.
    fn deliver(&mut self, client: &mut Client, mut batch: Vec<Value>) {
        for _ in 0..2000 {
            let text = Value::Array(batch.clone()).to_string();
            match client.post(EVENTS, &Person::default(), "application/json", text.as_bytes()) {
                Ok(answer) => {
                    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
                    let results = answer["results"].as_array().unwrap().clone();
                    let mut left = Vec::new();
                    for (event, result) in batch.into_iter().zip(results) {
                        if !self.hear(result) {
                            left.push(event);
                        }
                    }
                    batch = left;
                    if batch.is_empty() {
                        return;
                    }
                }
                Err(HttpError::Refused { problem, .. }) => panic!("refused: {problem}"),
                Err(error) => {
                    // Without a connection nothing was sent; else nobody knows what became of it.
                    let is_cut = !matches!(error, HttpError::Connect { .. });
                    self.shared.cut.fetch_add(usize::from(is_cut), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(30));
                    *client = self.shared.client();
                }
            }
        }
        panic!("not answered for a minute: {batch:?}");
    }

    /// Keeps an answer; false when the event must be sent again. What was answered for good is answered the same ever after.
    fn hear(&mut self, mut answer: Value) -> bool {
        let result = answer["result"].as_str().unwrap_or_default().to_owned();
        if matches!(result.as_str(), "busy" | "failed") {
            return false;
        }
        assert!(matches!(result.as_str(), "applied" | "refused" | "work" | "waiting" | "unfit"), "{answer}");
        let repeated = answer.as_object_mut().and_then(|fields| fields.remove("repeated"));
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let key = (text("source"), text("event_id"));
        match self.answers.get(&key) {
            // What waited, or was unfit, may be answered otherwise by now.
            Some(known) if known["result"] != "waiting" && known["result"] != "unfit" => {
                assert_eq!(*known, answer, "another answer to the same event");
                assert_eq!(repeated, Some(Value::Bool(true)), "applied anew: {answer}");
            }
            _ => drop(self.answers.insert(key, answer)),
        }
        true
    }
}
