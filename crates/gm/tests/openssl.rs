//! OpenSSL as referee: what we make it accepts, what it makes we accept. Without `openssl` these tests fail.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use gm::pkcs8::{Prf, Protection, decrypt_pem, encrypt_pem};
use gm::sm2::{PublicKey, SecretKey, Signature, verify};
use gm::sm3::{hmac_sm3, sm3};
use gm::{base64, pem, sm4};
use support::{crl, leaf, root, secret};

const ID: &str = "distid:1234567812345678";

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gm-openssl-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.join(file), content).unwrap();
    }

    fn get(&self, file: &str) -> Vec<u8> {
        fs::read(self.0.join(file)).unwrap()
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new("openssl");
        command.args(arguments.split_whitespace()).current_dir(&self.0);
        command.output().expect("these tests need the openssl program")
    }

    /// Standard output of a run that must succeed.
    fn openssl(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn random() -> impl FnMut(&mut [u8]) {
    let mut next = 0x5Au8;
    move |out: &mut [u8]| {
        out.fill_with(|| {
            next = next.wrapping_mul(5).wrapping_add(3);
            next
        })
    }
}

fn sealed_key(key: &SecretKey) -> String {
    encrypt_pem(key, "pw", Protection { prf: Prf::HmacSha256, iterations: 1000 }, &mut random()).unwrap()
}

/// SubjectPublicKeyInfo in PEM, by way of the certificate builder's own encoding.
fn public_pem(folder: &Folder) {
    folder.put("key.pem", sealed_key(&secret(3)));
    folder.openssl("pkey -in key.pem -passin pass:pw -pubout -out pub.pem");
}

#[test]
fn our_signature_is_accepted_there_and_a_flipped_bit_refused() {
    let folder = Folder::new("sign");
    public_pem(&folder);
    folder.put("msg", "道路运输证");
    folder.put("sig", secret(3).sign("道路运输证".as_bytes()).unwrap().to_der());
    let check = format!(
        "pkeyutl -verify -pubin -inkey pub.pem -rawin -digest sm3 -in msg -sigfile sig -pkeyopt {ID}"
    );
    folder.openssl(&check);
    folder.put("msg", "道路运输征");
    assert!(!folder.run(&check).status.success());
}

#[test]
fn their_signature_is_accepted_here() {
    let folder = Folder::new("theirs");
    folder.openssl("genpkey -algorithm SM2 -out key.pem");
    folder.put("msg", b"message");
    folder
        .openssl(&format!("pkeyutl -sign -inkey key.pem -rawin -digest sm3 -in msg -out sig -pkeyopt {ID}"));
    folder.openssl("pkey -in key.pem -pubout -outform DER -out pub.der");
    // The point is the last 65 bytes of SubjectPublicKeyInfo.
    let info = folder.get("pub.der");
    let key = PublicKey::from_bytes(&info[info.len() - 65..]).unwrap();
    let signature = Signature::from_der(&folder.get("sig")).unwrap();
    assert!(verify(&key, b"message", &signature));
    assert!(!verify(&key, b"massage", &signature));
}

#[test]
fn our_key_file_opens_there() {
    let folder = Folder::new("ourkey");
    let key = secret(0x2B);
    folder.put("key.pem", sealed_key(&key));
    let text = folder.openssl("pkey -in key.pem -passin pass:pw -text -noout");
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    assert!(digits.contains(&"2b".repeat(32)), "{text}");
    assert!(text.contains("SM2"), "{text}");
}

/// OpenSSL 3.0 knows no HMAC-SM3 in PBKDF2. When this test fails, that has changed and the default may follow.
#[test]
fn hmac_sm3_key_files_do_not_open_there_yet() {
    let folder = Folder::new("smprf");
    let protection = Protection { prf: Prf::HmacSm3, iterations: 1000 };
    folder.put("key.pem", encrypt_pem(&secret(3), "pw", protection, &mut random()).unwrap());
    assert!(!folder.run("pkey -in key.pem -passin pass:pw -noout").status.success());
}

#[test]
fn their_key_file_opens_here() {
    let folder = Folder::new("theirkey");
    folder.openssl("genpkey -algorithm SM2 -sm4-cbc -pass pass:pw -out key.pem");
    let text = String::from_utf8(folder.get("key.pem")).unwrap();
    let key = decrypt_pem(&text, "pw").unwrap();
    folder.openssl("pkey -in key.pem -passin pass:pw -pubout -outform DER -out pub.der");
    assert!(folder.get("pub.der").ends_with(key.public_key().as_bytes()));
    assert_eq!(decrypt_pem(&text, "wp").err(), Some(gm::GmError::WrongPassphrase));
}

#[test]
fn our_chain_is_accepted_there_and_a_flipped_bit_refused() {
    let folder = Folder::new("chain");
    folder.put("root.pem", pem::encode("CERTIFICATE", root().as_der()));
    folder.put("leaf.pem", pem::encode("CERTIFICATE", leaf().as_der()));
    let check =
        format!("verify -vfyopt {ID} -attime {} -x509_strict -CAfile root.pem leaf.pem", support::NOW);
    folder.openssl(&check);
    let mut broken = leaf().as_der().to_vec();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    folder.put("leaf.pem", pem::encode("CERTIFICATE", &broken));
    assert!(!folder.run(&check).status.success());
}

#[test]
fn our_certificate_reads_the_same_there() {
    let folder = Folder::new("text");
    folder.put("leaf.pem", pem::encode("CERTIFICATE", leaf().as_der()));
    let text = folder.openssl("x509 -in leaf.pem -noout -text -nameopt utf8,sep_comma_plus");
    for wanted in [
        "Version: 3 (0x2)",
        "Signature Algorithm: SM2-with-SM3",
        "CN=示例电子印章",
        "Not Before: Jan  1 00:00:00 2025 GMT",
        "Not After : Jan  1 00:00:00 2055 GMT",
        "Digital Signature, Non Repudiation",
        "X509v3 Key Usage: critical",
    ] {
        assert!(text.contains(wanted), "{wanted} not in {text}");
    }
}

#[test]
fn our_revocation_list_reads_the_same_there() {
    let folder = Folder::new("crl");
    folder.put("crl.pem", pem::encode("X509 CRL", crl().as_der()));
    let text = folder.openssl("crl -in crl.pem -noout -text");
    for wanted in [
        "Version 2 (0x1)",
        "Serial Number: 8003",
        "Key Compromise",
        "X509v3 CRL Number",
        "Next Update: Jan  2",
    ] {
        assert!(text.contains(wanted), "{wanted} not in {text}");
    }
}

#[test]
fn their_certificate_reads_here() {
    let folder = Folder::new("theircert");
    folder.openssl("genpkey -algorithm SM2 -out key.pem");
    folder.openssl(&format!(
        "req -x509 -new -key key.pem -sm3 -sigopt {ID} -days 30 -subj /C=CN/O=Example/CN=Referee -addext \
         keyUsage=critical,keyCertSign,cRLSign -out cert.pem"
    ));
    let text = String::from_utf8(folder.get("cert.pem")).unwrap();
    let cert = gm::x509::Certificate::from_der(&pem::decode("CERTIFICATE", &text).unwrap()).unwrap();
    assert!(cert.verify_signed_by(cert.public_key()));
    assert_eq!(cert.subject().to_string(), "C=CN, O=Example, CN=Referee");
    assert!(cert.is_ca());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn digests_and_ciphers_agree() {
    let folder = Folder::new("symmetric");
    let data: Vec<u8> = (0..1000u32).map(|i| (i * i) as u8).collect();
    folder.put("data", &data);
    assert!(folder.openssl("dgst -sm3 data").trim_end().ends_with(&hex(&sm3(&data))));
    let mac = folder.openssl("dgst -sm3 -mac HMAC -macopt key:secret data");
    assert!(mac.trim_end().ends_with(&hex(&hmac_sm3(b"secret", &data))), "{mac}");
    let (key, iv) = ([0x11; 16], [0x22; 16]);
    folder.openssl(&format!("enc -sm4-cbc -K {} -iv {} -in data -out cipher", hex(&key), hex(&iv)));
    assert_eq!(sm4::cbc_encrypt(&key, &iv, &data), folder.get("cipher"));
    let text = folder.openssl("base64 -A -in data");
    assert_eq!(base64::encode(&data), text.trim_end());
}

/// OpenSSL 3.0 has no SM4-GCM; its counter mode from the counter 2 on is what GCM encrypts with.
#[test]
fn sm4_gcm_encrypts_as_counter_mode_does_there() {
    let folder = Folder::new("gcm");
    let data: Vec<u8> = (0..5000u32).map(|i| (i * 31 / 8) as u8).collect();
    let (key, nonce) = ([0x42; 16], [0x17; 12]);
    folder.put("data", &data);
    folder.openssl(&format!(
        "enc -sm4-ctr -K {} -iv {}00000002 -in data -out cipher",
        hex(&key),
        hex(&nonce)
    ));
    let mut ours = data;
    sm4::Gcm::new(&key).seal(&nonce, b"", &mut ours);
    assert_eq!(ours, folder.get("cipher"));
}
