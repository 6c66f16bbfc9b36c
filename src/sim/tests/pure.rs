//! Small pure parts: ids, base64, the calendar, the tables.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::sim::schema::Kind;
use crate::sim::{Seed, base64, clock, ids};

#[test]
fn ids_get_their_suffix_and_lose_nothing() {
    let cases = [
        ("001000000000001", "001000000000001AAA"),
        ("0035e00000AbCdE", "0035e00000AbCdEAAV"),
        ("ZZZZZZZZZZZZZZZ", "ZZZZZZZZZZZZZZZ555"),
    ];
    for (short, long) in cases {
        assert_eq!(ids::long(&ids::key(short).unwrap()), long);
        assert_eq!(ids::key(long), ids::key(short));
    }
    for bad in [
        "",
        "001",
        "0010000000000012",
        "001000000000001AAB",
        "00100000000000-",
    ] {
        assert_eq!(ids::key(bad), None, "{bad}");
    }
    assert_eq!(ids::minted("005", 62).get(..15), Some("005SIM000000010"));
}

#[test]
fn moments_print_and_parse() {
    assert_eq!(clock::stored(clock::ORIGIN_MS), "2026-01-05T08:00:00.000Z");
    assert_eq!(
        clock::on_the_wire(clock::ORIGIN_MS + 61_001),
        "2026-01-05T08:01:01.001+0000"
    );
    let cases = [
        ("2026-01-05T08:00:00Z", Some(clock::ORIGIN_MS)),
        ("2026-01-05T08:00:00.000+00:00", Some(clock::ORIGIN_MS)),
        ("2026-01-05T10:00:00.5+0200", Some(clock::ORIGIN_MS + 500)),
        ("2026-01-05T06:30:00-01:30", Some(clock::ORIGIN_MS)),
        ("2026-02-29T00:00:00Z", None),
        ("2026-01-05", None),
        ("2026-01-05T8:00:00Z", None),
        ("2026-01-05T24:00:00Z", None),
        ("2026-01-05T08:00:00", None),
    ];
    for (text, expected) in cases {
        assert_eq!(clock::parse_date_time(text), expected, "{text}");
    }
    assert!(clock::is_date("2024-02-29") && !clock::is_date("2024-2-29"));
}

proptest! {
    #[test]
    fn base64_survives_a_round_trip(text in ".*") {
        let decoded = base64::decode(&base64::encode(&text)).unwrap();
        prop_assert_eq!(decoded, text.as_bytes());
    }

    #[test]
    fn a_moment_survives_printing(ms in 0_u64..4_102_444_800_000) {
        prop_assert_eq!(clock::parse_date_time(&clock::stored(ms)), Some(ms));
    }

    /// The compact table behaves like a plain map, whatever is written to it.
    #[test]
    fn the_table_agrees_with_a_map(
        writes in prop::collection::vec((0_usize..4, "[aAbB]{0,3}|.{120,140}"), 1..40)
    ) {
        let seed = Seed::from_texts(super::fixture::ORG_TOML, &super::fixture::TABLES).unwrap();
        let mut org = crate::sim::org::Org::new(seed, Vec::new());
        let rows: Vec<u32> = (0..4)
            .map(|_| org.insert(Kind::Contact, &[("LastName", "X")]).unwrap().0)
            .collect();
        let mut plain: BTreeMap<u32, String> = BTreeMap::new();
        for (row, value) in &writes {
            org.change(Kind::Contact, rows[*row], &[("Email", value)]);
            plain.insert(rows[*row], value.clone());
        }
        for (row, value) in &plain {
            prop_assert_eq!(org.get(Kind::Contact, *row, "Email"), value);
            prop_assert_eq!(org.get(Kind::Contact, *row, "LastName"), "X");
        }
        for (_, wanted) in writes.iter().filter(|(_, wanted)| !wanted.is_empty()) {
            let found = org.matching(Kind::Contact, "Email", wanted);
            let same = |(row, value): (&u32, &String)| {
                (value.to_lowercase() == wanted.to_lowercase()).then_some(*row)
            };
            let expected: Vec<u32> = plain.iter().filter_map(same).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
