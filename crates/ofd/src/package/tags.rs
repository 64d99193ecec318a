//! Custom tags (§16): a tree of the issuer's own names over the objects that show each item.

use super::loader::{File, Loader};
use super::reach::Why;
use crate::OfdError;
use crate::xml::Element;

/// One file of custom tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomTag {
    /// `TypeID` (or `NameSpace`) of the entry that names the file.
    pub type_id: String,
    /// Path of the schema, when one is given.
    pub schema: Option<String>,
    /// Path of the file.
    pub path: String,
    /// The tag tree; `None` when the file is missing.
    pub tree: Option<Tag>,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Local name of the tag.
    pub name: String,
    /// Attributes as written.
    pub attrs: Vec<(String, String)>,
    /// Text directly inside.
    pub text: String,
    /// Page objects that show it.
    pub refs: Vec<ObjectRef>,
    /// Tags inside.
    pub children: Vec<Tag>,
}

/// A reference from a tag to a page object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// Identifier of the page; `None` when not a number.
    pub page: Option<u32>,
    /// Identifier of the object; `None` when not a number.
    pub object: Option<u32>,
}

impl Tag {
    /// This tag and all below it, in document order.
    pub fn descendants(&self) -> Vec<&Tag> {
        let mut all = vec![self];
        self.children.iter().for_each(|child| all.extend(child.descendants()));
        all
    }

    fn from_element(element: &Element) -> Self {
        let mut tag = Self {
            name: element.name.clone(),
            attrs: element.attrs.clone(),
            text: element.text().to_owned(),
            refs: Vec::new(),
            children: Vec::new(),
        };
        for child in &element.children {
            if child.name == "ObjectRef" {
                let page = child.attr("PageRef").and_then(|v| v.trim().parse().ok());
                tag.refs.push(ObjectRef { page, object: child.text().parse().ok() });
            } else {
                // The parser bounds the depth of elements, and with it this recursion.
                tag.children.push(Self::from_element(child));
            }
        }
        tag
    }
}

/// Reads the list of custom tags and each file it names.
pub(super) fn read(loader: &mut Loader<'_, '_>, list: &File) -> Result<Vec<CustomTag>, OfdError> {
    let mut tags = Vec::new();
    for entry in list.root.children("CustomTag") {
        loader.check_count(&list.path, "CustomTag", tags.len() + 1)?;
        let location = super::loader::required(&list.path, entry, "FileLoc")?;
        let path = loader.reference(&list.path, location, Why::CustomTag)?;
        let schema = match entry.child("SchemaLoc") {
            Some(element) => Some(loader.reference(&list.path, element, Why::CustomTagSchema)?),
            None => None,
        };
        let tree = match loader.contains(&path) {
            true => Some(Tag::from_element(&*loader.parse_any(&path)?)),
            false => None,
        };
        let type_id = entry.attr("TypeID").or(entry.attr("NameSpace")).unwrap_or_default().to_owned();
        tags.push(CustomTag { type_id, schema, path, tree });
    }
    Ok(tags)
}
