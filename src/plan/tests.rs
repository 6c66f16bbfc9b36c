//! Tests of the room: who goes first, and that files hold exactly what was accepted, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::change::ChangeKind;
use crate::model::id::{
    AccountSlot, ContactId, ContactSlot, LicenseIndex, PermissionSetId, ProfileId, RowOrdinal,
    UserId,
};
use crate::model::rejection::{Code, Fault, Rejected, Retry};
use crate::model::user::{
    AccountRoles, CheckedRow, CheckedWindow, FoldedKey, NewUser, PortalKind, SentColumns,
    push_job_cell,
};
use crate::model::wave::{SealedWave, WaveLetter};

use super::gather::GatherLimits;
use super::key::SortKey;
use super::waves::{UserWave, accounts_getting_roles, fill_first_waves};
use super::{Draft, Plan, PlanError, PlanFacts, username_of};

/// One accepted row, as far as planning looks at it.
#[derive(Debug, Clone, Copy)]
struct Row {
    account: u32,
    contact: u32,
    kind: PortalKind,
    roles: AccountRoles,
    is_staged: bool,
}

fn row(account: u32, contact: u32, kind: PortalKind, roles: AccountRoles) -> Row {
    Row {
        account,
        contact,
        kind,
        roles,
        is_staged: false,
    }
}

fn user(ordinal: u32, row: Row, change: std::ops::Range<u32>) -> NewUser {
    NewUser {
        row: RowOrdinal(ordinal),
        line: u64::from(ordinal) + 2,
        contact: contact_id(row.contact),
        contact_slot: ContactSlot(row.contact),
        account_slot: AccountSlot(row.account),
        profile: ProfileId::parse("00eA0000006Vm9r").unwrap(),
        license: LicenseIndex(u16::from(row.kind == PortalKind::Partner)),
        kind: row.kind,
        roles: row.roles,
        takes_seat: !row.is_staged,
        username: FoldedKey(u128::from(ordinal)),
        nickname: FoldedKey(u128::from(ordinal)),
        federation_id: None,
        change,
    }
}

fn contact_id(slot: u32) -> ContactId {
    ContactId::parse(&format!("003A{slot:011}")).unwrap()
}

fn user_id(row: RowOrdinal) -> UserId {
    UserId::parse(&format!("005A{:011}", row.0)).unwrap()
}

fn set_id(number: u32) -> PermissionSetId {
    PermissionSetId::parse(&format!("0PSA{number:011}")).unwrap()
}

fn change_of(ordinal: u32, row: Row) -> Vec<u8> {
    let mut line = Vec::new();
    push_job_cell(&mut line, &format!("u\"{ordinal}\",x@example.com"));
    line.push(b',');
    push_job_cell(&mut line, &contact_id(row.contact).to_string());
    line.push(b',');
    push_job_cell(&mut line, &"n\n".repeat(ordinal as usize % 7));
    line.push(b'\n');
    line
}

fn window(first: u32, rows: &[Row]) -> CheckedWindow {
    let mut checked = CheckedWindow::default();
    for (ordinal, row) in (first..).zip(rows) {
        let start = u32::try_from(checked.changes.len()).unwrap();
        checked.changes.extend(change_of(ordinal, *row));
        let end = u32::try_from(checked.changes.len()).unwrap();
        checked
            .rows
            .push(CheckedRow::Accepted(user(ordinal, *row, start..end)));
    }
    checked
}

fn reject(window: &mut CheckedWindow, index: usize) {
    let row = window.rows[index].row();
    let fault = Fault {
        code: Code::NoSeat.to_string(),
        reason: String::new(),
        fix: String::new(),
        retry: Retry::AfterFix,
    };
    let faults = vec![(Code::NoSeat, fault)];
    window.rows[index] = CheckedRow::Rejected(Rejected {
        row,
        faults,
        behind: Vec::new(),
    });
}

fn facts(uses_shared_roles: bool) -> PlanFacts {
    PlanFacts {
        uses_shared_roles,
        customer_levels: 1,
        partner_levels: 3,
    }
}

fn columns() -> SentColumns {
    SentColumns::with(["AboutMe".to_owned()])
}

fn plan_of(folder: &Path, windows: &[CheckedWindow], uses_shared_roles: bool) -> Plan {
    let mut draft = Draft::create(folder, &columns(), facts(uses_shared_roles)).unwrap();
    for window in windows {
        draft.take(window).unwrap();
    }
    draft.in_waves().unwrap()
}

