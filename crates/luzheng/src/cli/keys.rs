use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use gm::x509::CrlReason;
use node::keys::{
    CodeKeySource, ImportRequest, InitRequest, KeyFolder, add_code_key, export_trust, import, init, revoke,
    use_code_key,
};
use seal::Scope;

use super::{Failure, load};
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 生成演示密钥、证书和印章
    Init(InitArgs),
    /// 显示密钥目录的公开内容（不含私钥）
    Show(DirArgs),
    /// 导入已批准备案的印章及其证书
    Import(ImportArgs),
    /// 撤销证书并更新撤销列表
    Revoke(RevokeArgs),
    /// 新增赋码密钥并写入信任清单；分发信任清单之后再用 use-code 换用
    AddCode(AddCodeArgs),
    /// 改用已新增的赋码密钥；旧密钥所签的码仍然有效
    UseCode(UseCodeArgs),
    /// 导出信任清单（根证书、签章人及适用范围、撤销列表）
    ExportTrust(ExportArgs),
}

#[derive(Parser)]
pub struct DirArgs {
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
}

#[derive(Parser)]
pub struct InitArgs {
    /// 新的密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
    /// 机关名称
    #[arg(long)]
    authority: String,
    /// 机关的统一社会信用代码
    #[arg(long)]
    uscc: String,
    /// 已有的演示密钥目录；新证书由它的根签发
    #[arg(long, value_name = "目录")]
    under: Option<PathBuf>,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

#[derive(Parser)]
pub struct ImportArgs {
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
    /// 标签（小写字母、数字、连字符）
    #[arg(long)]
    label: String,
    /// 印章名称，供签章策略引用
    #[arg(long)]
    name: String,
    /// 印章文件（GB/T 38540 SESeal）
    #[arg(long, value_name = "文件")]
    seal: PathBuf,
    /// 签章人证书（DER 或 PEM）
    #[arg(long, value_name = "文件")]
    certificate: PathBuf,
    /// 上级根证书
    #[arg(long, value_name = "文件")]
    root: Option<PathBuf>,
    /// 签章人私钥（加密的 PKCS#8，口令与密钥目录相同）；没有则只能核验
    #[arg(long, value_name = "文件")]
    key: Option<PathBuf>,
    /// 适用的发证机关代码，可多次给出
    #[arg(long = "issuer", required = true)]
    issuers: Vec<String>,
    /// 适用的行政区划代码开头，可多次给出
    #[arg(long = "area", required = true)]
    areas: Vec<String>,
    /// 适用的证照类型代码，可多次给出；缺省为全部
    #[arg(long = "kind", default_value = "*")]
    kinds: Vec<String>,
    /// 适用起始日期
    #[arg(long, default_value = "2019-01-01")]
    from: String,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

#[derive(Parser)]
pub struct RevokeArgs {
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
    /// 证书标签：signer、maker、code，或导入时的标签
    #[arg(long, default_value = "signer")]
    label: String,
    /// 撤销时间，如 2026-11-22 或 2026-11-22T08:00:00+08:00；缺省为现在
    #[arg(long)]
    at: Option<String>,
    /// 原因：key-compromise、superseded、cessation、affiliation、privilege、unspecified
    #[arg(long)]
    reason: String,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

#[derive(Parser)]
pub struct AddCodeArgs {
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
    /// 签发机构给出的赋码证书（DER 或 PEM）；不给时在演示根下生成
    #[arg(long, value_name = "文件", requires = "key")]
    certificate: Option<PathBuf>,
    /// 它的私钥（PKCS#8 PEM，用密钥目录的口令加密）
    #[arg(long, value_name = "文件", requires = "certificate")]
    key: Option<PathBuf>,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

#[derive(Parser)]
pub struct UseCodeArgs {
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
    /// 赋码密钥的标签，如 code-2
    label: String,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

#[derive(Parser)]
pub struct ExportArgs {
    /// 密钥目录
    #[arg(long, value_name = "目录")]
    dir: PathBuf,
    /// 导出到的新目录
    #[arg(long, value_name = "目录", default_value = "trust")]
    out: PathBuf,
}

pub fn run(command: Command, data: Option<&Path>) -> Result<u8, Failure> {
    match command {
        Command::Init(args) => run_init(&args, data)?,
        Command::Show(args) => {
            for line in KeyFolder::open(&args.dir)?.describe()? {
                say!("{line}");
            }
        }
        Command::Import(args) => run_import(&args)?,
        Command::Revoke(args) => run_revoke(&args)?,
        Command::AddCode(args) => {
            let passphrase = machine::passphrase(args.passphrase_fd, false)?;
            let mut random = machine::random;
            let source = match (&args.certificate, &args.key) {
                (Some(certificate), Some(key)) => CodeKeySource::Issued { certificate, key },
                _ => CodeKeySource::Demo(&mut random),
            };
            let label = add_code_key(&KeyFolder::open(&args.dir)?, source, &passphrase, machine::now())?;
            say!(
                "已新增赋码密钥，标签 {label}；请分发信任清单和离线包，各方更新后再运行 luzheng keys use-code {label}"
            );
        }
        Command::UseCode(args) => {
            let passphrase = machine::passphrase(args.passphrase_fd, false)?;
            use_code_key(&mut KeyFolder::open(&args.dir)?, &args.label, &passphrase, machine::now())?;
            say!("已改用赋码密钥 {}；正在运行的节点重新启动后生效，旧密钥所签的码仍然有效", args.label);
        }
        Command::ExportTrust(args) => {
            let folder = KeyFolder::open(&args.dir)?;
            let written = export_trust(&folder, &args.out)?;
            say!("信任清单已导出到“{}”，共 {} 个文件，均为公开内容", args.out.display(), written.len());
        }
    }
    Ok(0)
}

fn run_init(args: &InitArgs, data: Option<&Path>) -> Result<(), Failure> {
    let data = load(data)?;
    let passphrase = machine::passphrase(args.passphrase_fd, true)?;
    let under = args.under.as_deref().map(KeyFolder::open).transpose()?;
    let request = InitRequest {
        dir: &args.dir,
        authority: &args.authority,
        uscc: &args.uscc,
        passphrase: &passphrase,
        now: machine::now(),
        under: under.as_ref().map(|folder| (folder, passphrase.as_str())),
    };
    let fonts = data.open_fonts()?;
    let folder = init(&request, &data.catalogue, &fonts, &mut machine::random)?;
    say!("演示密钥已生成，在“{}”；不得用于真实证照", args.dir.display());
    for line in folder.describe()? {
        say!("{line}");
    }
    Ok(())
}

fn run_import(args: &ImportArgs) -> Result<(), Failure> {
    let mut folder = KeyFolder::open(&args.dir)?;
    let passphrase = match &args.key {
        Some(_) => machine::passphrase(args.passphrase_fd, false)?,
        None => zeroize::Zeroizing::default(),
    };
    if args.from.parse::<jiff::civil::Date>().is_err() {
        return Err(Failure(format!("“{}”不是日期；请写成 YYYY-MM-DD", args.from)));
    }
    let scope = Scope {
        issuers: args.issuers.clone(),
        areas: args.areas.clone(),
        kinds: args.kinds.clone(),
        valid_from: args.from.clone(),
        valid_to: None,
    };
    let request = ImportRequest {
        label: &args.label,
        name: &args.name,
        seal: &args.seal,
        certificate: &args.certificate,
        root: args.root.as_deref(),
        key: args.key.as_deref(),
        passphrase: &passphrase,
        scope,
        now: machine::now(),
    };
    import(&mut folder, &request)?;
    say!("印章“{}”已导入，标签 {}", args.name, args.label);
    Ok(())
}

fn run_revoke(args: &RevokeArgs) -> Result<(), Failure> {
    let folder = KeyFolder::open(&args.dir)?;
    let reason = match args.reason.as_str() {
        "key-compromise" => CrlReason::KeyCompromise,
        "superseded" => CrlReason::Superseded,
        "cessation" => CrlReason::CessationOfOperation,
        "affiliation" => CrlReason::AffiliationChanged,
        "privilege" => CrlReason::PrivilegeWithdrawn,
        "unspecified" => CrlReason::Unspecified,
        other => {
            return Err(Failure(format!(
                "不认识撤销原因“{other}”；可用 key-compromise、superseded、cessation、affiliation、privilege、unspecified"
            )));
        }
    };
    let now = machine::now();
    let at = args.at.as_deref().map(instant).transpose()?.unwrap_or(now);
    let passphrase = machine::passphrase(args.passphrase_fd, false)?;
    revoke(&folder, &args.label, at, reason, &passphrase, now)?;
    say!("“{}”的证书已撤销，撤销列表和信任清单已更新；请重新导出信任清单并分发", args.label);
    Ok(())
}

/// A day (its beginning in Asia/Shanghai) or an instant with offset.
fn instant(text: &str) -> Result<i64, Failure> {
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let start = zone.to_timestamp(day.at(0, 0, 0, 0));
        return start.map(|start| start.as_second()).map_err(|error| Failure(error.to_string()));
    }
    let parsed = text.parse::<jiff::Timestamp>();
    parsed
        .map(|time| time.as_second())
        .map_err(|_| Failure(format!("“{text}”不是时间；请写成 2026-11-22 或 2026-11-22T08:00:00+08:00")))
}
