//! The first steps of the searches of a few rows, all at once.
//!
//! Comes in: what a few rows will ask for. Goes out: where a search would find nothing.
//!
//! A lookup in a large org waits for memory several times: for the bucket, the contact, its
//! account, the owner. One lookup after the other waits for each in turn; here the waits of many
//! lookups pass at the same time, and the lookups that follow find all of it at hand. Nothing
//! changes, and no answer hangs on it: a lookup that is made all the same finds nothing either.

use std::hint::black_box;

use super::lookup::OrgState;
use super::sections::hash::{NO_KEY, hash_id, hash_lower};
use crate::model::id::{ContactId, ContactSlot};

/// Rows that are looked at together: enough that waits overlap, few enough that what was brought
/// near is still there when it is looked up.
pub const TOUCHED_AT_ONCE: usize = 32;

/// What a row will ask for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'t> {
    /// The contact it names by id.
    pub contact: Option<ContactId>,
    /// Its username in lower case; empty where it is not known yet.
    pub username: &'t str,
    /// Its nickname in lower case; empty where it is not known yet.
    pub nickname: &'t str,
}

/// Which of a row's searches may find something; those for what was not asked may.
#[derive(Debug, Clone, Copy)]
pub struct Leads {
    /// Where its contact most likely is.
    pub(super) contact: ContactSlot,
    /// The one for the user of its contact.
    pub user: bool,
    /// The one for a user of its username.
    pub username: bool,
    /// The one for a user of its nickname.
    pub nickname: bool,
}

impl Default for Leads {
    fn default() -> Self {
        Self {
            contact: ContactSlot(u32::MAX),
            user: true,
            username: true,
            nickname: true,
        }
    }
}

impl OrgState {
    /// Brings near what at most [`TOUCHED_AT_ONCE`] rows look up.
    ///
    /// Each step is a loop of a few instructions that asks for one thing of every row, so that the
    /// processor has many of them under way: what a step asks for is at hand in the next.
    pub fn leads(&self, asked: &[Asked<'_>]) -> [Leads; TOUCHED_AT_ONCE] {
        let tables = &self.tables;
        let ids = each(asked, |row| {
            row.contact.map_or(NO_KEY, |id| hash_id(id.record()))
        });
        let usernames = each(asked, |row| hash_lower(row.username));
        let nicknames = each(asked, |row| hash_lower(row.nickname));
        black_box(&each(&ids, |hash| tables.contacts.touch_id(*hash)));
        black_box(&each(&ids, |hash| tables.users.touch_contact(*hash)));
        black_box(&each(&usernames, |hash| tables.users.touch_username(*hash)));
        black_box(&each(&nicknames, |hash| tables.users.touch_nickname(*hash)));

        let slots = each(&ids, |hash| tables.contacts.first_of(*hash));
        let users = each(&ids, |hash| tables.users.first_of_contact(*hash));
        let contacts = each(&slots, |slot| tables.contacts.touch(*slot));
        black_box((&contacts, &each(&users, |user| tables.users.touch(*user))));
        let accounts = each(&contacts, |(account, _)| tables.accounts.touch(*account));
        let owners = each(&accounts, |(owner, _)| tables.users.touch(*owner));
        black_box((&accounts, &owners));

        let mut leads = [Leads::default(); TOUCHED_AT_ONCE];
        for (nth, (row, lead)) in asked.iter().zip(&mut leads).enumerate() {
            *lead = Leads {
                contact: ContactSlot(slots[nth]),
                user: row.contact.is_none() || users[nth] != u32::MAX,
                username: row.username.is_empty() || tables.users.has_username(usernames[nth]),
                nickname: row.nickname.is_empty() || tables.users.has_nickname(nicknames[nth]),
            };
        }
        leads
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
