//! The run folder: made for this run alone, and closed to others, as its files hold personal data.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::notice::Warning;
use super::settings::Settled;

/// Runs of the same file that may begin within one second.
const NAMES_MAX: u32 = 100;

/// A run folder that is there, empty and ours.
pub(crate) struct RunFolder {
    /// Its path, as the operator knows it.
    pub(crate) path: PathBuf,
    /// What is odd about it.
    pub(crate) warning: Option<Warning>,
}

/// Makes the run folder. A name that was made up gives way to runs that began in the same second.
pub(crate) fn make_run_folder(settled: &Settled) -> Result<RunFolder, CliError> {
    let wanted = &settled.settings.out;
    let unusable = |path: &Path| {
        let path = path.display().to_string();
        move |error| CliError::Folder { path, error }
    };
    if settled.out_made_up {
        let parent = wanted.parent().unwrap_or(Path::new(""));
        private()
            .recursive(true)
            .create(parent)
            .map_err(unusable(parent))?;
        let path = make_first_free(wanted).map_err(unusable(wanted))?;
        return Ok(RunFolder {
            path,
            warning: None,
        });
    }
    private()
        .recursive(true)
        .create(wanted)
        .map_err(unusable(wanted))?;
    let warning = close_to_others(wanted).err().map(|_| {
        let path = wanted.display().to_string();
        Warning::OpenFolder { path }
    });
    Ok(RunFolder {
        path: wanted.clone(),
        warning,
    })
}

/// `name`, else `name-2`, `name-3`, ...
fn make_first_free(wanted: &Path) -> io::Result<PathBuf> {
    let numbered = (2..=NAMES_MAX).map(|number| {
        let mut name = wanted.as_os_str().to_owned();
        name.push(format!("-{number}"));
        PathBuf::from(name)
    });
    for path in std::iter::once(wanted.to_path_buf()).chain(numbered) {
        match private().create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn private() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// A folder that was there before may be open; one of somebody else cannot be closed.
#[cfg(unix)]
fn close_to_others(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let of_others = fs::metadata(folder)?.permissions().mode() & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Elsewhere folders have no such mode.
#[cfg(not(unix))]
fn close_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A walk that stopped before it wrote anything leaves nothing behind.
pub(super) fn leave_no_empty_folder(out: &Path) {
    // The log is opened before anything can be logged.
    let log = out.join("run.log");
    if fs::metadata(&log).is_ok_and(|file| file.len() == 0) {
        let _ = fs::remove_file(&log);
    }
    // Fails when the folder holds something, which is just what is wanted.
    let _ = fs::remove_dir(out);
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settled;
    use super::*;
    use crate::model::settings::{
        CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
        StoppingSettings,
    };

    fn settled(out: PathBuf, out_made_up: bool) -> Settled {
        let settings = Settings {
            contacts: "contacts.csv".into(),
            out,
            state_dir: PathBuf::new(),
            input: InputSettings::default(),
            program: ProgramSettings::default(),
            guard: GuardSettings::default(),
            cache: CacheSettings::default(),
            pacing: PacingSettings::default(),
            stopping: StoppingSettings::default(),
            api_version: String::new(),
            threads: 1,
            seed: 0,
        };
        Settled {
            settings,
            out_made_up,
        }
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn runs_that_begin_in_the_same_second_get_folders_of_their_own() {
        let home = tempfile::tempdir().unwrap();
        let wanted = settled(home.path().join("admit-runs/t-contacts"), true);
        let names = ["t-contacts", "t-contacts-2", "t-contacts-3"];
        for name in names {
            let made = make_run_folder(&wanted).unwrap().path;
            assert_eq!(made, home.path().join("admit-runs").join(name));
        }
    }

    #[cfg(unix)]
    #[test]
    fn run_folders_are_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let open = home.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        for (out, made_up) in [
            (open, false),
            (home.path().join("a/b"), false),
            (home.path().join("c/d"), true),
        ] {
            let made = make_run_folder(&settled(out, made_up)).unwrap();
            assert_eq!(mode(&made.path), 0o700);
            assert!(made.warning.is_none());
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("file"), "").unwrap();
        for made_up in [false, true] {
            let out = settled(home.path().join("file/run"), made_up);
            assert!(matches!(
                make_run_folder(&out),
                Err(CliError::Folder { .. })
            ));
        }
    }
}
