//! Tests of the room: what was written reads back as what came in.

mod run_files;

use std::path::Path;

use proptest::prelude::*;

use crate::model::columns::{Column, ColumnRole, Layout};
use crate::model::contact::{Cell, Quoting, Record, RecordFault, Window};
use crate::model::id::{RowOrdinal, UserId};
use crate::model::outcome::{RowEnd, Stage};
use crate::model::rejection::{Code, Fault, Rejected, Retry};

use super::{OutputFormat, RowCounts, RowWriter};

const PLAIN: OutputFormat = OutputFormat {
    delimiter: b',',
    line_end: "\n",
    bom: false,
};

fn layout(headers: &[&str]) -> Layout {
    let column = |header: &&str| Column {
        header: (*header).to_owned(),
        role: if header.starts_with("sf__") || header.starts_with("admit__") {
            ColumnRole::Ours
        } else {
            ColumnRole::Other
        },
    };
    Layout::new(headers.iter().map(column).collect())
}

/// A window of records, each given as its raw cells.
fn window(delimiter: u8, width: usize, records: &[Vec<Vec<u8>>]) -> Window {
    let mut window = Window::default();
    for (line, cells) in (2..).zip(records) {
        let start = u32::try_from(window.text.len()).unwrap();
        let first_cell = u32::try_from(window.cells.len()).unwrap();
        for (index, raw) in cells.iter().enumerate() {
            if index > 0 {
                window.text.push(delimiter);
            }
            let from = u32::try_from(window.text.len()).unwrap();
            window.text.extend(raw);
            let to = u32::try_from(window.text.len()).unwrap();
            let quoting = if raw.starts_with(b"\"") {
                Quoting::Escaped
            } else {
                Quoting::Bare
            };
            window.cells.push(Cell {
                start: from,
                end: to,
                quoting,
            });
        }
        let end = u32::try_from(window.text.len()).unwrap();
        let raw = &window.text[start as usize..end as usize];
        let fault = match std::str::from_utf8(raw) {
            Err(_) => Some(RecordFault::Encoding { offset: 0 }),
            Ok(_) if cells.len() != width => Some(RecordFault::Width {
                found: u32::try_from(cells.len()).unwrap(),
            }),
            Ok(_) => None,
        };
        let cells = first_cell..u32::try_from(window.cells.len()).unwrap();
        window.records.push(Record {
            line,
            bytes: start..end,
            cells,
            fault,
        });
        window.text.push(b'\n');
    }
    window
}

fn cells(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn success(number: usize) -> RowEnd {
    RowEnd::Success {
        user: UserId::parse("005A0000006Vm9r").unwrap(),
        username: format!("u{number}@x.org"),
        job: "750A0000006Vm9rXYZ".into(),
    }
}

fn fault((code, reason, retry): &(&str, &str, Retry)) -> Fault {
    Fault {
        code: (*code).to_owned(),
        reason: (*reason).to_owned(),
        fix: format!("mend {code}"),
        retry: *retry,
    }
}

fn failure(faults: &[(&str, &str, Retry)]) -> RowEnd {
    RowEnd::Failure {
        stage: Stage::Rejected,
        faults: faults.iter().map(fault).collect(),
    }
}

fn write_all(
    folder: &Path,
    layout: &Layout,
    format: OutputFormat,
    rows: (&Window, &[RowEnd]),
) -> RowCounts {
    let mut writer = RowWriter::create(folder, layout, format).unwrap();
    for (row, end) in rows.0.rows().zip(rows.1) {
        writer.write(&row, end).unwrap();
    }
    writer.finish().unwrap()
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn rows_go_to_their_file_with_their_cells_as_they_came() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        cells(&["\"A, \"\"x\"\"\"", "=1+1", " padded "]),
        cells(&["b\u{fc}", "\"two\nlines\"", ""]),
    ];
    let window = window(b',', 3, &rows);
    let ends = [
        success(1),
        failure(&[
            ("no-seat", "say \"no\"", Retry::AfterFix),
            ("x", "why", Retry::Now),
        ]),
    ];
    let counts = write_all(
        folder.path(),
        &layout(&["Name", "A,B", "C"]),
        PLAIN,
        (&window, &ends),
    );
    assert_eq!(
        counts,
        RowCounts {
            success: 1,
            failure: 1
        }
    );
    let expected = "Name,\"A,B\",C,sf__Id,sf__Created,admit__Action,admit__Username,admit__Job\n\
         \"A, \"\"x\"\"\",=1+1, padded ,005A0000006Vm9rIAC,true,created,u1@x.org,\
         750A0000006Vm9rXYZ\n";
    assert_eq!(text(folder.path(), "success.csv"), expected);
    let expected = "Name,\"A,B\",C,admit__Line,admit__Stage,admit__Code,admit__Reason,admit__Fix,\
         admit__Retry,admit__Raw\n\
         b\u{fc},\"two\nlines\",,3,rejected,no-seat | x,\"say \"\"no\"\" | why\",\
         mend no-seat | mend x,after-fix,\n";
    assert_eq!(text(folder.path(), "failure.csv"), expected);
}

