//! The same over a real socket: `admit run` against `admit sim --faults` in another process. Exit
//! code and files.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::proof::{End, ends, users};
use crate::served::{Served, first_rows};
use crate::world::{Done, Table, World, sample};

const ROWS: usize = 40;
const FLAGS: [&str; 3] = ["--yes", "--welcome", "now"];

/// A run over a socket, through one fault.
struct Run {
    world: World,
    served: Served,
    done: Done,
}

impl Run {
    /// With a token that lives as long as it lives.
    fn by_token(file: Option<&str>) -> Self {
        let (world, served) = stage(file);
        let contacts = first_rows(&world, "contacts.csv", ROWS);
        let done = served.run(&world, &contacts, "out", &FLAGS);
        Self {
            world,
            served,
            done,
        }
    }

    /// With a login that fetches another token.
    fn by_login(file: Option<&str>) -> Self {
        let (world, served) = stage(file);
        first_rows(&world, "contacts.csv", ROWS);
        let words = "run contacts.csv --out out --state-dir state --poll-ms 10 \
                     --requests-per-second 400 --yes --welcome now";
        let words: Vec<&str> = words.split_whitespace().collect();
        let variables = [
            served.variables()[0],
            ("SF_CLIENT_ID", "drill"),
            ("SF_CLIENT_SECRET", "not-a-secret"),
        ];
        let done = world.admit_with(&words, &variables);
        Self {
            world,
            served,
            done,
        }
    }

    fn is_as_if_nothing_had_happened(&self) {
        let calm = Self::by_token(None);
        let (mine, theirs) = (self.essence(), calm.essence());
        assert_eq!(self.done.code, calm.done.code, "{}", self.done.stderr);
        assert_eq!(mine, theirs);
        self.files_agree_with_the_org();
    }

    fn essence(&self) -> Vec<(String, String)> {
        let contacts = self.world.path("contacts.csv");
        let ends = ends(&self.world, &contacts, "out").into_iter();
        let essence = ends.map(|end| match end {
            End::Success { username, .. } => ("success".to_owned(), username),
            End::Failure { stage, code, .. } => (stage, code),
        });
        essence.collect()
    }

    fn files_agree_with_the_org(&self) {
        let contacts = self.world.path("contacts.csv");
        let reported = users(&ends(&self.world, &contacts, "out"));
        let seeded = Table::read(&std::fs::read(sample("org/User.csv")).unwrap());
        let seeded: BTreeSet<&str> = seeded.cells("Id").into_iter().collect();
        let found = users_of(&self.served);
        let made = found.iter().filter(|(id, _)| !seeded.contains(id.as_str()));
        let made: BTreeSet<String> = made.map(|(id, _)| id.clone()).collect();
        assert_eq!(reported, made);
        let mut contacts = BTreeSet::new();
        for (_, contact) in found.iter().filter(|(_, contact)| !contact.is_empty()) {
            assert!(contacts.insert(contact), "{contact} has two users");
        }
    }

    /// `admit resume` in another process.
    fn resume(&mut self) {
        let words = ["resume", "out", "--state-dir", "state", "--poll-ms", "10"];
        self.done = self.world.admit_with(&words, &self.served.variables());
    }
}

fn stage(file: Option<&str>) -> (World, Served) {
    let world = World::new();
    let name = file.map_or("calm".to_owned(), |file| format!("drill-{file}"));
    let plan = sample("faults").join(name + ".toml");
    let flags = ["--speed", "200", "--faults", plan.to_str().unwrap()];
    let served = Served::start(&world, &flags);
    (world, served)
}

/// Id and contact of every user of the org.
fn users_of(served: &Served) -> Vec<(String, String)> {
    let [(_, url), (_, token)] = served.variables();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let request = format!(
        "GET /services/data/v67.0/query?q=SELECT+Id,ContactId+FROM+User HTTP/1.1\r\nHost: sim\r\n\
         Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let page: Value = serde_json::from_str(body).unwrap();
    assert_eq!(page["done"], true);
    let records = page["records"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    records
        .map(|record| (text(&record["Id"]), text(&record["ContactId"])))
        .collect()
}

macro_rules! survived_over_a_socket {
    ($($name:ident: $way:ident, $file:literal;)+) => {$(
        #[test]
        fn $name() {
            Run::$way(Some($file)).is_as_if_nothing_had_happened();
        }
    )+};
}

survived_over_a_socket! {
    a_503_on_create: by_token, "503-on-create";
    a_503_on_put: by_token, "503-on-put";
    a_503_on_close: by_token, "503-on-close";
    a_503_on_the_first_poll: by_token, "503-on-first-poll";
    a_connection_dropped_on_a_poll: by_token, "dropped-on-poll";
    a_connection_dropped_on_put: by_token, "dropped-on-put";
    a_401_on_a_poll_with_a_login: by_login, "401-on-poll";
    a_lost_creation: by_token, "create-lost";
    a_close_lost_after_the_org_took_it: by_token, "close-lost-after";
    a_close_lost_on_the_way: by_token, "close-lost-before";
    results_that_break_off: by_token, "successful-truncated";
    results_that_end_early: by_token, "successful-cut-short";
    a_job_that_vanished_halfway: by_token, "job-vanished-halfway";
    a_job_that_failed_halfway: by_token, "job-failed";
}

#[test]
fn a_spent_allowance_exits_4_and_resume_finishes() {
    let mut run = Run::by_token(Some("403-on-create"));
    assert_eq!(run.done.code, 4, "{}", run.done.stderr);
    let said = &run.done.stderr;
    assert!(said.contains("admit resume out"), "{said}");
    assert!(!run.world.path("out/success.csv").exists());
    run.resume();
    run.is_as_if_nothing_had_happened();
}

#[test]
fn a_dead_token_exits_6_and_resume_finishes() {
    let mut run = Run::by_token(Some("401-on-poll"));
    assert_eq!(run.done.code, 6, "{}", run.done.stderr);
    let said = &run.done.stderr;
    assert!(said.contains("admit resume out"), "{said}");
    run.resume();
    run.is_as_if_nothing_had_happened();
}
