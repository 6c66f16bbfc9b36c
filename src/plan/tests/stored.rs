//! A plan and its sealed waves are found again as they were, or refused; renewed records differ in
//! nothing but what was renewed.

use std::path::Path;

use proptest::prelude::*;

use crate::journal::WaveRecord;
use crate::model::change::Renewal;
use crate::model::explain::{Exit, Explain};
use crate::model::id::RowOrdinal;
use crate::model::user::{SentColumns, renewed_nickname};
use crate::model::wave::SealedWave;

use super::{Row, any_row, changes_of, partners, plan_of, set_id, user_id, window};
use crate::plan::record::renewed;
use crate::plan::{Plan, PlanError, load_sealed, username_of};

fn all(_: RowOrdinal) -> bool {
    true
}

fn nothing(_: RowOrdinal) -> Option<Renewal> {
    None
}

fn record_of(sealed: &SealedWave) -> WaveRecord {
    WaveRecord {
        wave: sealed.number,
        kind: sealed.kind,
        letter: sealed.letter,
        round: sealed.round,
        file: sealed.file.clone(),
        sha256: sealed.sha256.clone(),
        rows: sealed.rows.len() as u64,
    }
}

/// A plan with a permission set for every third row.
fn plan_with_sets(folder: &Path, rows: &[Row], shared: bool) -> Plan {
    let mut checked = window(0, rows);
    let count = u32::try_from(rows.len()).unwrap();
    let wanted = (0..count).filter(|row| row % 3 == 0);
    checked.permission_sets = wanted
        .map(|row| (RowOrdinal(row), set_id(row % 2)))
        .collect();
    plan_of(folder, &[checked], shared)
}

proptest! {
    // Every case waits for the disk several times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_stored_plan_comes_back_as_it_was_sealed_and_seals_the_same_bytes(
        rows in prop::collection::vec(any_row(), 1..40), shared: bool, lost in any::<u32>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = plan_with_sets(folder.path(), &rows, shared);
        plan.store().unwrap();
        let mut found = Plan::load(folder.path()).unwrap();
        prop_assert_eq!(found.digest(), plan.digest());
        prop_assert_eq!(found.waves(), plan.waves());
        prop_assert_eq!(found.counts(), plan.counts());
        prop_assert_eq!(found.accepted(), plan.accepted());
        prop_assert_eq!(found.roles_new(), plan.roles_new());
        prop_assert!(found.wanted_sets().eq(plan.wanted_sets()));
        let count = u32::try_from(rows.len()).unwrap();
        prop_assert_eq!(changes_of(&found, count), changes_of(&plan, count));

        // Promotions follow what became of rows, so both plans make the same ones.
        let is_lost = |row: RowOrdinal| row.0 % 5 == lost % 5;
        prop_assert_eq!(found.promote(&is_lost), plan.promote(&is_lost));
        for (before, after) in plan.waves().to_vec().iter().zip(found.waves().to_vec()) {
            prop_assert_eq!(before, &after);
            if before.kind == crate::model::change::ChangeKind::CreateUser {
                let one = plan.seal(before, 1, &all, &nothing).unwrap();
                let other = found.seal(&after, 1, &all, &nothing).unwrap();
                prop_assert_eq!(one, other);
            }
        }
        let again = Plan::load(folder.path()).unwrap();
        prop_assert_eq!(again.digest(), plan.digest(), "the plan as sealed, not as promoted");
    }

    #[test]
    fn a_changed_byte_of_a_stored_plan_is_refused(place: prop::sample::Index, file in 0_usize..2) {
        let folder = tempfile::tempdir().unwrap();
        plan_with_sets(folder.path(), &partners(5), true).store().unwrap();
        let path = folder.path().join(["plan/plan.bin", "plan/changes.spill"][file]);
        change_byte(&path, place);
        prop_assert!(is_changed(Plan::load(folder.path())));
    }

    #[test]
    fn a_changed_byte_of_a_sealed_wave_or_its_index_is_refused(
        place: prop::sample::Index, is_index: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan_with_sets(folder.path(), &partners(5), false);
        let sealed = plan.seal(&plan.waves()[0], 1, &all, &nothing).unwrap();
        let ending = if is_index { ".idx" } else { "" };
        change_byte(&folder.path().join(format!("{}{ending}", sealed.file)), place);
        prop_assert!(is_changed(load_sealed(folder.path(), &record_of(&sealed))));
    }

    #[test]
    fn a_renewed_record_differs_in_its_username_and_nickname_alone(
        others in prop::collection::vec("[ -~\n\"é,]{0,12}", 3),
        nickname_place in 0_usize..4, row: u32, renews_nickname: bool,
        number in prop::option::of(2_u8..=6),
    ) {
        let mut names = ["AboutMe", "City", "Title"].map(str::to_owned).to_vec();
        names.insert(nickname_place, "CommunityNickname".to_owned());
        let header = SentColumns::with(names).header_line();
        let mut cells = vec!["\"j, d\"@x.org".to_owned(), "003A0000006Vm9r".to_owned()];
        let mut values = others.clone();
        values.insert(nickname_place, "jdoe-0a1b2c3d".to_owned());
        cells.extend(values);
        let what = Renewal { nickname: renews_nickname, username: number };
        let record = renewed(&line(&cells), &header, RowOrdinal(row), what);
        let mut expected = cells.clone();
        if let Some(number) = number {
            expected[0] = format!("\"j, d\".{number}@x.org");
        }
        if renews_nickname {
            expected[2 + nickname_place] = renewed_nickname("jdoe-0a1b2c3d", RowOrdinal(row));
        }
        prop_assert_eq!(&record, &line(&expected));
        prop_assert_eq!(username_of(&line(&cells), Some(what)), expected[0].clone());
        prop_assert_eq!(username_of(&record, None), expected[0].clone());
    }
}

