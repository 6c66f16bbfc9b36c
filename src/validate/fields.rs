//! The User fields of one row: found, checked, derived, and written as the very line that is sent.
//!
//! Every field takes its value from the row, else from the run (`--set`, the org's default), else
//! from the Contact, else it is derived. The line is written while the row is checked and
//! thrown away when it has a fault.

use std::borrow::Cow;
use std::fmt;

use super::derive::{self, Ingredients};
use super::draft::Draft;
use super::findings::{Findings, shown};
use super::licence::{self, Grant};
use super::person::Person;
use super::seen::Seen;
use super::sight::Sight;
use super::supply::{Origin, Value, push_value, value};
use super::username;
use super::value::{Check, boolean};
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
    /// Its cell, written beforehand, when it is the same for every row.
    pub(super) constant: Option<Vec<u8>>,
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
    /// The value that is being derived.
    pub(super) text: String,
    /// What the row's own cells make.
    pub(super) draft: Draft,
    /// By field: keys that fitted as they were typed.
    pub(super) fitted: Vec<Seen>,
}

/// What planning needs to know of the fields that were written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) username: FoldedKey,
    pub(super) nickname: FoldedKey,
    pub(super) nickname_derived: bool,
    pub(super) federation_id: Option<FoldedKey>,
    pub(super) takes_seat: bool,
}

/// Everything one row's fields are written with.
pub(super) struct Desk<'a, 's> {
    pub(super) sight: &'s Sight<'a>,
    pub(super) known: &'s Known<'a>,
    pub(super) scratch: &'s mut Scratch,
    pub(super) findings: &'s mut Findings,
}

/// The fields that others are derived from.
pub(super) struct Names<'a> {
    pub(super) first: Value<'a>,
    pub(super) last: Value<'a>,
    pub(super) email: Value<'a>,
}

/// Where those fields stand among the fields that are sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NamePlaces {
    first: Option<usize>,
    last: Option<usize>,
    email: Option<usize>,
    /// The columns of first and last name, where every row's nickname is derived from them.
    pub(super) nickname: Option<[usize; 2]>,
}

/// Derived nicknames that are tried; the last is let through to the org.
const NICKNAME_ATTEMPTS: u64 = 8;

/// Checks every field and appends the row's change: `Username`, `ContactId`, then the program's
/// fields in their order.
pub(super) fn write<'a>(
    sight: &Sight<'a>,
    known: &Known<'a>,
    scratch: &mut Scratch,
    findings: &mut Findings,
    out: &mut Vec<u8>,
) -> Written {
    let fields = &sight.program.fields;
    scratch.fitted.resize_with(fields.len(), Seen::default);
    let start = out.len();
    let mut desk = Desk {
        sight,
        known,
        scratch,
        findings,
    };
    let names = names(&mut desk);
    let account = account_name(sight, known);
    let from = ingredients(&names, &account, known);
    username::resolve(&mut desk, &names, from);
    push_job_cell(out, &desk.scratch.text);
    let username = derive::key(&desk.scratch.text);
    let mut written = Written {
        username,
        nickname: FoldedKey::DERIVED,
        nickname_derived: false,
        federation_id: None,
        takes_seat: true,
    };
    out.push(b',');
    if let Some(contact) = known.person.contact {
        out.extend_from_slice(&contact.id.record().to_18());
    }
    for (place, field) in fields.iter().enumerate() {
        out.push(b',');
        if let Some(cell) = &field.constant {
            out.extend_from_slice(cell);
            continue;
        }
        match field.meaning {
            Meaning::Profile => {
                let profile = known.grant.map(|grant| grant.profile.id.record().to_18());
                out.extend(profile.iter().flatten());
            }
            Meaning::LastName => push_job_cell(out, &names.last.text),
            Meaning::FirstName => push_job_cell(out, &names.first.text),
            Meaning::Email => push_job_cell(out, &names.email.text),
            Meaning::Alias => alias(&mut desk, place, (&names, from), out),
            Meaning::Nickname => {
                (written.nickname, written.nickname_derived) =
                    nickname(&mut desk, place, (&names, from), out);
            }
            Meaning::FederationId => written.federation_id = federation_id(&mut desk, place, out),
            Meaning::PortalRole => push_job_cell(out, &portal_role(&mut desk, place)),
            Meaning::IsActive => {
                let active = value(&mut desk, place);
                written.takes_seat = boolean(&active.text) != Some(false);
                push_job_cell(out, &active.text);
            }
            Meaning::Plain => push_value(&mut desk, place, out),
        }
    }
    out.push(b'\n');
    check_record_length(&out[start..], findings);
    written
}

