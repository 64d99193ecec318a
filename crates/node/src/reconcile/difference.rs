//! What is a difference, and of which class: judged against the outbox, so that what is on its way is none.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::reconcile as rows;
use store::rows::reconcile::list::{self, OwnRow};
use store::rows::reconcile::run::{self, DifferenceRow, SentRow};

use super::compare::Pair;
use super::tree::{Leaf, OWN};
use crate::NodeError;
use crate::lifecycle::{json, parse};

/// Values of one side, by field ([`field_name`]).
pub type Side = BTreeMap<String, String>;

/// In which way the two sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// We hold it, they do not.
    Missing,
    /// They hold it, we do not.
    Extra,
    /// Both hold it, not alike.
    Different,
}

impl Class {
    /// In the tables.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Different => "different",
        }
    }

    /// In reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "对方缺失",
            Self::Extra => "对方多出",
            Self::Different => "内容不符",
        }
    }

    pub(super) fn of(slug: &str) -> Self {
        match slug {
            "missing" => Self::Missing,
            "extra" => Self::Extra,
            _ => Self::Different,
        }
    }
}

/// One difference as it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Key of the certificate; `list:` and the line for an entry of a list that nothing of ours answers to.
    pub certificate: String,
    /// Which kind of difference.
    pub class: Class,
    /// What differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Our values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<Side>,
    /// Theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Side>,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// `open`, `resent`, `drafted`, `settled`.
    pub state: String,
    /// Its 数据维护申请.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl Difference {
    pub(super) fn new(certificate: String, class: Class, ours: Option<Side>, theirs: Option<Side>) -> Self {
        Self {
            certificate,
            class,
            fields: Vec::new(),
            ours,
            theirs,
            note: String::new(),
            state: "open".into(),
            request: None,
        }
    }

    pub(super) fn row(&self, run: &str) -> Result<DifferenceRow, NodeError> {
        Ok(DifferenceRow {
            run_id: run.to_owned(),
            certificate_id: self.certificate.clone(),
            class: self.class.slug().to_owned(),
            fields: self.fields.join(","),
            ours: self.ours.as_ref().map(json).transpose()?,
            theirs: self.theirs.as_ref().map(json).transpose()?,
            note: self.note.clone(),
            state: self.state.clone(),
            request_id: self.request.clone(),
            area: self.area().to_owned(),
            kind: self.said("kind").unwrap_or_default().to_owned(),
        })
    }

    /// Whose it is: our word first.
    pub fn area(&self) -> &str {
        let of_cell = || self.said("cell").and_then(|cell| cell.split_once('/')).map(|(_, area)| area);
        self.said("area").or_else(of_cell).unwrap_or_default()
    }

    /// A value of either side, ours first.
    pub fn said(&self, field: &str) -> Option<&str> {
        self.ours
            .as_ref()
            .and_then(|side| side.get(field))
            .or_else(|| self.theirs.as_ref()?.get(field))
            .map(String::as_str)
    }

    pub(super) fn read(row: DifferenceRow) -> Result<Self, NodeError> {
        let side = |text: Option<String>| text.map(|text| parse(&text, "对账差异")).transpose();
        Ok(Self {
            certificate: row.certificate_id,
            class: Class::of(&row.class),
            fields: row.fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
            ours: side(row.ours)?,
            theirs: side(row.theirs)?,
            note: row.note,
            state: row.state,
            request: row.request_id,
        })
    }
}

/// What a field is called in reports.
pub fn field_name(field: &str) -> &str {
    match field {
        "state_seq" => "变更序号",
        "version" => "版本",
        "base" => "状态",
        "files" => "文件摘要",
        "cell" => "首发月份与行政区划",
        "identifier" => "证照标识",
        "certificate_no" => "证照编号",
        "kind" => "证照类型",
        "area" => "行政区划",
        "last_day" => "有效期至",
        other => other,
    }
}

/// What became of some unequal pairs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Judged {
    /// 在途: on its way, or changed after the watermark.
    pub in_flight: u64,
    /// Later acts of ours that there was nothing to collect of.
    pub quiet: u64,
}

