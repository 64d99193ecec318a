//! First byte of every page: on the demo, and on a registry of three million rows.
//!
//! A page with something in its path is opened through the first link to it that another page shows.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use node::audit::Actor;
use node::certificate::{By, Search, Within};
use node::operator::{HOLDER, NewOperator, Rights, SignIn, Warrant, Who};
use serde_json::{Map, Value};
use store::Blind;
use web::Method;
use web::pages::{Access, PAGES};

use super::load::{connect, percentile};
use super::registry::{self, ALL, Registry};
use super::running::{Sequencer, micros, run_node};
use super::{bulk, put};
use crate::clock::Watch;
use crate::world::Scratch;

/// Times that each page is opened.
const TIMES: usize = 100;
/// Password of the accounts here.
const PASSWORD: &str = "bench-2026-lu";
/// The line after which the demo has named everything.
const LAST: &str = "看什么、按什么顺序";

/// Lists as people narrow and turn them: much fits, little fits, nothing does. Their second pages are opened too.
const LISTS: &[&str] = &[
    "/supervisor/certificates?area=990302",
    "/supervisor/certificates?area=990302&sort=end",
    "/supervisor/certificates?area=990302&sort=updated&down=1",
    "/supervisor/certificates?base=%E6%B3%A8%E9%94%80",
    "/supervisor/certificates?base=%E6%B3%A8%E9%94%80&sort=identifier",
    "/supervisor/certificates?base=%E5%90%8A%E9%94%80&sort=end",
    "/supervisor/certificates?base=%E5%90%8A%E9%94%80&area=990302&sort=updated",
    "/supervisor/certificates?base=%E4%BD%9C%E5%BA%9F&sort=end",
    "/supervisor/certificates?kind=taxi-driver",
    "/supervisor/certificates?form=paper",
    "/supervisor/certificates?form=all&sort=identifier&down=1",
    "/supervisor/certificates?activated=1",
    "/supervisor/certificates?activated=1&sort=end",
    "/supervisor/certificates?activated=1&area=990302&sort=updated",
    "/supervisor/certificates?activated=0&sort=updated&down=1",
    "/supervisor/certificates?ends=2031-01-31",
    "/supervisor/certificates?ends=2001-01-31",
    "/supervisor/certificates?ends=2032-01-31&area=990302&base=%E5%90%8A%E9%94%80",
    "/supervisor/certificates?limit=withheld",
    "/supervisor/certificates?limit=withheld&sort=updated&down=1",
    "/supervisor/certificates?limit=any&area=990302&sort=identifier",
    "/supervisor/certificates?limit=lost&form=all",
    "/supervisor/certificates?limit=over",
    "/supervisor/certificates?limit=over&sort=recorded",
    "/supervisor/certificates?limit=over&area=990302&sort=updated&down=1",
    "/supervisor/certificates?from=2026-11-01&to=2026-11-01",
    "/supervisor/certificates?from=2026-11-01&to=2026-11-01&sort=end",
    "/supervisor/certificates?from=2026-11-01&to=2026-11-01&sort=identifier",
    "/supervisor/certificates?from=2026-11-01&to=2026-11-01&sort=updated&base=%E5%90%8A%E9%94%80",
    "/supervisor/certificates?from=2020-01-01&to=2020-01-31&sort=updated&down=1",
    "/supervisor/events?status=refused",
    "/supervisor/events?status=unfit",
    "/supervisor/events?status=waiting",
    "/supervisor/events?source=nobody",
    "/supervisor/events?from=2025-01-01&to=2026-12-31&source=nobody",
    "/supervisor/events?from=2025-01-01&to=2026-12-31&status=refused",
    "/supervisor/events?kind=%E6%9A%82%E6%89%A3",
    "/clerk/tasks?of=refused",
];

/// A role's session.
struct Visitor {
    role: String,
    cookie: String,
}

/// What came back.
struct Got {
    status: u16,
    first_ms: f64,
    head: String,
    body: String,
}

/// The slowest page's p99 in milliseconds, and its path.
#[derive(Default)]
struct Worst(f64, String);

/// Three million rows (or `rows`), then the demo where its program is given.
pub fn run(
    disk: &Path,
    rows: usize,
    demo: Option<&str>,
    figures: &mut Map<String, Value>,
) -> Result<(), String> {
    large(disk, rows, figures)?;
    match demo {
        Some(program) => small(disk, program, figures),
        None => Ok(()),
    }
}

