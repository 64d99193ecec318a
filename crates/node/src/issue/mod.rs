//! `issue`: records → lint → intent → code → render → seal → store, in batches, resumable after a crash at any point (B1).
//!
//! Order of durability: intents are on the disk before a signature is made; files are on the disk under their names before
//! the journal says done; the caller is told only then.

pub(crate) mod journal;
mod layout;
pub(crate) mod make;
pub(crate) mod mint;
pub(crate) mod source;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use catalogue::{Catalogue, Kind, Lint, duplicate_keys};
use codes::Validity;
use face::{Layout, Problem, Values};
use jiff::civil::Date;
use model::{Finding, Record, Severity};

use crate::keys::SigningKeys;
use crate::{Data, Engine, NodeError, files};
use journal::{Intent, Journal};
use mint::Mint;
use source::{Item, Source};

pub use journal::JOURNAL;

/// Records that are linted, minted and written together: one group commit.
const BATCH: usize = 256;

/// What `issue` needs.
pub struct IssueRequest<'a> {
    /// A record file or a folder of them.
    pub input: &'a Path,
    /// Where certificates, findings and the journal go.
    pub out: &'a Path,
    /// Catalogue and templates.
    pub data: &'a Data,
    /// Prepared templates.
    pub engine: &'a Engine,
    /// Opened keys.
    pub keys: &'a SigningKeys,
    /// Unix seconds; asked once a batch.
    pub clock: &'a (dyn Fn() -> i64 + Sync),
    /// Worker threads.
    pub threads: usize,
}

/// How far the run is, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records read, those that could not be read included.
    pub records: u64,
    /// Certificates issued by this run.
    pub issued: u64,
    /// Certificates that an earlier run had issued.
    pub already: u64,
    /// Records refused.
    pub refused: u64,
    /// Hints on records that were issued.
    pub hints: u64,
    /// Files written (a licence has 正本 and 副本).
    pub files: u64,
    /// Bytes of input read so far and in all.
    pub progress: (u64, u64),
    /// Issued by kind (name).
    pub by_kind: Vec<(String, u64)>,
    /// Refused by rule (name).
    pub by_rule: Vec<(String, u64)>,
}

impl<'a> IssueRequest<'a> {
    pub(crate) fn works(&self) -> Works<'a> {
        Works { data: self.data, engine: self.engine, keys: self.keys }
    }
}

/// What issuing stands on, whoever asks for it: a folder's run or a node's intake.
#[derive(Clone, Copy)]
pub(crate) struct Works<'a> {
    pub data: &'a Data,
    pub engine: &'a Engine,
    pub keys: &'a SigningKeys,
}

/// A record on its way: read, linted, laid out.
pub(crate) struct Candidate<'a> {
    pub record: Record,
    pub kind: Option<&'a Kind>,
    pub photo: Option<Vec<u8>>,
    pub findings: Vec<Finding>,
    pub ready: Option<(Values, Vec<Layout>)>,
}

impl Candidate<'_> {
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// A certificate whose intent is on the disk.
pub(crate) struct Job<'a> {
    pub candidate: &'a Candidate<'a>,
    pub intent: Intent,
}

/// Issues everything in the input. `progress` is called after every batch.
///
/// # Errors
/// Whatever keeps the run from going on: disk, keys, a damaged journal, another run in the same folder.
pub fn issue(request: &IssueRequest<'_>, progress: &mut dyn FnMut(&Summary)) -> Result<Summary, NodeError> {
    files::create_dir(request.out)?;
    let mut run = Run::start(request)?;
    let mut source = Source::open(request.input, &request.data.catalogue)?;
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let more = source.fill(&mut batch, BATCH)?;
        run.batch(std::mem::take(&mut batch))?;
        run.summary.progress = source.progress();
        progress(&run.summary);
        if !more {
            break;
        }
    }
    run.finish()
}

struct Run<'a> {
    request: &'a IssueRequest<'a>,
    journal: Journal,
    mint: Mint,
    findings: Vec<Finding>,
    summary: Summary,
    kinds: HashMap<String, u64>,
    rules: HashMap<String, u64>,
}

impl<'a> Run<'a> {
    fn start(request: &'a IssueRequest<'a>) -> Result<Self, NodeError> {
        let (journal, past) = Journal::open(request.out)?;
        Ok(Self {
            request,
            journal,
            mint: Mint::resume(past),
            findings: Vec::new(),
            summary: Summary::default(),
            kinds: HashMap::new(),
            rules: HashMap::new(),
        })
    }

