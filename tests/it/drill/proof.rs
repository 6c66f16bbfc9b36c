//! What must hold after every drill, read from the files and asked of the org.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use admit::journal::Entry;

use super::stage::{OUT, Stage};
use super::wire::Kind;
use crate::world::{Table, World};

/// How one row of the input ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Success {
        username: String,
        user: String,
    },
    Failure {
        stage: String,
        code: String,
        reason: String,
        fix: String,
    },
}

impl End {
    /// What does not depend on which job or time it was.
    fn essence(&self) -> (&str, &str) {
        match self {
            Self::Success { username, .. } => ("success", username),
            Self::Failure { stage, code, .. } => (stage, code),
        }
    }
}

/// How every row of the input ended, in input order. Each stands in one of both files, once, with
/// its cells as they were.
pub(super) fn ends(world: &World, contacts: &Path, out: &str) -> Vec<End> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(contacts)
        .unwrap();
    let width = reader.byte_headers().unwrap().len();
    // Cells that do not decode come out with the same stand-in.
    let decoded = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    let input = reader.byte_records().map(|record| {
        let mut cells: Vec<String> = record.unwrap().iter().map(decoded).collect();
        cells.resize(width, String::new());
        cells
    });
    let success = world.table(out, "success.csv");
    let failure = world.table(out, "failure.csv");
    let (mut good, mut bad) = (0, 0);
    let mut ends = Vec::new();
    for (row, cells) in input.enumerate() {
        let is_next = |table: &Table, next: usize| {
            table
                .rows
                .get(next)
                .is_some_and(|found| found[..width] == cells)
        };
        if is_next(&success, good) {
            ends.push(success_at(&success, good));
            good += 1;
        } else if is_next(&failure, bad) {
            ends.push(failure_at(&failure, bad));
            bad += 1;
        } else {
            panic!("row {row} is in neither file where it belongs: {cells:?}");
        }
    }
    let rows = (success.rows.len(), failure.rows.len());
    assert_eq!((good, bad), rows, "rows that were not in the input");
    ends
}

fn success_at(table: &Table, place: usize) -> End {
    let cell = |name: &str| table.rows[place][table.column(name)].clone();
    End::Success {
        username: cell("admit__Username"),
        user: cell("sf__Id"),
    }
}

fn failure_at(table: &Table, place: usize) -> End {
    let cell = |name: &str| table.rows[place][table.column(name)].clone();
    End::Failure {
        stage: cell("admit__Stage"),
        code: cell("admit__Code"),
        reason: cell("admit__Reason"),
        fix: cell("admit__Fix"),
    }
}

/// Users of success.csv.
pub(super) fn users(ends: &[End]) -> BTreeSet<String> {
    let users = ends.iter().filter_map(|end| match end {
        End::Success { user, .. } => Some(user.clone()),
        End::Failure { .. } => None,
    });
    users.collect()
}

/// Users that either file names: one who lacks a permission set is no success, but is named.
fn reported(ends: &[End]) -> BTreeSet<String> {
    let named = ends.iter().filter_map(|end| match end {
        End::Success { .. } => None,
        End::Failure { reason, .. } => {
            let (user, rest) = reason.strip_prefix("User ")?.split_once(' ')?;
            rest.starts_with("was created, but lacks")
                .then(|| user.to_owned())
        }
    });
    named.chain(users(ends)).collect()
}

/// The run is over, its files and the org agree, and nobody has two users.
pub(super) fn assert_over(stage: &Stage) -> Vec<End> {
    let journal = stage.journal();
    let ended = journal.last();
    assert!(
        matches!(ended, Some(Entry::RunEnded { exit: 0 | 3 })),
        "{ended:?}"
    );
    let ends = ends(&stage.world, &stage.contacts, OUT);
    let _now = stage.at_its_time();
    let in_org: BTreeSet<String> = stage.org.users_created().into_iter().collect();
    assert_eq!(reported(&ends), in_org, "reported, and in the org");
    assert_eq!(stage.org.contacts_with_two_users(), Vec::<String>::new());
    assert_eq!(stage.org.jobs_working(), 0);
    assert_nothing_blind(stage, &journal);
    ends
}

/// The same, and every row ended as it does where nothing goes wrong.
pub(super) fn assert_as_if_nothing_had_happened(stage: &Stage, rows: usize) {
    let ends = assert_over(stage);
    let calm = calm(rows);
    assert!(calm.len() == ends.len() && !users(&calm).is_empty());
    for (row, (now, then)) in ends.iter().zip(calm.iter()).enumerate() {
        assert_eq!(now.essence(), then.essence(), "row {row}: {now:?}");
    }
}

/// How so many rows of the sample file end where nothing goes wrong.
fn calm(rows: usize) -> Arc<Vec<End>> {
    static KNOWN: Mutex<BTreeMap<usize, Arc<Vec<End>>>> = Mutex::new(BTreeMap::new());
    // Held meanwhile: whoever wants the same waits for it.
    let mut known = KNOWN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let ends = known.entry(rows).or_insert_with(|| {
        let stage = Stage::playing(rows, "");
        stage.run().unwrap();
        Arc::new(assert_over(&stage))
    });
    ends.clone()
}

/// Nothing that would do harm twice is done twice: a job is created once for each intent, gets its
/// data once, and only jobs that the journal names are closed and aborted.
fn assert_nothing_blind(stage: &Stage, journal: &[Entry]) {
    let asked = stage.wire.asked();
    let ours: BTreeSet<&str> = journal
        .iter()
        .filter_map(|entry| match entry {
            Entry::JobCreated { job, .. } => Some(job.as_str()),
            _ => None,
        })
        .collect();
    let lost = journal.iter().filter(|entry| is_lost_creation(entry));
    let (lost, orphans) = (lost.count(), stage.warnings("suspected-orphan").len());
    let acted = |kind: Kind| {
        let acted = asked.iter();
        acted.filter(move |asked| asked.kind == kind && asked.may_have_acted)
    };
    assert_eq!(acted(Kind::Create).count(), ours.len() + orphans);
    assert!(orphans <= lost, "{orphans} orphans, {lost} lost creations");
    for job in &ours {
        let state = stage.org.job_state(job);
        assert_ne!(state, Some("Open"), "{job} was left open");
    }
    let mut filled = BTreeSet::new();
    for put in acted(Kind::Put) {
        assert!(filled.insert(&put.job), "data was sent twice: {}", put.job);
    }
    for one in &asked {
        let changes = matches!(one.kind, Kind::Put | Kind::Close | Kind::Abort);
        assert!(!changes || ours.contains(one.job.as_str()), "{one:?}");
    }
}

fn is_lost_creation(entry: &Entry) -> bool {
    matches!(entry, Entry::JobAbandoned { job: None, .. })
}
