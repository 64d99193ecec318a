//! Error pages: what happened, what it means for the data, what to do.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, Response};
use link::problem::Problem;
use node::session::Live;

use super::Page;
use super::frame::Frame;
use super::table::encode;
use crate::conduct::respond;
use crate::{Method, Reply, problems};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    title: String,
    what: String,
    data: &'static str,
    fix: String,
    code: String,
    home: String,
    /// Where to sign in again, and come back from.
    again: Option<String>,
}

/// A problem as a page, or as its document for a script.
pub(super) fn reply(problem: &Problem, live: Option<&Live>, part: bool, again: Option<String>) -> Reply {
    if part {
        return problem.clone().into();
    }
    let mut frame = Frame::bare(&problem.title);
    if let Some(live) = live {
        frame.home.clone_from(&live.role.home);
    }
    let home = frame.home.clone();
    let page = ErrorPage {
        frame,
        home,
        again,
        status: problem.status,
        title: problem.title.clone(),
        what: problem.detail.clone().unwrap_or_default(),
        data: meaning(problem.status),
        fix: problem.fix.clone().unwrap_or_default(),
        code: problem.code.clone().unwrap_or_default(),
    };
    match page.render() {
        Ok(text) => Reply::bytes("text/html; charset=utf-8", text).status(problem.status),
        Err(_) => problem.clone().into(),
    }
}

/// The sign-in for whoever is signed in no more; it leads back to the page of the form that was sent.
pub(super) fn again(problem: &Problem, page: &Page, path: &str) -> Option<String> {
    if problem.status != 401 || problem.code.as_deref() != Some("SIGN_IN") {
        return None;
    }
    let door = if page.path.starts_with("/holder") { "/sign-in/holder" } else { "/sign-in" };
    Some(format!("{door}?next={}", encode(&page_of(page.path, path))))
}

/// The nearest page above a form's address: `/officer` of `/officer/check`.
fn page_of(pattern: &str, path: &str) -> String {
    let (mut pattern, mut path) = (pattern, path);
    loop {
        let is_page = |one: &&Page| one.method == Method::Get && one.path == pattern;
        if super::PAGES.iter().copied().flatten().any(is_page) {
            return path.to_owned();
        }
        match (pattern.rsplit_once('/'), path.rsplit_once('/')) {
            (Some((above, _)), Some((over, _))) if !above.is_empty() => (pattern, path) = (above, over),
            _ => return "/".to_owned(),
        }
    }
}

/// What it means for the data.
fn meaning(status: u16) -> &'static str {
    match status {
        404 => "没有读取或改动任何数据。",
        401 | 403 => "没有办理，数据没有改动。",
        409 => "没有办理，已有的数据保持原样。",
        500..=599 => "没有得到“已办理”的答复之前，请当作没有办理；已办理的事项不会丢失。",
        _ => "提交的内容没有办理，数据没有改动。",
    }
}

/// For a path that leads nowhere: a page for people, a problem document for programs.
pub(crate) fn no_route(headers: &HeaderMap, path: &str) -> Response<Body> {
    let accept = headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/html") {
        return respond(problems::no_route(path).into());
    }
    let problem = Problem::new(404, "NO_PAGE", "没有这个页面")
        .detail(format!("地址“{path}”没有对应的页面"))
        .fix("请核对地址，或回到首页从菜单进入");
    respond(reply(&problem, None, false, None).header("Content-Security-Policy", super::POLICY))
}
