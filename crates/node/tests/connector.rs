//! Codes that are not ours, asked of a real HTTP server.

mod support;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use gm::sm2::SecretKey;
use gm::sm3::sm3;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use link::http::{Client, ReceiptKey, Sources, Timeouts};
use link::sign::{Claim, Signer, VerifyingKey};
use model::Verdict;
use node::audit::{Act, Actor};
use node::verify::{Connectors, HttpConnector, Question, Sight, VerifyAnswer};
use serde_json::{Value, json};
use support::foreign::{Foreign, serve};
use support::{NOW, SECOND, World, sqlite};

const CODE: &str = "https://zz.example/c/12345";

fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    keys.signing_key("key").expect("the key")
}

fn client(address: &str, receipts: Option<ReceiptKey>) -> Client {
    let sources = Sources { now: Box::new(|| NOW / SECOND), random: Box::new(|| [5; 16]) };
    let timeouts = Timeouts { connect: Duration::from_millis(300), read: Duration::from_millis(300) };
    let signer = Signer::sm2("demo-99", key(1), "zz").expect("a signer");
    Client::new(address, signer, timeouts, sources, receipts).expect("a client")
}

fn to(address: &str, prefix: &str) -> Arc<Connectors> {
    let mut connectors = Connectors::new(Box::new(|| NOW));
    let way = HttpConnector::new(client(address, None), "/codes".into());
    connectors.add("邻省电子证照", vec![prefix.into()], 86_400, Box::new(way));
    Arc::new(connectors)
}

fn officer() -> Actor {
    Actor { client: "officer".into(), operator: Some("执法员一".into()), ..Actor::default() }
}

fn ask(world: &World, connectors: &Arc<Connectors>, code: &str, sight: Sight) -> (VerifyAnswer, Act) {
    let question = Question::Code(code.into());
    let (mut answers, mut act) = world.province.verify(&question, sight, &officer(), NOW).expect("an answer");
    world.province.connect(connectors, (&question, sight), (&mut answers, &mut act), NOW);
    (answers.pop().expect("one"), act)
}

fn one(world: &World, address: &str) -> VerifyAnswer {
    ask(world, &to(address, "https://zz.example/"), CODE, Sight::default()).0
}

fn codes(answer: &VerifyAnswer) -> Vec<&str> {
    answer.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

fn good() -> Value {
    json!({
        "verdict": "有效", "kind": "道路运输证", "number": "试字 000001", "holder": "张三丰", "plate": "试A12345",
        "status": "正常", "valid_from": "2025-01-01", "valid_to": "2027-12-31", "source": "试验省运政系统",
        "known_at": "2026-06-01T08:59:00+08:00", "later": "a field of their next version",
    })
}

/// Their good answer, changed.
fn with(change: Value) -> String {
    let mut answer = good();
    for (name, value) in change.as_object().expect("fields") {
        answer[name] = value.clone();
    }
    answer.to_string()
}

fn says(body: String) -> Foreign {
    serve(move |_| Some((200, body.clone())))
}

#[test]
fn its_own_system_answers_and_the_question_is_signed() {
    let world = sqlite();
    let foreign = says(good().to_string());
    let (answer, act) = ask(&world, &to(&foreign.address, "https://"), CODE, Sight::default());
    assert_eq!((answer.verdict, codes(&answer)), (Verdict::Valid, vec!["CONNECTOR_SAID"]));
    assert_eq!(answer.source, "外部系统（邻省电子证照：试验省运政系统）");
    assert_eq!(answer.known_at, "2026-06-01T08:59:00+08:00");
    let face: Vec<_> = answer.face.iter().map(|item| item.value.as_str()).collect();
    assert_eq!(face, ["张**", "试A12345", "试字 000001"]);
    assert_eq!((act.outcome.as_str(), act.detail["connector"].as_str()), ("有效", "邻省电子证照"));

    let seen = foreign.seen.lock().expect("no panic before");
    let (head, body) = &seen[0];
    assert_eq!(serde_json::from_str::<Value>(body).expect("JSON")["code"], CODE);
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name, value.as_bytes()));
    let claim = Claim::parse("POST", "/codes", "", headers).expect("a signed request");
    let node = VerifyingKey::Sm2(key(1).public_key().clone());
    claim.verify(&sm3(body.as_bytes()), "zz", NOW / SECOND, Some(&node)).expect("the node's");
    assert!(head.contains("%E6%89%A7%E6%B3%95%E5%91%98%E4%B8%80"), "the person behind it: {head}");
}

