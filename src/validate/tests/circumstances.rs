//! Rejections and warnings that hang on the org, the settings or the form of the record, and what
//! reasons say.

use super::org::{World, all, codes, id, window};
use super::records::{field, records};
use crate::model::contact::RecordFault;
use crate::model::rejection::Code;
use crate::model::settings::StandardProfiles;
use crate::model::user::CheckedRow;
use crate::org_state::{AccountRecord, ContactRecord, PicklistFacts};

#[test]
fn rows_that_are_no_text_say_only_that() {
    let world = World::new();
    let mut window = window(&["003000000000011,Nobody", "003000000000011,Nobody"]);
    window.records[0].fault = Some(RecordFault::Width { found: 5 });
    window.records[1].fault = Some(RecordFault::Encoding { offset: 3 });
    let checked = all(&window, &world.program("ContactId,Profile"), &world.org);
    let found: Vec<_> = checked
        .rows
        .iter()
        .map(|row| match row {
            CheckedRow::Rejected(rejected) => codes(rejected),
            CheckedRow::Accepted(_) => Vec::new(),
        })
        .collect();
    assert_eq!(found, [["row-width"], ["row-encoding"]]);
}

#[test]
fn the_last_name_may_be_missing_on_both_sides() {
    // The Bulk API reads `#N/A` as nothing.
    for (name, code) in [("", "last-name-missing"), ("#N/A", "spreadsheet-error")] {
        let mut records = records();
        records
            .contact(&ContactRecord {
                id: &id("003", 300),
                account: &id("001", 1),
                first_name: name,
                last_name: name,
                email: "x@example.com",
                external_ids: &[""],
                ..Default::default()
            })
            .unwrap();
        let world = World::of(records);
        let row = "003000000000300,Acme Partner";
        assert_eq!(world.codes("ContactId,Profile", row), [code], "{name}");
        let row = "003000000000300,Acme Partner,Lovelace";
        let codes = world.codes("ContactId,Profile,LastName", row);
        assert_eq!(codes, [""; 0], "{name}");
    }
}

#[test]
fn a_pattern_that_a_row_cannot_fill_leaves_it_without_username() {
    let world = World::new().with(|set| set.username_pattern = "{first}.{last}@acme.com".into());
    let header = "ContactId,Profile";
    assert_eq!(
        world.codes(header, "003000000000018,Acme Partner"),
        ["username-missing"]
    );
    assert_eq!(world.codes(header, "003000000000011,Acme Partner"), [""; 0]);
    // Either cell would mend it, so both are named.
    let world = World::new();
    assert_eq!(
        world.codes(header, "003000000000014,Acme Partner"),
        ["email-missing", "username-missing"]
    );
}

#[test]
fn a_required_field_of_the_org_must_be_filled_by_row_or_run() {
    let mut with_required = records();
    for facts in &mut with_required.user_fields {
        facts.required = facts.api_name == "Tier__c";
    }
    let world = World::of(with_required);
    let row = "003000000000011,Acme Partner";
    assert_eq!(
        world.codes("ContactId,Profile", row),
        ["required-field-missing"]
    );
    assert_eq!(
        world.codes("ContactId,Profile,Tier__c", &format!("{row},")),
        ["required-field-missing"]
    );
    assert_eq!(
        world.codes("ContactId,Profile,Tier__c", &format!("{row},Gold")),
        [""; 0]
    );
    let world = world.with(|set| set.set = vec![("tier__c".into(), "gold".into())]);
    assert_eq!(world.value("ContactId,Profile", row, "Tier__c"), "Gold");
}

#[test]
fn locale_keys_that_nobody_supplies_are_missing_and_the_encoding_is_not() {
    let mut records = records();
    records.org_defaults.clear();
    let world = World::of(records);
    let row = "003000000000011,Acme Partner";
    let rejected = world.rejected("ContactId,Profile", row);
    let reasons: Vec<&str> = rejected
        .faults
        .iter()
        .map(|(_, fault)| &*fault.reason)
        .collect();
    let expected = ["TimeZoneSidKey", "LocaleSidKey", "LanguageLocaleKey"]
        .map(|field| format!("{field} is required, and nothing supplies it"));
    assert_eq!(reasons, expected);
    let defaults = world.program("ContactId,Profile").defaults_in_use();
    assert!(defaults.contains(&"EmailEncodingKey=UTF-8 (admit's default)".to_owned()));
}

