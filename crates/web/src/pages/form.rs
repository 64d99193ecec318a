//! Forms as browsers send them: `application/x-www-form-urlencoded`.

use link::problem::Problem;

use crate::call::decode;

/// The fields of a form, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a query or a body.
    ///
    /// # Errors
    /// 400 for what is not percent-encoded text.
    pub fn parse(text: &[u8]) -> Result<Self, Problem> {
        let wrong = || {
            Problem::new(400, "FORM", "表单内容不合规")
                .detail("收到的表单不是合规的文字")
                .fix("请返回上一页重新填写；如仍出错，请换一个浏览器")
        };
        let text = std::str::from_utf8(text).map_err(|_| wrong())?;
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        };
        let fields: Option<Vec<_>> = text.split('&').filter(|one| !one.is_empty()).map(pair).collect();
        fields.map(Self).ok_or_else(wrong)
    }

    /// A form of fields that were read elsewhere.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Is the field there, filled in or not?
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A field without blanks around it; empty where it is absent.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field as it was typed: for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may be given more than once: boxes that are ticked.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// A field that must not be empty.
    ///
    /// # Errors
    /// 422 that names it.
    pub fn need(&self, name: &str, what: &str) -> Result<&str, Problem> {
        match self.get(name) {
            "" => Err(missing(what)),
            value => Ok(value),
        }
    }
}

/// A field that was left out.
pub(crate) fn missing(what: &str) -> Problem {
    Problem::new(422, "FORM_MISSING", format!("没有填写{what}"))
        .item(what)
        .detail(format!("“{what}”是必填项"))
        .fix(format!("请返回填写{what}"))
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn fields_are_decoded() {
        let form = Form::parse("plate=%E6%BC%94A12345&colour=2&empty=&note=a+b".as_bytes()).expect("a form");
        assert_eq!((form.get("plate"), form.get("colour"), form.get("note")), ("演A12345", "2", "a b"));
        assert!(form.need("empty", "说明").is_err());
        assert!(Form::parse(b"a=%ff").is_err());
        assert!(Form::parse(b"\xff").is_err());
    }
}