#[test]
fn outputs_follow_the_format_of_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let format = OutputFormat {
        delimiter: b';',
        line_end: "\r\n",
        bom: true,
    };
    let window = window(b';', 1, &[cells(&["a,b"])]);
    let ends = [failure(&[("c", "one; two", Retry::Never)])];
    write_all(folder.path(), &layout(&["A"]), format, (&window, &ends));
    let expected = "\u{feff}A;admit__Line;admit__Stage;admit__Code;admit__Reason;admit__Fix;\
         admit__Retry;admit__Raw\r\na,b;2;rejected;c;\"one; two\";mend c;never;\r\n";
    assert_eq!(text(folder.path(), "failure.csv"), expected);
}

#[test]
fn columns_of_an_earlier_run_are_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let headers = ["sf__Id", "Name", "admit__Reason"];
    let window = window(b',', 3, &[cells(&["005", "\"n\"", "old"])]);
    write_all(
        folder.path(),
        &layout(&headers),
        PLAIN,
        (&window, &[success(1)]),
    );
    let written = text(folder.path(), "success.csv");
    assert!(written.starts_with("Name,sf__Id,"), "{written}");
    assert!(
        written.contains("\n\"n\",005A0000006Vm9rIAC,true,"),
        "{written}"
    );

    let ours = ["admit__Code"];
    let window = self::window(b',', 1, &[cells(&["old"])]);
    write_all(
        folder.path(),
        &layout(&ours),
        PLAIN,
        (&window, &[success(1)]),
    );
    let written = text(folder.path(), "success.csv");
    assert!(written.starts_with("sf__Id,"), "{written}");
    assert!(written.contains("\n005A0000006Vm9rIAC,true,"), "{written}");
}

#[test]
fn ragged_and_undecodable_rows_become_rectangular_and_keep_their_record_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        cells(&["short"]),
        cells(&["a", "\"b\nb\"", "too", "long\\"]),
        vec![b"M\xfcller".to_vec(), b"\"\x00\"".to_vec(), Vec::new()],
    ];
    let window = window(b',', 3, &rows);
    let ends = [(); 3].map(|()| failure(&[("row", "bad", Retry::AfterFix)]));
    write_all(
        folder.path(),
        &layout(&["A", "B", "C"]),
        PLAIN,
        (&window, &ends),
    );
    let written = text(folder.path(), "failure.csv");
    let rest = "rejected,row,bad,mend row,after-fix";
    let expected = [
        format!("short,,,2,{rest},short"),
        format!("a,\"b\nb\",too,3,{rest},\"a,\"\"b\\nb\"\",too,long\\\\\""),
        format!("M\u{fffd}ller,\"\0\",,4,{rest},\"M\\xFCller,\"\"\\x00\"\",\""),
    ];
    let body = written.split_once('\n').unwrap().1;
    assert_eq!(body, expected.map(|line| line + "\n").concat());
    let mut reader = ::csv::Reader::from_reader(written.as_bytes());
    assert_eq!(
        reader.records().map(Result::unwrap).count(),
        3,
        "csv checks the width of each"
    );
}

