//! The org behind https: a whole run over it, and what an upload holds in memory meanwhile.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use admit::model::settings::PacingSettings;
use admit::salesforce::http::HttpTransport;
use admit::salesforce::transport::Body;
use admit::salesforce::{AccessToken, Login, Org};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::logins;
use crate::org_like::edited_org;
use crate::run_over_http::essence;
use crate::served::Served;
use crate::world::{World, sample};

/// What an open upload may hold, whatever the size of its job.
const UPLOAD_BYTES_MAX: u64 = 32 << 20;
/// About the most the org takes in one job.
const JOB_BYTES: u64 = 95_000_000;
/// Uploads that are open at the same time.
const UPLOADS: u64 = 2;

/// The org behind https, and the authority that vouches for it.
fn served(world: &World) -> (Served, PathBuf) {
    served_with(world, &[])
}

/// The same, with further flags of `admit sim`.
fn served_with(world: &World, more: &[&str]) -> (Served, PathBuf) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "admit test authority");
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();

    let roots = world.file("roots.pem", root.pem());
    let cert = world.file("leaf.pem", leaf.pem());
    let key = world.file("leaf.key", key.serialize_pem());
    let flags = ["--tls-cert", cert.to_str().unwrap()];
    let flags = [&flags[..], &["--tls-key", key.to_str().unwrap()], more].concat();
    (Served::start(world, &flags), roots)
}

#[test]
fn a_run_over_https_ends_with_the_same_files_as_a_rehearsal() {
    let world = World::new();
    let (served, roots) = served(&world);
    let contacts = sample("contacts.csv");
    let words = ["run", contacts.to_str().unwrap(), "--out", "ran", "--yes"];
    let flags = ["--welcome", "now", "--poll-ms", "10"];
    let words = [&words[..], &flags, &["--requests-per-second", "400"]].concat();

    let stranger = world.admit_with(&words, &served.variables());
    assert_eq!(stranger.code, 6, "nobody vouches: {}", stranger.stderr);
    let url = served.variables()[0].1;
    let why = format!("the certificate of {url} is not trusted: invalid peer certificate");
    assert!(stranger.stderr.contains(&why), "{}", stranger.stderr);
    assert!(
        stranger.stderr.contains("`SSL_CERT_FILE`"),
        "{}",
        stranger.stderr
    );
    assert!(served.seen().is_empty(), "not a byte for a stranger");

    let trusts = [("SSL_CERT_FILE", roots.to_str().unwrap())];
    let variables = [&served.variables()[..], &trusts].concat();
    let done = world.admit_with(&words, &variables);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let rehearsed = world.rehearse(&contacts, "rehearsed", &[]);
    assert_eq!(rehearsed.code, 3, "{}", rehearsed.stderr);
    for name in ["success.csv", "failure.csv"] {
        let essence = |out: &str| essence(&world.table(out, name));
        assert!(essence("ran") == essence("rehearsed"), "{name} differs");
    }
}

#[test]
fn an_auth_url_logs_in_over_https_and_again_when_its_token_dies() {
    let world = World::new();
    let refresh = "5Aep861.fresh_token==";
    let facts = format!(
        "client_id = \"PlatformCLI\"\nclient_secret = \"\"\nrefresh_token = \
         \"{refresh}\"\n\n[features]"
    );
    let org = edited_org(&world, &[("org.toml", "[features]", &facts)]);
    let more = ["--org", org.to_str().unwrap(), "--token-requests", "13"];
    let (served, roots) = served_with(&world, &more);
    let run = |out: &str, token: &str| {
        let host = served.variables()[0].1.strip_prefix("https://").unwrap();
        let url = format!("force://PlatformCLI::{token}@{host}");
        let variables = [
            ("SFDX_AUTH_URL", url.as_str()),
            ("SSL_CERT_FILE", roots.to_str().unwrap()),
        ];
        logins::run(&world, out, &variables, &[])
    };
    let wrong = run("wrong", "stale");
    assert_eq!(wrong.code, 6, "{}", wrong.stderr);
    let why = "the login was refused: status 400 invalid_grant";
    assert!(wrong.stderr.contains(why), "{}", wrong.stderr);

    let done = run("out", refresh);
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(!world.table("out", "success.csv").rows.is_empty());
    let seen = served.seen();
    let logins = seen
        .iter()
        .filter(|one| one.path.ends_with("/oauth2/token"));
    assert!(logins.count() > 3, "the token died under way");
    for (name, bytes) in world.files("out") {
        let holds = String::from_utf8_lossy(&bytes).contains(refresh);
        assert!(!holds, "{name} holds the refresh token");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_open_upload_holds_little_of_its_job_in_memory() {
    let world = World::new();
    let (served, roots) = served(&world);
    let job = world.path("job.csv");
    std::fs::File::create(&job)
        .unwrap()
        .set_len(JOB_BYTES)
        .unwrap();
    // In a process of its own, whose peak is nobody else's.
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tls::the_process_that_uploads", "--nocapture"])
        .envs(served.variables())
        .env("SSL_CERT_FILE", roots)
        .env("ADMIT_TEST_JOB", job)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let grown = said
        .lines()
        .find_map(|line| line.split_once("grown by ").map(|(_, bytes)| bytes));
    let grown: u64 = grown.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    let sent = served.seen();
    let sent = sent.iter().filter(|one| one.path.ends_with("/batches"));
    assert_eq!(sent.count() as u64, UPLOADS);
    let each = grown / UPLOADS;
    assert!(each < UPLOAD_BYTES_MAX, "{each} bytes for an upload");
}

/// Does nothing unless the test above started it.
#[expect(
    clippy::print_stdout,
    reason = "what it found goes to the test that started it"
)]
#[cfg(target_os = "linux")]
#[test]
fn the_process_that_uploads() {
    let variable = |name: &str| std::env::var(name).ok();
    let Some(job) = variable("ADMIT_TEST_JOB") else {
        return;
    };
    let url = variable("SF_INSTANCE_URL").unwrap();
    let token = AccessToken::parse(&variable("SF_ACCESS_TOKEN").unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let transport = Arc::new(HttpTransport::new(&url).unwrap());
        let pacing = PacingSettings::default();
        let org = Org::new(transport, Login::Token(token), &pacing, "67.0", 0);
        // All that a first request costs is there already.
        let first = org.create_ingest_job("User").await.unwrap();
        let second = org.create_ingest_job("User").await.unwrap();
        let before = peak_bytes();
        let data = || Body::JobData {
            header: "Username\n".into(),
            file: job.clone().into(),
            offset: 0,
            length: JOB_BYTES,
        };
        let sent = tokio::join!(
            org.put_job_data(first.id, data()),
            org.put_job_data(second.id, data())
        );
        sent.0.unwrap();
        sent.1.unwrap();
        println!("\ngrown by {}", peak_bytes() - before);
    });
}

/// The most memory this process ever held.
#[cfg(target_os = "linux")]
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    let peak = peak.unwrap().split_whitespace().nth(1).unwrap();
    peak.parse::<u64>().unwrap() << 10
}
