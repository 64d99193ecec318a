//! The counters of the overview hold what the rows say, whatever happened; and a supervisor sees the own areas only.

mod support;

use node::audit::Actor;
use node::certificate::Within;
use node::deliver::WindowActivation;
use node::lifecycle::{BusinessEvent, Outcome};
use node::overview::{CertificateFilter, EventFilter, Order, Reach};
use node::work::WorkFilter;
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, submitted};

/// Events of every kind of answer, in an order that a few numbers decide.
fn month(world: &World, seed: u64) {
    let clerk = Actor {
        client: "web".into(),
        operator: Some("chuangkou1".into()),
        unit: Some("演示市交通运输局".into()),
        staff_no: Some("99010001".into()),
        ..Actor::default()
    };
    let mut state = seed;
    let mut draw = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let issues = first_issues(10);
    let mut sent: Vec<BusinessEvent> = Vec::new();
    for step in 0..60_u64 {
        let now = NOW + DAY / 4 * i64::try_from(step).expect("small");
        let one = usize::try_from(draw(10)).expect("small");
        let subject = format!("S{one:06}");
        let event = match draw(9) {
            0..3 => issues[one].clone(),
            // The same event with a record that does not hold; the right one takes its place when it comes.
            3 => {
                let mut event = issues[one].clone();
                event.record.as_mut().expect("a record").authority_uscc = "无".into();
                event
            }
            // Out of its turn: waits for what the source sent before it.
            4 => BusinessEvent { sequence: Some(7), ..later(&subject, &format!("W{step}"), "暂扣") },
            5 => sent.get(one).cloned().unwrap_or_else(|| issues[0].clone()),
            6 => later(&subject, &format!("H{step}"), "暂扣"),
            7 => later(&subject, &format!("R{step}"), "恢复"),
            _ => later(&subject, &format!("C{step}"), if draw(3) == 0 { "注销" } else { "补发" }),
        };
        let answer = world.province.accept(vec![submitted(event.clone())], now).pop().expect("an answer");
        assert_ne!(answer.result, Outcome::Failed, "{answer:?}");
        sent.push(event);
        if let Some(identifier) = answer.identifier.filter(|_| draw(2) == 0) {
            let one = WindowActivation {
                certificate: identifier,
                proof: "核对身份证件原件，本人到场".into(),
            };
            world.province.deliver_activate_at_window(&one, &clerk, now).expect("an answer");
        }
    }
}

#[test]
fn counters_hold_what_the_rows_say_after_a_random_month() {
    on_both(|world| {
        month(world, 11);
        assert_eq!(world.province.overview_recount(false).expect("counts"), []);
        // The test could not fail if nothing had been counted.
        let all = world.province.overview(&Reach::all(), NOW + 15 * DAY).expect("an overview");
        let sum = |n: fn(&node::overview::DayCount) -> i64| all.days.iter().map(n).sum::<i64>();
        assert!(all.electronic > 3 && all.activated > 0, "{all:?}");
        assert!(sum(|day| day.applied) > 10 && sum(|day| day.refused) > 0, "{:?}", all.days);
        assert!(sum(|day| day.unfit) == all.unfit.0 && all.waiting.0 > 0, "{:?}", all.days);
        assert_eq!(all.kinds.iter().map(|one| one.n).sum::<i64>(), all.electronic);
        assert_eq!(all.bases.iter().map(|one| one.n).sum::<i64>(), all.electronic);
        for activated in [true, false] {
            let filter = CertificateFilter {
                reach: Reach::all(),
                electronic: Some(true),
                activated: Some(activated),
                ..CertificateFilter::default()
            };
            let list =
                |order| world.province.certificate_list(&filter, (order, true), "", 500).expect("a list");
            let n = if activated { all.activated } else { all.electronic - all.activated };
            for order in [Order::Recorded, Order::Identifier, Order::Updated] {
                assert_eq!(list(order).rows.len() as i64, n, "{order:?} {activated}");
            }
            let along = world.province.store.read(|session| {
                store::rows::overview::list::certificates(
                    session,
                    &filter,
                    (Order::Updated, true),
                    &store::rows::overview::list::Way::Along,
                    None,
                    500,
                )
            });
            assert_eq!(list(Order::Updated).rows, along.expect("the rows"));
        }
    });
}

#[test]
fn wrong_counters_are_found_and_mended() {
    on_both(|world| {
        world.province.accept(first_issues(2).into_iter().map(submitted).collect(), NOW);
        let spoil =
            |session: &mut store::Session| session.execute("UPDATE overview_count SET n = n + 3", &[]);
        world.province.store.write(spoil).expect("spoilt");
        assert!(!world.province.overview_recount(true).expect("mended").is_empty());
        assert_eq!(world.province.overview_recount(false).expect("counts"), []);
    });
}

