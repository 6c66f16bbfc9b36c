//! What rows need not give: the values are promises, so they stand here as they are sent.

use proptest::prelude::*;

use super::org::{World, window};
use super::records::{profile, records};
use crate::org_state::UserRecord;
use crate::validate::derive::{self, Ingredients};
use crate::validate::draft::Draft;
use crate::validate::sight::Sight;

#[test]
fn a_row_of_an_id_and_a_profile_becomes_a_whole_user() {
    let sent = World::new().sent("ContactId,Profile", "003000000000011,Acme Partner");
    let expected = [
        "Username=c11@example.com",
        "ContactId=003000000000011AAA",
        "ProfileId=00e000000000001AAA",
        "LastName=Müller-Lüdenscheidt",
        "FirstName=Jörg",
        "Email=c11@example.com",
        "Alias=jmull",
        "CommunityNickname=jmullerludenscheidt-9sa7t5uk",
        "TimeZoneSidKey=Europe/Berlin",
        "LocaleSidKey=de_DE",
        "LanguageLocaleKey=de",
        "EmailEncodingKey=UTF-8",
    ];
    assert_eq!(sent, expected);
}

#[test]
fn the_row_goes_before_the_run_and_the_run_before_the_org_and_the_contact() {
    let world = World::new().with(|set| {
        set.set = vec![
            ("TimeZone".into(), "america/new_york".into()),
            ("FirstName".into(), "Run".into()),
            ("User.Title".into(), "Guest".into()),
        ];
    });
    let header = "ContactId,Profile,TimeZoneSidKey,LastName";
    let of_row = "003000000000011,Acme Partner,Europe/Berlin,Row";
    let of_run = "003000000000011,Acme Partner,,";
    for (row, field, expected) in [
        (of_row, "TimeZoneSidKey", "Europe/Berlin"),
        (of_run, "TimeZoneSidKey", "America/New_York"),
        (of_row, "LastName", "Row"),
        (of_run, "LastName", "Müller-Lüdenscheidt"),
        (of_row, "FirstName", "Run"),
        (of_run, "Title", "Guest"),
        (of_run, "LocaleSidKey", "de_DE"),
    ] {
        assert_eq!(
            world.value(header, row, field),
            expected,
            "{field} of {row}"
        );
    }
    let defaults = world.program(header).defaults_in_use();
    assert!(
        defaults.contains(&"TimeZoneSidKey=America/New_York (--set)".to_owned()),
        "{defaults:?}"
    );
    assert!(
        defaults.contains(&"LocaleSidKey=de_DE (the org's default)".to_owned()),
        "{defaults:?}"
    );
}

#[test]
fn usernames_follow_the_pattern_in_lower_case() {
    for (pattern, expected) in [
        ("{email}", "c11@example.com"),
        ("{email}.Partners", "c11@example.com.partners"),
        (
            "{first}.{last}@{account}.example",
            "jorg.mullerludenscheidt@account1.example",
        ),
        ("u-{contactid}@acme.com", "u-003000000000011aaa@acme.com"),
    ] {
        let world = World::new().with(|set| set.username_pattern = pattern.into());
        let row = "003000000000011,Acme Partner";
        assert_eq!(world.value("ContactId,Profile", row, "Username"), expected);
    }
    let given = "003000000000011,Acme Partner,Jörg.M@ACME.com";
    assert_eq!(
        World::new().value("ContactId,Profile,Username", given, "Username"),
        "jörg.m@acme.com"
    );
}

#[test]
fn a_name_without_latin_letters_still_gets_alias_and_nickname() {
    let world = World::new();
    let (header, row) = ("ContactId,Profile", "003000000000018,Acme Partner");
    let alias = world.value(header, row, "Alias");
    assert_eq!(alias.len(), 6);
    assert!(
        world
            .value(header, row, "CommunityNickname")
            .starts_with("member-")
    );
}

