//! `admit sim`, the binary, as any HTTP client meets it: bytes in, bytes out over a bare socket,
//! so that no client of ours can paper over what is wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use flate2::read::GzDecoder;

use crate::user_rows::{Fault, user_csv};
use crate::world::World;

/// A running org, stopped when it is dropped.
struct Served {
    process: Child,
    address: String,
    token: String,
}

/// One answer, its body as it came.
struct Heard {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Served {
    fn start(world: &World, flags: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_admit"))
            .arg("sim")
            .args(flags)
            .current_dir(world.path(""))
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(&format!("{name}=")).unwrap().to_owned()
        };
        let url = value("SF_INSTANCE_URL");
        let token = value("SF_ACCESS_TOKEN");
        let address = url.strip_prefix("http://").unwrap().to_owned();
        Self {
            process,
            address,
            token,
        }
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).unwrap();
        Connection {
            token: self.token.clone(),
            reader: BufReader::new(stream),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One connection, kept for many requests.
struct Connection {
    token: String,
    reader: BufReader<TcpStream>,
}

impl Connection {
    /// Sends a request with further header lines; `body` goes out as it is.
    fn ask(&mut self, request: &str, headers: &[&str], body: &[u8]) -> Heard {
        let token = format!("Authorization: Bearer {}", self.token);
        let first = format!("{request} HTTP/1.1");
        let mut lines = vec![first.as_str(), "Host: sim", &token];
        lines.extend(headers);
        lines.extend(["", ""]);
        let stream = self.reader.get_mut();
        stream.write_all(lines.join("\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        self.hear(request.starts_with("HEAD"))
    }

    fn hear(&mut self, has_no_body: bool) -> Heard {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.reader.read_line(&mut head).unwrap() > 0, "hung up");
        }
        let head = head.to_ascii_lowercase();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if has_no_body { 0 } else { length }];
        self.reader.read_exact(&mut body).unwrap();
        Heard {
            status: head[9..12].parse().unwrap(),
            head,
            body,
        }
    }

    /// With a body of that content type and length.
    fn send(&mut self, request: &str, content_type: &str, body: &[u8]) -> Heard {
        let headers = [
            format!("Content-Type: {content_type}"),
            format!("Content-Length: {}", body.len()),
        ];
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        self.ask(request, &headers, body)
    }

    /// Creates an ingest job for users; gives its path.
    fn create_job(&mut self) -> String {
        let body = br#"{"object":"User","operation":"insert"}"#;
        let created = self.send(
            "POST /services/data/v67.0/jobs/ingest",
            "application/json",
            body,
        );
        assert_eq!(created.status, 200);
        let id = created.json()["id"].as_str().unwrap().to_owned();
        format!("/services/data/v67.0/jobs/ingest/{id}")
    }

    /// Closes a job and waits for its end.
    fn finish(&mut self, job: &str) -> serde_json::Value {
        let close = br#"{"state":"UploadComplete"}"#;
        let closed = self.send(&format!("PATCH {job}"), "application/json", close);
        assert_eq!(closed.status, 200);
        for _ in 0..10_000 {
            let info = self.ask(&format!("GET {job}"), &[], b"").json();
            if info["state"] == "JobComplete" {
                return info;
            }
        }
        panic!("the job never ended");
    }
}

impl Heard {
    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    fn unpacked(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(&*self.body).read_to_end(&mut plain).unwrap();
        plain
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}: ");
    head.lines().find_map(|line| line.strip_prefix(&start))
}

#[test]
fn one_connection_serves_many_requests_and_odd_methods_get_405() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let mut line = served.connect();
    for (request, status) in [
        ("GET /services/data/", 200),
        ("HEAD /services/data", 405),
        ("OPTIONS /services/data", 405),
        ("BREW /services/data", 405),
        ("GET /nowhere", 404),
        ("GET /services/data/v20.0/limits", 410),
        ("GET /services/data/v67.0/limits", 200),
    ] {
        let heard = line.ask(request, &[], b"");
        assert_eq!(heard.status, status, "{request}");
        assert!(heard.header("content-length").is_some(), "{request}");
    }
}

#[test]
fn answers_are_gzipped_for_those_who_ask() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let mut line = served.connect();
    let describe = "GET /services/data/v67.0/sobjects/User/describe";
    let plain = line.ask(describe, &[], b"");
    assert_eq!(plain.header("content-encoding"), None);
    for accept in ["gzip, deflate", "deflate;q=0.5,GZIP;q=1.0"] {
        let packed = line.ask(describe, &[&format!("Accept-Encoding: {accept}")], b"");
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{accept}");
        assert!(packed.body.len() < plain.body.len() / 4);
        assert_eq!(packed.unpacked(), plain.body);
    }
    for accept in ["identity", "gzip;q=0", "*"] {
        let heard = line.ask(describe, &[&format!("Accept-Encoding: {accept}")], b"");
        assert_eq!(heard.header("content-encoding"), None, "{accept}");
    }
}

