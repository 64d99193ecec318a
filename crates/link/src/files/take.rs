//! Taking in a batch.

use super::hand_on::{Intake, hand_on};
use super::receipt::{BatchReceipt, Head, LineReceipt, LineResult};
use super::{BatchName, Checksum, FileError, Folder, Place};
use crate::problem::Problem;

/// How a batch ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The receipt that was written, now or before a crash.
    pub receipt: BatchReceipt,
    /// Were the records handed to the intake this time?
    pub handed_on: bool,
}

/// What a batch's files say before any record is looked at.
struct Arrived {
    data: Vec<u8>,
    actual: Checksum,
    stated: String,
    /// Why the whole batch is refused.
    problem: Option<Problem>,
}

/// Takes in one batch: checks it, hands its records on in groups, writes the receipt, moves the files away. `None` if
/// the batch is not complete.
///
/// The intake must be idempotent: after a crash before the receipt stands, it gets the same records again. It returns
/// one outcome for each line of its group. One process at a time may take from a folder.
///
/// # Errors
/// [`FileError`]; the batch is then still there, and the next call takes it up.
pub fn take_batch(
    folder: &dyn Folder,
    name: &BatchName,
    intake: &mut Intake<'_>,
) -> Result<Option<Taken>, FileError> {
    let Some(stated) = folder.read(Place::Open, &name.sum())? else { return Ok(None) };
    let Some(data) = folder.read(Place::Open, &name.data())? else {
        finish_move(folder, name, &stated)?;
        return Ok(None);
    };
    let mut arrived = check(data, &stated);
    let mut stem = name.as_str().to_owned();
    let mut prior = read_receipt(folder, &stem, name)?;
    if arrived.problem.is_none() && name_is_taken(folder, name, prior.as_ref(), &arrived)? {
        // The old receipt may still be waiting to be fetched: this one gets a name of its own.
        stem = format!("{name}.{}", arrived.actual.short());
        arrived.problem = Some(reused(name));
        prior = read_receipt(folder, &stem, name)?;
    }
    let answered = prior
        .filter(|receipt| receipt.head.sm3 == arrived.actual.hex() && receipt.head.stated == arrived.stated);
    let (receipt, handed_on) = match answered {
        Some(receipt) => (receipt, false),
        None => {
            let lines =
                if arrived.problem.is_none() { hand_on(name, &arrived.data, intake)? } else { Vec::new() };
            let receipt = compose(name, &arrived, lines);
            write_receipt(folder, &stem, &receipt)?;
            (receipt, arrived.problem.is_none())
        }
    };
    shelve(folder, name, &arrived.actual, receipt.head.problem.is_some())?;
    Ok(Some(Taken { receipt, handed_on }))
}

fn check(data: Vec<u8>, stated: &[u8]) -> Arrived {
    let actual = Checksum::of(&data);
    let refuse = |code: &str, rule: &str, fix: &str| {
        Some(Problem::new(422, code, "批次校验未通过").item("校验文件").rule(rule).fix(fix))
    };
    let again = "整批未受理；请核对传输后，把数据文件和校验文件重新投放";
    let problem = match Checksum::parse(stated) {
        None => refuse("FILE_CHECKSUM_FORMAT", "校验文件应为“SM3 的 64 位十六进制 行数”", again),
        Some(sum) if sum.sm3 != actual.sm3 => {
            refuse("FILE_CHECKSUM", "数据文件的 SM3 与校验文件不一致", again)
        }
        Some(sum) if sum.lines != actual.lines => {
            refuse("FILE_LINES", "数据文件的行数与校验文件不一致", again)
        }
        Some(_) => None,
    };
    Arrived { data, actual, stated: stated_text(stated), problem }
}

fn stated_text(stated: &[u8]) -> String {
    String::from_utf8_lossy(stated).trim().chars().take(200).collect()
}

