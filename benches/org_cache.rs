//! A whole pull into the cache, opening it, and lookups in it, against an org made up row by row.
//!
//! `ADMIT_BENCH_CONTACTS=2000000 cargo bench --bench org_cache` measures; without the variable it
//! is a smoke run. For every ten contacts there are one account and two users.
//!
//! Budget (full pull of 10 million contacts): peak memory at most 1 GiB, client CPU at most 3 s
//! for a million records. The sum for a million: CSV 0.3 s, base tables 0.7 s, text and hashes
//! 0.3 s, two hash indexes 0.2 s, checksums and copies 0.1 s. In memory stay 28 bytes for a
//! contact, 40 for an account, 64 for a user, and one index at a time. Opening stays below a
//! millisecond and a lookup below 100 ns, for every size.
//!
//! The made-up org answers from a thread of its own, so that its CPU is not counted; its pages
//! are in the peak, as those of a real line would be.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run shall stop")]
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(
    clippy::disallowed_methods,
    reason = "it measures the real time of single calls, outside of any walk"
)]
#![expect(clippy::cast_precision_loss, reason = "shown with two digits")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use admit::model::event::{Event, Events, Listener};
use admit::model::id::{AccountId, ContactId};
use admit::model::settings::PacingSettings;
use admit::model::summary::OrgKind;
use admit::org_state::{self, Asked, Keep, OrgState, Wanted};
use admit::salesforce::transport::{Request, Response, SendError, Transport};
use admit::salesforce::{AccessToken, Login, Org};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::oneshot;

const DEFAULT_CONTACTS: u64 = 20_000;
const PAGE_ROWS: u64 = 50_000;
const PAGE_BYTES: usize = 10 << 20;
const LOOKUPS: u64 = 1_000_000;

const OBJECTS: [(&str, &[&str]); 4] = [
    (
        "Contact",
        &[
            "Id",
            "AccountId",
            "FirstName",
            "LastName",
            "Email",
            "IsDeleted",
            "MasterRecordId",
            "SystemModstamp",
        ],
    ),
    (
        "Account",
        &[
            "Id",
            "Name",
            "OwnerId",
            "IsPartner",
            "IsPersonAccount",
            "PersonContactId",
            "IsDeleted",
            "SystemModstamp",
        ],
    ),
    (
        "User",
        &[
            "Id",
            "Username",
            "CommunityNickname",
            "FederationIdentifier",
            "Name",
            "ContactId",
            "AccountId",
            "ProfileId",
            "UserRoleId",
            "UserType",
            "IsActive",
            "SystemModstamp",
        ],
    ),
    (
        "UserRole",
        &[
            "Id",
            "PortalType",
            "PortalRole",
            "PortalAccountId",
            "PortalAccountOwnerId",
            "SystemModstamp",
        ],
    ),
];

fn main() {
    let contacts = std::env::var("ADMIT_BENCH_CONTACTS").ok();
    let contacts = contacts.map_or(DEFAULT_CONTACTS, |count| count.parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let records = contacts + contacts / 10 + contacts / 5;

    let (began, cpu) = (Instant::now(), thread_cpu_s());
    pull(home.path(), contacts);
    let millions = records as f64 / 1e6;
    println!("records            {records}");
    println!("pull, wall         {:.2} s", began.elapsed().as_secs_f64());
    println!(
        "pull, client CPU   {:.2} s for a million records",
        (thread_cpu_s() - cpu) / millions
    );
    println!("peak memory        {} MiB", peak_mib());
    sizes(home.path(), contacts);

    let began = Instant::now();
    let cached = org_state::open(home.path(), &org_id()).unwrap().unwrap();
    println!(
        "open               {:.3} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    lookups(&cached.state, contacts);
}

fn pull(state_dir: &Path, contacts: u64) {
    let pacing = PacingSettings {
        requests_per_second: 500,
        poll_first_ms: 1,
        ..PacingSettings::default()
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    runtime.block_on(async {
        let login = Login::Token(AccessToken::parse("token").unwrap());
        let org = Org::new(Arc::new(MadeUp::new(contacts)), login, &pacing, "67.0", 0);
        let keep = Keep {
            state_dir,
            now: "2026-01-05T08:00:00Z",
        };
        let events: Events = Arc::new(Silent);
        let wanted = Wanted::default();
        let kind = OrgKind::Production;
        org_state::pull_and_keep(&org, &wanted, kind, (keep, &events))
            .await
            .unwrap();
    });
}

fn sizes(state_dir: &Path, contacts: u64) {
    let mut files: Vec<(String, u64)> = fs::read_dir(state_dir.join(org_id()).join("cache"))
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, file.metadata().unwrap().len())
        })
        .collect();
    files.sort();
    for (name, bytes) in &files {
        if *bytes > 4096 {
            println!("{name:<28} {:.1} MB", *bytes as f64 / 1e6);
        }
    }
    let index = files.iter().find(|(name, _)| name.contains(".index"));
    let per_contact = index.unwrap().1 as f64 / contacts as f64;
    println!("index, all tables  {per_contact:.1} bytes for a contact");
}

