//! The numbers people decide by: what the plan will take, and what the run took.

use std::collections::BTreeMap;

use crate::model::id::ProfileId;
use crate::model::outcome::Stage;
use crate::model::summary::{PlanSummary, ProfileUse, RunSummary, WaveForecast};
use crate::org_state::{OrgState, SiteFacts, SiteStatus};
use crate::pipeline::RunError;
use crate::pipeline::judge::Judged;
use crate::pipeline::kept_plan::KeptLicense;
use crate::pipeline::provision::Planned;
use crate::pipeline::walk::{self, Command, Walk};
use crate::pipeline::work::Work;
use crate::plan::PlannedWave;
use crate::upload::Tempo;
use crate::validate::Program;

/// Calls of one job beside its polls: create, upload, close, three result files.
const CALLS_PER_JOB: u64 = 6;

/// Polls a job usually takes.
const POLLS_PER_JOB: u64 = 3;

/// Rows a second an org takes into role-based licences: from the one published figure, 500 an
/// hour (R-1009), to what small orgs without automation reach [unverified].
const ROLE_BASED_ROWS_PER_S: (f64, f64) = (0.14, 10.0);

/// The same for licences without account roles [unverified].
const HIGH_VOLUME_ROWS_PER_S: (f64, f64) = (10.0, 200.0);

/// Seconds of one job beside its rows: its calls and the first wait.
const JOB_OVERHEAD_S: (f64, f64) = (20.0, 4.0);

/// What `check` prints and every run shows before it sends.
pub(super) fn plan_summary(walk: &Walk, program: &Program, judged: &Judged) -> PlanSummary {
    let (tally, plan, state) = (&judged.tally, &judged.plan, &*judged.org_state);
    let waves = plan.waves().iter();
    let waves: Vec<_> = waves.map(|wave| wave_forecast(walk, wave)).collect();
    let jobs: u64 = waves.iter().map(|wave| wave.jobs).sum();
    PlanSummary {
        rows: tally.rows,
        accepted: tally.accepted,
        rejected: tally.rejected,
        by_code: tally.by_code.clone(),
        warnings: tally.warnings.clone(),
        duration_s: duration_range(plan.waves(), &waves),
        waves,
        seats: judged.seats.clone(),
        profiles: profiles(state, &plan.counts().by_profile),
        columns_sent: program.sent().names().to_vec(),
        columns_passed_through: program.passed_through().to_vec(),
        defaults: program.defaults_in_use(),
        roles_new: plan.roles_new(),
        roles_existing: state.portal_roles(),
        mails: mails(program, state, &plan.counts().active_by_profile),
        site: program.site_name().to_owned(),
        api_calls: jobs * (CALLS_PER_JOB + POLLS_PER_JOB),
        digest: plan.digest().to_owned(),
    }
}

fn wave_forecast(walk: &Walk, wave: &PlannedWave) -> WaveForecast {
    let pacing = &walk.settings.pacing;
    let tempo = Tempo::new(wave.letter, wave.role_based, pacing);
    let rows_per_job = tempo.limits(wave.changes, None).rows_max as u64;
    let draft = match walk.command {
        Command::Check => wave.draft_file(),
        Command::Rehearse | Command::Run => String::new(),
    };
    WaveForecast {
        name: wave.name(),
        changes: wave.changes,
        jobs: wave.changes.div_ceil(rows_per_job),
        lanes: u32::try_from(tempo.lanes()).unwrap_or(u32::MAX),
        draft,
    }
}

fn profiles(state: &OrgState, added: &BTreeMap<ProfileId, u64>) -> Vec<ProfileUse> {
    let uses = added.iter().map(|(id, added)| {
        let profile = state.profile(*id);
        ProfileUse {
            profile: profile.map_or_else(|| id.to_string(), |profile| profile.name.clone()),
            active_now: profile.map_or(0, |profile| profile.active_users),
            added: *added,
        }
    });
    let mut uses: Vec<_> = uses.collect();
    uses.sort_by(|a, b| a.profile.cmp(&b.profile));
    uses
}

