//! Spill, drafts and sealed files hold exactly what was accepted, in order.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::change::ChangeKind;
use crate::model::id::{LicenseIndex, RowOrdinal};
use crate::model::user::{AccountRoles, PortalKind};
use crate::model::wave::WaveLetter;

use super::{
    Row, any_row, change_of, changes_of, columns, contact_id, partners, plan_of, reject, row,
    rows_of, set_id, user_id, window,
};
use crate::model::digest::hex;
use crate::plan::gather::GatherLimits;
use crate::plan::{PlanError, username_of};

proptest! {
    #[test]
    fn sealed_waves_hold_every_change_once_in_account_order_whatever_the_buckets(
        rows in prop::collection::vec(any_row(), 1..60),
        cut in 0_usize..60,
        bucket_bytes_max in 1_usize..400,
        buckets_max in 1_usize..5,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let cut = cut.min(rows.len());
        let second = u32::try_from(cut).unwrap();
        let windows = [window(0, &rows[..cut]), window(second, &rows[cut..])];
        let plan = plan_of(folder.path(), &windows, true)
            .with_gather_limits(GatherLimits { bucket_bytes_max, buckets_max });
        let mut seen = Vec::new();
        for wave in plan.waves() {
            let sealed = plan.seal(wave, 1, &|_| true, &|_| None).unwrap();
            prop_assert_eq!(sealed.rows.len() as u64, wave.changes);
            let bytes = std::fs::read(folder.path().join(&sealed.file)).unwrap();
            prop_assert_eq!(hex_sha256(&bytes), sealed.sha256.clone());
            let mut expected = columns().header_line();
            for index in &sealed.rows {
                prop_assert_eq!(index.offset, expected.len() as u64);
                expected.extend(change_of(index.row.0, rows[index.row.0 as usize]));
                prop_assert_eq!(index.offset + u64::from(index.length), expected.len() as u64);
            }
            prop_assert!(bytes == expected, "the file is the header and the changes, in order");
            let order = |row: &u32| {
                let planned = rows[*row as usize];
                (planned.account, planned.contact, *row)
            };
            prop_assert!(rows_of(&sealed).is_sorted_by_key(order));
            seen.extend(rows_of(&sealed));
            plan.write_drafts().unwrap();
            let draft = std::fs::read(folder.path().join(wave.draft_file()));
            prop_assert!(draft.unwrap() == bytes, "a draft shows what is sent");
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..u32::try_from(rows.len()).unwrap()).collect::<Vec<_>>());
        let left = std::fs::read_dir(folder.path().join("plan")).unwrap();
        let left = left.filter(|entry| !is_plain(&entry.as_ref().unwrap().path())).count();
        prop_assert_eq!(left, 0, "no bucket or part file stays");
    }
}

fn is_plain(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end == "csv" || end == "spill" || end == "idx")
}

fn hex_sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[test]
fn accepted_changes_come_back_in_input_order() {
    let folder = tempfile::tempdir().unwrap();
    let rows = partners(20);
    let mut first = window(0, &rows[..11]);
    reject(&mut first, 3);
    let plan = plan_of(folder.path(), &[first, window(11, &rows[11..])], false);
    let changes = changes_of(&plan, 21);
    for (row, change) in (0..).zip(changes) {
        let is_accepted = row != 3 && row < 20;
        let expected = is_accepted.then(|| change_of(row, rows[row as usize]));
        assert_eq!(change, expected);
        let username = change.map(|change| username_of(&change, None));
        let expected = is_accepted.then(|| format!("u\"{row}\",x@example.com"));
        assert_eq!(username, expected);
    }
}

#[test]
fn the_digest_follows_the_content_and_not_the_windows() {
    let digest = |rows: &[Row], cut: usize, shared: bool| {
        let folder = tempfile::tempdir().unwrap();
        let second = u32::try_from(cut).unwrap();
        let windows = [window(0, &rows[..cut]), window(second, &rows[cut..])];
        plan_of(folder.path(), &windows, shared).digest().to_owned()
    };
    let rows = partners(20);
    let mut other = rows.clone();
    other[7].contact = 99;
    assert_eq!(digest(&rows, 3, false), digest(&rows, 17, false));
    assert_ne!(digest(&rows, 3, false), digest(&other, 3, false));
    let same_account = [
        rows[0],
        Row {
            account: rows[0].account,
            ..rows[1]
        },
    ];
    assert_ne!(
        digest(&same_account, 1, false),
        digest(&same_account, 1, true),
        "waves differ"
    );
}

