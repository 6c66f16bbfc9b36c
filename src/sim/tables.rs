//! Compact record storage: cells of a table stand back to back in one text, with an index by id
//! and one per indexed field.
//!
//! Millions of records fit, because a record costs its characters, one length byte per short cell
//! and a few bytes per index. A cell holds text; an empty cell is null, as on the platform.

use std::collections::{HashMap, HashSet};

use super::ids::{self, IdKey};
use super::schema::ObjectDef;

/// The records of one object.
#[derive(Debug)]
pub(super) struct Table {
    rows: Rows,
    by_id: HashMap<IdKey, u32>,
    indexes: Vec<Index>,
    removed: HashSet<u32>,
}

/// Rows by the value of one field. Values are folded, ids cut to their 15 characters.
#[derive(Debug)]
struct Index {
    field: usize,
    is_id: bool,
    heads: HashMap<Box<str>, u32>,
    /// For each row the next one with the same value, plus one; 0 ends the chain.
    next: Vec<u32>,
}

/// Cells of all rows, and where each row begins.
#[derive(Debug, Default)]
struct Rows {
    width: usize,
    lengths: Vec<u8>,
    text: String,
    starts: Vec<(u32, u64)>,
}

impl Table {
    /// An empty table for the object.
    pub(super) fn new(def: &ObjectDef) -> Self {
        let fields = def
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.indexed);
        let indexes = fields.map(|(at, field)| Index {
            field: at,
            is_id: field.kind.is_id(),
            heads: HashMap::new(),
            next: Vec::new(),
        });
        Self {
            rows: Rows {
                width: def.fields.len(),
                ..Rows::default()
            },
            by_id: HashMap::new(),
            indexes: indexes.collect(),
            removed: HashSet::new(),
        }
    }

    /// Rows ever inserted; removed ones keep their number.
    pub(super) fn row_count(&self) -> u32 {
        u32::try_from(self.rows.starts.len()).unwrap_or(u32::MAX)
    }

    /// All rows that are there, oldest first.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.row_count()).filter(|row| !self.removed.contains(row))
    }

    /// The row with that id.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let row = *self.by_id.get(&ids::key(id)?)?;
        (!self.removed.contains(&row)).then_some(row)
    }

    /// One stored cell; empty is null.
    pub(super) fn cell(&self, row: u32, field: usize) -> &str {
        self.rows.cell(row, field)
    }

    /// Rows whose field has the value, oldest first; `None` when the field has no index.
    pub(super) fn matching(&self, field: usize, value: &str) -> Option<Vec<u32>> {
        let index = self.indexes.iter().find(|index| index.field == field)?;
        let mut found: Vec<u32> = index
            .chain(value)
            .filter(|row| !self.removed.contains(row))
            .collect();
        found.sort_unstable();
        Some(found)
    }

    /// Adds a row; its first cell is its id.
    pub(super) fn insert<S: AsRef<str>>(&mut self, cells: &[S]) -> u32 {
        let row = self.row_count();
        self.rows.push(cells);
        if let Some(key) = cells.first().and_then(|id| ids::key(id.as_ref())) {
            self.by_id.insert(key, row);
        }
        for index in &mut self.indexes {
            index.add(row, cells.get(index.field).map_or("", AsRef::as_ref));
        }
        row
    }

    /// Writes cells of a row.
    pub(super) fn change(&mut self, row: u32, changes: &[(usize, String)]) {
        let mut cells: Vec<String> = self.rows.all(row).map(str::to_owned).collect();
        for index in &mut self.indexes {
            let indexed = index.field;
            for (_, value) in changes.iter().filter(|(field, _)| *field == indexed) {
                index.remove(row, &cells[index.field]);
                index.add(row, value);
            }
        }
        for (field, value) in changes {
            cells[*field].clone_from(value);
        }
        self.rows.replace(row, &cells);
    }

    /// Takes a row away for good.
    pub(super) fn remove(&mut self, row: u32) {
        self.removed.insert(row);
    }
}

