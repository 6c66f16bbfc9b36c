//! What memory keeps of a row: 16 bytes, because inputs have millions of them. Pure.

use crate::model::id::{PACKED_BYTES, RecordId, TypedId, UserId};
use crate::model::outcome::Stage;

/// What is known of a row. Offsets point into the spill of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Accepted, or not heard of yet.
    Open,
    /// It has no user; why not stands at `faults`. It was sent so many times, and will be again.
    Faulty {
        stage: Stage,
        tries: u8,
        again: bool,
        faults: Offset,
    },
    /// It has a user; `job` is a position in the list of jobs.
    Created { user: PackedUser, job: PackedJob },
    /// It has a user that lacks permission sets; which and why stands at `lacks`.
    Lacking { user: PackedUser, lacks: Offset },
}

/// Bytes of a fate, in memory at most and on disk.
pub(super) const FATE_BYTES: usize = 16;

const _: () = assert!(
    size_of::<Fate>() <= FATE_BYTES,
    "outcomes promise 16 bytes per row"
);

impl Fate {
    /// As files keep it.
    pub(super) fn to_bytes(self) -> [u8; FATE_BYTES] {
        let mut bytes = [0; FATE_BYTES];
        match self {
            Self::Open => {}
            Self::Faulty {
                stage,
                tries,
                again,
                faults,
            } => {
                bytes[..4].copy_from_slice(&[1, code_of(stage), tries, u8::from(again)]);
                bytes[4..10].copy_from_slice(&faults.0);
            }
            Self::Created { user, job } => {
                bytes[0] = 2;
                bytes[1..10].copy_from_slice(&user.0);
                bytes[10..14].copy_from_slice(&job);
            }
            Self::Lacking { user, lacks } => {
                bytes[0] = 3;
                bytes[1..10].copy_from_slice(&user.0);
                bytes[10..].copy_from_slice(&lacks.0);
            }
        }
        bytes
    }

    /// A fate that [`Fate::to_bytes`] wrote; none where it did not.
    pub(super) fn from_bytes(bytes: &[u8; FATE_BYTES]) -> Option<Self> {
        let [
            kind,
            b1,
            b2,
            b3,
            b4,
            b5,
            b6,
            b7,
            b8,
            b9,
            b10,
            b11,
            b12,
            b13,
            b14,
            b15,
        ] = *bytes;
        let user = PackedUser([b1, b2, b3, b4, b5, b6, b7, b8, b9]);
        match kind {
            0 => Some(Self::Open),
            1 => Some(Self::Faulty {
                stage: stage_of(b1)?,
                tries: b2,
                again: b3 != 0,
                faults: Offset([b4, b5, b6, b7, b8, b9]),
            }),
            2 => Some(Self::Created {
                user,
                job: [b10, b11, b12, b13],
            }),
            3 => Some(Self::Lacking {
                user,
                lacks: Offset([b10, b11, b12, b13, b14, b15]),
            }),
            _ => None,
        }
    }
}

fn code_of(stage: Stage) -> u8 {
    match stage {
        Stage::Rejected => 0,
        Stage::Failed => 1,
        Stage::Unprocessed => 2,
        Stage::Unaccounted => 3,
    }
}

fn stage_of(code: u8) -> Option<Stage> {
    match code {
        0 => Some(Stage::Rejected),
        1 => Some(Stage::Failed),
        2 => Some(Stage::Unprocessed),
        3 => Some(Stage::Unaccounted),
        _ => None,
    }
}

/// A place in the spill: 48 bits are 256 terabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset([u8; 6]);

impl Offset {
    /// Packs an offset; none past 48 bits.
    pub(super) fn pack(offset: u64) -> Option<Self> {
        let [b0, b1, b2, b3, b4, b5, 0, 0] = offset.to_le_bytes() else {
            return None;
        };
        Some(Self([b0, b1, b2, b3, b4, b5]))
    }

    pub(super) fn unpack(self) -> u64 {
        let [b0, b1, b2, b3, b4, b5] = self.0;
        u64::from_le_bytes([b0, b1, b2, b3, b4, b5, 0, 0])
    }
}

/// A position in the list of jobs, without the alignment of a number.
pub(super) type PackedJob = [u8; 4];

/// A user id without its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedUser([u8; PACKED_BYTES]);

impl PackedUser {
    pub(super) fn pack(user: UserId) -> Self {
        Self(user.record().packed())
    }

    pub(super) fn unpack(self) -> UserId {
        UserId::of(RecordId::unpacked(UserId::PREFIX, self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_packed_user_comes_back_as_it_was(digits in "[0-9A-Za-z]{12}") {
            let user = UserId::parse(&format!("005{digits}")).unwrap();
            prop_assert_eq!(PackedUser::pack(user).unpack(), user);
        }

        #[test]
        fn a_fate_comes_back_as_it_was(
            kind in 0_u8..4, stage in 0_u8..4, tries: u8, again: bool, offset in 0_u64..1 << 48,
            job: [u8; 4], digits in "[0-9A-Za-z]{12}",
        ) {
            let user = PackedUser::pack(UserId::parse(&format!("005{digits}")).unwrap());
            let offset = Offset::pack(offset).unwrap();
            let stage = stage_of(stage).unwrap();
            let fate = match kind {
                0 => Fate::Open,
                1 => Fate::Faulty { stage, tries, again, faults: offset },
                2 => Fate::Created { user, job },
                _ => Fate::Lacking { user, lacks: offset },
            };
            prop_assert_eq!(Fate::from_bytes(&fate.to_bytes()), Some(fate));
        }

        #[test]
        fn a_packed_offset_comes_back_or_was_refused(offset: u64) {
            let packed = Offset::pack(offset).map(Offset::unpack);
            prop_assert_eq!(packed, (offset < 1 << 48).then_some(offset));
        }
    }

    #[test]
    fn the_lowest_and_the_highest_id_can_be_packed() {
        for digits in ["000000000000", "zzzzzzzzzzzz", "A00000000001"] {
            let user = UserId::parse(&format!("005{digits}")).unwrap();
            assert_eq!(PackedUser::pack(user).unpack(), user);
        }
    }
}
