//! The cache on disk: written, opened, damaged, written again while others read.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::cache::{NewVersion, forget, list, open};
use super::super::{ExternalIds, OrgState, OrgStateError, Records};
use super::{External, account, contact, empty, external_user, id, internal_user, own_role};
use crate::model::explain::{Exit, Explain};
use crate::model::id::ContactId;

const NOW: &str = "2026-01-05T08:00:00.000Z";

const PARTNER: External<'_> = External {
    account: 1,
    profile: 3,
    role: 2,
    user_type: "PowerPartner",
    is_active: true,
};

/// An org of so many contacts, with a user for every second one.
fn fill(records: &mut Records, contacts: u32) {
    internal_user(records, 1, 1);
    account(records, 1, 1);
    own_role(records, 2, 1, "Partner", "Worker");
    for nth in 1..=contacts {
        contact(records, nth, 1, &format!("c{nth}@acme.com"));
        if nth % 2 == 0 {
            external_user(records, nth, &PARTNER);
        }
    }
}

fn org_id() -> String {
    super::identity().org_id
}

/// Keeps what `fill` brings, stopped before the nth step if there is one. Says how many steps
/// there were.
pub(super) fn keep(
    state_dir: &Path,
    mut records: Records,
    fill: impl FnOnce(&mut Records),
    stop: Option<usize>,
) -> (Result<(), OrgStateError>, usize) {
    let mut steps = 0;
    let version = NewVersion::begin(state_dir, &org_id()).unwrap();
    records.growing = version.growing(&records).unwrap();
    let base = version.base_tables(&records).unwrap();
    fill(&mut records);
    let kept = version.publish(records, base, NOW, &mut |_| {
        steps += 1;
        if Some(steps) == stop {
            Err(io::Error::other("stopped here"))
        } else {
            Ok(())
        }
    });
    (kept, steps)
}

fn keep_org(state_dir: &Path, contacts: u32) {
    let records = empty(ExternalIds::default());
    keep(state_dir, records, |records| fill(records, contacts), None)
        .0
        .unwrap();
}

/// How many contacts there are, looked up one by one.
fn count(state: &OrgState) -> u32 {
    let is_there = |nth: u32| {
        let found = state.contact(ContactId::parse(&id("003", nth)).unwrap());
        found.is_some_and(|found| found.email() == format!("c{nth}@acme.com"))
    };
    let count = (1..=u32::MAX).take_while(|nth| is_there(*nth)).count();
    u32::try_from(count).unwrap()
}

fn opened(state_dir: &Path) -> u32 {
    count(&open(state_dir, &org_id()).unwrap().unwrap().state)
}

fn folder(state_dir: &Path) -> PathBuf {
    state_dir.join(org_id()).join("cache")
}

fn names(state_dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(state_dir)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

fn index(state_dir: &Path) -> PathBuf {
    let mut paths = names(state_dir)
        .into_iter()
        .map(|name| folder(state_dir).join(name));
    let is_index = |path: &PathBuf| path.extension().is_some_and(|end| end == "index");
    paths.find(is_index).unwrap()
}

fn refused(state_dir: &Path) -> String {
    let error = open(state_dir, &org_id()).unwrap_err();
    assert_eq!(error.exit(), Exit::Memory, "{error}");
    assert!(error.remedy().contains("admit org"), "{}", error.remedy());
    error.to_string()
}

#[test]
fn a_kept_org_is_opened_with_all_it_holds_and_nothing_beside_it() {
    let home = tempfile::tempdir().unwrap();
    assert!(open(home.path(), &org_id()).unwrap().is_none());
    assert!(list(home.path()).unwrap().is_empty());
    keep_org(home.path(), 9);
    assert_eq!(opened(home.path()), 9);
    let listed = list(home.path()).unwrap();
    let [(org, Ok(about))] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!((org, about.pulled_at.as_str()), (&org_id(), NOW));
    assert_eq!((about.counts["Contact"], about.counts["User"]), (9, 5));
    let files = names(home.path());
    let bytes = |name: &String| fs::metadata(folder(home.path()).join(name)).unwrap().len();
    let version = files.iter().filter(|name| name.starts_with('v'));
    assert_eq!(version.clone().count(), 6, "{files:?}");
    assert_eq!(version.map(bytes).sum::<u64>(), about.bytes);

    assert!(forget(home.path(), &org_id()).unwrap());
    assert!(!forget(home.path(), &org_id()).unwrap());
    assert!(open(home.path(), &org_id()).unwrap().is_none());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn the_cache_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder(home.path())), 0o700);
    for name in names(home.path()) {
        assert_eq!(mode(&folder(home.path()).join(&name)), 0o600, "{name}");
    }
}

