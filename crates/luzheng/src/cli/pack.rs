use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use node::load_trust;
use node::pack::{Shelf, read_pack};
use proof::{Knowledge, Pack, PackFile};

use super::Failure;
use super::client::OperatorArgs;
use super::config::FileArgs;
use super::serve::open_node;
use crate::{machine, packs};

#[derive(Subcommand)]
pub enum Command {
    /// 制作本省的离线数据包
    Build(BuildArgs),
    /// 显示数据包文件的首部（不核对签名），或本节点留存的数据包
    Show(ShowArgs),
    /// 核对数据包文件的签发者、签名和内容
    Verify(VerifyArgs),
    /// 制作增量：把某一号数据包更新为最新一号
    Delta(DeltaArgs),
    /// 导入其他省份的数据包
    Import(ImportArgs),
}

#[derive(Parser)]
pub struct BuildArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 另存为文件
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
}

#[derive(Parser)]
pub struct ShowArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 数据包文件；缺省列出本节点留存的
    #[arg(value_name = "数据包")]
    pack: Option<PathBuf>,
}

#[derive(Parser)]
pub struct VerifyArgs {
    /// 信任清单：密钥目录，或 keys export-trust 导出的目录
    #[arg(long, value_name = "目录")]
    trust: PathBuf,
    /// 增量包须在其基准包之后给出
    #[arg(required = true, value_name = "数据包")]
    packs: Vec<PathBuf>,
}

#[derive(Parser)]
pub struct DeltaArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 基准包编号
    #[arg(long, value_name = "编号")]
    from: i64,
    /// 写入的文件
    #[arg(long, value_name = "文件")]
    out: PathBuf,
}

#[derive(Parser)]
pub struct ImportArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 数据包文件
    #[arg(value_name = "数据包")]
    pack: PathBuf,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Build(args) => build(&args)?,
        Command::Show(ShowArgs { pack: Some(path), .. }) => show(&path)?,
        Command::Show(args) => list(&args.file)?,
        Command::Verify(args) => {
            for pack in read_packs(&load_knowledge(&args.trust)?, &args.packs)? {
                say!("签发者、签名和内容均成立：{}", line(&pack));
            }
        }
        Command::Delta(args) => delta(&args)?,
        Command::Import(args) => {
            let opened = open_node(&args.file.load()?, None, false)?;
            let bytes = read(&args.pack)?;
            let row = opened.province.pack_import(
                &bytes,
                &args.operator.actor(&opened.province, &[])?,
                machine::micros(),
            )?;
            say!("已导入“{}”第 {} 号数据包，{} 个序号。", row.province, row.number, row.count);
        }
    }
    Ok(0)
}

fn build(args: &BuildArgs) -> Result<(), Failure> {
    let config = args.file.load()?;
    let opened = open_node(&config, None, false)?;
    let actor = args.operator.actor(&opened.province, &[])?;
    let order = packs::order(&opened.keys, &config.pack, &actor);
    let row = opened.province.pack_build(&order, machine::micros())?;
    say!("第 {} 号数据包已制作：{} 个序号，{} 字节，摘要 {}", row.number, row.count, row.bytes, row.digest);
    if let Some(path) = &args.out {
        let made = opened.province.pack_current(&row.province)?;
        write(
            path,
            &made.ok_or_else(|| Failure("刚制作的数据包读不到；请运行 luzheng doctor".into()))?.file,
        )?;
    }
    Ok(())
}

fn delta(args: &DeltaArgs) -> Result<(), Failure> {
    let opened = open_node(&args.file.load()?, None, false)?;
    let made = opened.province.pack_delta(args.from, &*opened.keys.node)?;
    let made = made.ok_or_else(|| {
        Failure(format!("没有留存第 {} 号数据包，或它已是最新；请用 luzheng pack show 查看", args.from))
    })?;
    write(&args.out, &made.file)?;
    say!("第 {} 号到第 {} 号的增量：{} 字节", args.from, made.number, made.file.len());
    Ok(())
}

fn list(file: &FileArgs) -> Result<(), Failure> {
    let opened = open_node(&file.load()?, None, false)?;
    for row in opened.province.pack_list()? {
        let made = local(row.made_at);
        say!("“{}”第 {} 号　{made} 制作　{} 个序号　{} 字节", row.province, row.number, row.count, row.bytes);
    }
    Ok(())
}

fn show(path: &Path) -> Result<(), Failure> {
    let bytes = read(path)?;
    let head = PackFile::parse(&bytes).map_err(|error| error.to_string())?.head;
    let kind =
        head.base.as_ref().map_or("完整".to_owned(), |base| format!("增量（基准第 {} 号）", base.number));
    say!("{}（{}）第 {} 号　{kind}　{} 字节", head.name, head.province, head.number, bytes.len());
    say!("制作　{}，有效 {} 小时", local(head.made_at), head.max_age / 3600);
    say!("序号　{} 个，内容摘要 {}", head.count, head.digest);
    for state in head.states.iter().filter(|state| !state.base.is_empty()) {
        let lost = if state.lost { "，部分类别已失效" } else { "" };
        say!("状态　{}{lost}", state.name());
    }
    for one in head.overrides.iter().flatten() {
        say!(
            "延期　{} 至 {} 到期的，延至 {}（{}）",
            one.ended_from,
            one.ended_to,
            one.extended_to,
            one.notice
        );
    }
    say!("以上未核对签名；请用 luzheng pack verify 核对。");
    Ok(())
}

fn line(pack: &Pack) -> String {
    let made = local(pack.made_at);
    format!("{}（{}）第 {} 号，{made} 制作，{} 个序号", pack.name, pack.province, pack.number, pack.count())
}

/// Knowledge of trust data alone.
pub fn load_knowledge(trust: &Path) -> Result<Knowledge, Failure> {
    let shelf = Shelf::new(&load_trust(trust)?)?;
    Ok(Knowledge::clone(&shelf.knowledge()))
}

/// Reads packs in the order given, so that a delta finds its base.
pub fn read_packs(knowledge: &Knowledge, paths: &[PathBuf]) -> Result<Vec<Pack>, Failure> {
    let mut packs: Vec<Pack> = Vec::new();
    for path in paths {
        let pack = read_pack(&read(path)?, &packs, knowledge.trust());
        packs.push(pack.map_err(|error| Failure(format!("“{}”：{error}", path.display())))?);
    }
    Ok(packs)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure(format!("读不到“{}”：{}；请核对路径", path.display(), node::cause(&error)));
    std::fs::read(path).map_err(failed)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed =
        |error| Failure(format!("无法写入“{}”：{}；请核对路径", path.display(), node::cause(&error)));
    std::fs::write(path, bytes).map_err(failed)
}

fn local(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let local = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time);
    local.strftime("%Y-%m-%d %H:%M").to_string()
}
