//! The room as the corridor sees it: nasty files, what is read from them and what is said.

mod mappings;
mod oracle;
mod refusals;
mod rows;

use std::path::PathBuf;

use crate::model::contact::RecordFault;
use crate::model::explain::{Exit, Explain};
use crate::model::settings::InputSettings;

use super::{Input, IntakeError, open};

/// A file in a scratch folder, which is removed with it.
struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let scratch = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        scratch.write("contacts.csv", bytes);
        scratch
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn open(&self, settings: &InputSettings) -> Result<Input, IntakeError> {
        open(&self.folder.path().join("contacts.csv"), settings)
    }

    /// The error's four parts, the folder's name left out.
    fn said(&self, error: &IntakeError) -> (String, String, Exit) {
        let folder = format!("{}/", self.folder.path().display());
        let remedy = error.remedy();
        assert!(remedy.ends_with('.') && !remedy.contains("  "), "{remedy}");
        (
            error.to_string(),
            error.place().to_string().replace(&folder, ""),
            error.exit(),
        )
    }
}

type Cells = Vec<Vec<String>>;

fn cells_of(input: &Input) -> Result<Cells, IntakeError> {
    let mut rows = Vec::new();
    for window in input.windows()? {
        let window = window?;
        rows.extend(window.rows().map(|row| {
            (0..row.cell_count())
                .map(|column| row.value(column).into_owned())
                .collect::<Vec<_>>()
        }));
    }
    Ok(rows)
}

fn lines_and_faults(input: &Input) -> Vec<(u64, Option<RecordFault>)> {
    let windows = input.windows().unwrap().map(Result::unwrap);
    windows
        .flat_map(|w| w.rows().map(|r| (r.line(), r.fault())).collect::<Vec<_>>())
        .collect()
}

/// Opens a file and reads it to its end.
fn read(bytes: impl AsRef<[u8]>, settings: &InputSettings) -> Result<(Input, Cells), IntakeError> {
    let scratch = Scratch::new(bytes);
    let input = scratch.open(settings)?;
    let cells = cells_of(&input)?;
    Ok((input, cells))
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn table(rows: &[&[&str]]) -> Cells {
    rows.iter()
        .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
        .collect()
}
