//! The summary as text, on a run made by hand.

use std::collections::BTreeMap;

use crate::model::explain::Exit;
use crate::model::summary::*;

use super::super::report::{self, Folder};

fn plan() -> PlanSummary {
    let codes = |pairs: &[(&str, u64)]| -> BTreeMap<String, u64> {
        pairs
            .iter()
            .map(|(code, rows)| ((*code).to_owned(), *rows))
            .collect()
    };
    PlanSummary {
        rows: 2000,
        accepted: 1990,
        rejected: 10,
        by_code: codes(&[("account-owner-without-role", 3), ("contact-not-found", 8)]),
        warnings: codes(&[("profile-standard", 20)]),
        waves: vec![
            wave("create-user A", 120, 3, 1),
            wave("create-user C", 1870, 1, 4),
        ],
        seats: vec![SeatForecast {
            license: "Partner Community".to_owned(),
            total: 2500,
            used_before: 400,
            taken: 1990,
            short: 0,
        }],
        profiles: vec![ProfileUse {
            profile: "Partner Plus".to_owned(),
            active_now: 12,
            added: 1990,
        }],
        columns_sent: ["Username", "Email", "ProfileId"]
            .map(str::to_owned)
            .to_vec(),
        columns_passed_through: vec!["Region".to_owned()],
        defaults: vec!["TimeZoneSidKey=Europe/Berlin (--set)".to_owned()],
        roles_new: 360,
        roles_existing: 12,
        mails: 0,
        site: "Partner Central".to_owned(),
        api_calls: 36,
        duration_s: (95, 5400),
        digest: String::new(),
    }
}

fn wave(name: &str, changes: u64, jobs: u64, lanes: u32) -> WaveForecast {
    WaveForecast {
        name: name.to_owned(),
        changes,
        jobs,
        lanes,
        draft: String::new(),
    }
}

fn summary(command: &str, outcomes: &[(&str, u64)]) -> RunSummary {
    RunSummary {
        command: command.to_owned(),
        version: "0.1.0".to_owned(),
        org: OrgIdentity {
            org_id: "00D000000000062EAA".to_owned(),
            instance_url: "https://northwind.my.salesforce.com".to_owned(),
            username: "ada@northwind.example".to_owned(),
            user_id: "005000000000001AAA".to_owned(),
            kind: OrgKind::Simulated,
            api_version: "67.0".to_owned(),
        },
        stopped: None,
        started_at: "2026-01-05T08:00:00.000Z".to_owned(),
        duration_s: 125.4,
        plan: plan(),
        outcomes: outcomes
            .iter()
            .map(|(name, rows)| ((*name).to_owned(), *rows))
            .collect(),
        failures_by_code: BTreeMap::new(),
        created_by_license: BTreeMap::new(),
        seats_used_after: BTreeMap::new(),
        jobs: 0,
        api_calls: 40,
        bytes_sent: 123_456,
        timings_s: BTreeMap::new(),
        input_sha256: String::new(),
    }
}

fn render(summary: &RunSummary, files: &[&str]) -> String {
    let has = |name: &str| files.contains(&name);
    report::render(
        summary,
        "contacts.csv",
        &Folder {
            path: "admit-runs/x",
            has: &has,
        },
    )
}

