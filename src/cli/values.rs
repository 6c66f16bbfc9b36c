//! One value at a time: text -> the type a setting has. Each function answers with what it
//! wants, article included, when the text is not that. Pure.

use std::borrow::Cow;

use crate::model::columns::UserField;
use crate::model::id::OrgId;
use crate::model::limits;
use crate::model::settings::{StandardProfiles, UsernameConflict, Welcome};

/// Why a text is not a value: what would be.
pub(crate) type Wants = Cow<'static, str>;

/// Jobs at once at most. A policy: the org works off a few at a time, more only queue up.
pub(crate) const LANES_MAX: u32 = 50;
/// Most minutes a job may be asked to take.
pub(crate) const JOB_MINUTES_MAX: u32 = 600;

/// Requests per second at most. A policy: far above it the org answers with 429 or worse.
pub(crate) const REQUESTS_PER_SECOND_MAX: u32 = 500;

/// First wait between two polls at most, in milliseconds.
pub(crate) const POLL_MS_MAX: u32 = 600_000;

/// Threads at most.
pub(crate) const THREADS_MAX: u32 = 512;

/// The first API version with Bulk API 2.0 query jobs, which pulling the org needs; ingest is
/// older ([source](https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm)).
pub(crate) const API_VERSION_MIN: u32 = 47;

/// API versions are numbered by hand; one past this is a slip of the finger.
const API_VERSION_MAX: u32 = 199;

/// What a username pattern may hold (`ProgramSettings::username_pattern`).
pub(crate) const PLACEHOLDERS: &[&str] = &["email", "first", "last", "contactid", "account"];

/// A whole number within bounds.
pub(crate) fn number(text: &str, min: u32, max: u32) -> Result<u32, Wants> {
    text.trim()
        .parse()
        .ok()
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| format!("a whole number from {min} to {max}").into())
}

/// `--rows-per-job`.
pub(crate) fn rows_per_job(text: &str) -> Result<u32, Wants> {
    number(text, 1, limits::JOB_ROWS_MAX)
}

/// `--job-minutes`.
pub(crate) fn job_minutes(text: &str) -> Result<u64, Wants> {
    number(text, 1, JOB_MINUTES_MAX).map(u64::from)
}

/// `--lanes`.
pub(crate) fn lanes(text: &str) -> Result<u32, Wants> {
    number(text, 1, LANES_MAX)
}

/// `--requests-per-second`.
pub(crate) fn requests_per_second(text: &str) -> Result<u32, Wants> {
    number(text, 1, REQUESTS_PER_SECOND_MAX)
}

/// `--reserve`.
pub(crate) fn reserve(text: &str) -> Result<u64, Wants> {
    number(text, 0, 99).map(u64::from)
}

/// `--poll-ms`.
pub(crate) fn poll_ms(text: &str) -> Result<u64, Wants> {
    number(text, 1, POLL_MS_MAX).map(u64::from)
}

/// `--expect-org`.
pub(crate) fn expect_org(text: &str) -> Result<Option<OrgId>, Wants> {
    OrgId::parse(text.trim())
        .map(Some)
        .map_err(|_| "the id of an org: 15 or 18 characters that begin with 00D".into())
}

/// `--welcome`.
pub(crate) fn welcome(text: &str) -> Result<Option<Welcome>, Wants> {
    match text.trim().to_ascii_lowercase().as_str() {
        "now" => Ok(Some(Welcome::Now)),
        "later" => Ok(Some(Welcome::Later)),
        "never" => Ok(Some(Welcome::Never)),
        _ => Err("one of now, later and never".into()),
    }
}

/// `--threads`.
pub(crate) fn threads(text: &str) -> Result<usize, Wants> {
    number(text, 1, THREADS_MAX).map(|count| count as usize)
}

/// `--seed`.
pub(crate) fn seed(text: &str) -> Result<u64, Wants> {
    text.trim()
        .parse()
        .map_err(|_| Cow::from("a whole number of at most 64 bits"))
}

/// `--api-version`: `67.0`, or `67` for short.
pub(crate) fn api_version(text: &str) -> Result<String, Wants> {
    let text = text.trim();
    let major = text.strip_suffix(".0").unwrap_or(text);
    number(major, API_VERSION_MIN, API_VERSION_MAX)
        .map(|major| format!("{major}.0"))
        .map_err(|_| format!("an API version from {API_VERSION_MIN}.0 on, such as 67.0").into())
}

/// `--max-age`, in milliseconds: a whole number and s, m, h or d.
pub(crate) fn duration_ms(text: &str) -> Result<u64, Wants> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
    let unit_ms = match unit.trim() {
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(24 * 3_600_000),
        _ => None,
    };
    unit_ms
        .zip(number.trim().parse::<u64>().ok())
        .and_then(|(unit_ms, number)| number.checked_mul(unit_ms))
        .ok_or_else(|| "a duration such as 90s, 15m, 2h or 1d".into())
}

/// `--bom` and `--offline` by environment or file.
pub(crate) fn truth(text: &str) -> Result<bool, Wants> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("one of true and false".into()),
    }
}

