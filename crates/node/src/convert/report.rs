//! What a run did, or would do, by city and kind, and the 转化率 before and after.

use std::collections::BTreeMap;

use ::lifecycle::{Base, day_of};
use serde::{Deserialize, Serialize};
use store::rows::convert;

use super::state::{Opened, item, phase};
use crate::{NodeError, Province};

/// Records by what has become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// To be converted.
    pub ready: i64,
    /// Converted by this run.
    pub converted: i64,
    /// Converted meanwhile by another event.
    pub elsewhere: i64,
    /// Converted before the import.
    pub already: i64,
    /// The same record again.
    pub repeated: i64,
    /// Wrong as imported: the record must be supplemented or corrected.
    pub supplement: i64,
    /// Refused when its wave came.
    pub refused: i64,
}

impl Counts {
    pub(super) fn add(&mut self, state: &str, count: i64) {
        let place = match state {
            item::READY => &mut self.ready,
            item::CONVERTED => &mut self.converted,
            item::ELSEWHERE => &mut self.elsewhere,
            item::ALREADY => &mut self.already,
            item::REPEATED => &mut self.repeated,
            item::REFUSED => &mut self.refused,
            _ => &mut self.supplement,
        };
        *place += count;
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        let done = self.converted + self.elsewhere + self.already;
        self.ready + done + self.repeated + self.supplement + self.refused
    }

    /// Still wants something from people.
    pub fn wanting(&self) -> i64 {
        self.supplement + self.refused
    }
}

/// The records of one kind in one city.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// First four digits of the area code.
    pub city: String,
    /// Its name.
    pub city_name: String,
    /// Slug of the kind.
    pub kind: String,
    /// Its name.
    pub kind_name: String,
    /// What has become of them.
    pub counts: Counts,
}

/// The 转化率 of a city: certificates that stand (正常, not over) and have an electronic version, of all that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct City {
    /// First four digits of the area code.
    pub city: String,
    /// Its name.
    pub city_name: String,
    /// Certificates that stand now, paper and electronic.
    pub standing: i64,
    /// Those of them with an electronic version.
    pub electronic: i64,
    /// When the plan was ready, in hundredths of a percent.
    pub before: Option<i64>,
    /// Now, in hundredths of a percent.
    pub now: i64,
    /// When everything that is ready is converted, in hundredths of a percent.
    pub planned: i64,
}

/// Why records are not converted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// First four digits of the area code.
    pub city: String,
    /// Slug of the kind.
    pub kind: String,
    /// Code of the rule.
    pub rule: String,
    /// Its name.
    pub rule_name: String,
    /// Records that break it; one record may break several.
    pub records: i64,
}

/// What a run did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// `planning`, `planned`, `running`, `stopped` or `done`.
    pub state: String,
    /// Why it stopped.
    pub reason: Option<String>,
    /// Read from the input.
    pub records: i64,
    /// All lines together.
    pub total: Counts,
    /// By city and kind.
    pub lines: Vec<Line>,
    /// 转化率 by city.
    pub cities: Vec<City>,
    /// Why records are not converted, by city, kind and rule.
    pub causes: Vec<Cause>,
}

/// Of `of`, in hundredths of a percent.
fn share(part: i64, of: i64) -> i64 {
    if of == 0 { 0 } else { part * 10_000 / of }
}

/// 73.05%.
pub(super) fn percent(share: i64) -> String {
    format!("{}.{:02}%", share / 100, share % 100)
}

