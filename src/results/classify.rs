//! What an org error means: who can do something about it, and what. Pure.
//!
//! One table, the error classes of external-users §11. The status code decides first, then the
//! fields, the English text last: messages are in the running user's language.

use crate::model::limits;
use crate::model::outcome::{ErrorClass, RowError};
use crate::model::rejection::{Fault, Retry};

/// Characters of the org's message that are repeated; the rest is in the job's result file.
const MESSAGE_CHARACTERS_MAX: usize = 1_000;

/// Rounds a retryable row may take (design §8).
const ROUNDS_MAX: u32 = limits::ROW_TRIES_MAX as u32;

/// What an error of the org means for its row, and for the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classified {
    /// Who can do something about it.
    pub class: ErrorClass,
    /// How often the row may be sent again by itself in this run.
    pub retries_max: u32,
    /// Will every other row meet the same, so that the run had better stop?
    pub stops_run: bool,
    /// Did others hold a lock? Smaller jobs and fewer at once help (R-1001, R-1005).
    pub is_locked: bool,
    /// What failure.csv says when it is the last word on the row.
    pub fault: Fault,
}

/// Looks an error up in the table; an unknown one is for a person to decide.
pub fn classify(error: &RowError) -> Classified {
    let message = clean(&error.message);
    let advice = advice_for(error, &message.to_lowercase());
    let (class, retries_max, stops_run, retry) = match advice.act {
        Act::Retry | Act::RetryLocked => (ErrorClass::Retry, ROUNDS_MAX, false, Retry::Now),
        // Where two more tries did not help, a person has to look.
        Act::RetryTwice => (ErrorClass::Retry, 2, false, Retry::AfterFix),
        Act::RetryLater => (ErrorClass::Retry, 0, true, Retry::Now),
        Act::Fix => (ErrorClass::Fix, 0, false, Retry::AfterFix),
        Act::StopRun => (ErrorClass::Fix, 0, true, Retry::AfterFix),
        Act::Human => (ErrorClass::Human, 0, false, Retry::AfterFix),
        // A row that somebody corrected may go again; one that says so may not.
        Act::Permanent => (ErrorClass::Permanent, 0, false, Retry::AfterFix),
        Act::Drop => (ErrorClass::Permanent, 0, false, Retry::Never),
    };
    let fault = Fault {
        code: error.code.clone(),
        reason: reason(&message, &error.fields),
        fix: fill_in(advice.fix, &message, &error.fields),
        retry,
    };
    Classified {
        class,
        retries_max,
        stops_run,
        is_locked: matches!(advice.act, Act::RetryLocked),
        fault,
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The same row again, unchanged.
    Retry,
    /// The same, because of a lock that others held.
    RetryLocked,
    /// The same, twice; then it is for a person.
    RetryTwice,
    /// The same, but not before a quota window has passed.
    RetryLater,
    /// After an administrator changed data or setup.
    Fix,
    /// The same, and it concerns every row.
    StopRun,
    /// Somebody has to decide.
    Human,
    /// Drop or change the row.
    Permanent,
    /// Whatever is changed, this row is not to be sent.
    Drop,
}

/// One line of the table.
struct Advice {
    /// Status codes; a trailing `*` stands for any ending.
    codes: &'static [&'static str],
    /// Fields that tell it from other lines of the code; none where fields do not matter.
    fields: &'static [&'static str],
    /// Lower-case pieces of the English text that tell it from other lines of the code.
    texts: &'static [&'static str],
    act: Act,
    /// One imperative sentence; `{fields}` and `{license}` are filled in from the error.
    fix: &'static str,
}

const fn line(codes: &'static [&'static str], act: Act, fix: &'static str) -> Advice {
    Advice {
        codes,
        fields: &[],
        texts: &[],
        act,
        fix,
    }
}

const fn text(
    codes: &'static [&'static str],
    texts: &'static [&'static str],
    act: Act,
    fix: &'static str,
) -> Advice {
    Advice {
        codes,
        fields: &[],
        texts,
        act,
        fix,
    }
}

