//! The ministry's node in memory, and a way to it on which messages and answers are lost and either side dies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use link::http::Origin;
use node::collect::{Delivery, DeliveryReceipt, Receiver, Sender, Transport, TransportError};
use objects::disk::Fault;
use store::{PersonalKey, PersonalKeys, Store};

use super::faults::{Faults, die};
use super::random::Random;
use super::world::{Machine, chance};

/// The receiving node; it restarts by itself after a power cut.
pub struct Ministry {
    pub machine: Machine,
    trust: seal::TrustStore,
    state: Mutex<State>,
}

struct State {
    receiver: Option<Receiver>,
    random: Random,
    /// Whether anything may go wrong on the way.
    rough: bool,
}

impl Ministry {
    pub fn new(seed: u64, trust: seal::TrustStore, faults: Faults) -> Self {
        let state = State { receiver: None, random: Random(seed), rough: false };
        let ministry = Self { machine: Machine::new(faults), trust, state: Mutex::new(state) };
        ministry.state().receiver = Some(ministry.open());
        ministry
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn rough(&self, on: bool) {
        self.state().rough = on;
    }

    /// The rows of the running node.
    pub fn store(&self) -> Store {
        self.state().receiver.as_ref().map(|receiver| receiver.store.clone()).expect("it runs")
    }

    fn open(&self) -> Receiver {
        let store = self.machine.rows();
        Receiver {
            objects: Arc::new(self.machine.files(&store).expect("the ministry's files")),
            personal: PersonalKeys::new(PersonalKey::new("m1", &[4; 32]), Vec::new(), &[5; 32]),
            verifier: Some(Arc::new(seal::Verifier::new(self.trust.clone()))),
            chance: chance(),
            store,
        }
    }

    fn arrive(
        &self,
        state: &mut State,
        deliveries: &[Delivery],
    ) -> Result<Vec<DeliveryReceipt>, TransportError> {
        let from = Sender { province: "demo-99".into(), issuers: vec!["99".into()] };
        let now = self.machine.now();
        let received = state.receiver.as_ref().map(|receiver| receiver.receive(&from, deliveries, now));
        self.machine.disk.clear_faults();
        match received {
            Some(Ok(receipts)) => Ok(receipts),
            // It has lost its power, or its disk is broken: it starts again.
            _ => {
                state.receiver = None;
                self.machine.disk.crash(state.random.next());
                state.receiver = Some(self.open());
                Err(lost())
            }
        }
    }
}

fn lost() -> TransportError {
    TransportError {
        origin: Origin::Network,
        code: "DEMO".into(),
        cause: "演示的故障；请稍候".into(),
        may_pass: true,
        retry_after: None,
    }
}

impl Transport for Ministry {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        let mut state = self.state();
        let step = if state.rough { state.random.below(10) } else { 10 };
        let note = |what: &str| self.machine.faults.note(format!("collect/{what}"));
        match step {
            0 => {
                note("message lost");
                Err(lost())
            }
            1 | 2 => {
                note("answer lost");
                self.arrive(&mut state, deliveries)?;
                Err(lost())
            }
            3 => {
                note("sender dies before the answer");
                self.arrive(&mut state, deliveries)?;
                drop(state);
                die()
            }
            4 => {
                note("sent twice");
                self.arrive(&mut state, deliveries)?;
                self.arrive(&mut state, deliveries)
            }
            5 | 6 => {
                note("ministry loses its power");
                let calls = state.random.below(8);
                self.machine.disk.inject(None, calls, Fault::PowerCut);
                self.arrive(&mut state, deliveries)
            }
            _ => self.arrive(&mut state, deliveries),
        }
    }
}
