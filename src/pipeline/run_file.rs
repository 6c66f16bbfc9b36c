//! `run.json`: what a run was told that shapes its plan or guards it, so that another process can
//! finish it as it was begun. Pace, waiting and connections are not in it: they may change.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::journal::{self, PartFile};
use crate::model::digest::hex;
use crate::model::settings::{
    CacheSettings, FailuresMax, GuardSettings, InputSettings, PacingSettings, ProgramSettings,
    Settings, StoppingSettings, Welcome,
};
use crate::pipeline::{Command, CorridorError};

/// The file's name in the run folder.
const FILE_NAME: &str = "run.json";

/// The form of the file this build writes and reads.
const VERSION: u32 = 1;

/// What stands in the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunFile {
    v: u32,
    /// `run` or `rehearse`.
    pub command: String,
    /// The contacts file, as an absolute path.
    pub contacts: PathBuf,
    /// How it was read.
    pub input: InputSettings,
    /// What users get.
    pub program: ProgramSettings,
    /// What must hold before anything is sent: a run cut before its plan was sealed has not
    /// passed the gate yet.
    pub guard: GuardSettings,
    /// Rows that go first, to be looked at before the rest.
    pub pilot_rows: Option<u32>,
    /// How many refusals are too many.
    pub failures_max: Option<FailuresMax>,
    /// API version in the form `67.0`.
    pub api_version: String,
    /// Seed of everything random.
    pub seed: u64,
}

/// What a process that takes up a run may decide anew.
#[derive(Debug, Clone)]
pub struct ResumeSettings {
    /// Where caches and locks live.
    pub state_dir: PathBuf,
    /// How fast.
    pub pacing: PacingSettings,
    /// When to stop. How many refusals are too many is said here only to count them anew, by
    /// another limit; the pilot is the run's own.
    pub stopping: StoppingSettings,
    /// What is said about welcome mails now; none means what the run was told.
    pub welcome: Option<Welcome>,
    /// Threads of the parallel part.
    pub threads: usize,
}

impl RunFile {
    /// What these settings say.
    pub(super) fn of(settings: &Settings, command: Command) -> Self {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let input = InputSettings {
            sdl: settings.input.sdl.as_deref().map(absolute),
            ..settings.input.clone()
        };
        Self {
            v: VERSION,
            command: command.as_str().to_owned(),
            contacts: absolute(&settings.contacts),
            input,
            program: settings.program.clone(),
            guard: settings.guard.clone(),
            pilot_rows: settings.stopping.pilot_rows,
            failures_max: settings.stopping.failures_max,
            api_version: settings.api_version.clone(),
            seed: settings.seed,
        }
    }

    /// Digest of what the run was told; the journal pins it. Where the contacts came from decides
    /// nothing any more: a run reads its own copy, and the journal pins what is in it.
    pub(super) fn digest(&self) -> String {
        let shaping = (
            (&self.input, &self.program, &self.guard),
            (self.pilot_rows, self.failures_max),
            (&self.api_version, self.seed),
        );
        let text = serde_json::to_vec(&shaping).unwrap_or_default();
        hex(&Sha256::digest(&text))
    }

    /// Writes it into a run folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), CorridorError> {
        let path = Self::path(folder);
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        let written = PartFile::create(path.clone()).and_then(|mut part| {
            part.write_all(&text)?;
            part.publish_durably()
        });
        written.map_err(|source| CorridorError::Folder { path, source })
    }

    /// Where it stands in a run folder.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join(FILE_NAME)
    }

    /// Reads it from a run folder.
    pub(super) fn read(folder: &Path) -> Result<Self, CorridorError> {
        let path = Self::path(folder);
        let text = fs::read(&path).map_err(|source| {
            let path = path.clone();
            let is_there = !matches!(
                source.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory
            );
            if is_there || folder.join(journal::FILE_NAME).exists() {
                CorridorError::of(source, path)
            } else {
                CorridorError::NotARun { path, source }
            }
        })?;
        let read: Option<Self> = serde_json::from_slice(&text).ok();
        read.filter(|file| file.v == VERSION)
            .ok_or(CorridorError::RunFileDamaged { path })
    }

    /// The settings of a walk that finishes this run.
    pub(super) fn settings(self, folder: &Path, anew: ResumeSettings) -> Settings {
        let ResumeSettings {
            state_dir,
            pacing,
            stopping,
            welcome,
            threads,
        } = anew;
        let stopping = StoppingSettings {
            pilot_rows: self.pilot_rows,
            counts_anew: stopping.failures_max.is_some(),
            failures_max: stopping.failures_max.or(self.failures_max),
            ..stopping
        };
        let guard = GuardSettings {
            welcome: welcome.or(self.guard.welcome),
            ..self.guard
        };
        Settings {
            contacts: self.contacts,
            out: folder.to_owned(),
            state_dir,
            input: self.input,
            program: self.program,
            guard,
            cache: CacheSettings::default(),
            pacing,
            stopping,
            api_version: self.api_version,
            threads,
            seed: self.seed,
        }
    }
}
