//! Verification in the order of `ofd.md` §6: container → document → each signature → coverage → the certificate it claims to be.

mod authority;
mod certificate;
mod coverage;
mod seen;
mod signature;
mod timestamp;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use model::{Reason, Verdict, Weight};
use ofd::package::Memory;
use ofd::{Limits, OfdError, Package};

use crate::describe;
use crate::trust::TrustStore;
pub use certificate::FileFacts;
use seen::{Content, Recall, Seen};
use signature::Checked;

/// Reasons that one verdict gives at most: a hostile file could make tens of thousands.
const MOST_REASONS: usize = 100;

/// Paths of seals' own files with their content.
type SealFiles = Vec<(String, Arc<[u8]>)>;

/// Verifies files against one version of trust data.
pub struct Verifier {
    trust: TrustStore,
    limits: Limits,
    seen: Option<RwLock<Seen>>,
}

/// The verdict over a file.
#[derive(Clone, Debug)]
pub struct FileVerdict {
    /// The word.
    pub verdict: Verdict,
    /// Why, heaviest first.
    pub reasons: Vec<Reason>,
    /// What the file says it is, as far as it could be read.
    pub facts: FileFacts,
}

/// What was found while looking: reasons that the verdict adds up.
#[derive(Default)]
pub(crate) struct Reasons(Vec<Reason>);

impl Reasons {
    pub fn add(&mut self, code: &str, detail: &str) {
        self.0.push(Reason::new(code, detail));
    }

    pub fn about(&mut self, code: &str, item: &str) {
        self.0.push(Reason::about(code, item));
    }

    pub fn weight(&self) -> Weight {
        self.0.iter().map(|reason| reason.weight).max().unwrap_or(Weight::Note)
    }
}

impl Verifier {
    /// A verifier that remembers seals and chains it has seen hold.
    pub fn new(trust: TrustStore) -> Self {
        Self { trust, limits: Limits::default(), seen: Some(RwLock::default()) }
    }

    /// A verifier that checks everything every time.
    pub fn uncached(trust: TrustStore) -> Self {
        Self { seen: None, ..Self::new(trust) }
    }

    /// The trust data in use.
    pub fn trust(&self) -> &TrustStore {
        &self.trust
    }

    /// The largest file that is looked at, in bytes.
    pub fn most_bytes(&self) -> u64 {
        self.limits.package_bytes
    }

    /// The verdict over a file's bytes at `now` (Unix seconds). Never panics, whatever the bytes.
    pub fn verify(&self, bytes: &[u8], now: i64) -> FileVerdict {
        let mut reasons = Reasons::default();
        let mut facts = FileFacts::default();
        let recall = self.seen.as_ref().map(Recall);
        let memory = recall.as_ref().map(|recall| recall as &dyn Memory);
        match Package::open_with(bytes, &self.limits, memory) {
            Ok(package) => self.document(&package, now, &mut facts, &mut reasons),
            Err(OfdError::Zip(error)) => reasons.add("CONTAINER_UNSAFE", &error.to_string()),
            Err(error) => reasons.add("DOCUMENT_UNSAFE", &error.to_string()),
        }
        let mut reasons = reasons.0;
        // The same revocation list speaks for signer and maker.
        let mut said = HashSet::new();
        reasons.retain(|reason| said.insert((reason.code.clone(), reason.text.clone())));
        // Heaviest first; the order of discovery within one weight.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
        // The lightest ones go first, so the verdict stays what it is.
        reasons.truncate(MOST_REASONS);
        FileVerdict { verdict: Verdict::from_reasons(&reasons), reasons, facts }
    }

