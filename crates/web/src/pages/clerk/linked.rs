//! `/clerk/certificate/of`: a certificate by its 证照标识, where a text names one; and such texts with their links.

use link::problem::Problem;
use node::certificate::{By, Search};

use super::{actor, purpose, within};
use crate::pages::table::encode;
use crate::pages::visit::go;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// How an identifier begins.
const BEGINS: &str = "1.2.156.";

/// Leads to the certificate of an identifier.
pub static PAGE: Page = Page::get("/clerk/certificate/of", Access::Act("certificate.read"), |app, visit| {
    Box::pin(open(app, visit))
});

async fn open(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, "certificate.read")?, actor(&visit)?, visit.now);
    let identifier = visit.query.get("identifier").to_owned();
    let session = visit.live()?.id.clone();
    let search = Search { text: identifier.clone(), by: Some(By::Identifier), below: None, most: 1 };
    let (found, token) = app
        .work(move |app| {
            let token = app.province.search_token(&identifier, Some(By::Identifier), &session)?;
            if !identifier.starts_with(BEGINS) {
                return Ok((Vec::new(), token));
            }
            Ok((app.province.certificate_search(&search, &within, &actor, now)?.hits, token))
        })
        .await?;
    let purpose = purpose(&visit).0;
    Ok(match found.first() {
        Some(one) => go(format!("/clerk/certificate/{}?for={purpose}", one.id)),
        // Another area's: the search says what that may mean.
        None => go(format!("/clerk?for={purpose}&find={}", encode(&token))),
    })
}

/// A text as HTML, with a link on each identifier that it names in quotes.
pub(crate) fn linked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGINS) {
        let (before, from) = rest.split_at(start);
        let is_part = |ch: char| ch.is_ascii_alphanumeric() || ch == '.';
        let end = from.find(|ch| !is_part(ch)).unwrap_or(from.len());
        let (identifier, after) = from.split_at(end);
        escape(before, &mut out);
        // Letters, digits and dots alone: nothing in it can be markup.
        out.push_str(&format!(
            "<a href=\"/clerk/certificate/of?identifier={}\">{identifier}</a>",
            encode(identifier)
        ));
        rest = after;
    }
    escape(rest, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn an_identifier_becomes_a_link_and_nothing_else_markup() {
        assert_eq!(linked("<b>“R1”"), "&lt;b&gt;“R1”");
        assert_eq!(
            linked("已有有效证照（记录“1.2.156.3005.2.X.001.P”）<"),
            "已有有效证照（记录“<a href=\"/clerk/certificate/of?identifier=1.2.156.3005.2.X.001.P\">1.2.156.3005.2.X.001.P</a>”）&lt;"
        );
    }
}
