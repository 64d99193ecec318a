//! Paper stock in, certificates out: on SQLite and on PostgreSQL.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use node::audit::Actor;
use node::convert::{PlanRequest, Report, Status, Waves};
use node::lifecycle::Outcome;
use node::{Data, NodeError, Province};
use sample::{SampleOptions, Sink, generate, write_sample};
use support::{NOW, SECOND, World, later, on_both, submitted};

/// Writes a sample into a folder.
struct Files<'a>(&'a Path);

impl Sink for Files<'_> {
    fn file(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder"))?;
        std::fs::write(path, bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        use std::io::Write;
        std::fs::OpenOptions::new().create(true).append(true).open(self.0.join(path))?.write_all(bytes)
    }
}

/// Invented stock below the world's folder: where it is, and the wrong records with their rules.
fn stock(world: &World, count: usize, wrong: usize) -> (std::path::PathBuf, BTreeSet<(String, String)>) {
    let data = Data::load(None).expect("the built-in data");
    let wrong_per_mille = wrong * 1000 / count;
    let options = SampleOptions { count, seed: 11, wrong_per_mille, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).expect("a sample");
    let folder = world.folder.0.join("stock");
    std::fs::create_dir_all(&folder).expect("a folder");
    write_sample(&sample, records::Format::Jsonl, &mut Files(&folder), |_| {}).expect("writes");
    let truth = sample.iter().filter_map(|case| case.truth);
    (folder, truth.map(|one| (one.record_id, one.rule.to_owned())).collect())
}

fn operator() -> Actor {
    Actor { client: "cli".into(), operator: Some("转化员".into()), ..Actor::default() }
}

fn plan(world: &World, name: &str, input: &Path) -> Result<Report, NodeError> {
    let actor = operator();
    let request = PlanRequest { name, input, source: None, actor: &actor };
    world.province.convert_plan(&request, NOW, &mut |_| {})
}

fn waves(size: u32) -> Waves {
    Waves { size, refused_percent: None, failures: None, waves: None }
}

fn run(world: &World, name: &str, waves: &Waves) -> Result<Status, NodeError> {
    world.province.convert_run(name, waves, &operator(), &|| NOW + SECOND, &mut |_| {})
}

fn resume(world: &World, name: &str, now: i64) -> Result<Status, NodeError> {
    world.province.convert_resume(name, &operator(), &move || now, &mut |_| {})
}

