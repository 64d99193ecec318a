use std::path::PathBuf;

use clap::{Parser, Subcommand};
use node::Province;
use node::audit::Actor;
use node::operator::{EnableCode, Granted, NewOperator, OperatorEntry, Warrant, sign_challenge};
use zeroize::Zeroizing;

use super::Failure;
use super::config::FileArgs;
use super::proof::ProofArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 新建工作人员账号，待安全管理员授权（系统管理员；口令从终端或文件描述符读入）
    Add(AddArgs),
    /// 授予角色、行政区划和证照种类（安全管理员）
    Grant(GrantArgs),
    /// 签发启用码：口令由管理员设置、又没有第二因素的账号，首次登录除口令外须输入（安全管理员）
    EnableCode(OneArgs),
    /// 解除锁定（安全管理员）
    Unlock(OneArgs),
    /// 清除动态口令和证书，本人下次登录时重新绑定（安全管理员）
    FactorReset(OneArgs),
    /// 登记本人签名用的 SM2 证书（安全管理员）
    Certificate(CertificateArgs),
    /// 列出账号
    List(FileArgs),
    /// 停用账号，结束其登录（系统管理员）
    Disable(OneArgs),
    /// 重设口令，结束其登录，本人首次登录时须更改（系统管理员）
    Reset(ResetArgs),
    /// 用 SM2 私钥对登录页面的挑战码签名
    SignChallenge(SignArgs),
}

/// Who acts, and by what right.
#[derive(Parser)]
pub struct ByArgs {
    /// 经办人：有权办理的管理员账号；应急时写姓名
    #[arg(long, value_name = "账号")]
    operator: String,
    #[command(flatten)]
    proof: ProofArgs,
}

impl ByArgs {
    /// Who acts. Unless the glass is broken, it is the person of the account who sits here: a name alone is not enough.
    fn actor(&self, province: &Province) -> Result<Actor, Failure> {
        if self.proof.break_glass.is_none() {
            self.proof.vouch(province, &self.operator)?;
        }
        Ok(Actor { client: "cli".into(), operator: Some(self.operator.clone()), ..Actor::default() })
    }

    fn warrant(&self) -> Warrant<'_> {
        self.proof.break_glass.as_deref().map_or(Warrant::Account, Warrant::BreakGlass)
    }
}

/// What an account may reach.
#[derive(Parser)]
pub struct ReachArgs {
    /// 角色：执法、窗口经办、审核、系统管理员等
    #[arg(long)]
    role: String,
    /// 行政区划代码的开头，可多次给出；全省写 *
    #[arg(long = "area", required = true)]
    areas: Vec<String>,
    /// 证照种类代码（见 luzheng catalogue list），可多次给出
    #[arg(long = "kind", default_value = "*")]
    kinds: Vec<String>,
}

#[derive(Parser)]
pub struct AddArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    reach: ReachArgs,
    /// 姓名
    #[arg(long)]
    person: String,
    /// 单位
    #[arg(long)]
    unit: String,
    /// 执法证号或工号
    #[arg(long)]
    staff_no: String,
    /// 从该文件描述符读新账号的初始口令
    #[arg(long, value_name = "N")]
    password_fd: Option<i32>,
}

#[derive(Parser)]
pub struct GrantArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    reach: ReachArgs,
}

#[derive(Parser)]
pub struct OneArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    by: ByArgs,
    /// 账号：3 到 32 个小写字母、数字或“- _ .”
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

#[derive(Parser)]
pub struct CertificateArgs {
    #[command(flatten)]
    one: OneArgs,
    /// 证书文件（PEM）
    #[arg(long, value_name = "文件")]
    certificate: PathBuf,
}

