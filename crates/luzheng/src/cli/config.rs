use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::Failure;
use crate::config::Config;
use crate::installation::hidden;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 核对配置，不启动
    Check(FileArgs),
    /// 显示生效的配置（文件加环境变量；口令不显示）
    Show(FileArgs),
}

/// 配置文件
#[derive(Parser)]
pub struct FileArgs {
    /// 配置文件（TOML）；缺省读环境变量 LUZHENG_CONFIG 所指的文件
    #[arg(long, value_name = "文件")]
    config: Option<PathBuf>,
}

impl FileArgs {
    /// The configuration in force.
    pub fn load(&self) -> Result<Config, Failure> {
        let path = self.config.clone().or_else(|| machine::variable("LUZHENG_CONFIG").map(PathBuf::from));
        Ok(Config::load(path.as_deref(), machine::environment())?)
    }
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Check(file) => {
            file.load()?;
            say!("配置合规。");
        }
        Command::Show(file) => {
            let mut config = file.load()?;
            config.store.url = hidden(&config.store.url);
            let text = toml::to_string_pretty(&config);
            say!("{}", text.map_err(|error| format!("配置不能显示：{error}"))?.trim_end());
        }
    }
    Ok(0)
}
