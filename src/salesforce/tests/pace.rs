//! Turns, pauses and counts.

use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::time::{Duration, sleep};

use super::super::pace::retry_after;
use super::super::transport::Response;
use super::{Script, answer, answer_with, org, org_with};
use crate::model::allowance::ApiUsage;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_second_ever_sees_more_requests_than_allowed(
        per_second in 1_u32..40,
        arrivals_ms in prop::collection::vec(0_u64..4_000, 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let script = runtime.block_on(async {
            let script = Script::new([]);
            let org = org_with(&script, |pacing| pacing.requests_per_second = per_second);
            join_all(arrivals_ms.iter().map(|arrival| async {
                sleep(Duration::from_millis(*arrival)).await;
                org.versions().await.unwrap();
            }))
            .await;
            assert_eq!(org.requests_sent(), arrivals_ms.len() as u64);
            script
        });
        let times: Vec<Duration> = script.seen().into_iter().map(|seen| seen.at).collect();
        for (index, start) in times.iter().enumerate() {
            let second = start.saturating_add(Duration::from_secs(1));
            let inside = times[index..].iter().take_while(|at| **at < second).count();
            prop_assert!(inside <= per_second as usize, "{inside} of {per_second} from {start:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_moves_at_the_full_rate_and_in_order_after_a_burst() {
    let script = Script::new([]);
    let org = org_with(&script, |pacing| pacing.requests_per_second = 10);
    let names = [
        "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M",
    ];
    let describes = names.map(|name| org.describe(name));
    // `200 []` is no describe; only the order of the requests counts here.
    let _ = join_all(describes).await;
    // Five of ten go at once, five follow evenly, then the burst has to have passed.
    let gaps = [0, 0, 0, 0, 100, 100, 100, 100, 100, 550, 100, 100];
    assert_eq!(script.gaps_ms(), gaps);
    let asked: Vec<String> = script.lines();
    let expected = names.map(|name| format!("GET /services/data/v67.0/sobjects/{name}/describe"));
    assert_eq!(asked, expected);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_asks_for_patience_holds_every_request_back() {
    let script = Script::new([
        answer_with(429, &[("retry-after", "7")], ""),
        answer(200, "[]"),
    ]);
    let org = org(&script);
    let (first, second) = tokio::join!(org.versions(), async {
        sleep(Duration::from_secs(1)).await;
        org.versions().await
    });
    assert!(first.is_ok() && second.is_ok());
    let times: Vec<u128> = script
        .seen()
        .iter()
        .map(|seen| seen.at.as_millis())
        .collect();
    assert_eq!(times.len(), 3);
    assert!(times[1] >= 7_000 && times[2] >= 7_000, "{times:?}");
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date() {
    let table = [
        (503, "120", true, Some(120)),
        (503, "120", false, Some(120)),
        (503, "Sun, 06 Nov 1994 08:50:07 GMT", true, Some(30)),
        (503, "Sun, 06 Nov 1994 08:00:00 GMT", true, Some(0)),
        (503, "Sun, 06 Nov 1994 08:50:07 GMT", false, None),
        (503, "soon", true, None),
        (200, "120", true, None),
    ];
    for (status, value, dated, seconds) in table {
        let mut headers = vec![("retry-after".to_owned(), value.to_owned())];
        if dated {
            headers.push((
                "date".to_owned(),
                "Sun, 06 Nov 1994 08:49:37 GMT".to_owned(),
            ));
        }
        let response = Response::whole(status, headers, "");
        assert_eq!(
            retry_after(&response),
            seconds.map(Duration::from_secs),
            "{status} {value}"
        );
    }
    assert_eq!(retry_after(&Response::whole(503, Vec::new(), "")), None);
}

#[tokio::test(start_paused = true)]
async fn the_usage_is_what_the_org_said_last_and_our_own_requests_since() {
    let said = |text: &'static str| answer_with(200, &[("sforce-limit-info", text)], "[]");
    let script = Script::new([
        answer(200, "[]"),
        said("per-app-api-usage=1/2(appName=x); api-usage=18/5000"),
        answer(200, "[]"),
        said("api-usage=25/5000"),
        said("nonsense"),
    ]);
    let org = org(&script);
    let mut told = Vec::new();
    for _ in 0..5 {
        org.versions().await.unwrap();
        told.push(org.usage().map(|ApiUsage { used, max }| (used, max)));
    }
    let expected = [None, Some(18), Some(19), Some(25), Some(26)];
    assert_eq!(told, expected.map(|used| used.map(|used| (used, 5_000))));
}
