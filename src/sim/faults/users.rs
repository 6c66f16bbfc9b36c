//! Names that are taken where nobody can look: usernames by users of other orgs, nicknames by
//! users whom the running user does not see.
//!
//! Which names is decided by the name and the seed alone, so that the same name is refused every
//! time it is tried.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::deal::{mixed, share};
use super::read::{Names, UserRules};

const USERNAMES: &str = "usernames-taken";
const NICKNAMES: &str = "nicknames-taken";

/// The world outside the org.
#[derive(Debug, Default)]
pub(in crate::sim) struct Elsewhere {
    rules: UserRules,
    seed: u64,
    usernames: Cell<u64>,
    nicknames: Cell<u64>,
}

impl Elsewhere {
    pub(in crate::sim) fn new(rules: UserRules, seed: u64) -> Self {
        Self {
            rules,
            seed,
            ..Self::default()
        }
    }

    /// Does a user of another org hold the username?
    pub(in crate::sim) fn holds_username(&self, name: &str) -> bool {
        let taken = self.takes(&self.rules.usernames_taken, name, 1);
        self.usernames.set(self.usernames.get() + u64::from(taken));
        taken
    }

    /// Does a user nobody sees hold the nickname?
    pub(in crate::sim) fn holds_nickname(&self, name: &str) -> bool {
        let taken = self.takes(&self.rules.nicknames_taken, name, 2);
        self.nicknames.set(self.nicknames.get() + u64::from(taken));
        taken
    }

    /// How often a name was found taken, by kind.
    pub(in crate::sim) fn played(&self) -> BTreeMap<&'static str, u64> {
        let counts = [
            (USERNAMES, self.usernames.get()),
            (NICKNAMES, self.nicknames.get()),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn takes(&self, names: &Names, name: &str, salt: u64) -> bool {
        let folded = name.to_lowercase();
        match names {
            Names::Share(part) => share(self.hash(&folded, salt)) < *part,
            Names::These(names) => names.iter().any(|taken| taken.to_lowercase() == folded),
        }
    }

    /// FNV-1a over the text, scattered.
    fn hash(&self, text: &str, salt: u64) -> u64 {
        let start = mixed(self.seed ^ mixed(salt));
        let hash = text.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        mixed(hash)
    }
}
