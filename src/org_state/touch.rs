//! Brings the records behind a few rows near, all at once.
//!
//! A lookup in a large org waits for memory several times: for the bucket, the contact, its
//! account, the owner. One lookup after the other waits for each in turn; here the waits of many
//! lookups pass at the same time, and the lookups that follow find all of it at hand. Nothing is
//! answered and nothing changes.

use std::borrow::Cow;
use std::hint::black_box;

use super::lookup::OrgState;
use super::sections::hash::{NO_KEY, hash_folded, hash_id};
use crate::model::id::ContactId;

/// Contacts that are touched at once: enough that waits overlap, few enough that what was
/// brought near is still there when it is looked up.
pub const TOUCHED_AT_ONCE: usize = 32;

/// Contacts from which on it is worth it: below, all of them stay near anyway.
const CONTACTS_MIN: usize = 100_000;

impl OrgState {
    /// Brings contacts near, and what is looked up with them.
    ///
    /// Each step is a loop of a few instructions that asks for one thing of every contact, so
    /// that the processor has many of them under way: what a step asks for is at hand in the next.
    pub fn touch(&self, contacts: &[ContactId]) {
        let tables = &self.tables;
        if tables.contacts.stored_count() < CONTACTS_MIN {
            return;
        }
        for contacts in contacts.chunks(TOUCHED_AT_ONCE) {
            let hashes = each(contacts, |id| hash_id(id.record()));
            black_box(each(&hashes, |hash| tables.contacts.touch_id(*hash)));
            black_box(each(&hashes, |hash| tables.users.touch_contact(*hash)));
            let slots = each(&hashes, |hash| tables.contacts.first_of(*hash));
            let users = each(&hashes, |hash| tables.users.first_of_contact(*hash));
            let accounts = each(&slots, |slot| tables.contacts.touch(*slot));
            black_box(each(&users, |user| tables.users.touch(*user)));
            let owners = each(&accounts, |account| tables.accounts.touch(*account));
            black_box(each(&owners, |owner| tables.users.touch(*owner)));
        }
    }

    /// Brings near what a search for nicknames begins with, at most [`TOUCHED_AT_ONCE`] of them.
    pub fn touch_nicknames(&self, nicknames: &[String]) {
        let tables = &self.tables;
        if tables.contacts.stored_count() < CONTACTS_MIN {
            return;
        }
        let hashes = each(nicknames, |nickname| hash_folded(nickname));
        black_box(each(&hashes, |hash| tables.users.touch_nickname(*hash)));
    }

    /// Brings near what a search for usernames begins with, at most [`TOUCHED_AT_ONCE`] of them.
    pub fn touch_usernames<'t>(&self, usernames: impl Iterator<Item = Cow<'t, str>>) {
        let tables = &self.tables;
        if tables.contacts.stored_count() < CONTACTS_MIN {
            return;
        }
        let mut hashes = [NO_KEY; TOUCHED_AT_ONCE];
        for (hash, username) in hashes.iter_mut().zip(usernames) {
            *hash = hash_folded(username.trim_ascii());
        }
        black_box(each(&hashes, |hash| tables.users.touch_username(*hash)));
    }
}

/// One answer for each.
#[inline]
fn each<T, U: Default + Copy>(of: &[T], ask: impl Fn(&T) -> U) -> [U; TOUCHED_AT_ONCE] {
    let mut answers = [U::default(); TOUCHED_AT_ONCE];
    for (one, answer) in of.iter().zip(&mut answers) {
        *answer = ask(one);
    }
    answers
}
