use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use node::audit::Actor;
use node::outage::{Leg, NewOutage};
use node::{NodeError, Province};

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 列出中断记录
    List(FileArgs),
    /// 查看一条中断记录及其积压
    Show(OneArgs),
    /// 登记中断（计划停机或人工）
    Open(OpenArgs),
    /// 结束中断
    Close(ChangeArgs),
    /// 确认业务系统已补报完毕，停止计时（归集去向的中断由最后一份回执办结）
    Complete(ChangeArgs),
    /// 出具补报完成的签名证明
    Prove(ProveArgs),
}

#[derive(Parser)]
pub struct OneArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 中断记录编号
    id: String,
}

#[derive(Parser)]
pub struct OpenArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 中断发生在哪一段：in 业务系统至本节点，out 本节点至归集去向
    #[arg(long, value_parser = ["in", "out"])]
    leg: String,
    /// 对方：业务系统名称或归集通道；“维护”为本节点计划停机，其间一切请求答 503 并告知结束时间
    #[arg(long)]
    party: String,
    /// 原因
    #[arg(long)]
    cause: String,
    /// 应急措施
    #[arg(long, default_value = "")]
    measures: String,
    /// 计划停机的结束时间（RFC 3339）
    #[arg(long)]
    until: Option<String>,
}

#[derive(Parser)]
pub struct ChangeArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    operator: OperatorArgs,
}

#[derive(Parser)]
pub struct ProveArgs {
    #[command(flatten)]
    one: OneArgs,
    /// 写入该文件；缺省显示
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::List(file) => list(&file),
        Command::Show(args) => show(&args),
        Command::Open(args) => open(args),
        Command::Close(args) => {
            change(&args, |province, id, actor| province.outage_close(id, actor, machine::micros()))?;
            say!("已结束，补报时钟开始计时。");
            Ok(0)
        }
        Command::Complete(args) => {
            change(&args, |province, id, actor| province.outage_complete(id, actor, machine::micros()))?;
            say!("已办结。");
            Ok(0)
        }
        Command::Prove(args) => prove(&args),
    }
}

/// One act on a record, by whoever may.
fn change(
    args: &ChangeArgs,
    act: impl Fn(&Arc<Province>, &str, &Actor) -> Result<(), NodeError>,
) -> Result<(), Failure> {
    let province = open_node(&args.one.file.load()?, None, false)?.province;
    let actor = args.operator.actor(&province, &["outage.record", "ministry.read"])?;
    Ok(act(&province, &args.one.id, &actor)?)
}

/// An instant as people read it.
pub(super) fn time(micros: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let local = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time);
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn list(file: &FileArgs) -> Result<u8, Failure> {
    let records = open_node(&file.load()?, None, false)?.province.outage_list(i64::MAX, 200)?;
    if records.is_empty() {
        say!("没有中断记录。");
    }
    for one in records {
        let end = one.ended_at.map_or("未结束".to_owned(), time);
        say!("{}　{}　{}　{} 至 {end}　{}", one.id, one.leg, one.party, time(one.started_at), one.state);
    }
    Ok(0)
}

fn show(args: &OneArgs) -> Result<u8, Failure> {
    let shown = open_node(&args.file.load()?, None, false)?.province.outage_show(&args.id)?;
    let one = &shown.record;
    say!(
        "编　　号　{}\n对　　方　{}（{}）\n类　　别　{}\n开　　始　{}",
        one.id,
        one.party,
        one.leg,
        one.kind,
        time(one.started_at)
    );
    say!("结　　束　{}", one.ended_at.map_or("未结束".to_owned(), time));
    say!("原　　因　{}\n应急措施　{}", one.cause, one.measures);
    say!("补报期限　{}", shown.deadline);
    say!("积　　压　{} 件，已送达 {} 件", shown.held, shown.sent);
    Ok(0)
}

fn open(args: OpenArgs) -> Result<u8, Failure> {
    let now = machine::micros();
    let ends_at = match &args.until {
        None => None,
        Some(text) => Some(
            text.parse::<jiff::Timestamp>()
                .map_err(|_| format!("“{text}”不是时间；请按 2026-11-22T18:00:00+08:00 的格式填写"))?
                .as_microsecond(),
        ),
    };
    let new = NewOutage {
        leg: if args.leg == "in" { Leg::In } else { Leg::Out },
        party: args.party,
        planned: ends_at.is_some(),
        started_at: now,
        ends_at,
        cause: args.cause,
        measures: args.measures,
    };
    let province = open_node(&args.file.load()?, None, false)?.province;
    say!(
        "已登记，编号 {}。",
        province.outage_open(
            new,
            &args.operator.actor(&province, &["outage.record", "ministry.read"])?,
            now
        )?
    );
    Ok(0)
}

fn prove(args: &ProveArgs) -> Result<u8, Failure> {
    let opened = open_node(&args.one.file.load()?, None, false)?;
    let province = opened.province;
    let text = province.outage_prove(&args.one.id, &*opened.keys.node, &province.id, machine::micros())?;
    match &args.out {
        Some(path) => {
            std::fs::write(path, text)?;
            say!("证明已写入“{}”。", path.display());
        }
        None => say!("{}", text.trim_end()),
    }
    Ok(0)
}
