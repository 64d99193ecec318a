//! The tiles of the overview: one figure each, with what it means, what it is defined as, and where its list stands.

use model::state;
use node::overview::{MOST, Overview};

use super::watch::{age, day, instant};
use crate::pages::chart::{grouped, seconds};
use crate::pages::{Access, PAGES, Visit};

/// A figure.
pub(super) struct Tile {
    /// In Chinese.
    pub name: &'static str,
    /// The figure.
    pub number: String,
    /// `ok`, `ask`, `bad` or nothing; its word stands in `note`.
    pub tone: &'static str,
    /// What else there is to say, in the order of importance: text and where its list stands.
    pub notes: Vec<(String, Option<String>)>,
    /// List behind the figure.
    pub href: Option<String>,
    /// By which definition.
    pub means: &'static str,
}

/// A list that this visitor may open; `None` otherwise.
fn list(visit: &Visit, path: &str, query: &str) -> Option<String> {
    let page = PAGES.iter().copied().flatten().find(|page| page.path == path)?;
    let (Access::Act(act) | Access::Fresh(act)) = page.access else { return None };
    let may = visit.live.as_ref().is_some_and(|live| live.may(act, None));
    may.then(|| if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

/// Parts of ten thousand as a percentage.
fn percent(of_ten_thousand: i64) -> String {
    format!("{}.{:02}%", of_ten_thousand / 100, of_ten_thousand % 100)
}

/// A count that was given up at a bound.
fn bounded(n: i64) -> String {
    if n >= i64::from(MOST) { format!("超过 {}", MOST - 1) } else { grouped(n) }
}

/// The tiles in the order of a working day: what is wrong first. `part`: the account is for a part of the province.
pub(super) fn tiles(visit: &Visit, all: &Overview, part: bool) -> Vec<Tile> {
    // Connections, packs and deliveries are the node's, whoever looks.
    let whole = |mut tile: Tile| {
        if part {
            tile.notes.push(("全省数据，不限于本辖区".into(), None));
        }
        tile
    };
    let mut tiles = vec![
        certificates(visit, all),
        activation(visit, all),
        today(visit, all),
        whole(lag(visit, all)),
        dead(visit, all),
        whole(outages(visit, all)),
        work(visit, all),
    ];
    tiles.extend(all.runs.iter().map(|run| reconciled(visit, run, all.at)));
    tiles.push(whole(packs(all)));
    tiles.push(posts(visit, all));
    tiles
}

fn certificates(visit: &Visit, all: &Overview) -> Tile {
    let mut notes: Vec<(String, Option<String>)> = all
        .bases
        .iter()
        .map(|one| {
            let query = format!("base={}", crate::pages::table::encode(&one.code));
            (format!("{} {}", one.name, grouped(one.n)), list(visit, "/supervisor/certificates", &query))
        })
        .collect();
    notes.push((
        format!("未转化的纸质证件 {}", grouped(all.paper)),
        list(visit, "/supervisor/certificates", "form=paper"),
    ));
    Tile {
        name: "电子证照",
        number: grouped(all.electronic),
        tone: "",
        notes,
        href: list(visit, "/supervisor/certificates", ""),
        means: "本辖区已制发电子证照的件数；一件证照的各版本计一件，已注销等终止的仍计入。未转化的纸质证件单列",
    }
}

fn activation(visit: &Visit, all: &Overview) -> Tile {
    Tile {
        name: "激活率",
        number: all.activation().map_or_else(|| "—".into(), percent),
        tone: "",
        notes: vec![
            (
                format!("已激活 {}", grouped(all.activated)),
                list(visit, "/supervisor/certificates", "activated=1"),
            ),
            (
                format!("未激活 {}", grouped(all.electronic - all.activated)),
                list(visit, "/supervisor/certificates", "activated=0"),
            ),
        ],
        href: list(visit, "/supervisor/certificates", "activated=1"),
        means: "激活率（定义 2026.1，本系统提出）＝已激活的电子证照件数 ÷ 已制发的电子证照件数；已终止的仍计入",
    }
}

fn today(visit: &Visit, all: &Overview) -> Tile {
    let (now, date) = (all.today(), day(all.at));
    let note = |name: &str, n: i64, status: &str| {
        let query = format!("from={date}&to={date}&status={status}");
        (format!("{name} {}", grouped(n)), list(visit, "/supervisor/events", &query))
    };
    Tile {
        name: "今日业务事件",
        number: grouped(now.all()),
        tone: if now.unfit > 0 { "ask" } else { "" },
        notes: vec![
            note(state::APPLIED, now.applied, "applied"),
            note("等待或转人工", now.waiting, "waiting"),
            note(state::REFUSED, now.refused, "refused"),
            note(state::UNFIT, now.unfit, "unfit"),
        ],
        href: list(visit, "/supervisor/events", &format!("from={date}&to={date}")),
        means: "今日（北京时间）收到并已答复的业务事件，按目前的答复归类；补正后重新答复的按最近一次答复的日期计",
    }
}

fn lag(visit: &Visit, all: &Overview) -> Tile {
    let oldest = all.lanes.iter().filter_map(|lane| lane.oldest_age).max();
    let pending: i64 = all.lanes.iter().map(|lane| lane.pending).sum();
    const MINUTES: i64 = 60_000_000;
    let within = match (all.delivered, all.lag_today) {
        (0, _) => "今日没有送达".to_owned(),
        (_, Some(within)) => format!("今日 99% 在{}内送达", seconds(within)),
        (_, None) => "今日 99% 的送达超过 1 天".to_owned(),
    };
    Tile {
        name: "归集滞留",
        number: oldest.map_or_else(|| "无".into(), age),
        tone: match oldest {
            Some(oldest) if oldest > 60 * MINUTES => "bad",
            Some(oldest) if oldest > 10 * MINUTES => "ask",
            _ => "ok",
        },
        notes: vec![
            (format!("待送达 {}", grouped(pending)), list(visit, "/supervisor/collect", "")),
            (within, None),
            (format!("今日送达 {}", grouped(all.delivered)), None),
        ],
        href: list(visit, "/supervisor/collect", ""),
        means: "全省各归集去向中最早一件未送达业务已等待的时间（不含死信）。“99% 在…内”为今日送达业务从办结到对方回执的时间上限，按档统计",
    }
}

fn dead(visit: &Visit, all: &Overview) -> Tile {
    Tile {
        name: "死信",
        number: bounded(all.dead),
        tone: if all.dead > 0 { "bad" } else { "ok" },
        notes: vec![(if all.dead > 0 { "须查明原因后重发".into() } else { "没有须处理的".into() }, None)],
        href: list(visit, "/supervisor/collect", "").map(|path| format!("{path}#dead")),
        means: "对方拒收或多次失败、系统不再自动重送的归集业务；同一证照其后的业务排在它后面等待",
    }
}

fn outages(visit: &Visit, all: &Overview) -> Tile {
    let begun = || all.outages.iter().filter(|one| one.shown.record.started_at <= all.at);
    let late = begun().filter(|one| one.late.is_some()).count();
    let notes = begun()
        .take(3)
        .map(|one| {
            let href = list(visit, "/supervisor/outages", "");
            let record = &one.shown.record;
            (format!("{}：{}", record.party, one.text()), href.map(|path| format!("{path}/{}", record.id)))
        })
        .collect::<Vec<_>>();
    Tile {
        name: "未办结的中断",
        number: begun().count().to_string(),
        tone: match (late, notes.len()) {
            (0, 0) => "ok",
            (0, _) => "ask",
            _ => "bad",
        },
        notes: if notes.is_empty() { vec![("各方连接正常".into(), None)] } else { notes },
        href: list(visit, "/supervisor/outages", ""),
        means: "与业务系统或归集去向的连接中断，自发现起至补报全部完成；恢复后 2 个工作日内须补报完毕，剩余时间按工作日历计算",
    }
}

fn work(visit: &Visit, all: &Overview) -> Tile {
    let open: i64 = all.work.iter().map(|(.., n)| n).sum();
    Tile {
        name: "待处理事项",
        number: bounded(open),
        tone: if open > 0 { "ask" } else { "ok" },
        notes: vec![
            events_since(visit, "待补正的事件", &all.unfit, "unfit"),
            events_since(visit, "等待先行业务的事件", &all.waiting, "ahead"),
        ],
        href: list(visit, "/supervisor/tasks", ""),
        means: "须由人决定、尚未办结的事项；另列目前仍待补正或仍在等待的业务事件（不限日期）",
    }
}

/// Events of a status, whichever day they came: the list begins at the first of their days.
fn events_since(
    visit: &Visit,
    name: &str,
    (n, since): &(i64, String),
    status: &str,
) -> (String, Option<String>) {
    let from = if since.is_empty() { String::new() } else { format!("from={since}&") };
    let href = list(visit, "/supervisor/events", &format!("{from}status={status}"));
    (format!("{name} {}", grouped(*n)), href)
}

fn reconciled(visit: &Visit, run: &node::reconcile::Run, now: i64) -> Tile {
    let found = &run.summary;
    let differences = found.missing + found.extra + found.different;
    let at = run.ended_at.unwrap_or(run.watermark);
    let class = |name: &str, n: u64, class: &str| {
        let query = format!("id={}&class={class}", run.id);
        (format!("{name} {n}"), list(visit, "/supervisor/reconcile/run", &query))
    };
    Tile {
        name: "部省对账差异",
        number: grouped(i64::try_from(differences).unwrap_or(i64::MAX)),
        tone: if differences == 0 { "ok" } else { "ask" },
        notes: vec![
            (format!("{} 对账，距今 {}", instant(at), age(now - at)), None),
            class("对方缺", found.missing, "missing"),
            class("本方缺", found.extra, "extra"),
            class("不一致", found.different, "different"),
        ],
        href: list(visit, "/supervisor/reconcile/run", &format!("id={}", run.id)),
        means: "全省最近一次完成的对账中，双方记载不同的证照件数；在途业务不计",
    }
}

fn packs(all: &Overview) -> Tile {
    const DAY: i64 = 86_400_000_000;
    // The oldest first: it is the one that the figure speaks of.
    let mut packs: Vec<_> = all.packs.iter().collect();
    packs.sort_by_key(|pack| pack.made_at);
    let oldest = packs.first().map(|pack| all.at - pack.made_at);
    let notes = packs.iter().map(|pack| {
        let text = format!("{} 第 {} 期，{} 件", pack.province, pack.number, grouped(pack.count));
        (text, None)
    });
    Tile {
        name: "离线核验包",
        number: oldest.map_or_else(|| "无".into(), age),
        tone: match oldest {
            Some(oldest) if oldest > 3 * DAY => "bad",
            Some(oldest) if oldest > DAY => "ask",
            Some(_) => "ok",
            None => "ask",
        },
        notes: if all.packs.is_empty() {
            vec![("还没有制作；执法人员无法离线核验".into(), None)]
        } else {
            let more = packs.len().saturating_sub(3);
            let more = (more > 0).then(|| (format!("另有 {more} 个省份的较新"), None));
            notes.take(3).chain(more).collect()
        },
        href: None,
        means: "本节点所存各省最新一期离线核验包中，最旧一期距制作的时间",
    }
}

fn posts(visit: &Visit, all: &Overview) -> Tile {
    let (posts, empty) = all.posts;
    Tile {
        name: "空缺岗位",
        number: empty.to_string(),
        tone: match (posts, empty) {
            (0, _) => "ask",
            (_, 0) => "ok",
            _ => "bad",
        },
        notes: vec![(
            if posts == 0 {
                "责任登记册中还没有岗位".into()
            } else {
                format!("登记的岗位 {posts}")
            },
            list(visit, "/supervisor/duty", ""),
        )],
        href: list(visit, "/supervisor/duty", "empty=1"),
        means: "责任登记册中今日无人担任的岗位",
    }
}
