//! A run that waits for its hours, and one that finds fewer seats when it is taken up.

use admit::journal::Line;
use admit::model::settings::{DailyWindow, StoppingSettings};

use crate::in_memory::{Rehearsal, Trouble, TroubledOrg, in_simulated_time, why_paused};
use crate::served::first_rows;
use crate::world::World;

/// Simulated time begins at eight in the morning.
const NIGHT: DailyWindow = DailyWindow {
    from_minute: 20 * 60,
    to_minute: 6 * 60,
};

/// Hours of the day at which jobs were begun.
fn hours_of_jobs(world: &World, out: &str) -> Vec<u32> {
    let text = String::from_utf8(world.files(out)["journal.jsonl"].clone()).unwrap();
    let lines = text.lines().map(|line| Line::decode(line).unwrap());
    let begun = lines.filter(|line| line.entry.name() == "JobIntended");
    begun.map(|line| line.at[11..13].parse().unwrap()).collect()
}

#[test]
fn jobs_are_begun_in_the_hours_of_the_window_only() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 60);
    in_simulated_time(async {
        let mut rehearsal = Rehearsal::on(&world, TroubledOrg::new(Trouble::None));
        let at_once = rehearsal.run(&contacts, "at-once").await.unwrap();
        assert!(
            hours_of_jobs(&world, "at-once")
                .iter()
                .all(|hour| *hour == 8)
        );

        rehearsal.org = TroubledOrg::new(Trouble::None);
        rehearsal.stopping = StoppingSettings {
            window: Some(NIGHT),
            ..StoppingSettings::default()
        };
        let by_night = rehearsal.run(&contacts, "by-night").await.unwrap();
        let hours = hours_of_jobs(&world, "by-night");
        assert!(
            !hours.is_empty() && hours.iter().all(|hour| *hour >= 20),
            "{hours:?}"
        );
        assert_eq!(by_night.outcomes, at_once.outcomes);
        let said = rehearsal.said();
        assert!(
            said.iter().any(|text| text.contains("--window")),
            "{said:?}"
        );
    });
}

#[test]
fn seats_taken_while_a_run_stood_still_are_missed_when_it_goes_on() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 60);
    in_simulated_time(async {
        let org = TroubledOrg::new(Trouble::RefusedJob(3));
        let rehearsal = Rehearsal::on(&world, org.clone());
        why_paused(rehearsal.run(&contacts, "out").await);
        let made = org.org.users_created().len();
        assert!(made > 0);
        org.now(Trouble::SeatsLeft(0));
        rehearsal.resume("out").await.unwrap();
        // Users who cannot log in take no seat, so they may still be made.
        for user in &org.org.users_created()[made..] {
            assert_ne!(org.org.field("User", user, "IsActive"), "true");
        }
        let codes = world.table("out", "failure.csv");
        let codes = codes.cells("admit__Code");
        assert!(codes.contains(&"no-seat"), "{codes:?}");
        let made = world.table("out", "success.csv").rows.len();
        assert_eq!(
            (made, codes.len()),
            (org.org.users_created().len(), 60 - made)
        );
    });
}
