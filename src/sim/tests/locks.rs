//! Jobs side by side, and jobs that take too long: R-1001, R-1003, R-1004, R-1008.

use std::fmt::Write;

use serde_json::{Value, json};

use super::super::{Doubt, Seed, SimOptions, SimOrg};
use super::fixture::{Caller, INGEST, LICENSES, ORG_TOML, TABLES, UserRow, column};

const ROLES_BUSY: &str = "UNKNOWN_EXCEPTION:group membership operation already in progress:--";
const PARTNER: &str = "00e000000000003";
const HIGH_VOLUME: &str = "00e000000000002";
/// Accounts of the large org. Those with an even number have a partner role.
const ACCOUNTS: usize = 1_000;

fn account(number: usize) -> String {
    format!("001000000001{number:03}")
}

/// An account's first, second, ... contact.
fn contact(account: usize, nth: usize) -> String {
    format!("00300000001{nth}{account:03}")
}

/// Many accounts of two contacts each, and seats for all of them.
fn large(features: &str, lets_pass: &[Doubt]) -> Caller {
    let mut accounts = "Id,Name,OwnerId,IsPartner\n".to_owned();
    let mut contacts = "Id,AccountId,LastName\n".to_owned();
    let mut roles = "Id,Name,DeveloperName,PortalType,PortalRole,PortalAccountId\n\
                     00E000000000001,Sales,Sales,None,,\n\
                     00E000000000002,Beta Partner User,Beta_Partner_User,Partner,User,\n"
        .to_owned();
    for number in 0..ACCOUNTS {
        let id = account(number);
        writeln!(accounts, "{id},Account {number},005000000000001,true").unwrap();
        for nth in 0..2 {
            writeln!(contacts, "{},{id},Somebody", contact(number, nth)).unwrap();
        }
        if number % 2 == 0 {
            let role = format!("00E000000001{number:03}");
            writeln!(roles, "{role},Partner {number},P{number},Partner,User,{id}").unwrap();
        }
    }
    let licenses = LICENSES.replace("Active,50", "Active,30000");
    let mut tables = TABLES.to_vec();
    for (name, text) in &mut tables {
        *text = match *name {
            "Account" => &accounts,
            "Contact" => &contacts,
            "UserRole" => &roles,
            "UserLicense" => &licenses,
            "User" => text.split("005000000000003").next().unwrap(),
            _ => text,
        };
    }
    let seed = Seed::from_texts(&format!("{ORG_TOML}{features}\n"), &tables).unwrap();
    let options = SimOptions {
        lets_pass: lets_pass.to_vec(),
        ..SimOptions::default()
    };
    Caller {
        org: SimOrg::new(seed, options),
    }
}

/// User rows for the nth contact of some accounts.
fn users(profile: &str, nth: usize, accounts: impl IntoIterator<Item = usize>) -> Vec<UserRow> {
    let row = |account| {
        let contact = contact(account, nth);
        UserRow::customer(&contact)
            .with("ProfileId", profile)
            .called(&format!("{nth}-{account}"))
    };
    accounts.into_iter().map(row).collect()
}

fn odd(accounts: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    accounts.filter(|number| number % 2 == 1)
}

fn even(accounts: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    accounts.filter(|number| number % 2 == 0)
}

fn csv(rows: &[UserRow]) -> String {
    let lines = rows.iter().map(UserRow::line);
    let all: Vec<String> = std::iter::once(rows[0].header()).chain(lines).collect();
    all.join("\n") + "\n"
}

/// Closes a job with this data, and waits for nothing.
async fn begin(caller: &Caller, object: &str, csv: &str) -> String {
    let job = caller.create(object, "insert", &Value::Null).await;
    caller.put(&format!("{INGEST}/{job}/batches"), csv).await;
    assert_eq!(caller.close(&job).await.status, 200);
    job
}

