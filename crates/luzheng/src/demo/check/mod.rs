//! `demo --check`: the five-minute story over the interfaces that outside systems use, one line a step. Every step must hold.

mod pages;

use std::time::Duration;

use jiff::civil::Date;
use link::http::{Answer, Client, HttpError};
use link::sign::Person;
use model::Record;
use node::reconcile::{Depth, HttpPeer};
use sample::{SampleOptions, generate};
use serde_json::{Value, json};

use super::apart::{EXTRA, STRAYED, STRAYED_FIRST};
use super::browser::Browser;
use super::clock::{SECOND, day, rfc3339};
use super::folder::Folder;
use super::month::NOT_ENROLLED_MOST;
use super::nodes::{DEMO, MINISTRY, NOT_ENROLLED, Node, Nodes, SOURCE, TRIAL, http_client, operator};
use crate::cli::Failure;
use crate::{machine, workers};

/// How long a step may wait for a worker.
const PATIENCE: f64 = 20.0;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);
/// Far behind the records of the seeded month, so that nothing of it is taken already.
const FAR: usize = 9_000;
/// So many records the story's own is chosen from: nothing but its number depends on it.
const MANY: usize = 90_000;

/// A step: its name and what it does. It says what it saw, or what did not hold.
type Step<'a> = (&'static str, fn(&mut Story<'a>) -> Result<String, Failure>);

/// The story. A step that stands on something which is not there yet is left out, not faked.
fn steps<'a>() -> Vec<Step<'a>> {
    vec![
        ("三个节点应答", Story::alive),
        ("窗口：试校验有误的记录，得到改法", Story::lint),
        ("运政系统报送初领，制证签章入库", Story::issue),
        ("同一事件再报一次，不会重复制证", Story::again),
        ("归集到部，取得逐件回执", Story::collected),
        ("持证主体：用一次性验证码登录", Story::holder_signs_in),
        ("持证主体：激活，打开亮证", Story::holder_activates),
        ("执法：按证照标识核验", Story::valid),
        ("执法：按车牌核验", Story::by_plate),
        ("外省节点不把“没查到”说成无证", Story::unknown_elsewhere),
        ("外省执法：经部级核验本省证照", Story::valid_elsewhere),
        ("执法：登录，在页面上核验", Story::officer_signs_in),
        ("运政系统报送暂扣", Story::withhold),
        ("执法：核验得知已暂扣", Story::held),
        ("外省执法：同样得知已暂扣", Story::held_elsewhere),
        ("执法：页面上看到已暂扣", Story::officer_sees_it),
        ("恢复，再核验有效", Story::restore),
        ("年度审验，换出新版本", Story::inspect),
        ("注销，核验无效", Story::cancel),
        ("结果反馈齐全", Story::feed),
        ("部省对账，差异都有出处", Story::reconcile),
        ("审计日志核对无误", Story::audit),
    ]
}

/// What the steps share.
struct Story<'a> {
    nodes: &'a Nodes,
    folder: &'a Folder,
    holder: Browser,
    patrol: Browser,
    business: Client,
    officer: Client,
    elsewhere: Client,
    record: Record,
    photo: String,
    identifier: String,
    certificate: String,
    /// The results read so far.
    next: i64,
    feed: Vec<String>,
}

/// Walks the story; prints a line a step.
///
/// # Errors
/// The first step that did not hold.
pub fn check(nodes: &Nodes, folder: &Folder) -> Result<(), Failure> {
    let mut story = Story::new(nodes, folder)?;
    let whole = machine::stopwatch();
    let steps = steps();
    for (place, (name, step)) in steps.iter().enumerate() {
        let watch = machine::stopwatch();
        let done = step(&mut story);
        let time = watch() * 1000.0;
        match done {
            Ok(seen) => say!("{:>2}　通过　{time:>7.1} 毫秒　{name}：{seen}", place + 1),
            Err(Failure(why)) => {
                say!("{:>2}　不通过　{time:>5.1} 毫秒　{name}：{why}", place + 1);
                return Err(format!("第 {} 步“{name}”不成立：{why}", place + 1).into());
            }
        }
    }
    say!("{} 步全部通过（{:.1} 秒）。", steps.len(), whole());
    Ok(())
}

