use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ::sample::{Place, SampleOptions, Sink, generate, write_sample};
use clap::{Parser, ValueEnum};
use records::Format;

use super::{Failure, load};

#[derive(Parser)]
pub struct Args {
    /// 记录总数（九类均分）
    #[arg(long, default_value_t = 900)]
    count: usize,
    /// 随机种子；同一种子生成的内容逐字节相同
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 虚构的省份
    #[arg(long, value_enum, default_value_t = AreaArg::Demo)]
    area: AreaArg,
    /// 输出目录
    #[arg(long, value_name = "目录")]
    out: PathBuf,
    /// 文件格式
    #[arg(long, value_enum, default_value_t = FormatArg::Jsonl)]
    format: FormatArg,
}

#[derive(Clone, Copy, ValueEnum)]
enum AreaArg {
    /// 演示省
    #[value(name = "99")]
    Demo,
    /// 试验省
    #[value(name = "98")]
    Trial,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Jsonl,
    Csv,
    Xlsx,
}

/// Writes into a folder that was empty.
struct Folder<'a>(&'a Path);

impl Sink for Folder<'_> {
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.0.join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(target, bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.0.join(path);
        std::fs::OpenOptions::new().create(true).append(true).open(target)?.write_all(bytes)
    }
}

pub fn run(args: &Args, data: Option<&Path>) -> Result<u8, Failure> {
    let data = load(data)?;
    let occupied = args.out.is_dir() && std::fs::read_dir(&args.out)?.next().is_some();
    if occupied {
        return Err(Failure(format!("“{}”不是空目录；请换一个目录，或先清空它", args.out.display())));
    }
    let place = match args.area {
        AreaArg::Demo => Place::Demo,
        AreaArg::Trial => Place::Trial,
    };
    let options = SampleOptions { count: args.count, seed: args.seed, place, ..SampleOptions::default() };
    let format = match args.format {
        FormatArg::Jsonl => Format::Jsonl,
        FormatArg::Csv => Format::Csv,
        FormatArg::Xlsx => Format::Xlsx,
    };
    let sample = generate(options, &data.catalogue).map_err(|error| Failure(error.to_string()))?;
    std::fs::create_dir_all(&args.out)?;
    let bar = super::bar("生成", args.count as u64);
    let written = write_sample(&sample, format, &mut Folder(&args.out), |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    written.map_err(|error| Failure(error.to_string()))?;
    say!("已生成 {} 条虚构记录（种子 {}），在“{}”", args.count, args.seed, args.out.display());
    say!("有误的记录列在 truth.jsonl");
    Ok(0)
}
