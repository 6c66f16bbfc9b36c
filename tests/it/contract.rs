//! One conversation, two lines: the simulated org in memory, and the same org behind a loopback
//! socket with the real client at the other end. It must answer the same, times apart.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use admit::model::job::{JobInfo, ResultKind};
use admit::model::settings::PacingSettings;
use admit::salesforce::http::HttpTransport;
use admit::salesforce::transport::{Body, Transport};
use admit::salesforce::{AccessToken, Login, Org, QueryOperation};
use admit::sim::{Seed, Server, SimOptions, SimOrg};
use bytes::Bytes;

use crate::user_rows::{Fault, user_csv};
use crate::waiting::Looks;
use crate::world::Table;

/// What was answered, question by question, without what depends on time.
type Transcript = BTreeMap<&'static str, String>;

#[test]
fn the_org_answers_over_a_socket_as_it_does_in_memory() {
    let in_memory = converse_in_memory();
    let over_a_socket = converse_over_a_socket();
    assert_eq!(
        in_memory.keys().collect::<Vec<_>>(),
        over_a_socket.keys().collect::<Vec<_>>()
    );
    for (question, answer) in &in_memory {
        assert_eq!(answer, &over_a_socket[question], "{question}");
    }
}

fn seed() -> Seed {
    let mut seed = Seed::sample();
    // The same for both lines, because how far a job has come shows in what it counts.
    seed.org.speed = 100_000;
    seed
}

fn converse_in_memory() -> Transcript {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let seed = seed();
        let token = AccessToken::parse(seed.access_token()).unwrap();
        let sim = Arc::new(SimOrg::new(seed, SimOptions::default()));
        converse(org(sim, token)).await
    })
}

fn converse_over_a_socket() -> Transcript {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut seed = seed();
        let server = Server::bind(0, None).await.unwrap();
        seed.org.instance_url = server.instance_url();
        let token = AccessToken::parse(seed.access_token()).unwrap();
        let transport = HttpTransport::new(seed.instance_url()).unwrap();
        let options = SimOptions {
            latency: Duration::ZERO,
            ..SimOptions::default()
        };
        let sim = Arc::new(SimOrg::new(seed, options));
        let serving = server.serve(sim, Arc::new(|_| ()), std::future::pending());
        tokio::select! {
            biased;
            transcript = converse(org(Arc::new(transport), token)) => transcript,
            () = serving => unreachable!("nobody asked it to stop"),
        }
    })
}

/// Waits of milliseconds: one of the lines lives in real time.
fn org(transport: Arc<dyn Transport>, token: AccessToken) -> Org {
    let pacing = PacingSettings {
        requests_per_second: 1_000,
        poll_first_ms: 5,
        poll_longest_ms: 50,
        backoff_first_ms: 5,
        backoff_longest_ms: 50,
        ..PacingSettings::default()
    };
    Org::new(transport, Login::Token(token), &pacing, "67.0", 1)
}

async fn converse(org: Org) -> Transcript {
    let mut said = Transcript::new();
    said.insert("user info", format!("{:?}", org.user_info().await.unwrap()));
    said.insert("versions", org.versions().await.unwrap().join(" "));
    said.insert("objects", org.describe_global().await.unwrap().join(" "));
    said.insert(
        "describe",
        format!("{:?}", org.describe("User").await.unwrap()),
    );
    ask(&org, &mut said).await;
    refuse(&org, &mut said).await;
    ingest(&org, &mut said).await;
    let created = org
        .query("SELECT Username, ContactId, IsActive FROM User WHERE Username LIKE 'contract.%'")
        .await
        .unwrap();
    let mut created: Vec<&str> = created.iter().map(|user| user.text("Username")).collect();
    created.sort_unstable();
    said.insert("users afterwards", created.join(" "));
    let limits = org.limits().await.unwrap();
    // Polls are requests too, and how many there are is a matter of time: maxima only.
    let limits = limits.by_name.iter();
    let limits: Vec<String> = limits
        .map(|(name, left)| format!("{name} {}", left.max))
        .collect();
    said.insert("limits", limits.join(" "));
    said
}

