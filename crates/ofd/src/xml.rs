//! A small tree over hostile XML, and escaping for the writer.

mod error;
mod parse;

pub use error::XmlError;
pub use parse::parse;
pub(crate) use parse::{Budget, parse_within};

/// One element. Names and attributes are those of the file without their prefix declarations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Element {
    /// Local name, without prefix.
    pub name: String,
    /// Whether the element is in the OFD namespace.
    pub ofd: bool,
    /// Attributes in their order; a prefix stays part of the name, namespace declarations are left out.
    pub attrs: Vec<(String, String)>,
    /// Child elements in their order.
    pub children: Vec<Element>,
    /// The character data directly inside, joined.
    pub text: String,
    /// Where the element starts in the file, in bytes.
    pub offset: u64,
}

impl Element {
    /// The first child of this local name in the OFD namespace.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children(name).next()
    }

    /// All children of this local name in the OFD namespace.
    pub fn children<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |c| c.is(name))
    }

    /// Whether this is the OFD element of that local name.
    pub fn is(&self, name: &str) -> bool {
        self.ofd && self.name == name
    }

    /// The value of the attribute of this name (without prefix, as OFD has them).
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The character data directly inside, without white space around it.
    pub fn text(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\r', '\n'])
    }

    /// The text of the first child of that name, when there is one.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(Element::text)
    }

    /// This element and all below it, in document order.
    pub fn descendants(&self) -> impl Iterator<Item = &Element> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(next.children.iter().rev());
            Some(next)
        })
    }
}

/// Escapes `text` for an XML attribute in double quotes or for element content.
///
/// Characters that XML 1.0 does not allow at all become U+FFFD; line breaks and tabs become references so that
/// an attribute keeps them.
pub fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(special) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    push_escaped(&mut out, text);
    out.into()
}

/// Appends [`escape`]d text to a buffer.
pub fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        out.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        out.push_str(match after.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\t') => "&#9;",
            Some('\n') => "&#10;",
            Some('\r') => "&#13;",
            _ => "\u{fffd}",
        });
        rest = after.as_str();
    }
    out.push_str(rest);
}

fn special(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\u{fffe}' | '\u{ffff}') || c < ' '
}
