//! Rows through rooms 1, 3 and 4: read, validate, re-read what the org may have mended since,
//! deal duplicates and seats in input order, and write the draft of the plan.
//!
//! While a window is dealt the next one is judged; no more than these two are in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::intake::{Input, Windows};
use crate::model::contact::{ContactRow, Window};
use crate::model::event::RunStage;
use crate::model::id::RecordId;
use crate::model::limits::REREAD_RECORDS_MAX;
use crate::model::rejection::{Code, Rejected};
use crate::model::summary::SeatForecast;
use crate::model::user::{CheckedRow, CheckedWindow};
use crate::org_state::{self, OrgState};
use crate::output::RowWriter;
use crate::pipeline::{Command, RunError, Walk, write};
use crate::plan::{Draft, Plan};
use crate::results::Outcomes;
use crate::validate::{self, Dealer, Program};

/// Every row judged, and the plan that follows.
pub(super) struct Judged {
    pub plan: Plan,
    pub outcomes: Outcomes,
    /// The failure.csv of a `check`, without its name yet.
    pub rejections: Option<RowWriter>,
    pub tally: Tally,
    pub seats: Vec<SeatForecast>,
    pub input_sha256: String,
    /// By which a second reading is known to be the same content.
    pub fingerprint: Option<u128>,
    pub org_state: Arc<OrgState>,
}

/// What was counted on the way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub rows: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub by_code: BTreeMap<String, u64>,
    pub warnings: BTreeMap<String, u64>,
}

/// What threads made of a window: parts of it, in file order.
type Parts = Vec<CheckedWindow>;

/// A window and what came of its rows.
type JudgedWindow = (Window, Parts);

/// What travels from window to window.
struct Desk {
    windows: Windows,
    dealing: Dealing,
    /// A window that was dealt: the one after the next takes over its memory.
    spare: Parts,
}

/// What depends on every row before.
struct Dealing {
    dealer: Dealer,
    draft: Draft,
    outcomes: Outcomes,
    rejections: Option<RowWriter>,
    tally: Tally,
}

/// Takes the whole file through validation into a plan.
pub(super) async fn every_row(
    walk: &Walk,
    input: &Input,
    program: &Arc<Program>,
    org_state: OrgState,
    draft: Draft,
) -> Result<Judged, RunError> {
    walk.begin(RunStage::Validate, None);
    let mut org_state = Arc::new(org_state);
    let windows = input.windows()?;
    let mut desk = Desk {
        windows: match walk.command {
            Command::Check => windows.without_fingerprint(),
            Command::Rehearse | Command::Run => windows,
        },
        dealing: Dealing {
            dealer: Dealer::new(&org_state),
            draft,
            outcomes: Outcomes::create(walk.folder())?,
            rejections: write::rejections(walk, input)?,
            tally: Tally::default(),
        },
        spare: Parts::new(),
    };
    let mut reread = Reread::default();
    let mut judged = None;
    loop {
        let (program_now, state_now) = (program.clone(), org_state.clone());
        let next;
        (desk, next) = walk
            .compute(move || deal_and_judge_next(desk, judged, &program_now, &state_now))
            .await?;
        let Some(next) = next else {
            break;
        };
        // Nothing is judged meanwhile: the window after it finds what this one brought to light.
        let (window, checked, fresh) = recheck(walk, next, program, org_state, &mut reread).await?;
        org_state = fresh;
        if let Some(state) = Arc::get_mut(&mut org_state) {
            state.let_texts_go();
        }
        if window.first_row == 0 {
            desk.dealing.dealer.expect(input.rows_expected(&window));
        }
        walk.advance(RunStage::Validate, window.records.len() as u64);
        judged = Some((window, checked));
    }
    walk.end(RunStage::Validate);
    finish(walk, desk, org_state).await
}

/// Deals a judged window, which one core does alone, while the others judge the next one; that
/// never asks what was dealt.
fn deal_and_judge_next(
    mut desk: Desk,
    judged: Option<JudgedWindow>,
    program: &Program,
    org_state: &OrgState,
) -> Result<(Desk, Option<JudgedWindow>), RunError> {
    let Desk {
        windows,
        dealing,
        spare,
    } = &mut desk;
    let room = std::mem::take(spare);
    let (dealt, next) = rayon::join(
        || judged.map(|window| dealing.deal(window)).transpose(),
        || next_checked(windows, room, program, org_state),
    );
    // Where both fail, what comes first in the file is told.
    if let Some((window, parts)) = dealt? {
        windows.reuse(window);
        *spare = parts;
    }
    let next = next?;
    Ok((desk, next))
}

fn next_checked(
    windows: &mut Windows,
    room: Parts,
    program: &Program,
    org_state: &OrgState,
) -> Result<Option<JudgedWindow>, RunError> {
    let Some(window) = windows.next().transpose()? else {
        return Ok(None);
    };
    let checked = validate::in_parts(room, &window, program, org_state);
    let judged: usize = checked.iter().map(|part| part.rows.len()).sum();
    assert_eq!(window.records.len(), judged, "every row is judged once");
    Ok(Some((window, checked)))
}

/// Records that were read a second time in this run; bounded, because each costs the org.
#[derive(Default)]
struct Reread {
    records: BTreeSet<RecordId>,
    is_used_up: bool,
}

