//! Duplicates and seats, dealt in input order.

use super::org::{World, all, codes, window, window_from};
use crate::model::user::{CheckedRow, CheckedWindow};
use crate::validate::{Dealer, rows};

/// The codes of every row after dealing, and what the first fault of each says.
fn dealt(header: &str, rows: &[&str]) -> (Vec<Vec<&'static str>>, Vec<String>) {
    let world = World::new();
    let mut dealer = Dealer::new(&world.org);
    let checked = dealer.deal(world.check(header, rows));
    let fault = |row: &CheckedRow| match row {
        CheckedRow::Accepted(_) => (Vec::new(), String::new()),
        CheckedRow::Rejected(rejected) => (codes(rejected), rejected.faults[0].1.reason.clone()),
    };
    checked.rows.iter().map(fault).unzip()
}

#[test]
fn the_first_acceptable_row_wins_and_later_ones_name_its_line() {
    let header = "ContactId,Username,CommunityNickname,FederationIdentifier,Profile";
    let (codes, reasons) = dealt(
        header,
        &[
            "003000000000100,one@x.de,nick,F1,Nobody",
            "003000000000100,one@x.de,nick,F1,Acme Customer",
            "003000000000100,two@x.de,,,Acme Customer",
            "003000000000101,ONE@x.de,NICK,F1,Acme Customer",
            "003000000000102,two@x.de,other,f1,Acme Customer",
        ],
    );
    assert_eq!(
        codes,
        [
            vec!["profile-not-found"],
            vec![],
            vec!["duplicate-contact"],
            vec![
                "duplicate-username",
                "duplicate-nickname",
                "duplicate-federation-id"
            ],
            // Row four was refused, so nothing of it is in the way; federation ids count case.
            vec![],
        ]
    );
    assert_eq!(reasons[2], "line 3 of the file has the same Contact");
}

#[test]
fn seats_go_out_in_input_order_to_rows_that_pass_every_other_rule() {
    let header = "ContactId,Profile,IsActive";
    let (codes, reasons) = dealt(
        header,
        &[
            "003000000000100,Scarce Customer,",
            "003000000000100,Scarce Customer,",
            "003000000000041,Scarce Customer,",
            "003000000000101,Scarce Customer,false",
            "003000000000102,Scarce Customer,",
            "003000000000103,Scarce Customer,",
            "003000000000104,Acme Customer,",
            "003000000000105,Scarce Customer,",
            "003000000000103,Acme Customer,",
        ],
    );
    assert_eq!(
        codes,
        [
            vec![],
            vec!["duplicate-contact"],
            vec!["account-owner-without-role"],
            vec![],
            vec![],
            vec!["no-seat"],
            vec![],
            vec!["no-seat"],
            // The row for this contact that found no seat is not in the way.
            vec![],
        ]
    );
    let expected = "no free seat of Scarce Community: 1 of 3 were in use, rows before this one \
                    take 2, and this is waiting row 2";
    assert_eq!(reasons[7], expected);
}

#[test]
fn the_forecast_counts_seats_of_the_licences_in_use() {
    let world = World::new();
    let mut dealer = Dealer::new(&world.org);
    let people = ["100", "101", "102", "103"].map(|n| format!("003000000000{n},Scarce Customer"));
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    dealer.deal(world.check("ContactId,Profile", &people));
    let seats = dealer.seats();
    assert_eq!(seats.len(), 1);
    let scarce = &seats[0];
    assert_eq!(
        (scarce.total, scarce.used_before, scarce.taken, scarce.short),
        (3, 1, 2, 2)
    );
}

#[test]
fn a_row_refused_when_dealing_takes_its_warnings_and_permission_sets_along() {
    let world = World::new();
    let header = "ContactId,Profile,PermissionSets";
    let row = "003000000000051,Acme Partner,Reports";
    let checked = Dealer::new(&world.org).deal(world.check(header, &[row, row]));
    let said: Vec<u32> = checked
        .warnings
        .iter()
        .map(|warning| warning.row.0)
        .collect();
    let sets: Vec<u32> = checked
        .permission_sets
        .iter()
        .map(|(row, _)| row.0)
        .collect();
    assert_eq!((said, sets), (vec![0], vec![0]));
}

#[test]
fn rows_checked_again_take_their_place_in_the_window() {
    let world = World::new();
    let header = "ContactId,Profile,PermissionSets";
    let text = [
        "003000000000051,Acme Partner,Reports",
        "003000000000041,Acme Partner,Reports",
        "003000000000052,Acme Partner,Reports",
        "003000000000100,Acme Partner,Reports",
    ];
    let (program, window) = (world.program(header), window(&text));
    let fresh = all(&window, &program, &world.org);
    let mut again = fresh.clone();
    rows(&window, &[0, 1, 3], &program, &world.org, &mut again);
    assert_eq!(essence(&again), essence(&fresh));
    assert_eq!(again.warnings, fresh.warnings);
    assert_eq!(again.permission_sets, fresh.permission_sets);
}

#[test]
fn ordinals_and_lines_are_those_of_the_file() {
    let world = World::new();
    let window = window_from(&["003000000000100,Acme Partner"], 41);
    let checked = all(&window, &world.program("ContactId,Profile"), &world.org);
    let CheckedRow::Accepted(user) = &checked.rows[0] else {
        panic!()
    };
    assert_eq!((user.row.0, user.line), (41, 43));
}

/// Rows with the bytes of their changes instead of where those stand.
pub(super) fn essence(checked: &CheckedWindow) -> Vec<String> {
    let row = |row: &CheckedRow| match row {
        CheckedRow::Accepted(user) => {
            let change = user.change.start as usize..user.change.end as usize;
            let change = String::from_utf8_lossy(&checked.changes[change]).into_owned();
            format!(
                "{change:?} {:?}",
                (user.row, user.line, user.username, user.takes_seat)
            )
        }
        CheckedRow::Rejected(rejected) => format!("{rejected:?}"),
    };
    checked.rows.iter().map(row).collect()
}
