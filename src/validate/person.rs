//! Which person a row is about, and may that person have a user (design §4, families `contact`
//! and the first of `account`).

use super::findings::{Findings, shown};
use super::sight::{Cell, Sight};
use crate::model::id::{AccountId, ContactId, IdFault, ProfileId};
use crate::model::rejection::Code;
use crate::org_state::{AccountFacts, ContactFacts, Matches, UserFacts};

/// The person, as far as known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Person<'a> {
    pub(super) contact: Option<ContactFacts<'a>>,
    /// The contact's account, else the one the row names.
    pub(super) account: Option<AccountFacts<'a>>,
    /// The user the contact has already.
    pub(super) user: Option<UserFacts<'a>>,
}

/// The account a row names.
#[derive(Debug, Clone, Copy)]
enum Named<'a> {
    /// The row names none.
    Nothing,
    /// It names one that is not there, or in no readable way; the fault is noted.
    Unknown,
    Account(AccountFacts<'a>),
}

/// Merges of merges that are followed to the contact that survived.
const MERGES_MAX: usize = 8;

/// Finds the person by the first key the row carries: `ContactId`, an external id of the Contact,
/// e-mail and account. An account the row names beside must be the contact's.
pub(super) fn find<'a>(sight: &Sight<'a>, findings: &mut Findings) -> Person<'a> {
    let named = named_account(sight, findings);
    let contact = contact(sight, &named, findings);
    let account = match (&contact, named) {
        (Some(contact), _) if contact.is_deleted => {
            deleted(sight, contact, findings);
            None
        }
        (Some(contact), named) => account_of(sight, contact, named, findings),
        (None, Named::Account(account)) => Some(account),
        (None, Named::Nothing | Named::Unknown) => None,
    };
    let user = match &contact {
        Some(contact) if sight.leads.user => sight.org.user_of_contact(contact.id),
        Some(_) | None => None,
    };
    Person {
        contact,
        account,
        user,
    }
}

/// A Contact has at most one User.
pub(super) fn check_user(person: &Person<'_>, profile: Option<ProfileId>, findings: &mut Findings) {
    let (Some(contact), Some(user)) = (&person.contact, &person.user) else {
        return;
    };
    let (id, username) = (user.id, user.username());
    let has_user = format!("Contact {} already has the", contact.id);
    if user.is_active {
        let reason = format!("{has_user} active user {username} ({id})");
        let fix = if profile.is_some() && profile == user.profile {
            "Drop the row: this person already has a user with this profile".to_owned()
        } else {
            format!("Change the profile of {username} instead of creating another user")
        };
        findings.fault_with_fix(Code::ContactHasUser, reason, fix);
    } else {
        let reason = format!("{has_user} inactive user {username} ({id})");
        let fix = format!("Reactivate {username} ({id}) instead of creating another user");
        findings.fault_with_fix(Code::ContactHasInactiveUser, reason, fix);
    }
    findings.rests_on([contact.id.record(), id.record()]);
}

fn contact<'a>(
    sight: &Sight<'a>,
    named: &Named<'a>,
    findings: &mut Findings,
) -> Option<ContactFacts<'a>> {
    let columns = &sight.program.columns;
    let by_id = |id| sight.org.contact_by_lead(id, &sight.leads);
    if let Some(found) = sight.contact.and_then(by_id) {
        return Some(found);
    }
    match sight.cell(columns.contact_id, findings) {
        Cell::Text(typed) => return contact_by_id(sight, &typed, findings),
        Cell::Broken => return None,
        Cell::Empty => {}
    }
    for (column, field) in &columns.contact_external {
        match sight.cell(Some(*column), findings) {
            Cell::Text(typed) => {
                let matches = sight.org.contacts_by_external_id(field, &typed);
                let key = || format!("{field} {}", shown(&typed));
                return one_contact(sight, matches, &key, findings);
            }
            Cell::Broken => return None,
            Cell::Empty => {}
        }
    }
    contact_by_email(sight, named, findings)
}

fn contact_by_id<'a>(
    sight: &Sight<'a>,
    typed: &str,
    findings: &mut Findings,
) -> Option<ContactFacts<'a>> {
    let id = match ContactId::parse(typed) {
        Ok(id) => id,
        Err(fault) => {
            malformed(
                sight.program.columns.contact_id,
                typed,
                &fault,
                sight,
                findings,
            );
            return None;
        }
    };
    let found = sight.org.contact(id);
    if found.is_none() {
        findings.fault(
            Code::ContactNotFound,
            format!("Contact {typed} {}", sight.is_absent()),
        );
        findings.rests_on([id.record()]);
    }
    found
}

/// E-mail together with an account; a person account is its own only contact.
fn contact_by_email<'a>(
    sight: &Sight<'a>,
    named: &Named<'a>,
    findings: &mut Findings,
) -> Option<ContactFacts<'a>> {
    let email = sight.cell(sight.program.columns.email, findings);
    let missing = |why: &str| format!("nothing in the row says which Contact it is: {why}");
    let account = match named {
        Named::Account(account) => account,
        Named::Unknown => return None,
        Named::Nothing => {
            let why = if email == Cell::Empty {
                "no id and no e-mail"
            } else {
                "an e-mail, but no account"
            };
            findings.fault(Code::ContactKeyMissing, missing(why));
            return None;
        }
    };
    if let Some(contact) = account.person_contact {
        let key = || format!("the person account {:?} ({})", account.name(), account.id);
        return one_contact(sight, Matches::One(contact), &key, findings);
    }
    match email {
        Cell::Text(typed) => {
            let matches = sight.org.contacts_by_email(account.id, &typed);
            let key = || format!("e-mail {} on Account {:?}", shown(&typed), account.name());
            one_contact(sight, matches, &key, findings)
        }
        Cell::Broken => None,
        Cell::Empty => {
            findings.fault(
                Code::ContactKeyMissing,
                missing("an account, but no id and no e-mail"),
            );
            None
        }
    }
}

