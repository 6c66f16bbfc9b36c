//! What waves and small jobs are for: one partner load of 20,000 rows, sent blind and sent by a
//! walk, into the same org, whose locks and time-outs are those of R-1001..R-1008.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use admit::model::event::{Event, Listener};
use admit::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StoppingSettings,
};
use admit::model::summary::OrgKind;
use admit::pipeline::{self, AccessToken, Clock, Command, Line, Login, Outside, Walk};
use admit::sim::{Doubt, Seed, SimOptions, SimOrg};
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::loader::{Loaded, Loader};
use crate::org_like::{account_line, contact_line, grown_org};
use crate::world::World;

const ACCOUNTS: usize = 2_500;
const CONTACTS_EACH: usize = 8;
const ROWS: usize = ACCOUNTS * CONTACTS_EACH;
/// One account in five has its partner role already.
const MAKERS: usize = ACCOUNTS * 4 / 5;
/// Profiles of the sample org.
const PARTNER: (&str, &str) = ("Acme Partner", "00e5g000010r87JAAQ");
const CUSTOMER: (&str, &str) = ("Acme Customer", "00e5g000010r88DAAQ");

/// A row of the load: the nth contact of an account; every other one is a partner.
#[derive(Clone, Copy)]
struct Person {
    account: usize,
    nth: usize,
}

impl Person {
    fn contact(self) -> String {
        format!("0039{:011}", self.account * CONTACTS_EACH + self.nth)
    }

    fn email(self) -> String {
        format!("p{}.{}@load.example.org", self.account, self.nth)
    }

    fn is_partner(self) -> bool {
        self.nth.is_multiple_of(2)
    }

    fn profile(self) -> (&'static str, &'static str) {
        if self.is_partner() { PARTNER } else { CUSTOMER }
    }
}

/// Everybody, in an order that has nothing to do with accounts.
fn file_order() -> impl Iterator<Item = Person> {
    // 7919 is a prime that does not divide the number of rows: every row comes once.
    let places = (0..ROWS).map(|row| row * 7919 % ROWS);
    places.map(|place| Person {
        account: place / CONTACTS_EACH,
        nth: place % CONTACTS_EACH,
    })
}

/// The sample org with the accounts and contacts of the load, and seats for all of them.
fn org_folder(world: &World) -> PathBuf {
    let (mut accounts, mut contacts, mut roles) = (String::new(), String::new(), String::new());
    for account in 0..ACCOUNTS {
        let id = format!("0019{account:011}");
        let name = format!("Load {account}");
        accounts += &account_line(&id, &name, true);
        if account.is_multiple_of(5) {
            let role = format!("00E9{account:011}");
            writeln!(
                roles,
                "{role},{name} Partner User,Load_{account},,Partner,User,{id}"
            )
            .unwrap();
        }
        for nth in 0..CONTACTS_EACH {
            let person = Person { account, nth };
            let name = format!("Load{nth}");
            contacts += &contact_line(&person.contact(), &id, &name, &person.email());
        }
    }
    let added = [
        ("Account.csv", accounts.as_str()),
        ("Contact.csv", &contacts),
        ("UserRole.csv", &roles),
    ];
    let folder = grown_org(world, &added);
    let licenses = folder.join("UserLicense.csv");
    let text = std::fs::read_to_string(&licenses).unwrap();
    std::fs::write(licenses, text.replace("Active,1500\n", "Active,15000\n")).unwrap();
    folder
}

fn contacts_file(world: &World) -> PathBuf {
    let mut text = "ContactId,Profile,Region__c\n".to_owned();
    for person in file_order() {
        writeln!(text, "{},{},DACH", person.contact(), person.profile().0).unwrap();
    }
    world.file("contacts.csv", text)
}

/// User rows as somebody with a spreadsheet would make them.
fn user_csv(people: &[Person]) -> Vec<u8> {
    let mut text = "ContactId,ProfileId,Username,Email,LastName,Alias,CommunityNickname,\
                    TimeZoneSidKey,LocaleSidKey,LanguageLocaleKey,EmailEncodingKey,CurrencyIsoCode,Region__c\n"
        .to_owned();
    for person in people {
        let (contact, email, profile) = (person.contact(), person.email(), person.profile().1);
        let keys = "Europe/Berlin,de_DE,en_US,UTF-8,EUR,DACH";
        writeln!(
            text,
            "{contact},{profile},{email},{email},Load,load,{email},{keys}"
        )
        .unwrap();
    }
    text.into_bytes()
}

/// What a way of sending came to.
#[derive(Debug)]
struct Came {
    created: usize,
    lost_to_locks: u64,
    unprocessed: usize,
    jobs_timed_out: usize,
    /// Simulated.
    seconds: u64,
}

impl Came {
    fn to(created: usize, unprocessed: usize, org: &SimOrg, began_ms: u64) -> Self {
        Self {
            created,
            lost_to_locks: org.lock_errors(),
            unprocessed,
            jobs_timed_out: org.jobs_timed_out(),
            seconds: (org.now_ms() - began_ms) / 1_000,
        }
    }
}

