//! What the org mended between the pull and the second reading of a record counts for every row
//! that follows, in whichever window of the file it stands.

use std::path::PathBuf;

use admit::model::limits::WINDOW_BYTES;
use admit::sim::Seed;

use crate::in_memory::{Rehearsal, TroubledOrg, in_simulated_time};
use crate::org_like::{account_line, contact_line, grown_org};
use crate::world::World;

const OUT: &str = "out";
const ACCOUNT: &str = "001900000000001";

/// The sample org with one account more, which has so many contacts.
fn org(world: &World, is_partner: bool, contacts: &[String]) -> Seed {
    let contact = |id: &String| {
        let email = format!("p{id}@new.example.org");
        contact_line(id, ACCOUNT, id, &email)
    };
    let contacts: String = contacts.iter().map(contact).collect();
    let added = [
        ("Account.csv", account_line(ACCOUNT, "New", is_partner)),
        ("Contact.csv", contacts),
    ];
    let added = added
        .each_ref()
        .map(|(file, lines)| (*file, lines.as_str()));
    Seed::from_dir(&grown_org(world, &added)).unwrap()
}

/// A file of these contacts, each of which fills more than half a window.
fn in_windows_of_their_own(world: &World, contacts: &[String]) -> PathBuf {
    let note = "x".repeat(WINDOW_BYTES * 3 / 5);
    let row = |id: &String| format!("{id},Acme Partner,DACH,{note}\n");
    let rows: String = contacts.iter().map(row).collect();
    world.file(
        "contacts.csv",
        format!("ContactId,Profile,Region__c,Note\n{rows}"),
    )
}

#[test]
fn what_was_mended_behind_a_row_counts_for_the_rows_of_the_windows_after_it() {
    let world = World::new();
    let contacts: Vec<String> = (1..=4).map(|nth| format!("0039{nth:011}")).collect();
    let pulled = org(&world, false, &contacts);
    let org = TroubledOrg::mended(pulled, org(&world, true, &contacts));
    let file = in_windows_of_their_own(&world, &contacts);
    in_simulated_time(async {
        let rehearsal = Rehearsal::on(&world, org.clone());
        rehearsal.run(&file, OUT).await.unwrap();
    });
    let failure = world.table(OUT, "failure.csv");
    assert!(
        failure.rows.is_empty(),
        "{:?}",
        failure.cells("admit__Code")
    );
    assert_eq!(org.org.users_created().len(), contacts.len());
}
