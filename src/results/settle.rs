//! Joins an ingest job's results to the rows it sent, by key. Pure.
//!
//! Comes in: the rows sent and the job's three result files, as readers. Goes out: one outcome
//! per row sent, in the order sent. The order of results is never trusted, columns are found by
//! name without regard to case, and a row without a result is [`RowOutcome::Unaccounted`], never
//! left out (bulk-api-2 §3.8).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufReader, Read};

use crate::model::change::AskedKey;
use crate::model::id::{ContactId, PermissionSetId, RowOrdinal, UserId};
use crate::model::job::ResultKind;
use crate::model::job_csv::{cell, next_record};
use crate::model::outcome::{RowOutcome, Settled};

use super::error::ResultsError;
use super::row_error::parse_row_error;

/// Bytes of a result file read at once.
const BUFFER_BYTES: usize = 128 << 10;

/// Rows that are looked at before the table of all: refused ones stand between those written.
const PLACES_NEAR: usize = 4;

/// What a file may begin with that is no part of its first cell.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What a sent row is known by in the results: cells that were sent and come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SentKey {
    /// A new user, by its contact.
    Contact(ContactId),
    /// A permission-set assignment, by both its ends.
    Assignment(UserId, PermissionSetId),
}

impl From<SentKey> for AskedKey {
    fn from(key: SentKey) -> Self {
        match key {
            SentKey::Contact(contact) => Self::User(contact),
            SentKey::Assignment(user, set) => Self::Assignment(user, set),
        }
    }
}

/// A row of a job and what its results will be known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRow {
    /// Which row of the input.
    pub row: RowOrdinal,
    /// Its key, unique among the rows of one job.
    pub key: SentKey,
    /// The username sent for a new user; empty for an assignment.
    pub username: String,
    /// Was the nickname sent one that we made?
    pub nickname_derived: bool,
}

/// One result file.
pub struct ResultFile<'a> {
    /// What messages call it.
    pub name: String,
    /// Its bytes; none at all where the org answered 204.
    pub reader: Box<dyn Read + 'a>,
}

/// The three result files of one job.
pub struct ResultReaders<'a> {
    /// Rows the org wrote.
    pub successful: ResultFile<'a>,
    /// Rows the org refused.
    pub failed: ResultFile<'a>,
    /// Rows the org never tried.
    pub unprocessed: ResultFile<'a>,
}

/// What became of the rows of one job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// One per row sent, in the order sent. A permission set that was assigned counts as
    /// [`RowOutcome::Created`] of its assignee.
    pub rows: Vec<Settled>,
    /// Results that belong to no row sent; they are ignored.
    pub foreign_count: u64,
    /// Rows whose results contradict each other: success was taken before failure, failure
    /// before unprocessed, the first text before a second one.
    pub contradicted: Vec<RowOrdinal>,
}

/// Settles every row sent, exactly once.
///
/// # Panics
/// When two sent rows have one key: the plan makes keys unique, so that is a bug.
pub fn settle(sent: &[SentRow], files: ResultReaders<'_>) -> Result<Settlement, ResultsError> {
    let Some(first) = sent.first() else {
        return Ok(Settlement::default());
    };
    let mut joining = Joining::of(sent);
    let key_columns = KeyColumns::of(&first.key);
    joining.take(ResultKind::Successful, files.successful, key_columns)?;
    joining.take(ResultKind::Failed, files.failed, key_columns)?;
    joining.take(ResultKind::Unprocessed, files.unprocessed, key_columns)?;
    Ok(joining.finish())
}

/// Settles the rows of a job of which no result can be had: every one is unaccounted.
pub fn settle_without_results(sent: &[SentRow]) -> Settlement {
    let rows = sent.iter().map(|sent| Settled {
        row: sent.row,
        outcome: RowOutcome::Unaccounted,
    });
    Settlement {
        rows: rows.collect(),
        ..Settlement::default()
    }
}

