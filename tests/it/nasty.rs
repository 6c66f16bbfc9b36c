//! Files in every bad shape: what each becomes, byte for byte, or the message that says where it
//! broke. `samples/README.md` says what to expect of `samples/nasty`.
//!
//! Expectations are cut out of the file itself by [`records`], which knows nothing but quotes and
//! line ends: no part of admit reads them.

use std::path::{Path, PathBuf};

use admit::model::limits::WINDOW_BYTES;

use crate::world::{Done, Table, World, sample};

/// The header of every file in `samples/nasty`.
const HEADER: &str = "ContactId,Last Name,Email,Profile,Encoding,Region__c,Notes";

/// One good record of it, up to its last cell.
const GOOD_ROW: &str = "0035g000010p2vgAAA,Jäger,goetz.jaeger@kranich-moebelwerke.example.com,\
                        Acme Partner,UTF-8,DACH,";

const SUCCESS_COLUMNS: [&str; 5] = [
    "sf__Id",
    "sf__Created",
    "admit__Action",
    "admit__Username",
    "admit__Job",
];
const FAILURE_COLUMNS: [&str; 7] = [
    "admit__Line",
    "admit__Stage",
    "admit__Code",
    "admit__Reason",
    "admit__Fix",
    "admit__Retry",
    "admit__Raw",
];

/// A file all of whose rows become users, and how the outputs repeat it.
struct Odd {
    name: &'static str,
    flags: &'static [&'static str],
    /// Its text, decoded, without byte order mark.
    decode: fn(&[u8]) -> String,
    delimiter: char,
    line_end: &'static str,
    bom: bool,
    rows: usize,
}

const PLAIN: Odd = Odd {
    name: "no-final-newline.csv",
    flags: &[],
    decode: utf8,
    delimiter: ',',
    line_end: "\n",
    bom: false,
    rows: 3,
};

const ODD: [Odd; 15] = [
    PLAIN,
    Odd {
        name: "one-row.csv",
        rows: 1,
        ..PLAIN
    },
    Odd {
        name: "header-only.csv",
        rows: 0,
        ..PLAIN
    },
    Odd {
        name: "blank-lines.csv",
        ..PLAIN
    },
    Odd {
        name: "quoted-newlines.csv",
        ..PLAIN
    },
    Odd {
        name: "formula.csv",
        ..PLAIN
    },
    Odd {
        name: "cr.csv",
        ..PLAIN
    },
    Odd {
        name: "crlf.csv",
        line_end: "\r\n",
        ..PLAIN
    },
    Odd {
        name: "semicolon.csv",
        delimiter: ';',
        ..PLAIN
    },
    Odd {
        name: "tab.csv",
        delimiter: '\t',
        ..PLAIN
    },
    Odd {
        name: "pipe.csv",
        delimiter: '|',
        ..PLAIN
    },
    Odd {
        name: "utf8-bom.csv",
        bom: true,
        ..PLAIN
    },
    Odd {
        name: "utf16le-bom.csv",
        decode: utf16le,
        bom: true,
        ..PLAIN
    },
    Odd {
        name: "utf16be-bom.csv",
        decode: utf16be,
        bom: true,
        ..PLAIN
    },
    Odd {
        name: "windows-1252.csv",
        flags: &["--encoding", "windows-1252"],
        decode: latin1,
        ..PLAIN
    },
];

#[test]
fn odd_files_become_users_and_come_back_as_they_were() {
    for odd in &ODD {
        let world = World::new();
        let done = world.rehearse(&nasty(odd.name), "out", odd.flags);
        assert_eq!(done.code, 0, "{}: {}", odd.name, done.stderr);
        assert!(!done.stderr.contains("error"), "{}", done.stderr);

        let text = (odd.decode)(&std::fs::read(nasty(odd.name)).unwrap());
        let originals = records(&text);
        assert_eq!(originals.len(), odd.rows + 1, "{}", odd.name);
        let success = output(&world, "out", "success.csv", odd);
        assert_repeats(&success, &originals, &SUCCESS_COLUMNS, odd);
        let failure = output(&world, "out", "failure.csv", odd);
        assert_repeats(&failure, &originals[..1], &FAILURE_COLUMNS, odd);
    }
}

