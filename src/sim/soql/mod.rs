//! SOQL, as far as the reads of external-users.md §13.1 and the clients of peers.md part 3 need:
//! parent paths, conditions, one level of sub-select, order, limit, counts.

mod bind;
mod filter;
mod parse;
mod print;
mod token;

use super::org::Org;
use super::schema::Kind;

pub(super) use print::{csv_header, csv_row, json_record, json_value};

/// A query that makes no sense to this org: the REST error code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SoqlError {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// May the query see deleted records?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deleted {
    /// `query`: no.
    Hidden,
    /// `queryAll`: yes.
    Seen,
}

/// A query understood by this org.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) kind: Kind,
    pub(super) select: Select,
    filter: filter::Filter,
    order: Vec<(bind::Path, parse::Direction)>,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
}

/// What a query asks for.
#[derive(Debug)]
pub(super) enum Select {
    /// `COUNT()`: only a number.
    Count,
    /// `COUNT(Field)`: one aggregate record.
    CountOf(bind::Path),
    /// Fields, in order, with the names they are printed under.
    Fields(Vec<bind::Path>),
}

/// Reads a query and finds its objects and fields.
pub(super) fn compile(org: &Org, text: &str) -> Result<Query, SoqlError> {
    let parsed = parse::parse(text)?;
    bind::bind(org, text, &parsed)
}

/// The rows a query selects, in its order.
pub(super) fn rows(org: &Org, query: &Query, deleted: Deleted) -> Vec<u32> {
    let mut rows = filter::matching(org, query.kind, &query.filter, deleted);
    if !query.order.is_empty() {
        rows.sort_by(|left, right| bind::compare_rows(org, &query.order, *left, *right));
    }
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let limit = query.limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    rows.drain(..offset.min(rows.len()));
    rows.truncate(limit);
    rows
}

/// How many rows have a value in the path, for `COUNT(Field)`.
pub(super) fn count_of(org: &Org, path: &bind::Path, rows: &[u32]) -> usize {
    rows.iter()
        .filter(|row| !path.read(org, **row).is_empty())
        .count()
}

/// An error at a place in the text, with the marker the org prints (bulk-api-2.md §2.5).
fn at(text: &str, position: usize, code: &'static str, what: &str) -> SoqlError {
    let before = text.get(..position).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let row = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    let line = text
        .get(line_start..)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    let marker = format!("{}^", " ".repeat(column - 1));
    let message = format!("\n{line}\n{marker}\nERROR at Row:{row}:Column:{column}\n{what}");
    SoqlError { code, message }
}
