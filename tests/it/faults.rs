//! `--faults`: what is taken for a plan, and how its faults look on a wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::world::{World, sample};

const ROWS: &str = "ContactId,Profile,Region__c\n\
                    0035g000010p2vgAAA,Acme Partner,DACH\n";

#[test]
fn a_plan_is_a_name_or_a_file_and_anything_else_is_refused_before_the_walk() {
    let world = World::new();
    let rows = world.file("rows.csv", ROWS);
    let calm = world.rehearse(&rows, "calm", &["--faults", "calm"]);
    assert_eq!(calm.code, 0, "{}", calm.stderr);
    let drill = sample("faults/drill-503-on-first-poll.toml");
    let drilled = world.rehearse(&rows, "drill", &["--faults", drill.to_str().unwrap()]);
    assert_eq!(drilled.code, 0, "{}", drilled.stderr);

    let unknown = world.rehearse(&rows, "unknown", &["--faults", "squally"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("squally"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("calm, busy, stormy, hostile"));
    world.file(
        "bad.toml",
        "# oh\n[[request]]\nat = \"put\"\ndo = \"explode\"\n",
    );
    let invalid = world.rehearse(&rows, "invalid", &["--faults", "bad.toml"]);
    assert_eq!(invalid.code, 2);
    assert!(
        invalid.stderr.contains("at: bad.toml, line 4"),
        "{}",
        invalid.stderr
    );
    assert!(!world.path("unknown").exists() && !world.path("invalid").exists());
    let served = world.admit(&["sim", "--faults", "bad.toml"]);
    assert_eq!((served.code, served.stdout.as_str()), (2, ""));
    let checked = world.check(&rows, "checked", &["--faults", "calm"]);
    assert_eq!(checked.code, 2, "check plays nothing");
}

#[test]
fn a_lock_error_of_the_plan_reaches_failure_csv() {
    let world = World::new();
    let rows = world.file("rows.csv", ROWS);
    world.file(
        "locks.toml",
        "[[job]]\nobject = \"User\"\ndo = { lock-rows = { rows = 1.0 } }\n",
    );
    let done = world.rehearse(&rows, "out", &["--faults", "locks.toml"]);
    assert_ne!(done.code, 0, "{}", done.stdout);
    let reasons = world
        .table("out", "failure.csv")
        .cells("admit__Reason")
        .join("\n");
    assert!(
        reasons.contains("unable to obtain exclusive access"),
        "{reasons}"
    );
}

/// A served org that plays a plan, stopped when it is dropped.
struct Served {
    process: Child,
    address: String,
    token: String,
}

impl Served {
    fn playing(world: &World, plan: &str) -> Self {
        world.file("plan.toml", plan);
        let mut process = Command::new(env!("CARGO_BIN_EXE_admit"))
            .args(["sim", "--faults", "plan.toml"])
            .current_dir(world.path(""))
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(name).unwrap().to_owned()
        };
        let address = value("SF_INSTANCE_URL=http://");
        let token = value("SF_ACCESS_TOKEN=");
        Self {
            process,
            address,
            token,
        }
    }

    /// Everything that comes back on a connection that is asked to stay, until it ends.
    fn ask(&self, request: &str, body: &str) -> String {
        self.asked(request, "keep-alive", body)
    }

    /// The same on a connection that ends with the answer.
    fn ask_once(&self, request: &str, body: &str) -> String {
        self.asked(request, "close", body)
    }

    fn asked(&self, request: &str, connection: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (token, length) = (&self.token, body.len());
        let text = format!(
            "{request} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {token}\r\n\
             Connection: {connection}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut heard = Vec::new();
        // However it ends, what came before is what a client has.
        let _ = stream.read_to_end(&mut heard);
        String::from_utf8_lossy(&heard).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const JOBS: &str = "/services/data/v67.0/jobs/ingest";
const JOB: &str = r#"{"object":"User","operation":"insert"}"#;

#[test]
fn on_a_wire_a_reset_drops_the_connection_without_a_byte() {
    let world = World::new();
    for (deed, jobs) in [("reset", 0), ("refuse", 0), ("lose-answer", 1)] {
        let plan = format!("[[request]]\nat = \"create\"\nnth = 1\ndo = \"{deed}\"\n");
        let served = Served::playing(&world, &plan);
        assert_eq!(served.ask(&format!("POST {JOBS}"), JOB), "", "{deed}");
        let listed = served.ask_once(&format!("GET {JOBS}"), "");
        assert_eq!(
            listed.matches("\"state\":\"Open\"").count(),
            jobs,
            "{listed}"
        );
        let created = served.ask_once(&format!("POST {JOBS}"), JOB);
        assert!(created.starts_with("HTTP/1.1 200 OK"), "{created}");
    }
}

#[test]
fn on_a_wire_a_broken_body_is_shorter_than_promised_and_a_shortened_one_is_not() {
    let world = World::new();
    let plan = "[[request]]\nat = \"limits\"\nnth = 1\ndo = { break = { keep = 0.5 } }\n\
                [[request]]\nat = \"limits\"\nnth = 1\ndo = { shorten = { keep = 0.5 } }\n\
                [[request]]\nat = \"limits\"\nnth = 1\ndo = { answer = { status = 503, html = true } }\n";
    let served = Served::playing(&world, plan);
    let limits = "GET /services/data/v67.0/limits";
    let (promised, came) = lengths(&served.ask(limits, ""));
    assert!(0 < came && came < promised, "{came} of {promised}");
    let short = served.ask_once(limits, "");
    let (promised_now, came_now) = lengths(&short);
    assert_eq!(promised_now, came_now);
    assert!(!short.ends_with('}'), "{short}");
    let page = served.ask_once(limits, "");
    assert!(page.starts_with("HTTP/1.1 503"), "{page}");
    assert!(page.contains("text/html"), "{page}");
    let (whole_promised, whole) = lengths(&served.ask_once(limits, ""));
    assert_eq!((whole_promised, whole), (promised, promised));
}

/// Bytes of the body that were promised, and that came.
fn lengths(answer: &str) -> (usize, usize) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let folded = head.to_ascii_lowercase();
    let length = folded
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    (length.parse().unwrap(), body.len())
}
