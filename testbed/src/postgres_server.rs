//! One PostgreSQL a process, in a temporary folder, with a new database for whoever asks.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

/// A database of its own on the process's server; dropped with the server.
pub struct Database {
    name: String,
}

struct Server {
    port: u16,
}

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Database {
    /// Starts the server if this is the first call, and makes an empty database.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: a test that needs it must not pass without it.
    pub fn new() -> Self {
        let server = match SERVER.get_or_init(start) {
            Ok(server) => server,
            Err(cause) => panic!("PostgreSQL did not start ({cause}); `cargo xtask test` installs it"),
        };
        let name = format!("luzheng_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut client = connect(server.port).expect("the server answers");
        client.batch_execute(&format!("CREATE DATABASE {name}")).expect("a new database");
        Self { name }
    }

    /// Its address, as `store` and `serve` take it.
    pub fn url(&self) -> String {
        // `new` has seen the server running.
        let port = SERVER.get().and_then(|server| server.as_ref().ok()).map_or(0, |server| server.port);
        format!("postgres://postgres@127.0.0.1:{port}/{}", self.name)
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

fn connect(port: u16) -> Result<postgres::Client, postgres::Error> {
    postgres::Client::connect(&format!("postgres://postgres@127.0.0.1:{port}/postgres"), postgres::NoTls)
}

/// The folder of the newest server programs that Debian has installed.
fn programs() -> Result<PathBuf, String> {
    let root = Path::new("/usr/lib/postgresql");
    let entries = fs::read_dir(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path().join("bin")).collect();
    found.retain(|bin| bin.join("postgres").is_file() && bin.join("initdb").is_file());
    found.sort();
    found.pop().ok_or_else(|| "no server programs".to_owned())
}

fn start() -> Result<Server, String> {
    let text = |error: io::Error| error.to_string();
    let bin = programs()?;
    // Somebody may take a port between our asking and the server's start, so the shell has some to try.
    let sockets: Vec<_> = (0..5).filter_map(|_| TcpListener::bind("127.0.0.1:0").ok()).collect();
    let ports = sockets.iter().map(|socket| Ok(socket.local_addr()?.port().to_string()));
    let ports = ports.collect::<io::Result<Vec<_>>>().map_err(text)?.join(" ");
    drop(sockets);
    let folder = std::env::temp_dir().join(format!("luzheng-postgres-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(text)?;
    let (sender, receiver) = mpsc::channel();
    let at = folder.clone();
    // The server dies with the thread that started it, so that thread must outlive every test.
    std::thread::spawn(move || {
        let _ = sender.send(launch(&bin, &at, &ports));
        loop {
            std::thread::park();
        }
    });
    receiver.recv().map_err(|error| error.to_string())?.map_err(text)?;
    for _ in 0..1200 {
        if let Some(port) = ready(&folder)
            && connect(port).is_ok()
        {
            return Ok(Server { port });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("no answer within 60 s".to_owned())
}

/// The port of a server that takes connections: lines four and eight of its own file.
fn ready(folder: &Path) -> Option<u16> {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    let line = |at: usize| text.lines().nth(at).map(str::trim);
    line(7).filter(|state| *state == "ready")?;
    line(3)?.parse().ok()
}

/// A shell keeps the server: when this process ends the kernel tells the shell, which stops the server and clears the folder.
const KEEPER: &str = r#"
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/initdb.log" 2>&1 || exit 1
trap 'kill -INT $server; wait $server; rm -rf "$2"; exit 0' TERM
for port in $3; do
    "$1/postgres" -D "$2/data" -p "$port" -k "$2" -c listen_addresses=127.0.0.1 -c shared_buffers=256MB -c max_connections=100 >>"$2/log" 2>&1 &
    server=$!
    wait $server
done
"#;

fn launch(bin: &Path, folder: &Path, ports: &str) -> io::Result<()> {
    let root = fs::metadata("/proc/self").map(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)?;
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]);
    if root {
        // PostgreSQL refuses to run as root.
        Command::new("chown").arg("postgres").arg(folder).status()?;
        command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
    }
    command.args(["sh", "-c", KEEPER, "keeper"]).arg(bin).arg(folder).arg(ports);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    Ok(())
}
