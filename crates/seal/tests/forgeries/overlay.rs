//! Things laid over or beside an untouched, rightly sealed document.

use crate::genuine::{annotate, noted};
use crate::support::document::ANNOTS;
use crate::support::layer::{LIST, SIGN_1};
use crate::support::trust::SignerEntry;
use crate::support::{Files, Layer, SealSpec, World};
use crate::{Case, Forgery};

pub const ROWS: &[Forgery] = &[
    ("annotation_over_a_field", |w| changed(w, annotate)),
    ("annotation_in_the_list_itself", |w| {
        changed(w, |files| list(files, "<ofd:Annot ID=\"1\" Type=\"Stamp\"/>"))
    }),
    ("annotation_in_foreign_namespace", |w| {
        changed(w, |files| {
            list(files, "<x:Page xmlns:x=\"urn:x\" PageID=\"60\"><x:FileLoc>/a.xml</x:FileLoc></x:Page>")
        })
    }),
    ("annotation_names_a_sealed_file", |w| {
        changed(w, |files| {
            list(
                files,
                "<ofd:Page PageID=\"60\"><ofd:FileLoc>/Doc_0/Attachs/certificate.xml</ofd:FileLoc></ofd:Page>",
            );
        })
    }),
    ("annotation_disguised_as_attachment", |w| {
        changed(w, |files| {
            list(
                files,
                "<ofd:Page PageID=\"60\"><ofd:FileLoc>/Doc_0/Attachs/certificate.xml</ofd:FileLoc></ofd:Page>",
            );
            files.set("Doc_0/Attachs/certificate.xml", b"<changed/>");
        })
    }),
    ("annotation_file_absent", |w| {
        changed(w, |files| {
            list(files, "<ofd:Page PageID=\"60\"><ofd:FileLoc>none.xml</ofd:FileLoc></ofd:Page>")
        })
    }),
    ("annotation_list_removed", |w| changed(w, |files| files.remove(ANNOTS))),
    ("annotation_under_a_strangers_seal", |w| {
        changed(w, |files| {
            annotate(files);
            bogus(w).apply(files);
        })
    }),
    ("annotation_changed_after_the_later_seal", |w| {
        let mut files = noted(w);
        files.replace("Doc_0/Annots/Page_0.xml", "李四", "王五");
        Case::files(w, &files)
    }),
    ("annotation_added_beside_the_later_seal", |w| {
        let mut files = w.genuine();
        let seal = SealSpec { id: "SEAL-SERVICE", ..SealSpec::new(&w.maker, &[&w.service]) };
        Layer { leave_out: vec![ANNOTS], ..Layer::new(&w.service, seal.der()).second() }.apply(&mut files);
        annotate(&mut files);
        Case::files(w, &files)
    }),
    ("stamp_of_a_stranger", |w| changed(w, |files| bogus(w).apply(files))),
    ("stamp_of_a_stranger_listed_first", |w| {
        changed(w, |files| {
            bogus(w).apply(files);
            let entry =
                format!("<ofd:Signature ID=\"{SIGN_1}\" Type=\"Seal\" BaseLoc=\"/{SIGN_1}/Signature.xml\"/>");
            files.replace(LIST, &entry, "");
            files.replace(LIST, "<ofd:MaxSignId>", &format!("{entry}<ofd:MaxSignId>"));
        })
    }),
    ("stamp_in_a_signature_that_cannot_be_read", |w| {
        changed(w, |files| {
            bogus(w).apply(files);
            files.replace(
                &format!("{SIGN_1}/Signature.xml"),
                "<ofd:Signature ",
                "<!DOCTYPE x><ofd:Signature ",
            );
        })
    }),
    ("stamp_with_unknown_method", |w| changed(w, |files| Layer { method: "1.2.3", ..bogus(w) }.apply(files))),
    ("stamp_of_somebody_unknown", |w| {
        let anybody = SignerEntry::new(&w.signer, "*", "99");
        let case = changed(w, |files| {
            Layer::new(&w.employee, SealSpec::new(&w.maker, &[&w.employee]).der()).second().apply(files);
        });
        case.trust(|trust| trust.signers = vec![anybody])
    }),
    ("stamp_copied_from_the_seal", |w| {
        changed(w, |files| {
            for name in ["Signature.xml", "SignedValue.dat", "Seal.esl"] {
                let bytes = files.get(&format!("Doc_0/Signs/Sign_0/{name}")).to_vec();
                files.set(&format!("{SIGN_1}/{name}"), &bytes);
            }
            w.layer().second().list(files);
        })
    }),
    ("name_with_final_dot", |w| extra(w, "Doc_0/Document.xml.")),
    ("name_with_final_space", |w| extra(w, "Doc_0 /Document.xml")),
    ("name_with_unseen_character", |w| extra(w, "Doc_0/Document.xml\u{200b}")),
    ("name_in_unicode_case", |w| extra(w, "Doc_0/Do\u{ad}cUMENT.xml")),
    ("name_short_form", |w| extra(w, "Doc_0/DOCUME~1.XML")),
    ("name_of_a_relative_reference", |w| extra(w, "PublicRes.xml")),
    ("name_of_a_doubled_folder", |w| extra(w, "Doc_0/Doc_0/Document.xml")),
];

fn changed(world: &World, change: impl FnOnce(&mut Files)) -> Case {
    let mut files = world.genuine();
    change(&mut files);
    Case::files(world, &files)
}

fn list(files: &mut Files, inside: &str) {
    let list =
        format!("<ofd:Annotations xmlns:ofd=\"http://www.ofdspec.org/2016\">{inside}</ofd:Annotations>");
    files.set(ANNOTS, list.as_bytes());
}

/// A second signature with a stamp, by a stranger with its own root, maker and seal.
fn bogus(world: &World) -> Layer<'_> {
    Layer::new(&world.stranger, SealSpec::new(&world.stranger_maker, &[&world.stranger]).der()).second()
}

fn extra(world: &World, name: &str) -> Case {
    changed(world, |files| files.set(name, b"<ofd:Document xmlns:ofd=\"http://www.ofdspec.org/2016\"/>"))
}
