//! success.csv and failure.csv: every row of the input once, its cells as they came.
//!
//! Comes in: rows in input order, each with its end. Goes out: the two files, each with its own
//! columns after the original ones (design §9). Cells are copied raw, quotes and all; a cell that
//! begins with `=` is the input's own and is not touched. Columns of an earlier run (`sf__*`,
//! `admit__*`) are not repeated, so that failure.csv is a valid input as it stands.
//!
//! Both files are rectangular: a row of the wrong width is padded or cut, bytes that do not
//! decode become U+FFFD, and such a row's record stands escaped in `admit__Raw`.

use std::fmt::Write as _;
use std::path::Path;

use crate::model::columns::{ColumnRole, Layout};
use crate::model::contact::{ContactRow, RecordFault};
use crate::model::outcome::{RowEnd, Stage};
use crate::model::rejection::{Fault, Rejected, Retry};

use super::error::OutputError;
use super::whole_file::WholeFile;

const SUCCESS_FILE: &str = "success.csv";
const FAILURE_FILE: &str = "failure.csv";

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

/// Between the texts of a row's faults.
const FAULT_SEPARATOR: &str = " | ";

/// How the outputs are written: as the input was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputFormat {
    /// Between cells.
    pub delimiter: u8,
    /// After each record: `\n` or `\r\n`.
    pub line_end: &'static str,
    /// Begin with a byte order mark?
    pub bom: bool,
}

/// How many rows went where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCounts {
    /// Rows of success.csv.
    pub success: u64,
    /// Rows of failure.csv.
    pub failure: u64,
}

/// Writes the two files, row by row.
pub struct RowWriter {
    format: OutputFormat,
    /// Columns that are repeated, by position in the input.
    kept: Vec<usize>,
    /// All columns are repeated, so a sound record is copied in one piece.
    keeps_all: bool,
    /// Where the input holds records that an earlier run could not read.
    earlier_raw: Option<usize>,
    /// None in a `check`, which makes no users.
    success: Option<WholeFile>,
    failure: WholeFile,
    counts: RowCounts,
    line: Vec<u8>,
}

impl RowWriter {
    /// Starts both files in the run folder, under temporary names.
    pub fn create(
        run_folder: &Path,
        layout: &Layout,
        format: OutputFormat,
    ) -> Result<Self, OutputError> {
        let mut writer = Self::for_check(run_folder, layout, format)?;
        let mut success = WholeFile::create(run_folder, SUCCESS_FILE)?;
        writer.encode_header(layout, &SUCCESS_COLUMNS);
        success.write(&writer.line)?;
        writer.success = Some(success);
        Ok(writer)
    }

    /// Starts failure.csv alone: a `check` sends nothing, so no row can be a success, and rows that
    /// would be sent stand in neither file.
    pub fn for_check(
        run_folder: &Path,
        layout: &Layout,
        format: OutputFormat,
    ) -> Result<Self, OutputError> {
        let is_kept = |column: &usize| layout.columns()[*column].role != ColumnRole::Ours;
        let kept: Vec<usize> = (0..layout.width()).filter(is_kept).collect();
        let mut writer = Self {
            format,
            keeps_all: kept.len() == layout.width(),
            kept,
            earlier_raw: layout.of_earlier_run("admit__Raw"),
            success: None,
            failure: WholeFile::create(run_folder, FAILURE_FILE)?,
            counts: RowCounts::default(),
            line: Vec::new(),
        };
        writer.encode_header(layout, &FAILURE_COLUMNS);
        writer.failure.write(&writer.line)?;
        Ok(writer)
    }

    /// Writes one row where its end says. Rows come in input order, each once.
    ///
    /// # Panics
    /// When a row of a `check` is a success.
    pub fn write(&mut self, row: &ContactRow<'_>, end: &RowEnd) -> Result<(), OutputError> {
        match end {
            RowEnd::Success {
                user,
                username,
                job,
            } => {
                self.encode_original(row);
                self.push(&user.to_string());
                self.push("true");
                self.push("created");
                self.push(username);
                self.push(job);
                self.end_line();
                self.counts.success += 1;
                assert!(self.success.is_some(), "a check has no successes");
                self.success
                    .as_mut()
                    .map_or(Ok(()), |file| file.write(&self.line))
            }
            RowEnd::Failure { stage, faults } => {
                self.write_failure(row, *stage, &faults.iter().collect::<Vec<_>>())
            }
        }
    }

    /// Writes a row that was never sent. Rows come in input order, each once.
    pub fn reject(&mut self, row: &ContactRow<'_>, rejected: &Rejected) -> Result<(), OutputError> {
        let faults = rejected.faults.iter().map(|(_, fault)| fault);
        self.write_failure(row, Stage::Rejected, &faults.collect::<Vec<_>>())
    }

