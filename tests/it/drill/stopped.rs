//! Faults that end the process by design: the reason is for a person or for time to mend. Nothing
//! is written but the journal, and `admit resume` ends the run as if nothing had happened.

use std::time::Duration;

use admit::journal::Entry;
use admit::model::explain::Explain;
use admit::pipeline::RunError;

use super::proof::{assert_as_if_nothing_had_happened, assert_over, ends, users};
use super::stage::{OUT, Proves, Stage};

const MANY: usize = 1_000;
const SOME: usize = 200;
const DAY: Duration = Duration::from_hours(25);

/// A stage on which somebody else has a job of their own.
struct Drill {
    stage: Stage,
    foreign: String,
    rows: usize,
}

impl Drill {
    fn of(rows: usize, file: &str) -> Self {
        Self::on(rows, Stage::drill(rows, file))
    }

    fn playing(rows: usize, faults: &str) -> Self {
        Self::on(rows, Stage::playing(rows, faults))
    }

    fn on(rows: usize, stage: Stage) -> Self {
        let foreign = foreign_job(&stage);
        Self {
            stage,
            foreign,
            rows,
        }
    }

    /// A day goes by: allowances are new, and jobs that were left open expire.
    fn sleeps(&mut self) {
        self.stage.pass(DAY);
        self.foreign = foreign_job(&self.stage);
    }

    /// Runs until it stops with this exit code, and says how to go on.
    fn stops(&self, exit: u8, words: &[&str]) {
        let error = self.stage.run().map(|_| ()).unwrap_err();
        self.is_resumable(&error, exit, words);
    }

    fn is_resumable(&self, error: &RunError, exit: u8, words: &[&str]) {
        let remedy = error.remedy();
        let said = format!("{error} {remedy}");
        assert_eq!(error.exit().code(), exit, "{said}");
        for word in ["admit resume", "admit abort"].iter().chain(words) {
            assert!(said.contains(word), "{word:?} is not in: {said}");
        }
        for file in ["success.csv", "failure.csv"] {
            assert!(!self.stage.world.path(OUT).join(file).exists(), "{file}");
        }
        let last = self.stage.journal().pop();
        assert!(matches!(last, Some(Entry::RunPaused { .. })), "{last:?}");
        self.leaves_others_alone();
    }

    /// Resumes, and is as if nothing had happened.
    fn resumes(&self) {
        if let Err(error) = self.stage.resume() {
            panic!("the resumed run stopped: {error}");
        }
        assert_as_if_nothing_had_happened(&self.stage, self.rows);
        self.leaves_others_alone();
    }

    /// Ends instead, and what was made is reported.
    fn aborts(&self) {
        self.stage.abort().unwrap();
        let ends = assert_over(&self.stage);
        assert!(users(&ends).len() < self.rows);
        self.leaves_others_alone();
    }

    fn leaves_others_alone(&self) {
        let _now = self.stage.at_its_time();
        assert!(!self.stage.org.faults_played().is_empty());
        assert_eq!(self.stage.org.job_state(&self.foreign), Some("Open"));
    }
}

fn foreign_job(stage: &Stage) -> String {
    let _now = stage.at_its_time();
    stage.org.foreign_job("User").unwrap()
}

#[test]
fn a_403_for_a_spent_allowance_stops_the_run_and_resume_finishes_it() {
    let drill = Drill::of(MANY, "403-on-create");
    drill.stops(4, &["24-hour allowance"]);
    drill.resumes();
}

#[test]
fn an_allowance_that_is_spent_for_the_day_stops_until_it_has_room_again() {
    let mut drill = Drill::of(SOME, "allowance-spent");
    drill.stops(4, &["allowance"]);
    assert!(drill.stage.resume().is_err(), "nothing has changed yet");
    drill.sleeps();
    drill.resumes();
}

#[test]
fn batches_that_are_spent_for_the_day_stop_until_there_are_new_ones() {
    let mut drill = Drill::of(SOME, "batches-spent");
    drill.stops(4, &[]);
    drill.sleeps();
    drill.resumes();
}

#[test]
fn a_token_that_died_stops_the_run_and_resume_with_another_finishes_it() {
    let mut drill = Drill::of(SOME, "session-expired");
    drill.stage.proves = Proves::ByToken;
    drill.stops(6, &["Log in to the org again"]);
    drill.stage.proves = Proves::ByLogin;
    drill.resumes();
}

#[test]
fn a_token_that_died_while_a_job_ran_stops_the_run_and_the_job_is_not_lost() {
    let mut drill = Drill::of(SOME, "401-on-poll");
    drill.stage.proves = Proves::ByToken;
    drill.stops(6, &["Log in to the org again"]);
    drill.stage.proves = Proves::ByLogin;
    drill.resumes();
}

