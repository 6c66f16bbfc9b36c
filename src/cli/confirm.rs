//! Shows the plan of a run and asks whether it is wanted.
//!
//! In production the number of users has to be typed: a hand that types `y` without reading does
//! not pass. Everything goes to stderr, because stdout carries the summary only.

use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};

use serde_json::json;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::model::summary::{OrgIdentity, OrgKind};
use crate::pipeline::{self, PilotReport, Planned, Walk};

use super::error::CliError;
use super::figures::{count, counted, tame};
use super::notice::Voice;
use super::report;

/// How a run gets its confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// `--yes` was said.
    Given,
    /// Somebody at the terminal is asked.
    Asked,
    /// Nobody can be asked: what needs an answer does not begin.
    Nobody,
}

impl Confirmation {
    /// By `--yes`, or by asking where somebody can be asked.
    pub(crate) fn choose(yes: bool) -> Result<Self, CliError> {
        if yes {
            Ok(Self::Given)
        } else if io::stdin().is_terminal() && io::stderr().is_terminal() {
            Ok(Self::Asked)
        } else {
            Err(CliError::NobodyToAsk)
        }
    }
}

/// A run that is taken up wants an answer only where its plan was never confirmed or its pilot was
/// cut; then somebody has to be there to give it.
pub(crate) fn somebody_to_ask(
    walk: &Walk,
    planned: &Planned,
    confirmation: Confirmation,
) -> Result<(), CliError> {
    let is_new = !planned.is_confirmed() && planned.summary().accepted > 0;
    let is_asked = is_new || pipeline::has_pilot(walk, planned);
    match confirmation {
        Confirmation::Nobody if is_asked => Err(CliError::NobodyToAsk),
        Confirmation::Given | Confirmation::Asked | Confirmation::Nobody => Ok(()),
    }
}

/// What somebody said of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is wanted.
    Wanted,
    /// It is not.
    Unwanted,
}

/// Shows the plan, and asks where that is called for. A plan that sends nothing needs no answer.
/// A signal while the question stands ends the question; whoever cancelled knows what it means.
pub(crate) async fn confirm(
    planned: &Planned,
    contacts: &str,
    (confirmation, voice): (Confirmation, Voice),
    cancel: &CancellationToken,
) -> Answer {
    let (identity, plan) = (planned.identity(), planned.summary());
    let page = match voice {
        Voice::Text => format!("\n{}\n", report::render_plan(plan, identity, contacts)),
        Voice::Json => format!(
            "{}\n",
            json!({"event": "plan", "org": identity, "plan": plan})
        ),
    };
    say(&page);
    if confirmation == Confirmation::Given || plan.accepted == 0 {
        return Answer::Wanted;
    }
    say(&question(identity, plan.accepted));
    let line = answered(cancel).await;
    judge(&line, identity.kind, plan.accepted)
}

/// Shows what became of the pilot, and asks whether the rest is to follow. Where nobody is asked,
/// it follows when every row of the pilot became a user.
pub(crate) async fn after_pilot(
    report: &PilotReport,
    (confirmation, voice): (Confirmation, Voice),
    cancel: &CancellationToken,
) -> Answer {
    say(&match voice {
        Voice::Text => pilot_page(report),
        Voice::Json => format!("{}\n", json!({"event": "pilot", "report": report})),
    });
    if cancel.is_cancelled() {
        return Answer::Unwanted;
    }
    if confirmation == Confirmation::Given {
        let all_well = report.failed == 0;
        return if all_well {
            Answer::Wanted
        } else {
            Answer::Unwanted
        };
    }
    say("Send the rest? [y/N] ");
    judge(&answered(cancel).await, OrgKind::Sandbox, 0)
}

fn pilot_page(report: &PilotReport) -> String {
    let mut page = format!(
        "\nPilot: {} of {} became users",
        count(report.created),
        counted(report.rows, "row", "rows")
    );
    if report.mails > 0 {
        let mails = counted(report.mails, "welcome mail", "welcome mails");
        let _ = write!(page, "; the org has sent them {mails} or will");
    }
    page.push('\n');
    for (code, rows) in &report.by_code {
        let _ = writeln!(page, "  {} {}", count(*rows), tame(code));
    }
    page
}

