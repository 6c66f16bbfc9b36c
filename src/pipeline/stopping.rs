//! Why a run sends nothing more, or nothing just now.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::model::allowance::is_below_reserve;
use crate::model::event::Event;
use crate::pipeline::work::{Run, Shared};
use crate::pipeline::{CorridorError, RunError};

/// Looks up before something new is sent: does anything speak against it?
pub(super) fn may_go_on(run: Run<'_>, work: &Shared) -> Result<(), RunError> {
    let walk = run.walk;
    if walk.cancel.is_cancelled() {
        return Err(CorridorError::Stopped.into());
    }
    if run.deadline.is_some_and(|end| Instant::now() >= end) {
        return Err(CorridorError::WaitOver.into());
    }
    if let Some(broken) = work.with(|work| work.breaker.is_broken()) {
        let (code, refused, of) = (broken.code, broken.refused, broken.of);
        return Err(CorridorError::TooManyFailures { code, refused, of }.into());
    }
    let percent = walk.settings.pacing.reserve_percent;
    match walk.org.usage() {
        Some(usage) if is_below_reserve(usage, percent) => {
            let (used, max) = (usage.used, usage.max);
            Err(CorridorError::ReserveReached { used, max, percent }.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// Time until the hours in which jobs may be begun; zero within them.
pub(super) fn until_window_opens(run: Run<'_>) -> Duration {
    let window = run.walk.settings.stopping.window;
    let minutes = window.map_or(0, |window| {
        window.minutes_until_open(run.walk.clock.minute_of_day())
    });
    Duration::from_secs(60 * u64::from(minutes))
}

/// Waits for those hours; a stop ends the waiting.
pub(super) async fn wait_for_window(run: Run<'_>, wait: Duration) {
    let minutes = wait.as_secs() / 60;
    run.walk.say(&Event::Said(format!(
        "outside the hours of --window: the next job begins in {minutes} min"
    )));
    tokio::select! {
        biased;
        () = run.walk.cancel.cancelled() => {}
        () = until(run.deadline) => {}
        () = sleep(wait) => {}
    }
}

/// Ends when waiting is over; never where it has no end.
pub(super) async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}
