//! The table of error classes: every line of external-users §11, as the org would send it.

use crate::model::outcome::ErrorClass::{Fix, Human, Permanent, Retry};
use crate::model::outcome::{ErrorClass, RowError};
use crate::model::rejection::Retry as Worth;
use crate::results::{classify, parse_row_error};

/// Text of the org, class, does it stop the run, a piece of the fix.
type Case = (&'static str, ErrorClass, bool, &'static str);

const CASES: &[Case] = &[
    (
        "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--",
        Retry,
        false,
        "pause other jobs",
    ),
    (
        "UNKNOWN_EXCEPTION:group membership operation already in progress:--",
        Retry,
        false,
        "territory",
    ),
    (
        "UNKNOWN_EXCEPTION:could not acquire lock:--",
        Retry,
        false,
        "territory",
    ),
    (
        "UNKNOWN_EXCEPTION:An unexpected error occurred. ErrorId 123-4:--",
        Retry,
        false,
        "ErrorId",
    ),
    (
        "UNKNOWN_EXCEPTION:Ein unerwarteter Fehler:--",
        Retry,
        false,
        "ErrorId",
    ),
    ("SERVER_UNAVAILABLE:busy:--", Retry, false, "again"),
    ("REQUEST_RUNNING_TOO_LONG:slow:--", Retry, false, "again"),
    ("QUERY_TIMEOUT:slow:--", Retry, false, "again"),
    ("ROW_LOCK_TIMEOUT:slow:--", Retry, false, "again"),
    (
        "REQUEST_LIMIT_EXCEEDED:TotalRequests Limit exceeded.:--",
        Retry,
        true,
        "24-hour",
    ),
    ("ExceededQuota", Retry, true, "24-hour"),
    ("TooManyRequests", Retry, true, "24-hour"),
    (
        "INVALID_SESSION_ID:Session expired or invalid:--",
        Retry,
        false,
        "integration login",
    ),
    ("INVALID_LOGIN:no:--", Fix, true, "credentials"),
    ("InvalidUser", Fix, true, "credentials"),
    ("FeatureNotEnabled", Fix, true, "credentials"),
    (
        "UNKNOWN_EXCEPTION:portal account owner must have a role:--",
        Fix,
        false,
        "owner a role",
    ),
    (
        "UNKNOWN_EXCEPTION:portal users cannot own partner accounts:--",
        Fix,
        false,
        "internal owner",
    ),
    (
        "INVALID_CROSS_REFERENCE_KEY:Cannot create a portal user without contact:ContactId --",
        Permanent,
        false,
        "Add the contact",
    ),
    (
        "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
        Permanent,
        false,
        "gone",
    ),
    (
        "ENTITY_IS_DELETED:entity is deleted:--",
        Permanent,
        false,
        "gone",
    ),
    (
        "MALFORMED_ID:Profile ID: id value of incorrect type: BadValue:ProfileId --",
        Permanent,
        false,
        "gone",
    ),
    (
        "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT:portal user already exists for contact:--",
        Permanent,
        false,
        "Reactivate or update",
    ),
    ("PORTAL_NO_ACCESS:no:--", Fix, true, "Digital Experiences"),
    (
        "DUPLICATE_USERNAME:Duplicate Username.<br>The username already exists:Username --",
        Permanent,
        false,
        "another username",
    ),
    (
        "DUPLICATE_COMM_NICKNAME:Duplicate Nickname.:CommunityNickname --",
        Permanent,
        false,
        "another nickname",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:Username must be in the form of an email address (for example, john@acme.com): Username:Username --",
        Permanent,
        false,
        "name@domain",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:Benutzername falsch:Username --",
        Permanent,
        false,
        "name@domain",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:Invalid Email Address: Must be in domain(s) example.com:Email --",
        Fix,
        false,
        "allowed domains",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:The specified Federation ID already exists for this organization: SAML Federation ID:--",
        Permanent,
        false,
        "federation id",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:This Federation ID is already in use.:FederationIdentifier --",
        Permanent,
        false,
        "federation id",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:role type must match user type:UserRoleId --",
        Permanent,
        false,
        "role of this account",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow using standard external profiles for self-registration, user creation, and login.:--",
        Fix,
        false,
        "Clone the standard profile",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:Cannot grant or remove a profile with modify all data, without having the modify all data permission yourself.:ProfileId --",
        Fix,
        false,
        "stronger user",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:Cannot de-activate self: Active:IsActive --",
        Permanent,
        false,
        "integration user",
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION:something else:--",
        Human,
        false,
        "Read the org's message",
    ),
    (
        "LICENSE_LIMIT_EXCEEDED:License Limit Exceeded - Customer Community:--",
        Fix,
        false,
        "seat of Customer Community",
    ),
    (
        "LICENSE_LIMIT_EXCEEDED:License limit exceeded:--",
        Fix,
        false,
        "seat of this licence",
    ),
    (
        "LICENSE_LIMIT_EXCEEDED:License limit exceeded:UserPermissionsKnowledgeUser --",
        Permanent,
        false,
        "feature licences",
    ),
    (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [Email]:Email --",
        Permanent,
        false,
        "Fill Email.",
    ),
    (
        "STRING_TOO_LONG:Alias: data value too large: abcdefghij (max length=8):Alias --",
        Permanent,
        false,
        "Shorten Alias.",
    ),
    (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Time Zone: bad value for restricted picklist field: x:TimeZoneSidKey --",
        Permanent,
        false,
        "keys in TimeZoneSidKey",
    ),
    (
        "INVALID_EMAIL_ADDRESS:Email: invalid email address: x:Email --",
        Permanent,
        false,
        "Correct the e-mail",
    ),
    (
        "INVALID_FIELD:No such column:AccountId --",
        Fix,
        true,
        "column AccountId",
    ),
    (
        "INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: Name:Name --",
        Fix,
        true,
        "column Name",
    ),
    (
        "INSUFFICIENT_ACCESS_OR_READONLY:insufficient access rights:--",
        Human,
        false,
        "Manage External Users",
    ),
    (
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY:no:--",
        Human,
        false,
        "Manage External Users",
    ),
    (
        "DUPLICATES_DETECTED:Use one of these records?:--",
        Human,
        false,
        "existing contact",
    ),
    (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION:Title is odd:--",
        Human,
        false,
        "own rule",
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:UserTrigger: execution of BeforeInsert:--",
        Human,
        false,
        "own rule",
    ),
    (
        "MIXED_DML_OPERATION:DML on setup object:--",
        Human,
        false,
        "own rule",
    ),
    (
        "CANNOT_EXECUTE_FLOW_TRIGGER:flow:--",
        Human,
        false,
        "own rule",
    ),
    ("FLOW_EXCEPTION:flow:--", Human, false, "own rule"),
    (
        "INVALID_NEW_PASSWORD:too short:--",
        Permanent,
        false,
        "password",
    ),
    ("NOT_IN_ANY_BOOK:new:--", Human, false, "decide"),
];

