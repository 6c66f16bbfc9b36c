//! The derived index: by which keys records are found.
//!
//! Built from the tables after a pull; records that come later are added. It holds hashes and
//! slots only: every hit is compared with the record, so what a record once was finds nothing.

use std::sync::OnceLock;

use super::fold::eq_folded;
use super::hash::{HashIndex, hash_folded, hash_id, hash_id_and_folded, hash_number, hash_text};
use super::records::{Comparison, ExternalIdField};
use super::tables::{Accounts, Contacts, Tables, Users};
use crate::model::id::{AccountId, ContactId, UserId};

/// All indexes; each is named for what it finds, and by what where that is not the id.
#[derive(Debug)]
pub(super) struct Index {
    contacts: HashIndex,
    accounts: HashIndex,
    users: HashIndex,
    users_by_username: HashIndex,
    users_by_nickname: HashIndex,
    users_by_federation_id: HashIndex,
    users_by_contact: HashIndex,
    /// One for each field.
    contacts_by_external_id: Vec<HashIndex>,
    /// One for each field.
    accounts_by_external_id: Vec<HashIndex>,
    /// By account and e-mail. Built when first asked for: a file that names its contacts by id
    /// never does, and it is as large as the index by id.
    contacts_by_email: OnceLock<HashIndex>,
}

impl Index {
    /// Indexes everything the tables hold.
    pub(super) fn build(tables: &Tables) -> Self {
        let Tables {
            contacts,
            accounts,
            users,
            ..
        } = tables;
        let (contact_count, account_count) = (contacts.slots().count(), accounts.slots().count());
        let user_count = users.slots().count();
        let federated = users
            .slots()
            .filter(|slot| !users.federation_id(*slot).is_empty());
        let external = users.slots().filter(|slot| users.contact(*slot).is_some());
        let one_each = |fields: &[ExternalIdField], count| {
            fields
                .iter()
                .map(|_| HashIndex::with_room_for(count))
                .collect()
        };
        let mut index = Self {
            contacts: HashIndex::with_room_for(contact_count),
            accounts: HashIndex::with_room_for(account_count),
            users: HashIndex::with_room_for(user_count),
            users_by_username: HashIndex::with_room_for(user_count),
            users_by_nickname: HashIndex::with_room_for(user_count),
            users_by_federation_id: HashIndex::with_room_for(federated.count()),
            users_by_contact: HashIndex::with_room_for(external.count()),
            contacts_by_external_id: one_each(contacts.external_id_fields(), contact_count),
            accounts_by_external_id: one_each(accounts.external_id_fields(), account_count),
            contacts_by_email: OnceLock::new(),
        };
        contacts
            .slots()
            .for_each(|slot| index.add_contact(slot, contacts));
        accounts
            .slots()
            .for_each(|slot| index.add_account(slot, accounts));
        users.slots().for_each(|slot| index.add_user(slot, users));
        index
    }

    /// Makes a new or changed contact findable.
    pub(super) fn add_contact(&mut self, slot: u32, contacts: &Contacts) {
        self.contacts
            .insert(hash_id(contacts.id(slot).record()), slot);
        let fields = contacts
            .external_id_fields()
            .iter()
            .zip(&mut self.contacts_by_external_id);
        for (nth, (field, index)) in fields.enumerate() {
            add_value(
                index,
                field.comparison,
                contacts.external_id(slot, nth),
                slot,
            );
        }
        if let Some(emails) = self.contacts_by_email.get_mut() {
            add_email(emails, slot, contacts);
        }
    }

    /// Makes a new or changed account findable.
    pub(super) fn add_account(&mut self, slot: u32, accounts: &Accounts) {
        self.accounts
            .insert(hash_id(accounts.id(slot).record()), slot);
        let fields = accounts
            .external_id_fields()
            .iter()
            .zip(&mut self.accounts_by_external_id);
        for (nth, (field, index)) in fields.enumerate() {
            add_value(
                index,
                field.comparison,
                accounts.external_id(slot, nth),
                slot,
            );
        }
    }

    /// Makes a new or changed user findable.
    pub(super) fn add_user(&mut self, slot: u32, users: &Users) {
        self.users.insert(hash_id(users.id(slot).record()), slot);
        self.users_by_username
            .insert(hash_folded(users.username(slot)), slot);
        self.users_by_nickname
            .insert(hash_folded(users.nickname(slot)), slot);
        let federation_id = users.federation_id(slot);
        if !federation_id.is_empty() {
            self.users_by_federation_id
                .insert(hash_text(federation_id), slot);
        }
        if let Some(contact) = users.contact(slot) {
            self.users_by_contact
                .insert(hash_id(contact.record()), slot);
        }
    }

    pub(super) fn contact(&self, id: ContactId, contacts: &Contacts) -> Option<u32> {
        self.contacts
            .candidates(hash_id(id.record()))
            .find(|slot| contacts.id(*slot) == id)
    }

