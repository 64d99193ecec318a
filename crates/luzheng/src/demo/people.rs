//! The accounts of the demo: one for each role that there is, with a password of this folder's own.

use node::Province;
use node::audit::Actor;
use node::duty::{NewHolder, Place};
use node::operator::{EnableCode, Granted, NewOperator, OwnPassword, Rights, SignIn, Warrant, Who};

use super::folder::{HolderNote, OperatorNote};
use super::nodes::{Node, Spec, operator};
use crate::cli::Failure;
use crate::machine;

/// A role: its name, its account, the person, and the areas below the province's own two digits (`*` for all).
type Post = (&'static str, &'static str, &'static str, &'static str);

/// The first makes the others, the second grants them.
const POSTS: [Post; 11] = [
    ("系统管理员", "xitong", "演示系管", "*"),
    ("安全管理员", "anquan", "演示安管", "*"),
    ("窗口经办", "chuangkou", "演示窗口", "01"),
    ("审核", "shenhe", "演示审核", "01"),
    ("执法", "zhifa", "演示执法", "01"),
    ("县级主管", "xianji", "演示县管", "0101"),
    ("市级主管", "shiji", "演示市管", "01"),
    ("省级主管", "shengji", "演示省管", "*"),
    ("审计管理员", "shenji", "演示审管", "*"),
    ("系统对接", "duijie", "演示对接", "*"),
    ("部级", "buji", "演示部管", "*"),
];

/// Makes an account for each role of the rights table that fits the node.
///
/// # Errors
/// A database that cannot be written.
pub fn hire(node: &Node, now: i64) -> Result<Vec<OperatorNote>, Failure> {
    let (rights, spec) = (Rights::builtin()?, node.spec);
    let is_ministry = spec.area.is_empty();
    let fits = |post: &&Post| match post.0 {
        "部级" => is_ministry,
        "系统管理员" | "安全管理员" | "审计管理员" => true,
        _ => !is_ministry,
    };
    let posts = POSTS.iter().filter(fits).filter(|post| rights.role(post.0).is_some());
    let mut notes = Vec::new();
    for (place, (role, account, person, area)) in posts.enumerate() {
        let areas = if *area == "*" { "*".to_owned() } else { format!("{}{area}", spec.area) };
        let granted = Granted { role: (*role).to_owned(), areas: vec![areas], kinds: vec!["*".to_owned()] };
        let new = NewOperator {
            name: (*account).to_owned(),
            person: (*person).to_owned(),
            unit: spec.authority.to_owned(),
            staff_no: staff_no(spec, role),
            role: granted.role.clone(),
            areas: granted.areas.clone(),
            kinds: granted.kinds.clone(),
        };
        let (first, password) = (password(), password());
        let province = &node.running.province;
        if place < 2 {
            // Before there is one who makes and one who grants, nobody has the right to do either.
            let glass = Warrant::BreakGlass("首次安装，尚无账号");
            province.operator_add(new, &password, &operator("安装人员"), glass, now)?;
        } else {
            province.operator_add(new, &first, &operator(POSTS[0].1), Warrant::Account, now)?;
            let by = operator(POSTS[1].1);
            let code = province.operator_grant(account, &granted, &by, Warrant::Account, now)?;
            first_sign_in(province, account, &first, code, &password, now)?;
        }
        notes.push(OperatorNote {
            node: spec.id.to_owned(),
            role: (*role).to_owned(),
            account: (*account).to_owned(),
            password,
        });
    }
    Ok(notes)
}

/// What a person does at the first sign-in: password of the one administrator, code of the other, a password of the own.
fn first_sign_in(
    province: &Province,
    account: &str,
    first: &str,
    code: Option<EnableCode>,
    password: &str,
    now: i64,
) -> Result<(), Failure> {
    let lost = |what: &str| Failure(format!("演示账号“{account}”{what}；请删除演示目录后重新开始"));
    let who = Who { account, password: first, device: "演示", address: "" };
    let SignIn::Done(begun) = province.operator_sign_in(who, now)? else {
        return Err(lost("不能登录"));
    };
    let live = province.session_of(&begun.cookie, now)?.ok_or_else(|| lost("的登录没有开始"))?;
    if let Some(code) = code {
        province.operator_enable(&live, &code.code, now)?;
    }
    let own = OwnPassword { account, old: first, new: password, session: Some(&live.id) };
    province.operator_password(own, now)?;
    Ok(province.session_end(&live, None, now)?)
}

/// Fills the responsibility register of a province: somebody in every post but two, for an empty one is to be seen.
///
/// # Errors
/// A database that cannot be written.
pub fn register(node: &Node, now: i64) -> Result<(), Failure> {
    let (province, spec) = (&node.running.province, node.spec);
    if spec.area.is_empty() {
        return Ok(());
    }
    let by = actor(spec, "系统管理员");
    province.duty_defaults(&by, now)?;
    let (all, mut after, mut number) = (["*".to_owned()], Place::default(), 0);
    loop {
        let page = province.duty_list(&all, true, &after, 100, now)?;
        for post in &page.posts {
            number += 1;
            let empty = (post.level == "市"
                && post.what == "告警"
                && post.area.starts_with(&format!("{}01", spec.area)))
                || post.area == format!("{}0101", spec.area);
            if empty {
                continue;
            }
            let holder = NewHolder {
                person: format!("演示{}岗", post.what),
                phone: format!("0999-8888{number:04}"),
                unit: spec.authority.to_owned(),
                ..NewHolder::default()
            };
            province.duty_fill(&post.id, &holder, &by, now)?;
        }
        match page.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

/// The number that the account of a role has.
fn staff_no(spec: &Spec, role: &str) -> String {
    let place = POSTS.iter().position(|post| post.0 == role).unwrap_or_default();
    format!("演示{}{place:03}", spec.folder)
}

/// Who acts when the account of a role does.
pub fn actor(spec: &Spec, role: &str) -> Actor {
    let account = POSTS.iter().find(|post| post.0 == role).map(|post| post.1.to_owned());
    Actor {
        client: "web".into(),
        operator: account,
        unit: Some(spec.authority.to_owned()),
        staff_no: Some(staff_no(spec, role)),
        ..Actor::default()
    }
}

/// A password of the demo.
fn password() -> String {
    let digits: String = machine::sixteen()[..5].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("demo-{digits}")
}

/// One line for a holder's sign-in.
pub fn holder_line(note: &HolderNote) -> String {
    format!("{}　姓名（名称）{}　证件号码 {}　手机 {}", note.what, note.name, note.number, note.phone)
}
