//! The file interface: batches of events in a folder, receipts beside them. On SQLite and on PostgreSQL.

mod support;

use std::path::PathBuf;

use link::files::{BatchName, BatchReceipt, DiskFolder, FieldMap, LineResult, drop_batch};
use node::audit::Actor;
use node::intake::Taken;
use node::lifecycle::BusinessEvent;
use support::{NOW, SECOND, World, first_issues, later, on_both};

const MAP: &str = r#"
name = "夜间批量接口"

[[field]]
ours = "event_id"
theirs = "SJBH"
required = true
[[field]]
ours = "event"
theirs = "YWLX"
required = true
codes = { "暂扣" = "07", "恢复" = "08" }
[[field]]
ours = "subject_ref"
theirs = "ZZJ"
[[field]]
ours = "occurred_at"
theirs = "FSSJ"
[[field]]
ours = "decision.no"
theirs = "JDWH"
[[field]]
ours = "decision.date"
theirs = "JDRQ"
[[constant]]
theirs = "BB"
value = "1"
"#;

fn folder(world: &World) -> (PathBuf, DiskFolder) {
    let path = world.folder.0.join("drop");
    let disk = DiskFolder::open(&path, 1 << 30).expect("a folder");
    (path, disk)
}

fn name(text: &str) -> BatchName {
    BatchName::new(text).expect("a name")
}

fn line(event: &BusinessEvent) -> String {
    serde_json::to_string(event).expect("a line")
}

fn drop_lines(world: &World, batch: &str, lines: &[String]) {
    let (_, disk) = folder(world);
    drop_batch(&disk, &name(batch), lines.iter().map(String::as_str)).expect("drops");
}

fn take(world: &World, map: Option<&FieldMap>, now: i64) -> Taken {
    let (path, _) = folder(world);
    let actor = Actor { client: "运政".into(), ..Actor::default() };
    world.province.intake_folder(&path, map, &actor, now).expect("the folder")
}

fn receipt(world: &World, batch: &str) -> BatchReceipt {
    let (path, _) = folder(world);
    let read =
        |ending: &str| std::fs::read(path.join(format!("{batch}.receipt.{ending}"))).expect("a receipt");
    BatchReceipt::parse(&name(batch), &read("jsonl"), &read("sm3")).expect("a receipt that fits")
}

fn results(receipt: &BatchReceipt) -> Vec<LineResult> {
    receipt.lines.iter().map(|line| line.result).collect()
}

