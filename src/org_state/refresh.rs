//! Pulls the org's state: everything the lookups rest on, as of now.
//!
//! Comes in: the telephone. Goes out: [`OrgState`]. Small objects are read over REST, the four big
//! ones by bulk queries at the same time (R-1302), deleted contacts and accounts included
//! (R-1306). Only fields the describe returns are read (R-1308).

use csv::StringRecord;

use super::error::OrgStateError;
use super::growing::Growing;
use super::lookup::OrgState;
use super::records::{ExternalIds, Records};
use super::selection::{self, Describes, Selection, Selections};
use super::setup;
use super::tables::RecordFault;
use crate::model::event::{Event, Events, RunStage};
use crate::model::summary::{OrgIdentity, OrgKind};
use crate::salesforce::{Describe, Org, OrgError, QueryOperation, UserInfo};

/// Records between two signs of life.
const RECORDS_PER_EVENT: u64 = 10_000;

/// What a run needs beyond what every run needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// API names from headers `Contact.X__c`.
    pub contact_external_ids: Vec<String>,
    /// API names from headers `Account.X__c`.
    pub account_external_ids: Vec<String>,
}

/// Reads the org's state. `kind_hint` tells the simulated org, which no query can tell; a sandbox
/// tells itself.
pub async fn pull(
    org: &Org,
    wanted: &Wanted,
    kind_hint: OrgKind,
    events: &Events,
) -> Result<OrgState, OrgStateError> {
    events.on(&Event::StageStarted {
        stage: RunStage::Pull,
        total: None,
    });
    let user = org
        .user_info()
        .await
        .map_err(|source| failed("the running user", source))?;
    let describes = Describes {
        contact: describe(org, "Contact").await?,
        account: describe(org, "Account").await?,
        user: describe(org, "User").await?,
        role: describe(org, "UserRole").await?,
    };
    let external_ids = ExternalIds {
        contact: selection::external_ids(
            "Contact",
            &wanted.contact_external_ids,
            &describes.contact,
        )?,
        account: selection::external_ids(
            "Account",
            &wanted.account_external_ids,
            &describes.account,
        )?,
    };
    let selections = Selections::shown(&describes, &external_ids)?;
    let mut records = read_setup(org, &user, kind_hint, external_ids).await?;
    let fields = &describes.user.fields;
    records
        .org_defaults
        .extend(setup::described_defaults(fields));
    records.is_multi_currency = fields.iter().any(|field| field.name == "CurrencyIsoCode");
    records.user_fields = fields.iter().map(setup::user_field).collect();
    records.selections = selections;
    read_tables(org, &records.selections, &mut records.growing, events).await?;
    let state = OrgState::from_records(records)?;
    events.on(&Event::StageEnded {
        stage: RunStage::Pull,
    });
    Ok(state)
}

/// Everything that is small.
async fn read_setup(
    org: &Org,
    user: &UserInfo,
    kind_hint: OrgKind,
    external_ids: ExternalIds,
) -> Result<Records, OrgStateError> {
    let organization = setup::organization(org, kind_hint).await?;
    let objects = org
        .describe_global()
        .await
        .map_err(|source| failed("its objects", source))?;
    let sets = describe(org, "PermissionSet").await?;
    let identity = OrgIdentity {
        org_id: user.org_id.to_string(),
        instance_url: org.address().to_owned(),
        username: user.username.clone(),
        user_id: user.user_id.to_string(),
        kind: organization.kind,
        api_version: org.api_version().to_owned(),
    };
    let mut records = Records::of(identity, external_ids);
    records.visibility.everything = setup::sees_everything(org, user.user_id, &sets).await?;
    records.org_defaults = organization.defaults;
    records
        .org_defaults
        .extend(setup::corporate_currency(org, &objects).await?);
    records.licenses = setup::licenses(org).await?;
    records.profiles = setup::profiles(org).await?;
    records.permission_sets = setup::permission_sets(org, &sets).await?;
    records.sites = setup::sites(org, &objects).await?;
    Ok(records)
}

/// Everything that is big. The org works on all four queries at once; the first failure ends all.
async fn read_tables(
    org: &Org,
    selections: &Selections,
    growing: &mut Growing,
    events: &Events,
) -> Result<(), OrgStateError> {
    let Growing {
        contacts,
        accounts,
        users,
        roles,
    } = growing;
    let (query, all) = (QueryOperation::Query, QueryOperation::QueryAll);
    let mut contact =
        |cells: [&str; 7], ids: &[&str]| contacts.push(&selection::contact(cells, ids));
    let mut account =
        |cells: [&str; 7], ids: &[&str]| accounts.push(&selection::account(cells, ids));
    let mut user = |cells: [&str; 11], _: &[&str]| users.push(&selection::user(cells));
    let mut role = |cells: [&str; 5], _: &[&str]| roles.push(&selection::role(cells));
    tokio::try_join!(
        read_all(org, all, &selections.account, events, &mut account),
        read_all(org, all, &selections.contact, events, &mut contact),
        read_all(org, query, &selections.user, events, &mut user),
        read_all(org, query, &selections.role, events, &mut role),
    )?;
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

async fn describe(org: &Org, object: &'static str) -> Result<Describe, OrgStateError> {
    org.describe(object)
        .await
        .map_err(|source| failed(object, source))
}

fn failed(object: &'static str, source: OrgError) -> OrgStateError {
    OrgStateError::Org { object, source }
}
