//! What was stored is found again as it was, or refused; and the same settlements applied again
//! give the same ends.

use std::path::Path;

use proptest::prelude::*;

use crate::model::explain::{Exit, Explain};
use crate::model::id::{RecordId, RowOrdinal};
use crate::model::outcome::{RowEnd, RowOutcome, Settled};
use crate::model::rejection::{Code, Fault, Rejected, Retry};
use crate::model::settings::UsernameConflict;

use super::{contact_id, pair, refused, sent, set_id, settled, silent, user_id};
use crate::results::{Outcomes, ResultsError, RetryPolicy, SentRow, read_rejected, write_rejected};

const ROWS: u32 = 12;

fn rejected(row: u32) -> Rejected {
    let fault = Fault {
        code: Code::NoSeat.to_string(),
        reason: format!("row {row}: \"no\" séat\n"),
        fix: "buy".into(),
        retry: Retry::AfterFix,
    };
    Rejected {
        row: RowOrdinal(row),
        faults: vec![(Code::NoSeat, fault.clone()), (Code::FieldTooLong, fault)],
        behind: vec![contact_id(row).record()],
    }
}

fn outcome(kind: u8, row: u32) -> RowOutcome {
    match kind {
        0 => RowOutcome::Created(user_id(row)),
        1 => refused("UNABLE_TO_LOCK_ROW:locked:--"),
        2 => refused("DUPLICATE_USERNAME:taken:Username --"),
        3 => refused("DUPLICATE_COMM_NICKNAME:taken:CommunityNickname --"),
        4 => RowOutcome::Unprocessed,
        5 => RowOutcome::Unaccounted,
        _ => refused("REQUIRED_FIELD_MISSING:x:Email --"),
    }
}

/// Applies decisions as a run does: only to rows that want to be sent.
fn decide(outcomes: &mut Outcomes, decisions: &[Vec<(u32, u8)>], policy: RetryPolicy) {
    for (job, decision) in (1..).zip(decisions) {
        let (mut rows, mut users): (Vec<SentRow>, Vec<Settled>) = (Vec::new(), Vec::new());
        let (mut pairs, mut sets): (Vec<SentRow>, Vec<Settled>) = (Vec::new(), Vec::new());
        for (row, kind) in decision {
            let settled = settled(*row, outcome(*kind, *row));
            let is_new = |rows: &[SentRow]| rows.iter().all(|sent| sent.row.0 != *row);
            if outcomes.wants_sending(RowOrdinal(*row)) && is_new(&rows) {
                let nickname_derived = row % 2 == 0;
                rows.push(SentRow {
                    nickname_derived,
                    ..sent(*row)
                });
                users.push(settled);
            } else if outcomes.wants_assignment(RowOrdinal(*row), set_id(7)) && is_new(&pairs) {
                pairs.push(pair(*row, 7));
                sets.push(settled);
            }
        }
        outcomes.settle(silent(job), &rows, &users, policy).unwrap();
        outcomes
            .settle_permission_sets(silent(job), &pairs, &sets)
            .unwrap();
    }
}

/// Everything that can be seen of the rows.
fn seen(outcomes: &mut Outcomes) -> Vec<String> {
    let mut seen = vec![format!(
        "{:?} {:?}",
        outcomes.counts(20),
        outcomes.by_code()
    )];
    for row in (0..ROWS).map(RowOrdinal) {
        let end: Option<RowEnd> = outcomes
            .end_of(row, |renewal| format!("{renewal:?}"))
            .unwrap();
        seen.push(format!(
            "{end:?} {:?} {} {} {} {:?}",
            outcomes.user_of(row),
            outcomes.wants_sending(row),
            outcomes.wants_assignment(row, set_id(7)),
            outcomes.tries(row),
            outcomes.renewal_of(row),
        ));
    }
    seen
}

fn any_decisions() -> impl Strategy<Value = Vec<Vec<(u32, u8)>>> {
    prop::collection::vec(prop::collection::vec((0..ROWS, 0_u8..7), 0..8), 0..6)
}

proptest! {
    // Every case waits for the disk several times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn decisions_applied_again_to_stored_outcomes_give_the_same_ends(
        before in any_decisions(), after in any_decisions(), lost in any_decisions(), suffix: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let username_on_conflict =
            if suffix { UsernameConflict::Suffix } else { UsernameConflict::Report };
        let policy = RetryPolicy { username_on_conflict };
        let mut outcomes = Outcomes::create(folder.path()).unwrap();
        outcomes.reject(&rejected(3)).unwrap();
        decide(&mut outcomes, &before, policy);
        outcomes.store().unwrap();
        let stored = seen(&mut outcomes);
        decide(&mut outcomes, &lost, policy);
        drop(outcomes);

        let mut outcomes = Outcomes::load(folder.path()).unwrap();
        prop_assert_eq!(seen(&mut outcomes), stored, "as stored, whatever came later");
        decide(&mut outcomes, &after, policy);
        let first = seen(&mut outcomes);
        drop(outcomes);
        let mut outcomes = Outcomes::load(folder.path()).unwrap();
        decide(&mut outcomes, &after, policy);
        prop_assert_eq!(seen(&mut outcomes), first);
    }

    #[test]
    fn a_changed_byte_of_stored_outcomes_is_refused(place: prop::sample::Index, file in 0_usize..2) {
        let folder = stored();
        let path = folder.path().join(["plan/outcomes.bin", "plan/faults.spill"][file]);
        let mut bytes = std::fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 0x20;
        std::fs::write(&path, bytes).unwrap();
        prop_assert!(is_refused(folder.path()));
    }
}

fn stored() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    outcomes.reject(&rejected(1)).unwrap();
    let policy = super::REPORT;
    decide(
        &mut outcomes,
        &[vec![(0, 0), (2, 1), (4, 3)], vec![(0, 1)]],
        policy,
    );
    outcomes.store().unwrap();
    folder
}

fn is_refused(folder: &Path) -> bool {
    match Outcomes::load(folder) {
        Err(error @ ResultsError::Changed { .. }) => error.exit() == Exit::Memory,
        Ok(_) | Err(_) => false,
    }
}

#[test]
fn outcomes_that_are_gone_or_cut_short_are_refused() {
    for file in ["plan/outcomes.bin", "plan/faults.spill"] {
        let folder = stored();
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(is_refused(folder.path()), "{file} cut");
        std::fs::remove_file(&path).unwrap();
        assert!(is_refused(folder.path()), "{file} gone");
    }
}

#[test]
fn rejected_rows_come_back_from_their_file_and_a_changed_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rejected.jsonl");
    let rows: Vec<_> = (0..4).map(rejected).collect();
    let sha256 = write_rejected(&path, &rows).unwrap();
    assert_eq!(read_rejected(&path, &sha256).unwrap(), rows);
    let behind: Vec<RecordId> = rows[0].behind.clone();
    assert_eq!(read_rejected(&path, &sha256).unwrap()[0].behind, behind);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let refused = read_rejected(&path, &sha256).unwrap_err();
    assert!(matches!(refused, ResultsError::Changed { .. }));
    let gone = read_rejected(&folder.path().join("none"), &sha256).unwrap_err();
    assert_eq!(gone.exit(), Exit::Memory);
    assert_eq!(write_rejected(&path, &[]).map(|sha| sha.len()).unwrap(), 64);
}
