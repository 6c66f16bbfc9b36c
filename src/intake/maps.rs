//! What the operator says about columns: `--map Header=Field` and Data Loader mapping files.
//!
//! Comes in: the headers and the settings. Goes out: a role for each column that was spoken of.
//! `--map` beats the mapping file, and both beat what the header's name says. Columns that
//! neither names keep the meaning of their name, or pass through.

use std::path::Path;

use crate::model::columns::ColumnRole;
use crate::model::settings::InputSettings;

use super::error::IntakeError;
use super::header::HeaderLine;
use super::names::{meaning, target};
use super::notice::IntakeNotice;
use super::sdl::{SdlEntry, entries};

/// Roles given by the operator, one per column, and the mapping file's columns that are absent.
pub(super) fn given_roles(
    header: &HeaderLine<'_>,
    settings: &InputSettings,
) -> Result<(Vec<Option<ColumnRole>>, Option<IntakeNotice>), IntakeError> {
    let mut roles = vec![None; header.names.len()];
    let mut absent = Vec::new();
    if let Some(path) = &settings.sdl {
        let bytes = std::fs::read(path).map_err(|source| IntakeError::SdlUnreadable {
            path: path.clone(),
            source,
        })?;
        for entry in entries(&bytes) {
            let Some(role) = sdl_role(path, &entry)? else {
                continue;
            };
            match header.column(&entry.header) {
                // What it says of a column of ours is not heard: that column is ignored anyway.
                Some(_) if meaning(&entry.header) == ColumnRole::Ours => {}
                Some(column) => roles[column] = Some(role),
                None => absent.push(entry.header),
            }
        }
    }
    apply_maps(header, &settings.maps, &mut roles)?;
    let notice = (!absent.is_empty()).then_some(IntakeNotice::SdlColumnsAbsent { headers: absent });
    Ok((roles, notice))
}

/// What one entry asks for; none where it leaves the column unmapped.
fn sdl_role(path: &Path, entry: &SdlEntry) -> Result<Option<ColumnRole>, IntakeError> {
    let (path, line) = (path.to_path_buf(), entry.line);
    let field = entry.field.clone();
    if field.is_empty() {
        return Ok(None);
    }
    if entry.header.len() > 1 && entry.header.starts_with('"') && entry.header.ends_with('"') {
        return Err(IntakeError::SdlConstant { path, line, field });
    }
    if field.contains(',') {
        let header = entry.header.clone();
        return Err(IntakeError::SdlSeveralFields { path, line, header });
    }
    match target(&field) {
        Some(role) => Ok(Some(role)),
        None => Err(IntakeError::SdlFieldUnknown { path, line, field }),
    }
}

fn apply_maps(
    header: &HeaderLine<'_>,
    maps: &[(String, String)],
    roles: &mut [Option<ColumnRole>],
) -> Result<(), IntakeError> {
    let mut mapped = Vec::new();
    for (name, field) in maps {
        let Some(column) = header.column(name) else {
            return Err(IntakeError::MapHeaderMissing {
                path: header.path.to_path_buf(),
                line: header.line,
                header: name.clone(),
            });
        };
        if mapped.contains(&column) {
            return Err(IntakeError::MapTwice {
                header: name.clone(),
            });
        }
        mapped.push(column);
        // It would stand in the outputs beside the one of the same name that is written there.
        if meaning(name) == ColumnRole::Ours {
            return Err(IntakeError::MapOwnColumn {
                header: name.clone(),
            });
        }
        roles[column] = Some(target(field).ok_or_else(|| IntakeError::MapFieldUnknown {
            header: name.clone(),
            field: field.clone(),
        })?);
    }
    Ok(())
}
