//! Users, internal and external, active and not. A user is never deleted.
//!
//! An account may name an owner of whom no record is known; such an id has a row too, as with
//! accounts.

use std::collections::HashMap;

use super::rows::{ID_BYTES, Table, stored_id};
use super::user_row::{CONTACT, UserRow};
use crate::model::id::{ContactId, ProfileId, UserId};
use crate::org_state::fold::eq_folded;
use crate::org_state::sections::cells::Text;
use crate::org_state::sections::hash::{NO_KEY, hash_folded, hash_id, hash_text};
use crate::org_state::sections::index::HashIndex;
use crate::org_state::sections::section::Section;
use crate::org_state::sections::{Kind, Sections};

/// Cells of a row.
pub(crate) const USERNAME: usize = 0;
pub(crate) const NICKNAME: usize = 1;
pub(crate) const FEDERATION_ID: usize = 2;
/// The name of a user without a contact; empty for all others, whose contact has it.
pub(crate) const NAME: usize = 3;

/// Bytes of a profile that users have: id, active users.
pub(crate) const USER_PROFILE_BYTES: usize = ID_BYTES + 8;

/// The table and its indexes.
#[derive(Debug)]
pub(crate) struct Users {
    table: Table<UserRow>,
    by_id: HashIndex,
    by_username: HashIndex,
    by_nickname: HashIndex,
    by_federation_id: HashIndex,
    by_contact: HashIndex,
    profiles: Section,
    /// Profiles that no user had at the last join of everything.
    new_profiles: Vec<ProfileId>,
    /// Active users by profile number, where that changed since.
    active: HashMap<u32, u64>,
    /// [`UserRow::owned`] by slot, where that changed since.
    owned: HashMap<u32, u32>,
}

impl Users {
    pub(super) fn over(sections: &Sections) -> Self {
        let index = |kind| HashIndex::over(sections.get(kind));
        Self {
            table: Table::over(sections, Kind::UserRows, Kind::UserCells),
            by_id: index(Kind::UsersById),
            by_username: index(Kind::UsersByUsername),
            by_nickname: index(Kind::UsersByNickname),
            by_federation_id: index(Kind::UsersByFederationId),
            by_contact: index(Kind::UsersByContact),
            profiles: sections.get(Kind::UserProfiles),
            new_profiles: Vec::new(),
            active: HashMap::new(),
            owned: HashMap::new(),
        }
    }

    /// Gives back the memory that lookups took; of texts only, or all of it.
    pub(crate) fn let_go(&mut self, texts_only: bool) {
        self.table.let_texts_go();
        if !texts_only {
            self.table.let_go();
            let indexes = [
                &mut self.by_id,
                &mut self.by_username,
                &mut self.by_nickname,
                &mut self.by_federation_id,
                &mut self.by_contact,
            ];
            indexes.into_iter().for_each(HashIndex::let_go);
        }
    }

    /// The slot and row of an id, whether a record is known or not.
    #[inline]
    pub(crate) fn find_any(&self, id: UserId) -> Option<(u32, UserRow)> {
        let packed = id.record().packed();
        let mut candidates = self.by_id.candidates(hash_id(id.record()));
        let slot = candidates.find(|slot| self.table.has_id(*slot, 0, packed))?;
        Some((slot, self.table.row(slot)?))
    }

    /// The slot of an id; a new one where it has none.
    pub(crate) fn slot_for(&mut self, id: Option<UserId>) -> u32 {
        let Some(id) = id else { return u32::MAX };
        if let Some((slot, _)) = self.find_any(id) {
            return slot;
        }
        let row = UserRow::unknown(id);
        let (slot, _) = self.table.put(None, row, std::iter::empty());
        self.by_id.add(hash_id(id.record()), slot);
        slot
    }

    #[inline]
    pub(crate) fn row(&self, slot: u32) -> Option<UserRow> {
        self.table.row(slot)
    }

    /// Brings the buckets of the hash of a contact's id near; what it returns means nothing.
    #[inline]
    pub(crate) fn touch_contact(&self, hash: u32) -> u64 {
        self.by_contact.touch(hash)
    }

    /// The first slot that may have a contact of that hash; none is the last number there is.
    #[inline]
    pub(crate) fn first_of_contact(&self, hash: u32) -> u32 {
        self.by_contact.first(hash)
    }

    /// Brings the buckets of the hash of a username near; what it returns means nothing.
    #[inline]
    pub(crate) fn touch_username(&self, hash: u32) -> u64 {
        self.by_username.touch(hash)
    }

    /// Brings the buckets of the hash of a nickname near; what it returns means nothing.
    #[inline]
    pub(crate) fn touch_nickname(&self, hash: u32) -> u64 {
        self.by_nickname.touch(hash)
    }

    /// May a user have a username of that hash?
    #[inline]
    pub(crate) fn has_username(&self, hash: u32) -> bool {
        self.by_username.first(hash) != u32::MAX
    }

    /// May a user have a nickname of that hash?
    #[inline]
    pub(crate) fn has_nickname(&self, hash: u32) -> bool {
        self.by_nickname.first(hash) != u32::MAX
    }

