//! Results left open what became of some rows: the org is asked for their records, by key.
//!
//! Comes in: the keys of rows of one job. Goes out: `jobs/<job id>-answers.csv`, the records that
//! exist, on disk before the journal says so. A key without a record is not in it. It only asks:
//! what the answer means is for whoever settles the rows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::UploadError;
use super::patience::{Heard, patiently};
use super::{Desk, JOBS_FOLDER, fetch, whole};
use crate::journal::{Entry, PartFile};
use crate::model::change::{AskedKey, ChangeKind};
use crate::model::id::JobId;
use crate::model::limits::SOQL_URI_BYTES_MAX;
use crate::salesforce::QueryRecord;

/// What may stand before the query in a request's line, and the encoded text around the ids.
const AROUND_BYTES: usize = 600;

/// An id in quotes and a comma, percent-encoded.
const LISTED_ID_BYTES: usize = 18 + 3 * 3;

/// Where the org's answer for a job lies, or will.
pub fn answers_path(run_folder: &Path, job: JobId) -> PathBuf {
    run_folder
        .join(JOBS_FOLDER)
        .join(format!("{job}-answers.csv"))
}

/// SHA-256 of an answer, hex, as the journal keeps it.
pub fn answers_sha256(path: &Path) -> std::io::Result<String> {
    whole::digest(&[path])
}

/// Asks the org which of these contacts have users, or which of these assignments exist, and
/// brings the answer to disk; the columns are those of the query. An earlier answer about the same
/// job is replaced.
pub async fn ask(
    desk: &Desk<'_>,
    job: JobId,
    kind: ChangeKind,
    keys: &[AskedKey],
) -> Result<PathBuf, UploadError> {
    fetch::make_folder(desk.run_folder)?;
    let question = Question::about(kind);
    // In the order of ids: the same keys ask the same.
    let ids: BTreeSet<String> = keys.iter().map(|key| question.id_of(key)).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut records = Vec::new();
    for listed in ids.chunks((SOQL_URI_BYTES_MAX - AROUND_BYTES) / LISTED_ID_BYTES) {
        let soql = question.soql(listed);
        let heard = match patiently(desk, || desk.org.query(&soql)).await {
            Ok(Heard::Answer(found)) => Ok(found),
            Ok(Heard::Gone(source)) | Err(source) => Err(source),
        };
        records.extend(heard.map_err(|source| UploadError::NotAsked { job, source })?);
    }
    let path = answers_path(desk.run_folder, job);
    let written = write(&path, question.columns, &records).and_then(|()| answers_sha256(&path));
    let sha256 = written.map_err(|source| UploadError::Unwritable {
        job: Some(job),
        path: path.clone(),
        source,
    })?;
    let asked = Entry::OrgAsked {
        job: job.to_string(),
        sha256: Some(sha256),
    };
    desk.record(Some(job), asked)?;
    Ok(path)
}

/// What is asked about the rows of a kind of wave.
struct Question {
    columns: [&'static str; 3],
    object: &'static str,
    /// The column the ids are of.
    by: &'static str,
}

impl Question {
    fn about(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::CreateUser => Self {
                columns: ["Id", "ContactId", "Username"],
                object: "User",
                by: "ContactId",
            },
            ChangeKind::AssignPermissionSet => Self {
                columns: ["AssigneeId", "PermissionSetId", "Id"],
                object: "PermissionSetAssignment",
                by: "AssigneeId",
            },
        }
    }

    fn soql(&self, ids: &[String]) -> String {
        let (columns, object, by) = (self.columns.join(", "), self.object, self.by);
        let ids = ids.join("','");
        format!("SELECT {columns} FROM {object} WHERE {by} IN ('{ids}')")
    }

    /// # Panics
    /// When the key is of another kind of wave: a bug.
    fn id_of(&self, key: &AskedKey) -> String {
        let (id, by) = match key {
            AskedKey::User(contact) => (contact.to_string(), "ContactId"),
            AskedKey::Assignment(user, _) => (user.to_string(), "AssigneeId"),
        };
        assert!(by == self.by, "a key of another kind of wave is asked for");
        id
    }
}

fn write(path: &Path, columns: [&str; 3], records: &[QueryRecord]) -> std::io::Result<()> {
    let part = PartFile::create(path.to_owned())?;
    let mut writer = csv::Writer::from_writer(part);
    writer.write_record(columns)?;
    for record in records {
        writer.write_record(columns.map(|column| record.text(column)))?;
    }
    let part = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    part.publish_durably()
}
