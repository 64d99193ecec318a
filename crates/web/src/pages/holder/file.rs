//! `/holder/certificate/{id}/file/{part}`: the sealed file itself, for its holder to keep.

use link::problem::Problem;

use super::{one, subject};
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The file.
pub static PAGE: Page =
    Page::get("/holder/certificate/{id}/file/{part}", Access::Act("share.own"), |app, visit| {
        Box::pin(show(app, visit))
    });

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let held = one(&app, &visit).await?;
    if held.grant.is_some() || !held.activated {
        return Err(Problem::new(409, "NOT_OWN", "不能下载证照文件")
            .detail("证照文件只能由持证主体本人在激活后下载")
            .fix("请先激活；受委托的驾驶员请用“亮证”出示"));
    }
    let (subject, now, id) = (subject(&visit)?, visit.now, held.id.clone());
    let wanted: usize = visit.param("part").parse().map_err(|_| problems::no_route(&visit.path))?;
    let part = app
        .work(move |app| {
            let mut parts = app.province.share_face(&subject, &id, now)?;
            Ok((wanted < parts.len()).then(|| parts.swap_remove(wanted)))
        })
        .await?;
    let part = part.ok_or_else(|| problems::no_route(&visit.path))?;
    // Identifiers are ASCII; the file is called as its certificate.
    let name = held.identifier.unwrap_or_default();
    Ok(Reply::bytes("application/ofd", part.file)
        .header("Content-Disposition", format!("attachment; filename=\"{name}-{}.ofd\"", wanted + 1))
        .header("Cache-Control", "no-store"))
}