fn count(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
    let found: Result<Option<i64>, store::StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

/// A night's batch: two first issues, a hold, the same event twice, a wrong record, no JSON, another sender's name.
fn night() -> Vec<String> {
    let mut events = first_issues(3);
    events[2].record.as_mut().expect("a record").face.remove("CZZT");
    let mut lines: Vec<String> = events.iter().map(line).collect();
    lines.push(line(&later("S000000", "H1", "暂扣")));
    lines.push(line(&later("S000000", "H1", "暂扣")));
    lines.push("{\"event_id\": \"X1\", \"colour\": 1}".into());
    let mut foreign = later("S000000", "F1", "恢复");
    foreign.source = "别家".into();
    lines.push(line(&foreign));
    lines
}

const NIGHT: [LineResult; 7] = {
    use LineResult::{Accepted, Duplicate, Refused};
    [Accepted, Accepted, Refused, Accepted, Duplicate, Refused, Refused]
};

#[test]
fn a_batch_is_answered_line_by_line() {
    on_both(|world| {
        drop_lines(world, "night-1", &night());
        let taken = take(world, None, NOW);
        assert_eq!((taken.batches.len(), taken.failed.len()), (1, 0), "{taken:?}");
        assert_eq!((taken.batches[0].lines, taken.batches[0].accepted), (7, 4));
        let receipt = receipt(world, "night-1");
        assert_eq!(results(&receipt), NIGHT, "{receipt:?}");
        assert!(receipt.lines[0].data.get("identifier").is_some_and(|one| one.is_string()));
        let codes: Vec<_> = receipt.lines.iter().map(|line| line.problem.as_ref()?.code.clone()).collect();
        assert_eq!(codes[2].as_deref(), Some("ITEM_MISSING"));
        assert_eq!(codes[5].as_deref(), Some("EVENT_FORMAT"));
        assert_eq!(codes[6].as_deref(), Some("EVENT_SOURCE"));
        let refused = receipt.lines.iter().filter(|line| line.result == LineResult::Refused);
        assert!(refused.into_iter().all(|line| line.problem.as_ref().is_some_and(|one| one.fix.is_some())));
        // Nothing is left to take; what is sent again in another batch was known before.
        assert_eq!(take(world, None, NOW + SECOND), Taken::default());
        drop_lines(world, "night-2", &night()[..2]);
        take(world, None, NOW + 2 * SECOND);
        assert_eq!(results(&self::receipt(world, "night-2")), [LineResult::Duplicate; 2]);
        assert_eq!(count(world, "lifecycle_version"), 2);
    });
}

#[test]
fn a_torn_batch_is_refused_and_says_so_and_an_incomplete_one_waits() {
    on_both(|world| {
        let (path, _) = folder(world);
        drop_lines(world, "torn", &night());
        let whole = std::fs::read(path.join("torn.jsonl")).expect("the data");
        std::fs::write(path.join("torn.jsonl"), &whole[..whole.len() / 2]).expect("tears");
        std::fs::write(path.join("alone.jsonl"), b"{}\n").expect("writes");
        let taken = take(world, None, NOW);
        assert_eq!(taken.batches[0].problem.as_deref(), Some("FILE_CHECKSUM"), "{taken:?}");
        assert_eq!(taken.waiting, [("alone".to_owned(), "缺校验文件")]);
        assert!(receipt(world, "torn").lines.is_empty());
        assert_eq!(count(world, "lifecycle_certificate"), 0);
        // Dropped again whole, it is taken.
        let sum = link::files::Checksum::of(&whole);
        std::fs::write(path.join("torn.jsonl"), &whole).expect("writes");
        std::fs::write(path.join("torn.sm3"), sum.to_text()).expect("writes");
        assert_eq!(take(world, None, NOW + SECOND).batches[0].accepted, 4);
        assert_eq!(results(&receipt(world, "torn")), NIGHT);
    });
}

#[test]
fn field_names_and_codes_of_another_system_are_data() {
    let world = support::sqlite();
    let map = FieldMap::parse(MAP).expect("a map");
    drop_lines(&world, "first", &first_issues(1).iter().map(line).collect::<Vec<_>>());
    take(&world, None, NOW);
    let theirs = |id: &str, code: &str, more: &str| {
        format!(
            r#"{{"BB":"1","SJBH":"{id}","YWLX":"{code}","ZZJ":"S000000","FSSJ":"2026-06-01T09:00:00+08:00","JDWH":"决1","JDRQ":"2026-06-01"{more}}}"#
        )
    };
    let lines =
        [theirs("A", "07", ""), theirs("B", "08", ""), theirs("C", "99", ""), theirs("D", "07", ",\"Q\":1")];
    drop_lines(&world, "mapped", &lines);
    take(&world, Some(&map), NOW + SECOND);
    let receipt = receipt(&world, "mapped");
    let expected = [LineResult::Accepted, LineResult::Accepted, LineResult::Refused, LineResult::Refused];
    assert_eq!(results(&receipt), expected, "{receipt:?}");
    assert!(
        receipt.lines[2..]
            .iter()
            .all(|line| { line.problem.as_ref().and_then(|one| one.code.as_deref()) == Some("EVENT_MAP") })
    );
}

#[test]
fn a_batch_that_a_crash_broke_off_gets_the_receipt_that_it_would_have_got() {
    for make in [support::sqlite as fn() -> World, support::postgres] {
        let whole = make();
        drop_lines(&whole, "night", &night());
        take(&whole, None, NOW);
        let expected = results(&receipt(&whole, "night"));
        for stage in ["intake.accept", "intake.answered"] {
            let mut world = make();
            drop_lines(&world, "night", &night());
            let province = std::sync::Arc::get_mut(&mut world.province).expect("alone");
            province.stages =
                Some(Box::new(
                    move |now| {
                        if now == stage { Err(store::StoreError::Closed.into()) } else { Ok(()) }
                    },
                ));
            let taken = take(&world, None, NOW);
            assert_eq!((taken.batches.len(), taken.failed.len()), (0, 1), "{taken:?}");
            let world = world.reopen();
            assert_eq!(take(&world, None, NOW + SECOND).batches.len(), 1);
            let receipt = receipt(&world, "night");
            assert_eq!(results(&receipt), expected, "{stage}: {receipt:?}");
            assert_eq!(count(&world, "lifecycle_version"), 2);
        }
    }
}

#[test]
fn while_the_machine_is_at_fault_the_batch_stays() {
    let mut world = support::sqlite();
    drop_lines(&world, "night", &night());
    let province = std::sync::Arc::get_mut(&mut world.province).expect("alone");
    province.stages =
        Some(Box::new(
            |stage| {
                if stage == "intent" { Err(store::StoreError::Closed.into()) } else { Ok(()) }
            },
        ));
    let taken = take(&world, None, NOW);
    assert_eq!(taken.failed.len(), 1, "{taken:?}");
    assert!(folder(&world).0.join("night.jsonl").is_file());
    let world = world.reopen();
    assert_eq!(take(&world, None, NOW + SECOND).batches[0].accepted, 4);
}
