//! Profiles, permission sets, fields, sites: what is searched by name or answered as it came.

use super::super::{
    ExternalIds, FieldFacts, Matches, OrgState, OrgStateError, PermissionSetRecord, PicklistFacts,
    ProfileRecord, SiteFacts, SiteStatus,
};
use super::{External, built, empty, external_user, id, identity, internal_user};
use crate::model::explain::{Exit, Explain};
use crate::model::id::{LicenseId, NetworkId, PermissionSetId, ProfileId};
use crate::model::user::PortalKind;

#[test]
fn a_profile_is_known_by_id_and_by_folded_name_with_its_kind() {
    let mut records = empty(ExternalIds::default());
    internal_user(&mut records, 1, 1);
    let partner = External {
        account: 1,
        profile: 3,
        role: 0,
        user_type: "PowerPartner",
        is_active: true,
    };
    external_user(&mut records, 2, &partner);
    external_user(&mut records, 3, &partner.inactive());
    let org = built(records);
    let by_id = |nth| org.profile(ProfileId::parse(&id("00e", nth)).unwrap());
    let cases = [
        (1, None, false, 1),
        (2, Some(PortalKind::Partner), true, 0),
        (3, Some(PortalKind::Partner), false, 1),
        (4, Some(PortalKind::Customer), false, 0),
        (5, Some(PortalKind::HighVolume), false, 0),
    ];
    for (nth, kind, is_standard, active_users) in cases {
        let profile = by_id(nth).unwrap();
        let found = (profile.kind, profile.is_standard, profile.active_users);
        assert_eq!(found, (kind, is_standard, active_users), "{}", profile.name);
        assert_eq!(
            org.licenses()[usize::from(profile.license.0)].name,
            "Partner Community"
        );
    }
    assert!(by_id(9).is_none());
    assert_eq!(
        org.profiles_by_name("acme CUSTOMER"),
        Matches::One(by_id(5).unwrap())
    );
    assert_eq!(org.profiles_by_name("ACME Partner"), Matches::Many(2));
    assert_eq!(org.profiles_by_name("ACME"), Matches::None);
}

#[test]
fn an_external_profile_whose_licence_is_hidden_stops_the_pull() {
    let with = |user_type: &str| {
        let mut records = empty(ExternalIds::default());
        records.profiles.push(ProfileRecord {
            id: ProfileId::parse(&id("00e", 9)).unwrap(),
            name: "Odd".to_owned(),
            user_type: user_type.to_owned(),
            license: LicenseId::parse(&id("100", 9)).unwrap(),
        });
        OrgState::from_records(records)
    };
    let error = with("PowerPartner").unwrap_err();
    assert!(matches!(error, OrgStateError::LicenseHidden { .. }));
    assert_eq!(error.exit(), Exit::Org);
    assert_eq!(
        with("Standard").unwrap().profiles_by_name("Odd"),
        Matches::None
    );
}

#[test]
fn a_permission_set_is_found_by_name_then_by_label_and_never_guessed() {
    let mut records = empty(ExternalIds::default());
    let sets = [
        (1, "Partner_Base", "Partner base"),
        (2, "Orders", "Partner_Base"),
        (3, "Orders_EU", "Orders of a region"),
        (4, "Orders_US", "Orders of a region"),
        (5, "Twice", "First"),
        (6, "TWICE", "Second"),
    ];
    let set_id = |nth| PermissionSetId::parse(&id("0PS", nth)).unwrap();
    records.permission_sets = sets
        .map(|(nth, name, label)| PermissionSetRecord {
            id: set_id(nth),
            name: name.to_owned(),
            label: label.to_owned(),
        })
        .into();
    let org = built(records);
    let cases = [
        ("partner_base", Some(1)),
        ("PARTNER BASE", Some(1)),
        ("orders", Some(2)),
        ("Orders of a region", None),
        ("twice", None),
        ("second", Some(6)),
        ("nothing", None),
    ];
    for (name, expected) in cases {
        assert_eq!(org.permission_set(name), expected.map(set_id), "{name}");
    }
}

#[test]
fn fields_defaults_sites_and_flags_are_answered_as_they_came() {
    let mut records = empty(ExternalIds::default());
    let values = [("Europe/Paris", true), ("America/Lima", false)];
    records.user_fields = vec![FieldFacts {
        api_name: "TimeZoneSidKey".to_owned(),
        label: "Time Zone".to_owned(),
        kind: "picklist".to_owned(),
        length: 40,
        createable: true,
        required: true,
        scale: 0,
        precision: 0,
        picklist: Some(PicklistFacts {
            restricted: true,
            values: values
                .map(|(value, active)| (value.to_owned(), active))
                .into(),
        }),
    }];
    records.org_defaults = vec![("TimeZoneSidKey".to_owned(), "Europe/Paris".to_owned())];
    records.is_multi_currency = true;
    let site = |nth: u32, name: &str| SiteFacts {
        id: NetworkId::parse(&id("0DB", nth)).unwrap(),
        name: name.to_owned(),
        status: SiteStatus::Live,
        sends_welcome_mail: true,
        member_profiles: Vec::new(),
        member_permission_sets: Vec::new(),
    };
    records.sites = Some(vec![site(1, "Partners"), site(2, "Customers")]);
    let org = built(records);

    let field = org.user_field("timezonesidkey").unwrap();
    assert!(
        field
            .picklist
            .as_ref()
            .is_some_and(|values| values.has("America/Lima"))
    );
    assert_eq!(
        (org.user_fields().len(), org.user_field("Other__c")),
        (1, None)
    );
    assert_eq!(org.org_default("TimezoneSidKey"), Some("Europe/Paris"));
    assert_eq!(org.org_default("LocaleSidKey"), None);
    let names: Vec<&str> = org
        .sites()
        .unwrap()
        .iter()
        .map(|site| site.name.as_str())
        .collect();
    assert_eq!(names, ["Customers", "Partners"]);
    assert!(org.is_multi_currency());
    assert_eq!(org.identity(), &identity());
    assert!(org.visibility().everything);
    assert_eq!(built(empty(ExternalIds::default())).sites(), None);
}
