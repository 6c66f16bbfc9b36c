//! REST: versions, limits, describe, single records, queries (bulk-api-2.md §2 and §7).

use std::collections::VecDeque;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::answer::Answer;
use super::auth;
use super::call::Call;
use super::describe;
use super::org::Org;
use super::schema::Kind;
use super::soql::{self, Deleted, Query, Select};
use crate::salesforce::transport::Method;

/// First version that still answers, and the newest one (§2.1).
pub(super) const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;

/// Rows per page: the default and the maximum, and the least one may ask for (§7.1).
const PAGE_ROWS_MAX: usize = 2_000;
const PAGE_ROWS_MIN: usize = 200;

/// Cursors kept; an older one is gone when its next page is asked for.
const CURSORS_MAX: usize = 50;

/// Queries that have more pages to give.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    open: VecDeque<Cursor>,
}

#[derive(Debug)]
struct Cursor {
    id: String,
    query: Query,
    rows: Vec<u32>,
    page_rows: usize,
}

/// What the org has left of a daily allowance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    pub(super) max: u64,
    pub(super) used: u64,
}

/// `GET /services/data`: ascending, versions are texts.
pub(super) fn versions() -> Answer {
    let entries = VERSIONS.map(|version| {
        let season = match version % 3 {
            0 => "Spring",
            1 => "Summer",
            _ => "Winter",
        };
        // Version 65 is Winter '26; three releases a year (§2.1).
        let year = (version + 13) / 3;
        json!({
            "label": format!("{season} '{year:02}"),
            "url": format!("/services/data/v{version}.0"),
            "version": format!("{version}.0"),
        })
    });
    Answer::json(200, &Value::Array(entries.collect()))
}

/// `GET {base}`: what lies below, by name.
pub(super) fn resources(org: &Org, version: &str) -> Answer {
    let below = |name: &str| format!("/services/data/v{version}/{name}");
    Answer::json(
        200,
        &json!({
            "identity": auth::identity_url(org),
            "jobs": below("jobs"),
            "limits": below("limits"),
            "query": below("query"),
            "queryAll": below("queryAll"),
            "sobjects": below("sobjects"),
        }),
    )
}

/// `GET {base}/limits`.
pub(super) fn limits(requests: Allowance, batches: Allowance, query_jobs: Allowance) -> Answer {
    let entry = |allowance: Allowance| json!({ "Max": allowance.max, "Remaining": allowance.max.saturating_sub(allowance.used) });
    let fixed = |max: u64| entry(Allowance { max, used: 0 });
    Answer::json(
        200,
        &json!({
            "DailyApiRequests": entry(requests),
            "DailyBulkApiBatches": entry(batches),
            "DailyBulkV2QueryJobs": entry(query_jobs),
            "DailyBulkV2QueryFileStorageMB": fixed(976_562),
            "SingleEmail": fixed(5_000),
        }),
    )
}

/// `GET {base}/sobjects/...`.
pub(super) fn sobjects(org: &Org, version: &str, call: &Call, below: &[&str]) -> Answer {
    if call.method != Method::Get {
        return Answer::method_not_allowed(call.method.as_str());
    }
    let object = below
        .first()
        .map(|name| Kind::named(name).filter(|kind| org.def(*kind).present));
    match (object, below) {
        (None, _) => describe::global(org, version),
        (Some(Some(kind)), [_, word]) if word.eq_ignore_ascii_case("describe") => {
            describe::object(org, version, kind)
        }
        (Some(Some(kind)), [_, id]) => record(org, version, kind, id),
        _ => Answer::not_found(),
    }
}

