//! The digest tree alone: random acts, rebuilt trees, one difference among many.

mod support;

use node::NodeError;
use node::reconcile::{
    Comparison, Depth, Leaf, LocalPeer, OWN, Pair, Path, PeerTree, Question, Reply, StoredTree, Sum, compare,
    fold, rebuild, slot, touch_all,
};
use proptest::prelude::*;
use store::{Options, Store, StoreError, Value, params};
use support::Scratch;

fn sqlite() -> (Store, Scratch) {
    let folder = Scratch::new();
    let url = format!("sqlite:{}", folder.0.join("rows.db").display());
    (Store::open(&url, &Options::default()).expect("opens"), folder)
}

fn leaf(n: u64, seq: i64) -> Leaf {
    Leaf {
        certificate: format!("019e8000-0000-7000-8000-{n:012x}"),
        month: format!("2026-{:02}", n % 3 + 1),
        area: format!("99{:02}", n % 5),
        state_seq: seq,
        version: 1 + seq / 4,
        base: if seq % 3 == 0 { "暂扣" } else { "正常" }.into(),
        files: vec![format!("{n:032x}{:032x}", seq / 4)],
        changed_at: seq,
    }
}

/// The ministry receives acts: holdings and leaves in one transaction.
fn receive(store: &Store, tree: &'static str, leaves: Vec<Leaf>) {
    let done: Result<(), NodeError> = store.write(move |session| {
        let rows: Vec<Value<'_>> = leaves.iter().flat_map(|one| holding(tree, one)).collect();
        session.insert(
            "INSERT INTO collect_holding (province, certificate_id, kind, issuer, area, month, state_seq, version, base, \
             file_sm3, body_sealed, files, received_at)",
            13,
            "ON CONFLICT (province, certificate_id) DO UPDATE SET state_seq = excluded.state_seq, \
             version = excluded.version, base = excluded.base, file_sm3 = excluded.file_sm3",
            &rows,
        )?;
        touch_all(session, tree, &leaves)
    });
    done.expect("receives");
}

fn holding<'a>(tree: &'a str, one: &'a Leaf) -> [Value<'a>; 13] {
    [
        tree.into(),
        (&one.certificate).into(),
        "k".into(),
        "i".into(),
        (&one.area).into(),
        (&one.month).into(),
        one.state_seq.into(),
        one.version.into(),
        (&one.base).into(),
        one.files.join(",").into(),
        "".into(),
        "".into(),
        one.changed_at.into(),
    ]
}

fn walk(store: &Store, depth: Depth) -> (Comparison, Vec<Pair>) {
    let mut found = Vec::new();
    let mut ours = StoredTree { store, tree: "p98" };
    let mut peer = LocalPeer { store, tree: "p97" };
    let done = compare(&mut ours, &mut peer, depth, &mut |pairs| {
        found.extend(pairs);
        Ok(())
    });
    found.sort_by(|a, b| a.certificate.cmp(&b.certificate));
    (done.expect("compares"), found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sums_come_back_when_what_was_added_is_taken_away(a: [u8; 32], b: [u8; 32], c: [u8; 32]) {
        let [a, b, c] = [Sum::of(&a), Sum::of(&b), Sum::of(&c)];
        prop_assert_eq!(a.plus(b).plus(c), c.plus(a).plus(b));
        prop_assert_eq!(a.plus(b).minus(b), a);
        prop_assert_eq!(Sum::default().minus(a).plus(a), Sum::default());
        prop_assert_eq!(Sum::parse(&a.to_string()), Some(a));
    }

    #[test]
    fn places_are_read_as_they_are_written(text in "\\PC{0,24}", month in 1..13_u8, area in 10..9_999_u32, hash: u16) {
        if let Ok(path) = Path::try_from(text.clone()) {
            prop_assert_eq!(path.as_str(), text);
        }
        for hash in [String::new(), format!("/{:02x}", hash >> 8), format!("/{hash:04x}")] {
            let text = format!("2026-{month:02}/{area}{hash}");
            let path = Path::try_from(text.clone()).expect("a place");
            prop_assert_eq!(path.as_str(), &text);
            let parent = path.parent().expect("a parent");
            prop_assert!(parent.level() < path.level());
            prop_assert_eq!(parent.parent().is_some(), true);
        }
    }

    /// Whatever is received in whatever order, folded now and then: the tree is as one made anew, and two trees differ
    /// exactly where their leaves do.
    #[test]
    fn kept_up_is_rebuilt(acts in proptest::collection::vec((0..40_u64, 1..9_i64, any::<bool>()), 1..60), other in 0..60_u64) {
        let (store, _folder) = sqlite();
        let mut latest = std::collections::BTreeMap::new();
        for chunk in acts.chunks(7) {
            receive(&store, "p98", chunk.iter().map(|(n, seq, _)| leaf(*n, *seq)).collect());
            for (n, seq, _) in chunk {
                latest.insert(*n, leaf(*n, *seq));
            }
            if chunk[0].2 {
                fold(&store, "p98").expect("folds");
            }
        }
        fold(&store, "p98").expect("folds");
        let rebuilt = rebuild(&store, "p98").expect("rebuilds");
        prop_assert!(rebuilt.was_right(), "{:?}", rebuilt);
        receive(&store, "p97", latest.values().cloned().collect());
        let (equal, none) = walk(&store, Depth::Sums);
        prop_assert_eq!((equal.messages, none.len()), (1, 0));
        receive(&store, "p97", vec![leaf(other, 11)]);
        let (_, found) = walk(&store, Depth::Sums);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].theirs.as_ref(), Some(&leaf(other, 11)));
        prop_assert_eq!(found[0].ours.as_ref(), latest.get(&other));
        prop_assert_eq!(walk(&store, Depth::Leaves).1, found);
    }
}

