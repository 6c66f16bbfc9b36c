//! Users to be made: what validation hands to planning.
//!
//! A [`NewUser`] exists only for a row that passed every rule; its encoded change is the very
//! line that will be sent.

use std::ops::Range;

use super::id::{
    AccountSlot, ContactId, ContactSlot, LicenseIndex, PermissionSetId, ProfileId, RowOrdinal,
};
use super::rejection::{Rejected, RowWarning};

/// The kind of external user a licence makes; it decides the wave (R-1001..R-1003).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PortalKind {
    /// `CspLitePortal`: no account roles.
    HighVolume,
    /// `PowerCustomerSuccess`, `CustomerSuccess`: customer roles on the account.
    Customer,
    /// `PowerPartner`: partner roles on the account.
    Partner,
}

impl PortalKind {
    /// Does a user of this kind sit in a generated role of the account?
    pub fn is_role_based(self) -> bool {
        self != Self::HighVolume
    }
}

/// The generated roles an account has for one kind of user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountRoles {
    /// None: its first user of this kind makes them.
    None,
    /// One shared person-account role: its second user makes the full set.
    Shared,
    /// The full set of the org's levels.
    Full,
}

/// 128-bit hash of a folded username, nickname or federation id; equal texts, equal keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FoldedKey(pub u128);

impl FoldedKey {
    /// Stands for a nickname that admit derived: it ends in a hash of the contact's id, so two
    /// of them never clash and need no comparison.
    pub const DERIVED: Self = Self(0);
}

/// A row every rule let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Which row.
    pub row: RowOrdinal,
    /// Its line in the file.
    pub line: u64,
    /// The person.
    pub contact: ContactId,
    /// The person's place in the org state.
    pub contact_slot: ContactSlot,
    /// The account's place in the org state.
    pub account_slot: AccountSlot,
    /// The profile it gets.
    pub profile: ProfileId,
    /// The licence the profile takes.
    pub license: LicenseIndex,
    /// The kind of user the licence makes.
    pub kind: PortalKind,
    /// Roles of this kind the account has now.
    pub roles: AccountRoles,
    /// False when `IsActive` is false: the user is staged and takes no seat.
    pub takes_seat: bool,
    /// The username, folded.
    pub username: FoldedKey,
    /// The nickname, folded.
    pub nickname: FoldedKey,
    /// The federation id as stored, if the row has one.
    pub federation_id: Option<FoldedKey>,
    /// Where its encoded change stands in [`CheckedWindow::changes`]; one CSV record of
    /// [`SentColumns`], line end included.
    pub change: Range<u32>,
}

/// What became of one row in validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckedRow {
    /// It may be sent.
    Accepted(NewUser),
    /// It is not sent.
    Rejected(Rejected),
}

impl CheckedRow {
    /// Which row.
    pub fn row(&self) -> RowOrdinal {
        match self {
            Self::Accepted(user) => user.row,
            Self::Rejected(rejected) => rejected.row,
        }
    }
}

/// A window after validation: one entry per record, in file order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckedWindow {
    /// One per record.
    pub rows: Vec<CheckedRow>,
    /// The encoded changes of the accepted rows.
    pub changes: Vec<u8>,
    /// Permission sets wanted by accepted rows, in row order.
    pub permission_sets: Vec<(RowOrdinal, PermissionSetId)>,
    /// Warnings, in row order.
    pub warnings: Vec<RowWarning>,
}

/// The User fields of the run's job data, in the order they are sent.
///
/// The first two are always `Username` and `ContactId`, so that results can be joined by them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentColumns {
    names: Vec<String>,
}

impl SentColumns {
    /// `Username` and `ContactId`, then these, in this order.
    pub fn with(others: impl IntoIterator<Item = String>) -> Self {
        let keys = ["Username".to_owned(), "ContactId".to_owned()];
        Self {
            names: keys.into_iter().chain(others).collect(),
        }
    }

    /// The API names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The header line of the job data, line end included.
    pub fn header_line(&self) -> Vec<u8> {
        let mut line = self.names.join(",").into_bytes();
        line.push(b'\n');
        line
    }
}

/// Appends one cell of job data: bare where that is safe, else in quotes with quotes doubled.
///
/// Line breaks inside become `\n`, because the job declares `LF` (bulk-api-2 §4).
pub fn push_job_cell(line: &mut Vec<u8>, value: &str) {
    let is_special = |byte: u8| matches!(byte, b'"' | b',' | b'\n' | b'\r');
    // Looks at every byte, because that is faster for short cells than stopping early.
    let special = value
        .bytes()
        .fold(false, |special, byte| special | is_special(byte));
    let padded = value.starts_with(' ') || value.ends_with(' ');
    if !padded && !special {
        line.extend_from_slice(value.as_bytes());
        return;
    }
    line.push(b'"');
    let mut bytes = value.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => line.extend_from_slice(b"\"\""),
            b'\r' => {
                if bytes.peek() != Some(&b'\n') {
                    line.push(b'\n');
                }
            }
            other => line.push(other),
        }
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: &str) -> String {
        let mut line = Vec::new();
        push_job_cell(&mut line, value);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn a_cell_is_quoted_only_where_bare_would_be_read_otherwise() {
        assert_eq!(cell("Ann"), "Ann");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(cell(" padded"), "\" padded\"");
        assert_eq!(cell("a\r\nb\rc\nd"), "\"a\nb\nc\nd\"");
    }
}