#[test]
fn a_check_of_an_odd_file_finds_nothing_wrong_with_it() {
    for odd in &ODD {
        let world = World::new();
        let done = world.check(&nasty(odd.name), "out", odd.flags);
        assert_eq!(done.code, 0, "{}: {}", odd.name, done.stderr);
        let text = (odd.decode)(&std::fs::read(nasty(odd.name)).unwrap());
        let failure = output(&world, "out", "failure.csv", odd);
        assert_repeats(&failure, &records(&text)[..1], &FAILURE_COLUMNS, odd);
        assert!(!world.path("out/success.csv").exists(), "{}", odd.name);
        let summary = summary(&world, "out");
        assert_eq!(summary["plan"]["rows"], odd.rows, "{}", odd.name);
    }
}

/// Each record of an output is the original one, a delimiter, and our cells; the file is nothing
/// but such records, each with the right line end.
fn assert_repeats(text: &str, originals: &[&str], ours: &[&str], odd: &Odd) {
    let found = records(text);
    assert_eq!(found.len(), originals.len(), "{}: {text}", odd.name);
    for (record, original) in found.iter().zip(originals) {
        let rest = record.strip_prefix(original);
        let rest = rest.unwrap_or_else(|| panic!("{}: {record:?} for {original:?}", odd.name));
        assert!(rest.starts_with(odd.delimiter), "{}: {rest:?}", odd.name);
    }
    let header = ours.join(&odd.delimiter.to_string());
    assert!(found[0].ends_with(&header), "{}: {}", odd.name, found[0]);
    let whole: String = found
        .iter()
        .flat_map(|record| [record, odd.line_end])
        .collect();
    assert_eq!(text, whole, "{}", odd.name);
    // A reader that is not ours finds a rectangle.
    let table = Table::read_with(text.as_bytes(), odd.delimiter as u8);
    assert_eq!(table.header.len(), 7 + ours.len(), "{}", odd.name);
}

/// An output's text, without the byte order mark it must have or lack.
fn output(world: &World, out: &str, name: &str, odd: &Odd) -> String {
    let text = String::from_utf8(std::fs::read(world.path(out).join(name)).unwrap()).unwrap();
    let without = text.strip_prefix('\u{feff}');
    assert_eq!(without.is_some(), odd.bom, "{name} of {}", odd.name);
    without.unwrap_or(&text).to_owned()
}

#[test]
fn what_is_converted_is_said() {
    for (name, flags, said) in [
        ("utf16le-bom.csv", &[][..], "is read as UTF-16LE"),
        ("utf16be-bom.csv", &[], "is read as UTF-16BE"),
        (
            "windows-1252.csv",
            &["--encoding", "windows-1252"],
            "is read as windows-1252",
        ),
        (
            "utf8-bom.csv",
            &["--encoding", "windows-1252"],
            "byte order mark says UTF-8",
        ),
    ] {
        let world = World::new();
        let done = world.rehearse(&nasty(name), "out", flags);
        assert_eq!(done.code, 0, "{}", done.stderr);
        let warned = done.stderr.lines().find(|line| line.contains(said));
        assert!(
            warned.is_some_and(|line| line.starts_with("warning: ")),
            "{name}: {}",
            done.stderr
        );
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for (name, lines) in [
        ("blank-lines.csv", ["3", "6", "7"]),
        ("quoted-newlines.csv", ["2", "6", "7"]),
        ("cr.csv", ["2", "3", "4"]),
        ("crlf.csv", ["2", "3", "4"]),
        ("utf8-bom.csv", ["2", "3", "4"]),
    ] {
        let world = World::new();
        let text = std::fs::read_to_string(nasty(name)).unwrap();
        let file = world.file(name, text.replace("Acme Partner", "No Such Profile"));
        let done = world.check(&file, "out", &[]);
        assert_eq!(done.code, 3, "{}", done.stderr);
        let failure = std::fs::read_to_string(world.path("out/failure.csv")).unwrap();
        let failure = Table::read(failure.trim_start_matches('\u{feff}').as_bytes());
        assert_eq!(failure.cells("admit__Line"), lines, "{name}");
        assert_eq!(failure.cells("admit__Code"), ["profile-not-found"; 3]);
    }
}

/// A row that cannot be read: its line, its code, and its record as `admit__Raw` tells it.
type Bad<'a> = (&'a str, &'a str, &'a str);

