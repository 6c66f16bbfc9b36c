//! Arguments + environment + settings file -> `model::settings::Settings`, checked once.
//!
//! A flag beats the environment, which beats the program chosen in the settings file, which
//! beats the file's top level. All problems are found before any is said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StandardProfiles,
};
use crate::pipeline::Command;

use super::args::WalkArgs;
use super::config_file::{self, ConfigFile, Section};
use super::error::CliError;
use super::layers::{Layers, Setting, Source, outside_file, variable};
use super::pairs;
use super::stopping::stopping;
use super::values::{self, Wants};

/// The API version spoken when none is named: the newest generally available one.
pub(crate) const API_VERSION_DEFAULT: &str = "67.0";

/// The settings file that is read when none is named.
const CONFIG_FILE: &str = "admit.toml";

/// Characters of the input's name that its run folder repeats.
const STEM_CHARACTERS_MAX: usize = 60;

/// Everything around the command line that settings are made from. Holds secrets: never shown.
pub(crate) struct Surroundings {
    /// The environment, as far as it is UTF-8.
    pub(crate) variables: BTreeMap<String, String>,
    /// The home folder.
    pub(crate) home: Option<PathBuf>,
    /// Where `admit.toml` is looked for; empty means the working directory.
    pub(crate) folder: PathBuf,
    /// The time, for the run folder's name.
    pub(crate) now: Timestamp,
    /// Cores, for the number of threads.
    pub(crate) cores: usize,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            variables: std::env::vars_os().filter_map(utf8).collect(),
            home: std::env::home_dir(),
            folder: PathBuf::new(),
            now: Timestamp::now(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        }
    }
}

/// Settings, and how the run folder was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Complete settings.
    pub(crate) settings: Settings,
    /// The run folder's name was made up here: another may be taken when it exists.
    pub(crate) out_made_up: bool,
}

/// Settles what was said to a walk; all problems at once.
pub(crate) fn settle(
    command: Command,
    args: &WalkArgs,
    around: &Surroundings,
) -> Result<Settled, Vec<CliError>> {
    let mut problems = Vec::new();
    check_contacts(&args.file, &mut problems);
    let file = read_config(args, around, &mut problems);
    let program = choose_program(args, around, &file, &mut problems);
    let layers = Layers {
        args,
        variables: &around.variables,
        file: &file,
        program,
    };
    let mut desk = Desk { layers, problems };

    let out = out(&mut desk);
    let out_made_up = out.is_none();
    let settings = Settings {
        contacts: args.file.clone(),
        out: out.unwrap_or_else(|| made_up_out(&args.file, around.now)),
        state_dir: state_dir(&mut desk, around),
        input: input(&mut desk),
        program: program_settings(&mut desk),
        guard: guard(&mut desk, command),
        cache: cache(&mut desk),
        pacing: pacing(&mut desk),
        stopping: stopping(&mut desk),
        api_version: api_version(&mut desk),
        threads: threads(&mut desk, around),
        seed: desk.value(Setting::Seed, 0, values::seed),
    };
    if desk.problems.is_empty() {
        Ok(Settled {
            settings,
            out_made_up,
        })
    } else {
        Err(desk.problems)
    }
}

/// Settles what a command takes that is no walk: `read` reads that and nothing else, so that what
/// is said to other commands does not stop this one. `args` holds no contacts file.
pub(super) fn settle_some<T>(
    args: &WalkArgs,
    around: &Surroundings,
    read: impl FnOnce(&mut Desk<'_>) -> T,
) -> Result<T, Vec<CliError>> {
    let mut problems = Vec::new();
    let file = read_config(args, around, &mut problems);
    let layers = Layers {
        args,
        variables: &around.variables,
        file: &file,
        program: None,
    };
    let mut desk = Desk { layers, problems };
    let settled = read(&mut desk);
    if desk.problems.is_empty() {
        Ok(settled)
    } else {
        Err(desk.problems)
    }
}

/// The layers, and the problems met so far.
pub(super) struct Desk<'a> {
    layers: Layers<'a>,
    problems: Vec<CliError>,
}

