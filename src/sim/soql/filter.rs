//! Which rows a condition keeps. Texts compare without regard to case, ids with it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::super::clock;
use super::super::org::Org;
use super::super::schema::{Field, FieldType, Kind};
use super::bind::{Path, id_constant};
use super::parse::{Constant, Literal, Operator};
use super::{Deleted, SoqlError, at};

/// A condition over fields of this org.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Test(Path, Test),
}

/// What is asked of one value. Constants are in comparable form (see `comparable`).
#[derive(Debug)]
pub(super) enum Test {
    Compare(Operator, String),
    In {
        negated: bool,
        values: BTreeSet<String>,
    },
}

/// The rows a filter keeps, oldest first. An indexed field narrows the search.
pub(super) fn matching(org: &Org, kind: Kind, filter: &Filter, deleted: Deleted) -> Vec<u32> {
    let shown = |row: &u32| deleted == Deleted::Seen || !org.is(kind, *row, "IsDeleted");
    let mut rows = match narrowed(org, kind, filter) {
        Some(rows) => rows,
        None => org.table(kind).rows().collect(),
    };
    rows.retain(|row| shown(row) && keeps(org, filter, *row));
    rows
}

/// A constant of a comparison, in comparable form.
pub(super) fn constant(
    text: &str,
    field: &Field,
    literal: &Literal,
    operator: Operator,
) -> Result<String, SoqlError> {
    match (&literal.value, operator) {
        (Constant::Text { like, .. }, Operator::Like) => Ok(like.to_lowercase()),
        (Constant::Bare(word), _) if word.eq_ignore_ascii_case("null") => Ok(String::new()),
        _ => typed(text, field, literal),
    }
}

/// The constants of an IN list.
pub(super) fn constants(
    text: &str,
    field: &Field,
    literals: &[Literal],
) -> Result<BTreeSet<String>, SoqlError> {
    literals
        .iter()
        .map(|literal| constant(text, field, literal, Operator::Equal))
        .collect()
}

/// Orders two values of a type.
pub(super) fn compare(kind: FieldType, left: &str, right: &str) -> Ordering {
    if kind.is_number() {
        let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
        return number(left).total_cmp(&number(right));
    }
    comparable(kind, left).cmp(&comparable(kind, right))
}

/// Rows worth testing, where the condition pins an indexed field.
fn narrowed(org: &Org, kind: Kind, filter: &Filter) -> Option<Vec<u32>> {
    match filter {
        Filter::All(parts) => parts.iter().find_map(|part| narrowed(org, kind, part)),
        Filter::Test(path, Test::Compare(Operator::Equal, value)) => {
            pinned(org, kind, path, &BTreeSet::from([value.clone()]))
        }
        Filter::Test(
            path,
            Test::In {
                negated: false,
                values,
            },
        ) => pinned(org, kind, path, values),
        Filter::Any(_) | Filter::Not(_) | Filter::Test(..) => None,
    }
}

fn pinned(org: &Org, kind: Kind, path: &Path, values: &BTreeSet<String>) -> Option<Vec<u32>> {
    if !path.hops.is_empty() || values.contains("") {
        return None;
    }
    let table = org.table(kind);
    let mut rows: Vec<u32> = if path.definition(org).kind == FieldType::Id {
        values.iter().filter_map(|id| table.find(id)).collect()
    } else {
        let found: Option<Vec<Vec<u32>>> = values
            .iter()
            .map(|value| table.matching(path.field, value))
            .collect();
        found?.concat()
    };
    rows.sort_unstable();
    rows.dedup();
    Some(rows)
}

fn keeps(org: &Org, filter: &Filter, row: u32) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().all(|part| keeps(org, part, row)),
        Filter::Any(parts) => parts.iter().any(|part| keeps(org, part, row)),
        Filter::Not(inner) => !keeps(org, inner, row),
        Filter::Test(path, test) => {
            let kind = path.definition(org).kind;
            test.passes(kind, path.read(org, row))
        }
    }
}

