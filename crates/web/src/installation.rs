//! What an installation is made of beside its rows: the administrators' pages tell of it.

use std::path::PathBuf;

use gm::x509::Certificate;

/// A value of the configuration in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Section and key (`store.url`).
    pub name: String,
    /// Its value, without secrets.
    pub value: String,
    /// Where it comes from, in Chinese: 配置文件, 环境变量, 缺省.
    pub origin: &'static str,
}

/// A drop folder of the file interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropFolder {
    /// The business system whose folder it is.
    pub source: String,
    /// The folder.
    pub folder: PathBuf,
}

/// What this process runs with.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Version of the program.
    pub program: String,
    /// When it was started, microseconds UTC.
    pub started_at: i64,
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// The configuration in force.
    pub config: Vec<Setting>,
    /// The key folder: its public parts are read when they are asked for.
    pub keys: PathBuf,
    /// Certificate of the audit log.
    pub log: Certificate,
    /// Drop folders of the file interface.
    pub drops: Vec<DropFolder>,
}
