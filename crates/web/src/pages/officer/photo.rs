//! `/officer/photo/{identifier}`: the photo of the certificate that was just checked.

use link::problem::Problem;

use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The picture.
pub static PAGE: Page = Page::get("/officer/photo/{identifier}", Access::Act("verify.read"), |app, visit| {
    Box::pin(show(app, visit))
});

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let identifier = visit.param("identifier").to_owned();
    let photo = app.work(move |app| app.province.verify_photo(&identifier, &actor, now)).await?;
    let photo = photo.ok_or_else(|| problems::not_found("照片", visit.param("identifier")))?;
    Ok(Reply::bytes("image/jpeg", photo))
}
