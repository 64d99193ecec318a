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
    pages: Vec<Page>,
    warnings: Vec<String>,
}

/// One page as it reads it: its text in reading order, and its runs with their object IDs.
#[derive(Deserialize)]
struct Page {
    text: String,
    runs: Vec<(Option<String>, String)>,
}

impl Reading {
    /// The text runs of each page.
    pub fn runs(&self) -> Vec<Vec<String>> {
        let texts = |page: &Page| page.runs.iter().map(|(_, text)| text.clone()).collect();
        self.pages.iter().map(texts).collect()
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
/// A value that it does not read, or a tied object that shows something else.
pub fn every_value(reading: &Reading, file: &Issued) -> Result<usize> {
    let issued = issued_values(file.container.xml("Doc_0/Attachs/certificate.xml")?)?;
    for page in &reading.pages {
        let shown = packed(&page.text);
        if let Some((_, run)) = page.runs.iter().find(|(_, run)| !shown.contains(&packed(run))) {
            bail!("“{run}” is an object of a page but not in the text of that page");
        }
    }
    let tied = tied_texts(reading, file.container.xml("Doc_0/Tags/Certificate.xml")?)?;
    let mut checked = 0;
    for (item, texts) in &tied {
        let Some(values) = issued.get(item) else { continue };
        // An item may stand on several pages, once on several lines, and a long one goes on elsewhere: what is left when
        // every whole value is taken out of all its objects must be nothing.
        let mut rest = bare(&texts.concat());
        let mut known: Vec<String> = values.iter().map(|value| bare(value)).collect();
        known.sort_by_key(|value| std::cmp::Reverse(value.len()));
        known
            .iter()
            .filter(|value| !value.is_empty())
            .for_each(|value| rest = rest.replace(value.as_str(), ""));
        if !rest.is_empty() {
            bail!("{item}: issued “{}”, objects read “{}”", values.join(" / "), texts.join(" / "));
        }
        if let Some(value) = values.iter().find(|value| !bare(&texts.concat()).contains(&bare(value))) {
            bail!("{item}: issued “{value}”, read “{}”", texts.join(" / "));
        }
        checked += values.len();
    }
    // A certificate that shows neither number, holder, authority nor date would not be one.
    if checked < 4 {
        bail!("only {checked} issued values are tied to the page");
    }
    Ok(checked)
}

/// A text without the marks that a face adds (至 behind a first day, 证照标识 before the identifier, a note that the rest
/// stands elsewhere) and without the comma at which it was broken there.
fn bare(text: &str) -> String {
    ["（下转副页）", "证照标识", "至", "、"].iter().fold(text.to_owned(), |text, mark| text.replace(mark, ""))
}

/// For each item of the CustomTags, what ofdkit reads in the objects of each of its elements.
fn tied_texts(reading: &Reading, tags: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let runs = reading.pages.iter().flat_map(|page| &page.runs);
    let objects: BTreeMap<&str, &str> =
        runs.filter_map(|(id, text)| Some((id.as_deref()?, text.as_str()))).collect();
    let tags = Document::parse(tags)?;
    let mut tied: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in tags.root_element().children().filter(|node| node.is_element()) {
        let references = item.children().filter(|node| node.has_tag_name((NAMESPACE, "ObjectRef")));
        let lines = references.filter_map(|node| objects.get(node.text()?.trim()).copied());
        let text = packed(&lines.collect::<String>());
        tied.entry(item.tag_name().name().to_owned()).or_default().push(text);
    }
    Ok(tied)
}

/// Display text of each item of the attached structured data, without white space; the items of a
/// row are named after its group, as in the CustomTags, and have a value for each row.
fn issued_values(certificate: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let document = Document::parse(certificate)?;
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in document.descendants().filter(|node| node.has_tag_name("item")) {
        let (Some(name), Some(shown)) = (item.attribute("name"), item.attribute("text").or(item.text()))
        else {
            continue;
        };
        let group = item.parent().and_then(|row| row.attribute("group"));
        let name = group.map_or(name.to_owned(), |group| format!("{group}_{name}"));
        values.entry(name).or_default().push(packed(shown));
    }
    Ok(values)
}
