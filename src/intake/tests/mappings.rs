//! Columns: what the operator says about them, and what is done with those nobody needs.

use crate::model::columns::{ColumnRole, Field, UserField};
use crate::model::explain::{Exit, Explain};
use crate::model::settings::InputSettings;

use super::{Scratch, read};

#[test]
fn an_email_and_an_account_find_a_person_too() {
    for header in [
        "Email,AccountId",
        "Email,Account.ERP__c",
        "Contact.Key__c,x",
        "Contact Id",
    ] {
        assert!(read(header, &InputSettings::default()).is_ok(), "{header}");
    }
}

#[test]
fn own_columns_are_ignored_and_named_even_when_they_stand_twice() {
    let file = "ContactId,sf__Id,admit__Line,sf__Id\n1,2,3,4\n";
    let (input, _) = read(file, &InputSettings::default()).unwrap();
    assert_eq!(input.layout().columns()[3].role, ColumnRole::Ours);
    assert_eq!(input.notices()[0].code(), "own-columns-ignored");
    assert!(input.notices()[0].text().contains("sf__Id, admit__Line"));
}

fn maps(pairs: &[(&str, &str)]) -> InputSettings {
    let maps = pairs
        .iter()
        .map(|(header, field)| ((*header).into(), (*field).into()))
        .collect();
    InputSettings {
        maps,
        ..Default::default()
    }
}

#[test]
fn a_column_of_ours_takes_no_other_meaning() {
    let file = "ContactId,SF__Id,admit__Line\n1,2,3\n";
    for name in ["sf__Id", "ADMIT__Line"] {
        let error = read(file, &maps(&[(name, "Title")])).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
        let told = format!("{error} {}", error.remedy());
        assert!(told.contains(name) && told.contains("Rename"), "{told}");
    }
    let scratch = Scratch::new(file);
    let sdl = scratch.write("load.sdl", "SF__Id=Title\n");
    let settings = InputSettings {
        sdl: Some(sdl),
        ..Default::default()
    };
    let input = scratch.open(&settings).unwrap();
    assert_eq!(input.layout().columns()[1].role, ColumnRole::Ours);
}

#[test]
fn a_map_beats_the_headers_name_and_the_mapping_file() {
    let scratch = Scratch::new("Ident,Email,Work Mail,Rest\n");
    let sdl = scratch.write(
        "load.sdl",
        "#Mapping values\nIDENT=Contact\\:Contact-Key__c\nWork\\ Mail=Title\nGone=Phone\nRest=\n",
    );
    let settings = InputSettings {
        sdl: Some(sdl),
        ..maps(&[("Email", "Username"), ("work mail", "User.Email")])
    };
    let input = scratch.open(&settings).unwrap();
    let roles: Vec<_> = input
        .layout()
        .columns()
        .iter()
        .map(|c| c.role.clone())
        .collect();
    assert_eq!(
        roles,
        [
            ColumnRole::ContactExternalId("Key__c".into()),
            ColumnRole::Known(Field::User(UserField::Username)),
            ColumnRole::Known(Field::Email),
            ColumnRole::Other,
        ]
    );
    assert_eq!(input.notices()[0].code(), "sdl-columns-absent");
    assert!(input.notices()[0].text().contains("Gone"));
}

#[test]
fn maps_that_cannot_be_followed_are_refused() {
    let absent = "the CSV has no `Nope` column, which `--map` names";
    let unknown = "`--map b=Opportunity.Name` names no field that admit can fill";
    let twice = "`--map` names the `B` column twice";
    let double = "columns `ContactId` and `b` both mean `ContactId`";
    let table = [
        (maps(&[("Nope", "Email")]), absent, Exit::Input),
        (maps(&[("b", "Opportunity.Name")]), unknown, Exit::Usage),
        (maps(&[("b", "Email"), ("B", "Title")]), twice, Exit::Usage),
        (maps(&[("b", "ContactId")]), double, Exit::Input),
    ];
    for (settings, what, exit) in table {
        let scratch = Scratch::new("ContactId,b\n");
        let (said, _, code) = scratch.said(&scratch.open(&settings).unwrap_err());
        assert_eq!((said.as_str(), code), (what, exit));
    }
}

#[test]
fn mapping_files_that_cannot_be_followed_are_refused_with_their_line() {
    let table = [
        (
            "ContactId=ContactId\n\"en_US\"=LocaleSidKey\n",
            "a constant is given for `LocaleSidKey`",
        ),
        (
            "\nb=Email, Username\n",
            "the `b` column is mapped to several fields",
        ),
        (
            "\nb=Manager\\:User-Username\n",
            "`Manager:User-Username` is no field that admit can fill",
        ),
    ];
    for (sdl, what) in table {
        let scratch = Scratch::new("ContactId,b\n");
        let sdl = Some(scratch.write("load.sdl", sdl));
        let error = scratch
            .open(&InputSettings {
                sdl,
                ..Default::default()
            })
            .unwrap_err();
        let expected = (what.to_owned(), "load.sdl, line 2".to_owned(), Exit::Input);
        assert_eq!(scratch.said(&error), expected);
    }
    let scratch = Scratch::new("ContactId,b\n");
    let sdl = Some(scratch.folder.path().join("none.sdl"));
    let error = scratch
        .open(&InputSettings {
            sdl,
            ..Default::default()
        })
        .unwrap_err();
    assert_eq!(scratch.said(&error).1, "none.sdl");
}
