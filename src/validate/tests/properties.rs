//! Properties: neither threads nor window cuts change anything, and dealing never breaks its rules.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::dealing::essence;
use super::org::{World, all, window, window_from};
use crate::model::user::CheckedRow;
use crate::validate::Dealer;

const HEADER: &str = "ContactId,Username,Profile,IsActive,CommunityNickname";

/// Rows that meet often: few contacts, few usernames, a licence with two seats.
fn row() -> impl Strategy<Value = String> {
    let contact = 98_u32..112;
    let username = prop_oneof![
        Just(String::new()),
        (0..8).prop_map(|n| format!("u{n}@x.de"))
    ];
    let profile = prop_oneof![
        Just("Scarce Customer"),
        Just("Acme Customer"),
        Just("Nobody")
    ];
    let active = prop_oneof![4 => Just(""), 1 => Just("false")];
    let nickname = prop_oneof![3 => Just(""), 1 => Just("nick"), 1 => Just("nack")];
    (contact, username, profile, active, nickname)
        .prop_map(|(c, u, p, a, n)| format!("{},{u},{p},{a},{n}", super::org::id("003", c)))
}

fn dealt(world: &World, rows: &[&str], cuts: &[usize]) -> Vec<String> {
    let program = world.program(HEADER);
    let mut dealer = Dealer::new(&world.org);
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (rows.len() + 1)).collect();
    ends.extend([0, rows.len()]);
    ends.sort_unstable();
    let mut done = Vec::new();
    for pair in ends.windows(2) {
        let part = window_from(&rows[pair[0]..pair[1]], u32::try_from(pair[0]).unwrap());
        done.extend(essence(&dealer.deal(all(&part, &program, &world.org))));
    }
    done.push(format!("{:?}", dealer.seats()));
    done
}

proptest! {
    #[test]
    fn window_cuts_change_nothing(
        rows in prop::collection::vec(row(), 1..60),
        cuts in prop::collection::vec(0_usize..1000, 0..6),
    ) {
        let world = World::new();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        prop_assert_eq!(dealt(&world, &rows, &[]), dealt(&world, &rows, &cuts));
    }

    #[test]
    fn what_is_dealt_is_dealt_once(rows in prop::collection::vec(row(), 1..60)) {
        let world = World::new();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let checked = Dealer::new(&world.org).deal(world.check(HEADER, &rows));
        let (mut contacts, mut usernames) = (BTreeSet::new(), BTreeSet::new());
        let mut seats: BTreeMap<_, u32> = BTreeMap::new();
        for row in &checked.rows {
            let CheckedRow::Accepted(user) = row else { continue };
            prop_assert!(contacts.insert(user.contact));
            prop_assert!(usernames.insert(user.username));
            *seats.entry(user.license).or_default() += u32::from(user.takes_seat);
        }
        let free = world.org.licenses().iter().map(|license| license.seats_total - license.seats_used);
        let free: Vec<u64> = free.collect();
        for (license, taken) in seats {
            prop_assert!(u64::from(taken) <= free[usize::from(license.0)]);
        }
    }

    #[test]
    fn no_cell_makes_a_check_panic(cells in prop::collection::vec("\\PC{0,12}", 9)) {
        let header = "ContactId,Email,AccountId,Profile,Username,Alias,PortalRole,Budget__c,Seen__c";
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace(',', ";")).collect();
        World::new().check(header, &[&cells.join(",")]);
    }
}

#[test]
fn threads_change_nothing() {
    let world = World::new();
    let program = world.program(HEADER);
    let rows: Vec<String> = (0..5_000_u32)
        .map(|n| {
            format!(
                "{},u{n}@x.de,Acme Customer,,",
                super::org::id("003", 90 + n % 120)
            )
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let window = window(&rows);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| all(&window, &program, &world.org))
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(8));
}
