//! Pace, read from the journal: never more rows in a job, never more open jobs than was said, and
//! never one account in two jobs at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::world::{Table, World, sample};

/// The entries of a run's journal, in order.
fn journal(world: &World, out: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(world.path(out).join("journal.jsonl")).unwrap();
    let mut entries = Vec::new();
    for (seq, line) in text.lines().enumerate() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["seq"], seq, "no gap");
        entries.push(line["entry"].take());
    }
    entries
}

/// A job as the journal knows it.
#[derive(Clone, PartialEq)]
struct Job {
    wave: usize,
    first: usize,
    rows: usize,
}

/// A journal read entry by entry. A job is in flight from its intent until its results are on
/// disk.
#[derive(Default)]
struct Flight {
    /// The account of every contact.
    accounts: BTreeMap<String, String>,
    /// The wave that is sent: its letter, and the contacts of its rows.
    letter: String,
    contacts: Vec<String>,
    /// Jobs in flight, those with an id under it.
    intended: Vec<Job>,
    created: BTreeMap<String, Job>,
    /// Most jobs at once, by wave letter.
    most: BTreeMap<String, usize>,
    /// Jobs of every wave, in the order they were intended.
    jobs: Vec<Job>,
}

impl Flight {
    fn of(world: &World, out: &str) -> Self {
        let mut flight = Self {
            accounts: accounts(),
            ..Self::default()
        };
        for entry in journal(world, out) {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let number = |name: &str| usize::try_from(entry[name].as_u64().unwrap()).unwrap();
            match entry["is"].as_str().unwrap() {
                "wave-sealed" => {
                    let sealed = std::fs::read(world.path(out).join(text("file"))).unwrap();
                    let sealed = Table::read(&sealed);
                    assert_eq!(sealed.rows.len(), number("rows"));
                    flight.begin_wave(text("letter"), &sealed);
                }
                "job-intended" => flight.intend(Job {
                    wave: number("wave"),
                    first: number("first"),
                    rows: number("rows"),
                }),
                "job-created" => flight.create(number("wave"), number("first"), text("job")),
                "results-stored" => {
                    let job = flight.created.remove(&text("job"));
                    assert!(job.is_some(), "results are stored once");
                }
                _ => {}
            }
        }
        flight.assert_landed();
        flight
    }

    fn begin_wave(&mut self, letter: String, sealed: &Table) {
        self.assert_landed();
        self.letter = letter;
        self.contacts.clear();
        if sealed.header.iter().any(|name| name == "ContactId") {
            let contacts = sealed.cells("ContactId").into_iter();
            self.contacts.extend(contacts.map(str::to_owned));
        }
    }

    fn intend(&mut self, job: Job) {
        self.intended.push(job.clone());
        self.jobs.push(job);
        let in_flight = self.intended.len() + self.created.len();
        let most = self.most.entry(self.letter.clone()).or_default();
        *most = (*most).max(in_flight);
        self.assert_no_account_twice();
    }

    fn create(&mut self, wave: usize, first: usize, id: String) {
        let is_it = |job: &Job| (job.wave, job.first) == (wave, first);
        let at = self.intended.iter().position(is_it);
        let job = self.intended.remove(at.unwrap());
        self.created.insert(id, job);
    }

    fn assert_no_account_twice(&self) {
        let mut busy = BTreeSet::new();
        for job in self.intended.iter().chain(self.created.values()) {
            let contacts = self.contacts.iter().skip(job.first).take(job.rows);
            let of_job: BTreeSet<_> = contacts.map(|contact| &self.accounts[contact]).collect();
            for account in of_job {
                assert!(busy.insert(account), "{account} is in two jobs at once");
            }
        }
    }

    fn assert_landed(&self) {
        let in_flight = self.intended.len() + self.created.len();
        assert_eq!(in_flight, 0, "a wave ends with its last job");
    }
}

/// The account of every contact of the sample org.
fn accounts() -> BTreeMap<String, String> {
    let contacts = Table::read(&std::fs::read(sample("org/Contact.csv")).unwrap());
    let ids = contacts.cells("Id").into_iter().map(str::to_owned);
    ids.zip(contacts.cells("AccountId").into_iter().map(str::to_owned))
        .collect()
}

#[test]
fn there_are_never_more_open_jobs_than_lanes() {
    for (lanes, reached) in [("1", 1), ("3", 3), ("8", 8)] {
        let world = World::new();
        let flags = ["--lanes", lanes, "--rows-per-job", "20"];
        world.rehearse(&sample("contacts.csv"), "out", &flags);
        let flight = Flight::of(&world, "out");
        assert_eq!(flight.most["c"], reached, "all lanes of wave C are used");
        assert_eq!(flight.most["a"], 1, "roles are made one job at a time");
        assert!(flight.most.get("b").is_none_or(|most| *most == 1));
    }
}

#[test]
fn a_job_has_no_more_rows_than_were_asked_for() {
    for rows_per_job in [7, 100] {
        let world = World::new();
        let flags = ["--rows-per-job", &rows_per_job.to_string()];
        world.rehearse(&sample("contacts.csv"), "out", &flags);
        let jobs = Flight::of(&world, "out").jobs;
        let largest = jobs.iter().map(|job| job.rows).max();
        assert_eq!(largest, Some(rows_per_job));

        let summary = std::fs::read(world.path("out/summary.json")).unwrap();
        let summary: Value = serde_json::from_slice(&summary).unwrap();
        assert_eq!(summary["jobs"], jobs.len());
        let files = world.files("out");
        let results = files.keys().filter(|name| name.starts_with("jobs/"));
        assert_eq!(results.count(), 3 * jobs.len(), "three result files each");
    }
}

#[test]
fn jobs_that_make_roles_begin_small_and_grow_as_far_as_job_minutes_let_them() {
    let world = World::new();
    let makers = |out: &str, flags: &[&str]| {
        world.rehearse(&sample("contacts.csv"), out, flags);
        let jobs = Flight::of(&world, out).jobs;
        let of_first_wave = jobs.iter().filter(|job| job.wave == 1);
        let rows: Vec<usize> = of_first_wave.map(|job| job.rows).collect();
        (rows[0], rows.into_iter().max().unwrap())
    };
    let (first, largest) = makers("usual", &[]);
    assert_eq!(first, 50);
    assert!(
        (51..=120).contains(&largest),
        "{largest} rows, at one a second"
    );
    assert_eq!(makers("short", &["--job-minutes", "1"]), (50, 50));
}

#[test]
fn pace_changes_when_but_not_what() {
    let world = World::new();
    let decided = |out: &str, flags: &[&str]| {
        world.rehearse(&sample("contacts.csv"), out, flags);
        let failure = world.table(out, "failure.csv");
        let usernames = world.table(out, "success.csv");
        let usernames = usernames.cells("admit__Username").join("\n");
        (failure.rows, usernames)
    };
    let usual = decided("usual", &[]);
    assert!(usual == decided("slow", &["--lanes", "1", "--requests-per-second", "1"]));
    assert!(usual == decided("small", &["--rows-per-job", "11", "--lanes", "9"]));
}
