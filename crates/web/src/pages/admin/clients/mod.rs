//! `/admin/clients`: API clients, their rights and secrets; other nodes, read-only.

mod change;
mod list;
mod new;
mod one;

pub use change::{DISABLE, DROP, GIVE, ROTATE};
pub use list::PAGE;
pub use new::{NEW, SEND};
pub use one::ONE;

use node::client::{ACTS, Right};

use crate::App;
use crate::pages::form::Form;

/// The right to all of it.
const ACT: &str = "client.manage";

/// What a right is called.
pub(in crate::pages) fn act_name(act: &str) -> String {
    match ACTS.iter().find(|(known, _)| *known == act) {
        Some((_, name)) => (*name).to_owned(),
        // The first word alone stands for all acts of the capability but those that show personal data.
        None => {
            let words = [
                ("audit", "审计日志"),
                ("collect", "归集"),
                ("deliver", "送达"),
                ("lifecycle", "业务事件"),
                ("operate", "运行"),
                ("reconcile", "对账"),
                ("sandbox", "沙箱"),
                ("verify", "核验"),
            ];
            let word = words.iter().find(|(known, _)| *known == act).map_or(act, |(_, name)| name);
            format!("{word}的全部事项（个人信息除外）")
        }
    }
}

/// Areas or kinds as people read them.
pub(in crate::pages) fn list_name(list: &[String], all: &str) -> String {
    if list.iter().any(|one| one == "*") { all.to_owned() } else { list.join("、") }
}

/// Slugs and names of the kinds.
fn kinds(app: &App) -> Vec<(String, String)> {
    app.province.data.catalogue.kinds().iter().map(|kind| (kind.slug.clone(), kind.name.clone())).collect()
}

/// The rights that a form gives: ticked acts, over areas and ticked kinds; nothing ticked is every kind, no area is every area.
fn given(form: &Form) -> Vec<Right> {
    let areas: Vec<String> = form
        .get("areas")
        .split([',', '，', '、', ' '])
        .map(|one| one.trim().to_owned())
        .filter(|one| !one.is_empty())
        .collect();
    let or_all = |list: Vec<String>| if list.is_empty() { vec!["*".to_owned()] } else { list };
    let (areas, kinds) = (or_all(areas), or_all(form.all("kind").map(str::to_owned).collect()));
    let right = |act: &str| Right { act: act.to_owned(), areas: areas.clone(), kinds: kinds.clone() };
    form.all("act").map(right).collect()
}
