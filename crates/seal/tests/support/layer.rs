//! The signature layer written by the tests' own hand, so that every field can be wrong.

use gm::base64;
use gm::der::Writer;
use gm::oid;
use gm::sm3::sm3;

use super::files::Files;
use super::world::{Party, SIGNED};

pub const SIGN_0: &str = "Doc_0/Signs/Sign_0";
pub const SIGN_1: &str = "Doc_0/Signs/Sign_1";
pub const LIST: &str = "Doc_0/Signs/Signatures.xml";

pub type Stamper = fn(&[u8]) -> Vec<u8>;

pub struct Layer<'a> {
    pub dir: &'static str,
    pub signer: &'a Party,
    /// The certificate as it is written, when not that of the signer.
    pub certificate: Vec<u8>,
    pub seal: Vec<u8>,
    /// Seal.esl, when not the seal itself.
    pub seal_file: Vec<u8>,
    pub version: u64,
    pub signed_at: i64,
    pub date_time: String,
    pub method: &'static str,
    pub check_method: &'static str,
    pub property_info: String,
    /// Which files are left out of References, by the beginning of the name; the signature layer always is.
    pub leave_out: Vec<&'static str>,
    pub stamps: String,
    /// Last change to Signature.xml before it is signed.
    pub xml: fn(String) -> String,
    /// Last change to TBS_Sign's bytes after signing.
    pub tbs: fn(Vec<u8>) -> Vec<u8>,
    /// Last change to the signature value.
    pub value: fn(Vec<u8>) -> Vec<u8>,
    /// Makes a timestamp token from the signature value.
    pub timestamp: Option<Stamper>,
}

impl<'a> Layer<'a> {
    pub fn new(signer: &'a Party, seal: Vec<u8>) -> Self {
        Self {
            dir: SIGN_0,
            signer,
            certificate: signer.der().to_vec(),
            seal_file: seal.clone(),
            seal,
            version: 4,
            signed_at: SIGNED,
            date_time: "20260301000000Z".to_owned(),
            method: "1.2.156.10197.1.501",
            check_method: "1.2.156.10197.1.401",
            property_info: format!("/{SIGN_0}/Signature.xml"),
            leave_out: vec!["Doc_0/Annots/"],
            stamps: "<ofd:StampAnnot ID=\"1\" PageRef=\"60\" Boundary=\"150 100 40 40\"/>".to_owned(),
            xml: |xml| xml,
            tbs: |tbs| tbs,
            value: |value| value,
            timestamp: None,
        }
    }

    /// The same as a second signature.
    pub fn second(self) -> Self {
        Self { dir: SIGN_1, property_info: format!("/{SIGN_1}/Signature.xml"), leave_out: vec![], ..self }
    }

    /// Writes this layer over what the package holds, and lists it last.
    pub fn apply(&self, files: &mut Files) {
        files.set(&format!("{}/Seal.esl", self.dir), &self.seal_file);
        let xml = (self.xml)(self.signature_xml(files));
        files.set(&format!("{}/Signature.xml", self.dir), xml.as_bytes());
        files.set(&format!("{}/SignedValue.dat", self.dir), &self.signed_value(xml.as_bytes()));
        self.list(files);
    }

    pub fn list(&self, files: &mut Files) {
        let entry =
            format!("<ofd:Signature ID=\"{}\" Type=\"Seal\" BaseLoc=\"/{0}/Signature.xml\"/>", self.dir);
        let open = "<ofd:Signatures xmlns:ofd=\"http://www.ofdspec.org/2016\">";
        let old = if files.has(LIST) { files.text(LIST) } else { format!("{open}</ofd:Signatures>") };
        if !old.contains(&format!("/{}/Signature.xml", self.dir)) {
            files
                .set(LIST, old.replace("</ofd:Signatures>", &format!("{entry}</ofd:Signatures>")).as_bytes());
        }
    }

    fn signature_xml(&self, files: &Files) -> String {
        let own = ["Signature.xml", "SignedValue.dat"].map(|name| format!("{}/{name}", self.dir));
        let left_out = |name: &str| {
            name == LIST
                || own.iter().any(|one| one == name)
                || self.leave_out.iter().any(|one| name.starts_with(one))
        };
        let mut references = String::new();
        for (name, bytes) in files.iter().filter(|(name, _)| !left_out(name)) {
            let value = base64::encode(&sm3(bytes));
            references.push_str(&format!(
                "<ofd:Reference FileRef=\"/{name}\"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>"
            ));
        }
        format!(
            "<ofd:Signature xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:SignedInfo><ofd:Provider ProviderName=\"test\"/>\
             <ofd:SignatureMethod>{}</ofd:SignatureMethod><ofd:SignatureDateTime>{}</ofd:SignatureDateTime>\
             <ofd:References CheckMethod=\"{}\">{references}</ofd:References>{}<ofd:Seal><ofd:BaseLoc>/{dir}/Seal.esl\
             </ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>/{dir}/SignedValue.dat</ofd:SignedValue></ofd:Signature>",
            self.method,
            self.date_time,
            self.check_method,
            self.stamps,
            dir = self.dir
        )
    }

    pub fn signed_value(&self, xml: &[u8]) -> Vec<u8> {
        let mut tbs = Writer::new();
        tbs.sequence(|w| {
            w.integer_u64(self.version);
            w.raw(&self.seal);
            w.generalized_time(self.signed_at);
            w.bit_string(&sm3(xml));
            w.ia5(&self.property_info);
        });
        let tbs = tbs.finish().unwrap();
        let value = gm::sign_message(&*self.signer.key(), &tbs).unwrap().to_der();
        let value = (self.value)(value);
        let mut whole = Writer::new();
        whole.sequence(|w| {
            w.raw(&(self.tbs)(tbs));
            w.octet_string(&self.certificate);
            w.oid(&oid::SM2_WITH_SM3);
            w.bit_string(&value);
            if let Some(token) = self.timestamp {
                w.explicit(0, |w| w.bit_string(&token(&value)));
            }
        });
        whole.finish().unwrap()
    }
}

/// A token in the shape of GB/T 20520 over SM3 of these bytes.
pub fn token(bytes: &[u8]) -> Vec<u8> {
    let mut info = Writer::new();
    info.sequence(|w| {
        w.integer_u64(1);
        w.oid(&oid::SM2_WITH_SM3);
        w.sequence(|w| {
            w.sequence(|w| w.oid(&oid::SM3));
            w.octet_string(&sm3(bytes));
        });
    });
    let info = info.finish().unwrap();
    let mut token = Writer::new();
    token.sequence(|w| {
        w.oid(&oid::SM2_WITH_SM3);
        w.explicit(0, |w| {
            w.sequence(|w| {
                w.integer_u64(3);
                w.set(|w| w.sequence(|w| w.oid(&oid::SM3)));
                w.sequence(|w| {
                    w.oid(&oid::SM2_WITH_SM3);
                    w.explicit(0, |w| w.octet_string(&info));
                });
            });
        });
    });
    token.finish().unwrap()
}