    fn catalogue(&self) -> &'a Catalogue {
        &self.request.data.catalogue
    }

    fn batch(&mut self, items: Vec<Item>) -> Result<(), NodeError> {
        let now = (self.request.clock)();
        let today = crate::keys::day(now);
        self.summary.records += items.len() as u64;
        self.mint.advance(today);
        let mut candidates = self.prepare(items, today);
        let intents = self.intend(&mut candidates, now, today)?;
        let jobs: Vec<Job<'_>> = candidates
            .iter()
            .zip(intents)
            .filter_map(|(candidate, intent)| intent.map(|intent| Job { candidate, intent }))
            .collect();
        self.make(&jobs)?;
        for candidate in candidates {
            self.report(candidate);
        }
        Ok(())
    }

    /// Lints and lays out on all threads.
    fn prepare(&self, items: Vec<Item>, today: Date) -> Vec<Candidate<'a>> {
        let request = self.request;
        each(request.threads, items, |item| prepare_one(request.works(), item, today))
    }

    /// Decides what is issued, in the order of the records: duplicates, identifiers, intents on the disk.
    fn intend(
        &mut self,
        candidates: &mut [Candidate<'a>],
        now: i64,
        today: Date,
    ) -> Result<Vec<Option<Intent>>, NodeError> {
        let mut intents = Vec::with_capacity(candidates.len());
        for candidate in candidates.iter_mut() {
            intents.push(self.intend_one(candidate, now, today)?);
        }
        let fresh: Vec<&Intent> = intents.iter().flatten().filter(|intent| intent.fresh).collect();
        self.journal.append_intents(&fresh)?;
        Ok(intents)
    }

    fn intend_one(
        &mut self,
        candidate: &mut Candidate<'a>,
        now: i64,
        today: Date,
    ) -> Result<Option<Intent>, NodeError> {
        let Some(kind) = candidate.kind else { return Ok(None) };
        let record = &candidate.record;
        let digest = gm::sm3::sm3(&record.canonical());
        if let Some(same) = self.mint.issued(&record.record_id, &digest) {
            // The same record twice in one input is one act; another content under its number is refused.
            match same {
                true => self.summary.already += 1,
                false => candidate.findings.push(changed(record, "")),
            }
            return Ok(None);
        }
        if let Some(past) = self.mint.past(&record.record_id) {
            if past.record_sm3 != digest {
                candidate.findings.push(changed(record, &past.identifier));
                return Ok(None);
            }
            let past = past.clone();
            if past.done && make::files_stand(self.request.out, &past) {
                // What stands is not refused, even when the catalogue or the day would refuse it now.
                candidate.findings.retain(|finding| finding.severity == Severity::Hint);
                self.mint.remember(&record.record_id, &digest);
                self.summary.already += 1;
                return Ok(None);
            }
            if candidate.is_refused() {
                // It was fit to be issued when the intent was written; the catalogue has changed since.
                return Ok(None);
            }
            self.mint.remember(&record.record_id, &digest);
            return Ok(Some(past));
        }
        if candidate.is_refused() {
            return Ok(None);
        }
        candidate.findings.extend(self.mint.check(kind, record, self.catalogue()));
        if candidate.is_refused() {
            return Ok(None);
        }
        let intent = self.mint.mint(self.request.works(), kind, record, digest, now, today)?;
        self.mint.hold(duplicate_keys(kind, record), &record.record_id);
        // Now, not when its files are done: the same record may stand twice in one batch.
        self.mint.remember(&record.record_id, &digest);
        Ok(Some(intent))
    }

    /// Renders, seals and stores on all threads; then says done.
    fn make(&mut self, jobs: &[Job<'_>]) -> Result<(), NodeError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let request = self.request;
        let made = shares(request.threads, jobs.iter().collect(), |share| make::make(request, share));
        let made: Vec<Vec<_>> =
            made.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        // One flush makes every file and every name of the batch durable.
        files::sync(request.out)?;
        self.journal.append_done(jobs.iter().map(|job| &job.intent).zip(&made))?;
        for (job, files) in jobs.iter().zip(&made) {
            self.summary.issued += 1;
            self.summary.files += files.len() as u64;
            if let Some(kind) = job.candidate.kind {
                *self.kinds.entry(kind.name.clone()).or_default() += 1;
            }
        }
        Ok(())
    }

    fn report(&mut self, candidate: Candidate<'_>) {
        if candidate.is_refused() {
            self.summary.refused += 1;
        }
        for finding in candidate.findings {
            if finding.severity == Severity::Error {
                *self.rules.entry(self.catalogue().rules.name(&finding.rule).to_owned()).or_default() += 1;
            } else {
                self.summary.hints += 1;
            }
            self.findings.push(finding);
        }
    }

    fn finish(mut self) -> Result<Summary, NodeError> {
        let mut lines = Vec::new();
        records::write_findings_jsonl(&mut lines, &self.findings)?;
        files::place(&self.request.out.join("findings.jsonl"), &lines)?;
        let mut sheet = std::io::Cursor::new(Vec::new());
        records::write_findings_xlsx(&mut sheet, &self.findings, &self.catalogue().rules)?;
        files::place(&self.request.out.join("findings.xlsx"), sheet.get_ref())?;
        files::sync(self.request.out)?;
        self.summary.by_kind = sorted(self.kinds);
        self.summary.by_rule = sorted(self.rules);
        Ok(self.summary)
    }
}

fn sorted(counts: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn changed(record: &Record, identifier: &str) -> Finding {
    Finding {
        record_id: record.record_id.clone(),
        item: "record_id".into(),
        item_name: "记录号".into(),
        rule: "RECORD_CHANGED".into(),
        severity: Severity::Error,
        what: format!("该记录号已制发证照{identifier}，现在的内容与当时不同"),
        fix: "内容有变请走变更业务，以新的记录号提交；误改的请恢复原内容".into(),
    }
}

fn prepare_one<'a>(works: Works<'a>, item: Item, today: Date) -> Candidate<'a> {
    match item {
        Item::Bad(finding) => {
            let record = Record { record_id: finding.record_id.clone(), ..Record::default() };
            Candidate { record, kind: None, photo: None, findings: vec![finding], ready: None }
        }
        Item::Record { record, photo } => {
            check(works, record, photo.and_then(|path| std::fs::read(path).ok()), today)
        }
    }
}

