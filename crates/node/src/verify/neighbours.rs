//! Other nodes as somebody who may know: a province asks its ministry, the ministry asks the issuing province.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use link::http::{Client, HttpError};
use link::sign::Person;
use model::Reason;
use store::rows::client;

use super::elsewhere::{About, Elsewhere, Told};
use super::forward::{FORWARD, ForwardAnswer, Forwarded};
use super::gate::{Gate, Shut};
use crate::audit::Actor;
use crate::client::{PeerEntry, Role, speaks_for};
use crate::{NodeError, Province};

/// Makes a client of a node at an address; the binary knows key, clock, randomness and how long to wait.
pub type Connect = Box<dyn Fn(&PeerEntry, &str) -> Result<Client, HttpError> + Send + Sync>;

/// The nodes that questions are handed to, as they are enrolled (`peer add --issuer --address`).
pub struct Neighbours {
    province: Arc<Province>,
    /// Addresses that the configuration gives for peers, in place of the enrolled ones.
    addresses: BTreeMap<String, String>,
    connect: Connect,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    book: RwLock<Arc<Book>>,
}

/// The enrolled nodes as of one version of the tables.
#[derive(Default)]
struct Book {
    version: Option<i64>,
    nodes: Vec<Arc<Neighbour>>,
}

struct Neighbour {
    entry: PeerEntry,
    /// Kept: its connections stay open between questions. In words why there is none.
    client: Result<Client, String>,
    gate: Gate,
}

impl Neighbours {
    /// Over the enrolled peers. `addresses` go before the enrolled ones, by the peer's id.
    pub fn new(
        province: Arc<Province>,
        addresses: BTreeMap<String, String>,
        connect: Connect,
        clock: Box<dyn Fn() -> i64 + Send + Sync>,
    ) -> Self {
        Self { province, addresses, connect, clock, book: RwLock::default() }
    }

    /// The book, read again when peers were added or disabled.
    fn book(&self) -> Result<Arc<Book>, NodeError> {
        let version = self.province.store.read(client::version)?;
        let known = Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner));
        if known.version == Some(version) {
            return Ok(known);
        }
        let peers = self.province.peer_list()?.into_iter().filter(|one| one.active);
        let nodes = peers.map(|entry| Arc::new(self.neighbour(entry))).collect();
        let fresh = Arc::new(Book { version: Some(version), nodes });
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }

    fn neighbour(&self, entry: PeerEntry) -> Neighbour {
        let address = self.addresses.get(&entry.id).unwrap_or(&entry.address);
        let client = match address.as_str() {
            "" => Err("没有登记地址".to_owned()),
            address => (self.connect)(&entry, address).map_err(|error| error.to_string()),
        };
        Neighbour { entry, client, gate: Gate::default() }
    }
}

impl Elsewhere for Neighbours {
    fn ask(&self, about: &About, actor: &Actor, _now: i64) -> Result<Told, NodeError> {
        let book = self.book()?;
        // The ministry has no area of its own.
        let (found, missing, failed) = if self.province.area.is_empty() {
            let issuer = about.id.issuer().to_string();
            let missing = Reason::new("ISSUER_NOT_CONNECTED", &issuer);
            (book.issuing(&issuer, about.not.as_deref()), Some(missing), "ISSUER_UNREACHABLE")
        } else {
            (book.ministry(), None, "MINISTRY_UNREACHABLE")
        };
        let Some(node) = found else { return Ok(Told::Unknown(missing)) };
        Ok(match node.ask(about, actor, &*self.clock) {
            Ok(Some(answer)) => Told::Answer(Box::new(about.taken(answer))),
            Ok(None) => Told::Unknown(None),
            Err(cause) => {
                let detail = if failed == "ISSUER_UNREACHABLE" { node.entry.id.clone() } else { cause };
                Told::Unknown(Some(Reason::new(failed, &detail)))
            }
        })
    }
}

impl Book {
    fn ministry(&self) -> Option<&Neighbour> {
        self.nodes.iter().find(|one| one.entry.role == Role::Ministry).map(Arc::as_ref)
    }

    /// The province that speaks for an issuer, most closely named; never the one that the question came from.
    fn issuing(&self, issuer: &str, not: Option<&str>) -> Option<&Neighbour> {
        let provinces =
            self.nodes.iter().filter(|one| one.entry.role == Role::Province && Some(&*one.entry.id) != not);
        let fits = provinces.filter_map(|one| Some((speaks_for(&one.entry.issuers, issuer)?, one)));
        fits.max_by_key(|(fit, _)| *fit).map(|(_, one)| one.as_ref())
    }
}

impl Neighbour {
    /// Its answer, or in Chinese why there is none.
    fn ask(
        &self,
        about: &About,
        actor: &Actor,
        clock: &dyn Fn() -> i64,
    ) -> Result<Option<super::VerifyAnswer>, String> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let _place = self.gate.enter(clock()).map_err(|shut| self.shut(shut))?;
        let forwarded =
            Forwarded { asked: about.asked.clone(), as_of: about.as_of, began: about.began.clone() };
        let body = serde_json::to_vec(&forwarded).map_err(|error| error.to_string())?;
        let person = person(actor);
        let post = || client.post(FORWARD, &person, "application/json", &body);
        let told = match post() {
            // A kept connection that the other side had closed; asking twice does no harm.
            Err(HttpError::Broken { .. }) => post(),
            told => told,
        };
        let told = match told {
            Ok(answer) => answer,
            Err(error) => {
                // Who refuses is there; who does not answer, or sends us away, is not asked for a while.
                let away = !matches!(&error, HttpError::Refused { problem, .. } if problem.status < 500);
                if away {
                    self.gate.away(clock());
                } else {
                    self.gate.there();
                }
                return Err(short(&self.entry.id, &error));
            }
        };
        self.gate.there();
        let read: Result<ForwardAnswer, _> = serde_json::from_slice(&told.body);
        let answers = read.map_err(|_| format!("“{}”的应答不能读取", self.entry.id))?.answers;
        Ok(answers.into_iter().next())
    }

    fn shut(&self, shut: Shut) -> String {
        match shut {
            Shut::Away => format!("“{}”暂时不能应答", self.entry.id),
            Shut::Full => format!("向“{}”转核的人过多", self.entry.id),
        }
    }
}

/// The person behind the question, as the headers carry it on.
pub(super) fn person(actor: &Actor) -> Person {
    Person {
        operator: actor.operator.clone(),
        unit: actor.unit.clone(),
        staff_no: actor.staff_no.clone(),
        purpose: actor.purpose.clone(),
        case_no: actor.case_no.clone(),
    }
}

/// For the person at the roadside; addresses and causes are the operators' business.
fn short(id: &str, error: &HttpError) -> String {
    match error {
        HttpError::Connect { .. } | HttpError::Timeout { .. } | HttpError::Broken { .. } => {
            format!("“{id}”联系不上")
        }
        HttpError::Refused { problem, .. } => format!("“{id}”拒绝：{}", problem.title),
        _ => format!("“{id}”没有给出可信的应答"),
    }
}
