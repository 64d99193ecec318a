//! What outside systems do at the interfaces, so that an integrator has something to look at: a file of the night in the drop folder, and
//! some calls of the clients.

use std::path::Path;

use link::files::Checksum;
use link::sign::Person;
use sample::{Place, SampleOptions, generate};

use super::clock::day;
use super::folder::{ClientNote, Folder};
use super::nodes::{DEMO, NOT_ENROLLED, Nodes, SOURCE, http_client};
use super::story::event;
use crate::cli::Failure;

/// Where 演示省's business system drops its files, below the node's folder.
pub const DROP: &str = "drop";
/// Certificates of the file; one more line of it is not fit.
const GOOD: usize = 3;

/// A file of the night is dropped: some first issues, and a line whose event has no record. The node at work takes it and answers.
///
/// # Errors
/// A folder that cannot be written.
pub fn night(nodes: &Nodes, folder: &Folder, now: i64) -> Result<(), Failure> {
    let node = nodes.at(DEMO);
    let options =
        SampleOptions { count: 90, seed: 11, today: day(now), wrong_per_mille: 0, place: Place::Demo };
    let sample =
        generate(options, &node.running.province.data.catalogue).map_err(|error| error.to_string())?;
    let message = |number: usize| {
        let mut one = event("初领", &format!("YEJIAN-{number}"), (now, number), "演示省交通运输厅");
        one.event_id = format!("{SOURCE}-夜间-{number:05}");
        one
    };
    let mut lines = Vec::new();
    for number in 0..90 {
        let Some(case) = sample.case(number).filter(|case| case.record.authority_uscc != NOT_ENROLLED) else {
            continue;
        };
        if lines.len() == GOOD {
            lines.push(message(number));
            break;
        }
        let photo = case.record.photo.as_ref().and_then(|_| sample.photo(number));
        let mut one = message(number);
        one.photo = photo.map(|bytes| gm::base64::encode(&bytes));
        one.record = Some(case.record);
        one.record.iter_mut().for_each(|record| SOURCE.clone_into(&mut record.source));
        lines.push(one);
    }
    let mut data = String::new();
    for line in &lines {
        data.push_str(&serde_json::to_string(line).map_err(|error| error.to_string())?);
        data.push('\n');
    }
    let name = format!("yejian-{}", day(now).strftime("%Y%m%d"));
    let write = |end: &str, text: &str| put(&folder.of(node.spec).join(DROP), &format!("{name}.{end}"), text);
    write("jsonl", &data)?;
    write("sm3", &Checksum::of(data.as_bytes()).to_text())
}

fn put(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let part = folder.join(format!("{name}.part"));
    std::fs::write(&part, text)?;
    Ok(std::fs::rename(part, folder.join(name))?)
}

/// The clients of 演示省 call: results are read, a plate is asked for, and one request is not as it should be.
///
/// # Errors
/// A node that does not answer.
pub fn calls(nodes: &Nodes, clients: &[ClientNote]) -> Result<(), Failure> {
    let node = nodes.at(DEMO);
    let person = Person { operator: Some("demo".into()), ..Person::default() };
    let of = |word: &str| {
        let found = clients.iter().find(|one| one.node == node.spec.id && one.id.starts_with(word));
        found.map(|note| http_client(node, note)).transpose()
    };
    let seen = |answer: Result<_, link::http::HttpError>| answer.map(drop).map_err(|error| error.to_string());
    if let Some(business) = of("yunzheng")? {
        seen(business.get("/api/v1/results?since=0&limit=100", &person))?;
        // Refused on purpose: an event without anything in it.
        let _ = business.post("/api/v1/lifecycle/events", &person, "application/json", b"{}");
    }
    if let Some(officer) = of("zhifa")? {
        seen(officer.get("/api/v1/verify/plate?plate=%E6%BC%94A00000&colour=2", &person))?;
    }
    Ok(())
}
