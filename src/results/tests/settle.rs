//! Every row sent has one outcome, whatever the result files look like.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use crate::model::change::ChangeKind;
use crate::model::id::{AccountSlot, RowOrdinal};
use crate::model::outcome::{RowOutcome, Settled};
use crate::model::wave::{SealedRow, SealedWave, WaveLetter};

use super::{contact_id, pair, refused, sent, set_id, settled, user_id};
use crate::results::{
    ResultFile, ResultReaders, ResultsError, SentKey, SentRow, Settlement, open_results, sent_rows,
    settle,
};

const SUCCESS: &str = "\"sf__Id\",\"sf__Created\",Username,ContactId\n";
const FAILED: &str = "\"sf__Id\",\"sf__Error\",Username,ContactId\n";
const UNTRIED: &str = "Username,ContactId\n";

fn readers<'a>(successful: &'a str, failed: &'a str, unprocessed: &'a str) -> ResultReaders<'a> {
    let file = |name: &str, text: &'a str| ResultFile {
        name: name.to_owned(),
        reader: Box::new(text.as_bytes()),
    };
    ResultReaders {
        successful: file("successful", successful),
        failed: file("failed", failed),
        unprocessed: file("unprocessed", unprocessed),
    }
}

fn success(row: u32) -> String {
    format!(
        "\"{}\",\"true\",\"u{row}@x.org\",\"{}\"\n",
        user_id(row),
        contact_id(row)
    )
}

fn failure(row: u32, error: &str) -> String {
    format!(
        "\"\",\"{error}\",\"u{row}@x.org\",\"{}\"\n",
        contact_id(row)
    )
}

fn untried(row: u32) -> String {
    format!("\"u{row}@x.org\",\"{}\"\n", contact_id(row))
}

#[test]
fn rows_are_joined_by_contact_and_come_out_in_the_order_sent() {
    let sent = [sent(4), sent(2), sent(9), sent(7)];
    let successful = format!("{SUCCESS}{}{}", success(7), success(4));
    let failed = format!(
        "{FAILED}{}",
        failure(9, "DUPLICATE_USERNAME:a<br>b\nc:Username --")
    );
    let settlement = settle(&sent, readers(&successful, &failed, UNTRIED)).unwrap();
    let expected = vec![
        settled(4, RowOutcome::Created(user_id(4))),
        settled(2, RowOutcome::Unaccounted),
        settled(9, refused("DUPLICATE_USERNAME:a<br>b\nc:Username --")),
        settled(7, RowOutcome::Created(user_id(7))),
    ];
    assert_eq!(
        settlement,
        Settlement {
            rows: expected,
            ..Settlement::default()
        }
    );
}

#[test]
fn empty_bodies_and_bare_headers_leave_every_row_unaccounted() {
    for files in [
        readers("", "", ""),
        readers(SUCCESS, FAILED, UNTRIED),
        readers("\n", "", "A"),
    ] {
        let settlement = settle(&[sent(1)], files).unwrap();
        assert_eq!(settlement.rows, [settled(1, RowOutcome::Unaccounted)]);
    }
}

#[test]
fn columns_are_found_by_name_in_any_case_and_order() {
    let failed = format!("contactid,SF__ERROR\n{},SOME_CODE:why:--\n", contact_id(1));
    let unprocessed = format!(
        "\u{feff}\"CONTACTID\",Username\n{},u\n",
        contact_id(2).record().as_15()
    );
    let settlement = settle(&[sent(1), sent(2)], readers("", &failed, &unprocessed)).unwrap();
    let expected = [
        settled(1, refused("SOME_CODE:why")),
        settled(2, RowOutcome::Unprocessed),
    ];
    assert_eq!(settlement.rows, expected);
}

#[test]
fn nul_bytes_in_a_body_do_not_hide_its_rows() {
    let successful = format!("{SUCCESS}{}", success(3)).replace('"', "\0\"");
    let settlement = settle(&[sent(3)], readers(&successful, "", "")).unwrap();
    assert_eq!(
        settlement.rows,
        [settled(3, RowOutcome::Created(user_id(3)))]
    );
}

