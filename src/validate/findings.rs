//! What the checks of one row find: faults, warnings, and the org's records behind them.

use super::rules::rule;
use crate::model::id::{RecordId, RowOrdinal};
use crate::model::rejection::{Code, Fault, Rejected};

/// Everything found about one row so far. Nothing is allocated for a row without findings.
#[derive(Debug, Default)]
pub(super) struct Findings {
    faults: Vec<(Code, Fault)>,
    behind: Vec<RecordId>,
    /// Set for each code that warns, by its place in the table. Nobody is told more of a warning
    /// than its code, and some orgs have one for every other row.
    warnings: u128,
}

const _: () = assert!(
    Code::ALL.len() <= u128::BITS as usize,
    "every code has its bit"
);

/// Characters of a cell that a reason repeats.
const SHOWN_MAX: usize = 80;

impl Findings {
    /// A fault with the fix and the retry advice of its rule.
    pub(super) fn fault(&mut self, code: Code, reason: String) {
        self.fault_with_fix(code, reason, rule(code).fix.to_owned());
    }

    /// A fault whose fix can name more than its rule knows.
    pub(super) fn fault_with_fix(&mut self, code: Code, reason: String, fix: String) {
        let retry = rule(code).retry;
        self.faults.push((
            code,
            Fault {
                code: code.as_str().to_owned(),
                reason,
                fix,
                retry,
            },
        ));
    }

    /// The fault found last rests on these records of the org.
    pub(super) fn rests_on<const N: usize>(&mut self, records: [RecordId; N]) {
        for record in records {
            if !self.behind.contains(&record) {
                self.behind.push(record);
            }
        }
    }

    /// Something to say about a row that may be sent all the same.
    pub(super) fn warn(&mut self, code: Code) {
        self.warnings |= 1 << (code as usize);
    }

    /// May the row be sent?
    pub(super) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// The warnings of a row that is sent, in the order of the rules table.
    pub(super) fn warnings(&self) -> impl Iterator<Item = Code> {
        let mut left = self.warnings;
        std::iter::from_fn(move || {
            let code = Code::ALL.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(*code)
        })
    }

    /// The row with all its faults, in the order of the rules table.
    pub(super) fn into_rejected(mut self, row: RowOrdinal) -> Rejected {
        assert!(!self.faults.is_empty(), "a row is rejected for a reason");
        self.faults.sort_by_key(|(code, _)| *code);
        // A cell that is both key and value is found faulty twice.
        self.faults.dedup();
        Rejected {
            row,
            faults: self.faults,
            behind: self.behind,
        }
    }
}

/// A cell's text as reasons repeat it: quoted, control characters escaped, long text cut.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}
