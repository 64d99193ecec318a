//! Bytes to tree.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, QName, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use super::{Element, XmlError};
use crate::{Limits, NAMESPACE};

/// One element may not have more attributes: the check for duplicates compares each with each.
const ATTRIBUTES_MAX: usize = 256;

/// How many elements and attributes may still be read; shared by the files of one document.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    left: usize,
    limit: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { left: limits.xml_nodes, limit: limits.xml_nodes }
    }

    /// How many are left.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Takes `nodes` at once if there are as many.
    pub(crate) fn charge(&mut self, nodes: usize) -> bool {
        let left = self.left.checked_sub(nodes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    fn take(&mut self, offset: u64) -> Result<(), XmlError> {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => return Err(XmlError::TooManyNodes { limit: self.limit, offset }),
        }
        Ok(())
    }
}

/// Parses one XML file into its root element.
///
/// Refuses whatever a signed document has no use for and two readers could read differently: DTDs, entities,
/// processing instructions, duplicate attributes, undeclared prefixes, a second root, other encodings.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    parse_within(bytes, limits, &mut Budget::new(limits))
}

/// [`parse`], counting against a budget that other files share.
pub(crate) fn parse_within(bytes: &[u8], limits: &Limits, budget: &mut Budget) -> Result<Element, XmlError> {
    let text = decode(bytes, limits)?;
    let start = (bytes.len() - text.len()) as u64;
    let mut reader = NsReader::from_str(text);
    let mut tree = Tree { open: Vec::new(), root: None, limits, budget };
    loop {
        let offset = start + reader.buffer_position();
        let event = reader.read_event().map_err(|_| XmlError::Malformed { offset })?;
        match event {
            Event::Start(tag) => tree.open(&reader, &tag, offset)?,
            Event::Empty(tag) => {
                tree.open(&reader, &tag, offset)?;
                tree.close(offset)?;
            }
            Event::End(_) => tree.close(offset)?,
            Event::Text(text) => tree.text(&text.xml10_content(), offset)?,
            Event::CData(text) => tree.cdata(&text.xml10_content(), offset)?,
            Event::GeneralRef(reference) => tree.reference(&reference, offset)?,
            Event::Comment(_) => {}
            Event::Decl(decl) if offset == start => check_encoding(decl.encoding(), offset)?,
            Event::Decl(_) => return Err(XmlError::Instruction { target: "xml".to_owned(), offset }),
            Event::PI(pi) => return Err(XmlError::Instruction { target: pi.target().to_owned(), offset }),
            Event::DocType(_) => return Err(XmlError::Doctype { offset }),
            Event::Eof if tree.open.is_empty() => return tree.root.ok_or(XmlError::NoRoot),
            Event::Eof => return Err(XmlError::Malformed { offset }),
        }
    }
}

/// Checks length, encoding and characters; takes a byte order mark away.
fn decode<'b>(bytes: &'b [u8], limits: &Limits) -> Result<&'b str, XmlError> {
    if bytes.len() > limits.xml_bytes {
        return Err(XmlError::TooLong { size: bytes.len(), limit: limits.xml_bytes });
    }
    let text =
        std::str::from_utf8(bytes).map_err(|e| XmlError::NotUtf8 { offset: e.valid_up_to() as u64 })?;
    // XML 1.0 §2.2: of the C0 controls only tab and line ends are characters.
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    if let Some(at) = text.as_bytes().iter().position(control) {
        return Err(XmlError::Character { offset: at as u64 });
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

type Encoding<'d> = Option<Result<std::borrow::Cow<'d, str>, quick_xml::events::attributes::AttrError>>;

fn check_encoding(encoding: Encoding<'_>, offset: u64) -> Result<(), XmlError> {
    match encoding {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(name)) => Err(XmlError::Encoding { encoding: name.into_owned() }),
        Some(Err(_)) => Err(XmlError::Malformed { offset }),
    }
}

/// The elements that are open, innermost last, and the finished root.
struct Tree<'l> {
    open: Vec<Element>,
    root: Option<Element>,
    limits: &'l Limits,
    budget: &'l mut Budget,
}

