//! Who goes first: a table of accounts, and what holds for any of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::model::id::RowOrdinal;
use crate::model::user::{AccountRoles, PortalKind};

use super::{Row, any_row, plan_of, row, rows_of, user, window};
use crate::plan::Plan;
use crate::plan::key::{Place, SortKey};
use crate::plan::waves::{UserWave, accounts_getting_roles, fill_first_waves};

fn keys_of(rows: &[Row]) -> Vec<SortKey> {
    let place = Place { part: 0, offset: 0 };
    let key =
        |(ordinal, row): (u32, &Row)| SortKey::new(&user(ordinal, *row, 0..0), place, 9).unwrap();
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
    let again = plan
        .seal(&plan.waves()[0], 2, &|row| row.0 == 1, &|_| None)
        .unwrap();
    assert_eq!(rows_of(&again), [1]);
    assert_eq!(plan.promote(&lost), 0, "nothing moves twice");
}

#[test]
fn as_many_rows_move_up_as_were_lost_and_active_ones_before_staged_ones() {
    let row = |contact, is_staged| Row {
        is_staged,
        ..row(1, contact, PortalKind::Partner, AccountRoles::None)
    };
    let rows: Vec<Row> = (0..12).map(|contact| row(contact, contact == 1)).collect();
    let mut keys = keys_of(&rows);
    let mut moved = Vec::new();
    for _ in 0..6 {
        let in_first: BTreeSet<RowOrdinal> = keys
            .iter()
            .filter(|key| key.wave() == UserWave::A)
            .map(SortKey::row)
            .collect();
        moved.push(fill_first_waves(&mut keys, false, &|row| {
            in_first.contains(&row)
        }));
        let staged = keys.iter().find(|key| key.is_staged()).unwrap();
        assert_eq!(staged.wave() == UserWave::A, moved.len() >= 5, "{moved:?}");
    }
    assert_eq!(
        moved,
        [1, 1, 2, 4, 4, 0],
        "the last four are all that is left"
    );
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
}
