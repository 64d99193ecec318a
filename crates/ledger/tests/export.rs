//! The checker finds what was done to an export.
#![allow(clippy::unwrap_used)] // Helpers of tests may stop loudly too.

mod support;

use std::sync::LazyLock;

use ledger::*;
use proptest::prelude::*;
use support::*;

static LOG: LazyLock<Log> = LazyLock::new(|| Log::new(40, 6, 9));
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| LOG.export());

/// Codes and entry numbers of what was found.
fn found(lines: &[String]) -> Vec<(IssueCode, Option<u64>)> {
    check(&join(lines)).issues.iter().map(|issue| (issue.code, issue.entry)).collect()
}

fn line_of(number: u64) -> usize {
    LINES.iter().position(|line| line.starts_with(&format!(r#"{{"n":{number},"#))).unwrap()
}

/// The log rewritten from entry `number` on by somebody without the key: consistent in itself but for the signatures.
fn forged(change: impl Fn(&mut Log)) -> Vec<String> {
    let mut log = Log { map_root: EMPTY_MAP, ..Log::default() };
    change(&mut log);
    log.checkpoints.extend(LOG.checkpoints.iter().cloned());
    log.export()
}

#[test]
fn an_honest_export_is_sound_and_proves_no_roll_back() {
    let report = check(&join(&LINES));
    assert_eq!(report.issues, []);
    assert!(report.is_sound());
    assert_eq!((report.entries, report.checkpoints), (40, LOG.checkpoints.len() as u64));
    assert_eq!(report.rollback, Rollback::NotProvable);
    assert!(report.lines().iter().any(|line| line.contains("无法证明未回退")));
}

#[test]
fn a_deleted_entry_is_named() {
    let mut lines = LINES.clone();
    lines.remove(line_of(17));
    assert!(found(&lines).contains(&(IssueCode::Missing, Some(17))));
}

#[test]
fn a_copied_entry_is_named() {
    let mut lines = LINES.clone();
    lines.insert(line_of(20), LINES[line_of(11)].clone());
    assert!(found(&lines).contains(&(IssueCode::Order, Some(11))));
}

#[test]
fn swapped_entries_are_named() {
    let mut lines = LINES.clone();
    lines.swap(line_of(10), line_of(11));
    let found = found(&lines);
    assert!(found.contains(&(IssueCode::Missing, Some(10))) && found.contains(&(IssueCode::Order, Some(10))));
}

#[test]
fn a_changed_text_beside_its_old_hash_is_named_and_nothing_else() {
    let mut lines = LINES.clone();
    let place = line_of(12);
    lines[place] = lines[place].replace("ev-12", "ev-13");
    assert_eq!(found(&lines), [(IssueCode::Changed, Some(12))]);
}

#[test]
fn a_changed_text_with_a_new_hash_is_found_by_the_root_between_two_checkpoints() {
    let mut lines = LINES.clone();
    // Entry 14 is a read: no chain tells on it.
    let entry = String::from_utf8(LOG.entries[14].clone()).unwrap().replace("op-17", "op-18");
    lines[line_of(14)] = entry_line(14, entry.as_bytes(), &leaf_hash(entry.as_bytes())).unwrap();
    assert!(found(&lines).contains(&(IssueCode::Root, Some(9))));
}

#[test]
fn a_changed_act_with_a_new_hash_is_named_by_the_next_act_on_the_object() {
    let mut lines = LINES.clone();
    let entry = String::from_utf8(LOG.entries[13].clone()).unwrap().replace("op-17", "op-18");
    lines[line_of(13)] = entry_line(13, entry.as_bytes(), &leaf_hash(entry.as_bytes())).unwrap();
    let report = check(&join(&lines));
    let link = report.issues.iter().find(|issue| issue.code == IssueCode::Link).unwrap();
    assert!(link.text.contains("第 13 条"), "{}", link.text);
}

/// What is found when the fourth entry of a certificate has this link.
fn found_with(link: Link) -> Vec<(IssueCode, Option<u64>)> {
    let mut log = Log::new(3, 1, 100);
    let object = Object { key: "证照-0".to_owned(), link };
    let entry = entry(3, Some(object)).canonical();
    log.frontier.append(leaf_hash(&entry));
    log.latest.insert(map_key("证照-0"), Latest { number: 3, leaf: leaf_hash(&entry) });
    log.map_root = map_root(&log.latest.clone().into_iter().collect::<Vec<_>>());
    log.entries.push(entry);
    log.checkpoint();
    found(&log.export())
}

#[test]
fn a_forged_chain_is_named_even_under_a_good_root() {
    assert_eq!(found_with(Link::After([7; 32])), [(IssueCode::Link, Some(3))]);
}

#[test]
fn a_second_first_act_is_named() {
    assert_eq!(found_with(Link::First), [(IssueCode::Link, Some(3))]);
}

#[test]
fn a_map_root_that_is_not_of_the_entries_is_found() {
    let mut log = Log::new(3, 1, 100);
    log.append("证照-0", false);
    log.map_root = [1; 32];
    log.checkpoint();
    assert_eq!(found(&log.export()), [(IssueCode::Map, None)]);
}

#[test]
fn a_renumbered_deletion_is_found_by_the_root() {
    let lines = forged(|log| {
        for number in (0..40).filter(|number| *number != 17) {
            let key = format!("证照-{}", number * 7 % 6);
            log.append(&key, number % 3 == 2);
        }
    });
    assert!(
        found(&lines).contains(&(IssueCode::Root, Some(9)))
            || found(&lines).contains(&(IssueCode::Root, Some(0)))
    );
}

#[test]
fn a_checkpoint_signed_by_another_key_is_found() {
    let mut lines = LINES.clone();
    let forged = LOG.last().checkpoint().sign(&*key(9)).unwrap();
    let place = lines.len() - 2;
    lines[place] = checkpoint_line(&forged).unwrap();
    assert!(found(&lines).contains(&(IssueCode::Signature, None)));
}

#[test]
fn a_checkpoint_earlier_than_the_one_before_is_found() {
    let mut log = Log::new(9, 2, 9);
    let first = log.last().checkpoint().clone();
    let previous = Some(first.digest().unwrap());
    log.checkpoints.push(Checkpoint { at: first.at - 1, previous, ..first }.sign(&*key(1)).unwrap());
    assert_eq!(found(&log.export()), [(IssueCode::Checkpoint, None)]);
}

#[test]
fn the_export_of_another_log_under_this_name_is_found() {
    let mut lines = LINES.clone();
    let header = Header { origin: WITNESS.to_owned(), size: 40, every_checkpoint: true };
    lines[0] = header_line(&header);
    let report = check(&join(&lines));
    assert!(report.issues.iter().all(|issue| issue.text.contains("属于另一日志")));
    assert_eq!(report.errors, LOG.checkpoints.len() as u64);
}

#[test]
fn entries_without_a_checkpoint_are_named() {
    let mut lines = LINES.clone();
    lines.remove(lines.len() - 2);
    assert!(found(&lines).contains(&(IssueCode::Checkpoint, Some(36))));
}

#[test]
fn a_missing_checkpoint_in_the_middle_is_found() {
    let mut lines = LINES.clone();
    lines.remove(lines.iter().position(|line| line.starts_with(r#"{"checkpoint"#)).unwrap());
    assert!(found(&lines).contains(&(IssueCode::Checkpoint, None)));
}

#[test]
fn a_missing_checkpoint_of_a_thinned_export_is_found_by_the_count() {
    let thinned = |lines: &[String]| {
        let mut lines = lines.to_vec();
        let (origin, size) = (ORIGIN.to_owned(), 40);
        lines[0] = header_line(&Header { origin, size, every_checkpoint: false });
        lines
    };
    assert_eq!(found(&thinned(&LINES)), []);
    let mut lines = thinned(&LINES);
    lines.remove(lines.iter().position(|line| line.starts_with(r#"{"checkpoint"#)).unwrap());
    assert_eq!(found(&lines), [(IssueCode::End, None)]);
}

/// The export as it was at the checkpoint of 27 entries, whole in itself.
fn rolled_back() -> Vec<u8> {
    let mut old = Log::new(27, 6, 9);
    old.checkpoints = LOG.checkpoints[..3].to_vec();
    join(&old.export())
}

#[test]
fn a_roll_back_is_seen_only_against_a_newer_checkpoint() {
    let bytes = rolled_back();
    assert!(check(&bytes).is_sound());
    let report = check_export(&bytes[..], &keys(), Some(LOG.last())).unwrap();
    assert_eq!(report.rollback, Rollback::RolledBack { have: 27, newer: 40 });
    assert!(!report.is_sound());
    assert!(report.lines().iter().any(|line| line.contains("已回退：导出为 27 条，所给检查点为 40 条")));
}

#[test]
fn a_checkpoint_within_the_export_excludes_a_roll_back() {
    let report = check_export(&join(&LINES)[..], &keys(), Some(&LOG.checkpoints[1])).unwrap();
    assert_eq!(report.rollback, Rollback::Excluded { newer: 18 });
    assert!(report.is_sound());
}

#[test]
fn another_history_under_the_same_key_is_a_fork() {
    let other = Log::new(18, 5, 18);
    let report = check_export(&join(&LINES)[..], &keys(), Some(other.last())).unwrap();
    assert_eq!(report.rollback, Rollback::Forked { newer: 18 });
    assert!(!report.is_sound());
}

#[test]
fn a_newer_checkpoint_with_another_map_of_the_same_entries_is_found() {
    let other = Checkpoint { map_root: [1; 32], ..LOG.last().checkpoint().clone() }.sign(&*key(1)).unwrap();
    let report = check_export(&join(&LINES)[..], &keys(), Some(&other)).unwrap();
    assert_eq!(report.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::Map]);
}

#[test]
fn a_damaged_export_cannot_be_compared_with_a_newer_checkpoint() {
    let mut lines = LINES.clone();
    lines.remove(line_of(3));
    let report = check_export(&join(&lines)[..], &keys(), Some(&LOG.checkpoints[1])).unwrap();
    assert_eq!(report.rollback, Rollback::NotComparable { newer: 18 });
}

#[test]
fn a_checkpoint_of_another_log_says_nothing_about_a_roll_back() {
    let other = Checkpoint { origin: WITNESS.to_owned(), ..LOG.last().checkpoint().clone() };
    let other = other.sign(&*key(2)).unwrap();
    let report = check_export(&join(&LINES)[..], &keys(), Some(&other)).unwrap();
    assert_eq!(report.rollback, Rollback::NotProvable);
    assert!(!report.is_sound());
}

#[test]
fn the_report_has_a_machine_form() {
    let mut lines = LINES.clone();
    let place = line_of(12);
    lines[place] = lines[place].replace("ev-12", "ev-13");
    let json = serde_json::to_value(check(&join(&lines))).unwrap();
    assert_eq!(json["issues"][0]["code"], "changed");
    assert_eq!(json["issues"][0]["entry"], 12);
    assert_eq!(json["rollback"]["state"], "not_provable");
}

#[test]
fn a_newer_checkpoint_that_nobody_signed_does_not_count() {
    let other = LOG.last().checkpoint().sign(&*key(9)).unwrap();
    let report = check_export(&join(&LINES)[..], &keys(), Some(&other)).unwrap();
    assert_eq!(report.rollback, Rollback::NotProvable);
    assert_eq!(report.issues[0].code, IssueCode::Signature);
}

#[test]
fn an_unknown_witness_is_a_hint_only() {
    let report = check_export(&join(&LINES)[..], &keys()[..1], None).unwrap();
    assert!(report.is_sound());
    assert!(report.issues.iter().all(|issue| issue.code == IssueCode::UnknownSigner));
}

#[test]
fn the_empty_log_is_sound() {
    let mut log = Log { map_root: EMPTY_MAP, ..Log::default() };
    log.checkpoint();
    let header = header_line(&Header { origin: ORIGIN.to_owned(), size: 0, every_checkpoint: true });
    let lines = [header, checkpoint_line(log.last()).unwrap(), end_line(0, 1)];
    assert_eq!(found(&lines), []);
}

#[test]
fn a_ruined_file_does_not_fill_the_memory() {
    let report = check(&b"x\n".repeat(5000));
    assert_eq!(report.issues.len(), 1000);
    assert!(report.lines().iter().any(|line| line.starts_with("另有")));
}

#[derive(Clone, Debug)]
enum Mutation {
    Delete(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Copy(prop::sample::Index, prop::sample::Index),
    Truncate(prop::sample::Index),
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Mutation::Delete),
        (index(), index()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        (index(), index()).prop_map(|(a, b)| Mutation::Copy(a, b)),
        index().prop_map(Mutation::Truncate),
        (index(), any::<u8>()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
        index().prop_map(Mutation::Cut),
    ]
}

fn mutated(mutation: &Mutation) -> Vec<u8> {
    let mut lines = LINES.clone();
    let count = lines.len();
    match mutation {
        Mutation::Delete(at) => drop(lines.remove(at.index(count))),
        Mutation::Swap(a, b) => lines.swap(a.index(count), b.index(count)),
        Mutation::Copy(from, to) => lines.insert(to.index(count + 1), LINES[from.index(count)].clone()),
        Mutation::Truncate(at) => lines.truncate(at.index(count)),
        Mutation::Byte(at, byte) => {
            let mut bytes = join(&lines);
            let at = at.index(bytes.len());
            bytes[at] = *byte;
            return bytes;
        }
        Mutation::Cut(at) => {
            let mut bytes = join(&lines);
            bytes.truncate(at.index(bytes.len()));
            return bytes;
        }
    }
    join(&lines)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_mutation_is_reported(mutation in mutation()) {
        let bytes = mutated(&mutation);
        let report = check(&bytes);
        let same = bytes == join(&LINES);
        // A changed name of a witness makes an unknown one: a hint, for it takes nothing from the log's own proof.
        prop_assert_eq!(report.issues.is_empty(), same, "{:?}", report);
    }

    #[test]
    fn an_honest_export_of_any_shape_is_sound(size in 1u64..60, objects in 1u64..9, every in 1u64..30) {
        let report = check(&join(&Log::new(size, objects, every).export()));
        prop_assert_eq!(report.issues, vec![]);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!check(&bytes).is_sound());
    }
}