#[test]
fn a_check_writes_failures_only() {
    let folder = tempfile::tempdir().unwrap();
    let window = window(b',', 1, &[cells(&["a"]), cells(&["b"])]);
    let mut writer = RowWriter::for_check(folder.path(), &layout(&["A"]), PLAIN).unwrap();
    let rejected = Rejected {
        row: RowOrdinal(1),
        faults: vec![(Code::NoSeat, fault(&("x", "y", Retry::Never)))],
        behind: Vec::new(),
    };
    let row = window.rows().nth(1).unwrap();
    writer.reject(&row, &rejected).unwrap();
    assert!(
        !folder.path().join("failure.csv").exists(),
        "not before it is whole"
    );
    let counts = writer.finish().unwrap();
    assert_eq!(
        counts,
        RowCounts {
            success: 0,
            failure: 1
        }
    );
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["failure.csv"]);
}

/// A cell as it may stand in a file: bare where that is allowed, else in quotes.
fn raw(value: &str, delimiter: u8, in_quotes: bool) -> Vec<u8> {
    let special = |byte: u8| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if in_quotes || value.bytes().any(special) {
        format!("\"{}\"", value.replace('"', "\"\"")).into_bytes()
    } else {
        value.as_bytes().to_vec()
    }
}

fn any_cell() -> impl Strategy<Value = (String, bool)> {
    (
        prop::collection::vec(
            prop::sample::select("aé=\",;\n\r\t ".chars().collect::<Vec<_>>()),
            0..6,
        )
        .prop_map(|letters| letters.into_iter().collect()),
        any::<bool>(),
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_original_cells(
        rows in prop::collection::vec((prop::collection::vec(any_cell(), 3), any::<bool>()), 0..20),
        semicolon: bool,
        drops_a_column: bool,
        reason in "[a-z\";,|\n ]{0,8}",
    ) {
        let delimiter = if semicolon { b';' } else { b',' };
        let encode = |cell: &(String, bool)| raw(&cell.0, delimiter, cell.1);
        let records: Vec<Vec<Vec<u8>>> =
            rows.iter().map(|(cells, _)| cells.iter().map(encode).collect()).collect();
        let window = window(delimiter, 3, &records);
        let ends: Vec<RowEnd> = rows
            .iter()
            .enumerate()
            .map(|(index, (_, is_made))| match is_made {
                true => success(index),
                false => failure(&[("code", &reason, Retry::Now)]),
            })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let second = if drops_a_column { "sf__Error" } else { "B" };
        let format = OutputFormat { delimiter, line_end: "\r\n", bom: semicolon };
        write_all(folder.path(), &layout(&["A", second, "C"]), format, (&window, &ends));

        let kept: &[usize] = if drops_a_column { &[0, 2] } else { &[0, 1, 2] };
        for (name, is_made, ours) in [("success.csv", true, 5), ("failure.csv", false, 7)] {
            let mut reader = ::csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .from_path(folder.path().join(name))
                .unwrap();
            let expected = rows.iter().filter(|(_, made)| *made == is_made);
            let mut records = reader.records();
            for (cells, _) in expected {
                let record = records.next().unwrap().unwrap();
                prop_assert_eq!(record.len(), kept.len() + ours);
                for (place, column) in kept.iter().enumerate() {
                    prop_assert_eq!(&record[place], cells[*column].0.as_str());
                }
                if !is_made {
                    prop_assert_eq!(&record[kept.len() + 3], reason.as_str());
                }
            }
            prop_assert!(records.next().is_none());
        }
    }
}
