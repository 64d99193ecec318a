//! One entry: its fields, its place in the tree, its way to the signed root, and the proof to take away.

use askama::Template;
use link::problem::Problem;
use node::audit::{Evidence, Link, OpenedEntry, Proof, Proving, Subject, act_name, outcome_name};

use super::list::{client_name, second};
use super::{ACT, keys};
use crate::pages::account::kind_names;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// One entry.
pub static ENTRY: Page =
    Page::get("/admin/audit/{n}", Access::Act(ACT), |app, visit| Box::pin(show(app, visit)));

/// Its proof as a file that `luzheng audit check` takes.
pub static PROOF: Page =
    Page::get("/admin/audit/{n}/proof", Access::Act(ACT), |app, visit| Box::pin(proof(app, visit)));

/// The log's certificate, with which proofs are checked.
pub static CERTIFICATE: Page = Page::get("/admin/audit/certificate", Access::Act(ACT), |app, _| {
    Box::pin(async move { certificate(&app) })
});

struct StepLine {
    number: usize,
    left: bool,
    sibling: String,
    gives: String,
}

#[derive(Template)]
#[template(path = "admin/audit_entry.html")]
struct Shown {
    frame: Frame,
    n: u64,
    origin: String,
    leaf: String,
    facts: Vec<(&'static str, String)>,
    object: Option<String>,
    detail: Vec<(String, String)>,
    around: (Option<u64>, Option<u64>),
    text: String,
    waiting: Option<String>,
    broken: Option<String>,
    evidence: Option<Box<Evidence>>,
    signed_at: String,
    steps: Vec<StepLine>,
}

fn number(visit: &Visit) -> Result<u64, Problem> {
    visit.param("n").parse().map_err(|_| no_entry(visit))
}

fn no_entry(visit: &Visit) -> Problem {
    let n = visit.param("n");
    Problem::new(404, "NOT_FOUND", "没有这条审计记录")
        .item(n)
        .detail(format!("审计日志没有序号为“{n}”的记录"))
        .fix("请核对序号；刚发生的操作约一秒后进入日志")
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (n, actor, now) = (number(&visit)?, visit.live()?.actor(), visit.now);
    let opened = app
        .work(move |app| {
            let look = app.province.looking(&actor, now);
            app.province.audit_log().audit_entry(n, &keys(app)?, look)
        })
        .await?;
    html(&shown(&app, &visit, opened.ok_or_else(|| no_entry(&visit))?))
}

fn shown(app: &App, visit: &Visit, opened: OpenedEntry) -> Shown {
    let origin = &app.province.id;
    let entry = &opened.entry;
    let chain = entry.object.as_ref().map(|object| match object.link {
        Link::Apart => "查询，不改变证照",
        Link::First => "该证照的第一次变动",
        Link::After(_) => "接续该证照的上一次变动",
    });
    let some = |name: &'static str, text: &Option<String>| text.clone().map(|text| (name, text));
    let mut facts = vec![
        ("事项", format!("{}（{}）", act_name(&entry.act), entry.act)),
        ("时间", second(entry.at)),
        ("结果", outcome_name(&entry.outcome).to_owned()),
        ("客户端", client_name(&entry.actor.client).to_owned()),
    ];
    let about = [
        some("经办人", &entry.actor.operator),
        some("单位", &entry.actor.unit),
        some("证号", &entry.actor.staff_no),
        some("用途", &entry.purpose),
        some("案号", &entry.case_no),
        some("行政区划", &entry.area),
        chain.map(|chain| ("与证照", chain.to_owned())),
    ];
    facts.extend(about.into_iter().flatten());
    let (waiting, broken, evidence) = match opened.proof {
        Proving::Waiting(why) => (Some(why), None, None),
        Proving::Broken(why) => (None, Some(why), None),
        Proving::Holds(evidence) => (None, None, Some(evidence)),
    };
    let steps = evidence.iter().flat_map(|evidence| &evidence.steps);
    Shown {
        frame: visit.frame(&format!("审计记录 {}", opened.n)),
        n: opened.n,
        origin: origin.to_owned(),
        leaf: opened.leaf,
        facts,
        object: entry.object.as_ref().map(|object| object.key.clone()),
        detail: entry
            .detail
            .iter()
            .map(|(name, value)| (detail_name(name).into(), said(app, (name, value), visit.now)))
            .collect(),
        around: opened.around,
        text: opened.text,
        signed_at: evidence.as_ref().map(|one| second(one.at)).unwrap_or_default(),
        steps: (1..)
            .zip(steps)
            .map(|(number, step)| StepLine {
                number,
                left: step.left,
                sibling: hex(&step.sibling),
                gives: hex(&step.gives),
            })
            .collect(),
        waiting,
        broken,
        evidence,
    }
}

/// A detail as people read it; the text of the entry, further down, keeps it as it is.
fn said(app: &App, (name, value): (&str, &str), now: i64) -> String {
    let list: Option<Vec<String>> = serde_json::from_str(value).ok();
    // Instants of this century; nothing else that a detail holds has sixteen digits.
    let instant =
        || value.parse().ok().filter(|at| (946_684_800_000_000..4_102_444_800_000_000).contains(at));
    match (name, list, value) {
        ("areas", Some(areas), _) => area_words(app, &areas, now),
        ("kinds", Some(kinds), _) => kind_names(app, &kinds),
        ("from" | "until" | "as_of" | "deadline", _, _) => instant().map_or_else(|| value.to_owned(), second),
        ("lane" | "source", _, _) => model::state::party(value).to_owned(),
        ("outcome" | "status", _, _) => outcome_name(value).to_owned(),
        ("class", _, "missing") => "对方缺失".to_owned(),
        ("class", _, "extra") => "对方多出".to_owned(),
        ("class", _, "different") => "内容不符".to_owned(),
        ("cut", _, "1") => "是".to_owned(),
        ("list", _, list) => list_name(list).to_owned(),
        (_, Some(all), _) => all.join("、"),
        _ => value.to_owned(),
    }
}

/// Areas with their names.
fn area_words(app: &App, areas: &[String], now: i64) -> String {
    let named = |code: &String| match code.as_str() {
        "*" => "全省".to_owned(),
        code => {
            let full = format!("{code:0<6}");
            let name = app.province.area_text(&full, now);
            if name == full { code.to_owned() } else { format!("{name}（{code}）") }
        }
    };
    areas.iter().map(named).collect::<Vec<_>>().join("、")
}

/// What a list is called that left as a file.
fn list_name(list: &str) -> &str {
    match list {
        "certificates" => "证照清单",
        "events" => "业务事件",
        "work" => "待处理事项",
        "operators" => "账号",
        "grants" => "全部账号",
        "differences" => "对账差异",
        "results" => "结果反馈",
        "wanting" => "补正清单",
        "conversion" => "存量转化报告",
        "receipts" => "接收回执",
        "batch" => "批量导入结果",
        "audit" => "审计日志",
        other => other,
    }
}

/// What a detail is called, or its name in the log.
fn detail_name(name: &str) -> &str {
    let names = [
        ("accepted", "受理行数"),
        ("account", "账号"),
        ("acts", "事项"),
        ("areas", "行政区划"),
        ("as_of", "所问时点"),
        ("batch", "批次"),
        ("break_glass", "应急原因"),
        ("by", "经办"),
        ("bytes", "字节数"),
        ("channel", "渠道"),
        ("class", "差异类别"),
        ("client", "客户端"),
        ("code", "代码"),
        ("connector", "连接器"),
        ("count", "条数"),
        ("cut", "是否截断"),
        ("day", "日期"),
        ("days", "天数"),
        ("deadline", "期限"),
        ("device", "终端"),
        ("digest", "摘要"),
        ("driver", "驾驶员"),
        ("entries", "条数"),
        ("event", "业务"),
        ("event_id", "事件编号"),
        ("filter", "筛选条件"),
        ("found", "条数"),
        ("from", "起"),
        ("grant", "授权编号"),
        ("group", "检查"),
        ("held", "积压件数"),
        ("holder", "持证主体"),
        ("id", "编号"),
        ("identifier", "证照标识"),
        ("item", "项"),
        ("items", "件数"),
        ("key", "密钥"),
        ("kinds", "证照种类"),
        ("lane", "归集去向"),
        ("last", "最后一天"),
        ("lines", "行数"),
        ("list", "清单"),
        ("maker", "申请人"),
        ("messages", "消息数"),
        ("minutes", "分钟数"),
        ("n", "序号"),
        ("name", "名称"),
        ("number", "序号"),
        ("origin", "节点"),
        ("outcome", "结果"),
        ("part", "部分"),
        ("post", "岗位"),
        ("printing", "打印批次"),
        ("reason", "理由"),
        ("receipt", "回执"),
        ("receipts", "回执数"),
        ("records", "记录数"),
        ("request", "申请编号"),
        ("rights", "权限"),
        ("role", "角色"),
        ("row", "行"),
        ("rows", "行数"),
        ("run", "对账"),
        ("sheet", "打印件"),
        ("sheets", "打印件数"),
        ("size", "条数"),
        ("sm3", "SM3"),
        ("source", "来源"),
        ("state_seq", "第几次变动"),
        ("status", "状态"),
        ("title", "名称"),
        ("unit", "单位"),
        ("until", "止"),
        ("version", "版本"),
        ("via", "途径"),
        ("what", "内容"),
        ("why", "原因"),
        ("work", "待办事项"),
    ];
    names.iter().find(|(known, _)| *known == name).map_or(name, |(_, text)| text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn proof(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (n, actor, now) = (number(&visit)?, visit.live()?.actor(), visit.now);
    let proof: Proof = app
        .work(move |app| {
            let look = app.province.looking(&actor, now);
            app.province.audit_log().audit_prove(&Subject::Leaf(n), look)
        })
        .await?;
    let text = proof.to_text().map_err(|error| problems::of(&error))?;
    Ok(attached(&format!("{}-{n}.proof.json", app.province.id), text))
}

/// A file to take away.
pub(super) fn attached(name: &str, text: String) -> Reply {
    Reply::bytes("application/json", text)
        .header("Content-Disposition", format!("attachment; filename=\"{name}\""))
}

fn certificate(app: &App) -> Result<Reply, Problem> {
    let log = &app.installation().ok_or_else(|| problems::not_found("日志证书", &app.province.id))?.log;
    let name = format!("attachment; filename=\"{}-log.cer\"", app.province.id);
    Ok(Reply::bytes("application/pkix-cert", log.as_der().to_vec()).header("Content-Disposition", name))
}
