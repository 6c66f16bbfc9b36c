//! Cells become typed values: ids of the right shape, dates, numbers, booleans, null.

use super::super::clock;
use super::super::ids;
use super::super::org::Org;
use super::super::refusals::{self, Refusal};
use super::super::schema::{Field, FieldType, Kind, ObjectDef};

/// How a row says null (bulk-api-2.md §4).
const NULL: &str = "#N/A";

/// The typed values of one row, by field.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    /// When the write happens, as records store it.
    pub(super) stamp: String,
    /// `None`: not given. Empty: null.
    values: Vec<Option<String>>,
}

impl Draft {
    /// The value of a field by place; `None` when the row does not give one.
    pub(super) fn value(&self, field: usize) -> Option<&str> {
        self.values.get(field)?.as_deref()
    }

    /// The value of a field by name, unless it is null.
    pub(super) fn given(&self, org: &Org, name: &str) -> Option<&str> {
        self.mentioned(org, name).filter(|value| !value.is_empty())
    }

    /// The value of a field by name; empty when the row sets it to null.
    pub(super) fn mentioned(&self, org: &Org, name: &str) -> Option<&str> {
        self.value(org.def(self.kind).position(name)?)
    }

    /// Every field the row mentions, with its value.
    pub(super) fn all<'a>(&'a self, org: &'a Org) -> impl Iterator<Item = (&'a Field, &'a str)> {
        let fields = &org.def(self.kind).fields;
        fields
            .iter()
            .zip(&self.values)
            .filter_map(|(field, value)| Some((field, value.as_deref()?)))
    }
}

/// Types the cells of one row. An empty cell is as good as absent; a missing one too.
pub(super) fn parse<S: AsRef<str>>(
    def: &ObjectDef,
    columns: &[usize],
    cells: &[S],
) -> Result<Draft, Refusal> {
    let mut values = vec![None; def.fields.len()];
    for (column, (field, cell)) in columns.iter().zip(cells).enumerate() {
        let (field, cell) = (*field, cell.as_ref());
        if cell.is_empty() {
            continue;
        }
        values[field] = Some(match cell {
            NULL => String::new(),
            _ => typed(def, &def.fields[field], cell, column)?,
        });
    }
    Ok(Draft {
        kind: def.kind,
        stamp: String::new(),
        values,
    })
}

fn typed(def: &ObjectDef, field: &Field, cell: &str, column: usize) -> Result<String, Refusal> {
    let unreadable = |xsd| refusals::unreadable_cell(column, cell, xsd, field);
    match field.kind {
        FieldType::Id | FieldType::Reference => {
            let fits = |prefix: &str| cell.starts_with(prefix);
            let right = match field.kind {
                FieldType::Id => fits(def.prefix),
                _ => field.references.iter().any(|kind| fits(kind.prefix())),
            };
            let key = ids::key(cell).filter(|_| right);
            key.map(|key| ids::long(&key))
                .ok_or_else(|| refusals::malformed_id(field, cell))
        }
        FieldType::Boolean => match cell.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok("true".to_owned()),
            "false" | "0" => Ok("false".to_owned()),
            _ => Err(unreadable("boolean")),
        },
        FieldType::Int => cell
            .parse::<i64>()
            .map(|value| value.to_string())
            .map_err(|_| unreadable("int")),
        FieldType::Double | FieldType::Currency => match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value.to_string()),
            _ => Err(unreadable("double")),
        },
        FieldType::Date if clock::is_date(cell) => Ok(cell.to_owned()),
        FieldType::Date => Err(unreadable("date")),
        FieldType::DateTime => clock::parse_date_time(cell)
            .map(clock::stored)
            .ok_or_else(|| unreadable("dateTime")),
        _ => Ok(cell.to_owned()),
    }
}
