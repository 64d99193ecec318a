//! Packages made to cost much: each must be judged with little work. Counted, not timed: what a reader would repeat
//! without end is bounded by a refusal. `write_the_files` leaves them for a measurement with the program itself.

#![allow(clippy::unwrap_used)]

mod support;

use gm::base64;
use gm::sm3::sm3;
use seal::Verifier;
use support::document::{metadata, parts, unsealed};
use support::layer::{LIST, SIGN_0};
use support::raw_zip::{self, Raw};
use support::{Files, Layer, List, NOW, SealSpec, World};

const NS: &str = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";

type Burden = (&'static str, fn(&World) -> Vec<u8>);

const BURDENS: [Burden; 12] = [
    ("many_metadata", |w| {
        let names: Vec<String> = (0..40_000).map(|at| format!("N{at}")).collect();
        let datas: Vec<(&str, String)> = names.iter().map(|name| (name.as_str(), String::new())).collect();
        w.sealed_by(&datas, &w.layer()).zip()
    }),
    ("many_references", |w| {
        let mut files = w.genuine();
        let many: String = (0..30_000).map(|at| format!("<ofd:Reference FileRef=\"/n{at}\"/>")).collect();
        files.replace(
            &format!("{SIGN_0}/Signature.xml"),
            "</ofd:References>",
            &format!("{many}</ofd:References>"),
        );
        files.zip()
    }),
    ("many_signatures_over_many_bytes", |w| {
        let mut files = unsealed(&parts(&metadata()));
        (0..6).for_each(|at| files.set(&format!("Doc_0/Res/big{at}.bin"), &thin((7 << 20) - at)));
        w.layer().apply(&mut files);
        let mut list = String::new();
        for at in 0..16 {
            let xml = files.get(&format!("{SIGN_0}/Signature.xml")).to_vec();
            files.set(&format!("Doc_0/S{at}.xml"), &xml);
            list.push_str(&format!("<ofd:Signature BaseLoc=\"/Doc_0/S{at}.xml\"/>"));
        }
        files.set(LIST, format!("<ofd:Signatures {NS}>{list}</ofd:Signatures>").as_bytes());
        files.zip()
    }),
    ("many_pages_missing", |_| {
        let pages: String = (0..9_999).map(|at| page(at, &format!("p{at}"))).collect();
        with("Doc_0/Document.xml", "<ofd:Pages>", &format!("<ofd:Pages>{pages}"))
    }),
    ("one_large_page_many_times", |_| {
        let pages: String = (0..9_999).map(|at| page(at, "Pages/Page_0/Content.xml")).collect();
        with("Doc_0/Document.xml", "<ofd:Pages>", &format!("<ofd:Pages>{pages}"))
    }),
    ("long_names", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        let long = "n/".repeat(2_900);
        raw.extend((0..1_900).map(|at| Raw::stored(&format!("{long}{at}"), b"")));
        raw_zip::write(&raw)
    }),
    ("seal_of_many_signers", |w| {
        let list = List::Certificates(vec![Vec::new(); 500_000]);
        let seal = SealSpec { list, ..w.seal() }.der();
        w.sealed_by(&metadata(), &Layer::new(&w.signer, seal)).zip()
    }),
    ("large_text", |_| {
        let text = String::from_utf8(thin(7 << 20)).unwrap_or_default();
        with("Doc_0/Annots/Annotations.xml", "/>", &format!(">{text}</ofd:Annotations>"))
    }),
    ("many_attributes", |_| {
        let many = "<a b=\"\" c=\"\" d=\"\" e=\"\" f=\"\" g=\"\" h=\"\"/>".repeat(12_400);
        with("Doc_0/Annots/Annotations.xml", "/>", &format!(">{many}</ofd:Annotations>"))
    }),
    ("large_stored_file", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw.push(Raw::stored("more.bin", &vec![0x55; 23 << 20]));
        raw_zip::write(&raw)
    }),
    ("large_package_with_large_file", |w| {
        let mut files = unsealed(&parts(&metadata()));
        files.set("Doc_0/Res/photo.png", &thin(26 << 20));
        w.layer().apply(&mut files);
        let mut raw: Vec<Raw> = files.iter().map(|(name, bytes)| Raw::deflated(name, bytes)).collect();
        raw.push(Raw::stored("more.bin", &vec![0x55; 21 << 20]));
        raw_zip::write(&raw)
    }),
    ("large_page_sealed", |w| {
        let mut files = unsealed(&parts(&metadata()));
        files.set("Doc_0/Res/photo.png", &thin(31 << 20));
        w.layer().apply(&mut files);
        files.zip()
    }),
];