/// Lint, entitlement of the seal, layout: all that can be said about a record before anything is minted.
pub(crate) fn check<'a>(
    works: Works<'a>,
    record: Record,
    photo: Option<Vec<u8>>,
    today: Date,
) -> Candidate<'a> {
    check_ahead(works, record, photo, (today, today))
}

/// The same for a day that may be still to come, as far as it can be known `today`. A seal that runs out before that day is no fault
/// of the record: it may be renewed in time.
pub(crate) fn check_ahead<'a>(
    works: Works<'a>,
    record: Record,
    photo: Option<Vec<u8>>,
    (day, today): (Date, Date),
) -> Candidate<'a> {
    let lint = Lint::new(&works.data.catalogue, day);
    let kind = lint.kind_of(&record);
    let mut candidate =
        Candidate { findings: lint.record(&record, photo.as_deref()), record, kind, photo, ready: None };
    if let (Some(kind), false) = (kind, candidate.is_refused()) {
        let refused = not_entitled(works, kind, &candidate.record, day)
            .filter(|_| not_entitled(works, kind, &candidate.record, today).is_some());
        candidate.findings.extend(refused);
        candidate.findings.extend(not_codable(kind, &candidate.record));
        lay_out(works, kind, day, &mut candidate);
    }
    candidate
}

/// The seal that the policy names must be there and may speak for the record's authority.
fn not_entitled(works: Works<'_>, kind: &Kind, record: &Record, today: Date) -> Option<Finding> {
    let (what, fix) = match mint::seal_name(works, kind, record, today) {
        None => {
            let what = format!("签章策略没有为“{}”指定印章", kind.name);
            (what, "请由印章管理员在 seal-policy.toml 中补充")
        }
        Some(name) => match works.keys.seal(name) {
            None => {
                let what = format!("密钥目录里没有能签章的“{name}”");
                (
                    what,
                    "请由印章管理员核对 seal-policy.toml 中的印章名称，或用 keys import 导入该印章及其私钥",
                )
            }
            Some((entry, _)) => {
                let why = seal::refuses(
                    &entry.scope,
                    &record.authority_uscc,
                    &record.area,
                    &kind.type_code,
                    today,
                )?;
                let authority = works.data.catalogue.authorities.get(&record.authority_uscc, today);
                let authority = authority.map_or(record.authority_uscc.as_str(), |one| &one.name);
                let what = format!("印章“{name}”不能为“{authority}”签章：{why}");
                (what, "请核对发证机关，或由印章管理员调整印章的适用范围")
            }
        },
    };
    Some(Finding {
        record_id: record.record_id.clone(),
        item: "authority_uscc".into(),
        item_name: kind.label("authority_uscc").to_owned(),
        rule: "NOT_ENTITLED".into(),
        severity: Severity::Error,
        what,
        fix: fix.into(),
    })
}

