//! Packs over HTTP, and the verdict table over HTTP on a node that holds the row's packs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use node::audit::Actor;
use node::keys::KeyFolder;
use node::pack::{PackOrder, Packs, Shelf};
use node::verify::Chain;
use proof::{Pack, Trust, TrustData};
use serde_json::{Value, json};
use web::Limits;

use crate::server::{Client, Server};
use crate::support::{NOW, PASSPHRASE, SECOND, World, first_issues, sqlite, submitted};

fn build(world: &World, now: i64) {
    let keys = KeyFolder::open(&world.folder.0.join("keys")).and_then(|folder| folder.node_keys(PASSPHRASE));
    let keys = keys.expect("keys");
    let actor = Actor::node();
    let order =
        PackOrder { key: &*keys.node, certificate: &keys.certificate, max_age: 259_200, actor: &actor };
    world.province.pack_build(&order, now).expect("a pack");
}

#[test]
fn the_newest_pack_is_there_for_anybody_and_an_unchanged_one_is_not_sent_again() {
    let world = sqlite();
    world.province.accept(first_issues(3).into_iter().map(submitted).collect(), NOW);
    build(&world, NOW + SECOND);
    let server = Server::over(world, Limits::default());
    let got = server.bare("GET", "/api/v1/pack/current", b"");
    assert_eq!((got.status, got.header("lz-pack-number").as_str()), (200, "1"));
    let trust: TrustData =
        serde_json::from_value(server.bare("GET", "/api/v1/pack/trust", b"").json()).expect("trust");
    let pack = Pack::read(&got.body, &Trust::open(&trust).expect("trust")).expect("a pack that holds");
    assert_eq!((pack.province.as_str(), pack.number), ("99", 1));
    let held = ("If-None-Match".to_owned(), got.header("etag"));
    let again = server.send("GET", "/api/v1/pack/current", &[held], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(server.bare("GET", "/api/v1/pack/current?province=98", b"").code(), "PACK_NONE");
}

/// Microseconds UTC.
fn instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("a time").as_microsecond()
}

/// An answer of the node and what the table wants.
fn check(client: &Client<'_>, row: &Value, sent: &Value) -> Option<String> {
    let got = client.post("/api/v1/verify/code", json!({ "code": sent }).to_string()).json();
    let answer = &got["answers"][0];
    let codes: Vec<&str> =
        answer["reasons"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str()).collect();
    let want: Vec<&str> = row["codes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // A node names what it lacks in its own way: it was asked as a register.
    let want: Vec<&str> =
        want.into_iter().map(|code| if code == "PACK_MISSING" { "NOT_OURS" } else { code }).collect();
    let lacks = want.contains(&"NOT_OURS");
    let same = if lacks {
        want.iter()
            .filter(|code| **code == "NOT_OURS" || code.starts_with("CODE_"))
            .all(|code| codes.contains(code))
    } else {
        codes == want
    };
    let verdict = lacks || answer["verdict"] == row["verdict"];
    (!same || !verdict).then(|| {
        format!("{}: {} {codes:?}, want {} {want:?}", row["name"], answer["verdict"], row["verdict"])
    })
}

#[test]
fn every_offline_row_of_the_verdict_table_is_answered_so_by_a_node_that_holds_its_packs() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdict-table.json"));
    let table: Value = serde_json::from_str(&text.expect("the table")).expect("JSON");
    let all: TrustData = serde_json::from_value(table["trusts"]["all"].clone()).expect("trust");
    let all = Trust::open(&all).expect("trust");
    let read = |name: &Value| {
        let file =
            gm::base64::decode(table["packs"][name.as_str().expect("a name")].as_str().expect("a pack"));
        Pack::read(&file.expect("Base64"), &all).expect("a pack")
    };
    // One node for each knowledge of the table: it has no area of its own, so that it answers from packs alone.
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (n, row) in table["rows"].as_array().expect("rows").iter().enumerate() {
        if row["evidence"] == json!({}) && row["input"]["code"].is_string() {
            let mut row = row.clone();
            row["n"] = json!(n);
            groups.entry(format!("{}|{}", row["trust"], row["packs"])).or_default().push(row);
        }
    }
    let mut wrong = Vec::new();
    let mut asked = 0;
    for rows in groups.values_mut() {
        // The clock of a node does not run backwards.
        rows.sort_by_key(|row| row["now"].as_str().map(instant));
        let mut world = sqlite();
        let province = Arc::get_mut(&mut world.province).expect("not shared yet");
        province.area = String::new();
        let data: TrustData =
            serde_json::from_value(table["trusts"][rows[0]["trust"].as_str().expect("a name")].clone())
                .expect("trust");
        province.shelf = Shelf::of(&data).expect("a shelf");
        for name in rows[0]["packs"].as_array().expect("names") {
            province.shelf.admit(read(name)).expect("a pack");
        }
        let server = Server::over(world, Limits::default());
        let chain: Chain = vec![Arc::new(Packs(Arc::clone(&server.app.province))) as Arc<_>].into();
        server.app.set_elsewhere(chain);
        // The same officer asks all the time: no shown code counts as used before.
        let client = server.client("officer", &["verify"]);
        for row in rows {
            server.clock.store(row["now"].as_str().map(instant).expect("a time"), Ordering::SeqCst);
            wrong.extend(check(&client, row, &row["input"]["code"]));
            asked += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked >= 120, "{asked}");
}