impl Test {
    fn passes(&self, kind: FieldType, value: &str) -> bool {
        match self {
            Self::In { negated, values } => {
                values.contains(comparable(kind, value).as_str()) != *negated
            }
            Self::Compare(Operator::Like, pattern) => {
                let (value, pattern) = (value.to_lowercase(), pattern.as_str());
                like(
                    &value.chars().collect::<Vec<_>>(),
                    &pattern.chars().collect::<Vec<_>>(),
                )
            }
            Self::Compare(Operator::Equal, wanted) => same(kind, value, wanted),
            Self::Compare(Operator::Unequal, wanted) => !same(kind, value, wanted),
            Self::Compare(operator, wanted) => {
                // Null is neither less nor greater than anything.
                if value.is_empty() || wanted.is_empty() {
                    return false;
                }
                let found = compare(kind, value, wanted);
                match operator {
                    Operator::Less => found.is_lt(),
                    Operator::Greater => found.is_gt(),
                    Operator::LessOrEqual => found.is_le(),
                    _ => found.is_ge(),
                }
            }
        }
    }
}

fn same(kind: FieldType, value: &str, wanted: &str) -> bool {
    if kind.is_number() && !value.is_empty() && !wanted.is_empty() {
        return compare(kind, value, wanted).is_eq();
    }
    comparable(kind, value) == wanted
}

/// Ids by their 15 characters, texts folded, the rest as stored.
fn comparable(kind: FieldType, value: &str) -> String {
    match kind {
        FieldType::Id | FieldType::Reference => value.get(..15).unwrap_or(value).to_owned(),
        FieldType::Boolean
        | FieldType::Int
        | FieldType::Double
        | FieldType::Currency
        | FieldType::Date
        | FieldType::DateTime => value.to_owned(),
        _ => value.to_lowercase(),
    }
}

/// A constant must be of the field's type.
fn typed(text: &str, field: &Field, literal: &Literal) -> Result<String, SoqlError> {
    let wrong = |kind: &str, quotes: &str| {
        let what = format!(
            "value of filter criterion for field '{}' must be of type {kind} and should {quotes}\
             be enclosed in quotes",
            field.name
        );
        at(text, literal.at, "INVALID_FIELD", &what)
    };
    match (&literal.value, field.kind) {
        (Constant::Text { plain, .. }, FieldType::Id | FieldType::Reference) => {
            if plain.is_empty() {
                return Ok(String::new());
            }
            id_constant(text, literal.at, plain)
        }
        (Constant::Bare(word), FieldType::Boolean) => {
            let word = word.to_ascii_lowercase();
            let known = matches!(word.as_str(), "true" | "false");
            known
                .then_some(word)
                .ok_or_else(|| wrong("boolean", "not "))
        }
        (Constant::Bare(word), kind) if kind.is_number() => {
            let number = word.parse::<f64>().map(|_| word.clone());
            number.map_err(|_| wrong("double", "not "))
        }
        (Constant::Bare(word), FieldType::DateTime) => clock::parse_date_time(word)
            .map(clock::stored)
            .ok_or_else(|| wrong("dateTime", "not ")),
        (Constant::Bare(word), FieldType::Date) => clock::is_date(word)
            .then(|| word.clone())
            .ok_or_else(|| wrong("date", "not ")),
        (Constant::Text { plain, .. }, kind) => match kind {
            FieldType::Boolean => Err(wrong("boolean", "not ")),
            FieldType::DateTime => Err(wrong("dateTime", "not ")),
            FieldType::Date => Err(wrong("date", "not ")),
            kind if kind.is_number() => Err(wrong("double", "not ")),
            _ => Ok(plain.to_lowercase()),
        },
        (Constant::Bare(_), _) => Err(wrong("string", "")),
    }
}

/// `%` is any text, `_` any letter, a backslash takes the next letter as it is.
fn like(value: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => value.is_empty(),
        Some(('%', rest)) => (0..=value.len()).any(|skip| like(&value[skip..], rest)),
        Some(('_', rest)) => !value.is_empty() && like(&value[1..], rest),
        Some(('\\', rest)) if !rest.is_empty() => {
            value.first() == rest.first() && like(&value[1..], &rest[1..])
        }
        Some((letter, rest)) => value.first() == Some(letter) && like(&value[1..], rest),
    }
}
