use std::path::{Path, PathBuf};

use clap::Parser;
use indicatif::ProgressBar;
use node::Engine;
use node::issue::{IssueRequest, Summary, issue};
use node::keys::KeyFolder;

use super::{Failure, load};
use crate::machine;

/// Some records were refused; the findings say which.
const REFUSED: u8 = 2;

#[derive(Parser)]
pub struct Args {
    /// 记录文件（jsonl、csv、xlsx）或其目录
    #[arg(long = "in", value_name = "路径")]
    input: PathBuf,
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    keys: PathBuf,
    /// 输出目录；中断后用同一目录再运行即可续做
    #[arg(long, value_name = "目录")]
    out: PathBuf,
    /// 工作线程数；缺省为处理器核数
    #[arg(long)]
    threads: Option<usize>,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

pub fn run(args: &Args, data: Option<&Path>) -> Result<u8, Failure> {
    let elapsed = machine::stopwatch();
    let data = load(data)?;
    let folder = KeyFolder::open(&args.keys)?;
    let passphrase = machine::passphrase(args.passphrase_fd, false)?;
    let keys = folder.unlock(&passphrase)?;
    let mut data = data;
    folder.introduce(&mut data.catalogue)?;
    let engine = Engine::new(&data, keys.demo)?;
    let request = IssueRequest {
        input: &args.input,
        out: &args.out,
        data: &data,
        engine: &engine,
        keys: &keys,
        clock: &machine::now,
        threads: args.threads.unwrap_or_else(machine::threads),
    };
    let bar = super::bar("制发", 0);
    let summary = issue(&request, &mut |so_far| show(&bar, so_far));
    bar.finish_and_clear();
    let summary = summary?;
    print(&summary, args, elapsed());
    Ok(if summary.refused > 0 { REFUSED } else { 0 })
}

fn show(bar: &ProgressBar, summary: &Summary) {
    let (read, total) = summary.progress;
    bar.set_length(total);
    bar.set_position(read);
    bar.set_message(format!("已制发 {}，退回 {}", summary.issued, summary.refused));
}

fn print(summary: &Summary, args: &Args, seconds: f64) {
    say!(
        "记录 {} 条：制发 {} 张（文件 {} 个），退回 {} 条",
        summary.records,
        summary.issued,
        summary.files,
        summary.refused
    );
    if summary.already > 0 {
        say!("另有 {} 条此前已制发，未重复制发", summary.already);
    }
    for (kind, count) in &summary.by_kind {
        say!("　{kind}　{count}");
    }
    if summary.refused > 0 {
        say!("退回原因：");
        for (rule, count) in &summary.by_rule {
            say!("　{rule}　{count}");
        }
    }
    if summary.hints > 0 {
        say!("另有 {} 条提示，不影响制发", summary.hints);
    }
    say!("核查结果在“{}”，同名 .jsonl 供程序读取", args.out.join("findings.xlsx").display());
    say!("用时 {seconds:.1} 秒");
}
