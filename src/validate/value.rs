//! Does a value fit its User field? By the kind, length and picklist of the org's own describe.
//!
//! Comes in: a trimmed, non-empty value. Goes out: the value as it is sent (booleans and picklist
//! keys in the spelling of the org), or why the org would refuse it. Never guesses: a value is
//! refused only where its kind certainly does not read it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

use super::address::is_email;
use super::calendar;
use crate::model::id::{IdFault, RecordId};
use crate::model::rejection::Code;
use crate::org_state::{FieldFacts, PicklistFacts};

/// What a value of one field must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// Text of so many characters at most; 0 means no limit.
    Text(usize),
    /// An e-mail address of so many characters at most.
    Email(usize),
    /// A yes or a no.
    Boolean,
    /// `yyyy-MM-dd`.
    Date,
    /// `yyyy-MM-ddTHH:mm:ss` with `Z` or an offset.
    DateTime,
    /// A whole number of 32 bits.
    Integer,
    /// A number with so many digits before its point at most; 0 means no limit.
    Decimal(usize),
    /// A record id.
    Id,
    /// One key of a restricted picklist.
    Picklist(Keys),
    /// Several keys of a restricted picklist, `;` between.
    MultiPicklist(Keys),
}

/// The keys of a restricted picklist that a value may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    /// Sorted; true for those the org shows.
    sorted: Vec<(String, bool)>,
    /// Where each stands. Nearly every row asks for four, and comparing them one after the other
    /// was a tenth of a check's time.
    places: HashMap<String, usize, BuildHasherDefault<KeyHasher>>,
    /// The rule that refuses other keys.
    code: Code,
}

/// Hashes a key at once. What it gives decides nothing but the time a search takes.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= xxh3_64(bytes);
    }

    fn write_u8(&mut self, _end_of_text: u8) {}
}

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Too many characters.
    TooLong { found: usize, allowed: usize },
    /// Not an e-mail address.
    NotEmail,
    /// Not a date, or not a date with time; the form the org reads.
    NotDate(&'static str),
    /// A record id of the wrong form.
    NotId(IdFault),
    /// None of a picklist's keys; the offending one.
    NotKey { code: Code, key: String },
    /// Of another type; what was expected.
    NotType(&'static str),
    /// More digits before the point than the field has.
    TooLarge { allowed: usize },
}

/// Forms of dates, as reasons name them.
const DATE: &str = "yyyy-MM-dd";
const DATE_TIME: &str = "yyyy-MM-ddTHH:mm:ssZ";

/// The longest list of picklist keys that a reason repeats.
const KEYS_NAMED_MAX: usize = 8;

impl Check {
    /// The check for a field of the describe. Picklists that are not restricted take any text.
    pub(super) fn of(field: &FieldFacts) -> Self {
        let keys = || restricted_keys(field);
        match field.kind.as_str() {
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "int" | "long" => Self::Integer,
            "double" | "currency" | "percent" => Self::Decimal(whole_digits(field)),
            "email" => Self::Email(field.length),
            "id" | "reference" => Self::Id,
            "picklist" => keys().map_or(Self::Text(field.length), Self::Picklist),
            "multipicklist" => keys().map_or(Self::Text(field.length), Self::MultiPicklist),
            // string, textarea, phone, url, combobox, encryptedstring, time and whatever comes.
            _ => Self::Text(field.length),
        }
    }

    /// The value as it is sent.
    pub(super) fn fit<'v>(&self, value: Cow<'v, str>) -> Result<Cow<'v, str>, Misfit> {
        match self {
            Self::Text(allowed) => fits_length(&value, *allowed)?,
            Self::Email(allowed) => {
                fits_length(&value, *allowed)?;
                demand(is_email(&value), Misfit::NotEmail)?;
            }
            Self::Boolean => {
                let truth = boolean(&value).ok_or(Misfit::NotType("true or false"))?;
                return Ok(if truth { "true" } else { "false" }.into());
            }
            Self::Date => demand(calendar::is_date(&value), Misfit::NotDate(DATE))?,
            Self::DateTime => demand(calendar::is_date_time(&value), Misfit::NotDate(DATE_TIME))?,
            Self::Integer => {
                demand(
                    value.parse::<i32>().is_ok(),
                    Misfit::NotType("a whole number"),
                )?;
            }
            Self::Decimal(allowed) => fits_digits(&value, *allowed)?,
            Self::Id => RecordId::parse(&value).map(drop).map_err(Misfit::NotId)?,
            Self::Picklist(keys) => return keys.fit(value),
            Self::MultiPicklist(keys) => return keys.fit_several(&value),
        }
        Ok(value)
    }

    /// Is it plain to see that this value is sent as it stands? The answer no says nothing.
    #[inline]
    pub(super) fn takes_as_it_is(&self, value: &str) -> bool {
        match self {
            Self::Text(allowed) => fits_length(value, *allowed).is_ok(),
            Self::Email(allowed) => fits_length(value, *allowed).is_ok() && is_email(value),
            Self::Boolean
            | Self::Date
            | Self::DateTime
            | Self::Integer
            | Self::Decimal(_)
            | Self::Id
            | Self::Picklist(_)
            | Self::MultiPicklist(_) => false,
        }
    }

    /// Does the org know this key without showing it?
    pub(super) fn is_hidden_key(&self, value: &str) -> bool {
        match self {
            Self::Picklist(keys) => keys.find(value).is_some_and(|(_, shown)| !shown),
            _ => false,
        }
    }

    /// Some of the keys it takes, for a reason; empty for other kinds.
    pub(super) fn examples(&self) -> String {
        let (Self::Picklist(keys) | Self::MultiPicklist(keys)) = self else {
            return String::new();
        };
        if keys.sorted.len() > KEYS_NAMED_MAX {
            return String::new();
        }
        keys.sorted
            .iter()
            .map(|(key, _)| key.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl Keys {
    /// Keys to choose from, refused under `code`.
    pub(super) fn new(mut sorted: Vec<(String, bool)>, code: Code) -> Self {
        sorted.sort();
        let places = sorted.iter().enumerate();
        let places = places.map(|(place, (key, _))| (key.clone(), place));
        Self {
            places: places.collect(),
            sorted,
            code,
        }
    }

    fn find(&self, value: &str) -> Option<&(String, bool)> {
        let exact = self.places.get(value).copied();
        // Another case is accepted and sent as the org spells it.
        let folded = || {
            self.sorted
                .iter()
                .position(|(key, _)| key.eq_ignore_ascii_case(value))
        };
        exact
            .or_else(folded)
            .and_then(|index| self.sorted.get(index))
    }

    fn fit<'v>(&self, value: Cow<'v, str>) -> Result<Cow<'v, str>, Misfit> {
        match self.find(&value) {
            Some((key, _)) if *key == value => Ok(value),
            Some((key, _)) => Ok(Cow::Owned(key.clone())),
            None => Err(Misfit::NotKey {
                code: self.code,
                key: value.into_owned(),
            }),
        }
    }

    fn fit_several(&self, value: &str) -> Result<Cow<'static, str>, Misfit> {
        let parts = value
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let fitted: Result<Vec<_>, _> = parts.map(|part| self.fit(Cow::Borrowed(part))).collect();
        Ok(Cow::Owned(fitted?.join(";")))
    }
}

