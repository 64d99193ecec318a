//! Offline packs of three million certificates, and codes judged against one.

use std::hint::black_box;
use std::path::Path;

use gm::sm2::PreparedKey;
use lifecycle::{Base, Hold, State};
use node::audit::Actor;
use node::pack::PackOrder;
use proof::{Evidence, Input, Knowledge, Pack, judge};
use serde_json::{Map, Value, json};
use store::StoreError;
use store::rows::certificate::{self, Certificate};

use super::{bulk, put};
use crate::clock::{Watch, now, rate};
use crate::world::Scratch;

/// Rows that share a transaction.
const BATCH: usize = 10_000;
/// Bytes on the disk of one row with its indexes, generously.
const BYTES: u64 = 1_600;
/// What changes in a day (issue 5 §3), spread evenly: the dearest way.
const VERSIONS: usize = 20_000;
const STATES: usize = 3_000;
/// Distinct codes that take turns.
const CODES: u32 = 256;

/// Pseudo-random, the same at every run.
struct Roll(u64);

impl Roll {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as usize
    }
}

/// Ten states: 95 % normal, the other nine alike.
fn states() -> Result<Vec<String>, String> {
    let hold = |slug: &str| Hold(slug.to_owned());
    let kinds: [(Base, &[&str]); 10] = [
        (Base::Normal, &[]),
        (Base::Normal, &["withheld"]),
        (Base::Normal, &["lost"]),
        (Base::Normal, &["out-of-service"]),
        (Base::Normal, &["out-of-business"]),
        (Base::TransferredOut, &[]),
        (Base::Cancelled, &[]),
        (Base::Annulled, &[]),
        (Base::Revoked, &[]),
        (Base::Void, &[]),
    ];
    let text = |(base, holds): (Base, &[&str])| {
        let mut state = State::unknown("transport-certificate");
        (state.known, state.version, state.state_seq, state.base) = (true, 1, 1, base);
        state.holds = holds.iter().map(|slug| hold(slug)).collect();
        serde_json::to_string(&state).map_err(|error| error.to_string())
    };
    kinds.into_iter().map(text).collect()
}

