use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Parser;
use node::{OpenRequest, Opened, S3Place, open};

use super::Failure;
use super::config::FileArgs;
use crate::config::{Config, Role, S3};
use crate::machine;
use crate::running::Running;

#[derive(Parser)]
pub struct Args {
    #[command(flatten)]
    file: FileArgs,
    /// 以部级节点运行（缺省按配置）
    #[arg(long, value_name = "角色", value_parser = ["province", "ministry"])]
    role: Option<String>,
    /// 监听地址，覆盖配置
    #[arg(long, value_name = "地址:端口")]
    listen: Option<String>,
    /// 就绪后把实际监听地址写入该文件（端口为 0 时用）
    #[arg(long, value_name = "文件")]
    address_file: Option<PathBuf>,
    /// 从该文件描述符读口令
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

/// Opens the node that a configuration describes.
pub fn open_node(config: &Config, passphrase_fd: Option<i32>, with_files: bool) -> Result<Opened, Failure> {
    let passphrase = machine::passphrase(passphrase_fd, false)?;
    open_with(config, &passphrase, with_files, machine::micros())
}

/// The same with a passphrase that is known, at an instant (microseconds UTC).
pub fn open_with(config: &Config, passphrase: &str, with_files: bool, now: i64) -> Result<Opened, Failure> {
    let request = OpenRequest {
        id: config.node.id.clone(),
        area: if config.node.role == Role::Ministry { String::new() } else { config.node.area.clone() },
        store: config.store.url.clone(),
        readers: config.store.readers,
        writers: config.store.writers,
        files: with_files.then(|| config.files.folder.clone()),
        pack_bytes: config.files.pack_bytes,
        s3: if with_files { config.files.s3.as_ref().map(s3_place).transpose()? } else { None },
        keys: config.keys.folder.clone(),
        trust: config.keys.trust.clone(),
        data: config.node.data.clone(),
        lanes: config.lanes.iter().map(|lane| lane.name.clone()).collect(),
        sign_in: config.sign_in.policy(),
        threads: if config.node.threads == 0 { machine::threads() } else { config.node.threads },
    };
    Ok(open(&request, passphrase, now, Box::new(machine::random))?)
}

/// A listener of a node.
///
/// # Errors
/// An address that is taken or is none.
pub fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        let cause = node::cause(&error);
        format!("不能监听“{address}”：{cause}；请换用其他端口，或停用占用该端口的程序").into()
    })
}

/// The object storage of the configuration, with its credentials from the environment or their file.
fn s3_place(s3: &S3) -> Result<S3Place, Failure> {
    let from_environment = || {
        let id = machine::variable("LUZHENG_S3_ACCESS_KEY_ID")?;
        Some((id, machine::variable("LUZHENG_S3_SECRET_ACCESS_KEY")?))
    };
    let (access_key_id, secret) = match &s3.key_file {
        Some(path) => key_file(path)?,
        None => from_environment().ok_or_else(|| {
            Failure(
                "没有给出 S3 的访问密钥；请设置环境变量 LUZHENG_S3_ACCESS_KEY_ID 和 LUZHENG_S3_SECRET_ACCESS_KEY，\
                 或在 files.s3.key_file 中写明密钥文件"
                    .into(),
            )
        })?,
    };
    Ok(S3Place {
        endpoint: s3.endpoint.clone(),
        region: s3.region.clone(),
        bucket: s3.bucket.clone(),
        prefix: s3.prefix.clone(),
        conditional_put: s3.conditional_put,
        access_key_id,
        secret_access_key: zeroize::Zeroizing::new(secret),
    })
}

/// Two lines: access key, secret.
fn key_file(path: &std::path::Path) -> Result<(String, String), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("读不到 S3 密钥文件“{}”：{}", path.display(), node::cause(&error)))?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next(), lines.next()) {
        (Some(id), Some(secret), None) => Ok((id.to_owned(), secret.to_owned())),
        _ => Err(Failure(format!("S3 密钥文件“{}”应为两行：访问密钥编号、密钥", path.display()))),
    }
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let mut config = args.file.load()?;
    match args.role.as_deref() {
        Some("ministry") => config.node.role = Role::Ministry,
        Some(_) => config.node.role = Role::Province,
        None => {}
    }
    if let Some(address) = &args.listen {
        config.listen.address.clone_from(address);
    }
    let began = machine::stopwatch();
    let opened = open_node(&config, args.passphrase_fd, true)?;
    let listener = listen(&config.listen.address)?;
    let (ended, over) = machine::ending();
    let mut node = Running::start(&config, opened, listener, Arc::new(machine::micros), ended)?;
    node.work(&config)?;
    let address = node.address;
    let stop = machine::Stop::listen()?;
    if let Some(path) = &args.address_file {
        std::fs::write(path, address.to_string())?;
    }
    say!(
        "{}节点“{}”已在 http://{address} 就绪（{:.1} 秒）。接口文档：http://{address}/docs",
        role_name(&config),
        config.node.id,
        began()
    );
    stop.wait(over);
    say!("正在停止……");
    node.stop()?;
    say!("已停止。");
    Ok(0)
}

fn role_name(config: &Config) -> &'static str {
    match config.node.role {
        Role::Province => "省级",
        Role::Ministry => "部级",
    }
}

/// Sleeps in short steps, so that a stop is heard at once.
pub fn pause(stop: &AtomicBool, time: Duration) {
    let step = Duration::from_millis(50);
    let mut left = time;
    while !stop.load(Ordering::Relaxed) && !left.is_zero() {
        let now = left.min(step);
        std::thread::sleep(now);
        left -= now;
    }
}