/// Sends jobs side by side; gives the errors of each, sorted.
async fn at_once<const N: usize>(caller: &Caller, jobs: [&[UserRow]; N]) -> [Vec<String>; N] {
    let mut ids = Vec::new();
    for rows in jobs {
        ids.push(begin(caller, "User", &csv(rows)).await);
    }
    let mut all = jobs.map(|_| Vec::new());
    for (id, errors) in ids.iter().zip(&mut all) {
        assert_eq!(caller.ended(id).await["state"], "JobComplete");
        *errors = column(&caller.results(id, "failedResults").await, "sf__Error");
        errors.sort();
    }
    all
}

#[tokio::test(start_paused = true)]
async fn two_jobs_that_make_roles_at_one_time_collide_and_the_first_one_wins() {
    let caller = large("", &[]);
    let (one, two) = (
        users(PARTNER, 0, odd(0..20)),
        users(PARTNER, 0, odd(20..40)),
    );
    let [first, second] = at_once(&caller, [&one, &two]).await;
    assert!(first.is_empty(), "{first:?}");
    assert_eq!(second, vec![ROLES_BUSY; 10]);
    assert_eq!(caller.org.lock_errors(), 10);
    let [again] = at_once(&caller, [&two]).await;
    assert!(again.is_empty(), "a plain retry clears it: {again:?}");
}

#[tokio::test(start_paused = true)]
async fn one_after_the_other_jobs_that_make_roles_do_not_collide() {
    let caller = large("", &[]);
    for accounts in [0..20, 20..40, 40..60] {
        let rows = users(PARTNER, 0, odd(accounts));
        assert_eq!(at_once(&caller, [&rows]).await, [Vec::<String>::new()]);
    }
    assert_eq!(caller.org.lock_errors(), 0);
}

#[tokio::test(start_paused = true)]
async fn users_who_join_roles_and_high_volume_users_do_not_collide() {
    let caller = large("", &[]);
    let jobs = [
        users(PARTNER, 0, even(0..20)),
        users(PARTNER, 0, even(20..40)),
        users(HIGH_VOLUME, 0, odd(0..20)),
        users(HIGH_VOLUME, 0, odd(20..40)),
        users(PARTNER, 0, odd(40..60)),
    ];
    let errors = at_once(&caller, jobs.each_ref().map(Vec::as_slice)).await;
    assert!(errors.iter().all(Vec::is_empty), "{errors:?}");
    assert_eq!(caller.org.lock_errors(), 0);
    // The last one begins when the high-volume jobs have ended.
    assert!(caller.org.rows_in_work_peak() >= 30, "side by side");
}

