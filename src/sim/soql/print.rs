//! Records as REST JSON and as Bulk CSV print them (bulk-api-2.md §5, §7.1).

use std::fmt::Write as _;

use super::super::clock;
use super::super::org::Org;
use super::super::schema::{FieldType, Kind};
use super::bind::Path;

/// One record as REST prints it: attributes first, parents nested, fields in query order.
pub(crate) fn json_record(
    org: &Org,
    version: &str,
    paths: &[Path],
    kind: Kind,
    row: u32,
) -> String {
    let mut printer = Printer {
        org,
        version,
        out: String::new(),
    };
    printer.level(&paths.iter().collect::<Vec<_>>(), 0, (kind, row));
    printer.out
}

/// The header line of a Bulk query result, all quoted.
pub(crate) fn csv_header(paths: &[Path], delimiter: char) -> String {
    let names = paths
        .iter()
        .map(|path| format!("\"{}\"", path.names.join(".")));
    names
        .collect::<Vec<_>>()
        .join(delimiter.to_string().as_str())
}

/// One record of a Bulk query result, all quoted; null is `""`.
pub(crate) fn csv_row(org: &Org, paths: &[Path], delimiter: char, row: u32) -> String {
    let mut line = String::new();
    for (place, path) in paths.iter().enumerate() {
        if place > 0 {
            line.push(delimiter);
        }
        let value = path.read(org, row);
        let whole = matches!(
            path.definition(org).kind,
            FieldType::Double | FieldType::Currency
        ) && !value.is_empty()
            && !value.contains('.');
        let tail = if whole { ".0" } else { "" };
        let _ = write!(line, "\"{}{tail}\"", value.replace('"', "\"\""));
    }
    line
}

/// What stays the same over the nest of one record.
struct Printer<'a> {
    org: &'a Org,
    version: &'a str,
    out: String,
}

impl Printer<'_> {
    /// One object of the nest: the fields at this depth in query order, each parent once.
    fn level(&mut self, paths: &[&Path], depth: usize, (kind, row): (Kind, u32)) {
        let (org, version) = (self.org, self.version);
        let id = org.get(kind, row, "Id");
        let url = format!("/services/data/v{version}/sobjects/{}/{id}", kind.name());
        let (name, url) = (quoted(kind.name()), quoted(&url));
        let _ = write!(
            self.out,
            "{{\"attributes\":{{\"type\":{name},\"url\":{url}}}"
        );
        let mut printed: Vec<&str> = Vec::new();
        for path in paths {
            let name = path.names[depth].as_str();
            if printed.contains(&name) {
                continue;
            }
            printed.push(name);
            let _ = write!(self.out, ",{}:", quoted(name));
            let Some((hop, target)) = path.hops.get(depth) else {
                let field = &org.def(kind).fields[path.field];
                let value = json_value(field.kind, org.value(kind, row, path.field));
                self.out.push_str(&value);
                continue;
            };
            let Some(parent) = org.find(*target, org.value(kind, row, *hop)) else {
                self.out.push_str("null");
                continue;
            };
            let same = |other: &&&Path| other.hops.len() > depth && other.names[depth] == name;
            let inner: Vec<&Path> = paths.iter().filter(same).copied().collect();
            self.level(&inner, depth + 1, (*target, parent));
        }
        self.out.push('}');
    }
}

/// One value as JSON: null, boolean, number, or text.
pub(crate) fn json_value(kind: FieldType, value: &str) -> String {
    match kind {
        _ if value.is_empty() => "null".to_owned(),
        FieldType::Boolean => value.to_owned(),
        FieldType::DateTime => quoted(&clock::rest_form(value)),
        kind if kind.is_number() && value.parse::<f64>().is_ok() => value.to_owned(),
        _ => quoted(value),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