/// Welcome mails for so many active users of each profile: one for each user and each site that
/// greets new members and has the user's profile among them. The site of the run counts
/// those who join by permission set too; at other sites those cannot be told from the profile, and
/// R-604 is all there is to go by.
pub(super) fn mails(
    program: &Program,
    org_state: &OrgState,
    active: &BTreeMap<ProfileId, u64>,
) -> u64 {
    let of_profile = |profile: ProfileId| {
        let others = greeting_sites(org_state).filter(|site| {
            site.name != program.site_name() && site.member_profiles.contains(&profile)
        });
        u64::from(program.mails_for(profile)) + others.count() as u64
    };
    active
        .iter()
        .map(|(profile, users)| users * of_profile(*profile))
        .sum()
}

/// Sites that mail whoever becomes a member, at once.
pub(super) fn greeting_sites(state: &OrgState) -> impl Iterator<Item = &SiteFacts> {
    let sites = state.sites().unwrap_or_default().iter();
    sites.filter(|site| site.sends_welcome_mail && site.status == SiteStatus::Live)
}

fn duration_range(planned: &[PlannedWave], waves: &[WaveForecast]) -> (u64, u64) {
    let (mut longest, mut shortest) = (0.0, 0.0);
    for (wave, forecast) in planned.iter().zip(waves) {
        let (slow, fast) = if wave.role_based {
            ROLE_BASED_ROWS_PER_S
        } else {
            HIGH_VOLUME_ROWS_PER_S
        };
        let rounds = as_f64(forecast.jobs) / f64::from(forecast.lanes.max(1));
        longest += as_f64(wave.changes) / slow + rounds * JOB_OVERHEAD_S.0;
        shortest += as_f64(wave.changes) / fast + rounds * JOB_OVERHEAD_S.1;
    }
    (whole_seconds(shortest), whole_seconds(longest))
}

#[expect(clippy::cast_precision_loss, reason = "an estimate in seconds")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate in seconds, never negative"
)]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.ceil() as u64
}

/// What a finished run prints and keeps.
pub(super) async fn summary(
    walk: &Walk,
    planned: &Planned,
    stopped: Option<&str>,
) -> Result<RunSummary, RunError> {
    let plan = planned.kept.summary.clone();
    let seats_used_after = match walk.command {
        Command::Check => BTreeMap::new(),
        Command::Rehearse | Command::Run => seats_used(walk).await?,
    };
    let state = planned.journal.state();
    let closed = state.jobs().iter().filter(|job| job.step.is_settled());
    let (jobs, bytes_sent) =
        closed.fold((0, 0), |(jobs, bytes), job| (jobs + 1, bytes + job.bytes));
    let created = |work: &mut Work| created_by_license(work, &planned.kept.licenses);
    let (mut outcomes, mut failures_by_code, created_by_license) = planned.work.with(|work| {
        let codes = work.outcomes.by_code().clone();
        (work.outcomes.counts(plan.rows), codes, created(work))
    });
    if walk.command == Command::Check {
        // Nothing became of a row but what the plan says.
        outcomes.insert(Stage::Rejected.as_str().to_owned(), plan.rejected);
        outcomes.insert("would-send".to_owned(), plan.accepted);
        failures_by_code.clone_from(&plan.by_code);
    }
    Ok(RunSummary {
        command: walk.command.as_str().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        org: planned.kept.identity.clone(),
        stopped: stopped.map(str::to_owned),
        started_at: planned.kept.started_at.clone(),
        duration_s: walk::seconds(walk.clock.elapsed()),
        outcomes,
        failures_by_code,
        created_by_license,
        seats_used_after,
        jobs,
        api_calls: walk.org.requests_sent(),
        bytes_sent,
        timings_s: walk.timings(),
        input_sha256: planned.input_sha256.clone(),
        plan,
    })
}

/// Seats in use now, by licence, read anew.
async fn seats_used(walk: &Walk) -> Result<BTreeMap<String, u64>, RunError> {
    let licenses = walk
        .org
        .query("SELECT Name, UsedLicenses FROM UserLicense")
        .await?;
    let used = licenses.iter().map(|license| {
        let used = license.number("UsedLicenses").unwrap_or_default();
        (license.text("Name").to_owned(), whole_seconds(used))
    });
    Ok(used.collect())
}

fn created_by_license(work: &Work, licenses: &[KeptLicense]) -> BTreeMap<String, u64> {
    let outcomes = &work.outcomes;
    let created = work.plan.by_license(&|row| outcomes.has_user(row));
    let named = created.into_iter().map(|(license, count)| {
        let license = licenses.get(usize::from(license.0));
        (
            license.map_or_else(String::new, |license| license.name.clone()),
            count,
        )
    });
    named.collect()
}