/// `GET {base}/query?q=...` and `GET {base}/query/{cursor}`, and the same for queryAll.
pub(super) fn query(
    org: &mut Org,
    cursors: &mut Cursors,
    version: &str,
    call: &Call,
    deleted: Deleted,
) -> Answer {
    if call.method != Method::Get {
        return Answer::method_not_allowed(call.method.as_str());
    }
    if let Some(cursor) = call.below_version().get(1) {
        return next_page(org, cursors, version, cursor);
    }
    let Some(text) = call.parameter("q") else {
        return Answer::error(400, "MALFORMED_QUERY", "a query string has to be specified");
    };
    let query = match soql::compile(org, text) {
        Ok(query) => query,
        Err(error) => return Answer::error(400, error.code, error.message),
    };
    let rows = soql::rows(org, &query, deleted);
    let aggregate = match &query.select {
        Select::Fields(_) => None,
        Select::Count => Some(json!({ "totalSize": rows.len(), "done": true, "records": [] })),
        Select::CountOf(path) => {
            let count = soql::count_of(org, path, &rows);
            let record = json!({ "attributes": { "type": "AggregateResult" }, "expr0": count });
            Some(json!({ "totalSize": 1, "done": true, "records": [record] }))
        }
    };
    if let Some(body) = aggregate {
        return Answer::json(200, &body);
    }
    let page_rows = page_rows(call);
    let paged = rows.len() > page_rows;
    let id = if paged {
        org.mint_prefixed("01g")
    } else {
        String::new()
    };
    let cursor = Cursor {
        id,
        query,
        rows,
        page_rows,
    };
    let first = page(org, version, &cursor, 0);
    if paged {
        cursors.open.push_back(cursor);
    }
    if cursors.open.len() > CURSORS_MAX {
        cursors.open.pop_front();
    }
    first
}

/// `Sforce-Query-Options: batchSize=N`, a hint within bounds.
fn page_rows(call: &Call) -> usize {
    let options = call.header("sforce-query-options").unwrap_or_default();
    let size = options.split([',', ';', ' ']).find_map(|option| {
        let (name, value) = option.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("batchSize")
            .then(|| value.trim().parse().ok())?
    });
    size.map_or(PAGE_ROWS_MAX, |size: usize| {
        size.clamp(PAGE_ROWS_MIN, PAGE_ROWS_MAX)
    })
}

/// `{cursor}-{offset}`.
fn next_page(org: &Org, cursors: &Cursors, version: &str, name: &str) -> Answer {
    let place = name.rsplit_once('-').and_then(|(id, offset)| {
        let cursor = cursors.open.iter().find(|cursor| cursor.id == id)?;
        Some((cursor, offset.parse::<usize>().ok()?))
    });
    match place {
        Some((cursor, offset)) if offset <= cursor.rows.len() => page(org, version, cursor, offset),
        _ => Answer::error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    }
}

fn page(org: &Org, version: &str, cursor: &Cursor, offset: usize) -> Answer {
    let end = (offset + cursor.page_rows).min(cursor.rows.len());
    let done = end == cursor.rows.len();
    let Select::Fields(paths) = &cursor.query.select else {
        return Answer::not_found();
    };
    let kind = cursor.query.kind;
    let records = cursor.rows.get(offset..end).unwrap_or_default();
    let records: Vec<String> = records
        .iter()
        .map(|row| soql::json_record(org, version, paths, kind, *row))
        .collect();
    let next = if done {
        String::new()
    } else {
        let url = format!("/services/data/v{version}/query/{}-{end}", cursor.id);
        format!("\"nextRecordsUrl\":\"{url}\",")
    };
    let total = cursor.rows.len();
    let records = records.join(",");
    Answer::json_text(
        200,
        format!("{{\"totalSize\":{total},\"done\":{done},{next}\"records\":[{records}]}}"),
    )
}

/// One record with all its fields.
fn record(org: &Org, version: &str, kind: Kind, id: &str) -> Answer {
    let Some(row) = org
        .find(kind, id)
        .filter(|row| !org.is(kind, *row, "IsDeleted"))
    else {
        let message =
            format!("Provided external ID field does not exist or is not accessible: {id}");
        return Answer::error(404, "NOT_FOUND", message);
    };
    let url = format!(
        "/services/data/v{version}/sobjects/{}/{}",
        kind.name(),
        org.get(kind, row, "Id")
    );
    let attributes = json!({ "type": kind.name(), "url": url });
    let mut body = format!("{{\"attributes\":{attributes}");
    for (at, field) in org.def(kind).fields.iter().enumerate() {
        let value = soql::json_value(field.kind, org.value(kind, row, at));
        let _ = write!(body, ",\"{}\":{value}", field.name);
    }
    body.push('}');
    Answer::json_text(200, body)
}
