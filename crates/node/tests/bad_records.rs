//! A clerk's collection of wrong records (and of right ones that look wrong), run through the real `issue`.
//!
//! `bad_records/records/*.jsonl` can be issued as they are; `bad_records/expected/*.jsonl` says for each record what must
//! be found. Both were written before the rules were read. The notation is explained in `bad_records/README.md`.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use model::{Finding, Severity};
use node::issue::{IssueRequest, issue};
use node::keys::{InitRequest, SigningKeys, init};
use node::{Data, Engine};

#[path = "bad_records/photos.rs"]
mod photos;

/// 2026-06-15 12:00 in Asia/Shanghai.
const NOW: i64 = 1_781_496_000;
const PASSPHRASE: &str = "clerk-and-counter-2026";

/// One line of an expectation file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    record_id: String,
    story: String,
    /// `[item, rule, severity]`; `|` between alternatives, `?` behind a severity when it need not be there.
    findings: Vec<[String; 3]>,
    /// Why the program is thought to be wrong: counted, not failed.
    #[serde(default)]
    disputed: Option<String>,
}

/// What differs between expectation and findings of one record.
#[derive(Default)]
struct Difference {
    missing: Vec<String>,
    unexpected: Vec<String>,
}

impl Difference {
    fn is_none(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty()
    }
}

/// Found and expected, by rule.
#[derive(Default)]
struct Tally {
    expected: usize,
    found: usize,
}

#[test]
fn every_bad_record_is_told_what_is_wrong_and_nothing_else() {
    let bench = Bench::new();
    let mut tallies = BTreeMap::new();
    let mut report = Vec::new();
    let mut counts = Counts::default();
    for (theme, overlay) in [(None, false), (Some("retired"), true)] {
        let (expected, mut found) = bench.run(theme, overlay);
        for expectation in expected {
            let findings = found.remove(&expectation.record_id).unwrap_or_default();
            let difference = compare(&expectation, &findings, &mut tallies);
            counts.take(&expectation, &difference, &findings);
            if !difference.is_none() || expectation.disputed.is_some() {
                report.push(describe(&expectation, &difference, &findings));
            }
        }
        for (record_id, findings) in found {
            counts.failed += 1;
            report.push(format!("{record_id}：没有预期，却有 {findings:?}"));
        }
    }
    println!("{}", report.join("\n"));
    println!("{}", recall(&tallies));
    println!("{counts}");
    assert_eq!(counts.failed, 0, "{} records differ from the clerk's expectation", counts.failed);
    assert_eq!(counts.settled, 0, "disputed no longer: take the mark away");
}

#[derive(Default)]
struct Counts {
    bad: usize,
    good: usize,
    failed: usize,
    disputed: usize,
    settled: usize,
    false_on_good: usize,
    hints_on_good: usize,
}

impl Counts {
    fn take(&mut self, expectation: &Expectation, difference: &Difference, findings: &[Finding]) {
        let is_good = !expectation.findings.iter().any(|[_, _, severity]| severity.contains("error"));
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        if is_good {
            self.good += 1;
            self.false_on_good += errors;
            self.hints_on_good += findings.len() - errors;
        } else {
            self.bad += 1;
        }
        match (expectation.disputed.is_some(), difference.is_none()) {
            (true, true) => self.settled += 1,
            (true, false) => self.disputed += 1,
            (false, true) => {}
            (false, false) => self.failed += 1,
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "bad records {}, good records {} (false errors on them {}, hints {}); differences {}, disputed {}, settled {}",
            self.bad,
            self.good,
            self.false_on_good,
            self.hints_on_good,
            self.failed,
            self.disputed,
            self.settled
        )
    }
}

