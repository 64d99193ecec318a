use clap::Parser;
use jiff::ToSpan;
use node::audit::Watched;

use super::Failure;
use super::config::FileArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Parser)]
pub struct Args {
    #[command(flatten)]
    file: FileArgs,
    /// 只试该数据库（sqlite:路径 或 postgres://…）能否承载本系统
    #[arg(long, value_name = "地址")]
    database: Option<String>,
}

/// What was looked at.
struct Report {
    wrong: u32,
}

impl Report {
    fn good(&self, what: &str, found: &str) {
        say!("正常　{what}：{found}");
    }

    fn bad(&mut self, what: &str, found: &str) {
        self.wrong += 1;
        say!("异常　{what}：{found}");
    }
}

/// Something is wrong.
const SICK: u8 = 2;
/// An intent that is open for longer belongs to a process that is gone, microseconds.
const STALE: i64 = 10 * 60 * 1_000_000;

pub fn run(args: &Args) -> Result<u8, Failure> {
    let mut report = Report { wrong: 0 };
    if let Some(url) = &args.database {
        database(url, &mut report);
    } else {
        node(args, &mut report);
    }
    say!(
        "{}",
        if report.wrong == 0 {
            "没有发现问题。".to_owned()
        } else {
            format!("发现 {} 个问题。", report.wrong)
        }
    );
    Ok(if report.wrong == 0 { 0 } else { SICK })
}

/// Opens any engine and runs what the program needs of it.
fn database(url: &str, report: &mut Report) {
    let options = store::Options { readers: 1, writers: 1, now: machine::micros() };
    let opened = store::Store::open(url, &options);
    let store = match opened {
        Ok(store) => store,
        Err(error) => return report.bad("数据库", &error.to_string()),
    };
    report.good("数据库", "能连接，表结构为当前版本");
    let probe = || -> Result<(), store::StoreError> {
        store.write(|session| store::rows::setting::put(session, "doctor", "1"))?;
        store.write(|session| store::rows::issue::count(session, "doctor", 1).map(|_| ()))?;
        store.read(|session| store::rows::setting::get(session, "doctor")).map(|_| ())
    };
    match probe() {
        Ok(()) => report.good("读写", "写入、计数、读回均成功"),
        Err(error) => report.bad("读写", &error.to_string()),
    }
}

fn node(args: &Args, report: &mut Report) {
    let config = match args.file.load() {
        Ok(config) => config,
        Err(Failure(text)) => return report.bad("配置", &text),
    };
    report.good("配置", &format!("节点“{}”", config.node.id));
    // The rows first: they say whether a service holds the files.
    let opened = match open_node(&config, None, false) {
        Ok(opened) => opened,
        Err(Failure(text)) => return report.bad("打开节点", &text),
    };
    report.good("数据库、密钥、模板、字体", "均能打开");
    match open_node(&config, None, true) {
        Ok(whole) => match whole.province.objects.probe() {
            Ok(probe) => report.good("文件库", &format!("{}，{}", probe.kind, probe.text)),
            Err(error) => report.bad("文件库", &error.to_string()),
        },
        Err(Failure(text)) if text == objects::ObjectError::Locked.to_string() => {
            report.good("文件库", "正由服务进程使用；要试写请在服务停止时再检查");
        }
        Err(Failure(text)) => report.bad("文件库", &text),
    }
    let province = opened.province;
    let now = machine::micros();
    let second = now / 1_000_000;
    let left = |certificate: &gm::x509::Certificate| (certificate.not_after() - second) / 86_400;
    for (name, certificate) in
        [("节点证书", &opened.keys.certificate), ("日志证书", &opened.keys.log_certificate)]
    {
        match left(certificate) {
            days if days < 0 => report.bad(name, "已过期；请换发并在其他节点重新登记"),
            days if days < 30 => report.bad(name, &format!("还有 {days} 天到期；请换发")),
            days => report.good(name, &format!("还有 {days} 天到期")),
        }
    }
    witnesses(&province, now, report);
    calendar(&province.data.calendar, second, report);
    match province.damaged_speakers() {
        Ok(damaged) if damaged.is_empty() => report.good("客户端和节点", "登记均可读"),
        Ok(damaged) => damaged.iter().for_each(|one| report.bad("客户端和节点", one)),
        Err(error) => report.bad("客户端和节点", &error.to_string()),
    }
    let stale = province.store.read(|session| store::rows::issue::open_intents(session, now - STALE, 100));
    match stale {
        Ok(intents) if intents.is_empty() => report.good("制发意向", "没有超过 10 分钟未办结的"),
        Ok(intents) => {
            for one in intents {
                report.bad("制发意向", &format!("{} 超过 10 分钟未办结；重启服务会自动续办", one.identifier));
            }
        }
        Err(error) => report.bad("制发意向", &error.to_string()),
    }
    notices(&config, &province, now, report);
    for lane in &province.lanes {
        match province.collect_status(lane, now) {
            Ok(status) if status.dead.is_empty() => {
                report.good("归集通道", &format!("{lane}：待发 {}", status.pending))
            }
            Ok(_) => report.bad("归集通道", &format!("{lane}：有死信；请运行 luzheng collect dead")),
            Err(error) => report.bad("归集通道", &error.to_string()),
        }
    }
}