/// A day that our 2D code cannot hold is a finding: found later, it would stop the whole run.
fn not_codable(kind: &Kind, record: &Record) -> Vec<Finding> {
    let days = ["ZZBFRQ", "ZZYXQQSRQ", "ZZYXQJZRQ"].into_iter().filter_map(|item| {
        let Ok(Validity::Until(day)) = Validity::parse(record.face.text(item)?) else { return None };
        Some((item, proof::check_day(day).err()?))
    });
    days.map(|(item, error)| Finding {
        record_id: record.record_id.clone(),
        item: item.into(),
        item_name: kind.label(item).to_owned(),
        rule: "FORMAT".into(),
        severity: Severity::Error,
        what: error.to_string(),
        fix: "请按许可决定核对；确实更早或更晚的，请报告系统管理员".into(),
    })
    .collect()
}

/// What does not fit its box or has no glyph is a finding before anything is sealed.
fn lay_out(works: Works<'_>, kind: &Kind, today: Date, candidate: &mut Candidate<'_>) {
    let catalogue = &works.data.catalogue;
    // The lint has found the authority in the directory.
    let Some(authority) = catalogue.authorities.get(&candidate.record.authority_uscc, today) else { return };
    let values = Values::new(kind, &candidate.record, authority, catalogue, today);
    let mut layouts = Vec::new();
    let mut problems: Vec<(&str, Problem)> = Vec::new();
    for (part, prepared) in works.engine.parts(kind) {
        match Layout::new(prepared.template(), &values, &works.engine.fonts) {
            Ok(layout) => layouts.push(layout),
            Err(found) => problems.extend(found.into_iter().map(|problem| (part, problem))),
        }
    }
    if problems.is_empty() {
        candidate.ready = Some((values, layouts));
        return;
    }
    let findings = layout::findings(&candidate.record, kind, problems);
    candidate.findings.extend(findings);
}

/// Runs a function over items on several threads, keeping their order.
pub(crate) fn each<T: Send, R: Send>(threads: usize, items: Vec<T>, run: impl Fn(T) -> R + Sync) -> Vec<R> {
    let shares = shares(threads, items, |share| share.into_iter().map(&run).collect::<Vec<R>>());
    shares.into_iter().flatten().collect()
}

/// Cuts items into one share a thread and runs a function over each, keeping their order.
pub(crate) fn shares<T: Send, R: Send>(
    threads: usize,
    items: Vec<T>,
    run: impl Fn(Vec<T>) -> R + Sync,
) -> Vec<R> {
    let size = items.len().div_ceil(threads.max(1)).max(1);
    let mut shares: Vec<Vec<T>> = Vec::new();
    let mut items = items.into_iter();
    loop {
        let share: Vec<T> = items.by_ref().take(size).collect();
        if share.is_empty() {
            break;
        }
        shares.push(share);
    }
    if shares.len() <= 1 {
        return shares.into_iter().map(run).collect();
    }
    let run = &run;
    std::thread::scope(|scope| {
        let workers: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || run(share))).collect();
        // A worker that panicked has no result to give; the panic goes on in this thread.
        let join = |worker: std::thread::ScopedJoinHandle<'_, R>| {
            worker.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause))
        };
        workers.into_iter().map(join).collect()
    })
}

/// Path of a part's file below the output folder (`domain.md`: month of issue in Asia/Shanghai).
fn path_of(kind: &str, signed_at: i64, identifier: &str, part: usize, part_name: &str) -> PathBuf {
    let day = crate::keys::day(signed_at);
    let folder = PathBuf::from(kind).join(format!("{:04}", day.year())).join(format!("{:02}", day.month()));
    let name = if part == 0 { format!("{identifier}.ofd") } else { format!("{identifier}-{part_name}.ofd") };
    folder.join(name)
}
