//! The page and the table of doubts must not drift apart.

use std::collections::BTreeSet;

use crate::sim::DOUBTS;

const PAGE: &str = include_str!("../../../docs/simulated-org.md");

/// Lines of the table in the page: key, source, choice.
fn listed() -> Vec<(String, String, String)> {
    let (_, doubts) = PAGE.split_once("\n## Doubts\n").unwrap();
    let rows = doubts.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        (
            cells[0].trim_matches('`').to_owned(),
            cells[1].to_owned(),
            cells[2].to_owned(),
        )
    });
    rows.collect()
}

#[test]
fn every_doubt_stands_in_the_page_and_the_page_lists_no_other() {
    let table: Vec<(String, String, String)> = DOUBTS
        .iter()
        .map(|entry| {
            (
                entry.key.to_owned(),
                entry.source.to_owned(),
                entry.choice.to_owned(),
            )
        })
        .collect();
    assert_eq!(listed(), table);
}

#[test]
fn every_doubt_has_one_entry() {
    let keys: BTreeSet<&str> = DOUBTS.iter().map(|entry| entry.key).collect();
    let mut doubts = Vec::new();
    for entry in DOUBTS {
        assert!(!doubts.contains(&entry.doubt), "{}", entry.key);
        doubts.push(entry.doubt);
    }
    assert_eq!(keys.len(), DOUBTS.len());
    let source = include_str!("../doubts.rs");
    let body = source
        .split("pub enum Doubt {")
        .nth(1)
        .unwrap()
        .split("\n}\n")
        .next()
        .unwrap();
    let variants = body
        .lines()
        .filter(|line| line.starts_with("    ") && line.ends_with(','));
    assert_eq!(variants.count(), DOUBTS.len());
}
