//! The one table of rules: what each code means, who says so, and what to do about it.
//!
//! The checks, `explain`, the documentation and the tests all read this table. It is checked at
//! compile time: every [`Code`] has exactly one rule, and the rules stand in the order of the
//! codes, which is the order in which the faults of a row are reported.

mod account;
mod contact;
mod file;
mod gate;
mod licence;
mod row;

use crate::model::rejection::{Code, Retry, Severity};

/// Who refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecidedBy {
    /// The org would refuse the row, or the run.
    Platform,
    /// The org would let it pass; admit does not, because the result would be wrong.
    Policy,
}

impl DecidedBy {
    /// As `explain` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Policy => "policy",
        }
    }
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// The text and values of the row.
    Row,
    /// The person.
    Contact,
    /// The person's company, and who owns it.
    Account,
    /// Profile, licence, seats, role, site.
    Licence,
    /// What must be unique: in the file and in the org.
    File,
    /// The run as a whole, before its first row.
    Gate,
}

impl Family {
    /// As `explain` and the documentation head their groups.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Contact => "contact",
            Self::Account => "account",
            Self::Licence => "licence",
            Self::File => "file",
            Self::Gate => "run gate",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The stable code.
    pub code: Code,
    /// What it is about.
    pub family: Family,
    /// Does it stop the row, or the run for a gate?
    pub severity: Severity,
    /// When the severity is another than [`Rule::severity`]; empty when it never is.
    pub severity_note: &'static str,
    /// Who refuses.
    pub decided_by: DecidedBy,
    /// Rules of the external-user reference it rests on (`R-xxx`), or where else it comes from.
    pub source: &'static [&'static str],
    /// What the org would answer, status code first; empty when it would not refuse.
    pub prevents: &'static str,
    /// Why it happens.
    pub cause: &'static str,
    /// What was read to know it.
    pub proof: &'static str,
    /// What to do, one imperative sentence without full stop.
    pub fix: &'static str,
    /// Is the row worth sending again, when the fault itself does not know better?
    pub retry: Retry,
}

/// The rule of a code.
pub fn rule(code: Code) -> &'static Rule {
    BY_CODE[code as usize]
}

/// Every rule, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    BY_CODE.iter().copied()
}

const FAMILIES: [&[Rule]; 6] = [
    row::RULES,
    contact::RULES,
    account::RULES,
    licence::RULES,
    file::RULES,
    gate::RULES,
];

static BY_CODE: [&Rule; Code::ALL.len()] = by_code();

/// Runs in the compiler: a code without a rule, or a rule out of order, does not build.
const fn by_code() -> [&'static Rule; Code::ALL.len()] {
    let mut table = [&FAMILIES[0][0]; Code::ALL.len()];
    let (mut family, mut place, mut position) = (0, 0, 0);
    while family < FAMILIES.len() {
        if place == FAMILIES[family].len() {
            (family, place) = (family + 1, 0);
            continue;
        }
        table[position] = &FAMILIES[family][place];
        assert!(
            table[position].code as usize == position,
            "rules stand in the order of codes"
        );
        (place, position) = (place + 1, position + 1);
    }
    assert!(position == Code::ALL.len(), "every code has a rule");
    table
}

/// What most rules have in common; each family starts from it.
const BASE: Rule = Rule {
    code: Code::RowWidth,
    family: Family::Row,
    severity: Severity::Block,
    severity_note: "",
    decided_by: DecidedBy::Platform,
    source: &[],
    prevents: "",
    cause: "",
    proof: "",
    fix: "",
    retry: Retry::AfterFix,
};