fn fill(store: &store::Store, count: usize) -> Result<(), String> {
    let states = states()?;
    let mut roll = Roll(7);
    for start in (0..count).step_by(BATCH) {
        let rows: Vec<Certificate> = (start..(start + BATCH).min(count))
            .map(|number| {
                let state = if roll.below(100) < 95 { 0 } else { 1 + roll.below(9) };
                let version = match roll.below(100) {
                    0..88 => 1,
                    88..97 => 2,
                    _ => 3 + roll.below(3) as i64,
                };
                Certificate {
                    id: format!("{number:032x}"),
                    kind: "transport-certificate".into(),
                    source: "bench".into(),
                    subject_ref: format!("L{number}"),
                    status_index: Some(number as i64 + 1),
                    version,
                    state: states[state].clone(),
                    origin: "{}".into(),
                    ..Certificate::default()
                }
            })
            .collect();
        let done: Result<(), StoreError> =
            store.write(move |session| rows.iter().try_for_each(|one| certificate::insert(session, one)));
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The figures of packs and codes. The page's figures (`page_install_s` …) come from a browser; `cargo xtask bench verify` puts them beside these.
pub fn run(disk: &Path, count: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    crate::issue::enough_space(disk, count as u64 * BYTES)?;
    let scratch = Scratch::new(disk, &format!("pack-{count}"))?;
    let url = format!("sqlite:{}", scratch.0.join("rows.db").display());
    let opened = bulk::node(&scratch.0, &url)?;
    fill(&opened.province.store, count)?;
    let actor = Actor::node();
    let order = PackOrder {
        key: &*opened.keys.node,
        certificate: &opened.keys.certificate,
        max_age: 259_200,
        actor: &actor,
    };
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let watch = Watch::start();
    let row = opened.province.pack_build(&order, now() * 1_000_000).map_err(|error| text(&error))?;
    put(figures, "pack_build_s", watch.wall());
    figures.insert("pack_indexes".into(), json!(row.count));
    figures.insert("pack_bytes_3m".into(), json!(row.bytes));
    let watch = Watch::start();
    let pack = opened.province.pack_open("99", row.number).map_err(|error| text(&error))?;
    let pack = pack.ok_or("the pack is not kept")?;
    put(figures, "pack_read_s", watch.wall());
    let next = tomorrow(&pack);
    let delta = next.encode_delta(&pack, order.key).map_err(|error| text(&error))?;
    figures.insert("delta_bytes_day".into(), json!(delta.len()));
    let mut knowledge = Knowledge::clone(&opened.province.shelf.knowledge());
    let watch = Watch::start();
    let applied = pack.advance(&delta, knowledge.trust()).map_err(|error| text(&error))?;
    put(figures, "delta_apply_s", watch.wall());
    if applied != next {
        return Err("the delta does not lead to the pack".into());
    }
    knowledge.admit(pack).map_err(|error| text(&error))?;
    codes(&opened.province, &knowledge, figures)
}

/// A day later: versions and states of certificates all over the province.
fn tomorrow(pack: &Pack) -> Pack {
    let mut next = pack.clone();
    next.number += 1;
    next.made_at += 86_400;
    let mut roll = Roll(11);
    let count = next.columns.states.len();
    let share = count as f64 / 3e6;
    for _ in 0..(VERSIONS as f64 * share) as usize {
        let at = 1 + roll.below(count - 1);
        next.columns.versions[at] += 1;
    }
    for _ in 0..(STATES as f64 * share) as usize {
        let at = 1 + roll.below(count - 1);
        // Place 0 is an index without a certificate.
        next.columns.states[at] = 1 + roll.below(next.states.len() - 1) as u8;
    }
    next
}

fn codes(
    province: &node::Province,
    knowledge: &Knowledge,
    figures: &mut Map<String, Value>,
) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let request = |index: u32| -> Result<proof::CodeRequest, String> {
        let identifier = codes::CertificateId::new(
            "11100000000019713D072".parse().map_err(|error| text(&error))?,
            codes::Uscc::parse("11990000MB0000000J").map_err(|error| text(&error))?,
            codes::Serial::parse(&format!("9900002026{index:08}")).map_err(|error| text(&error))?,
            1,
        );
        Ok(proof::CodeRequest {
            identifier: identifier.map_err(|error| text(&error))?,
            status_index: index,
            issued: jiff::civil::date(2026, 5, 1),
            valid_from: jiff::civil::date(2026, 5, 1),
            valid_to: codes::Validity::LongTerm,
        })
    };
    let inputs = (1..=CODES)
        .map(|index| {
            province.keys.codes.content(&request(index)?).map(Input::Code).map_err(|error| text(&error))
        })
        .collect::<Result<Vec<_>, String>>()?;
    let key =
        province.verifier.trust().code_keys.first().ok_or("no code key")?.certificate.public_key().clone();
    let prepared = PreparedKey::new(&key);
    let signed = province.keys.codes.content(&request(1)?).map_err(|error| text(&error))?;
    let signed = proof::SignedCode::decode(&signed).map_err(|error| text(&error))?;
    // The verification alone, as a code needs it: digest and signature under the prepared key.
    put(
        figures,
        "sm2_verify_per_core_second",
        rate(2.0, || {
            black_box(signed.holds_for(&prepared));
        }),
    );
    let (evidence, at) = (Evidence::default(), now());
    let first = judge(knowledge, &evidence, at, &inputs[0]);
    if first.status.is_none() {
        return Err(format!("the code is not judged by the pack: {first:?}"));
    }
    let mut turn = 0;
    put(
        figures,
        "codes_per_core_second",
        rate(2.0, || {
            turn = (turn + 1) % inputs.len();
            black_box(judge(knowledge, &evidence, at, &inputs[turn]));
        }),
    );
    Ok(())
}
