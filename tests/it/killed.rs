//! The binary killed without warning, again and again, while it runs and while it resumes, against
//! an org in another process: it ends as if nothing had been, and nobody has two users.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::served::{Served, first_rows, users_before};
use crate::world::{Done, Table, World};

/// Small jobs, so that there are many steps between which a process can die.
const PACE: [&str; 8] = [
    "--rows-per-job",
    "6",
    "--lanes",
    "3",
    "--poll-ms",
    "5",
    "--requests-per-second",
    "500",
];
const ROWS: usize = 80;
/// Kills of one test, and of one run at most.
const KILLS: u32 = 50;
const KILLS_OF_A_RUN: u32 = 10;
/// A process that did nothing for so long hangs.
const PATIENCE: Duration = Duration::from_mins(2);

/// Xorshift: numbers that look random and are the same in every run of the test.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A process and the news of its end.
struct Victim {
    process: Child,
    ended: Receiver<String>,
}

impl Victim {
    fn begin(world: &World, served: &Served, words: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_admit"))
            .args(words)
            .args(PACE)
            .current_dir(world.path(""))
            .env_clear()
            .env("HOME", world.path(""))
            .envs(served.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let (tell, ended) = mpsc::channel();
        std::thread::spawn(move || {
            let mut said = String::new();
            // What was said before it died is all there is.
            let _ = stderr.read_to_string(&mut said);
            let _ = tell.send(said);
        });
        Self { process, ended }
    }

    /// Waits for its end at most so long.
    fn ends_within(&mut self, time: Duration) -> Option<Done> {
        match self.ended.recv_timeout(time) {
            Ok(stderr) => Some(Done {
                code: self.process.wait().unwrap().code().unwrap_or(-1),
                stdout: String::new(),
                stderr,
            }),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("nobody listens to it"),
        }
    }

    fn kill(mut self) {
        // SIGKILL: nothing in the process gets to run.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// When a process dies.
enum Death {
    /// Once its journal has so many more lines.
    AfterLines(usize),
    /// After a time that has nothing to do with what it does.
    After(Duration),
}

/// True when it died; how it ended when that came first.
fn runs_until(mut victim: Victim, journal: &Path, death: &Death) -> Result<(), Done> {
    match death {
        Death::After(time) => {
            if let Some(done) = victim.ends_within(*time) {
                return Err(done);
            }
            victim.kill();
            Ok(())
        }
        Death::AfterLines(more) => {
            let enough = lines(journal) + more;
            let looks = PATIENCE.as_millis() / 3;
            for _ in 0..looks {
                if let Some(done) = victim.ends_within(Duration::from_millis(3)) {
                    return Err(done);
                }
                if lines(journal) >= enough {
                    victim.kill();
                    return Ok(());
                }
            }
            panic!("it hangs");
        }
    }
}

fn lines(journal: &Path) -> usize {
    let text = std::fs::read(journal).unwrap_or_default();
    text.split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"\n"))
        .count()
}

/// One run, killed up to ten times; how often it was.
fn killed_run(uncut: &Uncut, dice: &mut Dice, by_lines: bool) -> u32 {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "2000"]);
    let contacts = first_rows(&world, "some.csv", ROWS);
    let contacts = contacts.to_str().unwrap();
    let state = ["--state-dir", "state", "--yes"];
    let begin = ["run", contacts, "--welcome", "now", "--out"];
    let mut out = "out-0".to_owned();
    let (mut kills, mut folders) = (0, 0);
    let finished = loop {
        let journal = world.path(&out).join("journal.jsonl");
        let is_begun = lines(&journal) > 0;
        let first: Vec<&str> = if is_begun {
            vec!["resume", &out]
        } else {
            begin.into_iter().chain([out.as_str()]).collect()
        };
        let words: Vec<&str> = first.into_iter().chain(state).collect();
        let mut victim = Victim::begin(&world, &served, &words);
        if kills == KILLS_OF_A_RUN {
            break victim.ends_within(PATIENCE).unwrap();
        }
        let death = if by_lines {
            Death::AfterLines(1 + usize::try_from(dice.below(14)).unwrap())
        } else {
            Death::After(Duration::from_millis(dice.below(uncut.took_ms)))
        };
        match runs_until(victim, &journal, &death) {
            Ok(()) => kills += 1,
            Err(done) => break done,
        }
        if lines(&journal) == 0 {
            // It died before it opened the run: there is nothing to resume.
            assert_eq!(served.jobs_made(), 0);
            folders += 1;
            out = format!("out-{folders}");
        }
    };
    let is_over = finished.stderr.contains("this run is finished");
    assert!(
        finished.code == 3 || is_over && finished.code == 2,
        "after {kills} kills: {} {}",
        finished.code,
        finished.stderr
    );
    let found = essence(&world, &out);
    assert_eq!(found.len(), ROWS);
    for (row, end) in &uncut.ends {
        assert_eq!(found.get(row), Some(end), "row {row} after {kills} kills");
    }
    assert_nobody_has_two_users(&served, &world.table(&out, "success.csv"));
    kills
}

