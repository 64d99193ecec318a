//! Times: of the signature, of certificates and seals, and of the certificate itself.

use crate::support::document::{identifier, metadata, metadata_with};
use crate::support::trust::{AWAY, HOME, SignerEntry};
use crate::support::{DAY, Layer, SIGNED, SealSpec, World};
use crate::{Case, Forgery};

pub const ROWS: &[Forgery] = &[
    ("signed_in_future", |w| Case { now: SIGNED - DAY, ..metadata_item(w, "ZZYXQQSRQ", Some("2026-01-01")) }),
    ("signer_expired", |w| signer_of(w, SIGNED - 90 * DAY, SIGNED - 1)),
    ("signer_not_yet_valid", |w| signer_of(w, SIGNED + 1, SIGNED + 90 * DAY)),
    ("maker_expired", |w| {
        let maker = w.certified("演示制章人", 31, |profile| profile.not_after = SIGNED - 2 * DAY);
        let seal = SealSpec { created: SIGNED - DAY, ..SealSpec::new(&maker, &[&w.signer]) };
        let der = maker.der().to_vec();
        by(w, Layer::new(&w.signer, seal.der())).trust(|trust| trust.makers = vec![der])
    }),
    ("seal_expired", |w| sealed_with(w, SealSpec { valid_to: SIGNED - 1, ..w.seal() })),
    ("seal_not_yet_valid", |w| sealed_with(w, SealSpec { valid_from: SIGNED + 1, ..w.seal() })),
    ("seal_made_later", |w| sealed_with(w, SealSpec { created: SIGNED + DAY, ..w.seal() })),
    ("certificate_expired", |w| metadata_item(w, "ZZYXQJZRQ", Some("2026-05-31"))),
    ("certificate_not_begun", |w| metadata_item(w, "ZZYXQQSRQ", Some("2026-06-02"))),
    ("certificate_end_unreadable", |w| metadata_item(w, "ZZYXQJZRQ", Some("2026/05/31"))),
    ("certificate_begin_unreadable", |w| metadata_item(w, "ZZYXQQSRQ", Some("明天"))),
    ("identifier_absent", |w| metadata_item(w, "ZZBS", None)),
    ("identifier_malformed", |w| metadata_item(w, "ZZBS", Some("1.2.156.3005.2.1"))),
    ("kind_in_conflict", |w| metadata_item(w, "ZZLXDM", Some("11100000000019713D017"))),
    ("issuer_in_conflict", |w| metadata_item(w, "ZZBFJGDM", Some(AWAY))),
    ("issuer_in_conflict_loose_identifier", |w| {
        let mut data = metadata_with("ZZBS", Some(&identifier(HOME).replace(".001.", ".000.")));
        data.retain(|(name, _)| *name != "ZZBFJGDM");
        data.push(("ZZBFJGDM", AWAY.to_owned()));
        Case::files(w, &w.sealed_by(&data, &w.layer()))
    }),
];

fn by(world: &World, layer: Layer<'_>) -> Case {
    Case::files(world, &world.sealed_by(&metadata(), &layer))
}

fn sealed_with(world: &World, seal: SealSpec<'_>) -> Case {
    by(world, Layer::new(&world.signer, seal.der()))
}

fn metadata_item(world: &World, name: &'static str, value: Option<&str>) -> Case {
    Case::files(world, &world.sealed_by(&metadata_with(name, value), &world.layer()))
}

/// A trusted signer whose certificate has this validity.
fn signer_of(world: &World, from: i64, to: i64) -> Case {
    let party = world.certified("演示省交通运输厅", 30, |profile| {
        (profile.not_before, profile.not_after) = (from, to);
    });
    let entry = SignerEntry::new(&party, HOME, "99");
    let case = by(world, Layer::new(&party, SealSpec::new(&world.maker, &[&party]).der()));
    case.trust(|trust| trust.signers.push(entry))
}
