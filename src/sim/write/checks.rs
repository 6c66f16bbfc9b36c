//! Checks that read nothing but the describe: required fields, lengths, picklists, addresses.

use super::super::org::Org;
use super::super::refusals::{self, Refusal};
use super::super::schema::{Field, FieldType};
use super::cells::Draft;

/// every required field must have a value on insert.
pub(super) fn required(org: &Org, draft: &Draft) -> Option<Refusal> {
    let fields = org.def(draft.kind).fields.iter().enumerate();
    let missing: Vec<String> = fields
        .filter(|(at, field)| field.required() && draft.value(*at).unwrap_or_default().is_empty())
        .map(|(_, field)| field.name.clone())
        .collect();
    (!missing.is_empty()).then(|| refusals::required(missing))
}

/// On update a required field may be left out, but not set to null.
pub(super) fn emptied(org: &Org, draft: &Draft) -> Option<Refusal> {
    let emptied = draft
        .all(org)
        .filter(|(field, value)| value.is_empty() && field.required());
    let emptied: Vec<String> = emptied.map(|(field, _)| field.name.clone()).collect();
    (!emptied.is_empty()).then(|| refusals::required(emptied))
}

/// Lengths, picklists and addresses, field by field.
pub(super) fn values(org: &Org, draft: &Draft) -> Option<Refusal> {
    let given = || draft.all(org).filter(|(_, value)| !value.is_empty());
    let long = given().find_map(|(field, value)| too_long(field, value));
    let unknown = || given().find_map(|(field, value)| unknown_value(field, value));
    let address = || given().find_map(|(field, value)| bad_address(field, value));
    long.or_else(unknown).or_else(address)
}

/// Lookups must point at records that are there.
pub(super) fn references(org: &Org, draft: &Draft) -> Option<Refusal> {
    let mut lookups = draft
        .all(org)
        .filter(|(field, value)| field.kind == FieldType::Reference && !value.is_empty());
    let dangling = lookups.any(|(field, value)| {
        !field.references.iter().any(|kind| {
            org.find(*kind, value)
                .is_some_and(|row| !org.is(*kind, row, "IsDeleted"))
        })
    });
    dangling.then(refusals::unknown_reference)
}

/// Something before one `@`, at least two labels after it; plain ASCII without blanks.
pub(super) fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let odd = |byte: u8| !byte.is_ascii_graphic() || b"()<>,;:\\\"[]@".contains(&byte);
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    !local.is_empty()
        && !local.bytes().any(odd)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn too_long(field: &Field, value: &str) -> Option<Refusal> {
    let measured = matches!(
        field.kind,
        FieldType::Text
            | FieldType::TextArea
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Url
            | FieldType::Picklist
    );
    let too_long = measured && field.length > 0 && value.chars().count() > field.length;
    let open = field.kind != FieldType::Picklist || !field.restricted;
    (too_long && open).then(|| refusals::too_long(field, value))
}

/// A value that is only available, not active, is taken.
fn unknown_value(field: &Field, value: &str) -> Option<Refusal> {
    let known = field.values.iter().any(|known| known.value == value);
    (field.restricted && !known).then(|| refusals::bad_picklist_value(field, value))
}

fn bad_address(field: &Field, value: &str) -> Option<Refusal> {
    let bad = field.kind == FieldType::Email && !is_email(value);
    bad.then(|| refusals::invalid_email(field, value))
}
