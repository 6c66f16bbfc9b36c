//! A run folder without room, or that may not be written: the run says so, and is finished once
//! there is room again.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::served::{Served, first_rows};
use crate::world::{Done, World};

const FLAGS: [&str; 8] = [
    "--yes",
    "--welcome",
    "now",
    "--rows-per-job",
    "10",
    "--lanes",
    "2",
    "--json",
];
/// Somebody with no rights.
const NOBODY: u32 = 65_534;

/// A disk of its own with little room; it is unmounted with this value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where this process may not mount.
    fn mount(at: PathBuf, kilobytes: u64) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let size = format!("size={kilobytes}k,mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&at)
            .output();
        mounted
            .is_ok_and(|done| done.status.success())
            .then_some(Self(at))
    }

    fn make_room(&self) {
        let done = Command::new("mount")
            .args(["-o", "remount,size=64m"])
            .arg(&self.0)
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: nothing of it is worth waiting for.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn bytes_below(world: &World, out: &str) -> u64 {
    let files = world.files(out);
    files.values().map(|bytes| bytes.len() as u64).sum()
}

fn created(world: &World, out: &str) -> Vec<String> {
    let success = world.table(out, "success.csv");
    let cells = success.cells("admit__Username").into_iter();
    cells.map(str::to_owned).collect()
}

/// Finishes a run that had no room, or begins it anew where nothing was begun.
fn finished(world: &World, served: &Served, contacts: &Path, out: &str) -> String {
    let done = served.resume(world, &[out, "--yes"]);
    if done.code == 3 {
        return out.to_owned();
    }
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert_eq!(served.jobs_made(), 0, "{}", done.stderr);
    let anew = format!("{out}-anew");
    let done = served.run(world, contacts, &anew, &FLAGS);
    assert_eq!(done.code, 3, "{}", done.stderr);
    anew
}

#[test]
#[expect(clippy::print_stderr, reason = "what was not tested has to be seen")]
fn a_run_that_finds_no_room_says_so_and_is_finished_when_there_is_some() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 150);
    let done = served.run(&world, &contacts, "uncut", &FLAGS);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let (whole, all) = (bytes_below(&world, "uncut"), created(&world, "uncut"));

    let mut stopped_while_sending = 0;
    for percent in [20, 45, 60, 75, 85, 95, 105, 115] {
        let world = World::new();
        let served = Served::start(&world, &[]);
        let contacts = first_rows(&world, "some.csv", 150);
        let room = whole * percent / 100 / 1024;
        let Some(disk) = SmallDisk::mount(world.path("out"), room) else {
            eprintln!("not tested on a full disk: this process may not mount one");
            return;
        };
        let done = served.run(&world, &contacts, "out", &FLAGS);
        if done.code == 3 {
            continue;
        }
        let said = &done.stderr;
        assert!(
            [4, 7].contains(&done.code),
            "{percent} %: {} {said}",
            done.code
        );
        assert!(said.contains("No space left"), "{percent} %: {said}");
        if served.jobs_made() > 0 {
            stopped_while_sending += 1;
            assert!(said.contains("admit resume out"), "{percent} %: {said}");
        }
        disk.make_room();
        let out = finished(&world, &served, &contacts, "out");
        assert_eq!(created(&world, &out), all, "{percent} %");
    }
    assert!(stopped_while_sending > 1, "{stopped_while_sending}");
}

/// Runs `admit` as somebody else.
fn as_nobody(world: &World, served: &Served, words: &[&str]) -> Done {
    let output = Command::new(env!("CARGO_BIN_EXE_admit"))
        .args(words)
        .current_dir(world.path(""))
        .env_clear()
        .envs(served.variables())
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what was not tested has to be seen")]
fn a_run_folder_that_may_not_be_written_is_refused_before_anything_is_sent() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 30);
    std::fs::set_permissions(world.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    for folder in ["out", "state"] {
        std::fs::create_dir(world.path(folder)).unwrap();
    }
    if chown(world.path("state"), Some(NOBODY), Some(NOBODY)).is_err() {
        eprintln!("not tested as somebody else: this process may not become anybody");
        return;
    }
    let contacts = contacts.to_str().unwrap();
    let words = ["run", contacts, "--out", "out", "--state-dir", "state"];
    let words = [&words[..], &["--yes", "--welcome", "now"]].concat();
    let done = as_nobody(&world, &served, &words);
    assert_eq!(done.code, 2, "{}", done.stderr);
    for words in ["Permission denied", "at: out\n", "`--out DIR`"] {
        assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
    }
    assert_eq!(served.jobs_made(), 0);
}
