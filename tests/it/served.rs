//! The simulated org in a process of its own, as `admit sim` serves it, and what it saw.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::org_like::edited_org;
use crate::world::{Done, Table, World, assert_said, sample};

/// A run that asks nothing and has many jobs, one after another.
pub(crate) const SMALL_JOBS: [&str; 7] = [
    "--yes",
    "--welcome",
    "now",
    "--rows-per-job",
    "3",
    "--lanes",
    "1",
];

/// Rows of a run that is stopped under way.
const ROWS_UNDER_WAY: usize = 100;

/// A served org; it ends with this value.
pub(crate) struct Served {
    process: Child,
    url: String,
    token: String,
    log: PathBuf,
}

/// A request as the server saw it.
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) at_ms: u64,
}

impl Served {
    /// Serves the sample org with further flags of `admit sim`.
    pub(crate) fn start(world: &World, flags: &[&str]) -> Self {
        let log = world.path("requests.log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_admit"))
            .args(["sim", "--port", "0", "--log"])
            .arg(&log)
            .args(flags)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            let value = line.strip_prefix(name).unwrap().strip_prefix('=').unwrap();
            value.trim_matches('\'').to_owned()
        };
        let (url, token) = (value("SF_INSTANCE_URL"), value("SF_ACCESS_TOKEN"));
        Self {
            process,
            url,
            token,
            log,
        }
    }

    /// Serves an org like the sample's with parts of its files replaced: file, old, new.
    pub(crate) fn start_with(world: &World, edits: &[(&str, &str, &str)]) -> Self {
        let folder = edited_org(world, edits);
        Self::start(world, &["--org", folder.to_str().unwrap()])
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// What `admit` needs to find it.
    pub(crate) fn variables(&self) -> [(&str, &str); 2] {
        [
            ("SF_INSTANCE_URL", &self.url),
            ("SF_ACCESS_TOKEN", &self.token),
        ]
    }

    /// Runs a file into the folder `out`, quickly, with further flags.
    pub(crate) fn run(&self, world: &World, contacts: &Path, out: &str, flags: &[&str]) -> Done {
        let words = run_words(contacts, out, flags);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        world.admit_with(&words, &self.variables())
    }

    /// Finishes a run, quickly: the words of `admit resume`.
    pub(crate) fn resume(&self, world: &World, words: &[&str]) -> Done {
        self.go_on("resume", world, words)
    }

    /// Ends a run: the words of `admit abort`.
    pub(crate) fn abort(&self, world: &World, words: &[&str]) -> Done {
        self.go_on("abort", world, words)
    }

    /// Finishes or ends a run: the verb and its words.
    pub(crate) fn go_on(&self, verb: &str, world: &World, words: &[&str]) -> Done {
        let words = go_on_words(verb, words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        world.admit_with(&words, &self.variables())
    }

    /// Begins such a run and returns while it goes on; its progress comes as JSON lines.
    pub(crate) fn begin(&self, world: &World, contacts: &Path, out: &str, flags: &[&str]) -> Going {
        self.go(world, run_words(contacts, out, flags))
    }

    /// Begins such a run of 100 rows into `out`, and returns once its first job is settled.
    pub(crate) fn under_way(&self, world: &World, out: &str, flags: &[&str]) -> Going {
        let contacts = first_rows(world, "some.csv", ROWS_UNDER_WAY);
        let mut going = self.begin(world, &contacts, out, flags);
        going.wait_for(&["\"job\"", "results stored"]);
        going
    }

    /// A run of 100 rows into `out`, stopped after its first jobs.
    pub(crate) fn stopped(&self, world: &World, out: &str, flags: &[&str], signal: &str) {
        let going = self.under_way(world, out, flags);
        going.signal(signal);
        assert_said(&going.end(), 4, &[&format!("admit resume {out}")]);
    }

    /// Every row of such a run has one end, and every user that was not there before is reported.
    pub(crate) fn assert_whole(&self, world: &World, out: &str) {
        let rows = |name| world.table(out, name).rows.len();
        assert_eq!(rows("success.csv") + rows("failure.csv"), ROWS_UNDER_WAY);
        let users = self.query("SELECT Id FROM User WHERE ContactId != null");
        assert_eq!(users.len() - users_before(), rows("success.csv"));
    }

    fn go(&self, world: &World, mut words: Vec<String>) -> Going {
        words.push("--json".to_owned());
        let mut process = Command::new(env!("CARGO_BIN_EXE_admit"))
            .args(&words)
            .current_dir(world.path(""))
            .env_clear()
            .env("HOME", world.path(""))
            .envs(self.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        Going {
            process,
            stderr,
            said: String::new(),
        }
    }

    /// Every request so far, in the order they came.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let log = std::fs::read_to_string(&self.log).unwrap();
        let seen = log.lines().map(|line| {
            let mut words = line.split(' ');
            Seen {
                method: words.next().unwrap().to_owned(),
                path: words.next().unwrap().to_owned(),
                at_ms: words.nth(2).unwrap().parse().unwrap(),
            }
        });
        let mut seen: Vec<_> = seen.collect();
        seen.sort_by_key(|request| request.at_ms);
        seen
    }

    /// Sends a request over a socket of its own: "POST /jobs/ingest", content type, body. Gives
    /// back the body, once the org said yes.
    pub(crate) fn ask(&self, request: &str, content_type: &str, body: &str) -> String {
        let (method, path) = request.split_once(' ').unwrap();
        let path = if path.starts_with("/services") {
            path.to_owned()
        } else {
            format!("/services/data/v67.0{path}")
        };
        let (token, length) = (&self.token, body.len());
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        let (status, body) = heard.split_once("\r\n\r\n").unwrap();
        assert!(status.starts_with("HTTP/1.1 2"), "{request}: {heard}");
        body.to_owned()
    }

    /// Inserts the rows of a CSV as somebody else would, by a job of their own; all must pass.
    pub(crate) fn insert(&self, object: &str, csv: &str) {
        let json = "application/json";
        let spec = format!(r#"{{"object":"{object}","operation":"insert"}}"#);
        let job: serde_json::Value =
            serde_json::from_str(&self.ask("POST /jobs/ingest", json, &spec)).unwrap();
        let job = job["id"].as_str().unwrap();
        self.ask(&format!("PUT /jobs/ingest/{job}/batches"), "text/csv", csv);
        let close = r#"{"state":"UploadComplete"}"#;
        self.ask(&format!("PATCH /jobs/ingest/{job}"), json, close);
        loop {
            let state = self.ask(&format!("GET /jobs/ingest/{job}"), json, "");
            if state.contains("JobComplete") {
                assert!(state.contains("\"numberRecordsFailed\":0"), "{state}");
                return;
            }
        }
    }

    /// All records of a query.
    pub(crate) fn query(&self, soql: &str) -> Vec<serde_json::Value> {
        let mut next = Some(format!("GET /query?q={}", soql.replace(' ', "+")));
        let mut records = Vec::new();
        while let Some(request) = next {
            let mut page: serde_json::Value =
                serde_json::from_str(&self.ask(&request, "text/plain", "")).unwrap();
            records.append(page["records"].as_array_mut().unwrap());
            next = page["nextRecordsUrl"]
                .as_str()
                .map(|url| format!("GET {url}"));
        }
        records
    }

    /// Ingest jobs that were made.
    pub(crate) fn jobs_made(&self) -> usize {
        self.seen().iter().filter(|one| one.makes_a_job()).count()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already, with the test.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Seen {
    pub(crate) fn makes_a_job(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/jobs/ingest")
    }
}

/// A run under way.
pub(crate) struct Going {
    process: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Going {
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits until a line holds all of these.
    pub(crate) fn wait_for(&mut self, parts: &[&str]) {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "{parts:?} never came: {}", self.said);
            self.said.push_str(&line);
            if parts.iter().all(|part| line.contains(part)) {
                return;
            }
        }
    }

    /// Sends it a signal by name, as a shell would.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Done {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let mut stdout = String::new();
        let mut out = self.process.stdout.take().unwrap();
        out.read_to_string(&mut stdout).unwrap();
        let status = self.process.wait().unwrap();
        Done {
            code: status.code().unwrap_or(-1),
            stdout,
            stderr: self.said,
        }
    }
}

fn run_words(contacts: &Path, out: &str, flags: &[&str]) -> Vec<String> {
    let contacts = contacts.to_str().unwrap();
    let words = ["run", contacts, "--out", out, "--state-dir", "state"];
    quickly(&words, flags)
}

fn go_on_words(verb: &str, flags: &[&str]) -> Vec<String> {
    quickly(&[verb, "--state-dir", "state"], flags)
}

fn quickly(words: &[&str], flags: &[&str]) -> Vec<String> {
    let pace = ["--poll-ms", "10", "--requests-per-second", "400"];
    let named = |flag: &&str| flags.contains(flag);
    // What a test sets itself is not set here.
    let pace = pace
        .chunks(2)
        .filter(|pair| !named(&pair[0]))
        .flatten()
        .copied();
    let flags = flags.iter().copied();
    let words = words.iter().copied();
    words.chain(pace).chain(flags).map(str::to_owned).collect()
}

/// The first rows of the sample file, in a file of their own.
pub(crate) fn first_rows(world: &World, name: &str, count: usize) -> PathBuf {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_path(sample("contacts.csv"))
        .unwrap();
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for record in reader.byte_records().take(count + 1) {
        writer.write_byte_record(&record.unwrap()).unwrap();
    }
    world.file(name, writer.into_inner().unwrap())
}

/// Users of contacts that the sample org has from the start.
pub(crate) fn users_before() -> usize {
    let users = Table::read(&std::fs::read(sample("org/User.csv")).unwrap());
    let contacts = users.cells("ContactId").into_iter();
    contacts.filter(|id| !id.is_empty()).count()
}

/// Serves an org in which others hold the usernames of the file's first good rows.
pub(crate) fn names_held_elsewhere(world: &World, contacts: &Path) -> Served {
    world.rehearse(contacts, "names", &[]);
    let success = world.table("names", "success.csv");
    let names = success.cells("admit__Username");
    let names: Vec<String> = names.iter().map(|name| format!("{name:?},")).collect();
    let old = "\"channel.desk0@another-org.example.org\",";
    Served::start_with(world, &[("org.toml", old, &names.concat())])
}
