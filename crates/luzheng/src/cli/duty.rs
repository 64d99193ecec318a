use clap::{Parser, Subcommand};
use node::duty::{NewHolder, NewPost, Place};

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 列出岗位和任职人（姓名、电话部分遮盖）
    List(ListArgs),
    /// 登记岗位，或按示例建立省、市、县各级岗位
    Add(AddArgs),
    /// 登记任职
    Fill(FillArgs),
    /// 登记离任
    Vacate(VacateArgs),
    /// 核对空岗：有空岗时退出码为 2
    Check(FileArgs),
}

#[derive(Parser)]
pub struct ListArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 只列空岗
    #[arg(long)]
    empty: bool,
    /// 行政区划代码的开头
    #[arg(long, default_value = "*")]
    area: String,
}

#[derive(Parser)]
pub struct AddArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 按示例建立
    #[arg(long, conflicts_with_all = ["name", "area", "what"])]
    defaults: bool,
    /// 岗位名称
    #[arg(long, required_unless_present = "defaults")]
    name: Option<String>,
    /// 行政区划代码，六位
    #[arg(long, required_unless_present = "defaults")]
    area: Option<String>,
    /// 负责：系统、密钥、作业、告警、审计
    #[arg(long, required_unless_present = "defaults")]
    what: Option<String>,
    /// 依据
    #[arg(long, default_value = "")]
    basis: String,
}

#[derive(Parser)]
pub struct FillArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 岗位编号
    post: String,
    /// 姓名
    #[arg(long)]
    person: String,
    /// 电话
    #[arg(long)]
    phone: String,
    /// 单位
    #[arg(long)]
    unit: String,
    /// 任职起日；缺省为今天
    #[arg(long, default_value = "")]
    from: String,
    /// 任职止日
    #[arg(long)]
    to: Option<String>,
}

#[derive(Parser)]
pub struct VacateArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 岗位编号
    post: String,
    /// 最后一天；缺省为今天
    #[arg(long, default_value = "")]
    last_day: String,
}

/// Whoever keeps the register.
const ACTS: &[&str] = &["duty.manage"];
/// Posts read at a time.
const PAGE: u32 = 500;
/// Findings: not a failure to run.
const EMPTY: u8 = 2;

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::List(args) => list(&args),
        Command::Add(args) => add(args),
        Command::Fill(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            let new = NewHolder {
                person: args.person,
                phone: args.phone,
                unit: args.unit,
                begins_on: args.from,
                ends_on: args.to,
            };
            province.duty_fill(
                &args.post,
                &new,
                &args.operator.actor(&province, ACTS)?,
                machine::micros(),
            )?;
            say!("任职已登记。");
            Ok(0)
        }
        Command::Vacate(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            province.duty_vacate(
                &args.post,
                &args.last_day,
                &args.operator.actor(&province, ACTS)?,
                machine::micros(),
            )?;
            say!("离任已登记；岗位现为空岗，请随后登记继任。");
            Ok(0)
        }
        Command::Check(file) => {
            let province = open_node(&file.load()?, None, false)?.province;
            match province.duty_check(machine::micros())? {
                0 => {
                    say!("没有空岗。");
                    Ok(0)
                }
                count => {
                    say!("有 {count} 个空岗；用 luzheng duty list --empty 查看。");
                    Ok(EMPTY)
                }
            }
        }
    }
}

fn list(args: &ListArgs) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let (areas, now, mut after, mut count) = ([args.area.clone()], machine::micros(), Place::default(), 0);
    loop {
        let page = province.duty_list(&areas, args.empty, &after, PAGE, now)?;
        count += page.posts.len();
        for post in &page.posts {
            let holder = post.holder.as_ref().map_or_else(
                || "空岗".to_owned(),
                |one| format!("{}　{}　{}　自 {}", one.person, one.phone, one.unit, one.begins_on),
            );
            say!("{}　{}　{}　{}　{holder}", post.id, post.area_name, post.name, post.what);
        }
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    if count == 0 {
        say!("没有符合条件的岗位；用 luzheng duty add 登记。");
    }
    Ok(0)
}

fn add(args: AddArgs) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let (actor, now) = (args.operator.actor(&province, ACTS)?, machine::micros());
    if args.defaults {
        say!("已按示例建立 {} 个岗位；请按本省情况增减，并登记任职。", province.duty_defaults(&actor, now)?);
        return Ok(0);
    }
    // The parser has seen to it that all three are there.
    let new = NewPost {
        name: args.name.unwrap_or_default(),
        area: args.area.unwrap_or_default(),
        what: args.what.unwrap_or_default(),
        basis: args.basis,
    };
    say!("岗位已登记，编号 {}；登记任职之前会告警。", province.duty_add(&new, &actor, now)?);
    Ok(0)
}
