//! `admit sim`: what was typed -> a listening org, its address and token on stdout, its log.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::explain::Exit;
use crate::sim::{Exchange, Seed, Server, SimOptions, SimOrg, TlsFiles, Watcher};

use super::error::CliError;
use super::faults;
use super::launch::{self, LaunchError};
use super::notice::{self, Voice, Warning};
use super::seed_from;
use super::sim_args::SimArgs;

/// Serves until it is told to stop, which is a good end.
pub(crate) fn serve(args: &SimArgs) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| LaunchError::Door(CliError::Runtime { error }));
    match runtime.and_then(|runtime| runtime.block_on(listen(args))) {
        Ok(()) => Exit::Done,
        Err(problem) => notice::error(&mut io::stderr().lock(), Voice::Text, problem.explain()),
    }
}

async fn listen(args: &SimArgs) -> Result<(), LaunchError> {
    let mut seed = match &args.seed_from {
        Some(cache) => seed_from::seed(cache)?,
        None => seed(args.org.as_deref()).map_err(LaunchError::Door)?,
    };
    let faults = faults::plan(args.faults.as_deref())
        .map_err(|problem| LaunchError::Door(problem.into()))?;
    let watcher = watcher(args.log.as_deref()).map_err(LaunchError::Door)?;
    let stop = asked_to_stop().map_err(|error| LaunchError::Door(CliError::Runtime { error }))?;
    let tls = args
        .tls_cert
        .clone()
        .zip(args.tls_key.clone())
        .map(|(cert, key)| TlsFiles { cert, key });
    let server = Server::bind(args.port, tls.as_ref())
        .await
        .map_err(|error| LaunchError::Door(CliError::Serve { error }))?;
    seed.org.instance_url = server.instance_url();
    seed.org.speed = args.speed;
    seed.org.token_requests = args.token_requests.or(seed.org.token_requests);
    seed.org.logins = args.logins.or(seed.org.logins);
    let greeting = greeting(seed.instance_url(), seed.access_token());
    let options = SimOptions {
        latency: Duration::ZERO,
        faults,
        ..SimOptions::default()
    };
    let org = Arc::new(SimOrg::new(seed, options));
    // Whoever closed stdout knows the address already.
    let _ = launch::print(&greeting);
    server.serve(org, watcher, stop).await;
    Ok(())
}

fn seed(folder: Option<&Path>) -> Result<Seed, CliError> {
    let Some(folder) = folder else {
        return Ok(Seed::sample());
    };
    Seed::from_dir(folder).map_err(|error| CliError::OrgFolder {
        path: folder.display().to_string(),
        error,
    })
}

/// Two assignments for a shell. The token is the simulated org's: it opens nothing else.
fn greeting(instance_url: &str, access_token: &str) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("SF_INSTANCE_URL", instance_url),
        ("SF_ACCESS_TOKEN", access_token),
    ] {
        let _ = writeln!(text, "{name}={}", shell_word(value));
    }
    text
}

/// Bare where a shell would leave it alone, else in single quotes.
fn shell_word(text: &str) -> String {
    let harmless = |letter: char| letter.is_ascii_alphanumeric() || "_-./:!@%+=,".contains(letter);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes the log; without `--log` nobody watches.
fn watcher(log: Option<&Path>) -> Result<Watcher, CliError> {
    let out: Box<dyn Write + Send> = match log {
        None => return Ok(Arc::new(|_: &Exchange| ())),
        Some(path) if path.as_os_str() == "-" => Box::new(io::stderr()),
        Some(path) => {
            let file = OpenOptions::new().append(true).create(true).open(path);
            Box::new(file.map_err(|error| CliError::Log {
                path: path.display().to_string(),
                error,
            })?)
        }
    };
    let out = Mutex::new(Some(out));
    Ok(Arc::new(move |exchange: &Exchange| {
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        let written = out.as_mut().map(|out| out.write_all(&line(exchange)));
        if let Some(Err(error)) = written {
            *out = None;
            let reason = error.to_string();
            let warning = Warning::LogStopped { reason };
            notice::warning(&mut io::stderr().lock(), Voice::Text, &warning);
        }
    }))
}

fn line(exchange: &Exchange) -> Vec<u8> {
    let Exchange {
        method,
        path,
        status,
        took_ms,
        at_ms,
    } = exchange;
    format!("{method} {path} {status} {took_ms} {at_ms}\n").into_bytes()
}

/// Ends at the first Ctrl-C or SIGTERM. Listens from the moment it is made, so that none is lost.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            biased;
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at the first Ctrl-C.
#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler nobody can ask.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_can_be_evaluated_by_a_shell() {
        let text = greeting("http://127.0.0.1:1", "00D!it's $HOME");
        assert_eq!(
            text,
            "SF_INSTANCE_URL=http://127.0.0.1:1\nSF_ACCESS_TOKEN='00D!it'\\''s $HOME'\n"
        );
    }
}