impl Tree<'_> {
    fn open(&mut self, reader: &NsReader<&[u8]>, tag: &BytesStart<'_>, offset: u64) -> Result<(), XmlError> {
        if self.root.is_some() {
            return Err(XmlError::Trailing { offset });
        }
        if self.open.len() >= self.limits.xml_depth {
            return Err(XmlError::TooDeep { limit: self.limits.xml_depth, offset });
        }
        self.budget.take(offset)?;
        check_name(tag.name(), offset)?;
        let (namespace, local) = reader.resolver().resolve_element(tag.name());
        let ofd = match namespace {
            ResolveResult::Bound(ns) => ns.as_ref() == NAMESPACE,
            ResolveResult::Unbound => false,
            ResolveResult::Unknown(_) => return Err(bad_name(tag.name(), offset)),
        };
        let name = local.as_ref().to_owned();
        let attrs = self.attributes(reader, tag, offset)?;
        self.open.push(Element { name, ofd, attrs, offset, ..Element::default() });
        Ok(())
    }

    fn attributes(
        &mut self,
        reader: &NsReader<&[u8]>,
        tag: &BytesStart<'_>,
        offset: u64,
    ) -> Result<Vec<(String, String)>, XmlError> {
        let refuse = || XmlError::Attribute { element: tag.name().as_ref().to_owned(), offset };
        let mut attrs = Vec::new();
        for (count, attr) in tag.attributes().enumerate() {
            let attr = attr.map_err(|_| refuse())?;
            self.budget.take(offset)?;
            check_name(attr.key, offset)?;
            if count >= ATTRIBUTES_MAX || attr.value.contains('<') {
                return Err(refuse());
            }
            let value = attr.normalized_value(XmlVersion::Explicit1_0).map_err(|_| refuse())?;
            if value.contains(illegal) {
                return Err(XmlError::Character { offset });
            }
            match attr.key.as_namespace_binding() {
                // The resolver compares namespaces as written; an escaped one would read as another elsewhere.
                Some(_) if attr.value.contains('&') => return Err(refuse()),
                Some(PrefixDeclaration::Named(_)) if value.is_empty() => return Err(refuse()),
                Some(_) => continue,
                None => {}
            }
            if let (ResolveResult::Unknown(_), _) = reader.resolver().resolve_attribute(attr.key) {
                return Err(bad_name(attr.key, offset));
            }
            attrs.push((attr.key.as_ref().to_owned(), value.into_owned()));
        }
        Ok(attrs)
    }

    fn close(&mut self, offset: u64) -> Result<(), XmlError> {
        let element = self.open.pop().ok_or(XmlError::Malformed { offset })?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, offset: u64) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err(XmlError::Trailing { offset }),
        }
        Ok(())
    }

    /// Character data that may not stand outside the root, even when blank.
    fn cdata(&mut self, text: &str, offset: u64) -> Result<(), XmlError> {
        let element = self.open.last_mut().ok_or(XmlError::Trailing { offset })?;
        element.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, offset: u64) -> Result<(), XmlError> {
        let unknown = || XmlError::Entity { name: reference.to_string(), offset };
        let c = match reference.resolve_char_ref().map_err(|_| unknown())? {
            Some(c) if illegal(c) => return Err(XmlError::Character { offset }),
            Some(c) => c,
            None => match reference.as_ref() {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                _ => return Err(unknown()),
            },
        };
        self.cdata(c.encode_utf8(&mut [0; 4]), offset)
    }
}

/// Characters that a reference may not smuggle in (XML 1.0 §2.2).
fn illegal(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn bad_name(name: QName<'_>, offset: u64) -> XmlError {
    XmlError::Name { name: name.as_ref().to_owned(), offset }
}

/// A name is one or two parts of letters, digits, `_`, `-`, `.` that start with a letter or `_`.
fn check_name(name: QName<'_>, offset: u64) -> Result<(), XmlError> {
    let begins = |c: char| c == '_' || c.is_alphabetic();
    let goes_on = |c: char| matches!(c, '_' | '-' | '.' | '·') || c.is_alphanumeric();
    let part = |p: &str| p.starts_with(begins) && p.chars().all(goes_on);
    let whole = name.as_ref();
    let good = match whole.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(whole),
    };
    if good { Ok(()) } else { Err(bad_name(name, offset)) }
}
