//! Brings changes from input order into wave order with bounded memory.
//!
//! The spill keeps changes in parts that follow each other as accounts do: one part after the other
//! is read whole, and its changes are handed on in order. A part that is too large for that, because
//! a few accounts have most of the rows, is dealt in one pass into bucket files that each hold a run
//! of the wave. Either way every file is read from front to back, so the cost grows linearly with
//! the wave.

use std::fs;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::journal::create_private;
use crate::model::id::RowOrdinal;

use super::error::PlanError;
use super::key::SortKey;
use super::spill::{Spill, change_at};

/// How much of a wave is in memory, and how many files are open, at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct GatherLimits {
    /// Bytes of a part or bucket; a single longer change is a bucket of its own.
    pub(super) bucket_bytes_max: usize,
    /// Bucket files open at once; more buckets take several passes over the part.
    pub(super) buckets_max: usize,
}

impl Default for GatherLimits {
    /// Less than two thirds of the 64 MiB a plan may hold (performance targets, P7), and far fewer
    /// files than the 256 a process may open where that is least.
    fn default() -> Self {
        Self {
            bucket_bytes_max: 40 << 20,
            buckets_max: 64,
        }
    }
}

/// Bytes buffered for each bucket file while changes are dealt.
const DEAL_BUFFER_BYTES: usize = 64 << 10;

/// Where a wave's changes come from.
pub(super) struct Source<'a> {
    pub(super) spill: &'a Spill,
    /// Every key of the plan, in order.
    pub(super) keys: &'a [SortKey],
    /// What may be held at once.
    pub(super) limits: GatherLimits,
}

/// What is done with each change, in wave order.
pub(super) type Emit<'a> = dyn FnMut(&SortKey, &[u8]) -> Result<(), PlanError> + 'a;

/// Hands the changes whose keys fit to `emit`, in the plan's order. Bucket files stand beside
/// `scratch` and are gone afterwards.
pub(super) fn gather(
    source: &Source<'_>,
    fits: impl Fn(&SortKey) -> bool,
    scratch: &Path,
    emit: &mut Emit<'_>,
) -> Result<(), PlanError> {
    let mut reader = source.spill.open()?;
    let (mut part_bytes, mut wanted) = (Vec::new(), Vec::new());
    let by_part = source.keys.chunk_by(|a, b| a.part() == b.part());
    for keys in by_part {
        wanted.clear();
        wanted.extend(keys.iter().filter(|key| fits(key)));
        let Some(part) = wanted.first().map(|key: &&SortKey| key.part()) else {
            continue;
        };
        if source.spill.bytes_of(part) > source.limits.bucket_bytes_max as u64 {
            emit_in_buckets(source, &wanted, scratch, emit)?;
            continue;
        }
        reader.read_part(part, &mut part_bytes)?;
        for key in &wanted {
            let change = change_at(&part_bytes, key.offset(), key.row());
            let change = change.filter(|change| change.len() == key.length() as usize);
            emit(key, change.ok_or_else(|| source.spill.damaged())?)?;
        }
    }
    Ok(())
}

/// The same for some keys of a part that is too large to be read whole.
fn emit_in_buckets(
    source: &Source<'_>,
    wanted: &[&SortKey],
    scratch: &Path,
    emit: &mut Emit<'_>,
) -> Result<(), PlanError> {
    let buckets = cut(wanted, source.limits.bucket_bytes_max);
    for pass in buckets.chunks(source.limits.buckets_max) {
        let (files, starts) = deal(source, wanted, pass, scratch)?;
        for (bucket, path) in pass.iter().zip(files) {
            let bytes = fs::read(&path).map_err(|error| PlanError::SpillUnreadable {
                path: path.clone(),
                source: error,
            })?;
            for position in bucket.clone() {
                let key = wanted[position];
                let start = starts[position - pass[0].start] as usize;
                let change = bytes.get(start..start + key.length() as usize);
                emit(key, change.ok_or_else(|| source.spill.damaged())?)?;
            }
            drop(bytes);
            // A bucket file left behind is harmless: the next wave of this name writes over it.
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

/// Cuts keys into runs whose changes fit a bucket.
fn cut(wanted: &[&SortKey], bytes_max: usize) -> Vec<Range<usize>> {
    let mut buckets = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (position, key) in wanted.iter().enumerate() {
        let length = key.length() as usize;
        if position > start && bytes + length > bytes_max {
            buckets.push(start..position);
            (start, bytes) = (position, 0);
        }
        bytes += length;
    }
    if start < wanted.len() {
        buckets.push(start..wanted.len());
    }
    buckets
}

/// Copies the changes of several buckets, which follow each other, as they come, each into its
/// bucket's file. Returns the files, and where in its file each change begins.
fn deal(
    source: &Source<'_>,
    wanted: &[&SortKey],
    pass: &[Range<usize>],
    scratch: &Path,
) -> Result<(Vec<PathBuf>, Vec<u32>), PlanError> {
    let paths: Vec<PathBuf> = (0..pass.len())
        .map(|index| scratch.with_extension(format!("bucket{index}")))
        .collect();
    let unwritable = |index: usize| {
        let path = paths[index].clone();
        move |source| PlanError::WaveUnwritable { path, source }
    };
    let mut files = Vec::with_capacity(paths.len());
    for (index, path) in paths.iter().enumerate() {
        let file = create_private(path).map_err(unwritable(index))?;
        files.push((0, BufWriter::with_capacity(DEAL_BUFFER_BYTES, file)));
    }
    let first = pass.first().map_or(0, |bucket| bucket.start);
    let end = pass.last().map_or(0, |bucket| bucket.end);
    let wanted = &wanted[first..end];
    let mut starts = vec![0; wanted.len()];
    let mut reader = source.spill.open()?;
    let mut frames = source.spill.frames(wanted[0].part());
    for (row, position) in in_input_order(wanted) {
        let position = position as usize;
        let length = wanted[position].length();
        let change = loop {
            match reader.next(&mut frames)? {
                Some((found, change)) if found == row => break change,
                Some(_) => {}
                None => return Err(source.spill.damaged()),
            }
        };
        if change.len() != length as usize {
            return Err(source.spill.damaged());
        }
        let bucket = pass.partition_point(|bucket| bucket.end <= first + position);
        let (written, file) = &mut files[bucket];
        starts[position] = *written;
        *written += length;
        file.write_all(change).map_err(unwritable(bucket))?;
    }
    for (index, (_, mut file)) in files.into_iter().enumerate() {
        file.flush().map_err(unwritable(index))?;
    }
    Ok((paths, starts))
}

/// Rows as they stand in the spill, and the position of each among those wanted.
fn in_input_order(wanted: &[&SortKey]) -> Vec<(RowOrdinal, u32)> {
    // Sorting rows that are at hand is several times faster than looking each up to compare it.
    let mut order: Vec<_> = wanted.iter().map(|key| key.row()).zip(0..).collect();
    order.sort_unstable();
    order
}
