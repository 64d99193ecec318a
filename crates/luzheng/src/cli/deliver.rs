use clap::{Parser, Subcommand};
use node::deliver::RateWanted;

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 通知持证人的积压
    Status(FileArgs),
    /// 激活率，按行政区划和证照种类
    Rate(RateArgs),
    /// 重发被通知网关拒绝的消息
    Retry(RetryArgs),
}

#[derive(Parser)]
pub struct RateArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 行政区划代码的开头
    #[arg(long, value_name = "代码")]
    area: Option<String>,
    /// 证照种类
    #[arg(long, value_name = "种类")]
    kind: Option<String>,
}

#[derive(Parser)]
pub struct RetryArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Status(file) => {
            let province = open_node(&file.load()?, None, false)?.province;
            let counts = province.deliver_status(machine::micros())?.counts;
            say!("待发　　　　　{}（其中失败过的 {}）", counts.pending, counts.failing);
            say!("没有登记手机　{}", counts.waiting);
            say!("被网关拒绝　　{}", counts.dead);
        }
        Command::Rate(args) => rate(args)?,
        Command::Retry(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            let revived = province
                .deliver_retry(&args.operator.actor(&province, &["collect.repair"])?, machine::micros())?;
            say!("{revived} 条消息将重新发送。");
        }
    }
    Ok(0)
}

fn rate(args: RateArgs) -> Result<(), Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let wanted = RateWanted { area: args.area, kind: args.kind };
    let report = province.deliver_rate(&wanted, machine::micros())?;
    for line in report.lines.iter().chain([&report.total]) {
        let share = line
            .per_ten_thousand
            .map_or_else(|| "—".to_owned(), |share| format!("{}.{:02}%", share / 100, share % 100));
        say!("{}　{}　制发 {}　激活 {}　{share}", line.area, line.kind_name, line.made, line.activated);
    }
    say!("{}", report.definition);
    Ok(())
}
