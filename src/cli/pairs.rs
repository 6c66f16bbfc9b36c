//! `--set Field=Value` and `--map Header=Field`: lists that grow from layer to layer. A stronger
//! layer replaces what a weaker one says of the same field.

use super::error::CliError;
use super::layers::{Layers, Said, Source};
use super::values::{SetField, set_field};

/// The `set` list: settings file, program, flags.
pub(crate) fn set(layers: &Layers<'_>, problems: &mut Vec<CliError>) -> Vec<(String, String)> {
    let typed = typed(&layers.args.set, &SET, problems);
    let mut merged = Vec::new();
    for layer in [
        Some(&layers.file.top.set),
        layers.program.map(|p| &p.set),
        Some(&typed),
    ] {
        let read = layer.into_iter().flatten().filter_map(|(field, said)| {
            let field = common_field(field, said, problems)?;
            Some((field, said.clone()))
        });
        let read: Vec<_> = read.collect();
        merge(&mut merged, read, problems);
    }
    merged
}

/// The `map` list: settings file, flags.
pub(crate) fn maps(layers: &Layers<'_>, problems: &mut Vec<CliError>) -> Vec<(String, String)> {
    let typed = typed(&layers.args.map, &MAP, problems);
    let mut merged = Vec::new();
    for layer in [&layers.file.top.maps, &typed] {
        merge(&mut merged, layer.clone(), problems);
    }
    merged
}

/// How a flag's `Left=Right` is taken apart.
struct Form {
    flag: &'static str,
    split: fn(&str) -> Option<(&str, &str)>,
    wants: &'static str,
}

/// A value may hold an equals sign, a field never does: the first one divides.
const SET: Form = Form {
    flag: "--set",
    split: |text| text.split_once('='),
    wants: "Field=Value, such as Department=Sales",
};

/// A header may hold an equals sign, a field never does: the last one divides.
const MAP: Form = Form {
    flag: "--map",
    split: |text| text.rsplit_once('='),
    wants: "Header=Field, such as Mail=Email",
};

fn typed(texts: &[String], form: &Form, problems: &mut Vec<CliError>) -> Vec<(String, Said)> {
    let mut pairs = Vec::new();
    for text in texts {
        let by = Source::Flag(form.flag.to_owned());
        let parts = (form.split)(text).map(|(left, right)| (left.trim(), right.trim()));
        let parts = parts.filter(|(left, right)| !left.is_empty() && !right.is_empty());
        if let Some((left, right)) = parts {
            let text = right.to_owned();
            pairs.push((left.to_owned(), Said { text, by }));
        } else {
            let (value, wants) = (text.clone(), form.wants.into());
            problems.push(CliError::Value { by, value, wants });
        }
    }
    pairs
}

/// The API name of a field that may have one value for every user.
fn common_field(field: &str, said: &Said, problems: &mut Vec<CliError>) -> Option<String> {
    let by = || said.by.clone();
    let problem = match set_field(field) {
        Ok(SetField::Common(_)) if said.text.trim().is_empty() => CliError::Value {
            by: by(),
            value: String::new(),
            wants: "a value".into(),
        },
        Ok(SetField::Common(field)) => return Some(field),
        Ok(SetField::Personal) => CliError::NotCommon {
            by: by(),
            field: field.to_owned(),
        },
        Ok(SetField::Own(flag)) => CliError::OwnSetting {
            by: by(),
            field: field.to_owned(),
            flag,
        },
        Err(wants) => CliError::Value {
            by: by(),
            value: field.to_owned(),
            wants,
        },
    };
    problems.push(problem);
    None
}

/// Adds one layer: a known left side gets the new right side in its old place.
fn merge(
    into: &mut Vec<(String, String)>,
    layer: Vec<(String, Said)>,
    problems: &mut Vec<CliError>,
) {
    let mut of_this_layer: Vec<String> = Vec::new();
    for (left, said) in layer {
        let folded = left.to_lowercase();
        if of_this_layer.contains(&folded) {
            problems.push(CliError::Twice {
                by: said.by,
                field: left,
            });
            continue;
        }
        of_this_layer.push(folded.clone());
        match into
            .iter_mut()
            .find(|(known, _)| known.to_lowercase() == folded)
        {
            Some(known) => known.1 = said.text,
            None => into.push((left, said.text)),
        }
    }
}
