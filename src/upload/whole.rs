//! Are a job's results all there, and are they still what they were?
//!
//! Comes in: three files on disk, what the org said of the job, and how many rows were sent. Goes
//! out: what does not add up, if anything. Which row is which is not looked at here.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::ResultFiles;
use crate::journal::digest_into;
use crate::model::digest::hex;
use crate::model::job::{JobInfo, JobState, ResultKind};
use crate::model::job_csv::{RecordEnd, next_record};

/// Bytes read at once.
const BUFFER_BYTES: usize = 128 << 10;

/// What does not add up; none when nothing does not.
///
/// The org counts for itself only where a job completed: of one that failed or was aborted the
/// counters say less than the files (bulk-api-2 §3.3).
pub(super) fn doubt(files: &ResultFiles, job: &JobInfo, rows_sent: u64) -> Option<String> {
    let rows = ResultKind::ALL.map(|kind| (kind, rows_of(files.of(kind))));
    let mut counts = [0_u64; 3];
    for ((kind, rows), count) in rows.into_iter().zip(&mut counts) {
        match rows {
            Ok(rows) => *count = rows,
            Err(fault) => return Some(format!("the {} results {fault}", kind.as_str())),
        }
    }
    let [successful, failed, unprocessed] = counts;
    let came = successful + failed + unprocessed;
    if came != rows_sent {
        return Some(format!("{rows_sent} rows were sent, {came} came back"));
    }
    let counted = job.state == JobState::JobComplete && job.processed_count > 0;
    if counted && (successful + failed, failed) != (job.processed_count, job.failed_count) {
        return Some(format!(
            "{failed} of {} rows failed, but the org counts {} of {}",
            successful + failed,
            job.failed_count,
            job.processed_count
        ));
    }
    None
}

/// SHA-256 of files with their lengths, hex.
pub(super) fn digest(paths: &[&Path]) -> io::Result<String> {
    let mut hasher = Sha256::new();
    for path in paths {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        hasher.update(bytes.to_be_bytes());
        digest_into(&mut hasher, &mut file, bytes)?;
    }
    Ok(hex(&hasher.finalize()))
}

/// Rows behind the header. No bytes at all stand for no rows: a 204.
fn rows_of(path: &Path) -> Result<u64, String> {
    let mut reader = File::open(path)
        .map(|file| BufReader::with_capacity(BUFFER_BYTES, file))
        .map_err(|error| error.to_string())?;
    let (mut records, mut record) = (0_u64, Vec::new());
    while let Some(end) =
        next_record(&mut reader, &mut record).map_err(|error| error.to_string())?
    {
        if end == RecordEnd::Cut {
            return Err("are cut off in a record".to_owned());
        }
        // The org writes UTF-8 (bulk-api-2 §3.8): other bytes are not its own.
        if std::str::from_utf8(&record).is_err() {
            return Err(format!("are garbled in row {records}"));
        }
        records += u64::from(!record.trim_ascii().is_empty());
    }
    Ok(records.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::tests::job_id;

    const GOOD: [&str; 3] = [
        "\"sf__Id\",\"sf__Created\",Name\n\"1\",\"true\",\"a\nb\"\n",
        "\"sf__Id\",\"sf__Error\",Name\n\"\",\"X:y:--\",\"c\"\n",
        "Name\n\"d\"\n",
    ];

    fn doubt_of(texts: [&str; 3], counted: (u64, u64), state: JobState) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let files = super::super::result_files(folder.path(), job_id());
        std::fs::create_dir(folder.path().join("jobs")).unwrap();
        for (kind, text) in ResultKind::ALL.into_iter().zip(texts) {
            std::fs::write(files.of(kind), text).unwrap();
        }
        let (processed_count, failed_count) = counted;
        let job = JobInfo {
            id: job_id(),
            state,
            processed_count,
            failed_count,
            error_message: None,
        };
        doubt(&files, &job, 3)
    }

    #[test]
    fn results_add_up_when_every_row_came_back_once() {
        for counted in [(2, 1), (0, 0)] {
            assert_eq!(doubt_of(GOOD, counted, JobState::JobComplete), None);
        }
        let nothing = ["", "", "Name\n1\n2\n3\n"];
        assert_eq!(doubt_of(nothing, (9, 9), JobState::Failed), None);
    }

    #[test]
    fn what_was_cut_anywhere_does_not_add_up() {
        for (place, whole) in GOOD.iter().enumerate() {
            for end in 0..whole.len() {
                let mut texts = GOOD;
                texts[place] = &whole[..end];
                let doubt = doubt_of(texts, (0, 0), JobState::JobComplete);
                assert!(doubt.is_some(), "{:?}", &whole[..end]);
            }
        }
    }

    #[test]
    fn results_that_are_not_text_any_more_do_not_add_up() {
        for (place, whole) in GOOD.iter().enumerate() {
            let at = whole.len() - 3;
            let mut bytes = whole.as_bytes().to_vec();
            bytes[at] = 0x80;
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("garbled.csv");
            std::fs::write(&path, bytes).unwrap();
            let fault = rows_of(&path).unwrap_err();
            assert!(fault.starts_with("are garbled"), "{place}: {fault}");
        }
    }

    #[test]
    fn the_orgs_own_count_is_believed_where_a_job_completed() {
        let doubt = doubt_of(GOOD, (2, 0), JobState::JobComplete).unwrap();
        assert_eq!(doubt, "1 of 2 rows failed, but the org counts 0 of 2");
        assert_eq!(doubt_of(GOOD, (2, 0), JobState::Aborted), None);
    }
}
