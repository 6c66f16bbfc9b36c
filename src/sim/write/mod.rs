//! One uploaded row becomes one write to one record, or one refusal.
//!
//! Knows nothing of jobs and files: typed cells in, a record id or the org's words out.

mod cells;
mod checks;
mod insert_user;
mod records;
mod update_user;
mod user_facts;

use super::clock;
use super::doubts::Doubt;
use super::ids;
use super::org::Org;
use super::refusals::{self, Refusal};
use super::schema::Kind;

pub(super) use cells::Draft;
pub(super) use user_facts::UserKind;

/// What a job does with its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Insert,
    Update,
    Upsert,
    Delete,
}

impl Operation {
    /// As the job JSON spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Upsert => "upsert",
            Self::Delete => "delete",
        }
    }
}

/// What a job writes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) operation: Operation,
    /// The key field of an upsert.
    pub(super) key: Option<usize>,
}

/// A record that was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) id: String,
    pub(super) created: bool,
}

/// A row that was not written; the id stands when the row named a record.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) id: String,
    pub(super) refusal: Refusal,
}

/// Writes one row. `columns` are the fields of the job's header, `cells` the row's cells.
pub(super) fn row<S: AsRef<str>>(
    org: &mut Org,
    target: Target,
    columns: &[usize],
    cells: &[S],
    now_ms: u64,
) -> Result<Written, Refused> {
    let refused = |refusal| Refused {
        id: String::new(),
        refusal,
    };
    let mut draft = cells::parse(org.def(target.kind), columns, cells).map_err(refused)?;
    draft.stamp = clock::stored(now_ms);
    let row = match target.operation {
        Operation::Insert => None,
        Operation::Update | Operation::Delete => Some(named_record(org, &draft)?),
        Operation::Upsert => keyed_record(org, &draft, target).map_err(refused)?,
    };
    let Some(row) = row else {
        let id = insert(org, &draft).map_err(refused)?;
        return Ok(Written { id, created: true });
    };
    let id = org.get(target.kind, row, "Id").to_owned();
    let done = match target.operation {
        Operation::Delete => records::delete(org, target.kind, row, &draft.stamp),
        _ => update(org, row, &draft),
    };
    match done {
        Ok(()) => Ok(Written { id, created: false }),
        Err(refusal) => Err(Refused { id, refusal }),
    }
}

fn insert(org: &mut Org, draft: &Draft) -> Result<String, Refusal> {
    match draft.kind {
        Kind::User => insert_user::insert(org, draft),
        _ => records::insert(org, draft),
    }
}

fn update(org: &mut Org, row: u32, draft: &Draft) -> Result<(), Refusal> {
    match draft.kind {
        Kind::User => update_user::update(org, row, draft),
        _ => records::update(org, row, draft),
    }
}

/// The record an update or delete row names by `Id`.
fn named_record(org: &Org, draft: &Draft) -> Result<u32, Refused> {
    let id = draft.given(org, "Id").unwrap_or_default();
    let row = org
        .find(draft.kind, id)
        .filter(|row| !org.is(draft.kind, *row, "IsDeleted"));
    let known = ids::key(id).map_or_else(String::new, |key| ids::long(&key));
    row.ok_or_else(|| Refused {
        id: known,
        refusal: refusals::unknown_reference(),
    })
}

/// The record an upsert row means; `None` when there is none yet.
fn keyed_record(org: &Org, draft: &Draft, target: Target) -> Result<Option<u32>, Refusal> {
    let Some(key) = target.key else {
        return Ok(None);
    };
    let field = &org.def(target.kind).fields[key];
    let value = draft.value(key).filter(|value| !value.is_empty());
    let Some(value) = value else {
        return Err(refusals::required(vec![field.name.clone()]));
    };
    let mut found = org.matching(target.kind, &field.name, value);
    if field.name == "Id" {
        found = org.find(target.kind, value).into_iter().collect();
    }
    found.retain(|row| !org.is(target.kind, *row, "IsDeleted"));
    match found.as_slice() {
        [] if field.name == "Id" => Err(refusals::unknown_reference()),
        [] => Ok(None),
        [row] => Ok(Some(*row)),
        _ => Err(refusals::ambiguous_key(&field.name)),
    }
}

/// Is this refusal in doubt, and switched off?
fn is_let_pass(org: &Org, refusal: &Refusal) -> bool {
    refusal
        .doubt
        .is_some_and(|doubt: Doubt| org.lets_pass.contains(&doubt))
}