#[test]
fn a_bad_record_costs_its_row_and_not_the_file() {
    let cases: [(&str, usize, &[Bad]); 4] = [
        (
            "ragged.csv",
            1,
            &[
                ("2", "row-width", "DACH,Größe: XL,one,two"),
                ("3", "row-width", "Acme Partner,UTF-8,DACH"),
            ],
        ),
        ("nul.csv", 2, &[("3", "row-encoding", r"DACH,pl\x00in")]),
        (
            "invalid-utf8.csv",
            2,
            &[("3", "row-encoding", r"DACH,pl\xE4in")],
        ),
        (
            "windows-1252.csv",
            0,
            &[
                ("2", "row-encoding", r"DACH,Gr\xF6\xDFe: XL"),
                ("3", "row-encoding", "DACH,plain"),
                ("4", "row-encoding", r"DACH,\xFCber alles"),
            ],
        ),
    ];
    for (name, created, bad) in cases {
        let world = World::new();
        let done = world.rehearse(&nasty(name), "out", &[]);
        assert_eq!(done.code, 3, "{name}: {}", done.stderr);
        assert_eq!(world.table("out", "success.csv").rows.len(), created);
        // Reading it as a table proves that it is rectangular and UTF-8.
        let failure = world.table("out", "failure.csv");
        assert_eq!(failure.header.len(), 14);
        assert_eq!(failure.rows.len(), bad.len(), "{name}");
        for (row, (line, code, raw)) in failure.rows.iter().zip(bad) {
            let cell = |column: &str| row[failure.column(column)].as_str();
            assert_eq!((cell("admit__Line"), cell("admit__Code")), (*line, *code));
            assert_eq!(cell("admit__Stage"), "rejected");
            assert_eq!(cell("admit__Retry"), "after-fix");
            assert!(cell("admit__Raw").ends_with(raw), "{}", cell("admit__Raw"));
            assert!(cell("admit__Raw").starts_with("0035g000010p"));
            assert!(!cell("admit__Fix").is_empty());
        }

        let checked = world.check(&nasty(name), "checked", &[]);
        assert_eq!(checked.code, 3, "{name}: {}", checked.stderr);
        assert_eq!(world.table("checked", "failure.csv").rows, failure.rows);
    }
}

#[test]
fn the_reason_names_the_bad_byte_counted_from_one() {
    for (name, what) in [
        ("nul.csv", "a NUL character"),
        ("invalid-utf8.csv", "not text in the encoding of the file"),
    ] {
        let world = World::new();
        world.check(&nasty(name), "out", &[]);
        let bytes = std::fs::read(nasty(name)).unwrap();
        let record = bytes.split(|byte| *byte == b'\n').nth(2).unwrap();
        let bad = record
            .windows(3)
            .position(|three| three == b",pl")
            .map(|at| at + 4);
        let reason = format!("byte {} of the record is {what}", bad.unwrap());
        let failure = world.table("out", "failure.csv");
        assert_eq!(failure.cells("admit__Reason"), [reason]);
    }
}

