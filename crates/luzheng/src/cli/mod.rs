//! The command line. One file a verb; each gives the process its exit code.

/// `println!` for a reader that may go away (`luzheng … | head`): see [`say`].
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::say(format_args!($($words)*)) };
}

mod audit;
mod catalogue;
mod client;
mod collect;
mod config;
mod convert;
mod deliver;
mod demo;
mod doctor;
mod duty;
mod face;
mod issue;
mod keys;
mod operator;
mod outage;
mod pack;
mod peer;
mod proof;
mod receipt;
mod reconcile;
mod sample;
pub(crate) mod serve;
mod show;
mod usage;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use node::{Data, NodeError};

/// 道路运输电子证照系统
#[derive(Parser)]
#[command(name = "luzheng", version, about = "路证：道路运输电子证照系统", disable_help_subcommand = true)]
struct Cli {
    /// 省级目录数据（覆盖内置的类型、模板、代码表等）
    #[arg(long, global = true, value_name = "目录")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// 生成虚构的样例记录（九类证照，约 3% 有误）
    Sample(sample::Args),
    /// 管理密钥和印章
    #[command(subcommand)]
    Keys(keys::Command),
    /// 由许可决定记录制发电子证照
    Issue(issue::Args),
    /// 核验证照文件或核验回执
    Verify(verify::Args),
    /// 离线数据包（山区包）
    #[command(subcommand)]
    Pack(pack::Command),
    /// 查看证照文件的版面、文字和元数据
    Show(show::Args),
    /// 查看、检查、比较证照目录
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// 预览照面模板
    #[command(subcommand)]
    Face(face::Command),
    /// 启动节点：受理业务事件、归集、核验
    Serve(serve::Args),
    /// 演示：一条命令启动部级和两个省级节点，数据均为虚构
    Demo(demo::Args),
    /// 核对、显示节点配置
    #[command(subcommand)]
    Config(config::Command),
    /// 管理接口客户端
    #[command(subcommand)]
    Client(client::Command),
    /// 管理工作人员账号
    #[command(subcommand)]
    Operator(operator::Command),
    /// 管理其他节点
    #[command(subcommand)]
    Peer(peer::Command),
    /// 存量转化
    #[command(subcommand)]
    Convert(convert::Command),
    /// 归集的积压、死信和重发
    #[command(subcommand)]
    Collect(collect::Command),
    /// 送达：通知持证人、激活率
    #[command(subcommand)]
    Deliver(deliver::Command),
    /// 中断记录及其补报期限
    #[command(subcommand)]
    Outage(outage::Command),
    /// 责任登记册：岗位、任职、空岗
    #[command(subcommand)]
    Duty(duty::Command),
    /// 部省对账
    #[command(subcommand)]
    Reconcile(reconcile::Command),
    /// 核对、导出、证明审计日志
    #[command(subcommand)]
    Audit(audit::Command),
    /// 检查节点：配置、数据库、文件库、密钥、日历、积压
    Doctor(doctor::Args),
}

/// Could not run at all; findings and verdicts have exit codes of their own.
const FAILED: u8 = 1;

/// Why a verb could not run, as a Chinese sentence.
pub(crate) struct Failure(pub String);

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        Self(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(format!("读写失败：{}；请检查路径、权限和磁盘空间", node::cause(&error)))
    }
}

/// Runs the program.
pub fn run() -> ExitCode {
    let parsed = usage::in_chinese(Cli::command()).try_get_matches();
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let data = cli.data.as_deref();
    let result = match cli.verb {
        Verb::Sample(args) => sample::run(&args, data),
        Verb::Keys(command) => keys::run(command, data),
        Verb::Issue(args) => issue::run(&args, data),
        Verb::Verify(args) => verify::run(&args),
        Verb::Pack(command) => pack::run(command),
        Verb::Show(args) => show::run(&args),
        Verb::Catalogue(command) => catalogue::run(&command, data),
        Verb::Face(command) => face::run(&command, data),
        Verb::Serve(args) => serve::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Config(command) => config::run(command),
        Verb::Client(command) => client::run(command),
        Verb::Operator(command) => operator::run(command),
        Verb::Peer(command) => peer::run(command),
        Verb::Convert(command) => convert::run(command),
        Verb::Collect(command) => collect::run(command),
        Verb::Deliver(command) => deliver::run(command),
        Verb::Outage(command) => outage::run(command),
        Verb::Duty(command) => duty::run(command),
        Verb::Reconcile(command) => reconcile::run(command),
        Verb::Audit(command) => audit::run(command),
        Verb::Doctor(args) => doctor::run(&args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(Failure(text)) => {
            eprintln!("错误：{text}");
            ExitCode::from(FAILED)
        }
    }
}

/// Prints a line. A pipe that nobody reads any more is no failure of the work; a full disk behind `>` is.
pub(crate) fn say(line: std::fmt::Arguments<'_>) {
    use std::io::{ErrorKind, Write};
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("错误：结果写不出去：{}", node::cause(&error));
            std::process::exit(i32::from(FAILED));
        }
    }
}

/// Help and version go to standard output and are no failure.
fn explain(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match error.kind() {
        DisplayHelp | DisplayVersion => {
            say(format_args!("{}", usage::help(error).trim_end()));
            ExitCode::SUCCESS
        }
        DisplayHelpOnMissingArgumentOrSubcommand => {
            eprint!("{}", usage::help(error));
            ExitCode::from(FAILED)
        }
        _ => {
            eprintln!("{}", usage::complaint(error));
            ExitCode::from(FAILED)
        }
    }
}

/// A progress bar on the terminal's error stream; silent when there is no terminal.
pub(crate) fn bar(verb: &'static str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length).with_prefix(verb);
    let style = ProgressStyle::with_template("{prefix} {bar:32} {percent:>3}% {msg}（剩余 {eta}）");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn load(data: Option<&std::path::Path>) -> Result<Data, Failure> {
    Ok(Data::load(data)?)
}
