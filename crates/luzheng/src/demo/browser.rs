//! A browser without a screen: forms, one cookie, the hidden token. Enough to do on a page what a person does there.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::cli::Failure;

/// The cookie of a session.
const COOKIE: &str = "lz_session=";
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One window on one node.
pub struct Browser {
    address: SocketAddr,
    session: Option<String>,
    /// The page that it shows.
    pub page: String,
}

impl Browser {
    /// A window on a node.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, session: None, page: String::new() }
    }

    /// Opens a page.
    ///
    /// # Errors
    /// A node that does not answer; a page that is refused.
    pub fn open(&mut self, path: &str) -> Result<(), Failure> {
        self.ask("GET", path, "")
    }

    /// Sends a form of the page that is shown, with its hidden token.
    ///
    /// # Errors
    /// As [`Browser::open`].
    pub fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<(), Failure> {
        let token = self.hidden("csrf").unwrap_or_default();
        let pairs = fields.iter().copied().chain([("csrf", token.as_str())]);
        let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.ask("POST", path, &body.join("&"))
    }

    /// The value of a hidden field of the page.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.page.split_once(&mark)?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(), Failure> {
        let (status, head, page) = self.exchange(method, path, body)?;
        let line = |name: &str| {
            head.lines().find_map(|line| {
                let (field, value) = line.split_once(':')?;
                field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        if let Some(cookie) = line("set-cookie").filter(|cookie| cookie.starts_with(COOKIE)) {
            self.session = cookie.split(';').next().map(str::to_owned);
        }
        match (status, line("location")) {
            (200..=299, _) => {
                self.page = page;
                Ok(())
            }
            (303, Some(next)) => self.ask("GET", &next, ""),
            _ => Err(format!("页面 {path} 答 {status}：{}", heading(&page)).into()),
        }
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> Result<(u16, String, String), Failure> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let cookie = self.session.as_ref().map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        let kind = "application/x-www-form-urlencoded";
        let address = self.address;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n{cookie}\
             Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, page) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("页面 {path} 没有应答"))?;
        Ok((status, head.to_owned(), page.to_owned()))
    }
}

/// The words of a page's heading.
fn heading(page: &str) -> String {
    let inside = page.split_once("<h1>").and_then(|(_, rest)| rest.split_once("</h1>"));
    inside.map_or_else(String::new, |(words, _)| words.to_owned())
}

fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
