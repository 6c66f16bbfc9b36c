//! Salesforce record ids, one type per object, and the small numbers rows are known by.
//!
//! Comes in: text of 15 or 18 characters. Goes out: a checked id that prints as 18.
//! An 18-character id carries a checksum of its letter case; it is verified, because
//! spreadsheets damage case ([source](https://help.salesforce.com/s/articleView?id=000385008)).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Any record id: 15 case-sensitive base-62 characters; prints as 18.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId([u8; 15]);

/// Bytes of an id whose object is known.
pub(crate) const PACKED_BYTES: usize = 9;

/// What packs as no id.
pub(crate) const PACKED_NONE: [u8; PACKED_BYTES] = [0xff; PACKED_BYTES];

/// Characters that name the object.
const PREFIX_CHARACTERS: usize = 3;
/// Bits of a packed character.
const DIGIT_BITS: u32 = 6;
/// The code of what is no digit.
const NO_DIGIT: u8 = (1 << DIGIT_BITS) - 1;
/// Characters of half of what is packed.
const HALF_CHARACTERS: usize = 6;
/// Bits they take.
const HALF_BITS: u32 = 36;
/// The digits of ids, in their order, and what stands for none.
const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz??";

/// The code of every byte that is a digit.
static CODES: [u8; 256] = {
    let mut codes = [NO_DIGIT; 256];
    let mut code = 0;
    while code < NO_DIGIT - 1 {
        codes[DIGITS[code as usize] as usize] = code;
        code += 1;
    }
    codes
};

/// Why a text is not a record id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// Neither 15 nor 18 characters.
    #[error("has {0} characters, an id has 15 or 18")]
    Length(usize),
    /// A character outside `0-9A-Za-z`.
    #[error("holds a character that no id has")]
    Character,
    /// The three check characters do not fit the letter case of the first fifteen.
    #[error("fails its checksum: upper and lower case were changed on the way")]
    Checksum,
    /// A well-formed id of another object.
    #[error("is an id of another object: it starts with {found}, expected {expected}")]
    Object {
        /// The three characters it starts with.
        found: String,
        /// The three characters it should start with.
        expected: &'static str,
    },
}

impl RecordId {
    /// Checks 15 or 18 characters; the checksum of the long form must fit.
    pub fn parse(text: &str) -> Result<Self, IdFault> {
        let bytes = text.as_bytes();
        if bytes.len() != 15 && bytes.len() != 18 {
            return Err(IdFault::Length(text.chars().count()));
        }
        // Every character is looked at: faster than stopping early.
        let is_digit = |byte: &u8| CODES[usize::from(*byte)] != NO_DIGIT;
        if !bytes.iter().fold(true, |all, byte| all & is_digit(byte)) {
            return Err(IdFault::Character);
        }
        let mut short = [0; 15];
        short.copy_from_slice(&bytes[..15]);
        let id = Self(short);
        if bytes.len() == 18 && !bytes[15..].eq_ignore_ascii_case(&id.checksum()) {
            return Err(IdFault::Checksum);
        }
        Ok(id)
    }

    /// The twelve characters after the prefix, six bits each: what tells apart ids of an object.
    pub(crate) fn packed(self) -> [u8; PACKED_BYTES] {
        let (front, back) = self.0[PREFIX_CHARACTERS..].split_at(HALF_CHARACTERS);
        let half = |digits: &[u8]| {
            let codes = digits.iter().map(|digit| CODES[usize::from(*digit)]);
            codes.fold(0, |number, code| number << DIGIT_BITS | u64::from(code))
        };
        let number = u128::from(half(front)) << HALF_BITS | u128::from(half(back));
        let mut packed = [0; PACKED_BYTES];
        packed.copy_from_slice(&number.to_le_bytes()[..PACKED_BYTES]);
        packed
    }

    /// The id that was packed; other bytes make one that no record has.
    #[inline]
    pub(crate) fn unpacked(prefix: &str, packed: [u8; PACKED_BYTES]) -> Self {
        let mut id = [0; 15];
        let (front, digits) = id.split_at_mut(PREFIX_CHARACTERS);
        for (to, from) in front.iter_mut().zip(prefix.bytes()) {
            *to = from;
        }
        // Two halves, each a number the machine has: shifting the whole takes three times as long.
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8] = packed;
        let upper = u64::from_le_bytes([b4, b5, b6, b7, b8, 0, 0, 0]);
        let lower = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
        let halves = [upper >> (HALF_BITS - u32::BITS), lower];
        for (digits, half) in digits.chunks_exact_mut(HALF_CHARACTERS).zip(halves) {
            for (nth, digit) in (0..).zip(digits.iter_mut().rev()) {
                let code = (half >> (DIGIT_BITS * nth)).to_le_bytes()[0] & NO_DIGIT;
                *digit = DIGITS[usize::from(code)];
            }
        }
        Self(id)
    }

    /// The three characters that name the object.
    pub fn prefix(&self) -> &str {
        std::str::from_utf8(&self.0[..3]).unwrap_or("???")
    }

    /// The fifteen characters, as bytes.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8; 15] {
        &self.0
    }

    /// The fifteen case-sensitive characters.
    pub fn as_15(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// The eighteen characters, as bytes on the stack.
    pub fn to_18(self) -> [u8; 18] {
        let mut long = [0; 18];
        long[..15].copy_from_slice(&self.0);
        long[15..].copy_from_slice(&self.checksum());
        long
    }

    /// One base-32 character per five ids' letters: bit i is set where letter i is upper case.
    fn checksum(self) -> [u8; 3] {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
        let [b0, b1, b2, b3, b4, b5, b6, b7, back @ ..] = self.0;
        let [b8, b9, b10, b11, b12, b13, b14] = back;
        let front = upper_case(u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]));
        let back = upper_case(u64::from_le_bytes([b8, b9, b10, b11, b12, b13, b14, 0]));
        let letters = front | back << u8::BITS;
        let of_five = |five: usize| ALPHABET[letters >> (5 * five) & 0x1f];
        [of_five(0), of_five(1), of_five(2)]
    }
}