#[test]
fn a_derived_nickname_that_a_user_has_is_made_anew_the_same_way_each_time() {
    let (header, row) = ("ContactId,Profile", "003000000000011,Acme Partner");
    let first = World::new().value(header, row, "CommunityNickname");
    let mut records = records();
    records
        .user(&UserRecord {
            id: "005000000000300",
            username: "old@acme.com",
            profile: &profile(1).to_string(),
            nickname: &first,
            ..Default::default()
        })
        .unwrap();
    let world = World::of(records);
    let second = world.value(header, row, "CommunityNickname");
    assert_ne!(first, second);
    assert_eq!(second, world.value(header, row, "CommunityNickname"));
}

#[test]
fn is_active_is_read_as_people_write_it_and_false_takes_no_seat() {
    let world = World::new();
    let header = "ContactId,Profile,IsActive";
    for (typed, sent, takes_seat) in [
        ("TRUE", "true", true),
        ("1", "true", true),
        ("yes", "true", true),
        ("", "", true),
        ("False", "false", false),
        ("0", "false", false),
        ("no", "false", false),
    ] {
        let row = format!("003000000000011,Acme Partner,{typed}");
        assert_eq!(world.value(header, &row, "IsActive"), sent, "{typed}");
        let checked = world.check(header, &[&row]);
        let crate::model::user::CheckedRow::Accepted(user) = &checked.rows[0] else {
            panic!()
        };
        assert_eq!(user.takes_seat, takes_seat, "{typed}");
    }
}

#[test]
fn a_role_of_the_run_goes_only_to_licences_that_have_roles() {
    let world = World::new().with(|set| set.set = vec![("Role".into(), "user".into())]);
    let value = |row| world.value("ContactId,Profile", row, "PortalRole");
    assert_eq!(value("003000000000011,Acme Partner"), "User");
    assert_eq!(value("003000000000011,Acme Customer"), "");
}

proptest! {
    #[test]
    fn the_alias_of_a_name_is_how_its_nickname_starts(first in "\\PC{0,8}", last in "\\PC{0,12}") {
        let from = Ingredients {
            first: &first,
            last: &last,
            email: "",
            contact: None,
            account: "",
        };
        let (mut alias, mut nickname) = (String::new(), String::new());
        derive::alias(from, &mut alias);
        let letters = derive::nickname(from, 0, &mut nickname);
        if letters > 0 {
            prop_assert_eq!(alias, &nickname[..letters.min(derive::ALIAS_LETTERS)]);
        } else {
            prop_assert!(alias.starts_with('u') && nickname.starts_with("member-"));
        }
    }
}

#[test]
fn an_alias_is_the_same_whether_the_names_are_cells_or_come_from_the_contact() {
    let world = World::new();
    let header = "ContactId,Profile,FirstName,LastName";
    for (names, alias) in [
        ("Jörg,Müller-Lüdenscheidt", "jmull"),
        (",", "jmull"),
        ("Ann,", "amull"),
        ("\"J\"\"örg\",Li", "jli"),
        ("ß,Æther", "saeth"),
    ] {
        let row = format!("003000000000011,Acme Partner,{names}");
        assert_eq!(world.value(header, &row, "Alias"), alias, "{names}");
    }
    // A name without Latin letters is no member of anything.
    let alias = |names: &str| {
        let row = format!("003000000000011,Acme Partner,{names}");
        world.value(header, &row, "Alias")
    };
    assert_ne!(alias("李,明"), alias("M,Ember"));
    assert!(alias("李,明").starts_with('u'));
}

#[test]
fn a_row_without_cells_for_it_drafts_nothing_from_what_a_buffer_held_of_another() {
    let (world, window) = (World::new(), window(&["003000000000011,Acme Partner"]));
    let program = world.program("ContactId,Profile");
    let mut draft = Draft::default();
    draft.username.push_str("another@example.com");
    draft.nickname.push_str("another-12345678");
    draft.fill(&Sight::of(window.row(0), None, &program, &world.org));
    let drafted = (&*draft.username, &*draft.nickname, draft.alias());
    assert_eq!(drafted, ("", "", ""));
}