impl Names<'_> {
    /// Are first and last name what stands in the row's own cells, as it stands there?
    fn are_cells(&self) -> bool {
        let is_cell =
            |name: &Value<'_>| name.origin == Origin::Row && matches!(name.text, Cow::Borrowed(_));
        is_cell(&self.first) && is_cell(&self.last)
    }
}

fn names<'a>(desk: &mut Desk<'a, '_>) -> Names<'a> {
    let places = desk.sight.program.names;
    let mut of = |place: Option<usize>| match place {
        Some(place) => value(desk, place),
        None => Value {
            text: "".into(),
            origin: Origin::Nowhere,
        },
    };
    Names {
        last: of(places.last),
        first: of(places.first),
        email: of(places.email),
    }
}

impl NamePlaces {
    pub(super) fn of(fields: &[SentField]) -> Self {
        let place = |meaning| fields.iter().position(|field| field.meaning == meaning);
        let column = |meaning| place(meaning).and_then(|place| fields[place].column);
        let is_derived = place(Meaning::Nickname).is_some_and(|place| {
            fields[place].column.is_none() && fields[place].fallback.is_none()
        });
        let names = column(Meaning::FirstName).zip(column(Meaning::LastName));
        Self {
            first: place(Meaning::FirstName),
            last: place(Meaning::LastName),
            email: place(Meaning::Email),
            nickname: names.filter(|_| is_derived).map(<[usize; 2]>::from),
        }
    }
}

fn ingredients<'n>(names: &'n Names<'_>, account: &'n str, known: &Known<'_>) -> Ingredients<'n> {
    Ingredients {
        first: &names.first.text,
        last: &names.last.text,
        email: &names.email.text,
        contact: known.person.contact.map(|contact| contact.id),
        account,
    }
}

/// Read only where it is asked for: it lies far from all that is at hand.
fn account_name<'a>(sight: &Sight<'a>, known: &Known<'a>) -> Cow<'a, str> {
    match known.person.account {
        Some(account) if sight.program.username.asks_for_account => account.name(),
        _ => Cow::Borrowed(""),
    }
}

fn alias(
    desk: &mut Desk<'_, '_>,
    place: usize,
    (names, from): (&Names<'_>, Ingredients<'_>),
    out: &mut Vec<u8>,
) {
    let given = value(desk, place);
    let draft = &desk.scratch.draft;
    if given.origin != Origin::Nowhere {
        push_job_cell(out, &given.text);
    } else if !draft.alias().is_empty() && is_prepared(desk, names, from) {
        push_job_cell(out, draft.alias());
    } else {
        derive::alias(from, &mut desk.scratch.text);
        push_job_cell(out, &desk.scratch.text);
    }
}

/// Is the draft's nickname the one that these ingredients make?
fn is_prepared(desk: &Desk<'_, '_>, names: &Names<'_>, from: Ingredients<'_>) -> bool {
    desk.sight.program.names.nickname.is_some()
        && names.are_cells()
        && from.contact == desk.sight.contact
}

/// A nickname that is given must be free; one that is derived is made so, and the second
/// answer says that it was.
fn nickname(
    desk: &mut Desk<'_, '_>,
    place: usize,
    (names, from): (&Names<'_>, Ingredients<'_>),
    out: &mut Vec<u8>,
) -> (FoldedKey, bool) {
    let given = value(desk, place);
    if given.origin == Origin::Nowhere {
        let is_prepared = is_prepared(desk, names, from);
        let nickname = &mut desk.scratch.draft.nickname;
        let is_free = is_prepared && !desk.sight.leads.nickname;
        for attempt in 0..NICKNAME_ATTEMPTS {
            if attempt > 0 || !is_prepared {
                derive::nickname(from, attempt, nickname);
            }
            if is_free || desk.sight.org.user_by_nickname(nickname).is_none() {
                break;
            }
        }
        push_job_cell(out, nickname);
        return (FoldedKey::DERIVED, true);
    }
    push_job_cell(out, &given.text);
    if given.text.is_empty() {
        return (FoldedKey::DERIVED, false);
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
    (derive::key(&fold(&given.text)), false)
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
    licence::check_role(&role.text, desk.known, desk.sight, desk.findings);
    role.text
}

/// Another user than the contact's own: that one is a fault of its own.
pub(super) fn other_user<'a>(
    found: Option<UserFacts<'a>>,
    desk: &Desk<'_, '_>,
) -> Option<UserFacts<'a>> {
    let own = desk.known.person.user.map(|user| user.id);
    found.filter(|user| Some(user.id) != own)
}

pub(super) fn described(user: &UserFacts<'_>) -> String {
    let state = if user.is_active { "active" } else { "inactive" };
    format!("the {state} user {} ({})", user.username(), user.id)
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