#[test]
fn equal_repetitions_are_fine_and_contradictions_are_told_with_success_first() {
    let sent = [sent(1), sent(2), sent(3)];
    let successful = format!("{SUCCESS}{}{}{}", success(1), success(1), success(2));
    let failed = format!("{FAILED}{}{}", failure(2, "A:b:--"), failure(3, "A:b:--"));
    let unprocessed = format!("{UNTRIED}{}", untried(3));
    let settlement = settle(&sent, readers(&successful, &failed, &unprocessed)).unwrap();
    let expected = [
        settled(1, RowOutcome::Created(user_id(1))),
        settled(2, RowOutcome::Created(user_id(2))),
        settled(3, refused("A:b")),
    ];
    assert_eq!(settlement.rows, expected);
    assert_eq!(settlement.contradicted, [RowOrdinal(2), RowOrdinal(3)]);
}

#[test]
fn a_success_that_names_no_user_has_to_be_asked_about() {
    let successful = format!("{SUCCESS}\"\",\"true\",\"u\",\"{}\"\n", contact_id(1));
    let settlement = settle(&[sent(1)], readers(&successful, "", "")).unwrap();
    assert_eq!(settlement.rows, [settled(1, RowOutcome::Unaccounted)]);
}

#[test]
fn a_refusal_that_came_garbled_has_to_be_asked_about() {
    let failed = format!("sf__Id,sf__Error,ContactId\n,#,{}\n", contact_id(0));
    let at = failed.find('#').unwrap();
    let mut bytes = failed.into_bytes();
    bytes[at] = 0x80;
    let file = |bytes| ResultFile {
        name: "results".to_owned(),
        reader: Box::new(bytes),
    };
    let files = ResultReaders {
        successful: file(b"".as_slice()),
        failed: file(bytes.as_slice()),
        unprocessed: file(b"".as_slice()),
    };
    let settlement = settle(&[sent(0)], files).unwrap();
    assert_eq!(settlement.rows, [settled(0, RowOutcome::Unaccounted)]);
}

#[test]
fn results_without_the_key_column_are_an_error_and_not_a_guess() {
    let by_position = format!("sf__Id,Username\n{},u\n", user_id(1));
    let error = settle(&[sent(1)], readers(&by_position, "", "")).unwrap_err();
    assert!(matches!(
        error,
        ResultsError::ColumnMissing {
            column: "ContactId",
            ..
        }
    ));
}

#[test]
fn assignments_are_joined_by_both_their_ends() {
    let header = "AssigneeId,PermissionSetId\n";
    let line = |row, set| format!("{},{}\n", user_id(row), set_id(set));
    let successful = format!(
        "sf__Id,sf__Created,{header}0PaA0000006Vm9r,true,{}",
        line(1, 8)
    );
    let failed = format!("sf__Id,sf__Error,{header},A:b:--,{}", line(1, 7));
    let sent = [pair(1, 7), pair(1, 8)];
    let settlement = settle(&sent, readers(&successful, &failed, header)).unwrap();
    let expected = [
        settled(1, refused("A:b")),
        settled(1, RowOutcome::Created(user_id(1))),
    ];
    assert_eq!(settlement.rows, expected);
}

/// What the org did with a row, and how many times it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Success(usize),
    Failure(usize),
    Untried(usize),
    Nothing,
}

fn any_told() -> impl Strategy<Value = Told> {
    prop_oneof![
        (1_usize..3).prop_map(Told::Success),
        (1_usize..3).prop_map(Told::Failure),
        (1_usize..3).prop_map(Told::Untried),
        Just(Told::Nothing),
    ]
}

proptest! {
    #[test]
    fn every_row_sent_is_settled_once_whatever_order_gaps_and_repetitions_results_have(
        told in prop::collection::btree_map(0_u32..500, any_told(), 1..40),
        foreign in prop::collection::vec(500_u32..600, 0..5),
        shuffle in any::<prop::sample::Index>(),
    ) {
        let mut lines: [Vec<String>; 3] = Default::default();
        for (row, told) in &told {
            let (file, line, times) = match told {
                Told::Success(times) => (0, success(*row), *times),
                Told::Failure(times) => (1, failure(*row, "A:b, c:--"), *times),
                Told::Untried(times) => (2, untried(*row), *times),
                Told::Nothing => continue,
            };
            lines[file].extend(std::iter::repeat_n(line, times));
        }
        lines[2].extend(foreign.iter().map(|row| untried(*row)));
        for lines in &mut lines {
            let by = if lines.is_empty() { 0 } else { shuffle.index(lines.len()) };
            lines.rotate_left(by);
            lines.reverse();
        }
        let body = |header: &str, lines: &[String]| format!("{header}{}", lines.concat());
        let [successful, failed, unprocessed] = &lines;
        let (successful, failed) = (body(SUCCESS, successful), body(FAILED, failed));
        let unprocessed = body(UNTRIED, unprocessed);

        let rows: Vec<SentRow> = told.keys().map(|row| sent(*row)).collect();
        let settlement = settle(&rows, readers(&successful, &failed, &unprocessed)).unwrap();
        let expected: Vec<Settled> = told
            .iter()
            .map(|(row, told)| settled(*row, match told {
                Told::Success(_) => RowOutcome::Created(user_id(*row)),
                Told::Failure(_) => refused("A:b, c"),
                Told::Untried(_) => RowOutcome::Unprocessed,
                Told::Nothing => RowOutcome::Unaccounted,
            }))
            .collect();
        prop_assert_eq!(settlement.rows, expected);
        prop_assert_eq!(settlement.foreign_count, foreign.len() as u64);
        prop_assert!(settlement.contradicted.is_empty());
    }
}

