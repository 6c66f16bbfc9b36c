//! REST queries.

use serde_json::json;

use super::super::QueryRecord;
use super::*;

#[tokio::test(start_paused = true)]
async fn all_pages_are_read_and_the_query_is_encoded() {
    let script = Script::new([
        answer(
            200,
            r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-2000","records":[{"Id":"1"},{"Id":"2"}]}"#,
        ),
        answer(200, r#"{"totalSize":3,"done":true,"records":[{"Id":"3"}]}"#),
    ]);
    let records = org(&script)
        .query("SELECT Id FROM User WHERE Name = 'A&B + 100%'")
        .await
        .unwrap();
    let ids: Vec<&str> = records.iter().map(|record| record.text("Id")).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(
        script.lines(),
        [
            "GET /services/data/v67.0/query?q=SELECT%20Id%20FROM%20User%20WHERE%20Name%20%3D%20%27A%26B%20%2B%20100%25%27",
            "GET /services/data/v67.0/query/01g-2000",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn pages_that_go_in_a_circle_or_end_nowhere_are_errors() {
    let page = |next: &str| {
        format!(r#"{{"done":false,"nextRecordsUrl":"{next}","records":[{{"Id":"1"}}]}}"#)
    };
    let circle = [page("/q/a"), page("/q/b"), page("q/a"), page("/q/b")];
    let script = Script::new(circle.map(|body| answer(200, &body)));
    let error = org(&script).query("SELECT Id FROM User").await.unwrap_err();
    assert!(
        error.to_string().ends_with("its pages go in a circle"),
        "{error}"
    );
    assert_eq!(script.seen().len(), 3);

    let script = Script::new([answer(200, r#"{"done":false,"records":[]}"#)]);
    let error = org(&script).query("SELECT Id FROM User").await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it is not done, but names no next page"),
        "{error}"
    );
}

#[test]
fn a_record_is_read_by_path_and_shows_no_values() {
    let serde_json::Value::Object(members) = json!({
        "Name": "Ann", "IsActive": true, "IsDeleted": "true", "Total": 5, "Text": "7.5", "Account": null,
        "Owner": {"attributes": {"type": "User"}, "Name": "Bo", "UserRole": {"Name": "CEO"}},
    }) else {
        unreachable!()
    };
    let record = QueryRecord::from(members);
    let texts = [
        "Name",
        "Owner.Name",
        "Owner.UserRole.Name",
        "Account",
        "Account.Name",
        "No",
        "",
    ];
    assert_eq!(
        texts.map(|path| record.text(path)),
        ["Ann", "Bo", "CEO", "", "", "", ""]
    );
    assert!(record.boolean("IsActive") && record.boolean("IsDeleted") && !record.boolean("Name"));
    assert_eq!(
        ["Total", "Text", "Name", "No"].map(|path| record.number(path)),
        [Some(5.0), Some(7.5), None, None]
    );
    assert!(!format!("{record:?}").contains("Ann"));
}
