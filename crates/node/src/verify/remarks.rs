//! What is said beside "not found": the same plate in another colour, and a form that no plate or number has.

use codes::{DocumentNumber, Plate};
use jiff::civil::Date;
use model::Reason;
use store::rows::certificate;
use store::{Blind, Session};

use crate::lifecycle::plate_key;
use crate::{NodeError, Province};

/// Types of document of persons whose numbers have a form: 身份号码, passport, passes.
const PERSONS: [&str; 4] = ["111", "414", "516", "511"];
/// 统一社会信用代码.
const USCC: &str = "001";

fn fits(kind: &str, text: &str, today: Date) -> bool {
    DocumentNumber::parse(kind, text, today).is_ok()
}

/// Signs of the shortest number that a document without a form of its own may have (军官证, 外国人永久居留身份证 …).
const SHORTEST: usize = 7;

/// What is wrong with the form or the check digit of a person's document number.
pub(crate) fn person_number_fault(text: &str, today: Date) -> Option<String> {
    let count = text.chars().count();
    // So many digits are a resident's number, which has a check digit or a birth date.
    if count == 18 || (count == 15 && text.bytes().all(|byte| byte.is_ascii_digit())) {
        return DocumentNumber::parse("111", text, today).err().map(|why| why.to_string());
    }
    let known = PERSONS.iter().any(|kind| fits(kind, text, today));
    let other =
        count >= SHORTEST && text.bytes().any(|byte| byte.is_ascii_digit()) && fits("999", text, today);
    (!known && !other).then(|| "不是公民身份号码，也不是护照、通行证等证件的号码".to_owned())
}

/// A number that neither a person nor an organisation has.
pub(super) fn number(text: &str, today: Date) -> Option<Reason> {
    if fits(USCC, text, today) {
        return None;
    }
    let fault = person_number_fault(text, today)?;
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    // More letters than the X at the end: it was meant as an organisation's.
    let fault = match DocumentNumber::parse(USCC, text, today) {
        Err(why) if text.chars().count() == 18 && letters > usize::from(text.ends_with('X')) => {
            why.to_string()
        }
        _ => fault,
    };
    Some(Reason::new("NUMBER_FORM", &fault))
}

impl Province {
    /// Remarks on a plate under which nothing stands.
    pub(super) fn plate_remarks(
        &self,
        session: &mut Session,
        plate: &str,
        colour: &str,
    ) -> Result<Vec<Reason>, NodeError> {
        if let Err(why) = Plate::parse(plate, colour) {
            return Ok(vec![Reason::new("PLATE_FORM", &why.to_string())]);
        }
        let mut reasons = vec![Reason::new("PLATE_EXEMPT", "")];
        let Some(table) = self.data.catalogue.tables.table("plate-colour") else { return Ok(reasons) };
        for (code, _) in table.iter().filter(|(code, _)| *code != colour) {
            let Some(name) = table.latest_name(code) else { continue };
            let key = self.personal.blind(Blind::Plate, &plate_key(plate, code));
            if !certificate::by_blind(session, &key, 1)?.is_empty() {
                // The page offers to ask again with the code.
                reasons
                    .push(Reason { item: Some(code.to_owned()), ..Reason::new("PLATE_OTHER_COLOUR", name) });
            }
        }
        Ok(reasons)
    }
}
