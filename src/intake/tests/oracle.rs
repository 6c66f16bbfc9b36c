//! Properties of the reading: the `csv` crate and a byte-by-byte reader agree with it, and
//! neither block, window and slice sizes nor the number of threads change what it finds.

use std::io::Write as _;

use proptest::prelude::*;

use crate::intake::opening::open;
use crate::intake::windows::Sizes;
use crate::intake::{IntakeError, SIZES};
use crate::model::contact::RecordFault;
use crate::model::explain::Explain;
use crate::model::settings::InputSettings;

/// Everything that is told about one row.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    ordinal: u32,
    line: u64,
    raw: Vec<u8>,
    cells: Vec<Vec<u8>>,
    values: Vec<String>,
    fault: Option<RecordFault>,
}

/// Rows and digest of a file, or the error with its place.
type Whole = Result<(Vec<Row>, String), (String, String)>;

fn read_all(file: &[u8], settings: &InputSettings, sizes: Sizes) -> Whole {
    let mut path = tempfile::NamedTempFile::new().unwrap();
    path.write_all(file).unwrap();
    let told = |error: IntakeError| {
        let place = error.place().to_string();
        (
            error.to_string(),
            place.replace(&path.path().display().to_string(), "FILE"),
        )
    };
    let input = open(path.path(), settings, sizes).map_err(told)?;
    let mut windows = input.windows().map_err(told)?;
    let mut rows = Vec::new();
    for window in &mut windows {
        let window = window.map_err(told)?;
        rows.extend(window.rows().map(|row| {
            Row {
                ordinal: row.ordinal().0,
                line: row.line(),
                raw: row.raw().to_vec(),
                cells: (0..row.cell_count())
                    .map(|column| row.raw_cell(column).to_vec())
                    .collect(),
                values: (0..row.cell_count())
                    .map(|column| row.value(column).into_owned())
                    .collect(),
                fault: row.fault(),
            }
        }));
    }
    Ok((rows, windows.sha256().unwrap()))
}

fn small(sizes: (usize, usize, usize, usize)) -> Sizes {
    let (block_bytes, window_bytes, slice_bytes, head_bytes) = sizes;
    Sizes {
        block_bytes,
        window_bytes,
        slice_bytes,
        head_bytes,
        ..SIZES
    }
}

fn any_sizes() -> impl Strategy<Value = Sizes> {
    (1_usize..9, 1_usize..64, 1_usize..24, 1_usize..40).prop_map(small)
}

/// Text in which everything that matters is frequent: half of it well formed, half not.
fn any_body() -> impl Strategy<Value = String> {
    let wild = prop_oneof![
        4 => Just("a"), 4 => Just(","), 3 => Just("\""), 2 => Just("\n"), 2 => Just("\r\n"),
        1 => Just("\r"), 1 => Just("\u{feff}"), 1 => Just("é"), 1 => Just(" "), 2 => Just("\"\""),
        2 => Just(",\"b,\nc\","), 1 => Just("\"x\"\"y\""), 1 => Just("\"\r\n\""), 1 => Just("\0"),
    ];
    let cell = prop_oneof![
        Just("a"),
        Just(""),
        Just("5\" é"),
        Just("\u{feff}"),
        Just("\"\""),
        Just("\"b,\nc\""),
        Just("\"x\"\"y\""),
        Just("\"\r\n\""),
        Just("\"\r\""),
        Just("\"\n\"\"\n\""),
        Just("=1+1"),
    ];
    let after = prop_oneof![3 => Just(","), 1 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    prop_oneof![
        proptest::collection::vec(wild, 0..40).prop_map(|pieces| pieces.concat()),
        proptest::collection::vec((cell, after), 0..20).prop_map(|cells| cells
            .into_iter()
            .map(|(cell, after)| [cell, after].concat())
            .collect()),
    ]
}

fn any_header() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("ContactId,b\n"),
        Just("ContactId,b\r\n"),
        Just("ContactId,b\r"),
        Just("\u{feff}ContactId,b\n"),
        Just("\n\r\n\"ContactId\",\"b\nc\"\n"),
    ]
}

fn by_csv_crate(body: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(
            // The crate skips a byte order mark; here it is data.
            [b"x\n", body.as_bytes()].concat().as_slice(),
        )
        .into_records()
        .map(|r| r.unwrap().iter().map(str::to_owned).collect())
        .collect::<Vec<_>>();
    reader.remove(0);
    reader
}

