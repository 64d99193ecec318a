use std::path::PathBuf;

use clap::{Parser, Subcommand};
use node::convert::{PlanRequest, Status, Waves};

use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use super::{Failure, bar};
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 导入存量证件，说明将制发哪些、哪些要补正；不制发
    Plan(PlanArgs),
    /// 分批转化
    Run(RunArgs),
    /// 续办被中止的转化
    Resume(NameArgs),
    /// 进度
    Status(NameArgs),
    /// 在本批之后停下
    Stop(NameArgs),
    /// 报告和各市补正清单
    Report(ReportArgs),
}

#[derive(Parser)]
pub struct NameArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 转化任务的名称
    name: String,
}

#[derive(Parser)]
pub struct PlanArgs {
    #[command(flatten)]
    named: NameArgs,
    /// 记录文件（jsonl、csv、xlsx）或目录
    input: PathBuf,
    /// 记录归属的业务系统，其后续事件据此找到证照
    #[arg(long)]
    source: Option<String>,
}

#[derive(Parser)]
pub struct RunArgs {
    #[command(flatten)]
    named: NameArgs,
    /// 每批条数
    #[arg(long, default_value_t = 1000)]
    wave: u32,
    /// 一批中被拒绝的超过该百分比时停下
    #[arg(long, value_name = "百分比")]
    stop_refused: Option<u8>,
    /// 系统自身失败达到该次数时停下
    #[arg(long, value_name = "次数")]
    stop_failures: Option<u32>,
}

#[derive(Parser)]
pub struct ReportArgs {
    #[command(flatten)]
    named: NameArgs,
    /// 报告和补正清单写入该目录；缺省只显示报告
    #[arg(long, value_name = "目录")]
    out: Option<PathBuf>,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Plan(args) => plan(&args),
        Command::Run(args) => {
            let waves = Waves {
                size: args.wave,
                refused_percent: args.stop_refused,
                failures: args.stop_failures,
                waves: None,
            };
            convert(&args.named, Some(&waves))
        }
        Command::Resume(args) => convert(&args, None),
        Command::Status(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            show(&province.convert_status(&args.name)?);
            Ok(0)
        }
        Command::Stop(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            show(&province.convert_stop(
                &args.name,
                &args.operator.actor(&province, &["convert.run"])?,
                machine::micros(),
            )?);
            Ok(0)
        }
        Command::Report(args) => report(&args),
    }
}

fn plan(args: &PlanArgs) -> Result<u8, Failure> {
    let named = &args.named;
    let province = open_node(&named.file.load()?, None, true)?.province;
    let actor = named.operator.actor(&province, &["convert.run"])?;
    let request =
        PlanRequest { name: &named.name, input: &args.input, source: args.source.as_deref(), actor: &actor };
    let bar = bar("导入", 0);
    let report = province.convert_plan(&request, machine::micros(), &mut |count| bar.set_position(count))?;
    bar.finish_and_clear();
    say!("{}", report.text().trim_end());
    Ok(0)
}

fn convert(args: &NameArgs, waves: Option<&Waves>) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, true)?.province;
    let actor = args.operator.actor(&province, &["convert.run"])?;
    let bar = bar("转化", 0);
    let mut progress = |status: &Status| {
        bar.set_length(status.records.unsigned_abs());
        bar.set_position(status.counts.converted.unsigned_abs());
    };
    let done = match waves {
        Some(waves) => province.convert_run(&args.name, waves, &actor, &machine::micros, &mut progress)?,
        None => province.convert_resume(&args.name, &actor, &machine::micros, &mut progress)?,
    };
    bar.finish_and_clear();
    show(&done);
    Ok(0)
}

fn show(status: &Status) {
    let counts = &status.counts;
    say!("{}　{}　第 {} 批", status.name, state(&status.state), status.wave);
    say!(
        "　　导入 {}　待转化 {}　已转化 {}　须补正 {}　被拒绝 {}",
        status.records,
        counts.ready,
        counts.converted,
        counts.supplement,
        counts.refused
    );
    if let Some(reason) = &status.reason {
        say!("　　停下的原因：{reason}");
    }
}

fn state(slug: &str) -> &str {
    match slug {
        "planning" => "导入中",
        "planned" => "已计划",
        "running" => "进行中",
        "stopped" => "已停下",
        "done" => "已完成",
        other => other,
    }
}

fn report(args: &ReportArgs) -> Result<u8, Failure> {
    let named = &args.named;
    let province = open_node(&named.file.load()?, None, false)?.province;
    let now = machine::micros();
    say!("{}", province.convert_report(&named.name, now)?.text().trim_end());
    if let Some(folder) = &args.out {
        let written = province.convert_files(
            &named.name,
            folder,
            &named.operator.actor(&province, &["convert.run"])?,
            now,
        )?;
        say!("已写出 {} 个文件，补正清单共 {} 条。", written.files.len(), written.records);
    }
    Ok(0)
}
