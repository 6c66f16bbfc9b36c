//! One row at least for every code that a single row can earn, beside one that passes.

use super::org::World;

/// One case a line: header | row | codes expected.
const PERSON: &str = "
ContactId,Profile | 003000000000011,Acme Partner |
ContactId,Profile |  003000000000011 , Acme Partner  |
ContactId,Profile | 003000000000011AAA,Acme Partner |
Contact.Crm__c,Profile | crm-11,Acme Partner |
Email,AccountId,Profile | C11@example.com,001000000000001,Acme Partner |
Email,Account.Erp__c,Profile | c11@example.com,ERP-1,Acme Partner |
AccountId,Profile | 001000000000007,Acme Customer |
ContactId,Contact.Crm__c,Profile | ,CRM-11,Acme Partner |
ContactId,Contact.Crm__c,Profile | 003000000000011,CRM-none,Acme Partner |
ContactId,Profile | ,Acme Partner | contact-key-missing
Email,Profile | c11@example.com,Acme Partner | contact-key-missing
Email,AccountId,Profile | ,001000000000001,Acme Partner | contact-key-missing
ContactId,Profile | 0030000000000,Acme Partner | malformed-id
ContactId,Profile | 001000000000001,Acme Partner | malformed-id
ContactId,Profile | 003000000000011BBB,Acme Partner | malformed-id
Email,AccountId,Profile | c11@example.com,001-1,Acme Partner | malformed-id
ContactId,Profile | 003000000000999,Acme Partner | contact-not-found
Contact.Crm__c,Profile | CRM-none,Acme Partner | contact-not-found
Email,AccountId,Profile | x@example.com,001000000000001,Acme Partner | contact-not-found
Contact.Crm__c,Profile | CRM-TWIN,Acme Partner | contact-ambiguous
Email,AccountId,Profile | shared@example.com,001000000000001,Acme Partner | contact-ambiguous
ContactId,Profile | 003000000000016,Acme Partner | contact-deleted
ContactId,Profile | 003000000000017,Acme Partner | contact-deleted
ContactId,Profile | 003000000000015,Acme Partner | contact-without-account
ContactId,Profile | 003000000000091,Acme Partner | contact-has-user
ContactId,Profile | 003000000000092,Acme Partner | contact-has-inactive-user
ContactId,Username,Profile | 003000000000091,taken@acme.com,Acme Partner | contact-has-user
";

const ACCOUNT: &str = "
Email,AccountId,Profile | c11@example.com,001000000000099,Acme Partner | account-not-found
Email,AccountId,Profile | c81@example.com,001000000000008,Acme Partner | account-not-found
ContactId,Profile | 003000000000081,Acme Partner | account-not-found
Email,Account.Erp__c,Profile | c11@example.com,ERP-99,Acme Partner | account-not-found
ContactId,AccountId,Profile | 003000000000011,001000000000001,Acme Partner |
ContactId,AccountId,Profile | 003000000000011,001000000000002,Acme Partner | account-mismatch
ContactId,Account.Erp__c,Profile | 003000000000011,ERP-2,Acme Partner | account-mismatch
ContactId,Profile | 003000000000031,Acme Partner | account-not-partner
ContactId,Profile | 003000000000031,Acme Customer |
ContactId,Profile | 003000000000041,Acme Partner | account-owner-without-role
ContactId,Profile | 003000000000041,Acme Customer | account-owner-without-role
ContactId,Profile | 003000000000051,Acme Partner |
ContactId,Profile | 003000000000061,Acme Partner | account-owner-external
ContactId,Profile | 003000000000061,Acme Customer |
ContactId,Profile | 003000000000071,Acme Partner | person-account-partner
ContactId,Profile | 003000000000071,Acme Customer |
";

