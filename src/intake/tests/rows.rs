//! What is read from files that can be read.

use crate::intake::IntakeNotice;
use crate::model::contact::RecordFault;
use crate::model::settings::InputSettings;

use super::{Scratch, cells_of, lines_and_faults, read, table, utf_16};

#[test]
fn every_way_to_write_a_table_gives_the_same_rows() {
    let wide = "\u{feff}ContactId,Name\n003a,Zoë\n003b,b\n";
    let files: [(&str, Vec<u8>); 14] = [
        (
            "plain",
            b"ContactId,Name\n003a,Zo\xC3\xAB\n003b,b\n".to_vec(),
        ),
        (
            "no final newline",
            b"ContactId,Name\n003a,Zo\xC3\xAB\n003b,b".to_vec(),
        ),
        (
            "bom",
            b"\xEF\xBB\xBFContactId,Name\n003a,Zo\xC3\xAB\n003b,b\n".to_vec(),
        ),
        (
            "crlf",
            b"ContactId,Name\r\n003a,Zo\xC3\xAB\r\n003b,b\r\n".to_vec(),
        ),
        (
            "crlf and lf mixed",
            b"ContactId,Name\n003a,Zo\xC3\xAB\r\n003b,b\n".to_vec(),
        ),
        (
            "crlf converted twice",
            b"ContactId,Name\r\r\n003a,Zo\xC3\xAB\r\r\n003b,b\r\r\n".to_vec(),
        ),
        ("cr", b"ContactId,Name\r003a,Zo\xC3\xAB\r003b,b\r".to_vec()),
        (
            "cr without the last",
            b"ContactId,Name\r003a,Zo\xC3\xAB\r003b,b".to_vec(),
        ),
        (
            "semicolons",
            b"ContactId;Name\n003a;Zo\xC3\xAB\n003b;b\n".to_vec(),
        ),
        (
            "tabs",
            b"ContactId\tName\n003a\tZo\xC3\xAB\n003b\tb\n".to_vec(),
        ),
        (
            "pipes",
            b"ContactId|Name\n003a|Zo\xC3\xAB\n003b|b\n".to_vec(),
        ),
        (
            "quotes",
            b"\"ContactId\",\"Name\"\n\"003a\",\"Zo\xC3\xAB\"\n\"003b\",\"b\"\n".to_vec(),
        ),
        ("utf-16le", utf_16(wide, u16::to_le_bytes)),
        ("utf-16be", utf_16(wide, u16::to_be_bytes)),
    ];
    for (name, file) in files {
        let (_, rows) = read(file, &InputSettings::default()).unwrap();
        assert_eq!(rows, table(&[&["003a", "Zoë"], &["003b", "b"]]), "{name}");
    }
}

#[test]
fn what_the_outputs_need_is_kept() {
    let files: [(&[u8], u8, bool, &str); 6] = [
        (b"ContactId,b\n", b',', false, "\n"),
        (b"\xEF\xBB\xBFContactId;b\r\n", b';', true, "\r\n"),
        (b"ContactId\tb\r1\t2\r", b'\t', false, "\n"),
        (b"ContactId|b", b'|', false, "\n"),
        (b"ContactId", b',', false, "\n"),
        (b"\xFF\xFEC\0o\0n\0t\0a\0c\0t\0I\0d\0", b',', true, "\n"),
    ];
    for (file, delimiter, has_bom, line_end) in files {
        let (input, rows) = read(file, &InputSettings::default()).unwrap();
        let told = (input.delimiter(), input.has_bom(), input.line_end());
        assert_eq!(told, (delimiter, has_bom, line_end), "{file:?}");
        assert!(rows.len() <= 1, "{file:?}");
    }
}

#[test]
fn a_named_encoding_is_read_and_bytes_it_does_not_have_reject_their_row() {
    let label = |label: &str| InputSettings {
        encoding: Some(label.into()),
        ..Default::default()
    };
    let (input, rows) = read(b"ContactId,N\n1,M\xFCller\n", &label("windows-1252")).unwrap();
    assert_eq!(rows, table(&[&["1", "Müller"]]));
    assert_eq!(input.notices().len(), 1);
    let scratch = Scratch::new(b"ContactId,N\n1,\x93\xFA\x96\x7B\n2,\x93\xFFa\n3,c\n");
    let input = scratch.open(&label("shift_jis")).unwrap();
    assert_eq!(cells_of(&input).unwrap()[0], ["1", "日本"]);
    let faults: Vec<_> = lines_and_faults(&input);
    assert_eq!(faults[0], (2, None));
    assert_eq!(faults[1], (3, Some(RecordFault::Encoding { offset: 2 })));
    assert_eq!(faults[2], (4, None));
}

#[test]
fn a_byte_order_mark_beats_a_label_and_says_so() {
    let settings = InputSettings {
        encoding: Some("windows-1252".into()),
        ..Default::default()
    };
    let (input, rows) = read("\u{feff}ContactId,N\n1,é\n", &settings).unwrap();
    assert_eq!(rows, table(&[&["1", "é"]]));
    assert_eq!(input.notices()[0].code(), "bom-overrules-encoding");
    let settings = InputSettings {
        encoding: Some("utf-16".into()),
        ..Default::default()
    };
    let (input, _) = read(utf_16("\u{feff}ContactId\n", u16::to_be_bytes), &settings).unwrap();
    let codes: Vec<_> = input.notices().iter().map(IntakeNotice::code).collect();
    assert_eq!(codes, ["input-transcoded"]);
}