/// Was another batch taken in under this name? A refused one does not count: its sender may try again.
fn name_is_taken(
    folder: &dyn Folder,
    name: &BatchName,
    prior: Option<&BatchReceipt>,
    arrived: &Arrived,
) -> Result<bool, FileError> {
    if let Some(prior) = prior.filter(|prior| prior.head.problem.is_none()) {
        return Ok(prior.head.sm3 != arrived.actual.hex());
    }
    let done = folder.read(Place::Done, &name.sum())?;
    Ok(done.and_then(|sum| Checksum::parse(&sum)).is_some_and(|sum| sum != arrived.actual))
}

fn reused(name: &BatchName) -> Problem {
    Problem::new(409, "FILE_NAME_REUSED", "批次名重复")
        .item(name.as_str())
        .rule("同名批次已受理，内容不同")
        .fix("整批未受理；请换一个批次名重新投放")
}

fn compose(name: &BatchName, arrived: &Arrived, lines: Vec<LineReceipt>) -> BatchReceipt {
    let head = Head {
        batch: name.to_string(),
        sm3: arrived.actual.hex(),
        stated: arrived.stated.clone(),
        lines: arrived.actual.lines,
        accepted: lines.iter().filter(|line| line.result != LineResult::Refused).count(),
        problem: arrived.problem.clone(),
    };
    BatchReceipt { head, lines }
}

/// The checksum goes last: while it is missing, the receipt does not count, and the batch is taken again.
fn write_receipt(folder: &dyn Folder, stem: &str, receipt: &BatchReceipt) -> Result<(), FileError> {
    let bytes = receipt.to_bytes();
    folder.write(&format!("{stem}.receipt.jsonl"), &bytes)?;
    folder.write(&format!("{stem}.receipt.sm3"), Checksum::of(&bytes).to_text().as_bytes())
}

/// A receipt that counts; `None` for none, and for one that a crash left half done.
fn read_receipt(
    folder: &dyn Folder,
    stem: &str,
    name: &BatchName,
) -> Result<Option<BatchReceipt>, FileError> {
    let Some(sum) = folder.read(Place::Open, &format!("{stem}.receipt.sm3"))? else { return Ok(None) };
    let data = folder.read(Place::Open, &format!("{stem}.receipt.jsonl"))?.unwrap_or_default();
    Ok(BatchReceipt::parse(name, &data, &sum).ok())
}

/// Data first; [`finish_move`] knows a checksum that was left behind.
fn shelve(folder: &dyn Folder, name: &BatchName, actual: &Checksum, bad: bool) -> Result<(), FileError> {
    let (place, stem) = if bad {
        (Place::Bad, format!("{name}.{}", actual.short()))
    } else {
        (Place::Done, name.to_string())
    };
    folder.shelve(&name.data(), place, &format!("{stem}.jsonl"))?;
    folder.shelve(&name.sum(), place, &format!("{stem}.sm3"))
}

/// A checksum without data: moved after its data if a crash came between the two, else left to wait.
fn finish_move(folder: &dyn Folder, name: &BatchName, stated: &[u8]) -> Result<(), FileError> {
    let mut stems = Vec::new();
    if let Some(sum) = Checksum::parse(stated) {
        if folder.read(Place::Done, &name.data())?.is_some_and(|data| Checksum::of(&data) == sum) {
            return folder.shelve(&name.sum(), Place::Done, &name.sum());
        }
        stems.push(format!("{name}.{}", sum.short()));
    }
    // Data that did not fit its checksum lies under its own digest, which only the receipt knows.
    if let Some(receipt) = read_receipt(folder, name.as_str(), name)?
        && receipt.head.stated == stated_text(stated)
    {
        stems.push(format!("{name}.{}", receipt.head.sm3.get(..8).unwrap_or_default()));
    }
    for stem in stems {
        if folder.read(Place::Bad, &format!("{stem}.jsonl"))?.is_some() {
            return folder.shelve(&name.sum(), Place::Bad, &format!("{stem}.sm3"));
        }
    }
    Ok(())
}