/// The rows of a job while its results come in.
struct Joining<'s> {
    sent: &'s [SentRow],
    /// Only looked up in, never walked: its order reaches nothing.
    places: HashMap<SentKey, usize>,
    /// Where the next result probably belongs.
    expected: usize,
    outcomes: Vec<Option<RowOutcome>>,
    foreign_count: u64,
    contradicted: BTreeSet<RowOrdinal>,
}

impl<'s> Joining<'s> {
    fn of(sent: &'s [SentRow]) -> Self {
        let places: HashMap<_, _> = sent.iter().map(|row| row.key).zip(0..).collect();
        assert_eq!(
            places.len(),
            sent.len(),
            "two rows of one job have the same key"
        );
        let outcomes = vec![None; sent.len()];
        Self {
            sent,
            places,
            expected: 0,
            outcomes,
            foreign_count: 0,
            contradicted: BTreeSet::new(),
        }
    }

    fn take(
        &mut self,
        kind: ResultKind,
        file: ResultFile<'_>,
        keys: KeyColumns,
    ) -> Result<(), ResultsError> {
        let ResultFile { name, reader } = file;
        let broken = |source: io::Error| ResultsError::ResultBroken {
            name: name.clone(),
            source: source.into(),
        };
        let missing = |column| ResultsError::ColumnMissing {
            name: name.clone(),
            column,
        };
        let mut results = Records::over(reader);
        let header = results.next().map_err(broken)?;
        let Some(header) = header.map(<[u8]>::to_vec) else {
            return Ok(());
        };
        // Without rows a file proves nothing and needs no columns: 204 and header-only alike.
        let mut columns = None;
        self.expected = 0;
        while let Some(record) = results.next().map_err(broken)? {
            if columns.is_none() {
                columns = Some(Columns::find(&header, kind, keys).map_err(missing)?);
            }
            if let Some(columns) = &columns {
                self.take_result(kind, columns, record);
            }
        }
        Ok(())
    }

    fn take_result(&mut self, kind: ResultKind, columns: &Columns, record: &[u8]) {
        let key = columns.keys.read(record);
        let place = key.and_then(|key| self.place_of(&key));
        let Some(place) = place else {
            self.foreign_count += 1;
            return;
        };
        let row = &self.sent[place];
        let told = columns.told.map(|column| text(record, column));
        let told = told.as_deref().unwrap_or_default().trim();
        let outcome = match (kind, row.key) {
            (ResultKind::Successful, SentKey::Contact(_)) => match UserId::parse(told) {
                Ok(user) => RowOutcome::Created(user),
                // A success that does not say which user: the org has to be asked.
                Err(_) => RowOutcome::Unaccounted,
            },
            (ResultKind::Successful, SentKey::Assignment(assignee, _)) => {
                RowOutcome::Created(assignee)
            }
            // A refusal that came garbled does not say what became of the row either.
            (ResultKind::Failed, _) if columns.is_garbled(record) => RowOutcome::Unaccounted,
            (ResultKind::Failed, _) => RowOutcome::Failed(parse_row_error(told)),
            (ResultKind::Unprocessed, _) => RowOutcome::Unprocessed,
        };
        match &self.outcomes[place] {
            None => self.outcomes[place] = Some(outcome),
            Some(known) if *known == outcome => {}
            Some(_) => {
                self.contradicted.insert(row.row);
            }
        }
    }

    /// The order of results is never trusted. They mostly come as rows were sent all the same, so
    /// the next few are looked at before the table is.
    fn place_of(&mut self, key: &SentKey) -> Option<usize> {
        let near = self.sent.iter().skip(self.expected).take(PLACES_NEAR);
        let place = match near.map(|row| row.key).position(|near| near == *key) {
            Some(ahead) => self.expected + ahead,
            None => self.places.get(key).copied()?,
        };
        self.expected = place + 1;
        Some(place)
    }

