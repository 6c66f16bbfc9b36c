//! What depends on the rows before: duplicates, then seats, dealt in input order.
//!
//! Comes in: checked windows in file order. Goes out: the same windows, with rows rejected that
//! repeat an earlier accepted row or find no seat. Only rows that are accepted in the end count:
//! one that is rejected here neither blocks a later row nor takes a seat. How the file was cut
//! into windows makes no difference.

use super::findings::Findings;
use super::lines::{FreePlace, Lines};
use super::seats::{Seat, Seats};
use super::slots::SlotLines;
use crate::model::id::RowOrdinal;
use crate::model::rejection::Code;
use crate::model::summary::SeatForecast;
use crate::model::user::{CheckedRow, CheckedWindow, FoldedKey, NewUser};
use crate::org_state::OrgState;

/// Deals out what every row can have once.
#[derive(Debug)]
pub struct Dealer {
    contacts: SlotLines,
    usernames: Lines,
    nicknames: Lines,
    federation_ids: Lines,
    seats: Seats,
}

/// Rows that are made room for at once: an estimate may be far off.
const ROWS_EXPECTED_MAX: usize = 1 << 24;

/// Rows whose places are brought near at once.
const TOUCHED_AT_ONCE: usize = 32;

impl Dealer {
    /// Nothing is dealt yet.
    pub fn new(org: &OrgState) -> Self {
        Self::with_seats(Seats::of(org.licenses()))
    }

    /// Deals to the accepted rows of the next window. Windows must come in file order.
    pub fn deal(&mut self, mut checked: CheckedWindow) -> CheckedWindow {
        let mut refused = Vec::new();
        for rows in checked.rows.chunks_mut(TOUCHED_AT_ONCE) {
            self.touch(rows);
            for row in rows {
                if self.refuse(row) {
                    refused.push(row.row());
                }
            }
        }
        if !refused.is_empty() {
            let is_refused = |row: RowOrdinal| refused.binary_search(&row).is_ok();
            checked.warnings.retain(|warning| !is_refused(warning.row));
            checked.permission_sets.retain(|(row, _)| !is_refused(*row));
        }
        checked
    }

    /// Makes room for so many rows before the first window: fresh memory costs as much as filling it, and a table
    /// that grows takes all of its own anew.
    pub fn expect(&mut self, rows: u64) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.usernames = Lines::with_room_for(rows.min(ROWS_EXPECTED_MAX));
    }

    /// Seats of the licences this file asks for, so far.
    pub fn seats(&self) -> Vec<SeatForecast> {
        self.seats.in_use()
    }

    pub(super) fn with_seats(seats: Seats) -> Self {
        Self {
            contacts: SlotLines::default(),
            usernames: Lines::default(),
            nicknames: Lines::default(),
            federation_ids: Lines::default(),
            seats,
        }
    }

    /// Every row asks for its username: waiting for many at a time takes little longer than for one.
    fn touch(&self, rows: &[CheckedRow]) {
        for row in rows {
            if let CheckedRow::Accepted(user) = row {
                self.usernames.touch(user.username);
            }
        }
    }

    /// Turns an accepted row that cannot have what it needs into a rejected one.
    fn refuse(&mut self, row: &mut CheckedRow) -> bool {
        let CheckedRow::Accepted(user) = row else {
            return false;
        };
        let places = Places {
            contact: self.contacts.get(user.contact_slot),
            username: self.usernames.get(user.username),
            nickname: given(user.nickname).map(|key| self.nicknames.get(key)),
            federation_id: user.federation_id.map(|key| self.federation_ids.get(key)),
        };
        let mut findings = Findings::default();
        if !places.are_free() {
            places.note_taken(&mut findings);
        } else if user.takes_seat
            && let Seat::None(reason) = self.seats.take(user.license)
        {
            findings.fault(Code::NoSeat, reason);
        }
        if findings.is_clean() {
            self.remember(user, places);
            return false;
        }
        *row = CheckedRow::Rejected(findings.into_rejected(user.row));
        true
    }

    fn remember(&mut self, user: &NewUser, places: Places) {
        let line = u32::try_from(user.line).unwrap_or(u32::MAX);
        self.contacts.insert(user.contact_slot, line);
        if let Err(place) = places.username {
            self.usernames.insert(place, user.username, line);
        }
        if let (Some(Err(place)), Some(key)) = (places.nickname, given(user.nickname)) {
            self.nicknames.insert(place, key, line);
        }
        if let (Some(Err(place)), Some(key)) = (places.federation_id, user.federation_id) {
            self.federation_ids.insert(place, key, line);
        }
    }
}

/// For each thing a row can have once: the line of the accepted row that has it, else the place
/// that is free for it; a Contact needs none.
#[derive(Debug, Clone, Copy)]
struct Places {
    contact: Option<u32>,
    username: Result<u32, FreePlace>,
    nickname: Option<Result<u32, FreePlace>>,
    federation_id: Option<Result<u32, FreePlace>>,
}

impl Places {
    fn are_free(&self) -> bool {
        let given = [self.nickname, self.federation_id];
        self.contact.is_none()
            && self.username.is_err()
            && given.into_iter().flatten().all(|place| place.is_err())
    }

    /// What the row shares with accepted rows before it. A row that repeats a person whole says
    /// so once: that its username is the same too is no news.
    fn note_taken(&self, findings: &mut Findings) {
        let same_person = self.contact;
        let mut note = |code: Code, what: &str, line: Option<u32>| {
            if let Some(line) = line {
                findings.fault(code, format!("line {line} of the file has the same {what}"));
            }
        };
        note(Code::DuplicateContact, "Contact", same_person);
        let others = |line: &u32| Some(*line) != same_person;
        let of = |place: Result<u32, FreePlace>| place.ok().filter(others);
        note(Code::DuplicateUsername, "username", of(self.username));
        let nickname = self.nickname.and_then(of);
        note(Code::DuplicateNickname, "nickname", nickname);
        let federation_id = self.federation_id.and_then(of);
        note(Code::DuplicateFederationId, "federation id", federation_id);
    }
}

/// The key of a nickname the row gave; derived ones are never compared.
fn given(nickname: FoldedKey) -> Option<FoldedKey> {
    (nickname != FoldedKey::DERIVED).then_some(nickname)
}
