//! The rounds of a wave: who moves up where the first row of an account is lost, what a recount of
//! seats may reject, and that a run which has nothing left to send is over.

use std::fmt::Write;
use std::path::PathBuf;

use admit::journal::Entry;
use admit::model::settings::{FailuresMax, PacingSettings};
use admit::sim::{FaultPlan, Seed};

use crate::in_memory::{Rehearsal, Trouble, TroubledOrg, in_simulated_time, why_paused};
use crate::org_like::{account_line, contact_line, grown_org};
use crate::world::World;

const OUT: &str = "out";
const ALL_NAMES_TAKEN: &str = "[users]\nusernames-taken = 1.0\n";

/// An org with so many new accounts of so many contacts, and the file that makes all of them
/// partners.
fn partners(world: &World, accounts: usize, contacts_each: usize) -> (Seed, PathBuf) {
    let (mut of_account, mut of_contact) = (String::new(), String::new());
    let mut file = "ContactId,Profile,Region__c\n".to_owned();
    for account in 0..accounts {
        let id = format!("0019{account:011}");
        of_account += &account_line(&id, &format!("New {account}"), true);
        for nth in 0..contacts_each {
            let contact = format!("0039{:011}", account * contacts_each + nth);
            let email = format!("p{account}.{nth}@new.example.org");
            of_contact += &contact_line(&contact, &id, &format!("New{nth}"), &email);
            writeln!(file, "{contact},Acme Partner,DACH").unwrap();
        }
    }
    let added = [
        ("Account.csv", of_account.as_str()),
        ("Contact.csv", &of_contact),
    ];
    let folder = grown_org(world, &added);
    let seed = Seed::from_dir(&folder).unwrap();
    (seed, world.file("contacts.csv", file))
}

/// The letters of the sealed waves and their rows, in order.
fn sealed(world: &World) -> Vec<(&'static str, u64)> {
    let entries = world.journal(OUT).into_iter();
    let waves = entries.filter_map(|entry| match entry {
        Entry::WaveSealed { letter, rows, .. } => Some((letter.as_str(), rows)),
        _ => None,
    });
    waves.collect()
}

fn codes(world: &World) -> Vec<String> {
    let failure = world.table(OUT, "failure.csv");
    let codes = failure.cells("admit__Code").into_iter();
    codes.map(str::to_owned).collect()
}

#[test]
fn an_account_whose_rows_are_all_refused_is_over_in_a_few_rounds() {
    let world = World::new();
    let (seed, contacts) = partners(&world, 1, 300);
    let faults = FaultPlan::parse(ALL_NAMES_TAKEN).unwrap();
    let org = TroubledOrg::of(seed, Trouble::None, faults);
    let summary = in_simulated_time(async {
        let mut rehearsal = Rehearsal::on(&world, org);
        rehearsal.pacing = PacingSettings::default();
        rehearsal.run(&contacts, OUT).await.unwrap()
    });
    assert_eq!(codes(&world), vec!["DUPLICATE_USERNAME"; 300]);
    let rows: Vec<u64> = sealed(&world).into_iter().map(|(_, rows)| rows).collect();
    assert_eq!(rows, [1, 1, 2, 4, 8, 16, 32, 64, 128, 44]);
    assert!(summary.jobs < 20, "{} jobs", summary.jobs);
}

#[test]
fn a_run_with_nothing_left_to_send_is_over_whatever_speaks_against_sending() {
    let world = World::new();
    let (seed, contacts) = partners(&world, 2, 4);
    let faults = FaultPlan::parse(ALL_NAMES_TAKEN).unwrap();
    let org = TroubledOrg::of(seed, Trouble::None, faults);
    in_simulated_time(async {
        let mut rehearsal = Rehearsal::on(&world, org);
        rehearsal.stopping.failures_max = Some(FailuresMax::InARow(8));
        rehearsal.run(&contacts, OUT).await.unwrap();
    });
    assert_eq!(codes(&world), vec!["DUPLICATE_USERNAME"; 8]);
}

#[test]
fn where_no_first_row_finds_a_seat_the_next_ones_make_the_roles_one_at_a_time() {
    let world = World::new();
    let (seed, contacts) = partners(&world, 6, 4);
    let trouble = Trouble::NoSeats { from: 1, until: 2 };
    let org = TroubledOrg::of(seed, trouble, FaultPlan::default());
    in_simulated_time(async {
        let mut rehearsal = Rehearsal::on(&world, org.clone());
        rehearsal.pacing.rows_per_job = Some(3);
        rehearsal.pacing.lanes = 4;
        rehearsal.run(&contacts, OUT).await.unwrap();
    });
    assert_eq!(org.org.lock_errors(), 0);
    assert_eq!(sealed(&world), [("a", 6), ("c", 12)]);
    assert_eq!(codes(&world), vec!["no-seat"; 6]);
    assert_eq!(org.org.users_created().len(), 18);
}

#[test]
fn where_the_first_contacts_are_gone_when_a_run_goes_on_roles_are_still_made_one_at_a_time() {
    let world = World::new();
    let (seed, contacts) = partners(&world, 6, 4);
    let org = TroubledOrg::of(seed, Trouble::RefusedJob(1), FaultPlan::default());
    let path = world.path("org/Contact.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let left = text.lines().filter(|line| !line.contains(",Pat,New0,"));
    let left: Vec<&str> = left.collect();
    std::fs::write(&path, left.join("\n") + "\n").unwrap();
    let without_first = Seed::from_dir(&world.path("org")).unwrap();
    let now = TroubledOrg::of(without_first, Trouble::None, FaultPlan::default());
    in_simulated_time(async {
        let mut rehearsal = Rehearsal::on(&world, org.clone());
        rehearsal.pacing.rows_per_job = Some(3);
        rehearsal.pacing.lanes = 4;
        why_paused(rehearsal.run(&contacts, OUT).await);
        rehearsal.org = now.clone();
        rehearsal.resume(OUT).await.unwrap();
    });
    assert_eq!(now.org.lock_errors(), 0);
    assert_eq!(sealed(&world), [("a", 6), ("a", 6), ("c", 12)]);
    assert_eq!(codes(&world), vec!["contact-not-found"; 6]);
    assert_eq!(now.org.users_created().len(), 18);
}

#[test]
fn a_row_that_was_sent_before_is_never_said_to_have_found_no_seat() {
    let world = World::new();
    let (seed, contacts) = partners(&world, 2, 2);
    let locked = "[[job]]\nobject = \"User\"\nnth = 1\ndo = { lock-rows = { rows = 1.0 } }\n";
    let trouble = Trouble::NoSeats {
        from: 2,
        until: usize::MAX,
    };
    let org = TroubledOrg::of(seed, trouble, FaultPlan::parse(locked).unwrap());
    in_simulated_time(async {
        let rehearsal = Rehearsal::on(&world, org.clone());
        rehearsal.run(&contacts, OUT).await.unwrap();
    });
    // The two that met the lock go again, and the org has seats after all; those that were never
    // sent are kept back.
    assert_eq!(sealed(&world), [("a", 2), ("a", 2)]);
    assert_eq!(org.org.users_created().len(), 2);
    assert_eq!(codes(&world), vec!["no-seat"; 2]);
}
