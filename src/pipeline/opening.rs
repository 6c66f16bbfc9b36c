//! Before the first question about records: is it the right org, is it free, and is the input
//! ours to keep.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::intake::Input;
use crate::journal::{RunState, open_private};
use crate::model::id::OrgId;
use crate::model::summary::OrgKind;
use crate::pipeline::lock::{self, RunLock};
use crate::pipeline::{Command, CorridorError, RunError, Walk};

/// The input's name in the folder of a run.
const COPY_NAME: &str = "input.csv";

/// Looks who is at the other end, where that may forbid to go on: `--expect-org` must fit, and a
/// run takes the org for itself. The simulated org is nobody's, but a check that fell back on it is
/// not the check that was meant.
pub(super) async fn org(walk: &Walk) -> Result<Option<RunLock>, RunError> {
    let expected = walk.settings.guard.expect_org;
    let is_run = walk.command == Command::Run;
    let is_taken = is_run && walk.kind != OrgKind::Simulated;
    // Offline the cached state tells which org it is of.
    if walk.is_offline() || !(is_taken || expected.is_some()) {
        return Ok(None);
    }
    let found = walk.org.user_info().await?.org_id;
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        return Err(CorridorError::AnotherOrg { found, expected }.into());
    }
    let taken = is_taken.then(|| lock::take(walk, found));
    Ok(taken.transpose()?)
}

/// Takes the org for a run that is taken up, where runs of such an org are kept apart.
pub(super) fn org_of_run(walk: &Walk, state: &RunState) -> Result<Option<RunLock>, RunError> {
    let org = state
        .opened()
        .and_then(|opened| OrgId::parse(&opened.org_id).ok());
    let Some(org) = org.filter(|_| walk.command == Command::Run && walk.kind != OrgKind::Simulated)
    else {
        return Ok(None);
    };
    let mut lock = lock::take(walk, org)?;
    if state.is_confirmed() {
        lock.must_be_finished();
    }
    Ok(Some(lock))
}

/// Where a run keeps its copy of the input.
pub(super) fn copy_of_input(folder: &Path) -> PathBuf {
    folder.join(COPY_NAME)
}

/// The input as it is read from now on. A run works from a copy in its folder, so that whatever
/// happens to the file meanwhile, the run can be finished as it was planned.
pub(super) async fn kept(walk: &Walk, input: Input) -> Result<Input, RunError> {
    if walk.command != Command::Run {
        return Ok(input);
    }
    let (from, to) = (walk.settings.contacts.clone(), copy_of_input(walk.folder()));
    let copied = walk.compute(move || copy(&from, &to).map(|()| to)).await?;
    Ok(input.reading(copied))
}

/// Copies the input; it holds personal data, so only its owner may look.
fn copy(from: &Path, to: &Path) -> Result<(), CorridorError> {
    let copied = File::open(from).and_then(|mut from| {
        let mut to = create_new(to)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()
    });
    copied.map_err(|source| {
        let path = PathBuf::from(to);
        CorridorError::Copy { path, source }
    })
}

fn create_new(path: &Path) -> io::Result<File> {
    open_private(
        std::fs::OpenOptions::new().write(true).create_new(true),
        path,
    )
}
