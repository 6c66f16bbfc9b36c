//! The journal on disk: what is written comes back, what was changed is refused, what cannot have
//! happened is not written.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::model::change::ChangeKind;
use crate::model::job::JobState;
use crate::model::wave::WaveLetter;

fn now() -> Now {
    Box::new(|| "2026-01-05T08:00:00Z".into())
}

fn opened() -> Entry {
    Entry::RunOpened {
        command: "run".into(),
        org_id: "00D".into(),
        user_id: "005".into(),
        settings_sha256: "aa".into(),
    }
}

fn planned() -> Entry {
    Entry::PlanSealed {
        sha256: "bb".into(),
        input_sha256: "cc".into(),
        accepted: 9,
        rejected: 1,
    }
}

fn sealed(wave: u32, round: u32) -> Entry {
    Entry::WaveSealed {
        wave,
        kind: ChangeKind::CreateUser,
        letter: WaveLetter::C,
        round,
        file: format!("plan/{wave}.r{round}.csv"),
        sha256: "dd".into(),
        rows: 9,
    }
}

fn intended(first: u64, rows: u64) -> Entry {
    Entry::JobIntended {
        wave: 1,
        round: 1,
        first,
        rows,
        bytes: 100,
    }
}

fn created(first: u64, job: &str) -> Entry {
    Entry::JobCreated {
        wave: 1,
        round: 1,
        first,
        job: job.into(),
    }
}

fn abandoned(first: u64, job: Option<&str>) -> Entry {
    Entry::JobAbandoned {
        wave: 1,
        round: 1,
        first,
        job: job.map(str::to_owned),
        why: "the answer was lost".into(),
    }
}

fn ended(job: &str) -> Entry {
    Entry::JobEnded {
        job: job.into(),
        state: JobState::JobComplete,
        message: None,
    }
}

fn settled(job: &str) -> Entry {
    Entry::RowsSettled {
        job: job.into(),
        created: 4,
        failed: 0,
        unprocessed: 0,
        unaccounted: 0,
        locked: 0,
        took_ms: 1,
    }
}

/// The way of a job from its data to its results.
fn way(job: &str) -> [Entry; 5] {
    [
        Entry::DataSent { job: job.into() },
        Entry::JobClosing { job: job.into() },
        Entry::JobClosed { job: job.into() },
        ended(job),
        Entry::ResultsStored {
            job: job.into(),
            sha256: None,
        },
    ]
}

fn whole_run() -> Vec<Entry> {
    let mut entries = vec![opened(), planned(), sealed(1, 1), intended(0, 4)];
    entries.push(created(0, "750A"));
    entries.extend(way("750A"));
    entries.extend([settled("750A"), intended(4, 5), abandoned(4, None)]);
    entries.extend([intended(4, 5), created(4, "750B")]);
    entries.extend(way("750B"));
    entries.push(Entry::OrgAsked { job: "750B".into() });
    entries.extend([settled("750B"), sealed(1, 2)]);
    let (success, failure) = (9, 1);
    entries.push(Entry::OutputsWritten { success, failure });
    entries.push(Entry::RunEnded { exit: 3 });
    entries
}

fn write(folder: &Path, entries: &[Entry]) -> Journal {
    let journal = Journal::create(folder, now(), &machine_disks()).unwrap();
    for entry in entries {
        journal.record(entry.clone()).unwrap();
    }
    journal
}

#[test]
fn a_run_comes_back_as_it_was_written_wherever_it_was_cut() {
    let entries = whole_run();
    for cut in 1..=entries.len() {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &entries[..cut]).state();
        let found = read(folder.path()).unwrap();
        assert_eq!(found.entries, entries[..cut]);
        assert_eq!(found.state, written);
        let (again, _) = Journal::reopen(folder.path(), now(), &machine_disks()).unwrap();
        for entry in &entries[cut..] {
            again.record(entry.clone()).unwrap();
        }
        assert_eq!(read(folder.path()).unwrap().entries, entries, "cut {cut}");
    }
}

#[test]
fn a_torn_last_line_is_left_out_and_cut_off_before_the_next() {
    let entries = whole_run();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &entries[..6]);
    let path = folder.path().join(FILE_NAME);
    let whole = std::fs::read(&path).unwrap();
    let last_begins = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    for end in last_begins..whole.len() - 1 {
        std::fs::write(&path, &whole[..end]).unwrap();
        let found = read(folder.path()).unwrap();
        assert_eq!(found.entries, entries[..5], "cut at byte {end}");
        let (again, _) = Journal::reopen(folder.path(), now(), &machine_disks()).unwrap();
        again.record(entries[5].clone()).unwrap();
        assert_eq!(read(folder.path()).unwrap().entries, entries[..6]);
    }
}

#[test]
fn a_last_line_that_was_written_whole_is_changed_and_not_torn() {
    let entries = whole_run();
    let folder = tempfile::tempdir().unwrap();
    drop(write(folder.path(), &entries[..6]));
    let path = folder.path().join(FILE_NAME);
    let whole = std::fs::read(&path).unwrap();
    let mut before = whole[..whole.len() - 1].iter();
    let last_begins = before.rposition(|byte| *byte == b'\n').unwrap() + 1;
    for place in [last_begins, last_begins + 20, whole.len() - 5] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let refused = read(folder.path());
        assert!(
            matches!(refused, Err(JournalError::Damaged { line: 6, .. })),
            "byte {place}: {refused:?}"
        );
    }
    // What a machine without power leaves of a line it had not flushed.
    let mut zeroed = whole;
    zeroed[last_begins..last_begins + 20].fill(0);
    std::fs::write(&path, &zeroed).unwrap();
    assert_eq!(read(folder.path()).unwrap().entries, entries[..5]);
}

