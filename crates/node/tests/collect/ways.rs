//! The ways themselves: over HTTP, over a drop folder, and whatever fails in between.

use link::files::{BatchName, DiskFolder, FieldMap, list};
use link::http::Peer;
use proptest::prelude::*;

use super::*;

#[test]
fn over_http_the_request_is_signed_and_the_answer_bears_a_signed_receipt() {
    let world = support::sqlite();
    issue(&world, 2);
    let ministry = std::sync::Arc::new(ministry(&world, true));
    let url = http_node::serve(std::sync::Arc::clone(&ministry), 2);
    let good = HttpTransport::new(http_node::client(&url, 2), Peer::Ministry);
    // Somebody else answers under the ministry's address.
    let wrong = HttpTransport::new(http_node::client(&url, 3), Peer::Ministry);
    assert_eq!(round(&world, &wrong, NOW + SECOND).later, 2);
    let status = world.province.collect_status(LANE, NOW + SECOND).expect("a status");
    assert_eq!(status.failing, [(3, "RECEIPT".to_owned(), 2)]);
    assert_eq!(round(&world, &good, NOW + DAY).done, 2);
    assert_equal(&world, &ministry);
    let nobody = HttpTransport::new(http_node::client("http://127.0.0.1:9", 2), Peer::Ministry);
    act(&world, 0, "A", "暂扣");
    assert_eq!(round(&world, &nobody, NOW + 2 * DAY).later, 1);
    let status = world.province.collect_status(LANE, NOW + 2 * DAY).expect("a status");
    assert_eq!(status.failing, [(3, "NETWORK".to_owned(), 1)]);
}

const MAP: &str = r#"
name = "示例"
[[field]]
ours = "province"
theirs = "sfbm"
required = true
[[field]]
ours = "certificate"
theirs = "zj"
required = true
[[field]]
ours = "base"
theirs = "zzzt"
[field.codes]
"正常" = "1"
"注销" = "2"
"#;

/// The fields that a map must name, beside those with names of their own.
const PLAIN: [&str; 13] = [
    "kind",
    "issuer",
    "area",
    "month",
    "state_seq",
    "version",
    "identifier",
    "status",
    "last_day",
    "state",
    "record",
    "files",
    "nothing",
];

#[test]
fn over_a_drop_folder_with_other_field_names_the_same_arrives() {
    on_both(|world| {
        issue(world, 2);
        let ministry = ministry(world, false);
        let mut map = MAP.to_owned();
        for name in PLAIN {
            map.push_str(&format!("[[field]]\nours = \"{name}\"\ntheirs = \"{name}\"\n"));
        }
        let map = FieldMap::parse(&map).expect("a map");
        let path = world.folder.0.join("drop");
        std::fs::create_dir_all(&path).expect("a folder");
        let open = || DiskFolder::open(&path, 64 << 20).expect("the folder");
        let way = FilesTransport::new(Box::new(open()), map.clone(), Peer::Province);
        assert_eq!(round(world, &way, NOW + SECOND).later, 2, "no receipt yet");
        let folder = open();
        let ready = |folder: &DiskFolder| list(&link::files::Folder::names(folder).expect("names")).ready;
        let batches: Vec<BatchName> = ready(&folder);
        assert_eq!(batches.len(), 2);
        for batch in &batches {
            take(&folder, batch, (&ministry.receiver, &sender()), &map, NOW)
                .expect("taken")
                .expect("complete");
        }
        let sent = round(world, &way, NOW + 60 * SECOND);
        assert_eq!((sent.done, ready(&folder).len()), (2, 0), "{sent:?}");
        assert_equal(world, &ministry);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, ..ProptestConfig::default() })]
    #[test]
    fn whatever_fails_in_between_the_ministry_ends_with_what_the_province_has(
        plan in prop::collection::vec((0..6_usize, 0..4_usize), 1..14),
    ) {
        let world = support::sqlite();
        issue(&world, 3);
        let ministry = ministry(&world, false);
        let way = Way::new(&ministry, NOW);
        let steps = [Step::Pass, Step::Silent, Step::LoseAnswer, Step::Twice, Step::Late, Step::Refuse];
        let mut now = NOW + 2 * SECOND;
        let mut held = [false; 3];
        for (index, (step, subject)) in plan.into_iter().enumerate() {
            if let Some(is_held) = held.get_mut(subject) {
                act(&world, subject, &format!("P{index}"), if *is_held { "恢复" } else { "暂扣" });
                *is_held = !*is_held;
            }
            way.then(&[steps[step]]);
            now += 700 * SECOND;
            round(&world, &way, now);
        }
        way.steps.lock().expect("steps").clear();
        world.province.collect_retry(LANE, Which::All, &Actor::node(), now).expect("retries");
        for _ in 0..4 {
            now += DAY;
            round(&world, &way, now);
        }
        let status = world.province.collect_status(LANE, now).expect("a status");
        prop_assert_eq!((status.pending, status.dead.len()), (0, 0));
        assert_equal(&world, &ministry);
    }
}
