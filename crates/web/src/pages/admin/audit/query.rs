//! What the auditor's form asks for.

use link::problem::Problem;
use node::NodeError;
use node::audit::{ACT_NAMES, Cursor, Wanted};
use node::lifecycle::Origin;

use crate::App;
use crate::api::local_time;
use crate::pages::Visit;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Without a beginning, so many days back: a search reads along time.
const USUAL: i64 = 7;

/// The form as it was filled in.
pub(super) struct Asked {
    pub object: String,
    pub act: String,
    pub person: String,
    pub client: String,
    pub outcome: String,
    pub from: String,
    pub until: String,
}

/// The fields of the form, for links to keep.
pub(super) const FIELDS: &[&str] = &["object", "act", "person", "client", "outcome", "from", "until"];

/// A field that cannot be used.
pub(super) struct Wrong {
    pub field: &'static str,
    pub why: String,
}

impl Asked {
    /// Reads the query; the times that are in force are filled in.
    pub fn read(visit: &Visit) -> Self {
        let get = |name: &str| visit.query.get(name).to_owned();
        // As the field of a browser wants it; what is no time is shown as it was typed.
        let or = |text: String, usual: i64| match text.as_str() {
            "" => local(usual),
            _ => instant(&text).map_or(text, local),
        };
        Self {
            object: get("object"),
            act: get("act"),
            person: get("person"),
            client: get("client"),
            outcome: get("outcome"),
            from: or(get("from"), visit.now - USUAL * DAY),
            until: or(get("until"), visit.now + 60_000_000),
        }
    }

    /// As the log is asked.
    ///
    /// # Errors
    /// The field that cannot be used; the rows.
    pub fn wanted(&self, app: &App) -> Result<Result<Wanted, Wrong>, NodeError> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let Some(from) = instant(&self.from) else { return Ok(Err(unclear("from", &self.from))) };
        let Some(until) = instant(&self.until) else { return Ok(Err(unclear("until", &self.until))) };
        if from >= until {
            let why = "起始时间应早于截止时间".to_owned();
            return Ok(Err(Wrong { field: "until", why }));
        }
        let object = match self.object.as_str() {
            "" => None,
            // The log also speaks of certificates that are not on record here: another province's, or a slip of whoever asked.
            key => {
                Some(app.province.locate(Origin::Key(key))?.map_or_else(|| key.to_owned(), |found| found.id))
            }
        };
        // People may write what an act is called.
        let named = ACT_NAMES.iter().find(|(_, name)| *name == self.act).map(|(act, _)| *act);
        Ok(Ok(Wanted {
            from,
            until,
            act: some(named.unwrap_or(&self.act)),
            client: some(&self.client),
            person: some(&self.person),
            object,
            outcome: some(&self.outcome),
        }))
    }
}

fn unclear(field: &'static str, text: &str) -> Wrong {
    Wrong { field, why: format!("“{text}”不是时间；请写成 2026-11-22 08:30") }
}

/// An instant as a form shows it, to the minute, in China's time.
pub(super) fn local(instant: i64) -> String {
    local_time(instant)[..16].to_owned()
}

/// The same with its second, where it has one: what stood is asked to the second.
pub(super) fn exact(instant: i64) -> String {
    let text = &local_time(instant)[..19];
    text.strip_suffix(":00").unwrap_or(text).to_owned()
}

/// An instant from a form: a day, or a day and a time, in China's time.
pub(super) fn instant(text: &str) -> Option<i64> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let day = text.parse::<jiff::civil::Date>().map(|day| day.at(0, 0, 0, 0));
    let time = text.replace(' ', "T").parse::<jiff::civil::DateTime>().or(day).ok()?;
    Some(zone.to_timestamp(time).ok()?.as_microsecond())
}

/// Where a page ended, in its link.
pub(super) fn cursor(text: &str) -> Result<Option<Cursor>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let read =
        text.split_once('.').and_then(|(at, n)| Some(Cursor { at: at.parse().ok()?, n: n.parse().ok()? }));
    read.map(Some).ok_or_else(|| {
        Problem::new(400, "AFTER", "翻页位置不合规")
            .item("after")
            .detail("地址中的翻页位置不能识别；数据未改动")
            .fix("请回到第一页重新检索")
    })
}

#[cfg(test)]
mod tests {
    use super::{exact, instant, local};

    #[test]
    fn times_are_read_as_they_are_shown() {
        let at = instant("2026-06-01T09:00").expect("a time");
        assert_eq!(at, 1_780_275_600_000_000);
        assert_eq!(local(at), "2026-06-01T09:00");
        assert_eq!(
            (exact(at).as_str(), exact(at + 7_000_000).as_str()),
            ("2026-06-01T09:00", "2026-06-01T09:00:07")
        );
        assert_eq!(instant("2026-06-01 09:00"), Some(at));
        assert_eq!(instant("2026-06-01"), Some(at - 9 * 3_600_000_000));
        assert_eq!(instant("昨天"), None);
    }
}
