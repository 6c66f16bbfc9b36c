//! A state in memory, the same state from a mapped file, and one that came to be it record by
//! record: every lookup answers the same.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::cache::open;
use super::super::{Asked, OrgState};
use super::any_record::{Any, IDS, READ_AGAIN, any_record, external_ids, fill, tell};
use super::cached::keep;
use super::{empty, id, identity};
use crate::model::id::{AccountId, AccountSlot, ContactId, ProfileId};
use crate::model::user::PortalKind;

/// Every answer that does not depend on where a record stands.
fn answers(state: &OrgState) -> Vec<String> {
    let mut said = Vec::new();
    let mut say = |what: &dyn std::fmt::Debug| said.push(format!("{what:?}"));
    let kinds = [
        PortalKind::Partner,
        PortalKind::Customer,
        PortalKind::HighVolume,
    ];
    for nth in 0..IDS {
        let contact = ContactId::parse(&id("003", nth)).unwrap();
        let account = AccountId::parse(&id("001", nth)).unwrap();
        say(&state.contact(contact).map(|contact| {
            (
                contact.account,
                contact.is_deleted,
                contact.merged_into(),
                [contact.first_name(), contact.last_name(), contact.email()],
            )
        }));
        say(&state
            .user_of_contact(contact)
            .map(|user| (user.id, user.is_active)));
        say(&state.account(account).map(|account| {
            let owner = account.owner.map(|owner| {
                let facts = (owner.has_role, owner.is_active, owner.is_external);
                (owner.id, owner.name(), facts, owner.role_based_accounts)
            });
            (
                account.name(),
                account.is_partner,
                account.is_deleted,
                owner,
            )
        }));
        for kind in kinds {
            let slot = state.account(account).map(|account| account.slot);
            say(&slot.map(|slot| {
                let levels = ["User", "Manager", "Executive"];
                let levels = levels.map(|level| state.has_role_level(slot, kind, level));
                (state.roles(slot, kind), levels)
            }));
        }
        say(&state
            .user_by_username(&format!("u{nth}@ACME.com"))
            .map(|user| {
                (
                    user.id,
                    user.username().into_owned(),
                    user.profile,
                    user.contact,
                )
            }));
        say(&state
            .user_by_nickname(&format!("nick{nth}"))
            .map(|user| user.id));
        say(&state
            .user_by_federation_id(&format!("Fed{nth}"))
            .map(|user| user.id));
        say(&state.contacts_by_external_id("key__c", &format!("k{nth}")));
        say(&state.accounts_by_external_id("Number__c", &format!("{nth}.0")));
        for email in 0..IDS {
            say(&state.contacts_by_email(account, &format!("c{email}@ACME.com")));
        }
    }
    for profile in 1..6 {
        let profile = state.profile(ProfileId::parse(&id("00e", profile)).unwrap());
        say(&profile.map(|profile| profile.active_users));
    }
    say(&(state.portal_roles(), state.uses_shared_roles()));
    say(&kinds.map(|kind| state.role_levels(kind)));
    said
}

/// Where a lookup finds something, the leads said that it may.
fn assert_leads_agree(state: &OrgState) {
    let texts = |nth| (format!("u{nth}@acme.com"), format!("nick{nth}"));
    let texts: Vec<_> = (0..IDS).map(texts).collect();
    let asked = (0..).zip(&texts).map(|(nth, (username, nickname))| Asked {
        contact: ContactId::parse(&id("003", nth)).ok(),
        username,
        nickname,
    });
    let asked: Vec<Asked<'_>> = asked.collect();
    for (row, leads) in asked.iter().zip(state.leads(&asked)) {
        let contact = row.contact.unwrap();
        let found = [
            state.contact(contact),
            state.contact_by_lead(contact, &leads),
        ];
        let [found, by_lead] = found.map(|found| found.map(|found| (found.slot, found.account)));
        assert_eq!(found, by_lead);
        assert!(leads.user || state.user_of_contact(contact).is_none());
        assert!(leads.username || state.user_by_username(row.username).is_none());
        assert!(leads.nickname || state.user_by_nickname(row.nickname).is_none());
    }
}

fn slots(state: &OrgState) -> BTreeSet<AccountSlot> {
    let accounts = (0..IDS).map(|nth| AccountId::parse(&id("001", nth)).unwrap());
    let known: Vec<AccountSlot> = accounts
        .filter_map(|account| Some(state.account(account)?.slot))
        .collect();
    let distinct: BTreeSet<AccountSlot> = known.iter().copied().collect();
    assert_eq!(distinct.len(), known.len(), "no two accounts share a slot");
    distinct
}

fn records() -> impl Strategy<Value = Vec<Any>> {
    prop::collection::vec(any_record(), 0..60)
}

/// A role of the table never becomes another one, and roles that are shared are not read again:
/// later versions of such records are left out.
fn without_changed_roles(first: &[Any], later: Vec<Any>) -> Vec<Any> {
    let is_old = |nth: u32| {
        let mut known = first.iter();
        known.any(|record| matches!(record, Any::Role { nth: known, .. } if *known == nth))
    };
    let mut seen = BTreeSet::new();
    later
        .into_iter()
        .filter(|record| match record {
            Any::Role { nth, account, .. } => {
                account.is_some() && !is_old(*nth) && seen.insert(*nth)
            }
            Any::Contact { .. } | Any::Account { .. } | Any::User { .. } => true,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn memory_and_a_mapped_file_answer_the_same(all in records()) {
        let mut in_memory = empty(external_ids());
        fill(&mut in_memory, &all);
        let in_memory = OrgState::from_records(in_memory).unwrap();
        let home = tempfile::tempdir().unwrap();
        let (kept, _) = keep(home.path(), empty(external_ids()), |to| fill(to, &all), None);
        kept.unwrap();
        let mapped = open(home.path(), &identity().org_id).unwrap().unwrap().state;
        prop_assert_eq!(answers(&in_memory), answers(&mapped));
        prop_assert_eq!(slots(&in_memory), slots(&mapped));
        assert_leads_agree(&in_memory);
        assert_leads_agree(&mapped);
    }

    #[test]
    fn records_read_again_one_by_one_add_up_to_what_a_whole_pull_would_bring(
        first in records(), later in records()
    ) {
        let later = without_changed_roles(&first, later);
        let mut state = empty(external_ids());
        fill(&mut state, &first);
        let mut state = OrgState::from_records(state).unwrap();
        // Roles first, as their users' kinds rest on them.
        let (roles, others): (Vec<Any>, Vec<Any>) = later
            .into_iter()
            .partition(|record| matches!(record, Any::Role { .. }));
        let later: Vec<Any> = roles.into_iter().chain(others).collect();
        for record in &later {
            tell(record, &mut state, &READ_AGAIN);
        }
        state.sum_up();
        let mut whole = empty(external_ids());
        fill(&mut whole, &first);
        fill(&mut whole, &later);
        let whole = OrgState::from_records(whole).unwrap();
        prop_assert_eq!(answers(&state), answers(&whole));
        slots(&state);
        assert_leads_agree(&state);
    }
}
