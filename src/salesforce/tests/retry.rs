//! What is asked again, what is not, and what is said of it.

use std::sync::Arc;

use super::super::error::OrgError;
use super::super::retry::{Verdict, verdict};
use super::super::transport::{Body, Method, Request, Sent};
use super::super::{AccessToken, Login};
use super::*;
use crate::model::explain::{Exit, Explain};

#[test]
fn the_verdict_asks_whether_the_org_could_have_seen_it() {
    let table = [
        (Sent::No, true, 1, Verdict::Retry),
        (Sent::No, false, 1, Verdict::Retry),
        (Sent::Maybe, true, 1, Verdict::Retry),
        (Sent::Maybe, false, 1, Verdict::Reconcile),
        (Sent::Maybe, false, 0, Verdict::GiveUp),
        (Sent::No, true, 0, Verdict::GiveUp),
        (Sent::Distrusted, true, 4, Verdict::GiveUp),
    ];
    for (sent, idempotent, left, expected) in table {
        assert_eq!(
            verdict(sent, idempotent, left),
            expected,
            "{sent:?} {idempotent} {left}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_repeated_through_every_passing_trouble() {
    let good = || answer(200, r#"[{"version":"67.0"}]"#);
    let troubles: Vec<fn() -> Step> = vec![
        || answer(406, ""),
        || answer(408, ""),
        || answer(420, ""),
        || answer(429, ""),
        || answer(500, ""),
        || answer(503, "<html><title>Maintenance</title></html>"),
        reset,
        not_connected,
        || torn(200, r#"[{"vers"#),
        || answer_with(200, &[("content-length", "400")], "[]"),
        || Step::Silence,
        || answer(403, CONCURRENT),
    ];
    for (index, trouble) in troubles.iter().enumerate() {
        let script = Script::new([trouble(), trouble(), good()]);
        let org = org_with(&script, |pacing| pacing.request_timeout_ms = 60_000);
        assert_eq!(org.versions().await.unwrap(), ["67.0"], "trouble {index}");
        assert_eq!(script.seen().len(), 3, "trouble {index}");
    }
}

const CONCURRENT: &str = r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]"#;

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_trusted_is_looked_at_once() {
    let script = Script::new([distrusted()]);
    let error = org(&script).versions().await.unwrap_err();
    assert_eq!(script.seen().len(), 1);
    assert_eq!((error.exit(), error.sent()), (Exit::Org, Sent::No));
    let told = error.to_string();
    assert!(told.contains(script.address()), "{told}");
}

#[tokio::test(start_paused = true)]
async fn repeats_are_bounded_in_number_with_growing_waits() {
    let script = Script::new((0..20).map(|_| answer(503, "<html><title>Down</title></html>")));
    let error = org(&script).versions().await.unwrap_err();
    assert_eq!(script.seen().len(), 5);
    assert_eq!(
        error.to_string(),
        "the org was not able to answer in 5 attempts: status 503, an HTML page titled \"Down\""
    );
    assert_eq!((error.exit(), error.sent()), (Exit::Stopped, Sent::No));
    for (gap, whole) in script.gaps_ms().into_iter().zip([500, 1_000, 2_000, 4_000]) {
        assert!((whole / 2..=whole + 1).contains(&gap), "{gap} of {whole}");
    }
}

#[tokio::test(start_paused = true)]
async fn waits_are_capped_and_repeat_with_the_seed() {
    let waits = || async {
        let script = Script::new((0..20).map(|_| reset()));
        let org = org_with(&script, |pacing| {
            pacing.attempts_max = 9;
            pacing.backoff_longest_ms = 3_000;
        });
        org.versions().await.unwrap_err();
        script.gaps_ms()
    };
    let first = waits().await;
    assert_eq!(first.len(), 8);
    assert!(first.iter().all(|gap| *gap <= 3_001), "{first:?}");
    assert_eq!(first, waits().await);
}

#[tokio::test(start_paused = true)]
async fn repeats_are_bounded_in_time() {
    let steps = (0..20).map(|_| answer_with(503, &[("retry-after", "400")], ""));
    let script = Script::new(steps);
    let org = org_with(&script, |pacing| pacing.attempts_max = 20);
    org.versions().await.unwrap_err();
    assert_eq!(
        script.seen().len(),
        3,
        "0, 400 and 800 s; 1200 s would be past 15 minutes"
    );
}

#[tokio::test(start_paused = true)]
async fn a_host_without_a_route_is_asked_three_times() {
    let script = Script::new((0..20).map(|_| answer(420, "")));
    org(&script).versions().await.unwrap_err();
    assert_eq!(script.seen().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_would_harm_twice_is_not_repeated_once_it_may_have_arrived() {
    for trouble in [
        reset,
        || answer(503, ""),
        || torn(200, "{"),
        || Step::Silence,
    ] {
        let script = Script::new([trouble(), trouble(), trouble()]);
        let error = org(&script).create_ingest_job("User").await.unwrap_err();
        assert!(matches!(error, OrgError::Ambiguous { .. }), "{error:?}");
        assert_eq!((error.sent(), script.seen().len()), (Sent::Maybe, 1));

        let script = Script::new([trouble(), trouble(), trouble()]);
        let error = org(&script).close_job(job_id()).await.unwrap_err();
        assert_eq!((error.sent(), script.seen().len()), (Sent::Maybe, 1));
    }
    let script = Script::new([reset(), reset()]);
    let data = Body::Bytes(Bytes::from_static(b"Username\na\n"));
    let error = org(&script).put_job_data(job_id(), data).await.unwrap_err();
    assert_eq!((error.sent(), script.seen().len()), (Sent::Maybe, 1));
}

#[tokio::test(start_paused = true)]
async fn what_never_arrived_is_repeated_even_if_it_would_harm_twice() {
    for trouble in [
        not_connected,
        || answer(429, ""),
        || answer(403, CONCURRENT),
    ] {
        let script = Script::new([trouble(), trouble(), answer(200, &job_json("Open", ""))]);
        let job = org(&script).create_ingest_job("User").await.unwrap();
        assert_eq!((job.id, script.seen().len()), (job_id(), 3));
    }
}

#[tokio::test(start_paused = true)]
async fn every_step_of_a_job_is_repeated_when_turned_away_and_left_open_when_the_org_was_down() {
    let data = || Body::Bytes(Bytes::from_static(b"Username\na\n"));
    for (status, requests) in [(429, 2), (503, 1)] {
        let steps = || {
            let retry = [("retry-after", "9")];
            Script::new([
                answer_with(status, &retry, ""),
                answer(201, &job_json("Open", "")),
            ])
        };
        let (create, put, close) = (steps(), steps(), steps());
        let done = [
            org(&create).create_ingest_job("User").await.map(drop),
            org(&put).put_job_data(job_id(), data()).await,
            org(&close).close_job(job_id()).await.map(drop),
        ];
        for (done, script) in done.into_iter().zip([create, put, close]) {
            assert_eq!(script.seen().len(), requests, "{status}");
            match done {
                Ok(()) => assert!(script.gaps_ms()[0] >= 9_000, "it waits as it was told"),
                Err(error) => assert_eq!((error.sent(), requests), (Sent::Maybe, 1)),
            }
        }
    }
}

#[test]
fn a_job_of_an_hour_is_asked_after_about_a_hundred_and_fifty_times_at_most() {
    let pacing = PacingSettings::default();
    let waits = super::super::poll_waits(&pacing);
    let ends = waits.scan(0, |ms, wait| {
        *ms += wait.as_millis();
        Some(*ms)
    });
    let count = ends.take_while(|ms| *ms <= 3_600_000).count();
    assert!((100..=150).contains(&count), "{count}");
}

#[tokio::test(start_paused = true)]
async fn giving_up_on_a_request_that_never_left_says_so() {
    let script = Script::new((0..9).map(|_| not_connected()));
    let error = org(&script).create_ingest_job("User").await.unwrap_err();
    assert!(matches!(
        error,
        OrgError::Unreachable {
            sent: Sent::No,
            attempts: 5,
            ..
        }
    ));
    assert_eq!(error.sent(), Sent::No);
}

#[tokio::test(start_paused = true)]
async fn refusals_are_final_and_sorted() {
    let one = |code: &str| format!(r#"[{{"errorCode":"{code}","message":"m"}}]"#);
    let table = [
        (
            401,
            "INVALID_SESSION_ID",
            Exit::Org,
            "the org refused the session",
        ),
        (
            403,
            "INSUFFICIENT_ACCESS",
            Exit::Org,
            "the org does not allow it",
        ),
        (
            403,
            "API_CURRENTLY_DISABLED",
            Exit::Org,
            "the org does not allow it",
        ),
        (
            403,
            "REQUEST_LIMIT_EXCEEDED",
            Exit::Stopped,
            "an allowance of the org is spent",
        ),
        (
            400,
            "EXCEEDEDQUOTA",
            Exit::Stopped,
            "an allowance of the org is spent",
        ),
        (
            400,
            "MALFORMED_QUERY",
            Exit::Org,
            "the org refused the request",
        ),
        (404, "NOT_FOUND", Exit::Org, "the org does not have it"),
        (
            410,
            "GONE",
            Exit::Usage,
            "the org does not offer this version of the API",
        ),
        (415, "", Exit::Org, "the org refused the request"),
        (302, "", Exit::Org, "the org points to another address"),
        (300, "", Exit::Org, "the org refused the request"),
    ];
    for (status, code, exit, words) in table {
        let script = Script::new([answer(status, &one(code))]);
        let error = org(&script).versions().await.unwrap_err();
        assert!(
            error.to_string().starts_with(words),
            "{status} {code}: {error}"
        );
        assert_eq!(
            (error.exit(), error.sent()),
            (exit, Sent::No),
            "{status} {code}"
        );
        assert_eq!(error.place().to_string(), "request GET /services/data/");
        assert_eq!(script.seen().len(), 1, "{status} {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_is_refused() {
    let piece = Bytes::from(vec![b' '; 1 << 20]);
    let endless = stream::repeat_with(move || Ok(piece.clone())).boxed();
    let response = Response {
        status: 200,
        headers: Vec::new(),
        body: endless,
    };
    let script = Script::new([Step::Answer(response)]);
    let error = org(&script).versions().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "an answer of the org was not understood: it is longer than 16777216 bytes"
    );
}

#[tokio::test(start_paused = true)]
async fn every_attempt_carries_the_token_and_no_text_shows_it() {
    let script = Script::new([reset(), answer(401, ""), answer(200, "no json"), reset()]);
    let org = org_with(&script, |pacing| pacing.attempts_max = 2);
    let mut texts = vec![format!("{org:?}")];
    for error in [
        org.query("SELECT Id FROM Contact WHERE Email = 'ann@acme.test'")
            .await
            .unwrap_err(),
        org.versions().await.unwrap_err(),
        org.close_job(job_id()).await.unwrap_err(),
    ] {
        texts.push(format!(
            "{error} {error:?} {} {}",
            error.place(),
            error.remedy()
        ));
    }
    for seen in script.seen() {
        assert!(
            seen.headers
                .contains(&("authorization", format!("Bearer {TOKEN}")))
        );
    }
    let token = AccessToken::parse(TOKEN).unwrap();
    texts.push(format!("{:?} {:?}", token, Login::Token(token.clone())));
    let request = Request {
        method: Method::Get,
        path: "/query?q=ann@acme.test".into(),
        headers: vec![("authorization", TOKEN.into())],
        body: Body::Bytes(Bytes::from(TOKEN)),
    };
    texts.push(format!("{request:?}"));
    for text in texts {
        assert!(
            !text.contains("Secret") && !text.contains("SECRET"),
            "{text}"
        );
        assert!(
            !text.contains("MustNotShow") && !text.contains("acme"),
            "{text}"
        );
    }
}

#[test]
fn a_redacted_or_broken_token_is_refused_without_showing_it() {
    for text in [
        "",
        "  ",
        "[REDACTED] Use 'sf org auth show-access-token' to view",
        "a\nb",
        "ä",
    ] {
        let error = AccessToken::parse(text).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
        assert!(!error.to_string().contains("show-access-token"));
    }
    assert!(AccessToken::parse(" 00D!abc \n").is_ok());
}

#[test]
fn calls_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let org: Arc<Org> = Arc::new(org(&Script::new([])));
        let mut on_row = |_: &csv::StringRecord, _: &csv::StringRecord| ();
        is_send(&org.bulk_query(super::super::QueryOperation::Query, "", &mut on_row));
        is_send(&org.put_job_data(job_id(), Body::Empty));
        is_send(&org.query(""));
    });
}