#[derive(Parser)]
pub struct SignArgs {
    /// 加密的 PKCS#8 私钥文件（PEM）
    #[arg(long, value_name = "文件")]
    key: PathBuf,
    /// 从该文件描述符读私钥口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
    /// 登录页面显示的挑战码
    challenge: String,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Add(args) => add(args),
        Command::Grant(args) => grant(&args),
        Command::EnableCode(args) => {
            let done = |province: &Province, by: &Actor| {
                province.operator_enable_code(&args.name, by, args.by.warrant(), machine::micros())
            };
            let code = deed(&args, "签发启用码", done)?;
            say!("账号“{}”的启用码已签发，原来的作废，其登录已结束。", args.name);
            show(&code);
            Ok(0)
        }
        Command::List(args) => list(&args),
        Command::Unlock(args) => {
            let done = |province: &Province, by: &Actor| {
                province.operator_unlock(&args.name, by, args.by.warrant(), machine::micros())
            };
            act(&args, "解除锁定", "已解除锁定。", done)
        }
        Command::FactorReset(args) => {
            let done = |province: &Province, by: &Actor| {
                province.operator_factor_reset(&args.name, by, args.by.warrant(), machine::micros())
            };
            act(&args, "清除第二因素", "的动态口令和证书已清除，其登录已结束。", done)
        }
        Command::Certificate(args) => {
            let pem = std::fs::read_to_string(&args.certificate)?;
            let one = &args.one;
            let done = |province: &Province, by: &Actor| {
                province.operator_certificate(&one.name, &pem, by, one.by.warrant(), machine::micros())
            };
            act(one, "登记证书", "的证书已登记。", done)
        }
        Command::Disable(args) => {
            let done = |province: &Province, by: &Actor| {
                province.operator_disable(&args.name, by, args.by.warrant(), machine::micros())
            };
            act(&args, "停用", "已停用，其登录已结束。", done)
        }
        Command::Reset(args) => {
            let password = password(args.password_fd)?;
            let one = &args.one;
            let done = |province: &Province, by: &Actor| {
                province.operator_reset(&one.name, &password, by, one.by.warrant(), machine::micros())
            };
            act(
                one,
                "重设口令",
                "的口令已重设，其登录和启用码已作废；本人首次登录时须更改，没有第二因素的须另向安全管理员领取启用码。",
                done,
            )
        }
        Command::SignChallenge(args) => {
            let pem = std::fs::read_to_string(&args.key)?;
            let passphrase = machine::passphrase(args.passphrase_fd, false)?;
            say!("{}", sign_challenge(&pem, &passphrase, &args.challenge)?);
            Ok(0)
        }
    }
}

/// One act on one account.
fn act(
    one: &OneArgs,
    what: &str,
    said: &str,
    done: impl FnOnce(&Province, &Actor) -> Result<(), node::NodeError>,
) -> Result<u8, Failure> {
    deed(one, what, done)?;
    say!("账号“{}”{said}", one.name);
    Ok(0)
}

/// The same, with what came of it.
fn deed<T>(
    one: &OneArgs,
    what: &str,
    done: impl FnOnce(&Province, &Actor) -> Result<T, node::NodeError>,
) -> Result<T, Failure> {
    let province = open_node(&one.file.load()?, None, false)?.province;
    let came = done(&province, &one.by.actor(&province)?)?;
    one.by.proof.alarm(&one.by.operator, &format!("办理了账号“{}”的{what}", one.name));
    Ok(came)
}

/// A code for a first sign-in, once.
fn show(code: &EnableCode) {
    let until = super::outage::time(code.until);
    say!(
        "启用码：{}（只显示这一次，有效至 {until}）。请核实后直接交给本人，不要经系统管理员转交。",
        code.code
    );
}

fn add(args: AddArgs) -> Result<u8, Failure> {
    let password = password(args.password_fd)?;
    let AddArgs { one, reach, person, unit, staff_no, .. } = args;
    let name = one.name.clone();
    let new = NewOperator {
        name,
        person,
        unit,
        staff_no,
        role: reach.role,
        areas: reach.areas,
        kinds: reach.kinds,
    };
    let said = match &one.by.proof.break_glass {
        Some(_) => "已建立，可以登录。请本人登录后核对单位和证号。",
        None => "已建立，待安全管理员授权后才能登录。",
    };
    let done = |province: &Province, by: &Actor| {
        province.operator_add(new, &password, by, one.by.warrant(), machine::micros())
    };
    act(&one, "新建", said, done)
}

fn grant(args: &GrantArgs) -> Result<u8, Failure> {
    let (one, reach) = (&args.one, &args.reach);
    let granted =
        Granted { role: reach.role.clone(), areas: reach.areas.clone(), kinds: reach.kinds.clone() };
    let done = |province: &Province, by: &Actor| {
        province.operator_grant(&one.name, &granted, by, one.by.warrant(), machine::micros())
    };
    let code = deed(one, "授权", done)?;
    say!("账号“{}”已授权为{}，其登录已结束。", one.name, reach.role);
    if let Some(code) = code {
        show(&code);
    }
    Ok(0)
}

fn list(file: &FileArgs) -> Result<u8, Failure> {
    let accounts = open_node(&file.load()?, None, false)?.province.operator_list()?;
    if accounts.is_empty() {
        say!("还没有账号；用 luzheng operator add 建立（第一个账号用 --break-glass 写明原因）。");
    }
    let now = machine::micros();
    for entry in accounts {
        let state = if entry.active() && entry.locked_until > now { "锁定" } else { entry.state.text() };
        let OperatorEntry { name, person, unit, staff_no, role, areas, kinds, .. } = entry;
        let (areas, kinds) = (areas.join("、"), kinds.join("、"));
        say!("{name}　{state}　{role}　{person}　{unit}　证号 {staff_no}　区划 {areas}　种类 {kinds}");
    }
    Ok(0)
}

/// The account's password: a file descriptor, or asked for twice.
fn password(descriptor: Option<i32>) -> Result<Zeroizing<String>, Failure> {
    Ok(machine::account_password(descriptor)?)
}
