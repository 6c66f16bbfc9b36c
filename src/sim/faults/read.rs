//! The TOML of a plan -> rules. What means nothing is an error with its line, since a fault that
//! never strikes looks just like an engine that survives it.

use serde::Deserialize;
use toml::Spanned;

use super::deal::{Timing, Turn};
use super::jobs::{Extent, Mishap};
use super::requests::Deed;
use super::spots::Spot;
use super::{FaultPlan, FaultPlanError};

/// One `[[request]]`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sim) struct RequestRule {
    pub(super) at: Spot,
    pub(super) timing: Timing,
    pub(super) deed: Deed,
}

/// One `[[job]]`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sim) struct JobRule {
    pub(super) object: Option<String>,
    pub(super) timing: Timing,
    pub(super) mishap: Mishap,
}

/// `[users]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(in crate::sim) struct UserRules {
    pub(super) usernames_taken: Names,
    pub(super) nicknames_taken: Names,
}

/// Which names.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Names {
    /// A share of all names, chosen by name and seed.
    Share(f64),
    /// These, whatever their case.
    These(Vec<String>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Share(0.0)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    request: Vec<Spanned<WrittenRequest>>,
    job: Vec<Spanned<WrittenJob>>,
    users: Option<Spanned<UserRules>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenRequest {
    at: Spot,
    nth: Option<u64>,
    every: Option<u64>,
    chance: Option<f64>,
    times: Option<u64>,
    until_s: Option<u64>,
    #[serde(rename = "do")]
    deed: Deed,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenJob {
    object: Option<String>,
    nth: Option<u64>,
    every: Option<u64>,
    chance: Option<f64>,
    times: Option<u64>,
    until_s: Option<u64>,
    #[serde(rename = "do")]
    mishap: Mishap,
}

impl FaultPlan {
    /// Reads a plan.
    pub fn parse(text: &str) -> Result<Self, FaultPlanError> {
        let written: Written = toml::from_str(text).map_err(|error| FaultPlanError {
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            message: error.message().replace('\n', " "),
        })?;
        let wrong = |at: usize| {
            move |message: &str| FaultPlanError {
                line: line_of(text, at),
                message: message.to_owned(),
            }
        };
        let mut plan = Self::default();
        for rule in written.request {
            let at = rule.span().start;
            let rule = request_rule(rule.into_inner()).map_err(wrong(at))?;
            plan.requests.push(rule);
        }
        for rule in written.job {
            let at = rule.span().start;
            plan.jobs
                .push(job_rule(rule.into_inner()).map_err(wrong(at))?);
        }
        if let Some(users) = written.users {
            let at = users.span().start;
            plan.users = users.into_inner();
            for names in [&plan.users.usernames_taken, &plan.users.nicknames_taken] {
                check_names(names).map_err(wrong(at))?;
            }
        }
        Ok(plan)
    }
}

fn request_rule(written: WrittenRequest) -> Result<RequestRule, &'static str> {
    let turn = (written.nth, written.every, written.chance);
    let rule = RequestRule {
        at: written.at,
        timing: timing(turn, written.times, written.until_s)?,
        deed: written.deed,
    };
    match &rule.deed {
        Deed::Answer { status, .. } if !(400..=599).contains(status) => {
            Err("`status` must be between 400 and 599")
        }
        Deed::Slow { seconds } if !(0.0..=86_400.0).contains(seconds) => {
            Err("`seconds` must be between 0 and 86400")
        }
        Deed::Break { keep } | Deed::Shorten { keep } if !(0.0..1.0).contains(keep) => {
            Err("`keep` must be at least 0 and less than 1")
        }
        Deed::Answer { .. }
        | Deed::Refuse
        | Deed::Reset
        | Deed::LoseAnswer
        | Deed::Slow { .. }
        | Deed::Break { .. }
        | Deed::Shorten { .. }
        | Deed::Garble
        | Deed::ExpireSessions
        | Deed::SpendAllowance { .. } => Ok(rule),
    }
}

fn job_rule(written: WrittenJob) -> Result<JobRule, &'static str> {
    let turn = (written.nth, written.every, written.chance);
    let good = match written.mishap.rows() {
        None => true,
        Some(Extent::Rows(rows)) => rows > 0,
        Some(Extent::Share(share)) => share > 0.0 && share <= 1.0,
    };
    if !good {
        return Err("`rows` must be a number of rows from 1, or a share such as 0.5");
    }
    Ok(JobRule {
        object: written.object,
        timing: timing(turn, written.times, written.until_s)?,
        mishap: written.mishap,
    })
}

fn check_names(names: &Names) -> Result<(), &'static str> {
    match names {
        Names::Share(share) if !(0.0..=1.0).contains(share) => {
            Err("a share of names must be between 0 and 1")
        }
        Names::Share(_) | Names::These(_) => Ok(()),
    }
}

/// Without a word about turns a rule strikes always; `nth` alone strikes once, with `times` that
/// many in a row.
fn timing(
    turn: (Option<u64>, Option<u64>, Option<f64>),
    times: Option<u64>,
    until_s: Option<u64>,
) -> Result<Timing, &'static str> {
    let once = turn.0.is_some() && times.is_none();
    let turn = match turn {
        (None, None, None) => Turn::From(1),
        (Some(nth), None, None) if nth > 0 => Turn::From(nth),
        (None, Some(every), None) if every > 0 => Turn::Every(every),
        (None, None, Some(chance)) if chance > 0.0 && chance <= 1.0 => Turn::Chance(chance),
        (Some(0), None, None) | (None, Some(0), None) => {
            return Err("`nth` and `every` count from 1");
        }
        (None, None, Some(_)) => return Err("`chance` must be more than 0 and at most 1"),
        _ => return Err("only one of `nth`, `every` and `chance` can say when"),
    };
    if times == Some(0) {
        return Err("`times` counts from 1");
    }
    Ok(Timing {
        turn,
        times_max: times.unwrap_or(if once { 1 } else { u64::MAX }),
        until_ms: until_s.map_or(u64::MAX, |seconds| seconds.saturating_mul(1000)),
    })
}

/// Line of a byte, from 1.
fn line_of(text: &str, at: usize) -> u64 {
    let before = text.bytes().take(at);
    1 + before.filter(|byte| *byte == b'\n').count() as u64
}
