//! What the pages of comparison, conversion and the ministry are shown over: for their tests and for their pictures.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use gm::sm2::SecretKey;
use gm::x509::{CertificateProfile, ChainStore, KeyUsage, Name, NameAttribute};
use gm::{KeyProvider, SoftwareKeys};
use node::Province;
use node::client::{NewPeer, Role};
use node::collect::{Delivery, DeliveryReceipt, Receiver, Sender, Transport, TransportError};
use node::convert::{PlanRequest, Waves};
use node::reconcile::{Depth, LocalPeer, Run};
use node::verify::Holdings;
use sample::{SampleOptions, Sink, generate, write_sample};
use store::{PersonalKey, PersonalKeys};
use web::Limits;

use crate::server::{Server, admin, setup};
use crate::support::{NOW, SECOND, World, first_issues, sqlite, submitted};

const LATER: i64 = NOW + 100 * SECOND;

/// A run against a ministry that holds nothing: everything is missing there.
pub fn reconciled(server: &Server, count: usize) -> Run {
    let province = &server.app.province;
    province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
    let emptied: Result<(), store::StoreError> = province.store.write(|session| {
        session.execute("DELETE FROM collect_item", &[])?;
        Ok(())
    });
    emptied.expect("an empty outbox");
    let mut peer = LocalPeer { store: &province.store, tree: "demo-99" };
    province.reconcile_run("ministry", &mut peer, Depth::Sums, &admin(), LATER).expect("runs")
}

/// Writes a sample into a folder.
struct Files(std::path::PathBuf);

impl Sink for Files {
    fn file(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder"))?;
        std::fs::write(path, bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        use std::io::Write;
        std::fs::OpenOptions::new().create(true).append(true).open(self.0.join(path))?.write_all(bytes)
    }
}

/// An import of paper stock with some wrong records, one wave of it converted.
pub fn converted(server: &Server, name: &str) {
    let province = &server.app.province;
    let options = SampleOptions { count: 60, seed: 11, wrong_per_mille: 200, ..SampleOptions::default() };
    let sample = generate(options, &province.data.catalogue).expect("a sample");
    let folder = server.world.as_ref().expect("a world").folder.0.join("stock");
    std::fs::create_dir_all(&folder).expect("a folder");
    write_sample(&sample, records::Format::Jsonl, &mut Files(folder.clone()), |_| {}).expect("writes");
    let actor = admin();
    let request = PlanRequest { name, input: &folder, source: None, actor: &actor };
    province.convert_plan(&request, NOW, &mut |_| {}).expect("plans");
    let waves = Waves { size: 10, refused_percent: None, failures: None, waves: Some(1) };
    province.convert_run(name, &waves, &actor, &|| NOW + SECOND, &mut |_| {}).expect("runs");
}

/// Straight into the ministry's receiver.
struct Straight<'a> {
    receiver: &'a Receiver,
    from: Sender,
}

impl Transport for Straight<'_> {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        Ok(self.receiver.receive(&self.from, deliveries, NOW + SECOND).expect("the ministry's rows"))
    }
}

fn receiver(province: &Arc<Province>) -> Receiver {
    let counter = AtomicI64::new(1);
    Receiver {
        store: province.store.clone(),
        objects: Arc::clone(&province.objects),
        personal: PersonalKeys::new(PersonalKey::new("k1", &[1; 32]), Vec::new(), &[2; 32]),
        verifier: None,
        chance: Box::new(move |out| {
            let count = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst).to_be_bytes();
            for (byte, value) in out.iter_mut().zip(count) {
                *byte = value;
            }
        }),
    }
}

/// Enrols a province's node.
fn enrol(ministry: &Province, id: &str, name: &str, issuers: &str, seed: u8) {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    let key = keys.signing_key("node").expect("the key");
    let subject = Name::new(&[(NameAttribute::CommonName, name)]).expect("a name");
    let profile = CertificateProfile {
        subject: subject.clone(),
        issuer: subject,
        serial: vec![seed],
        not_before: NOW / SECOND - 60,
        not_after: NOW / SECOND + 30 * 86_400,
        public_key: key.public_key().clone(),
        is_ca: false,
        path_len: None,
        key_usage: KeyUsage::DIGITAL_SIGNATURE,
        extra: Vec::new(),
    };
    let certificate = profile.sign(&*key).expect("a certificate");
    let roots = ChainStore { roots: vec![certificate.clone()], intermediates: Vec::new() };
    let peer = NewPeer {
        id: Some(id.into()),
        role: Role::Province,
        name: name.into(),
        address: String::new(),
        certificate: certificate.as_der().to_vec(),
        issuers: vec![issuers.into()],
        rights: None,
    };
    ministry.peer_add(peer, &roots, &admin(), NOW).expect("a peer");
}

/// A ministry's node with the holdings of one province, and the refusals of another one; and the province's world.
pub fn ministry(count: usize) -> (Server, World, Vec<String>) {
    let home = sqlite();
    let clock = Arc::new(AtomicI64::new(NOW + 2 * SECOND));
    let mut made = setup(&home, &clock, Limits::default());
    made.receiver = Some(receiver(&home.province));
    let server = Server::of(home, clock, made);
    let node = Arc::clone(&server.app.province);
    server.app.set_elsewhere(vec![Arc::new(Holdings(Arc::clone(&node))) as Arc<_>].into());
    enrol(&node, "demo-99", "演示省", "99", 21);
    enrol(&node, "trial-98", "试验省", "98", 22);
    let away = sqlite();
    let answers = away.province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
    let identifiers = answers.into_iter().filter_map(|answer| answer.identifier).collect();
    let receiver = server.app.receiver.as_ref().expect("a receiver");
    let way = |id: &str, issuers: &str| {
        let from = Sender { province: id.into(), issuers: vec![issuers.into()] };
        Straight { receiver, from }
    };
    // The other province's node speaks of certificates that are not its own.
    let stolen = way("trial-98", "98");
    away.province.collect_once("ministry", &stolen, "worker", NOW + SECOND).expect("a round");
    let retry = node::collect::Which::All;
    away.province.collect_retry("ministry", retry, &admin(), NOW + SECOND).expect("again");
    let own = way("demo-99", "99");
    away.province.collect_once("ministry", &own, "worker", NOW + 2 * SECOND).expect("a round");
    let mut peer = LocalPeer { store: &node.store, tree: "demo-99" };
    away.province
        .reconcile_run("ministry", &mut peer, Depth::Sums, &admin(), NOW + 9 * SECOND)
        .expect("runs");
    (server, away, identifiers)
}
