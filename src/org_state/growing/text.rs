//! The text of a growing table: its heap, and the hashes of what rows are found by.

use std::io;

use crate::org_state::records::Comparison;
use crate::org_state::sections::cells::{self, ALIGNMENT};
use crate::org_state::sections::hash::NO_KEY;
use crate::org_state::sections::index;
use crate::org_state::sections::spool::{Spool, Spooled};
use crate::org_state::sections::{Key, Kind, Target};
use crate::org_state::tables::{RecordFault, external_id_hash};

use super::order::Order;

/// Rows of text cells, in the order they came.
#[derive(Debug)]
pub(super) struct Heap {
    spool: Spool,
    /// One row's cells.
    row: Vec<u8>,
}

impl Heap {
    pub(super) fn new(spool: Spool) -> Self {
        Self {
            spool,
            row: Vec::new(),
        }
    }

    /// Adds the cells of a row; says where they start.
    pub(super) fn push<'a>(
        &mut self,
        row: impl IntoIterator<Item = &'a str>,
    ) -> Result<u32, RecordFault> {
        let start = u32::try_from(self.spool.len() / ALIGNMENT as u64);
        let start = start.map_err(|_| RecordFault::Full)?;
        self.row.clear();
        cells::encode(row, &mut self.row);
        self.spool.push(&self.row).map_err(RecordFault::Disk)?;
        Ok(start)
    }

    pub(super) fn finish(self) -> io::Result<Spooled> {
        self.spool.finish()
    }
}

/// A hash for each row that came: what it is found by, beside its id.
#[derive(Debug, Default)]
pub(super) struct Hashes(Vec<u32>);

impl Hashes {
    pub(super) fn push(&mut self, hash: u32) {
        self.0.push(hash);
    }

    /// Writes the index.
    pub(super) fn write(
        &self,
        key: impl Into<Key>,
        order: &Order,
        target: &mut Target,
    ) -> io::Result<()> {
        let keyed = self.0.iter().filter(|hash| **hash != NO_KEY).count();
        let entries = (0..order.len()).map(|slot| (self.0[order.place(slot) as usize], slot));
        write_index(key, keyed, entries, target)
    }
}

/// The hashes of all external id fields of a table.
#[derive(Debug)]
pub(super) struct ExternalIdHashes {
    fields: Vec<(Comparison, Hashes)>,
}

impl ExternalIdHashes {
    pub(super) fn of(comparisons: impl Iterator<Item = Comparison>) -> Self {
        Self {
            fields: comparisons
                .map(|comparison| (comparison, Hashes::default()))
                .collect(),
        }
    }

    /// Adds a row's values.
    ///
    /// # Panics
    /// If there is not one for each field.
    pub(super) fn push(&mut self, values: &[&str]) {
        assert_eq!(values.len(), self.fields.len(), "one value per field");
        for ((comparison, hashes), value) in self.fields.iter_mut().zip(values) {
            hashes.push(external_id_hash(*comparison, value));
        }
    }

    pub(super) fn write(&self, kind: Kind, order: &Order, target: &mut Target) -> io::Result<()> {
        let mut fields = self.fields.iter().enumerate();
        fields.try_for_each(|(nth, (_, hashes))| hashes.write(Key::nth(kind, nth), order, target))
    }
}

/// Writes an index of so many entries; those without a key are passed over.
pub(super) fn write_index(
    key: impl Into<Key>,
    count: usize,
    entries: impl Iterator<Item = (u32, u32)>,
    target: &mut Target,
) -> io::Result<()> {
    let mut keyed = Vec::with_capacity(count);
    keyed.extend(entries.filter(|(hash, _)| *hash != NO_KEY));
    target.section(key, |out| index::write(keyed, out))
}