const UNKNOWN: &[&str] = &["UNKNOWN_EXCEPTION"];
const INTEGRITY: &[&str] = &["FIELD_INTEGRITY_EXCEPTION"];
const CROSS_REFERENCE: &[&str] = &["INVALID_CROSS_REFERENCE_KEY"];
const LICENSE: &[&str] = &["LICENSE_LIMIT_EXCEEDED"];

/// For codes the table does not know.
const UNLISTED: Advice = line(
    &[],
    Act::Human,
    "Read the org's message and decide; `admit retry` sends the row again.",
);

/// The error classes of external-users §11. Where several lines have one code, the line whose
/// field is named wins, then the line whose text is found, then the last line of the code.
#[rustfmt::skip]
const TABLE: &[Advice] = &[
    // R-1001, R-1005
    line(&["UNABLE_TO_LOCK_ROW"], Act::RetryLocked,
        "Send the row again; if it persists, pause other jobs on users, roles and groups."),
    // R-1001
    text(UNKNOWN, &["group membership operation already in progress", "could not acquire lock"], Act::RetryLocked,
        "Send the row again; if it persists, stop parallel role or territory changes."),
    //
    text(UNKNOWN, &["portal account owner must have a role"], Act::Fix,
        "Give the account's owner a role in Setup > Users or change the account's owner, and check that the contact has an account."),
    //
    text(UNKNOWN, &["portal users cannot own partner accounts"], Act::Fix,
        "Give the account and its contacts an internal owner."),
    // In another language any UNKNOWN_EXCEPTION ends here: trying twice does no harm.
    line(UNKNOWN, Act::RetryTwice,
        "Open a case with Salesforce that names the ErrorId of the message."),
    line(&["SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG", "QUERY_TIMEOUT"], Act::Retry,
        "Send the row again."),
    line(&["ROW_LOCK*"], Act::RetryLocked, "Send the row again."),
    // R-1010
    line(&["REQUEST_LIMIT_EXCEEDED", "EXCEEDED_QUOTA", "ExceededQuota", "TooManyRequests"], Act::RetryLater,
        "Lower the rate, or wait for the 24-hour window to pass and send the row again."),
    line(&["INVALID_SESSION_ID", "InvalidSessionId"], Act::Retry,
        "Check the integration login and send the row again."),
    //
    line(&["INVALID_LOGIN", "InvalidUser", "FeatureNotEnabled"], Act::StopRun,
        "Mend the credentials, API Enabled and the Bulk API permission of the integration user."),
    //
    text(CROSS_REFERENCE, &["cannot create a portal user without contact"], Act::Permanent,
        "Add the contact, or use a profile of the External Identity licence."),
    //
    line(&["INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED", "MALFORMED_ID"], Act::Permanent,
        "Correct the id: the contact, profile or role is gone or belongs to another org."),
    //
    line(&["PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT"], Act::Drop,
        "Reactivate or update the user that the contact already has."),
    //
    line(&["PORTAL_NO_ACCESS"], Act::StopRun,
        "Enable Digital Experiences, activate a site and check the licences."),
    //
    line(&["DUPLICATE_USERNAME"], Act::Permanent,
        "Choose another username; it does not have to be the e-mail address."),
    //
    line(&["DUPLICATE_COMM_NICKNAME"], Act::Permanent,
        "Choose another nickname."),
    //
    Advice { codes: INTEGRITY, fields: &["Email"], texts: &["must be in domain"], act: Act::Fix,
        fix: "Use an allowed e-mail domain, or extend the org's list of allowed domains." },
    //
    Advice { codes: INTEGRITY, fields: &["FederationIdentifier"], texts: &["federation id"], act: Act::Permanent,
        fix: "Choose another federation id: this one is used by another user." },
    //
    Advice { codes: INTEGRITY, fields: &["PortalRole", "UserRoleId"], texts: &["role type must match user type"], act: Act::Permanent,
        fix: "Leave the role empty or pick a role of this account." },
    //
    Advice { codes: INTEGRITY, fields: &["ProfileId"], texts: &["allow using standard external profiles"], act: Act::Fix,
        fix: "Clone the standard profile and use the clone, or allow standard external profiles in Setup > Digital Experiences > Settings." },
    //
    Advice { codes: INTEGRITY, fields: &["ProfileId"], texts: &["modify all data"], act: Act::Fix,
        fix: "Run with a stronger user or pick a profile for external users." },
    //
    Advice { codes: INTEGRITY, fields: &["IsActive"], texts: &["de-activate self"], act: Act::Drop,
        fix: "Remove the integration user from the file." },
    //
    Advice { codes: INTEGRITY, fields: &["Username"], texts: &["must be in the form of an email address"], act: Act::Permanent,
        fix: "Use a username of the form name@domain." },
    line(INTEGRITY, Act::Human, "Read the org's message and correct the row or the org's setup."),
    //
    Advice { codes: LICENSE, fields: &["UserPermissions*"], texts: &["userpermissions"], act: Act::Permanent,
        fix: "Remove the columns that take feature licences." },
    //
    line(LICENSE, Act::Fix,
        "Deactivate unused users or buy seats: no seat of {license} is free."),
    //
    line(&["REQUIRED_FIELD_MISSING"], Act::Permanent, "Fill {fields}."),
    //
    line(&["STRING_TOO_LONG"], Act::Permanent, "Shorten {fields}."),
    //
    line(&["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"], Act::Permanent,
        "Use one of the org's keys in {fields}, such as America/New_York for a time zone."),
    //
    line(&["INVALID_EMAIL_ADDRESS"], Act::Permanent, "Correct the e-mail address."),
    // External-users 1.1, R-316
    line(&["INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"], Act::StopRun,
        "Remove the column {fields}: it is not there or cannot be written; AccountId, UserType and Name are never sent."),
    //
    line(&["INSUFFICIENT_ACCESS*"], Act::Human,
        "Give the integration user the permission Manage External Users, and access to the records named."),
    //
    line(&["DUPLICATES_DETECTED"], Act::Human,
        "Choose between the row and the existing contact it looks like."),
    // R-1011
    line(&["FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "MIXED_DML_OPERATION",
           "CANNOT_EXECUTE_FLOW_TRIGGER", "FLOW*"], Act::Human,
        "Satisfy the org's own rule that refused the row, or have it changed."),
    //
    line(&["INVALID_NEW_PASSWORD"], Act::Permanent, "Choose a password that the org's policy allows."),
];

