//! Filing one record: the certificate that it tells of, its search keys, and what the run says about it.

use ::lifecycle::{Base, History, State};
use catalogue::Kind;
use codes::LegalDate;
use model::{Finding, Record, Severity};
use store::rows::certificate::{self, Certificate};
use store::rows::convert::{self, Item};
use store::rows::search;
use store::{Blind, Session};

use super::event;
use super::prepare::{Prepared, state_of};
use super::state::item;
use crate::audit::{Act, Actor};
use crate::lifecycle::{Operator, history_of, json, search_keys, set_state};
use crate::{NodeError, Province, overview};

/// The transaction of a batch.
pub(super) struct Filing<'a> {
    pub session: &'a mut Session,
    pub province: &'a Province,
    /// Row key of the run.
    pub run: &'a str,
    pub actor: &'a Actor,
    pub now: i64,
    pub today: LegalDate,
    /// What was done to certificates.
    pub acts: Vec<Act>,
}

/// Who a record is filed for, and what stood there before.
struct Filed {
    certificate: Certificate,
    /// Nothing of it was on record.
    is_new: bool,
    /// The record differs from the one on record.
    differs: bool,
}

impl Filing<'_> {
    /// Files the record of a place of the input.
    pub fn file(&mut self, n: i64, one: &Prepared) -> Result<Item, NodeError> {
        let mut item = Item {
            run_id: self.run.to_owned(),
            n,
            source: one.record.source.clone(),
            record_id: one.record.record_id.clone(),
            record_sm3: one.sm3.clone(),
            area: one.record.area.clone(),
            kind: one.kind.clone().unwrap_or_else(|| one.record.kind.clone()),
            state: item::SUPPLEMENT.to_owned(),
            ..Item::default()
        };
        let mut findings = one.findings.clone();
        let kind =
            one.kind.as_deref().and_then(|slug| self.province.data.catalogue.kind(slug, self.today.date()));
        if let (Some(kind), true) = (kind, one.is_fileable()) {
            self.file_known(&mut item, kind, one, &mut findings)?;
        }
        label(self.province, &mut item, &findings)?;
        Ok(item)
    }

    fn file_known(
        &mut self,
        item: &mut Item,
        kind: &Kind,
        one: &Prepared,
        findings: &mut Vec<Finding>,
    ) -> Result<(), NodeError> {
        if let Some(first) = convert::of_record(self.session, self.run, &item.source, &item.record_id)? {
            if first.record_sm3 == item.record_sm3 {
                item.state = item::REPEATED.to_owned();
                item.certificate_id = first.certificate_id;
                findings.clear();
            } else {
                findings.push(contradicts(&one.record, first.n));
            }
            return Ok(());
        }
        let mut filed = self.find(kind, one)?;
        item.certificate_id = Some(filed.certificate.id.clone());
        if filed.certificate.version > 0 {
            item.state = item::ALREADY.to_owned();
            findings.clear();
            return Ok(());
        }
        if !one.is_wanting() {
            findings.extend(self.taken(kind, &one.record, &filed.certificate.id)?);
            findings.extend(self.obstacle(kind, &filed, &one.record)?);
        }
        let ready = !findings.iter().any(|finding| finding.severity == Severity::Error);
        if ready {
            item.state = item::READY.to_owned();
        }
        self.write(kind, one, &mut filed, ready)
    }

    /// The certificate of a record: on record under the source's own key, or new.
    fn find(&mut self, kind: &Kind, one: &Prepared) -> Result<Filed, NodeError> {
        let record = &one.record;
        let known = certificate::by_subject(self.session, &record.source, &record.record_id)?;
        if let Some(known) = known {
            let place = certificate::record_place(&known.id);
            // Equal texts are encrypted alike in the same place.
            let sealed = self.province.personal.seal(&place, &json(record)?);
            let stored = certificate::record(self.session, &known.id)?;
            let differs = stored.is_none_or(|(text, _)| text != sealed);
            return Ok(Filed { certificate: known, is_new: false, differs });
        }
        let state = json(&state_of(kind, record))?;
        let certificate = Certificate {
            id: self.province.new_id(self.now),
            month: self.today.to_string()[..7].to_owned(),
            source: record.source.clone(),
            subject_ref: record.record_id.clone(),
            base: Base::Normal.name().to_owned(),
            origin: state.clone(),
            state,
            recorded_at: self.now,
            ..Certificate::default()
        };
        Ok(Filed { certificate, is_new: true, differs: true })
    }

    /// Another live certificate that holds what only one may have.
    fn taken(&mut self, kind: &Kind, record: &Record, own: &str) -> Result<Option<Finding>, NodeError> {
        let today = self.today.to_string();
        for key in catalogue::duplicate_keys(kind, record) {
            let blind = self.province.personal.blind(Blind::Unique, &format!("{}|{}", key.rule, key.value));
            for (id, base, last_day) in search::holders(self.session, &blind)? {
                let is_live = key.rule != "LIVE_TWICE"
                    || (base == Base::Normal.name() && last_day.is_none_or(|day| day >= today));
                if is_live && id != own {
                    let holder = certificate::by_id(self.session, &id)?;
                    let name = holder.map_or(id, |one| one.identifier.unwrap_or(one.subject_ref));
                    return Ok(Some(catalogue::taken(
                        kind,
                        record,
                        &self.province.data.catalogue,
                        key,
                        &name,
                    )));
                }
            }
        }
        Ok(None)
    }

    /// What the rules of the certificate's life would say to the conversion today.
    fn obstacle(
        &mut self,
        kind: &Kind,
        filed: &Filed,
        record: &Record,
    ) -> Result<Option<Finding>, NodeError> {
        let history = if filed.is_new || filed.certificate.state_seq == 0 {
            History::restore(state_of(kind, record), [], [])
        } else {
            history_of(self.session, &self.province.personal, &filed.certificate)?
        };
        let one = Certificate {
            kind: kind.slug.clone(),
            source: record.source.clone(),
            subject_ref: record.record_id.clone(),
            ..Certificate::default()
        };
        let message = event::conversion(&one, (self.run, 0), self.now, &Operator::default());
        let event = event::read(&message, kind)?;
        Ok(event::obstacle(self.province, &history, &event, self.today, &record.record_id))
    }

    /// Writes the certificate, its record and its search keys as far as they are new or other than before.
    fn write(
        &mut self,
        kind: &Kind,
        one: &Prepared,
        filed: &mut Filed,
        ready: bool,
    ) -> Result<(), NodeError> {
        let record = &one.record;
        let certificate = &mut filed.certificate;
        if filed.differs {
            let was = certificate.tally(-1);
            certificate.kind.clone_from(&kind.slug);
            certificate.issuer.clone_from(&record.authority_uscc);
            certificate.area.clone_from(&record.area);
            certificate.certificate_no = record.face.text("ZZBH").map(str::to_owned);
            certificate.updated_at = self.now;
            if certificate.state_seq == 0 {
                let state: State = state_of(kind, record);
                certificate.origin = json(&state)?;
                set_state(certificate, &state)?;
            }
            if filed.is_new {
                certificate::insert(self.session, certificate)?;
            } else {
                // Once events have gone over it, only the face is mended: what they did stands.
                if convert::mend(self.session, certificate)? {
                    overview::moved(self.session, was, certificate);
                }
            }
            let sealed =
                self.province.personal.seal(&certificate::record_place(&certificate.id), &json(record)?);
            certificate::put_record(self.session, &certificate.id, &sealed, one.photo.as_deref())?;
            self.acts.push(self.act(certificate, if filed.is_new { "filed" } else { "mended" }));
        }
        // A record that cannot be issued holds nothing that only one may have: the right one of two must not be kept out.
        let behind = [Blind::Unique.name(), Blind::CertificateNumber.name()];
        let keys = search_keys(&self.province.personal, kind, record);
        let (ahead, held): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|(_, what)| ready || !behind.contains(what));
        search::put(self.session, &certificate.id, &ahead, filed.is_new)?;
        Ok(convert::put_behind(self.session, &certificate.id, &held)?)
    }

    fn act(&self, certificate: &Certificate, outcome: &str) -> Act {
        let mut act = Act {
            act: "convert.record".into(),
            at: self.now,
            actor: self.actor.clone(),
            object: Some(certificate.id.clone()),
            changes: true,
            area: Some(certificate.area.clone()),
            outcome: outcome.into(),
            ..Act::default()
        };
        act.detail.insert("run".into(), self.run.to_owned());
        act
    }
}

/// Writes findings into an item, encrypted: they quote what the record says.
pub(super) fn label(province: &Province, item: &mut Item, findings: &[Finding]) -> Result<(), NodeError> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut rules: Vec<&str> = errors.map(|finding| finding.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    item.rules = rules.join(" ");
    item.findings_sealed = None;
    if !findings.is_empty() {
        let place = Item::place(&item.run_id, item.n);
        item.findings_sealed = Some(province.personal.seal(&place, &json(&findings)?));
    }
    Ok(())
}

fn contradicts(record: &Record, first: i64) -> Finding {
    Finding {
        record_id: record.record_id.clone(),
        item: "record_id".into(),
        item_name: "记录号".into(),
        rule: "RECORD_CHANGED".into(),
        severity: Severity::Error,
        what: format!("该记录号在本次导入的第 {first} 条已出现，两条内容不同"),
        fix: "请核对两条记录：重复导出的删去其一，记录号填错的改正记录号".into(),
    }
}
