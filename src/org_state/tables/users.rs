//! Users, internal and external, active and not. A user is never deleted.

use super::cells::Cells;
use super::dictionary::Dictionary;
use super::order::{order_by_id, reorder};
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
    ids: Vec<UserId>,
    contacts: Vec<Option<ContactId>>,
    accounts: Vec<u32>,
    account_ids: Dictionary<AccountId>,
    profiles: Vec<u32>,
    profile_ids: Dictionary<ProfileId>,
    roles: Vec<u32>,
    role_ids: Dictionary<RoleId>,
    traits: Vec<Traits>,
    cells: Cells,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Traits {
    kind: UserKind,
    is_active: bool,
}

/// What a record's text means.
struct Row {
    id: UserId,
    contact: Option<ContactId>,
    account: u32,
    profile: u32,
    role: u32,
    traits: Traits,
}

impl Users {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self {
            ids: Vec::new(),
            contacts: Vec::new(),
            accounts: Vec::new(),
            account_ids: Dictionary::new(),
            profiles: Vec::new(),
            profile_ids: Dictionary::new(),
            roles: Vec::new(),
            role_ids: Dictionary::new(),
            traits: Vec::new(),
            cells: Cells::default(),
        }
    }

    /// Adds a record behind the last.
    pub(crate) fn push(&mut self, record: &UserRecord<'_>) -> Result<(), RecordFault> {
        let row = self.read(record)?;
        self.cells.push(cells_of(record))?;
        self.ids.push(row.id);
        self.contacts.push(row.contact);
        self.accounts.push(row.account);
        self.profiles.push(row.profile);
        self.roles.push(row.role);
        self.traits.push(row.traits);
        Ok(())
    }

    /// Puts a record in the place of an older version of itself; did it change?
    pub(crate) fn replace(
        &mut self,
        slot: u32,
        record: &UserRecord<'_>,
    ) -> Result<bool, RecordFault> {
        let row = self.read(record)?;
        let at = slot as usize;
        let same = self.contacts[at] == row.contact
            && self.accounts[at] == row.account
            && self.profiles[at] == row.profile
            && self.roles[at] == row.role
            && self.traits[at] == row.traits
            && self.cells.is(slot, cells_of(record));
        if same {
            return Ok(false);
        }
        self.cells.replace(slot, cells_of(record))?;
        self.contacts[at] = row.contact;
        self.accounts[at] = row.account;
        self.profiles[at] = row.profile;
        self.roles[at] = row.role;
        self.traits[at] = row.traits;
        Ok(true)
    }

    /// Puts the rows in the order of their ids.
    pub(crate) fn settle(&mut self) {
        if let Some(order) = order_by_id(&self.ids) {
            reorder(&mut self.ids, &order);
            reorder(&mut self.contacts, &order);
            reorder(&mut self.accounts, &order);
            reorder(&mut self.profiles, &order);
            reorder(&mut self.roles, &order);
            reorder(&mut self.traits, &order);
            self.cells.reorder(&order);
        }
        self.ids.shrink_to_fit();
        self.contacts.shrink_to_fit();
        self.accounts.shrink_to_fit();
        self.profiles.shrink_to_fit();
        self.roles.shrink_to_fit();
        self.traits.shrink_to_fit();
        self.cells.shrink();
    }

    /// Every slot, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> + use<> {
        slots(self.ids.len())
    }

    pub(crate) fn id(&self, slot: u32) -> UserId {
        self.ids[slot as usize]
    }

    pub(crate) fn contact(&self, slot: u32) -> Option<ContactId> {
        self.contacts[slot as usize]
    }

    /// The profile; every user has one.
    pub(crate) fn profile(&self, slot: u32) -> ProfileId {
        self.profile_ids.ids()[self.profiles[slot as usize] as usize]
    }

    pub(crate) fn has_role(&self, slot: u32) -> bool {
        self.role_ids.id(self.roles[slot as usize]).is_some()
    }

    pub(crate) fn kind(&self, slot: u32) -> UserKind {
        self.traits[slot as usize].kind
    }

    pub(crate) fn is_active(&self, slot: u32) -> bool {
        self.traits[slot as usize].is_active
    }

    pub(crate) fn username(&self, slot: u32) -> &str {
        self.cells.get(slot, USERNAME)
    }

    pub(crate) fn nickname(&self, slot: u32) -> &str {
        self.cells.get(slot, NICKNAME)
    }

    pub(crate) fn federation_id(&self, slot: u32) -> &str {
        self.cells.get(slot, FEDERATION_ID)
    }

    /// The name of a user without a contact; empty for all others, whose contact has it.
    pub(crate) fn name(&self, slot: u32) -> &str {
        self.cells.get(slot, NAME)
    }

    /// The accounts users belong to; [`Self::account_number`] points here.
    pub(crate) fn account_ids(&self) -> &[AccountId] {
        self.account_ids.ids()
    }

    pub(crate) fn account_number(&self, slot: u32) -> u32 {
        self.accounts[slot as usize]
    }

    /// The profiles users have; [`Self::profile_number`] points here.
    pub(crate) fn profile_ids(&self) -> &[ProfileId] {
        self.profile_ids.ids()
    }

    pub(crate) fn profile_number(&self, slot: u32) -> u32 {
        self.profiles[slot as usize]
    }

    /// The roles users sit in; [`Self::role_number`] points here.
    pub(crate) fn role_ids(&self) -> &[RoleId] {
        self.role_ids.ids()
    }

    pub(crate) fn role_number(&self, slot: u32) -> u32 {
        self.roles[slot as usize]
    }

    fn read(&mut self, record: &UserRecord<'_>) -> Result<Row, RecordFault> {
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        let profile = required(ProfileId::parse, record.profile, "ProfileId")?;
        let role = optional(RoleId::parse, record.role, "UserRoleId")?;
        Ok(Row {
            id: required(UserId::parse, record.id, "Id")?,
            contact: optional(ContactId::parse, record.contact, "ContactId")?,
            account: self.account_ids.number(account),
            profile: self.profile_ids.number(Some(profile)),
            role: self.role_ids.number(role),
            traits: Traits {
                kind: user_kind(record.user_type),
                is_active: record.is_active,
            },
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
