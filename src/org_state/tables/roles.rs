//! Generated roles: those the org made for external users. Internal roles are
//! not kept, whether a user has one stands on the user.

use std::ops::Range;

use super::dictionary::Dictionary;
use super::order::sort_by_id;
use super::{RecordFault, optional, required, slots};
use crate::model::id::{AccountId, RoleId, UserId};
use crate::model::user::PortalKind;
use crate::org_state::records::RoleRecord;

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

/// The table.
#[derive(Debug)]
pub(crate) struct Roles {
    rows: Vec<Row>,
    accounts: Dictionary<AccountId>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    id: RoleId,
    role: PortalRole,
    /// In the dictionary of accounts.
    account: u32,
}

impl Roles {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            accounts: Dictionary::new(),
        }
    }

    /// Adds a record behind the last, if it is a generated role.
    pub(crate) fn push(&mut self, record: &RoleRecord<'_>) -> Result<(), RecordFault> {
        let id = required(RoleId::parse, record.id, "Id")?;
        let account = optional(AccountId::parse, record.portal_account, "PortalAccountId")?;
        let owner = optional(
            UserId::parse,
            record.portal_account_owner,
            "PortalAccountOwnerId",
        )?;
        let Some(kind) = kind_of(record.portal_type) else {
            return Ok(());
        };
        let role = match (account, owner) {
            // A level that is not known is taken for the lowest, which every account has.
            (Some(_), _) => PortalRole::OfAccount {
                kind,
                level: level_of(record.portal_role).unwrap_or(0),
            },
            (None, Some(_)) => PortalRole::Shared { kind },
            (None, None) => return Ok(()),
        };
        self.rows.push(Row {
            id,
            role,
            account: self.accounts.number(account),
        });
        Ok(())
    }

    /// Puts the rows in the order of their ids; of a role that came twice the last stays.
    pub(crate) fn settle(&mut self) {
        sort_by_id(&mut self.rows, |row| row.id);
    }

    /// Every row, in the order of role ids.
    pub(crate) fn rows(&self) -> Range<u32> {
        slots(self.rows.len())
    }

    pub(crate) fn id(&self, row: u32) -> RoleId {
        self.rows[row as usize].id
    }

    pub(crate) fn role(&self, row: u32) -> PortalRole {
        self.rows[row as usize].role
    }

    /// The accounts roles were made for; [`Self::account_number`] points here.
    pub(crate) fn account_ids(&self) -> &[AccountId] {
        self.accounts.ids()
    }

    pub(crate) fn account_number(&self, row: u32) -> u32 {
        self.rows[row as usize].account
    }
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