fn page(at: u32, location: &str) -> String {
    format!("<ofd:Page ID=\"{}\" BaseLoc=\"{location}\"/>", at + 100)
}

/// A package with one file changed, unsealed but with a signature to look at.
fn with(name: &str, from: &str, to: &str) -> Vec<u8> {
    let mut files = World::new().genuine();
    files.replace(name, from, to);
    files.zip()
}

/// Letters that shrink to a hundredth: as much as the container allows.
fn thin(len: usize) -> Vec<u8> {
    let line: String = (0..400u32)
        .map(|at| base64::encode(&sm3(&at.to_be_bytes())))
        .map(|text| text[..4].to_owned())
        .collect();
    line.bytes().flat_map(|byte| std::iter::repeat_n(byte, 90)).cycle().take(len).collect()
}

fn verdict(verifier: &Verifier, bytes: &[u8]) -> seal::FileVerdict {
    verifier.verify(bytes, NOW)
}

#[test]
fn a_burden_is_judged_and_only_the_sealed_one_passes() {
    let world = World::new();
    let verifier = Verifier::uncached(world.trust().store());
    for (name, build) in BURDENS {
        let verdict = verdict(&verifier, &build(&world));
        // Whoever has the seal may seal a large photo; a large file that nothing names is a hint.
        let may_pass = [
            "large_page_sealed",
            "large_package_with_large_file",
            "large_stored_file",
            "long_names",
            "large_text",
        ]
        .contains(&name);
        assert!(may_pass || !verdict.verdict.is_valid(), "{name}: {}", verdict.verdict);
    }
}

#[test]
fn a_repeated_signature_costs_one_digest_of_each_file() {
    // Sixteen signatures name the same 42 MB. Were each to digest them anew, this test would take minutes in this build.
    let world = World::new();
    let (_, build) = BURDENS[2];
    let bytes = build(&world);
    let verdict = verdict(&Verifier::uncached(world.trust().store()), &bytes);
    assert!(!verdict.verdict.is_valid());
    assert!(verdict.reasons.iter().any(|reason| reason.code == "PROPERTY_PATH"));
}

#[test]
fn a_verdict_gives_a_hundred_reasons_at_most() {
    let world = World::new();
    let missing = BURDENS.iter().find(|(name, _)| *name == "many_pages_missing").unwrap();
    let verdict = verdict(&world.trust().verifier(), &missing.1(&world));
    assert_eq!(verdict.reasons.len(), 100);
}

#[test]
#[ignore = "writes files for a measurement"]
fn write_the_files() {
    let world = World::new();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("burden");
    std::fs::create_dir_all(folder.join("trust")).unwrap();
    for (name, build) in BURDENS {
        std::fs::write(folder.join(format!("{name}.ofd")), build(&world)).unwrap();
    }
    std::fs::write(folder.join("zeros.ofd"), vec![0; 100 << 20]).unwrap();
    std::fs::write(folder.join("zeros_within.ofd"), vec![0; 23 << 20]).unwrap();
    let (index, files) = world.trust().files();
    std::fs::write(folder.join("trust/trust.toml"), index).unwrap();
    for (name, bytes) in files {
        let path = folder.join("trust").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_package_as_large_as_allowed_is_read() {
    let world = World::new();
    let mut files = Files::default();
    files.set("more.bin", &thin(1 << 20));
    assert!(!verdict(&world.trust().verifier(), &files.zip()).verdict.is_valid());
}
