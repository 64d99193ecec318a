//! To a destination that takes files: a drop folder, receipts in files, its own field names as data.
//!
//! Each delivery is a batch of one line, named after what it says, so that the transport remembers nothing: sending the same
//! again finds the batch, and its receipt once there is one. What the receiver has not answered yet is asked for again.

use link::files::{
    BatchName, BatchReceipt, FieldMap, FileError, Folder, Intake, Line, LineResult, MapError, Taken,
    close_batch, drop_batch, fetch_receipt, take_batch,
};
use link::http::{Origin, Peer};
use link::problem::Problem;
use serde_json::{Map, Value};

use super::{Delivery, DeliveryReceipt, Outcome, Receiver, Sender, Transport, TransportError};
use crate::issue::journal::hex;

/// A batch that was refused as a whole (damaged on its way) is dropped anew under another name, so often.
const TRIES: usize = 5;

/// A destination behind a drop folder.
pub struct FilesTransport {
    folder: Box<dyn Folder + Send + Sync>,
    map: FieldMap,
    peer: Peer,
}

impl FilesTransport {
    /// Over a folder, with the map from our fields and values to theirs.
    pub fn new(folder: Box<dyn Folder + Send + Sync>, map: FieldMap, peer: Peer) -> Self {
        Self { folder, map, peer }
    }

    /// The receipt of a delivery; `None` while there is none.
    fn one(&self, delivery: &Delivery) -> Result<Option<DeliveryReceipt>, TransportError> {
        let line = match self.line(delivery) {
            Ok(line) => line,
            // The map does not fit this certificate; others may go.
            Err(error) => {
                let (what, fix) = (error.to_string(), "请修改字段对照表后重新报送");
                return Ok(Some(DeliveryReceipt::because(delivery, Outcome::Refused, "MAP", what, fix)));
            }
        };
        let digest = hex(&gm::sm3::sm3(line.as_bytes())[..8]);
        for again in 0..TRIES {
            let name = format!("lz-{}-{}-{digest}-{again}", delivery.certificate, delivery.state_seq);
            let name = BatchName::new(&name).map_err(|error| failed(&error))?;
            let sent = match drop_batch(&*self.folder, &name, [line.as_str()]) {
                Ok(sent) => sent,
                // It was refused and its receipt put away: the next name.
                Err(FileError::NameTaken { .. }) => continue,
                Err(error) => return Err(failed(&error)),
            };
            let receipt = fetch_receipt(&*self.folder, &name, &sent).map_err(|error| failed(&error))?;
            let Some(receipt) = receipt else { return Ok(None) };
            close_batch(&*self.folder, &name).map_err(|error| failed(&error))?;
            if receipt.head.problem.is_none() {
                return Ok(Some(read(delivery, &receipt)));
            }
        }
        let what = format!("归集批次连续 {TRIES} 次未通过对方的校验");
        let fix = "请检查两边之间的文件传输后重新报送";
        Ok(Some(DeliveryReceipt::because(delivery, Outcome::Refused, "FILE_CHECKSUM", what, fix)))
    }

    fn line(&self, delivery: &Delivery) -> Result<String, MapError> {
        let Ok(Value::Object(ours)) = serde_json::to_value(delivery) else {
            // A structure with named fields always is an object.
            return Err(MapError::Unknown { field: "delivery".into() });
        };
        Ok(Value::Object(self.map.to_theirs(&ours)?).to_string())
    }
}

impl Transport for FilesTransport {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        let mut receipts = Vec::new();
        for delivery in deliveries {
            receipts.extend(self.one(delivery)?);
        }
        Ok(receipts)
    }

    fn peer(&self) -> Peer {
        self.peer
    }
}

fn failed(error: &FileError) -> TransportError {
    let origin = match error {
        FileError::Io { .. } => Origin::Network,
        FileError::Receipt { .. } | FileError::TooLarge { .. } => Origin::Province,
        _ => Origin::Own,
    };
    TransportError {
        origin,
        code: "FILE".into(),
        cause: error.to_string(),
        may_pass: true,
        retry_after: None,
    }
}

