//! The five-minute story, as people see it: an event comes in, is sealed and collected; the holder activates; an officer of the other
//! province finds it valid; it is withheld; the officer sees it.

use link::http::{Client, Sources, Timeouts};
use link::sign::{HmacKey, Person, Signer};
use serde_json::{Value, json};
use testbed::Browser;

use super::Stage;

/// The phone of the story's holder; nothing is ever sent to it.
const PHONE: &str = "19900000000";

pub fn tell(stage: &Stage) {
    let business = business(stage);
    let (record, photo) = record();
    let event = |event: &str, more: Value| {
        let mut message = json!({
            "event_id": format!("story-{event}"), "event": event, "subject_ref": record["record_id"],
            "occurred_at": here().strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string(),
            "effective_on": today().to_string(),
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let person = Person { operator: Some("story".into()), ..Person::default() };
        let body = message.to_string();
        let answer = business.post("/api/v1/lifecycle/events", &person, "application/json", body.as_bytes());
        let answer: Value = serde_json::from_slice(&answer.unwrap().body).unwrap();
        let result = answer["results"].get(0).cloned().unwrap_or(answer);
        assert_eq!(result["result"], "applied", "{result}");
        result
    };
    let issued = event("初领", json!({ "record": record, "photo": photo, "holder_phone": PHONE }));
    let identifier = issued["identifier"].as_str().unwrap();
    let certificate = issued["certificate"].as_str().unwrap();

    let (name, number) = (text(&record["face"]["CZZT"]), text(&record["face"]["CZZTDM"]));
    stage.holder("demo-99", &name, &number);
    let browser = &stage.browser;
    browser.open(&format!("{}/holder/certificate/{certificate}", stage.root("demo-99")));
    browser.find("form[action$=activate] button").click();
    browser.awaited("a[href^='/holder/show/']").click();
    browser.wait("return !!document.querySelector('#code').dataset.text");

    for node in ["demo-98", "demo-99"] {
        check(stage, node, identifier, "有效");
    }
    let today = &today().to_string();
    event("暂扣", json!({ "decision": { "no": "演示扣〔演示〕2号", "date": today } }));
    for node in ["demo-98", "demo-99"] {
        check(stage, node, identifier, "无效");
        assert!(browser.text().contains("暂扣"), "{}", browser.text());
    }
}

/// An officer types the identifier and reads the answer.
fn check(stage: &Stage, node: &str, identifier: &str, wanted: &str) {
    stage.operator(node, "执法");
    let browser: &Browser = &stage.browser;
    browser.open(&format!("{}/officer", stage.root(node)));
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
    browser.find("#text").write(identifier);
    browser.find("form[data-form=code] button").click();
    let shown = browser.awaited(".verdict");
    assert!(shown.text().contains(wanted), "{node}: {}", shown.text());
}

/// The business system, with the key that the demo gave it.
fn business(stage: &Stage) -> Client {
    let note = stage.sign_ins.client.iter().find(|one| one.id == "yunzheng-99").unwrap();
    let byte = |at: usize| u8::from_str_radix(&note.secret[at..at + 2], 16).unwrap();
    let secret: Vec<u8> = (0..note.secret.len()).step_by(2).map(byte).collect();
    let signer = Signer::hmac(&note.id, HmacKey::new(&secret).unwrap()).unwrap();
    let sources = Sources { now: Box::new(now), random: Box::new(random) };
    Client::new(&stage.root("demo-99"), signer, Timeouts::default(), sources, None).unwrap()
}

/// A transport certificate's record far behind those of the demo's month, with its photo in Base64.
fn record() -> (Value, Value) {
    let catalogue = node::Data::load(None).unwrap().catalogue;
    let options = sample::SampleOptions {
        count: 90_000,
        seed: 2026,
        today: today().saturating_sub(jiff::Span::new().days(30)),
        wrong_per_mille: 0,
        ..sample::SampleOptions::default()
    };
    let sample = sample::generate(options, &catalogue).unwrap();
    let kind = sample.kinds().iter().find(|kind| kind.kind.slug == "transport-certificate").unwrap();
    // 甲演市一区 is the authority that the demo's ministry has not enrolled.
    let ours = |number: usize| {
        let record = sample.case(number)?.record;
        (record.authority_uscc != "11990101MB0000101Y").then_some((number, record))
    };
    let (number, mut record) = kind.range.clone().skip(8_000).find_map(ours).unwrap();
    record.source = "运政".into();
    record.photo = None;
    let photo = gm::base64::encode(&sample.photo(number).unwrap_or_default());
    (serde_json::to_value(record).unwrap(), json!(photo))
}

/// The time in China.
fn here() -> jiff::Zoned {
    let now = jiff::Timestamp::from_second(now()).unwrap();
    now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
}

fn today() -> jiff::civil::Date {
    here().date()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
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
