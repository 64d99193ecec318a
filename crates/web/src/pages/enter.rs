//! The door of the pages: session, right, origin, token; then the page; then the headers that all pages have.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::{HeaderMap, Response};
use link::problem::Problem;
use node::session::{Live, Visitor};

use super::form::Form;
use super::visit::{Visit, cookie, csrf_of, device};
use super::{Access, Page, error, sign_in, upload};
use crate::conduct::{caught, respond};
use crate::{App, Method, Reply, guard, problems};

/// Name of the session's cookie.
pub(super) const COOKIE: &str = "lz_session";

/// Nothing but our own files, no inline script or style. Pictures may be drawn by our scripts (`blob:`).
pub const POLICY: &str = "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 5] = [
    ("Content-Security-Policy", POLICY),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(self), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

/// Answers a request for a page; never fails, never panics.
pub(super) async fn enter(
    page: &'static Page,
    State(app): State<App>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response<Body> {
    let headers = request.headers().clone();
    let part = wants_part(&headers);
    let path = request.uri().path().to_owned();
    let params = params.map(|params| {
        params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    });
    let done = match params {
        Ok(params) => answer(&app, page, params, request).await,
        Err(_) => Err((problems::no_route(request.uri().path()), None)),
    };
    let mut reply = done.unwrap_or_else(|(problem, live)| {
        let again = error::again(&problem, page, &path);
        error::reply(&problem, live.as_ref(), part, again)
    });
    // What the page set itself goes after these and wins.
    let own = std::mem::take(&mut reply.headers);
    reply.headers = HEADERS.map(|(name, value)| (name, value.to_owned())).into_iter().chain(own).collect();
    respond(reply)
}

type Refused = (Problem, Option<Live>);

async fn answer(
    app: &App,
    page: &'static Page,
    params: Vec<(String, String)>,
    request: Request,
) -> Result<Reply, Refused> {
    let now = app.now();
    if let Some(window) = app.maintenance().filter(|_| page.access != Access::Open) {
        return Err((problems::maintenance(&window), None));
    }
    let remote = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let secret = cookie(headers, COOKIE).unwrap_or_default().to_owned();
    let live = {
        let _place = place(app).map_err(|problem| (problem, None))?;
        session(app, &secret, now).await.map_err(|problem| (problem, None))?
    };
    let fail = |problem: Problem| (problem, live.clone());
    if page.method == Method::Post && !same_origin(headers) {
        return Err(fail(forged()));
    }
    if page.access != Access::Open {
        let Some(live) = &live else { return sign_in_first(page, &parts.uri, headers).map_err(fail) };
        if let Access::Act(act) | Access::Fresh(act) = page.access {
            if let Some(waits) = live.stage.page() {
                return unfinished(page, waits, &parts.uri, headers).map_err(fail);
            }
            if !live.may(act, None) {
                return Err(fail(no_right(act)));
            }
        }
    }
    let from = address(headers, remote);
    let body = body_of(app, page, &from, body).await.map_err(fail)?;
    // Not before the body is here: whoever sends it slowly holds no place.
    let _place = place(app).map_err(fail)?;
    let is_form = header(headers, "content-type").starts_with("application/x-www-form-urlencoded");
    let is_upload = header(headers, "content-type").starts_with("multipart/form-data");
    let (form, files) = match (is_form, is_upload) {
        (true, _) => (Form::parse(&body).map_err(fail)?, Vec::new()),
        (_, true) => upload::parse(header(headers, "content-type"), &body).map_err(fail)?,
        _ => (Form::default(), Vec::new()),
    };
    let csrf = if secret.is_empty() { String::new() } else { csrf_of(&secret) };
    if page.method == Method::Post && live.is_some() {
        let sent = if is_form || is_upload {
            form.get("csrf").to_owned()
        } else {
            header(headers, "x-csrf").to_owned()
        };
        if sent != csrf {
            return Err(fail(forged()));
        }
    }
    if let (Access::Fresh(_), Some(live)) = (page.access, &live) {
        let here = if page.method == Method::Get { parts.uri.path() } else { form.get("next") };
        if let Some(reply) = sign_in::fresh_or(live, now, here) {
            return Ok(reply);
        }
    }
    let visit = Visit {
        now,
        path: parts.uri.path().to_owned(),
        params,
        query: Form::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(fail)?,
        body,
        form,
        files,
        name: name_of(app, live.as_ref()).map_err(fail)?,
        live: live.clone(),
        csrf,
        device: device(headers),
        address: from,
        secure: header(headers, "x-forwarded-proto") == "https",
        demo: app.province.keys.demo,
        part: wants_part(headers),
    };
    caught((page.handler)(app.clone(), visit)).await.map_err(fail)
}

/// One of the places of the requests that are worked on.
fn place(app: &App) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
    app.places.try_acquire().map_err(|_| problems::busy("同时处理的请求已达上限"))
}

