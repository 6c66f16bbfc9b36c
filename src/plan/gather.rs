//! Brings changes from input order into wave order with bounded memory.
//!
//! A wave of few buckets is read straight from the spill, once for each. A larger one is dealt, in one
//! pass over the spill, into bucket files that each hold a run of the wave; then one bucket at a
//! time is read and put in order. Every byte moves at most twice and every file is read from
//! front to back, so the cost grows linearly with the wave.

use std::fs;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::journal::create_private;
use crate::model::id::RowOrdinal;

use super::error::PlanError;
use super::key::SortKey;
use super::spill::SpillReader;

/// How much of a wave is in memory, and how many files are open, at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct GatherLimits {
    /// Bytes of one bucket; a single longer change is a bucket of its own.
    pub(super) bucket_bytes_max: usize,
    /// Bucket files open at once; a wave of more buckets takes several passes over the spill.
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

/// Buckets for which the spill is read once each: writing and reading bucket files costs more.
const BUCKETS_FETCHED_MAX: usize = 3;

/// Keys looked up before the first of them is used.
const LOOKUPS_AT_ONCE: usize = 64;

/// Bytes buffered for each bucket file while changes are dealt.
const DEAL_BUFFER_BYTES: usize = 64 << 10;

/// Where a wave's changes come from.
pub(super) struct Source<'a> {
    /// The spill.
    pub(super) spill: &'a Path,
    /// Every key of the plan, in order.
    pub(super) keys: &'a [SortKey],
    /// What may be held at once.
    pub(super) limits: GatherLimits,
}

/// What is done with each change, in wave order.
pub(super) type Emit<'a> = dyn FnMut(&SortKey, &[u8]) -> Result<(), PlanError> + 'a;

