//! How the two sides of collection come apart in the month, beside the dead letters: by two mistakes that people make, told by nodes
//! that run the product's own paths.
//!
//! - Before the month begins a database for trials has the formal lane in its configuration: the ministry holds certificates of which
//!   the province knows nothing (对方多出).
//! - On one day the lane leads to the ministry's empty standby for a while. It answers with good receipts, and is switched off: what went
//!   there is missing at the ministry (对方缺失), or stands there as it was before (内容不符: version, files, status, count).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use link::http::Peer;
use node::audit::Actor;
use node::client::Role;
use node::collect::HttpTransport;
use node::lifecycle::{Outcome, Submitted};
use node::{Opened, Province};
use sample::{Place, SampleOptions, generate};

use super::clock::{DemoClock, HOUR, day};
use super::folder::Folder;
use super::nodes::{DEMO, MINISTRY, Node, Nodes, enrol, operator};
use super::seed::{drain, way};
use super::story::event;
use crate::cli::Failure;
use crate::cli::serve::{listen, open_with};
use crate::config::Config;
use crate::running::Running;
use crate::workers;

/// Certificates of the trial.
pub const EXTRA: usize = 2;
/// First issues that went to the standby.
pub const STRAYED_FIRST: usize = 2;
/// Later events that went there.
pub const STRAYED: [&str; 5] = ["变更", "变更", "注销", "注销", "暂扣"];

/// The authority of the trial, and an area of its own, so that its identifiers meet no other.
const TRIAL: (&str, &str) = ("11990200MB00002008", "990201");
/// Where such a node keeps what it has: in its node's own folder, so that a demo that is begun again leaves nothing.
const BESIDE: &str = "beside";

/// The configuration of a node with nothing in it yet, on the same keys.
fn beside(config: &Config, folder: &Path) -> Result<Config, Failure> {
    std::fs::create_dir_all(folder)?;
    let mut config = config.clone();
    config.store.url = format!("sqlite:{}", folder.join("rows.db").display());
    config.files.folder = folder.join("files");
    Ok(config)
}

/// The trial: two certificates are issued in the database for trials and reach the ministry.
///
/// # Errors
/// A database or file store that cannot be written; a ministry that does not answer.
pub fn trial(nodes: &Nodes, folder: &Folder, clock: &DemoClock) -> Result<(), Failure> {
    let node = nodes.at(DEMO);
    // Later than the enrolment, which the ministry's listener learns of in time.
    clock.set(clock.now() + 8 * HOUR);
    let path = folder.of(node.spec).join(BESIDE);
    let config = beside(&node.config, &path)?;
    let Opened { province, keys } = open_with(&config, &folder.passphrase()?, true, clock.now())?;
    enrol(&province, nodes.at(MINISTRY), Role::Ministry, &operator("系统管理员"), clock.now())?;
    issue(&province, clock)?;
    let lane = config.lanes.first().ok_or_else(|| "演示配置没有归集通道".to_owned())?;
    let client = workers::client_of(lane, &province, &Arc::new(keys), clock.seconds())?;
    arrived(drain(&province, &HttpTransport::new(client, Peer::Ministry), clock)?, EXTRA)?;
    drop(province);
    Ok(std::fs::remove_dir_all(path)?)
}

/// A demo that lacks what its document promises says so.
fn arrived(done: usize, wanted: usize) -> Result<(), Failure> {
    if done == wanted {
        return Ok(());
    }
    Err(format!("演示：应归集 {wanted} 件，实际 {done} 件；请用 --fresh 重新开始，仍有此问题请报告").into())
}

fn issue(province: &Arc<Province>, clock: &DemoClock) -> Result<(), Failure> {
    let now = clock.now();
    let options =
        SampleOptions { count: 90, seed: 7, today: day(now), wrong_per_mille: 0, place: Place::Demo };
    let sample = generate(options, &province.data.catalogue).map_err(|error| error.to_string())?;
    let mut done = 0;
    for number in 0..90 {
        let Some(case) = sample.case(number).filter(|case| case.record.authority_uscc == TRIAL.0) else {
            continue;
        };
        let mut message =
            event("初领", &format!("LIANTIAO-{number}"), (now, number), "乙演市交通运输局（联调）");
        let mut record = case.record;
        record.area = TRIAL.1.to_owned();
        let photo = record.photo.as_ref().and_then(|_| sample.photo(number));
        message.photo = photo.map(|bytes| gm::base64::encode(&bytes));
        message.record = Some(record);
        let actor = Actor { client: "liantiao".into(), ..Actor::default() };
        let answers = province.accept(vec![Submitted { message, actor }], now);
        done += answers.iter().filter(|one| one.result == Outcome::Applied).count();
        if done == EXTRA {
            return Ok(());
        }
    }
    Err("演示：联调件没有制发出来；请报告此问题".to_owned().into())
}

/// The ministry's standby: it answers with the ministry's keys, and holds nothing.
pub struct Standby {
    node: Node,
    path: PathBuf,
}

impl Standby {
    /// Starts it on a free port, and enrols the province there.
    ///
    /// # Errors
    /// A folder that cannot be opened.
    pub fn start(nodes: &Nodes, folder: &Folder, clock: &DemoClock) -> Result<Self, Failure> {
        let ministry = nodes.at(MINISTRY);
        let path = folder.of(ministry.spec).join(BESIDE);
        let config = beside(&ministry.config, &path)?;
        let opened = open_with(&config, &folder.passphrase()?, true, clock.now())?;
        let running = Running::start(&config, opened, listen("127.0.0.1:0")?, clock.shared(), || {})?;
        let actor = operator("系统管理员");
        enrol(&running.province, nodes.at(DEMO), Role::Province, &actor, clock.now())?;
        Ok(Self { node: Node { spec: ministry.spec, config, running }, path })
    }

    /// Takes what the province has to deliver, as many acts as are wanted, and is switched off.
    ///
    /// # Errors
    /// A node that does not answer or did not end well.
    pub fn receive(self, wanted: usize, nodes: &Nodes, clock: &DemoClock) -> Result<(), Failure> {
        let province = nodes.at(DEMO);
        let way = way(province, clock, Some(&self.node.url()))?;
        arrived(drain(&province.running.province, &*way, clock)?, wanted)?;
        self.node.running.stop()?;
        Ok(std::fs::remove_dir_all(self.path)?)
    }
}
