//! Who signed, with whose seal, and for whom it may speak.

use gm::x509::{CrlReason, KeyUsage};

use crate::support::document::{identifier, metadata, metadata_of, metadata_with};
use crate::support::trust::{AWAY, HOME, SignerEntry, crl};
use crate::support::world::{issued_by, with_critical_extension};
use crate::support::{DAY, Layer, NOW, Party, SIGNED, SealSpec, Trust, World};
use crate::{Case, Forgery};

pub const ROWS: &[Forgery] = &[
    ("stolen_seal_stranger", |w| by(w, Layer::new(&w.stranger, w.seal().der()))),
    ("stolen_seal_same_root", |w| by(w, Layer::new(&w.employee, w.seal().der()))),
    ("stolen_seal_neighbour", |w| by(w, Layer::new(&w.neighbour, w.seal().der()))),
    ("stolen_seal_service", |w| by(w, Layer::new(&w.service, w.seal().der()))),
    ("same_key_other_certificate", |w| {
        let again = w.certified("演示省交通运输厅", 3, |profile| profile.serial = vec![9, 9]);
        by(w, Layer::new(&again, w.seal().der()))
    }),
    ("certificate_swapped_for_a_listed_one", |w| {
        let seal = SealSpec::new(&w.maker, &[&w.signer, &w.employee]).der();
        by(w, Layer { certificate: w.signer.der().to_vec(), ..Layer::new(&w.employee, seal) })
    }),
    ("own_seal_of_a_stranger", |w| stranger(w)),
    ("own_seal_of_a_stranger_issuer_unknown", |w| stranger(w).trust(|trust| trust.signers.clear())),
    ("genuine_but_nobody_trusted", |w| Case::files(w, &w.genuine()).trust(|trust| trust.signers.clear())),
    ("maker_of_a_stranger", |w| {
        by(w, Layer::new(&w.signer, SealSpec::new(&w.stranger_maker, &[&w.signer]).der()))
    }),
    ("maker_under_the_root_but_not_listed", |w| {
        by(w, Layer::new(&w.signer, SealSpec::new(&w.side_maker, &[&w.signer]).der()))
    }),
    ("maker_unknown", |w| {
        let anybody = SignerEntry::new(&w.signer, "*", "99");
        by(w, Layer::new(&w.signer, SealSpec::new(&w.side_maker, &[&w.signer]).der()))
            .trust(|trust| trust.signers = vec![anybody])
    }),
    ("signer_makes_its_own_seal", |w| {
        by(w, Layer::new(&w.signer, SealSpec::new(&w.signer, &[&w.signer]).der()))
    }),
    ("signer_added_to_the_seal", |w| {
        // The maker's signature is over the seal without the second signer.
        let longer = SealSpec {
            signature: |_| vec![0x30, 6, 2, 1, 1, 2, 1, 1],
            ..SealSpec::new(&w.maker, &[&w.signer, &w.employee])
        };
        by(w, Layer::new(&w.employee, longer.der()))
    }),
    ("seal_damaged", |w| {
        let damaged = SealSpec {
            signature: |mut value| {
                value[20] ^= 1;
                value
            },
            ..w.seal()
        };
        by(w, Layer::new(&w.signer, damaged.der()))
    }),
    ("maker_certificate_broken", |w| {
        let mut seal = w.seal().der();
        let at = seal.windows(w.maker.der().len()).position(|window| window == w.maker.der()).unwrap();
        seal[at] = 0x31;
        by(w, Layer::new(&w.signer, seal))
    }),
    ("seal_for_an_untrusted_signer", |w| {
        by(w, Layer::new(&w.employee, SealSpec::new(&w.maker, &[&w.employee]).der()))
    }),
    ("root_signs", |w| by(w, Layer::new(&w.root, SealSpec::new(&w.maker, &[&w.root]).der()))),
    ("maker_signs", |w| by(w, Layer::new(&w.maker, SealSpec::new(&w.maker, &[&w.maker]).der()))),
    ("neighbour_over_our_certificate", |w| by(w, neighbour(w))),
    ("neighbour_with_loose_identifier", |w| {
        let loose = identifier(HOME).replace(".001.", ".000.");
        let mut data = metadata_with("ZZBFJGDM", Some(AWAY));
        data.retain(|(name, _)| *name != "ZZBS");
        data.push(("ZZBS", loose));
        Case::files(w, &w.sealed_by(&data, &neighbour(w)))
    }),
    ("neighbour_with_loose_identifier_alone", |w| {
        let mut data = metadata_with("ZZBS", Some(&identifier(HOME).replace(".001.", ".000.")));
        data.retain(|(name, _)| *name != "ZZBFJGDM");
        Case::files(w, &w.sealed_by(&data, &neighbour(w)))
    }),
    ("neighbour_with_our_area_as_issuer", |w| {
        let mut data = metadata_with("ZZBS", Some("1.2.156.3005.2.11100000000019713D016.110000.1.001.1"));
        data.retain(|(name, _)| *name != "ZZBFJGDM");
        data.push(("ZZBFJGDM", AWAY.to_owned()));
        Case::files(w, &w.sealed_by(&data, &neighbour(w)))
    }),
    ("neighbour_names_itself_beside_our_identifier", |w| {
        Case::files(w, &w.sealed_by(&metadata_with("ZZBFJGDM", Some(AWAY)), &neighbour(w)))
    }),
    ("ours_over_the_neighbours_certificate", |w| {
        Case::files(w, &w.sealed_by(&metadata_of(AWAY), &w.layer()))
    }),
    ("scope_other_kind", |w| scoped(w, |entry| entry.kinds = "11100000000019713D017".to_owned())),
    ("scope_other_area", |w| scoped(w, |entry| entry.areas = "9901".to_owned())),
    ("scope_empty_area", |w| scoped(w, |entry| entry.areas = String::new())),
    ("scope_not_begun", |w| scoped(w, |entry| entry.from = "2026-03-02".to_owned())),
    ("scope_ended", |w| scoped(w, |entry| entry.to = Some("2026-02-28".to_owned()))),
    ("scope_without_readable_begin", |w| scoped(w, |entry| entry.from = "always".to_owned())),
    ("scope_without_readable_end", |w| scoped(w, |entry| entry.to = Some("soon".to_owned()))),
    ("scope_other_seal", |w| scoped(w, |entry| entry.seals = "SEAL-98".to_owned())),
    ("scope_halves_do_not_add_up", |w| {
        let other_seal =
            SignerEntry { seals: "SEAL-98".to_owned(), ..SignerEntry::new(&w.signer, HOME, "99") };
        Case::files(w, &w.genuine())
            .trust(|trust| trust.signers = vec![SignerEntry::new(&w.signer, AWAY, "98"), other_seal])
    }),
    ("revoked_before", |w| revoked(w, &w.signer, SIGNED - DAY, CrlReason::Superseded)),
    ("revoked_at_that_second", |w| revoked(w, &w.signer, SIGNED, CrlReason::Unspecified)),
    ("key_leaked_later", |w| revoked(w, &w.signer, SIGNED + DAY, CrlReason::KeyCompromise)),
    ("key_leaked_before", |w| revoked(w, &w.signer, SIGNED - DAY, CrlReason::KeyCompromise)),
    ("maker_revoked_before_it_made_the_seal", |w| {
        let seal = SealSpec { created: SIGNED - DAY, ..w.seal() };
        let list = crl(w, &[(&w.maker, SIGNED - 2 * DAY, CrlReason::Superseded)], NOW - DAY);
        by(w, Layer::new(&w.signer, seal.der())).trust(|trust| trust.crls = vec![list])
    }),
    ("maker_key_leaked", |w| revoked(w, &w.maker, NOW - DAY, CrlReason::KeyCompromise)),
    ("list_forged", |w| {
        Case::files(w, &w.genuine()).trust(|trust| {
            let last = trust.crls[0].len() - 1;
            trust.crls[0][last] ^= 1;
        })
    }),
    ("signer_under_another_root", |w| {
        let entry = SignerEntry::new(&w.stranger, HOME, "99");
        by(w, Layer::new(&w.stranger, SealSpec::new(&w.maker, &[&w.stranger]).der()))
            .trust(|trust| trust.signers.push(entry))
    }),
    ("signer_without_right_to_sign", |w| {
        trusted(
            w,
            w.certified("演示省交通运输厅", 20, |profile| {
                profile.key_usage = KeyUsage::KEY_ENCIPHERMENT
            }),
        )
    }),
    ("signer_certified_by_a_signer", |w| {
        let middle = w.employee.der().to_vec();
        trusted(w, issued_by(&w.employee, "演示省交通运输厅", 21))
            .trust(|trust| trust.intermediates.push(middle))
    }),
    ("signer_with_critical_extension", |w| {
        by(w, Layer { certificate: with_critical_extension(w, 22), ..w.layer() })
    }),
    ("trust_without_roots", |w| Case::files(w, &w.genuine()).trust(|trust| trust.roots.clear())),
    ("trust_without_makers", |w| Case::files(w, &w.genuine()).trust(|trust| trust.makers.clear())),
];

