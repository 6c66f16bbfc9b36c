//! Users to be made: what validation hands to planning.
//!
//! A [`NewUser`] exists only for a row that passed every rule; its encoded change is the very
//! line that will be sent.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::id::{
    AccountSlot, ContactId, ContactSlot, LicenseIndex, PermissionSetId, ProfileId, RowOrdinal,
};
use super::rejection::{Rejected, RowWarning};

/// The kind of external user a licence makes; it decides the wave (R-1001..R-1003).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Was the nickname made by us? Only such a one may be renewed.
    pub nickname_derived: bool,
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

impl CheckedWindow {
    /// Empties it; its memory stays for the next window.
    pub(crate) fn clear(&mut self) {
        let Self {
            rows,
            changes,
            permission_sets,
            warnings,
        } = self;
        rows.clear();
        changes.clear();
        permission_sets.clear();
        warnings.clear();
    }
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
    if is_bare_job_cell(value) {
        line.extend_from_slice(value.as_bytes());
    } else {
        push_quoted(line, value);
    }
}

/// May this value stand in job data without quotes?
#[inline]
pub fn is_bare_job_cell(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_blank = |byte: Option<&u8>| byte == Some(&b' ');
    // Looks at every byte, eight at a time: faster for short cells than stopping early.
    let special = match bytes.last_chunk() {
        Some(last) => {
            let (words, _) = bytes.as_chunks();
            let special = |found, word| found | special_in(u64::from_le_bytes(word));
            words.iter().copied().fold(special(0, *last), special)
        }
        None => special_in(short_text(bytes)),
    };
    special == 0 && !is_blank(bytes.first()) && !is_blank(bytes.last())
}

/// Is one of these eight bytes a quote, a comma, or of a line end? Zero if not.
#[inline]
fn special_in(word: u64) -> u64 {
    const LOWEST: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
    // Borrowing from the highest bit shows a byte that was zero.
    let holds = |byte: u8| {
        let zeroed = word ^ u64::from_le_bytes([byte; 8]);
        zeroed.wrapping_sub(LOWEST) & !zeroed
    };
    (holds(b'"') | holds(b',') | holds(b'\n') | holds(b'\r')) & HIGHEST
}

/// A text of less than eight bytes as one number; with its length it says all of it.
#[inline]
pub(crate) fn short_text(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << u32::BITS
    } else {
        let byte = |at: usize| bytes.get(at).map_or(0, |byte| u64::from(*byte));
        byte(0) | byte(1) << 8 | byte(2) << 16
    }
}

#[cold]
fn push_quoted(line: &mut Vec<u8>, value: &str) {
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

/// Characters of a username (external-users 1.1).
const USERNAME_CHARACTERS_MAX: usize = 80;

/// Characters of a nickname (external-users 1.1).
const NICKNAME_CHARACTERS_MAX: usize = 40;

/// Characters of the hash a renewed nickname ends in.
const NICKNAME_HASH_LENGTH: usize = 5;

/// The numbered variant of a username that is taken: `jane@acme.com` becomes `jane.2@acme.com`
/// . None where the domain leaves no room for it.
pub fn renewed_username(username: &str, number: u8) -> Option<String> {
    let (local, domain) = username.rsplit_once('@')?;
    let end = format!(".{number}@{domain}");
    let room = USERNAME_CHARACTERS_MAX.checked_sub(end.chars().count())?;
    let local: String = local.chars().take(room).collect();
    // Two dots in a row, or none before the number, would be no e-mail form.
    let local = local.trim_end_matches('.');
    (!local.is_empty()).then(|| format!("{local}{end}"))
}

/// A nickname with another ending, the same for the same row each time.
pub fn renewed_nickname(nickname: &str, row: RowOrdinal) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let room = NICKNAME_CHARACTERS_MAX - NICKNAME_HASH_LENGTH - 1;
    let mut renewed: String = nickname.chars().take(room).collect();
    renewed.push('-');
    let bytes = nickname.bytes().chain(row.0.to_le_bytes());
    // FNV-1a ([source](https://www.rfc-editor.org/rfc/rfc9923.html)): short, and here for good,
    // because a resumed run has to find the same ending.
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    for _ in 0..NICKNAME_HASH_LENGTH {
        renewed.push(char::from(DIGITS[usize::try_from(hash % 36).unwrap_or(0)]));
        hash /= 36;
    }
    renewed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_renewed_username_fits_the_field_and_differs_by_number(
            local in "[a-zé.]{1,70}", domain in "[a-z]{1,40}\\.[a-z]{2,30}", number in 2_u8..=6,
        ) {
            let taken = format!("{local}@{domain}");
            prop_assume!(taken.chars().count() <= USERNAME_CHARACTERS_MAX);
            prop_assert_eq!(renewed_username(&taken, number), renewed_username(&taken, number));
            if let Some(renewed) = renewed_username(&taken, number) {
                prop_assert!(renewed.chars().count() <= USERNAME_CHARACTERS_MAX);
                let end = format!("@{domain}");
                prop_assert!(renewed.ends_with(&end) && renewed.len() > end.len());
                prop_assert_ne!(&renewed, &taken);
                prop_assert_ne!(Some(renewed), renewed_username(&taken, number + 1));
            }
        }

        #[test]
        fn a_renewed_nickname_fits_the_field_and_is_the_same_each_time(
            nickname in "[a-z]{1,25}-[a-z0-9]{8}", row: u32,
        ) {
            let renewed = renewed_nickname(&nickname, RowOrdinal(row));
            prop_assert_eq!(&renewed, &renewed_nickname(&nickname, RowOrdinal(row)));
            prop_assert!(renewed.chars().count() <= NICKNAME_CHARACTERS_MAX);
            prop_assert!(renewed.starts_with(&nickname) && renewed != nickname);
        }
    }

    #[test]
    fn renewals_are_the_same_on_every_machine_and_day() {
        let renewed = |number| renewed_username("jane@acme.com", number);
        assert_eq!(renewed(2).as_deref(), Some("jane.2@acme.com"));
        assert_eq!(renewed(6).as_deref(), Some("jane.6@acme.com"));
        assert_eq!(
            renewed_username("a@b@c.de", 2).as_deref(),
            Some("a@b.2@c.de")
        );
        assert_eq!(renewed_username("no address", 2), None);
        let domain = format!("{}.com", "d".repeat(74));
        assert_eq!(renewed_username(&format!("j@{domain}"), 2), None, "no room");
        let long = renewed_username(&format!("{}@acme.com", "j".repeat(71)), 2);
        assert_eq!(long, Some(format!("{}.2@acme.com", "j".repeat(69))));
        let nickname = |row| renewed_nickname("jdoe-0a1b2c3d", RowOrdinal(row));
        assert_ne!(nickname(0), nickname(1));
        assert_eq!(nickname(7), "jdoe-0a1b2c3d-92soo");
    }

    fn cell(value: &str) -> String {
        let mut line = Vec::new();
        push_job_cell(&mut line, value);
        String::from_utf8(line).unwrap()
    }

    proptest! {
        #[test]
        fn a_cell_is_quoted_wherever_in_it_the_mark_stands(
            before in "[a-z ]{0,20}", mark in "[\",\r\n]", after in "[a-z ]{0,20}",
        ) {
            let marked = format!("{before}{mark}{after}");
            prop_assert!(!is_bare_job_cell(&marked));
            let plain = format!("{before}{after}");
            prop_assert_eq!(is_bare_job_cell(&plain), plain.trim() == plain);
        }
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