#[test]
fn a_check_says_what_would_be_sent_and_what_not() {
    let summary = summary("check", &[("would-send", 1990), ("rejected", 10)]);
    insta::assert_snapshot!(render(&summary, &["failure.csv", "plan", "summary.json"]), @r#"
    Org             SIMULATED 00D000000000062EAA https://northwind.my.salesforce.com
    Running user    ada@northwind.example, API 67.0
    File            contacts.csv, 2,000 rows

    What became of the rows                rows
      would-send: would be sent           1,990
      rejected: by admit, never sent         10

    Reasons in failure.csv                rows
      contact-not-found                      8
      account-owner-without-role             3
      A row counts under each of its reasons.
      What a reason means: admit explain contact-not-found

    Sent with a warning                   rows
      profile-standard                      20

    Waves, in order                       changes  jobs  at once
      create-user A                           120     3        1
      create-user C                         1,870     1        4

    Licence                               seats  used before  used after  free  rows without
      Partner Community                   2,500          400       2,390   110             0

    Profile                               active users now  added
      Partner Plus                                      12  1,990

    Site            Partner Central
    Welcome mails   0
    Portal roles    360 new, 12 exist
    Columns sent    Username, Email, ProfileId
    Passed through  Region
    Defaults used   TimeZoneSidKey=Europe/Berlin (--set)
    A real run      about 36 API calls, 1 min 35 s to 1 h 30 min
    This check      40 API calls, 2 min 5 s of simulated time

    Files in        admit-runs/x
      failure.csv   rows that did not, each with reason and fix; mend it and run it again
      plan          what is sent, wave by wave
      summary.json  these numbers, for machines

    Nothing was sent.
    "#);
}

#[test]
fn a_rehearsal_says_what_became_of_the_rows() {
    let mut summary = summary(
        "rehearse",
        &[("created", 1985), ("failed", 5), ("rejected", 10)],
    );
    summary.jobs = 4;
    summary
        .seats_used_after
        .insert("Partner Community".to_owned(), 2385);
    summary.failures_by_code.clone_from(&summary.plan.by_code);
    summary
        .failures_by_code
        .insert("DUPLICATE_USERNAME".to_owned(), 5);
    insta::assert_snapshot!(render(&summary, &["success.csv", "failure.csv"]), @r#"
    Org             SIMULATED 00D000000000062EAA https://northwind.my.salesforce.com
    Running user    ada@northwind.example, API 67.0
    File            contacts.csv, 2,000 rows

    What became of the rows                rows
      created: users made                 1,985
      rejected: by admit, never sent         10
      failed: refused by the org              5

    Reasons in failure.csv                rows
      contact-not-found                      8
      DUPLICATE_USERNAME                     5
      account-owner-without-role             3
      A row counts under each of its reasons.
      What a reason means: admit explain contact-not-found

    Sent with a warning                   rows
      profile-standard                      20

    Waves, in order                       changes  jobs  at once
      create-user A                           120     3        1
      create-user C                         1,870     1        4

    Licence                               seats  used before  used after  free  rows without
      Partner Community                   2,500          400       2,385   115             0

    Profile                               active users now  added
      Partner Plus                                      12  1,990

    Site            Partner Central
    Welcome mails   0
    Portal roles    360 new, 12 exist
    Columns sent    Username, Email, ProfileId
    Passed through  Region
    Defaults used   TimeZoneSidKey=Europe/Berlin (--set)
    A real run      about 36 API calls, 1 min 35 s to 1 h 30 min
    This rehearsal  4 jobs, 123.5 kB sent, 40 API calls, 2 min 5 s of simulated time

    Files in        admit-runs/x
      success.csv   rows that became users, with their user ids
      failure.csv   rows that did not, each with reason and fix; mend it and run it again

    This was a rehearsal: no real org was touched.
    "#);
}

#[test]
fn the_exit_code_tells_losses() {
    for (outcomes, exit) in [
        (&[("created", 5)][..], Exit::Done),
        (&[("would-send", 5), ("rejected", 0)], Exit::Done),
        (&[], Exit::Done),
        (&[("created", 5), ("rejected", 1)], Exit::SomeRows),
        (&[("created", 5), ("failed", 1)], Exit::SomeRows),
        (&[("unprocessed", 1)], Exit::SomeRows),
        (&[("unaccounted", 1)], Exit::SomeRows),
    ] {
        assert_eq!(
            report::exit(&summary("rehearse", outcomes)),
            exit,
            "{outcomes:?}"
        );
    }
}

#[test]
fn names_from_the_org_cannot_steer_the_terminal() {
    let mut summary = summary("check", &[]);
    summary.plan.site = "Site\u{1b}[2J\u{7}".to_owned();
    summary.plan.profiles[0].profile = "evil\r\nOrg".to_owned();
    let text = render(&summary, &[]);
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
    assert!(!text.contains("\nOrg  SIM"), "{text}");
}
