use std::path::PathBuf;

use clap::Parser;

use super::Failure;
use crate::demo::{self, Request, Size};

#[derive(Parser)]
pub struct Args {
    /// 演示目录：密钥、数据库、文件都在其中，可整个删除
    #[arg(long, value_name = "目录", default_value = "demo-data")]
    folder: PathBuf,
    /// 清除原有演示，重新开始
    #[arg(long)]
    fresh: bool,
    /// 起始端口：部级用该端口，演示省加 9，试验省加 8；0 为任选空闲端口
    #[arg(long, value_name = "端口", default_value_t = 8090)]
    port_base: u16,
    /// 自检：在临时目录和空闲端口上走完五分钟演示的每一步，然后停止；全部成立时退出码为 0
    #[arg(long, conflicts_with_all = ["folder", "fresh", "port_base"])]
    check: bool,
    /// 只生成约 300 件证照（供测试）
    #[arg(long)]
    small: bool,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let size = if args.small { Size::Small } else { Size::Full };
    if args.check {
        demo::check(size)?;
        return Ok(0);
    }
    let request = Request { folder: &args.folder, fresh: args.fresh, port_base: args.port_base, size };
    demo::run(&request)?;
    Ok(0)
}