#[test]
fn counts_and_wave_names_tell_the_plan() {
    use AccountRoles::None;
    let folder = tempfile::tempdir().unwrap();
    let staged = Row {
        is_staged: true,
        ..row(1, 2, PortalKind::Partner, None)
    };
    let rows = [
        row(1, 1, PortalKind::Partner, None),
        staged,
        row(2, 3, PortalKind::HighVolume, None),
        row(3, 4, PortalKind::Customer, None),
    ];
    let plan = plan_of(folder.path(), &[window(0, &rows)], false);
    let names: Vec<_> = plan
        .waves()
        .iter()
        .map(|wave| (wave.number, wave.name()))
        .collect();
    let expected = [
        "create-user A",
        "create-user C",
        "create-user C, high volume",
    ];
    assert_eq!(
        names,
        (1..).zip(expected.map(str::to_owned)).collect::<Vec<_>>()
    );
    assert_eq!(plan.roles_new(), 1 + 3);
    assert_eq!(plan.accepted(), 4);
    assert_eq!(
        plan.counts().by_license,
        BTreeMap::from([(LicenseIndex(0), 2), (LicenseIndex(1), 2)])
    );
    assert_eq!(plan.counts().by_profile.values().sum::<u64>(), 4);
    assert_eq!(plan.counts().active_by_profile.values().sum::<u64>(), 3);
    assert_eq!(plan.counts().by_kind[&PortalKind::HighVolume], 1);
    assert_eq!(
        plan.by_license(&|row| row.0 == 1),
        BTreeMap::from([(LicenseIndex(1), 1)])
    );
    assert_eq!(
        plan.waves()[2].sealed_file(2),
        "plan/03-create-user-c.r2.csv"
    );
}

#[test]
fn permission_sets_are_assigned_to_the_users_that_came_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let rows = partners(4);
    let mut checked = window(0, &rows);
    checked.permission_sets = [(0, 7), (0, 5), (1, 5), (2, 7)]
        .map(|(row, set)| (RowOrdinal(row), set_id(set)))
        .to_vec();
    reject(&mut checked, 1);
    let plan = plan_of(folder.path(), &[checked], false);
    let wave = plan.waves().last().unwrap();
    assert_eq!(wave.kind, ChangeKind::AssignPermissionSet);
    assert_eq!(
        (wave.letter, wave.changes, wave.name()),
        (WaveLetter::C, 3, "assign-permission-set".into())
    );

    plan.write_drafts().unwrap();
    let draft = std::fs::read_to_string(folder.path().join(wave.draft_file())).unwrap();
    let line = |id: String, set| format!("{id},{}\n", set_id(set));
    let contact = |slot| contact_id(slot).to_string();
    // Accounts fall as contacts rise in these rows, and waves are ordered by account.
    let expected = line(contact(2), 7) + &line(contact(0), 7) + &line(contact(0), 5);
    assert_eq!(draft, format!("ContactId,PermissionSetId\n{expected}"));

    let made = |row: RowOrdinal, _| (row.0 == 0).then(|| user_id(row));
    let sealed = plan
        .seal_permission_sets(wave.number, 1, &made)
        .unwrap()
        .unwrap();
    let text = std::fs::read_to_string(folder.path().join(&sealed.file)).unwrap();
    let user = |row| user_id(RowOrdinal(row)).to_string();
    let expected = line(user(0), 7) + &line(user(0), 5);
    assert_eq!(text, format!("AssigneeId,PermissionSetId\n{expected}"));
    assert_eq!(rows_of(&sealed), [0, 0]);
    assert_eq!(
        plan.seal_permission_sets(wave.number, 2, &|_, _| None)
            .unwrap(),
        None
    );
}

#[test]
fn a_spill_that_was_cut_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(folder.path(), &[window(0, &partners(5))], false);
    let spill = folder.path().join("plan/changes.spill");
    let bytes = std::fs::read(&spill).unwrap();
    std::fs::write(&spill, &bytes[..bytes.len() - 1]).unwrap();
    let sealed = plan.seal(&plan.waves()[0], 1, &|_| true, &|_| None);
    assert!(matches!(sealed, Err(PlanError::SpillDamaged { .. })));
    let mut changes = plan.accepted_changes().unwrap();
    let mut rows = (0..5).map(RowOrdinal);
    let is_noticed = rows.any(|row| matches!(changes.of(row), Err(PlanError::SpillDamaged { .. })));
    assert!(is_noticed);
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(folder.path(), &[window(0, &partners(3))], false);
    plan.seal(&plan.waves()[0], 1, &|_| true, &|_| None)
        .unwrap();
    plan.write_drafts().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let plan_folder = folder.path().join("plan");
    assert_eq!(mode(&plan_folder), 0o700);
    for entry in std::fs::read_dir(&plan_folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
