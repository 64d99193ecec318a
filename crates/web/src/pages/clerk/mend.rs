//! The form of a record with its photo, wherever it is mended: each finding beside its field.

use askama::Template;
use link::problem::Problem;
use node::form::{Choice, Field, Form as Fields, NewPhoto, PhotoField, ShownPhoto};
use node::lifecycle::Mended;

use crate::pages::Visit;
use crate::pages::form::Form;
use crate::{Reply, problems};

/// Fields and a photo: one that is larger than the lint allows still comes in, so that its finding stands beside it.
pub(super) const LARGEST: usize = 2 * 1024 * 1024;

/// A field as the page shows it.
struct Shown {
    field: Field,
    /// Values that are none of the choices: they are shown beside them, so that nothing changes unseen.
    strange: Vec<String>,
    /// As the business system sent it, where somebody has mended it since.
    sent: Option<String>,
}

impl Shown {
    fn has(&self, code: &str) -> bool {
        self.field.codes().any(|one| one == code)
    }
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

/// The fields as HTML, for the inside of a form that is sent to `action`; the photo that the record has is at `action/photo`. What was
/// typed, if the form comes back with an error, stands in place of what the record has; `mended`: how it was mended before.
pub(super) fn fields(form: Fields, action: &str, typed: &Form, mended: &[Mended]) -> Result<String, Problem> {
    let shown = |mut field: Field| {
        if let Some(typed) = value_of(typed, &field.path) {
            field.value = typed;
        }
        let values: Vec<&str> = match field.choice {
            Choice::Several => field.codes().collect(),
            _ => Some(field.value.as_str()).filter(|value| !value.is_empty()).into_iter().collect(),
        };
        let known = |value: &&str| field.options.iter().any(|(code, _)| code == value);
        let strange = values.into_iter().filter(|value| !known(value)).map(str::to_owned).collect();
        let first = mended.iter().flat_map(|one| &one.changes).find(|change| change.path == field.path);
        let sent = first.map(|change| change.before.clone());
        // What is ticked stands first: a long list shows its head alone.
        let ticked: Vec<String> = field.codes().map(str::to_owned).collect();
        if field.choice == Choice::Several {
            field.options.sort_by_key(|(code, _)| !ticked.contains(code));
        }
        Shown { strange, sent, field }
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
    move |path| value_of(&form, path)
}

/// A value of a form; of a field with boxes, all that are ticked.
fn value_of(form: &Form, path: &str) -> Option<String> {
    let name = format!("f.{path}");
    let ticked = || form.all(&name).filter(|value| !value.is_empty()).collect::<Vec<_>>().join("、");
    form.has(&name).then(ticked)
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
