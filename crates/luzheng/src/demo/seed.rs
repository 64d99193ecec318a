//! The month of the demo, told by the product's own use cases under a simulated clock.

use std::sync::Arc;

use indicatif::ProgressBar;
use link::http::Peer;
use link::sign::Person;
use node::Province;
use node::collect::{HttpTransport, Transport};
use node::outage::{Leg, NewOutage};
use node::reconcile::{Depth, HttpPeer};
use sample::Place;

use super::apart::{self, Standby};
use super::clock::{DAY, DemoClock, HOUR, MINUTE, midnight};
use super::folder::{Folder, HolderNote};
use super::month::{Amount, DAYS, Month, Tally};
use super::nodes::{DEMO, Node, Nodes, TRIAL, operator};
use super::roadside;
use super::told::Shown;
use crate::cli::{Failure, bar};
use crate::config::Lane;
use crate::machine;
use crate::workers;

/// The one lane that each province has.
const LANE: &str = "ministry";
/// The day on which the ministry does not answer.
const SILENT: usize = 12;
/// The day on which a city's system falls silent; it is back on the next one.
const CITY_SILENT: usize = 27;
/// The day on which the lane leads to the wrong node for a while.
const ASTRAY: usize = 24;
/// Days on which both sides are compared.
const COMPARED: [usize; 2] = [15, 28];
/// Days on which events come too early.
const EARLY: [usize; 2] = [21, DAYS - 1];

/// How large the demo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 5,000 certificates.
    Full,
    /// 300: for tests.
    Small,
}

impl Size {
    fn amounts(self) -> [Amount; 2] {
        match self {
            Self::Full => [Amount { records: 4_480, events: 22 }, Amount { records: 1_060, events: 6 }],
            Self::Small => [Amount { records: 270, events: 3 }, Amount { records: 63, events: 1 }],
        }
    }
}

