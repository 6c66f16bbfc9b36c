//! The row of a user: what of it is stored, and in which bytes.

use super::rows::{ID_BYTES, Row, flags, put_id, stored_id, stored_id_if_any, word_at};
use crate::model::id::{ContactId, UserId};
use crate::model::user::PortalKind;
use crate::org_state::small::portal_kind;

const ACTIVE: u8 = 1;
const HAS_ROLE: u8 = 2;
const KNOWN: u8 = 128;

/// Where a row has its contact, behind id and flags.
pub(super) const CONTACT: usize = ID_BYTES + 1;
/// Where it has the kind of user and of its shared role.
const KINDS: usize = CONTACT + ID_BYTES;
/// Where it has its account; three more numbers follow.
const ACCOUNT: usize = KINDS + 2;

/// What `UserType` makes of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserKind {
    /// Works for the org: `Standard` and whatever is not known to be outside.
    Internal,
    /// An external user of a kind we provision.
    Portal(PortalKind),
    /// Outside, but of no such kind: site guests and the old self-service portal.
    Outside,
}

/// A user without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserRow {
    pub(crate) id: UserId,
    /// Is there a record, and not only accounts that name it as owner?
    pub(crate) is_known: bool,
    pub(crate) kind: UserKind,
    pub(crate) is_active: bool,
    pub(crate) has_role: bool,
    /// Sits in a shared role of that kind.
    pub(crate) shared_role: Option<PortalKind>,
    pub(crate) contact: Option<ContactId>,
    /// Its account's slot.
    pub(crate) account: u32,
    /// In the list of profiles that users have.
    pub(crate) profile: u32,
    pub(crate) cells: u32,
    /// Accounts with role-based users it owns, as of the last join of everything;
    /// [`Users::owned`] is what counts now.
    pub(crate) owned: u32,
}

impl Row for UserRow {
    const BYTES: usize = ACCOUNT + 4 * 4;

    #[inline]
    fn read(bytes: &[u8]) -> Self {
        let word = |at| word_at(bytes, at);
        let flags = bytes[ID_BYTES];
        Self {
            id: stored_id(bytes),
            is_known: flags & KNOWN > 0,
            kind: kind_of(bytes[KINDS]),
            is_active: flags & ACTIVE > 0,
            has_role: flags & HAS_ROLE > 0,
            shared_role: match kind_of(bytes[KINDS + 1]) {
                UserKind::Portal(kind) => Some(kind),
                UserKind::Internal | UserKind::Outside => None,
            },
            contact: stored_id_if_any(&bytes[CONTACT..]),
            account: word(ACCOUNT),
            profile: word(ACCOUNT + 4),
            cells: word(ACCOUNT + 8),
            owned: word(ACCOUNT + 12),
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        put_id(Some(self.id), to);
        to.push(flags([
            (self.is_active, ACTIVE),
            (self.has_role, HAS_ROLE),
            (self.is_known, KNOWN),
        ]));
        put_id(self.contact, to);
        let shared = self
            .shared_role
            .map_or(0, |kind| number(UserKind::Portal(kind)));
        to.extend_from_slice(&[number(self.kind), shared]);
        for word in [self.account, self.profile, self.cells, self.owned] {
            to.extend_from_slice(&word.to_le_bytes());
        }
    }

    fn cells(&self) -> u32 {
        self.cells
    }

    fn with_cells(self, cells: u32) -> Self {
        Self { cells, ..self }
    }
}

impl UserRow {
    /// An id that accounts name.
    pub(crate) fn unknown(id: UserId) -> Self {
        Self {
            id,
            is_known: false,
            kind: UserKind::Internal,
            is_active: false,
            has_role: false,
            shared_role: None,
            contact: None,
            account: u32::MAX,
            profile: u32::MAX,
            cells: u32::MAX,
            owned: 0,
        }
    }
}

fn number(kind: UserKind) -> u8 {
    match kind {
        UserKind::Internal => 0,
        UserKind::Outside => 1,
        UserKind::Portal(PortalKind::HighVolume) => 2,
        UserKind::Portal(PortalKind::Customer) => 3,
        UserKind::Portal(PortalKind::Partner) => 4,
    }
}

fn kind_of(number: u8) -> UserKind {
    match number {
        1 => UserKind::Outside,
        2 => UserKind::Portal(PortalKind::HighVolume),
        3 => UserKind::Portal(PortalKind::Customer),
        4 => UserKind::Portal(PortalKind::Partner),
        _ => UserKind::Internal,
    }
}

/// What a `UserType` stands for.
pub(crate) fn user_kind(user_type: &str) -> UserKind {
    let outside = ["Guest", "SelfService"];
    match portal_kind(user_type) {
        Some(kind) => UserKind::Portal(kind),
        None if outside
            .iter()
            .any(|name| name.eq_ignore_ascii_case(user_type)) =>
        {
            UserKind::Outside
        }
        None => UserKind::Internal,
    }
}