/// `--encoding`: a label of the WHATWG encoding standard.
pub(crate) fn encoding(text: &str) -> Result<Option<String>, Wants> {
    encoding_rs::Encoding::for_label(text.as_bytes())
        .map(|_| Some(text.trim().to_owned()))
        .ok_or_else(|| "the label of an encoding, such as windows-1252 or utf-16le".into())
}

/// `--delimiter`: a name, or the character itself.
pub(crate) fn delimiter(text: &str) -> Result<Option<u8>, Wants> {
    let wants = || Cow::from("one of comma, semicolon, tab, pipe, or one punctuation character");
    let byte = match text.to_ascii_lowercase().as_str() {
        "comma" => b',',
        "semicolon" => b';',
        "tab" | "\\t" => b'\t',
        "pipe" => b'|',
        _ => match text.as_bytes() {
            [byte] => *byte,
            _ => return Err(wants()),
        },
    };
    let fits = byte == b'\t' || byte.is_ascii_punctuation() && byte != b'"';
    if fits { Ok(Some(byte)) } else { Err(wants()) }
}

/// `--username-on-conflict`.
pub(crate) fn username_on_conflict(text: &str) -> Result<UsernameConflict, Wants> {
    match text.trim().to_ascii_lowercase().as_str() {
        "report" => Ok(UsernameConflict::Report),
        "suffix" => Ok(UsernameConflict::Suffix),
        _ => Err("one of report and suffix".into()),
    }
}

/// `--standard-profiles`.
pub(crate) fn standard_profiles(text: &str) -> Result<StandardProfiles, Wants> {
    match text.trim().to_ascii_lowercase().as_str() {
        "unknown" => Ok(StandardProfiles::Unknown),
        "refused" => Ok(StandardProfiles::Refused),
        "allowed" => Ok(StandardProfiles::Allowed),
        _ => Err("one of unknown, refused and allowed".into()),
    }
}

/// A name: of a profile, a site. Not blank.
pub(crate) fn name(text: &str) -> Result<Option<String>, Wants> {
    let text = text.trim();
    if text.is_empty() {
        Err("a name".into())
    } else {
        Ok(Some(text.to_owned()))
    }
}

/// `--username-pattern`: known placeholders, at least one that tells people apart, and an `@`
/// unless the e-mail brings it (R-104: usernames have the form of an e-mail address).
pub(crate) fn username_pattern(text: &str) -> Result<String, Wants> {
    let known = || {
        let known: Vec<String> = PLACEHOLDERS
            .iter()
            .map(|name| format!("{{{name}}}"))
            .collect();
        Cow::from(format!(
            "a pattern with placeholders from {}",
            known.join(", ")
        ))
    };
    let mut rest = text.trim();
    let mut used: Vec<&str> = Vec::new();
    while let Some(at) = rest.find(['{', '}']) {
        let Some((placeholder, after)) = rest[at..]
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        else {
            return Err(known());
        };
        let folded = placeholder.to_ascii_lowercase();
        let Some(one) = PLACEHOLDERS.iter().find(|known| **known == folded) else {
            return Err(known());
        };
        used.push(one);
        rest = after;
    }
    if !used.iter().any(|placeholder| *placeholder != "account") {
        return Err("a pattern with a placeholder that differs by person, such as {email}".into());
    }
    if !used.contains(&"email") && !text.contains('@') {
        return Err("a pattern that gives the form of an e-mail address: {email} or an @".into());
    }
    Ok(text.trim().to_owned())
}

/// What a field named by `--set` is.
pub(crate) enum SetField {
    /// A field that may have one value for all; by its API name.
    Common(String),
    /// A field that tells people apart.
    Personal,
    /// A field that has a flag of its own.
    Own(&'static str),
}

/// The field that `--set` names: API name, label or alias of a standard field of User,
/// `PortalRole`, or the API name of any other.
pub(crate) fn set_field(text: &str) -> Result<SetField, Wants> {
    let text = text.trim();
    let text = strip_prefix_fold(text, "User.").unwrap_or(text);
    let is = |name: &str| text.eq_ignore_ascii_case(name);
    if is("PortalRole") || is("Role") || is("Portal Role") {
        return Ok(SetField::Common("PortalRole".to_owned()));
    }
    if is("Profile") || is("ProfileId") {
        return Ok(SetField::Own("--profile"));
    }
    if is("ContactId") {
        return Ok(SetField::Personal);
    }
    let standard = UserField::ALL
        .iter()
        .copied()
        .find(|field| is(field.api_name()) || field.aliases().iter().any(|alias| is(alias)));
    match standard {
        Some(UserField::Username) => Ok(SetField::Own("--username-pattern")),
        Some(UserField::CommunityNickname | UserField::FederationIdentifier) => {
            Ok(SetField::Personal)
        }
        Some(field) => Ok(SetField::Common(field.api_name().to_owned())),
        None if is_api_name(text) => Ok(SetField::Common(text.to_owned())),
        None => Err("Field=Value, with the API name of a User field".into()),
    }
}

/// Is it the shape of an API name?
fn is_api_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn strip_prefix_fold<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}
