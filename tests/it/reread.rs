//! What the org mended between the pull and the second reading of a record counts for every row
//! that follows, in whichever window of the file it stands.

use std::path::PathBuf;

use admit::model::limits::WINDOW_BYTES;
use admit::sim::Seed;

use crate::in_memory::{Rehearsal, TroubledOrg, in_simulated_time};
use crate::served::edited_org;
use crate::world::{World, sample};

const OUT: &str = "out";
const OWNER: &str = "0055g000010UGLyAAO";
const ACCOUNT: &str = "001900000000001";

/// The sample org with one account more, which has so many contacts.
fn org(world: &World, is_partner: bool, contacts: &[String]) -> Seed {
    let header_of = |name: &str| {
        let text = std::fs::read_to_string(sample("org").join(name)).unwrap();
        text.lines().next().unwrap().to_owned() + "\n"
    };
    let (account_header, contact_header) = (header_of("Account.csv"), header_of("Contact.csv"));
    let account = format!("{ACCOUNT},New,{OWNER},{is_partner},false,false,,,false,\n");
    let contact =
        |id: &String| format!("{id},{ACCOUNT},Pat,{id},p{id}@new.example.org,,,{OWNER},,false,\n");
    let contacts: String = contacts.iter().map(contact).collect();
    let edits = [
        (
            "Account.csv",
            account_header.as_str(),
            format!("{account_header}{account}"),
        ),
        (
            "Contact.csv",
            contact_header.as_str(),
            format!("{contact_header}{contacts}"),
        ),
    ];
    let edits = edits
        .each_ref()
        .map(|(file, from, to)| (*file, *from, to.as_str()));
    Seed::from_dir(&edited_org(world, &edits)).unwrap()
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
