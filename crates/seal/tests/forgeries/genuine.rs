//! Genuine files, and changes that prove nothing against one.

use gm::sm3::sm3;
use gm::x509::CrlReason;

use crate::support::document::{ANNOTS, identifier, metadata, metadata_with};
use crate::support::layer::{SIGN_1, token};
use crate::support::trust::{AWAY, HOME, SignerEntry, crl};
use crate::support::{DAY, Files, Layer, List, NOW, SIGNED, SealSpec, World, raw_zip};
use crate::{Case, Forgery};

pub const ROWS: &[Forgery] = &[
    ("genuine", |w| Case::files(w, &w.genuine())),
    ("genuine_other_encoder", |w| Case::files(w, &w.sealed_by(&metadata(), &w.layer()))),
    ("genuine_method_words", |w| {
        Case::files(
            w,
            &w.sealed_by(&metadata(), &Layer { method: "SM2WithSM3", check_method: "SM3", ..w.layer() }),
        )
    }),
    ("genuine_list_of_digests", |w| {
        let list = List::Digests(vec![sm3(w.service.der()), sm3(w.signer.der())]);
        sealed_with(w, &SealSpec { list, ..w.seal() })
    }),
    ("genuine_list_of_two", |w| sealed_with(w, &SealSpec::new(&w.maker, &[&w.neighbour, &w.signer]))),
    ("genuine_two_rights", |w| {
        let first = SignerEntry { seals: "SEAL-OLD".to_owned(), ..SignerEntry::new(&w.signer, AWAY, "98") };
        Case::files(w, &w.genuine()).trust(|trust| trust.signers.insert(0, first))
    }),
    ("genuine_older_list_beside", |w| {
        let old = crl(w, &[], NOW - 90 * DAY);
        Case::files(w, &w.genuine()).trust(|trust| trust.crls.insert(0, old))
    }),
    ("genuine_root_with_new_key", |w| {
        let renewed = crate::support::world::root_again(w, 12);
        Case::files(w, &w.genuine()).trust(|trust| trust.roots.insert(0, renewed))
    }),
    ("genuine_later_seal", |w| Case::files(w, &noted(w))),
    ("genuine_revoked_later", |w| {
        let list = crl(w, &[(&w.signer, SIGNED + DAY, CrlReason::Superseded)], NOW - DAY);
        Case::files(w, &w.genuine()).trust(|trust| trust.crls = vec![list])
    }),
    ("genuine_zip_dates", |w| {
        let mut bytes = w.genuine().zip();
        bytes[12] ^= 1; // date in the first local header
        Case::bytes(w, bytes)
    }),
    ("hint_extra_file", |w| {
        let mut files = w.genuine();
        files.set("readme.txt", b"hello");
        Case::files(w, &files)
    }),
    ("hint_folder_of_extra_files", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw.push(raw_zip::Raw::stored("Doc_0/More/", b""));
        raw.push(raw_zip::Raw::stored("Doc_0/More/a.bin", b"a"));
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("hint_annual_inspection", |w| {
        Case::files(w, &w.sealed_by(&metadata_with("KZ_NSYXQ", Some("2026-05-31")), &w.layer()))
    }),
    ("hint_timestamp", |w| {
        Case::files(w, &w.sealed_by(&metadata(), &Layer { timestamp: Some(token), ..w.layer() }))
    }),
    ("hint_no_list", |w| Case::files(w, &w.genuine()).trust(|trust| trust.crls.clear())),
    ("hint_stale_list", |w| {
        let old = crl(w, &[], NOW - 90 * DAY);
        Case::files(w, &w.genuine()).trust(|trust| trust.crls = vec![old])
    }),
    ("hint_loose_identifier", |w| {
        let loose = identifier(HOME).replace(".001.", ".000.");
        Case::files(w, &w.sealed_by(&metadata_with("ZZBS", Some(&loose)), &w.layer()))
    }),
    ("hint_extra_signature_without_stamp", |w| {
        let mut files = w.genuine();
        let seal = SealSpec::new(&w.stranger_maker, &[&w.stranger]).der();
        Layer { stamps: String::new(), ..Layer::new(&w.stranger, seal).second() }.apply(&mut files);
        Case::files(w, &files)
    }),
    ("hint_listed_but_absent", |w| {
        let mut files = w.genuine();
        w.layer().second().list(&mut files);
        assert!(!files.has(&format!("{SIGN_1}/Signature.xml")));
        Case::files(w, &files)
    }),
];

fn sealed_with(world: &World, seal: &SealSpec<'_>) -> Case {
    Case::files(world, &world.sealed_by(&metadata(), &Layer::new(&world.signer, seal.der())))
}

/// A note of the sharing service under its own seal: the annotation list rewritten, everything sealed again.
pub fn noted(world: &World) -> Files {
    let mut files = world.genuine();
    annotate(&mut files);
    let seal = SealSpec { id: "SEAL-SERVICE", ..SealSpec::new(&world.maker, &[&world.service]) };
    Layer::new(&world.service, seal.der()).second().apply(&mut files);
    files
}

/// Adds an annotation to the page, as anybody can.
pub fn annotate(files: &mut Files) {
    let ns = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    let list = format!(
        "<ofd:Annotations {ns}><ofd:Page PageID=\"60\"><ofd:FileLoc>/Doc_0/Annots/Page_0.xml</ofd:FileLoc></ofd:Page>\
         </ofd:Annotations>"
    );
    let note = format!(
        "<ofd:PageAnnot {ns}><ofd:Annot ID=\"7001\" Type=\"Stamp\" Creator=\"x\" LastModDate=\"2026-04-01\"><ofd:Appearance \
         Boundary=\"50 20 60 8\"><ofd:TextObject ID=\"7002\" Font=\"10\" Size=\"5\" Boundary=\"0 0 60 8\"><ofd:TextCode X=\"0\" \
         Y=\"5\">李四</ofd:TextCode></ofd:TextObject></ofd:Appearance></ofd:Annot></ofd:PageAnnot>"
    );
    files.set(ANNOTS, list.as_bytes());
    files.set("Doc_0/Annots/Page_0.xml", note.as_bytes());
}
