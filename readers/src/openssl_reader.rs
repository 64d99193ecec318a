//! openssl 3: SM2 over the received bytes of TBS_Sign and of the seal, the chain, dataHash.
//!
//! It knows nothing of OFD or of seals: this module hands it byte strings cut out of SignedValue.dat,
//! and protected files, certList, propertyInfo and every date inside the seal stay unchecked.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command;

const GET_OPENSSL: &str = "install it with `apt-get install openssl` (version 3 with SM2)";

/// The default user identity of GB/T 32918, which Z_A is computed over.
const DISTID: &str = "distid:1234567812345678";

/// The openssl program with a folder for what it must read from disk.
pub struct Openssl {
    work: PathBuf,
    root: PathBuf,
}

/// Somebody whom nobody trusts: a key of their own under a certificate that they signed themselves.
pub struct Stranger {
    /// Self-signed certificate, DER.
    pub certificate: Vec<u8>,
    key: PathBuf,
}

impl Openssl {
    /// Prepares the trusted root (DER or PEM) in the form that openssl reads.
    ///
    /// # Errors
    /// openssl is missing or older than 3, or cannot read the root.
    pub fn new(work: &Path, root: &Path) -> Result<Self> {
        let pem = work.join("root.pem");
        let this = Self { work: work.to_owned(), root: pem };
        let version = String::from_utf8(this.run(&["version"])?)?;
        if !version.starts_with("OpenSSL ") || version.starts_with("OpenSSL 1") {
            bail!("{} cannot check SM2; {GET_OPENSSL}", version.trim());
        }
        let (root, pem) = (command::arg(root)?, command::arg(&this.root)?);
        this.run(&["x509", "-in", root, "-out", pem])?;
        Ok(this)
    }

    fn run(&self, args: &[&str]) -> Result<Vec<u8>> {
        command::succeed(Path::new("openssl"), args, GET_OPENSSL)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> Result<String> {
        let path = self.work.join(name);
        command::write(&path, bytes)?;
        Ok(command::arg(&path)?.to_owned())
    }

    /// Whether `signature` (DER pair) over `message` is by the key of `certificate` (DER).
    ///
    /// # Errors
    /// openssl refuses it, or cannot read the certificate.
    pub fn signature(&self, message: &[u8], certificate: &[u8], signature: &[u8]) -> Result<()> {
        let certificate = self.file("signer.cer", certificate)?;
        let key = self.run(&["x509", "-inform", "DER", "-in", &certificate, "-pubkey", "-noout"])?;
        let key = self.file("signer.pub", &key)?;
        let (message, signature) = (self.file("message", message)?, self.file("signature", signature)?);
        let args = ["dgst", "-sm3", "-verify", &key, "-sigopt", DISTID, "-signature", &signature, &message];
        self.run(&args).map(drop)
    }

    /// Whether `certificate` (DER) was issued by the trusted root and is in date today.
    ///
    /// # Errors
    /// openssl refuses it.
    pub fn chain(&self, certificate: &[u8]) -> Result<()> {
        let (certificate, root) = (self.file("leaf.cer", certificate)?, command::arg(&self.root)?);
        // Without -no-CApath and -no-CAstore the certificates of this machine would be trusted too.
        let anchors = ["-CAfile", root, "-no-CApath", "-no-CAstore"];
        let args = [&["verify", "-vfyopt", DISTID][..], &anchors, &[certificate.as_str()]].concat();
        self.run(&args).map(drop)
    }

    /// SM3 of `bytes`.
    ///
    /// # Errors
    /// openssl cannot be run.
    pub fn sm3(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let file = self.file("digested", bytes)?;
        self.run(&["dgst", "-sm3", "-binary", &file])
    }

    /// Makes the stranger in `work`; he needs no root of ours.
    ///
    /// # Errors
    /// openssl refuses.
    pub fn stranger(work: &Path) -> Result<Stranger> {
        let this = Self { work: work.to_owned(), root: PathBuf::new() };
        let key = this.work.join("stranger.pem");
        let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"];
        this.run(&[&["genpkey"][..], &curve, &["-out", command::arg(&key)?]].concat())?;
        let request = ["req", "-x509", "-new", "-sm3", "-sigopt", DISTID, "-days", "30", "-outform", "DER"];
        let named =
            ["-subj", "/C=CN/O=stranger/CN=stranger", "-addext", "keyUsage=critical,digitalSignature"];
        let certificate = this.run(&[&request[..], &named, &["-key", command::arg(&key)?]].concat())?;
        Ok(Stranger { certificate, key })
    }

    /// Signs `message` with the stranger's key.
    ///
    /// # Errors
    /// openssl refuses.
    pub fn sign(&self, stranger: &Stranger, message: &[u8]) -> Result<Vec<u8>> {
        let (key, message) = (command::arg(&stranger.key)?, self.file("message", message)?);
        self.run(&["dgst", "-sm3", "-sign", key, "-sigopt", DISTID, &message])
    }
}

/// `bytes` with one bit of the middle byte flipped.
///
/// # Errors
/// There is no byte.
pub fn flipped(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = bytes.to_vec();
    let middle = copy.len() / 2;
    *copy.get_mut(middle).context("nothing to flip a bit in")? ^= 1;
    Ok(copy)
}
