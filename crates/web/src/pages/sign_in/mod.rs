//! Signing in and out.

pub mod holder;
pub mod operator;
pub mod out;

use node::session::Begun;

use super::enter::COOKIE;
use super::visit::go;
use super::{Page, Visit};
use crate::Reply;

/// The pages of this folder.
pub static PAGES: &[&Page] =
    &[&operator::PAGE, &operator::SEND, &holder::PAGE, &holder::SEND, &holder::CODE, &out::SEND];

/// Sets the cookie and goes on.
pub(super) fn begin(visit: &Visit, begun: &Begun) -> Reply {
    let next = visit.form.get("next");
    // Only our own pages: `//host` and `/\host` would lead away.
    let ours = next.starts_with('/') && !next[1..].starts_with(['/', '\\']) && next.is_ascii();
    let to = if ours { next } else { &begun.home };
    let seconds = (begun.ends_at - visit.now).max(0) / 1_000_000;
    let secure = if visit.secure { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}", begun.cookie);
    go(to).header("Set-Cookie", cookie)
}

/// Takes the cookie back.
pub(super) fn forget(reply: Reply) -> Reply {
    reply.header("Set-Cookie", format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"))
}
