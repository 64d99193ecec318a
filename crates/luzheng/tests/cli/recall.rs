//! Recall per class of mistake, and false findings on clean records, over two samples. `--nocapture` shows the table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::bench::Bench;

fn text(line: &Value, name: &str) -> String {
    line[name].as_str().unwrap().to_owned()
}

#[test]
fn every_planted_mistake_is_found_and_no_clean_record_is_refused() {
    for seed in [7, 8] {
        let bench = Bench::with_sample(900, seed);
        assert_eq!(bench.issue("s", "o", &[]).code, Some(2));
        let errors: Vec<Value> =
            bench.lines("o/findings.jsonl").into_iter().filter(|line| line["severity"] == "error").collect();
        let found: BTreeSet<[String; 3]> =
            errors.iter().map(|line| ["record_id", "item", "rule"].map(|name| text(line, name))).collect();
        let truth = bench.lines("s/truth.jsonl");
        let mut table: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for line in &truth {
            let row = table.entry(text(line, "rule")).or_default();
            row.0 += 1;
            row.1 += u32::from(found.contains(&["record_id", "item", "rule"].map(|name| text(line, name))));
        }
        let wrong: BTreeSet<String> = truth.iter().map(|line| text(line, "record_id")).collect();
        let false_findings: Vec<&Value> =
            errors.iter().filter(|line| !wrong.contains(&text(line, "record_id"))).collect();
        println!("seed {seed}: rule, planted, found with record, item and rule");
        for (rule, (planted, found)) in &table {
            println!("  {rule:<16}{planted:>4}{found:>4}");
        }
        println!("  false findings on {} clean records: {}", 900 - wrong.len(), false_findings.len());
        assert_eq!(table.len(), 9, "a class is missing from the sample");
        assert!(table.values().all(|(planted, found)| planted == found), "{table:?}");
        assert!(false_findings.is_empty(), "{false_findings:?}");
    }
}
