//! The User fields of one row: found, checked, derived, and written as the very line that is sent.
//!
//! Every field takes its value from the row, else from the run (`--set`, the org's default), else
//! from the Contact, else it is derived. The line is written while the row is checked and
//! thrown away when it has a fault.

use std::borrow::Cow;
use std::fmt;

use super::derive::{self, Ingredients, Placeholder};
use super::findings::{Findings, shown};
use super::licence::{self, Grant};
use super::person::Person;
use super::rules::rule;
use super::sight::{Cell, Sight};
use super::value::{self, Check, Misfit};
use crate::model::limits::RECORD_CHARACTERS_MAX;
use crate::model::rejection::Code;
use crate::model::user::{FoldedKey, push_job_cell};
use crate::org_state::{UserFacts, fold};

/// One field that is sent.
#[derive(Debug)]
pub(super) struct SentField {
    /// Its API name.
    pub(super) name: String,
    /// Its label.
    pub(super) label: String,
    /// The column that fills it.
    pub(super) column: Option<usize>,
    /// What fills it where the row is silent; checked beforehand.
    pub(super) fallback: Option<String>,
    /// What a value must look like.
    pub(super) check: Check,
    /// The rule that speaks when nothing fills it.
    pub(super) missing: Option<Code>,
    /// What admit knows of it.
    pub(super) meaning: Meaning,
}

/// Fields that admit fills, or reads, itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Profile,
    LastName,
    FirstName,
    Email,
    Alias,
    Nickname,
    IsActive,
    PortalRole,
    FederationId,
    /// Sent as it is.
    Plain,
}

impl Meaning {
    /// By API name.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "ProfileId" => Self::Profile,
            "LastName" => Self::LastName,
            "FirstName" => Self::FirstName,
            "Email" => Self::Email,
            "Alias" => Self::Alias,
            "CommunityNickname" => Self::Nickname,
            "IsActive" => Self::IsActive,
            "PortalRole" => Self::PortalRole,
            "FederationIdentifier" => Self::FederationId,
            _ => Self::Plain,
        }
    }
}

/// What is known of the row before its fields are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) person: Person<'a>,
    pub(super) grant: Option<Grant<'a>>,
}

/// Buffers used again for every row, and picklist keys seen before.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    text: String,
    /// By field: the last key that fitted as it was typed.
    fitted: Vec<String>,
}

/// What planning needs to know of the fields that were written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) username: FoldedKey,
    pub(super) nickname: FoldedKey,
    pub(super) federation_id: Option<FoldedKey>,
    pub(super) takes_seat: bool,
}

/// Everything one row's fields are written with.
struct Desk<'a, 's> {
    sight: Sight<'a>,
    known: Known<'a>,
    scratch: &'s mut Scratch,
    findings: &'s mut Findings,
}

/// A field's value and where it came from; empty when there is none, or none that fits.
#[derive(Debug, Clone)]
struct Value<'a> {
    text: Cow<'a, str>,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Row,
    Run,
    Contact,
    Nowhere,
    /// From a cell with a fault, which is noted.
    Faulty,
}

/// The fields that others are derived from.
struct Names<'a> {
    first: Value<'a>,
    last: Value<'a>,
    email: Value<'a>,
}

/// Derived nicknames that are tried; the last is let through to the org.
const NICKNAME_ATTEMPTS: u64 = 8;

/// Numbers that are tried in a proposal for a username that is taken.
const PROPOSALS: std::ops::RangeInclusive<u32> = 2..=20;

