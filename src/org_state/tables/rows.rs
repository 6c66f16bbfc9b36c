//! A table without its meaning: rows of fixed size, their text, and what was read again since.

use std::collections::HashMap;

use crate::model::id::{PACKED_BYTES, PACKED_NONE, RecordId, TypedId};
use crate::org_state::sections::Kind;
use crate::org_state::sections::Sections;
use crate::org_state::sections::cells::Text;
use crate::org_state::sections::section::Section;

/// Bytes of an id in a row: its table says of which object it is.
pub(crate) const ID_BYTES: usize = PACKED_BYTES;

/// A row of fixed size. It reads any bytes as a row: they may come from a damaged file.
pub(crate) trait Row: Copy + PartialEq {
    /// Its size.
    const BYTES: usize;

    /// Reads a row from exactly so many bytes.
    fn read(bytes: &[u8]) -> Self;

    /// Adds exactly so many bytes.
    fn write(&self, to: &mut Vec<u8>);

    /// Where its text starts.
    fn cells(&self) -> u32;

    /// The same row with its text elsewhere.
    fn with_cells(self, cells: u32) -> Self;
}

/// Rows and their text.
#[derive(Debug)]
pub(crate) struct Table<R> {
    rows: Section,
    heap: Section,
    /// By slot: rows that changed or are new, with their text where that is not the stored one.
    fresh: HashMap<u32, (R, Option<Vec<String>>)>,
    count: u32,
}

impl<R: Row> Table<R> {
    /// Reads sections in place.
    pub(super) fn over(sections: &Sections, rows: Kind, cells: Kind) -> Self {
        let rows = sections.get(rows);
        let count = u32::try_from(rows.len() / R::BYTES).unwrap_or(u32::MAX);
        Self {
            rows,
            heap: sections.get(cells),
            fresh: HashMap::new(),
            count,
        }
    }

    /// Slots there are.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Gives back the memory that reading texts took.
    pub(super) fn let_texts_go(&mut self) {
        self.heap.let_go();
    }

    /// Gives back the memory that reading took.
    pub(super) fn let_go(&mut self) {
        self.rows.let_go();
        self.heap.let_go();
    }

    /// Brings all of a row of the section near, which may lie in two lines of the processor's
    /// memory. Says a number of the row, 0 where there is none; the rest means nothing.
    #[inline]
    pub(super) fn touch(&self, slot: u32, at: usize) -> (u32, u8) {
        let start = slot as usize * R::BYTES;
        match self.rows.get(start..start + R::BYTES) {
            Some(row) => (word_at(row, at), row[0] | row[R::BYTES - 1]),
            None => (0, 0),
        }
    }

    /// The row of a slot.
    #[expect(
        clippy::inline_always,
        reason = "whoever asks needs half of a row; in a call of its own every id is unpacked"
    )]
    #[inline(always)]
    pub(super) fn row(&self, slot: u32) -> Option<R> {
        if self.fresh.is_empty() {
            self.stored(slot)
        } else {
            self.newest(slot)
        }
    }

    /// The row of the section.
    #[inline]
    fn stored(&self, slot: u32) -> Option<R> {
        let start = slot as usize * R::BYTES;
        self.rows.get(start..start + R::BYTES).map(R::read)
    }

    #[inline(never)]
    fn newest(&self, slot: u32) -> Option<R> {
        match self.fresh.get(&slot) {
            Some((row, _)) => Some(*row),
            None => self.stored(slot),
        }
    }

    /// Has the row of a slot this id so many bytes from its start? Ids are compared as they are
    /// stored: unpacking one takes longer than finding it.
    #[inline]
    pub(super) fn has_id(&self, slot: u32, at: usize, packed: [u8; ID_BYTES]) -> bool {
        if let Some(row) = self.fresh_bytes(slot) {
            return row[at..].starts_with(&packed);
        }
        let start = slot as usize * R::BYTES + at;
        self.rows.get(start..start + ID_BYTES) == Some(&packed)
    }

    /// The id of a slot: ids stand in front of a row.
    #[inline]
    pub(super) fn id<Id: TypedId>(&self, slot: u32) -> Option<Id> {
        if let Some(row) = self.fresh_bytes(slot) {
            return Some(stored_id(&row));
        }
        let start = slot as usize * R::BYTES;
        self.rows.get(start..start + R::BYTES).map(stored_id)
    }

    /// A row that changed or is new, laid out as in the section.
    #[inline]
    fn fresh_bytes(&self, slot: u32) -> Option<Vec<u8>> {
        if self.fresh.is_empty() {
            return None;
        }
        let (row, _) = self.fresh.get(&slot)?;
        let mut bytes = Vec::with_capacity(R::BYTES);
        row.write(&mut bytes);
        Some(bytes)
    }

    /// The text of a slot.
    #[inline]
    pub(super) fn text(&self, slot: u32) -> Text<'_> {
        if !self.fresh.is_empty()
            && let Some((_, Some(cells))) = self.fresh.get(&slot)
        {
            return Text::Fresh(cells);
        }
        self.row(slot)
            .map_or(Text::Fresh(&[]), |row| Text::at(&self.heap, row.cells()))
    }

    /// Puts a row in its slot, or behind the last. Says the slot, and whether the record is new
    /// or not what it was.
    pub(super) fn put<'a>(
        &mut self,
        slot: Option<u32>,
        row: R,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> (u32, bool) {
        let same = slot.is_some_and(|slot| {
            self.row(slot)
                .is_some_and(|old| row.with_cells(old.cells()) == old)
                && self.text(slot).is(cells.clone())
        });
        let slot = slot.unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        });
        if !same {
            let cells = cells.map(str::to_owned).collect();
            self.fresh.insert(slot, (row, Some(cells)));
        }
        (slot, !same)
    }

    /// Changes a row and leaves its text as it is.
    pub(super) fn change(&mut self, slot: u32, change: impl FnOnce(R) -> R) {
        let Some(row) = self.row(slot) else { return };
        let text = self.fresh.remove(&slot).and_then(|(_, text)| text);
        self.fresh.insert(slot, (change(row), text));
    }
}

/// Reads an id from the front of bytes.
#[inline]
pub(crate) fn stored_id<Id: TypedId>(bytes: &[u8]) -> Id {
    let packed = bytes.first_chunk().copied().unwrap_or(PACKED_NONE);
    Id::of(RecordId::unpacked(Id::OBJECT, packed))
}

/// Reads an id where there may be none.
#[inline]
pub(crate) fn stored_id_if_any<Id: TypedId>(bytes: &[u8]) -> Option<Id> {
    (!bytes.starts_with(&PACKED_NONE)).then(|| stored_id(bytes))
}

/// Adds an id, or what stands for none.
pub(crate) fn put_id<Id: TypedId>(id: Option<Id>, to: &mut Vec<u8>) {
    to.extend_from_slice(&id.map_or(PACKED_NONE, |id| id.untyped().packed()));
}

/// Reads a number.
#[inline]
pub(crate) fn word_at(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

/// The bits of what is true.
pub(crate) fn flags<const N: usize>(facts: [(bool, u8); N]) -> u8 {
    let set = facts.into_iter().filter(|(is, _)| *is);
    set.fold(0, |flags, (_, bit)| flags | bit)
}