#[test]
fn a_supervisor_sees_the_own_areas_only() {
    on_both(|world| {
        let answers = world.province.accept(first_issues(12).into_iter().map(submitted).collect(), NOW);
        assert!(answers.iter().all(|answer| answer.result == Outcome::Applied));
        let seen = |area: &str| {
            let reach = Reach { areas: vec![area.into()], kinds: vec!["*".into()] };
            world.province.overview(&reach, NOW + SECOND).expect("an overview")
        };
        let (all, nothing) = (seen("99"), seen("98"));
        assert_eq!((all.electronic, all.today().applied), (12, 12));
        assert_eq!((nothing.electronic, nothing.today().all(), nothing.kinds.len()), (0, 0, 0));
        let cities: i64 = all.cities.iter().map(|one| seen(&one.code[..4]).electronic).sum();
        assert_eq!(cities, 12);
        let of_kind = Reach { areas: vec!["*".into()], kinds: vec![all.kinds[0].code.clone()] };
        let only = world.province.overview(&of_kind, NOW + SECOND).expect("an overview");
        assert_eq!(only.electronic, all.kinds[0].n);
    });
}

/// The list of open items is what the overview counts, page by page, on either engine.
#[test]
fn open_items_are_listed_as_they_are_counted() {
    on_both(|world| {
        let province = &world.province;
        let early = |subject: usize, id: &str| {
            let mut event = later(&format!("S{subject:06}"), id, "暂扣");
            event.sequence = Some(9);
            submitted(event)
        };
        province.accept(first_issues(5).into_iter().map(submitted).collect(), NOW);
        province.accept((0..5).map(|one| early(one, &format!("E{one}"))).collect(), NOW);
        province.new_day(NOW + 10 * DAY).expect("a new day");
        let now = NOW + 12 * DAY;
        for area in ["99", "9901", "9902", "98"] {
            let reach = Reach { areas: vec![area.into()], kinds: vec!["*".into()] };
            let counted = province.overview(&reach, now).expect("an overview").work;
            let counted: i64 = counted.iter().map(|(.., n)| n).sum();
            assert!(area != "99" || counted == 5, "{counted}");
            let filter = WorkFilter { reach, ..WorkFilter::default() };
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = province.work_watch(&filter, &Within::all(), (&after, 2), now).expect("a page");
                assert_eq!(page.count, Some(counted), "{area}");
                seen.extend(page.rows);
                let Some(next) = page.next else { break };
                after = next;
            }
            assert_eq!(seen.len() as i64, counted, "{area}");
            assert!(seen.iter().all(|one| one.certificate.is_some() && one.event.is_some()), "{seen:?}");
            let young = WorkFilter { opened_by: Some(NOW + 5 * DAY), ..filter.clone() };
            assert_eq!(
                province.work_watch(&young, &Within::all(), ("", 9), now).expect("a page").count,
                Some(0)
            );
            let narrow = WorkFilter { area: "9901".into(), code: "WAIT_OVER".into(), ..filter };
            let found = province.work_watch(&narrow, &Within::all(), ("", 9), now).expect("a page").rows;
            assert_eq!(found.len(), seen.iter().filter(|one| one.area.starts_with("9901")).count());
        }
    });
}

/// Whoever asks for what is held, or over, gets what the status of each says, with the other filters, page by page.
#[test]
fn limits_list_what_the_statuses_say() {
    on_both(|world| {
        let province = &world.province;
        province.accept(first_issues(16).into_iter().map(submitted).collect(), NOW);
        let acts = (0..9).map(|one| {
            let name = ["暂扣", "停运", "暂扣", "挂失", "停业"][one % 5];
            submitted(later(&format!("S{one:06}"), &format!("L{one}"), name))
        });
        province.accept(acts.collect(), NOW + SECOND);
        // Two holds on one, one hold less on another, and one that ended while it was held.
        let more = [(1, "暂扣"), (2, "恢复"), (5, "注销")];
        let acts = more.map(|(one, name)| submitted(later(&format!("S{one:06}"), &format!("M{one}"), name)));
        province.accept(acts.into(), NOW + 2 * SECOND);
        let all = CertificateFilter { reach: Reach::all(), ..CertificateFilter::default() };
        let in_ten_years = NOW + 3_650 * DAY;
        let every = province.certificate_list(&all, (Order::Recorded, true), "", 100).expect("a list").rows;
        let narrower = [
            all.clone(),
            CertificateFilter { area: every[3].area[..4].to_owned(), ..all.clone() },
            CertificateFilter { kind: every[0].kind.clone(), electronic: Some(true), ..all.clone() },
            CertificateFilter { activated: Some(false), ..all.clone() },
        ];
        let mut some = 0;
        for (code, name) in province.list_limits() {
            for filter in &narrower {
                let now = if code == "over" { in_ten_years } else { NOW + 3 * SECOND };
                let limited = province.list_limited(filter.clone(), &code, now).expect("a filter");
                let mut right: Vec<&str> = every
                    .iter()
                    .filter(|one| {
                        let (_, status) = province.listed_status(one, now).expect("a status");
                        let fits = match code.as_str() {
                            "any" => {
                                ["暂扣", "停运", "挂失", "停业"].iter().any(|hold| status.contains(hold))
                            }
                            "over" => one.base == "正常" && status.contains("已到期"),
                            _ => status.contains(&name),
                        };
                        fits && one.area.starts_with(&filter.area)
                            && (filter.kind.is_empty() || one.kind == filter.kind)
                    })
                    .map(|one| one.id.as_str())
                    .collect();
                right.sort_unstable();
                some += right.len();
                for order in [Order::Recorded, Order::Identifier, Order::Updated] {
                    let (mut seen, mut after) = (Vec::new(), String::new());
                    loop {
                        let page =
                            province.certificate_list(&limited, (order, true), &after, 2).expect("a page");
                        assert_eq!(page.count, Some(right.len() as i64), "{code} {order:?}");
                        seen.extend(page.rows.into_iter().map(|one| one.id));
                        let Some(next) = page.next else { break };
                        after = next;
                    }
                    seen.sort_unstable();
                    assert_eq!(seen, right, "{code} {order:?} {filter:?}");
                }
            }
        }
        assert!(some > 20, "{some}");
        assert!(province.list_limited(all, "no-such", NOW).is_err());
    });
}