#[test]
fn a_permission_taken_away_before_an_upload_stops_the_run_and_resume_finishes_it() {
    let denied = "[[request]]\nat = \"put\"\nnth = 2\n\
                  do = { answer = { status = 403, code = \"API_DISABLED_FOR_ORG\" } }\n";
    let drill = Drill::playing(SOME, denied);
    drill.stops(6, &["permissions it lacks"]);
    drill.resumes();
}

#[test]
fn a_job_that_runs_longer_than_is_waited_runs_on_and_resume_fetches_it() {
    let mut drill = Drill::of(SOME, "job-stuck");
    drill.stage.settings.pacing.job_wait_ms = 3_600_000;
    drill.stops(4, &["goes on in the org"]);
    drill.stage.settings.pacing.job_wait_ms *= 24;
    drill.resumes();
}

/// The close is answered by nobody, and nobody says what became of it.
const DARK_AT_THE_CLOSE: &str = "[[request]]\nat = \"close\"\nnth = 2\ntimes = 1\ndo = \"DEED\"\n\
                                 [[request]]\nat = \"poll\"\nnth = 6\ntimes = 100000\n\
                                 until-s = 20000\ndo = \"reset\"\n";

#[test]
fn a_close_nobody_can_be_asked_about_stops_the_run_and_resume_finds_out() {
    for deed in ["lose-answer", "reset"] {
        let mut drill = Drill::playing(SOME, &DARK_AT_THE_CLOSE.replace("DEED", deed));
        drill.stage.settings.pacing.job_wait_ms = 3_600_000;
        drill.stops(4, &[]);
        drill.sleeps();
        drill.resumes();
    }
}

#[test]
fn abort_settles_what_was_made_and_leaves_other_jobs_alone() {
    // The second job of users stands still; the first was through.
    let stuck = "[[job]]\nobject = \"User\"\nnth = 2\ndo = { stick = {} }\n";
    let mut drill = Drill::playing(SOME, stuck);
    drill.stage.settings.pacing.job_wait_ms = 3_600_000;
    drill.stops(4, &["goes on in the org"]);
    drill.aborts();
    let ends = ends(&drill.stage.world, &drill.stage.contacts, OUT);
    assert!(!users(&ends).is_empty());
}

#[test]
fn abort_of_a_run_whose_close_is_in_doubt_finds_out_first() {
    for deed in ["lose-answer", "reset"] {
        let mut drill = Drill::playing(SOME, &DARK_AT_THE_CLOSE.replace("DEED", deed));
        drill.stage.settings.pacing.job_wait_ms = 3_600_000;
        drill.stops(4, &[]);
        drill.sleeps();
        drill.aborts();
    }
}

#[test]
fn a_creation_refused_for_good_stops_the_run_before_anything_was_committed() {
    let refused = "[[request]]\nat = \"create\"\nnth = 1\n\
                   do = { answer = { status = 400, code = \"INVALIDENTITY\" } }\n";
    let drill = Drill::playing(SOME, refused);
    drill.stops(6, &[]);
    let made = || {
        let _now = drill.stage.at_its_time();
        drill.stage.org.users_created().len()
    };
    assert_eq!(made(), 0);
    drill.resumes();
}

#[test]
fn a_run_that_stops_again_and_again_ends_as_if_nothing_had_happened() {
    let often = "[[request]]\nat = \"create\"\nevery = 2\ndo = { answer = { status = 403 } }\n";
    let drill = Drill::playing(SOME, often);
    drill.stops(4, &[]);
    let mut resumed = 1;
    while let Err(error) = drill.stage.resume() {
        drill.is_resumable(&error, 4, &[]);
        resumed += 1;
        assert!(resumed < 20, "{error}");
    }
    assert!(resumed > 1, "it stopped once only");
    assert_as_if_nothing_had_happened(&drill.stage, SOME);
}

#[test]
fn the_folder_of_a_stopped_run_can_be_taken_up_twice_over() {
    // The first resume stops as well: at the results of the job it took up.
    let late = "[[request]]\nat = \"poll\"\nnth = 1\ndo = { answer = { status = 401 } }\n\
                [[request]]\nat = \"failed\"\nnth = 1\ndo = { answer = { status = 401 } }\n";
    let mut drill = Drill::playing(SOME, late);
    drill.stage.proves = Proves::ByToken;
    drill.stops(6, &[]);
    let error = drill.stage.resume().map(|_| ()).unwrap_err();
    drill.is_resumable(&error, 6, &[]);
    drill.resumes();
}
