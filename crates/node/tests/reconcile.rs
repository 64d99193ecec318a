//! 对账 of a whole province: runs, classes, repair, reports, lists; on SQLite and on PostgreSQL.

#[path = "collect/destination.rs"]
mod destination;
#[path = "reconcile/order.rs"]
mod order;
mod support;

use std::io::Cursor;

use node::NodeError;
use node::audit::Actor;
use node::lifecycle::{BusinessEvent, Outcome};
use node::reconcile::{
    Class, Depth, Difference, ItemPeer, Leaf, ListForm, ListMap, LocalPeer, OWN, PeerTree, Question, Reply,
    ReportForm, Run, Scope, Side, answer, fold, rebuild, touch_all,
};
use store::{StoreError, params};
use support::{NOW, SECOND, World, first_issues, later, on_both, submitted};

/// The ministry's tree of this province; it stands beside ours.
const THEIRS: &str = "demo-99";
const LANE: &str = "ministry";
/// After all acts of a test.
const LATER: i64 = NOW + 100 * SECOND;

fn send(world: &World, events: Vec<BusinessEvent>, now: i64) {
    for answer in world.province.accept(events.into_iter().map(submitted).collect(), now) {
        assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
    }
}

/// Everything pending has arrived at the ministry.
fn deliver(world: &World) {
    let done: Result<(), NodeError> = world.province.store.write(|session| {
        session
            .execute("UPDATE collect_item SET state = 'done', done_at = $1", params![NOW + 50 * SECOND])?;
        let leaves = own(session)?;
        touch_all(session, THEIRS, &leaves)
    });
    done.expect("delivers");
}

fn own(session: &mut store::Session) -> Result<Vec<Leaf>, NodeError> {
    let rows = store::rows::reconcile::leaves_after(session, OWN, "", 10_000)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (month, area) = row.cell.split_once('/').expect("a cell");
            Leaf {
                month: month.into(),
                area: area.into(),
                certificate: row.certificate_id,
                state_seq: row.state_seq,
                version: row.version,
                base: row.base,
                files: row.files.split(' ').map(str::to_owned).collect(),
                changed_at: row.changed_at,
            }
        })
        .collect())
}

fn leaves(world: &World) -> Vec<Leaf> {
    world.province.store.read(own).expect("reads")
}

/// The ministry records something without us.
fn they_hold(world: &World, leaf: Leaf) {
    let done: Result<(), NodeError> =
        world.province.store.write(move |session| touch_all(session, THEIRS, std::slice::from_ref(&leaf)));
    done.expect("writes");
}

/// The ministry loses a certificate.
fn they_lose(world: &World, certificate: &str) {
    let key = certificate.to_owned();
    let done: Result<(), StoreError> = world.province.store.write(move |session| {
        store::rows::reconcile::remove_leaf(session, THEIRS, &key)?;
        session.execute(
            "UPDATE reconcile_leaf SET folded = '', dirty = TRUE WHERE tree = $1",
            params![THEIRS],
        )?;
        session.execute("DELETE FROM reconcile_node WHERE tree = $1", params![THEIRS])?;
        Ok(())
    });
    done.expect("writes");
}

fn clerk() -> Actor {
    Actor {
        client: "console".into(),
        operator: Some("经办二".into()),
        unit: Some("演示省交通运输厅".into()),
        ..Actor::default()
    }
}

/// The ministry behind its interface: what goes over is text.
struct Wire<'a>(LocalPeer<'a>);

impl PeerTree for Wire<'_> {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        let question = serde_json::to_string(question).expect("a question");
        let reply = self.0.ask(&serde_json::from_str(&question).expect("the same question"))?;
        let reply = serde_json::to_string(&reply).expect("a reply");
        Ok(serde_json::from_str(&reply).expect("the same reply"))
    }
}

fn run(world: &World, now: i64) -> Run {
    let mut peer = Wire(LocalPeer { store: &world.province.store, tree: THEIRS });
    world.province.reconcile_run(LANE, &mut peer, Depth::Sums, &clerk(), now).expect("runs")
}

fn found(world: &World, run: &Run) -> Vec<Difference> {
    world.province.reconcile_differences(&run.id, "", 1_000).expect("reads")
}