/// Reads the records behind this window's rejections again, by id, and judges those rows anew:
/// what the org mended since the pull is not held against a row (R-1309).
async fn recheck(
    walk: &Walk,
    (window, checked): JudgedWindow,
    program: &Arc<Program>,
    mut org_state: Arc<OrgState>,
    reread: &mut Reread,
) -> Result<(Window, Parts, Arc<OrgState>), RunError> {
    if reread.is_used_up || walk.is_offline() {
        return Ok((window, checked, org_state));
    }
    let behind = records_behind(&checked, &reread.records);
    if behind.is_empty() {
        return Ok((window, checked, org_state));
    }
    if reread.records.len() + behind.len() > REREAD_RECORDS_MAX {
        reread.is_used_up = true;
        let text = format!(
            "more than {REREAD_RECORDS_MAX} records stand behind rejections: the rest is judged \
             by the state pulled at the start; run `check` again to be sure of them"
        );
        walk.warn("reread-limit", &text);
        return Ok((window, checked, org_state));
    }
    reread.records.extend(&behind);
    let changed = match Arc::get_mut(&mut org_state) {
        Some(state) => org_state::reread(state, &walk.org, &behind).await?,
        None => 0,
    };
    if changed == 0 {
        return Ok((window, checked, org_state));
    }
    let (program, state) = (program.clone(), org_state.clone());
    let (window, checked) = walk
        .compute(move || {
            let mut checked = validate::in_one(checked);
            let again = resting_on_the_org(&checked);
            validate::rows(&window, &again, &program, &state, &mut checked);
            (window, vec![checked])
        })
        .await;
    Ok((window, checked, org_state))
}

/// Positions of the rows whose rejection rests on the org's state.
fn resting_on_the_org(checked: &CheckedWindow) -> Vec<usize> {
    let rests = |row: &CheckedRow| match row {
        CheckedRow::Rejected(rejected) => !rejected.behind.is_empty(),
        CheckedRow::Accepted(_) => false,
    };
    (0..checked.rows.len())
        .filter(|place| rests(&checked.rows[*place]))
        .collect()
}

fn records_behind(checked: &Parts, already: &BTreeSet<RecordId>) -> BTreeSet<RecordId> {
    let rows = checked.iter().flat_map(|part| &part.rows);
    let rejected = rows.filter_map(|row| match row {
        CheckedRow::Rejected(rejected) => Some(rejected),
        CheckedRow::Accepted(_) => None,
    });
    rejected
        .flat_map(|row| &row.behind)
        .filter(|id| !already.contains(id))
        .copied()
        .collect()
}

impl Dealing {
    /// Duplicates and seats in input order; then each row goes to the draft or to its end. Gives
    /// the window back, done with.
    fn deal(&mut self, (window, parts): JudgedWindow) -> Result<JudgedWindow, RunError> {
        let mut records = window.rows();
        let parts = parts.into_iter();
        let dealt: Result<Parts, RunError> = parts
            .map(|part| self.deal_part(part, &mut records))
            .collect();
        let dealt = dealt?;
        drop(records);
        Ok((window, dealt))
    }

    /// Takes as many of the window's records as the part has rows.
    fn deal_part<'w>(
        &mut self,
        judged: CheckedWindow,
        records: &mut impl Iterator<Item = ContactRow<'w>>,
    ) -> Result<CheckedWindow, RunError> {
        let dealt = self.dealer.deal(judged);
        let mut codes = Vec::new();
        for (row, record) in dealt.rows.iter().zip(records) {
            self.tally.rows += 1;
            match row {
                CheckedRow::Accepted(_) => self.tally.accepted += 1,
                CheckedRow::Rejected(rejected) => {
                    self.tally.rejected += 1;
                    codes.extend(codes_of(rejected));
                    // What a check says of a row is said when it is in its file.
                    match &mut self.rejections {
                        Some(file) => file.reject(&record, rejected)?,
                        None => self.outcomes.reject(rejected)?,
                    }
                }
            }
        }
        count(&mut self.tally.by_code, codes);
        let warnings = dealt.warnings.iter().map(|warning| warning.code);
        count(&mut self.tally.warnings, warnings);
        self.draft.take(&dealt)?;
        Ok(dealt)
    }
}

/// Each code of a row once: faults stand in the order of their codes.
fn codes_of(rejected: &Rejected) -> impl Iterator<Item = Code> {
    let of_one_code = rejected
        .faults
        .chunk_by(|(one, _), (other, _)| one == other);
    of_one_code.map(|faults| faults[0].0)
}

/// Adds a window's codes. They are counted as numbers: spelling each out cost more than finding it.
fn count(into: &mut BTreeMap<String, u64>, codes: impl IntoIterator<Item = Code>) {
    let mut counts = [0; Code::ALL.len()];
    for code in codes {
        counts[code as usize] += 1;
    }
    for (code, count) in Code::ALL.iter().zip(counts) {
        if count > 0 {
            *into.entry(code.to_string()).or_default() += count;
        }
    }
}

async fn finish(walk: &Walk, desk: Desk, mut org_state: Arc<OrgState>) -> Result<Judged, RunError> {
    let Desk {
        windows,
        dealing,
        spare,
    } = desk;
    let Dealing {
        dealer,
        draft,
        outcomes,
        rejections,
        tally,
    } = dealing;
    walk.begin(RunStage::Plan, Some(tally.accepted));
    let input_sha256 = windows.sha256().unwrap_or_default();
    let fingerprint = windows.fingerprint();
    let seats = dealer.seats();
    // The plan needs room of its own, and nobody looks rows up any more.
    drop((windows, dealer, spare));
    if let Some(state) = Arc::get_mut(&mut org_state) {
        state.let_records_go();
    }
    let plan = walk.compute(move || draft.in_waves()).await?;
    walk.end(RunStage::Plan);
    assert_eq!(
        plan.accepted(),
        tally.accepted,
        "every accepted row is in the plan"
    );
    Ok(Judged {
        plan,
        outcomes,
        rejections,
        tally,
        seats,
        input_sha256,
        fingerprint,
        org_state,
    })
}
