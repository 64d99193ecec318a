//! kill -9 at many moments, then an independent look at what is on the disk: it reads files and trusts no summary.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::bench::{Bench, keys, numbers};

const JOURNAL: &str = "o/journal.jsonl";

/// Record → identifier of all whole intent lines on the disk.
fn intents(bench: &Bench) -> BTreeMap<String, String> {
    let Ok(bytes) = std::fs::read(bench.file(JOURNAL)) else { return BTreeMap::new() };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let intents = lines.filter(|line| line["t"] == "intent");
    intents.map(|line| (text(&line, "record_id"), text(&line, "identifier"))).collect()
}

/// Everything that must hold of a finished output folder, told from the files alone.
pub fn check(bench: &Bench, out: &str) {
    let lines = bench.lines(&format!("{out}/journal.jsonl"));
    let (intents, done): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| line["t"] == "intent");
    let unique = |lines: &[&Value], name: &str| {
        let values: BTreeSet<String> = lines.iter().map(|line| line[name].to_string()).collect();
        assert_eq!(values.len(), lines.len(), "{name} twice");
        values
    };
    let identifiers = unique(&intents, "identifier");
    let records = unique(&intents, "record_id");
    let indexes = unique(&intents, "status_index");
    assert_eq!(unique(&done, "identifier"), identifiers, "an intent is not done");

    // Exactly the clean records of the truth have certificates.
    let wrong: BTreeSet<String> =
        bench.lines("s/truth.jsonl").iter().map(|line| line["record_id"].to_string()).collect();
    let inputs =
        bench.files("s").into_iter().filter(|name| name.ends_with(".jsonl") && !name.contains("truth"));
    let all: BTreeSet<String> =
        inputs.flat_map(|name| bench.lines(&name)).map(|record| record["record_id"].to_string()).collect();
    let clean: BTreeSet<String> = all.difference(&wrong).cloned().collect();
    assert_eq!(records, clean);

    // Each file that the journal names is there, and no other certificate.
    let named: BTreeSet<String> = done
        .iter()
        .flat_map(|line| line["files"].as_array().unwrap())
        .map(|file| format!("{out}/{}", file["path"].as_str().unwrap()))
        .collect();
    let found = bench.files(out);
    assert_eq!(found.iter().filter(|name| name.ends_with(".ofd")).cloned().collect::<BTreeSet<_>>(), named);
    let parts: Vec<&String> = found.iter().filter(|name| name.ends_with(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");

    // What the files say of themselves: a sample of them, since each look starts the program.
    let mut seen = BTreeSet::new();
    for name in named.iter().filter(|name| !name.contains('-') || !name.ends_with("-副本.ofd")).step_by(60)
    {
        let metadata: BTreeMap<String, String> = bench.metadata(name).into_iter().collect();
        assert!(identifiers.contains(&format!("\"{}\"", metadata["ZZBS"])), "{name}");
        assert!(indexes.contains(&metadata["KZ_ZTXH"]), "{name}");
        assert!(seen.insert(metadata["KZ_ZTXH"].clone()), "{name}");
    }
}

const KILLS: u32 = 15;

/// The moments: soon after the journal has grown (intents without files, or files without the next intents), some time
/// after that, and any time after the start (fonts, keys, replay, lint).
fn wait_for_a_moment(bench: &Bench, child: &mut Child, turn: u32, random: &mut impl FnMut(u64) -> u64) {
    let length = || bench.file(JOURNAL).metadata().map_or(0, |meta| meta.len());
    let start = length();
    if turn % 3 != 1 {
        while length() == start && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    std::thread::sleep(Duration::from_millis(random([40, 700, 200][turn as usize % 3])));
}

#[test]
fn killed_at_many_moments_it_goes_on_and_ends_with_every_certificate_once() {
    let bench = Bench::with_sample(1500, 3);
    let mut random = numbers(20_261_122);
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    let (mut kills, mut kills_with_work) = (0, 0);
    // A limit in turns, not in seconds, keeps a stuck test from going on for ever.
    for turn in 0..60 {
        let mut args = vec!["issue", "--in", "s", "--keys", keys(), "--out", "o"];
        if kills < KILLS {
            args.extend(["--threads", "1"]);
        }
        let mut child = bench.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if kills < KILLS {
            wait_for_a_moment(&bench, &mut child, turn, &mut random);
        }
        let ended = if kills < KILLS { child.try_wait().unwrap() } else { Some(child.wait().unwrap()) };
        if let Some(status) = ended {
            assert_eq!(status.code(), Some(2));
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        let now = intents(&bench);
        kills_with_work += u32::from(now.len() > before.len());
        for (record, identifier) in &before {
            assert_eq!(now.get(record), Some(identifier), "the identifier of {record} changed");
        }
        before = now;
    }
    println!("{kills} kills, {kills_with_work} of them after new intents");
    assert!(kills >= 12, "only {kills} kills");
    check(&bench, "o");
    let after = intents(&bench);
    assert!(before.iter().all(|(record, identifier)| after.get(record) == Some(identifier)));
    let verdicts = bench.verdicts(keys(), "o");
    let bad: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["verdict"] != "有效").collect();
    assert!(bad.is_empty() && verdicts.len() > 1500, "{bad:?}");
}
