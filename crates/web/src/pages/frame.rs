//! What stands around every page.

use node::session::Stage;

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
    /// Does the menu stand at the side?
    pub side: bool,
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
    /// Is what the pages show invented?
    pub demo: bool,
}

/// Menus by role: link, name, sign, act that it needs.
const MENU: &[(&str, &str, &str, &str)] = &[
    ("/officer", "核验", "scan", "verify.read"),
    ("/officer/history", "记录", "list", "verify.record"),
    ("/officer/pack", "离线包", "pack", "verify.pack"),
    ("/holder", "我的证照", "card", "share.own"),
    ("/holder/grants", "授权", "grant", "share.own"),
    ("/holder/uses", "谁查过", "eye", "share.own"),
    ("/supervisor", "运行总览", "chart", "overview.read"),
    ("/ministry", "各省情况", "chart", "ministry.read"),
    ("/clerk", "查询证照", "find", "certificate.read"),
    ("/clerk/tasks", "待办事项", "list", "lifecycle.work"),
    ("/clerk/batch", "批量导入", "import", "issue.batch"),
    ("/clerk/print", "批量打印", "print", "issue.print"),
    ("/window/activate", "窗口激活", "check", "deliver.window"),
    ("/window/phone", "变更手机", "phone", "deliver.window"),
    ("/clerk/manual", "应急办理", "alarm", "lifecycle.manual"),
    ("/clerk/confirm", "应急复核", "alarm", "lifecycle.confirm"),
    ("/supervisor/certificates", "证照清单", "card", "certificate.list"),
    ("/supervisor/events", "业务事件", "list", "certificate.list"),
    ("/supervisor/tasks", "待处理事项", "check", "work.read"),
    ("/supervisor/collect", "归集", "send", "collect.read"),
    ("/supervisor/outages", "中断记录", "alarm", "outage.read"),
    ("/supervisor/reconcile", "部省对账", "compare", "reconcile.read"),
    ("/supervisor/convert", "存量转化", "import", "convert.read"),
    ("/ministry/certificate", "查证照", "find", "ministry.read"),
    ("/ministry/receipts", "接收回执", "list", "ministry.read"),
    ("/ministry/checkpoints", "日志见证", "key", "ministry.read"),
    ("/catalogue", "证照目录", "book", "catalogue.read"),
    ("/supervisor/seals", "发证机关与印章", "key", "seal.read"),
    ("/integrator", "对接系统", "link", "integrate.read"),
    ("/integrator/sandbox", "沙箱", "check", "integrate.try"),
    ("/integrator/results", "结果反馈", "list", "integrate.read"),
    ("/integrator/files", "文件接口", "import", "integrate.read"),
    ("/admin/operators", "账号", "person", "operator.manage"),
    ("/admin/grants", "授权与解锁", "grant", "operator.grant"),
    ("/admin/clients", "对接密钥", "link", "client.manage"),
    ("/admin/keys", "密钥与印章", "key", "keys.read"),
    ("/admin/config", "生效配置", "book", "config.read"),
    ("/admin/duty", "责任登记册", "list", "duty.manage"),
    ("/supervisor/duty", "责任登记册", "list", "duty.read"),
    ("/admin/audit", "审计日志", "find", "audit.read"),
    ("/account", "账户", "person", "session.own"),
];

/// More links than this stand at the side of the page, not in its head.
const HEAD: usize = 5;

