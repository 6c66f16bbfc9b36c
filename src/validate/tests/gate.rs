//! The gate: what stops a run before its first row, and what is only said.

use super::org::{World, layout};
use super::records::{profile, records};
use crate::model::explain::{Exit, Explain};
use crate::model::rejection::Code;
use crate::model::settings::ProgramSettings;
use crate::validate::{GateErrors, prepare};

fn refused(world: &World, header: &str) -> GateErrors {
    match prepare(&layout(header), &world.settings, &world.org) {
        Ok(program) => panic!("prepared: {program:?}"),
        Err(errors) => errors,
    }
}

fn codes(errors: &GateErrors) -> Vec<&'static str> {
    errors.faults().map(|fault| fault.code().as_str()).collect()
}

#[test]
fn columns_are_sent_in_a_fixed_order_and_the_others_named() {
    let header =
        "Note,Tier__c,FirstName,ContactId,IsActive,User.Title,Purpose,Name,IsPortalEnabled,Profile";
    let program = World::new().program(header);
    let expected = [
        "Username",
        "ContactId",
        "ProfileId",
        "LastName",
        "FirstName",
        "Email",
        "Alias",
        "CommunityNickname",
        "TimeZoneSidKey",
        "LocaleSidKey",
        "LanguageLocaleKey",
        "EmailEncodingKey",
        "IsActive",
        "Tier__c",
        "Title",
    ];
    assert_eq!(program.sent().names(), expected);
    assert_eq!(
        program.passed_through(),
        ["Note", "Purpose", "Name", "IsPortalEnabled"]
    );
}

#[test]
fn columns_that_can_only_be_a_mistake_stop_the_run_all_at_once() {
    let header = "ContactId,User.AccountId,User.Nothing__c,User.UserType,User.IsPortalEnabled,\
                  UserPermissionsMarketingUser,Department,Title,User.Title";
    let errors = refused(&World::new(), header);
    let expected = [
        "column-not-writable", // User.AccountId
        "column-not-writable", // User.Nothing__c
        "column-not-writable", // User.UserType
        "column-not-writable", // User.IsPortalEnabled
        "feature-license-column",
        "column-not-writable", // Department: not in this org's describe
        "column-not-writable", // User.Title: Title fills it already
    ];
    assert_eq!(codes(&errors), expected);
    assert_eq!(errors.exit(), Exit::Guard);
    assert!(
        errors
            .to_string()
            .contains("column `User.Nothing__c` cannot be sent"),
        "{errors}"
    );
}

#[test]
fn the_site_is_named_or_the_only_one() {
    let errors = refused(&World::new().with(|set| set.site = None), "ContactId");
    assert_eq!(
        errors.to_string(),
        "the org has several sites and none is named: Draft, Portal"
    );
    assert_eq!(
        (codes(&errors), errors.exit()),
        (vec!["site-ambiguous"], Exit::Usage)
    );
    assert_eq!(errors.place().to_string(), "--site");

    let errors = refused(
        &World::new().with(|set| set.site = Some("Shop".into())),
        "ContactId",
    );
    assert_eq!(
        errors.to_string(),
        "there is no site \"Shop\"; there are Draft, Portal"
    );
    assert_eq!(
        (codes(&errors), errors.exit()),
        (vec!["site-missing"], Exit::Guard)
    );

    let mut alone = records();
    alone.sites.as_mut().unwrap().truncate(1);
    let program = World::of(alone)
        .with(|set| set.site = None)
        .program("ContactId");
    assert_eq!(program.site_name(), "Portal");

    let mut none = records();
    (none.sites, none.visibility.everything) = (Some(Vec::new()), false);
    let errors = refused(&World::of(none).with(|set| set.site = None), "ContactId");
    let expected = "the org has no site, or it is not visible to the running user";
    assert_eq!(errors.to_string(), expected);

    let mut off = records();
    off.sites = None;
    assert_eq!(
        codes(&refused(&World::of(off), "ContactId")),
        ["digital-experiences-off"]
    );
}

#[test]
fn a_site_that_is_not_live_and_partial_sight_are_only_said() {
    let mut records = records();
    records.visibility.everything = false;
    let program = World::of(records)
        .with(|set| set.site = Some("draft".into()))
        .program("ContactId");
    let said: Vec<_> = program
        .warnings()
        .iter()
        .map(|warning| warning.code)
        .collect();
    assert_eq!(said, [Code::VisibilityPartial, Code::SiteNotLive]);
    assert!(!program.mails_for(profile(1)));
}

#[test]
fn a_live_site_mails_its_members() {
    let program = World::new().program("ContactId");
    assert!(program.mails_for(profile(1)));
    assert!(program.warnings().is_empty());
}

#[test]
fn settings_that_cannot_hold_are_refused_with_their_reason() {
    let set = |field: &str, value: &str| ProgramSettings {
        set: vec![(field.into(), value.into())],
        ..ProgramSettings::default()
    };
    let named = |profile: &str| ProgramSettings {
        profile: Some(profile.into()),
        ..Default::default()
    };
    let pattern = |pattern: &str| ProgramSettings {
        username_pattern: pattern.into(),
        ..Default::default()
    };
    for (settings, code, exit) in [
        (
            set("TimeZoneSidKey", "CET"),
            "timezone-unknown",
            Exit::Usage,
        ),
        (set("Alias", "ninechars"), "field-too-long", Exit::Usage),
        (set("Username", "a@b.c"), "column-not-writable", Exit::Usage),
        (set("UserType", "x"), "column-not-writable", Exit::Usage),
        (
            set("IsPortalEnabled", "false"),
            "column-not-writable",
            Exit::Usage,
        ),
        (set("Nothing__c", "x"), "column-not-writable", Exit::Usage),
        (
            set("UserPermissionsSFContentUser", "true"),
            "feature-license-column",
            Exit::Usage,
        ),
        (named("Nobody"), "profile-not-found", Exit::Guard),
        (named("Twin"), "profile-ambiguous", Exit::Guard),
        (
            named("System Administrator"),
            "profile-not-external",
            Exit::Guard,
        ),
        (pattern("{mail}"), "username-malformed", Exit::Usage),
        (
            pattern("portal@acme.com"),
            "username-malformed",
            Exit::Usage,
        ),
        (pattern("{first}.{last}"), "username-malformed", Exit::Usage),
    ] {
        let site = Some("Portal".into());
        let world = World::new().with(|old| {
            *old = ProgramSettings {
                site,
                ..settings.clone()
            }
        });
        let errors = refused(&world, "ContactId");
        assert_eq!(
            (codes(&errors), errors.exit()),
            (vec![code], exit),
            "{settings:?}"
        );
        assert!(errors.remedy().ends_with('.'), "{settings:?}");
    }
}

#[test]
fn the_profile_of_the_run_goes_to_rows_that_name_none() {
    let world = World::new().with(|set| set.profile = Some("acme customer".into()));
    let value = |header, row| world.value(header, row, "ProfileId");
    assert_eq!(value("ContactId", "003000000000011"), "00e000000000002AAA");
    assert_eq!(
        value("ContactId,Profile", "003000000000011,"),
        "00e000000000002AAA"
    );
    assert_eq!(
        value("ContactId,Profile", "003000000000011,Acme Partner"),
        "00e000000000001AAA"
    );
}
