//! Random numbers from a seed, in streams that do not disturb each other.

/// What a stream is for: a change in one leaves the others as they were.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Data = 1,
    Settings = 2,
    Faults = 3,
    Jitter = 4,
}

/// A stream of numbers.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        Self(scattered(seed ^ scattered(stream as u64)))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scattered(self.0)
    }

    /// From the first to the last of a range, both included.
    pub(crate) fn between(&mut self, first: usize, last: usize) -> usize {
        let span = (last - first + 1) as u64;
        first + usize::try_from(self.number() % span).unwrap()
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.between(0, 99) < chance
    }

    pub(crate) fn one_of<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.between(0, these.len() - 1)]
    }
}

fn scattered(number: u64) -> u64 {
    let mut number = number;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
