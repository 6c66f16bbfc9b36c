//! When a rule strikes: the first time, every so often, or by chance; and when it has had enough.

/// When a rule strikes among what it is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timing {
    pub(super) turn: Turn,
    /// Strikes at most so often.
    pub(super) times_max: u64,
    /// Strikes no more once the org has been up so long.
    pub(super) until_ms: u64,
}

/// Which ones it strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Turn {
    /// From this one on, counted from 1.
    From(u64),
    /// Each so-many-th.
    Every(u64),
    /// With this probability.
    Chance(f64),
}

/// A rule's memory.
#[derive(Debug)]
pub(super) struct Dealer {
    timing: Timing,
    stream: Stream,
    seen: u64,
    struck: u64,
}

impl Dealer {
    /// `number` is the rule's place in the plan: each rule has its own stream.
    pub(super) fn new(timing: Timing, seed: u64, number: usize) -> Self {
        Self {
            timing,
            stream: Stream::new(mixed(seed) ^ mixed(0xfa17 + number as u64)),
            seen: 0,
            struck: 0,
        }
    }

    /// Does it strike the next one? `up_ms` is how long the org has been up, `spared` that the
    /// next one has had its share: only a rule that counts from the first still strikes.
    pub(super) fn strikes(&mut self, up_ms: u64, spared: bool) -> bool {
        self.seen += 1;
        let hit = match self.timing.turn {
            Turn::From(first) => self.seen >= first,
            Turn::Every(step) => self.seen.is_multiple_of(step) && !spared,
            // Drawn in any case, so that what is spared does not shift what comes after.
            Turn::Chance(chance) => self.stream.share() < chance && !spared,
        };
        let struck = hit && self.struck < self.timing.times_max && up_ms < self.timing.until_ms;
        self.struck += u64::from(struck);
        struck
    }

    /// A number for the fault's own choices.
    pub(super) fn draw(&mut self) -> u64 {
        self.stream.next()
    }
}

/// Numbers without end (splitmix64).
#[derive(Debug, Clone)]
pub(super) struct Stream(u64);

impl Stream {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// From 0 up to, not including, 1.
    fn share(&mut self) -> f64 {
        share(self.next())
    }
}

/// A number as a share of all numbers.
pub(super) fn share(number: u64) -> f64 {
    // 32 bits are exact in a float, and fine enough for any chance a person writes.
    f64::from(u32::try_from(number >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0)
}

/// Scatters a number.
pub(super) fn mixed(number: u64) -> u64 {
    let mut mixed = number;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
