//! XML files as parsed, and a caller's memory of them: templates and lists are the same in every certificate of a kind.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::xml::Element;
use crate::zip::Packed;

/// A parsed XML file; dereferences to its root.
#[derive(Debug)]
pub struct Parsed {
    root: Element,
    nodes: usize,
    /// Elements that a page may not hold, each name once; found at the first use as a page.
    strange: OnceLock<Vec<String>>,
}

/// Remembers parsed files between packages.
///
/// The same packed bytes, length and CRC-32 always parse to the same tree, so an answer is right whoever sent the file that
/// it was learnt from, as long as the whole of the packed bytes is compared and the [`Limits`](crate::Limits) are the same.
pub trait Memory {
    /// The tree of a file that was parsed before, if these are its very bytes.
    fn recall(&self, packed: &Packed<'_>) -> Option<Arc<Parsed>>;
}

impl Parsed {
    pub(super) fn new(root: Element, nodes: usize) -> Self {
        Self { root, nodes, strange: OnceLock::new() }
    }

    /// Elements and attributes: what it costs of [`Limits::xml_nodes`](crate::Limits::xml_nodes), each time.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// Names of elements that are unknown in a page, each once.
    pub(super) fn strange(&self) -> &[String] {
        self.strange.get_or_init(|| {
            let mut names: Vec<String> = Vec::new();
            for element in self.root.descendants().filter(|element| !crate::content::is_known(element)) {
                if !names.contains(&element.name) {
                    names.push(element.name.clone());
                }
            }
            names
        })
    }
}

impl Deref for Parsed {
    type Target = Element;

    fn deref(&self) -> &Element {
        &self.root
    }
}