#[test]
fn a_journal_is_held_by_one_writer_and_read_by_the_next_once_it_is_free() {
    let entries = whole_run();
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), &entries[..5]);
    let second = Journal::reopen(folder.path(), now(), &machine_disks());
    let Err(JournalError::Taken { holder, .. }) = second else {
        panic!("two processes write one journal");
    };
    let process = format!("process {}", std::process::id());
    assert!(holder.contains(&process), "{holder}");
    first.record(entries[5].clone()).unwrap();
    drop(first);
    let (second, found) = Journal::reopen(folder.path(), now(), &machine_disks()).unwrap();
    assert_eq!(found.entries, entries[..6], "nothing is overlooked");
    second.record(entries[6].clone()).unwrap();
    assert_eq!(read(folder.path()).unwrap().entries, entries[..7]);
}

#[test]
fn a_journal_that_was_changed_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &whole_run());
    let path = folder.path().join(FILE_NAME);
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let damage = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        change(&mut lines);
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        read(folder.path()).unwrap_err()
    };
    let changed = damage(&|lines| lines[4] = lines[4].replace("750A", "750Z"));
    let fault = LineFault::Checksum;
    assert!(matches!(changed, JournalError::Damaged { line: 5, fault: f, .. } if f == fault));
    let missing = damage(&|lines| drop(lines.remove(4)));
    let fault = LineFault::Gap;
    assert!(matches!(missing, JournalError::Damaged { line: 5, fault: f, .. } if f == fault));
    let newer = damage(&|lines| lines[4] = lines[4].replacen("\"v\":1", "\"v\":2", 1));
    let fault = LineFault::Version(2);
    assert!(matches!(newer, JournalError::Damaged { line: 5, fault: f, .. } if f == fault));
}

#[test]
fn what_cannot_have_happened_is_neither_written_nor_read() {
    let start = [opened(), planned(), sealed(1, 1), intended(0, 4)];
    let with_job = |more: Vec<Entry>| {
        let mut entries = start.to_vec();
        entries.push(created(0, "750A"));
        entries.extend(more);
        entries
    };
    let mut done = with_job(way("750A").to_vec());
    done.push(settled("750A"));
    let table: Vec<(Vec<Entry>, Entry)> = vec![
        (vec![], planned()),
        (vec![opened()], opened()),
        (vec![opened()], sealed(1, 1)),
        (vec![opened(), planned()], planned()),
        (vec![opened(), planned()], sealed(1, 2)),
        (vec![opened(), planned()], intended(0, 4)),
        (start[..3].to_vec(), intended(6, 4)),
        (start.to_vec(), intended(3, 2)),
        (start.to_vec(), sealed(1, 2)),
        (start.to_vec(), Entry::RunEnded { exit: 0 }),
        (start.to_vec(), Entry::DataSent { job: "750A".into() }),
        (with_job(vec![]), ended("750A")),
        (with_job(vec![]), Entry::JobClosing { job: "750A".into() }),
        (
            with_job(way("750A")[..3].to_vec()),
            abandoned(0, Some("750A")),
        ),
        (with_job(way("750A")[..4].to_vec()), settled("750A")),
        (done.clone(), settled("750A")),
        (done, intended(0, 4)),
        (whole_run(), sealed(1, 3)),
    ];
    for (before, entry) in table {
        let folder = tempfile::tempdir().unwrap();
        let journal = write(folder.path(), &before);
        let refused = journal.record(entry.clone());
        let what = format!("{} after {} entries", entry.name(), before.len());
        assert!(
            matches!(refused, Err(JournalError::Impossible { .. })),
            "{what}"
        );
        let line = Line::new(before.len() as u64, "t".into(), entry).encode();
        let path = folder.path().join(FILE_NAME);
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
        let read = read(folder.path());
        assert!(
            matches!(read, Err(JournalError::Impossible { .. })),
            "{what}"
        );
    }
}

/// Writes down what a disk was asked, and fails from the nth line on.
struct Recorder {
    asked: Arc<Mutex<Vec<String>>>,
    lines_left: usize,
}

impl Disk for Recorder {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        if self.lines_left == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.lines_left -= 1;
        let line = Line::decode(std::str::from_utf8(line).unwrap().trim_end()).unwrap();
        self.asked
            .lock()
            .unwrap()
            .push(line.entry.name().to_owned());
        Ok(())
    }

    fn flush_to_disk(&mut self) -> std::io::Result<()> {
        self.asked.lock().unwrap().push("flush".to_owned());
        Ok(())
    }
}

#[test]
fn what_announces_the_irreversible_is_flushed_before_the_call_returns() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let shared = asked.clone();
    let disks: Disks = Arc::new(move |_| {
        Box::new(Recorder {
            asked: shared.clone(),
            lines_left: 6,
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::create(folder.path(), now(), &disks).unwrap();
    let entries = whole_run();
    for entry in &entries[..6] {
        journal.record(entry.clone()).unwrap();
    }
    let expected = [
        "RunOpened",
        "flush",
        "PlanSealed",
        "flush",
        "WaveSealed",
        "flush",
        "JobIntended",
        "flush",
        "JobCreated",
        "DataSent",
    ];
    assert_eq!(*asked.lock().unwrap(), expected);
    for entry in &entries[6..8] {
        let refused = journal.record(entry.clone());
        assert!(
            matches!(refused, Err(JournalError::Unwritable { .. })),
            "a full disk says so"
        );
    }
}

#[test]
fn a_second_run_never_writes_over_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    drop(write(folder.path(), &[]));
    let second = Journal::create(folder.path(), now(), &machine_disks());
    assert!(matches!(second, Err(JournalError::Unwritable { .. })));
}
