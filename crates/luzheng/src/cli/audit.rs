use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gm::x509::Certificate;
use node::audit::{AsOfFile, ExportRange, NamedKey, SignedCheckpoint, Subject, check_export, check_proof};

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 核对数据库中的审计日志：删、改、换序、插入、回退
    Verify(VerifyArgs),
    /// 导出审计日志，供他人独立核对
    Export(ExportArgs),
    /// 只凭导出文件和公钥核对审计日志，不需要数据库
    Check(CheckArgs),
    /// 出具一条记录或一本证照最新记录的证明
    Prove(ProveArgs),
    /// 立即签署检查点
    Checkpoint(FileArgs),
}

#[derive(Parser)]
pub struct VerifyArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 由他人保管的较新检查点，用以证明未回退
    #[arg(long, value_name = "文件")]
    newer: Option<PathBuf>,
}

#[derive(Parser)]
pub struct ExportArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 导出到该文件
    #[arg(long, value_name = "文件")]
    out: PathBuf,
}

#[derive(Parser)]
pub struct CheckArgs {
    /// 导出的文件，或 prove、管理页面出具的证明
    path: PathBuf,
    /// 日志所属节点的编号
    #[arg(long)]
    origin: String,
    /// 日志证书（节点密钥目录中的 nodes/log.cer）
    #[arg(long, value_name = "文件")]
    certificate: PathBuf,
    /// 由他人保管的较新检查点
    #[arg(long, value_name = "文件")]
    newer: Option<PathBuf>,
}

#[derive(Parser)]
pub struct ProveArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 记录序号（从 0 起）
    #[arg(long, conflicts_with = "certificate")]
    number: Option<u64>,
    /// 证照主键：证明其最新一条记录
    #[arg(long)]
    certificate: Option<String>,
    /// 写入该文件
    #[arg(long, value_name = "文件")]
    out: PathBuf,
}

/// Findings, as the verbs before this one: not a failure to run.
const UNSOUND: u8 = 2;

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Verify(args) => verify(&args),
        Command::Export(args) => export(&args),
        Command::Check(args) => check(&args),
        Command::Prove(args) => prove(&args),
        Command::Checkpoint(file) => {
            let opened = open_node(&file.load()?, None, false)?;
            let log = opened.province.audit_log();
            log.sequence("cli", machine::micros())?;
            match log.checkpoint(&*opened.keys.log, machine::micros())? {
                Some(signed) => say!("{}", signed.to_text().map_err(|error| error.to_string())?.trim_end()),
                None => say!("上次检查点之后没有新记录。"),
            }
            Ok(0)
        }
    }
}

fn newer(path: Option<&PathBuf>) -> Result<Option<SignedCheckpoint>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path)?;
    Ok(Some(SignedCheckpoint::parse(&text).map_err(|error| error.to_string())?))
}

fn verify(args: &VerifyArgs) -> Result<u8, Failure> {
    let opened = open_node(&args.file.load()?, None, false)?;
    let own =
        NamedKey { name: opened.province.id.clone(), key: opened.keys.log_certificate.public_key().clone() };
    let witness = opened.province.witness_key()?.and_then(|(_, key)| key);
    let keys: Vec<NamedKey> = [own].into_iter().chain(witness).collect();
    let log = opened.province.audit_log();
    let report = log.audit_verify(&keys, newer(args.newer.as_ref())?.as_ref())?;
    for line in report.lines() {
        say!("{line}");
    }
    // The witness has seen more than these rows: that is a roll-back, however well they fit together.
    let alarm = log.watched()?.alarm;
    if let Some(why) = &alarm {
        say!("见证方拒绝见证本日志：{why}");
    }
    Ok(if report.is_sound() && alarm.is_none() { 0 } else { UNSOUND })
}

fn export(args: &ExportArgs) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let mut out = BufWriter::new(File::create(&args.out)?);
    let range = ExportRange { until: None, every_checkpoint: true };
    let actor = args.operator.actor(&province, &["audit.read"])?;
    let look = province.looking(&actor, machine::micros());
    let done = province.audit_log().audit_export(range, &mut out, look)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    say!("已导出 {} 条记录、{} 个检查点到“{}”。", done.entries, done.checkpoints, args.out.display());
    Ok(0)
}

fn check(args: &CheckArgs) -> Result<u8, Failure> {
    let certificate = Certificate::from_der(&std::fs::read(&args.certificate)?)
        .map_err(|error| format!("证书“{}”不能读取：{error}", args.certificate.display()))?;
    let keys = [NamedKey { name: args.origin.clone(), key: certificate.public_key().clone() }];
    let text = std::fs::read_to_string(&args.path);
    if let Ok(proof) = text.as_deref().map(|text| check_proof(text, &keys))
        && let Ok(proven) = proof
    {
        for line in proven.lines().into_iter().flatten() {
            say!("{line}");
        }
        return Ok(0);
    }
    if let Some(file) = text.as_deref().ok().and_then(AsOfFile::parse) {
        for line in file.check(&keys)? {
            say!("{line}");
        }
        return Ok(0);
    }
    let newer = newer(args.newer.as_ref())?;
    let report = check_export(BufReader::new(File::open(&args.path)?), &keys, newer.as_ref());
    let report = report.map_err(|error| error.to_string())?;
    for line in report.lines() {
        say!("{line}");
    }
    Ok(if report.is_sound() { 0 } else { UNSOUND })
}

fn prove(args: &ProveArgs) -> Result<u8, Failure> {
    let subject = match (args.number, &args.certificate) {
        (Some(number), _) => Subject::Leaf(number),
        (None, Some(key)) => Subject::Latest(key.clone()),
        (None, None) => return Err("请用 --number 或 --certificate 指明要证明什么".to_owned().into()),
    };
    let province = open_node(&args.file.load()?, None, false)?.province;
    let actor = args.operator.actor(&province, &["audit.read"])?;
    let look = province.looking(&actor, machine::micros());
    std::fs::write(&args.out, province.audit_log().audit_prove(&subject, look)?.to_text()?)?;
    say!("证明已写入“{}”；他人可用 luzheng audit check 核对。", args.out.display());
    Ok(0)
}
