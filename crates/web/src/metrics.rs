//! Counters in the Prometheus text format.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Endpoint;

/// Upper bounds of the time classes, microseconds.
const BOUNDS: [i64; 8] = [1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000, 2_000_000];

/// Requests by endpoint, class of status and time.
pub struct Metrics {
    endpoints: &'static [&'static Endpoint],
    counts: Vec<Counts>,
}

#[derive(Default)]
struct Counts {
    /// 2xx, 4xx, 5xx.
    by_class: [AtomicU64; 3],
    by_time: [AtomicU64; BOUNDS.len()],
    micros: AtomicU64,
}

impl Metrics {
    pub(crate) fn new(endpoints: &'static [&'static Endpoint]) -> Self {
        Self { endpoints, counts: endpoints.iter().map(|_| Counts::default()).collect() }
    }

    pub(crate) fn count(&self, endpoint: &'static Endpoint, status: u16, micros: i64) {
        let place = self.endpoints.iter().position(|one| std::ptr::eq(*one, endpoint));
        let Some(counts) = place.and_then(|place| self.counts.get(place)) else { return };
        let class = match status {
            0..400 => 0,
            400..500 => 1,
            _ => 2,
        };
        counts.by_class[class].fetch_add(1, Relaxed);
        counts.micros.fetch_add(micros.max(0).unsigned_abs(), Relaxed);
        if let Some(place) = BOUNDS.iter().position(|bound| micros <= *bound) {
            counts.by_time[place].fetch_add(1, Relaxed);
        }
    }

    /// All of them as text.
    pub fn text(&self) -> String {
        let mut out = String::from("# TYPE luzheng_http_requests_total counter\n");
        for (endpoint, counts) in self.endpoints.iter().zip(&self.counts) {
            let name = format!("method=\"{}\",path=\"{}\"", endpoint.method.name(), endpoint.path);
            for (class, count) in ["ok", "refused", "failed"].iter().zip(&counts.by_class) {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    out,
                    "luzheng_http_requests_total{{{name},outcome=\"{class}\"}} {}",
                    count.load(Relaxed)
                );
            }
        }
        out.push_str("# TYPE luzheng_http_request_seconds histogram\n");
        for (endpoint, counts) in self.endpoints.iter().zip(&self.counts) {
            histogram(&mut out, endpoint, counts);
        }
        out
    }
}

fn histogram(out: &mut String, endpoint: &Endpoint, counts: &Counts) {
    let name = format!("method=\"{}\",path=\"{}\"", endpoint.method.name(), endpoint.path);
    let mut below = 0;
    for (bound, count) in BOUNDS.iter().zip(&counts.by_time) {
        below += count.load(Relaxed);
        let seconds = *bound as f64 / 1e6;
        let _ = writeln!(out, "luzheng_http_request_seconds_bucket{{{name},le=\"{seconds}\"}} {below}");
    }
    let all: u64 = counts.by_class.iter().map(|count| count.load(Relaxed)).sum();
    let _ = writeln!(out, "luzheng_http_request_seconds_bucket{{{name},le=\"+Inf\"}} {all}");
    let seconds = counts.micros.load(Relaxed) as f64 / 1e6;
    let _ = writeln!(out, "luzheng_http_request_seconds_sum{{{name}}} {seconds}");
    let _ = writeln!(out, "luzheng_http_request_seconds_count{{{name}}} {all}");
}
