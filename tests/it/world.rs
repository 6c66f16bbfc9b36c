//! A temp folder, the binary, and the files a run leaves: what every test here stands on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use admit::journal::{Entry, Line};

/// A scratch folder with nothing of the caller's environment.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What one command did.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a run noted, step by step.
    pub(crate) fn journal(&self, out: &str) -> Vec<Entry> {
        let text = std::fs::read_to_string(self.path(out).join("journal.jsonl")).unwrap();
        let entry = |line: &str| Line::decode(line).unwrap().entry;
        text.lines().map(entry).collect()
    }

    /// Cuts a run's journal after its latest such line, as if the process had died there.
    pub(crate) fn cut_journal_after(&self, out: &str, is_last: impl Fn(&Entry) -> bool) {
        let path = self.path(out).join("journal.jsonl");
        let keep = self.journal(out).iter().rposition(is_last).unwrap() + 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let kept: String = text.split_inclusive('\n').take(keep).collect();
        std::fs::write(&path, kept).unwrap();
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs `admit` in this folder.
    pub(crate) fn admit(&self, args: &[&str]) -> Done {
        self.admit_with(args, &[])
    }

    /// Runs `admit` with these variables and none of the caller's.
    pub(crate) fn admit_with(&self, args: &[&str], env: &[(&str, &str)]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_admit"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear();
        command
            .env("HOME", self.folder.path())
            .envs(env.iter().copied());
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Done {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Rehearses a file into the folder `out`, with further flags.
    pub(crate) fn rehearse(&self, contacts: &Path, out: &str, flags: &[&str]) -> Done {
        self.run("rehearse", contacts, out, flags)
    }

    /// Checks a file into the folder `out`, with further flags.
    pub(crate) fn check(&self, contacts: &Path, out: &str, flags: &[&str]) -> Done {
        self.run("check", contacts, out, flags)
    }

    /// A walk of a file into the folder `out`, with further flags.
    pub(crate) fn run(&self, verb: &str, contacts: &Path, out: &str, flags: &[&str]) -> Done {
        let mut args = vec![verb, contacts.to_str().unwrap(), "--out", out];
        args.extend(flags);
        self.admit(&args)
    }

    /// A table of the run folder `out`.
    pub(crate) fn table(&self, out: &str, name: &str) -> Table {
        Table::read(&std::fs::read(self.path(out).join(name)).unwrap())
    }

    /// Every file below a folder, by relative path.
    pub(crate) fn files(&self, out: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(out);
        let mut files = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path
                        .strip_prefix(&root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned();
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        files
    }
}

/// A command ended so, and said all of these on stderr.
pub(crate) fn assert_said(done: &Done, code: i32, parts: &[&str]) {
    assert_eq!(done.code, code, "{}", done.stderr);
    for part in parts {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
}

/// A CSV read by a reader that is not ours.
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self::read_with(bytes, b',')
    }

    pub(crate) fn read_with(bytes: &[u8], delimiter: u8) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(bytes);
        let header = reader
            .headers()
            .unwrap()
            .iter()
            .map(str::to_owned)
            .collect();
        let rows = reader
            .records()
            .map(|r| r.unwrap().iter().map(str::to_owned).collect());
        Self {
            header,
            rows: rows.collect(),
        }
    }

    pub(crate) fn column(&self, name: &str) -> usize {
        self.header
            .iter()
            .position(|header| header == name)
            .unwrap_or_else(|| panic!("no column {name} in {:?}", self.header))
    }

    /// The cells of one column, top to bottom.
    pub(crate) fn cells(&self, name: &str) -> Vec<&str> {
        let column = self.column(name);
        self.rows.iter().map(|row| row[column].as_str()).collect()
    }
}

/// A file of the samples folder.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name)
}