/// Queries of both kinds, with several pages each.
async fn ask(org: &Org, said: &mut Transcript) {
    let records = org
        .query("SELECT Id, Name, Account.Name, Account.Owner.Username FROM Contact ORDER BY Id")
        .await
        .unwrap();
    assert!(records.len() > 2_000, "more than a page");
    let lines = records.iter().map(|record| {
        let cells = ["Id", "Name", "Account.Name", "Account.Owner.Username"];
        cells.map(|cell| record.text(cell)).join("|")
    });
    said.insert("query", lines.collect::<Vec<_>>().join("\n"));
    for (question, operation) in [
        ("bulk query", QueryOperation::Query),
        ("bulk query of all", QueryOperation::QueryAll),
    ] {
        let mut lines = Vec::new();
        let mut on_row = |columns: &csv::StringRecord, row: &csv::StringRecord| {
            lines.push(format!("{columns:?} {row:?}"));
        };
        let soql = "SELECT Id, Email, AccountId, IsDeleted FROM Contact";
        let rows = org.bulk_query(operation, soql, &mut on_row).await.unwrap();
        assert_eq!(rows, lines.len() as u64);
        said.insert(question, lines.join("\n"));
    }
}

/// What the org refuses outright.
async fn refuse(org: &Org, said: &mut Transcript) {
    let fault = org.query("SELECT Nothing FROM User").await.unwrap_err();
    said.insert("a field that is not there", fault.to_string());
    let fault = org.create_ingest_job("Nothing").await.unwrap_err();
    said.insert("an object that is not there", fault.to_string());
}

/// A job with good and bad rows, one with a header nobody knows, one that is given up.
async fn ingest(org: &Org, said: &mut Transcript) {
    let good_and_bad = user_csv("contract", &[Fault::NoRegion, Fault::UsernameTaken]);
    let ended = load(org, good_and_bad).await;
    assert_eq!((ended.processed_count, ended.failed_count), (12, 2));
    said.insert("the job", essence(&ended));
    said.insert("its results", results(org, &ended).await);

    let ended = load(org, "Username,Nothing__c\na@b.example,x\n".to_owned()).await;
    assert!(ended.error_message.is_some());
    said.insert("a failed job", essence(&ended));
    said.insert("results of a failed job", results(org, &ended).await);

    let job = org.create_ingest_job("User").await.unwrap();
    let aborted = org.abort_job(job.id).await.unwrap();
    said.insert("an aborted job", essence(&aborted));
    let fault = org.close_job(job.id).await.unwrap_err();
    said.insert(
        "a close too late",
        fault.to_string().replace(&job.id.to_string(), "ID"),
    );
}

/// Inserts users as one job, the data streamed from a file.
async fn load(org: &Org, csv: String) -> JobInfo {
    let folder = tempfile::tempdir().unwrap();
    let (header, rows) = csv.split_once('\n').unwrap();
    let file = folder.path().join("wave.csv");
    std::fs::write(&file, rows).unwrap();
    let job = org.create_ingest_job("User").await.unwrap().id;
    let data = Body::JobData {
        header: Bytes::from(format!("{header}\n")),
        file,
        offset: 0,
        length: rows.len() as u64,
    };
    org.put_job_data(job, data).await.unwrap();
    org.close_job(job).await.unwrap();
    let mut looks = Looks::every(Duration::from_millis(50));
    loop {
        looks.next().await;
        let info = org.ingest_job(job).await.unwrap();
        if info.state.is_terminal() {
            return info;
        }
    }
}

fn essence(job: &JobInfo) -> String {
    let JobInfo {
        id: _,
        state,
        processed_count,
        failed_count,
        error_message,
    } = job;
    format!("{state:?} {processed_count} {failed_count} {error_message:?}")
}

/// The three result files, rows sorted, ids left out.
async fn results(org: &Org, job: &JobInfo) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut texts = Vec::new();
    for kind in ResultKind::ALL {
        let to = folder.path().join(kind.as_str());
        let bytes = org.download_results(job.id, kind, &to).await.unwrap();
        assert_eq!(bytes, std::fs::metadata(&to).unwrap().len());
        texts.push(format!("{}:\n{}", kind.as_str(), without_ids(&to)));
    }
    texts.join("\n")
}

fn without_ids(file: &Path) -> String {
    let table = Table::read(&std::fs::read(file).unwrap());
    let kept: Vec<usize> = (0..table.header.len())
        .filter(|column| table.header[*column] != "sf__Id")
        .collect();
    let cut = |row: &Vec<String>| {
        let cells: Vec<&str> = kept.iter().map(|column| row[*column].as_str()).collect();
        cells.join("|")
    };
    let mut lines: Vec<String> = table.rows.iter().map(cut).collect();
    lines.sort_unstable();
    lines.insert(0, cut(&table.header));
    lines.join("\n")
}
