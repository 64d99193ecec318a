//! What an applied event writes: certificate, version, event, outbox, feed, audit, in the caller's transaction.

use ::lifecycle::{Act as Tied, Effect, EventKind, Link, Message, Relation};
use store::Session;
use store::rows::certificate::{self, Certificate, Version, Work};
use store::rows::event::{self, EventRow};
use store::rows::issue::FileRow;
use store::rows::result::ResultRow;
use store::rows::{collect, issue, result, search};

use super::answer::{Answer, Outcome};
use super::frame::row_of;
use super::history::{Kept, json, load, parse, set_state};
use super::incoming::{Incoming, search_keys};
use crate::audit::{self, Act};
use crate::issue::journal::{Intent, hex};
use crate::overview::{self, Counted};
use crate::{NodeError, Province, deliver, reconcile};

/// An event whose effect is to be written.
pub(super) struct Applied {
    pub certificate: Certificate,
    pub effect: Effect,
    pub kept: Kept,
    /// Row key of the event.
    pub row: String,
    /// How that row stood in the counters so far.
    pub before: Option<Counted>,
    pub version: Option<NewVersion>,
}

/// A version that was made and stored.
pub(super) struct NewVersion {
    pub intent: Intent,
    pub record: model::Record,
    pub photo: Option<String>,
    pub files: Vec<FileRow>,
}

/// Writes everything that follows from an event.
pub(super) fn apply(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    applied: Applied,
) -> Result<Answer, NodeError> {
    let Applied { mut certificate, effect, mut kept, row: row_id, before, version } = applied;
    let was = certificate.tally(-1);
    let is_first = certificate.version == 0;
    if let Some(new) = &version {
        write_version(session, province, incoming, &mut certificate, new, is_first)?;
    }
    set_state(&mut certificate, &effect.state)?;
    certificate.updated_at = incoming.now;
    certificate::update(session, &certificate)?;
    overview::moved(session, was, &certificate);
    if let Some(phone) = &incoming.message.holder_phone {
        hear(session, province, incoming, &certificate, phone)?;
    }
    reconcile::touch(session, &certificate, version.as_ref().map(|new| new.files.as_slice()))?;
    for link in &kept.event.links {
        certificate::link(session, &certificate.id, relation(link.relation), &link.target)?;
    }
    kept.outcome = Some(::lifecycle::Outcome::Applied);
    kept.deltas.clone_from(&effect.deltas);
    let answer = answer(province, incoming, &certificate, &effect);
    let mut row = row_of(province, incoming, row_id, &kept, &answer)?;
    row.status = "applied".into();
    row.set_certificate(Some(&certificate));
    row.state_seq = Some(certificate.state_seq);
    row.answered = Some(event::count_answered(session, &certificate.id)? + 1);
    row.photo = version.as_ref().map_or(row.photo, |new| new.photo.clone());
    overview::put_event(session, before, &row)?;
    for act in &effect.acts {
        carry_out(session, province, incoming, &certificate, &row, act)?;
    }
    if effect.collect {
        let lanes: Vec<(String, String)> =
            province.lanes.iter().map(|lane| (province.new_id(incoming.now), lane.clone())).collect();
        collect::enqueue(session, &certificate.id, certificate.state_seq, &lanes, incoming.now)?;
    }
    tell(session, incoming, &answer)?;
    let mut act = act_of(incoming, Some(&certificate.id), "applied");
    act.changes = true;
    act.area = Some(certificate.area.clone());
    act.detail.insert("event".into(), kept.event.kind.name().into());
    act.detail.insert("state_seq".into(), certificate.state_seq.to_string());
    act.detail.insert("status".into(), certificate.base.clone());
    if let Some(new) = &version {
        act.detail.insert("identifier".into(), new.intent.identifier.clone());
        for file in &new.files {
            act.detail.insert(format!("sm3/{}", file.part), file.sm3.clone());
        }
    }
    audit::append(session, province.new_id(incoming.now), &[act])?;
    Ok(answer)
}

/// The phone of the holder, as the business system knows it.
fn hear(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    certificate: &Certificate,
    phone: &str,
) -> Result<(), NodeError> {
    let Some((sealed, _)) = certificate::record(session, &certificate.id)? else { return Ok(()) };
    let place = certificate::record_place(&certificate.id);
    let record: model::Record = parse(&province.personal.open(&place, &sealed)?, "照面记录")?;
    let as_of = incoming.event.as_ref().map_or(incoming.now, |event| event.occurred_at);
    deliver::heard(session, province, &record, (&incoming.message.source, phone), (as_of, incoming.now))
}