/// Hands the chosen changes to `emit`, in the order chosen. `chosen` holds positions in the
/// keys. Bucket files stand beside `scratch` and are gone afterwards. `room` is taken again for
/// every bucket, and may be for the next wave: fresh memory costs as much as filling it.
pub(super) fn gather(
    source: &Source<'_>,
    chosen: &[u32],
    scratch: &Path,
    room: &mut Vec<u8>,
    emit: &mut Emit<'_>,
) -> Result<(), PlanError> {
    let buckets = cut(source, chosen);
    for pass in buckets.chunks(source.limits.buckets_max) {
        if pass.len() <= BUCKETS_FETCHED_MAX {
            for bucket in pass {
                let wanted = &chosen[bucket.clone()];
                let order = in_input_order(source, wanted);
                fetch(source, wanted, &order, room)?;
                emit_in_order(source, (wanted, &order), room, emit)?;
            }
            continue;
        }
        let files = deal(source, chosen, pass, scratch)?;
        for (bucket, path) in pass.iter().zip(files) {
            let bytes = fs::read(&path).map_err(|error| PlanError::SpillUnreadable {
                path: path.clone(),
                source: error,
            })?;
            let wanted = &chosen[bucket.clone()];
            let order = in_input_order(source, wanted);
            emit_in_order(source, (wanted, &order), &bytes, emit)?;
            drop(bytes);
            // A bucket file left behind is harmless: the next wave of this name writes over it.
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

/// Cuts a wave into runs that fit a bucket.
fn cut(source: &Source<'_>, chosen: &[u32]) -> Vec<Range<usize>> {
    let mut buckets = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (position, key) in chosen.iter().enumerate() {
        let length = source.key(*key).length() as usize;
        if position > start && bytes + length > source.limits.bucket_bytes_max {
            buckets.push(start..position);
            (start, bytes) = (position, 0);
        }
        bytes += length;
    }
    if start < chosen.len() {
        buckets.push(start..chosen.len());
    }
    buckets
}

/// The changes of one bucket, in input order, straight from the spill.
fn fetch(
    source: &Source<'_>,
    wanted: &[u32],
    order: &[InInput],
    bytes: &mut Vec<u8>,
) -> Result<(), PlanError> {
    let mut reader = SpillReader::open(source.spill)?;
    let length = |key: &u32| source.key(*key).length() as usize;
    bytes.clear();
    bytes.reserve_exact(wanted.iter().map(length).sum());
    visit(source, wanted, order, |_, offset, length| {
        reader.read_into(bytes, offset, length)
    })
}

/// Copies the changes of several buckets, in input order, each into its bucket's file.
fn deal(
    source: &Source<'_>,
    chosen: &[u32],
    pass: &[Range<usize>],
    scratch: &Path,
) -> Result<Vec<PathBuf>, PlanError> {
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
        files.push(BufWriter::with_capacity(DEAL_BUFFER_BYTES, file));
    }
    let mut reader = SpillReader::open(source.spill)?;
    let mut change = Vec::new();
    let first = pass.first().map_or(0, |bucket| bucket.start);
    let end = pass.last().map_or(0, |bucket| bucket.end);
    let wanted = &chosen[first..end];
    let order = in_input_order(source, wanted);
    visit(source, wanted, &order, |position, offset, length| {
        change.clear();
        reader.read_into(&mut change, offset, length)?;
        let bucket = pass.partition_point(|bucket| bucket.end <= first + position);
        files[bucket].write_all(&change).map_err(unwritable(bucket))
    })?;
    for (index, mut file) in files.into_iter().enumerate() {
        file.flush().map_err(unwritable(index))?;
    }
    Ok(paths)
}

/// Hands on the changes of one bucket, which stand in input order, in wave order.
fn emit_in_order(
    source: &Source<'_>,
    (wanted, order): (&[u32], &[InInput]),
    bytes: &[u8],
    emit: &mut Emit<'_>,
) -> Result<(), PlanError> {
    let mut starts = vec![0; wanted.len()];
    let mut start = 0;
    visit(source, wanted, order, |position, _, length| {
        starts[position] = start;
        start += length as usize;
        Ok(())
    })?;
    if start != bytes.len() {
        return Err(PlanError::SpillDamaged {
            path: source.spill.to_owned(),
        });
    }
    let places = wanted.chunks(LOOKUPS_AT_ONCE);
    for (keys, starts) in places.zip(starts.chunks(LOOKUPS_AT_ONCE)) {
        // Changes lie scattered in this order; looking at several overlaps their cache misses.
        let first = |start: &usize| bytes.get(*start).copied().unwrap_or_default();
        black_box(starts.iter().fold(0, |all, start| all ^ first(start)));
        for (key, start) in keys.iter().zip(starts) {
            let key = source.key(*key);
            emit(key, &bytes[*start..*start + key.length() as usize])?;
        }
    }
    Ok(())
}

/// A change by its row, and its position among those wanted.
type InInput = (RowOrdinal, u32);

/// Changes as they stand in the spill.
fn in_input_order(source: &Source<'_>, wanted: &[u32]) -> Vec<InInput> {
    // Sorting rows that are at hand is several times faster than looking each up to compare it.
    let row_first = |(position, key): (u32, &u32)| (source.key(*key).row(), position);
    let mut order: Vec<_> = (0..).zip(wanted).map(row_first).collect();
    order.sort_unstable();
    order
}

/// Visits changes in the order given: position in `wanted`, offset and length.
fn visit(
    source: &Source<'_>,
    wanted: &[u32],
    order: &[InInput],
    mut visit: impl FnMut(usize, u64, u32) -> Result<(), PlanError>,
) -> Result<(), PlanError> {
    // Keys lie scattered in this order; looking several up at a time overlaps their cache misses.
    let mut places = [(0, 0, 0); LOOKUPS_AT_ONCE];
    for batch in order.chunks(LOOKUPS_AT_ONCE) {
        for (place, (_, position)) in places.iter_mut().zip(batch) {
            let position = *position as usize;
            let key = source.key(wanted[position]);
            *place = (position, key.offset(), key.length());
        }
        for (position, offset, length) in &places[..batch.len()] {
            visit(*position, *offset, *length)?;
        }
    }
    Ok(())
}

impl Source<'_> {
    fn key(&self, index: u32) -> &SortKey {
        &self.keys[index as usize]
    }
}
