//! The answer to a check, as the officer sees it.

use askama::Template;
use model::{Reason, Verdict, Weight};
use node::verify::{Allowed, FaceItem, VerifyAnswer};

/// Short names of what stands beside the photo: holder, number, plate and its colour.
const FRONT: [&str; 4] = ["CZZT", "CZZTDM", "KZ_CLHP", "KZ_CPYS"];

/// A reason with its sign.
pub struct Line {
    /// `note`, `hint`, `undecided`, `invalid`.
    pub weight: &'static str,
    /// The sign itself.
    pub sign: &'static str,
    /// Chinese sentence.
    pub text: String,
    /// Stable code.
    pub code: String,
}

/// One thing that the certificate allows.
pub struct Allows {
    /// 经营范围 ….
    pub name: String,
    /// What.
    pub value: String,
    /// Its own status and last day, where it has any.
    pub status: String,
    /// Does it stand?
    pub live: bool,
}

/// One answer.
#[derive(Template)]
#[template(path = "officer/panel.html")]
pub struct Panel {
    /// `valid`, `hint`, `invalid`, `undecided`.
    pub tone: &'static str,
    /// The sign of the verdict.
    pub sign: &'static str,
    /// 有效 ….
    pub word: &'static str,
    /// Name of the kind, where it is known.
    pub kind: Option<String>,
    /// 证照标识.
    pub identifier: Option<String>,
    /// Heaviest first.
    pub reasons: Vec<Line>,
    /// What it is held by: since when, by whom, by which decision.
    pub causes: Vec<(String, String)>,
    /// Status, validity.
    pub facts: Vec<(String, String)>,
    /// Over what it allows.
    pub allows_title: &'static str,
    /// What it allows.
    pub allows: Vec<Allows>,
    /// Whose it is, beside the photo: what is compared first.
    pub front: Vec<(String, String)>,
    /// What else stands on the face, masked.
    pub face: Vec<(String, String)>,
    /// Who says so.
    pub source: String,
    /// How old that is.
    pub known: String,
    /// The receipt as SVG, with its text.
    pub receipt: Option<(String, String)>,
}

impl Panel {
    /// Of an answer.
    pub fn of(answer: VerifyAnswer, receipt: Option<(String, String)>) -> Self {
        let (tone, sign) = tone(answer.verdict);
        let mut reasons = answer.reasons;
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
        let from = answer.valid_from.unwrap_or_default();
        let validity = answer.valid_to.map(|to| format!("{from} 至 {to}"));
        let facts = [("状态", answer.status), ("有效期", validity)];
        let causes = answer.causes.iter().map(|one| (one.name.clone(), one.line())).collect();
        let shown: Vec<_> = answer.allows.iter().map(|one| one.short.clone()).collect();
        let rest = answer.face.into_iter().filter(|item| !shown.contains(&item.short));
        let (front, face): (Vec<_>, Vec<_>) = rest.partition(|item| FRONT.contains(&item.short.as_str()));
        let pair = |item: FaceItem| (item.name, item.value);
        Self {
            tone,
            sign,
            allows_title: match answer.verdict {
                Verdict::Valid | Verdict::ValidWithHint => "准许",
                Verdict::Undecided => "证上所载（现状未能确认）",
                Verdict::Invalid => "证上所载（证照无效，均不得从事）",
            },
            allows: answer.allows.into_iter().map(allows).collect(),
            front: front.into_iter().map(pair).collect(),
            word: answer.verdict.text(),
            kind: answer.kind_name,
            identifier: answer.identifier,
            causes,
            reasons: reasons.into_iter().map(line).collect(),
            facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
            face: face.into_iter().map(pair).collect(),
            source: answer.source,
            known: answer.known_at.replace('T', " ").replace("+08:00", ""),
            receipt,
        }
    }
}

/// Colour and sign of a verdict.
pub fn tone(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Valid => ("valid", "✓"),
        Verdict::ValidWithHint => ("hint", "✓"),
        Verdict::Invalid => ("invalid", "✕"),
        Verdict::Undecided => ("undecided", "?"),
    }
}

/// One line of it.
pub fn allows(one: Allowed) -> Allows {
    let until = one.until.filter(|_| one.live).map(|until| format!("至 {until}"));
    let status = [one.status, until].into_iter().flatten().collect::<Vec<_>>().join("，");
    Allows { name: one.name, value: one.value, status, live: one.live }
}

fn line(reason: Reason) -> Line {
    let (weight, sign) = match reason.weight {
        Weight::Note => ("note", "i"),
        Weight::Hint => ("hint", "!"),
        Weight::Undecided => ("undecided", "?"),
        Weight::Invalid => ("invalid", "✕"),
    };
    Line { weight, sign, text: reason.text, code: reason.code }
}
