//! `demo`: a ministry and two provinces in one process, with a month of invented life in them.
//!
//! It runs the product's own paths only: the nodes are those of `serve`, the month is told through the use cases that the
//! interfaces call, under a simulated clock that ends at the present (`domain.md`, "The demo invents its world").

mod apart;
mod browser;
mod check;
mod clock;
mod dice;
mod folder;
mod holders;
mod interfaces;
mod month;
mod nodes;
mod people;
mod roadside;
mod seed;
mod story;
mod told;

use std::path::Path;

use node::Data;

use crate::cli::Failure;
use crate::machine;
use clock::DemoClock;
use folder::{Folder, Found, SignIns};
use nodes::Nodes;
pub use seed::Size;

/// What is asked for.
pub struct Request<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// Begin again.
    pub fresh: bool,
    /// Ports from here on; 0 for free ones.
    pub port_base: u16,
    /// How much to invent.
    pub size: Size,
}

/// Starts the demo and runs it until somebody stops it.
///
/// # Errors
/// A Chinese sentence that says what to do.
pub fn run(request: &Request<'_>) -> Result<(), Failure> {
    let began = machine::stopwatch();
    let folder = Folder::new(request.folder);
    let nodes = begin(&folder, request)?;
    let stop = machine::Stop::listen()?;
    announce(&nodes, &folder, began())?;
    nodes.wait(stop)
}

/// Makes a demo in a folder of its own on free ports, walks the five-minute story, stops and removes the folder.
///
/// # Errors
/// The first step that did not hold; then the folder stays, to be looked at.
pub fn check(size: Size) -> Result<(), Failure> {
    let began = machine::stopwatch();
    let unique: String = machine::sixteen()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = std::env::temp_dir().join(format!("luzheng-check-{unique}"));
    let folder = Folder::new(&path);
    let request = Request { folder: &path, fresh: false, port_base: 0, size };
    let nodes = begin(&folder, &request)?;
    let done = check::check(&nodes, &folder);
    let stopped = nodes.stop();
    if done.is_err() {
        say!("演示目录保留在“{}”，供查看。", path.display());
    } else {
        std::fs::remove_dir_all(&path)?;
    }
    done?;
    stopped?;
    say!("自检通过，共 {:.1} 秒。", began());
    Ok(())
}

/// The nodes of a folder, seeded where that is still to be done, and at work.
fn begin(folder: &Folder, request: &Request<'_>) -> Result<Nodes, Failure> {
    match folder.found()? {
        Found::Ready if !request.fresh => {
            say!("演示目录“{}”已有数据，沿用；要重新开始请加 --fresh。", folder.path.display());
            let mut nodes = Nodes::start(folder, request.port_base, &DemoClock::new(0))?;
            nodes.work(folder)?;
            return Ok(nodes);
        }
        Found::Ready => say!("按 --fresh 清除“{}”，重新开始。", folder.path.display()),
        Found::Unfinished => say!("上次没有准备完（被中止），清除“{}”后重新开始。", folder.path.display()),
        Found::Empty => say!("在“{}”准备演示，全部数据均为虚构。", folder.path.display()),
    }
    folder.mark(false)?;
    folder.clear()?;
    folder.mark(false)?;
    make(folder, request.size, request.port_base)
}

/// Keys, nodes, a month of life; then the machine's clock.
fn make(folder: &Folder, size: Size, base: u16) -> Result<Nodes, Failure> {
    let end = machine::micros();
    let watch = machine::stopwatch();
    let clock = DemoClock::new(seed::beginning(end));
    let data = Data::load(None)?;
    folder.make_keys(&data, clock.now() / clock::SECOND)?;
    say!("密钥、证书和印章已生成（{:.1} 秒）。", watch());
    let watch = machine::stopwatch();
    let mut nodes = Nodes::start(folder, base, &clock)?;
    let mut sign_ins = SignIns { client: nodes.enrol(clock.now())?, ..SignIns::default() };
    for node in nodes.iter() {
        sign_ins.operator.extend(people::hire(node, clock.now())?);
        people::register(node, clock.now())?;
    }
    say!("三个节点已启动并互相登记（{:.1} 秒）。正在演绎过去 {} 天的业务……", watch(), month::DAYS);
    let watch = machine::stopwatch();
    let seeded = seed::seed(&nodes, folder, &clock, size, end)?;
    say!("业务已演绎到现在（{:.1} 秒：{}）。", watch(), seeded.times.text());
    for (tally, node) in seeded.tallies.iter().zip(nodes.provinces()) {
        let mut words: Vec<String> =
            tally.answers.iter().map(|(word, count)| format!("{word} {count}")).collect();
        words.push(format!("存量转化 {}", tally.converted));
        say!("　　{}：{}", node.spec.name, words.join("，"));
    }
    sign_ins.holder = seeded.holders;
    folder.note_sign_ins(&sign_ins)?;
    interfaces::night(&nodes, folder, clock.now())?;
    clock.release();
    nodes.work(folder)?;
    interfaces::calls(&nodes, &sign_ins.client)?;
    folder.mark(true)?;
    Ok(nodes)
}

/// Where everything is.
fn announce(nodes: &Nodes, folder: &Folder, seconds: f64) -> Result<(), Failure> {
    say!("\n演示已就绪（{seconds:.1} 秒）。按 Ctrl-C 停止。\n");
    let sign_ins = folder.sign_ins()?;
    for node in nodes.iter() {
        let url = node.url();
        say!("{}　{url}/　接口文档 {url}/docs", node.spec.name);
        for one in sign_ins.operator.iter().filter(|one| one.node == node.spec.id) {
            say!("　　{}　{url}/sign-in　账号 {}　口令 {}", one.role, one.account, one.password);
        }
        for one in sign_ins.holder.iter().filter(|one| one.node == node.spec.id) {
            say!("　　持证主体　{url}/sign-in/holder　{}", people::holder_line(one));
        }
        for one in sign_ins.client.iter().filter(|one| one.node == node.spec.id) {
            say!("　　接口客户端　{}　编号 {}　密钥 {}", one.name, one.id, one.secret);
        }
    }
    say!("\n持证主体登录用的验证码会显示在这里。接口客户端的签名方法见 docs/signing.md。");
    let config = folder.of(&nodes::SPECS[nodes::DEMO]).join("node.toml");
    say!("命令行也可使用（另开一个终端）：");
    say!("　　export LUZHENG_PASSPHRASE=$(cat {}/passphrase)", folder.path.display());
    say!("　　luzheng collect dead --config {}", config.display());
    say!("看什么、按什么顺序，见 docs/demo.md。");
    Ok(())
}
