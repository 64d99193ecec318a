//! Minting: identifiers, status indexes, and the memory of what was minted before.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use catalogue::{Catalogue, DuplicateKey, Kind, LiveKeys, NumberRule};
use codes::{CertificateId, Serial, TypeCode, Uscc};
use jiff::civil::Date;
use model::{Finding, Record};
use seal::SealProvider;

use super::IssueRequest;
use super::journal::{Intent, hex};
use crate::NodeError;

/// What this output folder has minted, in this run and before it.
pub(super) struct Mint {
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
        request: &IssueRequest<'_>,
        kind: &Kind,
        record: &Record,
        record_sm3: [u8; 32],
        now: i64,
        today: Date,
    ) -> Result<Intent, NodeError> {
        let rules = &request.data.catalogue.number_rules;
        let rule =
            rules.iter().find(|rule| rule.covers(&kind.slug, &record.area, today)).ok_or_else(|| {
                NodeError::refused(
                    format!("没有适用于“{}”的编号规则", kind.name),
                    "请在 number-rules.toml 中补充",
                )
            })?;
        let (identifier, counter) = self.next(rule, kind, record, today)?;
        self.status_index += 1;
        let seal_name = seal_name(request, kind, record, today);
        let (entry, seal) = seal_name.and_then(|name| request.keys.seal(name)).ok_or_else(|| {
            NodeError::refused(format!("没有用于“{}”的印章", kind.name), "请核对 seal-policy.toml 和密钥目录")
        })?;
        let templates = request.engine.parts(kind).map(|(_, prepared)| {
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
            status_index: self.status_index,
            counter,
            signed_at: now,
            templates: templates.collect(),
            fonts: request.engine.fonts_digest().to_owned(),
            key_id: hex(&seal.key_id()),
            code_key_id: request.keys.codes.label(),
            seal: entry.name.clone(),
            keys: keys.into_iter().map(|key| (key.rule, key.value)).collect(),
            last_day: catalogue::last_day(record).map(|day| day.to_string()),
            fresh: true,
            done: false,
            files: Vec::new(),
        })
    }

    fn next(
        &mut self,
        rule: &NumberRule,
        kind: &Kind,
        record: &Record,
        today: Date,
    ) -> Result<(String, (String, u64)), NodeError> {
        let refused = |cause: String| {
            NodeError::refused(
                format!("记录“{}”不能编出证照标识：{cause}", record.record_id),
                "请核对编号规则",
            )
        };
        // Unique within type and issuer is what GB/T 36904 asks; one counter for all that looks alike is stricter.
        let name = rule.series(&record.area, today.year());
        let counter = self.counters.entry(name.clone()).or_default();
        *counter += 1;
        let serial = rule
            .serial(&record.area, today.year(), *counter)
            .ok_or_else(|| refused("流水号已用完".into()))?;
        let type_code = TypeCode::parse(&kind.type_code).map_err(|error| refused(error.to_string()))?;
        let issuer = Uscc::parse(&record.authority_uscc).map_err(|error| refused(error.to_string()))?;
        let serial = Serial::parse(&serial).map_err(|error| refused(error.to_string()))?;
        let id =
            CertificateId::new(type_code, issuer, serial, 1).map_err(|error| refused(error.to_string()))?;
        Ok((id.to_string(), (name, *counter)))
    }
}

/// The seal that the policy names for a record.
pub(super) fn seal_name<'a>(
    request: &IssueRequest<'a>,
    kind: &Kind,
    record: &Record,
    today: Date,
) -> Option<&'a str> {
    let policies = &request.data.catalogue.seal_policies;
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
