//! What a new version needs of the register: that nobody else holds what only one may have, and its number.

use codes::LegalDate;
use model::Finding;
use store::rows::certificate::{self, Certificate};
use store::rows::issue;
use store::{Blind, Session};

use super::incoming::Incoming;
use super::intend::Trial;
use crate::issue::journal::Intent;
use crate::issue::mint::{self, Number};
use crate::{NodeError, Province};

/// Another certificate, live on a day, that holds what only one may have.
pub(super) fn taken(
    session: &mut Session,
    province: &Province,
    kind: &catalogue::Kind,
    record: &model::Record,
    own: Option<&Certificate>,
    day: LegalDate,
) -> Result<Option<Finding>, NodeError> {
    let day = day.to_string();
    for key in catalogue::duplicate_keys(kind, record) {
        let blind = province.personal.blind(Blind::Unique, &format!("{}|{}", key.rule, key.value));
        for (id, base, last_day) in store::rows::search::holders(session, &blind)? {
            let is_live = key.rule != "LIVE_TWICE"
                || (base == ::lifecycle::Base::Normal.name() && last_day.is_none_or(|last| last >= day));
            if is_live && own.is_none_or(|one| one.id != id) {
                let holder = certificate::by_id(session, &id)?;
                let name = holder.and_then(|one| one.identifier).unwrap_or(id);
                return Ok(Some(catalogue::taken(kind, record, &province.data.catalogue, key, &name)));
            }
        }
    }
    Ok(None)
}

/// The intent for the next version: a new number, or the next version of the one it has.
pub(super) fn mint(
    session: &mut Session,
    province: &Province,
    kind: &catalogue::Kind,
    certificate: &mut Certificate,
    trial: &Trial,
    version: u16,
    incoming: &Incoming,
) -> Result<Intent, NodeError> {
    let works = province.works();
    let today = incoming.today.date();
    let status_index = match certificate.status_index {
        Some(index) => index,
        None => issue::count(session, "status_index", 1)?,
    };
    let (identifier, series, counter) = match &certificate.identifier {
        Some(previous) => {
            let id = codes::CertificateId::parse_strict(previous).and_then(|id| id.with_version(version));
            let id = id.map_err(|error| NodeError::refused(error.to_string(), "请运行 luzheng doctor"))?;
            (id.to_string(), String::new(), 0)
        }
        None => {
            let (rule, series) = mint::series(works, kind, &trial.record, today)?;
            let counter = issue::count(session, &format!("serial/{series}"), 1)? as u64;
            let number =
                Number { series: series.clone(), counter, status_index: status_index as u64, version };
            (mint::identifier(rule, kind, &trial.record, today, &number)?, series, counter)
        }
    };
    let number = Number { series, counter, status_index: status_index as u64, version };
    let id = codes::CertificateId::parse_strict(&identifier);
    certificate.serial = id.ok().map(|id| id.serial().as_str().to_owned());
    certificate.status_index = Some(status_index);
    let signed_at = incoming.now / 1_000_000;
    mint::intent(works, kind, &trial.record, trial.record_sm3, identifier, number, signed_at)
}
