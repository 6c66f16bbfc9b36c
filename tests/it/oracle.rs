//! The sample file against its oracle: which line gets which codes was written down from the
//! reference, without asking the validator.

use std::collections::{BTreeMap, BTreeSet};

use admit::model::rejection::{Code, Severity};
use admit::validate::rules::{self, Family};

use crate::world::{Table, World, sample};

type ByLine = BTreeMap<u64, BTreeSet<String>>;

fn expected() -> ByLine {
    let table = Table::read(&std::fs::read(sample("expected-codes.csv")).unwrap());
    let codes = |cell: &str| cell.split(';').map(str::to_owned).collect();
    let lines = table
        .cells("line")
        .into_iter()
        .map(|line| line.parse().unwrap());
    lines
        .zip(table.cells("codes").into_iter().map(codes))
        .collect()
}

fn found(world: &World, stage: &str) -> ByLine {
    let failure = world.table("out", "failure.csv");
    let column = |name: &str| failure.column(name);
    let of_stage = failure
        .rows
        .iter()
        .filter(|row| row[column("admit__Stage")] == stage);
    let codes = |cell: &str| cell.split(" | ").map(str::to_owned).collect();
    of_stage
        .map(|row| {
            (
                row[column("admit__Line")].parse().unwrap(),
                codes(&row[column("admit__Code")]),
            )
        })
        .collect()
}

#[test]
fn every_sample_row_gets_exactly_the_codes_written_down_for_it() {
    let world = World::new();
    world.check(&sample("contacts.csv"), "out", &[]);
    let (expected, found) = (expected(), found(&world, "rejected"));
    let lines: BTreeSet<u64> = expected.keys().chain(found.keys()).copied().collect();
    let differing: Vec<String> = lines
        .into_iter()
        .filter(|line| expected.get(line) != found.get(line))
        .map(|line| {
            format!(
                "line {line}: {:?} expected, {:?} found",
                expected.get(&line),
                found.get(&line)
            )
        })
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[test]
fn the_org_refuses_exactly_the_rows_written_down_for_it() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "out", &[]);
    let table = Table::read(&std::fs::read(sample("expected-refusals.csv")).unwrap());
    let lines = table
        .cells("line")
        .into_iter()
        .map(|line| line.parse().unwrap());
    let codes = table
        .cells("code")
        .into_iter()
        .map(|code| BTreeSet::from([code.to_owned()]));
    assert_eq!(
        found(&world, "failed"),
        lines.zip(codes).collect::<ByLine>()
    );
}

/// Blocking codes no sample row can have, and where they are tested instead.
const WITHOUT_A_ROW: [(Code, &str); 2] = [
    (
        Code::OwnerAccountCeiling,
        "takes tens of thousands of accounts: validate's own tables",
    ),
    (Code::ProfileStandard, "warns by default: the test below"),
];

#[test]
fn every_blocking_row_code_stands_in_the_sample() {
    let in_sample: BTreeSet<String> = expected().into_values().flatten().collect();
    let missing: Vec<Code> = Code::ALL
        .iter()
        .copied()
        .filter(|code| rules::rule(*code).severity == Severity::Block)
        .filter(|code| rules::rule(*code).family != Family::Gate)
        .filter(|code| !in_sample.contains(code.as_str()))
        .filter(|code| WITHOUT_A_ROW.iter().all(|(without, _)| without != code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn standard_profiles_are_rejected_once_the_org_is_known_to_refuse_them() {
    let world = World::new();
    world.check(
        &sample("contacts.csv"),
        "out",
        &["--standard-profiles", "refused"],
    );
    let rejected = found(&world, "rejected");
    let standard = BTreeSet::from(["profile-standard".to_owned()]);
    assert_eq!(
        rejected
            .values()
            .filter(|codes| **codes == standard)
            .count(),
        3
    );
}
