//! The integrator's pages: own clients with their calls, sandbox, results, file batches.

use node::client::NewClient;
use node::intake::BatchState;

use crate::server::{ALL, Server, admin};
use crate::support::{NOW, first_issues, submitted};
use crate::visitor::Visitor;

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// A client of a city's system.
fn city(server: &Server, id: &str, source: &str, area: &str) {
    let new = NewClient {
        id: Some(id.into()),
        name: format!("{source}系统"),
        source: source.into(),
        rights: vec![format!("lifecycle@{area}").parse().expect("a right")],
        callback: None,
    };
    server.app.province.client_add(new, &admin(), NOW).expect("a client");
}

#[test]
fn clients_of_the_own_areas_are_shown_with_what_they_were_refused_for() {
    let server = Server::start();
    city(&server, "shi-1", "甲市运政", "9901");
    city(&server, "shi-2", "乙市运政", "9902");
    let client = server.client("sheng-1", ALL);
    assert_eq!(client.get("/api/v1/results").status, 200);
    // A known key with a signature that does not fit is counted; a stranger's is not.
    let sign = |key: &str| {
        let value = format!(
            "LZ-HMAC-SM3 key={key}, time={}, nonce=AAECAwQFBgcICQoLDA0ODw, signature={}",
            NOW / 1_000_000 + 2,
            "0".repeat(64)
        );
        let digest = "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b";
        vec![("Authorization".to_owned(), value), ("LZ-Content-SM3".to_owned(), digest.to_owned())]
    };
    assert_eq!(server.send("GET", "/api/v1/results", &sign("sheng-1"), b"").status, 401);
    assert_eq!(server.send("GET", "/api/v1/results", &sign("nobody"), b"").status, 401);
    let whole = Visitor::operator(&server, "duijie01", "系统对接", "*");
    let page = text(&whole.get("/integrator").body);
    assert!(page.contains("sheng-1") && page.contains("shi-2") && !page.contains("nobody"), "{page}");
    let one = text(&whole.get("/integrator/client/sheng-1").body);
    assert!(one.contains("AUTH_SIGNATURE") && one.contains("已答复") && one.contains("签名不符"), "{one}");
    let calls = server.app.province.client_last().expect("rows");
    assert_eq!(calls.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["sheng-1"]);
    let own = Visitor::operator(&server, "duijie02", "系统对接", "9901");
    let page = text(&own.get("/integrator").body);
    assert!(page.contains("shi-1") && !page.contains("shi-2") && !page.contains("sheng-1"));
    assert_eq!(own.get("/integrator/client/shi-2").status, own.get("/integrator/client/none").status);
    assert_eq!(own.get("/integrator/client/shi-2").status, 404);
}

#[test]
fn the_sandbox_signs_as_the_document_says_and_lints_beside_each_item() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "duijie01", "系统对接", "99");
    let mut signed = 0;
    for n in 0..60 {
        let page = visitor.get(&format!("/integrator/sandbox?n={n}"));
        assert_eq!(page.status, 200);
        signed += usize::from(text(&page.body).contains("LZ-HMAC-SM3 key=demo-client-1, time=1795305600"));
    }
    assert!(signed > 10, "{signed}");
    let form = text(&visitor.get("/integrator/sandbox/lint").body);
    let sample = form.split("required>").nth(1).and_then(|rest| rest.split('<').next()).expect("a sample");
    let sample = sample.replace("&#34;", "\"").replace("&quot;", "\"");
    let encoded: String = sample.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let got = visitor.post("/integrator/sandbox/lint", &format!("record={encoded}"));
    let page = text(&got.body);
    assert_eq!(got.status, 200, "{page}");
    assert!(page.contains("处错误") && page.contains("data-name=\"发现\""), "{page}");
    let broken = visitor.post("/integrator/sandbox/lint", "record=%7B%22a");
    assert_eq!((broken.status, text(&broken.body).contains("没有校验")), (422, true));
    let other = Visitor::operator(&server, "duijie02", "系统对接", "9901");
    let far = other.post("/integrator/sandbox/lint", &format!("record={encoded}"));
    assert_eq!((far.status, text(&far.body).contains("不在您的范围内")), (422, true));
}

