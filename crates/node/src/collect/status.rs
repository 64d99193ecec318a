//! How a lane does: lag, dead letters, figures for monitoring; and bringing dead letters back.

use std::fmt::Write;
use std::sync::Arc;

use store::rows::collect::{self, Item};

use crate::audit::{self, Act, Actor};
use crate::{NodeError, Province};

/// How a lane does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollectStatus {
    /// The destination.
    pub lane: String,
    /// Acts that are not through, without the dead letters.
    pub pending: i64,
    /// Those of them whose time has come.
    pub due: i64,
    /// Age of the oldest one in microseconds: the lag; `None` when there is none.
    pub oldest_age: Option<i64>,
    /// Dead letters by origin and code: (origin, code, how many).
    pub dead: Vec<(i64, String, i64)>,
    /// Those that failed and are tried again, in the same form.
    pub failing: Vec<(i64, String, i64)>,
    /// Acts that got through today (Asia/Shanghai).
    pub done_today: i64,
}

/// A dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Row key: what [`Province::collect_retry`] takes.
    pub id: String,
    /// The certificate; its later acts wait behind this one.
    pub certificate: String,
    /// Its count after the act.
    pub state_seq: i64,
    /// Attempts made, those before it was sent again included.
    pub attempts: i64,
    /// The last of them, microseconds UTC.
    pub tried_at: Option<i64>,
    /// On whose side: 0 own, 1 ministry, 2 province, 3 network.
    pub origin: i64,
    /// Stable code.
    pub code: String,
    /// What is wrong and how to mend it.
    pub cause: String,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// Which dead letters to bring back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These row keys.
    Ids(Vec<String>),
    /// All of the lane.
    All,
}

impl Province {
    /// How a lane does at `now` (microseconds UTC).
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn collect_status(&self, lane: &str, now: i64) -> Result<CollectStatus, NodeError> {
        self.store.read(|session| {
            let (pending, due, oldest, done_today) = collect::counts(session, lane, (now, day_start(now)))?;
            let mut status = CollectStatus {
                lane: lane.to_owned(),
                pending,
                due,
                oldest_age: oldest.map(|at| now.saturating_sub(at).max(0)),
                done_today,
                ..CollectStatus::default()
            };
            for (state, origin, code, count) in collect::causes(session, lane)? {
                let list = if state == "dead" { &mut status.dead } else { &mut status.failing };
                list.push((origin, code, count));
            }
            Ok(status)
        })
    }

    /// A page of a lane's dead letters: those after a row key, `""` for the first page.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn collect_dead(&self, lane: &str, after: &str, most: u32) -> Result<Vec<DeadLetter>, NodeError> {
        let items = self.store.read(|session| collect::dead(session, lane, after, most))?;
        Ok(items.into_iter().map(letter).collect())
    }

    /// Sends dead letters again, after what killed them was mended; how many. Later acts of their certificates follow by
    /// themselves.
    ///
    /// # Errors
    /// A database that cannot be written. Ids that are no dead letters of the lane are passed over.
    pub fn collect_retry(
        self: &Arc<Self>,
        lane: &str,
        which: Which,
        operator: &Actor,
        now: i64,
    ) -> Result<u64, NodeError> {
        let (province, lane, operator) = (Arc::clone(self), lane.to_owned(), operator.clone());
        self.store.write(move |session| {
            let mut acts = Vec::new();
            let mut act = Act {
                act: "collect.retry".into(),
                at: now,
                actor: operator.clone(),
                outcome: "pending".into(),
                ..Act::default()
            };
            act.detail.insert("lane".into(), lane.clone());
            let revived = match &which {
                Which::All => {
                    let revived = collect::revive_all(session, &lane, now)?;
                    act.detail.insert("items".into(), revived.to_string());
                    acts.push(act);
                    revived
                }
                Which::Ids(ids) => {
                    for id in ids {
                        let Some((certificate, seq)) = collect::revive(session, &lane, id, now)? else {
                            continue;
                        };
                        let mut one = act.clone();
                        one.object = Some(certificate);
                        one.detail.insert("state_seq".into(), seq.to_string());
                        acts.push(one);
                    }
                    acts.len() as u64
                }
            };
            audit::append(session, province.new_id(now), &acts)?;
            Ok(revived)
        })
    }
}

fn letter(item: Item) -> DeadLetter {
    DeadLetter {
        id: item.id,
        certificate: item.certificate_id,
        state_seq: item.state_seq,
        attempts: item.tried_before + item.attempts,
        tried_at: item.tried_at,
        origin: item.origin.unwrap_or_default(),
        code: item.code.unwrap_or_default(),
        cause: item.error.unwrap_or_default(),
        created_at: item.created_at,
    }
}

/// 00:00 of the day in Asia/Shanghai (UTC+8, no summer time), microseconds UTC.
pub(crate) fn day_start(now: i64) -> i64 {
    const DAY: i64 = 86_400_000_000;
    const EIGHT_HOURS: i64 = 28_800_000_000;
    now.saturating_add(EIGHT_HOURS).div_euclid(DAY).saturating_mul(DAY).saturating_sub(EIGHT_HOURS)
}

/// Figures of lanes in the text format of Prometheus: lag, backlog, errors by origin.
pub fn metrics(lanes: &[CollectStatus]) -> String {
    let mut out = String::new();
    let mut gauge = |name: &str, help: &str, value: &dyn Fn(&CollectStatus) -> Vec<(String, i64)>| {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "# HELP luzheng_collect_{name} {help}\n# TYPE luzheng_collect_{name} gauge");
        for lane in lanes {
            let named = escaped(&lane.lane);
            for (labels, value) in value(lane) {
                let _ = writeln!(out, "luzheng_collect_{name}{{lane=\"{named}\"{labels}}} {value}");
            }
        }
    };
    let plain = |value: i64| vec![(String::new(), value)];
    gauge("lag_seconds", "Age of the oldest act that is not through.", &|lane| {
        plain(lane.oldest_age.unwrap_or(0) / 1_000_000)
    });
    gauge("pending", "Acts that are not through.", &|lane| plain(lane.pending));
    gauge("due", "Pending acts whose time has come.", &|lane| plain(lane.due));
    gauge("done_today", "Acts that got through today.", &|lane| plain(lane.done_today));
    gauge("dead", "Dead letters by origin and code.", &|lane| by_cause(&lane.dead));
    gauge("failing", "Acts that failed and are tried again, by origin and code.", &|lane| {
        by_cause(&lane.failing)
    });
    out
}

fn by_cause(causes: &[(i64, String, i64)]) -> Vec<(String, i64)> {
    let label = |(origin, code, count): &(i64, String, i64)| {
        let side = ["own", "ministry", "province", "network"];
        let side = usize::try_from(*origin).ok().and_then(|at| side.get(at)).copied().unwrap_or("unknown");
        (format!(",origin=\"{side}\",code=\"{}\"", escaped(code)), *count)
    };
    causes.iter().map(label).collect()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