/// The grammar of `tokens`, byte by byte: the records with their lines, or the line of the quote
/// that breaks the file.
fn byte_by_byte(body: &[u8], cr_ends: bool, first_line: u64) -> Result<Vec<(u64, Vec<u8>)>, u64> {
    let mut records = Vec::new();
    let (mut at, mut line) = (0, first_line);
    let crs_at = |at: usize| body[at..].iter().take_while(|byte| **byte == b'\r').count();
    // The length of the line end at a position, if one is there.
    let line_end = |at: usize| match (cr_ends, body.get(at)) {
        (true, Some(b'\r')) => Some(1 + usize::from(body.get(at + 1) == Some(&b'\n'))),
        (true, Some(b'\n')) => Some(1),
        (true, _) => None,
        (false, _) => match body.get(at + crs_at(at)) {
            Some(b'\n') => Some(crs_at(at) + 1),
            None if at < body.len() => Some(crs_at(at)),
            _ => None,
        },
    };
    while at < body.len() {
        let (start, record_line) = (at, line);
        let mut cell_starts = true;
        while at < body.len() && line_end(at).is_none() {
            if cell_starts && body[at] == b'"' {
                let opened = line;
                loop {
                    at += 1;
                    match (body.get(at), body.get(at + 1)) {
                        (None, _) => return Err(opened),
                        (Some(b'"'), Some(b'"')) => at += 1,
                        (Some(b'"'), _) => break,
                        (Some(b'\n'), _) => {
                            line += u64::from(!cr_ends || body[at - 1] != b'\r');
                        }
                        (Some(b'\r'), _) => line += u64::from(cr_ends),
                        _ => {}
                    }
                }
                at += 1;
                let ends = at == body.len() || body[at] == b',' || line_end(at).is_some();
                if !ends {
                    return Err(line);
                }
                cell_starts = false;
                continue;
            }
            cell_starts = body[at] == b',';
            at += 1;
        }
        if at > start {
            records.push((record_line, body[start..at].to_vec()));
        }
        if let Some(length) = line_end(at) {
            line += u64::from(body[at..at + length].iter().any(|b| cr_ends || *b == b'\n'));
            at += length;
        }
    }
    Ok(records)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn accepted_text_reads_as_the_csv_crate_reads_it(
        header in any_header(), body in any_body(), sizes in any_sizes(),
    ) {
        let file = [header, &body].concat();
        let Ok((rows, _)) = read_all(file.as_bytes(), &InputSettings::default(), sizes) else {
            return Ok(());
        };
        // In a LF file a CR inside a bare cell is data, where the crate ends a record.
        let bare_cr = |cell: &Vec<u8>| !cell.starts_with(b"\"") && cell.contains(&b'\r');
        if rows.iter().any(|row| row.cells.iter().any(bare_cr)) {
            return Ok(());
        }
        let values: Vec<_> = rows.into_iter().map(|row| row.values).collect();
        prop_assert_eq!(values, by_csv_crate(&body));
    }

    #[test]
    fn records_lines_and_verdicts_are_those_of_a_byte_by_byte_reader(
        header in any_header(), body in any_body(), sizes in any_sizes(),
    ) {
        let file = [header, &body].concat();
        let cr_ends = header.ends_with("b\r") && !body.starts_with('\n')
            && !body.trim_start_matches('\r').starts_with('\n')
            && !body.trim_start_matches('\r').is_empty();
        if header.ends_with("b\r") && !cr_ends {
            return Ok(());
        }
        let first_line = 1 + header.matches('\n').count() as u64 + u64::from(cr_ends);
        let expected = byte_by_byte(body.as_bytes(), cr_ends, first_line);
        match read_all(file.as_bytes(), &InputSettings::default(), sizes) {
            Ok((rows, _)) => {
                let rows: Vec<_> = rows.into_iter().map(|row| (row.line, row.raw)).collect();
                prop_assert_eq!(Ok(rows), expected);
            }
            Err((_, place)) => {
                prop_assert_eq!(Err(place), expected.map_err(|line| format!("FILE, line {line}")));
            }
        }
    }

    #[test]
    fn sizes_and_threads_change_nothing(
        header in any_header(), body in any_body(), sizes in any_sizes(), threads in 1_usize..9,
        record_bytes_max in prop_oneof![Just(SIZES.record_bytes_max), 20_usize..60],
    ) {
        let file = [header, &body].concat().repeat(3);
        let settings = InputSettings::default();
        let whole = read_all(file.as_bytes(), &settings, Sizes { record_bytes_max, ..SIZES });
        let sizes = Sizes { record_bytes_max, ..sizes };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let cut = pool.install(|| read_all(file.as_bytes(), &settings, sizes));
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn utf_16_reads_as_the_same_text_in_utf_8(
        header in any_header(), body in any_body(), sizes in any_sizes(), big in any::<bool>(),
    ) {
        let text = [header.trim_start_matches('\u{feff}'), &body].concat();
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let file: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect();
        let settings = InputSettings::default();
        let plain = read_all(text.as_bytes(), &settings, SIZES).map(|(rows, _)| rows);
        let wide = read_all(&file, &settings, sizes).map(|(rows, _)| rows);
        prop_assert_eq!(plain, wide);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        body in proptest::collection::vec(prop_oneof![
            Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), any::<u8>()
        ], 0..200),
        encoding in proptest::option::of(prop_oneof![
            Just("utf-16le"), Just("windows-1252"), Just("shift_jis"), Just("utf-8")
        ]),
        headed in any::<bool>(), sizes in any_sizes(),
    ) {
        let file = if headed { [b"ContactId\n", body.as_slice()].concat() } else { body };
        let settings = InputSettings { encoding: encoding.map(str::to_owned), ..Default::default() };
        let whole = read_all(&file, &settings, SIZES);
        prop_assert_eq!(whole, read_all(&file, &settings, sizes));
    }
}
