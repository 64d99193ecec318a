//! 激活率 by area and kind (M8).

use serde::Serialize;
use store::rows::deliver;

use crate::{NodeError, Province};

/// Which certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateWanted {
    /// Beginning of the area code.
    pub area: Option<String>,
    /// Slug of the kind.
    pub kind: Option<String>,
}

/// The figures of one area and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RateLine {
    /// Area code; empty in the total.
    pub area: String,
    /// Slug of the kind; empty in the total.
    pub kind: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// Electronic certificates made.
    pub made: i64,
    /// Of these, activated.
    pub activated: i64,
    /// Activated per ten thousand made, rounded down; `None` when none was made.
    pub per_ten_thousand: Option<i64>,
}

/// The figures, with their definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RateReport {
    /// What is counted, Chinese, with its version.
    pub definition: String,
    /// As of, microseconds UTC.
    pub at: i64,
    /// By area and kind.
    pub lines: Vec<RateLine>,
    /// All of them together.
    pub total: RateLine,
}

/// M8 names the rate and does not define it (the ministry's definition could not be read).
const DEFINITION: &str = "激活率（定义 2026.1，本系统提出）＝已激活的电子证照件数 ÷ 已制发的电子证照件数；一件证照的各版本计一件，\
                          已注销等终止的仍计入；持证主体整体变更的，由新持证主体重新激活";

impl Province {
    /// 激活率 by area and kind.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn deliver_rate(&self, wanted: &RateWanted, now: i64) -> Result<RateReport, NodeError> {
        let (area, kind) =
            (wanted.area.as_deref().unwrap_or_default(), wanted.kind.as_deref().unwrap_or_default());
        let rows = self.store.read(|session| deliver::rates(session, area, kind))?;
        let today = ::lifecycle::day_of(now).date();
        let lines: Vec<RateLine> = rows
            .into_iter()
            .map(|row| {
                let known = self.data.catalogue.kind(&row.kind, today);
                RateLine {
                    kind_name: known.map(|kind| kind.name.clone()).unwrap_or_default(),
                    per_ten_thousand: rate(row.made, row.activated),
                    area: row.area,
                    kind: row.kind,
                    made: row.made,
                    activated: row.activated,
                }
            })
            .collect();
        let sum = |of: fn(&RateLine) -> i64| lines.iter().map(of).sum::<i64>();
        let (made, activated) = (sum(|line| line.made), sum(|line| line.activated));
        let total = RateLine {
            made,
            activated,
            per_ten_thousand: rate(made, activated),
            kind_name: "合计".into(),
            ..RateLine::default()
        };
        Ok(RateReport { definition: DEFINITION.into(), at: now, lines, total })
    }
}

fn rate(made: i64, activated: i64) -> Option<i64> {
    (made > 0).then(|| activated.saturating_mul(10_000) / made)
}