/// A line, or nothing when the question ends because of a signal.
async fn answered(cancel: &CancellationToken) -> String {
    tokio::select! {
        biased;
        () = cancel.cancelled() => {
            say("\n");
            String::new()
        }
        line = typed_line() => line,
    }
}

/// The question, on the line where it is answered.
fn question(identity: &OrgIdentity, users: u64) -> String {
    let org = format!(
        "{} {} at {}",
        identity.kind.as_str(),
        identity.org_id,
        identity.instance_url
    );
    let who = tame(&format!("{org} as {}", identity.username));
    let sends = format!(
        "This creates {} in {who}.\n",
        counted(users, "user", "users")
    );
    match identity.kind {
        OrgKind::Production => format!(
            "{sends}Type the number of users to create ({}) to go on: ",
            count(users)
        ),
        OrgKind::Sandbox | OrgKind::Simulated => format!("{sends}Go on? [y/N] "),
    }
}

fn judge(line: &str, kind: OrgKind, users: u64) -> Answer {
    let typed = line.trim();
    let wanted = match kind {
        OrgKind::Production => typed.replace(',', "") == users.to_string(),
        OrgKind::Sandbox | OrgKind::Simulated => {
            ["y", "yes"].contains(&typed.to_ascii_lowercase().as_str())
        }
    };
    if wanted {
        Answer::Wanted
    } else {
        Answer::Unwanted
    }
}

/// One line from the terminal, read on a thread of its own: a thread that waits for a key cannot
/// be stopped, and must not keep the process from leaving.
async fn typed_line() -> String {
    let (tell, told) = oneshot::channel();
    let read = move || {
        let mut line = String::new();
        // What cannot be read was not said.
        let _ = io::stdin().lock().read_line(&mut line);
        let _ = tell.send(line);
    };
    let reader = std::thread::Builder::new()
        .name("answer".to_owned())
        .spawn(read);
    match reader {
        Ok(_) => told.await.unwrap_or_default(),
        Err(_) => String::new(),
    }
}

fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    // A closed stderr is nobody's concern.
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_wants_the_number_and_a_sandbox_a_yes() {
        let table = [
            (OrgKind::Production, "1234\n", Answer::Wanted),
            (OrgKind::Production, "1,234\n", Answer::Wanted),
            (OrgKind::Production, "y\n", Answer::Unwanted),
            (OrgKind::Production, "yes", Answer::Unwanted),
            (OrgKind::Production, "1235", Answer::Unwanted),
            (OrgKind::Production, "", Answer::Unwanted),
            (OrgKind::Sandbox, "y\n", Answer::Wanted),
            (OrgKind::Sandbox, " YES ", Answer::Wanted),
            (OrgKind::Sandbox, "\n", Answer::Unwanted),
            (OrgKind::Sandbox, "n", Answer::Unwanted),
            (OrgKind::Sandbox, "", Answer::Unwanted),
        ];
        for (kind, line, answer) in table {
            assert_eq!(judge(line, kind, 1234), answer, "{kind:?} {line:?}");
        }
    }

    #[test]
    fn the_question_names_org_address_user_and_kind() {
        let identity = |kind| OrgIdentity {
            org_id: "00D5g0000000SimEAE".to_owned(),
            instance_url: "https://acme.my.salesforce.com".to_owned(),
            username: "ada@acme.example".to_owned(),
            user_id: String::new(),
            kind,
            api_version: String::new(),
        };
        assert_eq!(
            question(&identity(OrgKind::Production), 1234),
            "This creates 1,234 users in PRODUCTION 00D5g0000000SimEAE at \
             https://acme.my.salesforce.com as ada@acme.example.\n\
             Type the number of users to create (1,234) to go on: "
        );
        let asked = question(&identity(OrgKind::Sandbox), 1);
        assert!(
            asked.starts_with("This creates 1 user in SANDBOX "),
            "{asked}"
        );
        assert!(asked.ends_with("Go on? [y/N] "), "{asked}");
    }
}