impl Index {
    fn chain(&self, value: &str) -> impl Iterator<Item = u32> + '_ {
        let head = self.heads.get(self.key(value).as_str()).copied();
        std::iter::successors(head, |row| self.after(*row))
    }

    fn after(&self, row: u32) -> Option<u32> {
        self.next.get(row as usize)?.checked_sub(1)
    }

    fn add(&mut self, row: u32, value: &str) {
        if self.next.len() <= row as usize {
            self.next.resize(row as usize + 1, 0);
        }
        self.next[row as usize] = 0;
        if value.is_empty() {
            return;
        }
        let key = self.key(value);
        if let Some(head) = self.heads.get_mut(key.as_str()) {
            self.next[row as usize] = *head + 1;
            *head = row;
        } else {
            self.heads.insert(key.into_boxed_str(), row);
        }
    }

    fn remove(&mut self, row: u32, value: &str) {
        let key = self.key(value);
        let after = self.after(row);
        let Some(head) = self.heads.get(key.as_str()).copied() else {
            return;
        };
        if head == row {
            match after {
                Some(after) => self.heads.insert(key.into_boxed_str(), after),
                None => self.heads.remove(key.as_str()),
            };
            return;
        }
        let mut before = head;
        while let Some(next) = self.after(before) {
            if next == row {
                self.next[before as usize] = after.map_or(0, |after| after + 1);
                return;
            }
            before = next;
        }
    }

    fn key(&self, value: &str) -> String {
        if self.is_id {
            value.get(..15).unwrap_or(value).to_owned()
        } else {
            value.to_lowercase()
        }
    }
}

impl Rows {
    fn push<S: AsRef<str>>(&mut self, cells: &[S]) {
        let start = (
            u32::try_from(self.lengths.len()).unwrap_or(u32::MAX),
            self.text.len() as u64,
        );
        self.starts.push(start);
        self.append(cells);
    }

    fn append<S: AsRef<str>>(&mut self, cells: &[S]) {
        for at in 0..self.width {
            let cell = cells.get(at).map_or("", AsRef::as_ref);
            let mut length = cell.len();
            while length >= 128 {
                self.lengths
                    .push(u8::try_from(length & 127).unwrap_or(0) | 128);
                length >>= 7;
            }
            self.lengths.push(u8::try_from(length).unwrap_or(0));
            self.text.push_str(cell);
        }
    }

    /// Overwrites a row where its cells keep their lengths, else moves it to the end.
    fn replace(&mut self, row: u32, cells: &[String]) {
        let same = self
            .all(row)
            .zip(cells)
            .all(|(old, new)| old.len() == new.len());
        let (_, text) = self.starts[row as usize];
        if same && let Ok(from) = usize::try_from(text) {
            let whole = cells.concat();
            self.text.replace_range(from..from + whole.len(), &whole);
        } else {
            let start = (
                u32::try_from(self.lengths.len()).unwrap_or(u32::MAX),
                self.text.len() as u64,
            );
            self.starts[row as usize] = start;
            self.append(cells);
        }
    }

    fn cell(&self, row: u32, field: usize) -> &str {
        self.all(row).nth(field).unwrap_or_default()
    }

    fn all(&self, row: u32) -> impl Iterator<Item = &str> {
        let (lengths, text) = self.starts.get(row as usize).copied().unwrap_or_default();
        let mut at = lengths as usize;
        let mut from = usize::try_from(text).unwrap_or(usize::MAX);
        (0..self.width).map(move |_| {
            let (mut length, mut shift) = (0_usize, 0);
            while let Some(byte) = self.lengths.get(at) {
                at += 1;
                length |= usize::from(byte & 127) << shift;
                shift += 7;
                if byte & 128 == 0 {
                    break;
                }
            }
            let cell = self.text.get(from..from + length).unwrap_or_default();
            from += length;
            cell
        })
    }
}
