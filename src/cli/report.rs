//! A `RunSummary` -> the text an administrator reads at the end. Pure.

use std::collections::BTreeMap;

use crate::model::explain::Exit;
use crate::model::limits::SEATS_UNLIMITED;
use crate::model::rejection::Code;
use crate::model::summary::{OrgIdentity, OrgKind, PlanSummary, RunSummary, SeatForecast};

use super::figures::{bytes, count, counted, duration, stopwatch};
use super::page::Page;

/// Outcomes of rows in the order people ask for them, and what each means.
const OUTCOMES: &[(&str, &str)] = &[
    ("created", "users made"),
    ("would-send", "would be sent"),
    ("rejected", "by admit, never sent"),
    ("failed", "refused by the org"),
    ("unprocessed", "not sent, or never tried by the org"),
    ("unaccounted", "no result came"),
];

/// Files of a run folder, and what each is for.
const FILES: &[(&str, &str)] = &[
    ("success.csv", "rows that became users, with their user ids"),
    (
        "failure.csv",
        "rows that did not, each with reason and fix; mend it and run it again",
    ),
    ("plan", "what is sent, wave by wave"),
    ("jobs", "what the org answered, job by job"),
    ("summary.json", "these numbers, for machines"),
    ("run.log", "what happened when"),
];

/// Where a summary's files lie.
pub(crate) struct Folder<'a> {
    /// The run folder, as the operator knows it.
    pub(crate) path: &'a str,
    /// Is there a file of that name in it?
    pub(crate) has: &'a dyn Fn(&str) -> bool,
}

/// How the process ends: were all rows as asked?
pub(crate) fn exit(summary: &RunSummary) -> Exit {
    if lost_rows(summary) == 0 {
        Exit::Done
    } else {
        Exit::SomeRows
    }
}

/// The whole text.
pub(crate) fn render(summary: &RunSummary, contacts: &str, folder: &Folder<'_>) -> String {
    let mut page = Page::default();
    head(&mut page, &summary.org, summary.plan.rows, contacts);
    outcomes(&mut page, summary);
    let by_code = match &summary.failures_by_code {
        none if none.is_empty() => &summary.plan.by_code,
        by_code => by_code,
    };
    reasons(&mut page, by_code, lost_rows(summary));
    plan_tables(&mut page, &summary.plan, &summary.seats_used_after);
    page.gap();
    plan_facts(&mut page, &summary.plan);
    run_facts(&mut page, summary);
    files(&mut page, summary, folder);
    closing(&mut page, summary);
    page.into_text()
}

/// What a run will do, before it does anything.
pub(crate) fn render_plan(plan: &PlanSummary, org: &OrgIdentity, contacts: &str) -> String {
    let mut page = Page::default();
    head(&mut page, org, plan.rows, contacts);
    page.table(
        &["The plan", "rows"],
        &[
            vec!["users to create".to_owned(), count(plan.accepted)],
            vec!["rejected, not sent".to_owned(), count(plan.rejected)],
        ],
    );
    reasons(&mut page, &plan.by_code, plan.rejected);
    plan_tables(&mut page, plan, &BTreeMap::new());
    page.gap();
    plan_facts(&mut page, plan);
    page.into_text()
}

fn head(page: &mut Page, org: &OrgIdentity, rows: u64, contacts: &str) {
    let org_line = format!("{} {} {}", org.kind.as_str(), org.org_id, org.instance_url);
    page.fact("Org", &org_line);
    page.fact(
        "Running user",
        &format!("{}, API {}", org.username, org.api_version),
    );
    page.fact(
        "File",
        &format!("{contacts}, {}", counted(rows, "row", "rows")),
    );
}

fn outcomes(page: &mut Page, summary: &RunSummary) {
    let known = OUTCOMES.iter().filter_map(|(name, meaning)| {
        let rows = summary
            .outcomes
            .get(*name)
            .copied()
            .filter(|rows| *rows > 0)?;
        Some((format!("{name}: {meaning}"), rows))
    });
    let is_known = |name: &str| OUTCOMES.iter().any(|(known, _)| *known == name);
    let others = summary
        .outcomes
        .iter()
        .filter(|(name, rows)| !is_known(name) && **rows > 0);
    let others = others.map(|(name, rows)| (name.clone(), *rows));
    let rows: Vec<_> = known
        .chain(others)
        .map(|(name, rows)| vec![name, count(rows)])
        .collect();
    page.table(&["What became of the rows", "rows"], &rows);
}

/// Why rows are in failure.csv, most frequent first.
fn reasons(page: &mut Page, by_code: &BTreeMap<String, u64>, lost_rows: u64) {
    let reasons = most_frequent_first(by_code);
    page.table(&["Reasons in failure.csv", "rows"], &code_rows(&reasons));
    if by_code.values().sum::<u64>() > lost_rows {
        page.paragraph("A row counts under each of its reasons.");
    }
    let ours = |code: &&str| Code::ALL.iter().any(|known| known.as_str() == *code);
    if let Some(code) = reasons.iter().map(|(code, _)| *code).find(ours) {
        page.paragraph(&format!("What a reason means: admit explain {code}"));
    }
}

/// Rows that ended otherwise than asked.
fn lost_rows(summary: &RunSummary) -> u64 {
    let lost = |outcome: &str| !matches!(outcome, "created" | "would-send");
    summary
        .outcomes
        .iter()
        .filter(|(outcome, _)| lost(outcome))
        .map(|(_, rows)| *rows)
        .sum()
}

fn most_frequent_first(by_code: &BTreeMap<String, u64>) -> Vec<(&str, u64)> {
    let mut codes: Vec<_> = by_code
        .iter()
        .map(|(code, rows)| (code.as_str(), *rows))
        .collect();
    // Codes of the same count stay in their alphabetical order.
    codes.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    codes
}