fn in_simulated_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// Cuts rows into so many jobs and sends them all at once.
fn blind(folder: &Path, people: &[Person], jobs: usize, lets_pass: &[Doubt]) -> Came {
    let options = SimOptions {
        lets_pass: lets_pass.to_vec(),
        ..SimOptions::default()
    };
    in_simulated_time(async {
        let loader = Loader::with(Seed::from_dir(folder).unwrap(), options);
        let began_ms = loader.org.now_ms();
        let pieces = people.chunks(people.len().div_ceil(jobs)).map(user_csv);
        let pieces: Vec<Vec<u8>> = pieces.collect();
        let sent = pieces.iter().map(|csv| loader.insert("User", csv));
        let jobs_ended = join_all(sent).await;
        let count = |table: fn(&Loaded) -> usize| jobs_ended.iter().map(table).sum();
        Came::to(
            count(|job| job.successful.rows.len()),
            count(|job| job.unprocessed.rows.len()),
            &loader.org,
            began_ms,
        )
    })
}

struct Silent;

impl Listener for Silent {
    fn on(&self, _: &Event) {}
}

/// The walk of `admit rehearse`, as it is.
fn walk(world: &World, folder: &Path, contacts: PathBuf, pacing: PacingSettings) -> Came {
    let seed = Seed::from_dir(folder).unwrap();
    let login = Login::Token(AccessToken::parse(seed.access_token()).unwrap());
    let org = Arc::new(SimOrg::new(seed, SimOptions::default()));
    let settings = Settings {
        contacts,
        out: world.path("out"),
        state_dir: world.path("state"),
        input: InputSettings::default(),
        program: ProgramSettings::default(),
        guard: GuardSettings::default(),
        cache: CacheSettings::default(),
        pacing,
        stopping: StoppingSettings::default(),
        api_version: "67.0".to_owned(),
        threads: 1,
        seed: 0,
    };
    in_simulated_time(async {
        let began_ms = org.now_ms();
        let outside = Outside {
            line: Line {
                transport: org.clone(),
                login,
                kind: OrgKind::Simulated,
            },
            clock: Clock::Simulated,
            events: Arc::new(Silent),
            cancel: CancellationToken::new(),
            disks: pipeline::machine_disks(),
        };
        let walk = Walk::new(settings, Command::Rehearse, outside).unwrap();
        pipeline::rehearse(&walk).await.unwrap();
        let left = world.table("out", "failure.csv").rows.len();
        assert_eq!(org.users_created().len() + left, ROWS);
        Came::to(org.users_created().len(), 0, &org, began_ms)
    })
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "the numbers are what people want to read; a passing test hides them"
)]
fn a_load_sent_blind_loses_rows_to_locks_and_time_and_a_walk_loses_none() {
    let world = World::new();
    let folder = org_folder(&world);
    let all: Vec<Person> = file_order().collect();

    let sent_blind = blind(&folder, &all, 4, &[]);
    assert!(sent_blind.lost_to_locks > 0, "{sent_blind:?}");
    assert_eq!(sent_blind.jobs_timed_out, 4, "{sent_blind:?}");

    // Even where time-outs cost nothing but time, the locks are there.
    let patient = blind(&folder, &all, 4, &[Doubt::BatchRetry]);
    assert_eq!(patient.unprocessed, 0, "{patient:?}");
    assert!(patient.lost_to_locks > 1_000, "{patient:?}");
    assert_eq!(patient.created as u64 + patient.lost_to_locks, ROWS as u64);

    let mut partners: Vec<Person> = all.iter().copied().filter(|row| row.is_partner()).collect();
    partners.sort_by_key(|row| (row.account, row.nth));
    assert_eq!(partners.len(), 10_000);
    let one_piece = blind(&folder, &partners, 1, &[]);
    assert_eq!(one_piece.jobs_timed_out, 1, "{one_piece:?}");
    assert_eq!(
        one_piece.lost_to_locks, 0,
        "alone there is nobody to wait for"
    );
    assert_eq!(one_piece.created + one_piece.unprocessed, 10_000);
    assert!(one_piece.unprocessed > 9_000, "{one_piece:?}");

    let usual = PacingSettings::default();
    let walked = walk(&world, &folder, contacts_file(&world), usual.clone());
    assert_eq!(walked.created, ROWS, "{walked:?}");
    assert_eq!(walked.lost_to_locks, 0);
    assert_eq!(walked.jobs_timed_out, 0);
    assert!(walked.seconds > MAKERS as u64, "roles are made one by one");

    // Whoever asks for jobs that are too large gets smaller ones when the org gives them up.
    let world = World::new();
    let largest = PacingSettings {
        rows_per_job: Some(10_000),
        ..usual
    };
    let in_large_jobs = walk(&world, &folder, contacts_file(&world), largest);
    assert_eq!(in_large_jobs.created, ROWS, "{in_large_jobs:?}");
    assert_eq!(in_large_jobs.lost_to_locks, 0);
    assert!(in_large_jobs.jobs_timed_out > 0, "{in_large_jobs:?}");

    let table = [
        ("blind, 4 jobs", sent_blind),
        ("blind, 4 jobs, kind retries", patient),
        ("10,000 partners in one job", one_piece),
        ("walk", walked),
        ("walk, jobs of 10,000 asked for", in_large_jobs),
    ];
    for (way, came) in table {
        eprintln!("{way}: {came:?}");
    }
}