/// What became of every row: its file, code, contact and username; ids and jobs left out.
fn essence(world: &World, out: &str) -> BTreeMap<String, Vec<String>> {
    let mut ends = BTreeMap::new();
    for (name, columns) in [
        (
            "success.csv",
            ["ContactId", "admit__Action", "admit__Username"],
        ),
        ("failure.csv", ["ContactId", "admit__Stage", "admit__Code"]),
    ] {
        let table = world.table(out, name);
        // The same contact may stand in the input twice; the rest of the row tells them apart.
        let ours = table
            .header
            .iter()
            .position(|name| name.starts_with("sf__") || name.starts_with("admit__"));
        for row in &table.rows {
            let key = row[..ours.unwrap()].join("\u{1f}");
            let mut end = vec![name.to_owned()];
            end.extend(columns.map(|column| row[table.column(column)].clone()));
            assert!(ends.insert(key, end).is_none(), "a row stands twice");
        }
    }
    ends
}

/// Asks the org over its socket: every user of ours is there once, and no contact has two.
fn assert_nobody_has_two_users(served: &Served, success: &Table) {
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in served.query("SELECT Id, ContactId FROM User WHERE ContactId != null") {
        let text = |name: &str| user[name].as_str().unwrap().to_owned();
        users.entry(text("ContactId")).or_default().push(text("Id"));
    }
    let twice: Vec<_> = users.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert_eq!(
        users.len() - users_before(),
        success.rows.len(),
        "every user is reported"
    );
    let reported = success.cells("sf__Id");
    let known: Vec<&String> = users.values().flatten().collect();
    assert!(
        reported
            .iter()
            .all(|id| known.iter().any(|known| known == id))
    );
}

/// A run that nobody cut, and how long it took.
struct Uncut {
    ends: BTreeMap<String, Vec<String>>,
    took_ms: u64,
}

fn uncut() -> Uncut {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "2000"]);
    let contacts = first_rows(&world, "some.csv", ROWS);
    let flags = [&PACE[..], &["--yes", "--welcome", "now"]].concat();
    let done = served.run(&world, &contacts, "out", &flags);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let ends = essence(&world, "out");
    assert_eq!(ends.len(), ROWS);
    // The server's clock starts with it; the last request comes at the end of the run.
    let took_ms = served.seen().last().unwrap().at_ms;
    Uncut { ends, took_ms }
}

fn killed(by_lines: bool) {
    let uncut = uncut();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut kills = 0;
    while kills < KILLS {
        kills += killed_run(&uncut, &mut dice, by_lines);
    }
}

#[test]
fn a_run_killed_after_any_line_of_its_journal_resumes_to_the_end_of_an_uncut_one() {
    killed(true);
}

#[test]
fn a_run_killed_at_any_moment_resumes_to_the_end_of_an_uncut_one() {
    killed(false);
}