fn keys_of(rows: &[Row]) -> Vec<SortKey> {
    let key = |(ordinal, row): (u32, &Row)| SortKey::new(&user(ordinal, *row, 0..0), 0, 9).unwrap();
    let mut keys: Vec<SortKey> = (0..).zip(rows).map(key).collect();
    keys.sort_unstable_by_key(SortKey::order);
    keys
}

/// The wave of each row, in input order.
fn waves_of(rows: &[Row], uses_shared_roles: bool) -> Vec<UserWave> {
    let mut keys = keys_of(rows);
    fill_first_waves(&mut keys, uses_shared_roles, &|_| false);
    keys.sort_unstable_by_key(SortKey::row);
    keys.iter().map(SortKey::wave).collect()
}

#[test]
fn the_row_that_makes_roles_goes_first_and_the_rest_follow() {
    use AccountRoles::{Full, None, Shared};
    use PortalKind::{Customer, HighVolume, Partner};
    use UserWave::{A, B, HighVolume as High, RoleBasedRest as Rest};
    let cases: &[(&str, bool, &[Row], &[UserWave])] = &[
        (
            "one user of a new account",
            false,
            &[row(1, 1, Partner, None)],
            &[A],
        ),
        (
            "the lowest contact goes first, whatever the file says",
            false,
            &[row(1, 2, Partner, None), row(1, 1, Partner, None)],
            &[Rest, A],
        ),
        (
            "customer and partner roles are made separately",
            false,
            &[
                row(1, 1, Partner, None),
                row(1, 2, Customer, None),
                row(1, 3, Customer, None),
            ],
            &[A, A, Rest],
        ),
        (
            "with shared roles the second user makes the full set",
            true,
            &[
                row(1, 1, Partner, None),
                row(1, 2, Partner, None),
                row(1, 3, Partner, None),
            ],
            &[A, B, Rest],
        ),
        (
            "an account with a shared role needs no first user",
            true,
            &[row(1, 1, Customer, Shared), row(1, 2, Customer, Shared)],
            &[B, Rest],
        ),
        (
            "accounts with roles are not held up",
            true,
            &[row(1, 1, Partner, Full), row(2, 2, Partner, Full)],
            &[Rest, Rest],
        ),
        (
            "high-volume users have no roles",
            true,
            &[row(1, 1, HighVolume, None), row(1, 2, Customer, None)],
            &[High, A],
        ),
    ];
    for (name, shared, rows, expected) in cases {
        assert_eq!(waves_of(rows, *shared), *expected, "{name}");
    }
}

#[test]
fn an_active_user_goes_before_a_staged_one() {
    let staged = Row {
        is_staged: true,
        ..row(1, 1, PortalKind::Partner, AccountRoles::None)
    };
    let active = row(1, 2, PortalKind::Partner, AccountRoles::None);
    assert_eq!(
        waves_of(&[staged, active], false),
        [UserWave::RoleBasedRest, UserWave::A]
    );
    assert_eq!(waves_of(&[staged], false), [UserWave::A]);
}

#[test]
fn the_next_row_is_promoted_where_the_first_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let new = |account, contact| row(account, contact, PortalKind::Partner, AccountRoles::None);
    let rows = [new(1, 1), new(1, 2), new(1, 3), new(2, 4)];
    let mut plan = plan_of(folder.path(), &[window(0, &rows)], true);
    let sizes = |plan: &Plan| {
        plan.waves()
            .iter()
            .map(|wave| wave.changes)
            .collect::<Vec<_>>()
    };
    assert_eq!(sizes(&plan), [2, 1, 1]);

    let lost = |row: RowOrdinal| row.0 == 0 || row.0 == 3;
    assert_eq!(
        plan.promote(&lost),
        2,
        "the second row to A, the third to B"
    );
    assert_eq!(sizes(&plan), [3, 1, 0]);
    let again = plan.seal(&plan.waves()[0], 2, &|row| row.0 == 1).unwrap();
    assert_eq!(rows_of(&again), [1]);
    assert_eq!(plan.promote(&lost), 0, "nothing moves twice");
}

#[test]
fn roles_appear_once_per_new_account_and_kind() {
    use AccountRoles::{Full, None, Shared};
    use PortalKind::{Customer, Partner};
    let rows = [
        row(1, 1, Partner, None),
        row(1, 2, Customer, None),
        row(1, 3, Customer, None),
        row(2, 4, Customer, Shared),
        row(3, 5, Customer, Full),
    ];
    let keys = keys_of(&rows);
    let accounts = |kind, shared| accounts_getting_roles(&keys, kind, shared);
    assert_eq!(
        [accounts(Partner, false), accounts(Customer, false)],
        [1, 2]
    );
    assert_eq!([accounts(Partner, true), accounts(Customer, true)], [0, 2]);
}

