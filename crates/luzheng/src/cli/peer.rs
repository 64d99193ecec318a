use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gm::x509::Certificate;
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
            opened.province.peer_disable(&args.id, &args.operator.actor(), machine::micros())?;
            say!("节点“{}”已停用。", args.id);
            Ok(0)
        }
    }
}

fn add(args: AddArgs) -> Result<u8, Failure> {
    let opened = open_node(&args.file.load()?, None, false)?;
    let mut roots = opened.province.verifier.trust().chains.clone();
    if let Some(path) = &args.root {
        let root = Certificate::from_der(&std::fs::read(path)?)
            .map_err(|error| format!("根证书“{}”不能读取：{error}", path.display()))?;
        roots.roots.push(root);
    }
    let new = NewPeer {
        id: Some(args.id),
        role: Role::parse(&args.role).ok_or_else(|| format!("没有角色“{}”", args.role))?,
        name: args.name,
        address: args.address,
        certificate: std::fs::read(&args.certificate)?,
        issuers: args.issuers,
        rights: None,
    };
    let id = opened.province.peer_add(new, &roots, &args.operator.actor(), machine::micros())?;
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