fn count(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
    let found: Result<Option<i64>, store::StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

/// From now on every stage of that name fails, as if the process had died there; a count lets some pass first.
fn die_at(world: &mut World, at: &'static str, after: usize) {
    let left = std::sync::atomic::AtomicUsize::new(after);
    let province = alone(world);
    province.stages = Some(Box::new(move |stage| {
        let passes = |left: usize| left.checked_sub(1);
        let order = std::sync::atomic::Ordering::SeqCst;
        if stage == at && left.fetch_update(order, order, passes).is_err() {
            return Err(store::StoreError::Closed.into());
        }
        Ok(())
    }));
}

/// The province to ourselves: the writer's thread lets go of it a moment after it has answered.
fn alone(world: &mut World) -> &mut Province {
    while std::sync::Arc::strong_count(&world.province) > 1 {
        std::thread::yield_now();
    }
    std::sync::Arc::get_mut(&mut world.province).expect("alone")
}

/// Every certificate has version 0 or 1, and each version exactly one event.
fn assert_issued_once(world: &World, converted: i64) {
    assert_eq!(count(world, "lifecycle_certificate WHERE version > 1"), 0);
    assert_eq!(count(world, "lifecycle_certificate WHERE version = 1"), converted);
    assert_eq!(count(world, "lifecycle_version"), converted);
    assert_eq!(count(world, "issue_intent WHERE state = 'open'"), 0);
    assert_eq!(count(world, "lifecycle_event WHERE status = 'applied'"), converted);
    // Each has its delivery record and the news for its holder.
    assert_eq!(count(world, "deliver_record"), converted);
    assert_eq!(count(world, "deliver_message WHERE what = 'issued'"), converted);
}

#[test]
fn the_whole_way_of_a_stock_of_300_records() {
    on_both(|world| {
        let (input, truth) = stock(world, 300, 30);
        let report = plan(world, "甲批", &input).expect("plans");
        // What the sample made wrong, and nothing else, is to be supplemented; nothing is issued by planning.
        assert_eq!(report.records, 300);
        assert_eq!(report.total.supplement, truth.len() as i64, "{}", report.text());
        assert_eq!(report.total.ready, 300 - truth.len() as i64);
        assert_eq!(count(world, "lifecycle_version"), 0);
        assert_eq!(count(world, "issue_intent"), 0);
        assert_eq!(count(world, "lifecycle_certificate"), 300);
        assert_supplements(world, "甲批", &truth);
        assert!(report.cities.iter().all(|city| city.before == Some(0) && city.planned > 0), "{report:?}");

        let done = run(world, "甲批", &waves(120)).expect("runs");
        assert_eq!((done.state.as_str(), done.wave, done.counts.ready), ("done", 3, 0), "{done:?}");
        assert_eq!(done.counts.converted, report.total.ready, "{done:?}");
        assert_issued_once(world, report.total.ready);
        assert_adds_up(world, "甲批");
        // Again: nothing is left to do.
        assert_eq!(run(world, "甲批", &waves(120)).expect("runs").counts, done.counts);
        assert_issued_once(world, report.total.ready);
    });
}

/// The lists by city name exactly the records that the sample made wrong, each with its rule.
fn assert_supplements(world: &World, name: &str, truth: &BTreeSet<(String, String)>) {
    let out = world.folder.0.join("lists");
    let written = world.province.convert_files(name, &out, &operator(), NOW).expect("writes");
    assert_eq!(written.records, truth.len() as u64);
    let mut found = BTreeSet::new();
    for path in written.files.iter().filter(|path| path.extension().is_some_and(|one| one == "jsonl")) {
        let text = std::fs::read_to_string(path).expect("a list");
        for line in text.lines() {
            let finding: model::Finding = serde_json::from_str(line).expect("a finding");
            if finding.severity == model::Severity::Error {
                found.insert((finding.record_id, finding.rule));
            }
        }
    }
    assert_eq!(&found, truth);
    assert!(out.join("report.xlsx").is_file() && out.join("report.txt").is_file());
}

fn assert_adds_up(world: &World, name: &str) {
    let report = world.province.convert_report(name, NOW).expect("a report");
    assert_eq!(report.total.total(), report.records);
    let by_line: i64 = report.lines.iter().map(|line| line.counts.total()).sum();
    assert_eq!(by_line, report.records);
    let converted: i64 = report.lines.iter().map(|line| line.counts.converted).sum();
    assert_eq!(converted, report.cities.iter().map(|city| city.electronic).sum::<i64>());
    for city in &report.cities {
        assert_eq!(city.now, city.electronic * 10_000 / city.standing);
        assert_eq!(city.now, city.planned, "nothing is ready any more: {city:?}");
    }
    assert!(report.text().contains("转化率"), "{}", report.text());
}

#[test]
fn the_same_import_again_changes_nothing() {
    on_both(|world| {
        let (input, _) = stock(world, 45, 9);
        let first = plan(world, "甲批", &input).expect("plans");
        let rows = |world: &World| {
            let tables =
                ["convert_item", "lifecycle_certificate", "lifecycle_record", "search_key", "audit_pending"];
            tables.map(|table| count(world, table))
        };
        let (before, live) = (rows(world), count(world, "search_key WHERE live"));
        assert_eq!(plan(world, "甲批", &input).expect("plans"), first);
        assert_eq!(rows(world), before);
        // Under another name it is another run over the same certificates.
        let second = plan(world, "乙批", &input).expect("plans");
        assert_eq!(Report { name: first.name.clone(), ..second.clone() }, first);
        assert_eq!(rows(world)[1..4], before[1..4]);
        assert_eq!(count(world, "search_key WHERE live"), live);
        // And the first name is no good for other data.
        std::fs::remove_file(input.join("qualification.jsonl")).expect("removes");
        assert!(plan(world, "甲批", &input).is_err());
    });
}

#[test]
fn a_run_that_dies_anywhere_goes_on_and_issues_once() {
    for make in [support::sqlite as fn() -> World, support::postgres] {
        let mut world = make();
        let (input, truth) = stock(&world, 36, 4);
        let ready = 36 - truth.len() as i64;
        for stage in ["convert.photo", "convert.file", "convert.planned"] {
            die_at(&mut world, stage, 0);
            assert!(plan(&world, "甲批", &input).is_err(), "{stage}");
            world = world.reopen();
        }
        assert_eq!(plan(&world, "甲批", &input).expect("plans").total.ready, ready);
        let mut now = NOW + SECOND;
        for (stage, after) in [("convert.accept", 0), ("convert.settle", 0), ("seal", 0), ("commit", 1)] {
            die_at(&mut world, stage, after);
            // A process that is killed says nothing: whatever it returns does not count.
            let _ = run(&world, "甲批", &waves(8));
            let _ = resume(&world, "甲批", now);
            world = world.reopen();
            now += 60 * SECOND;
        }
        let done = resume(&world, "甲批", now).expect("goes on");
        assert_eq!((done.state.as_str(), done.counts.converted), ("done", ready), "{done:?}");
        assert_issued_once(&world, ready);
    }
}

#[test]
fn a_plan_goes_on_in_the_middle_of_its_input() {
    let mut world = support::sqlite();
    let (input, truth) = stock(&world, 600, 27);
    die_at(&mut world, "convert.file", 1);
    assert!(plan(&world, "甲批", &input).is_err());
    assert_eq!(count(&world, "convert_item"), 256);
    let world = world.reopen();
    let report = plan(&world, "甲批", &input).expect("plans");
    assert_eq!((report.records, report.total.total()), (600, 600));
    assert_eq!(report.total.supplement, truth.len() as i64, "{}", report.text());
}

#[test]
fn it_stops_when_too_much_is_refused_or_fails_and_when_asked() {
    on_both(|world| {
        let (input, _) = stock(world, 36, 0);
        plan(world, "甲批", &input).expect("plans");
        // After the plan a driver reports a certificate lost: 换发 is not for that one.
        let lost = "S11-000001";
        let mut event = later(lost, "L1", "挂失");
        event.source = "sample".into();
        let answer = world.province.accept(vec![submitted(event)], NOW).pop().expect("an answer");
        assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
        let strict = Waves { refused_percent: Some(10), ..waves(9) };
        let stopped = run(world, "甲批", &strict).expect("runs");
        assert_eq!((stopped.state.as_str(), stopped.wave), ("stopped", 1), "{stopped:?}");
        assert_eq!((stopped.counts.refused, stopped.counts.converted), (1, 8), "{stopped:?}");
        assert!(stopped.reason.as_deref().is_some_and(|why| why.contains("10%")), "{stopped:?}");
        // One wave at a time.
        let one = run(world, "甲批", &Waves { waves: Some(1), ..waves(5) }).expect("runs");
        assert_eq!((one.state.as_str(), one.wave, one.counts.converted), ("stopped", 2, 13), "{one:?}");
        // Asked to stop while it is at work.
        let mut asked = false;
        let province = &world.province;
        let stopped = province.convert_run("甲批", &waves(5), &operator(), &|| NOW + SECOND, &mut |_| {
            if !asked {
                asked = true;
                province.convert_stop("甲批", &operator(), NOW + SECOND).expect("asks");
            }
        });
        let stopped = stopped.expect("runs");
        assert_eq!((stopped.state.as_str(), stopped.counts.converted), ("stopped", 18), "{stopped:?}");
        // The wave that takes the last of them ends the run, whatever it was limited to.
        let all = Waves { waves: Some(1), ..waves(500) };
        let done = run(world, "甲批", &all).expect("goes on");
        assert_eq!(done.reason, None);
        assert_eq!((done.state.as_str(), done.counts.converted), ("done", 35), "{done:?}");
    });
}

#[test]
fn failures_of_our_own_stop_it_and_leave_the_records_ready() {
    let mut world = support::sqlite();
    let (input, _) = stock(&world, 9, 0);
    plan(&world, "甲批", &input).expect("plans");
    die_at(&mut world, "intent", 0);
    let stopped = run(&world, "甲批", &Waves { failures: Some(3), ..waves(9) }).expect("runs");
    assert_eq!((stopped.state.as_str(), stopped.counts.ready), ("stopped", 9), "{stopped:?}");
    assert!(stopped.failures >= 3, "{stopped:?}");
    assert!(stopped.reason.is_some_and(|why| why.contains("系统故障")));
    let world = world.reopen();
    assert_eq!(resume(&world, "甲批", NOW + SECOND).expect("goes on").counts.converted, 9);
}

#[test]
fn a_record_that_converts_by_its_own_next_event_is_passed_over() {
    on_both(|world| {
        let (input, _) = stock(world, 18, 0);
        plan(world, "甲批", &input).expect("plans");
        let mut event = later("S11-000002", "B1", "补发");
        event.source = "sample".into();
        let answer = world.province.accept(vec![submitted(event)], NOW).pop().expect("an answer");
        assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
        assert!(answer.identifier.is_some_and(|one| one.contains("001")));
        let status = world.province.convert_status("甲批").expect("a status");
        assert_eq!((status.counts.elsewhere, status.counts.ready), (1, 17));
        let done = run(world, "甲批", &waves(100)).expect("runs");
        assert_eq!((done.counts.converted, done.counts.elsewhere), (17, 1), "{done:?}");
        assert_issued_once(world, 18);
        // The business system finds the identifiers of its certificates in its results.
        let results = world.province.results("sample", 0, 100).expect("results");
        assert_eq!(results.iter().filter(|line| line.event_id.starts_with("convert/")).count(), 17);
    });
}

#[test]
fn a_conversion_that_comes_after_its_own_next_event_makes_no_second_version() {
    on_both(|world| {
        let (input, _) = stock(world, 9, 0);
        plan(world, "甲批", &input).expect("plans");
        let mut own = later("S11-000002", "B1", "补发");
        own.source = "sample".into();
        let own = world.province.accept(vec![submitted(own)], NOW).pop().expect("an answer");
        // As a run sends it that looked at the certificate just before.
        let sql = "SELECT r.id, i.n FROM convert_run r JOIN convert_item i ON i.run_id = r.id WHERE i.record_id = $1";
        let found: Result<Option<(String, i64)>, store::StoreError> = world.province.store.read(|session| {
            session.row(sql, store::params!["S11-000002"], |row| Ok((row.get(0)?, row.get(1)?)))
        });
        let (run, n) = found.expect("rows").expect("an item");
        let mut event = later("S11-000002", &format!("convert/{run}/{n}"), "换发");
        event.source = "sample".into();
        let answer = world.province.accept(vec![submitted(event)], NOW + SECOND).pop().expect("an answer");
        assert_eq!(answer.result, Outcome::Refused, "{answer:?}");
        assert_eq!(answer.why.expect("why").code, "ALREADY_CONVERTED");
        assert_eq!(answer.certificate, own.certificate);
        assert_eq!(count(world, "lifecycle_version"), 1);
    });
}

#[test]
fn a_converted_certificate_keeps_its_photo_for_the_version_after() {
    let world = support::sqlite();
    let (input, _) = stock(&world, 9, 0);
    plan(&world, "甲批", &input).expect("plans");
    run(&world, "甲批", &waves(100)).expect("runs");
    let photos = count(&world, "lifecycle_record WHERE photo IS NOT NULL");
    assert_eq!(photos, count(&world, "lifecycle_version WHERE photo IS NOT NULL"));
    assert!(photos > 0);
    // 从业资格证 shows a face: without the photo there could be no new version.
    let mut event = later("S11-000001", "B1", "补发");
    event.source = "sample".into();
    event.occurred_at = "2026-06-01T09:30:00+08:00".into();
    let answer = world.province.accept(vec![submitted(event)], NOW + SECOND).pop().expect("an answer");
    assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
}

#[test]
fn an_imported_plate_that_an_event_replaced_is_free_again() {
    let world = support::sqlite();
    let (input, _) = stock(&world, 18, 0);
    plan(&world, "甲批", &input).expect("plans");
    let path = input.join("transport-certificate.jsonl");
    let text = std::fs::read_to_string(&path).expect("records");
    let records: Vec<model::Record> =
        text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    let photo = |record: &model::Record| {
        let name = record.photo.as_deref().expect("a photo");
        Some(gm::base64::encode(&std::fs::read(input.join(name)).expect("a photo")))
    };
    let old = records[0].face.text("KZ_CLHP").expect("a plate").to_owned();
    let mut changed = records[0].clone();
    changed.record_id = "new-plate".into();
    changed.face.set("KZ_CLHP", "演A9Z9Z9");
    let mut event = later(&records[0].record_id, "V1", "变更");
    event.source = "sample".into();
    event.photo = photo(&changed);
    event.record = Some(changed);
    let answer = world.province.accept(vec![submitted(event)], NOW).pop().expect("an answer");
    assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
    // The old plate goes to the other vehicle.
    let mut other = records[1].clone();
    other.record_id = "old-plate".into();
    other.face.set("KZ_CLHP", old.as_str());
    other.face.set("KZ_CPYS", records[0].face.get("KZ_CPYS").expect("a colour").clone());
    let mut event = later(&records[1].record_id, "V2", "变更");
    event.source = "sample".into();
    event.photo = photo(&other);
    event.record = Some(other);
    let answer = world.province.accept(vec![submitted(event)], NOW + SECOND).pop().expect("an answer");
    assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
}

#[test]
fn what_a_city_mends_is_ready_with_the_next_import() {
    on_both(|world| {
        let (input, truth) = stock(world, 27, 1);
        let first = plan(world, "甲批", &input).expect("plans");
        assert_eq!((first.total.supplement, truth.len()), (1, 1));
        run(world, "甲批", &waves(100)).expect("runs");
        std::fs::remove_dir_all(&input).expect("removes");
        let (input, _) = stock(world, 27, 0);
        let second = plan(world, "补正", &input).expect("plans");
        assert_eq!((second.total.ready, second.total.already), (1, 26), "{}", second.text());
        assert_eq!(count(world, "lifecycle_certificate"), 27);
        run(world, "补正", &waves(100)).expect("runs");
        assert_issued_once(world, 27);
        let first = world.province.convert_report("甲批", NOW).expect("a report");
        assert_eq!((first.total.elsewhere, first.total.wanting()), (1, 0), "{}", first.text());
    });
}

#[test]
fn a_due_inspection_is_told_by_the_plan_and_not_by_the_run() {
    let world = support::sqlite();
    let (input, _) = stock(&world, 18, 0);
    let path = input.join("transport-certificate.jsonl");
    let text = std::fs::read_to_string(&path).expect("records");
    let lines = text.lines().map(|line| {
        let mut record: model::Record = serde_json::from_str(line).expect("a record");
        record.face.set("ZZBFRQ", "2025-01-10");
        record.decision.date = "2025-01-09".into();
        record.face.set("ZZYXQQSRQ", "2025-01-10");
        record.face.set("KZ_NSYXQ", "2026-05-31");
        serde_json::to_string(&record).expect("a line") + "\n"
    });
    std::fs::write(&path, lines.collect::<String>()).expect("writes");
    let report = plan(&world, "甲批", &input).expect("plans");
    assert_eq!((report.total.supplement, report.total.ready), (2, 16), "{}", report.text());
    assert_eq!(report.causes.iter().map(|cause| cause.rule.as_str()).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(run(&world, "甲批", &waves(100)).expect("runs").counts.converted, 16);
}

/// The type is what a server hands around.
#[allow(dead_code)]
fn shared(province: Province) -> impl Send + Sync {
    province
}

#[test]
fn a_worker_goes_on_with_what_was_asked_for_and_ends_where_it_is_told_to() {
    on_both(|world| {
        let (folder, _) = stock(world, 40, 4);
        plan(world, "页面", &folder).expect("plans");
        let (province, clock) = (&world.province, || NOW + 2 * SECOND);
        assert!(!province.convert_work(&clock, &|| false).expect("nothing was asked for"));
        let waves = waves(10);
        assert!(province.convert_ask("页面", None, &operator(), NOW + SECOND).is_err(), "never begun");
        let asked = province.convert_ask("页面", Some(&waves), &operator(), NOW + SECOND).expect("asked");
        assert_eq!((asked.state.as_str(), asked.counts.converted), ("running", 0));
        // Somebody else asks once more: that is whose work it is now.
        let second = Actor { operator: Some("转化员二".into()), ..operator() };
        province.convert_ask("页面", None, &second, NOW + SECOND).expect("asked again");
        // The node stops: the run stays under way, and the next process takes it without being asked.
        assert!(province.convert_work(&clock, &|| true).is_err());
        assert_eq!(province.convert_status("页面").expect("reads").state, "running");
        assert!(province.convert_work(&clock, &|| false).expect("converts"));
        let done = province.convert_status("页面").expect("reads");
        assert_eq!((done.state.as_str(), done.counts.ready), ("done", 0));
        assert!(done.counts.converted >= 30, "{done:?}");
        assert!(!province.convert_work(&clock, &|| false).expect("it is done"));
        let why = province
            .convert_ask("页面", Some(&waves), &operator(), NOW + SECOND)
            .expect_err("nothing is left");
        assert!(why.to_string().contains("已完成"), "{why}");
        let ended: Result<Vec<String>, store::StoreError> = province.store.read(|session| {
            let sql = "SELECT entries FROM audit_pending WHERE entries LIKE '%convert.run%'";
            session.rows(sql, &[], |row| row.get(0))
        });
        let ended = ended.expect("the rows");
        assert!(ended.iter().any(|one| one.contains("转化员二") && one.contains("\"done\"")), "{ended:?}");
        // What must be supplemented is chosen by area, and its reading is on record.
        let actor = operator();
        let at = NOW + 3 * SECOND;
        let page = |area: &str| {
            let whose = (&[area.to_owned()][..], &[String::new()][..]);
            province.convert_wanting("页面", whose, (0, 100), (&actor, at)).expect("reads")
        };
        let all = page("");
        assert_eq!(all.len() as i64, done.counts.supplement + done.counts.refused);
        assert!(all.iter().all(|one| !one.findings.is_empty()));
        assert_eq!(page("98").len(), 0);
        let (at, report) = province.convert_overview("页面", at).expect("counts");
        assert_eq!((at, report.total.converted), (NOW + 3 * SECOND, done.counts.converted));
    });
}

#[test]
fn a_large_run_is_counted_by_the_worker_and_its_state_is_always_of_now() {
    on_both(|world| {
        let (folder, _) = stock(world, 20, 0);
        plan(world, "大", &folder).expect("plans");
        // As if it had been a large import.
        let grown: Result<(), store::StoreError> = world.province.store.write(|session| {
            session.execute(
                "UPDATE convert_run SET body = REPLACE(body, '\"read\":20', '\"read\":3000000')",
                &[],
            )?;
            Ok(())
        });
        grown.expect("it is large");
        let province = &world.province;
        province.convert_count(&|| NOW + SECOND).expect("counts");
        run(world, "大", &waves(100)).expect("converts");
        let (at, kept) = province.convert_overview("大", NOW + 2 * SECOND).expect("reads");
        assert_eq!((at, kept.total.ready, kept.state.as_str()), (NOW + SECOND, 20, "done"));
        province.convert_count(&|| NOW + 3 * SECOND).expect("too early");
        assert_eq!(province.convert_overview("大", NOW).expect("reads").0, NOW + SECOND);
        province.convert_count(&|| NOW + 20 * SECOND).expect("counts");
        assert_eq!(province.convert_overview("大", NOW).expect("reads").1.total.converted, 20);
    });
}