impl Desk<'_> {
    /// A setting's value, or its default; a problem when it is said and cannot be read.
    pub(super) fn value<T>(
        &mut self,
        setting: Setting,
        default: T,
        read: impl FnOnce(&str) -> Result<T, Wants>,
    ) -> T {
        let Some(said) = self.layers.said(setting) else {
            return default;
        };
        match read(&said.text) {
            Ok(value) => value,
            Err(wants) => {
                self.problems.push(CliError::Value {
                    by: said.by,
                    value: said.text,
                    wants,
                });
                default
            }
        }
    }

    /// A setting's value where it was typed, or its default. What a variable or a file says is
    /// meant for others, and not even read.
    pub(super) fn typed<T>(
        &mut self,
        setting: Setting,
        default: T,
        read: impl FnOnce(&str) -> Result<T, Wants>,
    ) -> T {
        match self.layers.args.typed(setting) {
            Some(_) => self.value(setting, default, read),
            None => default,
        }
    }

    /// A path; one in the settings file starts at that file.
    fn path(&self, setting: Setting) -> Option<PathBuf> {
        let said = self.layers.said(setting)?;
        Some(match said.by {
            Source::Key { .. } => self.layers.file.folder.join(said.text),
            Source::Flag(_) | Source::Variable(_) => PathBuf::from(said.text),
        })
    }
}

fn input(desk: &mut Desk<'_>) -> InputSettings {
    InputSettings {
        encoding: desk.value(Setting::Encoding, None, values::encoding),
        delimiter: desk.value(Setting::Delimiter, None, values::delimiter),
        maps: pairs::maps(&desk.layers, &mut desk.problems),
        sdl: sdl(desk),
        output_bom: desk.value(Setting::Bom, false, values::truth),
    }
}

fn program_settings(desk: &mut Desk<'_>) -> ProgramSettings {
    let defaults = ProgramSettings::default();
    ProgramSettings {
        profile: desk.value(Setting::Profile, None, values::name),
        set: pairs::set(&desk.layers, &mut desk.problems),
        username_pattern: desk.value(
            Setting::UsernamePattern,
            defaults.username_pattern,
            values::username_pattern,
        ),
        username_on_conflict: desk.value(
            Setting::UsernameOnConflict,
            defaults.username_on_conflict,
            values::username_on_conflict,
        ),
        site: desk.value(Setting::Site, None, values::name),
        standard_profiles: desk.value(
            Setting::StandardProfiles,
            StandardProfiles::Unknown,
            values::standard_profiles,
        ),
        owner_accounts_max: defaults.owner_accounts_max,
    }
}

fn guard(desk: &mut Desk<'_>, command: Command) -> GuardSettings {
    let (setting, read) = (Setting::ExpectOrg, values::expect_org);
    GuardSettings {
        expect_org: match command {
            Command::Check | Command::Run => desk.value(setting, None, read),
            // A programme names the real org it is for, and a rehearsal is never in that one.
            Command::Rehearse => desk.typed(setting, None, read),
        },
        welcome: desk.value(Setting::Welcome, None, values::welcome),
    }
}

fn cache(desk: &mut Desk<'_>) -> CacheSettings {
    let defaults = CacheSettings::default();
    CacheSettings {
        max_age_ms: desk.value(Setting::MaxAge, defaults.max_age_ms, values::duration_ms),
        offline: desk.value(Setting::Offline, defaults.offline, values::truth),
    }
}

/// The API version to speak.
pub(super) fn api_version(desk: &mut Desk<'_>) -> String {
    let default = API_VERSION_DEFAULT.to_owned();
    desk.value(Setting::ApiVersion, default, values::api_version)
}

/// Threads of the parallel part.
pub(super) fn threads(desk: &mut Desk<'_>, around: &Surroundings) -> usize {
    desk.value(Setting::Threads, around.cores, values::threads)
}

/// How fast an org is asked.
pub(super) fn asking(desk: &mut Desk<'_>) -> PacingSettings {
    let defaults = PacingSettings::default();
    let poll_first_ms = desk.value(Setting::PollMs, defaults.poll_first_ms, values::poll_ms);
    PacingSettings {
        poll_first_ms,
        poll_longest_ms: defaults.poll_longest_ms.max(poll_first_ms),
        requests_per_second: desk.value(
            Setting::RequestsPerSecond,
            defaults.requests_per_second,
            values::requests_per_second,
        ),
        ..defaults
    }
}

