//! `/integrator/sandbox`: a sample request for each endpoint, and how it is signed, step by step, with a key of no use elsewhere.

use askama::Template;
use link::problem::Problem;
use link::sign::{HmacKey, Outgoing, Person, Signer};

use super::TRY;
use crate::api::ENDPOINTS;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Page, Visit};
use crate::{Access as Caller, Reply, problems};

/// The page.
pub static PAGE: Page = Page::get("/integrator/sandbox", crate::pages::Access::Act(TRY), |_, visit| {
    Box::pin(async move { show(&visit) })
});

/// Secret, key id and nonce of the worked example in `docs/signing.md`: nobody's.
const SECRET: [u8; 32] = {
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = at as u8;
        at += 1;
    }
    bytes
};
const KEY: &str = "demo-client-1";
const NONCE: &str = "AAECAwQFBgcICQoLDA0ODw";
const TIME: i64 = 1_795_305_600;

/// What each of the fourteen lines is.
const LINES: [&str; 14] = [
    "签名方法",
    "请求方法",
    "路径",
    "查询串",
    "请求体 SM3",
    "时间",
    "随机数",
    "密钥编号",
    "接收方",
    "经办人",
    "单位",
    "证号",
    "用途",
    "案号",
];

/// An example in the list.
struct Choice {
    n: usize,
    method: &'static str,
    path: &'static str,
    title: &'static str,
    here: bool,
}

struct Sample {
    summary: &'static str,
    description: &'static str,
    title: &'static str,
    method: &'static str,
    target: &'static str,
    body: String,
    status: u16,
    signed: Option<Steps>,
    /// The same as commands of a shell; none where the sample is one that is not signed.
    script: Option<String>,
}

/// How it is signed.
struct Steps {
    digest: String,
    /// Number, name, content of each line.
    lines: Vec<(usize, &'static str, String)>,
    headers: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "integrator/sandbox.html")]
struct Shown {
    frame: Frame,
    choices: Vec<Choice>,
    sample: Sample,
    secret: String,
    key: &'static str,
}

fn show(visit: &Visit) -> Result<Reply, Problem> {
    // Endpoints of nodes among themselves are no integrator's.
    let ours = ENDPOINTS.iter().filter(|endpoint| match endpoint.access {
        Caller::Signed(act) => !matches!(act.split('.').next(), Some("audit" | "collect" | "reconcile")),
        Caller::Open | Caller::Local(_) => false,
    });
    let all: Vec<_> = ours
        .flat_map(|endpoint| endpoint.doc.examples.iter().map(move |example| (*endpoint, example)))
        .collect();
    let at = visit.query.get("n").parse().unwrap_or(0usize).min(all.len().saturating_sub(1));
    let (endpoint, example) = all.get(at).ok_or_else(problems::internal)?;
    let choices = all.iter().enumerate().map(|(n, (endpoint, example))| Choice {
        n,
        method: endpoint.method.name(),
        path: endpoint.path,
        title: example.title,
        here: n == at,
    });
    let signed = if example.signed {
        Some(steps(endpoint.method.name(), example.target, example.body)?)
    } else {
        None
    };
    html(&Shown {
        frame: visit.frame("对接沙箱"),
        choices: choices.collect(),
        sample: Sample {
            summary: endpoint.doc.summary,
            description: endpoint.doc.description,
            title: example.title,
            method: endpoint.method.name(),
            target: example.target,
            body: example.body.to_owned(),
            status: example.status,
            signed,
            script: example.signed.then(|| script(endpoint.method.name(), example.target, example.body)),
        },
        secret: SECRET.iter().map(|byte| format!("{byte:02x}")).collect(),
        key: KEY,
    })
}

/// Signs and sends the sample with what stands on most machines: `openssl` (3, with SM3) and `curl`.
fn script(method: &str, target: &str, body: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (make, with) = if body.is_empty() {
        (": > body.json".to_owned(), "")
    } else {
        (
            format!("cat > body.json <<'END'\n{}\nEND", body.trim_end()),
            " \\\n  -H \"Content-Type: application/json\" --data-binary @body.json",
        )
    };
    // A query may hold what a shell would take for its own.
    let query = query.replace('\'', "%27");
    format!(
        r#"NODE=http://127.0.0.1:8080   # 节点地址
KEY=密钥编号
SECRET=密钥   # 64 位十六进制
METHOD={method}
PATH_='{path}'
QUERY='{query}'
{make}
DIGEST=$(openssl dgst -sm3 -r body.json | cut -c1-64)
TIME=$(date +%s)
NONCE=$(openssl rand -hex 16)
SIGNATURE=$(printf '%s\n' LZ-HMAC-SM3 "$METHOD" "$PATH_" "$QUERY" "$DIGEST" "$TIME" "$NONCE" "$KEY" "" "" "" "" "" "" |
  openssl dgst -sm3 -mac HMAC -macopt hexkey:"$SECRET" -r | cut -c1-64)
curl -sS -X "$METHOD" "$NODE$PATH_${{QUERY:+?$QUERY}}" \
  -H "LZ-Content-SM3: $DIGEST" \
  -H "Authorization: LZ-HMAC-SM3 key=$KEY, time=$TIME, nonce=$NONCE, signature=$SIGNATURE"{with}
"#
    )
}

fn steps(method: &str, target: &str, body: &str) -> Result<Steps, Problem> {
    let wrong = |_| problems::internal();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let key = HmacKey::new(&SECRET).map_err(wrong)?;
    let signer = Signer::hmac(KEY, key).map_err(wrong)?;
    let request = Outgoing {
        method,
        path,
        query,
        body: body.as_bytes(),
        time: TIME,
        nonce: NONCE,
        person: &Person::default(),
    };
    let signed = signer.sign(&request).map_err(|_| problems::internal())?;
    let lines = signed.canonical.split('\n').map(str::to_owned);
    Ok(Steps {
        digest: gm::sm3::sm3(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
        lines: (1..).zip(LINES).zip(lines).map(|((n, name), line)| (n, name, line)).collect(),
        headers: signed.headers,
    })
}
