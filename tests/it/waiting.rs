//! Waiting for a state: a look at it now and then, until it is there.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// Looks that are taken at most.
const LOOKS_MAX: u32 = 10_000;

/// The times to look at something that will change.
pub(crate) struct Looks {
    times: Interval,
    count: u32,
}

impl Looks {
    pub(crate) fn every(period: Duration) -> Self {
        let mut times = interval(period);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { times, count: 0 }
    }

    /// It is time to look: at once the first time, and not for ever.
    pub(crate) async fn next(&mut self) {
        self.count += 1;
        assert!(self.count <= LOOKS_MAX, "it never came to that state");
        self.times.tick().await;
    }
}