/// How fast an org is asked, and sent to.
pub(super) fn pacing(desk: &mut Desk<'_>) -> PacingSettings {
    let defaults = asking(desk);
    PacingSettings {
        reserve_percent: desk.value(Setting::Reserve, defaults.reserve_percent, values::reserve),
        job_minutes: desk.value(
            Setting::JobMinutes,
            defaults.job_minutes,
            values::job_minutes,
        ),
        lanes: desk.value(Setting::Lanes, defaults.lanes, values::lanes),
        rows_per_job: desk.value(Setting::RowsPerJob, None, |text| {
            values::rows_per_job(text).map(Some)
        }),
        ..defaults
    }
}

/// The contacts file is read several times, so it must be a file, not a pipe.
fn check_contacts(path: &Path, problems: &mut Vec<CliError>) {
    let reason = match std::fs::metadata(path) {
        Ok(data) if data.is_file() => return,
        Ok(_) => "it is not a regular file".to_owned(),
        Err(error) => error.to_string(),
    };
    problems.push(CliError::Contacts {
        path: path.display().to_string(),
        reason,
    });
}

/// The settings file once more, for what is not a setting; its problems are told by `settle`.
pub(crate) fn config_of(args: &WalkArgs, around: &Surroundings) -> ConfigFile {
    read_config(args, around, &mut Vec::new())
}

/// The settings file named, or `admit.toml` if there is one.
fn read_config(args: &WalkArgs, around: &Surroundings, problems: &mut Vec<CliError>) -> ConfigFile {
    if let Some(said) = outside_file(args, &around.variables, Setting::Config) {
        return config_file::read(Path::new(&said.text), problems);
    }
    let here = around.folder.join(CONFIG_FILE);
    if here.is_file() {
        config_file::read(&here, problems)
    } else {
        ConfigFile::default()
    }
}

fn choose_program<'f>(
    args: &WalkArgs,
    around: &Surroundings,
    file: &'f ConfigFile,
    problems: &mut Vec<CliError>,
) -> Option<&'f Section> {
    let said = outside_file(args, &around.variables, Setting::Program)?;
    let section = file.programs.get(&said.text);
    if section.is_none() {
        let known = file.programs.keys().cloned().collect();
        problems.push(CliError::ProgramUnknown {
            by: said.by,
            name: said.text,
            known,
        });
    }
    section
}

/// The run folder that was asked for: new, or empty.
fn out(desk: &mut Desk<'_>) -> Option<PathBuf> {
    let out = desk.path(Setting::Out)?;
    let path = out.display().to_string();
    match std::fs::read_dir(&out).map(|mut entries| entries.next().is_some()) {
        Ok(false) => {}
        Ok(true) => desk.problems.push(CliError::OutTaken { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => desk.problems.push(CliError::Folder { path, error }),
    }
    Some(out)
}

/// `admit-runs/2026-01-05T080000Z-contacts`; odd characters of the name become `-`.
fn made_up_out(contacts: &Path, now: Timestamp) -> PathBuf {
    let stem = contacts.file_stem().unwrap_or_default().to_string_lossy();
    let tame = |c: char| {
        if c.is_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let stem: String = stem.chars().take(STEM_CHARACTERS_MAX).map(tame).collect();
    PathBuf::from("admit-runs").join(format!("{}-{stem}", now.strftime("%Y-%m-%dT%H%M%SZ")))
}

/// `$XDG_STATE_HOME/admit`, where a relative value counts as not set
/// ([source](https://specifications.freedesktop.org/basedir-spec/latest/)), else below home.
pub(super) fn state_dir(desk: &mut Desk<'_>, around: &Surroundings) -> PathBuf {
    if let Some(path) = desk.path(Setting::StateDir) {
        return path;
    }
    let xdg = variable(&around.variables, "XDG_STATE_HOME").map(|said| PathBuf::from(said.text));
    let home = around.home.as_ref().map(|home| home.join(".local/state"));
    let Some(base) = xdg.filter(|path| path.is_absolute()).or(home) else {
        desk.problems.push(CliError::NoStateDir);
        return PathBuf::new();
    };
    base.join("admit")
}

fn sdl(desk: &mut Desk<'_>) -> Option<PathBuf> {
    let sdl = desk.path(Setting::Sdl)?;
    if let Err(error) = std::fs::File::open(&sdl) {
        desk.problems.push(CliError::Sdl {
            path: sdl.display().to_string(),
            error,
        });
    }
    Some(sdl)
}
