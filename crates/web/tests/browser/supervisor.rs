//! A supervisor's work: the overview, what is wrong on it, and putting it right.

use node::audit::Actor;
use node::operator::{NewOperator, Warrant};
use node::outage::{Leg, NewOutage};
use store::Value;
use store::rows::overview::Tally;

use crate::screens::folder;
use crate::site::{PASSWORD, Site, now};
use crate::support::{DAY, NOW, later, submitted};
use testbed::Browser;

const HOUR: i64 = DAY / 24;

/// A month of events, deliveries with their lag, an outage, a dead letter, and the account `sheng001`.
fn site(certificates: usize) -> Site {
    let site = Site::start(certificates);
    let (province, now) = (&site.world.province, now());
    let by = Actor { client: "cli".into(), operator: Some("管理员一".into()), ..Actor::default() };
    let new = NewOperator {
        name: "sheng001".into(),
        person: "孙主管".into(),
        unit: "演示省交通运输厅".into(),
        staff_no: "99000009".into(),
        role: "省级主管".into(),
        areas: vec!["99".into()],
        kinds: vec!["*".into()],
    };
    province.operator_add(new, PASSWORD, &by, Warrant::BreakGlass("测试"), NOW).expect("an account");
    for back in (0..29_i64).rev() {
        let events = (0..certificates).filter(|one| (back * 7 + *one as i64 * 5) % 4 != 0).map(|one| {
            let kind = if (back + one as i64) % 2 == 0 { "暂扣" } else { "恢复" };
            submitted(later(&format!("S{one:06}"), &format!("D{back}-{one}"), kind))
        });
        province.accept(events.collect(), now - back * DAY);
    }
    let lag = |back: i64| Tally {
        what: "lag",
        day: {
            let hour = (now - back * HOUR + 8 * HOUR).div_euclid(HOUR).rem_euclid(24);
            format!("{} {hour:02}", lifecycle_day(now - back * HOUR))
        },
        area: String::new(),
        kind: "ministry".into(),
        value: ["2", "5", "1", "30", "600", "10", "60"][usize::try_from(back % 7).expect("small")].into(),
        n: 40 + back,
    };
    let lags: Vec<Tally> = (0..44).filter(|back| back % 11 != 3).map(lag).collect();
    let dead = move |session: &mut store::Session| -> Result<u64, store::StoreError> {
        for one in &lags {
            session.tally(one.clone());
        }
        session.execute(
            "UPDATE collect_item SET state = 'dead', origin = 1, code = 'ISSUER_UNKNOWN', attempts = 1, error = $1 \
             WHERE id = (SELECT MIN(id) FROM collect_item)",
            &[Value::from("部级没有登记发证机关“演示省交通运输厅”；请核对统一社会信用代码，登记后重发")],
        )
    };
    province.store.write(dead).expect("a dead letter");
    let outage = NewOutage {
        leg: Leg::In,
        party: "丙演市运政".into(),
        planned: false,
        started_at: now - 20 * HOUR,
        ends_at: None,
        cause: "数据库升级失败".into(),
        measures: "窗口改用纸质登记，恢复后补报".into(),
    };
    let id = province.outage_open(outage, &by, now - 20 * HOUR).expect("an outage");
    province.outage_close(&id, &by, now - 8 * HOUR).expect("its end");
    site
}

/// Takes the whole page, on a desk and on a phone.
fn take(browser: &Browser, name: &str) {
    for (phone, size) in [(false, "1366"), (true, "360")] {
        browser.phone(phone);
        std::thread::sleep(std::time::Duration::from_millis(150));
        let path = folder().join(format!("{name}-{size}.png"));
        std::fs::write(path, browser.picture(true)).expect("a picture");
    }
    browser.phone(false);
}

/// Day of an instant in China.
pub fn lifecycle_day(at: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(at).expect("a time");
    jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
}

#[test]
fn a_supervisor_finds_a_dead_letter_and_sends_it_again() {
    let site = site(3);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "sheng001");
    browser.awaited(".tile.bad a[href$='/supervisor/collect#dead']").click();
    browser.awaited(".letter");
    assert!(browser.text().contains("部级没有登记发证机关"));
    browser.find(".letter form button").click();
    browser.awaited(".notice.ok");
    assert!(browser.text().contains("已重新排队 1 件") && browser.text().contains("没有死信"));
    assert!(site.app.province.collect_dead("ministry", "", 1).expect("letters").is_empty());
    // The numbers behind the picture, and the list behind the number.
    browser.open(&format!("{}/supervisor", site.root));
    browser.find(".chart-data summary").click();
    assert!(browser.text().contains("合计"));
    browser.find("a[href^='/supervisor/certificates?kind=']").click();
    browser.awaited(".table");
    assert!(browser.text().contains("证照清单"));
}

#[test]
#[ignore = "makes pictures for people"]
fn supervisor_screens() {
    let site = site(12);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "sheng001");
    for (path, name) in [
        ("/supervisor", "watch-overview"),
        ("/supervisor/certificates", "watch-certificates"),
        ("/supervisor/events", "watch-events"),
        ("/supervisor/tasks", "watch-work"),
        ("/supervisor/collect", "watch-collect"),
        ("/supervisor/outages", "watch-outages"),
    ] {
        browser.open(&format!("{}{path}", site.root));
        take(&browser, name);
    }
    let id = site.app.province.outage_list(i64::MAX, 1).expect("the rows")[0].id.clone();
    browser.open(&format!("{}/supervisor/outages/{id}", site.root));
    take(&browser, "watch-outage");
}
