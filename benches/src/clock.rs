//! CPU and wall time of the process.

use rustix::time::{ClockId, clock_gettime};

/// A stopwatch over CPU time (all threads) and wall time.
pub struct Watch {
    cpu: f64,
    wall: f64,
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

impl Watch {
    pub fn start() -> Self {
        Self { cpu: seconds(ClockId::ProcessCPUTime), wall: seconds(ClockId::Monotonic) }
    }

    /// CPU seconds since the start.
    pub fn cpu(&self) -> f64 {
        seconds(ClockId::ProcessCPUTime) - self.cpu
    }

    /// Wall seconds since the start.
    pub fn wall(&self) -> f64 {
        seconds(ClockId::Monotonic) - self.wall
    }
}

/// Now, Unix seconds.
pub fn now() -> i64 {
    clock_gettime(ClockId::Realtime).tv_sec
}

/// Runs `work` over and over for about `budget` CPU seconds; operations per CPU second.
pub fn rate(budget: f64, mut work: impl FnMut()) -> f64 {
    let watch = Watch::start();
    let mut count = 0u64;
    while watch.cpu() < budget {
        for _ in 0..16 {
            work();
        }
        count += 16;
    }
    count as f64 / watch.cpu()
}

/// CPU seconds of the calling thread.
pub fn thread_cpu() -> f64 {
    seconds(ClockId::ThreadCPUTime)
}