#[test]
fn the_commands_of_the_sandbox_run_as_they_stand_there() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "duijie01", "系统对接", "99");
    let new = NewClient {
        id: Some("sheng-1".into()),
        name: "演示省运政系统".into(),
        source: "演示运政".into(),
        rights: ALL.iter().map(|text| text.parse().expect("a right")).collect(),
        callback: None,
    };
    let issued = server.app.province.client_add(new, &admin(), NOW).expect("a client");
    server.tick();
    let now = server.clock.load(std::sync::atomic::Ordering::SeqCst) / 1_000_000;
    let mut ran = Vec::new();
    for n in [0, 5, 7] {
        let page = text(&visitor.get(&format!("/integrator/sandbox?n={n}")).body);
        let rest = page.split("可以直接运行的命令").nth(1).expect("commands");
        let escaped = rest.split("<p class=\"command\">").nth(1).and_then(|rest| rest.split("</p>").next());
        let [quote, apostrophe, less, more, and] =
            [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
        let script = [quote, apostrophe, less, more, and, ("http://127.0.0.1:8080", &server.root())]
            .iter()
            .fold(escaped.expect("a script").to_owned(), |script, (from, to)| script.replace(from, to))
            .replace("密钥编号", &issued.id)
            .replace("SECRET=密钥", &format!("SECRET={}", *issued.secret))
            // The server's clock is the test's.
            .replace("$(date +%s)", &now.to_string());
        let folder = server.world.as_ref().expect("a world").folder.0.join("sandbox");
        std::fs::create_dir_all(&folder).expect("a folder");
        let out = std::process::Command::new("sh").args(["-ec", &script]).current_dir(&folder).output();
        let out = out.expect("a shell");
        let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
        assert!(out.status.success() && !said.contains("AUTH_"), "{n}: {said}\n{script}");
        ran.push(said);
    }
    assert!(ran[0].contains("E-2026-0001") || ran[0].contains("\"outcome\""), "{ran:?}");
}

#[test]
fn results_and_batches_are_those_of_sources_that_lie_within() {
    let server = Server::start();
    city(&server, "shi-1", "甲市运政", "9901");
    server.client("sheng-1", ALL);
    let province = &server.app.province;
    province.accept(first_issues(3).into_iter().map(submitted).collect(), NOW);
    let whole = Visitor::operator(&server, "duijie01", "系统对接", "*");
    let source = "source=%E8%BF%90%E6%94%BF";
    let page = text(&whole.get(&format!("/integrator/results?{source}")).body);
    assert!(page.contains("E000000-1"), "{page}");
    let file = whole.get(&format!("/integrator/results/export?{source}"));
    let kept: Result<Vec<String>, store::StoreError> = server.app.province.store.read(|session| {
        let sql = "SELECT entries FROM audit_pending WHERE entries LIKE '%overview.export%'";
        session.rows(sql, &[], |row| row.get(0))
    });
    assert!(kept.expect("the rows").iter().any(|entry| entry.contains("results")));
    assert!(file.body.starts_with(b"PK"));
    // The city's people do not see what the province's system is told.
    let own = Visitor::operator(&server, "duijie02", "系统对接", "9901");
    assert_eq!(own.get(&format!("/integrator/results?{source}")).status, 404);
    assert_eq!(own.get(&format!("/integrator/files?{source}")).status, 404);
    assert!(text(&own.get("/integrator/results").body).contains("还没有结果"));
    let folder = server.world.as_ref().expect("the world").folder.0.join("drop");
    std::fs::create_dir_all(&folder).expect("a drop folder");
    for (name, content) in [("night-1.jsonl", "{}\n"), ("night-1.sm3", "xx 1\n"), ("night-2.jsonl", "{}\n")] {
        std::fs::write(folder.join(name), content).expect("a file");
    }
    let lying = text(&whole.get(&format!("/integrator/files?{source}")).body);
    assert!(lying.contains("等待受理") && lying.contains("缺校验文件"), "{lying}");
    let actor = node::audit::Actor { client: "运政".into(), ..node::audit::Actor::default() };
    province.intake_folder(&folder, None, &actor, NOW).expect("taken");
    let batches = province.intake_batches("运政", Some(&folder), None, 10).expect("rows").batches;
    // Refused before a line was read: no event came of it, and the row says nothing; the receipt lies there.
    assert!(batches.iter().all(|batch| batch.state != BatchState::Elsewhere));
    let line = first_issues(4).pop().expect("four");
    let line = serde_json::to_string(&line).expect("JSON") + "\n";
    let digest: String = gm::sm3::sm3(line.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(folder.join("night-3.jsonl"), &line).expect("a file");
    std::fs::write(folder.join("night-3.sm3"), format!("{digest} 1\n")).expect("a file");
    province.intake_folder(&folder, None, &actor, NOW).expect("taken");
    let taken = text(&whole.get(&format!("/integrator/files?{source}")).body);
    assert!(taken.contains("night-3") && taken.contains("待取回执"), "{taken}");
}
