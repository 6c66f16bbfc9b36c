//! Whole pulls, from a scripted org: orgs that lack features, answers that are odd.

use std::sync::Arc;

use serde_json::json;

use super::super::{Matches, OrgState, OrgStateError, SiteStatus, Wanted, pull};
use super::id;
use super::line::{Ear, Script};
use super::orgs::{CONTACT, full, plain, with_external_ids};
use crate::model::event::{Event, Events, RunStage};
use crate::model::explain::{Exit, Explain};
use crate::model::id::{AccountId, ContactId, ProfileId};
use crate::model::summary::OrgKind;

async fn pulled(script: Script) -> Result<OrgState, OrgStateError> {
    let events: Events = Arc::new(Ear::default());
    pull(
        &script.org().0,
        &Wanted::default(),
        OrgKind::Production,
        &events,
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn an_org_without_any_of_the_features_is_pulled() {
    let (org, script) = plain().org();
    let ear = Arc::new(Ear::default());
    let events: Events = ear.clone();
    let state = pull(&org, &Wanted::default(), OrgKind::Production, &events)
        .await
        .unwrap();

    assert_eq!(state.identity().kind, OrgKind::Production);
    assert_eq!(state.identity().username, "integration@acme.com");
    assert_eq!(state.identity().api_version, "67.0");
    assert!(
        !state.visibility().everything,
        "no right in the describe, no proof"
    );
    assert_eq!((state.sites(), state.is_multi_currency()), (None, false));
    assert_eq!(state.org_default("TimeZoneSidKey"), None);
    let account = state
        .account(AccountId::parse(&id("001", 1)).unwrap())
        .unwrap();
    assert!(!account.is_partner && !account.is_person_account);
    assert!(!account.owner.unwrap().has_role);
    let contact = ContactId::parse(&id("003", 1)).unwrap();
    assert_eq!(state.contact(contact).unwrap().account, Some(account.id));
    assert!(state.user_of_contact(contact).is_none());
    assert_eq!(state.portal_roles(), 0);
    let seats: Vec<u64> = state
        .licenses()
        .iter()
        .map(|license| license.seats_total)
        .collect();
    assert_eq!(seats, [10, crate::model::limits::SEATS_UNLIMITED]);
    assert!(script.asked("FROM Network").is_empty() && script.asked("Permissions").is_empty());

    let events = ear.0.lock().unwrap();
    let records: u64 = events
        .iter()
        .map(|event| match event {
            Event::StageAdvanced {
                stage: RunStage::Pull,
                by,
            } => *by,
            _ => 0,
        })
        .sum();
    assert_eq!(records, 4);
    assert_eq!(
        events[0],
        Event::StageStarted {
            stage: RunStage::Pull,
            total: None
        }
    );
    assert_eq!(
        events.last(),
        Some(&Event::StageEnded {
            stage: RunStage::Pull
        })
    );
}

#[tokio::test(start_paused = true)]
async fn an_org_with_all_of_the_features_is_pulled() {
    let state = pulled(full()).await.unwrap();
    assert_eq!(state.identity().kind, OrgKind::Sandbox);
    assert!(state.visibility().everything && state.is_multi_currency());
    let defaults = [
        ("TimeZoneSidKey", "Europe/Paris"),
        ("LocaleSidKey", "fr_FR"),
        ("LanguageLocaleKey", "fr"),
        ("EmailEncodingKey", "UTF-8"),
        ("CurrencyIsoCode", "EUR"),
        ("DefaultCurrencyIsoCode", "EUR"),
    ];
    for (field, value) in defaults {
        assert_eq!(state.org_default(field), Some(value), "{field}");
    }
    let account = state
        .account(AccountId::parse(&id("001", 1)).unwrap())
        .unwrap();
    assert!(account.is_partner);
    let owner = account.owner.unwrap();
    assert_eq!(
        (&*owner.name(), owner.has_role, owner.role_based_accounts),
        ("Ina", true, 1)
    );
    let merged = state
        .contact(ContactId::parse(&id("003", 1)).unwrap())
        .unwrap();
    let survivor = ContactId::parse(&id("003", 2)).unwrap();
    assert_eq!(
        (merged.is_deleted, merged.merged_into()),
        (true, Some(survivor))
    );
    assert_eq!(
        state.user_of_contact(survivor).unwrap().username(),
        "ada@acme.com"
    );
    assert_eq!(
        state.user_by_federation_id("Fed1").unwrap().username(),
        "ada@acme.com"
    );
    assert_eq!(state.portal_roles(), 1);
    assert!(state.permission_set("base").is_some());
    assert!(
        state.permission_set("sum").is_none(),
        "a group's sum cannot be assigned"
    );
    let [site] = state.sites().unwrap() else {
        panic!("one site")
    };
    assert_eq!(
        (site.status, site.sends_welcome_mail),
        (SiteStatus::UnderConstruction, true)
    );
    assert_eq!(
        site.member_profiles,
        [ProfileId::parse(&id("00e", 3)).unwrap()]
    );
    assert_eq!(
        site.member_permission_sets.len(),
        1,
        "a member in a moment is one"
    );
}

#[tokio::test(start_paused = true)]
async fn the_simulated_org_is_known_by_the_hint() {
    let events: Events = Arc::new(Ear::default());
    let state = pull(
        &full().org().0,
        &Wanted::default(),
        OrgKind::Simulated,
        &events,
    )
    .await;
    assert_eq!(state.unwrap().identity().kind, OrgKind::Simulated);
}

#[tokio::test(start_paused = true)]
async fn external_ids_the_file_names_are_pulled_and_compared_by_their_type() {
    let script = with_external_ids();
    let wanted = Wanted {
        contact_external_ids: ["no__c", "Erp__c", "NO__C"].map(str::to_owned).into(),
        account_external_ids: Vec::new(),
    };
    let events: Events = Arc::new(Ear::default());
    let state = pull(&script.org().0, &wanted, OrgKind::Production, &events)
        .await
        .unwrap();
    let ada = Matches::One(ContactId::parse(&id("003", 1)).unwrap());
    assert_eq!(state.contacts_by_external_id("No__c", "23"), ada);
    assert_eq!(state.contacts_by_external_id("erp__c", "e-1"), ada);
}

#[tokio::test(start_paused = true)]
async fn a_header_that_names_no_external_id_is_refused_with_those_there_are() {
    let cases = [
        (true, "Plain__c", "it has Erp__c, No__c"),
        (true, "Gone__c", "it has Erp__c, No__c"),
        (false, "Gone__c", "it has none"),
    ];
    for (has_keys, field, existing) in cases {
        let script = if has_keys {
            with_external_ids()
        } else {
            plain()
        };
        let wanted = Wanted {
            contact_external_ids: vec![field.to_owned()],
            account_external_ids: Vec::new(),
        };
        let events: Events = Arc::new(Ear::default());
        let pulled = pull(&script.org().0, &wanted, OrgKind::Production, &events).await;
        let error = pulled.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the column `Contact.{field}` names no external id field of Contact; {existing}"
            )
        );
        assert_eq!(error.exit(), Exit::Input);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_trusted_stops_the_pull() {
    let nothing = [""; CONTACT.len()];
    let mut damaged = nothing;
    damaged[0] = "0032";
    let cases = [
        (
            Script::default().describe("Contact", &["Id", "AccountId", "LastName"]),
            "the running user may not read Contact.FirstName",
        ),
        (
            Script::default().bulk("Contact", &CONTACT[1..], &[&nothing[1..]]),
            "the org's answer about Contact has no column Id",
        ),
        (
            Script::default().bulk("Contact", CONTACT, &[&damaged]),
            "the org's answer about Contact is not understood: Id has 4 characters, an id has 15 \
             or 18",
        ),
        (
            Script::default().records("FROM Organization", &json!([])),
            "the running user may not read the Organization record",
        ),
        (
            Script::default().records("FROM UserLicense", &json!([])),
            "the licence of profile 00e000000000003AAA is not among those the running user may \
             read",
        ),
    ];
    for (mut script, message) in cases {
        script.append(plain());
        let error = pulled(script).await.unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.exit(), Exit::Org);
    }
}
