//! Forms with files as browsers send them: `multipart/form-data` (RFC 7578).

use axum::body::Bytes;
use link::problem::Problem;

use super::form::Form;

/// A file of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The field.
    pub field: String,
    /// The name that it had on the person's machine, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Parts of a form at most.
const MOST: usize = 2_000;

/// Reads fields and files. A file field without a chosen file gives none.
///
/// # Errors
/// 400 for a body that is not built so.
pub(super) fn parse(content_type: &str, body: &Bytes) -> Result<(Form, Vec<File>), Problem> {
    read(content_type, body).ok_or_else(|| {
        Problem::new(400, "FORM", "上传的内容不合规")
            .detail("收到的文件表单不完整")
            .fix("请返回上一页重新选择文件上传；如仍出错，请换一个浏览器")
    })
}

fn read(content_type: &str, body: &Bytes) -> Option<(Form, Vec<File>)> {
    let boundary = parameter(content_type, "boundary").filter(|text| !text.is_empty() && text.len() <= 70)?;
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut at = find(body, first.as_bytes(), 0)? + first.len();
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    for _ in 0..MOST {
        if body.get(at..at + 2)? == b"--" {
            return Some((Form::of(fields), files));
        }
        let begin = find(body, b"\r\n", at)? + 2;
        let head_end = find(body, b"\r\n\r\n", begin.checked_sub(2)?)?;
        let head = std::str::from_utf8(body.get(begin..head_end.max(begin))?).ok()?;
        let from = head_end + 4;
        let until = find(body, between.as_bytes(), from.checked_sub(2)?)?.max(from);
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let field = parameter(line, "name")?;
        let content = body.slice(from..until);
        match parameter(line, "filename") {
            Some(name) if name.is_empty() && content.is_empty() => {}
            Some(name) => {
                let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                files.push(File { field, name, bytes: content });
            }
            None => fields.push((field, std::str::from_utf8(&content).ok()?.to_owned())),
        }
        at = until + between.len();
    }
    None
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    let first = *what.first()?;
    let mut start = 0;
    // By its first byte: a window over every place would read 20 MB once for each byte of the boundary.
    while let Some(step) = rest.get(start..)?.iter().position(|byte| *byte == first) {
        start += step;
        if rest[start..].starts_with(what) {
            return Some(from + start);
        }
        start += 1;
    }
    None
}

/// `name="value"` of a header; browsers write a quote inside as `%22`.
fn parameter(line: &str, name: &str) -> Option<String> {
    for part in line.split(';').skip(1) {
        let Some((key, value)) = part.split_once('=') else { continue };
        if key.trim().eq_ignore_ascii_case(name) {
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(value);
            return Some(bare.replace("%22", "\""));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use proptest::prelude::*;

    use super::parse;

    const TYPE: &str = "multipart/form-data; boundary=----b1";

    fn body(parts: &[(&str, &[u8])]) -> Bytes {
        let mut out = Vec::new();
        for (head, content) in parts {
            out.extend_from_slice(
                format!("------b1\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            out.extend_from_slice(content);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"------b1--\r\n");
        Bytes::from(out)
    }

    #[test]
    fn fields_and_files_are_told_apart() {
        let body = body(&[
            ("name=\"csrf\"", b"abc"),
            ("name=\"file\"; filename=\"C:\\data\\\u{8bb0}.csv\"", b"a,b\r\n1,2\r\n"),
            ("name=\"photos\"; filename=\"\"", b""),
        ]);
        let (form, files) = parse(TYPE, &body).expect("a form");
        assert_eq!(form.get("csrf"), "abc");
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].name.as_str(), &files[0].bytes[..]), ("记.csv", &b"a,b\r\n1,2\r\n"[..]));
    }

    #[test]
    fn a_body_that_ends_early_is_refused() {
        let whole = body(&[("name=\"file\"; filename=\"a.csv\"", b"hello")]);
        for end in 0..whole.len() - 4 {
            assert!(parse(TYPE, &whole.slice(..end)).is_err(), "cut at {end}");
        }
        assert!(parse("multipart/form-data", &whole).is_err());
    }

    proptest! {
        #[test]
        fn any_content_comes_back(content in proptest::collection::vec(any::<u8>(), 0..300)) {
            let sent = body(&[("name=\"file\"; filename=\"a\"", &content), ("name=\"x\"", b"1")]);
            let (form, files) = parse(TYPE, &sent).expect("a form");
            prop_assert_eq!(&files[0].bytes[..], &content[..]);
            prop_assert_eq!(form.get("x"), "1");
        }

        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(TYPE, &Bytes::from(bytes));
        }
    }
}