#[test]
fn a_person_account_whose_contact_is_not_visible_is_no_person() {
    let mut records = records();
    let account = AccountRecord {
        id: &id("001", 70),
        name: "Hidden Person",
        owner: &id("005", 2),
        is_person_account: true,
        person_contact: &id("003", 999),
        external_ids: &[""],
        ..Default::default()
    };
    records.account(&account).unwrap();
    let world = World::of(records);
    let codes = world.codes("AccountId,Profile", "001000000000070,Acme Customer");
    assert_eq!(codes, ["contact-not-found"]);
}

#[test]
fn an_org_with_several_currencies_wants_one_of_them() {
    let mut records = records();
    records.is_multi_currency = true;
    let mut currency = field("CurrencyIsoCode", "picklist", 3);
    let values = [("EUR", true), ("USD", true), ("DEM", false)];
    currency.picklist = Some(PicklistFacts {
        restricted: false,
        values: values
            .map(|(key, active)| (key.to_owned(), active))
            .to_vec(),
    });
    records.user_fields.push(currency);
    let world = World::of(records);
    let row = "003000000000011,Acme Partner";
    let header = "ContactId,Profile,CurrencyIsoCode";
    assert_eq!(world.codes("ContactId,Profile", row), ["currency-unknown"]);
    assert_eq!(
        world.codes(header, &format!("{row},DEM")),
        ["currency-unknown"]
    );
    assert_eq!(
        world.value(header, &format!("{row},eur"), "CurrencyIsoCode"),
        "EUR"
    );
}

#[test]
fn a_key_that_needs_quotes_gets_them_in_every_row() {
    let mut records = records();
    let mut bore = field("Bore__c", "picklist", 40);
    bore.picklist = Some(PicklistFacts {
        restricted: true,
        values: vec![("6\" pipe".to_owned(), true), ("none".to_owned(), true)],
    });
    records.user_fields.push(bore);
    let world = World::of(records);
    let row = "003000000000011,Acme Partner";
    let keys = ["6\" pipe", "none", "6\" pipe", "none"];
    let rows = keys.map(|key| format!("{row},{key}"));
    let rows = rows.each_ref().map(String::as_str);
    let changes = world.check("ContactId,Profile,Bore__c", &rows).changes;
    let lines = String::from_utf8(changes).unwrap();
    let sent = lines.lines().map(|line| line.rsplit(',').next());
    let quoted = [Some("\"6\"\" pipe\""), Some("none")].repeat(2);
    assert_eq!(sent.collect::<Vec<_>>(), quoted);
}

#[test]
fn standard_profiles_are_refused_where_the_org_is_known_to_refuse_them() {
    let (header, row) = (
        "ContactId,Profile",
        "003000000000011,Customer Community User",
    );
    let said = |known: StandardProfiles| {
        let world = World::new().with(|set| set.standard_profiles = known);
        let checked = world.check(header, &[row]);
        let warned = checked
            .warnings
            .iter()
            .map(|warning| warning.code)
            .collect::<Vec<_>>();
        (world.codes(header, row), warned)
    };
    assert_eq!(
        said(StandardProfiles::Refused),
        (vec!["profile-standard"], vec![])
    );
    assert_eq!(
        said(StandardProfiles::Unknown),
        (vec![], vec![Code::ProfileStandard])
    );
    assert_eq!(said(StandardProfiles::Allowed), (vec![], vec![]));
}

#[test]
fn an_owner_at_the_ceiling_takes_no_new_account_with_roles() {
    let world = |max| World::new().with(|set| set.owner_accounts_max = max);
    let (header, new, old) = (
        "ContactId,Profile",
        "003000000000011,Acme Partner",
        "003000000000021,Acme Partner",
    );
    // Olivia owns one account with partner roles.
    assert_eq!(world(1).codes(header, new), ["owner-account-ceiling"]);
    assert_eq!(world(1).codes(header, old), [""; 0]);
    assert_eq!(
        world(1).check(header, &[old]).warnings[0].code,
        Code::OwnerAccountCeiling
    );
    assert!(world(2).check(header, &[new]).warnings.is_empty());
    assert_eq!(
        world(1).codes(header, "003000000000011,Acme Customer"),
        [""; 0]
    );
}

