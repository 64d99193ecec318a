use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use model::{Reason, Weight};
use node::{Checked, expand, load_trust, verify_file};
use proof::{Answer, Evidence, Input, judge};
use seal::Verifier;
use serde_json::json;

use super::Failure;
use super::pack::{load_knowledge, read_packs};
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
    /// 核验二维码的内容（“LZ:”开头的文本），而不是文件
    #[arg(long, value_name = "文本", conflicts_with_all = ["files", "receipt"])]
    code: Option<String>,
    /// 离线数据包，可多次给出；增量包须在其基准包之后
    #[arg(long = "pack", value_name = "数据包", requires = "code")]
    packs: Vec<PathBuf>,
    /// 按该时刻核验二维码（RFC 3339）；缺省为现在
    #[arg(long, value_name = "时间", requires = "code")]
    at: Option<String>,
    /// 核验回执：以 LZR: 开头的文字，或每行一份回执的文件；可重复
    #[arg(long, value_name = "回执", conflicts_with = "files")]
    receipt: Vec<String>,
    /// 证照文件或目录
    #[arg(required_unless_present_any = ["receipt", "code"], value_name = "文件")]
    files: Vec<PathBuf>,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    if let Some(code) = &args.code {
        return run_code(args, code);
    }
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

/// A code, judged offline: on trust data and packs alone.
fn run_code(args: &Args, code: &str) -> Result<u8, Failure> {
    let now = match &args.at {
        None => machine::now(),
        Some(text) => text
            .parse::<jiff::Timestamp>()
            .map_err(|_| Failure(format!("“{text}”不是时间；请写成 2026-11-22T08:00:00+08:00")))?
            .as_second(),
    };
    let mut knowledge = load_knowledge(&args.trust)?;
    for pack in read_packs(&knowledge, &args.packs)? {
        knowledge.admit(pack).map_err(|error| error.to_string())?;
    }
    let answer = judge(&knowledge, &Evidence::default(), now, &Input::Code(code.to_owned()));
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        writeln!(out, "{}", json!(answer))?;
    } else {
        print_answer(&mut out, &answer)?;
    }
    out.flush()?;
    Ok(if answer.verdict.is_valid() { 0 } else { NOT_VALID })
}

fn print_answer(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    writeln!(out, "{}", answer.verdict)?;
    let lines = [
        ("证照标识", &answer.identifier),
        ("证照类型", &answer.kind_name),
        ("状态", &answer.status),
        ("有效期自", &answer.valid_from),
        ("有效期至", &answer.valid_to),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            writeln!(out, "　{name}　{value}")?;
        }
    }
    print_reasons(out, &answer.reasons)?;
    writeln!(out, "　依据　{}，{}", answer.source, answer.known_at)
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
    print_reasons(out, &verdict.reasons)
}

fn print_reasons(out: &mut impl Write, reasons: &[Reason]) -> io::Result<()> {
    for reason in reasons {
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
