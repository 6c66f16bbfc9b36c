//! The small questions.

use super::super::Allowance;
use super::*;

#[tokio::test(start_paused = true)]
async fn user_and_org_are_read_from_the_claims() {
    let claims = r#"{"sub":"x","user_id":"005R00000000001","organization_id":"00DR00000000001","preferred_username":"admin@acme.test","zoneinfo":null}"#;
    let script = Script::new([answer(200, claims), answer(200, "{}")]);
    let org = org(&script);
    let user = org.user_info().await.unwrap();
    assert_eq!(user.user_id.record().as_15(), "005R00000000001");
    assert_eq!(user.org_id.record().as_15(), "00DR00000000001");
    assert_eq!(user.username, "admin@acme.test");
    let error = org.user_info().await.unwrap_err();
    assert!(error.to_string().ends_with("no user_id in it"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_describe_is_read_whatever_is_null_or_left_out() {
    let body = r#"{"name":"User","fields":[
        {"name":"Username","label":"Username","type":"string","length":80,"nillable":false,"createable":true,
         "defaultedOnCreate":false,"picklistValues":[],"referenceTo":[],"relationshipName":null},
        {"name":"TimeZoneSidKey","type":"picklist","restrictedPicklist":true,"picklistValues":
         [{"active":true,"defaultValue":false,"label":null,"validFor":null,"value":"Europe/Berlin"}]},
        {"name":"ProfileId","type":"reference","referenceTo":["Profile"],"relationshipName":"Profile","picklistValues":null}
    ]}"#;
    let script = Script::new([answer(200, body)]);
    let fields = org(&script).describe("User").await.unwrap().fields;
    assert_eq!(
        (fields[0].length, fields[0].createable, fields[0].nillable),
        (80, true, false)
    );
    assert!(fields[1].restricted_picklist && fields[1].picklist_values[0].active);
    assert_eq!(fields[1].picklist_values[0].value, "Europe/Berlin");
    assert_eq!(fields[2].relationship_name, "Profile");
    assert_eq!(
        script.lines(),
        ["GET /services/data/v67.0/sobjects/User/describe"]
    );
}

#[tokio::test(start_paused = true)]
async fn objects_versions_and_limits_are_listed() {
    let script = Script::new([
        answer(
            200,
            r#"{"encoding":"UTF-8","sobjects":[{"name":"Account","custom":false},{"name":"User"}]}"#,
        ),
        answer(
            200,
            r#"[{"label":"Spring","url":"/services/data/v66.0","version":"66.0"},{"version":"67.0"}]"#,
        ),
        answer(
            200,
            r#"{"DailyApiRequests":{"Max":15000,"Remaining":14998,"App":{"Max":1}},"Old":{"Max":"5","Remaining":"4"},"Odd":7}"#,
        ),
    ]);
    let org = org(&script);
    assert_eq!(org.describe_global().await.unwrap(), ["Account", "User"]);
    assert_eq!(org.versions().await.unwrap(), ["66.0", "67.0"]);
    let limits = org.limits().await.unwrap();
    assert_eq!(
        limits.get("DailyApiRequests"),
        Some(Allowance {
            max: 15_000,
            remaining: 14_998
        })
    );
    assert_eq!(
        limits.get("Old"),
        Some(Allowance {
            max: 5,
            remaining: 4
        })
    );
    assert_eq!(limits.get("Odd"), None);
    assert_eq!(org.requests_sent(), 3);
}
