//! What XML is read, what is refused, and that escaping survives reading.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

use ofd::xml::{Element, escape, parse};
use ofd::{Limits, XmlError};
use proptest::prelude::*;

fn read(text: &str) -> Result<Element, XmlError> {
    parse(text.as_bytes(), &Limits::default())
}

fn refused(text: &str) -> XmlError {
    read(text).expect_err("must be refused")
}

#[test]
fn elements_are_found_by_namespace_whatever_the_prefix() {
    for xml in [
        r#"<ofd:A xmlns:ofd="http://www.ofdspec.org/2016"><ofd:B>1</ofd:B></ofd:A>"#,
        r#"<A xmlns="http://www.ofdspec.org/2016"><B>1</B></A>"#,
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<x:A xmlns:x=\"http://www.ofdspec.org/2016\"><x:B> 1 </x:B></x:A>\n<!-- end -->",
    ] {
        assert_eq!(read(xml).unwrap().child_text("B"), Some("1"));
    }
}

#[test]
fn elements_of_another_namespace_are_kept_but_not_matched() {
    let root = read(r#"<A><B/><b:B xmlns:b="urn:other"/></A>"#).unwrap();
    assert_eq!((root.children.len(), root.child("B")), (2, None));
}

#[test]
fn text_joins_references_and_cdata() {
    let root = read("<a>1&lt;&#x4e2d;<!-- c --><![CDATA[<&]]>2<b/>3</a>").unwrap();
    assert_eq!(root.text(), "1<中<&23");
}

#[test]
fn attributes_lose_escapes_and_namespace_declarations() {
    let root = read(r#"<a x="1 &amp; 2" y='"' xmlns:q="urn:q"/>"#).unwrap();
    assert_eq!(root.attrs, [("x".into(), "1 & 2".into()), ("y".into(), "\"".into())]);
}

#[test]
fn dtd_and_entities_are_refused() {
    assert!(matches!(refused("<!DOCTYPE a><a/>"), XmlError::Doctype { .. }));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>";
    assert!(matches!(refused(bomb), XmlError::Doctype { .. }));
    assert!(matches!(refused("<a>&b;</a>"), XmlError::Entity { name, .. } if name == "b"));
    assert!(matches!(refused("<a x=\"&b;\"/>"), XmlError::Attribute { .. }));
}

#[test]
fn processing_instructions_are_refused() {
    assert!(matches!(refused("<a><?php x?></a>"), XmlError::Instruction { target, .. } if target == "php"));
    assert!(matches!(refused("<a/><?xml version=\"1.0\"?>"), XmlError::Instruction { .. }));
}

#[test]
fn depth_nodes_and_length_are_limited() {
    let deep = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
    assert!(read(&deep(64)).is_ok());
    assert!(matches!(refused(&deep(65)), XmlError::TooDeep { limit: 64, .. }));
    let limits = Limits { xml_nodes: 3, xml_bytes: 40, ..Limits::default() };
    let small = |t: &str| parse(t.as_bytes(), &limits).map(drop);
    assert_eq!(small("<a><b x=\"\"/></a>"), Ok(()));
    assert!(matches!(small("<a><b x=\"\"/><c/></a>"), Err(XmlError::TooManyNodes { limit: 3, .. })));
    assert!(matches!(small(&" ".repeat(41)), Err(XmlError::TooLong { size: 41, limit: 40 })));
}

#[test]
fn attributes_must_be_unique_and_quoted() {
    for xml in ["<a x=\"1\" x=\"2\"/>", "<a x=1/>", "<a x/>", "<a x=\"<\"/>"] {
        assert!(matches!(refused(xml), XmlError::Attribute { .. }), "{xml}");
    }
    let many: String = (0..300).map(|i| format!(" a{i}=\"\"")).collect();
    assert!(matches!(refused(&format!("<a{many}/>")), XmlError::Attribute { .. }));
}

#[test]
fn a_namespace_hidden_behind_a_reference_is_refused() {
    let xml = r#"<o:A xmlns:o="http&#58;//www.ofdspec.org/2016"/>"#;
    assert!(matches!(refused(xml), XmlError::Attribute { .. }));
}

#[test]
fn names_must_be_names_and_prefixes_declared() {
    for xml in ["<1a/>", "<o:a/>", "<a o:x=\"\"/>", "<a:b:c xmlns:a=\"u\"/>", "<a \"\"=\"\"/>"] {
        let error = refused(xml);
        assert!(matches!(error, XmlError::Name { .. } | XmlError::Attribute { .. }), "{xml} {error:?}");
    }
}

#[test]
fn other_encodings_are_refused() {
    assert!(matches!(parse(b"<a>\xd6\xd0</a>", &Limits::default()), Err(XmlError::NotUtf8 { offset: 3 })));
    let gbk = "<?xml version=\"1.0\" encoding=\"GBK\"?><a/>";
    assert_eq!(refused(gbk), XmlError::Encoding { encoding: "GBK".into() });
}

#[test]
fn control_characters_are_refused_plain_and_as_references() {
    for xml in ["<a>\u{1}</a>", "<a>&#1;</a>", "<a x=\"&#2;\"/>", "<a>&#xffff;</a>"] {
        assert!(matches!(refused(xml), XmlError::Character { .. }), "{xml}");
    }
    assert!(matches!(refused("<a>&#0;</a>"), XmlError::Entity { .. }));
}

#[test]
fn content_outside_the_root_is_refused() {
    for xml in ["<a/><b/>", "<a/>x", "x<a/>", "<a/>&#32;", "<![CDATA[ ]]><a/>"] {
        assert!(matches!(refused(xml), XmlError::Trailing { .. }), "{xml}");
    }
    assert_eq!(refused("<!-- nothing -->"), XmlError::NoRoot);
}

#[test]
fn unmatched_tags_are_refused() {
    for xml in ["<a>", "<a></b>", "</a>", "<a", "<a><!-- </a>", "<a>&lt</a>"] {
        assert!(matches!(refused(xml), XmlError::Malformed { .. }), "{xml}: {:?}", refused(xml));
    }
}

proptest! {
    #[test]
    fn escaped_text_reads_back_in_attribute_and_content(text in "[ -~\\t\\n\\r中路证&<>\"']{0,40}") {
        let xml = format!("<a x=\"{0}\">{0}</a>", escape(&text));
        let root = read(&xml).unwrap();
        prop_assert_eq!(root.attr("x"), Some(text.as_str()));
        prop_assert_eq!(root.text, text);
    }

    #[test]
    fn any_characters_escape_to_something_readable(text in any::<String>()) {
        let root = read(&format!("<a>{}</a>", escape(&text)));
        prop_assert!(root.is_ok(), "{:?}", root);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, &Limits::default());
    }

    #[test]
    fn arbitrary_markup_never_panics(text in "[<>/=\"'!?&;:a-c#x0-9 \\-\\[\\]]{0,120}") {
        let _ = read(&text);
    }
}
