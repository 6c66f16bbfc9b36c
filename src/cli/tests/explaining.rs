//! What `explain` prints.

use crate::model::rejection::Code;

use super::super::explain::{code, list};
use super::*;

#[test]
fn every_code_is_explained_in_eighty_columns() {
    for known in Code::ALL {
        let text = code(known.as_str()).unwrap();
        assert!(text.starts_with(known.as_str()), "{text}");
        for part in ["Effect", "Decided by", "Cause", "Fix", "Source"] {
            assert!(text.contains(part), "{known}: no {part}");
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }
}

#[test]
fn the_list_has_every_code_once_under_its_family() {
    let list = list();
    for known in Code::ALL {
        let start = format!("  {} ", known.as_str());
        assert_eq!(
            list.lines().filter(|line| line.starts_with(&start)).count(),
            1,
            "{known}"
        );
    }
    let families: Vec<_> = list
        .lines()
        .filter(|l| !l.starts_with(' ') && !l.is_empty())
        .collect();
    assert_eq!(families[0], "row");
    assert!(list.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn codes_are_found_however_they_are_written() {
    for typed in [
        "contact-not-found",
        "CONTACT_NOT_FOUND",
        " Contact-Not-Found ",
    ] {
        assert!(code(typed).is_ok(), "{typed}");
    }
}

#[test]
fn an_unknown_code_names_those_like_it() {
    let Err(CliError::UnknownCode { near, .. }) = code("owner-without-role") else {
        panic!("there is no such code");
    };
    assert_eq!(near, ["account-owner-without-role"]);
    assert!(matches!(code("???"), Err(CliError::UnknownCode { near, .. }) if near.is_empty()));
}