#[test]
fn broken_rows_are_marked_and_the_others_stay_whole() {
    let file = b"ContactId,N\n1,ok\n2\n3,x,y\n4,\xFFbad\n5,nul\0\n6,\xE2\x82\n7,ok\n";
    let input = Scratch::new(file);
    let input = input
        .open(&InputSettings::default())
        .map(|open| lines_and_faults(&open))
        .unwrap();
    let encoding = |offset| Some(RecordFault::Encoding { offset });
    let width = |found| Some(RecordFault::Width { found });
    let expected = [
        (2, None),
        (3, width(1)),
        (4, width(3)),
        (5, encoding(2)),
        (6, encoding(5)),
        (7, encoding(2)),
        (8, None),
    ];
    assert_eq!(input, expected);
}

#[test]
fn a_utf_16_row_with_half_a_character_is_marked_and_the_next_one_is_not() {
    let mut file = utf_16("\u{feff}ContactId,N\n1,", u16::to_le_bytes);
    file.extend([0x00, 0xD8]);
    file.extend(utf_16("\n2,b\n", u16::to_le_bytes));
    let input = Scratch::new(&file);
    let rows = lines_and_faults(&input.open(&InputSettings::default()).unwrap());
    assert_eq!(
        rows,
        [(2, Some(RecordFault::Encoding { offset: 2 })), (3, None)]
    );
    // A file cut in the middle of a character.
    let input = Scratch::new(&file[..file.len() - 1]);
    let rows = lines_and_faults(&input.open(&InputSettings::default()).unwrap());
    assert_eq!(rows[1], (3, Some(RecordFault::Encoding { offset: 3 })));
}

#[test]
fn line_numbers_stay_right_across_quoted_newlines_and_blank_lines() {
    let file = "\n\"ContactId\",\"No\ntes\"\n1,\"a\nb\r\nc\"\n\n\r\n2,x\n3,\"\n\"\n4,y";
    let scratch = Scratch::new(file);
    let lines = lines_and_faults(&scratch.open(&InputSettings::default()).unwrap());
    assert_eq!(
        lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [4, 9, 10, 12]
    );
    let scratch = Scratch::new("ContactId,N\r1,\"a\rb\r\nc\nd\"\r\r2,x\r");
    let lines = lines_and_faults(&scratch.open(&InputSettings::default()).unwrap());
    assert_eq!(
        lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [2, 7]
    );
}

#[test]
fn cells_come_out_as_they_were_written() {
    let long = "x,".repeat(100_000);
    let cells = [
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("5\" pipe", "5\" pipe"),
        (" padded ", " padded "),
        ("\"a,b\"", "a,b"),
        ("\"say \"\"hi\"\"\"", "say \"hi\""),
        ("\"\"", ""),
        ("", ""),
        ("a\rb", "a\rb"),
        ("\"a\r\nb\"", "a\r\nb"),
        ("\u{feff}", "\u{feff}"),
        (&format!("\"{long}\""), long.as_str()),
    ];
    for (raw, value) in cells {
        let scratch = Scratch::new(format!("ContactId,N,O\n1,{raw},z\n2,b,c\n"));
        let input = scratch.open(&InputSettings::default()).unwrap();
        let window = input.windows().unwrap().next().unwrap().unwrap();
        let row = window.row(0);
        assert_eq!(row.fault(), None);
        assert!(row.value(1) == value, "{value:.20}");
        assert!(row.raw_cell(1) == raw.as_bytes(), "{raw:.20}");
        assert_eq!(window.row(1).value(2), "c");
    }
}

#[test]
fn a_header_alone_has_no_rows_and_one_row_is_one_row() {
    for (file, count) in [
        ("ContactId", 0),
        ("ContactId\n\n\n", 0),
        ("ContactId\n1", 1),
    ] {
        let (_, rows) = read(file, &InputSettings::default()).unwrap();
        assert_eq!(rows.len(), count, "{file:?}");
    }
}

#[test]
fn rows_may_be_read_again_and_the_digest_is_that_of_the_file() {
    let scratch = Scratch::new(b"\xEF\xBB\xBFContactId\n1\n2\n");
    let input = scratch.open(&InputSettings::default()).unwrap();
    let mut digests = Vec::new();
    for _ in 0..2 {
        let mut windows = input.windows().unwrap();
        assert_eq!(windows.sha256(), None);
        assert_eq!(
            windows
                .by_ref()
                .map(|w| w.unwrap().records.len())
                .sum::<usize>(),
            2
        );
        digests.push(windows.sha256().unwrap());
    }
    // printf '\xef\xbb\xbfContactId\n1\n2\n' | sha256sum
    let expected = "5c3e4dd28867d6f44eb1c2645f3a40bd0b872163ba7a948fadc84f476e6bcd4a";
    assert_eq!(digests, [expected, expected]);
    let mut windows = input.windows().unwrap().without_sha256();
    assert_eq!(windows.by_ref().count(), 1);
    assert_eq!(windows.sha256(), None);
    let mut again = input.windows().unwrap();
    assert_eq!(again.fingerprint(), None, "the file is not read to its end");
    assert_eq!(again.by_ref().count(), 1);
    assert!(again.fingerprint().is_some());
    assert_eq!(again.fingerprint(), windows.fingerprint());
}

#[test]
fn a_given_delimiter_is_used_even_where_another_stands_more_often() {
    let settings = InputSettings {
        delimiter: Some(b'^'),
        ..Default::default()
    };
    let (input, rows) = read("ContactId^a,b,c\n1^2,3\n", &settings).unwrap();
    assert_eq!(input.layout().width(), 2);
    assert_eq!(rows, table(&[&["1", "2,3"]]));
}
