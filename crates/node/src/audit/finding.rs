//! What a check of the own database found, for people and for machines.

use ledger::{IssueCode, Rollback};
use serde::Serialize;

/// Findings that a report keeps; more are counted only.
const KEPT: usize = 1000;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its kind.
    pub code: IssueCode,
    /// Number of the entry, from 0, where there is one.
    pub entry: Option<u64>,
    /// A Chinese sentence.
    pub text: String,
}

/// The outcome of a check of the own database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Name of the log.
    pub origin: String,
    /// Entries read.
    pub entries: u64,
    /// Entries under the last checkpoint; later ones are vouched for by nothing yet.
    pub signed: u64,
    /// Checkpoints read.
    pub checkpoints: u64,
    /// Witnesses of the last checkpoint whose signatures hold.
    pub witnesses: Vec<String>,
    /// The first thousand findings.
    pub findings: Vec<Finding>,
    /// How many findings there are.
    pub errors: u64,
    /// What can be said about a roll-back.
    pub rollback: Rollback,
}

impl VerifyReport {
    pub(super) fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            entries: 0,
            signed: 0,
            checkpoints: 0,
            witnesses: Vec::new(),
            findings: Vec::new(),
            errors: 0,
            rollback: Rollback::NotProvable,
        }
    }

    pub(super) fn add(&mut self, code: IssueCode, entry: Option<u64>, text: impl Into<String>) {
        self.errors += 1;
        if self.findings.len() < KEPT {
            self.findings.push(Finding { code, entry, text: text.into() });
        }
    }

    /// Is the database whole and unchanged, as far as its checkpoints and the newer one can show?
    pub fn is_sound(&self) -> bool {
        self.errors == 0
    }

    /// The report for people, one Chinese sentence a line.
    pub fn lines(&self) -> Vec<String> {
        let Self { origin, entries, signed, checkpoints, .. } = self;
        let mut lines = vec![format!(
            "审计日志“{origin}”：数据库中有条目 {entries} 条（编号从 0 起）、检查点 {checkpoints} 个。"
        )];
        lines.extend(self.findings.iter().map(|finding| finding.text.clone()));
        let kept = self.findings.len() as u64;
        if self.errors > kept {
            lines.push(format!("另有 {} 处问题未逐一列出。", self.errors - kept));
        }
        if entries > signed {
            lines.push(format!("第 {signed} 条起尚无检查点为证，将由下一个检查点覆盖。"));
        }
        if !self.witnesses.is_empty() {
            lines.push(format!("最后一个检查点的见证方：{}。", self.witnesses.join("、")));
        }
        lines.push(self.rollback.line("数据库"));
        lines.push(if self.is_sound() {
            "结论：条目、审计树、映射与检查点一致，未发现改动。".to_owned()
        } else {
            format!("结论：发现 {} 处问题，数据库中的审计日志被改动或损坏；请保留现场，用备份和见证方的检查点核对。", self.errors)
        });
        lines
    }
}
