//! What people were shown of a plan, kept beside it, so that a process that finishes the run can
//! sum it up as the one that began it would have.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::journal::PartFile;
use crate::model::id::LicenseId;
use crate::model::summary::{OrgIdentity, PlanSummary};
use crate::pipeline::CorridorError;

/// The file's name under the run folder.
const FILE_NAME: &str = "plan/summary.json";

/// A plan as it was shown.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptPlan {
    /// When the run began.
    pub started_at: String,
    /// Whose org it is.
    pub identity: OrgIdentity,
    /// The numbers.
    pub summary: PlanSummary,
    /// The licences, in the order the plan counts them by.
    pub licenses: Vec<KeptLicense>,
}

/// A licence of the org.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptLicense {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl KeptLicense {
    /// Is it the one with this id?
    pub(super) fn is(&self, id: LicenseId) -> bool {
        self.id == id.to_string()
    }
}

impl KeptPlan {
    /// Brings it to disk.
    pub(super) fn store(&self, folder: &Path) -> Result<(), CorridorError> {
        let path = folder.join(FILE_NAME);
        let text = serde_json::to_vec(self).unwrap_or_default();
        let written = PartFile::create(path.clone()).and_then(|mut part| {
            part.write_all(&text)?;
            part.publish_durably()
        });
        written.map_err(|source| CorridorError::Folder { path, source })
    }

    /// Removes it, when the run's own summary is written. What cannot be removed stays.
    pub(super) fn clear_away(folder: &Path) {
        let _ = fs::remove_file(folder.join(FILE_NAME));
    }

    /// Reads it back.
    pub(super) fn load(folder: &Path) -> Result<Self, CorridorError> {
        let path = folder.join(FILE_NAME);
        let text = fs::read(&path).map_err(|source| CorridorError::of(source, path.clone()))?;
        serde_json::from_slice(&text).map_err(|_| CorridorError::RunFileDamaged { path })
    }
}