fn write_version(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    certificate: &mut Certificate,
    new: &NewVersion,
    is_first: bool,
) -> Result<(), NodeError> {
    let NewVersion { intent, record, photo, files } = new;
    let text = json(record)?;
    let id = codes::CertificateId::parse_strict(&intent.identifier)
        .map_err(|error| NodeError::refused(error.to_string(), "请报告此问题"))?;
    certificate.version = id.version().into();
    certificate.identifier = Some(intent.identifier.clone());
    certificate.certificate_no = record.face.text("ZZBH").map(str::to_owned);
    certificate::insert_version(
        session,
        &Version {
            identifier: intent.identifier.clone(),
            certificate_id: certificate.id.clone(),
            version: id.version().into(),
            record_id: record.record_id.clone(),
            record_sm3: hex(&intent.record_sm3),
            record_sealed: province.personal.seal(&Version::place(&intent.identifier), &text),
            photo: photo.clone(),
            templates: intent.templates.join(","),
            catalogue: intent.kind_version.clone(),
            key_id: intent.key_id.clone(),
            code_key_id: intent.code_key_id.clone(),
            signed_at: intent.signed_at,
            recorded_at: incoming.now,
        },
    )?;
    issue::insert_files(session, files)?;
    let sealed = province.personal.seal(&certificate::record_place(&certificate.id), &text);
    certificate::put_record(session, &certificate.id, &sealed, photo.as_deref())?;
    if let Some(kind) = province.data.catalogue.kind(&certificate.kind, incoming.today.date()) {
        // A record that was imported has keys already: those that are no longer true must not keep others out.
        let is_new = is_first && !parse::<::lifecycle::State>(&certificate.origin, "证照状态")?.known;
        search::put(session, &certificate.id, &search_keys(&province.personal, kind, record), is_new)?;
    }
    deliver::made(session, province, certificate, record, incoming.now)
}

fn answer(province: &Province, incoming: &Incoming, certificate: &Certificate, effect: &Effect) -> Answer {
    Answer {
        source: incoming.message.source.clone(),
        event_id: incoming.message.event_id.clone(),
        result: Outcome::Applied,
        certificate: Some(certificate.id.clone()),
        identifier: certificate.identifier.clone(),
        state_seq: Some(effect.state.state_seq),
        status: Some(province.rules.status_name(&effect.state, incoming.today)),
        changes: effect.changes.clone(),
        hints: effect.hints.clone(),
        ..Answer::default()
    }
}

/// Name of a relation in the table of links.
pub(super) fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Under => "under",
        Relation::BranchOf => "branch_of",
        Relation::Replaces => "replaces",
        Relation::TransferredTo => "transferred_to",
        Relation::TransferredFrom => "transferred_from",
    }
}

fn carry_out(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    certificate: &Certificate,
    row: &EventRow,
    act: &::lifecycle::LinkAct,
) -> Result<(), NodeError> {
    let others = match &act.target {
        Some(target) => vec![target.clone()],
        None => certificate::linked_to(session, &certificate.id, relation(act.relation))?,
    };
    for other in others {
        match act.act {
            Tied::Hint => {
                certificate::put_hint(
                    session,
                    &other,
                    &act.message.code,
                    &certificate.id,
                    &act.message.what,
                )?;
            }
            Tied::ClearHint => certificate::clear_hints(session, &other, &certificate.id)?,
            Tied::WorkItem => {
                let area = certificate::by_id(session, &other)?
                    .map_or_else(|| certificate.area.clone(), |one| one.area);
                let about = Some(other);
                open_work(session, province, incoming, about, Some(row.id.clone()), area, &act.message)?;
            }
            Tied::Event(kind) => {
                let planned = tied(session, province, incoming, &other, kind)?;
                let applied = planned.map_err(|why| NodeError::refused(why.what, why.fix))?;
                let back = tied_incoming(province, incoming, kind, &other);
                apply(session, province, &back, applied)?;
            }
        }
    }
    Ok(())
}

