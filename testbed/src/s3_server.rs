//! An object storage that speaks S3: `moto_server` from PyPI, which `cargo xtask test` installs into a folder of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The bucket that a server begins with.
const BUCKET: &str = "files";

/// A running server with one empty bucket, `files`. Any access key is taken.
pub struct ObjectStorage {
    child: Child,
    address: SocketAddr,
}

impl ObjectStorage {
    /// Starts one; `None`, said loudly, where the server is not installed.
    ///
    /// # Panics
    /// A server that is installed and does not answer.
    pub fn start() -> Option<Self> {
        // Free when we asked, and seldom taken by another before the server has it: then with another one.
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let address = listener.local_addr().expect("its address");
            drop(listener);
            let mut command = Command::new(program());
            command.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
            let Ok(child) = command.spawn() else {
                eprintln!(
                    "\n*** SKIPPED: no moto_server. `cargo xtask test` installs it; by hand: pip install 'moto[s3,server]' ***\n"
                );
                return None;
            };
            let mut server = Self { child, address };
            if server.is_up() {
                server.request(&format!("PUT /{BUCKET} HTTP/1.1\r\nx-amz-acl: public-read-write"), b"");
                return Some(server);
            }
        }
        panic!("moto_server does not answer");
    }

    /// Waits until it answers; false if it ended or never does.
    fn is_up(&mut self) -> bool {
        for _ in 0..600 {
            std::thread::sleep(Duration::from_millis(100));
            let answers = TcpStream::connect(self.address).is_ok();
            // Where it has ended, whoever answers is not it.
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            if answers {
                return true;
            }
        }
        false
    }

    /// `http://host:port`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its bucket.
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// A request without a signature, which this server takes: `PUT /files/name HTTP/1.1`.
    ///
    /// # Panics
    /// An answer other than 200.
    pub fn request(&self, line: &str, body: &[u8]) {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let length = body.len();
        let head = format!(
            "{line}\r\nHost: {}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(&[head.as_bytes(), body].concat()).expect("the request goes out");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for ObjectStorage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one that the test command installed, else one on the path.
fn program() -> PathBuf {
    #[allow(clippy::disallowed_methods, reason = "the test command says where it installed it")]
    std::env::var_os("MOTO_SERVER").map_or_else(|| PathBuf::from("moto_server"), PathBuf::from)
}