/// Checks every field and appends the row's change: `Username`, `ContactId`, then the program's
/// fields in their order.
pub(super) fn write<'a>(
    sight: Sight<'a>,
    known: Known<'a>,
    scratch: &mut Scratch,
    findings: &mut Findings,
    out: &mut Vec<u8>,
) -> Written {
    let fields = &sight.program.fields;
    scratch.fitted.resize(fields.len(), String::new());
    let start = out.len();
    let mut desk = Desk {
        sight,
        known,
        scratch,
        findings,
    };
    let names = names(&mut desk);
    let from = ingredients(&names, &desk);

    username(&mut desk, &names, from);
    push_job_cell(out, &desk.scratch.text);
    let username = derive::key(&desk.scratch.text);
    let mut written = Written {
        username,
        nickname: FoldedKey::DERIVED,
        federation_id: None,
        takes_seat: true,
    };
    out.push(b',');
    if let Some(contact) = known.person.contact {
        out.extend_from_slice(&contact.id.record().to_18());
    }
    for (place, field) in fields.iter().enumerate() {
        out.push(b',');
        match field.meaning {
            Meaning::Profile => {
                let profile = known.grant.map(|grant| grant.profile.id.record().to_18());
                out.extend(profile.iter().flatten());
            }
            Meaning::LastName => push_job_cell(out, &names.last.text),
            Meaning::FirstName => push_job_cell(out, &names.first.text),
            Meaning::Email => push_job_cell(out, &names.email.text),
            Meaning::Alias => alias(&mut desk, place, from, out),
            Meaning::Nickname => written.nickname = nickname(&mut desk, place, from, out),
            Meaning::FederationId => written.federation_id = federation_id(&mut desk, place, out),
            Meaning::PortalRole => push_job_cell(out, &portal_role(&mut desk, place)),
            Meaning::IsActive => {
                let active = value(&mut desk, place);
                written.takes_seat = value::boolean(&active.text) != Some(false);
                push_job_cell(out, &active.text);
            }
            Meaning::Plain => push_job_cell(out, &value(&mut desk, place).text),
        }
    }
    out.push(b'\n');
    check_record_length(&out[start..], findings);
    written
}

fn names<'a>(desk: &mut Desk<'a, '_>) -> Names<'a> {
    let fields = &desk.sight.program.fields;
    let mut of = |meaning: Meaning| match fields.iter().position(|field| field.meaning == meaning) {
        Some(place) => value(desk, place),
        None => Value {
            text: "".into(),
            origin: Origin::Nowhere,
        },
    };
    Names {
        last: of(Meaning::LastName),
        first: of(Meaning::FirstName),
        email: of(Meaning::Email),
    }
}

fn ingredients<'n>(names: &'n Names<'_>, desk: &Desk<'n, '_>) -> Ingredients<'n> {
    let person = &desk.known.person;
    Ingredients {
        first: &names.first.text,
        last: &names.last.text,
        email: &names.email.text,
        contact: person.contact.map(|contact| contact.id),
        account: person.account.map_or("", |account| account.name),
    }
}

/// The value of a field from the row, the run or the Contact, checked.
fn value<'a>(desk: &mut Desk<'a, '_>, place: usize) -> Value<'a> {
    let field = &desk.sight.program.fields[place];
    match desk.sight.cell(field.column, desk.findings) {
        Cell::Text(typed) => return fitted(desk, place, typed, Origin::Row),
        Cell::Broken => {
            return Value {
                text: "".into(),
                origin: Origin::Faulty,
            };
        }
        Cell::Empty => {}
    }
    if let Some(fallback) = &field.fallback {
        return Value {
            text: Cow::Borrowed(fallback),
            origin: Origin::Run,
        };
    }
    let contact = desk.known.person.contact;
    let held = contact.map_or("", |contact| match field.meaning {
        Meaning::LastName => contact.last_name,
        Meaning::FirstName => contact.first_name,
        Meaning::Email => contact.email,
        _ => "",
    });
    if !held.trim_ascii().is_empty() {
        return fitted(desk, place, held.trim_ascii().into(), Origin::Contact);
    }
    // Without its contact nobody can say that a name or an address is missing.
    if let Some(code) = field
        .missing
        .filter(|_| contact.is_some() || !field.meaning.is_on_contact())
    {
        desk.findings.fault(
            code,
            format!("{field} is required, and nothing supplies it"),
        );
    }
    Value {
        text: "".into(),
        origin: Origin::Nowhere,
    }
}

fn fitted<'a>(
    desk: &mut Desk<'a, '_>,
    place: usize,
    typed: Cow<'a, str>,
    origin: Origin,
) -> Value<'a> {
    let field = &desk.sight.program.fields[place];
    let is_picklist = matches!(field.check, Check::Picklist(_));
    if is_picklist && desk.scratch.fitted[place] == *typed {
        return Value {
            text: typed,
            origin,
        };
    }
    let fit = field
        .check
        .fit(Cow::Borrowed(&*typed))
        .map(|fit| match fit {
            Cow::Borrowed(_) => None,
            Cow::Owned(sent) => Some(sent),
        });
    match fit {
        Ok(None) if field.check.is_hidden_key(&typed) => {
            let reason = format!(
                "{field} {} is known to the org but not displayed",
                shown(&typed)
            );
            desk.findings.warn(Code::LanguageUnknown, reason);
            Value {
                text: typed,
                origin,
            }
        }
        Ok(None) => {
            if is_picklist {
                desk.scratch.fitted[place].clear();
                desk.scratch.fitted[place].push_str(&typed);
            }
            Value {
                text: typed,
                origin,
            }
        }
        Ok(Some(sent)) => Value {
            text: Cow::Owned(sent),
            origin,
        },
        Err(misfit) => {
            note_misfit(field, &typed, origin, &misfit, desk.findings);
            Value {
                text: "".into(),
                origin: Origin::Faulty,
            }
        }
    }
}