#[test]
fn a_pull_that_is_killed_at_any_step_leaves_a_cache_that_can_be_used_and_pulled_anew() {
    let contacts = |stop| {
        let home = tempfile::tempdir().unwrap();
        keep_org(home.path(), 3);
        let records = empty(ExternalIds::default());
        let (kept, steps) = keep(home.path(), records, |records| fill(records, 5), stop);
        assert_eq!(kept.is_err(), stop.is_some());
        let left = opened(home.path());
        keep_org(home.path(), 7);
        assert_eq!(opened(home.path()), 7, "after a stop before step {stop:?}");
        let left_over = names(home.path());
        assert_eq!(left_over.len(), 6 + 2, "{left_over:?}");
        (left, steps)
    };
    let (whole, steps) = contacts(None);
    assert_eq!(whole, 5);
    let mut left: Vec<u32> = (1..=steps).map(|step| contacts(Some(step)).0).collect();
    assert!(
        left.is_sorted(),
        "once the new version counts it stays: {left:?}"
    );
    left.dedup();
    assert_eq!(left, [3, 5]);
}

#[test]
fn who_reads_while_others_write_finds_a_whole_version_every_time() {
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 10);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let read = || {
            let mut seen = 10;
            // An old version that is open stays readable after its file is gone.
            let first = open(home.path(), &org_id()).unwrap().unwrap();
            while !is_over.load(Ordering::Relaxed) {
                let now = opened(home.path());
                assert!(now >= seen, "a version went back from {seen} to {now}");
                seen = now;
            }
            (count(&first.state), seen)
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        for contacts in 11..30 {
            keep_org(home.path(), contacts);
        }
        is_over.store(true, Ordering::Relaxed);
        for reader in readers {
            let (first, last) = reader.join().unwrap();
            assert!((10..30).contains(&first) && last >= first, "{first} {last}");
        }
    });
}

#[test]
fn two_do_not_write_at_once() {
    let home = tempfile::tempdir().unwrap();
    let first = NewVersion::begin(home.path(), &org_id()).unwrap();
    let second = NewVersion::begin(home.path(), &org_id()).unwrap_err();
    assert!(matches!(second, OrgStateError::CacheBusy { .. }));
    assert_eq!(second.exit(), Exit::Guard);
    let forgotten = forget(home.path(), &org_id());
    assert!(matches!(forgotten, Err(OrgStateError::CacheBusy { .. })));
    drop(first);
    NewVersion::begin(home.path(), &org_id()).unwrap();
}

/// Where sections begin, by the table in the header.
fn section_starts(file: &[u8]) -> Vec<usize> {
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
    let count = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
    let starts = (0..count).map(|nth| usize::try_from(number(64 + nth * 32 + 8)).unwrap());
    starts.collect()
}

