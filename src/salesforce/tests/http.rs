//! The real transport against a server on loopback, and real time in milliseconds.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::http::HttpTransport;
use super::super::transport::Method;
use super::*;
use crate::model::explain::Explain;

/// `[{"version":"67.0"}]`, compressed.
const ZIPPED: [u8; 40] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 139, 174, 86, 42, 75, 45, 42, 206, 204, 207, 83, 178, 82,
    50, 51, 215, 51, 80, 170, 141, 5, 0, 152, 34, 12, 168,
    // The length of the text, least byte first.
    20, 0, 0, 0,
];

/// Answers one request with these bytes, hangs up, and gives back what it was sent.
async fn serve_once(answer: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        while !is_whole(&sent) {
            let mut piece = [0; 4096];
            let bytes = socket.read(&mut piece).await.unwrap();
            assert!(bytes > 0, "the request ended early");
            sent.extend_from_slice(&piece[..bytes]);
        }
        socket.write_all(&answer).await.unwrap();
        String::from_utf8(sent).unwrap()
    });
    (address, served)
}

fn is_whole(sent: &[u8]) -> bool {
    let text = String::from_utf8_lossy(sent);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn org_at(address: &str) -> Org {
    let pacing = PacingSettings {
        requests_per_second: 1_000,
        backoff_first_ms: 5,
        backoff_longest_ms: 5,
        attempts_max: 2,
        request_timeout_ms: 5_000,
        ..PacingSettings::default()
    };
    let transport = Arc::new(HttpTransport::new(address).unwrap());
    Org::new(
        transport,
        Login::Token(AccessToken::parse(TOKEN).unwrap()),
        &pacing,
        "67.0",
        7,
    )
}

#[tokio::test]
async fn job_data_is_streamed_with_its_exact_length() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wave.csv");
    let rows = "user@acme.test,003R00000000001\n".repeat(40_000);
    std::fs::write(&file, format!("Username,ContactId\n{rows}rest")).unwrap();
    let header = Bytes::from_static(b"Username,ContactId\n");
    let (offset, length) = (header.len() as u64, rows.len() as u64);
    let data = Body::JobData {
        header,
        file,
        offset,
        length,
    };
    let whole = data.length();

    let (address, served) =
        serve_once(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    org_at(&address).put_job_data(job_id(), data).await.unwrap();
    let sent = served.await.unwrap();
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let path = format!(
        "PUT /services/data/v67.0/jobs/ingest/{}/batches HTTP/1.1",
        job_id()
    );
    assert_eq!(head.lines().next(), Some(path.as_str()));
    assert!(
        head.contains(&format!("\r\ncontent-length: {whole}")),
        "{head}"
    );
    assert!(
        head.contains("\r\ncontent-type: text/csv; charset=UTF-8"),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\nauthorization: Bearer {TOKEN}")),
        "{head}"
    );
    assert!(
        !head.contains("transfer-encoding") && !head.contains("expect"),
        "{head}"
    );
    assert!(
        body == format!("Username,ContactId\n{rows}"),
        "the body is the header and the range"
    );
}

#[tokio::test]
async fn job_data_that_cannot_be_read_never_leaves() {
    let (address, _served) = serve_once(Vec::new()).await;
    let transport = HttpTransport::new(&address).unwrap();
    let body = Body::JobData {
        header: Bytes::new(),
        file: "no/such/file".into(),
        offset: 0,
        length: 1,
    };
    let request = Request {
        method: Method::Put,
        path: "/x".into(),
        headers: vec![],
        body,
    };
    let error = transport.send(request).await.unwrap_err();
    assert_eq!(error.sent, Sent::No);
    assert!(
        error.what.starts_with("the job data cannot be read"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_shorter_than_announced_never_looks_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wave.csv");
    std::fs::write(&file, "short").unwrap();
    let (address, served) = serve_once(Vec::new()).await;
    let data = Body::JobData {
        header: Bytes::new(),
        file,
        offset: 0,
        length: 99,
    };
    let error = org_at(&address)
        .put_job_data(job_id(), data)
        .await
        .unwrap_err();
    assert_eq!(error.sent(), Sent::Maybe);
    assert!(
        served.await.unwrap_err().is_panic(),
        "the server saw the request end early"
    );
}

#[tokio::test]
async fn a_compressed_answer_is_unpacked() {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        ZIPPED.len()
    );
    let (address, served) = serve_once([head.as_bytes(), &ZIPPED].concat()).await;
    assert_eq!(org_at(&address).versions().await.unwrap(), ["67.0"]);
    let sent = served.await.unwrap();
    assert!(sent.contains("\r\naccept-encoding: gzip\r\n"), "{sent}");
    assert!(sent.contains("\r\nuser-agent: admit/"), "{sent}");
}

#[tokio::test]
async fn an_answer_cut_short_is_trouble_and_a_dead_line_never_left() {
    let (address, served) =
        serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n[{\"ver".to_vec()).await;
    let error = org_at(&address).versions().await.unwrap_err();
    served.await.unwrap();
    // The second attempt meets a closed port.
    assert_eq!(error.sent(), Sent::No, "{error}");
    assert!(
        error
            .to_string()
            .starts_with("no answer from the org in 2 attempts"),
        "{error}"
    );
    let port = address.rsplit(':').next().unwrap();
    assert!(!error.to_string().contains(port), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer =
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let (address, _served) = serve_once(answer.to_vec()).await;
    let error = org_at(&address).versions().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the org points to another address (status 302)"
    );
}

#[test]
fn only_https_or_this_machine_is_an_address() {
    let table = [
        ("https://acme.my.salesforce.com", None),
        ("https://acme.my.salesforce.com/ ", None),
        ("http://127.0.0.1:8080", None),
        ("http://localhost:8080", None),
        ("http://[::1]:8080", None),
        ("http://acme.my.salesforce.com", Some("plain http")),
        ("http://localhost.acme.com", Some("plain http")),
        ("http://127.0.0.1.acme.com", Some("plain http")),
        ("http://10.0.0.1", Some("plain http")),
        (
            "ftp://acme.my.salesforce.com",
            Some("neither https nor http"),
        ),
        ("acme.my.salesforce.com", Some("not an absolute URL")),
        (
            "https://user:secret@acme.my.salesforce.com",
            Some("user name or password"),
        ),
    ];
    for (address, refused) in table {
        let error = HttpTransport::new(address).err();
        match (&error, refused) {
            (None, None) => {}
            (Some(error), Some(words)) => {
                let text = format!("{error} {error:?} {}", error.place());
                assert!(text.contains(words) && !text.contains("secret"), "{text}");
            }
            _ => panic!("{address}: {error:?}"),
        }
    }
}