    fn finish(self) -> Settlement {
        let outcomes = self.sent.iter().zip(self.outcomes);
        let rows = outcomes.map(|(sent, outcome)| Settled {
            row: sent.row,
            outcome: outcome.unwrap_or(RowOutcome::Unaccounted),
        });
        Settlement {
            rows: rows.collect(),
            foreign_count: self.foreign_count,
            contradicted: self.contradicted.into_iter().collect(),
        }
    }
}

/// The columns that make a key; `P` is their name before, their place after the header is known.
#[derive(Clone, Copy)]
enum KeyColumns<P = &'static str> {
    Contact(P),
    Assignment(P, P),
}

impl KeyColumns {
    fn of(key: &SentKey) -> Self {
        match key {
            SentKey::Contact(_) => Self::Contact("ContactId"),
            SentKey::Assignment(..) => Self::Assignment("AssigneeId", "PermissionSetId"),
        }
    }
}

impl KeyColumns<usize> {
    fn read(self, record: &[u8]) -> Option<SentKey> {
        match self {
            Self::Contact(contact) => ContactId::parse(text(record, contact).trim())
                .ok()
                .map(SentKey::Contact),
            Self::Assignment(assignee, set) => {
                let assignee = UserId::parse(text(record, assignee).trim()).ok()?;
                let set = PermissionSetId::parse(text(record, set).trim()).ok()?;
                Some(SentKey::Assignment(assignee, set))
            }
        }
    }
}

/// Where a result file keeps what is read from it.
struct Columns {
    keys: KeyColumns<usize>,
    /// `sf__Id` or `sf__Error`; unprocessed rows tell nothing.
    told: Option<usize>,
}

impl Columns {
    /// Finds the columns by name; the fault is the name of the first that is missing.
    fn find(header: &[u8], kind: ResultKind, keys: KeyColumns) -> Result<Self, &'static str> {
        let header = header.strip_prefix(BYTE_ORDER_MARK).unwrap_or(header);
        let cells_max = header.split(|byte| *byte == b',').count();
        let find = |name: &'static str| {
            let is_it = |nth: &usize| {
                let cell = cell(header, *nth);
                cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
            };
            (0..cells_max).find(is_it).ok_or(name)
        };
        let keys = match keys {
            KeyColumns::Contact(contact) => KeyColumns::Contact(find(contact)?),
            KeyColumns::Assignment(assignee, set) => {
                KeyColumns::Assignment(find(assignee)?, find(set)?)
            }
        };
        let told = match kind {
            ResultKind::Successful => Some(find("sf__Id")?),
            ResultKind::Failed => Some(find("sf__Error")?),
            ResultKind::Unprocessed => None,
        };
        Ok(Self { keys, told })
    }

    /// Did what is told of a row not come as the org wrote it? It writes UTF-8.
    fn is_garbled(&self, record: &[u8]) -> bool {
        let told = self.told.map(|column| cell(record, column));
        told.is_some_and(|told| std::str::from_utf8(&told).is_err())
    }
}

/// A cell as text; empty where it is missing or not UTF-8.
fn text(record: &[u8], column: usize) -> Cow<'_, str> {
    match cell(record, column) {
        Cow::Borrowed(cell) => Cow::Borrowed(std::str::from_utf8(cell).unwrap_or_default()),
        Cow::Owned(cell) => Cow::Owned(String::from_utf8(cell).unwrap_or_default()),
    }
}

/// The records of a result file, less what does not belong into one.
struct Records<R> {
    reader: BufReader<R>,
    record: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn over(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(BUFFER_BYTES, reader),
            record: Vec::new(),
        }
    }

    /// The next record; blank lines are passed over.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        while next_record(&mut self.reader, &mut self.record)?.is_some() {
            // NUL bytes have been seen in result bodies (bulk-api-2 §3.8).
            if self.record.contains(&0) {
                self.record.retain(|byte| *byte != 0);
            }
            if !self.record.trim_ascii().is_empty() {
                return Ok(Some(&self.record));
            }
        }
        Ok(None)
    }
}
