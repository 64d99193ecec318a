//! The sender's side: dropping a batch, fetching its receipt.

use super::{BatchName, BatchReceipt, Checksum, FileError, Folder, Place};

/// Drops a batch: data first, then its checksum. Doing it again with the same lines changes nothing, so a crash at any
/// step is mended by calling it again.
///
/// # Errors
/// [`FileError::Line`], [`FileError::NameTaken`] if another batch went under the name, [`FileError::Io`].
pub fn drop_batch<'a>(
    folder: &dyn Folder,
    name: &BatchName,
    lines: impl IntoIterator<Item = &'a str>,
) -> Result<Checksum, FileError> {
    let mut data = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let refuse = |rule| FileError::Line { batch: name.to_string(), line: index + 1, rule };
        if line.trim().is_empty() {
            return Err(refuse("不得为空"));
        }
        if line.contains(['\n', '\r']) {
            return Err(refuse("含换行符"));
        }
        data.extend_from_slice(line.as_bytes());
        data.push(b'\n');
    }
    let checksum = Checksum::of(&data);
    for place in [Place::Open, Place::Done] {
        if let Some(there) = folder.read(place, &name.sum())? {
            // Its data was whole before its checksum appeared.
            let same = Checksum::parse(&there) == Some(checksum);
            return if same { Ok(checksum) } else { Err(FileError::NameTaken { name: name.to_string() }) };
        }
    }
    if read_either(folder, &receipt_files(name)[1])?.is_some() {
        return Err(FileError::NameTaken { name: name.to_string() });
    }
    folder.write(&name.data(), &data)?;
    folder.write(&name.sum(), checksum.to_text().as_bytes())?;
    Ok(checksum)
}

/// The receipt of a batch that was dropped; `None` while there is none. `sent` is what [`drop_batch`] gave.
///
/// # Errors
/// [`FileError::Receipt`] if it is damaged, or about other data.
pub fn fetch_receipt(
    folder: &dyn Folder,
    name: &BatchName,
    sent: &Checksum,
) -> Result<Option<BatchReceipt>, FileError> {
    let [data, sum] = receipt_files(name);
    let Some(sum) = read_either(folder, &sum)? else { return Ok(None) };
    let data = read_either(folder, &data)?.unwrap_or_default();
    let receipt = BatchReceipt::parse(name, &data, &sum)?;
    // A refusal may be about data that was damaged on the way.
    if receipt.head.problem.is_none() && receipt.head.sm3 != sent.hex() {
        let rule = "所应答的数据摘要与投放的不同".to_owned();
        return Err(FileError::Receipt { batch: name.to_string(), rule });
    }
    Ok(Some(receipt))
}

/// Moves a receipt that was taken in to `done/`. May be called again after a crash.
///
/// # Errors
/// [`FileError::Io`].
pub fn close_batch(folder: &dyn Folder, name: &BatchName) -> Result<(), FileError> {
    receipt_files(name).iter().try_for_each(|file| folder.shelve(file, Place::Done, file))
}

fn receipt_files(name: &BatchName) -> [String; 2] {
    [format!("{name}.receipt.jsonl"), format!("{name}.receipt.sm3")]
}

/// A receipt file may already have been moved: closing is two moves.
fn read_either(folder: &dyn Folder, file: &str) -> Result<Option<Vec<u8>>, FileError> {
    match folder.read(Place::Open, file)? {
        Some(bytes) => Ok(Some(bytes)),
        None => folder.read(Place::Done, file),
    }
}
