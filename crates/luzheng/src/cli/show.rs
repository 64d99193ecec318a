use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::Failure;

#[derive(Parser)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Args {
    /// 证照文件
    file: PathBuf,
    /// 画成 PNG 图片
    #[arg(long, group = "what")]
    png: bool,
    /// 画成 SVG 图片
    #[arg(long, group = "what")]
    svg: bool,
    /// 版面文字
    #[arg(long, group = "what")]
    text: bool,
    /// 元数据
    #[arg(long, group = "what")]
    metadata: bool,
    /// 第几页（从 1 起）；缺省时图片为第 1 页，文字为全部
    #[arg(long)]
    page: Option<usize>,
    /// PNG 的分辨率（每英寸点数）
    #[arg(long, default_value_t = 144.0, allow_negative_numbers = true)]
    dpi: f32,
    /// 图片文件；缺省与证照文件同名，放在当前目录；“-”为标准输出
    #[arg(long, short, value_name = "文件")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    if !(10.0..=1200.0).contains(&args.dpi) {
        return Err(Failure(format!("分辨率“{}”不在 10 至 1200 之间；请更换 --dpi", args.dpi)));
    }
    let length = std::fs::metadata(&args.file).map_err(|error| cannot(&args.file, &error))?.len();
    if length > 64 << 20 {
        return Err(Failure(format!("“{}”有 {} MB，不是电子证照", args.file.display(), length >> 20)));
    }
    let bytes = std::fs::read(&args.file).map_err(|error| cannot(&args.file, &error))?;
    let shown = node::show(&bytes)?;
    if args.text {
        match args.page {
            Some(page) => say!("{}", shown.page_text(page_index(page, &shown)?)?),
            None => say!("{}", shown.text()?),
        }
        return Ok(0);
    }
    if args.metadata {
        for (name, value) in shown.metadata() {
            say!("{name}\t{value}");
        }
        return Ok(0);
    }
    let page = page_index(args.page.unwrap_or(1), &shown)?;
    let (picture, extension) =
        if args.png { (shown.png(page, args.dpi)?, "png") } else { (shown.svg(page)?.into_bytes(), "svg") };
    for notice in shown.notices(page)? {
        eprintln!("提示：{notice}");
    }
    let target = args.out.clone().unwrap_or_else(|| {
        PathBuf::from(args.file.file_stem().unwrap_or_default()).with_added_extension(extension)
    });
    if target == Path::new("-") {
        std::io::stdout().write_all(&picture)?;
    } else {
        std::fs::write(&target, picture).map_err(|error| cannot(&target, &error))?;
        say!("已写到“{}”", target.display());
    }
    Ok(0)
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("无法读写“{}”：{}；请核对路径", path.display(), node::cause(error)))
}

/// The index of page `number`, counted from 1.
fn page_index(number: usize, shown: &node::Shown<'_>) -> Result<usize, Failure> {
    if (1..=shown.pages()).contains(&number) {
        return Ok(number - 1);
    }
    Err(Failure(format!("没有第 {number} 页；该文件共 {} 页", shown.pages())))
}
