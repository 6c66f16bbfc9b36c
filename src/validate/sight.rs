//! What the checks of one row may look at, and how a cell is read.

use std::borrow::Cow;

use super::findings::Findings;
use super::program::Program;
use crate::model::contact::{ContactRow, RowText};
use crate::model::id::ContactId;
use crate::model::rejection::Code;
use crate::org_state::{Leads, OrgState};

/// One row, the run's decisions and the org.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) row: ContactRow<'a>,
    /// The contact it names by id, where that is one.
    pub(super) contact: Option<ContactId>,
    /// Its cells. A row that is no text has a fault, and none here.
    text: RowText<'a>,
    pub(super) program: &'a Program,
    pub(super) org: &'a OrgState,
    /// Which searches for what its own cells hold may find something.
    pub(super) leads: Leads,
}

/// A cell as the checks see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// No column, or nothing in it.
    Empty,
    /// A value without surrounding white space; never empty.
    Text(Cow<'a, str>),
    /// A spreadsheet's error text; the fault is already noted.
    Broken,
}

/// What the Bulk API reads as null wherever it comes from (bulk-api-2 §4).
pub(super) const BULK_NULL: &str = "#N/A";

/// Texts that spreadsheets write where a formula failed; the last three are those of German ones.
const SPREADSHEET_ERRORS: &[&str] = &[
    BULK_NULL,
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#NV",
    "#BEZUG!",
    "#WERT!",
];

/// The Bulk API would read `#N/A` as null, and take the others for text (bulk-api-2 §4).
pub(super) fn is_spreadsheet_error(value: &str) -> bool {
    value.starts_with('#') && SPREADSHEET_ERRORS.contains(&value)
}

impl<'a> Sight<'a> {
    /// Opens a row; `whole` is the text of its window, where that is text throughout.
    #[inline]
    pub(super) fn of(
        row: ContactRow<'a>,
        whole: Option<&'a str>,
        program: &'a Program,
        org: &'a OrgState,
    ) -> Self {
        let text = row.text(whole).unwrap_or_default();
        let contact = |column| ContactId::parse(text.value(column).trim_ascii()).ok();
        Self {
            row,
            contact: program.columns.contact_id.and_then(contact),
            text,
            program,
            org,
            leads: Leads::default(),
        }
    }

    /// A cell as it stands in the row.
    #[inline]
    pub(super) fn value(&self, column: usize) -> Cow<'a, str> {
        self.text.value(column)
    }

    /// Reads a cell that is sent, or that decides what is sent.
    #[expect(
        clippy::inline_always,
        reason = "asked a dozen times a row; a call would hand every answer over in memory"
    )]
    #[inline(always)]
    pub(super) fn cell(&self, column: Option<usize>, findings: &mut Findings) -> Cell<'a> {
        let Some(column) = column else {
            return Cell::Empty;
        };
        match self.text.as_it_stands(column).map(str::trim_ascii) {
            Some("") => Cell::Empty,
            Some(value) if !value.starts_with('#') => Cell::Text(Cow::Borrowed(value)),
            Some(_) | None => self.rare_cell(column, findings),
        }
    }

    /// A cell that is no value as it stands, or may be none at all.
    #[cold]
    fn rare_cell(&self, column: usize, findings: &mut Findings) -> Cell<'a> {
        let value = trimmed(self.value(column));
        if value.is_empty() {
            return Cell::Empty;
        }
        if is_spreadsheet_error(&value) {
            let header = self.header(column);
            let reason = format!("column `{header}` holds the spreadsheet error {value}");
            findings.fault(Code::SpreadsheetError, reason);
            return Cell::Broken;
        }
        Cell::Text(value)
    }

    /// The name of a column.
    pub(super) fn header(&self, column: usize) -> &'a str {
        self.program.headers.get(column).map_or("?", String::as_str)
    }

    /// What can be said of a record that the lookups do not know.
    pub(super) fn is_absent(&self) -> Cow<'static, str> {
        let visibility = self.org.visibility();
        if visibility.everything {
            "was not found in the org".into()
        } else {
            format!(
                "was not found, or is not visible to {}",
                visibility.running_user
            )
            .into()
        }
    }
}

/// A value less the ASCII white space around it.
#[inline]
pub(super) fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) => trimmed_copy(text),
    }
}

#[cold]
fn trimmed_copy<'a>(text: String) -> Cow<'a, str> {
    let inner = text.trim_ascii();
    if inner.len() == text.len() {
        Cow::Owned(text)
    } else {
        Cow::Owned(inner.to_owned())
    }
}
