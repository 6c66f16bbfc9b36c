//! Names in a parsed query become objects and fields of this org, or the org's error.

use std::cmp::Ordering;

use super::super::ids;
use super::super::org::Org;
use super::super::schema::{Field, Kind};
use super::filter::{self, Filter, Test};
use super::parse::{Condition, Direction, Name, Parsed, ParsedSelect};
use super::{Query, Select, SoqlError, at};

/// A field reached over zero or more lookups.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// Lookup fields on the way, with the object each leads to.
    pub(super) hops: Vec<(usize, Kind)>,
    /// The object the field is on.
    pub(super) kind: Kind,
    pub(super) field: usize,
    /// Names from the root, as describe spells them.
    pub(super) names: Vec<String>,
    root: Kind,
}

impl Path {
    /// The value at the end of the path; empty for null and where a lookup leads nowhere.
    pub(super) fn read<'o>(&self, org: &'o Org, row: u32) -> &'o str {
        let (mut kind, mut row) = (self.root, row);
        for (field, target) in &self.hops {
            let id = org.value(kind, row, *field);
            match org.find(*target, id) {
                Some(found) => (kind, row) = (*target, found),
                None => return "",
            }
        }
        org.value(kind, row, self.field)
    }

    /// The field's definition.
    pub(super) fn definition<'o>(&self, org: &'o Org) -> &'o Field {
        &org.def(self.kind).fields[self.field]
    }
}

/// Finds every object and field of a query.
pub(super) fn bind(org: &Org, text: &str, parsed: &Parsed) -> Result<Query, SoqlError> {
    let kind = object(org, text, &parsed.object)?;
    let find = |name: &Name| path(org, text, kind, name);
    let select = match &parsed.select {
        ParsedSelect::Count => Select::Count,
        ParsedSelect::CountOf(field) => Select::CountOf(find(field)?),
        ParsedSelect::Fields(names) => {
            Select::Fields(names.iter().map(find).collect::<Result<_, _>>()?)
        }
    };
    let filter = match &parsed.condition {
        Some(condition) => bind_condition(org, text, kind, condition)?,
        None => Filter::All(Vec::new()),
    };
    let mut order = Vec::new();
    for (name, direction) in &parsed.order {
        order.push((find(name)?, *direction));
    }
    Ok(Query {
        kind,
        select,
        filter,
        order,
        limit: parsed.limit,
        offset: parsed.offset,
    })
}

/// ORDER BY: nulls first unless asked otherwise.
pub(super) fn compare_rows(
    org: &Org,
    order: &[(Path, Direction)],
    left: u32,
    right: u32,
) -> Ordering {
    for (path, direction) in order {
        let (left, right) = (path.read(org, left), path.read(org, right));
        let nulls = match (left.is_empty(), right.is_empty()) {
            (true, true) => continue,
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => None,
        };
        let found = match nulls {
            Some(found) if direction.nulls_last => found.reverse(),
            Some(found) => found,
            None => {
                let found = filter::compare(path.definition(org).kind, left, right);
                if direction.descending {
                    found.reverse()
                } else {
                    found
                }
            }
        };
        if found != Ordering::Equal {
            return found;
        }
    }
    Ordering::Equal
}

