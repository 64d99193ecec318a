//! Holders whom a visitor may be: one with a live certificate of each of some kinds, and a driver whose qualification was revoked.

use std::collections::BTreeSet;

use model::Record;
use node::lifecycle::Origin;

use super::folder::HolderNote;
use super::nodes::{Node, SOURCE, operator};
use crate::cli::Failure;

/// Who is looked for: kind of certificate, what the holder is called.
const WANTED: [(&str, &str); 3] = [
    ("qualification", DRIVER),
    ("ride-hailing-driver", "网约车驾驶员"),
    ("transport-certificate", "车辆所属单位或个人"),
];
/// Who is on the road.
const DRIVER: &str = "驾驶员";

/// Those who were met in the month, in that order, with the business system's key of their certificate.
#[derive(Default)]
pub struct Holders {
    met: Vec<(String, HolderNote)>,
    revoked: BTreeSet<String>,
}

impl Holders {
    /// A first issue.
    pub fn meet(&mut self, node: &Node, kind: &str, (key, record): (&str, &Record), phone: &str) {
        let Some((_, what)) = WANTED.iter().find(|(wanted, _)| *wanted == kind) else { return };
        let face = |short: &str| record.face.text(short).unwrap_or_default().to_owned();
        let note = HolderNote {
            node: node.spec.id.to_owned(),
            what: (*what).to_owned(),
            name: face("CZZT"),
            number: face("CZZTDM"),
            phone: phone.to_owned(),
        };
        self.met.push((key.to_owned(), note));
    }

    /// Something happens to a certificate.
    pub fn hear(&mut self, event: &str, key: &str) {
        if event == "吊销" {
            self.revoked.insert(key.to_owned());
        }
    }

    /// The first of each whose certificate stands; and the first driver whose one was revoked, where there is one.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn choose(&self, node: &Node, now: i64) -> Result<Vec<HolderNote>, Failure> {
        let mut chosen = Vec::new();
        for (_, what) in WANTED {
            let fits = |key: &str, note: &HolderNote| note.what == what && !self.is_revoked(key);
            let found = match self.first(node, now, fits, |status| status == "正常")? {
                // In a small demo there may be one only, whose vehicle rests.
                None => self.first(node, now, fits, |status| status.starts_with("正常"))?,
                found => found,
            };
            chosen.extend(found);
        }
        let fits = |key: &str, note: &HolderNote| note.what == DRIVER && self.is_revoked(key);
        let revoked = self.first(node, now, fits, |status| status.starts_with("吊销"))?;
        chosen.extend(
            revoked
                .map(|note| HolderNote { what: format!("{DRIVER}（从业资格证已吊销）"), ..note }),
        );
        Ok(chosen)
    }

    fn is_revoked(&self, key: &str) -> bool {
        self.revoked.contains(key)
    }

    fn first(
        &self,
        node: &Node,
        now: i64,
        fits: impl Fn(&str, &HolderNote) -> bool,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<HolderNote>, Failure> {
        let province = &node.running.province;
        for (key, note) in self.met.iter().filter(|(key, note)| fits(key, note)) {
            let Some(located) = province.locate(Origin::Subject(SOURCE, key))? else { continue };
            let view = province.certificate_view(&located.id, false, &operator("经办甲"), now)?;
            if view.is_some_and(|view| is_wanted(&view.status)) {
                return Ok(Some(note.clone()));
            }
        }
        Ok(None)
    }
}
