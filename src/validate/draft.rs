//! What a row's own cells make of username and nickname, before anything of it is checked.
//!
//! Comes in: a row that was just opened. Goes out: the texts that will most likely be looked up,
//! so that the org can be asked for those of many rows at once. It decides nothing.

use super::derive::{self, Ingredients};
use super::sight::Sight;

/// Two texts in lower case; empty where the cells do not make one.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// What stands in the cell of the username.
    pub(super) username: String,
    /// What the names in the row's cells make, where [`NamePlaces::nickname`] says which they are.
    ///
    /// [`NamePlaces::nickname`]: super::fields::NamePlaces::nickname
    pub(super) nickname: String,
    /// Letters of the name that the nickname starts with.
    letters: usize,
}

impl Draft {
    /// The alias that the same names make; empty where they have no letters.
    pub(super) fn alias(&self) -> &str {
        &self.nickname[..self.letters.min(derive::ALIAS_LETTERS)]
    }

    /// Writes both, whatever they held before.
    pub(super) fn fill(&mut self, sight: &Sight<'_>) {
        self.username.clear();
        self.nickname.clear();
        self.letters = 0;
        if let Some(column) = sight.program.username.column {
            derive::push_lower(&mut self.username, sight.value(column).trim_ascii());
        }
        if let Some(columns) = sight.program.names.nickname {
            let [first, last] = columns.map(|column| sight.value(column));
            let from = Ingredients {
                first: first.trim_ascii(),
                last: last.trim_ascii(),
                email: "",
                contact: sight.contact,
                account: "",
            };
            self.letters = derive::nickname(from, 0, &mut self.nickname);
        }
    }
}
