//! Ctrl-C and SIGTERM: the first asks the walk to stop, the second ends the process.
//!
//! They are waited for on a thread of their own, so that the second is obeyed at once whatever
//! the walk is busy with.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::event::{Event, Listener};
use crate::model::explain::Exit;

use super::progress::Progress;

/// Cancels the token at the first signal and leaves at the second.
/// `run` is the folder of the run that has to be finished then.
pub(crate) fn watch(
    cancel: CancellationToken,
    progress: Arc<Progress>,
    run: &Path,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let run = run.display().to_string();
    let watch = move || runtime.block_on(obey(signals, cancel, (progress, run)));
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(watch)?;
    Ok(())
}

async fn obey(
    mut signals: Signals,
    cancel: CancellationToken,
    (progress, run): (Arc<Progress>, String),
) {
    let warn = |text: &str| {
        progress.on(&Event::Warned {
            code: "stopping".to_owned(),
            text: text.to_owned(),
        });
    };
    signals.next().await;
    cancel.cancel();
    warn(
        "asked to stop: nothing new is sent, jobs that run are settled first; ask again to leave at \
         once",
    );
    signals.next().await;
    warn(&format!(
        "left at once: closed jobs go on in the org, and the journal names them; finish the run \
         with `admit resume {run}`, or end it with `admit abort {run}`"
    ));
    // Nothing is lost by it: the journal is written line by line, other files are renamed whole.
    std::process::exit(i32::from(Exit::Stopped.code()));
}

/// The signals that ask to stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Catches them from now on.
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The signals that ask to stop: elsewhere there is only Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Catches them from the first time they are waited for.
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a handler nobody can ask.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
