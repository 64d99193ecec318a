//! What the checker found, for people and for machines.

use serde::Serialize;

use crate::Cosigned;

/// Issues that a report keeps; more are counted only, so that a ruined file cannot fill the memory.
const KEPT: usize = 1000;

/// Kinds of issues; the names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueCode {
    /// A line is not of the format.
    Line,
    /// Entries are missing.
    Missing,
    /// An entry is out of order or occurs twice.
    Order,
    /// An entry's bytes were changed.
    Changed,
    /// An entry does not name the object's previous entry.
    Link,
    /// A checkpoint's root is not that of the entries.
    Root,
    /// A checkpoint's map root is not that of the entries.
    Map,
    /// A signature does not hold, or the log's own is missing.
    Signature,
    /// A checkpoint of another log, in the wrong place, or not linked to the one before.
    Checkpoint,
    /// The end is missing, or the counts are wrong.
    End,
    /// The newer checkpoint shows more entries than there are.
    RolledBack,
    /// The newer checkpoint shows other entries.
    Forked,
    /// A signature line by a key that the caller did not give; a hint only.
    UnknownSigner,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Its kind.
    pub code: IssueCode,
    /// Line of the export, from 1; 0 for the newer checkpoint.
    pub line: u64,
    /// Number of the entry, from 0, where there is one.
    pub entry: Option<u64>,
    /// A Chinese sentence.
    pub text: String,
}

/// What can be said about a roll-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Rollback {
    /// Nobody gave a newer checkpoint that counts: nothing can be said.
    NotProvable,
    /// The export is damaged before the place where it could be compared with the newer checkpoint.
    NotComparable {
        /// Entries that the newer checkpoint covers.
        newer: u64,
    },
    /// The export holds all that the newer checkpoint covers.
    Excluded {
        /// Entries that the newer checkpoint covers.
        newer: u64,
    },
    /// The export holds fewer entries.
    RolledBack {
        /// Entries in the export.
        have: u64,
        /// Entries that the newer checkpoint covers.
        newer: u64,
    },
    /// The export has other entries than the newer checkpoint.
    Forked {
        /// Entries that the newer checkpoint covers.
        newer: u64,
    },
}

impl Rollback {
    /// The sentence for people; `what` was checked against the newer checkpoint (导出, 数据库).
    pub fn line(&self, what: &str) -> String {
        match self {
            Self::NotProvable => {
                "无法证明未回退：请提供由他方（见证节点、回执或客户）持有的较新检查点。".to_owned()
            }
            Self::NotComparable { newer } => {
                format!("无法证明未回退：{what}有损，不能与所给检查点（{newer} 条）比对。")
            }
            Self::Excluded { newer } => format!("未回退到所给检查点（{newer} 条）之前。"),
            Self::RolledBack { have, newer } => {
                format!("已回退：{what}为 {have} 条，所给检查点为 {newer} 条。")
            }
            Self::Forked { newer } => format!("已分叉：前 {newer} 条与所给检查点不同。"),
        }
    }
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Name of the log, empty if the header cannot be read.
    pub origin: String,
    /// Entry lines read.
    pub entries: u64,
    /// Checkpoints read.
    pub checkpoints: u64,
    /// Witnesses of the last checkpoint whose signatures hold.
    pub witnesses: Vec<String>,
    /// What is wrong, in the order of the lines; the first thousand.
    pub issues: Vec<Issue>,
    /// How many issues there are, hints left out.
    pub errors: u64,
    /// What can be said about a roll-back.
    pub rollback: Rollback,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            origin: String::new(),
            entries: 0,
            checkpoints: 0,
            witnesses: Vec::new(),
            issues: Vec::new(),
            errors: 0,
            rollback: Rollback::NotProvable,
        }
    }

    pub(super) fn add(&mut self, code: IssueCode, line: u64, entry: Option<u64>, text: String) {
        if code != IssueCode::UnknownSigner {
            self.errors += 1;
        }
        if self.issues.len() < KEPT {
            self.issues.push(Issue { code, line, entry, text });
        }
    }

    pub(super) fn set_witnesses(&mut self, witnesses: Vec<Cosigned>) {
        self.witnesses = witnesses.into_iter().map(|witness| witness.name).collect();
    }

    /// Is the export whole and unchanged, as far as its own checkpoints and the newer one can show?
    pub fn is_sound(&self) -> bool {
        self.errors == 0
    }

    /// The report for people, one Chinese sentence a line.
    pub fn lines(&self) -> Vec<String> {
        let Self { origin, entries, checkpoints, .. } = self;
        let mut lines = vec![format!(
            "审计日志“{origin}”：读得条目 {entries} 条（编号从 0 起）、检查点 {checkpoints} 个。"
        )];
        lines.extend(self.issues.iter().map(|issue| match issue.line {
            0 => issue.text.clone(),
            line => format!("第 {line} 行：{}", issue.text),
        }));
        let kept = self.issues.iter().filter(|issue| issue.code != IssueCode::UnknownSigner).count() as u64;
        if self.errors > kept {
            lines.push(format!("另有 {} 处问题未逐一列出。", self.errors - kept));
        }
        if !self.witnesses.is_empty() {
            lines.push(format!("最后一个检查点的见证方：{}。", self.witnesses.join("、")));
        }
        lines.push(self.rollback.line("导出"));
        lines.push(if self.is_sound() {
            "结论：条目与检查点一致，未发现改动。".to_owned()
        } else {
            format!("结论：发现 {} 处问题，该导出不可采信；请保留原件并报告主管部门。", self.errors)
        });
        lines
    }
}
