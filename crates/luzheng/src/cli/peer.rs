use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gm::x509::{Certificate, ChainStore};
use node::Opened;
use node::client::{NewPeer, Role};

use super::Failure;
use super::client::{OneArgs, OperatorArgs};
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 登记其他节点及其节点证书
    Add(AddArgs),
    /// 列出已登记的节点
    List(FileArgs),
    /// 停用节点
    Disable(OneArgs),
    /// 登记其他节点的审计日志证书，用于检查点见证
    Log(LogArgs),
}

#[derive(Parser)]
pub struct LogArgs {
    #[command(flatten)]
    one: OneArgs,
    /// 日志证书（对方密钥目录中的 nodes/log.cer）
    #[arg(long, value_name = "文件")]
    certificate: PathBuf,
    /// 对方的根证书，不在本节点信任清单内时给出
    #[arg(long, value_name = "文件")]
    root: Option<PathBuf>,
}

#[derive(Parser)]
pub struct AddArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 对方的节点编号
    #[arg(long)]
    id: String,
    /// 对方的角色
    #[arg(long, value_parser = ["province", "ministry"])]
    role: String,
    /// 名称
    #[arg(long)]
    name: String,
    /// 地址（http://主机:端口）
    #[arg(long)]
    address: String,
    /// 节点证书（对方密钥目录中的 nodes/node.cer）
    #[arg(long, value_name = "文件")]
    certificate: PathBuf,
    /// 对方的审计日志证书（nodes/log.cer）；用于检查点见证，也可以后用 peer log 登记
    #[arg(long, value_name = "文件")]
    log_certificate: Option<PathBuf>,
    /// 对方的根证书，不在本节点信任清单内时给出
    #[arg(long, value_name = "文件")]
    root: Option<PathBuf>,
    /// 对方代表的发证机关代码，可多次给出
    #[arg(long = "issuer")]
    issuers: Vec<String>,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Add(args) => add(args),
        Command::List(args) => list(&args),
        Command::Disable(args) => {
            let opened = open_node(&args.file.load()?, None, false)?;
            opened.province.peer_disable(
                &args.id,
                &args.operator.actor(&opened.province, &["client.manage"])?,
                machine::micros(),
            )?;
            say!("节点“{}”已停用。", args.id);
            Ok(0)
        }
        Command::Log(args) => log(&args),
    }
}

/// The trusted roots, and the one that the operator names.
fn roots(opened: &Opened, root: Option<&PathBuf>) -> Result<ChainStore, Failure> {
    let mut roots = opened.province.verifier.trust().chains.clone();
    if let Some(path) = root {
        let root = Certificate::from_der(&std::fs::read(path)?)
            .map_err(|error| format!("根证书“{}”不能读取：{error}", path.display()))?;
        roots.roots.push(root);
    }
    Ok(roots)
}

fn log(args: &LogArgs) -> Result<u8, Failure> {
    let opened = open_node(&args.one.file.load()?, None, false)?;
    let (roots, certificate) = (roots(&opened, args.root.as_ref())?, std::fs::read(&args.certificate)?);
    let actor = args.one.operator.actor(&opened.province, &["client.manage"])?;
    opened.province.peer_log(&args.one.id, &certificate, &roots, &actor, machine::micros())?;
    say!("节点“{}”的日志证书已登记。", args.one.id);
    Ok(0)
}

fn add(args: AddArgs) -> Result<u8, Failure> {
    let opened = open_node(&args.file.load()?, None, false)?;
    let roots = roots(&opened, args.root.as_ref())?;
    let new = NewPeer {
        id: Some(args.id),
        role: Role::parse(&args.role).ok_or_else(|| format!("没有角色“{}”", args.role))?,
        name: args.name,
        address: args.address,
        certificate: std::fs::read(&args.certificate)?,
        issuers: args.issuers,
        rights: None,
    };
    let id = opened.province.peer_add(
        new,
        &roots,
        &args.operator.actor(&opened.province, &["client.manage"])?,
        machine::micros(),
    )?;
    if let Some(path) = &args.log_certificate {
        let log = std::fs::read(path)?;
        opened.province.peer_log(
            &id,
            &log,
            &roots,
            &args.operator.actor(&opened.province, &["client.manage"])?,
            machine::micros(),
        )?;
    }
    say!("节点“{id}”已登记。");
    Ok(0)
}

fn list(file: &FileArgs) -> Result<u8, Failure> {
    let peers = open_node(&file.load()?, None, false)?.province.peer_list()?;
    if peers.is_empty() {
        say!("还没有登记其他节点；用 luzheng peer add 登记。");
    }
    for one in peers {
        let state = if one.active { "在用" } else { "停用" };
        say!("{}　{state}　{}　{}　{}", one.id, one.role.name(), one.name, one.address);
    }
    Ok(0)
}