#[test]
fn each_answer_becomes_a_verdict_of_ours() {
    let world = sqlite();
    let cases = [
        (json!({"verdict": "无效", "reasons": ["证照已注销"]}), Verdict::Invalid, "CONNECTOR_INVALID"),
        (json!({"verdict": "无效"}), Verdict::Invalid, "CONNECTOR_INVALID"),
        (
            json!({"verdict": "有效（有提示）", "reasons": ["年审将到期"]}),
            Verdict::ValidWithHint,
            "CONNECTOR_HINT",
        ),
        (json!({"verdict": "无法判定", "reasons": []}), Verdict::Undecided, "CONNECTOR_UNDECIDED"),
        (json!({"verdict": null}), Verdict::Undecided, "CONNECTOR_UNKNOWN"),
        // Nothing of what follows may say 有效.
        (json!({"verdict": "VALID"}), Verdict::Undecided, "CONNECTOR_UNREACHABLE"),
        (json!({"source": " "}), Verdict::Undecided, "CONNECTOR_ANSWER"),
        (json!({"known_at": ""}), Verdict::Undecided, "CONNECTOR_ANSWER"),
        (json!({"known_at": "2026-06-01T09:06:00+08:00"}), Verdict::Undecided, "CONNECTOR_ANSWER"),
        (json!({"known_at": "2026-05-31T08:00:00+08:00"}), Verdict::Undecided, "CONNECTOR_STALE"),
        (json!({"valid_to": "2026-05-31"}), Verdict::Undecided, "CONNECTOR_ANSWER"),
    ];
    for (change, verdict, code) in cases {
        let foreign = says(with(change.clone()));
        let answer = one(&world, &foreign.address);
        assert_eq!(answer.verdict, verdict, "{change}: {answer:?}");
        assert!(codes(&answer).contains(&code), "{change}: {answer:?}");
    }
    // An end stays an end, however old the knowledge is.
    let old = with(json!({"verdict": "无效", "known_at": "2020-01-01T00:00:00+08:00"}));
    assert_eq!(one(&world, &says(old).address).verdict, Verdict::Invalid);
}

#[test]
fn without_an_answer_nothing_is_valid_and_the_reason_says_why() {
    let world = sqlite();
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let refusing = serve(|_| Some((403, "{}".into())));
    let broken = serve(|_| Some((500, "{}".into())));
    let garbled = serve(|_| Some((200, "有效".into())));
    let silent = serve(|_| None);
    let cases = [
        (format!("http://{closed}"), "联系不上"),
        (refusing.address, "拒绝查询"),
        (broken.address, "系统故障"),
        (garbled.address, "应答不能读取"),
        (silent.address, "没有在时限内应答"),
    ];
    for (address, why) in cases {
        let answer = one(&world, &address);
        assert_eq!((answer.verdict, codes(&answer)), (Verdict::Undecided, vec!["CONNECTOR_UNREACHABLE"]));
        let text = &answer.reasons[0].text;
        assert!(text.contains(why) && text.contains("邻省电子证照") && text.contains("请"), "{text}");
    }
}

#[test]
fn one_that_is_away_is_left_alone_for_a_while() {
    let world = sqlite();
    let foreign = serve(|_| Some((500, "{}".into())));
    let connectors = to(&foreign.address, "https://");
    for _ in 0..3 {
        assert_eq!(ask(&world, &connectors, CODE, Sight::default()).0.verdict, Verdict::Undecided);
    }
    assert_eq!(foreign.seen.lock().expect("no panic before").len(), 1);
}

#[test]
fn answers_without_the_receipt_that_is_demanded_are_not_believed() {
    let world = sqlite();
    let foreign = says(good().to_string());
    let receipts = ReceiptKey { id: "zz".into(), key: VerifyingKey::Sm2(key(2).public_key().clone()) };
    let mut connectors = Connectors::new(Box::new(|| NOW));
    let way = HttpConnector::new(client(&foreign.address, Some(receipts)), "/codes".into());
    connectors.add("邻省电子证照", vec!["*".into()], 86_400, Box::new(way));
    let (answer, _) = ask(&world, &Arc::new(connectors), CODE, Sight::default());
    assert_eq!(codes(&answer), ["CONNECTOR_UNREACHABLE"]);
    assert!(answer.reasons[0].text.contains("没有给出可信的应答"));
}

#[test]
fn only_what_is_nobody_elses_leaves_the_node() {
    let world = sqlite();
    let foreign = says(good().to_string());
    let everything = to(&foreign.address, "*");
    // Ours, be it damaged; a receipt; a question about the past; a code of a prefix that nobody claims.
    assert_eq!(codes(&ask(&world, &everything, "LZ:ABC", Sight::default()).0), ["CODE_DAMAGED"]);
    assert_eq!(codes(&ask(&world, &everything, "LZR:ABC", Sight::default()).0), ["CODE_FOREIGN"]);
    let past = Sight { as_of: Some(NOW - SECOND), ..Sight::default() };
    assert_eq!(codes(&ask(&world, &everything, CODE, past).0), ["CODE_FOREIGN"]);
    let narrow = to(&foreign.address, "https://yy.example/");
    assert_eq!(codes(&ask(&world, &narrow, CODE, Sight::default()).0), ["CODE_FOREIGN"]);
    assert!(foreign.seen.lock().expect("no panic before").is_empty());
}

#[test]
fn the_closest_prefix_is_asked() {
    let world = sqlite();
    let [wide, close] = [("甲"), ("乙")].map(|source| says(with(json!({ "source": source }))));
    let mut connectors = Connectors::new(Box::new(|| NOW));
    for (name, foreign, prefix) in [("宽", &wide, "*"), ("近", &close, "https://zz.example/")] {
        let way = HttpConnector::new(client(&foreign.address, None), "/codes".into());
        connectors.add(name, vec![prefix.into()], 86_400, Box::new(way));
    }
    let connectors = Arc::new(connectors);
    assert_eq!(ask(&world, &connectors, CODE, Sight::default()).0.source, "外部系统（近：乙）");
    assert_eq!(ask(&world, &connectors, "12345", Sight::default()).0.source, "外部系统（宽：甲）");
}
