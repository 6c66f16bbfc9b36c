//! Which line of the file has a Contact: like `lines`, for keys that are dense numbers.
//!
//! Comes in: places of Contacts in the org state, each with its line. Goes out: the line that has
//! a Contact. Nearly every row asks for one that no line has: a bit for each Contact answers
//! that, and those of a million lie near together. It never forgets a Contact.

use crate::model::id::ContactSlot;

/// Lines by Contacts.
#[derive(Debug, Default)]
pub(super) struct SlotLines {
    groups: Vec<Group>,
}

/// Neighbours: who of them is taken, and with which line, in no order.
#[derive(Debug, Clone, Default)]
struct Group {
    taken: [u64; GROUP_WORDS],
    lines: Vec<(u32, u32)>,
}

/// Words of bits in a group: the search that only a Contact named twice needs stays short, and
/// groups are few enough to stay at hand.
const GROUP_WORDS: usize = 8;

/// Contacts in a group.
const GROUP: u32 = u64::BITS * 8;
const _: () = assert!(
    GROUP as usize == GROUP_WORDS * 64,
    "a bit for each of a group"
);

impl SlotLines {
    /// The line that has this Contact.
    #[inline]
    pub(super) fn get(&self, ContactSlot(slot): ContactSlot) -> Option<u32> {
        let group = self.groups.get((slot / GROUP) as usize)?;
        let (word, bit) = bit_of(slot);
        if group.taken[word] & bit == 0 {
            return None;
        }
        let mut lines = group.lines.iter();
        lines
            .find(|(taken, _)| *taken == slot)
            .map(|(_, line)| *line)
    }

    /// Notes a Contact that no line has yet.
    #[inline]
    pub(super) fn insert(&mut self, ContactSlot(slot): ContactSlot, line: u32) {
        let place = (slot / GROUP) as usize;
        if place >= self.groups.len() {
            self.groups.resize_with(place + 1, Group::default);
        }
        let group = &mut self.groups[place];
        let (word, bit) = bit_of(slot);
        group.taken[word] |= bit;
        group.lines.push((slot, line));
    }
}

/// Which word of its group a Contact has its bit in, and which bit that is.
fn bit_of(slot: u32) -> (usize, u64) {
    let within = slot % GROUP;
    ((within / u64::BITS) as usize, 1 << (within % u64::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contact_keeps_its_line_and_its_neighbours_have_none() {
        let mut lines = SlotLines::default();
        let slots = (0..4000).map(|number| ContactSlot(number * 7919 % 10_007 * 2));
        for (line, slot) in (2..).zip(slots.clone()) {
            assert_eq!(lines.get(slot), None);
            lines.insert(slot, line);
        }
        for (line, slot) in (2..).zip(slots) {
            assert_eq!(lines.get(slot), Some(line));
            assert_eq!(lines.get(ContactSlot(slot.0 + 1)), None);
        }
        assert_eq!(lines.get(ContactSlot(u32::MAX)), None);
    }
}