/// The line that fits best; `message` is in lower case.
fn advice_for(error: &RowError, message: &str) -> &'static Advice {
    let is_of_code = |advice: &&Advice| advice.codes.iter().any(|code| fits(code, &error.code));
    let lines = || TABLE.iter().filter(is_of_code);
    let names_field = |advice: &&Advice| {
        let named = || error.fields.split(',').map(str::trim);
        advice
            .fields
            .iter()
            .any(|field| named().any(|name| fits(field, name)))
    };
    let has_text = |advice: &&Advice| advice.texts.iter().any(|text| message.contains(text));
    let by_field = lines().filter(names_field).find(has_text);
    by_field
        .or_else(|| lines().find(names_field))
        .or_else(|| lines().find(has_text))
        .or_else(|| lines().rfind(|advice| advice.fields.is_empty() && advice.texts.is_empty()))
        .unwrap_or(&UNLISTED)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// The org's message on one line: its `<br>` are line breaks of a web page.
fn clean(message: &str) -> String {
    let mut text = message.to_owned();
    for tag in ["<br>", "<br/>", "<br />", "<BR>", "<BR/>", "<BR />"] {
        text = text.replace(tag, " ");
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(MESSAGE_CHARACTERS_MAX) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}

fn reason(message: &str, fields: &str) -> String {
    match (message, fields) {
        ("", "") => "The org refused the row and gave no reason.".to_owned(),
        ("", fields) => format!("The org refused the row because of {fields}."),
        (message, "") => format!("The org refused the row: {message}"),
        (message, fields) => format!("The org refused the row: {message} ({fields})"),
    }
}

fn fill_in(fix: &str, message: &str, fields: &str) -> String {
    let fields = if fields.is_empty() {
        "the field that the message names"
    } else {
        fields
    };
    // "License Limit Exceeded - Customer Community"; older texts leave the name out.
    let license = message
        .split_once(" - ")
        .map_or("this licence", |(_, name)| name);
    fix.replace("{fields}", fields)
        .replace("{license}", license)
}
