//! Bugs that were found by trying to break the promises; each test is named after its symptom.

use std::path::PathBuf;

use crate::world::{World, sample};

/// A partner contact of the sample org that has no user yet.
const CONTACT: &str = "0035g000010p1DJAAY";

fn one_row(world: &World, header: &str, row: &str) -> PathBuf {
    world.file("one.csv", format!("{header}\n{row}\n"))
}

/// The sample org with one text of one of its files replaced.
fn org_with(world: &World, name: &str, from: &str, to: &str) -> PathBuf {
    let (here, there) = (sample("org"), world.path("org"));
    std::fs::create_dir_all(there.join("picklists")).unwrap();
    for folder in ["", "picklists"] {
        for entry in std::fs::read_dir(here.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let target = there.join(folder).join(path.file_name().unwrap());
                std::fs::copy(&path, target).unwrap();
            }
        }
    }
    let path = there.join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    std::fs::write(path, text.replace(from, to)).unwrap();
    there
}

#[test]
fn a_licence_without_a_limit_had_no_seat_for_anybody() {
    let world = World::new();
    let org = org_with(
        &world,
        "UserLicense.csv",
        "PID_Partner_Community,Active,1500",
        "PID_Partner_Community,Active,-1",
    );
    let rows = one_row(&world, "ContactId,Region__c", &format!("{CONTACT},DACH"));
    let flags = ["--profile", "Acme Partner", "--org", org.to_str().unwrap()];
    let done = world.rehearse(&rows, "out", &flags);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("unlimited"), "{}", done.stdout);
}

#[test]
fn a_field_named_by_label_and_by_api_name_lost_one_of_its_columns() {
    for header in [
        "ContactId,Sales Region,Region__c",
        "ContactId,Region__c,Sales Region",
    ] {
        let world = World::new();
        let rows = one_row(&world, header, &format!("{CONTACT},DACH,Americas"));
        let done = world.rehearse(&rows, "out", &["--profile", "Acme Partner"]);
        assert_eq!(done.code, 8, "{}{}", done.stdout, done.stderr);
        assert!(
            done.stderr
                .contains("another column fills User.Region__c already")
        );
    }
}

#[test]
fn a_spreadsheet_error_given_for_every_row_went_to_the_org() {
    let world = World::new();
    let rows = one_row(&world, "ContactId,Region__c", &format!("{CONTACT},DACH"));
    let flags = ["--profile", "Acme Partner", "--set", "Title=#N/A"];
    let done = world.rehearse(&rows, "out", &flags);
    assert_eq!(done.code, 2, "{}{}", done.stdout, done.stderr);
    assert!(done.stderr.contains("#N/A"), "{}", done.stderr);
}