fn lookups(state: &OrgState, contacts: u64) {
    let nth = |step: u64| step.wrapping_mul(0x9E37_79B9_7F4A_7C15) % contacts;
    let ids: Vec<ContactId> = (0..LOOKUPS.min(contacts * 4))
        .map(|step| ContactId::parse(&id("003", nth(step))).unwrap())
        .collect();
    let time = |what: &str, ask: &dyn Fn(ContactId) -> bool| {
        // Once for the pages of the file, once for the clock.
        for round in 0..2 {
            let began = Instant::now();
            let found = ids.iter().filter(|id| black_box(ask(**id))).count();
            let each = began.elapsed().as_nanos() as f64 / ids.len() as f64;
            if round > 0 {
                println!("{what:<28} {each:.0} ns, {found} found");
            }
        }
    };
    time("contact by id", &|id| state.contact(id).is_some());
    time("and its text", &|id| {
        state
            .contact(id)
            .is_some_and(|contact| !contact.email().is_empty())
    });
    time("user of a contact", &|id| {
        state.user_of_contact(id).is_some()
    });
    time("account and owner", &|id| {
        let account = state.contact(id).and_then(|contact| contact.account);
        account.is_some_and(|account| state.account(account).is_some())
    });
    for round in 0..2 {
        let began = Instant::now();
        let mut found = 0;
        for few in ids.chunks(org_state::TOUCHED_AT_ONCE) {
            let asked = few.iter().map(|id| Asked {
                contact: Some(*id),
                ..Asked::default()
            });
            black_box(state.leads(&asked.collect::<Vec<_>>()));
            for id in few {
                let contact = state.contact(*id);
                let user = state.user_of_contact(*id);
                let account = contact.and_then(|contact| contact.account);
                let account = account.and_then(|account| state.account(account));
                found += u64::from(black_box(account.is_some() || user.is_some()));
            }
        }
        let each = began.elapsed().as_nanos() as f64 / ids.len() as f64;
        if round > 0 {
            println!(
                "{:<28} {each:.0} ns, {found} found",
                "all of these, 32 at a time"
            );
        }
    }
    let account = AccountId::parse(&id("001", 0)).unwrap();
    let began = Instant::now();
    let emails = (0..contacts.min(100_000)).filter(|nth| {
        let account = if nth / 10 == 0 { account } else { of(nth / 10) };
        let email = format!("first.last{nth}@partner{}.example.com", nth % 1000);
        !matches!(
            state.contacts_by_email(account, &email),
            org_state::Matches::None
        )
    });
    let found = emails.count();
    let each = began.elapsed().as_nanos() as f64 / contacts.min(100_000) as f64;
    println!("{:<28} {each:.0} ns, {found} found", "contact by e-mail");
}

fn of(nth: u64) -> AccountId {
    AccountId::parse(&id("001", nth)).unwrap()
}

fn org_id() -> String {
    admit::model::id::OrgId::parse(&id("00D", 1))
        .unwrap()
        .to_string()
}

/// The nth id of a prefix, in the order of ids.
fn id(prefix: &str, nth: u64) -> String {
    format!("{prefix}{:012}", 5_000_000_000 + nth)
}

/// CPU of this thread alone.
fn thread_cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let on_cpu_ns = stat.split(' ').next().and_then(|ns| ns.parse::<u64>().ok());
    on_cpu_ns.unwrap_or(0) as f64 / 1e9
}

fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

struct Silent;

impl Listener for Silent {
    fn on(&self, _: &Event) {}
}

/// An org whose records follow from their number.
struct MadeUp {
    questions: mpsc::Sender<(Request, oneshot::Sender<Response>)>,
}

impl MadeUp {
    fn new(contacts: u64) -> Self {
        let (questions, asked) = mpsc::channel::<(Request, oneshot::Sender<Response>)>();
        std::thread::spawn(move || {
            for (request, answer) in asked {
                let _ = answer.send(respond(&request, contacts));
            }
        });
        Self { questions }
    }
}

impl Transport for MadeUp {
    fn address(&self) -> &'static str {
        "https://bench.my.salesforce.com"
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        let (answer, answered) = oneshot::channel();
        self.questions.send((request, answer)).unwrap();
        async { Ok(answered.await.unwrap()) }.boxed()
    }
}

