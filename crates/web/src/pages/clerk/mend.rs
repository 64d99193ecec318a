//! The form of a record with its photo, wherever it is mended: each finding beside its field.

use askama::Template;
use link::problem::Problem;
use node::form::{Field, Form, NewPhoto, PhotoField, ShownPhoto};

use crate::pages::Visit;
use crate::{Reply, problems};

/// Fields and a photo: one that is larger than the lint allows still comes in, so that its finding stands beside it.
pub(super) const LARGEST: usize = 2 * 1024 * 1024;

/// A field as the page shows it.
struct Shown {
    field: Field,
    /// The value is none of the choices: it is shown beside them, so that nothing changes unseen.
    strange: bool,
}

#[derive(Template)]
#[template(path = "clerk/mend.html")]
struct Mend {
    wrong: Vec<Shown>,
    right: Vec<Shown>,
    photo: Option<PhotoField>,
    /// Address of the photo that the record has.
    picture: String,
    /// Is something wrong with the photo?
    bad_photo: bool,
    /// How many fields have no finding.
    others: usize,
    rest: Vec<model::Finding>,
}

/// The fields as HTML, for the inside of a form that is sent to `action`; the photo that the record has is at `action/photo`.
pub(super) fn fields(form: Form, action: &str) -> Result<String, Problem> {
    let shown = |field: Field| Shown {
        strange: !field.value.is_empty() && field.options.iter().all(|(code, _)| *code != field.value),
        field,
    };
    let (wrong, right): (Vec<Shown>, Vec<Shown>) =
        form.fields.into_iter().map(shown).partition(|shown| !shown.field.findings.is_empty());
    let bad_photo = form.photo.as_ref().is_some_and(|photo| !photo.findings.is_empty());
    let others = right.len() + usize::from(form.photo.is_some() && !bad_photo);
    let page = Mend {
        wrong,
        right,
        photo: form.photo,
        picture: format!("{action}/photo"),
        bad_photo,
        others,
        rest: form.rest,
    };
    page.render().map_err(|_| problems::internal())
}

/// What was filled in: the value of a field that the form had.
pub(super) fn filled(visit: &Visit) -> impl Fn(&str) -> Option<String> + Send + 'static {
    let form = visit.form.clone();
    move |path| {
        let name = format!("f.{path}");
        form.has(&name).then(|| form.get(&name).to_owned())
    }
}

/// A photo for an image of the form.
pub(super) fn picture(found: Option<ShownPhoto>, visit: &Visit) -> Result<Reply, Problem> {
    let photo = found.ok_or_else(|| problems::no_route(&visit.path))?;
    Ok(Reply::bytes(photo.media, photo.bytes).header("Cache-Control", "no-store"))
}

/// The photo that was chosen in the form.
pub(super) fn photo(visit: &Visit) -> Option<NewPhoto> {
    let file = visit.files.iter().find(|file| file.field == "photo")?;
    Some(NewPhoto { name: file.name.clone(), bytes: file.bytes.to_vec() })
}
