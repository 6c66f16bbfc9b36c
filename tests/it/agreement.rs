//! What we reject the simulated org also refuses, and what we accept it accepts.
//!
//! The org never sees our rules: each rejected sample row is sent to it blind, cell by cell, by a
//! loader that knows only API names. Where the org lets a row pass that we reject, its codes stand
//! in [`PASSES`], with the reason; the test fails when the org starts to refuse one of them.

use std::collections::{BTreeMap, BTreeSet};

use admit::sim::Seed;

use crate::loader::Loader;
use crate::world::{Table, World, sample};

/// Codes of rows that the org would let pass, and why we do not send them all the same.
const PASSES: [(&str, &str); 8] = [
    (
        "account-not-partner",
        "policy: the API lets it pass, the product does not want it (R-302)",
    ),
    (
        "profile-not-in-site",
        "policy: the user would exist and have no site (R-604)",
    ),
    (
        "license-mismatch",
        "the org has no licence field: the row contradicts itself",
    ),
    (
        "account-mismatch",
        "User.AccountId is not writable: the row contradicts itself",
    ),
    (
        "permission-set-not-found",
        "no field of User: the assignment after it could not be made",
    ),
    (
        "profile-ambiguous",
        "the org wants an id: whichever profile the name meant would pass",
    ),
    (
        "spreadsheet-error",
        "the org takes `#REF!` for text, and `#N/A` for null",
    ),
    ("date-invalid", "of `EndDate`, which is never sent"),
];

/// Codes of rows that cannot be put to the org: there is no such record to send.
const NOT_ON_THE_WIRE: [(&str, &str); 2] = [
    ("row-width", "cells cannot be told apart"),
    ("row-encoding", "job data is UTF-8"),
];

/// Sample headers and the User fields a person would map them to.
const MAPPING: [(&str, &str); 27] = [
    ("ContactId", "ContactId"),
    ("First Name", "FirstName"),
    ("Last Name", "LastName"),
    ("Email", "Email"),
    ("Username", "Username"),
    ("Alias", "Alias"),
    ("Nickname", "CommunityNickname"),
    ("Federation ID", "FederationIdentifier"),
    ("Profile", "ProfileId"),
    ("Role", "PortalRole"),
    ("Time Zone", "TimeZoneSidKey"),
    ("Locale", "LocaleSidKey"),
    ("Language", "LanguageLocaleKey"),
    ("Encoding", "EmailEncodingKey"),
    ("Currency", "CurrencyIsoCode"),
    ("Active", "IsActive"),
    ("Title", "Title"),
    ("Department", "Department"),
    ("Company", "CompanyName"),
    ("Phone", "Phone"),
    ("Mobile", "MobilePhone"),
    ("City", "City"),
    ("Country", "Country"),
    ("Region__c", "Region__c"),
    ("Certified_Until__c", "Certified_Until__c"),
    ("Discount_Percent__c", "Discount_Percent__c"),
    ("Onboarding_Batch__c", "Onboarding_Batch__c"),
];

#[tokio::test(start_paused = true)]
async fn the_org_refuses_what_we_reject_and_takes_what_we_accept() {
    let world = World::new();
    world.check(&sample("contacts.csv"), "out", &[]);
    let loader = Loader::new(Seed::sample());
    the_org_takes_what_we_accept(&world, &loader).await;
    the_org_refuses_what_we_reject(&world, &loader).await;
}

async fn the_org_takes_what_we_accept(world: &World, loader: &Loader) {
    let mut refused = Vec::new();
    let mut taken = 0;
    for (name, draft) in world.files("out") {
        if !name.contains("create-user") {
            continue;
        }
        let done = loader.insert("User", &draft).await;
        assert_eq!(done.state, "JobComplete", "{name}");
        taken += done.successful.rows.len();
        let errors = done.failed.cells("sf__Error");
        refused.extend(
            errors
                .iter()
                .map(|error| error.split(':').next().unwrap().to_owned()),
        );
    }
    let expected = read("expected-refusals.csv");
    let mut expected: Vec<_> = expected
        .cells("code")
        .into_iter()
        .map(str::to_owned)
        .collect();
    expected.sort();
    refused.sort();
    assert_eq!(
        refused, expected,
        "the org refuses only what nobody can know beforehand"
    );
    let rows = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(sample("contacts.csv"))
        .unwrap()
        .into_byte_records()
        .count();
    assert_eq!(
        taken + refused.len() + read("expected-codes.csv").rows.len(),
        rows
    );
}

