//! `/holder/certificate/{id}/face/{part}`: the face as a picture, drawn from the sealed file.

use link::problem::Problem;

use super::subject;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The picture.
pub static PAGE: Page =
    Page::get("/holder/certificate/{id}/face/{part}", Access::Act("share.own"), |app, visit| {
        Box::pin(show(app, visit))
    });

/// Fine enough to read on a phone that is held close.
const DPI: f32 = 130.0;

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let id = visit.param("id").to_owned();
    let part: usize = visit.param("part").parse().map_err(|_| problems::no_route(&visit.path))?;
    let picture = app
        .work(move |app| {
            let parts = app.province.share_face(&subject, &id, now)?;
            parts.get(part).map(|part| app.faces.picture(&part.file, DPI)).transpose()
        })
        .await?;
    let picture = picture.ok_or_else(|| problems::no_route(&visit.path))?;
    // The browser keeps it for the visit only; the service worker for showing without network.
    Ok(Reply::bytes("image/png", picture).header("Cache-Control", "private, max-age=600"))
}
