use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use model::Weight;
use node::{Checked, expand, load_trust, verify_file};
use seal::Verifier;
use serde_json::json;

use super::Failure;
use crate::machine;

/// At least one file is 无效 or 无法判定.
pub(super) const NOT_VALID: u8 = 2;

#[derive(Parser)]
pub struct Args {
    /// 信任清单：密钥目录，或 keys export-trust 导出的目录
    #[arg(long, value_name = "目录")]
    trust: PathBuf,
    /// 每个文件输出一行 JSON
    #[arg(long)]
    json: bool,
    /// 核验回执：以 LZR: 开头的文字，或每行一份回执的文件；可重复
    #[arg(long, value_name = "回执", conflicts_with = "files")]
    receipt: Vec<String>,
    /// 证照文件或目录
    #[arg(required_unless_present_any = ["receipt"], value_name = "文件")]
    files: Vec<PathBuf>,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    if !args.receipt.is_empty() {
        return super::receipt::run(&load_trust(&args.trust)?, &args.receipt, args.json);
    }
    let verifier = Verifier::new(load_trust(&args.trust)?);
    let files = expand(&args.files)?;
    if files.is_empty() {
        return Err(Failure("所给目录里没有 .ofd 文件；请核对路径".into()));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let mut counts = [0u64; 4];
    for file in &files {
        let checked = verify_file(&verifier, file, machine::now())?;
        counts[checked.verdict.verdict as usize] += 1;
        if args.json { print_json(&mut out, &checked)? } else { print_text(&mut out, &checked)? }
    }
    let [valid, hinted, undecided, invalid] = counts;
    if !args.json && files.len() > 1 {
        writeln!(
            out,
            "共 {} 个文件：有效 {valid}，有效（有提示）{hinted}，无法判定 {undecided}，无效 {invalid}",
            files.len()
        )?;
    }
    out.flush()?;
    Ok(if undecided + invalid > 0 { NOT_VALID } else { 0 })
}

fn print_json(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let verdict = &checked.verdict;
    let facts = &verdict.facts;
    let line = json!({
        "file": checked.path.to_string_lossy(),
        "verdict": verdict.verdict,
        "reasons": verdict.reasons,
        "identifier": facts.identifier,
        "signed_at": facts.signed_at,
        "seal": facts.seal_name,
        "signer": facts.signer,
    });
    writeln!(out, "{line}")
}

fn print_text(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let verdict = &checked.verdict;
    writeln!(out, "{}　{}", verdict.verdict, checked.path.display())?;
    for reason in &verdict.reasons {
        writeln!(out, "　{} {}（{}）", mark(reason.weight), reason.text, reason.code)?;
    }
    Ok(())
}

/// The sign before a reason.
pub(super) fn mark(weight: Weight) -> &'static str {
    match weight {
        Weight::Invalid => "✗",
        Weight::Undecided => "？",
        Weight::Hint => "！",
        Weight::Note => "·",
    }
}