#[test]
fn a_wide_row_is_cut_and_a_narrow_one_padded_but_raw_has_it_all() {
    let world = World::new();
    world.check(&nasty("ragged.csv"), "out", &[]);
    let failure = world.table("out", "failure.csv");
    assert_eq!(failure.cells("Notes"), ["Größe: XL", ""]);
    let text = std::fs::read_to_string(nasty("ragged.csv")).unwrap();
    assert_eq!(failure.cells("admit__Raw"), records(&text)[1..3]);
}

#[test]
fn a_row_that_could_not_be_read_is_not_sent_again_before_it_is_mended() {
    for (name, rows, code) in [
        ("ragged.csv", 2, "row-width"),
        ("nul.csv", 1, "row-encoding"),
        ("invalid-utf8.csv", 1, "row-encoding"),
        ("windows-1252.csv", 3, "row-encoding"),
    ] {
        let world = World::new();
        world.rehearse(&nasty(name), "first", &[]);
        let done = world.rehearse(&world.path("first/failure.csv"), "again", &[]);
        assert_eq!(done.code, 3, "{name}: {}", done.stderr);
        let (first, again) = (
            world.table("first", "failure.csv"),
            world.table("again", "failure.csv"),
        );
        assert_eq!(again.cells("admit__Code"), vec![code; rows]);
        if name != "nul.csv" {
            // The NUL is still in its cell, so that record is escaped anew.
            assert_eq!(again.cells("admit__Raw"), first.cells("admit__Raw"));
        }
        assert_eq!(world.table("again", "success.csv").rows.len(), 0);
    }
}

#[test]
fn a_row_that_could_not_be_read_succeeds_once_it_is_mended() {
    let world = World::new();
    world.rehearse(&nasty("invalid-utf8.csv"), "first", &[]);
    let failure = world.table("first", "failure.csv");
    let raw = failure.column("admit__Raw");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&failure.header).unwrap();
    for row in &failure.rows {
        let mended = row.iter().enumerate().map(|(column, cell)| {
            let cell = cell.replace('\u{fffd}', "ä");
            if column == raw { String::new() } else { cell }
        });
        writer.write_record(mended).unwrap();
    }
    let file = world.file("mended.csv", writer.into_inner().unwrap());
    let done = world.rehearse(&file, "again", &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(
        world.table("again", "success.csv").cells("Notes"),
        ["pläin"]
    );
}

/// Files that cannot be used at all: name, line and column of the place, what, what to do.
const REFUSED: [(&str, &str, &str, &str); 7] = [
    (
        "empty.csv",
        "",
        "the file is empty",
        "Give a file with a header line and at least a `ContactId` column.",
    ),
    (
        "no-header.csv",
        ", line 1",
        "the file has no header: column 1 of its first row holds data",
        "Put a line with the columns' names above the first row.",
    ),
    (
        "duplicate-header.csv",
        ", line 1, column `Email`",
        "columns 3 and 7 are both named `Email`",
        "Rename or delete one of the two columns.",
    ),
    (
        "duplicate-meaning.csv",
        ", line 1, column `EmailEncodingKey`",
        "columns `Encoding` and `EmailEncodingKey` both mean `EmailEncodingKey`",
        "Delete one of the two columns, or give one another meaning with \
         `--map <header>=<field>`.",
    ),
    (
        "unnamed-column.csv",
        ", line 1",
        "column 7 has no name",
        "Give column 7 a name, or delete the column.",
    ),
    (
        "no-person-key.csv",
        ", line 1",
        "the CSV has no `ContactId` column",
        "Add `--map Id=ContactId` if `Id` holds the contacts' ids, or add a `ContactId` header.",
    ),
    (
        "unclosed-quote.csv",
        ", line 3",
        "a quote is opened and never closed",
        "Close the quote on that line, or double it where it is part of the text.",
    ),
];

