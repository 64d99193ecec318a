//! Signing in and out: password, second factor, first change of the password, and the password once more before dangerous acts.

pub mod again;
pub mod enable;
pub mod enrol;
pub mod factor;
pub mod holder;
pub mod operator;
pub mod out;
pub mod password;

use node::operator::Proof;
use node::session::{Begun, Live};

use super::enter::COOKIE;
use super::form::Form;
use super::table::encode;
use super::visit::go;
use super::{Page, Visit};
use crate::Reply;
use crate::api::local_time;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &operator::PAGE,
    &operator::SEND,
    &factor::PAGE,
    &factor::SEND,
    &enable::PAGE,
    &enable::SEND,
    &enrol::PAGE,
    &enrol::SEND,
    &password::PAGE,
    &password::SEND,
    &again::PAGE,
    &again::SEND,
    &holder::PAGE,
    &holder::SEND,
    &holder::CODE,
    &out::SEND,
];

/// Only our own pages: `//host` and `/\host` would lead away, and browsers leave tabs and line ends out before they read an address.
pub(super) fn is_ours(next: &str) -> bool {
    let plain = next.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && byte != b'\\');
    plain && next.starts_with('/') && !next.starts_with("//")
}

/// Where it goes on: the page that was asked for, or the first one of the role.
fn onward(live: &Live, next: &str) -> Reply {
    go(if is_ours(next) { next } else { &live.role.home })
}

/// A page of the sign-in that remembers where it leads.
fn with_next(page: &str, next: &str) -> String {
    if is_ours(next) { format!("{page}?next={}", encode(next)) } else { page.to_owned() }
}

/// Sets the cookie and goes on.
pub(super) fn begin(visit: &Visit, begun: &Begun) -> Reply {
    let next = visit.form.get("next");
    let to = match begun.stage.page() {
        Some(page) => with_next(page, next),
        None if is_ours(next) => next.to_owned(),
        None => begun.home.clone(),
    };
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

/// The second factor that a form carries, if any.
fn proof_of(form: &Form) -> Option<Proof<'_>> {
    match (form.get("code"), form.get("signature")) {
        ("", "") => None,
        ("", signature) => Some(Proof::Signature(signature)),
        (code, _) => Some(Proof::Code(code)),
    }
}

/// What a locked account is told.
fn locked(until: i64) -> String {
    let until = local_time(until);
    format!("连续多次不对，账号已锁定至 {}。如不是您本人操作，请告知安全管理员。", &until[11..16])
}

/// Sends to [`again`] where password and second factor were not given within the last ten minutes; `next` is where it comes back to.
pub(crate) fn fresh_or(live: &Live, now: i64, next: &str) -> Option<Reply> {
    (!live.fresh(now)).then(|| go(with_next(again::PATH, next)))
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        for ours in ["/", "/clerk", "/clerk/certificate/0197?for=check", "/officer/pack#top", "/%E8%AF%81"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            "",
            "clerk",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\t//evil.example",
            "/\n/evil.example",
            "/\r\n/evil.example",
            "/clerk\\..",
            " /clerk",
            "/a b",
            "/证照",
            "/\u{7f}/evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
        ] {
            assert!(!is_ours(other), "{other:?}");
        }
    }
}
