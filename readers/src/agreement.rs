//! The agreement page: what each reader makes of each template, written by the trial and committed.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command;
use crate::picture::Difference;

/// The prose of the page, with a place for each of the two tables.
const PROSE: &str = include_str!("agreement.md.in");

/// One page of one template: what each reader said, in the order of the table's columns.
pub struct PageRow {
    /// Template and page number.
    pub label: String,
    /// Verdict of ofd-core.
    pub ofd_core: String,
    /// Verdict of sofd.
    pub sofd: String,
    /// Verdict of openssl.
    pub openssl: String,
    /// Text as ofd-core, sofd and ofdkit read it.
    pub texts: Vec<String>,
    /// Drawing of ofd-core and of sofd against ours.
    pub pictures: Vec<Difference>,
}

/// One forgery: the verdicts of luzheng, ofd-core, sofd and openssl over all templates.
pub struct ForgeryRow {
    name: &'static str,
    verdicts: [BTreeSet<String>; 4],
}

impl ForgeryRow {
    /// A row without a verdict yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, verdicts: Default::default() }
    }

    /// Adds the verdicts on one template; where templates differ, the page lists both.
    pub fn add(&mut self, verdicts: [String; 4]) {
        for (set, verdict) in self.verdicts.iter_mut().zip(verdicts) {
            set.insert(verdict);
        }
    }

    fn line(&self) -> String {
        let cells = self.verdicts.each_ref().map(|set| set.iter().cloned().collect::<Vec<_>>().join(" / "));
        format!("| {} | {} |", self.name, cells.join(" | "))
    }
}

/// Compares the committed page with what was found, or rewrites it.
///
/// # Errors
/// The page cannot be written, or differs: the message names the first line that does.
pub fn settle(docs: &Path, pages: &[PageRow], forgeries: &[ForgeryRow], update: bool) -> Result<()> {
    let committed = std::fs::read_to_string(docs).unwrap_or_default();
    let page = render(pages, forgeries, &committed);
    if update {
        return command::write(docs, page.as_bytes());
    }
    if page == committed {
        return Ok(());
    }
    let mut lines = page.lines().zip(committed.lines().chain(std::iter::repeat("")));
    let (found, stands) = lines.find(|(found, stands)| found != stands).context("it has lines too many")?;
    bail!("{} says “{stands}”, found “{found}”; look at it, then run with --update", docs.display())
}

fn render(pages: &[PageRow], forgeries: &[ForgeryRow], committed: &str) -> String {
    let pages: Vec<String> = pages.iter().map(|page| page_line(page, committed)).collect();
    let forgeries: Vec<String> = forgeries.iter().map(ForgeryRow::line).collect();
    PROSE.replace("{pages}", &pages.join("\n")).replace("{forgeries}", &forgeries.join("\n"))
}

fn page_line(page: &PageRow, committed: &str) -> String {
    let start = format!("| {} |", page.label);
    let before = committed.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
    // Split at its bars, the line has the picture of ofd-core in place 4 and that of sofd in place 7.
    let stood: Vec<&str> = before.split('|').collect();
    let mut pictures = page
        .pictures
        .iter()
        .zip([4, 7])
        .map(|(difference, place)| steady(difference, stood.get(place).copied().unwrap_or_default()));
    let mut texts = page.texts.iter().cloned();
    let mut reader = |verdict: &str, draws: bool| {
        let picture = draws.then(|| pictures.next()).flatten();
        let cells = [Some(verdict.to_owned()), texts.next(), picture];
        cells.into_iter().flatten().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ")
    };
    let readers = [reader(&page.ofd_core, true), reader(&page.sofd, true), reader("", false)];
    format!("{start} {} | {} |", readers.join(" | "), page.openssl)
}

/// The three figures of a picture. Those that stand on the page are kept while the new ones are
/// close: the identifier on the certificate changes with the year, and its digits are drawn too.
fn steady(difference: &Difference, before: &str) -> String {
    const CLOSE: [f64; 3] = [0.25, 0.1, 2.0];
    let now = [difference.mean, difference.share, difference.worst_tile];
    let stood: Vec<f64> = before.split('/').filter_map(|figure| figure.trim().parse().ok()).collect();
    let close = now.iter().zip(&stood).zip(CLOSE).all(|((now, stood), close)| (now - stood).abs() <= close);
    if stood.len() == now.len() && close {
        return before.trim().to_owned();
    }
    format!("{:.1} / {:.1} / {:.0}", now[0], now[1], now[2])
}
