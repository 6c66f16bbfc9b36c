//! REST and OAuth: each quirk of bulk-api-2.md §1, §2 and §7 that a client meets.

use serde_json::json;

use super::fixture::{Caller, seed};
use super::logins::form;
use crate::salesforce::transport::{Body, Method};

const DATA: &str = "/services/data/v67.0";

#[tokio::test(start_paused = true)]
async fn a_token_opens_the_org_and_a_foreign_one_does_not() {
    let caller = Caller::new();
    let reply = form(
        &caller,
        "grant_type=client_credentials&client_id=a&client_secret=b",
    )
    .await;
    assert_eq!(reply.status, 200);
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("00D000000000001!"), "{token}");
    assert_eq!(
        reply.json()["instance_url"],
        "https://sim.my.salesforce.com"
    );
    assert!(reply.json()["issued_at"].is_string());
    for (token, status) in [(token.as_str(), 200), ("00D000000000001!OTHER", 401)] {
        let header = format!("Bearer {token}");
        let path = format!("{DATA}/limits");
        let reply = caller
            .send(
                Method::Get,
                &path,
                &[("authorization", &header)],
                Body::Empty,
            )
            .await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_session_is_401_with_the_recorded_body() {
    let caller = Caller::new();
    caller.org.expire_sessions();
    let reply = caller.get(&format!("{DATA}/jobs/ingest")).await;
    let (status, code, message) = reply.error();
    assert_eq!((status, code.as_str()), (401, "INVALID_SESSION_ID"));
    assert_eq!(message, "Session expired or invalid");
}

#[tokio::test(start_paused = true)]
async fn user_info_names_the_running_user() {
    let info = Caller::new().get("/services/oauth2/userinfo").await.json();
    assert_eq!(info["user_id"], "005000000000001AAA");
    assert_eq!(info["organization_id"], "00D000000000001EAA");
    assert_eq!(info["preferred_username"], "admin@acme.example");
}

#[tokio::test(start_paused = true)]
async fn versions_ascend_as_texts_with_or_without_a_slash() {
    let caller = Caller::new();
    for path in ["/services/data", "/services/data/"] {
        let list = caller.get(path).await.json();
        let newest = list.as_array().unwrap().last().unwrap();
        assert_eq!(newest["version"], "68.0");
        assert_eq!(newest["label"], "Winter '27");
        assert_eq!(list[0]["label"], "Summer '14");
    }
    assert_eq!(caller.get("/services/data/v20.0/limits").await.status, 410);
    assert_eq!(caller.get("/services/data/v99.0/limits").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn the_daily_allowance_is_counted_and_ends() {
    let mut seed = seed();
    seed.org.daily_api_requests = 3;
    let caller = Caller::of(seed);
    let path = format!("{DATA}/limits");
    let reply = caller.get(&path).await;
    assert_eq!(reply.header("sforce-limit-info"), "api-usage=1/3");
    assert_eq!(
        reply.json()["DailyApiRequests"],
        json!({ "Max": 3, "Remaining": 2 })
    );
    caller.get(&path).await;
    caller.get(&path).await;
    let (status, code, _) = caller.get(&path).await.error();
    assert_eq!((status, code.as_str()), (403, "REQUEST_LIMIT_EXCEEDED"));
}

#[tokio::test(start_paused = true)]
async fn a_uri_that_is_too_long_gets_html() {
    let caller = Caller::new();
    let reply = caller.soql("query", &"x".repeat(17_000)).await;
    assert_eq!(reply.status, 414);
    assert!(reply.text.starts_with("<h1>"));
}

#[tokio::test(start_paused = true)]
async fn describe_shows_only_what_the_features_allow() {
    let caller = Caller::new();
    let fields = |reply: super::fixture::Reply| -> Vec<String> {
        let fields = reply.json()["fields"].as_array().unwrap().clone();
        fields
            .iter()
            .map(|field| field["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let account = fields(
        caller
            .get(&format!("{DATA}/sobjects/account/describe"))
            .await,
    );
    assert!(account.contains(&"IsPersonAccount".to_owned()));
    assert!(account.contains(&"IsPartner".to_owned()));
    assert!(!account.contains(&"CurrencyIsoCode".to_owned()));

    let mut bare = seed();
    bare.org.features.person_accounts = false;
    bare.org.features.partner_licenses = false;
    bare.org.features.multi_currency = true;
    bare.org.features.digital_experiences = false;
    let caller = Caller::of(bare);
    let account = fields(
        caller
            .get(&format!("{DATA}/sobjects/Account/describe/"))
            .await,
    );
    assert!(!account.contains(&"IsPersonAccount".to_owned()));
    assert!(!account.contains(&"IsPartner".to_owned()));
    assert!(account.contains(&"CurrencyIsoCode".to_owned()));
    let all = caller.get(&format!("{DATA}/sobjects")).await.text;
    assert!(!all.contains("\"Network\""));
    assert_eq!(
        caller
            .get(&format!("{DATA}/sobjects/Network/describe"))
            .await
            .status,
        404
    );
    let (_, code, message) = caller.soql("query", "SELECT Id FROM Network").await.error();
    assert_eq!(code, "INVALID_TYPE");
    assert!(
        message.contains("sObject type 'Network' is not supported"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn describe_tells_required_fields_and_picklists() {
    let caller = Caller::new();
    let body = caller
        .get(&format!("{DATA}/sobjects/User/describe"))
        .await
        .json();
    let fields = body["fields"].as_array().unwrap().clone();
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| {
            field["createable"] == true
                && field["nillable"] == false
                && field["defaultedOnCreate"] == false
        })
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    let mut expected = [
        "Username",
        "LastName",
        "Email",
        "Alias",
        "TimeZoneSidKey",
        "LocaleSidKey",
        "EmailEncodingKey",
        "ProfileId",
        "LanguageLocaleKey",
    ];
    expected.sort_unstable();
    let mut required = required;
    required.sort_unstable();
    assert_eq!(required, expected);
    let region = fields
        .iter()
        .find(|field| field["name"] == "Region__c")
        .unwrap();
    assert_eq!(region["restrictedPicklist"], true);
    assert_eq!(region["picklistValues"][1]["value"], "South");
    let username = fields
        .iter()
        .find(|field| field["name"] == "Username")
        .unwrap();
    assert_eq!(
        (&username["length"], &username["idLookup"]),
        (&json!(80), &json!(true))
    );
}

#[tokio::test(start_paused = true)]
async fn one_record_comes_with_all_its_fields_or_404() {
    let caller = Caller::new();
    let user = caller
        .get(&format!("{DATA}/sobjects/User/005000000000001"))
        .await
        .json();
    assert_eq!(user["Username"], "admin@acme.example");
    assert_eq!(user["Name"], "Ada Admin");
    assert_eq!(user["attributes"]["type"], "User");
    assert_eq!(user["ContactId"], serde_json::Value::Null);
    let missing = caller
        .get(&format!("{DATA}/sobjects/User/005000000000099"))
        .await;
    assert_eq!(missing.error().1, "NOT_FOUND");
}

#[tokio::test(start_paused = true)]
async fn requests_are_counted_by_kind() {
    let caller = Caller::new();
    caller.query("SELECT Id FROM User").await;
    caller.get(&format!("{DATA}/jobs/query")).await;
    caller.get(&format!("{DATA}/nothing")).await;
    let counts = caller.org.requests();
    assert_eq!(
        (counts.all, counts.query, counts.bulk_query, counts.refused),
        (3, 1, 1, 1)
    );
}

/// jsforce finds the identity URL in the list of resources, and follows it.
#[tokio::test(start_paused = true)]
async fn resources_lead_to_the_running_users_identity() {
    let caller = Caller::new();
    let resources = caller.get(DATA).await.json();
    assert_eq!(resources["query"], format!("{DATA}/query"));
    let identity = resources["identity"].as_str().unwrap().to_owned();
    let path = identity
        .strip_prefix("https://sim.my.salesforce.com")
        .unwrap();
    let told = caller.get(&format!("{path}?format=json")).await.json();
    assert_eq!(told["id"], identity);
    assert_eq!(
        told["username"],
        caller.get("/services/oauth2/userinfo").await.json()["preferred_username"]
    );
    let (org, _) = path.rsplit_once('/').unwrap();
    let stranger = caller.get(&format!("{org}/005000000000XYZAAA")).await;
    assert_eq!(stranger.status, 404);
    let header = ("authorization", "Bearer wrong");
    let refused = caller.send(Method::Get, path, &[header], Body::Empty).await;
    assert_eq!(refused.status, 401);
}

/// simple-salesforce reads results as latin-1 because the org names no charset
/// (<https://github.com/simple-salesforce/simple-salesforce/issues/706>); so must ours.
#[tokio::test(start_paused = true)]
async fn results_name_no_charset() {
    let caller = Caller::new();
    let (job, _) = caller.load("Contact", "insert", "LastName\nMüller\n").await;
    for file in ["successfulResults", "failedResults", "unprocessedrecords"] {
        let reply = caller
            .get(&format!("{DATA}/jobs/ingest/{job}/{file}"))
            .await;
        let kind = reply
            .headers
            .iter()
            .find(|(name, _)| name == "content-type");
        assert_eq!(
            kind.map(|(_, kind)| kind.as_str()),
            Some("text/csv"),
            "{file}"
        );
    }
}
