//! SES seals written by the tests' own hand, so that every field can be wrong.

use gm::der::Writer;
use gm::oid;

use super::world::{Party, START};

/// How the signers are listed.
pub enum List {
    Certificates(Vec<Vec<u8>>),
    Digests(Vec<[u8; 32]>),
}

pub struct SealSpec<'a> {
    pub maker: &'a Party,
    pub list: List,
    pub id: &'a str,
    pub version: u64,
    pub created: i64,
    pub valid_from: i64,
    pub valid_to: i64,
    pub picture: Vec<u8>,
    /// Last change to the maker's signature value.
    pub signature: fn(Vec<u8>) -> Vec<u8>,
}

impl<'a> SealSpec<'a> {
    pub fn new(maker: &'a Party, signers: &[&Party]) -> Self {
        Self {
            maker,
            list: List::Certificates(signers.iter().map(|party| party.der().to_vec()).collect()),
            id: "SEAL-99",
            version: 4,
            created: START,
            valid_from: START,
            valid_to: super::world::END,
            picture: b"\x89PNG\r\n\x1a\npicture of the seal".to_vec(),
            signature: |value| value,
        }
    }

    pub fn der(&self) -> Vec<u8> {
        let info = self.info();
        let mut message = Writer::new();
        message.sequence(|w| {
            w.raw(&info);
            w.octet_string(self.maker.der());
            w.oid(&oid::SM2_WITH_SM3);
        });
        let value = gm::sign_message(&*self.maker.key(), &message.finish().unwrap()).unwrap().to_der();
        let mut writer = Writer::new();
        writer.sequence(|w| {
            w.raw(&info);
            w.octet_string(self.maker.der());
            w.oid(&oid::SM2_WITH_SM3);
            w.bit_string(&(self.signature)(value));
        });
        writer.finish().unwrap()
    }

    fn info(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(|w| {
            w.sequence(|w| {
                w.ia5("ES");
                w.integer_u64(self.version);
                w.ia5("test");
            });
            w.ia5(self.id);
            w.sequence(|w| self.property(w));
            w.sequence(|w| {
                w.ia5("PNG");
                w.octet_string(&self.picture);
                w.integer_u64(40);
                w.integer_u64(40);
            });
        });
        writer.finish().unwrap()
    }

    fn property(&self, w: &mut Writer) {
        w.integer_u64(1);
        w.utf8("道路运输电子证照专用章");
        match &self.list {
            List::Certificates(all) => {
                w.integer_u64(1);
                w.sequence(|w| all.iter().for_each(|der| w.octet_string(der)));
            }
            List::Digests(all) => {
                w.integer_u64(2);
                w.sequence(|w| {
                    for digest in all {
                        w.sequence(|w| {
                            w.printable("SM3");
                            w.octet_string(digest);
                        });
                    }
                });
            }
        }
        w.generalized_time(self.created);
        w.generalized_time(self.valid_from);
        w.generalized_time(self.valid_to);
    }
}
