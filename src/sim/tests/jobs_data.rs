//! Job data and result files: each rule of bulk-api-2.md §3.8, §3.10 and §4.

use serde_json::{Value, json};

use super::fixture::{Caller, INGEST, column};

/// Rows of a result file without its header, sorted.
fn rows(text: &str) -> Vec<&str> {
    let mut rows: Vec<&str> = text.lines().skip(1).collect();
    rows.sort_unstable();
    rows
}

#[tokio::test(start_paused = true)]
async fn headers_fail_the_whole_job_when_one_does_not_fit() {
    let caller = Caller::new();
    let unknown = |name: &str| format!("InvalidBatch : Field name not found : {name}");
    let cases = [
        ("insert", "LastName,Nonsense\nA,b\n", unknown("Nonsense")),
        (
            "insert",
            "\u{feff}LastName\nA\n",
            unknown("\u{feff}LastName"),
        ),
        (
            "insert",
            "LastName;FirstName\nA;b\n",
            unknown("LastName;FirstName"),
        ),
        (
            "insert",
            "LastName,Account.Name\nA,b\n",
            unknown("Account.Name"),
        ),
        ("insert", "LastName,Name\nA,b\n", unknown("Name")),
        ("insert", "LastName,Id\nA,b\n", unknown("Id")),
        ("insert", "LastName,\nA,b\n", unknown("")),
        ("update", "LastName\nA\n", unknown("Id")),
        (
            "delete",
            "Id,LastName\n003000000000001,A\n",
            unknown("LastName"),
        ),
        (
            "insert",
            "LastName,lastname\nA,b\n",
            "InvalidBatch : Duplicate field name : lastname".to_owned(),
        ),
    ];
    for (operation, csv, message) in cases {
        let (job, info) = caller.load("Contact", operation, csv).await;
        assert_eq!(info["state"], "Failed", "{csv}");
        assert_eq!(info["errorMessage"], message, "{csv}");
        assert_eq!(info["numberRecordsProcessed"], 0);
        assert_eq!(info["numberRecordsFailed"], 0);
        assert_eq!(
            caller
                .results(&job, "unprocessedrecords")
                .await
                .lines()
                .count(),
            2,
            "{csv}"
        );
        assert_eq!(
            caller.results(&job, "failedResults").await.lines().count(),
            1,
            "{csv}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_partner_switch_cannot_be_inserted_only_updated() {
    let caller = Caller::new();
    let (_, info) = caller
        .load("Account", "insert", "Name,IsPartner\nNew,true\n")
        .await;
    assert_eq!(
        info["errorMessage"],
        "InvalidBatch : Field name not found : IsPartner"
    );
    let (_, info) = caller
        .load("Account", "update", "Id,IsPartner\n001000000000001,true\n")
        .await;
    assert_eq!(
        (&info["state"], &info["numberRecordsFailed"]),
        (&json!("JobComplete"), &json!(0))
    );
    assert_eq!(
        caller.org.field("Account", "001000000000001", "IsPartner"),
        "true"
    );
}

#[tokio::test(start_paused = true)]
async fn line_ends_must_be_those_of_the_job() {
    let caller = Caller::new();
    let cases = [
        ("LF", "LastName\nA\n", None),
        ("CRLF", "LastName\r\nA\r\n", None),
        ("LF", "LastName\r\nA\r\n", Some("LF")),
        ("CRLF", "LastName\nA\n", Some("CRLF")),
        ("LF", "LastName\n\"A\r\nB\"\n", None),
    ];
    for (setting, csv, complaint) in cases {
        let more = json!({ "lineEnding": setting });
        let (job, info) = caller.load_with("Contact", "insert", &more, csv).await;
        let message = complaint.map(|setting| {
            format!(
                "ClientInputError : LineEnding is invalid on user data. Current LineEnding \
                 setting is {setting}"
            )
        });
        assert_eq!(
            info["errorMessage"].as_str(),
            message.as_deref(),
            "{setting} {csv:?}"
        );
        if complaint.is_some() {
            let ends = if setting == "LF" {
                "LastName\n\"A\"\n"
            } else {
                "LastName\r\n\"A\"\r\n"
            };
            assert_eq!(caller.results(&job, "unprocessedrecords").await, ends);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_delimiter_of_the_job_json_works() {
    let caller = Caller::new();
    let delimiters = [
        ("BACKQUOTE", '`'),
        ("CARET", '^'),
        ("COMMA", ','),
        ("PIPE", '|'),
        ("SEMICOLON", ';'),
        ("TAB", '\t'),
    ];
    for (name, letter) in delimiters {
        let csv = format!("LastName{letter}Title\n\"A{letter}B\"{letter}{name}\n");
        let more = json!({ "columnDelimiter": name });
        let (job, info) = caller.load_with("Contact", "insert", &more, &csv).await;
        assert_eq!(info["numberRecordsFailed"], 0, "{name}");
        let text = caller.results(&job, "successfulResults").await;
        let header = format!("\"sf__Id\"{letter}\"sf__Created\"{letter}LastName{letter}Title");
        assert_eq!(text.lines().next().unwrap(), header);
        assert!(
            text.ends_with(&format!("{letter}\"A{letter}B\"{letter}\"{name}\"\n")),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn result_headers_are_mixed_and_values_all_quoted() {
    let caller = Caller::new();
    let csv = "LASTNAME,\"Title\",Birthdate\nGood,\"say \"\"hi\"\"\",\nBad,,2003-04-98\n";
    let (job, info) = caller.load("Contact", "insert", csv).await;
    assert_eq!(
        (
            &info["numberRecordsProcessed"],
            &info["numberRecordsFailed"]
        ),
        (&json!(2), &json!(1))
    );
    let good = caller.results(&job, "successfulResults").await;
    assert_eq!(
        good.lines().next().unwrap(),
        "\"sf__Id\",\"sf__Created\",LASTNAME,Title,Birthdate"
    );
    assert!(
        good.ends_with(",\"true\",\"Good\",\"say \"\"hi\"\"\",\"\"\n"),
        "{good}"
    );
    let bad = caller.results(&job, "failedResults").await;
    let error = "INVALID_FIELD:Failed to deserialize field at col 2. Due to, '2003-04-98' is not a \
                 valid value for the type xsd:date:Birthdate --";
    assert_eq!(
        bad,
        format!(
            "\"sf__Id\",\"sf__Error\",LASTNAME,Title,Birthdate\n\"\",\"{error}\",\"Bad\",\"\",\"2003-04-98\"\n"
        )
    );
    let none = caller.results(&job, "unprocessedrecords").await;
    assert_eq!(none, "LASTNAME,Title,Birthdate\n");
}

#[tokio::test(start_paused = true)]
async fn result_rows_come_in_a_seeded_order_of_their_own() {
    let numbers: Vec<String> = (0..50).map(|row| format!("Row {row:02}")).collect();
    let csv = format!("LastName\n{}\n", numbers.join("\n"));
    let mut orders = Vec::new();
    for _ in 0..2 {
        let caller = Caller::new();
        let (job, _) = caller.load("Contact", "insert", &csv).await;
        let text = caller.results(&job, "successfulResults").await;
        orders.push(column(&text, "LastName"));
    }
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], numbers);
    orders[0].sort_unstable();
    assert_eq!(orders[0], numbers);
}

#[tokio::test(start_paused = true)]
async fn odd_rows_fail_alone() {
    let caller = Caller::new();
    let csv = "LastName,Title\n\
               Short\n\
               Long,t,extra\n\
               Spaced, \"t\"\n\
               \"Tail\"x,t\n\
               ,NoName\n\
               \n\
               \"Two\nLines\",t\n\
               \"Open,t\n";
    let (job, info) = caller.load("Contact", "insert", csv).await;
    assert_eq!(info["numberRecordsProcessed"], 7);
    let good = caller.results(&job, "successfulResults").await;
    let mut names = column(&good, "LastName");
    names.sort_unstable();
    assert_eq!(names, ["Short", "Two\nLines"]);
    let bad = caller.results(&job, "failedResults").await;
    let mut errors = column(&bad, "sf__Error");
    errors.sort_unstable();
    assert_eq!(
        errors,
        [
            "INVALID_FIELD:Failed to read the row: a blank stands before a quote:--",
            "INVALID_FIELD:Failed to read the row: a quote is never closed:--",
            "INVALID_FIELD:Failed to read the row: text stands after a closing quote:--",
            "INVALID_FIELD:Failed to read the row: the row has more cells than the header:--",
            "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn empty_cells_are_ignored_and_null_is_spelled_out() {
    let caller = Caller::new();
    let id = "003000000000001AAA";
    let update = |cells: &'static str| {
        let csv = format!("Id,FirstName,Title\n{id},{cells}\n");
        let caller = &caller;
        async move {
            let (job, _) = caller.load("Contact", "update", &csv).await;
            column(&caller.results(&job, "failedResults").await, "sf__Error")
        }
    };
    assert!(update("Berta,Boss").await.is_empty());
    assert!(update(",").await.is_empty());
    assert_eq!(caller.org.field("Contact", id, "FirstName"), "Berta");
    assert_eq!(caller.org.field("Contact", id, "Name"), "Berta Alpha");
    assert!(update("#N/A,#N/A").await.is_empty());
    assert_eq!(caller.org.field("Contact", id, "FirstName"), "");
    assert_eq!(caller.org.field("Contact", id, "Name"), "Alpha");
    let (job, _) = caller
        .load("Contact", "update", &format!("Id,LastName\n{id},#N/A\n"))
        .await;
    let text = caller.results(&job, "failedResults").await;
    assert_eq!(column(&text, "sf__Id"), [id]);
    assert_eq!(
        column(&text, "sf__Error"),
        ["REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_without_rows_completes_with_nothing_processed() {
    let caller = Caller::new();
    for csv in ["", "LastName\n", "LastName"] {
        let (_, info) = caller.load("Contact", "insert", csv).await;
        assert_eq!(
            (&info["state"], &info["numberRecordsProcessed"]),
            (&json!("JobComplete"), &json!(0))
        );
    }
    let job = caller.create("Contact", "insert", &Value::Null).await;
    assert_eq!(caller.close(&job).await.status, 200);
    assert_eq!(caller.ended(&job).await["state"], "JobComplete");
    assert_eq!(
        caller
            .get(&format!("{INGEST}/{job}/failedResults"))
            .await
            .text,
        "\"sf__Id\",\"sf__Error\"\n"
    );
}

#[tokio::test(start_paused = true)]
async fn upsert_creates_or_updates_by_external_id() {
    let caller = Caller::new();
    let more = json!({ "externalIdFieldName": "ext__c" });
    let csv = "Ext__c,LastName\nX1,Changed\nX9,Fresh\n,Keyless\n";
    let (job, info) = caller.load_with("Contact", "upsert", &more, csv).await;
    assert_eq!(info["externalIdFieldName"], "Ext__c");
    let good = caller.results(&job, "successfulResults").await;
    let mut ends: Vec<(String, String)> = column(&good, "LastName")
        .into_iter()
        .zip(column(&good, "sf__Created"))
        .collect();
    ends.sort_unstable();
    let own = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
    assert_eq!(ends, [own(("Changed", "false")), own(("Fresh", "true"))]);
    assert_eq!(rows(&caller.results(&job, "failedResults").await).len(), 1);
    assert_eq!(
        caller.org.field("Contact", "003000000000001", "LastName"),
        "Changed"
    );
}

#[tokio::test(start_paused = true)]
async fn contacts_are_inserted_owned_unique_and_deleted() {
    let caller = Caller::new();
    let csv = "LastName,AccountId,Ext__c,Email\n\
               Good,001000000000001,N1,good@x.example\n\
               Again,001000000000001,n1,good@x.example\n\
               Lost,001000000000099,N2,good@x.example\n\
               Wrong,003000000000001,N3,good@x.example\n\
               Mail,001000000000001,N4,nomail\n";
    let (job, _) = caller.load("Contact", "insert", csv).await;
    let good = caller.results(&job, "successfulResults").await;
    let id = column(&good, "sf__Id").pop().unwrap();
    assert_eq!(
        caller.org.field("Contact", &id, "OwnerId"),
        "005000000000001AAA"
    );
    assert!(
        caller
            .org
            .field("Contact", &id, "CreatedDate")
            .starts_with("2026-01-05T08:00:0")
    );
    let bad = caller.results(&job, "failedResults").await;
    let mut errors = column(&bad, "sf__Error");
    errors.sort_unstable();
    assert_eq!(
        errors,
        [
            format!(
                "DUPLICATE_VALUE:duplicate value found: Ext__c duplicates value on record with id: {id}:--"
            ),
            "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--".to_owned(),
            "INVALID_EMAIL_ADDRESS:Email: invalid email address: nomail:Email --".to_owned(),
            "MALFORMED_ID:Account ID: id value of incorrect type: 003000000000001:AccountId --"
                .to_owned(),
        ]
    );
    let csv = format!("Id\n{id}\n003000000000020\n003000000000099\n");
    let (job, _) = caller.load("Contact", "delete", &csv).await;
    assert_eq!(
        column(
            &caller.results(&job, "successfulResults").await,
            "sf__Created"
        ),
        ["false"]
    );
    let mut errors = column(&caller.results(&job, "failedResults").await, "sf__Error");
    errors.sort_unstable();
    assert!(errors[0].starts_with("DELETE_FAILED:"), "{errors:?}");
    assert!(
        errors[1].starts_with("INVALID_CROSS_REFERENCE_KEY:"),
        "{errors:?}"
    );
    assert_eq!(caller.org.field("Contact", &id, "IsDeleted"), "true");
}