fn large(disk: &Path, rows: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    crate::issue::enough_space(disk, rows as u64 * registry::BYTES)?;
    let scratch = Scratch::new(disk, &format!("pages-{rows}"))?;
    let opened = bulk::node(&scratch.0, &format!("sqlite:{}", scratch.0.join("rows.db").display()))?;
    let watch = Watch::start();
    let identifiers = Registry::of(rows).fill(&opened.province, ALL)?;
    eprintln!("registry of {rows}: {:.1} s", watch.wall());
    // At small scale the names say that these are not the figures of the table.
    let scale = if rows == 3_000_000 { "3m" } else { "small" };
    put(figures, &format!("search_p99_ms_{scale}"), search(&opened.province, rows, &identifiers)?);
    let node = run_node(opened)?;
    let _sequencer = Sequencer::start(&node.opened.province);
    let rights = Rights::builtin().map_err(|error| error.to_string())?;
    let mut visitors = Vec::new();
    for (place, role) in rights.roles.iter().enumerate().filter(|(_, role)| role.name != HOLDER) {
        visitors.push(account(&node.opened.province, &role.name, place)?);
    }
    let Worst(ms, path) = look(&node.web.address, &visitors)?;
    put(figures, &format!("first_byte_p99_ms_{scale}"), ms);
    figures.insert(format!("first_byte_slowest_{scale}"), path.into());
    put(figures, "pages_rows", rows as f64);
    Ok(())
}

/// Searches of every sort, all over the rows, each with its audit entry; p99 in milliseconds.
fn search(province: &Arc<node::Province>, rows: usize, identifiers: &[String]) -> Result<f64, String> {
    let by = Actor { client: "bench".into(), operator: Some("bench".into()), ..Actor::default() };
    let sorts = [
        (By::Document, Blind::HolderNumber),
        (By::Name, Blind::HolderName),
        (By::Plate, Blind::Plate),
        (By::Number, Blind::CertificateNumber),
    ];
    let mut times = Vec::new();
    for place in 0..5 * TIMES {
        let number = place.wrapping_mul(7919) % rows;
        let asked = match sorts.get(place % 5) {
            Some(&(by, what)) => (by, registry::value(what, number)),
            None => (By::Identifier, identifiers[number % identifiers.len()].clone()),
        };
        let search = Search { text: asked.1, by: Some(asked.0), below: None, most: 50 };
        let watch = Watch::start();
        let found = province.certificate_search(&search, &Within::all(), &by, micros());
        times.push(watch.wall() * 1000.0);
        if found.map_err(|error| error.to_string())?.hits.is_empty() {
            return Err(format!("nothing was found by {:?} {}", asked.0, search.text));
        }
    }
    Ok(percentile(&mut times, 0.99))
}

/// An account of a role for a county, a city or the whole province, signed in.
fn account(province: &node::Province, role: &str, place: usize) -> Result<Visitor, String> {
    let text = |error: node::NodeError| error.to_string();
    let name = format!("bench{place:02}");
    let area = match role {
        "县级主管" => "990302",
        "市级主管" => "9903",
        _ => "*",
    };
    let new = NewOperator {
        name: name.clone(),
        person: "演示".into(),
        unit: "演示省交通运输厅".into(),
        staff_no: format!("B{place:03}"),
        role: role.into(),
        areas: vec![area.into()],
        kinds: vec!["*".into()],
    };
    let by = Actor { client: "bench".into(), operator: Some("bench".into()), ..Actor::default() };
    province.operator_add(new, PASSWORD, &by, Warrant::BreakGlass("bench"), micros()).map_err(text)?;
    match province
        .operator_sign_in(Who { account: &name, password: PASSWORD, device: "bench", address: "" }, micros())
    {
        Ok(SignIn::Done(begun)) => Ok(Visitor { role: role.into(), cookie: begun.cookie }),
        Ok(_) => Err(format!("{role} could not sign in")),
        Err(error) => Err(error.to_string()),
    }
}