#[test]
fn an_index_that_is_cut_anywhere_is_refused() {
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 9);
    let path = index(home.path());
    let whole = fs::read(&path).unwrap();
    let starts = section_starts(&whole);
    assert!(starts.len() >= 15, "{starts:?}");
    let cuts = starts
        .iter()
        .flat_map(|start| [start - 1, *start, start + 1]);
    for cut in cuts.chain([0, 1, 8, 63, 64, 4096, whole.len() - 1]) {
        fs::write(&path, &whole[..cut]).unwrap();
        let told = refused(home.path());
        assert!(told.contains("cannot be trusted"), "{cut}: {told}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    fs::write(&path, longer).unwrap();
    refused(home.path());
    fs::write(&path, whole).unwrap();
    assert_eq!(opened(home.path()), 9);
}

#[test]
fn a_byte_that_was_flipped_in_the_header_is_seen_at_once_and_one_in_a_section_by_who_reads_all() {
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 9);
    let path = index(home.path());
    let whole = fs::read(&path).unwrap();
    let starts = section_starts(&whole);
    let flip = |at: usize| {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, damaged).unwrap();
    };
    for at in (0..64 + starts.len() * 32).chain([starts[0] - 1]) {
        flip(at);
        refused(home.path());
    }
    for start in starts {
        flip(start);
        let listed = list(home.path()).unwrap();
        assert!(listed[0].1.is_err(), "the section at {start}");
        // Lookups on it may be wrong, but they end.
        if let Ok(Some(cached)) = open(home.path(), &org_id()) {
            count(&cached.state);
            cached.state.user_by_username("user2@acme.com");
            cached.state.user_by_nickname("nick2");
            let contact = ContactId::parse(&id("003", 2)).unwrap();
            cached.state.user_of_contact(contact);
        }
    }
}

#[test]
fn the_cache_of_another_org_is_refused() {
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 2);
    let other = id("00D", 2);
    let to = home.path().join(&other).join("cache");
    fs::create_dir_all(&to).unwrap();
    for name in names(home.path()) {
        fs::copy(folder(home.path()).join(&name), to.join(&name)).unwrap();
    }
    let by_pointer = open(home.path(), &other).unwrap_err();
    assert!(matches!(by_pointer, OrgStateError::CacheForeign { .. }));
    assert_eq!(by_pointer.exit(), Exit::Memory);

    // The index is foreign even where its pointer is not.
    let contents = fs::read(index(home.path())).unwrap();
    let mut other_org = home.path().join("elsewhere");
    other_org.push("state");
    keep_org(&other_org, 2);
    let mut foreign = contents.clone();
    foreign[24 + 14] = b'9';
    foreign[56..64].fill(0);
    let header = u32::from_le_bytes(foreign[44..48].try_into().unwrap()) as usize;
    let checksum = xxhash_rust::xxh3::xxh3_64(&foreign[..header]);
    foreign[56..64].copy_from_slice(&checksum.to_le_bytes());
    fs::write(index(home.path()), foreign).unwrap();
    let told = refused(home.path());
    assert_eq!(
        told,
        "the cached state is of org 00D000000000009, not of org 00D000000000001"
    );
}

#[test]
fn a_cache_of_another_format_is_refused() {
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 2);
    let path = index(home.path());
    let whole = fs::read(&path).unwrap();
    for format in [1, 2, 4] {
        let mut other = whole.clone();
        other[8] = format;
        fs::write(&path, other).unwrap();
        let told = refused(home.path());
        let expected =
            format!("the cached state of the org has format {format}, this admit reads format 3");
        assert_eq!(told, expected);
    }
    fs::write(&path, whole).unwrap();
    let pointer = folder(home.path()).join("current.json");
    let text = fs::read_to_string(&pointer).unwrap();
    let older = text.replace("\"format\":3", "\"format\":2");
    fs::write(&pointer, older).unwrap();
    assert!(refused(home.path()).contains("has format 2"));
}

#[test]
fn a_pointer_that_was_damaged_is_refused_and_a_new_pull_replaces_it() {
    let home = tempfile::tempdir().unwrap();
    keep_org(home.path(), 2);
    let pointer = folder(home.path()).join("current.json");
    let whole = fs::read_to_string(&pointer).unwrap();
    let damaged = [
        String::new(),
        "{".to_owned(),
        whole[..whole.len() / 2].to_owned(),
        whole.replace("\"version\":1", "\"version\":2"),
        whole.replace("\"crc\":", "\"crc\":1"),
    ];
    for text in damaged {
        fs::write(&pointer, &text).unwrap();
        refused(home.path());
    }
    keep_org(home.path(), 4);
    assert_eq!(opened(home.path()), 4);
    fs::remove_file(index(home.path())).unwrap();
    refused(home.path());
}
