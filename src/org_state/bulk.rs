//! The big objects, by bulk queries at the same time (R-1302), deleted contacts and accounts
//! included (R-1306). A record goes from its page into the growing tables, and into the base
//! tables where the state is kept; pages are not kept.

use csv::StringRecord;

use super::cache::{BaseTable, BaseTables};
use super::cells;
use super::error::OrgStateError;
use super::growing::Growing;
use super::records::Records;
use super::refresh::failed;
use super::selection::Selection;
use super::tables::RecordFault;
use crate::model::event::{Event, Events, RunStage};
use crate::salesforce::{Org, QueryOperation};

/// Records between two signs of life.
const RECORDS_PER_EVENT: u64 = 10_000;

/// Reads all four. The org works on them at once; the first failure ends all.
pub(super) async fn read(
    org: &Org,
    records: &mut Records,
    base: Option<&mut BaseTables>,
    events: &Events,
) -> Result<(), OrgStateError> {
    let selections = &records.selections;
    let Growing {
        contacts,
        accounts,
        users,
        roles,
    } = &mut records.growing;
    let (mut contact_base, mut account_base, mut user_base, mut role_base) = match base {
        Some(base) => (
            Some(&mut base.contact),
            Some(&mut base.account),
            Some(&mut base.user),
            Some(&mut base.role),
        ),
        None => (None, None, None, None),
    };
    let mut newest: [String; 4] = Default::default();
    let [contact_stamp, account_stamp, user_stamp, role_stamp] = &mut newest;
    let mut contact = |cells: [&str; 8], ids: &[&str]| {
        keep(&mut contact_base, contact_stamp, &cells, ids)?;
        contacts.push(&cells::contact(cells, ids))
    };
    let mut account = |cells: [&str; 8], ids: &[&str]| {
        keep(&mut account_base, account_stamp, &cells, ids)?;
        accounts.push(&cells::account(cells, ids))
    };
    let mut user = |cells: [&str; 12], ids: &[&str]| {
        keep(&mut user_base, user_stamp, &cells, ids)?;
        users.push(&cells::user(cells))
    };
    let mut role = |cells: [&str; 6], ids: &[&str]| {
        keep(&mut role_base, role_stamp, &cells, ids)?;
        roles.push(&cells::role(cells))
    };
    let (query, all) = (QueryOperation::Query, QueryOperation::QueryAll);
    tokio::try_join!(
        read_all(org, all, &selections.account, events, &mut account),
        read_all(org, all, &selections.contact, events, &mut contact),
        read_all(org, query, &selections.user, events, &mut user),
        read_all(org, query, &selections.role, events, &mut role),
    )?;
    let objects = ["Contact", "Account", "User", "UserRole"];
    let known = objects.into_iter().zip(newest);
    let known = known.filter(|(_, stamp)| !stamp.is_empty());
    records.newest = known
        .map(|(object, stamp)| (object.to_owned(), stamp))
        .collect();
    Ok(())
}

/// Keeps a record as it came, and the newest stamp so far. The org writes all stamps alike, so
/// they compare as text.
fn keep(
    base: &mut Option<&mut BaseTable>,
    newest: &mut String,
    cells: &[&str],
    external_ids: &[&str],
) -> Result<(), RecordFault> {
    if let Some(base) = base {
        base.push(cells, external_ids).map_err(RecordFault::Disk)?;
    }
    match cells.last() {
        Some(stamp) if *stamp > newest.as_str() => {
            newest.clear();
            newest.push_str(stamp);
        }
        _ => {}
    }
    Ok(())
}

/// Takes in one record: the values of its fields, then of its external ids.
type Take<'a, const N: usize> =
    dyn FnMut([&str; N], &[&str]) -> Result<(), RecordFault> + Send + 'a;

async fn read_all<const N: usize>(
    org: &Org,
    operation: QueryOperation,
    selection: &Selection<N>,
    events: &Events,
    take: &mut Take<'_, N>,
) -> Result<(), OrgStateError> {
    let object = selection.object;
    let mut places = None;
    let mut take_row = |columns: &StringRecord, row: &StringRecord| {
        let places = match &places {
            Some(places) => places,
            None => places.insert(selection.places(columns)?),
        };
        take(places.cells(row), &places.external_id_cells(row))
            .map_err(|fault| OrgStateError::of_record(object, fault))
    };
    let mut outcome = Ok(());
    let mut untold = 0;
    let mut on_row = |columns: &StringRecord, row: &StringRecord| {
        if outcome.is_ok() {
            outcome = take_row(columns, row);
        }
        untold += 1;
        if untold == RECORDS_PER_EVENT {
            advance(events, std::mem::take(&mut untold));
        }
    };
    let answer = org
        .bulk_query(operation, &selection.soql(), &mut on_row)
        .await;
    answer.map_err(|source| failed(object, source))?;
    advance(events, untold);
    outcome
}

fn advance(events: &Events, by: u64) {
    if by > 0 {
        events.on(&Event::StageAdvanced {
            stage: RunStage::Pull,
            by,
        });
    }
}