fn bind_condition(
    org: &Org,
    text: &str,
    kind: Kind,
    condition: &Condition,
) -> Result<Filter, SoqlError> {
    let all = |parts: &[Condition]| {
        parts
            .iter()
            .map(|part| bind_condition(org, text, kind, part))
            .collect::<Result<_, _>>()
    };
    let checked = |name: &Name| path(org, text, kind, name);
    Ok(match condition {
        Condition::And(parts) => Filter::All(all(parts)?),
        Condition::Or(parts) => Filter::Any(all(parts)?),
        Condition::Not(inner) => Filter::Not(Box::new(bind_condition(org, text, kind, inner)?)),
        Condition::Compare {
            path,
            operator,
            value,
        } => {
            let path = checked(path)?;
            let wanted = filter::constant(text, path.definition(org), value, *operator)?;
            Filter::Test(path, Test::Compare(*operator, wanted))
        }
        Condition::In {
            path,
            negated,
            values,
        } => {
            let path = checked(path)?;
            let field = path.definition(org);
            let values = filter::constants(text, field, values)?;
            Filter::Test(
                path,
                Test::In {
                    negated: *negated,
                    values,
                },
            )
        }
        Condition::InSelect {
            path,
            negated,
            query,
        } => {
            let path = checked(path)?;
            let inner = bind(org, text, query)?;
            let Select::Fields(fields) = &inner.select else {
                return Err(at(
                    text,
                    query.object.at,
                    "MALFORMED_QUERY",
                    "unexpected token: 'COUNT'",
                ));
            };
            let rows = super::rows(org, &inner, super::Deleted::Hidden);
            let values = rows
                .iter()
                .flat_map(|row| fields.iter().map(|field| field.read(org, *row)));
            let values = values.filter(|id| !id.is_empty());
            let values = values
                .map(|id| id.get(..15).unwrap_or(id).to_owned())
                .collect();
            Filter::Test(
                path,
                Test::In {
                    negated: *negated,
                    values,
                },
            )
        }
    })
}

fn object(org: &Org, text: &str, name: &Name) -> Result<Kind, SoqlError> {
    let known = Kind::named(&name.text).filter(|kind| org.def(*kind).present);
    known.ok_or_else(|| {
        let what = format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be \
             sure to append the '__c' after the entity name. Please reference your WSDL or the \
             describe call for the appropriate names.",
            name.text
        );
        at(text, name.at, "INVALID_TYPE", &what)
    })
}

/// Walks `Owner.UserRole.Name` from the root object.
fn path(org: &Org, text: &str, root: Kind, name: &Name) -> Result<Path, SoqlError> {
    let mut parts: Vec<&str> = name.text.split('.').collect();
    // A path may begin with the name of the object itself.
    if parts.len() > 1 && parts[0].eq_ignore_ascii_case(root.name()) {
        parts.remove(0);
    }
    let mut found = Path {
        hops: Vec::new(),
        kind: root,
        field: 0,
        names: Vec::new(),
        root,
    };
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let fields = &org.def(found.kind).fields;
        let hop = fields.iter().position(|field| {
            field
                .relationship
                .as_ref()
                .is_some_and(|known| known.eq_ignore_ascii_case(part))
        });
        let target = hop.and_then(|hop| fields[hop].references.first().copied());
        let (Some(hop), Some(target)) = (hop, target) else {
            return Err(no_relationship(text, name, part));
        };
        found
            .names
            .push(fields[hop].relationship.clone().unwrap_or_default());
        found.hops.push((hop, target));
        found.kind = target;
    }
    let def = org.def(found.kind);
    found.field = def
        .position(last)
        .ok_or_else(|| no_column(text, name, last, def.name))?;
    found.names.push(def.fields[found.field].name.clone());
    Ok(found)
}

fn no_column(text: &str, name: &Name, column: &str, entity: &str) -> SoqlError {
    let what = format!(
        "No such column '{column}' on entity '{entity}'. If you are attempting to use a custom \
         field, be sure to append the '__c' after the custom field name. Please reference your \
         WSDL or the describe call for the appropriate names."
    );
    at(text, name.at, "INVALID_FIELD", &what)
}

fn no_relationship(text: &str, name: &Name, part: &str) -> SoqlError {
    let what = format!(
        "Didn't understand relationship '{part}' in field path. If you are attempting to use a \
         custom relationship, be sure to append the '__r' after the custom relationship name. \
         Please reference your WSDL or the describe call for the appropriate names."
    );
    at(text, name.at, "INVALID_FIELD", &what)
}

/// A quoted id in a filter: its 15 characters, or the org's error.
pub(super) fn id_constant(text: &str, position: usize, id: &str) -> Result<String, SoqlError> {
    let key = ids::key(id).ok_or_else(|| {
        at(
            text,
            position,
            "INVALID_QUERY_FILTER_OPERATOR",
            &format!("invalid ID field: {id}"),
        )
    })?;
    Ok(key.iter().map(|byte| char::from(*byte)).collect())
}