/// What `?done=` says.
const DONE: &[(&str, &str)] = &[
    ("resent", "死信已重新排队。"),
    ("outage-opened", "中断已登记。"),
    ("outage-described", "原因和措施已保存。"),
    ("outage-closed", "中断已登记结束，补报时钟开始计时。"),
    ("outage-completed", "已确认补报完毕，可以下载证明。"),
    ("activated", "证照已激活。"),
    ("ended", "已结束该登录。"),
    ("granted", "已授权。"),
    ("outcome", "核验结果已登记。"),
    ("reported", "已受理，处理情况会显示在这里。"),
    ("sheet", "打印件已生成；此前的打印件（如有）作废。"),
    ("signed-out", "已退出登录。"),
    ("withdrawn", "授权已收回。"),
    ("phone", "手机号码已变更。"),
    ("client-disabled", "客户端已停用，立即生效。"),
    ("client-rights", "权限已变更，立即生效。"),
    ("duty-added", "岗位已登记。"),
    ("duty-closed", "岗位已撤销，历史记录保留。"),
    ("duty-defaults", "示例岗位已建立，请按本省情况增减。"),
    ("duty-filled", "任职已登记。"),
    ("duty-rule", "制度已登记。"),
    ("duty-vacated", "离任已登记。"),
    ("reconcile-asked", "已申请对账，正在后台进行。"),
    ("repair-asked", "已开始修复，正在后台进行。"),
    ("reconcile-resent", "已放入归集队列，对方收下后差异消除。"),
    ("convert-running", "已开始转化，正在后台进行。"),
    ("convert-stopping", "已要求停下，当前一批做完即停。"),
    ("issuer-added", "已登记，立即生效；请该省重发归集死信。"),
    ("issuer-dropped", "已撤下，立即生效。"),
    ("drafted", "数据维护申请已起草，请核对后报送。"),
    ("password", "口令已更改，其他设备上的登录已结束。"),
    ("account-disabled", "账号已停用，其登录已结束。"),
    ("account-granted", "已授权；该账号的登录已结束，请本人重新登录。"),
    ("account-refused", "已退回，不予授权。"),
    ("account-unlocked", "已解除锁定。"),
    ("factor-reset", "第二因素已清除，本人下次登录时重新绑定。"),
    ("certificate", "证书已登记。"),
    ("asked", "已提交复核；复核通过后生效。"),
    ("checked", "已上传并检查，没有改动任何证照。"),
    ("closed", "待办事项已关闭。"),
    ("confirmed", "已复核，办理结果见本页；业务系统恢复后须补录，待办事项里有提醒。"),
    ("dropped", "已撤下导入文件。"),
    ("mended", "已保存，检查通过。"),
    ("mended-event", "已补正并办理。"),
    ("rejected", "已退回，申请人会看到理由。"),
    ("started", "已开始办理；可以离开本页，随时回来查看进度。"),
];

impl Frame {
    pub(super) fn new(visit: &Visit, title: &str) -> Self {
        // A sign-in that is not finished has no menu: nothing of it would open.
        let role = visit.live.as_ref().filter(|live| live.stage == Stage::Full).map(|live| &live.role);
        let known = |href: &str| super::PAGES.iter().copied().flatten().any(|page| page.path == href);
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
        let menu: Vec<Item> =
            MENU.iter().filter(|(href, _, _, act)| known(href) && may(act)).map(item).collect();
        Self {
            title: title.to_owned(),
            side: menu.len() > HEAD,
            menu,
            name: visit.name.clone(),
            role: role.map(|role| role.name.clone()).unwrap_or_default(),
            home: role.map_or("/", |role| role.home.as_str()).to_owned(),
            csrf: visit.csrf.clone(),
            done: DONE.iter().find(|(code, _)| *code == done).map(|(_, text)| *text),
            demo: visit.demo,
        }
    }

    /// A frame with nobody in it.
    pub(super) fn bare(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            menu: Vec::new(),
            side: false,
            name: None,
            role: String::new(),
            home: "/".into(),
            csrf: String::new(),
            done: None,
            demo: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DONE;

    /// The text of all pages but this one.
    fn pages(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pages(&path, text);
            } else if !path.ends_with("pages/frame.rs") {
                text.push_str(&std::fs::read_to_string(&path).expect("a file"));
            }
        }
    }

    #[test]
    fn each_code_says_one_thing_and_some_page_says_it() {
        let mut text = String::new();
        pages(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages"), &mut text);
        for (at, (code, _)) in DONE.iter().enumerate() {
            assert!(DONE[..at].iter().all(|(other, _)| other != code), "{code} stands twice");
            let is_used = text.contains(&format!("\"{code}\"")) || text.contains(&format!("done={code}"));
            assert!(is_used, "nobody says {code}");
        }
    }
}
