//! What goes wrong at the stages of issuing, from a plan.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use node::{NodeError, Province, Stages};
use objects::disk::Simulated;

use crate::support::SECOND;

/// A fault of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The stage fails; the process lives on.
    Error,
    /// The process ends here: everything in memory is gone.
    Crash,
    /// No byte more fits on the disk.
    Full,
    /// The process stands still so long that another one takes up what it left.
    Delay,
}

/// The process has ended; carried up to whoever started it, past all code of the product.
pub struct Died;

/// Ends the process of the simulation, without a message.
pub fn die() -> ! {
    std::panic::resume_unwind(Box::new(Died))
}

/// Runs a part of a process's life; `None` when it died in it.
pub fn alive<R>(work: impl FnOnce() -> R) -> Option<R> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(cause) if cause.is::<Died>() => None,
        Err(cause) => std::panic::resume_unwind(cause),
    }
}

#[derive(Default)]
struct State {
    plan: Option<(&'static str, Fault)>,
    province: Weak<Province>,
    met: BTreeMap<String, usize>,
}

/// The plan; a clone is the same.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

impl Faults {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next time the stage begins, this happens.
    pub fn plan(&self, stage: &'static str, fault: Fault) {
        self.state().plan = Some((stage, fault));
    }

    /// What has not happened does not happen.
    pub fn clear(&self) {
        self.state().plan = None;
    }

    /// The process that stands on these faults now.
    pub fn belong_to(&self, province: &Arc<Province>) {
        self.state().province = Arc::downgrade(province);
    }

    /// Counts what happened.
    pub fn note(&self, what: String) {
        *self.state().met.entry(what).or_default() += 1;
    }

    /// How often each fault was met.
    pub fn met(&self) -> BTreeMap<String, usize> {
        self.state().met.clone()
    }

    /// What a province calls at each stage.
    pub fn stages(&self, disk: Simulated, clock: Arc<AtomicI64>) -> Stages {
        let faults = self.clone();
        Box::new(move |stage| {
            let mut state = faults.state();
            let Some((_, fault)) = state.plan.take_if(|(at, _)| *at == stage) else { return Ok(()) };
            *state.met.entry(format!("{stage}/{fault:?}")).or_default() += 1;
            let province = state.province.upgrade();
            drop(state);
            match fault {
                Fault::Error => {
                    let (what, fix) = (format!("演示的故障：{stage}"), "请稍后重试".to_owned());
                    return Err(NodeError::Refused { what, fix });
                }
                Fault::Crash => die(),
                Fault::Full => disk.set_capacity(Some(0)),
                Fault::Delay => {
                    let now = clock.fetch_add(1200 * SECOND, Ordering::Relaxed) + 1200 * SECOND;
                    if let Some(province) = province {
                        // As the worker of another process on the same rows does with what is older than ten minutes.
                        province.recover(now - 600 * SECOND, now)?;
                    }
                }
            }
            Ok(())
        })
    }
}