fn any_row() -> impl Strategy<Value = Row> {
    (0_u32..6, 0_u32..40, 0_u8..3, any::<bool>()).prop_map(|(account, contact, kind, is_staged)| {
        let kind = [
            PortalKind::HighVolume,
            PortalKind::Customer,
            PortalKind::Partner,
        ][usize::from(kind)];
        // Roles are a fact of the account and the kind, so all its rows agree.
        let roles = [AccountRoles::None, AccountRoles::Shared, AccountRoles::Full]
            [(account as usize + kind as usize) % 3];
        Row {
            account,
            contact,
            kind,
            roles,
            is_staged,
        }
    })
}

fn rows_of(sealed: &SealedWave) -> Vec<u32> {
    sealed.rows.iter().map(|row| row.row.0).collect()
}

proptest! {
    #[test]
    fn every_row_stands_in_one_wave_and_each_new_account_has_one_first_user(
        rows in prop::collection::vec(any_row(), 0..60),
        shared: bool,
    ) {
        let waves = waves_of(&rows, shared);
        prop_assert_eq!(waves.len(), rows.len());
        let mut first = BTreeMap::new();
        let mut new_accounts = BTreeSet::new();
        for (row, wave) in rows.iter().zip(&waves) {
            prop_assert_eq!(*wave == UserWave::HighVolume, !row.kind.is_role_based());
            if row.kind.is_role_based() && row.roles == AccountRoles::None {
                new_accounts.insert((row.account, row.kind));
            }
            if *wave == UserWave::A {
                *first.entry((row.account, row.kind)).or_insert(0) += 1;
                prop_assert_eq!(row.roles, AccountRoles::None);
            }
            if *wave == UserWave::B {
                prop_assert!(shared || row.roles == AccountRoles::Shared);
            }
        }
        prop_assert!(first.values().all(|count| *count == 1));
        prop_assert_eq!(first.into_keys().collect::<BTreeSet<_>>(), new_accounts);
    }

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
            let sealed = plan.seal(wave, 1, &|_| true).unwrap();
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
            let draft = std::fs::read(folder.path().join(plan.write_draft(wave).unwrap()));
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
        .is_some_and(|end| end == "csv" || end == "spill")
}

fn hex_sha256(bytes: &[u8]) -> String {
    super::seal::hex(&Sha256::digest(bytes))
}

fn partners(count: u32) -> Vec<Row> {
    let partner = |contact| {
        row(
            count - contact,
            contact,
            PortalKind::Partner,
            AccountRoles::None,
        )
    };
    (0..count).map(partner).collect()
}

#[test]
fn accepted_changes_come_back_in_input_order() {
    let folder = tempfile::tempdir().unwrap();
    let rows = partners(20);
    let mut first = window(0, &rows[..11]);
    reject(&mut first, 3);
    let plan = plan_of(folder.path(), &[first, window(11, &rows[11..])], false);
    let changes: Vec<_> = plan
        .accepted_changes()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(changes.len(), 19);
    assert!(changes.is_sorted_by_key(|(row, _)| *row));
    for (row, change) in changes {
        assert_ne!(row.0, 3);
        assert_eq!(change, change_of(row.0, rows[row.0 as usize]));
        assert_eq!(
            username_of(&change),
            format!("u\"{}\",x@example.com", row.0)
        );
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

    let draft =
        std::fs::read_to_string(folder.path().join(plan.write_draft(wave).unwrap())).unwrap();
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
    let sealed = plan.seal(&plan.waves()[0], 1, &|_| true);
    assert!(matches!(sealed, Err(PlanError::SpillDamaged { .. })));
    let last = plan.accepted_changes().unwrap().last().unwrap();
    assert!(matches!(last, Err(PlanError::SpillDamaged { .. })));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(folder.path(), &[window(0, &partners(3))], false);
    plan.seal(&plan.waves()[0], 1, &|_| true).unwrap();
    plan.write_draft(&plan.waves()[0]).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let plan_folder = folder.path().join("plan");
    assert_eq!(mode(&plan_folder), 0o700);
    for entry in std::fs::read_dir(&plan_folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