    /// Brings a row near; what it returns means nothing.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) -> (u32, u8) {
        self.table.touch(slot, 0)
    }

    /// The text of a slot.
    #[inline]
    pub(crate) fn text(&self, slot: u32) -> Text<'_> {
        self.table.text(slot)
    }

    pub(crate) fn by_username(&self, username: &str) -> Option<(u32, UserRow)> {
        let is = |text: Text<'_>| eq_folded(&text.cell(USERNAME), username);
        self.found(&self.by_username, hash_folded(username), is)
    }

    /// An empty nickname is nobody's.
    pub(crate) fn by_nickname(&self, nickname: &str) -> Option<(u32, UserRow)> {
        let is = |text: Text<'_>| !nickname.is_empty() && eq_folded(&text.cell(NICKNAME), nickname);
        self.found(&self.by_nickname, hash_folded(nickname), is)
    }

    pub(crate) fn by_federation_id(&self, id: &str) -> Option<(u32, UserRow)> {
        let is = |text: Text<'_>| !id.is_empty() && text.cell(FEDERATION_ID) == id;
        self.found(&self.by_federation_id, hash_text(id), is)
    }

    fn found(
        &self,
        index: &HashIndex,
        hash: u32,
        is: impl Fn(Text<'_>) -> bool,
    ) -> Option<(u32, UserRow)> {
        let slot = index
            .candidates(hash)
            .find(|slot| is(self.table.text(*slot)))?;
        Some((slot, self.table.row(slot)?))
    }

    /// Users linked to a contact: at most one in a sound org.
    pub(crate) fn of_contact(&self, id: ContactId) -> impl Iterator<Item = (u32, UserRow)> + '_ {
        let packed = id.record().packed();
        let candidates = self.by_contact.candidates(hash_id(id.record()));
        candidates
            .filter(move |slot| self.table.has_id(*slot, CONTACT, packed))
            .filter_map(|slot| Some((slot, self.table.row(slot)?)))
    }

    /// Accounts with role-based users the user owns, now.
    pub(crate) fn owned(&self, slot: u32) -> u32 {
        let stored = || self.table.row(slot).map(|row| row.owned);
        if self.owned.is_empty() {
            return stored().unwrap_or(0);
        }
        let changed = self.owned.get(&slot).copied();
        changed.or_else(stored).unwrap_or(0)
    }

    /// The user owns one such account more or less.
    pub(crate) fn count_owned(&mut self, slot: u32, more: bool) {
        let owned = self.owned(slot);
        let owned = if more {
            owned.saturating_add(1)
        } else {
            owned.saturating_sub(1)
        };
        self.owned.insert(slot, owned);
    }

    /// The profile of a number.
    pub(crate) fn profile(&self, number: u32) -> Option<ProfileId> {
        let (stored, _) = self.profiles.as_chunks::<USER_PROFILE_BYTES>();
        match (number as usize).checked_sub(stored.len()) {
            None => Some(stored_id(&stored[number as usize])),
            Some(new) => self.new_profiles.get(new).copied(),
        }
    }

    /// The number of a profile; a new one where it has none.
    pub(crate) fn profile_number(&mut self, profile: Option<ProfileId>) -> u32 {
        let Some(profile) = profile else {
            return u32::MAX;
        };
        let count = self.profiles.len() / USER_PROFILE_BYTES + self.new_profiles.len();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let known = (0..count).find(|number| self.profile(*number) == Some(profile));
        known.unwrap_or_else(|| {
            self.new_profiles.push(profile);
            count
        })
    }

    /// Profiles that users have, with their active users.
    pub(crate) fn active_by_profile(&self) -> impl Iterator<Item = (ProfileId, u64)> + '_ {
        let stored = self.profiles.len() / USER_PROFILE_BYTES;
        let count = u32::try_from(stored + self.new_profiles.len()).unwrap_or(u32::MAX);
        (0..count).filter_map(|number| Some((self.profile(number)?, self.active(number))))
    }

    fn active(&self, profile: u32) -> u64 {
        let (stored, _) = self.profiles.as_chunks::<USER_PROFILE_BYTES>();
        let stored = || {
            let row = stored.get(profile as usize)?;
            Some(u64::from_le_bytes(*row.last_chunk()?))
        };
        let changed = self.active.get(&profile).copied();
        changed.or_else(stored).unwrap_or(0)
    }

    /// The profile has one active user more or less.
    pub(crate) fn count_active(&mut self, profile: u32, more: bool) {
        let active = self.active(profile);
        let active = if more {
            active.saturating_add(1)
        } else {
            active.saturating_sub(1)
        };
        self.active.insert(profile, active);
    }

    /// Takes in the newest version of a record; is it new, or not what it was?
    pub(crate) fn put<'a>(
        &mut self,
        slot: Option<u32>,
        row: UserRow,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let (slot, is_changed) = self.table.put(slot, row, cells);
        if is_changed {
            self.by_id.add(hash_id(row.id.record()), slot);
            let text = self.table.text(slot);
            self.by_username
                .add(hash_folded(&text.cell(USERNAME)), slot);
            self.by_nickname
                .add(hash_folded(&text.cell(NICKNAME)), slot);
            self.by_federation_id
                .add(federation_hash(&text.cell(FEDERATION_ID)), slot);
            if let Some(contact) = row.contact {
                self.by_contact.add(hash_id(contact.record()), slot);
            }
        }
        is_changed
    }
}

/// Few users have one.
pub(crate) fn federation_hash(federation_id: &str) -> u32 {
    if federation_id.is_empty() {
        NO_KEY
    } else {
        hash_text(federation_id)
    }
}