fn count(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
    let found: Result<Option<i64>, StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

#[test]
fn kept_up_trees_are_as_rebuilt_ones_and_equal_sides_take_one_message() {
    on_both(|world| {
        let mut events = first_issues(9);
        events.push(later("S000000", "A", "暂扣"));
        events.push(later("S000001", "B", "补发"));
        send(world, events, NOW);
        fold(&world.province.store, OWN).expect("folds");
        let rebuilt = rebuild(&world.province.store, OWN).expect("rebuilds");
        assert!(rebuilt.was_right(), "{rebuilt:?}");
        assert_eq!(rebuilt.leaves, 9);
        deliver(world);
        let run = run(world, LATER);
        assert!(run.summary.is_equal(), "{run:?}");
        assert_eq!((run.summary.comparison.messages, run.summary.comparison.ours), (1, 9));
        assert!(count(world, "audit_pending WHERE entries LIKE '%reconcile.run%'") == 1);
    });
}

#[test]
fn what_is_on_its_way_is_no_difference() {
    on_both(|world| {
        send(world, first_issues(3), NOW);
        deliver(world);
        // Pending in the outbox.
        send(world, vec![later("S000000", "A", "暂扣")], NOW + 60 * SECOND);
        let pending = run(world, LATER);
        assert_eq!((pending.summary.in_flight, pending.summary.is_equal()), (1, true), "{pending:?}");
        // Delivered, but only after the watermark.
        let at = LATER + 10 * SECOND;
        let done: Result<u64, StoreError> = world.province.store.write(move |session| {
            session.execute(
                "UPDATE collect_item SET state = 'done', done_at = $1 WHERE state = 'pending'",
                params![at],
            )
        });
        done.expect("writes");
        assert_eq!(run(world, LATER + 5 * SECOND).summary.in_flight, 1);
        // Settled before the watermark, and they still hold the old one: a difference.
        let late = run(world, at + SECOND);
        assert_eq!((late.summary.in_flight, late.summary.different), (0, 1), "{late:?}");
    });
}

#[test]
fn each_class_is_found_repaired_once_and_then_both_sides_are_equal() {
    on_both(|world| {
        send(world, first_issues(6), NOW);
        deliver(world);
        let own = leaves(world);
        they_lose(world, &own[0].certificate);
        they_hold(world, Leaf { base: "注销".into(), state_seq: 7, ..own[1].clone() });
        they_hold(world, Leaf { files: vec!["0".repeat(64)], ..own[2].clone() });
        they_hold(world, Leaf { certificate: "nobody's".into(), ..own[3].clone() });
        let first = run(world, LATER);
        let all = found(world, &first);
        let of = |key: &str| all.iter().find(|one| one.certificate == key).expect("found");
        assert_eq!(all.len(), 4, "{all:?}");
        assert_eq!(of(&own[0].certificate).class, Class::Missing);
        assert_eq!(of(&own[1].certificate).fields, ["base", "state_seq"]);
        assert_eq!(of(&own[2].certificate).fields, ["files"]);
        assert_eq!(of("nobody's").class, Class::Extra);
        assert_eq!(
            of(&own[1].certificate).theirs.as_ref().and_then(|side| side.get("base")).map(String::as_str),
            Some("注销")
        );

        let repaired = world.province.reconcile_repair(&first.id, &clerk(), LATER + SECOND).expect("repairs");
        assert_eq!((repaired.resent, repaired.drafted, repaired.settled), (1, 3, 0));
        let again = world.province.reconcile_repair(&first.id, &clerk(), LATER + SECOND).expect("repairs");
        assert_eq!((again.resent, again.drafted), (0, 0));
        assert_eq!(count(world, "collect_item WHERE state = 'pending'"), 1);
        assert_eq!(count(world, "collect_item"), 6);
        assert_eq!(count(world, "maintain_request WHERE state = 'draft'"), 3);

        // The draft names before and after, and the holder only behind the seal.
        let drafted = found(world, &first)
            .into_iter()
            .find(|one| one.certificate == own[1].certificate)
            .expect("found");
        let (row, form) = world
            .province
            .maintain_show(&drafted.request.expect("a request"), &clerk(), LATER)
            .expect("opens");
        assert!(!row.body_sealed.contains("注销"));
        let base = form.changes.iter().find(|change| change.field == "base").expect("the status");
        assert_eq!(
            (base.before.as_deref(), base.after.as_deref()),
            (Some("注销"), Some(own[1].base.as_str()))
        );
        let item =
            |label: &str| form.items.iter().find(|item| item.label == label).map(|item| item.value.clone());
        assert_eq!(item("维护类型").as_deref(), Some("状态变更"));
        assert!(item("持证主体").is_some_and(|holder| !holder.is_empty()), "{form:?}");

        // A second run before the ministry has decided writes no second request.
        let second = run(world, LATER + 2 * SECOND);
        assert_eq!((second.summary.missing, second.summary.in_flight), (0, 1));
        world.province.reconcile_repair(&second.id, &clerk(), LATER + 3 * SECOND).expect("repairs");
        assert_eq!(count(world, "maintain_request"), 3);

        // The missing one arrives; the ministry decides for us.
        deliver(world);
        they_lose(world, "nobody's");
        let last = run(world, LATER + 4 * SECOND);
        assert!(last.summary.is_equal(), "{last:?} {:?}", found(world, &last));
    });
}

/// A peer that stops answering.
struct Failing<'a>(LocalPeer<'a>, u32);

