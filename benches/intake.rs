//! Reading a contacts file: `open`, then every window of its rows.
//!
//! Budget: without the digest at least 1.2 GB/s of plain text on one idle core; the `csv` crate
//! was at 1.05 GB/s there, and neither checks UTF-8 nor keeps cells. The sum for 100 MB on one
//! core: 20 ms read, 32 ms tokenise, 7 ms join, 4 ms UTF-8, 3 ms cuts. The digest costs 55 ms
//! more, on another core where there is one.
//!
//! `plain` has two quoted cells in a hundred rows, as real files do; `quoted` has all cells in
//! quotes, as Data Loader writes them.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run shall stop")]

use std::path::Path;

use admit::intake::{self, Windows};
use admit::model::settings::InputSettings;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use tempfile::NamedTempFile;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

const ROWS: usize = 60_000;
const HEADER: &str = "ContactId,AccountId,FirstName,LastName,Email,Username,CommunityNickname,\
                      Profile,TimeZone,Locale,Language,Department,Notes\n";

fn main() {
    divan::main();
}

#[divan::bench(args = ["plain", "quoted"])]
fn rows(bencher: Bencher<'_, '_>, style: &str) {
    let file = contacts(style == "quoted");
    counted(bencher, file.path()).bench(|| cells(windows(file.path()).without_sha256()));
}

#[divan::bench(args = ["plain", "quoted"])]
fn rows_and_digest(bencher: Bencher<'_, '_>, style: &str) {
    let file = contacts(style == "quoted");
    counted(bencher, file.path()).bench(|| cells(windows(file.path())));
}

#[divan::bench(args = ["plain", "quoted"])]
fn csv_crate(bencher: Bencher<'_, '_>, style: &str) {
    let file = contacts(style == "quoted");
    counted(bencher, file.path()).bench(|| {
        let mut reader = csv::ReaderBuilder::new()
            .buffer_capacity(1 << 20)
            .from_path(file.path())
            .unwrap();
        let mut record = csv::ByteRecord::new();
        let mut cells = 0;
        while reader.read_byte_record(&mut record).unwrap() {
            cells += record.len();
        }
        cells
    });
}

fn windows(path: &Path) -> Windows {
    let input = intake::open(path, &InputSettings::default()).unwrap();
    input.windows().unwrap()
}

fn cells(windows: Windows) -> usize {
    windows.map(|window| window.unwrap().cells.len()).sum()
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, path: &Path) -> Bencher<'a, 'b> {
    let bytes = std::fs::metadata(path).unwrap().len();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(ROWS))
}

/// A file of [`ROWS`] rows, the same bytes every time.
fn contacts(all_quoted: bool) -> NamedTempFile {
    let mut text = HEADER.to_owned();
    for row in 0..ROWS {
        let notes = match row % 50 {
            0 => "\"wave 2, legacy\nuser, \"\"old\"\"\"",
            1..20 => "onboard in wave 2",
            _ => "",
        };
        let cells = [
            format!("0035g00000{row:05}AAX"),
            format!("0015g00000{:05}AAX", row % 6_000),
            ["Olivia", "José", "Zoë", "James"][row % 4].to_owned(),
            ["Smith", "Müller", "Van der Berg"][row % 3].to_owned(),
            format!("user{row}@partner{}.example.com", row % 1_000),
            format!("user{row}@partner{}.example.com.partners", row % 1_000),
            format!("nick{row}"),
            "Partner Community User".to_owned(),
            "America/New_York".to_owned(),
            "en_US".to_owned(),
            "en_US".to_owned(),
            "Field Service".to_owned(),
            notes.to_owned(),
        ];
        let quoted = |cell: String| {
            if all_quoted && !cell.starts_with('"') {
                format!("\"{cell}\"")
            } else {
                cell
            }
        };
        text.push_str(&cells.map(quoted).join(","));
        text.push('\n');
    }
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}