impl<'a> Story<'a> {
    fn new(nodes: &'a Nodes, folder: &'a Folder) -> Result<Self, Failure> {
        let clients = folder.sign_ins()?.client;
        let client = |node: &Node, id: &str| {
            let note = clients.iter().find(|one| one.id == id);
            http_client(node, note.ok_or_else(|| format!("演示目录里没有客户端“{id}”；请用 --fresh"))?)
        };
        let (record, photo) = own_record(nodes.at(DEMO))?;
        Ok(Self {
            business: client(nodes.at(DEMO), "yunzheng-99")?,
            officer: client(nodes.at(DEMO), "zhifa-99")?,
            elsewhere: client(nodes.at(TRIAL), "zhifa-98")?,
            holder: Browser::new(nodes.at(DEMO).running.address),
            patrol: Browser::new(nodes.at(DEMO).running.address),
            nodes,
            folder,
            record,
            photo,
            identifier: String::new(),
            certificate: String::new(),
            next: 0,
            feed: Vec::new(),
        })
    }

    /// Sends an event; the answer's only result.
    fn send(&self, event: &str, more: &Value) -> Result<Value, Failure> {
        let now = machine::micros();
        let mut message = json!({
            "event_id": format!("check-{}-{event}", self.record.record_id),
            "event": event, "subject_ref": self.record.record_id,
            "occurred_at": rfc3339(now), "effective_on": day(now).to_string(),
            "operator": {"name": "经办甲", "unit": "演示省交通运输厅", "staff_no": "D9901"},
        });
        if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
            message.extend(more.clone());
        }
        let answer = post(&self.business, "/api/v1/lifecycle/events", &message)?;
        // One event is answered by itself, several by a list.
        Ok(answer["results"].get(0).cloned().unwrap_or(answer))
    }

    fn applied(&self, event: &str, more: &Value) -> Result<Value, Failure> {
        let result = self.send(event, more)?;
        expect(result["result"] == "applied", || format!("“{event}”没有办结：{result}"))?;
        Ok(result)
    }

    /// An officer's check of the certificate.
    fn expect_verdict(&self, officer: &Client, wanted: &str) -> Result<String, Failure> {
        let answer = get(officer, &format!("/api/v1/verify/{}", self.identifier))?;
        let (verdict, reason, known) = verdict(&answer);
        expect(verdict == wanted, || format!("应为“{wanted}”，得到“{verdict}”（{reason}）"))?;
        Ok(format!("{verdict}，{reason}（{known}）"))
    }

    fn alive(&mut self) -> Result<String, Failure> {
        for client in [&self.business, &self.elsewhere] {
            get(client, "/api/v1/health")?;
        }
        let ministry = std::net::TcpStream::connect(self.nodes.at(MINISTRY).running.address);
        ministry.map_err(|error| format!("部级节点没有应答：{error}"))?;
        Ok("部级、演示省、试验省".into())
    }

    fn lint(&mut self) -> Result<String, Failure> {
        let mut wrong = self.record.clone();
        wrong.face.set("ZZYXQQSRQ", "2031-02-30");
        wrong.photo = None;
        let answer = post(&self.business, "/api/v1/sandbox/lint", &json!({"record": wrong}))?;
        let finding = &answer["findings"][0];
        expect(answer["fit"] == false && finding["fix"].is_string(), || format!("没有指出错误：{answer}"))?;
        Ok(format!("{}；{}", text(&finding["what"]), text(&finding["fix"])))
    }

    fn issue(&mut self) -> Result<String, Failure> {
        let mut record = self.record.clone();
        record.photo = None;
        let result = self
            .applied("初领", &json!({"record": record, "photo": self.photo, "holder_phone": pages::PHONE}))?;
        self.identifier = text(&result["identifier"]);
        self.certificate = text(&result["certificate"]);
        Ok(format!("证照标识 {}", self.identifier))
    }

    fn again(&mut self) -> Result<String, Failure> {
        let mut record = self.record.clone();
        record.photo = None;
        // Another time would be another content under the same id.
        let view = get(&self.business, &format!("/api/v1/lifecycle/certificates/{}", self.certificate))?;
        let at = text(&view["events"][0]["occurred_at"]);
        let phone = pages::PHONE;
        let more = json!({"record": record, "photo": self.photo, "holder_phone": phone, "occurred_at": at});
        let result = self.send("初领", &more)?;
        let same = result["repeated"] == true && result["identifier"] == self.identifier.as_str();
        expect(same, || format!("没有认出是同一事件：{result}"))?;
        Ok("答复与第一次相同".into())
    }

    fn collected(&mut self) -> Result<String, Failure> {
        let watch = machine::stopwatch();
        while watch() < PATIENCE {
            let more = self.read_feed()?;
            if self.feed.iter().any(|what| what == "collected") {
                return Ok(format!("报送后 {:.0} 毫秒内部级已签回执", watch() * 1000.0));
            }
            if !more {
                std::thread::sleep(LOOK);
            }
        }
        Err(format!("{PATIENCE} 秒内没有等到归集回执；请看 luzheng collect status").into())
    }

    /// Reads on in the feed of results and keeps what is about our certificate; is there more?
    fn read_feed(&mut self) -> Result<bool, Failure> {
        let page = get(&self.business, &format!("/api/v1/results?since={}&limit=1000", self.next))?;
        self.next = page["next"].as_i64().unwrap_or(self.next);
        let lines = page["results"].as_array().map_or(&[][..], Vec::as_slice);
        let ours = lines.iter().filter(|line| line["certificate"] == self.certificate.as_str());
        self.feed.extend(ours.map(|line| text(&line["what"])));
        Ok(page["more"] == true)
    }

    fn valid(&mut self) -> Result<String, Failure> {
        self.expect_verdict(&self.officer, "有效")
    }

    fn by_plate(&mut self) -> Result<String, Failure> {
        let face = |short: &str| self.record.face.text(short).unwrap_or_default().to_owned();
        let (plate, colour) = (face("KZ_CLHP"), face("KZ_CPYS"));
        let answer = by_plate(&self.officer, &plate, &colour)?;
        let found = &answer["answers"][0];
        expect(found["identifier"] == self.identifier.as_str(), || format!("没有查到：{answer}"))?;
        Ok(format!("{plate} → {}，{}", text(&found["kind_name"]), text(&found["verdict"])))
    }

    fn unknown_elsewhere(&mut self) -> Result<String, Failure> {
        let answer = by_plate(&self.elsewhere, "试A00000", "2")?;
        let (verdict, reason, _) = verdict(&answer);
        expect(verdict == "无法判定", || format!("得到“{verdict}”（{reason}）"))?;
        Ok(format!("{verdict}，{reason}"))
    }

    fn valid_elsewhere(&mut self) -> Result<String, Failure> {
        self.expect_verdict(&self.elsewhere, "有效")
    }

    fn held_elsewhere(&mut self) -> Result<String, Failure> {
        self.expect_verdict(&self.elsewhere, "无效")
    }

    fn withhold(&mut self) -> Result<String, Failure> {
        let today = day(machine::micros()).to_string();
        let result =
            self.applied("暂扣", &json!({"decision": {"no": "演示扣〔演示〕1号", "date": today}}))?;
        Ok(format!("状态 {}", text(&result["status"])))
    }

    fn held(&mut self) -> Result<String, Failure> {
        self.expect_verdict(&self.officer, "无效")
    }

    fn restore(&mut self) -> Result<String, Failure> {
        self.applied("恢复", &json!({}))?;
        self.expect_verdict(&self.officer, "有效")
    }

    fn inspect(&mut self) -> Result<String, Failure> {
        let next = day(machine::micros()).saturating_add(jiff::Span::new().years(1));
        let result = self.applied("年度审验", &json!({"due": next.to_string(), "result": "1"}))?;
        let before = std::mem::replace(&mut self.identifier, text(&result["identifier"]));
        expect(before != self.identifier, || "没有换出新版本".into())?;
        Ok(format!("下次审验 {next}，证照标识 {}", self.identifier))
    }

    fn cancel(&mut self) -> Result<String, Failure> {
        self.applied("注销", &json!({}))?;
        self.expect_verdict(&self.officer, "无效")
    }

    fn feed(&mut self) -> Result<String, Failure> {
        // Five acts; a receipt for the first and one for what the others came to.
        let count = |story: &Self, wanted: &str| story.feed.iter().filter(|what| *what == wanted).count();
        let watch = machine::stopwatch();
        while watch() < PATIENCE && (count(self, "event.applied") < 5 || count(self, "collected") < 2) {
            if !self.read_feed()? {
                std::thread::sleep(LOOK);
            }
        }
        let (acts, receipts) = (count(self, "event.applied"), count(self, "collected"));
        expect(acts == 5 && receipts >= 2, || format!("反馈只有 {:?}", self.feed))?;
        Ok(format!("办结 {acts} 件，归集回执 {receipts} 份"))
    }

    fn reconcile(&mut self) -> Result<String, Failure> {
        let node = self.nodes.at(DEMO);
        let lane = node.config.lanes.first().ok_or_else(|| "没有归集通道".to_owned())?;
        let (province, keys) = (&node.running.province, &node.running.keys);
        let client = workers::client_of(lane, province, keys, machine::now)?;
        let mut peer = HttpPeer { client: &client, person: person() };
        let now = machine::micros();
        let run = province.reconcile_run(&lane.name, &mut peer, Depth::Leaves, &operator("省级主管"), now)?;
        let one = &run.summary;
        let count = |found: u64| usize::try_from(found).unwrap_or(usize::MAX);
        let (missing, extra, different) = (count(one.missing), count(one.extra), count(one.different));
        let known = (STRAYED_FIRST..=STRAYED_FIRST + NOT_ENROLLED_MOST).contains(&missing);
        expect(known && extra == EXTRA && different == STRAYED.len(), || format!("{one:?}"))?;
        Ok(format!(
            "对方缺失 {missing} 件（{STRAYED_FIRST} 件误送备机，其余是机关未在部级登记的死信），内容不符 {different} 件（误送备机），\
             对方多出 {extra} 件（联调件），在途 {} 件",
            one.in_flight
        ))
    }

    fn audit(&mut self) -> Result<String, Failure> {
        let mut entries = Vec::new();
        for node in self.nodes.iter() {
            let (province, keys) = (&node.running.province, &node.running.keys);
            let log = province.audit_log();
            log.checkpoint(&*keys.log, machine::micros())?;
            let key = node::audit::NamedKey {
                name: province.id.clone(),
                key: keys.log_certificate.public_key().clone(),
            };
            let report = log.audit_verify(&[key], None)?;
            let lines: Vec<String> = report.lines().into_iter().collect();
            expect(report.is_sound(), || lines.join("；"))?;
            entries.extend(lines.into_iter().next());
        }
        Ok(entries.join("；"))
    }
}