/// Every way to the rows, in every order, page by page, gives the same list.
#[test]
fn all_ways_to_a_list_lead_to_the_same_rows() {
    use store::rows::overview::list::{Source, Way, certificates};
    on_both(|world| {
        let province = &world.province;
        province.accept(first_issues(18).into_iter().map(submitted).collect(), NOW);
        province.accept(vec![submitted(later("S000003", "X", "注销"))], NOW + SECOND);
        let all = CertificateFilter { reach: Reach::all(), ..CertificateFilter::default() };
        let read = |filter: &CertificateFilter, order, down, way: &Way, after: Option<(&str, &str)>, most| {
            let rows: Result<_, store::StoreError> =
                province.store.read(|session| certificates(session, filter, (order, down), way, after, most));
            rows.expect("the rows").into_iter().map(|one| one.id).collect::<Vec<String>>()
        };
        let overview = province.overview(&Reach::all(), NOW + SECOND).expect("an overview");
        let first = CertificateFilter { kind: overview.kinds[0].code.clone(), ..all.clone() };
        let ended = CertificateFilter { base: "注销".into(), electronic: Some(true), ..all.clone() };
        let soon = CertificateFilter { ends_by: "2030-12-31".into(), ..all.clone() };
        let middle: Vec<String> = read(&all, Order::Recorded, false, &Way::Along, None, 100);
        let span = CertificateFilter { ids: (middle[3].clone(), middle[12].clone()), ..all.clone() };
        let waits =
            CertificateFilter { activated: Some(false), ends_by: "2030-12-31".into(), ..span.clone() };
        province.accept(vec![submitted(later("S000004", "Y", "暂扣"))], NOW + 2 * SECOND);
        let held = province.list_limited(all.clone(), "any", NOW).expect("a filter");
        for filter in [&all, &first, &ended, &soon, &span, &waits, &held] {
            for order in [Order::Recorded, Order::Identifier, Order::End, Order::Updated] {
                for down in [false, true] {
                    let along = read(filter, order, down, &Way::Along, None, 100);
                    let by_holds = (filter == &held).then_some(Source::Held);
                    for source in [Source::Cells, Source::Recorded, Source::Ends].into_iter().chain(by_holds)
                    {
                        let gathered = read(filter, order, down, &Way::Gather(source), None, 100);
                        assert_eq!(gathered, along, "{order:?} {source:?}");
                    }
                    let (mut paged, mut after) = (Vec::new(), String::new());
                    loop {
                        let page =
                            province.certificate_list(filter, (order, down), &after, 4).expect("a page");
                        paged.extend(page.rows.into_iter().map(|one| one.id));
                        match page.next {
                            Some(next) => after = next,
                            None => break,
                        }
                    }
                    assert_eq!(paged, along, "{order:?} {down}");
                }
            }
        }
        let listed = province.certificate_list(&ended, (Order::Recorded, true), "", 10).expect("a page");
        assert_eq!((listed.rows.len(), listed.count), (1, Some(1)));
        let waits = CertificateFilter { activated: Some(false), electronic: Some(true), ..all.clone() };
        let listed = province.certificate_list(&waits, (Order::Recorded, true), "", 5).expect("a page");
        assert_eq!((listed.rows.len(), listed.count, listed.next.is_some()), (5, Some(18), true));
        let events = EventFilter {
            reach: Reach::all(),
            span: (NOW - 9 * 3_600 * SECOND, NOW + 15 * 3_600 * SECOND),
            ..EventFilter::default()
        };
        let sent_by = |source: &str| {
            let filter = EventFilter { source: source.into(), ..events.clone() };
            province.event_list(&filter, "", 50).expect("a page").rows.len()
        };
        assert_eq!((sent_by("运政"), sent_by("运證")), (20, 0));
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = province.event_list(&events, &after, 5).expect("a page");
            assert_eq!(page.count, Some(20));
            seen.extend(page.rows.into_iter().map(|one| one.id));
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (20, 20));
    });
}