/// The demo as people start it, in a folder of its own.
fn small(disk: &Path, program: &str, figures: &mut Map<String, Value>) -> Result<(), String> {
    let scratch = Scratch::new(disk, "pages-demo")?;
    let child = Command::new(program)
        .args(["demo", "--port-base", "0", "--folder"])
        .arg(scratch.0.join("demo"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let mut demo = Demo(child);
    let mut lines = BufReader::new(demo.0.stdout.take().ok_or("no output")?).lines();
    let mut said = Vec::new();
    while let Some(Ok(line)) = lines.next() {
        let last = line.contains(LAST);
        said.push(line);
        if last {
            break;
        }
    }
    // The pipe must not fill.
    std::thread::spawn(move || lines.for_each(drop));
    let mut worst = Worst::default();
    let mut address = "";
    let mut visitors: BTreeMap<&str, Vec<Visitor>> = BTreeMap::new();
    for line in &said {
        let words: Vec<&str> = line.trim_start_matches('　').split('　').collect();
        match words.as_slice() {
            [_, url, ..] if url.starts_with("http://") && url.ends_with('/') => {
                address = url.trim_start_matches("http://").trim_end_matches('/');
            }
            [role, url, account, password] if url.ends_with("/sign-in") => {
                let after = |word: &str| word.rsplit(' ').next().unwrap_or_default().to_owned();
                let form = format!("account={}&password={}", after(account), after(password));
                let cookie = sign_in(address, &form)?;
                visitors.entry(address).or_default().push(Visitor { role: (*role).into(), cookie });
            }
            _ => {}
        }
    }
    for (address, visitors) in &visitors {
        let found = look(address, visitors)?;
        if found.0 > worst.0 {
            worst = found;
        }
    }
    put(figures, "first_byte_p99_ms_demo", worst.0);
    figures.insert("first_byte_slowest_demo".into(), worst.1.into());
    Ok(())
}

/// A demo that ends with the bench.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The cookie of a session.
fn sign_in(address: &str, form: &str) -> Result<String, String> {
    let mut stream = connect(address)?;
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let got = fetch(&mut stream, request.as_bytes())?;
    let cookie = got.head.split("lz_session=").nth(1).and_then(|rest| rest.split(';').next());
    cookie.map(str::to_owned).ok_or_else(|| format!("the sign-in was answered with {}", got.status))
}

/// Opens every page with everybody who may open it, then the lists with everybody who may narrow them.
fn look(address: &str, visitors: &[Visitor]) -> Result<Worst, String> {
    let rights = Rights::builtin().map_err(|error| error.to_string())?;
    let mut look = Look { address, stream: connect(address)?, worst: Worst::default() };
    let mut links: Vec<String> = Vec::new();
    // Those with nothing in their path first: they show the links to the others.
    let mut pages: Vec<_> =
        PAGES.iter().copied().flatten().filter(|page| page.method == Method::Get).collect();
    pages.sort_by_key(|page| page.path.contains('{'));
    for page in pages {
        let Access::Act(act) = page.access else { continue };
        let Some(path) = filled(page.path, &links) else { continue };
        let lists = LISTS.iter().filter(|list| list.split('?').next() == Some(page.path));
        let may = |one: &&Visitor| rights.role(&one.role).is_some_and(|role| role.area_of(act).is_some());
        for visitor in visitors.iter().filter(may) {
            links.extend(
                look.open(&path, visitor)?
                    .iter()
                    .filter_map(|link| link.split('?').next())
                    .map(str::to_owned),
            );
            for list in lists.clone() {
                let shown = look.open(list, visitor)?;
                if let Some(next) = shown.iter().find(|link| link.contains("after=")) {
                    look.open(next, visitor)?;
                }
            }
        }
    }
    Ok(look.worst)
}

/// Pages being opened over one connection.
struct Look<'a> {
    address: &'a str,
    stream: TcpStream,
    worst: Worst,
}

impl Look<'_> {
    /// Opens a page many times; the links that it shows. Files and what is not for this node are no pages.
    fn open(&mut self, path: &str, visitor: &Visitor) -> Result<Vec<String>, String> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nCookie: lz_session={}\r\n\r\n",
            self.address, visitor.cookie
        );
        let first = fetch(&mut self.stream, request.as_bytes())?;
        if first.status != 200 || !first.head.contains("text/html") {
            return Ok(Vec::new());
        }
        let mut times = (0..TIMES)
            .map(|_| fetch(&mut self.stream, request.as_bytes()).map(|got| got.first_ms))
            .collect::<Result<Vec<f64>, String>>()?;
        let p99 = percentile(&mut times, 0.99);
        if !first.body.contains("</html>") {
            return Err(format!("{path} came without its end"));
        }
        eprintln!("{p99:>8.2} ms  {}  {path}", visitor.role);
        if p99 > self.worst.0 {
            self.worst = Worst(p99, path.to_owned());
        }
        let links = first.body.split("href=\"/").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
        Ok(links.map(|link| format!("/{}", link.replace("&amp;", "&").replace("&#38;", "&"))).collect())
    }
}

/// The path, or the first link that fits it.
fn filled(path: &str, links: &[String]) -> Option<String> {
    if !path.contains('{') {
        return Some(path.to_owned());
    }
    let fits = |link: &&String| {
        let (wanted, given) = (path.split('/'), link.split('/'));
        wanted.clone().count() == given.clone().count()
            && wanted.zip(given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
    };
    links.iter().find(fits).cloned()
}

/// One request on a kept-alive connection.
fn fetch(stream: &mut TcpStream, request: &[u8]) -> Result<Got, String> {
    let text = |error: std::io::Error| error.to_string();
    let watch = Watch::start();
    stream.write_all(request).map_err(text)?;
    let (mut buffer, mut chunk, mut first_ms) = (Vec::new(), [0; 65_536], None);
    loop {
        let count = stream.read(&mut chunk).map_err(text)?;
        first_ms.get_or_insert_with(|| watch.wall() * 1000.0);
        if count == 0 {
            return Err("the connection was closed".into());
        }
        buffer.extend_from_slice(&chunk[..count]);
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if buffer.len() >= end + 4 + length.unwrap_or(0usize) {
            let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
            let body = String::from_utf8_lossy(&buffer[end + 4..]).into_owned();
            return Ok(Got { status, first_ms: first_ms.unwrap_or_default(), head, body });
        }
    }
}