#[test]
fn every_error_class_of_the_reference_is_known_with_its_fix() {
    for (text, class, stops_run, fix) in CASES {
        let classified = classify(&parse_row_error(text));
        assert_eq!(
            (classified.class, classified.stops_run),
            (*class, *stops_run),
            "{text}"
        );
        assert!(
            classified.fault.fix.contains(fix),
            "{text}: {}",
            classified.fault.fix
        );
        assert!(
            classified.fault.fix.ends_with('.'),
            "{text}: {}",
            classified.fault.fix
        );
        assert!(
            !classified.fault.fix.contains('{'),
            "{text}: {}",
            classified.fault.fix
        );
        let may_retry = classified.retries_max > 0;
        assert_eq!(may_retry, *class == Retry && !stops_run, "{text}");
    }
}

#[test]
fn an_unexpected_error_is_tried_twice_and_then_left_to_a_person() {
    let unexpected = classify(&parse_row_error("UNKNOWN_EXCEPTION:An unexpected error:--"));
    assert_eq!(
        (unexpected.retries_max, unexpected.fault.retry),
        (2, Worth::AfterFix)
    );
    let locked = classify(&parse_row_error("UNABLE_TO_LOCK_ROW:locked:--"));
    assert_eq!((locked.retries_max, locked.fault.retry), (5, Worth::Now));
}

#[test]
fn the_reason_repeats_the_message_on_one_line_and_names_the_fields() {
    let text = "DUPLICATE_USERNAME:Duplicate Username.<br>The username\nalready exists.<BR/>Use \
                another.:Username --";
    let fault = classify(&parse_row_error(text)).fault;
    let expected = "The org refused the row: Duplicate Username. The username already exists. \
                    Use another. (Username)";
    assert_eq!(fault.reason, expected);
    assert_eq!(fault.code, "DUPLICATE_USERNAME");
}

#[test]
fn a_message_without_end_is_cut() {
    let message = "ä".repeat(5_000);
    let error = RowError {
        code: "X".into(),
        message,
        fields: String::new(),
    };
    assert!(classify(&error).fault.reason.chars().count() < 1_100);
}