/// The event that another certificate takes together with this one: may it?
pub(super) fn tied(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    target: &str,
    kind: EventKind,
) -> Result<Result<Applied, Message>, NodeError> {
    let Some(other) = certificate::lock(session, target)? else {
        // Another province's certificate: its own node hears of it from the ministry.
        return Ok(Err(Message {
            code: "PAIR".into(),
            what: format!("与本事件成对的证照“{target}”不在本系统"),
            fix: "请核对关联的证照；跨省的请按跨省转入办理".into(),
        }));
    };
    let back = tied_incoming(province, incoming, kind, target);
    let event = match &back.event {
        Ok(event) => event.clone(),
        Err(_) => return Err(NodeError::refused("成对事件不能生成", "请报告此问题")),
    };
    let history = load(session, &province.personal, Some(&other), &other.kind, ("", ""))?;
    Ok(match ::lifecycle::decide(&province.rules, &history, &event, incoming.today) {
        ::lifecycle::Decision::Apply(effect) | ::lifecycle::Decision::ApplyLate(effect)
            if effect.version.is_none() =>
        {
            let kept = Kept {
                message: back.message.clone(),
                actor: back.actor.clone(),
                event,
                outcome: None,
                deltas: Vec::new(),
                makes: None,
                mended: Vec::new(),
            };
            Ok(Applied {
                certificate: other,
                effect: *effect,
                kept,
                row: back.row,
                before: None,
                version: None,
            })
        }
        ::lifecycle::Decision::Refuse(why)
        | ::lifecycle::Decision::WorkItem(why)
        | ::lifecycle::Decision::Conflict(why)
        | ::lifecycle::Decision::Wait { why, .. } => Err(why),
        _ => Err(Message {
            code: "PAIR".into(),
            what: format!("成对的证照“{target}”不能同时办理“{kind}”"),
            fix: "请先办结该证照上的其他业务".into(),
        }),
    })
}

/// The same act seen from the other certificate.
fn tied_incoming(province: &Province, incoming: &Incoming, kind: EventKind, target: &str) -> Incoming {
    let mut back = incoming.clone();
    back.message.event_id = format!("{}/{}", incoming.message.event_id, kind.slug());
    back.message.event = kind.name().into();
    back.message.record = None;
    // The other certificate may be somebody else's.
    back.message.holder_phone = None;
    back.message.subject_ref = Some(target.to_owned());
    back.message.sequence = None;
    back.message.links.clear();
    back.message.entitlements.clear();
    back.digest = hex(&gm::sm3::sm3(&back.message.canonical()));
    back.row = province.new_id(incoming.now);
    back.photo = None;
    if let Ok(event) = &mut back.event {
        event.event_id.clone_from(&back.message.event_id);
        event.digest.clone_from(&back.digest);
        event.kind = kind;
        event.sequence = None;
        event.has_face = false;
        event.entitlements.clear();
        event.links = vec![Link { relation: Relation::TransferredTo, target: incoming.subject().1 }];
    }
    back
}

/// Opens a work item for the people of an area.
pub(super) fn open_work(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    certificate_id: Option<String>,
    event_row: Option<String>,
    area: String,
    why: &Message,
) -> Result<(), NodeError> {
    let work = Work {
        id: province.new_id(incoming.now),
        certificate_id,
        event_row,
        area,
        code: why.code.clone(),
        why: format!("{}；{}", why.what, why.fix),
        opened_at: incoming.now,
    };
    Ok(certificate::insert_work(session, &work)?)
}

/// Puts the answer into the sender's feed, without personal data.
pub(super) fn tell(session: &mut Session, incoming: &Incoming, answer: &Answer) -> Result<(), NodeError> {
    let brief = Answer { findings: Vec::new(), changes: Vec::new(), ..answer.clone() };
    let line = ResultRow {
        seq: 0,
        source: answer.source.clone(),
        event_id: answer.event_id.clone(),
        certificate_id: answer.certificate.clone(),
        what: format!("event.{}", serde_name(answer.result)),
        body: json(&brief)?,
        recorded_at: incoming.now,
    };
    Ok(result::insert(session, &[line])?)
}

fn serde_name(outcome: Outcome) -> String {
    serde_json::to_value(outcome).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn act_of(incoming: &Incoming, certificate: Option<&str>, outcome: &str) -> Act {
    let mut act = Act {
        act: "lifecycle.event".into(),
        at: incoming.now,
        actor: incoming.actor.clone(),
        object: certificate.map(str::to_owned),
        outcome: outcome.to_owned(),
        ..Act::default()
    };
    act.detail.insert("source".into(), incoming.message.source.clone());
    act.detail.insert("event_id".into(), incoming.message.event_id.clone());
    act
}

/// The audit row of an event that changed nothing of a certificate.
pub(super) fn audit(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    certificate: Option<&str>,
    outcome: &str,
) -> Result<(), NodeError> {
    Ok(audit::append(session, province.new_id(incoming.now), &[act_of(incoming, certificate, outcome)])?)
}
