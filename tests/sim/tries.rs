//! How often a run sent a row, read off the waves it sealed.

use std::path::{Path, PathBuf};

use crate::outputs::{End, Written};
use crate::story::Story;

/// Times one row is sent at most.
const TRIES_MAX: usize = 5;

/// The files of all sealed waves.
pub(crate) struct SealedWaves<'f>(Vec<&'f [u8]>);

impl<'f> SealedWaves<'f> {
    pub(crate) fn among(files: &'f [(PathBuf, Vec<u8>)]) -> Self {
        let is_wave = |path: &Path| {
            path.starts_with("plan") && path.extension().is_some_and(|end| end == "csv")
        };
        let waves = files.iter().filter(|(path, _)| is_wave(path));
        Self(waves.map(|(_, bytes)| bytes.as_slice()).collect())
    }

    /// How often a contact, or a user, stands in a wave.
    pub(crate) fn times_sent(&self, id: &str) -> usize {
        let key = &id.as_bytes()[..15];
        let has = |wave: &&&[u8]| wave.windows(key.len()).any(|window| window == key);
        self.0.iter().filter(has).count()
    }

    /// Was this row, or the assignment to its user, tried as often as may be, and in vain?
    pub(crate) fn gave_up(&self, story: &Story, written: &Written) -> bool {
        let contact = &story.rows[written.number].contact;
        match written.end {
            End::Success { .. } => false,
            End::Failure { .. } => {
                self.times_sent(written.end.user().unwrap_or(contact)) >= TRIES_MAX
            }
        }
    }
}
