//! What is said about files that cannot be read: what, where, what to do, which exit.

use crate::intake::windows::Sizes;
use crate::intake::{IntakeError, SIZES, open, opening};
use crate::model::explain::{Exit, Explain};
use crate::model::settings::InputSettings;

use super::{Scratch, cells_of, read, utf_16};

#[test]
fn a_file_whose_header_changed_between_two_passes_is_refused() {
    let scratch = Scratch::new("ContactId,a\n1,2\n");
    let input = scratch.open(&InputSettings::default()).unwrap();
    scratch.write("contacts.csv", "ContactId,b\n1,2\n");
    assert!(matches!(input.windows(), Err(IntakeError::Changed { .. })));
}

/// Each file is refused with this sentence, at this place behind the file's name, with exit 5.
fn assert_refused(files: &[(&[u8], &str, &str)]) {
    for (file, what, place) in files {
        let scratch = Scratch::new(file);
        let error = scratch
            .open(&InputSettings::default())
            .and_then(|input| cells_of(&input));
        let said = scratch.said(&error.unwrap_err());
        let place = format!("contacts.csv{place}");
        let expected = ((*what).to_owned(), place, Exit::Input);
        let start = &file[..file.len().min(80)];
        assert_eq!(said, expected, "{}", String::from_utf8_lossy(start));
    }
}

#[test]
fn files_that_are_no_text_are_refused() {
    let unmarked = "the file looks like UTF-16 without a byte order mark";
    assert_refused(&[
        (b"", "the file is empty", ""),
        (b"\xEF\xBB\xBF", "the file is empty", ""),
        (b"\n\r\n\n", "the file is empty", ""),
        (
            &utf_16("ContactId,N\n1,2\n", u16::to_le_bytes),
            unmarked,
            "",
        ),
        (
            &utf_16("ContactId,N\n1,2\n", u16::to_be_bytes),
            unmarked,
            "",
        ),
        (
            b"ContactId,N\xFCrnberg\n",
            "the header is not text in UTF-8",
            ", line 1",
        ),
        (
            b"ContactId,N\0\n",
            "the header is not text in UTF-8",
            ", line 1",
        ),
    ]);
}

/// What a header of many columns says, with these three at its beginning, middle and end.
fn wide(three: [&str; 3]) -> String {
    let others = |from: usize| (from..from + 5_000).map(|number| format!("Extra {number}"));
    let [first, middle, last] = three.map(str::to_owned);
    let names = std::iter::once(first).chain(others(0));
    let names = names.chain([middle]).chain(others(5_000)).chain([last]);
    names.collect::<Vec<_>>().join(",") + "\n"
}

#[test]
fn what_is_wrong_with_a_header_is_found_among_ten_thousand_columns() {
    let names = "columns 5001 and 10003 are both named `EXTRA 4999`";
    let double = "columns `ContactId` and `Contact ID` both mean `ContactId`";
    let custom = "columns `Badge__c` and `User.Badge__c` both mean `Badge__c`";
    let ignored = wide(["ContactId", "sf__Id", "SF__ID"]);
    let scratch = Scratch::new(ignored);
    assert!(scratch.open(&InputSettings::default()).is_ok());
    let twice = wide(["ContactId", "Notes", "EXTRA 4999"]);
    let meant = wide(["ContactId", "Notes", "Contact ID"]);
    let filled = wide(["Badge__c", "ContactId", "User.Badge__c"]);
    assert_refused(&[
        (twice.as_bytes(), names, ", line 1, column `EXTRA 4999`"),
        (meant.as_bytes(), double, ", line 1, column `Contact ID`"),
        (
            filled.as_bytes(),
            custom,
            ", line 1, column `User.Badge__c`",
        ),
    ]);
}

#[test]
fn files_without_a_usable_header_are_refused() {
    let data = "the file has no header: column 2 of its first row holds data";
    let no_key = "the CSV has no `ContactId` column";
    let double = "columns `ContactId` and `Contact ID` both mean `ContactId`";
    let custom = "columns `Badge__c` and `User.Badge__c` both mean `Badge__c`";
    let names = "columns 2 and 3 are both named `notes`";
    assert_refused(&[
        (b"x,003A0000006Vm9r\n", data, ", line 1"),
        (b"\nAnn,ann@example.com\n", data, ", line 2"),
        (b"ContactId,,b\n", "column 2 has no name", ", line 1"),
        (b"ContactId,b,\" \"\n", "column 3 has no name", ", line 1"),
        (
            b"ContactId,Notes,notes\n",
            names,
            ", line 1, column `notes`",
        ),
        (
            b"ContactId,Contact ID\n",
            double,
            ", line 1, column `Contact ID`",
        ),
        (
            b"ContactId,Badge__c,User.Badge__c\n",
            custom,
            ", line 1, column `User.Badge__c`",
        ),
        (b"Name,Phone\n", no_key, ", line 1"),
        (b"Email,Phone\n", no_key, ", line 1"),
    ]);
}