impl Misfit {
    /// The rule that refuses it.
    pub(super) fn code(&self) -> Code {
        match self {
            Self::TooLong { .. } => Code::FieldTooLong,
            Self::NotEmail => Code::EmailInvalid,
            Self::NotDate(_) => Code::DateInvalid,
            Self::NotId(_) => Code::MalformedId,
            Self::NotKey { code, .. } => *code,
            Self::NotType(_) | Self::TooLarge { .. } => Code::ValueInvalid,
        }
    }
}

/// Reads as the end of a sentence that began with field and value.
impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { found, allowed } => {
                write!(f, "has {found} characters, the field takes {allowed}")
            }
            Self::NotEmail => f.write_str("is not an e-mail address"),
            Self::NotDate(form) => write!(f, "is not a date of the form {form}"),
            Self::NotId(fault) => fault.fmt(f),
            Self::NotKey { .. } => f.write_str("is none of the values the org accepts"),
            Self::NotType(expected) => write!(f, "is not {expected}"),
            Self::TooLarge { allowed } => {
                write!(
                    f,
                    "has more than the {allowed} digits the field has before its point"
                )
            }
        }
    }
}

/// Reads what people write for yes and no.
pub(super) fn boolean(value: &str) -> Option<bool> {
    let is_any = |words: [&str; 3]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    match value {
        _ if is_any(["true", "1", "yes"]) => Some(true),
        _ if is_any(["false", "0", "no"]) => Some(false),
        _ => None,
    }
}

#[inline]
fn fits_length(value: &str, allowed: usize) -> Result<(), Misfit> {
    // A text never has more characters than bytes: most values are never counted.
    if allowed == 0 || value.len() <= allowed {
        return Ok(());
    }
    let found = value.chars().count();
    demand(found <= allowed, Misfit::TooLong { found, allowed })
}

/// `[+-]digits[.digits]`, or scientific notation, which the API reads too
/// ([source](https://developer.salesforce.com/docs/atlas.en-us.234.0.api_asynch.meta/api_asynch/datafiles_csv_valid_record_rows.htm)).
/// More digits after the point than the field shows are not refused: nothing says the org does.
fn fits_digits(value: &str, allowed: usize) -> Result<(), Misfit> {
    let is_spelled = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let number = value
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    let (Some(number), true) = (number, value.bytes().all(is_spelled)) else {
        return Err(Misfit::NotType("a number with a decimal point"));
    };
    let exponent = i32::try_from(allowed).unwrap_or(i32::MAX);
    demand(
        allowed == 0 || number.abs() < 10_f64.powi(exponent),
        Misfit::TooLarge { allowed },
    )
}

fn demand(holds: bool, misfit: Misfit) -> Result<(), Misfit> {
    if holds { Ok(()) } else { Err(misfit) }
}

fn whole_digits(field: &FieldFacts) -> usize {
    (field.precision as usize).saturating_sub(field.scale as usize)
}

/// Keys of a restricted picklist; none when any text goes. Inactive keys count for the language
/// only: describe marks languages that are available but not displayed so.
fn restricted_keys(field: &FieldFacts) -> Option<Keys> {
    let code = match field.api_name.as_str() {
        "TimeZoneSidKey" => Code::TimezoneUnknown,
        "LocaleSidKey" => Code::LocaleUnknown,
        "LanguageLocaleKey" => Code::LanguageUnknown,
        "EmailEncodingKey" => Code::EmailEncodingUnknown,
        "CurrencyIsoCode" | "DefaultCurrencyIsoCode" => Code::CurrencyUnknown,
        "PortalRole" => Code::RoleUnknown,
        _ => Code::ValueInvalid,
    };
    let PicklistFacts { restricted, values } = field.picklist.as_ref()?;
    // The locale keys and the currency are restricted whatever the describe says.
    if !restricted && code == Code::ValueInvalid {
        return None;
    }
    let is_offered = |(_, active): &&(String, bool)| *active || code == Code::LanguageUnknown;
    Some(Keys::new(
        values.iter().filter(is_offered).cloned().collect(),
        code,
    ))
}