#[tokio::test(start_paused = true)]
async fn the_same_account_in_two_jobs_at_once_collides_whatever_the_licence() {
    for (profile, accounts) in [
        (PARTNER, [0, 2, 4]),
        (HIGH_VOLUME, [0, 2, 4]),
        (HIGH_VOLUME, [1, 3, 5]),
    ] {
        let caller = large("", &[]);
        let one = users(profile, 0, accounts.into_iter().chain(even(100..200)));
        let two = users(profile, 1, [accounts[1], 300]);
        let [first, second] = at_once(&caller, [&one, &two]).await;
        assert!(first.is_empty(), "{first:?}");
        let locked = format!(
            "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {}",
            account(accounts[1])
        );
        assert_eq!(second.len(), 1, "only the row of that account: {second:?}");
        assert!(second[0].starts_with(&locked), "{second:?}");
        let [again] = at_once(&caller, [&two[..1]]).await;
        assert!(again.is_empty(), "{again:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_loses_only_the_rows_that_need_the_lock() {
    let caller = large("", &[]);
    let one = users(PARTNER, 0, odd(0..20));
    let mut two = users(PARTNER, 0, even(20..40));
    two.extend(users(PARTNER, 0, odd(20..30)));
    two.extend(users(PARTNER, 1, odd(20..30)));
    two.extend(users(HIGH_VOLUME, 0, odd(30..40)));
    let [first, second] = at_once(&caller, [&one, &two]).await;
    assert!(first.is_empty(), "{first:?}");
    assert_eq!(second, vec![ROLES_BUSY; 10], "both users of five accounts");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_lost_holds_nothing() {
    let caller = large("", &[]);
    let jobs = [
        users(PARTNER, 0, odd(0..100)),
        users(PARTNER, 0, odd(200..220)),
        users(HIGH_VOLUME, 1, odd(200..220)),
    ];
    let [first, second, third] = at_once(&caller, jobs.each_ref().map(Vec::as_slice)).await;
    assert!(first.is_empty(), "{first:?}");
    assert_eq!(second, vec![ROLES_BUSY; 10]);
    assert!(third.is_empty(), "its accounts are free: {third:?}");
}

#[tokio::test(start_paused = true)]
async fn with_shared_roles_second_users_collide_like_first_ones() {
    let caller = large("shared_roles = true", &[]);
    let (one, two) = (
        users(PARTNER, 0, odd(0..10)),
        users(PARTNER, 0, odd(10..20)),
    );
    for rows in [&one, &two] {
        assert_eq!(at_once(&caller, [rows]).await, [Vec::<String>::new()]);
    }
    let (one, two) = (
        users(PARTNER, 1, odd(0..10)),
        users(PARTNER, 1, odd(10..20)),
    );
    let [first, second] = at_once(&caller, [&one, &two]).await;
    assert!(first.is_empty(), "{first:?}");
    assert_eq!(second, vec![ROLES_BUSY; 5]);
}

#[tokio::test(start_paused = true)]
async fn contacts_of_one_account_in_two_jobs_collide() {
    let caller = large("", &[]);
    let csv = format!("LastName,AccountId\nA,{}\nB,{}\n", account(1), account(1));
    let jobs = [
        begin(&caller, "Contact", &csv).await,
        begin(&caller, "Contact", &csv).await,
    ];
    // Both rows take milliseconds: the second job begins when the first has ended.
    for job in &jobs {
        assert_eq!(caller.ended(job).await["numberRecordsFailed"], 0);
    }
    let many = format!(
        "LastName,AccountId\n{}",
        format!("A,{}\n", account(1)).repeat(400)
    );
    let long = begin(&caller, "Contact", &many).await;
    let late = begin(&caller, "Contact", &csv).await;
    assert_eq!(caller.ended(&long).await["numberRecordsFailed"], 0);
    assert_eq!(caller.ended(&late).await["numberRecordsFailed"], 2);
}

#[tokio::test(start_paused = true)]
async fn an_aborted_job_lets_go_of_its_locks() {
    let caller = large("", &[]);
    let one = begin(&caller, "User", &csv(&users(PARTNER, 0, odd(0..100)))).await;
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    let abort = json!({ "state": "Aborted" });
    let path = format!("{INGEST}/{one}");
    let aborted = caller
        .json(crate::salesforce::transport::Method::Patch, &path, &abort)
        .await;
    assert_eq!(aborted.status, 200);
    let rows = users(PARTNER, 0, odd(0..100));
    assert_eq!(at_once(&caller, [&rows]).await, [Vec::<String>::new()]);
}

#[tokio::test(start_paused = true)]
async fn an_org_may_be_told_to_have_no_locks() {
    let caller = large("", &[Doubt::LockModel]);
    let (one, two) = (users(PARTNER, 0, 0..20), users(PARTNER, 1, 0..20));
    let errors = at_once(&caller, [&one, &two]).await;
    assert!(errors.iter().all(Vec::is_empty), "{errors:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_takes_too_long_fails_its_job_and_the_rest_is_unprocessed() {
    let caller = large("", &[]);
    let rows = users(PARTNER, 0, odd(0..ACCOUNTS));
    let began = caller.org.now_ms();
    let (job, info) = caller.load("User", "insert", &csv(&rows)).await;
    assert_eq!(info["state"], "Failed");
    assert_eq!(
        info["errorMessage"],
        "InternalServerError : Retried more than twenty times"
    );
    assert_eq!(info["retries"], 20);
    assert_eq!(info["numberRecordsProcessed"], 200, "one chunk fitted");
    assert_eq!(info["numberRecordsFailed"], 0);
    let minutes = (caller.org.now_ms() - began) / 60_000;
    assert_eq!(minutes, 21 * 5);
    let files = ["successfulResults", "failedResults", "unprocessedrecords"];
    for (file, count) in files.into_iter().zip([200, 0, 300]) {
        let text = caller.results(&job, file).await;
        assert_eq!(text.lines().count() - 1, count, "{file}");
    }
    assert_eq!(caller.org.jobs_timed_out(), 1);
    // While it was tried again it stood in nobody's way; in jobs of 50 the rest goes through.
    for rows in rows[200..].chunks(50) {
        assert_eq!(at_once(&caller, [rows]).await, [Vec::<String>::new()]);
    }
    assert_eq!(caller.org.jobs_timed_out(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_org_may_be_told_to_go_on_behind_the_last_chunk_written() {
    let caller = large("", &[Doubt::BatchRetry]);
    let rows = users(PARTNER, 0, odd(0..ACCOUNTS));
    let (_, info) = caller.load("User", "insert", &csv(&rows)).await;
    assert_eq!(info["state"], "JobComplete");
    assert_eq!(info["numberRecordsProcessed"], 500);
    // 200 and 200 rows of a second each, then the last 100.
    assert_eq!(info["retries"], 1);
    assert_eq!(caller.org.jobs_timed_out(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_ten_thousand_rows_have_five_minutes_of_their_own() {
    let caller = Caller::new();
    // A row without a profile is refused, at the price of a user without account role.
    let csv = format!("LastName\n{}", "Nobody\n".repeat(20_000));
    let (_, info) = caller.load("User", "insert", &csv).await;
    assert_eq!(info["state"], "JobComplete", "two times 200 seconds");
    assert_eq!(info["retries"], 0);
}

#[tokio::test(start_paused = true)]
async fn an_org_gives_batches_the_time_its_settings_say() {
    for (minutes, end) in [(3, "Failed"), (4, "JobComplete")] {
        let setting = format!("batch_minutes = {minutes}\n[features]");
        let toml = ORG_TOML.replace("[features]", &setting);
        let caller = Caller::of(Seed::from_texts(&toml, &TABLES).unwrap());
        let csv = format!("LastName\n{}", "Nobody\n".repeat(10_000));
        let (_, info) = caller.load("User", "insert", &csv).await;
        assert_eq!(info["state"], end, "200 seconds of work");
    }
}

#[tokio::test(start_paused = true)]
async fn a_faster_org_takes_no_batch_for_too_long_because_clocks_are_coarse() {
    let toml = ORG_TOML.replace("[features]", "speed = 100000\n[features]");
    let caller = Caller::of(Seed::from_texts(&toml, &TABLES).unwrap());
    let csv = format!("LastName\n{}", "Nobody\n".repeat(10_000));
    let (_, info) = caller.load("User", "insert", &csv).await;
    // 50 chunks of at least a millisecond, though five minutes are three.
    assert_eq!(info["state"], "JobComplete", "{info}");
}

#[tokio::test(start_paused = true)]
async fn the_same_jobs_at_the_same_times_lose_the_same_rows() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let caller = large("", &[]);
        let mut jobs = Vec::new();
        for part in 0..4 {
            let accounts = part * 100..part * 100 + 150;
            jobs.push(begin(&caller, "User", &csv(&users(PARTNER, part % 2, accounts))).await);
        }
        let mut texts = Vec::new();
        for job in &jobs {
            texts.push(caller.ended(job).await.to_string());
            for file in ["successfulResults", "failedResults"] {
                texts.push(caller.results(job, file).await);
            }
        }
        runs.push((texts, caller.org.lock_errors(), caller.org.now_ms()));
    }
    assert!(runs[0].1 > 0);
    assert!(runs[0] == runs[1]);
}
