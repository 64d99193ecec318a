//! `luzheng verify --receipt`: check receipts against public keys.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use node::verify::{CheckedReceipt, check_receipt, receipt_texts};
use seal::TrustStore;
use serde_json::json;

use super::Failure;
use super::verify::{NOT_VALID, mark};
use crate::machine;

/// Largest file of receipts.
const MOST_BYTES: u64 = 64 << 20;

/// Checks each receipt that the arguments name: a text, or a file with one a line.
pub fn run(trust: &TrustStore, named: &[String], as_json: bool) -> Result<u8, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut bad = 0;
    let texts = named.iter().map(|one| texts(one)).collect::<Result<Vec<_>, _>>()?.concat();
    for text in &texts {
        let checked = check_receipt(trust, text, machine::now());
        bad += u64::from(!checked.verdict.is_valid());
        if as_json { print_json(&mut out, &checked)? } else { print_text(&mut out, &checked)? }
    }
    if !as_json && texts.len() > 1 {
        let all = texts.len() as u64;
        writeln!(out, "共 {all} 份回执：成立 {}，不成立或无法判定 {bad}", all - bad)?;
    }
    out.flush()?;
    Ok(if bad > 0 { NOT_VALID } else { 0 })
}

fn texts(named: &str) -> Result<Vec<String>, Failure> {
    let path = Path::new(named);
    if !path.is_file() {
        let found = receipt_texts(named);
        if found.is_empty() {
            let text: String = named.chars().take(40).collect();
            return Err(Failure(format!(
                "“{text}”既不是文件，也不是核验回执（应以 LZR: 开头）；请核对 --receipt"
            )));
        }
        return Ok(found);
    }
    let length = std::fs::metadata(path)?.len();
    if length > MOST_BYTES {
        return Err(Failure(format!("“{named}”有 {} MB，不是回执文件；请分成较小的文件", length >> 20)));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("读不到回执文件“{named}”：{}；请核对路径和内容", node::cause(&error)))?;
    let found = receipt_texts(&text);
    if found.is_empty() {
        return Err(Failure(format!("“{named}”中没有核验回执；应每行一份，以 LZR: 开头")));
    }
    Ok(found)
}

fn print_json(out: &mut impl Write, checked: &CheckedReceipt) -> io::Result<()> {
    let content: serde_json::Map<String, serde_json::Value> =
        checked.lines().into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    writeln!(out, "{}", json!({ "verdict": checked.verdict, "reasons": checked.reasons, "receipt": content }))
}

fn print_text(out: &mut impl Write, checked: &CheckedReceipt) -> io::Result<()> {
    writeln!(out, "核验回执　{}", checked.verdict)?;
    for reason in &checked.reasons {
        writeln!(out, "　{} {}（{}）", mark(reason.weight), reason.text, reason.code)?;
    }
    for (name, text) in checked.lines() {
        writeln!(out, "　　{name}：{text}")?;
    }
    Ok(())
}