fn by(world: &World, layer: Layer<'_>) -> Case {
    Case::files(world, &world.sealed_by(&metadata(), &layer))
}

fn stranger(world: &World) -> Case {
    by(world, Layer::new(&world.stranger, SealSpec::new(&world.stranger_maker, &[&world.stranger]).der()))
}

/// 试验省's own genuine seal.
fn neighbour(world: &World) -> Layer<'_> {
    Layer::new(
        &world.neighbour,
        SealSpec { id: "SEAL-98", ..SealSpec::new(&world.maker, &[&world.neighbour]) }.der(),
    )
}

fn scoped(world: &World, change: impl FnOnce(&mut SignerEntry)) -> Case {
    Case::files(world, &world.genuine()).trust(|trust: &mut Trust| change(&mut trust.signers[0]))
}

fn revoked(world: &World, party: &Party, at: i64, reason: CrlReason) -> Case {
    let list = crl(world, &[(party, at, reason)], NOW - DAY);
    Case::files(world, &world.genuine()).trust(|trust| trust.crls = vec![list])
}

/// Sealed by a party that the trust data list, whatever its certificate.
fn trusted(world: &World, party: Party) -> Case {
    let entry = SignerEntry::new(&party, HOME, "99");
    let case = by(world, Layer::new(&party, SealSpec::new(&world.maker, &[&party]).der()));
    case.trust(|trust| trust.signers.push(entry))
}
