//! A `RunSummary` -> the text an administrator reads at the end. Pure.

use std::collections::BTreeMap;

use crate::model::explain::Exit;
use crate::model::rejection::Code;
use crate::model::summary::{OrgKind, PlanSummary, RunSummary, SeatForecast};

use super::figures::{bytes, count, counted, duration, stopwatch};
use super::page::Page;

/// Outcomes of rows in the order people ask for them, and what each means.
const OUTCOMES: &[(&str, &str)] = &[
    ("created", "users made"),
    ("would-send", "would be sent"),
    ("rejected", "by admit, never sent"),
    ("failed", "refused by the org"),
    ("unprocessed", "never tried by the org"),
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
    head(&mut page, summary, contacts);
    outcomes(&mut page, summary);
    reasons(&mut page, summary);
    plan_tables(&mut page, summary);
    page.gap();
    plan_facts(&mut page, &summary.plan);
    run_facts(&mut page, summary);
    files(&mut page, summary, folder);
    closing(&mut page, summary);
    page.into_text()
}

fn head(page: &mut Page, summary: &RunSummary, contacts: &str) {
    let org = &summary.org;
    page.fact(
        "Org",
        &format!("{} {} {}", kind(org.kind), org.org_id, org.instance_url),
    );
    page.fact(
        "Running user",
        &format!("{}, API {}", org.username, org.api_version),
    );
    page.fact(
        "File",
        &format!("{contacts}, {}", counted(summary.plan.rows, "row", "rows")),
    );
}

fn kind(kind: OrgKind) -> &'static str {
    match kind {
        OrgKind::Production => "PRODUCTION",
        OrgKind::Sandbox => "SANDBOX",
        OrgKind::Simulated => "SIMULATED",
    }
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

/// Why rows are in failure.csv, most frequent first, and what was sent with a warning.
fn reasons(page: &mut Page, summary: &RunSummary) {
    let by_code = &summary.failures_by_code;
    let by_code = if by_code.is_empty() {
        &summary.plan.by_code
    } else {
        by_code
    };
    let reasons = most_frequent_first(by_code);
    page.table(&["Reasons in failure.csv", "rows"], &code_rows(&reasons));
    if by_code.values().sum::<u64>() > lost_rows(summary) {
        page.paragraph("A row counts under each of its reasons.");
    }
    let ours = |code: &&str| Code::ALL.iter().any(|known| known.as_str() == *code);
    if let Some(code) = reasons.iter().map(|(code, _)| *code).find(ours) {
        page.paragraph(&format!("What a reason means: admit explain {code}"));
    }
    let warnings = most_frequent_first(&summary.plan.warnings);
    page.table(&["Sent with a warning", "rows"], &code_rows(&warnings));
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

fn plan_tables(page: &mut Page, summary: &RunSummary) {
    let plan = &summary.plan;
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
        .map(|seat| seat_row(seat, summary))
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
fn seat_row(seat: &SeatForecast, summary: &RunSummary) -> Vec<String> {
    let after = summary.seats_used_after.get(&seat.license).copied();
    let after = after.unwrap_or(seat.used_before + seat.taken);
    vec![
        seat.license.clone(),
        count(seat.total),
        count(seat.used_before),
        count(after),
        count(seat.total.saturating_sub(after)),
        count(seat.short),
    ]
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
    page.line(match (summary.command.as_str(), summary.org.kind) {
        ("check", _) => "Nothing was sent.",
        (_, OrgKind::Simulated) => "This was a rehearsal: no real org was touched.",
        (_, OrgKind::Production | OrgKind::Sandbox) => "The run is finished.",
    });
}
