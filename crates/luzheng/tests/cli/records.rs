//! Records of a bench's sample, taken out and changed by hand.

use serde_json::Value;

use crate::bench::Bench;

/// Clean records of a kind: those of the sample that its truth does not list.
pub fn clean(bench: &Bench, slug: &str) -> Vec<Value> {
    let wrong: Vec<Value> =
        bench.lines("s/truth.jsonl").iter().map(|line| line["record_id"].clone()).collect();
    let records = bench.lines(&format!("s/{slug}.jsonl"));
    records.into_iter().filter(|record| !wrong.contains(&record["record_id"])).collect()
}

/// Writes records as a JSON lines file in `s/`, where their photos are.
pub fn put(bench: &Bench, name: &str, records: &[Value]) {
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    bench.write(name, lines);
}

/// Record and rule of every finding.
pub fn findings(bench: &Bench, out: &str) -> Vec<(String, String)> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let lines = bench.lines(&format!("{out}/findings.jsonl"));
    lines.iter().map(|line| (text(line, "record_id"), text(line, "rule"))).collect()
}
