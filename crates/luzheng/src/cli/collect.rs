use clap::{Parser, Subcommand};
use node::collect::{CollectStatus, Which};

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 各归集通道的积压、滞后和差错
    Status(FileArgs),
    /// 列出死信及其原因
    Dead(LaneArgs),
    /// 改正原因之后重发死信
    Retry(RetryArgs),
}

#[derive(Parser)]
pub struct LaneArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 归集通道
    #[arg(long, default_value = "ministry")]
    lane: String,
}

#[derive(Parser)]
pub struct RetryArgs {
    #[command(flatten)]
    lane: LaneArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 死信编号；不给则须写 --all
    ids: Vec<String>,
    /// 重发该通道的全部死信
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

/// Whose side an error is on.
fn side(origin: i64) -> &'static str {
    match origin {
        0 => "本节点",
        1 => "部级",
        2 => "省级",
        _ => "网络",
    }
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Status(file) => status(&file),
        Command::Dead(args) => dead(&args),
        Command::Retry(args) => {
            if args.ids.is_empty() && !args.all {
                return Err("没有指明死信；请给出编号，或用 --all 重发全部".to_owned().into());
            }
            let province = open_node(&args.lane.file.load()?, None, false)?.province;
            let which = if args.all { Which::All } else { Which::Ids(args.ids) };
            let count = province.collect_retry(
                &args.lane.lane,
                which,
                &args.operator.actor(&province, &["collect.repair"])?,
                machine::micros(),
            )?;
            say!("{count} 件已放回待发。");
            Ok(0)
        }
    }
}

fn status(file: &FileArgs) -> Result<u8, Failure> {
    let province = open_node(&file.load()?, None, false)?.province;
    if province.lanes.is_empty() {
        say!("没有配置归集通道；请在配置中写 [[lane]]。");
    }
    for lane in &province.lanes {
        print(&province.collect_status(lane, machine::micros())?);
    }
    Ok(0)
}

fn print(status: &CollectStatus) {
    let lag = status.oldest_age.map_or("无积压".to_owned(), |age| format!("最久 {} 秒", age / 1_000_000));
    say!(
        "{}　待发 {}（到期 {}）　{lag}　今日送达 {}",
        status.lane,
        status.pending,
        status.due,
        status.done_today
    );
    for (origin, code, count) in &status.failing {
        say!("　　重试中　{}　{code}　{count} 件", side(*origin));
    }
    for (origin, code, count) in &status.dead {
        say!("　　死信　{}　{code}　{count} 件", side(*origin));
    }
}

fn dead(args: &LaneArgs) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let mut after = String::new();
    let mut found = false;
    loop {
        let page = province.collect_dead(&args.lane, &after, 200)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        found = true;
        for one in page {
            say!(
                "{}　证照 {} 第 {} 步　{}　{}　{}",
                one.id,
                one.certificate,
                one.state_seq,
                side(one.origin),
                one.code,
                one.cause
            );
        }
    }
    if !found {
        say!("没有死信。");
    }
    Ok(0)
}
