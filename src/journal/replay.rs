//! Entries become the state of a run; running and replaying go through the same steps.
//!
//! Comes in: entries, one after another. Goes out: where every wave and job stands, or why an
//! entry cannot follow what came before it. It reads no file and asks nobody.

use super::entry::Entry;
use super::illegal::Illegal;
use super::job_step::{JobRecord, JobStep};
use super::records::{Decision, Opened, PlanRecord, WaveRecord};

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunState {
    opened: Option<Opened>,
    plan: Option<PlanRecord>,
    waves: Vec<WaveRecord>,
    jobs: Vec<JobRecord>,
    decisions: Vec<Decision>,
    confirmed: bool,
    pilot_ended: bool,
    ended: Option<u8>,
}

impl RunState {
    /// What the run was opened with.
    pub fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }

    /// The plan, once it is sealed.
    pub fn plan(&self) -> Option<&PlanRecord> {
        self.plan.as_ref()
    }

    /// Sealed waves, in the order they were sealed.
    pub fn waves(&self) -> &[WaveRecord] {
        &self.waves
    }

    /// The latest round of a wave; 0 before its first.
    pub fn round_of(&self, wave: u32) -> u32 {
        let rounds = self.waves.iter().filter(|sealed| sealed.wave == wave);
        rounds.map(|sealed| sealed.round).max().unwrap_or(0)
    }

    /// The sealed wave of a job.
    pub fn wave_of(&self, job: &JobRecord) -> Option<&WaveRecord> {
        let is_it = |sealed: &&WaveRecord| sealed.wave == job.wave && sealed.round == job.round;
        self.waves.iter().find(is_it)
    }

    /// Every job that was ever intended, in that order.
    pub fn jobs(&self) -> &[JobRecord] {
        &self.jobs
    }

    /// Jobs that are neither settled nor abandoned.
    pub fn jobs_under_way(&self) -> impl Iterator<Item = &JobRecord> {
        self.jobs.iter().filter(|job| !job.step.is_over())
    }

    /// What decided the fate of rows, in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Did somebody who saw the plan want it?
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Is the pilot over, or was there none to wait for?
    pub fn pilot_ended(&self) -> bool {
        self.pilot_ended
    }

    /// The exit code of a run that is over.
    pub fn ended(&self) -> Option<u8> {
        self.ended
    }

    /// Takes the next entry in; the state is unchanged where it cannot follow.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Illegal> {
        self.must_be_open(entry)?;
        match entry {
            Entry::RunOpened { .. } | Entry::PlanSealed { .. } | Entry::PlanConfirmed => {
                self.begin(entry)
            }
            Entry::WaveSealed { .. } | Entry::JobIntended { .. } => self.send(entry),
            Entry::RowsRejected { file, sha256, .. } => {
                self.must_be_planned(entry)?;
                self.decisions.push(Decision::Rejected {
                    file: file.clone(),
                    sha256: sha256.clone(),
                });
                Ok(())
            }
            Entry::PilotEnded => {
                self.must_be_planned(entry)?;
                self.pilot_ended = true;
                Ok(())
            }
            Entry::OutputsWritten { .. } => {
                self.must_be_planned(entry)?;
                self.no_job_under_way(entry)
            }
            Entry::RunEnded { exit } => {
                self.no_job_under_way(entry)?;
                self.ended = Some(*exit);
                Ok(())
            }
            Entry::RunPaused { .. }
            | Entry::RunResumed { .. }
            | Entry::SideEffectOpened { .. }
            | Entry::SideEffectDone { .. } => Ok(()),
            Entry::JobCreated { .. }
            | Entry::JobAbandoned { .. }
            | Entry::DataSent { .. }
            | Entry::JobClosing { .. }
            | Entry::JobClosed { .. }
            | Entry::JobEnded { .. }
            | Entry::JobLost { .. }
            | Entry::ResultsStored { .. }
            | Entry::OrgAsked { .. }
            | Entry::RowsSettled { .. } => self.step_job(entry),
        }
    }

    /// From nothing to a plan that is wanted.
    fn begin(&mut self, entry: &Entry) -> Result<(), Illegal> {
        match entry {
            Entry::RunOpened {
                command,
                org_id,
                user_id,
                settings_sha256,
            } => {
                self.opened = Some(Opened {
                    command: command.clone(),
                    org_id: org_id.clone(),
                    user_id: user_id.clone(),
                    settings_sha256: settings_sha256.clone(),
                });
            }
            Entry::PlanSealed {
                sha256,
                input_sha256,
                accepted,
                rejected,
            } => {
                if self.plan.is_some() {
                    return Err(out_of_place(entry, "the plan is sealed"));
                }
                self.plan = Some(PlanRecord {
                    sha256: sha256.clone(),
                    input_sha256: input_sha256.clone(),
                    accepted: *accepted,
                    rejected: *rejected,
                });
            }
            _ => {
                self.must_be_planned(entry)?;
                self.confirmed = true;
            }
        }
        Ok(())
    }

    /// A wave, or a job of it, is about to go.
    fn send(&mut self, entry: &Entry) -> Result<(), Illegal> {
        match entry {
            Entry::WaveSealed {
                wave,
                kind,
                letter,
                round,
                file,
                sha256,
                rows,
            } => self.seal_wave(WaveRecord {
                wave: *wave,
                kind: *kind,
                letter: *letter,
                round: *round,
                file: file.clone(),
                sha256: sha256.clone(),
                rows: *rows,
            }),
            Entry::JobIntended {
                wave,
                round,
                first,
                rows,
                bytes,
            } => self.intend(JobRecord {
                wave: *wave,
                round: *round,
                first: *first,
                rows: *rows,
                bytes: *bytes,
                id: None,
                step: JobStep::Intended,
                said: None,
                results_sha256: None,
                locked: 0,
                took_ms: 0,
                failed: 0,
                unprocessed: 0,
                created: 0,
                unaccounted: 0,
                answers_sha256: None,
            }),
            _ => Ok(()),
        }
    }

    fn no_job_under_way(&self, entry: &Entry) -> Result<(), Illegal> {
        if self.jobs_under_way().next().is_some() {
            return Err(out_of_place(entry, "a job is under way"));
        }
        Ok(())
    }

    fn must_be_open(&self, entry: &Entry) -> Result<(), Illegal> {
        if self.ended.is_some() {
            return Err(out_of_place(entry, "the run is over"));
        }
        match (entry, &self.opened) {
            (Entry::RunOpened { .. }, Some(_)) => Err(out_of_place(entry, "the run is open")),
            (Entry::RunOpened { .. }, None) | (_, Some(_)) => Ok(()),
            (_, None) => Err(out_of_place(entry, "the run was never opened")),
        }
    }

    fn must_be_planned(&self, entry: &Entry) -> Result<(), Illegal> {
        if self.plan.is_none() {
            return Err(out_of_place(entry, "the plan was never sealed"));
        }
        Ok(())
    }

    fn seal_wave(&mut self, sealed: WaveRecord) -> Result<(), Illegal> {
        let why = if self.plan.is_none() {
            "the plan was never sealed"
        } else if self.jobs_under_way().next().is_some() {
            "a job of the wave before is under way"
        } else if sealed.round != self.round_of(sealed.wave) + 1 {
            "rounds of a wave follow each other"
        } else {
            self.waves.push(sealed);
            return Ok(());
        };
        let entry = "WaveSealed";
        Err(Illegal::OutOfPlace { entry, why })
    }

    fn intend(&mut self, job: JobRecord) -> Result<(), Illegal> {
        let end = job.first.saturating_add(job.rows);
        let sealed = self.waves.last();
        let sealed = sealed.filter(|sealed| (sealed.wave, sealed.round) == (job.wave, job.round));
        let same_rows = |other: &&JobRecord| {
            (other.wave, other.round) == (job.wave, job.round)
                && other.step != JobStep::Abandoned
                && other.first < end
                && job.first < other.first + other.rows
        };
        let why = match sealed {
            None => "that wave was not sealed last",
            Some(sealed) if job.rows == 0 || end > sealed.rows => "the wave has no such rows",
            Some(_) if self.jobs.iter().any(|other| same_rows(&other)) => {
                "another job carries some of them"
            }
            Some(_) => {
                self.jobs.push(job);
                return Ok(());
            }
        };
        let (wave, first) = (job.wave, job.first);
        Err(Illegal::Rows {
            wave,
            first,
            end,
            why,
        })
    }

    /// A step of one job: the job is found by its id, before it has one by its rows.
    fn step_job(&mut self, entry: &Entry) -> Result<(), Illegal> {
        let Some((place, step)) = self.next_step(entry)? else {
            return Err(out_of_place(entry, "no such job was intended"));
        };
        let job = &mut self.jobs[place];
        job.step = job.step.next(step).map_err(|(from, to)| {
            let wave = job.wave;
            Illegal::Step { wave, from, to }
        })?;
        match entry {
            Entry::JobCreated { job: id, .. } => job.id = Some(id.clone()),
            Entry::JobEnded { message, .. } => job.said.clone_from(message),
            Entry::ResultsStored { sha256, .. } => job.results_sha256.clone_from(sha256),
            Entry::RowsSettled {
                failed,
                unprocessed,
                locked,
                took_ms,
                created,
                unaccounted,
                ..
            } => {
                (job.failed, job.unprocessed) = (*failed, *unprocessed);
                (job.locked, job.took_ms) = (*locked, *took_ms);
                (job.created, job.unaccounted) = (*created, *unaccounted);
                self.decisions.push(Decision::Settled(place));
            }
            Entry::OrgAsked { sha256, .. } => job.answers_sha256.clone_from(sha256),
            _ => {}
        }
        Ok(())
    }

    fn next_step(&self, entry: &Entry) -> Result<Option<(usize, JobStep)>, Illegal> {
        let by_rows = |wave: &u32, round: &u32, first: &u64| {
            let is_it = |job: &JobRecord| {
                (&job.wave, &job.round, &job.first) == (wave, round, first) && !job.step.is_over()
            };
            self.jobs.iter().rposition(is_it)
        };
        let by_id = |id: &String| {
            let place = self
                .jobs
                .iter()
                .rposition(|job| job.id.as_ref() == Some(id));
            place.ok_or_else(|| Illegal::UnknownJob { job: id.clone() })
        };
        Ok(match entry {
            Entry::JobCreated {
                wave, round, first, ..
            } => by_rows(wave, round, first).map(|place| (place, JobStep::Created)),
            Entry::JobAbandoned {
                wave, round, first, ..
            } => by_rows(wave, round, first).map(|place| (place, JobStep::Abandoned)),
            Entry::DataSent { job } => Some((by_id(job)?, JobStep::DataSent)),
            Entry::JobClosing { job } => Some((by_id(job)?, JobStep::Closing)),
            Entry::JobClosed { job } => Some((by_id(job)?, JobStep::Closed)),
            Entry::JobEnded { job, state, .. } => Some((by_id(job)?, JobStep::Ended(*state))),
            Entry::JobLost { job, .. } => Some((by_id(job)?, JobStep::Lost)),
            Entry::ResultsStored { job, .. } => Some((by_id(job)?, JobStep::Stored)),
            Entry::OrgAsked { job, .. } => {
                let place = by_id(job)?;
                let had_results = self.jobs[place].step.proof().results;
                Some((place, JobStep::Asked { had_results }))
            }
            Entry::RowsSettled { job, .. } => {
                let place = by_id(job)?;
                Some((place, JobStep::Settled(self.jobs[place].step.proof())))
            }
            _ => None,
        })
    }
}

fn out_of_place(entry: &Entry, why: &'static str) -> Illegal {
    let entry = entry.name();
    Illegal::OutOfPlace { entry, why }
}