#[test]
fn a_damaged_tree_is_mended() {
    let (store, _folder) = sqlite();
    receive(&store, "p98", (0..50).map(|n| leaf(n, 1)).collect());
    fold(&store, "p98").expect("folds");
    let damaged: Result<(), StoreError> = store.write(|session| {
        session.execute("UPDATE reconcile_node SET leaves = leaves + 1 WHERE path = '2026-01'", &[])?;
        session.execute(
            "UPDATE reconcile_leaf SET base = 'x' WHERE certificate_id = $1",
            params![&leaf(3, 1).certificate],
        )?;
        session.execute(
            "DELETE FROM collect_holding WHERE certificate_id = $1",
            params![&leaf(4, 1).certificate],
        )?;
        Ok(())
    });
    damaged.expect("damages");
    let first = rebuild(&store, "p98").expect("rebuilds");
    assert_eq!((first.leaves, first.mended, first.removed, first.sums), (49, 1, 1, 1));
    assert!(rebuild(&store, "p98").expect("rebuilds").was_right());
}

/// Several writers and folders at once on PostgreSQL.
#[test]
fn acts_and_folds_of_several_processes_do_not_get_in_each_others_way() {
    let database = testbed::Database::new();
    let stores: Vec<Store> =
        (0..2).map(|_| Store::open(&database.url(), &Options::default()).expect("opens")).collect();
    std::thread::scope(|scope| {
        for (share, store) in stores.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..15_u64 {
                    // Both write the same certificates, in opposite orders.
                    let mut batch: Vec<Leaf> =
                        (0..20).map(|n| leaf(n + round, 1 + (n + round) as i64 % 7)).collect();
                    if share == 1 {
                        batch.reverse();
                    }
                    receive(store, "p98", batch);
                    fold(store, "p98").expect("folds");
                }
            });
        }
    });
    fold(&stores[0], "p98").expect("folds");
    let rebuilt = rebuild(&stores[0], "p98").expect("rebuilds");
    assert!(rebuilt.was_right(), "{rebuilt:?}");
    assert_eq!(rebuilt.leaves, 34);
}

struct Forged(Reply);

impl PeerTree for Forged {
    fn ask(&mut self, _: &Question) -> Result<Reply, NodeError> {
        Ok(self.0.clone())
    }
}

#[test]
fn answers_that_are_none_are_refused() {
    let (store, _folder) = sqlite();
    let child = |path: &str| node::reconcile::Child {
        path: Path::try_from(path.to_owned()).expect("a place"),
        digest: Sum::default(),
        leaves: 1,
    };
    let forged = [
        Reply::Leaves { lists: vec![Vec::new()] },
        Reply::Children { lists: Vec::new() },
        Reply::Children { lists: vec![vec![child("2026-01/99")]] },
        Reply::Children { lists: vec![vec![child("2026-01"), child("2026-01")]] },
    ];
    for reply in forged {
        let mut ours = StoredTree { store: &store, tree: OWN };
        let refused = compare(&mut ours, &mut Forged(reply), Depth::Sums, &mut |_| Ok(()));
        assert!(refused.is_err());
    }
}

fn one_among(store: &Store, many: u64, print: bool) -> Comparison {
    let load = |tree: &'static str| {
        let mut first = 0;
        while first < many {
            let end = (first + 5_000).min(many);
            // One month and one area: the densest tree there can be.
            let dense = |n| Leaf { month: "2026-11".into(), area: "9901".into(), ..leaf(n, 1) };
            let done: Result<(), NodeError> = store
                .write(move |session| touch_all(session, tree, &(first..end).map(dense).collect::<Vec<_>>()));
            done.expect("loads");
            first = end;
        }
    };
    let timed = |what: &str, work: &mut dyn FnMut()| {
        #[expect(clippy::disallowed_methods, reason = "a figure for people")]
        let begun = std::time::Instant::now();
        work();
        if print {
            println!("{what}: {:?}", begun.elapsed());
        }
    };
    timed("load both", &mut || {
        load("p98");
        load("p97");
    });
    timed("fold one", &mut || {
        fold(store, "p98").expect("folds");
    });
    fold(store, "p97").expect("folds");
    let odd = Leaf { month: "2026-11".into(), area: "9901".into(), state_seq: 2, ..leaf(many / 2, 1) };
    let done: Result<(), NodeError> =
        store.write(move |session| touch_all(session, "p97", std::slice::from_ref(&odd)));
    done.expect("writes");
    let mut result = Comparison::default();
    for _ in 0..2 {
        timed("find one", &mut || {
            let (done, found) = walk(store, Depth::Sums);
            assert_eq!(found.len(), 1);
            result = done;
        });
    }
    result
}

#[test]
fn one_difference_in_a_hundred_thousand_takes_few_messages() {
    let (store, _folder) = sqlite();
    let done = one_among(&store, 100_000, true);
    assert!(done.messages <= 10, "{done:?}");
    assert!(done.compared <= 1_000, "{done:?}");
}

/// By hand: `cargo test --release -p node --test reconcile_tree -- --ignored --nocapture`.
#[test]
#[ignore = "a minute, and a gigabyte"]
fn one_difference_in_a_million() {
    let (store, _folder) = sqlite();
    let done = one_among(&store, 1_000_000, true);
    println!("{done:?}");
    assert!(done.messages <= 100, "{done:?}");
}

#[test]
fn slots_are_spread() {
    let mut seen = std::collections::HashSet::new();
    (0..1_000).for_each(|n| {
        seen.insert(slot(&leaf(n, 1).certificate) >> 8);
    });
    assert!(seen.len() > 240, "{}", seen.len());
}
