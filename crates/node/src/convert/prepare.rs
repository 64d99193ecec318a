//! A record of the stock, read and linted before the database is asked.

use std::collections::HashSet;

use ::lifecycle::{Carrier, Cycle, Entitlement, State, day_of};
use catalogue::{Kind, Lint};
use codes::{LegalDate, Uscc, Validity};
use model::{Finding, Record, Severity};
use objects::Object;

use super::event;
use crate::issue::journal::hex;
use crate::issue::source::Item;
use crate::issue::{check, each};
use crate::lifecycle::{Operator, carry, face_grants};
use crate::{NodeError, Province};

/// Where records without a source of their own are filed.
const NAMELESS: &str = "stock";

/// A record as it will be filed.
pub(super) struct Prepared {
    pub record: Record,
    /// Slug of the kind; `None` when there is no such kind or the line could not be read.
    pub kind: Option<String>,
    pub findings: Vec<Finding>,
    /// The photo, until it is in the file store.
    bytes: Option<Vec<u8>>,
    /// `SM3@place`.
    pub photo: Option<String>,
    pub sm3: String,
}

impl Prepared {
    /// Does something keep it from being issued?
    pub fn is_wanting(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Can a certificate be filed at all?
    pub fn is_fileable(&self) -> bool {
        self.kind.is_some() && !self.record.record_id.trim().is_empty()
    }
}

/// Reads photos, lints and lays out a batch on all threads, and puts the photos into the file store; durable when it returns.
pub(super) fn prepare(
    province: &Province,
    items: Vec<Item>,
    source: Option<&str>,
    now: i64,
) -> Result<Vec<Prepared>, NodeError> {
    let made = each(province.threads, items, |item| one(province, item, source, now));
    let mut batch = made.into_iter().collect::<Result<Vec<_>, _>>()?;
    province.stage("convert.photo")?;
    let wanted: Vec<usize> = (0..batch.len()).filter(|index| batch[*index].bytes.is_some()).collect();
    let bytes: Vec<Vec<u8>> = wanted.iter().filter_map(|index| batch[*index].bytes.take()).collect();
    let digests = gm::sm3::sm3_many(&bytes);
    let objects: Vec<Object<'_>> =
        digests.iter().zip(&bytes).map(|(sm3, bytes)| Object { sm3: *sm3, bytes }).collect();
    if objects.is_empty() {
        return Ok(batch);
    }
    let places = province.objects.put_all(&objects)?;
    for ((index, sm3), place) in wanted.into_iter().zip(&digests).zip(places) {
        batch[index].photo = Some(format!("{}@{place}", hex(sm3)));
    }
    Ok(batch)
}

fn one(province: &Province, item: Item, source: Option<&str>, now: i64) -> Result<Prepared, NodeError> {
    let (mut record, photo) = match item {
        Item::Bad(finding) => {
            let record = Record { record_id: finding.record_id.clone(), ..Record::default() };
            return Ok(Prepared {
                record,
                kind: None,
                findings: vec![finding],
                bytes: None,
                photo: None,
                sm3: String::new(),
            });
        }
        Item::Record { record, photo } => (record, photo),
    };
    if let Some(source) = source {
        source.clone_into(&mut record.source);
    } else if record.source.trim().is_empty() {
        NAMELESS.clone_into(&mut record.source);
    }
    let bytes = photo.and_then(|path| std::fs::read(path).ok());
    if let Some(bytes) = &bytes {
        // As for events: so the photo is part of the record's digest (R3), and a mended photo is a mended record.
        record.photo = Some(format!("sm3:{}", hex(&gm::sm3::sm3(bytes))));
    }
    let today = day_of(now);
    let candidate = check(province.works(), record, bytes, today.date());
    let mut findings = candidate.findings;
    if let (Some(kind), false) = (candidate.kind, findings.iter().any(is_error)) {
        findings.extend(on_the_day(province, kind, &candidate.record, now)?);
    }
    // A photo that is no picture is not kept.
    let photo_item = candidate.kind.and_then(Kind::photo_item).map(|item| item.short.as_str());
    let is_bad =
        findings.iter().any(|finding| is_error(finding) && Some(finding.item.as_str()) == photo_item);
    let bytes = candidate.photo.filter(|_| candidate.kind.is_some() && photo_item.is_some() && !is_bad);
    Ok(Prepared {
        sm3: hex(&gm::sm3::sm3(&candidate.record.canonical())),
        kind: candidate.kind.map(|kind| kind.slug.clone()),
        record: candidate.record,
        findings,
        bytes,
        photo: None,
    })
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// What the lint would say about the face as the conversion carries it on, with its own day of issue: a 年审 that is over, say.
fn on_the_day(
    province: &Province,
    kind: &Kind,
    record: &Record,
    now: i64,
) -> Result<Vec<Finding>, NodeError> {
    let today = day_of(now);
    let certificate = store::rows::certificate::Certificate {
        source: record.source.clone(),
        subject_ref: record.record_id.clone(),
        kind: kind.slug.clone(),
        ..Default::default()
    };
    let message = event::conversion(&certificate, ("", 0), now, &Operator::default());
    let carried = carry(record.clone(), &message, &event::read(&message, kind)?, kind);
    let lint = Lint::new(&province.data.catalogue, today.date());
    // The photo has been looked at: leaving it out both times leaves its findings out.
    let known: HashSet<(String, String)> =
        lint.record(record, None).into_iter().map(|finding| (finding.item, finding.rule)).collect();
    let fresh = lint.record(&carried, None).into_iter().filter(|finding| {
        is_error(finding) && !known.contains(&(finding.item.clone(), finding.rule.clone()))
    });
    Ok(fresh
        .map(|finding| Finding {
            record_id: record.record_id.clone(),
            what: format!("按 {today} 转化制发时，{}", finding.what),
            ..finding
        })
        .collect())
}

/// The state of a paper certificate as its record tells it.
pub(super) fn state_of(kind: &Kind, record: &Record) -> State {
    let face = |short: &str| record.face.text(short);
    let mut state = State::record(&kind.slug, [Carrier::Paper]);
    state.valid_from = face("ZZYXQQSRQ").and_then(|text| LegalDate::parse(text).ok());
    state.valid_to = face("ZZYXQJZRQ").and_then(|text| Validity::parse(text).ok());
    state.authority = Uscc::parse(&record.authority_uscc).ok();
    let due = face("KZ_NSYXQ").and_then(|text| LegalDate::parse(text).ok());
    state.annual = Cycle { due, ..Cycle::default() };
    for grant in face_grants(record, kind) {
        let one = Entitlement {
            code: grant.code.clone(),
            base: ::lifecycle::Base::Normal,
            holds: Default::default(),
            valid_from: grant.valid_from,
            valid_to: grant.valid_to,
            authority: grant.authority,
        };
        state.entitlements.insert(grant.code, one);
    }
    state
}