/// A clean 道路运输证 of an authority that the ministry knows, with its photo in Base64.
fn own_record(node: &Node) -> Result<(Record, String), Failure> {
    let today: Date = day(machine::micros() - 30 * 24 * 3600 * SECOND);
    let options =
        SampleOptions { count: MANY, seed: 2026, today, wrong_per_mille: 0, ..SampleOptions::default() };
    let catalogue = &node.running.province.data.catalogue;
    let sample = generate(options, catalogue).map_err(|error| error.to_string())?;
    let kind = sample.kinds().iter().find(|kind| kind.kind.slug == "transport-certificate");
    let mut range = kind.map(|kind| kind.range.clone()).unwrap_or_default().skip(FAR);
    let found = range.find_map(|number| {
        let record = sample.case(number)?.record;
        (record.authority_uscc != NOT_ENROLLED).then(|| (record, sample.photo(number)))
    });
    let (mut record, photo) = found.ok_or_else(|| "样例里没有道路运输证".to_owned())?;
    record.source = SOURCE.to_owned();
    Ok((record, gm::base64::encode(&photo.unwrap_or_default())))
}

fn person() -> Person {
    Person { operator: Some("demo-check".into()), ..Person::default() }
}

fn get(client: &Client, target: &str) -> Result<Value, Failure> {
    read(client.get(target, &person()))
}

fn post(client: &Client, target: &str, body: &Value) -> Result<Value, Failure> {
    read(client.post(target, &person(), "application/json", body.to_string().as_bytes()))
}

fn read(answer: Result<Answer, HttpError>) -> Result<Value, Failure> {
    let answer = answer.map_err(|error| error.to_string())?;
    serde_json::from_slice(&answer.body).map_err(|error| Failure(format!("应答不是 JSON：{error}")))
}

fn by_plate(client: &Client, plate: &str, colour: &str) -> Result<Value, Failure> {
    let encoded: String = plate.bytes().map(|byte| format!("%{byte:02X}")).collect();
    get(client, &format!("/api/v1/verify/plate?plate={encoded}&colour={colour}"))
}

/// Verdict, first reason, and whose knowledge it is.
fn verdict(answer: &Value) -> (String, String, String) {
    let one = &answer["answers"][0];
    (text(&one["verdict"]), text(&one["reasons"][0]["text"]), text(&one["source"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn expect(holds: bool, why: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure(why())) }
}
