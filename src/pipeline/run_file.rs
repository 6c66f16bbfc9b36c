//! `run.json`: what a run was told that shapes its plan, so that another process can finish it as
//! it was begun. Pace, waiting and connections are not in it: they may change.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::journal::{self, PartFile};
use crate::model::digest::hex;
use crate::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StoppingSettings,
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
    /// When to stop.
    pub stopping: StoppingSettings,
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
            api_version: settings.api_version.clone(),
            seed: settings.seed,
        }
    }

    /// Digest of what shapes the plan; the journal pins it.
    pub(super) fn digest(&self) -> String {
        let shaping = (&self.input, &self.program, &self.guard, &self.api_version);
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
            if folder.join(journal::FILE_NAME).exists() && !path.exists() {
                CorridorError::RunFileDamaged { path }
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
            threads,
        } = anew;
        Settings {
            contacts: self.contacts,
            out: folder.to_owned(),
            state_dir,
            input: self.input,
            program: self.program,
            guard: self.guard,
            cache: CacheSettings::default(),
            pacing,
            stopping,
            api_version: self.api_version,
            threads,
            seed: self.seed,
        }
    }
}
