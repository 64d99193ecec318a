//! The document changed under the seal, or sealed with a hole in it.

use gm::base64;
use gm::sm3::sm3;

use crate::support::document::{PAGE, identifier, metadata, parts, unsealed};
use crate::support::layer::{LIST, SIGN_0};
use crate::support::trust::HOME;
use crate::support::{Files, Layer, World};
use crate::{Case, Forgery};

const SIGNATURE: &str = "Doc_0/Signs/Sign_0/Signature.xml";

pub const ROWS: &[Forgery] = &[
    ("page_text", |w| changed(w, |files| files.replace(PAGE, "张三", "李四"))),
    ("page_text_and_check_value", |w| {
        changed(w, |files| {
            files.replace(PAGE, "张三", "李四");
            check_value_again(files, w, PAGE);
        })
    }),
    ("stamp_moved", |w| changed(w, |files| files.replace(SIGNATURE, "150 100 40 40", "10 100 40 40"))),
    ("font_swapped", |w| changed(w, |files| files.set("Doc_0/Res/words.ttf", b"outlines of other words"))),
    ("photo_swapped", |w| changed(w, |files| files.set("Doc_0/Res/photo.png", b"another face"))),
    ("metadata_changed", |w| changed(w, |files| files.replace("OFD.xml", "2030-02-28", "2040-02-28"))),
    ("identifier_changed_and_check_value", |w| {
        changed(w, |files| {
            files.replace("OFD.xml", &identifier(HOME), "1.2.156.3005.2.1.1.1.001.1");
            check_value_again(files, w, "OFD.xml");
        })
    }),
    ("reference_removed_and_page_changed", |w| {
        changed(w, |files| {
            files.replace(PAGE, "张三", "李四");
            let value = base64::encode(&sm3(w.genuine().get(PAGE)));
            let reference = format!(
                "<ofd:Reference FileRef=\"/{PAGE}\"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>"
            );
            files.replace(SIGNATURE, &reference, "");
        })
    }),
    ("second_body", |w| {
        changed(w, |files| files.replace("OFD.xml", "</ofd:OFD>", "<ofd:DocBody/></ofd:OFD>"))
    }),
    ("resource_list_redirected", |w| {
        changed(w, |files| {
            files.replace("Doc_0/DocumentRes.xml", "photo.png", "other.png");
            files.set("Doc_0/Res/other.png", b"another face");
        })
    }),
    ("photo_removed", |w| changed(w, |files| files.remove("Doc_0/Res/photo.png"))),
    ("signatures_pointer_removed", |w| {
        changed(w, |files| {
            files.replace("OFD.xml", "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>", "")
        })
    }),
    ("never_sealed", |w| {
        let mut files = unsealed(&parts(&metadata()));
        files.set(LIST, b"<ofd:Signatures xmlns:ofd=\"http://www.ofdspec.org/2016\"/>");
        Case::files(w, &files)
    }),
    ("uncovered_root", |w| uncovered(w, "OFD.xml")),
    ("uncovered_document", |w| uncovered(w, "Doc_0/Document.xml")),
    ("uncovered_public_res", |w| uncovered(w, "Doc_0/PublicRes.xml")),
    ("uncovered_document_res", |w| uncovered(w, "Doc_0/DocumentRes.xml")),
    ("uncovered_font", |w| uncovered(w, "Doc_0/Res/words.ttf")),
    ("uncovered_photo", |w| uncovered(w, "Doc_0/Res/photo.png")),
    ("uncovered_template", |w| uncovered(w, "Doc_0/Tpls/Tpl_0/Content.xml")),
    ("uncovered_page", |w| uncovered(w, PAGE)),
    ("uncovered_tag_list", |w| uncovered(w, "Doc_0/Tags/CustomTags.xml")),
    ("uncovered_tags", |w| uncovered(w, "Doc_0/Tags/Certificate.xml")),
    ("uncovered_attachment_list", |w| uncovered(w, "Doc_0/Attachs/Attachments.xml")),
    ("uncovered_attachment", |w| uncovered(w, "Doc_0/Attachs/certificate.xml")),
    ("uncovered_page_resource", |w| {
        sealed(w, &["Doc_0/Pages/Page_0/Res.xml"], |files| {
            let res = files.get("Doc_0/DocumentRes.xml").to_vec();
            files.set("Doc_0/Pages/Page_0/Res.xml", &res);
            files.replace("Doc_0/Pages/Page_0/Res.xml", "ID=\"30\"", "ID=\"31\"");
            files.replace("Doc_0/Pages/Page_0/Res.xml", "BaseLoc=\"Res\"", "BaseLoc=\"/Doc_0/Res\"");
            files.replace(PAGE, "<ofd:Content>", "<ofd:PageRes>Res.xml</ofd:PageRes><ofd:Content>");
        })
    }),
    ("uncovered_colour_profile", |w| {
        sealed(w, &["Doc_0/Res/c.icc"], |files| {
            let spaces = "<ofd:ColorSpaces><ofd:ColorSpace ID=\"50\" Type=\"RGB\" Profile=\"c.icc\"/></ofd:ColorSpaces>";
            files.replace("Doc_0/PublicRes.xml", "</ofd:Res>", &format!("{spaces}</ofd:Res>"));
            files.set("Doc_0/Res/c.icc", b"profile");
        })
    }),
    ("uncovered_extension_data", |w| {
        sealed(w, &["Doc_0/Ext"], |files| {
            let ns = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
            files.replace(
                "Doc_0/Document.xml",
                "</ofd:Document>",
                "<ofd:Extensions>Ext.xml</ofd:Extensions></ofd:Document>",
            );
            let list = format!(
                "<ofd:Extensions {ns}><ofd:Extension><ofd:ExtendData>Ext.bin</ofd:ExtendData></ofd:Extension></ofd:Extensions>"
            );
            files.set("Doc_0/Ext.xml", list.as_bytes());
            files.set("Doc_0/Ext.bin", b"data");
        })
    }),
    ("uncovered_version", |w| {
        sealed(w, &["Doc_0/Version.xml"], |files| {
            let versions = "<ofd:Versions><ofd:Version ID=\"1\" Index=\"0\" BaseLoc=\"Doc_0/Version.xml\"/></ofd:Versions></ofd:DocBody>";
            files.replace("OFD.xml", "</ofd:DocBody>", versions);
            files.set("Doc_0/Version.xml", b"<v/>");
        })
    }),
    ("sealed_second_body", |w| {
        sealed(w, &[], |files| files.replace("OFD.xml", "</ofd:OFD>", "<ofd:DocBody/></ofd:OFD>"))
    }),
    ("sealed_action", |w| {
        let action = "<ofd:Actions><ofd:Action Event=\"CLICK\"><ofd:URI URI=\"http\"/></ofd:Action></ofd:Actions></ofd:Layer>";
        sealed(w, &[], |files| files.replace(PAGE, "</ofd:Layer>", action))
    }),
    ("sealed_foreign_element", |w| {
        sealed(w, &[], |files| {
            files.replace(PAGE, "</ofd:Layer>", "<x:TextObject xmlns:x=\"urn:x\"/></ofd:Layer>")
        })
    }),
    ("sealed_page_id_twice", |w| {
        sealed(w, &[], |files| {
            let page = "<ofd:Page ID=\"60\" BaseLoc=\"Pages/Page_0/Content.xml\"/>";
            files.replace("Doc_0/Document.xml", page, &format!("{page}{page}"));
        })
    }),
    ("sealed_metadata_twice", |w| {
        let mut twice = metadata();
        twice.push(("ZZBS", identifier(HOME)));
        Case::files(w, &w.sealed_by(&twice, &w.layer()))
    }),
    ("sealed_missing_photo", |w| sealed(w, &[], |files| files.remove("Doc_0/Res/photo.png"))),
    ("reference_above_the_package", |w| reference(w, |xml| xml.replace("\"/OFD.xml\"", "\"/../OFD.xml\""))),
    ("reference_relative", |w| reference(w, |xml| xml.replace("\"/OFD.xml\"", "\"OFD.xml\""))),
    ("reference_other_case", |w| reference(w, |xml| xml.replace("\"/OFD.xml\"", "\"/ofd.xml\""))),
    ("reference_percent", |w| reference(w, |xml| xml.replace("\"/OFD.xml\"", "\"/OFD%2Exml\""))),
    ("reference_backslash", |w| {
        reference(w, |xml| xml.replace("\"/Doc_0/Document.xml\"", "\"/Doc_0\\Document.xml\""))
    }),
    ("reference_by_two_names", |w| {
        reference(w, |xml| {
            let start = xml.find("<ofd:Reference FileRef=\"/OFD.xml\"").unwrap();
            let end = start + xml[start..].find("</ofd:Reference>").unwrap() + "</ofd:Reference>".len();
            let again = xml[start..end].replace("/OFD.xml", "/./Doc_0/../OFD.xml");
            xml.replace("</ofd:References>", &format!("{again}</ofd:References>"))
        })
    }),
    ("reference_in_foreign_namespace", |w| {
        reference(w, |xml| {
            xml.replacen(
                "<ofd:Reference FileRef=\"/OFD.xml\">",
                "<x:Reference xmlns:x=\"urn:x\" FileRef=\"/OFD.xml\">",
                1,
            )
            .replacen("</ofd:Reference>", "</x:Reference>", 1)
        })
    }),
    ("reference_attribute_with_prefix", |w| {
        reference(w, |xml| xml.replace("FileRef=\"/OFD.xml\"", "xmlns:x=\"urn:x\" x:FileRef=\"/OFD.xml\""))
    }),
    ("two_reference_lists", |w| {
        reference(w, |xml| xml.replace("</ofd:References>", "</ofd:References><ofd:References/>"))
    }),
    ("signature_xml_with_dtd", |w| reference(w, |xml| format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{xml}"))),
    ("signature_xml_with_entity", |w| {
        reference(w, |xml| xml.replace("ProviderName=\"test\"", "ProviderName=\"&a;\""))
    }),
    ("signature_list_deep", |w| {
        let deep = format!("{}{}", "<ofd:Signature>".repeat(500), "</ofd:Signature>".repeat(500));
        changed(w, |files| files.replace(LIST, "</ofd:Signatures>", &format!("{deep}</ofd:Signatures>")))
    }),
    ("annotation_list_with_dtd", |w| {
        changed(w, |files| {
            files.set("Doc_0/Annots/Annotations.xml", b"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>")
        })
    }),
    ("annotation_list_deep", |w| {
        let deep = format!("{}{}", "<a>".repeat(9_999), "</a>".repeat(9_999));
        changed(w, |files| files.set("Doc_0/Annots/Annotations.xml", deep.as_bytes()))
    }),
    ("annotation_list_of_other_root", |w| {
        changed(w, |files| files.set("Doc_0/Annots/Annotations.xml", b"<Annotations xmlns=\"urn:x\"/>"))
    }),
];

fn changed(world: &World, change: impl FnOnce(&mut Files)) -> Case {
    let mut files = world.genuine();
    change(&mut files);
    Case::files(world, &files)
}

/// The signer itself seals a changed document, leaving out the files that begin so.
fn sealed(world: &World, leave_out: &[&'static str], change: impl FnOnce(&mut Files)) -> Case {
    let mut files = unsealed(&parts(&metadata()));
    change(&mut files);
    let mut layer = world.layer();
    layer.leave_out.extend(leave_out);
    layer.apply(&mut files);
    Case::files(world, &files)
}

fn uncovered(world: &World, name: &'static str) -> Case {
    sealed(world, &[name], |_| {})
}

/// The signer itself signs another Signature.xml.
fn reference(world: &World, xml: fn(String) -> String) -> Case {
    let files = world.sealed_by(&metadata(), &Layer { xml, ..world.layer() });
    assert!(files.text(&format!("{SIGN_0}/Signature.xml")) != world.genuine().text(SIGNATURE));
    Case::files(world, &files)
}

fn check_value_again(files: &mut Files, world: &World, name: &str) {
    let (old, new) = (base64::encode(&sm3(world.genuine().get(name))), base64::encode(&sm3(files.get(name))));
    files.replace(SIGNATURE, &old, &new);
}