fn respond(request: &Request, contacts: u64) -> Response {
    let path = percent_encoding::percent_decode_str(&request.path).decode_utf8_lossy();
    let mut asked = path.into_owned();
    if let admit::salesforce::transport::Body::Bytes(body) = &request.body {
        asked.push_str(&String::from_utf8_lossy(body));
    }
    let counts = [contacts, contacts / 10, contacts / 5, contacts / 100];
    if let Some((job, rest)) = asked
        .split_once("jobs/query/750")
        .map(|(_, rest)| rest.split_at(15))
    {
        let object: usize = job.trim_start_matches('0')[..1].parse().unwrap();
        let object = object - 1;
        if !rest.contains("/results") {
            return answer(&json!({"id": job_id(object), "state": "JobComplete",
                "numberRecordsProcessed": counts[object]}));
        }
        let from: u64 = rest
            .split_once("locator=")
            .map_or(0, |(_, at)| at.parse().unwrap());
        return page(object, from, counts[object], contacts);
    }
    for (object, (name, fields)) in OBJECTS.iter().enumerate() {
        if asked.contains(&format!("FROM {name}\"")) {
            return answer(&json!({"id": job_id(object), "state": "UploadComplete"}));
        }
        if asked.contains(&format!("sobjects/{name}/describe")) {
            return answer(&describe(fields));
        }
    }
    answer(&small(&asked))
}

fn small(asked: &str) -> Value {
    let records = |records: Value| json!({"done": true, "records": records});
    if asked.contains("oauth2/userinfo") {
        return json!({"user_id": id("005", 0), "organization_id": id("00D", 1),
            "preferred_username": "integration@acme.com"});
    }
    if asked.contains("PermissionSet/describe") {
        return describe(&["Id", "Name", "Label"]);
    }
    if asked.contains("FROM UserLicense") {
        return records(json!([{"Id": id("100", 1), "Name": "Partner Community",
            "Status": "Active", "TotalLicenses": 10, "UsedLicenses": 1}]));
    }
    if asked.contains("FROM Profile") {
        return records(
            json!([{"Id": id("00e", 1), "Name": "Partner", "UserType": "PowerPartner",
            "UserLicenseId": id("100", 1)}]),
        );
    }
    if asked.contains("FROM Organization") {
        return records(json!([{"Id": id("00D", 1), "IsSandbox": true}]));
    }
    if asked.ends_with("sobjects") {
        return json!({"sobjects": []});
    }
    records(json!([]))
}

fn describe(fields: &[&str]) -> Value {
    let fields = fields.iter();
    let fields: Vec<Value> = fields
        .map(|name| json!({"name": name, "type": "string"}))
        .collect();
    json!({"fields": fields})
}

fn answer(value: &Value) -> Response {
    Response::whole(200, Vec::new(), value.to_string())
}

fn job_id(object: usize) -> String {
    admit::model::id::JobId::parse(&format!("750{:012}", object + 1))
        .unwrap()
        .to_string()
}

fn page(object: usize, from: u64, count: u64, contacts: u64) -> Response {
    let to = count.min(from + PAGE_ROWS);
    let mut text = String::with_capacity(PAGE_BYTES);
    let (_, fields) = OBJECTS[object];
    text.push_str(&fields.join(","));
    text.push('\n');
    for nth in from..to {
        row(object, nth, contacts, &mut text);
        text.push_str(",2026-01-02T03:04:05.000Z\n");
    }
    let next = if to == count {
        "null".to_owned()
    } else {
        to.to_string()
    };
    let headers = vec![
        ("sforce-locator".to_owned(), next),
        ("sforce-numberofrecords".to_owned(), (to - from).to_string()),
    ];
    Response::whole(200, headers, text)
}

fn row(object: usize, nth: u64, contacts: u64, to: &mut String) {
    let account = id("001", nth / 10);
    let written = match object {
        0 => write!(
            to,
            "{}AAA,{account}AAA,First{},Lastname{},first.last{nth}@partner{}.example.com,false,",
            id("003", nth),
            nth % 5000,
            nth % 20_000,
            nth % 1000
        ),
        1 => write!(
            to,
            "{}AAA,Company Number {nth} GmbH,{}AAA,true,false,,false",
            id("001", nth),
            id("005", contacts / 5 - 1 - nth % 100)
        ),
        2 => write!(
            to,
            "{}AAA,first.last{nth}@partner.example.com,nick{nth},,First Last,{}AAA,{}AAA,{}AAA,\
             {}EAA,PowerPartner,true",
            id("005", nth),
            id("003", nth * 5),
            id("001", nth / 2),
            id("00e", 1),
            id("00E", nth / 100)
        ),
        _ => write!(
            to,
            "{}EAA,Partner,Worker,{}AAA,",
            id("00E", nth),
            id("001", nth)
        ),
    };
    written.unwrap();
}
