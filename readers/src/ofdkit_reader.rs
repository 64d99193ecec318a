//! ofdkit 0.2.0 (PyPI, no dependencies): text in reading order, metadata.
//!
//! It looks at no signature, no digest and no picture, and draws nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use roxmltree::Document;
use serde::Deserialize;

use crate::command;
use crate::issued::{Issued, NAMESPACE};
use crate::text::packed;

const GET_PYTHON: &str = "install Python 3 with `apt-get install python3-venv`";
const GET_OFDKIT: &str = "pip must be able to fetch ofdkit 0.2.0 from the Python package index";

/// What it read in one file.
#[derive(Deserialize)]
pub struct Reading {
    custom_data: BTreeMap<String, String>,
    /// Its pages.
    pub pages: Vec<Page>,
    warnings: Vec<String>,
}

/// One page as it reads it.
#[derive(Deserialize)]
pub struct Page {
    text: String,
    runs: Vec<(Option<String>, String)>,
}

impl Page {
    /// The texts of its runs.
    pub fn runs(&self) -> Vec<String> {
        self.runs.iter().map(|(_, text)| text.clone()).collect()
    }
}

/// Makes the Python environment below `target` when it is not there, with ofdkit pinned by digest.
///
/// # Errors
/// Python is missing, or the package cannot be fetched.
pub fn install(target: &Path) -> Result<PathBuf> {
    let venv = target.join("ofdkit-0.2.0");
    let python = venv.join("bin/python");
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
    let ready = python.exists() && command::run(&python, &["-c", "import ofdkit"], "")?.status.success();
    if !ready {
        command::succeed(Path::new("python3"), &["-m", "venv", command::arg(&venv)?], GET_PYTHON)?;
        let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let pinned = ["--require-hashes", "--only-binary", ":all:", "-r", command::arg(&requirements)?];
        command::succeed(&python, &[&quiet[..], &pinned].concat(), GET_OFDKIT).context(GET_OFDKIT)?;
    }
    Ok(python)
}

/// Reads all `files` in one run of Python.
///
/// # Errors
/// It cannot open one of them.
pub fn read(python: &Path, files: &[PathBuf]) -> Result<BTreeMap<PathBuf, Reading>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ofdkit_text.py");
    let mut args = vec![command::arg(&script)?];
    for file in files {
        args.push(command::arg(file)?);
    }
    let printed = command::succeed(python, &args, GET_PYTHON)?;
    serde_json::from_slice(&printed).context("unexpected output of ofdkit_text.py")
}

/// Its metadata must be what `luzheng show --metadata` prints, and it must have no warning.
///
/// # Errors
/// An item differs, or it warns.
pub fn same_metadata(reading: &Reading, file: &Issued) -> Result<()> {
    for (name, value) in &reading.custom_data {
        if file.metadata.get(name) != Some(value) {
            bail!("it reads {name} = “{value}”, luzheng shows {:?}", file.metadata.get(name));
        }
    }
    if !reading.custom_data.contains_key("ZZBS") || !reading.warnings.is_empty() {
        bail!("{} items, warnings: {}", reading.custom_data.len(), reading.warnings.join("; "));
    }
    Ok(())
}

/// Every issued value that the file's CustomTags tie to objects of a page must be what ofdkit reads
/// in those objects, and stand in its page text. Gives the number of values.
///
/// # Errors
/// A value that it does not read.
pub fn every_value(reading: &Reading, file: &Issued) -> Result<usize> {
    let issued = issued_values(file.container.xml("Doc_0/Attachs/certificate.xml")?)?;
    let mut objects: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, text) in reading.pages.iter().flat_map(|page| &page.runs) {
        objects.insert(id.as_deref().unwrap_or_default(), text);
    }
    let page_text: String = reading.pages.iter().map(|page| packed(&page.text)).collect();
    let tags = Document::parse(file.container.xml("Doc_0/Tags/Certificate.xml")?)?;
    let mut checked = 0;
    for item in tags.root_element().children().filter(|node| node.is_element()) {
        let Some(value) = issued.get(item.tag_name().name()) else { continue };
        let references = item.children().filter(|node| node.has_tag_name((NAMESPACE, "ObjectRef")));
        let lines: Vec<&str> =
            references.filter_map(|node| objects.get(node.text()?.trim()).copied()).collect();
        if !packed(&lines.concat()).contains(value.as_str()) {
            bail!("{}: issued “{value}”, read “{}”", item.tag_name().name(), lines.join(" / "));
        }
        if let Some(line) = lines.iter().find(|line| !page_text.contains(&packed(line))) {
            bail!("{}: “{line}” is in an object but not in the text of the page", item.tag_name().name());
        }
        checked += 1;
    }
    // A certificate that shows neither number, holder, authority nor date would not be one.
    if checked < 4 {
        bail!("only {checked} issued values are tied to the page");
    }
    Ok(checked)
}

/// Display text of each item of the attached structured data, without white space.
fn issued_values(certificate: &str) -> Result<BTreeMap<String, String>> {
    let document = Document::parse(certificate)?;
    let items = document.root_element().children().filter(|node| node.has_tag_name("item"));
    let values = items.filter_map(|item| {
        let shown = item.attribute("text").or(item.text())?;
        Some((item.attribute("name")?.to_owned(), packed(shown)))
    });
    Ok(values.collect())
}
