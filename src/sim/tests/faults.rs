//! Faults of requests, one by one, as a client meets them.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::fault_caller::{caller, create, heard, seeded};
use super::fixture::{INGEST, numbered};
use crate::salesforce::transport::{Body, Method, Sent};

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_plan_stands_for_the_orgs_once_and_the_org_does_not_act() {
    let caller = caller(
        r#"
        [[request]]
        at = "create"
        nth = 1
        do = { answer = { status = 503 } }
        "#,
    );
    let first = create(&caller).await.unwrap();
    assert_eq!(first.error().0, 503);
    assert_eq!(first.error().1, "SERVER_UNAVAILABLE");
    assert_eq!(caller.org.jobs_open(), 0);
    assert_eq!(create(&caller).await.unwrap().status, 200);
    assert_eq!(caller.org.jobs_open(), 1);
    let played = caller.org.faults_played();
    assert_eq!(played.into_iter().collect::<Vec<_>>(), [("answer", 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_a_page_and_may_name_a_time_to_come_back() {
    let caller = caller(
        r#"
        [[request]]
        at = "limits"
        nth = 1
        do = { answer = { status = 502, html = true } }
        [[request]]
        at = "limits"
        nth = 1
        do = { answer = { status = 429, retry-after-s = 17 } }
        [[request]]
        at = "limits"
        nth = 1
        do = { answer = { status = 400, code = "ODD", message = "odd one" } }
        "#,
    );
    let page = caller.get("/services/data/v67.0/limits").await;
    assert_eq!(page.status, 502);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.starts_with("<html>"), "{}", page.text);
    let busy = caller.get("/services/data/v67.0/limits").await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, "17"));
    let odd = caller.get("/services/data/v67.0/limits").await;
    assert_eq!(odd.error(), (400, "ODD".into(), "odd one".into()));
    assert_eq!(caller.get("/services/data/v67.0/limits").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_acts_hides_what_the_org_did() {
    let caller = caller(
        r#"
        [[request]]
        at = "create"
        nth = 1
        do = { answer = { status = 500, acts = true } }
        "#,
    );
    assert_eq!(create(&caller).await.unwrap().status, 500);
    assert_eq!(caller.org.jobs_open(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_a_reset_and_a_lost_answer_differ_in_what_the_org_did() {
    for (deed, sent, acted) in [
        ("refuse", Sent::No, 0),
        ("reset", Sent::Maybe, 0),
        ("lose-answer", Sent::Maybe, 1),
    ] {
        let plan = format!("[[request]]\nat = \"create\"\nnth = 1\ndo = \"{deed}\"");
        let caller = caller(&plan);
        let error = create(&caller).await.unwrap_err();
        assert_eq!(error.sent, sent, "{deed}");
        assert_eq!(caller.org.jobs_open(), acted, "{deed}");
        assert_eq!(create(&caller).await.unwrap().status, 200, "{deed}");
    }
}

#[tokio::test(start_paused = true)]
async fn slowness_adds_to_the_time_of_an_answer_after_the_org_acted() {
    let caller = caller(
        r#"
        [[request]]
        at = "create"
        nth = 1
        do = { slow = { seconds = 90.5 } }
        "#,
    );
    let began = tokio::time::Instant::now();
    let late = tokio::time::timeout(Duration::from_mins(1), create(&caller)).await;
    assert!(late.is_err());
    assert_eq!(caller.org.jobs_open(), 1);
    let again = tokio::time::Instant::now();
    create(&caller).await.unwrap();
    assert!(again.elapsed() < Duration::from_secs(1));
    assert_eq!(again - began, Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn a_broken_body_ends_with_an_error_and_a_shortened_one_in_the_middle_of_a_record() {
    let caller = caller(
        r#"
        [[request]]
        at = "successful"
        nth = 1
        do = { break = { keep = 0.3 } }
        [[request]]
        at = "successful"
        nth = 1
        do = { shorten = { keep = 0.5 } }
        [[request]]
        at = "successful"
        nth = 1
        do = "garble"
        "#,
    );
    let (job, _) = caller.load("Contact", "insert", &numbered(40)).await;
    let path = format!("{INGEST}/{job}/successfulResults");
    let broken = heard(&caller, Method::Get, &path, Body::Empty).await;
    assert_eq!(broken.unwrap_err().sent, Sent::Maybe);
    let short = heard(&caller, Method::Get, &path, Body::Empty)
        .await
        .unwrap();
    assert_eq!(short.status, 200);
    assert!(short.text.lines().count() > 10);
    assert!(!short.text.ends_with('\n') && !short.text.ends_with("\"\n"));
    let garbled = heard(&caller, Method::Get, &path, Body::Empty)
        .await
        .unwrap();
    assert!(garbled.text.contains('\u{fffd}'));
    let whole = heard(&caller, Method::Get, &path, Body::Empty)
        .await
        .unwrap();
    assert_eq!(whole.text.lines().count(), 41);
    assert!(whole.text.len() > short.text.len());
    assert!(whole.text.starts_with(&short.text));
}

#[tokio::test(start_paused = true)]
async fn a_body_is_never_cut_between_two_records() {
    for keep in 1..100 {
        let plan = format!(
            "[[request]]\nat = \"results\"\ndo = {{ shorten = {{ keep = {:.2} }} }}",
            f64::from(keep) / 100.0
        );
        let caller = caller(&plan);
        let (job, _) = caller.load("Contact", "insert", &numbered(4)).await;
        let path = format!("{INGEST}/{job}/successfulResults");
        let text = caller.get(&path).await.text;
        let last = text.lines().last().unwrap_or_default();
        let is_header_part = text.lines().count() <= 1;
        assert!(
            is_header_part || last.matches('"').count() < 6 || !text.ends_with('"'),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_session_is_refused_until_a_login_and_a_passing_401_only_once() {
    let caller = caller(
        r#"
        [[request]]
        at = "limits"
        nth = 1
        do = { answer = { status = 401 } }
        [[request]]
        at = "limits"
        nth = 2
        do = "expire-sessions"
        "#,
    );
    let limits = "/services/data/v67.0/limits";
    assert_eq!(caller.get(limits).await.error().1, "INVALID_SESSION_ID");
    assert_eq!(caller.get(limits).await.status, 200);
    assert_eq!(caller.get(limits).await.status, 401);
    assert_eq!(caller.get(limits).await.status, 401);
    let form = "grant_type=client_credentials&client_id=a&client_secret=b";
    let body = Body::Bytes(Bytes::from(form));
    let reply = caller
        .send(Method::Post, "/services/oauth2/token", &[], body)
        .await;
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let reply = caller
        .send(
            Method::Get,
            limits,
            &[("authorization", &bearer)],
            Body::Empty,
        )
        .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_spent_allowance_shows_in_limits_and_then_refuses() {
    let caller = caller(
        r#"
        [[request]]
        at = "limits"
        nth = 1
        do = { spend-allowance = { of = "requests", left = 2 } }
        "#,
    );
    let limits = "/services/data/v67.0/limits";
    let reply = caller.get(limits).await;
    assert_eq!(reply.json()["DailyApiRequests"]["Remaining"], 1);
    let usage = reply.header("sforce-limit-info").replace("api-usage=", "");
    let (used, max) = usage.split_once('/').unwrap();
    assert_eq!(
        used.parse::<u64>().unwrap() + 1,
        max.parse::<u64>().unwrap()
    );
    assert_eq!(caller.get(limits).await.status, 200);
    let refused = caller.get(limits).await.error();
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (403, "REQUEST_LIMIT_EXCEEDED")
    );
}

#[tokio::test(start_paused = true)]
async fn spent_batches_refuse_new_jobs() {
    let caller = caller(
        r#"
        [[request]]
        at = "create"
        nth = 1
        do = { spend-allowance = { of = "batches", left = 0 } }
        "#,
    );
    assert_eq!(create(&caller).await.unwrap().error().1, "EXCEEDEDQUOTA");
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_request_is_met_by_its_own_rule_alone() {
    let spots = [
        "create",
        "put",
        "close",
        "abort",
        "delete",
        "poll",
        "list",
        "successful",
        "failed",
        "unprocessed",
        "query",
        "bulk-query",
        "token",
        "limits",
    ];
    let plan: Vec<String> = spots
        .iter()
        .enumerate()
        .map(|(number, spot)| {
            format!(
                "[[request]]\nat = \"{spot}\"\ndo = {{ answer = {{ status = {} }} }}",
                500 + number
            )
        })
        .collect();
    let caller = caller(&plan.join("\n"));
    let state = |state: &str| Body::Bytes(Bytes::from(json!({ "state": state }).to_string()));
    let job = format!("{INGEST}/750000000000001");
    let data = "/services/data/v67.0";
    let requests = [
        (Method::Post, INGEST.to_owned(), Body::Empty),
        (Method::Put, format!("{job}/batches"), Body::Empty),
        (Method::Patch, job.clone(), state("UploadComplete")),
        (Method::Patch, job.clone(), state("Aborted")),
        (Method::Delete, job.clone(), Body::Empty),
        (Method::Get, job.clone(), Body::Empty),
        (Method::Get, INGEST.to_owned(), Body::Empty),
        (Method::Get, format!("{job}/successfulResults"), Body::Empty),
        (Method::Get, format!("{job}/failedResults/"), Body::Empty),
        (
            Method::Get,
            format!("{job}/unprocessedrecords"),
            Body::Empty,
        ),
        (Method::Get, format!("{data}/query?q=x"), Body::Empty),
        (Method::Get, format!("{data}/jobs/query/750"), Body::Empty),
        (Method::Post, "/services/oauth2/token".into(), Body::Empty),
        (Method::Get, format!("{data}/limits"), Body::Empty),
    ];
    for (number, (method, path, body)) in requests.into_iter().enumerate() {
        let status = heard(&caller, method, &path, body).await.unwrap().status;
        assert_eq!(usize::from(status), 500 + number, "{path}");
    }
    assert_eq!(caller.get(&format!("{data}/sobjects")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn faults_strike_by_turn_stop_after_their_times_and_after_their_hour() {
    let limits = "/services/data/v67.0/limits";
    let statuses = async |rule: &str| {
        let rest = "do = { answer = { status = 503 } }";
        let caller = caller(&format!("[[request]]\nat = \"any\"\n{rule}\n{rest}"));
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(caller.get(limits).await.status);
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        statuses
    };
    assert_eq!(statuses("").await, [503; 6]);
    assert_eq!(statuses("nth = 2").await, [200, 503, 200, 200, 200, 200]);
    assert_eq!(
        statuses("nth = 2\ntimes = 3").await,
        [200, 503, 503, 503, 200, 200]
    );
    assert_eq!(statuses("every = 2").await, [200, 503, 200, 503, 200, 503]);
    assert_eq!(
        statuses("every = 2\ntimes = 1").await,
        [200, 503, 200, 200, 200, 200]
    );
    assert_eq!(
        statuses("until-s = 25").await,
        [503, 503, 503, 200, 200, 200]
    );
}

#[tokio::test(start_paused = true)]
async fn chance_never_spoils_one_request_more_than_three_times_in_a_row() {
    let caller = caller(
        r#"
        [[request]]
        at = "any"
        chance = 1.0
        do = "reset"
        "#,
    );
    let mut ends = Vec::new();
    for _ in 0..8 {
        let limits = "/services/data/v67.0/limits";
        ends.push(
            heard(&caller, Method::Get, limits, Body::Empty)
                .await
                .is_ok(),
        );
    }
    assert_eq!(ends, [false, false, false, true, false, false, false, true]);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_plays_the_same_faults_and_another_one_others() {
    let plan = "[[request]]\nat = \"any\"\nchance = 0.3\ndo = { answer = { status = 503 } }\n\
                [[job]]\nchance = 0.5\ndo = { lock-rows = { rows = 0.3 } }";
    let story = async |number: u64| {
        let caller = seeded(plan, number);
        let mut story = Vec::new();
        for _ in 0..60 {
            story.push(caller.get(&format!("{INGEST}/nobody")).await.status);
        }
        story
    };
    assert_eq!(story(3).await, story(3).await);
    assert_ne!(story(3).await, story(4).await);
    assert!(story(3).await.contains(&503));
}