fn note_misfit(
    field: &SentField,
    typed: &str,
    origin: Origin,
    misfit: &Misfit,
    findings: &mut Findings,
) {
    let whose = if origin == Origin::Contact {
        "the Contact's "
    } else {
        ""
    };
    let mut reason = format!("{whose}{field} {} {misfit}", shown(typed));
    let examples = field.check.examples();
    if !examples.is_empty() {
        reason.push_str(": ");
        reason.push_str(&examples);
    }
    match misfit {
        Misfit::TooLong { allowed, .. } => {
            let fix = format!("Shorten {field} to {allowed} characters");
            findings.fault_with_fix(misfit.code(), reason, fix);
        }
        _ => findings.fault(misfit.code(), reason),
    }
}

/// Leaves the username in the scratch text, lower case; empty when there is none.
fn username(desk: &mut Desk<'_, '_>, names: &Names<'_>, from: Ingredients<'_>) {
    let plan = &desk.sight.program.username;
    let text = &mut desk.scratch.text;
    let made = match desk.sight.cell(plan.column, desk.findings) {
        Cell::Text(typed) => {
            text.clear();
            derive::push_lower(text, &typed);
            ""
        }
        Cell::Broken => return text.clear(),
        Cell::Empty => {
            if let Err(missing) = plan.pattern.fill(from, text) {
                text.clear();
                note_missing_username(missing, names, desk);
                return;
            }
            ", made by the pattern,"
        }
    };
    check_username(made, desk);
}

fn check_username(made: &str, desk: &mut Desk<'_, '_>) {
    let (text, allowed) = (
        desk.scratch.text.as_str(),
        desk.sight.program.username.length_max,
    );
    let said = || format!("username {}{made}", shown(text));
    if !value::is_username(text) {
        let reason = format!("{} is not of the form name@domain.tld", said());
        desk.findings.fault(Code::UsernameMalformed, reason);
    } else if value::is_unusual_username(text) {
        let reason = format!("{} holds characters usernames rarely have", said());
        desk.findings.warn(Code::UsernameMalformed, reason);
    }
    let found = text.chars().count();
    if allowed > 0 && found > allowed {
        let reason = format!(
            "{} has {found} characters, the field takes {allowed}",
            said()
        );
        let fix = format!("Give a username of {allowed} characters at most");
        desk.findings
            .fault_with_fix(Code::FieldTooLong, reason, fix);
    }
    if let Some(user) = other_user(desk.sight.org.user_by_username(text), desk) {
        let reason = format!("{} belongs to {}", said(), described(&user));
        let fix = match free_username(text, desk.sight) {
            Some(free) => format!("Choose another username, such as {free}"),
            None => rule(Code::UsernameTaken).fix.to_owned(),
        };
        desk.findings
            .fault_with_fix(Code::UsernameTaken, reason, fix);
        desk.findings.rests_on([user.id.record()]);
    }
}

/// What the pattern asks for is missing; says so unless that is a fault of its own.
fn note_missing_username(missing: Placeholder, names: &Names<'_>, desk: &mut Desk<'_, '_>) {
    let is_unsaid = |value: &Value<'_>| value.origin != Origin::Faulty;
    let person = &desk.known.person;
    let is_fault = match missing {
        Placeholder::Email | Placeholder::ContactId => false,
        Placeholder::Last => !names.last.text.is_empty(),
        Placeholder::First => person.contact.is_some() && is_unsaid(&names.first),
        Placeholder::Account => person.account.is_some(),
    };
    if is_fault {
        let reason = format!("no username: the pattern needs the {}", missing.what());
        desk.findings.fault(Code::UsernameMissing, reason);
    }
}

