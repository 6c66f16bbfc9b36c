//! The username of a row: given, or made by the pattern; of the right form; not taken.

use super::address::{UsernameForm, username_form};
use super::derive::{Ingredients, Placeholder};
use super::fields::{Desk, Names, described, other_user};
use super::findings::shown;
use super::rules::rule;
use super::sight::{Cell, Sight};
use super::supply::{Origin, Value};
use crate::model::rejection::Code;

/// Numbers that are tried in a proposal for a username that is taken.
const PROPOSALS: std::ops::RangeInclusive<u32> = 2..=20;

/// Leaves the username in the scratch text, lower case; empty when there is none.
pub(super) fn resolve(desk: &mut Desk<'_, '_>, names: &Names<'_>, from: Ingredients<'_>) {
    let plan = &desk.sight.program.username;
    let text = &mut desk.scratch.text;
    let made = match desk.sight.cell(plan.column, desk.findings) {
        Cell::Text(_) => {
            std::mem::swap(text, &mut desk.scratch.draft.username);
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
    match username_form(text) {
        UsernameForm::Usual => {}
        UsernameForm::Unusual => desk.findings.warn(Code::UsernameMalformed),
        UsernameForm::Malformed => {
            let reason = format!("{} is not of the form name@domain.tld", said());
            desk.findings.fault(Code::UsernameMalformed, reason);
        }
    }
    // A text never has more characters than bytes: most usernames are never counted.
    let found = match text.len() {
        bytes if bytes > allowed => text.chars().count(),
        bytes => bytes,
    };
    if allowed > 0 && found > allowed {
        let reason = format!(
            "{} has {found} characters, the field takes {allowed}",
            said()
        );
        let fix = format!("Give a username of {allowed} characters at most");
        desk.findings
            .fault_with_fix(Code::FieldTooLong, reason, fix);
    }
    let is_worth_it = desk.sight.leads.username;
    let found = is_worth_it.then(|| desk.sight.org.user_by_username(text));
    if let Some(user) = other_user(found.flatten(), desk) {
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

/// What the pattern asks for is missing. Nothing is said while the person is unknown, or where a
/// cell that should hold it is faulty: mending that is enough.
fn note_missing_username(missing: Placeholder, names: &Names<'_>, desk: &mut Desk<'_, '_>) {
    let is_unsaid = |value: &Value<'_>| value.origin != Origin::Faulty;
    let person = &desk.known.person;
    let is_fault = match missing {
        Placeholder::ContactId => false,
        Placeholder::Email => person.contact.is_some() && is_unsaid(&names.email),
        Placeholder::Last => person.contact.is_some() && is_unsaid(&names.last),
        Placeholder::First => person.contact.is_some() && is_unsaid(&names.first),
        Placeholder::Account => person.account.is_some(),
    };
    if is_fault {
        let reason = format!("no username: the pattern needs the {}", missing.what());
        desk.findings.fault(Code::UsernameMissing, reason);
    }
}

/// The first numbered variant that the org does not have.
fn free_username(taken: &str, sight: &Sight<'_>) -> Option<String> {
    let (local, domain) = taken.rsplit_once('@')?;
    let mut variants = PROPOSALS.map(|number| format!("{local}.{number}@{domain}"));
    variants.find(|variant| sight.org.user_by_username(variant).is_none())
}