    /// Brings the files to disk under their names.
    pub fn finish(self) -> Result<RowCounts, OutputError> {
        if let Some(success) = self.success {
            success.publish()?;
        }
        self.failure.publish()?;
        Ok(self.counts)
    }

    fn write_failure(
        &mut self,
        row: &ContactRow<'_>,
        stage: Stage,
        faults: &[&Fault],
    ) -> Result<(), OutputError> {
        self.encode_original(row);
        self.encode_failure(row, stage, faults);
        self.end_line();
        self.counts.failure += 1;
        self.failure.write(&self.line)
    }

    fn encode_header(&mut self, layout: &Layout, ours: &[&str]) {
        self.line.clear();
        if self.format.bom {
            self.line.extend_from_slice("\u{feff}".as_bytes());
        }
        let kept: Vec<&str> = self
            .kept
            .iter()
            .map(|column| layout.columns()[*column].header.as_str())
            .collect();
        for (index, header) in kept.iter().chain(ours).enumerate() {
            if index > 0 {
                self.line.push(self.format.delimiter);
            }
            push_cell(&mut self.line, header, self.format.delimiter);
        }
        self.end_line();
    }

    /// Starts the line with the row's own cells.
    fn encode_original(&mut self, row: &ContactRow<'_>) {
        self.line.clear();
        let fault = row.fault();
        if self.keeps_all && fault.is_none() {
            self.line.extend_from_slice(row.raw());
            return;
        }
        for (index, column) in self.kept.iter().enumerate() {
            if index > 0 {
                self.line.push(self.format.delimiter);
            }
            let cell = row.raw_cell(*column);
            match fault {
                Some(RecordFault::Encoding { .. }) => {
                    let text = String::from_utf8_lossy(cell);
                    self.line.extend_from_slice(text.as_bytes());
                }
                Some(RecordFault::Width { .. }) | None => self.line.extend_from_slice(cell),
            }
        }
    }

    fn encode_failure(&mut self, row: &ContactRow<'_>, stage: Stage, faults: &[&Fault]) {
        let join = |text: fn(&Fault) -> &str| {
            faults
                .iter()
                .map(|fault| text(fault))
                .collect::<Vec<_>>()
                .join(FAULT_SEPARATOR)
        };
        // A row is worth as much as its worst fault leaves of it.
        let retry = faults
            .iter()
            .map(|fault| fault.retry)
            .max()
            .unwrap_or(Retry::AfterFix);
        self.push(&row.line().to_string());
        self.push(stage.as_str());
        self.push(&join(|fault| &fault.code));
        self.push(&join(|fault| &fault.reason));
        self.push(&join(|fault| &fault.fix));
        self.push(retry.as_str());
        let earlier = self.earlier_raw.map(|column| row.value(column));
        match (row.fault(), earlier) {
            (Some(_), _) => self.push(&escaped(row.raw())),
            // Still not mended: the record must not be lost.
            (None, Some(earlier)) => self.push(&earlier),
            (None, None) => self.push(""),
        }
    }

    /// Appends a cell of ours; a file of nothing but our columns has none before the first.
    fn push(&mut self, cell: &str) {
        if !(self.kept.is_empty() && self.line.is_empty()) {
            self.line.push(self.format.delimiter);
        }
        push_cell(&mut self.line, cell, self.format.delimiter);
    }

    fn end_line(&mut self) {
        self.line.extend_from_slice(self.format.line_end.as_bytes());
    }
}

/// Appends a cell, in quotes where bare it would be read otherwise.
fn push_cell(line: &mut Vec<u8>, cell: &str, delimiter: u8) {
    let is_special = |byte: u8| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    let is_padded = cell.starts_with(' ') || cell.ends_with(' ');
    if !is_padded && !cell.bytes().any(is_special) {
        line.extend_from_slice(cell.as_bytes());
        return;
    }
    line.push(b'"');
    for byte in cell.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}

/// A record on one line, so that its bytes can be told: `\\`, `\n`, `\r`, `\t`, and `\xNN` for
/// other control characters and for bytes that are not UTF-8.
fn escaped(record: &[u8]) -> String {
    let mut text = String::with_capacity(record.len());
    let push_bytes = |text: &mut String, bytes: &[u8]| {
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02X}");
        }
    };
    for chunk in record.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                control if control.is_control() => {
                    push_bytes(&mut text, control.encode_utf8(&mut [0; 4]).as_bytes());
                }
                other => text.push(other),
            }
        }
        push_bytes(&mut text, chunk.invalid());
    }
    text
}