fn alias(desk: &mut Desk<'_, '_>, place: usize, from: Ingredients<'_>, out: &mut Vec<u8>) {
    let given = value(desk, place);
    if given.origin == Origin::Nowhere {
        derive::alias(from, &mut desk.scratch.text);
        push_job_cell(out, &desk.scratch.text);
    } else {
        push_job_cell(out, &given.text);
    }
}

/// A nickname that is given must be free; one that is derived is made so.
fn nickname(
    desk: &mut Desk<'_, '_>,
    place: usize,
    from: Ingredients<'_>,
    out: &mut Vec<u8>,
) -> FoldedKey {
    let given = value(desk, place);
    if given.origin == Origin::Nowhere {
        for attempt in 0..NICKNAME_ATTEMPTS {
            derive::nickname(from, attempt, &mut desk.scratch.text);
            if desk
                .sight
                .org
                .user_by_nickname(&desk.scratch.text)
                .is_none()
            {
                break;
            }
        }
        push_job_cell(out, &desk.scratch.text);
        return FoldedKey::DERIVED;
    }
    push_job_cell(out, &given.text);
    if given.text.is_empty() {
        return FoldedKey::DERIVED;
    }
    if let Some(user) = other_user(desk.sight.org.user_by_nickname(&given.text), desk) {
        let reason = format!(
            "nickname {} belongs to {}",
            shown(&given.text),
            described(&user)
        );
        desk.findings.fault(Code::NicknameTaken, reason);
        desk.findings.rests_on([user.id.record()]);
    }
    derive::key(&fold(&given.text))
}

fn federation_id(desk: &mut Desk<'_, '_>, place: usize, out: &mut Vec<u8>) -> Option<FoldedKey> {
    let given = value(desk, place);
    push_job_cell(out, &given.text);
    if given.text.is_empty() {
        return None;
    }
    if let Some(user) = other_user(desk.sight.org.user_by_federation_id(&given.text), desk) {
        let reason = format!(
            "federation id {} belongs to {}",
            shown(&given.text),
            described(&user)
        );
        desk.findings.fault(Code::FederationIdTaken, reason);
        desk.findings.rests_on([user.id.record()]);
    }
    Some(derive::key(&given.text))
}

/// A role that the run supplies is meant for licences that have roles; one that the row names
/// must fit.
fn portal_role<'a>(desk: &mut Desk<'a, '_>, place: usize) -> Cow<'a, str> {
    let role = value(desk, place);
    let has_roles = desk
        .known
        .grant
        .is_none_or(|grant| grant.kind.is_role_based());
    if role.text.is_empty() || (role.origin == Origin::Run && !has_roles) {
        return "".into();
    }
    licence::check_role(&role.text, &desk.known, desk.sight, desk.findings);
    role.text
}

/// Another user than the contact's own: that one is a fault of its own.
fn other_user<'a>(found: Option<UserFacts<'a>>, desk: &Desk<'_, '_>) -> Option<UserFacts<'a>> {
    let own = desk.known.person.user.map(|user| user.id);
    found.filter(|user| Some(user.id) != own)
}

fn described(user: &UserFacts<'_>) -> String {
    let state = if user.is_active { "active" } else { "inactive" };
    format!("the {state} user {} ({})", user.username, user.id)
}

/// The first numbered variant that the org does not have.
fn free_username(taken: &str, sight: Sight<'_>) -> Option<String> {
    let (local, domain) = taken.rsplit_once('@')?;
    let mut variants = PROPOSALS.map(|number| format!("{local}.{number}@{domain}"));
    variants.find(|variant| sight.org.user_by_username(variant).is_none())
}

/// The Bulk API takes so many characters for one record (bulk-api-2 §6).
fn check_record_length(record: &[u8], findings: &mut Findings) {
    if record.len() <= RECORD_CHARACTERS_MAX {
        return;
    }
    let count = String::from_utf8_lossy(record).chars().count();
    if count > RECORD_CHARACTERS_MAX {
        let reason = format!(
            "the whole record has {count} characters, the org takes {RECORD_CHARACTERS_MAX}"
        );
        findings.fault(Code::FieldTooLong, reason);
    }
}

impl Meaning {
    /// Does the Contact hold it too?
    fn is_on_contact(self) -> bool {
        matches!(self, Self::LastName | Self::FirstName | Self::Email)
    }
}

/// As reasons name it: the label, and the API name where that says something else.
impl fmt::Display for SentField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.label == self.name {
            f.write_str(&self.name)
        } else {
            write!(f, "{} ({})", self.label, self.name)
        }
    }
}
