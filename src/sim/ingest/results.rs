//! The three result files (bulk-api-2.md §3.8): system headers quoted, echoed headers as they
//! came, every value quoted, rows in no order a client could rely on.

use super::super::refusals;
use super::job::Job;
use super::process::{End, Work};
use super::upload::Record;

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResultFile {
    Successful,
    Failed,
    Unprocessed,
}

impl ResultFile {
    /// By the last path segment; its case does not matter.
    pub(super) fn named(segment: &str) -> Option<Self> {
        match segment.to_ascii_lowercase().as_str() {
            "successfulresults" => Some(Self::Successful),
            "failedresults" => Some(Self::Failed),
            "unprocessedrecords" => Some(Self::Unprocessed),
            _ => None,
        }
    }

    fn system_headers(self) -> &'static [&'static str] {
        match self {
            Self::Successful => &["sf__Id", "sf__Created"],
            Self::Failed => &["sf__Id", "sf__Error"],
            Self::Unprocessed => &[],
        }
    }
}

/// One result file of an ended job. `seed` decides the order of rows.
pub(super) fn print(job: &Job, file: ResultFile, seed: u64) -> String {
    let delimiter = job.dialect.delimiter.letter().to_string();
    let line_end = job.dialect.line_end.text();
    let mut headers: Vec<String> = file
        .system_headers()
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    let Some(work) = &job.work else {
        return headers.join(&delimiter) + line_end;
    };
    headers.extend(work.upload.header.iter().cloned());
    let mut text = headers.join(&delimiter) + line_end;
    let mut rows: Vec<usize> = (0..work.upload.record_count())
        .filter(|row| belongs(work, *row, file))
        .collect();
    let written: Vec<usize> = (0..work.ends.len())
        .filter(|row| belongs(work, *row, ResultFile::Successful))
        .collect();
    job.fate.bend(file, &mut rows, &written);
    shuffle(&mut rows, seed ^ (u64::from(job.number) << 8) ^ file as u64);
    for row in rows {
        let record = work.upload.record(row);
        let cells = system_cells(work, row, file)
            .into_iter()
            .chain(echoed(work, &record));
        let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
        text.push_str(&cells.join(&delimiter));
        text.push_str(line_end);
    }
    text
}

fn belongs(work: &Work, row: usize, file: ResultFile) -> bool {
    let found = match work.ends.get(row) {
        Some(End::Written { .. }) => ResultFile::Successful,
        Some(End::Refused { .. }) => ResultFile::Failed,
        None => ResultFile::Unprocessed,
    };
    found == file
}

fn system_cells(work: &Work, row: usize, file: ResultFile) -> Vec<String> {
    match (work.ends.get(row), file) {
        (_, ResultFile::Unprocessed) | (None, _) => Vec::new(),
        // A file that lies about a row, by the job's fate.
        (Some(End::Written { id, .. }), ResultFile::Failed) => {
            vec![String::new(), refusals::row_locked(id).row_error()]
        }
        (Some(End::Written { id, created }), ResultFile::Successful) => {
            vec![id.to_string(), created.to_string()]
        }
        (Some(End::Refused { id, error }), ResultFile::Successful | ResultFile::Failed) => {
            vec![id.to_string(), error.to_string()]
        }
    }
}

/// One cell per header: what has no header is not echoed, what is missing is empty.
fn echoed(work: &Work, record: &Record<'_>) -> Vec<String> {
    let cell = |at: usize| {
        record
            .cells
            .get(at)
            .map_or_else(String::new, ToString::to_string)
    };
    (0..work.upload.header.len()).map(cell).collect()
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Fisher-Yates over splitmix64: the same seed gives the same order.
pub(crate) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let other = usize::try_from(mixed % (last as u64 + 1)).unwrap_or(0);
        items.swap(last, other);
    }
}
