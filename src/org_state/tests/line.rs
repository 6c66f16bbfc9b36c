//! A line on which somebody reads answers from a script: for what the simulated org never does.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, future};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::model::event::{Event, Listener};
use crate::model::id::JobId;
use crate::model::settings::PacingSettings;
use crate::salesforce::transport::{Body, Request, Response, SendError, Transport};
use crate::salesforce::{AccessToken, Login, Org};

/// Answers by what a request holds; the first that fits is given, again and again.
#[derive(Default)]
pub(super) struct Script {
    answers: Vec<(String, String)>,
    asked: Mutex<Vec<String>>,
}

impl Script {
    /// Answers JSON to requests that hold this text.
    pub(super) fn say(mut self, text: &str, answer: &Value) -> Self {
        self.answers.push((text.to_owned(), answer.to_string()));
        self
    }

    /// Describes an object by its fields.
    pub(super) fn describe(self, object: &str, fields: &[&str]) -> Self {
        let fields: Vec<Value> = fields
            .iter()
            .map(|name| json!({"name": name, "type": "string"}))
            .collect();
        self.say(
            &format!("sobjects/{object}/describe"),
            &json!({"fields": fields}),
        )
    }

    /// Answers a REST query whose text ends so; a text as short as an object's name will do.
    pub(super) fn records(self, text: &str, records: &Value) -> Self {
        self.say(text, &json!({"done": true, "records": records}))
    }

    /// Answers a bulk query of an object with CSV.
    pub(super) fn bulk(mut self, object: &str, columns: &[&str], rows: &[&[&str]]) -> Self {
        let job = format!("750{:0>12}", format!("{object}{}", self.answers.len()));
        let job = JobId::parse(&job).unwrap().to_string();
        let state =
            |state: &str| json!({"id": job, "state": state, "numberRecordsProcessed": rows.len()});
        let lines = std::iter::once(&columns)
            .chain(rows)
            .map(|cells| cells.join(",") + "\n");
        self.answers
            .push((format!("{job}/results"), lines.collect()));
        self.say(&format!("jobs/query/{job}"), &state("JobComplete"))
            .say(&format!("FROM {object}\""), &state("UploadComplete"))
    }

    /// Adds what another script answers where this one is silent.
    pub(super) fn append(&mut self, other: Self) {
        self.answers.extend(other.answers);
    }

    /// The org at the other end, and the script to look into afterwards.
    pub(super) fn org(self) -> (Org, Arc<Self>) {
        let script = Arc::new(self);
        let pacing = PacingSettings {
            requests_per_second: 10_000,
            ..PacingSettings::default()
        };
        let login = Login::Token(AccessToken::parse("token").unwrap());
        (
            Org::new(
                Arc::clone(&script) as Arc<dyn Transport>,
                login,
                &pacing,
                "67.0",
                1,
            ),
            script,
        )
    }

    /// The requests so far that hold this text.
    pub(super) fn asked(&self, text: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|request| request.contains(text))
            .cloned()
            .collect()
    }
}

impl Transport for Script {
    fn address(&self) -> &'static str {
        "https://acme.my.salesforce.com"
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        let path = percent_decode_str(&request.path).decode_utf8_lossy();
        let mut asked = format!("{} {path}", request.method.as_str());
        if let Body::Bytes(body) = &request.body {
            asked.push_str(&String::from_utf8_lossy(body));
        }
        let answer = self.answers.iter().find(|(text, _)| asked.contains(text));
        let nothing = || r#"{"done": true, "records": []}"#.to_owned();
        let body = answer.map_or_else(nothing, |(_, answer)| answer.clone());
        self.asked.lock().unwrap().push(asked);
        future::ready(Ok(Response::whole(200, Vec::new(), body))).boxed()
    }
}

/// Keeps every event.
#[derive(Default)]
pub(super) struct Ear(pub(super) Mutex<Vec<Event>>);

impl Listener for Ear {
    fn on(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}