#[test]
fn a_file_that_cannot_be_used_is_refused_with_place_and_remedy() {
    for (name, place, what, remedy) in REFUSED {
        for verb in ["check", "rehearse"] {
            let world = World::new();
            world.file(name, std::fs::read(nasty(name)).unwrap());
            let done = world.admit(&[verb, name, "--out", "out"]);
            assert_eq!(done.code, 5, "{name}: {}", done.stderr);
            assert_eq!(
                error_of(&done),
                message(what, &format!("{name}{place}"), remedy)
            );
            assert_eq!(done.stdout, "");
            assert!(!world.path("out/failure.csv").exists(), "{name}");
        }
    }
}

/// Contents nobody would save on purpose.
#[test]
fn made_up_monsters_are_refused_by_name() {
    let utf16: Vec<u8> = format!("{HEADER}\n{GOOD_ROW}x\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&str, Vec<u8>, &str, &str); 9] = [
        ("mark", b"\xef\xbb\xbf".into(), "", "the file is empty"),
        ("lines", b"\n\r\n\r\n".into(), "", "the file is empty"),
        (
            "quote",
            b"\"".into(),
            ", line 1",
            "a quote is opened and never closed",
        ),
        (
            "commas",
            b",,,\n,,,\n".into(),
            ", line 1",
            "column 1 has no name",
        ),
        (
            "nul",
            b"Contact\0Id,Email\n1,2\n".into(),
            ", line 1",
            "the header is not text in UTF-8",
        ),
        (
            "latin",
            b"ContactId,Stra\xdfe\n1,2\n".into(),
            ", line 1",
            "the header is not text in UTF-8",
        ),
        (
            "utf16",
            utf16,
            "",
            "the file looks like UTF-16 without a byte order mark",
        ),
        (
            "after",
            format!("{HEADER}\n{GOOD_ROW}\"one\ntwo\"three\n").into_bytes(),
            ", line 3",
            "text follows a closing quote; the quote was opened on line 2",
        ),
        (
            "open",
            format!(
                "{HEADER}\n{GOOD_ROW}x\n{GOOD_ROW}\"x\n{}",
                "y,z\n".repeat(1 << 20)
            )
            .into_bytes(),
            ", line 3",
            "a quote is opened and never closed",
        ),
    ];
    for (name, content, place, what) in cases {
        let world = World::new();
        world.file(name, content);
        let done = world.admit(&["check", name, "--out", "out"]);
        assert_eq!(done.code, 5, "{name}: {}", done.stderr);
        let error = error_of(&done);
        let start = format!("error: {what}\n   at: {name}{place}\n   do: ");
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn a_file_refused_at_its_header_leaves_no_folder_behind() {
    for (name, _, _, _) in REFUSED
        .iter()
        .filter(|(name, ..)| *name != "unclosed-quote.csv")
    {
        let world = World::new();
        world.check(&nasty(name), "out", &[]);
        assert!(!world.path("out").exists(), "{name}");
    }
}

#[test]
fn a_file_that_breaks_after_rows_that_were_rejected_leaves_no_half_output() {
    let world = World::new();
    let contacts = std::fs::read(sample("contacts.csv")).unwrap();
    let contacts = String::from_utf8_lossy(&contacts);
    let (header, rows) = contacts.split_once('\n').unwrap();
    let windows = 3 * WINDOW_BYTES / rows.len() + 1;
    let text = format!("{header}\n{}\"never closed", rows.repeat(windows));
    let done = world.check(&world.file("broken.csv", text), "out", &[]);
    assert_eq!(done.code, 5, "{}", done.stderr);
    let left = world.files("out").into_keys();
    let outputs = left.filter(|name| name.contains("failure.csv") || name.contains("draft"));
    assert_eq!(outputs.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_file_that_is_not_there_or_no_file_is_refused() {
    let world = World::new();
    std::fs::create_dir(world.path("folder")).unwrap();
    let remedy = "Name a CSV file that exists and that you may read.";
    for (name, what) in [
        ("nowhere.csv", "No such file or directory (os error 2)"),
        ("folder", "it is not a regular file"),
        ("/dev/null", "it is not a regular file"),
    ] {
        for verb in ["check", "rehearse"] {
            let done = world.admit(&[verb, name, "--out", "out"]);
            assert_eq!(done.code, 5, "{}", done.stderr);
            let what = format!("the contacts file cannot be read: {what}");
            assert_eq!(done.stderr, message(&what, name, remedy));
            assert!(!world.path("out").exists());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let mut closed = world.file("closed.csv", format!("{HEADER}\n"));
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&closed).is_ok() {
        // Nothing is closed to root, but there is no memory at address 0.
        closed = PathBuf::from("/proc/self/mem");
    }
    let done = world.check(&closed, "out", &[]);
    assert_eq!(done.code, 5, "{}", done.stderr);
    let error = error_of(&done);
    assert!(
        error.starts_with("error: the file cannot be read: "),
        "{error}"
    );
    assert!(
        error.ends_with("   do: Check the path and that you may read the file.\n"),
        "{error}"
    );
}

#[test]
fn a_record_past_every_sensible_length_is_taken_for_a_broken_file() {
    let limit = admit::model::limits::INPUT_RECORD_BYTES_MAX;
    let world = World::new();
    let too_long = format!("{HEADER}\n{GOOD_ROW}x\n{GOOD_ROW}{}\n", "x".repeat(limit));
    world.file("long.csv", too_long);
    let done = world.admit(&["check", "long.csv", "--out", "out"]);
    assert_eq!(done.code, 5, "{}", done.stderr);
    assert_eq!(
        error_of(&done),
        message(
            "a record is longer than 8 MiB",
            "long.csv, line 3",
            "Check that the file is a CSV and that its rows end with line ends."
        )
    );

    let long = "x".repeat(limit - 1024);
    let file = world.file("just.csv", format!("{HEADER}\n{GOOD_ROW}{long}\n"));
    let done = world.rehearse(&file, "just", &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(world.table("just", "success.csv").cells("Notes"), [long]);
}

#[test]
fn a_cell_of_200_000_characters_passes_through_and_is_rejected_where_it_is_sent() {
    let world = World::new();
    let long = "ü".repeat(200_000);
    let file = world.file("note.csv", format!("{HEADER}\n{GOOD_ROW}{long}\n"));
    let done = world.rehearse(&file, "note", &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let success = std::fs::read_to_string(world.path("note/success.csv")).unwrap();
    let start = format!("{GOOD_ROW}{long},005");
    assert!(records(&success)[1].starts_with(&start));

    let row = GOOD_ROW.replace("Jäger", &long);
    let file = world.file("name.csv", format!("{HEADER}\n{row}x\n"));
    let done = world.rehearse(&file, "name", &[]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let failure = world.table("name", "failure.csv");
    assert_eq!(failure.cells("Last Name"), [long]);
    assert_eq!(failure.cells("admit__Code"), ["field-too-long"]);
    let reason = failure.cells("admit__Reason")[0];
    assert!(reason.contains("200000 characters"), "{reason}");
    assert!(
        reason.chars().count() < 300,
        "the reason does not repeat the cell"
    );
    assert!(!done.stdout.contains("üü"));
}

#[test]
fn ids_that_differ_only_in_case_are_two_people() {
    let world = World::new();
    let rows = "ContactId,Profile,Region__c\n\
                0035g00001MnOpQ,Acme Partner,DACH\n\
                0035g00001mNoPq,Acme Partner,DACH\n";
    let done = world.rehearse(&world.file("two.csv", rows), "out", &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let success = world.table("out", "success.csv");
    assert_eq!(
        success.cells("ContactId"),
        ["0035g00001MnOpQ", "0035g00001mNoPq"]
    );
    assert_eq!(
        success.cells("admit__Username"),
        [
            "matthias.strasser@alpenblick-haustechnik.example.com",
            "uwe.krueger@edelweiss-logistik.example.com"
        ]
    );
    let mut sent = sent_contacts(&world, "out");
    sent.sort();
    assert_eq!(sent, ["0035g00001MnOpQAAV", "0035g00001mNoPqAAK"]);
}

#[test]
fn an_id_of_15_characters_is_sent_with_18_and_comes_back_with_15() {
    let world = World::new();
    let text = std::fs::read_to_string(nasty("one-row.csv")).unwrap();
    let short = text.replace("0035g000010p2vgAAA", "0035g000010p2vg");
    let done = world.rehearse(&world.file("short.csv", &short), "out", &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(sent_contacts(&world, "out"), ["0035g000010p2vgAAA"]);
    let success = world.table("out", "success.csv");
    assert_eq!(success.cells("ContactId"), ["0035g000010p2vg"]);

    // The short and the long form are one person.
    let row = records(&text)[1];
    let twice = world.file("twice.csv", format!("{short}{row}\n"));
    let done = world.rehearse(&twice, "twice", &[]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let failure = world.table("twice", "failure.csv");
    let codes = failure.cells("admit__Code");
    assert!(codes[0].contains("duplicate-contact"), "{codes:?}");
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_text_and_stay_as_they_are() {
    for start in ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"] {
        let world = World::new();
        let original = format!("{GOOD_ROW}{start}");
        let file = world.file("formula.csv", format!("{HEADER}\n{original}\n"));
        let done = world.rehearse(&file, "out", &[]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        let success = std::fs::read_to_string(world.path("out/success.csv")).unwrap();
        let start = format!("{original},005");
        assert!(records(&success)[1].starts_with(&start), "{success}");
    }
}

#[test]
fn no_part_of_a_nasty_file_makes_admit_panic() {
    for entry in std::fs::read_dir(sample("nasty")).unwrap() {
        let path = entry.unwrap().path();
        let whole = std::fs::read(&path).unwrap();
        for keep in [
            1,
            whole.len() / 3,
            whole.len() / 2,
            whole.len().saturating_sub(1),
        ] {
            let world = World::new();
            let cut = world.file("cut.csv", &whole[..keep.min(whole.len())]);
            let done = world.check(&cut, "out", &[]);
            assert!(
                [0, 3, 5].contains(&done.code),
                "{} cut at {keep}: exit {} {}",
                path.display(),
                done.code,
                done.stderr
            );
            let explained = done.stderr.contains("   at: ") && done.stderr.contains("   do: ");
            assert_eq!(explained, done.code == 5, "{}", done.stderr);
        }
    }
}

fn nasty(name: &str) -> PathBuf {
    sample("nasty").join(Path::new(name))
}

fn message(what: &str, place: &str, remedy: &str) -> String {
    format!("error: {what}\n   at: {place}\n   do: {remedy}\n")
}

/// What stands on standard error from the error on.
fn error_of(done: &Done) -> &str {
    let start = done.stderr.find("error: ").unwrap_or(done.stderr.len());
    &done.stderr[start..]
}

fn summary(world: &World, out: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(world.path(out).join("summary.json")).unwrap()).unwrap()
}

/// The ids of the contacts that a rehearsal sent.
fn sent_contacts(world: &World, out: &str) -> Vec<String> {
    let files = world.files(out);
    let waves = files
        .iter()
        .filter(|(name, _)| name.contains("create-user"));
    waves
        .flat_map(|(_, wave)| {
            let table = Table::read(wave);
            let ids = table.cells("ContactId").into_iter().map(str::to_owned);
            ids.collect::<Vec<_>>()
        })
        .collect()
}

/// Cuts a text into its records: line ends inside quotes do not count, empty lines are none.
fn records(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found.retain(|record| !record.is_empty());
    found
}

fn utf8(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()
}

fn utf16le(bytes: &[u8]) -> String {
    utf16(bytes, u16::from_le_bytes)
}

fn utf16be(bytes: &[u8]) -> String {
    utf16(bytes, u16::from_be_bytes)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units[1..]).unwrap()
}

/// The sample's umlauts stand at the same place in windows-1252 and in Latin-1.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
