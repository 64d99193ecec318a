//! What stands around every page.

use super::Visit;

/// A link of the menu.
pub struct Item {
    /// Where to.
    pub href: &'static str,
    /// In Chinese.
    pub name: &'static str,
    /// Name of its sign.
    pub sign: &'static str,
    /// Is it this page?
    pub here: bool,
}

/// The frame of a page.
pub struct Frame {
    /// Title of the page.
    pub title: String,
    /// Links of the role.
    pub menu: Vec<Item>,
    /// Who is signed in.
    pub name: Option<String>,
    /// Their role.
    pub role: String,
    /// First page of the role.
    pub home: String,
    /// What forms carry.
    pub csrf: String,
    /// What was just done.
    pub done: Option<&'static str>,
}

/// Menus by role: link, name, sign, act that it needs.
const MENU: &[(&str, &str, &str, &str)] = &[
    ("/officer", "核验", "scan", "verify.read"),
    ("/officer/history", "记录", "list", "verify.record"),
    ("/officer/pack", "离线包", "pack", "verify.pack"),
    ("/holder", "我的证照", "card", "share.own"),
    ("/holder/grants", "授权", "grant", "share.own"),
    ("/holder/uses", "谁查过", "eye", "share.own"),
    ("/window/activate", "窗口激活", "check", "deliver.window"),
    ("/window/phone", "变更手机", "phone", "deliver.window"),
    ("/account", "账户", "person", "session.own"),
];

/// What `?done=` says.
const DONE: &[(&str, &str)] = &[
    ("activated", "证照已激活。"),
    ("ended", "已结束该登录。"),
    ("granted", "已授权。"),
    ("outcome", "核验结果已登记。"),
    ("reported", "已受理，处理情况会显示在这里。"),
    ("sheet", "打印件已生成；此前的打印件（如有）作废。"),
    ("signed-out", "已退出登录。"),
    ("withdrawn", "授权已收回。"),
    ("phone", "手机号码已变更。"),
];

impl Frame {
    pub(super) fn new(visit: &Visit, title: &str) -> Self {
        let role = visit.live.as_ref().map(|live| &live.role);
        let known = |href: &str| super::PAGES.iter().any(|page| page.path == href);
        let may = |act: &str| role.is_some_and(|role| role.area_of(act).is_some());
        let longest = MENU
            .iter()
            .filter(|(href, ..)| visit.path == *href || visit.path.starts_with(&format!("{href}/")))
            .map(|(href, ..)| href.len())
            .max();
        let item = |&(href, name, sign, _): &(&'static str, &'static str, &'static str, &str)| Item {
            here: visit.path.starts_with(href) && Some(href.len()) == longest,
            href,
            name,
            sign,
        };
        let done = visit.query.get("done");
        Self {
            title: title.to_owned(),
            menu: MENU.iter().filter(|(href, _, _, act)| known(href) && may(act)).map(item).collect(),
            name: visit.name.clone(),
            role: role.map(|role| role.name.clone()).unwrap_or_default(),
            home: role.map_or("/", |role| role.home.as_str()).to_owned(),
            csrf: visit.csrf.clone(),
            done: DONE.iter().find(|(code, _)| *code == done).map(|(_, text)| *text),
        }
    }

    /// A frame with nobody in it.
    pub(super) fn bare(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            menu: Vec::new(),
            name: None,
            role: String::new(),
            home: "/".into(),
            csrf: String::new(),
            done: None,
        }
    }
}