impl Province {
    /// What a run did, or would do. No personal data.
    ///
    /// # Errors
    /// An unknown run; a database that cannot be read.
    pub fn convert_report(&self, name: &str, now: i64) -> Result<Report, NodeError> {
        let today = day_of(now);
        let (opened, counts, causes, standing) = self.store.read(|session| -> Result<_, NodeError> {
            let opened = Opened::named(session, name)?;
            let counts = convert::counts(session, &opened.run.id)?;
            let causes = convert::causes(session, &opened.run.id)?;
            let standing = convert::standing(session, Base::Normal.name(), &today.to_string())?;
            Ok((opened, counts, causes, standing))
        })?;
        let mut report = Report {
            name: opened.run.name,
            state: opened.run.state,
            reason: opened.body.reason,
            records: opened.body.read,
            ..Report::default()
        };
        let mut lines: BTreeMap<(String, String), Counts> = BTreeMap::new();
        for (city, kind, state, count) in counts {
            lines.entry((city, kind)).or_default().add(&state, count);
            report.total.add(&state, count);
        }
        // Stopped with the last record of a wave: there is nothing to go on with.
        if report.state == phase::STOPPED && report.total.ready == 0 {
            phase::DONE.clone_into(&mut report.state);
            report.reason = None;
        }
        let before: BTreeMap<String, i64> =
            opened.body.before.into_iter().map(|(city, all, done)| (city, share(done, all))).collect();
        for (city, standing, electronic) in standing {
            let of_city = lines.iter().filter(|((own, _), _)| *own == city);
            let ready: i64 = of_city.map(|(_, counts)| counts.ready).sum();
            report.cities.push(City {
                city_name: self.city_name(&city, now),
                before: before.get(&city).copied(),
                now: share(electronic, standing),
                planned: share(electronic + ready, standing),
                city,
                standing,
                electronic,
            });
        }
        report.lines = lines
            .into_iter()
            .map(|((city, kind), counts)| Line {
                city_name: self.city_name(&city, now),
                kind_name: self.kind_name(&kind, now),
                city,
                kind,
                counts,
            })
            .collect();
        report.causes = self.causes(causes);
        Ok(report)
    }

    fn causes(&self, rows: Vec<(String, String, String, i64)>) -> Vec<Cause> {
        let mut causes: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for (city, kind, rules, count) in rows {
            for rule in rules.split(' ') {
                *causes.entry((city.clone(), kind.clone(), rule.to_owned())).or_default() += count;
            }
        }
        let cause = |((city, kind, rule), records): ((String, String, String), i64)| Cause {
            rule_name: self.data.catalogue.rules.name(&rule).to_owned(),
            city,
            kind,
            rule,
            records,
        };
        causes.into_iter().map(cause).collect()
    }

    /// Name of a city; what stands there where it is none.
    pub(super) fn city_name(&self, city: &str, now: i64) -> String {
        let day = day_of(now).date();
        match self.data.catalogue.areas.name(format!("{city}00"), day) {
            Some(name) => name.to_owned(),
            None if city.is_empty() => "未注明地区".to_owned(),
            None => format!("未知地区 {city}"),
        }
    }

    pub(super) fn kind_name(&self, kind: &str, now: i64) -> String {
        let known = self.data.catalogue.kind(kind, day_of(now).date());
        known.map_or_else(|| format!("未知类型 {kind}"), |known| known.name.clone())
    }
}

impl Report {
    /// The report for people, one thing a line.
    pub fn text(&self) -> String {
        let Counts { ready, converted, elsewhere, already, repeated, supplement, refused } = self.total;
        let mut out = vec![
            format!("存量转化“{}”：{}", self.name, state_name(&self.state)),
            format!(
                "读入 {} 条：待转化 {ready}，本次已转化 {converted}，另经业务转化 {elsewhere}，导入前已转化 {already}，重复记录 \
                 {repeated}，须补正 {supplement}，制发时被拒 {refused}",
                self.records
            ),
        ];
        out.extend(self.reason.iter().map(|reason| format!("停止原因：{reason}")));
        out.push("转化率（有效证照中已有电子证照的比例）：".into());
        for city in &self.cities {
            let before = city.before.map_or_else(|| "—".to_owned(), percent);
            out.push(format!(
                "  {}：有效证照 {}，电子证照 {}；转化前 {before}，目前 {}，待转化的全部办结后 {}",
                city.city_name,
                city.standing,
                city.electronic,
                percent(city.now),
                percent(city.planned)
            ));
        }
        out.push("分市州、分类型：".into());
        for line in &self.lines {
            let counts = &line.counts;
            out.push(format!(
                "  {} {}：共 {}，待转化 {}，已转化 {}，须补正或被拒 {}",
                line.city_name,
                line.kind_name,
                counts.total(),
                counts.ready,
                counts.converted + counts.elsewhere + counts.already,
                counts.wanting()
            ));
        }
        let mut rules: BTreeMap<&str, i64> = BTreeMap::new();
        for cause in &self.causes {
            *rules.entry(&cause.rule_name).or_default() += cause.records;
        }
        if !rules.is_empty() {
            out.push("未能转化的原因（一条记录可有多项）：".into());
        }
        out.extend(rules.into_iter().map(|(rule, records)| format!("  {rule}：{records} 条")));
        out.join("\n") + "\n"
    }
}

fn state_name(state: &str) -> &str {
    match state {
        "planning" => "正在导入",
        "planned" => "已导入，尚未开始",
        "running" => "正在转化",
        "stopped" => "已停止",
        _ => "已完成",
    }
}
