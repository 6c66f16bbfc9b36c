//! What watching a job costs: calls of the org's daily allowance.

use super::proof::assert_as_if_nothing_had_happened;
use super::stage::Stage;
use super::wire::Kind;

#[test]
fn a_job_of_an_hour_costs_about_150_calls() {
    let hour = "[[job]]\nnth = 1\ndo = { stick = { minutes = 60 } }\n";
    let stage = Stage::playing(60, hour);
    stage.run().unwrap();
    assert_as_if_nothing_had_happened(&stage, 60);
    let asked = stage.wire.asked();
    let first = asked.iter().find(|asked| asked.kind == Kind::Put).unwrap();
    let of_first = asked.iter().filter(|asked| asked.job == first.job);
    let polls = of_first.filter(|asked| asked.kind == Kind::Poll).count();
    assert!((100..=160).contains(&polls), "{polls} polls in an hour");
}