/// Keys, fonts and folders, made once.
struct Bench {
    data: Data,
    overlaid: Data,
    engine: Engine,
    keys: SigningKeys,
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-records");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let data = Data::load(None).unwrap();
        let request = InitRequest {
            dir: &folder.join("keys"),
            authority: "演示省交通运输厅",
            uscc: "11990000MB0000000J",
            passphrase: PASSPHRASE,
            now: NOW,
            under: None,
        };
        let mut state = 7_u64;
        let mut rng = |buffer: &mut [u8]| {
            for byte in buffer {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (state >> 56) as u8;
            }
        };
        let keys = init(&request, &data.catalogue, &data.open_fonts().unwrap(), &mut rng).unwrap();
        let keys = keys.unlock(PASSPHRASE).unwrap();
        let engine = Engine::new(&data, keys.demo).unwrap();
        Self { data, overlaid: Data::load(Some(&source("overlay"))).unwrap(), engine, keys, folder }
    }

    /// Issues one theme (or all but `retired`): what is expected, and what was found by record.
    fn run(&self, theme: Option<&str>, overlay: bool) -> (Vec<Expectation>, BTreeMap<String, Vec<Finding>>) {
        let folder = self.folder.join(theme.unwrap_or("all"));
        let records = folder.join("records");
        fs::create_dir_all(&records).unwrap();
        photos::write_all(&records);
        let mut expected = Vec::new();
        for path in jsonl_files(&source("records")) {
            let name = path.file_name().unwrap();
            if theme.map_or(name == "retired.jsonl", |theme| name != format!("{theme}.jsonl").as_str()) {
                continue;
            }
            fs::copy(&path, records.join(name)).unwrap();
            let text = fs::read_to_string(source("expected").join(name)).unwrap();
            expected.extend(text.lines().map(|line| serde_json::from_str::<Expectation>(line).unwrap()));
        }
        let out = folder.join("out");
        let request = IssueRequest {
            input: &records,
            out: &out,
            data: if overlay { &self.overlaid } else { &self.data },
            engine: &self.engine,
            keys: &self.keys,
            clock: &|| NOW,
            threads: 2,
        };
        issue(&request, &mut |_| {}).unwrap();
        let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for line in fs::read_to_string(out.join("findings.jsonl")).unwrap().lines() {
            let finding: Finding = serde_json::from_str(line).unwrap();
            found.entry(finding.record_id.clone()).or_default().push(finding);
        }
        (expected, found)
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_records").join(name)
}

fn jsonl_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn word(severity: Severity) -> &'static str {
    if severity == Severity::Error { "error" } else { "hint" }
}

fn fits([item, rule, severity]: &[String; 3], finding: &Finding) -> bool {
    let among = |choices: &str, value: &str| choices.split('|').any(|choice| choice == value);
    among(item, &finding.item)
        && among(rule, &finding.rule)
        && among(severity.trim_end_matches('?'), word(finding.severity))
}

fn compare(
    expectation: &Expectation,
    findings: &[Finding],
    tallies: &mut BTreeMap<String, Tally>,
) -> Difference {
    let mut difference = Difference::default();
    for pattern in expectation.findings.iter().filter(|pattern| !pattern[2].ends_with('?')) {
        let is_found = findings.iter().any(|finding| fits(pattern, finding));
        let tally = tallies.entry(first_choice(&pattern[1])).or_default();
        tally.expected += 1;
        tally.found += usize::from(is_found);
        if !is_found {
            difference.missing.push(pattern.join(" "));
        }
    }
    let is_wanted = |finding: &Finding| expectation.findings.iter().any(|pattern| fits(pattern, finding));
    let surplus =
        findings.iter().filter(|finding| finding.severity == Severity::Error && !is_wanted(finding));
    difference.unexpected.extend(surplus.map(line));
    // The same finding twice on one record is noise for the clerk.
    let distinct: BTreeSet<String> = findings.iter().map(line).collect();
    if distinct.len() < findings.len() {
        difference.unexpected.push("同一条结果重复出现".into());
    }
    difference
}

/// The rule that an expectation counts under: the first of its alternatives.
fn first_choice(rules: &str) -> String {
    rules.split('|').next().unwrap_or_default().to_owned()
}

fn line(finding: &Finding) -> String {
    let Finding { item, rule, severity, what, fix, .. } = finding;
    format!("{item} {rule} {}：{what}；{fix}", word(*severity))
}

fn describe(expectation: &Expectation, difference: &Difference, findings: &[Finding]) -> String {
    let mut lines = vec![format!("{}（{}）", expectation.record_id, expectation.story)];
    lines.extend(expectation.disputed.iter().map(|why| format!("  存疑 {why}")));
    lines.extend(difference.missing.iter().map(|text| format!("  缺 {text}")));
    lines.extend(difference.unexpected.iter().map(|text| format!("  多 {text}")));
    let unnamed = findings.iter().map(line).filter(|text| !difference.unexpected.contains(text));
    lines.extend(unnamed.map(|text| format!("  有 {text}")));
    lines.join("\n")
}

fn recall(tallies: &BTreeMap<String, Tally>) -> String {
    let row =
        |(rule, tally): (&String, &Tally)| format!("recall {rule}: {} of {}", tally.found, tally.expected);
    let mut lines: Vec<String> = tallies.iter().map(row).collect();
    let (found, expected) =
        tallies.values().fold((0, 0), |sum, tally| (sum.0 + tally.found, sum.1 + tally.expected));
    lines.push(format!("recall of all rules: {found} of {expected}"));
    lines.join("\n")
}