/// Does somebody else hold how far our log was, and do the logs that we witness go on?
fn witnesses(province: &node::Province, now: i64, report: &mut Report) {
    let name = "审计见证";
    let looked = || -> Result<_, node::NodeError> {
        let peers: Vec<String> = province.peer_list()?.into_iter().map(|one| one.id).collect();
        Ok((province.audit_log().watched()?, province.witness_key()?, province.audit_alarms(&peers)?))
    };
    let (watched, witness, alarms) = match looked() {
        Ok(found) => found,
        Err(error) => return report.bad(name, &error.to_string()),
    };
    for (_, why) in alarms {
        report.bad(name, &why);
    }
    match (watched, witness) {
        (Watched { alarm: Some(why), .. }, _) => {
            report.bad(name, &format!("见证方拒绝：{why}；请停用并核查数据库是否被回退或改动"));
        }
        (_, None) => report.good(name, "没有登记部级节点，检查点无人见证"),
        (_, Some((id, None))) => report.bad(
            name,
            &format!(
                "没有登记“{id}”的日志证书，检查点无人见证；请用 luzheng peer log 登记它的 nodes/log.cer"
            ),
        ),
        (Watched { last: None, .. }, Some((id, _))) => {
            report.good(name, &format!("“{id}”还没有见证过检查点"))
        }
        (Watched { last: Some((size, at)), .. }, Some((id, _))) => {
            let minutes = (now - at).max(0) / 60_000_000;
            report.good(name, &format!("“{id}”已见证 {size} 条，检查点签署于 {minutes} 分钟前"));
        }
    }
}

/// Messages to holders that are stuck or were given up.
fn notices(config: &crate::config::Config, province: &node::Province, now: i64, report: &mut Report) {
    let status = match province.deliver_status(now) {
        Ok(status) => status,
        Err(error) => return report.bad("通知持证人", &error.to_string()),
    };
    let counts = status.counts;
    let text = format!("待发 {}，没有登记手机的 {}", counts.pending, counts.waiting);
    let told = config.notify.folder.is_some() || config.notify.address.is_some();
    if counts.dead > 0 {
        let fix = "请核对通知网关的答复，改正后运行 luzheng deliver retry";
        report.bad("通知持证人", &format!("{} 条被网关拒绝；{fix}", counts.dead));
    } else if !told {
        report.good("通知持证人", &format!("没有配置通知渠道（notify），{text}；持证人可在窗口办理激活"));
    } else if status.stuck {
        report
            .bad("通知持证人", &format!("{text}，最早的已超过半小时；请核对服务是否运行、通知渠道是否可达"));
    } else {
        report.good("通知持证人", &text);
    }
}

/// Deadlines need this year's and, towards its end, next year's holidays.
fn calendar(calendar: &codes::Calendar, second: i64, report: &mut Report) {
    let today = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let today = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(today).date();
    for day in [today, today.saturating_add(14.days())] {
        if calendar.years().all(|year| year != day.year()) {
            return report.bad(
                "节假日历",
                &format!("没有 {} 年的放假安排，期限按暂估计算；请把国务院公布的安排放进省级目录数据的 calendar 目录", day.year()),
            );
        }
    }
    report.good("节假日历", "够用");
}
