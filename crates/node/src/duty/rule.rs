//! Rules as documents: text kept here, or the digest of a file that is kept elsewhere; each version stays.

use gm::sm3::sm3;
use store::rows::duty::{self as rows, RuleRow};

use super::change::day;
use crate::audit::{Act, Actor, append};
use crate::client::check_operator;
use crate::issue::journal::hex;
use crate::{NodeError, Province};

/// The longest text, bytes.
const LONGEST: usize = 200_000;

/// A rule that is to be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRule {
    /// Title.
    pub title: String,
    /// Version as its authors number it.
    pub version: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// Its text; empty where it is a file.
    pub body: String,
    /// Name of the file that is kept elsewhere.
    pub file: String,
    /// SM3 of that file, 64 hex digits.
    pub file_sm3: String,
}

/// A rule on record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Row key.
    pub id: String,
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// Is there a newer version?
    pub replaced: bool,
    /// Its text; empty where it is a file.
    pub body: String,
    /// Name of the file.
    pub file: String,
    /// SM3 of the text or of the file, hex.
    pub sm3: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

impl Province {
    /// Records a rule or a new version of one.
    ///
    /// # Errors
    /// No operator; no title, version or day; neither text nor file; a version that is there.
    pub fn duty_rule_add(&self, new: &NewRule, actor: &Actor, now: i64) -> Result<String, NodeError> {
        check_operator(actor)?;
        let (title, version) = (new.title.trim(), new.version.trim());
        if title.is_empty() || version.is_empty() || title.chars().count() > 120 || version.len() > 60 {
            return Err(NodeError::refused("没有写明制度名称或版本，或写得过长", "请写明制度名称和版本"));
        }
        let effective = day(&new.effective_on)?;
        let (body, file) = (new.body.trim(), new.file.trim());
        let digest = new.file_sm3.trim().to_lowercase();
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sm3 = match (body.is_empty(), file.is_empty()) {
            (false, true) if body.len() <= LONGEST => hex(&sm3(body.as_bytes())),
            (true, false) if is_digest => digest,
            (true, false) => {
                let fix = "请写文件的 SM3（64 位十六进制），可用 openssl dgst -sm3 计算";
                return Err(NodeError::refused("没有写明制度文件的 SM3，或写法不合规", fix));
            }
            _ => {
                let fix = "请写正文（不超过 200 KB），或写文件名称和它的 SM3，二者取一";
                return Err(NodeError::refused("制度的正文和文件应写明其一", fix));
            }
        };
        let id = self.new_id(now);
        let rule = RuleRow {
            id: id.clone(),
            title: title.to_owned(),
            version: version.to_owned(),
            effective_on: effective.to_string(),
            body: body.to_owned(),
            file: file.to_owned(),
            sm3,
            recorded_by: actor.operator.clone().unwrap_or_default(),
            recorded_at: now,
        };
        let detail = [("title", &rule.title), ("version", &rule.version), ("sm3", &rule.sm3)];
        let act = Act {
            act: "duty.rule".into(),
            at: now,
            actor: actor.clone(),
            outcome: "done".into(),
            detail: detail.map(|(name, value)| (name.to_owned(), value.clone())).into(),
            ..Act::default()
        };
        let (row, name) = (self.new_id(now), format!("“{title}”{version}"));
        let added = self.store.write(move |session| -> Result<(), NodeError> {
            rows::insert_rule(session, &rule)?;
            Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
        });
        added.map_err(|error| match &error {
            NodeError::Store(cause) if cause.is_duplicate() => NodeError::refused(
                format!("制度{name}已登记"),
                "修订后的制度请用新的版本登记；已登记的版本不改动",
            ),
            _ => error,
        })?;
        Ok(id)
    }

    /// All rules with all their versions, by title, the newest first.
    ///
    /// # Errors
    /// The rows.
    pub fn duty_rules(&self) -> Result<Vec<Rule>, NodeError> {
        let found = self.store.read(rows::rules)?;
        let mut rules: Vec<Rule> = Vec::with_capacity(found.len());
        for row in found {
            let replaced = rules.last().is_some_and(|newer| newer.title == row.title);
            rules.push(Rule {
                replaced,
                id: row.id,
                title: row.title,
                version: row.version,
                effective_on: row.effective_on,
                body: row.body,
                file: row.file,
                sm3: row.sm3,
                recorded_by: row.recorded_by,
                recorded_at: row.recorded_at,
            });
        }
        Ok(rules)
    }
}