/// The body of a request, of which one address has only some on their way at once.
async fn body_of(app: &App, page: &Page, from: &str, body: Body) -> Result<axum::body::Bytes, Problem> {
    if page.body_limit == 0 {
        return guard::read(app, 0, body).await;
    }
    let guest = app.bodies.enter(from.to_owned());
    let _guest = guest.ok_or_else(|| problems::busy("这个网络地址同时提交的表单已达上限"))?;
    let is_form = page.body_limit <= super::FORM;
    let seconds = if is_form { app.limits.form_seconds } else { app.limits.body_seconds };
    guard::read_within(Duration::from_secs(seconds), page.body_limit, body).await
}

/// The name that the header shows.
fn name_of(app: &App, live: Option<&Live>) -> Result<Option<String>, Problem> {
    match live.map(|live| &live.visitor) {
        None => Ok(None),
        Some(Visitor::Operator { person, .. }) => Ok(Some(person.clone())),
        Some(Visitor::Holder(who)) => {
            let subject = super::holder::parse(who)?;
            let name = app.province.holder_name(&subject).map_err(|error| problems::of(&error))?;
            Ok(Some(name.to_string()))
        }
    }
}

async fn session(app: &App, secret: &str, now: i64) -> Result<Option<Live>, Problem> {
    if secret.is_empty() {
        return Ok(None);
    }
    let secret = secret.to_owned();
    app.look(move |app| app.province.session_of(&secret, now)).await
}

/// A page sends to the sign-in and back; a script is told, and keeps what it has.
fn sign_in_first(page: &Page, uri: &axum::http::Uri, headers: &HeaderMap) -> Result<Reply, Problem> {
    if wants_part(headers) || page.method == Method::Post {
        return Err(Problem::new(401, "SIGN_IN", "登录已结束")
            .detail("没有登录，或登录已超时；刚才的操作没有办理")
            .fix("请重新登录后再办理"));
    }
    let to = if page.path.starts_with("/holder") { "/sign-in/holder" } else { "/sign-in" };
    let back: String = uri.path().bytes().map(escaped).collect();
    Ok(super::visit::go(format!("{to}?next={back}")))
}

/// A sign-in that is not finished opens only what finishes it.
fn unfinished(
    page: &Page,
    waits: &str,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
) -> Result<Reply, Problem> {
    if wants_part(headers) || page.method == Method::Post {
        return Err(Problem::new(401, "SIGN_IN", "登录还没有完成")
            .detail("还需要启用码、第二因素或更改口令；刚才的操作没有办理")
            .fix("请先完成登录后再办理"));
    }
    let back: String = uri.path().bytes().map(escaped).collect();
    Ok(super::visit::go(format!("{waits}?next={back}")))
}

fn escaped(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// Forms come from our own pages only. Browsers that do not say so in one header say so in the other.
fn same_origin(headers: &HeaderMap) -> bool {
    let site = header(headers, "sec-fetch-site");
    if !site.is_empty() {
        return site == "same-origin" || site == "none";
    }
    let origin = header(headers, "origin");
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    origin.is_empty() || host == header(headers, "host")
}

fn forged() -> Problem {
    Problem::new(403, "CSRF", "页面已过期")
        .detail("提交的表单不是由本次登录的页面发出的；没有办理，数据未改动")
        .fix("请返回并刷新页面后重新提交")
}

fn no_right(act: &str) -> Problem {
    let rights = node::operator::Rights::builtin().ok();
    let name = rights.and_then(|rights| rights.act_name(act)).unwrap_or(act);
    Problem::new(403, "RIGHT", "没有权限")
        .item(act)
        .detail(format!("当前登录的角色不能“{name}”；没有办理，数据未改动"))
        .fix("请换用有此权限的账号登录，或联系本单位的系统管理员")
}

/// Where the request comes from: the gateway's last word, for it alone can be believed when it stands on this machine.
fn address(headers: &HeaderMap, remote: Option<SocketAddr>) -> String {
    let direct = remote.map(|address| address.ip().to_string()).unwrap_or_default();
    let local = remote.is_some_and(|address| address.ip().is_loopback());
    match header(headers, "x-forwarded-for").rsplit(',').next().map(str::trim) {
        Some(last) if local && !last.is_empty() => last.chars().take(45).collect(),
        _ => direct,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn wants_part(headers: &HeaderMap) -> bool {
    headers.contains_key("x-part")
}
