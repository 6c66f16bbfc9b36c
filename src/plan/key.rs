//! What memory keeps of an accepted row: 24 bytes that say where it belongs and where it waits.
//!
//! Pure data. The order of keys is the order of rows in every wave: account, contact, row, so
//! that one account's rows stand together (R-1004).

use crate::model::id::{AccountSlot, LicenseIndex, RowOrdinal};
use crate::model::user::{AccountRoles, NewUser, PortalKind};

use super::waves::UserWave;

/// Bits of `place` that hold the offset; the part stands above them, the licence above that.
const OFFSET_BITS: u32 = 40;
const LICENSE_SHIFT: u32 = OFFSET_BITS + u8::BITS;
/// Bits of `size` that hold the length; the flags stand above them.
const LENGTH_BITS: u32 = 24;

const STAGED: u32 = 1 << LENGTH_BITS;
const KIND_SHIFT: u32 = LENGTH_BITS + 1;
const ROLES_SHIFT: u32 = LENGTH_BITS + 3;
const WAVE_SHIFT: u32 = LENGTH_BITS + 5;
const NICKNAME_DERIVED: u32 = 1 << (LENGTH_BITS + 7);
const TWO_BITS: u32 = 0b11;

/// Bytes of a key, in memory and on disk.
pub(super) const KEY_BYTES: usize = 24;

/// Where a change waits in the spill.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) part: u8,
    /// Its first byte within the part.
    pub(super) offset: u64,
}

/// An accepted row's place in the plan and in the spill file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SortKey {
    account: u32,
    contact: u32,
    row: u32,
    /// Length of the change, and from [`LENGTH_BITS`] on: staged, kind, roles, wave, and whether
    /// the nickname was derived.
    size: u32,
    /// Where the change stands in the spill, and from [`LICENSE_SHIFT`] on its licence.
    place: u64,
}

const _: () = assert!(
    size_of::<SortKey>() == KEY_BYTES,
    "the plan promises 24 bytes per accepted row"
);

impl SortKey {
    /// The key of a row whose change stands at this place of the spill; none when the change is
    /// longer than its length has bits for.
    pub(super) fn new(user: &NewUser, place: Place, length: usize) -> Option<Self> {
        let Place { part, offset } = place;
        let length = u32::try_from(length)
            .ok()
            .filter(|bytes| bytes >> LENGTH_BITS == 0)?;
        if offset >> OFFSET_BITS != 0 {
            return None;
        }
        let kind = match user.kind {
            PortalKind::HighVolume => 0,
            PortalKind::Customer => 1,
            PortalKind::Partner => 2,
        };
        let roles = match user.roles {
            AccountRoles::None => 0,
            AccountRoles::Shared => 1,
            AccountRoles::Full => 2,
        };
        let staged = if user.takes_seat { 0 } else { STAGED };
        let nickname = if user.nickname_derived {
            NICKNAME_DERIVED
        } else {
            0
        };
        let mut key = Self {
            account: user.account_slot.0,
            contact: user.contact_slot.0,
            row: user.row.0,
            size: length | staged | nickname | kind << KIND_SHIFT | roles << ROLES_SHIFT,
            place: offset
                | u64::from(part) << OFFSET_BITS
                | u64::from(user.license.0) << LICENSE_SHIFT,
        };
        key.set_wave(UserWave::rest_of(user.kind));
        Some(key)
    }

    /// As files keep it.
    pub(super) fn to_bytes(self) -> [u8; KEY_BYTES] {
        let mut bytes = [0; KEY_BYTES];
        bytes[..4].copy_from_slice(&self.account.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.contact.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.row.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.size.to_le_bytes());
        bytes[16..].copy_from_slice(&self.place.to_le_bytes());
        bytes
    }

    /// A key that [`SortKey::to_bytes`] wrote; the file it comes from proves itself whole.
    pub(super) fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        let four = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        Self {
            account: four(0),
            contact: four(4),
            row: four(8),
            size: four(12),
            place: u64::from(four(16)) | u64::from(four(20)) << 32,
        }
    }

    /// What keys are sorted by; no two rows have the same.
    pub(super) fn order(&self) -> (u32, u32, u32) {
        (self.account, self.contact, self.row)
    }

    pub(super) fn account(&self) -> AccountSlot {
        AccountSlot(self.account)
    }

    pub(super) fn row(&self) -> RowOrdinal {
        RowOrdinal(self.row)
    }

    /// The part of the spill in which the change waits.
    pub(super) fn part(&self) -> u8 {
        u8::try_from(self.place >> OFFSET_BITS & u64::from(u8::MAX)).unwrap_or(u8::MAX)
    }

    /// First byte of the change in its part.
    pub(super) fn offset(&self) -> u64 {
        self.place & ((1 << OFFSET_BITS) - 1)
    }

    /// Bytes of the change, line end included.
    pub(super) fn length(&self) -> u32 {
        self.size & ((1 << LENGTH_BITS) - 1)
    }

    pub(super) fn license(&self) -> LicenseIndex {
        LicenseIndex(u16::try_from(self.place >> LICENSE_SHIFT).unwrap_or(u16::MAX))
    }

    pub(super) fn kind(&self) -> PortalKind {
        match (self.size >> KIND_SHIFT) & TWO_BITS {
            0 => PortalKind::HighVolume,
            1 => PortalKind::Customer,
            _ => PortalKind::Partner,
        }
    }

    /// Roles its account had for its kind when it was checked.
    pub(super) fn roles(&self) -> AccountRoles {
        match (self.size >> ROLES_SHIFT) & TWO_BITS {
            0 => AccountRoles::None,
            1 => AccountRoles::Shared,
            _ => AccountRoles::Full,
        }
    }

    /// Made inactive?
    pub(super) fn is_staged(&self) -> bool {
        self.size & STAGED != 0
    }

    /// Was the nickname made by us?
    pub(super) fn has_derived_nickname(&self) -> bool {
        self.size & NICKNAME_DERIVED != 0
    }

    pub(super) fn wave(&self) -> UserWave {
        match (self.size >> WAVE_SHIFT) & TWO_BITS {
            0 => UserWave::A,
            1 => UserWave::B,
            2 => UserWave::RoleBasedRest,
            _ => UserWave::HighVolume,
        }
    }

    pub(super) fn set_wave(&mut self, wave: UserWave) {
        let code = match wave {
            UserWave::A => 0,
            UserWave::B => 1,
            UserWave::RoleBasedRest => 2,
            UserWave::HighVolume => 3,
        };
        self.size = self.size & !(TWO_BITS << WAVE_SHIFT) | code << WAVE_SHIFT;
    }
}
