//! Describe: which objects and fields the running user sees (bulk-api-2.md §7.2).

use serde_json::{Value, json};

use super::answer::Answer;
use super::org::Org;
use super::schema::{Field, FieldType, KINDS, Kind, ObjectDef, PickValue};

/// `GET {base}/sobjects`.
pub(super) fn global(org: &Org, version: &str) -> Answer {
    let present = KINDS.into_iter().filter(|kind| org.def(*kind).present);
    let objects: Vec<Value> = present
        .map(|kind| summary(org.def(kind), version))
        .collect();
    let body = json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects });
    Answer::json(200, &body)
}

/// `GET {base}/sobjects/{object}/describe`.
pub(super) fn object(org: &Org, version: &str, kind: Kind) -> Answer {
    let def = org.def(kind);
    let mut body = summary(def, version);
    let fields: Vec<Value> = def.fields.iter().map(field).collect();
    body["fields"] = Value::Array(fields);
    Answer::json(200, &body)
}

fn summary(def: &ObjectDef, version: &str) -> Value {
    let base = format!("/services/data/v{version}/sobjects/{}", def.name);
    json!({
        "name": def.name,
        "label": def.label,
        "keyPrefix": def.prefix,
        "custom": false,
        "queryable": true,
        "retrieveable": true,
        "createable": def.createable,
        "updateable": def.updateable,
        "deletable": def.deletable,
        "urls": { "sobject": base, "describe": format!("{base}/describe") },
    })
}

fn field(field: &Field) -> Value {
    let references: Vec<&str> = field.references.iter().map(|kind| kind.name()).collect();
    let values: Vec<Value> = field.values.iter().map(pick_value).collect();
    let number = match field.kind {
        FieldType::Double | FieldType::Currency => (18, 2),
        _ => (0, 0),
    };
    json!({
        "name": field.name,
        "label": field.label,
        "type": field.kind.name(),
        "length": field.length,
        "precision": number.0,
        "scale": number.1,
        "digits": if field.kind == FieldType::Int { 9 } else { 0 },
        "nillable": field.nillable,
        "createable": field.createable,
        "updateable": field.updateable,
        "defaultedOnCreate": field.default.is_some(),
        "custom": field.name.ends_with("__c"),
        "externalId": field.external_id,
        "idLookup": field.id_lookup,
        "unique": field.unique,
        "referenceTo": references,
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "picklistValues": values,
    })
}

fn pick_value(value: &PickValue) -> Value {
    json!({
        "value": value.value,
        "label": value.label,
        "active": value.active,
        "defaultValue": false,
        "validFor": null,
    })
}