/// A sealed wave on disk with these records.
fn sealed_wave(folder: &Path, kind: ChangeKind, header: &str, records: &[String]) -> SealedWave {
    let mut body = header.to_owned();
    let mut rows = Vec::new();
    for (row, record) in (0..).zip(records) {
        let offset = body.len() as u64;
        let length = u32::try_from(record.len()).unwrap();
        rows.push(SealedRow {
            row: RowOrdinal(row),
            account: AccountSlot(0),
            offset,
            length,
            nickname_derived: row % 2 == 1,
        });
        body.push_str(record);
    }
    std::fs::write(folder.join("wave.csv"), body).unwrap();
    SealedWave {
        number: 1,
        kind,
        letter: WaveLetter::C,
        round: 1,
        file: "wave.csv".into(),
        sha256: String::new(),
        header: header.as_bytes().to_vec(),
        rows,
        role_based: false,
    }
}

#[test]
fn the_rows_of_a_job_are_read_back_from_the_bytes_it_sent() {
    let folder = tempfile::tempdir().unwrap();
    let record = |row| format!("\"u\"\"{row},@x.org\",{},\"a\nb\"\n", contact_id(row));
    let sent = |row| SentRow {
        username: format!("u\"{row},@x.org"),
        nickname_derived: row % 2 == 1,
        ..sent(row)
    };
    let records: Vec<String> = (0..5).map(record).collect();
    let header = "Username,ContactId,AboutMe\n";
    let wave = sealed_wave(folder.path(), ChangeKind::CreateUser, header, &records);
    assert_eq!(
        sent_rows(&wave, 1..4, folder.path()).unwrap(),
        [sent(1), sent(2), sent(3)]
    );
    assert_eq!(sent_rows(&wave, 2..2, folder.path()).unwrap(), []);

    let bytes = std::fs::read(folder.path().join("wave.csv")).unwrap();
    std::fs::write(folder.path().join("wave.csv"), &bytes[..bytes.len() - 40]).unwrap();
    let cut = sent_rows(&wave, 1..5, folder.path());
    assert!(matches!(cut, Err(ResultsError::SealedDamaged { .. })));
}

#[test]
fn the_assignments_of_a_job_are_read_back_as_pairs() {
    let folder = tempfile::tempdir().unwrap();
    let records: Vec<String> = (0..2)
        .map(|row| format!("{},{}\n", user_id(row), set_id(row + 5)))
        .collect();
    let header = "AssigneeId,PermissionSetId\n";
    let wave = sealed_wave(
        folder.path(),
        ChangeKind::AssignPermissionSet,
        header,
        &records,
    );
    let keys: BTreeMap<_, _> = sent_rows(&wave, 0..2, folder.path())
        .unwrap()
        .iter()
        .map(|sent| (sent.row.0, sent.key))
        .collect();
    assert_eq!(keys[&1], SentKey::Assignment(user_id(1), set_id(6)));
}

#[test]
fn result_files_on_disk_are_read_and_a_missing_one_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("s"), format!("{SUCCESS}{}", success(1))).unwrap();
    std::fs::write(path("f"), "").unwrap();
    std::fs::write(path("u"), UNTRIED).unwrap();
    let files = open_results(&path("s"), &path("f"), &path("u")).unwrap();
    let rows = settle(&[sent(1)], files).unwrap().rows;
    assert_eq!(rows, [settled(1, RowOutcome::Created(user_id(1)))]);
    let missing = open_results(&path("s"), &path("f"), &path("other"));
    assert!(matches!(missing, Err(ResultsError::Unreadable { .. })));
}