async fn the_org_refuses_what_we_reject(world: &World, loader: &Loader) {
    let failure = world.table("out", "failure.csv");
    let passes: BTreeSet<&str> = PASSES.iter().map(|(code, _)| *code).collect();
    let mut wrongly_passed = Vec::new();
    let mut wrongly_refused = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for row in &failure.rows {
        let cell = |name: &str| row[failure.column(name)].as_str();
        let codes: BTreeSet<&str> = cell("admit__Code").split(" | ").collect();
        if NOT_ON_THE_WIRE.iter().any(|(code, _)| codes.contains(code)) {
            continue;
        }
        let done = loader.insert("User", &blind(&cell)).await;
        let place = format!("line {}: {codes:?}", cell("admit__Line"));
        let of_end_date = cell("admit__Reason").contains("EndDate");
        let may_pass = codes.is_subset(&passes) && (of_end_date || !codes.contains("date-invalid"));
        match (may_pass, done.successful.rows.len()) {
            (false, 1) => wrongly_passed.push(place),
            (true, 0) => wrongly_refused.push(format!("{place} {:?}", done.failed.rows)),
            (true, _) => seen.extend(codes.into_iter().map(str::to_owned)),
            (false, _) => {}
        }
    }
    assert!(
        wrongly_passed.is_empty(),
        "rejected, and the org takes them: {wrongly_passed:#?}"
    );
    assert!(
        wrongly_refused.is_empty(),
        "listed as passing, refused: {wrongly_refused:#?}"
    );
    let passes = passes.into_iter().map(str::to_owned).collect();
    assert_eq!(seen, passes, "every exception is seen to be one");
}

/// One row as job data: cells as they are, names and ids looked up as people do in a spreadsheet.
fn blind<'c>(cell: &impl Fn(&str) -> &'c str) -> Vec<u8> {
    let contact = contact_cells(cell("ContactId"));
    let value = |header: &str, field: &str| {
        let own = cell(header).trim();
        match (own, field) {
            (name, "ProfileId") => profile_id(name),
            ("", "FirstName" | "LastName" | "Email") => {
                contact.get(field).cloned().unwrap_or_default()
            }
            ("", "Username") => match cell("Email").trim() {
                "" => contact.get("Email").cloned().unwrap_or_default(),
                email => email.to_owned(),
            },
            ("", "Alias") => "loader".to_owned(),
            ("", "TimeZoneSidKey") => "Europe/Berlin".to_owned(),
            ("", "LocaleSidKey") => "de_DE".to_owned(),
            ("", "LanguageLocaleKey") => "en_US".to_owned(),
            ("", "EmailEncodingKey") => "UTF-8".to_owned(),
            ("", "CurrencyIsoCode") => "EUR".to_owned(),
            _ => own.to_owned(),
        }
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(MAPPING.iter().map(|(_, field)| *field))
        .unwrap();
    writer
        .write_record(MAPPING.iter().map(|(header, field)| value(header, field)))
        .unwrap();
    writer.into_inner().unwrap()
}

fn contact_cells(id: &str) -> BTreeMap<String, String> {
    let contacts = read("org/Contact.csv");
    let found = contacts
        .rows
        .iter()
        .find(|row| id.len() >= 15 && row[0].starts_with(&id[..15]));
    let header = contacts.header.iter().cloned();
    found
        .map(|row| header.zip(row.iter().cloned()).collect())
        .unwrap_or_default()
}

fn profile_id(name: &str) -> String {
    let profiles = read("org/Profile.csv");
    let by_name = |row: &&Vec<String>| row[1].eq_ignore_ascii_case(name);
    profiles
        .rows
        .iter()
        .find(by_name)
        .map_or_else(|| name.to_owned(), |row| row[0].clone())
}

fn read(name: &str) -> Table {
    Table::read(&std::fs::read(sample(name)).unwrap())
}
