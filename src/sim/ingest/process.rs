//! The org works on a closed job: 200 rows at a time, in upload order, on simulated time.
//!
//! One call of `step` does what is due at one moment and says when the next one is. A chunk takes
//! its locks when it begins and is written when it ends; one that does not fit into what is left
//! of its batch's five minutes is never written.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::super::doubts::Doubt;
use super::super::faults::Ending;
use super::super::org::Org;
use super::super::refusals;
use super::super::schema::Kind;
use super::super::speed;
use super::super::write::{self, Operation, Target};
use super::job::{Job, State};
use super::locks::{Conflict, Locks};
use super::needs::{Need, Survey};
use super::upload::{Record, Upload};

/// Rows of one transaction, and of one internal batch (bulk-api-2.md §3.7).
const CHUNK_ROWS: usize = 200;
const BATCH_ROWS: usize = 10_000;

/// The `errorMessage` of a job with a batch that ran out of time once too often (`batch-failure`).
const BATCH_FAILED: &str = "InternalServerError : Retried more than twenty times";

/// A job's data and what became of its rows so far.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) upload: Upload,
    /// The field of each header; empty when the header did not fit.
    columns: Vec<usize>,
    /// By record number; the rest is unprocessed.
    pub(super) ends: Vec<End>,
    failed: usize,
    at_hand: Option<Chunk>,
    batch: Batch,
    /// Batches that were tried again, over the whole job.
    pub(super) retries: u32,
    /// Rows that find a record locked, by a fault.
    locked: BTreeSet<usize>,
    /// The org works on no row from this one on.
    end: usize,
}

/// Rows that are worked on now.
#[derive(Debug)]
struct Chunk {
    rows: Range<usize>,
    /// By row: the lock it did not get.
    conflicts: Vec<Option<Conflict>>,
    end: ChunkEnd,
}

/// What happens when a chunk's time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkEnd {
    Written,
    /// Its batch is out of time (R-1008).
    TimedOut,
}

/// How far the internal batch in work has come.
#[derive(Debug, Default)]
struct Batch {
    /// Position among the batches of the job; they are worked on one after the other.
    number: usize,
    /// Time its chunks took since it was begun, or tried again.
    used_us: u64,
    retries: u32,
}

/// What became of one row.
#[derive(Debug)]
pub(super) enum End {
    Written { id: Box<str>, created: bool },
    Refused { id: Box<str>, error: Box<str> },
}

impl Work {
    /// Rows processed, failed ones among them, and rows failed.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.ends.len(), self.failed)
    }
}

/// Does what is due now; gives the moment of the next step, or `None` when the job has ended.
pub(super) fn step(org: &mut Org, locks: &mut Locks, job: &mut Job, now_ms: u64) -> Option<u64> {
    job.touched_ms = now_ms;
    let target = job.target;
    if job.state == State::UploadComplete {
        job.started_ms = now_ms;
        let fitted = read_data(job).and_then(|work| {
            work.columns = columns(org, target, &work.upload.header)?;
            Ok(())
        });
        if let Err(message) = fitted {
            return fail(job, message);
        }
        job.state = State::InProgress;
        if job.work.as_ref()?.upload.record_count() > 0 {
            return Some(now_ms + speed::start_ms(org) + job.fate.stuck_ms);
        }
    }
    let number = job.number;
    let work = job.work.as_mut()?;
    match work.at_hand.take() {
        Some(chunk) if chunk.end == ChunkEnd::Written => {
            locks.errors += write_chunk(org, target, work, &chunk, now_ms);
        }
        Some(_) if work.batch.retries == speed::BATCH_RETRIES => {
            locks.release(number);
            return fail(job, BATCH_FAILED.to_owned());
        }
        Some(_) => {
            work.batch.retries += 1;
            work.retries += 1;
            if !org.lets_pass.contains(&Doubt::BatchRetry) {
                // Tried again from its first row, the batch gets no further than before.
                locks.release(number);
                work.at_hand = Some(Chunk {
                    rows: 0..0,
                    conflicts: Vec::new(),
                    end: ChunkEnd::TimedOut,
                });
                return Some(now_ms + speed::work_ms(org, speed::batch_us(org)));
            }
            work.batch.used_us = 0;
        }
        None => {}
    }
    if work.ends.len() == work.end {
        end(job);
        return None;
    }
    Some(begin_chunk(org, locks, job, now_ms))
}

/// Reads the data of a job, so that its rows can come back as unprocessed; an `Err` is the job's
/// `errorMessage`.
pub(super) fn read_data(job: &mut Job) -> Result<&mut Work, String> {
    let (upload, error) = Upload::open(std::mem::take(&mut job.data), job.dialect);
    let count = upload.record_count();
    let work = Work {
        locked: job.fate.locked(count),
        end: job.fate.rows_worked(count),
        upload,
        columns: Vec::new(),
        ends: Vec::new(),
        failed: 0,
        at_hand: None,
        batch: Batch::default(),
        retries: 0,
    };
    let work = job.work.insert(work);
    match error {
        Some(message) => Err(message),
        None => Ok(work),
    }
}

/// The end of the work, on time or before it.
fn end(job: &mut Job) {
    job.state = State::JobComplete;
    match job.fate.ending() {
        None => {}
        Some(Ending::Fail(message)) => {
            job.state = State::Failed;
            job.error_message = Some(message.clone());
        }
        Some(Ending::Abort) => job.state = State::Aborted,
        Some(Ending::Vanish) => job.gone = true,
    }
}