/// Writes the pairs that are differences at the watermark.
pub(super) fn judge(
    session: &mut Session,
    run: &str,
    lane: &str,
    watermark: i64,
    pairs: &[Pair],
) -> Result<Judged, NodeError> {
    let keys: Vec<String> = pairs.iter().map(|pair| pair.certificate.clone()).collect();
    let outbox = Outbox::of(session, lane, &keys)?;
    let now: HashMap<String, Leaf> = rows::leaves_of(session, OWN, &keys)?
        .into_iter()
        .map(Leaf::read)
        .map(|leaf| (leaf.certificate.clone(), leaf))
        .collect();
    let own: HashMap<String, OwnRow> =
        list::by_ids(session, &keys)?.into_iter().map(|own| (own.id.clone(), own)).collect();
    let mut judged = Judged::default();
    let mut differences = Vec::new();
    for pair in pairs {
        let now = now.get(&pair.certificate);
        let is_settled = matches!((now, &pair.theirs), (Some(now), Some(theirs)) if now.is_same(theirs));
        if is_settled
            || now.is_some_and(|leaf| leaf.changed_at >= watermark)
            || outbox.is_in_flight(&pair.certificate, watermark)
        {
            judged.in_flight += 1;
        } else if is_quiet(pair, &outbox) {
            judged.quiet += 1;
        } else {
            let mut one = classify(pair, own.get(&pair.certificate));
            one.note = outbox.dead(&pair.certificate);
            differences.push(one.row(run)?);
        }
    }
    run::put_differences(session, &differences)?;
    Ok(judged)
}

/// Ahead of them only by acts that the outbox never had: late events that changed nothing.
fn is_quiet(pair: &Pair, outbox: &Outbox) -> bool {
    let (Some(ours), Some(theirs)) = (&pair.ours, &pair.theirs) else { return false };
    let same_but_count = ours.is_same(&Leaf { state_seq: ours.state_seq, ..theirs.clone() });
    same_but_count
        && theirs.state_seq < ours.state_seq
        && outbox.last(&pair.certificate).is_some_and(|last| last <= theirs.state_seq)
}

fn classify(pair: &Pair, own: Option<&OwnRow>) -> Difference {
    let class = match (&pair.ours, &pair.theirs) {
        (Some(_), None) => Class::Missing,
        (None, _) => Class::Extra,
        _ => Class::Different,
    };
    let (ours, theirs) = (pair.ours.as_ref().map(side), pair.theirs.as_ref().map(side));
    let mut one = Difference::new(pair.certificate.clone(), class, ours, theirs);
    if let (Some(ours), Some(theirs)) = (&one.ours, &one.theirs) {
        let differs = ours.iter().filter(|(field, value)| theirs.get(*field) != Some(*value));
        one.fields = differs.map(|(field, _)| field.clone()).collect();
    }
    // For people: a row key means nothing to them.
    if let (Some(ours), Some(own)) = (&mut one.ours, own) {
        name(ours, own);
    }
    one
}

/// Adds what people know a certificate by.
pub(super) fn name(side: &mut Side, own: &OwnRow) {
    let known = [
        ("identifier", own.identifier.clone()),
        ("certificate_no", own.certificate_no.clone()),
        ("kind", Some(own.kind.clone())),
        ("area", Some(own.area.clone())),
    ];
    for (field, value) in known {
        if let Some(value) = value {
            side.entry(field.to_owned()).or_insert(value);
        }
    }
}

fn side(leaf: &Leaf) -> Side {
    let fields = [
        ("cell", format!("{}/{}", leaf.month, leaf.area)),
        ("state_seq", leaf.state_seq.to_string()),
        ("version", leaf.version.to_string()),
        ("base", leaf.base.clone()),
        ("files", leaf.files.join(" ")),
    ];
    fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// What the outbox of a lane holds of some certificates.
pub(super) struct Outbox(HashMap<String, Vec<SentRow>>);

impl Outbox {
    pub(super) fn of(session: &mut Session, lane: &str, keys: &[String]) -> Result<Self, NodeError> {
        let mut all: HashMap<String, Vec<SentRow>> = HashMap::new();
        for sent in run::sent(session, lane, keys)? {
            all.entry(sent.certificate_id.clone()).or_default().push(sent);
        }
        Ok(Self(all))
    }

    fn items(&self, certificate: &str) -> &[SentRow] {
        self.0.get(certificate).map_or(&[], Vec::as_slice)
    }

    /// Is something of it still to go, or was it settled only after the watermark? A dead letter goes nowhere by itself.
    pub(super) fn is_in_flight(&self, certificate: &str, watermark: i64) -> bool {
        let items = self.items(certificate);
        let is_dead = items.iter().any(|item| item.state == "dead");
        items.iter().any(|item| match item.state.as_str() {
            // Behind a dead letter it waits for people.
            "pending" => !is_dead,
            _ => item.done_at.is_some_and(|done| done >= watermark),
        })
    }

    fn last(&self, certificate: &str) -> Option<i64> {
        self.items(certificate).iter().map(|item| item.state_seq).max()
    }

    pub(super) fn dead(&self, certificate: &str) -> String {
        let dead = self.items(certificate).iter().find(|item| item.state == "dead");
        dead.map_or_else(String::new, |item| {
            format!("归集失败待处理：{}", item.error.as_deref().unwrap_or("原因未记录"))
        })
    }
}