fn one_contact<'a>(
    sight: &Sight<'a>,
    matches: Matches<ContactId>,
    key: &dyn Fn() -> String,
    findings: &mut Findings,
) -> Option<ContactFacts<'a>> {
    let found = match matches {
        Matches::One(id) => sight.org.contact(id),
        Matches::None => None,
        Matches::Many(count) => {
            let reason = format!("{count} Contacts fit {}", key());
            findings.fault(Code::ContactAmbiguous, reason);
            return None;
        }
    };
    if found.is_none() {
        let reason = format!("the Contact of {} {}", key(), sight.is_absent());
        findings.fault(Code::ContactNotFound, reason);
    }
    found
}

fn named_account<'a>(sight: &Sight<'a>, findings: &mut Findings) -> Named<'a> {
    let columns = &sight.program.columns;
    match sight.cell(columns.account_id, findings) {
        Cell::Text(typed) => match AccountId::parse(&typed) {
            Ok(id) => return known_account(sight, id, findings),
            Err(fault) => {
                malformed(columns.account_id, &typed, &fault, sight, findings);
                return Named::Unknown;
            }
        },
        Cell::Broken => return Named::Unknown,
        Cell::Empty => {}
    }
    for (column, field) in &columns.account_external {
        match sight.cell(Some(*column), findings) {
            Cell::Text(typed) => return account_by_external_id(sight, field, &typed, findings),
            Cell::Broken => return Named::Unknown,
            Cell::Empty => {}
        }
    }
    Named::Nothing
}

fn account_by_external_id<'a>(
    sight: &Sight<'a>,
    field: &str,
    typed: &str,
    findings: &mut Findings,
) -> Named<'a> {
    let key = format_args!("{field} {}", shown(typed)).to_string();
    match sight.org.accounts_by_external_id(field, typed) {
        Matches::One(id) => known_account(sight, id, findings),
        Matches::None => {
            let reason = format!("an Account with {key} {}", sight.is_absent());
            findings.fault(Code::AccountNotFound, reason);
            Named::Unknown
        }
        Matches::Many(count) => {
            let reason = format!("{count} Accounts have {key}, so none of them is certain");
            findings.fault(Code::AccountNotFound, reason);
            Named::Unknown
        }
    }
}

fn known_account<'a>(sight: &Sight<'a>, id: AccountId, findings: &mut Findings) -> Named<'a> {
    known(sight, id, sight.org.account(id), findings)
}

fn known<'a>(
    sight: &Sight<'a>,
    id: AccountId,
    found: Option<AccountFacts<'a>>,
    findings: &mut Findings,
) -> Named<'a> {
    let reason = match found {
        Some(account) if !account.is_deleted => return Named::Account(account),
        Some(account) => format!("Account {:?} ({id}) is in the recycle bin", account.name()),
        None => format!("Account {id} {}", sight.is_absent()),
    };
    findings.fault(Code::AccountNotFound, reason);
    findings.rests_on([id.record()]);
    Named::Unknown
}

/// The account of a contact that exists; one the row names beside must be the same.
fn account_of<'a>(
    sight: &Sight<'a>,
    contact: &ContactFacts<'a>,
    named: Named<'a>,
    findings: &mut Findings,
) -> Option<AccountFacts<'a>> {
    let Some(id) = contact.account else {
        let name = [contact.first_name(), contact.last_name()].join(" ");
        let reason = format!("Contact {} ({}) has no Account", contact.id, name.trim());
        findings.fault(Code::ContactWithoutAccount, reason);
        findings.rests_on([contact.id.record()]);
        return None;
    };
    if let Named::Account(account) = named {
        if account.id == id {
            return Some(account);
        }
        let reason = format!(
            "the row names Account {:?} ({}), but Contact {} belongs to Account {id}",
            account.name(),
            account.id,
            contact.id
        );
        findings.fault(Code::AccountMismatch, reason);
        findings.rests_on([contact.id.record()]);
    }
    match known(sight, id, sight.org.account_of(contact), findings) {
        Named::Account(account) => Some(account),
        Named::Nothing | Named::Unknown => None,
    }
}

/// In the recycle bin: says where a merged contact went.
fn deleted(sight: &Sight<'_>, contact: &ContactFacts<'_>, findings: &mut Findings) {
    let id = contact.id;
    let survivor = survivor(sight, contact);
    match survivor {
        Some(survivor) => findings.fault_with_fix(
            Code::ContactDeleted,
            format!("Contact {id} was merged into Contact {survivor}"),
            format!("Put {survivor} into the row"),
        ),
        None => findings.fault_with_fix(
            Code::ContactDeleted,
            format!("Contact {id} is in the recycle bin"),
            "Restore the Contact from the recycle bin, or correct the key".to_owned(),
        ),
    }
    findings.rests_on([id.record()]);
}

fn survivor(sight: &Sight<'_>, contact: &ContactFacts<'_>) -> Option<ContactId> {
    let mut survivor = contact.merged_into()?;
    for _ in 0..MERGES_MAX {
        match sight
            .org
            .contact(survivor)
            .and_then(|next| next.merged_into())
        {
            Some(next) => survivor = next,
            None => break,
        }
    }
    Some(survivor)
}

fn malformed(
    column: Option<usize>,
    typed: &str,
    fault: &IdFault,
    sight: &Sight<'_>,
    findings: &mut Findings,
) {
    let header = column.map_or("?", |column| sight.header(column));
    findings.fault(
        Code::MalformedId,
        format!("`{header}` {} {fault}", shown(typed)),
    );
}
