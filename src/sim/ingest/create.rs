//! The create request of an ingest job: what it asks for, or why the org refuses it
//! (bulk-api-2.md §3.2).

use serde_json::{Map, Value};

use super::super::answer::Answer;
use super::super::call::text_of;
use super::super::org::Org;
use super::super::schema::Kind;
use super::super::write::{Operation, Target};
use super::upload::{Delimiter, Dialect, LineEnd};

/// What a create body asks for, or the org's refusal (§3.2).
pub(super) fn asked(org: &Org, body: &Map<String, Value>) -> Result<(Target, Dialect), Answer> {
    let invalid = |what: String| Answer::error(400, "INVALIDJOB", format!("InvalidJob : {what}"));
    let Some(object) = text_of(body, "object") else {
        return Err(invalid("object is required".to_owned()));
    };
    let kind = Kind::named(object).filter(|kind| org.def(*kind).present);
    let Some(kind) = kind else {
        let message = format!("Entity '{object}' is not supported by the Bulk API.");
        return Err(Answer::error(400, "INVALIDENTITY", message));
    };
    let operation = operation(org, kind, text_of(body, "operation").unwrap_or_default())?;
    let key = if operation == Operation::Upsert {
        Some(upsert_key(org, kind, body)?)
    } else {
        None
    };
    if let Some(other) = text_of(body, "contentType").filter(|kind| *kind != "CSV") {
        return Err(invalid(format!("unsupported content type {other}")));
    }
    let delimiter = text_of(body, "columnDelimiter").unwrap_or("COMMA");
    let line_end = text_of(body, "lineEnding").unwrap_or("LF");
    let dialect = Dialect {
        delimiter: Delimiter::named(delimiter)
            .ok_or_else(|| invalid(format!("unknown columnDelimiter {delimiter}")))?,
        line_end: LineEnd::named(line_end)
            .ok_or_else(|| invalid(format!("unknown lineEnding {line_end}")))?,
    };
    Ok((
        Target {
            kind,
            operation,
            key,
        },
        dialect,
    ))
}

fn operation(org: &Org, kind: Kind, name: &str) -> Result<Operation, Answer> {
    let def = org.def(kind);
    let (operation, allowed) = match name {
        "insert" => (Operation::Insert, def.createable),
        "update" => (Operation::Update, def.updateable),
        "upsert" => (Operation::Upsert, def.createable && def.updateable),
        "delete" => (Operation::Delete, def.deletable),
        "hardDelete" => {
            let message = "hardDelete operation requires special user profile permission, please \
                           contact your system administrator";
            return Err(Answer::error(400, "FEATURENOTENABLED", message));
        }
        other => {
            let message = format!("InvalidJob : unknown operation '{other}'");
            return Err(Answer::error(400, "INVALIDJOB", message));
        }
    };
    if allowed {
        return Ok(operation);
    }
    let message = format!("InvalidJob : No {name} access for object {}", def.name);
    Err(Answer::error(400, "INVALIDJOB", message))
}

fn upsert_key(org: &Org, kind: Kind, body: &Map<String, Value>) -> Result<usize, Answer> {
    let def = org.def(kind);
    let Some(name) = text_of(body, "externalIdFieldName") else {
        let message = format!(
            "InvalidJob : External ID was blank for {}. An External ID must be specified for upsert.",
            def.name
        );
        return Err(Answer::error(400, "INVALIDJOB", message));
    };
    let at = def.position(name).filter(|at| def.fields[*at].id_lookup);
    at.ok_or_else(|| {
        let message = format!(
            "InvalidJob : Field name provided, {} does not match an External ID, Salesforce Id, or \
             indexed field for {}",
            name.to_lowercase(),
            def.name
        );
        Answer::error(400, "INVALIDJOB", message)
    })
}
