//! The command line. One file a verb; each gives the process its exit code.

mod catalogue;
mod face;
mod issue;
mod keys;
mod sample;
mod show;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
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
    /// 核验证照文件
    Verify(verify::Args),
    /// 查看证照文件的版面、文字和元数据
    Show(show::Args),
    /// 查看、检查、比较证照目录
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// 预览照面模板
    #[command(subcommand)]
    Face(face::Command),
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
        Self(format!("读写失败：{error}；请检查路径、权限和磁盘空间"))
    }
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let code = if error.use_stderr() { FAILED } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let data = cli.data.as_deref();
    let result = match cli.verb {
        Verb::Sample(args) => sample::run(&args, data),
        Verb::Keys(command) => keys::run(command, data),
        Verb::Issue(args) => issue::run(&args, data),
        Verb::Verify(args) => verify::run(&args),
        Verb::Show(args) => show::run(&args),
        Verb::Catalogue(command) => catalogue::run(&command, data),
        Verb::Face(command) => face::run(&command, data),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(Failure(text)) => {
            eprintln!("错误：{text}");
            ExitCode::from(FAILED)
        }
    }
}

/// A progress bar on the terminal's error stream; silent when there is no terminal.
fn bar(verb: &'static str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length).with_prefix(verb);
    let style = ProgressStyle::with_template("{prefix} {bar:32} {percent:>3}% {msg}（剩余 {eta}）");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn load(data: Option<&std::path::Path>) -> Result<Data, Failure> {
    Ok(Data::load(data)?)
}
