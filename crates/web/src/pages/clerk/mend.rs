//! The form of a record, wherever it is mended: each finding beside its field.

use askama::Template;
use link::problem::Problem;
use node::form::{Field, Form};

use crate::pages::Visit;
use crate::problems;

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
    rest: Vec<model::Finding>,
}

/// The fields as HTML, for the inside of a form.
pub(super) fn fields(form: Form) -> Result<String, Problem> {
    let shown = |field: Field| Shown {
        strange: !field.value.is_empty() && field.options.iter().all(|(code, _)| *code != field.value),
        field,
    };
    let (wrong, right): (Vec<Shown>, Vec<Shown>) =
        form.fields.into_iter().map(shown).partition(|shown| !shown.field.findings.is_empty());
    Mend { wrong, right, rest: form.rest }.render().map_err(|_| problems::internal())
}

/// What was filled in: the value of a field that the form had.
pub(super) fn filled(visit: &Visit) -> impl Fn(&str) -> Option<String> + Send + 'static {
    let form = visit.form.clone();
    move |path| {
        let name = format!("f.{path}");
        form.has(&name).then(|| form.get(&name).to_owned())
    }
}