fn code_rows(codes: &[(&str, u64)]) -> Vec<Vec<String>> {
    codes
        .iter()
        .map(|(code, rows)| vec![(*code).to_owned(), count(*rows)])
        .collect()
}

/// What is sent with a warning, waves, seats, profiles; `used_after` is what the org says after a
/// run.
fn plan_tables(page: &mut Page, plan: &PlanSummary, used_after: &BTreeMap<String, u64>) {
    let warnings = most_frequent_first(&plan.warnings);
    page.table(&["Sent with a warning", "rows"], &code_rows(&warnings));
    let waves: Vec<_> = plan
        .waves
        .iter()
        .map(|wave| {
            vec![
                wave.name.clone(),
                count(wave.changes),
                count(wave.jobs),
                count(u64::from(wave.lanes)),
            ]
        })
        .collect();
    page.table(&["Waves, in order", "changes", "jobs", "at once"], &waves);

    let seats: Vec<_> = plan
        .seats
        .iter()
        .map(|seat| seat_row(seat, used_after))
        .collect();
    let headings = [
        "Licence",
        "seats",
        "used before",
        "used after",
        "free",
        "rows without",
    ];
    page.table(&headings, &seats);

    let profiles: Vec<_> = plan
        .profiles
        .iter()
        .map(|profile| {
            vec![
                profile.profile.clone(),
                count(profile.active_now),
                count(profile.added),
            ]
        })
        .collect();
    page.table(&["Profile", "active users now", "added"], &profiles);
}

/// One licence: after is what the org says after a run, else what the plan predicts.
fn seat_row(seat: &SeatForecast, used_after: &BTreeMap<String, u64>) -> Vec<String> {
    let after = used_after.get(&seat.license).copied();
    let after = after.unwrap_or(seat.used_before + seat.taken);
    vec![
        seat.license.clone(),
        seats(seat.total),
        count(seat.used_before),
        count(after),
        seats(seat.total.saturating_sub(after)),
        count(seat.short),
    ]
}

/// Seats, of which a licence without a limit has as many as anybody wants.
fn seats(number: u64) -> String {
    // Less those in use, an unlimited number is still far beyond any licence that is sold.
    if number > SEATS_UNLIMITED / 2 {
        "unlimited".to_owned()
    } else {
        count(number)
    }
}

fn plan_facts(page: &mut Page, plan: &PlanSummary) {
    let site = if plan.site.is_empty() {
        "none"
    } else {
        &plan.site
    };
    page.fact("Site", site);
    page.fact("Welcome mails", &count(plan.mails));
    let roles = format!(
        "{} new, {} exist",
        count(plan.roles_new),
        count(plan.roles_existing)
    );
    page.fact("Portal roles", &roles);
    page.fact("Columns sent", &plan.columns_sent.join(", "));
    page.fact("Passed through", &plan.columns_passed_through.join(", "));
    page.fact("Defaults used", &plan.defaults.join(", "));
    let (shortest, longest) = plan.duration_s;
    page.fact(
        "A real run",
        &format!(
            "about {}, {} to {}",
            counted(plan.api_calls, "API call", "API calls"),
            duration(shortest),
            duration(longest)
        ),
    );
}

/// What it took.
fn run_facts(page: &mut Page, summary: &RunSummary) {
    let mut parts = Vec::new();
    if summary.jobs > 0 {
        parts.push(counted(summary.jobs, "job", "jobs"));
        parts.push(format!("{} sent", bytes(summary.bytes_sent)));
    }
    parts.push(counted(summary.api_calls, "API call", "API calls"));
    let time = match summary.org.kind {
        OrgKind::Simulated => " of simulated time",
        OrgKind::Production | OrgKind::Sandbox => "",
    };
    parts.push(format!("{}{time}", stopwatch(summary.duration_s)));
    page.fact(&format!("This {}", noun(summary)), &parts.join(", "));
}

fn noun(summary: &RunSummary) -> &'static str {
    match summary.command.as_str() {
        "check" => "check",
        "rehearse" => "rehearsal",
        _ => "run",
    }
}

/// The files that are there and have rows.
fn files(page: &mut Page, summary: &RunSummary, folder: &Folder<'_>) {
    let created = summary.outcomes.get("created").copied().unwrap_or_default();
    let has = |name: &str| match name {
        "success.csv" => created > 0 && (folder.has)(name),
        "failure.csv" => lost_rows(summary) > 0 && (folder.has)(name),
        _ => (folder.has)(name),
    };
    page.gap();
    page.fact("Files in", folder.path);
    let width = FILES
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    for (name, meaning) in FILES.iter().filter(|(name, _)| has(name)) {
        page.line(&format!("  {name:<width$}  {meaning}"));
    }
}

fn closing(page: &mut Page, summary: &RunSummary) {
    page.gap();
    if summary.plan.rows == 0 {
        page.line("The file has a header and no rows: there was nothing to do.");
    }
    let kind = summary.org.kind;
    page.line(&match (summary.command.as_str(), kind, &summary.stopped) {
        ("check", _, _) => "Nothing was sent.".to_owned(),
        (_, OrgKind::Simulated, _) => "This was a rehearsal: no real org was touched.".to_owned(),
        (_, OrgKind::Production | OrgKind::Sandbox, None) => {
            format!("The run is finished, in {}.", kind.as_str())
        }
        (_, OrgKind::Production | OrgKind::Sandbox, Some(_)) => {
            format!("The run stopped before its last row, in {}.", kind.as_str())
        }
    });
}