    pub(super) fn account(&self, id: AccountId, accounts: &Accounts) -> Option<u32> {
        self.accounts
            .candidates(hash_id(id.record()))
            .find(|slot| accounts.id(*slot) == id)
    }

    pub(super) fn user(&self, id: UserId, users: &Users) -> Option<u32> {
        self.users
            .candidates(hash_id(id.record()))
            .find(|slot| users.id(*slot) == id)
    }

    pub(super) fn user_by_username(&self, username: &str, users: &Users) -> Option<u32> {
        let mut candidates = self.users_by_username.candidates(hash_folded(username));
        candidates.find(|slot| eq_folded(users.username(*slot), username))
    }

    /// An empty nickname is nobody's.
    pub(super) fn user_by_nickname(&self, nickname: &str, users: &Users) -> Option<u32> {
        let mut candidates = self.users_by_nickname.candidates(hash_folded(nickname));
        candidates.find(|slot| !nickname.is_empty() && eq_folded(users.nickname(*slot), nickname))
    }

    pub(super) fn user_by_federation_id(&self, id: &str, users: &Users) -> Option<u32> {
        let mut candidates = self.users_by_federation_id.candidates(hash_text(id));
        candidates.find(|slot| users.federation_id(*slot) == id)
    }

    /// Users linked to a contact: at most one in a sound org.
    pub(super) fn users_of_contact<'a>(
        &'a self,
        contact: ContactId,
        users: &'a Users,
    ) -> impl Iterator<Item = u32> + 'a {
        let candidates = self.users_by_contact.candidates(hash_id(contact.record()));
        candidates.filter(move |slot| users.contact(*slot) == Some(contact))
    }

    /// Contacts, deleted ones included, whose nth external id is that value.
    pub(super) fn contacts_by_external_id<'a>(
        &'a self,
        nth: usize,
        value: &'a str,
        contacts: &'a Contacts,
    ) -> impl Iterator<Item = u32> + 'a {
        let comparison = contacts.external_id_fields()[nth].comparison;
        let candidates = self.contacts_by_external_id[nth].candidates(hash(comparison, value));
        candidates.filter(move |slot| is(comparison, contacts.external_id(*slot, nth), value))
    }

    /// Accounts, deleted ones included, whose nth external id is that value.
    pub(super) fn accounts_by_external_id<'a>(
        &'a self,
        nth: usize,
        value: &'a str,
        accounts: &'a Accounts,
    ) -> impl Iterator<Item = u32> + 'a {
        let comparison = accounts.external_id_fields()[nth].comparison;
        let candidates = self.accounts_by_external_id[nth].candidates(hash(comparison, value));
        candidates.filter(move |slot| is(comparison, accounts.external_id(*slot, nth), value))
    }

    /// Contacts, deleted ones included, of that account with that e-mail.
    pub(super) fn contacts_by_email<'a>(
        &'a self,
        account: AccountId,
        email: &'a str,
        contacts: &'a Contacts,
    ) -> impl Iterator<Item = u32> + 'a {
        let emails = self.contacts_by_email.get_or_init(|| {
            let mut emails = HashIndex::with_room_for(contacts.slots().count());
            contacts
                .slots()
                .for_each(|slot| add_email(&mut emails, slot, contacts));
            emails
        });
        let candidates = emails.candidates(hash_id_and_folded(account.record(), email));
        candidates.filter(move |slot| {
            contacts.account(*slot) == Some(account)
                && !email.is_empty()
                && eq_folded(contacts.email(*slot), email)
        })
    }
}

fn add_email(emails: &mut HashIndex, slot: u32, contacts: &Contacts) {
    let email = contacts.email(slot);
    if let Some(account) = contacts.account(slot).filter(|_| !email.is_empty()) {
        emails.insert(hash_id_and_folded(account.record(), email), slot);
    }
}

fn add_value(index: &mut HashIndex, comparison: Comparison, value: &str, slot: u32) {
    if !value.is_empty() {
        index.insert(hash(comparison, value), slot);
    }
}

fn hash(comparison: Comparison, value: &str) -> u32 {
    match (comparison, number(value)) {
        (Comparison::AsStored, _) => hash_text(value),
        (Comparison::Number, Some(number)) => hash_number(number),
        (Comparison::Number, None) | (Comparison::Folded, _) => hash_folded(value),
    }
}

/// Is the stored value the one that is sought? An empty one never is.
fn is(comparison: Comparison, stored: &str, sought: &str) -> bool {
    let equal = match comparison {
        Comparison::AsStored => stored == sought,
        Comparison::Folded => eq_folded(stored, sought),
        Comparison::Number => match (number(stored), number(sought)) {
            (Some(stored), Some(sought)) => stored.total_cmp(&sought).is_eq(),
            _ => eq_folded(stored, sought),
        },
    };
    equal && !stored.is_empty()
}

/// A number as the org writes it: `23`, `23.0`, `2.3E1`. Only zero has two signs.
fn number(value: &str) -> Option<f64> {
    value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number + 0.0)
}
