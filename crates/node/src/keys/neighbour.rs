//! What a node must know of another authority to check its certificates: its seal, its code key, its node.

use std::path::Path;

use gm::x509::{Certificate, ChainStore, KeyUsage, verify_chain};
use toml::Value;

use super::change::{edit_trust, push};
use super::init::place;
use super::{ImportRequest, KeyFolder, import};
use crate::{NodeError, files};

/// Takes the seals, the code key and the node certificate of another key folder (its public parts suffice) into the trust data of this one, each under
/// `label`. Private keys stay where they are. `now` is Unix seconds.
///
/// # Errors
/// As [`import`]; a code certificate that leads to no root of this folder.
pub fn import_neighbour(
    folder: &mut KeyFolder,
    other: &KeyFolder,
    label: &str,
    now: i64,
) -> Result<(), NodeError> {
    for (place, entry) in other.index.seals.iter().enumerate() {
        let label = if place == 0 { label.to_owned() } else { format!("{label}-{}", place + 1) };
        let name = format!("{}（{}）", entry.name, other.index.authority);
        let request = ImportRequest {
            label: &label,
            name: &name,
            seal: &other.path.join(&entry.file),
            certificate: &other.trust().join("signers").join(format!("{}.cer", entry.signer)),
            root: None,
            key: None,
            passphrase: "",
            scope: entry.scope.clone(),
            now,
        };
        import(folder, &request)?;
    }
    let scope = other.index.seals.first().map(|entry| &entry.scope);
    let Some(scope) = scope else { return Ok(()) };
    // As in the other folder's own trust data: the code key signs for what the seal is for, the node for its areas.
    let code = other.trust().join("codes").join(format!("{}.cer", other.index.code_key));
    let own =
        Value::try_from(scope).map_err(|error| NodeError::refused(error.to_string(), "请核对适用范围"))?;
    import_key(folder, &code, ("codes", "code_keys", label), ("scope", own), now)?;
    let areas = Value::Array(scope.areas.iter().cloned().map(Value::String).collect());
    let node = other.trust().join("nodes/node.cer");
    import_key(folder, &node, ("nodes", "nodes", label), ("areas", areas), now)
}

/// Places a certificate that leads to one of the folder's roots below `trust/`, and enters it in a list with what it may do.
fn import_key(
    folder: &KeyFolder,
    path: &Path,
    (group, list, label): (&str, &str, &str),
    (item, value): (&str, Value),
    now: i64,
) -> Result<(), NodeError> {
    let certificate = Certificate::from_der(&files::read(path)?)?;
    let roots: Result<Vec<Certificate>, NodeError> = super::labels(&folder.trust().join("roots"))?
        .iter()
        .map(|label| folder.certificate("roots", label))
        .collect();
    let store = ChainStore { roots: roots?, intermediates: Vec::new() };
    verify_chain(&certificate, &store, now, KeyUsage::DIGITAL_SIGNATURE)
        .map_err(|error| NodeError::refused(error.to_string(), "请先导入签发它的根证书"))?;
    let file = format!("{group}/{label}.cer");
    place(&folder.path, &format!("trust/{file}"), certificate.as_der(), 0o644)?;
    let mut entry = toml::Table::new();
    entry.insert("certificate".into(), Value::String(file));
    entry.insert(item.into(), value);
    edit_trust(folder, now, |trust| {
        push(trust, list, Value::Table(entry));
        Ok(())
    })
}
