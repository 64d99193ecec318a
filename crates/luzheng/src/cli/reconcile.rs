use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use link::sign::Person;
use node::reconcile::{Depth, HttpPeer, ReportForm};

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::{machine, workers};

#[derive(Subcommand)]
pub enum Command {
    /// 与归集去向对账
    Run(RunArgs),
    /// 列出各次对账，或出具一次对账的报告
    Report(ReportArgs),
    /// 修复：补发缺少的，其余拟出数据维护申请
    Repair(RepairArgs),
}

#[derive(Parser)]
pub struct RunArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 归集通道
    #[arg(long, default_value = "ministry")]
    lane: String,
    /// 逐件比对，不以摘要相等为准
    #[arg(long)]
    every: bool,
}

#[derive(Parser)]
pub struct ReportArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 对账编号；不给则列出各次对账
    id: Option<String>,
    /// 写入该文件（.xlsx、.jsonl 或文本）
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
}

#[derive(Parser)]
pub struct RepairArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 对账编号
    id: String,
}

/// There are differences.
const UNEQUAL: u8 = 2;

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Run(args) => compare(&args),
        Command::Report(args) => report(&args),
        Command::Repair(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            let done = province.reconcile_repair(
                &args.id,
                &args.operator.actor(&province, &["reconcile.repair", "ministry.read"])?,
                machine::micros(),
            )?;
            say!(
                "补发 {} 件，拟出维护申请 {} 份，已自行一致 {} 件。",
                done.resent,
                done.drafted,
                done.settled
            );
            Ok(0)
        }
    }
}

fn compare(args: &RunArgs) -> Result<u8, Failure> {
    let config = args.file.load()?;
    let opened = open_node(&config, None, false)?;
    let lane = config.lanes.iter().find(|lane| lane.name == args.lane);
    let lane = lane.ok_or_else(|| format!("没有归集通道“{}”；请核对配置中的 [[lane]]", args.lane))?;
    let client = workers::client_of(lane, &opened.province, &std::sync::Arc::new(opened.keys), machine::now)?;
    let actor = args.operator.actor(&opened.province, &["reconcile.repair", "ministry.read"])?;
    let person = Person { operator: actor.operator.clone(), ..Person::default() };
    let mut peer = HttpPeer { client: &client, person };
    let depth = if args.every { Depth::Leaves } else { Depth::Sums };
    let run = opened.province.reconcile_run(&args.lane, &mut peer, depth, &actor, machine::micros())?;
    opened.province.reconcile_report(&run.id, ReportForm::Text, &mut std::io::stdout())?;
    Ok(if run.summary.is_equal() { 0 } else { UNEQUAL })
}

fn report(args: &ReportArgs) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let Some(id) = &args.id else {
        let runs = province.reconcile_runs(50)?;
        if runs.is_empty() {
            say!("还没有对过账；用 luzheng reconcile run 对账。");
        }
        for run in runs {
            let one = &run.summary;
            say!(
                "{}　{}　{}　缺少 {}　多出 {}　不同 {}　在途 {}",
                run.id,
                run.lane,
                run.state,
                one.missing,
                one.extra,
                one.different,
                one.in_flight
            );
        }
        return Ok(0);
    };
    let Some(path) = &args.out else {
        province.reconcile_report(id, ReportForm::Text, &mut std::io::stdout())?;
        return Ok(0);
    };
    let form = match path.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx") => ReportForm::Xlsx,
        Some("jsonl") => ReportForm::Jsonl,
        _ => ReportForm::Text,
    };
    let mut out = BufWriter::new(File::create(path)?);
    province.reconcile_report(id, form, &mut out)?;
    out.flush()?;
    say!("报告已写入“{}”。", path.display());
    Ok(0)
}