impl PeerTree for Failing<'_> {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        if self.1 == 0 {
            return Err(NodeError::Refused { what: "对方没有应答".into(), fix: "请重试".into() });
        }
        self.1 -= 1;
        self.0.ask(question)
    }
}

#[test]
fn an_interrupted_run_says_so_and_is_never_repaired() {
    on_both(|world| {
        send(world, first_issues(2), NOW);
        deliver(world);
        they_lose(world, &leaves(world)[0].certificate);
        let mut peer = Failing(LocalPeer { store: &world.province.store, tree: THEIRS }, 1);
        let failed = world.province.reconcile_run(LANE, &mut peer, Depth::Sums, &clerk(), LATER);
        assert!(failed.is_err());
        let runs = world.province.reconcile_runs(10).expect("reads");
        assert_eq!(runs[0].state, "interrupted");
        assert!(runs[0].summary.cause.as_deref().is_some_and(|cause| cause.contains("没有应答")));
        assert!(world.province.reconcile_repair(&runs[0].id, &clerk(), LATER).is_err());
        assert_eq!(run(world, LATER + SECOND).summary.missing, 1);
        assert!(world.province.reconcile_run("nowhere", &mut peer, Depth::Sums, &clerk(), LATER).is_err());
    });
}

/// A peer that answers with equal sums whatever it holds: it repeats what we would say.
struct Echo<'a>(&'a World);

impl PeerTree for Echo<'_> {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        let tree = if matches!(question, Question::Children { .. }) { OWN } else { THEIRS };
        answer(&self.0.province.store, tree, question)
    }
}

#[test]
fn sums_may_lie_and_leaves_are_compared_all_the_same_when_asked_for() {
    let world = support::sqlite();
    send(&world, first_issues(3), NOW);
    deliver(&world);
    let own = leaves(&world);
    they_hold(&world, Leaf { base: "注销".into(), ..own[0].clone() });
    let believed =
        world.province.reconcile_run(LANE, &mut Echo(&world), Depth::Sums, &clerk(), LATER).expect("runs");
    assert!(believed.summary.is_equal());
    let looked =
        world.province.reconcile_run(LANE, &mut Echo(&world), Depth::Leaves, &clerk(), LATER).expect("runs");
    assert_eq!((looked.summary.different, looked.summary.comparison.compared), (1, 3));
}

#[test]
fn reports_name_every_difference_in_three_forms() {
    let world = support::sqlite();
    send(&world, first_issues(2), NOW);
    deliver(&world);
    let own = leaves(&world);
    they_hold(&world, Leaf { base: "注销".into(), ..own[0].clone() });
    let run = run(&world, LATER);
    let report = |form| {
        let mut out = Vec::new();
        world.province.reconcile_report(&run.id, form, &mut out).expect("writes");
        out
    };
    let text = String::from_utf8(report(ReportForm::Text)).expect("text");
    assert!(text.contains("对方缺失 0，对方多出 0，内容不符 1；在途 0"), "{text}");
    assert!(
        text.contains("内容不符") && text.contains("不符项：状态") && text.contains("对方：状态 注销"),
        "{text}"
    );
    let lines = String::from_utf8(report(ReportForm::Jsonl)).expect("text");
    let one: Difference = serde_json::from_str(lines.lines().nth(1).expect("a line")).expect("a difference");
    assert_eq!(one.fields, ["base"]);
    assert!(report(ReportForm::Xlsx).starts_with(b"PK"));
}

const MAP: &str = r#"
name = "部级导出"
[[field]]
ours = "identifier"
theirs = "证照标识"
[[field]]
ours = "base"
theirs = "状态码"
codes = { "正常" = "1", "注销" = "9" }
[[field]]
ours = "version"
theirs = "版本"
"#;

fn identifiers(world: &World) -> Vec<String> {
    let rows: Result<Vec<String>, StoreError> = world.province.store.read(|session| {
        session.rows("SELECT identifier FROM lifecycle_certificate ORDER BY id", &[], |row| row.get(0))
    });
    rows.expect("reads")
}

fn listed(world: &World, text: &str, form: ListForm, now: i64) -> Result<Run, NodeError> {
    let map = ListMap::parse(MAP).expect("the map");
    let mut list = Cursor::new(text.as_bytes());
    world.province.reconcile_list(LANE, &mut list, form, &map, &Scope::default(), &clerk(), now)
}

