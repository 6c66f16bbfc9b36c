//! Generated roles: those the org made for external users. Internal roles are
//! not kept, whether a user has one stands on the user.

use super::dictionary::Dictionary;
use super::order::{order_by_id, reorder};
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
    ids: Vec<RoleId>,
    meanings: Vec<PortalRole>,
    accounts: Vec<u32>,
    account_ids: Dictionary<AccountId>,
}

impl Roles {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self {
            ids: Vec::new(),
            meanings: Vec::new(),
            accounts: Vec::new(),
            account_ids: Dictionary::new(),
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
        self.ids.push(id);
        self.meanings.push(role);
        self.accounts.push(self.account_ids.number(account));
        Ok(())
    }

    /// Puts the rows in the order of their ids; of a role that came twice the last stays.
    pub(crate) fn settle(&mut self) {
        if let Some(order) = order_by_id(&self.ids) {
            reorder(&mut self.ids, &order);
            reorder(&mut self.meanings, &order);
            reorder(&mut self.accounts, &order);
        }
        self.ids.shrink_to_fit();
        self.meanings.shrink_to_fit();
        self.accounts.shrink_to_fit();
    }

    /// Every row, in the order of role ids.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u32> + use<> {
        slots(self.ids.len())
    }

    pub(crate) fn id(&self, row: u32) -> RoleId {
        self.ids[row as usize]
    }

    pub(crate) fn role(&self, row: u32) -> PortalRole {
        self.meanings[row as usize]
    }

    /// The accounts roles were made for; [`Self::account_number`] points here.
    pub(crate) fn account_ids(&self) -> &[AccountId] {
        self.account_ids.ids()
    }

    pub(crate) fn account_number(&self, row: u32) -> u32 {
        self.accounts[row as usize]
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