/// The receipt of the only line. Our own nodes put theirs into `data`; of others the result and the problem are read.
fn read(delivery: &Delivery, receipt: &BatchReceipt) -> DeliveryReceipt {
    let Some(line) = receipt.lines.first() else {
        let (what, fix) = ("对方的回执没有逐条应答", "请对方补发回执");
        return DeliveryReceipt::because(delivery, Outcome::OutOfOrder, "RECEIPT", what, fix);
    };
    if let Ok(ours) = serde_json::from_value::<DeliveryReceipt>(Value::Object(line.data.clone())) {
        return ours;
    }
    let problem = line.problem.clone().unwrap_or_else(|| Problem::new(0, "REFUSED", "对方未说明原因"));
    let code = problem.code.clone().unwrap_or_else(|| "REFUSED".into());
    let outcome = match line.result {
        LineResult::Accepted => Outcome::Applied,
        LineResult::Duplicate => Outcome::Already,
        LineResult::Waiting => Outcome::OutOfOrder,
        LineResult::Refused if code == "NEED_FILE" => Outcome::NeedFile,
        LineResult::Refused => Outcome::Refused,
    };
    let mut read = DeliveryReceipt::new(delivery, outcome);
    read.foreign_id = line.id.clone();
    if matches!(outcome, Outcome::Applied | Outcome::Already) {
        // They took what they were given, its files included.
        read.version = delivery.version;
    } else {
        read.what = problem.to_string();
        read.fix = problem.fix.unwrap_or_else(|| "请按对方的说明改正后重新报送".into());
        read.code = code;
    }
    read
}

/// The ministry's side of the drop folder: takes one batch of a province and writes its receipt. `None` while the batch is not
/// complete. `now` is microseconds UTC.
///
/// # Errors
/// [`FileError`]; the batch stays and is taken up again.
pub fn take(
    folder: &dyn Folder,
    name: &BatchName,
    (receiver, from): (&Receiver, &Sender),
    map: &FieldMap,
    now: i64,
) -> Result<Option<Taken>, FileError> {
    let mut intake =
        |lines: &[Line<'_>]| lines.iter().map(|line| line_in(line, (receiver, from), map, now)).collect();
    let intake: &mut Intake<'_> = &mut intake;
    take_batch(folder, name, intake)
}

fn line_in(
    line: &Line<'_>,
    (receiver, from): (&Receiver, &Sender),
    map: &FieldMap,
    now: i64,
) -> Result<link::files::Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let read = serde_json::from_str::<Map<String, Value>>(line.text).map_err(|error| error.to_string());
    let read = read.and_then(|theirs| map.to_ours(&theirs).map_err(|error| error.to_string()));
    let read = read.and_then(|ours| {
        serde_json::from_value::<Delivery>(Value::Object(ours)).map_err(|error| error.to_string())
    });
    let delivery = match read {
        Ok(delivery) => delivery,
        Err(why) => {
            let problem =
                Problem::new(422, "FORMAT", "该行不是归集报文").detail(why).fix("请按接口文档重新生成报文");
            return Ok(outcome(LineResult::Refused, None, Map::new(), Some(problem)));
        }
    };
    let id = Some(delivery.certificate.clone());
    let Some(receipt) = receiver.receive(from, std::slice::from_ref(&delivery), now)?.pop() else {
        return Err("没有归集结果".into());
    };
    let result = match receipt.outcome {
        Outcome::Applied => LineResult::Accepted,
        Outcome::Already => LineResult::Duplicate,
        Outcome::OutOfOrder => LineResult::Waiting,
        Outcome::Refused | Outcome::NeedFile => LineResult::Refused,
    };
    let is_taken = matches!(result, LineResult::Accepted | LineResult::Duplicate);
    let problem = (!is_taken).then(|| Problem::new(422, &receipt.code, &receipt.what).fix(&receipt.fix));
    let data = match serde_json::to_value(&receipt)? {
        Value::Object(data) => data,
        _ => Map::new(),
    };
    Ok(outcome(result, id, data, problem))
}

fn outcome(
    result: LineResult,
    id: Option<String>,
    data: Map<String, Value>,
    problem: Option<Problem>,
) -> link::files::Outcome {
    link::files::Outcome { result, id, data, problem }
}
