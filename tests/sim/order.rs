//! The journal says what will happen before it happens, on a disk that keeps it: whatever the org
//! is asked to create or to close stands in flushed lines.

use std::collections::{BTreeMap, BTreeSet};

use admit::journal::Entry;
use admit::sim::FaultPlan;

use crate::line::{Asked, Happening};
use crate::rehearsal::{Rehearsal, in_simulated_time};
use crate::story::Story;

/// Seeds of each profile.
const SEEDS: std::ops::Range<u64> = 100..112;

fn happened(seed: u64, profile: &str) -> Vec<Happening> {
    let story = Story::new(seed, 60);
    in_simulated_time(async {
        let rehearsal = Rehearsal::new(&story, FaultPlan::named(profile).unwrap());
        rehearsal.to_the_end().await.unwrap();
        rehearsal.around.happened()
    })
}

/// What the journal says of jobs, as far as a disk without power keeps it.
#[derive(Default)]
struct OnDisk {
    /// Lines that may be lost.
    pending: Vec<Entry>,
    /// Jobs that are to be created, by wave, round and first row.
    intended: BTreeSet<(u32, u32, u64)>,
    /// The last line of each job.
    last: BTreeMap<String, &'static str>,
}

impl OnDisk {
    fn flush(&mut self) {
        for entry in std::mem::take(&mut self.pending) {
            self.keep(&entry);
        }
    }

    fn keep(&mut self, entry: &Entry) {
        match entry {
            Entry::JobIntended {
                wave, round, first, ..
            } => {
                self.intended.insert((*wave, *round, *first));
            }
            Entry::JobCreated {
                wave,
                round,
                first,
                job,
            } => {
                self.intended.remove(&(*wave, *round, *first));
                self.last.insert(job.clone(), entry.name());
            }
            Entry::JobAbandoned {
                wave, round, first, ..
            } => {
                self.intended.remove(&(*wave, *round, *first));
            }
            Entry::DataSent { job }
            | Entry::JobClosing { job }
            | Entry::JobClosed { job }
            | Entry::JobEnded { job, .. }
            | Entry::JobLost { job, .. } => {
                self.last.insert(job.clone(), entry.name());
            }
            _ => {}
        }
    }
}

/// How many jobs were created and closed, each announced before.
fn announced(happened: &[Happening]) -> Result<(usize, usize), String> {
    let (mut disk, mut creates, mut closes) = (OnDisk::default(), 0, 0);
    for happening in happened {
        match happening {
            Happening::Began => {}
            Happening::Appended(entry) => disk.pending.push(entry.clone()),
            Happening::Flushed => disk.flush(),
            Happening::Asked { what, at_ms } => match what {
                Asked::Create => {
                    creates += 1;
                    // What is known to be created or abandoned needs no flush to be known here.
                    let over = |entry: &Entry| {
                        let mut known = OnDisk::default();
                        known.intended.clone_from(&disk.intended);
                        known.keep(entry);
                        known.intended.len() < disk.intended.len()
                    };
                    let over = disk.pending.iter().filter(|entry| over(entry)).count();
                    if disk.intended.len() <= over {
                        return Err(format!("at {at_ms} ms a job is created unannounced"));
                    }
                }
                Asked::Close { job } => {
                    closes += 1;
                    if disk.last.get(job) != Some(&"JobClosing") {
                        let last = disk.last.get(job);
                        return Err(format!(
                            "at {at_ms} ms job {job} is closed, and on disk it is {last:?}"
                        ));
                    }
                }
                Asked::Other => {}
            },
        }
    }
    Ok((creates, closes))
}

#[test]
fn what_cannot_be_taken_back_stands_on_disk_before_the_org_is_asked_for_it() {
    let (mut creates, mut closes) = (0, 0);
    for profile in FaultPlan::NAMES {
        for seed in SEEDS {
            let (created, closed) = announced(&happened(seed, profile))
                .unwrap_or_else(|why| panic!("seed {seed}, {profile}: {why}"));
            creates += created;
            closes += closed;
        }
    }
    assert!(creates > 100 && closes > 100, "{creates}, {closes}");
}

#[test]
fn with_one_lane_the_last_thing_before_a_create_or_a_close_is_a_flush_of_its_line() {
    for seed in SEEDS {
        let mut story = Story::new(seed, 60);
        story.pacing.lanes = 1;
        let happened = in_simulated_time(async {
            let rehearsal = Rehearsal::new(&story, FaultPlan::default());
            rehearsal.to_the_end().await.unwrap();
            rehearsal.around.happened()
        });
        for (place, happening) in happened.iter().enumerate() {
            let Happening::Asked { what, .. } = happening else {
                continue;
            };
            let before: Vec<_> = happened[..place].iter().rev().take(2).collect();
            let is_right = match (what, before.as_slice()) {
                (Asked::Other, _) => true,
                (Asked::Create, [Happening::Flushed, Happening::Appended(entry)]) => {
                    matches!(entry, Entry::JobIntended { .. })
                }
                (Asked::Close { job }, [Happening::Flushed, Happening::Appended(entry)]) => {
                    *entry == (Entry::JobClosing { job: job.clone() })
                }
                (Asked::Create | Asked::Close { .. }, _) => false,
            };
            assert!(is_right, "seed {seed}: {before:?} before {what:?}");
        }
    }
}