const LICENCE: &str = "
ContactId | 003000000000011 | profile-missing
ContactId,Profile | 003000000000011,Nobody | profile-not-found
ContactId,Profile | 003000000000011,00e000000000099 | profile-not-found
ContactId,Profile | 003000000000011,00E000000000001 | malformed-id
ContactId,Profile | 003000000000011,00e000000000001 |
ContactId,Profile | 003000000000011,ACME partner |
ContactId,Profile | 003000000000011,Twin | profile-ambiguous
ContactId,Profile | 003000000000011,00e000000000007 |
ContactId,Profile | 003000000000011,System Administrator | profile-not-external
ContactId,Profile | 003000000000011,Customer Community User |
ContactId,Profile,License | 003000000000011,Acme Partner,partner community |
ContactId,Profile,License | 003000000000011,Acme Partner,Customer Community | license-mismatch
ContactId,Profile | 003000000000011,Lapsed Customer | license-inactive
ContactId,Profile,PortalRole | 003000000000011,Acme Partner,executive |
ContactId,Profile,PortalRole | 003000000000011,Acme Partner,Boss | role-unknown
ContactId,Profile,PortalRole | 003000000000011,Acme Customer,User | role-not-allowed
ContactId,Profile,PortalRole | 003000000000021,Acme Partner,Executive | role-level-missing
ContactId,Profile,PortalRole | 003000000000021,Acme Partner,Manager |
ContactId,Profile,PermissionSets | 003000000000011,Acme Partner,Reports; site member |
ContactId,Profile,PermissionSets | 003000000000011,Acme Partner,Reports;Nothing | permission-set-not-found
ContactId,Profile | 003000000000011,Outsider | profile-not-in-site
ContactId,Profile,PermissionSets | 003000000000011,Outsider,Reports | profile-not-in-site
ContactId,Profile,PermissionSets | 003000000000011,Outsider,Site_Member |
";

const VALUES: &str = "
ContactId,Profile | 003000000000014,Acme Partner | email-missing, username-missing
ContactId,Profile,Email | 003000000000014,Acme Partner,new@example.com |
ContactId,Profile,Email | 003000000000011,Acme Partner,not mail | email-invalid
ContactId,Profile,Username | 003000000000011,Acme Partner,jm | username-malformed
ContactId,Profile,Username | 003000000000011,Acme Partner,j m@acme.com | username-malformed
ContactId,Profile,Username | 003000000000011,Acme Partner,TAKEN@acme.com | username-taken
ContactId,Profile,CommunityNickname | 003000000000011,Acme Partner,Nick.Taken | nickname-taken
ContactId,Profile,FederationIdentifier | 003000000000011,Acme Partner,FED-taken | federation-id-taken
ContactId,Profile,Alias | 003000000000011,Acme Partner,ninechars | field-too-long
ContactId,Profile,Alias | 003000000000011,Acme Partner,äöüäöüäö |
ContactId,Profile,TimeZoneSidKey | 003000000000011,Acme Partner,CET | timezone-unknown
ContactId,Profile,TimeZoneSidKey | 003000000000011,Acme Partner,europe/berlin |
ContactId,Profile,LocaleSidKey | 003000000000011,Acme Partner,German | locale-unknown
ContactId,Profile,LocaleSidKey | 003000000000011,Acme Partner,old | locale-unknown
ContactId,Profile,LanguageLocaleKey | 003000000000011,Acme Partner,xx | language-unknown
ContactId,Profile,LanguageLocaleKey | 003000000000011,Acme Partner,th |
ContactId,Profile,EmailEncodingKey | 003000000000011,Acme Partner,UTF8 | email-encoding-unknown
ContactId,Profile,EndDate | 003000000000011,Acme Partner,2026-12-31 |
ContactId,Profile,EndDate | 003000000000011,Acme Partner,31.12.2026 | date-invalid
ContactId,Profile,Since__c | 003000000000011,Acme Partner,2026-02-30 | date-invalid
ContactId,Profile,Tier__c | 003000000000011,Acme Partner,gold |
ContactId,Profile,Tier__c | 003000000000011,Acme Partner,Bronze | value-invalid
ContactId,Profile,Partner Tier | 003000000000011,Acme Partner,Bronze | value-invalid
ContactId,Profile,IsActive | 003000000000011,Acme Partner,maybe | value-invalid
ContactId,Profile,ManagerId | 003000000000011,Acme Partner,me | malformed-id
ContactId,Profile,Title | 003000000000011,Acme Partner,#REF! | spreadsheet-error
ContactId,Profile,Title | 003000000000011,Acme Partner,#1 seller |
ContactId,Profile | #N/A,Acme Partner | spreadsheet-error
ContactId,Profile | 003000000000011,#NV | spreadsheet-error
ContactId,Profile,Note | 003000000000011,Acme Partner,#N/A |
";

fn check(cases: &str) {
    let world = World::new();
    for case in cases.lines().filter(|case| !case.is_empty()) {
        let parts: Vec<&str> = case.split('|').collect();
        let codes = world.codes(parts[0].trim(), parts[1].strip_prefix(' ').unwrap());
        assert_eq!(codes.join(", "), parts[2].trim(), "{case}");
    }
}

#[test]
fn a_row_finds_its_person_or_says_why_not() {
    check(PERSON);
}

#[test]
fn an_account_takes_the_user_or_says_why_not() {
    check(ACCOUNT);
}

#[test]
fn profile_role_and_site_fit_or_say_why_not() {
    check(LICENCE);
}

#[test]
fn a_value_fits_its_field_or_says_why_not() {
    check(VALUES);
}
