//! Generated roles: those the org made for external users. Internal roles are
//! not kept, whether a user has one stands on the user.

use std::collections::BTreeMap;

use super::rows::{ID_BYTES, Row, put_id, stored_id};
use super::{RecordFault, optional, required};
use crate::model::id::{AccountId, RoleId, UserId};
use crate::model::user::PortalKind;
use crate::org_state::records::RoleRecord;
use crate::org_state::sections::section::Section;
use crate::org_state::sections::{Kind, Sections};

/// What a generated role is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortalRole {
    /// One level of an account's own roles, 0 the lowest.
    OfAccount {
        /// For users of this kind.
        kind: PortalKind,
        /// 0 User, 1 Manager, 2 Executive.
        level: u8,
    },
    /// Shared by the single users of an owner's accounts.
    Shared {
        /// For users of this kind.
        kind: PortalKind,
    },
}

impl PortalRole {
    /// The kind of user it is for, if it is shared.
    pub(crate) fn shared(self) -> Option<PortalKind> {
        match self {
            Self::Shared { kind } => Some(kind),
            Self::OfAccount { .. } => None,
        }
    }
}

/// A generated role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoleRow {
    pub(crate) id: RoleId,
    pub(crate) role: PortalRole,
    /// Its account's slot.
    pub(crate) account: u32,
}

const LEVEL: u8 = 3;
const PARTNER: u8 = 4;
const SHARED: u8 = 8;

impl Row for RoleRow {
    const BYTES: usize = ID_BYTES + 1 + 4;

    fn read(bytes: &[u8]) -> Self {
        let what = bytes[ID_BYTES];
        let kind = if what & PARTNER > 0 {
            PortalKind::Partner
        } else {
            PortalKind::Customer
        };
        let account = bytes.last_chunk().copied().unwrap_or_default();
        Self {
            id: stored_id(bytes),
            role: if what & SHARED > 0 {
                PortalRole::Shared { kind }
            } else {
                PortalRole::OfAccount {
                    kind,
                    level: what & LEVEL,
                }
            },
            account: u32::from_le_bytes(account),
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        put_id(Some(self.id), to);
        let partner = |kind| u8::from(kind == PortalKind::Partner) * PARTNER;
        to.push(match self.role {
            PortalRole::OfAccount { kind, level } => partner(kind) | level & LEVEL,
            PortalRole::Shared { kind } => partner(kind) | SHARED,
        });
        to.extend_from_slice(&self.account.to_le_bytes());
    }

    fn cells(&self) -> u32 {
        0
    }

    fn with_cells(self, _cells: u32) -> Self {
        self
    }
}

/// The table.
#[derive(Debug)]
pub(crate) struct Roles {
    rows: Section,
    /// Those that came later.
    new: BTreeMap<RoleId, RoleRow>,
}

impl Roles {
    pub(super) fn over(sections: &Sections) -> Self {
        Self {
            rows: sections.get(Kind::RoleRows),
            new: BTreeMap::new(),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        (self.stored_count() + self.new.len()) as u64
    }

    /// Did any come later?
    pub(crate) fn has_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// All of them, those that came later last.
    pub(crate) fn all(&self) -> impl Iterator<Item = RoleRow> + '_ {
        let stored = self.rows.chunks_exact(RoleRow::BYTES).map(RoleRow::read);
        stored.chain(self.new.values().copied())
    }

    pub(crate) fn find(&self, id: RoleId) -> Option<RoleRow> {
        if let Some(new) = self.new.get(&id) {
            return Some(*new);
        }
        let (mut low, mut high) = (0, self.stored_count());
        while low < high {
            let middle = low + (high - low) / 2;
            let row = self.stored(middle);
            match row.id.cmp(&id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(row),
            }
        }
        None
    }

    /// Takes a role in; is it new?
    pub(crate) fn put(&mut self, role: RoleRow) -> bool {
        self.find(role.id).is_none() && self.new.insert(role.id, role).is_none()
    }

    fn stored_count(&self) -> usize {
        self.rows.len() / RoleRow::BYTES
    }

    fn stored(&self, nth: usize) -> RoleRow {
        RoleRow::read(&self.rows[nth * RoleRow::BYTES..][..RoleRow::BYTES])
    }
}

/// A role and the account it was made for, if the record is of a generated role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GeneratedRole {
    pub(crate) id: RoleId,
    pub(crate) role: PortalRole,
    pub(crate) account: Option<AccountId>,
}

/// Reads a record.
pub(crate) fn generated(record: &RoleRecord<'_>) -> Result<Option<GeneratedRole>, RecordFault> {
    let id = required(RoleId::parse, record.id, "Id")?;
    let account = optional(AccountId::parse, record.portal_account, "PortalAccountId")?;
    let owner = optional(
        UserId::parse,
        record.portal_account_owner,
        "PortalAccountOwnerId",
    )?;
    let Some(kind) = kind_of(record.portal_type) else {
        return Ok(None);
    };
    let role = match (account, owner) {
        // A level that is not known is taken for the lowest, which every account has.
        (Some(_), _) => PortalRole::OfAccount {
            kind,
            level: level_of(record.portal_role).unwrap_or(0),
        },
        (None, Some(_)) => PortalRole::Shared { kind },
        (None, None) => return Ok(None),
    };
    Ok(Some(GeneratedRole { id, role, account }))
}

/// The level a `PortalRole` names, 0 the lowest. The lowest is `User` in some texts and `Worker`
/// in others (R-508 [unverified]): either names it.
pub(crate) fn level_of(portal_role: &str) -> Option<u8> {
    let is = |name: &str| portal_role.eq_ignore_ascii_case(name);
    if is("User") || is("Worker") {
        Some(0)
    } else if is("Manager") {
        Some(1)
    } else {
        is("Executive").then_some(2)
    }
}

/// The kind of user a `UserRole.PortalType` is for.
fn kind_of(portal_type: &str) -> Option<PortalKind> {
    if portal_type.eq_ignore_ascii_case("Partner") {
        Some(PortalKind::Partner)
    } else if portal_type.eq_ignore_ascii_case("CustomerPortal") {
        Some(PortalKind::Customer)
    } else {
        None
    }
}
