//! The accepted changes row by row, in input order, whatever parts they wait in.

use crate::model::id::RowOrdinal;

use super::error::PlanError;
use super::key::SortKey;
use super::spill::{Frames, PARTS, Spill, SpillReader};

/// The part of a row that was not accepted.
const NO_PART: u8 = u8::MAX;

/// Reads the change of one row after the other.
pub struct AcceptedChanges<'p> {
    spill: &'p Spill,
    reader: SpillReader<'p>,
    /// By row.
    part_of: Vec<u8>,
    /// By part.
    frames: Vec<Frames<'p>>,
}

impl<'p> AcceptedChanges<'p> {
    pub(super) fn open(spill: &'p Spill, keys: &[SortKey]) -> Result<Self, PlanError> {
        let last = keys.iter().map(|key| key.row().0).max();
        let rows = last.map_or(0, |last| last as usize + 1);
        let mut part_of = vec![NO_PART; rows];
        for key in keys {
            part_of[key.row().0 as usize] = key.part();
        }
        Ok(Self {
            spill,
            reader: spill.open()?,
            part_of,
            frames: (0..PARTS).map(|part| spill.frames(part)).collect(),
        })
    }

    /// The encoded change of a row, line end included; none where it was not accepted. No row may
    /// be asked for that comes before the last, and no accepted one may be left out.
    pub fn of(&mut self, row: RowOrdinal) -> Result<Option<&[u8]>, PlanError> {
        let part = self.part_of.get(row.0 as usize).copied();
        let Some(part) = part.filter(|part| *part != NO_PART) else {
            return Ok(None);
        };
        match self.reader.next(&mut self.frames[usize::from(part)])? {
            Some((found, change)) if found == row => Ok(Some(change)),
            Some(_) | None => Err(self.spill.damaged()),
        }
    }
}
