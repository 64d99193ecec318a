//! The real program as a process: set up, started, killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const BIN: &str = env!("CARGO_BIN_EXE_luzheng");
pub const PASSPHRASE: &str = "kill-passphrase";
/// A destination that never answers: the outbox only fills.
const LANE: &str = "[[lane]]\nname = \"ministry\"\naddress = \"http://127.0.0.1:9\"\npeer = \"demo-00\"\n";

/// A folder that goes when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("luzheng-kill-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A node's configuration and keys.
pub struct Setup {
    folder: PathBuf,
    config: PathBuf,
    pub url: String,
}

impl Setup {
    pub fn new(folder: &Folder, url: Option<&str>) -> Self {
        let at = &folder.0;
        let url = url.map_or_else(|| format!("sqlite:{}", at.join("rows.db").display()), str::to_owned);
        let text = format!(
            "[node]\nid = \"demo-99\"\narea = \"99\"\n[store]\nurl = \"{url}\"\n[files]\nfolder = \"files\"\npack_bytes = 8000000\n\
             [keys]\nfolder = \"keys\"\n{LANE}"
        );
        let config = at.join("node.toml");
        std::fs::write(&config, text).unwrap();
        let setup = Self { folder: at.clone(), config, url };
        let keys = setup.keys();
        luzheng(&[
            "keys",
            "init",
            "--dir",
            keys.to_str().unwrap(),
            "--authority",
            "演示省交通运输厅",
            "--uscc",
            "11990000MB0000000J",
        ]);
        let certificate = keys.join("nodes/node.cer");
        luzheng(&[
            "peer",
            "add",
            "--config",
            setup.config(),
            "--operator",
            "管理员一",
            "--id",
            "demo-00",
            "--role",
            "ministry",
            "--name",
            "演示部",
            "--address",
            "http://127.0.0.1:9",
            "--certificate",
            certificate.to_str().unwrap(),
        ]);
        setup
    }

    fn config(&self) -> &str {
        self.config.to_str().unwrap()
    }

    pub fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    pub fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// Enrols the business system; its id and secret.
    pub fn add_client(&self) -> (String, Vec<u8>) {
        let output = luzheng(&[
            "client",
            "add",
            "--config",
            self.config(),
            "--operator",
            "管理员一",
            "--name",
            "运政系统",
            "--source",
            "运政",
            "--right",
            "lifecycle",
        ]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let value = |label: &str| {
            let line = text.lines().find(|line| line.starts_with(label)).unwrap();
            line.split('　').next_back().unwrap().trim().to_owned()
        };
        let secret = value("密");
        let pairs = (0..secret.len()).step_by(2);
        (value("客户端"), pairs.map(|at| u8::from_str_radix(&secret[at..at + 2], 16).unwrap()).collect())
    }

    /// Starts the server and waits until it is ready.
    pub fn serve(&self) -> Server {
        let file = self.folder.join("address");
        let _ = std::fs::remove_file(&file);
        let child = Command::new(BIN)
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&self.config)
            .arg("--address-file")
            .arg(&file)
            .env("LUZHENG_PASSPHRASE", PASSPHRASE)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Server { child, address: String::new() };
        for _ in 0..3000 {
            if let Some(address) = ready(&file) {
                server.address = format!("http://{address}");
                return server;
            }
            assert!(server.child.try_wait().unwrap().is_none(), "the server does not start again");
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not become ready");
    }
}

/// The address that the server wrote, when all of it is there.
fn ready(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    text.parse::<std::net::SocketAddr>().ok().map(|_| text)
}

fn luzheng(args: &[&str]) -> Output {
    let output = Command::new(BIN).args(args).env("LUZHENG_PASSPHRASE", PASSPHRASE).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; it must end by itself.
    pub fn stop(mut self) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
