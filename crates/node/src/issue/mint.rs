//! Minting: identifiers, status indexes, and the memory of what was minted before.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use catalogue::{Catalogue, DuplicateKey, Kind, LiveKeys, NumberRule};
use codes::{CertificateId, Serial, TypeCode, Uscc};
use jiff::civil::Date;
use model::{Finding, Record};
use seal::SealProvider;

use super::Works;
use super::journal::{Intent, hex};
use crate::NodeError;

/// What this output folder has minted, in this run and before it.
pub(crate) struct Mint {
    past: HashMap<String, Intent>,
    /// Records of this run: fingerprint of the id → first half of the record's SM3. Small, for millions of them.
    issued: HashMap<u64, [u8; 16]>,
    counters: HashMap<String, u64>,
    status_index: u64,
    live: LiveKeys,
}

impl Mint {
    /// Takes up from the journal: numbers go on, nothing is minted twice.
    pub fn resume(past: Vec<Intent>) -> Self {
        let mut mint = Self {
            past: HashMap::new(),
            issued: HashMap::new(),
            counters: HashMap::new(),
            status_index: 0,
            live: LiveKeys::default(),
        };
        for intent in past {
            let counter = mint.counters.entry(intent.counter.0.clone()).or_default();
            *counter = (*counter).max(intent.counter.1);
            mint.status_index = mint.status_index.max(intent.status_index);
            mint.live.hold(keys_of(&intent), &intent.record_id);
            mint.past.insert(intent.record_id.clone(), intent);
        }
        mint
    }

    /// The intent that an earlier run wrote for a record.
    pub fn past(&self, record_id: &str) -> Option<&Intent> {
        self.past.get(record_id)
    }

    /// Has this run dealt with this record, and with the same content?
    pub fn issued(&self, record_id: &str, digest: &[u8; 32]) -> Option<bool> {
        self.issued.get(&fingerprint(record_id)).map(|half| half[..] == digest[..16])
    }

    pub fn hold(&mut self, keys: Vec<DuplicateKey>, record_id: &str) {
        self.live.hold(keys, record_id);
    }

    /// Sets the day of the batch: certificates that ended before it hold no vehicle any more.
    pub fn advance(&mut self, today: Date) {
        self.live.advance(today);
    }

    pub fn check(&self, kind: &Kind, record: &Record, catalogue: &Catalogue) -> Vec<Finding> {
        self.live.check(kind, record, catalogue)
    }

    /// Remembers that this run has dealt with a record.
    pub fn remember(&mut self, record_id: &str, digest: &[u8; 32]) {
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        self.issued.insert(fingerprint(record_id), half);
    }

    /// A new intent: the next number by the number rule, the next status index.
    ///
    /// # Errors
    /// No number rule or seal for the record, or a counter that has run out.
    pub fn mint(
        &mut self,
        works: Works<'_>,
        kind: &Kind,
        record: &Record,
        record_sm3: [u8; 32],
        now: i64,
        today: Date,
    ) -> Result<Intent, NodeError> {
        let (rule, series) = series(works, kind, record, today)?;
        let counter = self.counters.entry(series.clone()).or_default();
        *counter += 1;
        let number = Number { series, counter: *counter, status_index: self.status_index + 1, version: 1 };
        let identifier = identifier(rule, kind, record, today, &number)?;
        self.status_index += 1;
        intent(works, kind, record, record_sm3, identifier, number, now)
    }
}

/// What was counted for an intent.
pub(crate) struct Number {
    pub series: String,
    pub counter: u64,
    pub status_index: u64,
    pub version: u16,
}

/// The number rule of a record and the series in which it counts.
///
/// # Errors
/// No rule covers the record.
pub(crate) fn series<'a>(
    works: Works<'a>,
    kind: &Kind,
    record: &Record,
    today: Date,
) -> Result<(&'a NumberRule, String), NodeError> {
    let mut rules = works.data.catalogue.number_rules.iter();
    let rule = rules.find(|rule| rule.covers(&kind.slug, &record.area, today)).ok_or_else(|| {
        let what = format!("没有适用于“{}”的编号规则", kind.name);
        NodeError::refused(what, "请在 number-rules.toml 中补充")
    })?;
    // Unique within type and issuer is what GB/T 36904 asks; one counter for all that looks alike is stricter.
    Ok((rule, rule.series(&record.area, today.year())))
}

/// The 证照标识 for a counted number.
///
/// # Errors
/// A counter that has run out, or an issuer that is none.
pub(crate) fn identifier(
    rule: &NumberRule,
    kind: &Kind,
    record: &Record,
    today: Date,
    number: &Number,
) -> Result<String, NodeError> {
    let refused = |cause: String| {
        NodeError::refused(format!("记录“{}”不能编出证照标识：{cause}", record.record_id), "请核对编号规则")
    };
    let serial = rule
        .serial(&record.area, today.year(), number.counter)
        .ok_or_else(|| refused("流水号已用完".into()))?;
    let type_code = TypeCode::parse(&kind.type_code).map_err(|error| refused(error.to_string()))?;
    let issuer = Uscc::parse(&record.authority_uscc).map_err(|error| refused(error.to_string()))?;
    let serial = Serial::parse(&serial).map_err(|error| refused(error.to_string()))?;
    let id = CertificateId::new(type_code, issuer, serial, number.version)
        .map_err(|error| refused(error.to_string()))?;
    Ok(id.to_string())
}

/// What is about to be signed, with everything that a redo needs.
///
/// # Errors
/// No seal for the record.
pub(crate) fn intent(
    works: Works<'_>,
    kind: &Kind,
    record: &Record,
    record_sm3: [u8; 32],
    identifier: String,
    number: Number,
    now: i64,
) -> Result<Intent, NodeError> {
    let seal_name = seal_name(works, kind, record, crate::keys::day(now));
    let (entry, seal) = seal_name.and_then(|name| works.keys.seal(name)).ok_or_else(|| {
        NodeError::refused(format!("没有用于“{}”的印章", kind.name), "请核对 seal-policy.toml 和密钥目录")
    })?;
    let templates = works.engine.parts(kind).map(|(_, prepared)| {
        let template = prepared.template();
        format!("{}@{}", template.id, template.version)
    });
    let keys = catalogue::duplicate_keys(kind, record);
    Ok(Intent {
        record_id: record.record_id.clone(),
        record_sm3,
        kind: kind.slug.clone(),
        kind_version: kind.version.clone(),
        identifier,
        status_index: number.status_index,
        counter: (number.series, number.counter),
        signed_at: now,
        templates: templates.collect(),
        fonts: works.engine.fonts_digest().to_owned(),
        key_id: hex(&seal.key_id()),
        code_key_id: works.keys.codes.label(),
        seal: entry.name.clone(),
        keys: keys.into_iter().map(|key| (key.rule, key.value)).collect(),
        last_day: catalogue::last_day(record).map(|day| day.to_string()),
        fresh: true,
        done: false,
        files: Vec::new(),
    })
}

/// The seal that the policy names for a record.
pub(super) fn seal_name<'a>(works: Works<'a>, kind: &Kind, record: &Record, today: Date) -> Option<&'a str> {
    let policies = &works.data.catalogue.seal_policies;
    policies
        .iter()
        .find(|policy| policy.covers(&kind.slug, &record.area, today))
        .map(|policy| policy.seal.as_str())
}

fn keys_of(intent: &Intent) -> Vec<DuplicateKey> {
    let last_day = intent.last_day.as_deref().and_then(|text| text.parse().ok());
    intent.keys.iter().map(|(rule, value)| DuplicateKey::stored(rule, value, last_day)).collect()
}

fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