/// One bit for each of eight letters or digits, set where it is an upper-case letter: those alone
/// have the bit for 64 and not the one for 32.
fn upper_case(eight: u64) -> usize {
    /// The lowest bit of each byte.
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    /// Gathers those in the highest byte when multiplied.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let marks = (eight >> 6) & !(eight >> 5) & LOWEST;
    usize::from(marks.wrapping_mul(GATHER).to_be_bytes()[0])
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.to_18()).unwrap_or("???"))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An id that knows its object, for what is stored as plain ids.
pub(crate) trait TypedId: Copy + Ord {
    /// The three characters every such id starts with.
    const OBJECT: &'static str;

    /// The id of a record that is known to be of this object.
    fn of(record: RecordId) -> Self;

    /// The id without its type.
    fn untyped(self) -> RecordId;
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(RecordId);

        impl $name {
            /// The three characters every such id starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Checks the shape, the checksum and the object prefix.
            #[inline]
            pub fn parse(text: &str) -> Result<Self, IdFault> {
                let id = RecordId::parse(text)?;
                if id.0.starts_with(Self::PREFIX.as_bytes()) {
                    Ok(Self(id))
                } else {
                    Err(IdFault::Object { found: id.prefix().to_owned(), expected: Self::PREFIX })
                }
            }

            /// The same id without its type.
            pub fn record(self) -> RecordId {
                self.0
            }
        }

        impl TypedId for $name {
            const OBJECT: &'static str = $prefix;

            fn of(record: RecordId) -> Self {
                Self(record)
            }

            fn untyped(self) -> RecordId {
                self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdFault;

            fn try_from(text: String) -> Result<Self, IdFault> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

typed_ids! {
    /// A Contact: the person.
    ContactId = "003";
    /// An Account: the company, or the person account.
    AccountId = "001";
    /// A User, internal or external.
    UserId = "005";
    /// A Profile; it alone decides the licence.
    ProfileId = "00e";
    /// A `UserLicense`.
    LicenseId = "100";
    /// A `UserRole`, internal or generated for an account.
    RoleId = "00E";
    /// A `Network`: an Experience Cloud site.
    NetworkId = "0DB";
    /// A `PermissionSet`.
    PermissionSetId = "0PS";
    /// The org itself.
    OrgId = "00D";
    /// A Bulk API 2.0 job.
    JobId = "750";
}

/// Position of a record in the input file, header not counted, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowOrdinal(pub u32);

/// Dense number of a Contact in the org state; ordered as the contact ids are, so far as the
/// contact was known when the state was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContactSlot(pub u32);

/// Dense number of an Account in the org state; ordered as the account ids are, so far as the
/// account was known when the state was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountSlot(pub u32);

/// Position of a licence in [`crate::org_state`]'s list of licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LicenseIndex(pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_characters_print_as_eighteen_with_the_known_checksum() {
        let id = RecordId::parse("001A0000006Vm9r").unwrap();
        assert_eq!(id.to_string(), "001A0000006Vm9rIAC");
        assert_eq!(RecordId::parse("001A0000006Vm9rIAC"), Ok(id));
    }

    #[test]
    fn every_upper_case_letter_counts_at_its_place() {
        for place in 0..15 {
            for letter in *b"AZMaz09" {
                let mut short = *b"001z00000000zz0";
                short[place] = letter;
                let upper = |from: usize| {
                    (0..5).fold(0, |bits, nth| {
                        bits | u8::from(short[from + nth].is_ascii_uppercase()) << nth
                    })
                };
                let check = [0, 5, 10]
                    .map(|from| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[usize::from(upper(from))]);
                assert_eq!(RecordId(short).checksum(), check, "{letter} at {place}");
            }
        }
    }

    #[test]
    fn a_packed_id_comes_back_as_it_was_and_none_is_none_of_them() {
        for text in ["003000000000000", "003zzzzzzzzzzzz", "003A0000006Vm9r"] {
            let id = RecordId::parse(text).unwrap();
            assert_eq!(RecordId::unpacked("003", id.packed()), id);
            assert_ne!(id.packed(), PACKED_NONE);
        }
    }

    #[test]
    fn a_case_damaged_long_id_is_refused() {
        assert_eq!(
            RecordId::parse("001a0000006vm9rIAC"),
            Err(IdFault::Checksum)
        );
    }

    #[test]
    fn an_id_of_another_object_names_both_prefixes() {
        let fault = ContactId::parse("001A0000006Vm9r").unwrap_err();
        assert_eq!(
            fault,
            IdFault::Object {
                found: "001".into(),
                expected: "003"
            }
        );
    }

    #[test]
    fn wrong_lengths_and_characters_are_refused() {
        assert_eq!(RecordId::parse(""), Err(IdFault::Length(0)));
        assert_eq!(RecordId::parse("001A0000006Vm9-"), Err(IdFault::Character));
    }
}