#[test]
fn a_plain_list_with_three_columns_finds_the_same_classes() {
    on_both(|world| {
        send(world, first_issues(4), NOW);
        deliver(world);
        let ids = identifiers(world);
        let equal: String = ids.iter().map(|id| format!("{id},1,1,x\n")).collect();
        let head = "\u{feff}证照标识,状态码,版本,别的\n";
        let same = listed(world, &format!("{head}{equal}"), ListForm::Csv, LATER).expect("runs");
        assert!(same.summary.is_equal(), "{:?}", found(world, &same));
        assert_eq!((same.summary.comparison.ours, same.summary.comparison.theirs), (4, 4));

        let other =
            format!("{head}{},1,1,\n{},9,1,\nXX,1,1,\n{},1,1,\n{},1,1,\n", ids[0], ids[1], ids[2], ids[2]);
        let run = listed(world, &other, ListForm::Csv, LATER + SECOND).expect("runs");
        let all = found(world, &run);
        let classes = [run.summary.missing, run.summary.extra, run.summary.different];
        assert_eq!(classes, [1, 2, 1], "{all:?}");
        let different = all.iter().find(|one| one.class == Class::Different).expect("one");
        assert_eq!(different.fields, ["base"]);
        assert!(all.iter().any(|one| one.note.contains("重复")), "{all:?}");
        assert_eq!(count(world, "reconcile_seen"), 0);
        // What changed after the list was made is in flight, and so is what the list lacks of it.
        let early = listed(world, head, ListForm::Csv, NOW).expect("runs");
        assert_eq!((early.summary.missing, early.summary.in_flight), (0, 4));
        let repaired =
            world.province.reconcile_repair(&run.id, &clerk(), LATER + 2 * SECOND).expect("repairs");
        assert_eq!((repaired.resent, repaired.drafted), (1, 3));
    });
}

#[test]
fn a_wrong_list_is_refused_with_its_line() {
    let world = support::sqlite();
    let no_column = listed(&world, "证照标识,版本\n", ListForm::Csv, LATER).expect_err("no such column");
    assert!(no_column.to_string().contains("状态码"), "{no_column}");
    let no_key = listed(&world, "{\"状态码\": \"1\"}\n", ListForm::Jsonl, LATER).expect_err("no key");
    assert!(no_key.to_string().contains("第 1 行"), "{no_key}");
    let no_json =
        listed(&world, "{\"证照标识\": \"A\"}\n[]\n", ListForm::Jsonl, LATER).expect_err("no object");
    assert!(no_json.to_string().contains("第 2 行"), "{no_json}");
    assert!(ListMap::parse("name = \"x\"\n[[field]]\nours = \"base\"\ntheirs = \"b\"\n").is_err());
}

#[test]
fn a_list_by_number_is_met_by_the_blind_index() {
    let world = support::sqlite();
    send(&world, first_issues(5), NOW);
    deliver(&world);
    let numbers: Result<Vec<String>, StoreError> = world.province.store.read(|session| {
        session.rows(
            "SELECT certificate_no FROM lifecycle_certificate WHERE certificate_no IS NOT NULL ORDER BY id",
            &[],
            |row| row.get(0),
        )
    });
    let numbers = numbers.expect("reads");
    let map = ListMap::parse(
        "name = \"x\"\n[[field]]\nours = \"certificate_no\"\ntheirs = \"no\"\n[[field]]\nours = \"base\"\ntheirs = \"base\"\n",
    );
    let text: String =
        numbers.iter().map(|no| format!("{{\"no\": \"{no}\", \"base\": \"正常\"}}\n")).collect();
    let mut list = Cursor::new(text.as_bytes());
    let map = map.expect("the map");
    let run = world.province.reconcile_list(
        LANE,
        &mut list,
        ListForm::Jsonl,
        &map,
        &Scope::default(),
        &clerk(),
        LATER,
    );
    let run = run.expect("runs");
    assert_eq!((run.summary.extra, run.summary.different), (0, 0), "{:?}", found(&world, &run));
    assert_eq!(run.summary.missing, (5 - numbers.len()) as u64);
}

/// Answers for one certificate at a time, and lacks the first.
struct Desk(String);

impl ItemPeer for Desk {
    fn look(&mut self, identifiers: &[String]) -> Result<Vec<Option<Side>>, NodeError> {
        let side = |id: &String| {
            Side::from([("identifier".to_owned(), id.clone()), ("base".to_owned(), "正常".to_owned())])
        };
        Ok(identifiers.iter().map(|id| (*id != self.0).then(|| side(id))).collect())
    }
}

#[test]
fn asking_for_each_certificate_finds_what_is_missing() {
    let world = support::sqlite();
    send(&world, first_issues(3), NOW);
    deliver(&world);
    let mut desk = Desk(identifiers(&world)[0].clone());
    let run =
        world.province.reconcile_items(LANE, &mut desk, &Scope::default(), &clerk(), LATER).expect("runs");
    assert_eq!((run.summary.missing, run.summary.different, run.summary.comparison.ours), (1, 0, 3));
}