/// How long the parts took, seconds.
#[derive(Debug, Default)]
pub struct Times(Vec<(&'static str, f64)>);

impl Times {
    fn add(&mut self, part: &'static str, seconds: f64) {
        match self.0.iter_mut().find(|(name, _)| *name == part) {
            Some((_, sum)) => *sum += seconds,
            None => self.0.push((part, seconds)),
        }
    }

    /// Runs a part and notes its time.
    fn of<T>(&mut self, part: &'static str, work: impl FnOnce() -> T) -> T {
        let watch = machine::stopwatch();
        let done = work();
        self.add(part, watch());
        done
    }

    /// One line for people.
    pub fn text(&self) -> String {
        let parts: Vec<String> =
            self.0.iter().map(|(part, seconds)| format!("{part} {seconds:.1} 秒")).collect();
        parts.join("，")
    }
}

/// What seeding leaves.
pub struct Seeded {
    /// Times of its parts.
    pub times: Times,
    /// What the provinces' months brought.
    pub tallies: [Tally; 2],
    /// Holders that a visitor may be.
    pub holders: Vec<HolderNote>,
}

struct Seed<'a> {
    nodes: &'a Nodes,
    folder: &'a Folder,
    clock: &'a DemoClock,
    ways: [Box<dyn Transport>; 2],
    tellers: [Shown; 2],
    times: Times,
    bar: ProgressBar,
    /// Whom a visitor may be.
    holders: Vec<HolderNote>,
}

/// The first instant of the month that ends with today.
pub fn beginning(today: i64) -> i64 {
    midnight(today) - i64::try_from(DAYS).unwrap_or(0) * DAY
}

/// Tells the month up to `end`, the instant at which the demo was started, microseconds UTC.
///
/// # Errors
/// A database or file store that cannot be written, a node that does not answer.
pub fn seed(
    nodes: &Nodes,
    folder: &Folder,
    clock: &DemoClock,
    size: Size,
    end: i64,
) -> Result<Seeded, Failure> {
    let begin = beginning(end);
    let [demo, trial] = size.amounts();
    let mut times = Times::default();
    let mut months = [
        times.of("拟定", || Month::plan(nodes.at(DEMO), Place::Demo, demo, clock, begin))?,
        times.of("拟定", || Month::plan(nodes.at(TRIAL), Place::Trial, trial, clock, begin))?,
    ];
    let ways = [way(nodes.at(DEMO), clock, None)?, way(nodes.at(TRIAL), clock, None)?];
    let total: usize = months.iter().map(Month::expected).sum();
    let bar = bar("演示数据", total as u64);
    let tellers = [Shown::new(folder, nodes.at(DEMO))?, Shown::new(folder, nodes.at(TRIAL))?];
    let mut seed = Seed { nodes, folder, clock, ways, tellers, times, bar, holders: Vec::new() };
    for (month, node) in months.iter_mut().zip(nodes.provinces()) {
        seed.times.of("存量入库", || month.file_stock(&folder.of(node.spec).join("stock"), begin))?;
    }
    seed.times.of("联调", || apart::trial(nodes, folder, clock))?;
    for today in 0..DAYS {
        seed.day(&mut months, today, begin + i64::try_from(today).unwrap_or(0) * DAY)?;
    }
    seed.last(&mut months, end)?;
    seed.bar.finish_and_clear();
    let holders = seed.holders;
    Ok(Seeded { times: seed.times, tallies: months.map(|month| month.tally), holders })
}

/// The way from a province to the ministry; to another address where one is given.
///
/// # Errors
/// A lane that cannot be made.
pub fn way(node: &Node, clock: &DemoClock, address: Option<&str>) -> Result<Box<dyn Transport>, Failure> {
    Ok(Box::new(HttpTransport::new(client(node, clock, address)?, Peer::Ministry)))
}

fn client(node: &Node, clock: &DemoClock, address: Option<&str>) -> Result<link::http::Client, Failure> {
    let lane = node.config.lanes.first().ok_or_else(|| "演示配置没有归集通道".to_owned())?;
    let address = address.map_or_else(|| lane.address.clone(), |address| Some(address.to_owned()));
    let lane = Lane { address, ..lane.clone() };
    workers::client_of(&lane, &node.running.province, &node.running.keys, clock.seconds())
}

impl Seed<'_> {
    fn day(&mut self, months: &mut [Month<'_>; 2], today: usize, midnight: i64) -> Result<(), Failure> {
        self.clock.set(midnight + 9 * HOUR + 30 * MINUTE);
        self.accept(months, today, 0)?;
        if today == ASTRAY {
            self.lane_goes_astray(&mut months[0], midnight + 11 * HOUR)?;
        }
        self.clock.set(midnight + 15 * HOUR);
        self.accept(months, today, 1)?;
        if EARLY.contains(&today) {
            for month in months.iter_mut() {
                let early = month.early();
                month.accept(early)?;
            }
        }
        if today == SILENT {
            self.ministry_is_silent(midnight + 15 * HOUR)?;
        }
        self.clock.set(midnight + 18 * HOUR);
        for month in months.iter_mut() {
            self.times.of("存量转化", || month.convert(today))?;
        }
        if today == CITY_SILENT {
            self.city_is_silent(midnight + 8 * HOUR)?;
        }
        self.evening(months, today)?;
        let sealed: i64 = months.iter().map(|month| month.tally.converted).sum();
        let done: usize = months.iter().filter_map(|month| month.tally.answers.get("办结")).sum();
        self.bar.set_position(sealed.unsigned_abs() + done as u64);
        Ok(())
    }

    fn accept(&mut self, months: &mut [Month<'_>; 2], today: usize, half: usize) -> Result<(), Failure> {
        for month in months.iter_mut() {
            let messages = self.times.of("编写业务", || month.messages(today, half));
            self.times.of("受理制发", || month.accept(messages))?;
        }
        Ok(())
    }

    /// Everything that the workers of a serving node do, at the end of a day.
    fn evening(&mut self, months: &mut [Month<'_>; 2], today: usize) -> Result<(), Failure> {
        self.collect()?;
        let now = self.clock.now();
        for ((node, teller), month) in self.nodes.provinces().into_iter().zip(&self.tellers).zip(months) {
            let province = &node.running.province;
            self.times.of("送达激活", || -> Result<(), Failure> {
                while province.deliver_tell(teller, "demo", now)?.done > 0 {}
                month.activate(today)
            })?;
            self.times.of("路面核验", || month.patrol.day(node, now))?;
        }
        for node in self.nodes.iter() {
            let province = &node.running.province;
            self.times.of("每日事务", || province.outage_tick(now))?;
            self.times.of("每日事务", || province.new_day(now + DAY / 4))?;
            self.times.of("审计日志", || log(node, now))?;
        }
        if COMPARED.contains(&today) {
            self.compare()?;
        }
        Ok(())
    }

    /// Both provinces at the same time, as in life.
    fn collect(&mut self) -> Result<(), Failure> {
        let (nodes, clock, ways) = (self.nodes, self.clock, &self.ways);
        self.times.of("归集", || {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| drain(&nodes.at(TRIAL).running.province, &*ways[1], clock));
                drain(&nodes.at(DEMO).running.province, &*ways[0], clock)?;
                other.join().unwrap_or_else(|_| Err("归集线程异常结束；请报告此问题".to_owned().into()))?;
                Ok(())
            })
        })
    }

    /// The lane leads to the ministry's empty standby: what is handed in meanwhile never reaches the ministry, with good receipts.
    fn lane_goes_astray(&mut self, month: &mut Month<'_>, from: i64) -> Result<(), Failure> {
        self.clock.set(from);
        // What was handed in before goes the right way.
        self.collect()?;
        let (nodes, folder, clock) = (self.nodes, self.folder, self.clock);
        let standby = self.times.of("误送备机", || Standby::start(nodes, folder, clock))?;
        let messages = month.astray();
        let done = month.accept(messages)?;
        clock.set(from + HOUR);
        self.times.of("误送备机", || standby.receive(done, nodes, clock))
    }

    /// The ministry does not answer for two hours: found, described, followed to its end, proven.
    fn ministry_is_silent(&mut self, from: i64) -> Result<(), Failure> {
        let node = self.nodes.at(DEMO);
        let province = &node.running.province;
        // Nothing listens there.
        let nowhere = way(node, self.clock, Some("http://127.0.0.1:1"))?;
        for minutes in [1, 4, 8, 20] {
            self.clock.set(from + minutes * MINUTE);
            round(province, &*nowhere, self.clock)?;
            province.outage_tick(self.clock.now())?;
        }
        let open = province.outage_list(i64::MAX, 1)?.into_iter().next();
        let Some(open) = open else { return Err("演示：中断没有被发现".to_owned().into()) };
        let actor = operator("系统管理员");
        let words = ("部级节点机房断电", "暂存本地，恢复后自动补报；已电话告知部级值班");
        self.clock.set(from + 30 * MINUTE);
        province.outage_describe(&open.id, words, &actor, self.clock.now())?;
        self.clock.set(from + 2 * HOUR);
        self.collect()?;
        self.clock.set(from + 2 * HOUR + MINUTE);
        province.outage_tick(self.clock.now())?;
        let keys = &node.running.keys;
        let proof = province.outage_prove(&open.id, &*keys.node, &province.id, self.clock.now())?;
        Ok(std::fs::write(self.folder.of(node.spec).join("outage-proof.txt"), proof)?)
    }

    /// A city's own system is silent for a day; what it held back is being sent again, and the clock runs.
    fn city_is_silent(&mut self, from: i64) -> Result<(), Failure> {
        let province = &self.nodes.at(DEMO).running.province;
        let actor = operator("系统管理员");
        let new = NewOutage {
            leg: Leg::In,
            party: "丙演市运政".into(),
            planned: false,
            started_at: from,
            ends_at: None,
            cause: "丙演市运政系统数据库升级失败".into(),
            measures: "窗口改用纸质登记，恢复后补报".into(),
        };
        let id = province.outage_open(new, &actor, self.clock.now())?;
        self.clock.set(from + 12 * HOUR);
        Ok(province.outage_close(&id, &actor, self.clock.now())?)
    }

    fn compare(&mut self) -> Result<(), Failure> {
        let (nodes, clock) = (self.nodes, self.clock);
        self.times.of("对账", || {
            for node in nodes.provinces() {
                let client = client(node, clock, None)?;
                let person = Person { operator: Some("reconcile".into()), ..Person::default() };
                let mut peer = HttpPeer { client: &client, person };
                let (province, actor) = (&node.running.province, operator("省级主管"));
                province.reconcile_run(LANE, &mut peer, Depth::Sums, &actor, clock.now())?;
            }
            Ok(())
        })
    }

    /// Today, up to the instant at which the demo was started.
    fn last(&mut self, months: &mut [Month<'_>; 2], end: i64) -> Result<(), Failure> {
        let province = &self.nodes.at(DEMO).running.province;
        self.clock.set(end - 3 * HOUR.min(end - self.clock.now()) / 3);
        let new = NewOutage {
            leg: Leg::In,
            party: "网约车平台接口".into(),
            planned: false,
            started_at: self.clock.now(),
            ends_at: None,
            cause: "平台专线中断，运营商正在抢修".into(),
            measures: "平台按小时导出文件，经文件接口报送".into(),
        };
        province.outage_open(new, &operator("系统管理员"), self.clock.now())?;
        let planned = NewOutage {
            leg: Leg::Out,
            party: LANE.into(),
            planned: true,
            started_at: midnight(end) + 5 * DAY + HOUR,
            ends_at: Some(midnight(end) + 5 * DAY + 3 * HOUR),
            cause: "部级节点计划升级".into(),
            measures: "升级期间暂存，结束后自动补报".into(),
        };
        self.nodes.at(TRIAL).running.province.outage_open(
            planned,
            &operator("系统管理员"),
            self.clock.now(),
        )?;
        self.clock.set(end - MINUTE);
        self.accept(months, DAYS, 0)?;
        self.accept(months, DAYS, 1)?;
        self.clock.set(end);
        for (month, node) in months.iter().zip(self.nodes.provinces()) {
            let holders = month.holders.choose(node, end)?;
            roadside::grant(node, &holders, end)?;
            self.holders.extend(holders);
        }
        self.evening(months, DAYS)
    }
}

fn round(
    province: &Arc<Province>,
    way: &dyn Transport,
    clock: &DemoClock,
) -> Result<node::collect::Sent, Failure> {
    Ok(province.collect_once(LANE, way, "demo", clock.now())?)
}

/// Delivers all that is to be delivered; how many acts that were.
///
/// # Errors
/// A database that cannot be written.
pub fn drain(province: &Arc<Province>, way: &dyn Transport, clock: &DemoClock) -> Result<usize, Failure> {
    let mut done = 0;
    loop {
        let sent = round(province, way, clock)?;
        done += sent.done;
        if sent.leased == 0 {
            return Ok(done);
        }
    }
}

/// Leaf numbers for all acts, and a checkpoint over them.
fn log(node: &Node, now: i64) -> Result<(), Failure> {
    let (province, keys) = (&node.running.province, &node.running.keys);
    while province.audit_log().sequence("demo", now)?.more {}
    province.audit_log().checkpoint(&*keys.log, now)?;
    Ok(())
}