fn fail(job: &mut Job, message: String) -> Option<u64> {
    job.state = State::Failed;
    job.error_message = Some(message);
    None
}

/// The field of every header (bulk-api-2.md §3.10, §4): names match whatever their case, a field
/// one may not write is as good as unknown.
fn columns(org: &Org, target: Target, header: &[String]) -> Result<Vec<usize>, String> {
    let def = org.def(target.kind);
    let missing = |name: &str| format!("InvalidBatch : Field name not found : {name}");
    let mut columns = Vec::new();
    for name in header {
        let at = def.position(name).ok_or_else(|| missing(name))?;
        let field = &def.fields[at];
        let is_id = field.name == "Id";
        let writable = match target.operation {
            Operation::Insert => field.createable,
            Operation::Update => field.updateable || is_id,
            Operation::Upsert => field.createable || field.updateable || target.key == Some(at),
            Operation::Delete => is_id,
        };
        if !writable {
            return Err(missing(name));
        }
        if columns.contains(&at) {
            return Err(format!("InvalidBatch : Duplicate field name : {name}"));
        }
        columns.push(at);
    }
    let wanted = match target.operation {
        Operation::Update | Operation::Delete => Some(0),
        Operation::Upsert => target.key,
        Operation::Insert => None,
    };
    match wanted.filter(|wanted| !header.is_empty() && !columns.contains(wanted)) {
        Some(wanted) => Err(missing(&def.fields[wanted].name)),
        None => Ok(columns),
    }
}

fn next_chunk(work: &Work) -> Range<usize> {
    let from = work.ends.len();
    from..(from + CHUNK_ROWS).min(work.end)
}

/// Takes the next rows into work; gives the moment their time has come.
fn begin_chunk(org: &Org, locks: &mut Locks, job: &mut Job, now_ms: u64) -> u64 {
    let (number, target) = (job.number, job.target);
    let Some(work) = &mut job.work else {
        return now_ms;
    };
    let rows = next_chunk(work);
    let batch = rows.start / BATCH_ROWS;
    if batch != work.batch.number {
        work.batch = Batch {
            number: batch,
            ..Batch::default()
        };
    }
    let mut survey = Survey::new(org, target, &work.columns);
    let needs: Vec<Need> = rows
        .clone()
        .map(|number| survey.need(&work.upload.record(number).cells))
        .collect();
    let us: u64 = needs.iter().map(|need| speed::row_us(need.cost)).sum();
    let left_us = speed::batch_us(org).saturating_sub(work.batch.used_us);
    let (end, us) = if us <= left_us {
        (ChunkEnd::Written, us)
    } else {
        (ChunkEnd::TimedOut, left_us)
    };
    work.batch.used_us += us;
    let until_ms = now_ms + speed::work_ms(org, us);
    let mut conflicts = locks.begin(number, (now_ms, until_ms), &needs);
    if org.lets_pass.contains(&Doubt::LockModel) {
        conflicts.fill(None);
    }
    work.at_hand = Some(Chunk {
        rows,
        conflicts,
        end,
    });
    until_ms
}

/// Gives the number of rows lost to a lock.
fn write_chunk(org: &mut Org, target: Target, work: &mut Work, chunk: &Chunk, now_ms: u64) -> u64 {
    let mut lost_count = 0;
    for (number, conflict) in chunk.rows.clone().zip(&chunk.conflicts) {
        let record = work.upload.record(number);
        let end = match (malformed(&record, &work.columns), conflict) {
            (Some(end), _) => end,
            (None, Some(conflict)) => {
                lost_count += 1;
                lost(org, *conflict)
            }
            (None, None) if work.locked.contains(&number) => locked(org),
            (None, None) => write_row(org, target, &work.columns, &record.cells, now_ms),
        };
        work.failed += usize::from(matches!(end, End::Refused { .. }));
        work.ends.push(end);
    }
    lost_count
}

/// The end of a row nobody can read.
fn malformed(record: &Record<'_>, columns: &[usize]) -> Option<End> {
    let extra = record.cells.len() > columns.len();
    let fault = record
        .fault
        .or(extra.then_some("the row has more cells than the header"))?;
    let error = refusals::malformed_row(fault).row_error();
    Some(End::Refused {
        id: "".into(),
        error: error.into(),
    })
}

/// The end of a row that did not get its lock.
fn lost(org: &Org, conflict: Conflict) -> End {
    let refusal = match conflict {
        Conflict::Account(account) => refusals::row_locked(org.get(Kind::Account, account, "Id")),
        Conflict::GroupMembership => refusals::group_membership_locked(),
    };
    End::Refused {
        id: "".into(),
        error: refusal.row_error().into(),
    }
}

/// The end of a row that a fault has find its record locked.
fn locked(org: &Org) -> End {
    End::Refused {
        id: "".into(),
        error: refusals::row_locked(&org.facts.running_user)
            .row_error()
            .into(),
    }
}

fn write_row(
    org: &mut Org,
    target: Target,
    columns: &[usize],
    cells: &[Cow<str>],
    now_ms: u64,
) -> End {
    match write::row(org, target, columns, cells, now_ms) {
        Ok(written) => End::Written {
            id: written.id.into(),
            created: written.created,
        },
        Err(refused) => End::Refused {
            id: refused.id.into(),
            error: refused.refusal.row_error().into(),
        },
    }
}
