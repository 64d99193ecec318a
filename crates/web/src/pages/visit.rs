//! A request for a page that has passed the door.

use askama::Template;
use axum::body::Bytes;
use axum::http::HeaderMap;
use gm::sm3::sm3;
use link::problem::Problem;
use node::session::Live;

use super::form::Form;
use super::frame::Frame;
pub use super::upload::File;
use crate::{Reply, problems};

/// A request for a page.
pub struct Visit {
    /// When it came, microseconds UTC.
    pub now: i64,
    /// Path as sent.
    pub path: String,
    /// Values of the path's parameters.
    pub params: Vec<(String, String)>,
    /// The query.
    pub query: Form,
    /// The body as it came.
    pub body: Bytes,
    /// The body as a form; empty when it is none.
    pub form: Form,
    /// Files of a form that carries some.
    pub files: Vec<File>,
    /// Who asks.
    pub live: Option<Live>,
    /// The name that the header shows.
    pub name: Option<String>,
    /// What forms of this session carry.
    pub csrf: String,
    /// Browser, in a few words.
    pub device: String,
    /// Where the request comes from, as far as it is known.
    pub address: String,
    /// Came over TLS to the gateway.
    pub secure: bool,
    /// The node has demonstration keys: what it holds is invented.
    pub demo: bool,
    /// The script of a page asks for a part of it.
    pub part: bool,
}

impl Visit {
    /// A parameter of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The session; a page behind a right always has one.
    ///
    /// # Errors
    /// 500 on an open page.
    pub fn live(&self) -> Result<&Live, Problem> {
        self.live.as_ref().ok_or_else(problems::internal)
    }

    /// The frame around a page: menu, name, what was just done.
    pub fn frame(&self, title: &str) -> Frame {
        Frame::new(self, title)
    }
}

/// What forms of a session carry: nobody who lacks the cookie can know it.
pub(super) fn csrf_of(cookie: &str) -> String {
    let digest = sm3(format!("luzheng csrf\0{cookie}").as_bytes());
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all("cookie").into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// A browser in a few words (`Chrome · Android`): enough to know one's own phone again.
pub(super) fn device(headers: &HeaderMap) -> String {
    let agent = headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = |list: &[(&str, &str)]| {
        list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned())
    };
    let browser = first(&[
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("HarmonyOS", "鸿蒙"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    let known: Vec<String> = browser.into_iter().chain(system).collect();
    if known.is_empty() { "未识别的浏览器".into() } else { known.join(" · ") }
}

/// A template as a page.
pub(crate) fn html(template: &impl Template) -> Result<Reply, Problem> {
    let text = template.render().map_err(|_| problems::internal())?;
    Ok(Reply::bytes("text/html; charset=utf-8", text))
}

/// Go and look there: after a form, so that "back" and "reload" do nothing twice.
pub(crate) fn go(to: impl Into<String>) -> Reply {
    Reply::bytes("text/html; charset=utf-8", "").status(303).header("Location", to)
}
