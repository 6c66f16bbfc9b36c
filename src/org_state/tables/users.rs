//! Users, internal and external, active and not. A user is never deleted.

use std::ops::Range;

use super::cells::{Cells, Start};
use super::dictionary::{Dictionary, NO_ID};
use super::order::sort_by_id;
use super::{RecordFault, optional, required, slots};
use crate::model::id::{AccountId, ContactId, ProfileId, RoleId, UserId};
use crate::model::user::PortalKind;
use crate::org_state::records::UserRecord;
use crate::org_state::small::portal_kind;

/// Cells of a row.
const USERNAME: usize = 0;
const NICKNAME: usize = 1;
const FEDERATION_ID: usize = 2;
const NAME: usize = 3;

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

/// The table.
#[derive(Debug)]
pub(crate) struct Users {
    rows: Vec<Row>,
    accounts: Dictionary<AccountId>,
    profiles: Dictionary<ProfileId>,
    roles: Dictionary<RoleId>,
    cells: Cells,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    id: UserId,
    kind: UserKind,
    is_active: bool,
    contact: Option<ContactId>,
    /// These three in their dictionaries.
    account: u32,
    profile: u32,
    role: u32,
    cells: Start,
}

impl Users {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            accounts: Dictionary::new(),
            profiles: Dictionary::new(),
            roles: Dictionary::new(),
            cells: Cells::default(),
        }
    }

    /// Adds a record behind the last.
    pub(crate) fn push(&mut self, record: &UserRecord<'_>) -> Result<(), RecordFault> {
        let row = self.row(record)?;
        self.rows.push(row);
        Ok(())
    }

    /// Takes in the newest version of a record whose slot, if it is known, is given. Says the slot
    /// if the record is new or not what it was.
    pub(crate) fn take(
        &mut self,
        known: Option<u32>,
        record: &UserRecord<'_>,
    ) -> Result<Option<u32>, RecordFault> {
        let Some(slot) = known else {
            self.push(record)?;
            return Ok(self.slots().next_back());
        };
        let (old, new) = (self.rows[slot as usize], self.row(record)?);
        let is_same = Row {
            cells: old.cells,
            ..new
        } == old
            && self.cells.is(old.cells, cells_of(record));
        self.rows[slot as usize] = new;
        Ok((!is_same).then_some(slot))
    }

    /// Puts the rows in the order of their ids.
    pub(crate) fn settle(&mut self) {
        sort_by_id(&mut self.rows, |row| row.id);
        self.cells.shrink();
    }

    /// Every slot, in order.
    pub(crate) fn slots(&self) -> Range<u32> {
        slots(self.rows.len())
    }

    pub(crate) fn id(&self, slot: u32) -> UserId {
        self.rows[slot as usize].id
    }

    pub(crate) fn contact(&self, slot: u32) -> Option<ContactId> {
        self.rows[slot as usize].contact
    }

    /// The profile; the org's own system users may have none.
    pub(crate) fn profile(&self, slot: u32) -> Option<ProfileId> {
        self.profiles.id(self.profile_number(slot))
    }

    pub(crate) fn has_role(&self, slot: u32) -> bool {
        self.role_number(slot) != NO_ID
    }

    pub(crate) fn kind(&self, slot: u32) -> UserKind {
        self.rows[slot as usize].kind
    }

    pub(crate) fn is_active(&self, slot: u32) -> bool {
        self.rows[slot as usize].is_active
    }

    pub(crate) fn username(&self, slot: u32) -> &str {
        self.cells.get(self.rows[slot as usize].cells, USERNAME)
    }

    pub(crate) fn nickname(&self, slot: u32) -> &str {
        self.cells.get(self.rows[slot as usize].cells, NICKNAME)
    }

    pub(crate) fn federation_id(&self, slot: u32) -> &str {
        self.cells
            .get(self.rows[slot as usize].cells, FEDERATION_ID)
    }

    /// The name of a user without a contact; empty for all others, whose contact has it.
    pub(crate) fn name(&self, slot: u32) -> &str {
        self.cells.get(self.rows[slot as usize].cells, NAME)
    }

    /// The accounts users belong to; [`Self::account_number`] points here.
    pub(crate) fn account_ids(&self) -> &[AccountId] {
        self.accounts.ids()
    }

    pub(crate) fn account_number(&self, slot: u32) -> u32 {
        self.rows[slot as usize].account
    }

    /// The profiles users have; [`Self::profile_number`] points here.
    pub(crate) fn profile_ids(&self) -> &[ProfileId] {
        self.profiles.ids()
    }

    pub(crate) fn profile_number(&self, slot: u32) -> u32 {
        self.rows[slot as usize].profile
    }

    /// The roles users sit in; [`Self::role_number`] points here.
    pub(crate) fn role_ids(&self) -> &[RoleId] {
        self.roles.ids()
    }

    pub(crate) fn role_number(&self, slot: u32) -> u32 {
        self.rows[slot as usize].role
    }

    fn row(&mut self, record: &UserRecord<'_>) -> Result<Row, RecordFault> {
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        let profile = optional(ProfileId::parse, record.profile, "ProfileId")?;
        let role = optional(RoleId::parse, record.role, "UserRoleId")?;
        Ok(Row {
            id: required(UserId::parse, record.id, "Id")?,
            kind: user_kind(record.user_type),
            is_active: record.is_active,
            contact: optional(ContactId::parse, record.contact, "ContactId")?,
            account: self.accounts.number(account),
            profile: self.profiles.number(profile),
            role: self.roles.number(role),
            cells: self.cells.push(cells_of(record))?,
        })
    }
}

fn user_kind(user_type: &str) -> UserKind {
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

/// An external user is known by its contact's name, so its own is not kept a second time.
fn cells_of<'a>(record: &UserRecord<'a>) -> [&'a str; 4] {
    let name = if record.contact.is_empty() {
        record.name
    } else {
        ""
    };
    [record.username, record.nickname, record.federation_id, name]
}