#[test]
fn a_row_that_is_sent_may_still_be_warned_about() {
    let world = World::new();
    let header = "ContactId,Profile,Username,LanguageLocaleKey,PortalRole";
    let row = "003000000000051,Acme Plus,jörg@acme.com,th,Executive";
    let checked = world.check(header, &[row]);
    let warned: Vec<_> = checked
        .warnings
        .iter()
        .map(|warning| warning.code.as_str())
        .collect();
    let expected = [
        "username-malformed",
        "language-unknown",
        "account-owner-inactive",
        "role-level-missing",
    ];
    assert_eq!(warned, expected);
    assert!(checked.warnings.iter().all(|warning| warning.line == 2));
}

#[test]
fn all_faults_of_a_row_come_at_once_in_the_order_of_the_table() {
    let world = World::new();
    let header =
        "ContactId,Profile,Username,Alias,TimeZoneSidKey,EndDate,Title,PortalRole,PermissionSets";
    let row = "003000000000041,Outsider,nobody,much too long,CET,soon,#REF!,Manager,Nothing";
    let expected = [
        "username-malformed",
        "field-too-long",
        "timezone-unknown",
        "date-invalid",
        "spreadsheet-error",
        "account-owner-without-role",
        "role-not-allowed",
        "permission-set-not-found",
        "profile-not-in-site",
    ];
    assert_eq!(world.codes(header, row), expected);
}

#[test]
fn reasons_name_the_record_the_value_and_the_fix() {
    let world = World::new();
    let said = |header: &str, row: &str| {
        let rejected = world.rejected(header, row);
        let (_, fault) = &rejected.faults[0];
        (
            fault.reason.clone(),
            fault.fix.clone(),
            rejected
                .behind
                .iter()
                .map(|id| id.as_15().to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let header = "ContactId,Profile";
    assert_eq!(
        said(header, "003000000000041,Acme Partner"),
        (
            "the owner of Account \"Account 4\" (001000000000004AAA), norole (005000000000003AAA), has no role".into(),
            "Give norole a role in Setup > Users, or give the Account another owner".into(),
            vec![id("001", 4), id("005", 3)],
        )
    );
    assert_eq!(
        said(header, "003000000000017,Acme Partner"),
        (
            "Contact 003000000000017AAA was merged into Contact 003000000000011AAA".into(),
            "Put 003000000000011AAA into the row".into(),
            vec![id("003", 17)],
        )
    );
    assert_eq!(
        said("ContactId,Profile,Username", "003000000000011,Acme Partner,Taken@acme.com"),
        (
            "username \"taken@acme.com\" belongs to the active user taken@acme.com (005000000000091AAA)".into(),
            "Choose another username, such as taken.2@acme.com".into(),
            vec![id("005", 91)],
        )
    );
    assert_eq!(
        said(
            "ContactId,Profile,Alias",
            "003000000000011,Acme Partner,ninechars"
        ),
        (
            "Alias \"ninechars\" has 9 characters, the field takes 8".into(),
            "Shorten Alias to 8 characters".into(),
            vec![],
        )
    );
}

#[test]
fn what_the_running_user_may_not_see_is_not_said_to_be_absent() {
    let mut records = records();
    records.visibility.everything = false;
    let world = World::of(records);
    for (header, row) in [
        ("ContactId,Profile", "003000000000999,Acme Partner"),
        ("Contact.Crm__c,Profile", "CRM-none,Acme Partner"),
        (
            "Email,AccountId,Profile",
            "c11@example.com,001000000000099,Acme Partner",
        ),
    ] {
        let reason = world.rejected(header, row).faults[0].1.reason.clone();
        assert!(
            reason.ends_with("not found, or is not visible to integration@acme.com"),
            "{reason}"
        );
    }
}

#[test]
fn a_cell_of_any_length_is_cut_in_reasons() {
    let row = format!("003000000000011,Acme Partner,{}", "x".repeat(200_000));
    let rejected = World::new().rejected("ContactId,Profile,Title", &row);
    assert_eq!(codes(&rejected), ["field-too-long"]);
    assert!(rejected.faults[0].1.reason.len() < 300);
}
