use clap::{Parser, Subcommand};
use node::audit::Actor;
use node::operator::{NewOperator, OperatorEntry, Warrant};
use zeroize::Zeroizing;

use super::Failure;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 新建工作人员账号（口令从终端或文件描述符读入）
    Add(AddArgs),
    /// 列出账号
    List(FileArgs),
    /// 停用账号，结束其登录
    Disable(OneArgs),
    /// 重设口令，解除锁定，结束其登录
    Reset(ResetArgs),
}

/// Who acts, and by what right.
#[derive(Parser)]
pub struct ByArgs {
    /// 经办人：系统管理员的账号；应急时写姓名
    #[arg(long, value_name = "账号")]
    operator: String,
    /// 应急：还没有管理员账号或情况紧急时写明原因；会报警并记入审计日志
    #[arg(long, value_name = "原因")]
    break_glass: Option<String>,
}

impl ByArgs {
    fn actor(&self) -> Actor {
        Actor { client: "cli".into(), operator: Some(self.operator.clone()), ..Actor::default() }
    }

    fn warrant(&self) -> Warrant<'_> {
        self.break_glass.as_deref().map_or(Warrant::Account, Warrant::BreakGlass)
    }

    /// The alarm, where everybody who reads the terminal or the service's log sees it.
    fn alarm(&self, what: &str) {
        if let Some(why) = &self.break_glass {
            eprintln!("报警：{}以应急方式{what}，原因：{why}。已记入审计日志和待处理事项。", self.operator);
        }
    }
}

#[derive(Parser)]
pub struct AddArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    by: ByArgs,
    /// 账号：3 到 32 个小写字母、数字或“- _ .”
    name: String,
    /// 姓名
    #[arg(long)]
    person: String,
    /// 单位
    #[arg(long)]
    unit: String,
    /// 执法证号或工号
    #[arg(long)]
    staff_no: String,
    /// 角色：执法、窗口经办、系统管理员
    #[arg(long)]
    role: String,
    /// 行政区划代码的开头，可多次给出；全省写 *
    #[arg(long = "area", required = true)]
    areas: Vec<String>,
    /// 证照种类代码（见 luzheng catalogue list），可多次给出
    #[arg(long = "kind", default_value = "*")]
    kinds: Vec<String>,
    /// 从该文件描述符读账号口令
    #[arg(long, value_name = "N")]
    password_fd: Option<i32>,
}

#[derive(Parser)]
pub struct OneArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    by: ByArgs,
    /// 账号
    name: String,
}

#[derive(Parser)]
pub struct ResetArgs {
    #[command(flatten)]
    one: OneArgs,
    /// 从该文件描述符读新口令
    #[arg(long, value_name = "N")]
    password_fd: Option<i32>,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Add(args) => add(args),
        Command::List(args) => list(&args),
        Command::Disable(args) => {
            let province = open_node(&args.file.load()?, None, false)?.province;
            province.operator_disable(&args.name, &args.by.actor(), args.by.warrant(), machine::micros())?;
            args.by.alarm(&format!("停用了账号“{}”", args.name));
            say!("账号“{}”已停用，其登录已结束。", args.name);
            Ok(0)
        }
        Command::Reset(args) => {
            let password = password(args.password_fd)?;
            let ResetArgs { one: args, .. } = args;
            let province = open_node(&args.file.load()?, None, false)?.province;
            let (actor, warrant) = (args.by.actor(), args.by.warrant());
            province.operator_reset(&args.name, &password, &actor, warrant, machine::micros())?;
            args.by.alarm(&format!("重设了账号“{}”的口令", args.name));
            say!("账号“{}”的口令已重设，其登录已结束。", args.name);
            Ok(0)
        }
    }
}

fn add(args: AddArgs) -> Result<u8, Failure> {
    let password = password(args.password_fd)?;
    let province = open_node(&args.file.load()?, None, false)?.province;
    let new = NewOperator {
        name: args.name.clone(),
        person: args.person,
        unit: args.unit,
        staff_no: args.staff_no,
        role: args.role,
        areas: args.areas,
        kinds: args.kinds,
    };
    province.operator_add(new, &password, &args.by.actor(), args.by.warrant(), machine::micros())?;
    args.by.alarm(&format!("新建了账号“{}”", args.name));
    say!("账号“{}”已建立。请本人登录后核对单位和证号。", args.name);
    Ok(0)
}

fn list(file: &FileArgs) -> Result<u8, Failure> {
    let accounts = open_node(&file.load()?, None, false)?.province.operator_list()?;
    if accounts.is_empty() {
        say!("还没有账号；用 luzheng operator add 建立（第一个账号用 --break-glass 写明原因）。");
    }
    let now = machine::micros();
    for OperatorEntry { name, person, unit, staff_no, role, areas, kinds, active, locked_until, .. } in
        accounts
    {
        let state = match (active, locked_until > now) {
            (false, _) => "停用",
            (true, true) => "锁定",
            (true, false) => "在用",
        };
        say!(
            "{name}　{state}　{role}　{person}　{unit}　证号 {staff_no}　区划 {}　种类 {}",
            areas.join("、"),
            kinds.join("、")
        );
    }
    Ok(0)
}

/// The account's password: a file descriptor, or asked for twice.
fn password(descriptor: Option<i32>) -> Result<Zeroizing<String>, Failure> {
    Ok(machine::account_password(descriptor)?)
}
