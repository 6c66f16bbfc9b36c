//! The line of chunks in front of the lanes: cuts them off a wave one by one, holds one back that
//! must wait for its predecessor, and takes back what came to nothing.

use std::collections::VecDeque;

use crate::model::wave::SealedWave;
use crate::upload::{self, Chunk, ChunkLimits};

/// How often one chunk may come back before its wave is given up for now.
const RETURNS_MAX: u32 = 3;

/// What is still to be sent of a wave.
pub(super) struct ChunkLine<'a> {
    wave: &'a SealedWave,
    next: usize,
    held: Option<Chunk>,
    returned: VecDeque<Chunk>,
    returns: u32,
}

impl<'a> ChunkLine<'a> {
    /// All of a wave.
    pub(super) fn new(wave: &'a SealedWave) -> Self {
        Self {
            wave,
            next: 0,
            held: None,
            returned: VecDeque::new(),
            returns: 0,
        }
    }

    /// The next chunk that may go now; none while one waits, or at the end.
    pub(super) fn next(&mut self, nothing_in_flight: bool, limits: &ChunkLimits) -> Option<Chunk> {
        // What came back goes alone: its accounts may have gone on in the chunk behind it.
        if let Some(chunk) = self.returned.front().copied() {
            return nothing_in_flight.then(|| self.returned.pop_front().unwrap_or(chunk));
        }
        let chunk = match self.held.take() {
            Some(held) => held,
            None => upload::next_chunk(self.wave, self.next, limits)?,
        };
        self.next = chunk.first + chunk.rows;
        if chunk.waits_for_predecessor && !nothing_in_flight {
            self.held = Some(chunk);
            return None;
        }
        Some(chunk)
    }

    /// A chunk of which nothing was committed goes again. False when that happened too often.
    #[must_use]
    pub(super) fn take_back(&mut self, chunk: Chunk) -> bool {
        self.returned.push_back(chunk);
        self.returns += 1;
        self.returns <= RETURNS_MAX
    }

    /// Rows that no chunk was handed out for.
    pub(super) fn rows_left(&self) -> usize {
        let returned: usize = self.returned.iter().map(|chunk| chunk.rows).sum();
        let first = self.held.map_or(self.next, |held| held.first);
        self.wave.rows.len() - first + returned
    }
}
