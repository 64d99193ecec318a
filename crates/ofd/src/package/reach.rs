//! Which files a document needs, and what for.

/// A file that the document needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Path in the package.
    pub path: String,
    /// What it is needed for.
    pub why: Why,
    /// Whether the package holds it.
    pub present: bool,
}

/// What a file is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// `OFD.xml`.
    Root,
    /// The document's root file.
    Document,
    /// A resource list of the document or a page.
    Resources,
    /// An embedded font.
    Font,
    /// A colour profile.
    ColorProfile,
    /// A picture or another medium.
    Media,
    /// A page template.
    Template,
    /// A page.
    Page,
    /// The list of attachments.
    AttachmentList,
    /// An attachment.
    Attachment,
    /// The list of custom tags.
    CustomTagList,
    /// A file of custom tags.
    CustomTag,
    /// The schema of custom tags.
    CustomTagSchema,
    /// The list of extensions, or a file one of them names.
    Extension,
    /// An earlier version of the document.
    Version,
    /// The list of annotations.
    AnnotationList,
    /// The annotations of one page.
    Annotation,
}

impl Why {
    /// Whether the file belongs to the annotation tree, which may change after sealing.
    pub fn is_annotation(self) -> bool {
        matches!(self, Self::AnnotationList | Self::Annotation)
    }

    /// The purpose in words, for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Root => "文件包入口",
            Self::Document => "文档根文件",
            Self::Resources => "资源清单",
            Self::Font => "字体",
            Self::ColorProfile => "颜色配置",
            Self::Media => "图片等媒体",
            Self::Template => "页面模板",
            Self::Page => "页面",
            Self::AttachmentList => "附件清单",
            Self::Attachment => "附件",
            Self::CustomTagList => "自定义标引清单",
            Self::CustomTag => "自定义标引",
            Self::CustomTagSchema => "自定义标引模式",
            Self::Extension => "扩展信息",
            Self::Version => "文档版本",
            Self::AnnotationList => "注释清单",
            Self::Annotation => "页面注释",
        }
    }
}