    fn document(&self, package: &Package<'_>, now: i64, facts: &mut FileFacts, reasons: &mut Reasons) {
        facts.read(package);
        if package.other_bodies > 0 {
            reasons.add("STRUCTURE_UNSUPPORTED", "一个文件包内有多份文档");
        }
        for unsupported in &package.unsupported {
            reasons.add("STRUCTURE_UNSUPPORTED", unsupported);
        }
        for missing in package.missing() {
            reasons.about("FILE_MISSING", &missing.path);
        }
        let Some(list_path) = &package.signatures else {
            reasons.add("NOT_SEALED", "");
            return;
        };
        let listed = match read_list(package, list_path, &self.limits) {
            Ok(listed) if listed.is_empty() => return reasons.add("NOT_SEALED", ""),
            Ok(listed) => listed,
            Err(what) => return reasons.add("SIGNATURE_XML", &what),
        };
        let context = signature::Context {
            package,
            trust: &self.trust,
            limits: &self.limits,
            seen: self.seen.as_ref(),
            now,
            digests: RefCell::default(),
        };
        let checked: Vec<Checked> =
            listed.iter().map(|entry| signature::check(&context, entry, facts)).collect();
        let seal_files = checked.iter().filter_map(|one| one.seal_file.clone()).collect();
        self.conclude(package, list_path, now, checked, facts, reasons);
        if reasons.weight() < Weight::Undecided {
            self.learn(package, context.digests.into_inner(), seal_files);
        }
    }

    /// Keeps what a valid file has proven: digests, trees, the seal's file.
    fn learn(&self, package: &Package<'_>, digests: HashMap<String, [u8; 32]>, seal_files: SealFiles) {
        let Some(Ok(mut seen)) = self.seen.as_ref().map(RwLock::write) else { return };
        let mut contents: HashMap<String, Content> = HashMap::new();
        for (path, sm3) in digests {
            contents.entry(path).or_default().sm3 = Some(sm3);
        }
        for (path, parsed) in package.parsed_anew() {
            contents.entry(path.clone()).or_default().parsed = Some(Arc::clone(parsed));
        }
        for (path, bytes) in seal_files {
            contents.entry(path).or_default().bytes = Some(bytes);
        }
        for (path, content) in contents {
            if let Ok(packed) = package.archive.packed(&path) {
                seen.learn(&packed, content);
            }
        }
    }

    /// One seal must hold in full. A further signature that does not hold proves nothing against it and is reported, but a
    /// stamp of its own would be drawn over the page by other readers, like an annotation that no seal covers.
    fn conclude(
        &self,
        package: &Package<'_>,
        list_path: &str,
        now: i64,
        mut checked: Vec<Checked>,
        facts: &mut FileFacts,
        reasons: &mut Reasons,
    ) {
        let best = (0..checked.len())
            .min_by_key(|index| (checked[*index].reasons.weight(), !checked[*index].is_seal));
        let Some(best) = best else { return };
        let main = checked.swap_remove(best);
        facts.signed_at = main.signed_at;
        facts.seal_name.clone_from(&main.seal_name);
        facts.signer.clone_from(&main.signer);
        facts.picture.clone_from(&main.picture);
        let holding: Vec<&Checked> =
            checked.iter().filter(|other| other.reasons.weight() < Weight::Undecided).collect();
        coverage::check(package, list_path, &main, &holding, reasons);
        for other in &checked {
            let weight = other.reasons.weight();
            let Some(reason) = other.reasons.0.iter().find(|reason| reason.weight >= Weight::Undecided)
            else {
                reasons.add("LATER_SIGNATURE", &other.seal_name);
                continue;
            };
            reasons.add("EXTRA_SIGNATURE_INVALID", &reason.text);
            match other.layer.first().filter(|_| other.draws) {
                Some(path) if weight == Weight::Invalid => reasons.about("PART_UNPROTECTED", path),
                Some(path) => reasons.add("STRUCTURE_UNSUPPORTED", &format!("“{path}”的印章外观未能确认")),
                None => {}
            }
        }
        certificate::check(facts, now, reasons);
        reasons.0.extend(main.reasons.0);
        if reasons.weight() < Weight::Undecided {
            reasons.add("SEALED", &main.seal_name);
            reasons.add("STATUS_NOT_CHECKED", &self.trust.version.to_string());
        }
    }
}

fn read_list(package: &Package<'_>, path: &str, limits: &Limits) -> Result<Vec<describe::Listed>, String> {
    if package.archive.len_of(path).is_some_and(|length| length > signature::MOST_XML) {
        return Err(format!("“{path}”过大"));
    }
    let bytes = package.read(path).map_err(|error| error.to_string())?;
    let root = ofd::xml::parse(&bytes, limits).map_err(|error| error.to_string())?;
    describe::read_list(&root, path)
}