#[test]
fn job_data_may_come_chunked_or_gzipped() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let mut line = served.connect();
    let csv = user_csv("chunked", &[Fault::NoRegion]);

    let job = line.create_job();
    let mut body = Vec::new();
    for piece in csv.as_bytes().chunks(100) {
        body.extend(format!("{:x}\r\n", piece.len()).bytes());
        body.extend(piece);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\n");
    let headers = ["Content-Type: text/csv", "Transfer-Encoding: chunked"];
    let put = line.ask(&format!("PUT {job}/batches"), &headers, &body);
    assert_eq!(put.status, 201);
    let info = line.finish(&job);
    assert_eq!(info["numberRecordsProcessed"], 12);
    assert_eq!(info["numberRecordsFailed"], 1);

    let job = line.create_job();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(csv.as_bytes()).unwrap();
    let body = packer.finish().unwrap();
    let length = format!("Content-Length: {}", body.len());
    let headers = ["Content-Type: text/csv", "Content-Encoding: gzip", &length];
    let put = line.ask(&format!("PUT {job}/batches"), &headers, &body);
    assert_eq!(put.status, 201);
    let info = line.finish(&job);
    assert_eq!(
        info["numberRecordsFailed"], 12,
        "their contacts have users now"
    );
}

#[test]
fn an_oversized_upload_is_refused_by_the_org_and_the_line_stays_open() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let mut line = served.connect();
    let job = line.create_job();
    let data = vec![b'x'; 150_000_001];
    let put = line.send(&format!("PUT {job}/batches"), "text/csv", &data);
    assert_eq!(put.status, 400);
    assert_eq!(put.json()[0]["errorCode"], "LIMIT_EXCEEDED");
    assert_eq!(
        line.ask(&format!("GET {job}"), &[], b"").json()["state"],
        "Open"
    );
}

#[test]
fn answers_name_the_address_that_is_served() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let mut line = served.connect();
    let base = format!("http://{}", served.address);
    let form = b"grant_type=client_credentials&client_id=a&client_secret=b";
    let token = line.send(
        "POST /services/oauth2/token",
        "application/x-www-form-urlencoded",
        form,
    );
    assert_eq!(token.json()["instance_url"], base);
    let identity = token.json()["id"].as_str().unwrap().to_owned();
    let path = identity.strip_prefix(&base).unwrap();
    let told = line
        .ask(&format!("GET {path}?format=json"), &[], b"")
        .json();
    assert_eq!(told["id"], identity);
    assert_eq!(told["username"], "ada.admin@acme.example.com");
}

#[test]
fn the_log_holds_a_line_for_every_request_and_no_query() {
    let world = World::new();
    let served = Served::start(&world, &["--log", "log.txt"]);
    let mut line = served.connect();
    line.ask(
        "GET /services/data/v67.0/query?q=SELECT+Email+FROM+User",
        &[],
        b"",
    );
    line.ask("GET /nowhere", &[], b"");
    let log = std::fs::read_to_string(world.path("log.txt")).unwrap();
    let lines: Vec<Vec<&str>> = log.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(lines[0][..3], ["GET", "/services/data/v67.0/query", "200"]);
    assert_eq!(lines[1][..3], ["GET", "/nowhere", "404"]);
    assert!(lines.iter().all(|line| line.len() == 5), "{log}");
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_well_and_frees_the_port() {
    let world = World::new();
    let mut served = Served::start(&world, &[]);
    let mut line = served.connect();
    assert_eq!(line.ask("GET /services/data", &[], b"").status, 200);
    let port = served.address.rsplit(':').next().unwrap().to_owned();
    let taken = world.admit(&["sim", "--port", &port]);
    assert_eq!(taken.code, 2);
    assert!(taken.stdout.is_empty(), "{}", taken.stdout);
    assert!(taken.stderr.contains("--port"), "{}", taken.stderr);
    let killed = Command::new("kill")
        .arg(served.process.id().to_string())
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(served.process.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(&served.address).is_err());
}

#[test]
fn what_cannot_be_served_is_said_with_a_remedy() {
    let world = World::new();
    world.file("empty.pem", "");
    for (flags, told) in [
        (&["--org", "nowhere"][..], "org.toml"),
        (
            &["--tls-cert", "nowhere.pem", "--tls-key", "empty.pem"],
            "nowhere.pem",
        ),
        (
            &["--tls-cert", "empty.pem", "--tls-key", "empty.pem"],
            "no certificate",
        ),
        (&["--tls-cert", "empty.pem"], "--tls-key"),
        (&["--log", "no/such/folder"], "no/such/folder"),
        (&["--speed", "0"], "--speed"),
        (&["--port", "65536"], "--port"),
    ] {
        let mut args = vec!["sim"];
        args.extend(flags);
        let done = world.admit(&args);
        assert_eq!(done.code, 2, "{flags:?}: {}", done.stderr);
        assert!(done.stderr.contains(told), "{flags:?}: {}", done.stderr);
    }
}
