//! The org works on a closed job: 200 rows at a time, in upload order, on simulated time.
//!
//! One call of `step` does what is due at one moment and says when the next one is. A lock or
//! time-out model would lengthen, repeat or fail the chunk here.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::faults::Ending;
use super::super::org::Org;
use super::super::refusals;
use super::super::speed;
use super::super::write::{self, Operation, Target};
use super::job::{Job, State};
use super::upload::Upload;

/// Rows of one transaction (bulk-api-2.md §3.7).
const CHUNK_ROWS: usize = 200;

/// A job's data and what became of its rows so far.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) upload: Upload,
    /// The field of each header; empty when the header did not fit.
    columns: Vec<usize>,
    /// By record number; the rest is unprocessed.
    pub(super) ends: Vec<End>,
    failed: usize,
    /// Rows that find a record locked.
    locked: BTreeSet<usize>,
    /// The org works on no row from this one on.
    end: usize,
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
pub(super) fn step(org: &mut Org, job: &mut Job, now_ms: u64) -> Option<u64> {
    job.touched_ms = now_ms;
    let first = job.state == State::UploadComplete;
    if first {
        job.started_ms = now_ms;
        let target = job.target;
        let fitted = read_data(job).and_then(|work| {
            work.columns = columns(org, target, &work.upload.header)?;
            Ok(())
        });
        if let Err(message) = fitted {
            return fail(job, message);
        }
        job.state = State::InProgress;
    }
    let target = job.target;
    let work = job.work.as_mut()?;
    if !first {
        work_chunk(org, target, work, now_ms);
    }
    if work.ends.len() == work.end {
        end(job);
        return None;
    }
    let start = if first {
        speed::start_ms(org) + job.fate.stuck_ms
    } else {
        0
    };
    Some(now_ms + start + chunk_ms(org, target, work))
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

fn next_chunk(work: &Work) -> std::ops::Range<usize> {
    let from = work.ends.len();
    from..(from + CHUNK_ROWS).min(work.end)
}

fn chunk_ms(org: &Org, target: Target, work: &Work) -> u64 {
    let rows = next_chunk(work).map(|number| work.upload.record(number));
    let us: u64 = rows
        .map(|row| speed::row_us(org, target, &work.columns, &row.cells))
        .sum();
    speed::chunk_ms(org, us)
}

fn work_chunk(org: &mut Org, target: Target, work: &mut Work, now_ms: u64) {
    for number in next_chunk(work) {
        let end = work_row(org, target, work, number, now_ms);
        work.failed += usize::from(matches!(end, End::Refused { .. }));
        work.ends.push(end);
    }
}

fn work_row(org: &mut Org, target: Target, work: &Work, number: usize, now_ms: u64) -> End {
    let record = work.upload.record(number);
    let extra = record.cells.len() > work.columns.len();
    let fault = record
        .fault
        .or(extra.then_some("the row has more cells than the header"));
    if let Some(fault) = fault {
        let error = refusals::malformed_row(fault).row_error();
        return End::Refused {
            id: "".into(),
            error: error.into(),
        };
    }
    if work.locked.contains(&number) {
        let error = refusals::locked_row().row_error();
        return End::Refused {
            id: "".into(),
            error: error.into(),
        };
    }
    let cells: &[Cow<str>] = &record.cells;
    match write::row(org, target, &work.columns, cells, now_ms) {
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
