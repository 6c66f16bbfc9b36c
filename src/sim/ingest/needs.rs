//! What the rows of a chunk will need: which account's lock, the group-membership lock, time.
//!
//! Cells come in, needs go out; looks at the org as it is when the chunk begins and changes
//! nothing. A row nobody can make sense of needs nothing but the time to refuse it.

use std::collections::BTreeSet;

use super::super::org::Org;
use super::super::roles;
use super::super::schema::Kind;
use super::super::speed::Cost;
use super::super::write::{Operation, Target, UserKind};

/// What one row needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) cost: Cost,
    /// The account whose lock it takes.
    pub(super) account: Option<u32>,
    /// Account roles appear, or would if the rows before it in the chunk were refused: it takes
    /// the lock on group membership (R-1001, R-1003).
    pub(super) makes_roles: bool,
}

/// Fields of a User update that touch its account: they open, close or move its place there.
const ACCESS: [&str; 5] = [
    "ContactId",
    "ProfileId",
    "IsActive",
    "UserRoleId",
    "PortalRole",
];

/// Asks the org about the rows of one chunk.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    org: &'a Org,
    target: Target,
    /// Columns of the file by what they mean here; `None` where the file has no such column.
    id: Option<usize>,
    account: Option<usize>,
    contact: Option<usize>,
    profile: Option<usize>,
    touches_access: bool,
    /// Accounts that get roles by an earlier row of the chunk, by kind of role.
    made: BTreeSet<(u32, &'static str)>,
}

impl<'a> Survey<'a> {
    /// For rows whose cells stand in these columns.
    pub(super) fn new(org: &'a Org, target: Target, columns: &[usize]) -> Self {
        let def = org.def(target.kind);
        let column = |name: &str| {
            let field = def.position(name)?;
            columns.iter().position(|column| *column == field)
        };
        Self {
            org,
            target,
            id: column("Id"),
            account: column("AccountId"),
            contact: column("ContactId"),
            profile: column("ProfileId"),
            touches_access: ACCESS.iter().any(|name| column(name).is_some()),
            made: BTreeSet::new(),
        }
    }

    /// The needs of the chunk's next row.
    pub(super) fn need<S: AsRef<str>>(&mut self, cells: &[S]) -> Need {
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| cells.get(column));
            cell.map_or("", AsRef::as_ref)
        };
        let id = cell(self.id);
        match (self.target.kind, self.target.operation) {
            (Kind::User, Operation::Insert) => {
                self.new_user(cell(self.profile), cell(self.contact))
            }
            (Kind::User, Operation::Update) if self.touches_access => {
                self.changed_user(id, cell(self.profile), cell(self.contact))
            }
            (Kind::Account, _) => record(self.org.find(Kind::Account, id)),
            (Kind::Contact, _) => record(self.account_of_contact(id, cell(self.account))),
            _ => record(None),
        }
    }

    fn new_user(&mut self, profile: &str, contact: &str) -> Need {
        let kind = self.kind(profile);
        let account = self.account_of_user(kind, contact);
        let without_roles = account.filter(|account| !roles::exist_for(self.org, *account, kind));
        let (Some(account), Some(portal_type)) = (without_roles, kind.portal_type()) else {
            let cost = match kind {
                UserKind::Internal | UserKind::HighVolume => Cost::User,
                UserKind::Customer | UserKind::Partner => Cost::RoleUser,
            };
            return Need {
                cost,
                account,
                makes_roles: false,
            };
        };
        let first = self.made.insert((account, portal_type));
        Need {
            cost: if first {
                Cost::RoleMaker
            } else {
                Cost::RoleUser
            },
            account: Some(account),
            makes_roles: true,
        }
    }

    /// Linking a contact or changing the profile makes roles like an insert.
    fn changed_user(&mut self, id: &str, profile: &str, contact: &str) -> Need {
        let Some(row) = self.org.find(Kind::User, id) else {
            return record(None);
        };
        let now = |name: &str| self.org.get(Kind::User, row, name);
        let or_now = |cell: &'_ str, name: &str| {
            if cell.is_empty() {
                now(name).to_owned()
            } else {
                cell.to_owned()
            }
        };
        let moves = !profile.is_empty() || !contact.is_empty();
        let (profile, contact) = (or_now(profile, "ProfileId"), or_now(contact, "ContactId"));
        if moves {
            let need = self.new_user(&profile, &contact);
            if need.makes_roles {
                return need;
            }
        }
        record(self.account_of_user(self.kind(&profile), &contact))
    }

    fn kind(&self, profile: &str) -> UserKind {
        let profile = self.org.find(Kind::Profile, profile);
        profile.map_or(UserKind::Internal, |profile| {
            UserKind::of_profile(self.org, profile)
        })
    }

    fn account_of_user(&self, kind: UserKind, contact: &str) -> Option<u32> {
        let contact = self.org.find(Kind::Contact, contact);
        let contact = contact.filter(|_| kind.is_external())?;
        let account = self.org.get(Kind::Contact, contact, "AccountId");
        self.org.find(Kind::Account, account)
    }

    /// The account a contact is put under, else the one it has.
    fn account_of_contact(&self, id: &str, account: &str) -> Option<u32> {
        let account = self.org.find(Kind::Account, account);
        account.or_else(|| {
            let contact = self.org.find(Kind::Contact, id)?;
            let account = self.org.get(Kind::Contact, contact, "AccountId");
            self.org.find(Kind::Account, account)
        })
    }
}

fn record(account: Option<u32>) -> Need {
    Need {
        cost: Cost::Record,
        account,
        makes_roles: false,
    }
}