fn line(cells: &[String]) -> Vec<u8> {
    let mut line = Vec::new();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        crate::model::user::push_job_cell(&mut line, cell);
    }
    line.push(b'\n');
    line
}

fn change_byte(path: &Path, place: prop::sample::Index) {
    let mut bytes = std::fs::read(path).unwrap();
    let place = place.index(bytes.len());
    bytes[place] ^= 0x20;
    std::fs::write(path, bytes).unwrap();
}

fn is_changed<T>(loaded: Result<T, PlanError>) -> bool {
    match loaded {
        Err(error @ PlanError::Changed { .. }) => error.exit() == Exit::Memory,
        Ok(_) | Err(_) => false,
    }
}

#[test]
fn a_sealed_wave_is_found_again_with_its_rows_and_who_has_a_derived_nickname() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_with_sets(folder.path(), &partners(7), false);
    let users = plan.seal(&plan.waves()[0], 1, &all, &nothing).unwrap();
    let derived = users
        .rows
        .iter()
        .map(|row| (row.row.0, row.nickname_derived));
    assert!(
        derived
            .into_iter()
            .all(|(row, derived)| derived == (row % 2 == 1))
    );
    let found = load_sealed(folder.path(), &record_of(&users)).unwrap();
    assert_eq!(found, users);
    let number = plan.waves().last().unwrap().number;
    let sets = plan.seal_permission_sets(number, 1, &|row, _| Some(user_id(row)));
    let sets = sets.unwrap().unwrap();
    assert!(
        sets.rows.iter().all(|row| !row.nickname_derived),
        "an assignment has none"
    );
    assert_eq!(load_sealed(folder.path(), &record_of(&sets)).unwrap(), sets);
}

#[test]
fn a_wave_that_is_not_the_one_the_journal_names_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_with_sets(folder.path(), &partners(7), false);
    let sealed = plan.seal(&plan.waves()[0], 1, &all, &nothing).unwrap();
    let right = record_of(&sealed);
    let wrong = [
        WaveRecord {
            rows: right.rows + 1,
            ..right.clone()
        },
        WaveRecord {
            round: 2,
            ..right.clone()
        },
        WaveRecord {
            sha256: "00".repeat(32),
            ..right.clone()
        },
        WaveRecord {
            file: "plan/none.csv".into(),
            ..right.clone()
        },
    ];
    for record in wrong {
        assert!(
            is_changed(load_sealed(folder.path(), &record)),
            "{record:?}"
        );
    }
    // Another index under this name: that of a round with fewer rows.
    let fewer = plan
        .seal(&plan.waves()[0], 2, &|row| row.0 > 2, &nothing)
        .unwrap();
    let index = |file: &str| folder.path().join(format!("{file}.idx"));
    std::fs::copy(index(&fewer.file), index(&sealed.file)).unwrap();
    assert!(is_changed(load_sealed(folder.path(), &right)));
}

#[test]
fn a_plan_that_is_gone_or_cut_short_is_refused() {
    for file in ["plan/plan.bin", "plan/changes.spill"] {
        let folder = tempfile::tempdir().unwrap();
        plan_with_sets(folder.path(), &partners(5), true)
            .store()
            .unwrap();
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(is_changed(Plan::load(folder.path())), "{file} cut");
        std::fs::remove_file(&path).unwrap();
        assert!(is_changed(Plan::load(folder.path())), "{file} gone");
    }
}

#[test]
fn a_sealed_round_holds_renewed_records_under_the_right_index() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(folder.path(), &[window(0, &partners(4))], false);
    let second = Renewal {
        nickname: false,
        username: Some(2),
    };
    let renewal = |row: RowOrdinal| (row.0 == 1).then_some(second);
    let sealed = plan.seal(&plan.waves()[0], 1, &all, &renewal).unwrap();
    let bytes = std::fs::read(folder.path().join(&sealed.file)).unwrap();
    for row in &sealed.rows {
        let start = usize::try_from(row.offset).unwrap();
        let record = &bytes[start..start + row.length as usize];
        let number = if row.row.0 == 1 { ".2" } else { "" };
        let expected = format!("u\"{}\",x{number}@example.com", row.row.0);
        assert_eq!(username_of(record, None), expected);
        assert!(record.ends_with(b"\n"));
    }
}

#[test]
fn clearing_away_leaves_the_sealed_waves_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_with_sets(folder.path(), &partners(4), false);
    plan.store().unwrap();
    let sealed = plan.seal(&plan.waves()[0], 1, &all, &nothing).unwrap();
    plan.clear_away();
    let left = std::fs::read_dir(folder.path().join("plan")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [folder.path().join(sealed.file)]);
}
