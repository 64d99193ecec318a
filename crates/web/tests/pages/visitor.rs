//! Somebody with a browser: keeps the cookie, sends forms with their token.

use gm::sm3::sm3;
use node::deliver::VerifiedClaims;
use node::operator::{NewOperator, SignIn, Warrant, Who};

use crate::server::{Got, Server, admin};
use crate::support::NOW;

/// Password of every account here.
pub const PASSWORD: &str = "yanshi-2026-lu";

/// A visitor; without a cookie, nobody.
pub struct Visitor<'s> {
    server: &'s Server,
    pub cookie: Option<String>,
}

impl<'s> Visitor<'s> {
    /// Nobody in particular.
    pub fn stranger(server: &'s Server) -> Self {
        Self { server, cookie: None }
    }

    /// Whoever has this cookie.
    pub fn with(server: &'s Server, cookie: String) -> Self {
        Self { server, cookie: Some(cookie) }
    }

    /// An account of this role in these areas, signed in.
    pub fn operator(server: &'s Server, account: &str, role: &str, area: &str) -> Self {
        Self::of_kind(server, account, role, (area, "*"))
    }

    /// The same for certificates of one kind.
    pub fn of_kind(server: &'s Server, account: &str, role: &str, (area, kind): (&str, &str)) -> Self {
        let new = NewOperator {
            name: account.into(),
            person: "赵路平".into(),
            unit: "演示市交通运输局".into(),
            // Administrators, and the two people of an emergency act, are different people.
            staff_no: if role.ends_with("管理员") || role == "审核" {
                format!("99010001-{account}")
            } else {
                "99010001".into()
            },
            role: role.into(),
            areas: vec![area.into()],
            kinds: vec![kind.into()],
        };
        let province = &server.app.province;
        province.operator_add(new, PASSWORD, &admin(), Warrant::BreakGlass("测试"), NOW).expect("an account");
        let who = Who { account, password: PASSWORD, device: "测试", address: "" };
        match province.operator_sign_in(who, server.app.now()).expect("the rows") {
            SignIn::Done(begun) => Self { server, cookie: Some(begun.cookie) },
            _ => panic!("signed in"),
        }
    }

    /// A holder whom a sign-in provider vouches for.
    pub fn holder(server: &'s Server, name: &str, number: &str) -> Self {
        let province = &server.app.province;
        let claims = VerifiedClaims { name: name.into(), number: number.into(), assurance: "实人".into() };
        let subject = province.sign_in_by("测试", &claims, server.app.now()).expect("a subject");
        let who = serde_json::to_string(&subject).expect("JSON");
        let begun = province.session_begin_holder(&subject.holder, &who, "测试", server.app.now());
        Self { server, cookie: Some(begun.expect("a session").cookie) }
    }

    /// The token of this visitor's forms.
    pub fn csrf(&self) -> String {
        let cookie = self.cookie.as_deref().unwrap_or_default();
        let digest = sm3(format!("luzheng csrf\0{cookie}").as_bytes());
        digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn get(&self, path: &str) -> Got {
        self.server.send("GET", path, &self.headers(&[]), b"")
    }

    /// A form with its token.
    pub fn post(&self, path: &str, form: &str) -> Got {
        let form = format!("csrf={}&{form}", self.csrf());
        self.send(path, &[("Sec-Fetch-Site", "same-origin")], &form)
    }

    /// A form as it is.
    pub fn send(&self, path: &str, more: &[(&str, &str)], form: &str) -> Got {
        let mut headers = self.headers(more);
        headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        self.server.send("POST", path, &headers, form.as_bytes())
    }

    fn headers(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let cookie = self.cookie.iter().map(|cookie| ("Cookie".into(), format!("lz_session={cookie}")));
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        cookie.chain([("Accept".into(), "text/html".into())]).chain(more).collect()
    }
}

impl Visitor<'_> {
    /// A form with files (field, name, bytes) and its token.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Got {
        let csrf = self.csrf();
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            let head = format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"csrf\"".into(), csrf.as_bytes());
        for (name, value) in fields {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        for (field, name, bytes) in files {
            part(format!("name=\"{field}\"; filename=\"{name}\""), bytes);
        }
        body.extend_from_slice(b"--edge--\r\n");
        let mut headers = self.headers(&[("Sec-Fetch-Site", "same-origin")]);
        headers.push(("Content-Type".into(), "multipart/form-data; boundary=edge".into()));
        self.server.send("POST", path, &headers, &body)
    }
}
