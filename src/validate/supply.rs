//! Where the value of a field comes from: the row, else the run, else the Contact; and does it
//! fit the field. Derived values are not made here.

use std::borrow::Cow;

use super::fields::{Desk, Meaning, SentField};
use super::findings::{Findings, shown};
use super::sight::{BULK_NULL, Cell, trimmed};
use super::value::{Check, Misfit};
use crate::model::rejection::Code;
use crate::model::user::{is_bare_job_cell, push_job_cell};

/// A field's value and where it came from; empty when there is none, or none that fits.
#[derive(Debug, Clone)]
pub(super) struct Value<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Row,
    /// A `--set`, or the org's default.
    Run,
    Contact,
    Nowhere,
    /// From a cell with a fault, which is noted.
    Faulty,
}

/// The value of a field from the row, the run or the Contact, checked.
#[inline]
pub(super) fn value<'a>(desk: &mut Desk<'a, '_>, place: usize) -> Value<'a> {
    let field = &desk.sight.program.fields[place];
    let cell = desk.sight.cell(field.column, desk.findings);
    value_of(desk, place, cell)
}

/// Writes the value of a field as it is sent.
#[inline]
pub(super) fn push_value(desk: &mut Desk<'_, '_>, place: usize, out: &mut Vec<u8>) {
    let field = &desk.sight.program.fields[place];
    let cell = desk.sight.cell(field.column, desk.findings);
    match (cell, &field.check) {
        (Cell::Text(Cow::Borrowed(key)), Check::Picklist(_))
            if desk.scratch.fitted[place].holds(key) =>
        {
            // None is kept that needs quotes.
            out.extend_from_slice(key.as_bytes());
        }
        (Cell::Text(Cow::Borrowed(typed)), check) if check.takes_as_it_is(typed) => {
            push_job_cell(out, typed);
        }
        (cell, _) => push_job_cell(out, &value_of(desk, place, cell).text),
    }
}

/// What the row, the run or the Contact makes of the field whose cell this is.
fn value_of<'a>(desk: &mut Desk<'a, '_>, place: usize, cell: Cell<'a>) -> Value<'a> {
    match cell {
        Cell::Text(typed) => fitted(desk, place, typed, Origin::Row),
        Cell::Broken => Value {
            text: "".into(),
            origin: Origin::Faulty,
        },
        Cell::Empty => value_from_elsewhere(desk, place),
    }
}

/// The row is silent: the run, else the Contact.
fn value_from_elsewhere<'a>(desk: &mut Desk<'a, '_>, place: usize) -> Value<'a> {
    let field = &desk.sight.program.fields[place];
    if let Some(fallback) = &field.fallback {
        return Value {
            text: Cow::Borrowed(fallback),
            origin: Origin::Run,
        };
    }
    if field.missing.is_none() && !field.meaning.is_on_contact() {
        return Value {
            text: "".into(),
            origin: Origin::Nowhere,
        };
    }
    let contact = desk.known.person.contact;
    let held = contact.map_or(Cow::Borrowed(""), |contact| match field.meaning {
        Meaning::LastName => contact.last_name(),
        Meaning::FirstName => contact.first_name(),
        Meaning::Email => contact.email(),
        _ => Cow::Borrowed(""),
    });
    let held = trimmed(held);
    let is_read_as_nothing = field.missing.is_some() && held == BULK_NULL;
    if let Some(contact) = contact.filter(|_| is_read_as_nothing) {
        let reason =
            format!("the Contact's {field} is {BULK_NULL}, which the Bulk API reads as empty");
        let fix = format!(
            "Correct the Contact's {field}, or fill `{}` in the row",
            field.name
        );
        let findings = &mut *desk.findings;
        findings.fault_with_fix(Code::SpreadsheetError, reason, fix);
        findings.rests_on([contact.id.record()]);
        return Value {
            text: "".into(),
            origin: Origin::Faulty,
        };
    }
    if !held.is_empty() {
        return fitted(desk, place, held, Origin::Contact);
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

#[inline]
fn fitted<'a>(
    desk: &mut Desk<'a, '_>,
    place: usize,
    typed: Cow<'a, str>,
    origin: Origin,
) -> Value<'a> {
    if fits_plainly(desk, place, &typed) {
        Value {
            text: typed,
            origin,
        }
    } else {
        looked_at(desk, place, typed, origin)
    }
}

/// Is it plain to see that the value fits as it was typed? So it is for nearly all.
fn fits_plainly(desk: &Desk<'_, '_>, place: usize, typed: &str) -> bool {
    match &desk.sight.program.fields[place].check {
        Check::Picklist(_) => desk.scratch.fitted[place].holds(typed),
        check => check.takes_as_it_is(typed),
    }
}

/// A value of which it is not plain to see that it fits.
fn looked_at<'a>(
    desk: &mut Desk<'a, '_>,
    place: usize,
    typed: Cow<'a, str>,
    origin: Origin,
) -> Value<'a> {
    let field = &desk.sight.program.fields[place];
    let is_picklist = matches!(field.check, Check::Picklist(_));
    let fit = field.check.fit(Cow::Borrowed(&*typed));
    let fit = fit.map(|fit| (*fit != *typed).then(|| fit.into_owned()));
    match fit {
        Ok(None) if field.check.is_hidden_key(&typed) => {
            desk.findings.warn(Code::LanguageUnknown);
            Value {
                text: typed,
                origin,
            }
        }
        Ok(None) => {
            if is_picklist && is_bare_job_cell(&typed) {
                desk.scratch.fitted[place].keep(&typed);
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

impl Meaning {
    /// Does the Contact hold it too?
    fn is_on_contact(self) -> bool {
        matches!(self, Self::LastName | Self::FirstName | Self::Email)
    }
}
