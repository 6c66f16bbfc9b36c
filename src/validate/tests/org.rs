//! Files written as text, and what is decided about them in the small org of [`super::records`].

use super::records::records;
use crate::model::columns::{Column, ColumnRole, Field, Layout, UserField};
use crate::model::contact::{Cell, Quoting, Record, Window};
use crate::model::rejection::Rejected;
use crate::model::settings::ProgramSettings;
use crate::model::user::{CheckedRow, CheckedWindow};
use crate::org_state::{OrgState, Records};
use crate::validate::{Program, in_one, in_parts, prepare};

/// A file and what is decided about it.
pub(super) struct World {
    pub(super) org: OrgState,
    pub(super) settings: ProgramSettings,
}

impl World {
    pub(super) fn new() -> Self {
        Self::of(records())
    }

    pub(super) fn of(records: Records) -> Self {
        let org = OrgState::from_records(records).unwrap();
        let settings = ProgramSettings {
            site: Some("Portal".into()),
            ..Default::default()
        };
        Self { org, settings }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut ProgramSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub(super) fn program(&self, header: &str) -> Program {
        prepare(&layout(header), &self.settings, &self.org).unwrap()
    }

    /// Checks a file of a header and rows, without dealing.
    pub(super) fn check(&self, header: &str, rows: &[&str]) -> CheckedWindow {
        all(&window(rows), &self.program(header), &self.org)
    }

    /// The codes of one row, in the order they are reported; none when it is accepted.
    pub(super) fn codes(&self, header: &str, row: &str) -> Vec<&'static str> {
        match &self.check(header, &[row]).rows[0] {
            CheckedRow::Accepted(_) => Vec::new(),
            CheckedRow::Rejected(rejected) => codes(rejected),
        }
    }

    /// The rejection of one row.
    pub(super) fn rejected(&self, header: &str, row: &str) -> Rejected {
        match self.check(header, &[row]).rows.remove(0) {
            CheckedRow::Rejected(rejected) => rejected,
            CheckedRow::Accepted(user) => panic!("accepted: {user:?}"),
        }
    }

    /// The sent fields of one accepted row, `Name=value`, empty ones left out.
    pub(super) fn sent(&self, header: &str, row: &str) -> Vec<String> {
        let checked = self.check(header, &[row]);
        if let CheckedRow::Rejected(rejected) = &checked.rows[0] {
            panic!("rejected: {rejected:?}");
        }
        let program = self.program(header);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&*checked.changes);
        let record = reader.records().next().unwrap().unwrap();
        let names = program.sent().names();
        assert_eq!(names.len(), record.len());
        let cells = names
            .iter()
            .zip(&record)
            .filter(|(_, value)| !value.is_empty());
        cells
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    /// The value sent for one field of one accepted row.
    pub(super) fn value(&self, header: &str, row: &str, field: &str) -> String {
        let sent = self.sent(header, row);
        let found = sent
            .iter()
            .find_map(|cell| cell.strip_prefix(&format!("{field}=")));
        found.unwrap_or("").to_owned()
    }
}

pub(super) fn codes(rejected: &Rejected) -> Vec<&'static str> {
    rejected
        .faults
        .iter()
        .map(|(code, _)| code.as_str())
        .collect()
}

pub(super) fn layout(header: &str) -> Layout {
    let columns = header.split(',').map(|header| Column {
        header: header.to_owned(),
        role: role(header),
    });
    Layout::new(columns.collect())
}

fn role(header: &str) -> ColumnRole {
    let known = match header {
        "ContactId" => Field::ContactId,
        "Email" => Field::Email,
        "AccountId" => Field::AccountId,
        "Profile" => Field::Profile,
        "License" => Field::License,
        "PortalRole" => Field::PortalRole,
        "PermissionSets" => Field::PermissionSets,
        "EndDate" => Field::EndDate,
        "Purpose" => Field::Purpose,
        _ => {
            if let Some(field) = UserField::ALL
                .iter()
                .find(|field| field.api_name() == header)
            {
                return ColumnRole::Known(Field::User(*field));
            }
            return match header.split_once('.') {
                Some(("Contact", field)) => ColumnRole::ContactExternalId(field.to_owned()),
                Some(("Account", field)) => ColumnRole::AccountExternalId(field.to_owned()),
                Some(("User", field)) => ColumnRole::UserField(field.to_owned()),
                _ => ColumnRole::Other,
            };
        }
    };
    ColumnRole::Known(known)
}

/// Every row of a window, checked.
pub(super) fn all(window: &Window, program: &Program, org: &OrgState) -> CheckedWindow {
    in_one(in_parts(Vec::new(), window, program, org))
}

/// Rows of bare cells, `,` between; the first row stands on line 2.
pub(super) fn window(rows: &[&str]) -> Window {
    window_from(rows, 0)
}

/// The same as part of a file: its first row has this ordinal.
pub(super) fn window_from(rows: &[&str], first_row: u32) -> Window {
    let mut window = Window {
        first_row,
        ..Window::default()
    };
    for (index, row) in rows.iter().enumerate() {
        let start = window.text.len();
        let first_cell = window.cells.len();
        let mut at = start;
        for cell in row.split(',') {
            let end = at + cell.len();
            let span = (u32::try_from(at).unwrap(), u32::try_from(end).unwrap());
            window.cells.push(Cell {
                start: span.0,
                end: span.1,
                quoting: Quoting::Bare,
            });
            at = end + 1;
        }
        window.text.extend_from_slice(row.as_bytes());
        window.text.push(b'\n');
        window.records.push(Record {
            line: u64::from(first_row) + index as u64 + 2,
            bytes: u32::try_from(start).unwrap()..u32::try_from(start + row.len()).unwrap(),
            cells: u32::try_from(first_cell).unwrap()..u32::try_from(window.cells.len()).unwrap(),
            fault: None,
        });
    }
    window
}

/// Prefix and a number, as an id of 15 characters.
pub(super) fn id(prefix: &str, number: u32) -> String {
    format!("{prefix}{number:012}")
}