#[test]
fn files_with_broken_quotes_are_refused() {
    let unclosed = "a quote is opened and never closed";
    let follows = "text follows a closing quote; the quote was opened on line 2";
    assert_refused(&[
        (b"\"ContactId,b\n1,2\n", unclosed, ", line 1"),
        (b"ContactId,b\n1,2\n3,\"4\n5,6\n", unclosed, ", line 3"),
        (b"ContactId,b\n1,\"a\nb\" c\n", follows, ", line 3"),
        (b"ContactId,b\n1,\"a\" \n", follows, ", line 2"),
    ]);
}

#[test]
fn missing_files_and_folders_are_refused() {
    let scratch = Scratch::new("");
    let missing = open(
        &scratch.folder.path().join("none.csv"),
        &InputSettings::default(),
    );
    assert_eq!(scratch.said(&missing.unwrap_err()).2, Exit::Input);
    let folder = open(scratch.folder.path(), &InputSettings::default()).unwrap_err();
    assert!(matches!(
        folder,
        IntakeError::NotAFile { .. } | IntakeError::Unreadable { .. }
    ));
}

#[test]
fn a_missing_key_with_an_id_column_says_how_to_map_it() {
    let error = read("ID,Name\n", &InputSettings::default()).unwrap_err();
    assert!(
        error.remedy().contains("--map ID=ContactId"),
        "{}",
        error.remedy()
    );
}

#[test]
fn unknown_encodings_and_bad_delimiters_are_errors_of_the_command_line() {
    let scratch = Scratch::new("ContactId,b\n");
    for label in ["klingon", "", "iso-2022-kr"] {
        let settings = InputSettings {
            encoding: Some(label.into()),
            ..Default::default()
        };
        let (said, place, exit) = scratch.said(&scratch.open(&settings).unwrap_err());
        assert_eq!(said, format!("`{label}` is not the name of an encoding"));
        assert_eq!((place.as_str(), exit), ("--encoding", Exit::Usage));
    }
    let settings = InputSettings {
        delimiter: Some(b'"'),
        ..Default::default()
    };
    let said = scratch.said(&scratch.open(&settings).unwrap_err());
    assert_eq!(
        said,
        (
            "`\\\"` cannot be a delimiter".into(),
            "--delimiter".into(),
            Exit::Usage
        )
    );
}

#[test]
fn limits_of_records_and_rows_are_kept() {
    let with = |file: &str, sizes: Sizes| {
        let scratch = Scratch::new(file);
        let path = scratch.folder.path().join("contacts.csv");
        let input = opening::open(&path, &InputSettings::default(), sizes)?;
        cells_of(&input)
    };
    let short = Sizes {
        record_bytes_max: 20,
        window_bytes: 32,
        ..SIZES
    };
    let line = format!("ContactId,b\n1,{}\n2,b\n", "x".repeat(30));
    let error = with(&line, short).unwrap_err();
    assert!(
        matches!(error, IntakeError::RecordTooLong { line: 2, .. }),
        "{error:?}"
    );
    let quote = format!("ContactId,b\n1,a\n2,\"{}\n3,b\n", "x\n".repeat(30));
    let error = with(&quote, short).unwrap_err();
    assert!(
        matches!(error, IntakeError::UnclosedQuote { line: 3, .. }),
        "{error:?}"
    );
    let error = with(
        "\n".repeat(200).as_str(),
        Sizes {
            head_bytes: 4,
            ..short
        },
    )
    .unwrap_err();
    assert!(matches!(error, IntakeError::Empty { .. }), "{error:?}");
    let few = Sizes {
        rows_max: 2,
        window_bytes: 4,
        ..SIZES
    };
    assert_eq!(with("ContactId\n1\n2\n", few).unwrap().len(), 2);
    let error = with("ContactId\n1\n2\n3\n", few).unwrap_err();
    assert!(
        matches!(error, IntakeError::TooManyRows { rows_max: 2, .. }),
        "{error:?}"
    );
}

#[test]
fn nothing_comes_after_an_error() {
    let scratch = Scratch::new("ContactId,b\n1,\"2\n");
    let input = scratch.open(&InputSettings::default()).unwrap();
    let mut windows = input.windows().unwrap();
    assert!(matches!(
        windows.next(),
        Some(Err(IntakeError::UnclosedQuote { line: 2, .. }))
    ));
    assert!(windows.next().is_none());
    assert_eq!(windows.sha256(), None);
}
