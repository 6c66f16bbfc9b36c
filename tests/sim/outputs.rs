//! The two files of a run, read by a reader that is not ours.

use std::collections::BTreeSet;
use std::path::Path;

use crate::story::NUMBER_COLUMN;

/// A row of success.csv or failure.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) number: usize,
    /// The record as it stands in the file, line end apart.
    pub(crate) record: Vec<u8>,
    pub(crate) end: End,
}

/// What is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Success {
        user: String,
        username: String,
    },
    Failure {
        stage: String,
        codes: String,
        reasons: String,
        raw: String,
    },
}

/// Both files, each in its order.
pub(crate) struct Outputs {
    pub(crate) success: Vec<Written>,
    pub(crate) failure: Vec<Written>,
}

impl Outputs {
    pub(crate) fn read(out: &Path, delimiter: u8) -> Self {
        let success = |cell: &dyn Fn(&str) -> String| End::Success {
            user: cell("sf__Id"),
            username: cell("admit__Username"),
        };
        let failure = |cell: &dyn Fn(&str) -> String| End::Failure {
            stage: cell("admit__Stage"),
            codes: cell("admit__Code"),
            reasons: cell("admit__Reason"),
            raw: cell("admit__Raw"),
        };
        Self {
            success: table(&out.join("success.csv"), delimiter, success),
            failure: table(&out.join("failure.csv"), delimiter, failure),
        }
    }

    /// Numbers of the rows that made users.
    pub(crate) fn created(&self) -> BTreeSet<usize> {
        let all = self.success.iter().chain(&self.failure);
        all.filter(|row| row.end.user().is_some())
            .map(|row| row.number)
            .collect()
    }
}

impl End {
    /// What counts, whatever the job and the time: the file, the codes, the user's name.
    pub(crate) fn essence(&self) -> String {
        match self {
            Self::Success { username, .. } => format!("created {username}"),
            Self::Failure { stage, codes, .. } => format!("{stage}: {codes}"),
        }
    }

    /// The user that was made for the row, with or without all its permission sets.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::Success { user, .. } => Some(user),
            Self::Failure { reasons, .. } => {
                let (before, _) = reasons.split_once(" was created, but lacks")?;
                before.rsplit(' ').next()
            }
        }
    }
}

fn table(
    path: &Path,
    delimiter: u8,
    end_of: impl Fn(&dyn Fn(&str) -> String) -> End,
) -> Vec<Written> {
    let bytes = std::fs::read(path).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(bytes.as_slice());
    let header = reader.headers().unwrap().clone();
    let mut rows: Vec<(usize, csv::StringRecord)> = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let at = usize::try_from(record.position().unwrap().byte()).unwrap();
        rows.push((at, record));
    }
    let starts: Vec<usize> = rows.iter().map(|(at, _)| *at).collect();
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let records = rows.iter().zip(ends).map(|((start, record), end)| {
        let cell = |name: &str| {
            let column = header.iter().position(|header| header == name).unwrap();
            record[column].to_owned()
        };
        Written {
            number: record[NUMBER_COLUMN].parse().unwrap(),
            record: bytes[*start..end].trim_ascii().to_vec(),
            end: end_of(&cell),
        }
    });
    records.collect()
}
