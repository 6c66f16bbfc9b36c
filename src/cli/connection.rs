//! Which org answers: the simulated one from a folder or built in, or the real one that a flag or
//! the environment names. Decides only; `launch` opens the line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::args::WalkArgs;
use super::error::CliError;
use super::layers::Setting;
use super::login::{self, LoginWords};
use super::login_problem::LoginProblem;
use super::near::nearest;
use super::notice::Warning;
use super::settings::{Surroundings, config_of};

/// Where the line goes. Has no `Debug`: it holds secrets.
#[derive(PartialEq, Eq)]
pub(crate) enum Connection {
    /// The simulated org, with the records of this folder.
    SimulatedFrom(PathBuf),
    /// The simulated org, with the built-in sample records.
    SimulatedSample,
    /// A real org, by this login.
    Real(LoginWords),
}

/// The line of `check`: `--org` or `--target-org` decides alone when given; else the environment;
/// else the sample.
pub(crate) fn for_check(
    args: &WalkArgs,
    around: &Surroundings,
) -> Result<(Connection, Option<Warning>), CliError> {
    if let Some(folder) = &args.org {
        return Ok((Connection::SimulatedFrom(folder.clone()), None));
    }
    let variables = &around.variables;
    let words = match &args.target_org {
        Some(alias) => Some(login::of_alias(alias, &config_of(args, around), variables)?),
        None => login::of_variables(variables)?,
    };
    Ok(match words {
        Some(words) => (Connection::Real(words), None),
        None => (Connection::SimulatedSample, Some(Warning::SampleOrg)),
    })
}

/// The line of `run`: a real org, or none.
pub(crate) fn for_run(
    args: &WalkArgs,
    around: &Surroundings,
) -> Result<(Connection, Option<Warning>), CliError> {
    if args.org.is_some() {
        return Err(CliError::RunOnSimulated);
    }
    match for_check(args, around)? {
        (Connection::SimulatedSample | Connection::SimulatedFrom(_), _) => {
            Err(CliError::NoConnection)
        }
        real @ (Connection::Real(_), _) => Ok(real),
    }
}

/// The line of `rehearse`: never a real org.
pub(crate) fn for_rehearsal(args: &WalkArgs) -> Result<(Connection, Option<Warning>), CliError> {
    if args.target_org.is_some() {
        return Err(LoginProblem::Rehearsal.into());
    }
    let connection = match &args.org {
        Some(folder) => Connection::SimulatedFrom(folder.clone()),
        None => Connection::SimulatedSample,
    };
    Ok((connection, None))
}

/// How our variables begin.
const PREFIX: &str = "ADMIT_";

/// Variables that look like ours and mean nothing: likely a slip of the finger.
pub(crate) fn unknown_variables(variables: &BTreeMap<String, String>) -> Vec<Warning> {
    let known: Vec<String> = Setting::ALL
        .iter()
        .map(|setting| setting.variable())
        .collect();
    let unknown = variables.keys().filter(|name| name.starts_with(PREFIX));
    let unknown = unknown.filter(|name| !known.contains(name));
    let warning = |name: &String| {
        let near = nearest(tail(name), known.iter().map(|known| tail(known)));
        let near = near
            .into_iter()
            .map(|near| format!("{PREFIX}{near}"))
            .collect();
        Warning::UnknownVariable {
            name: name.clone(),
            near,
        }
    };
    unknown.map(warning).collect()
}

/// What follows the beginning they all share: only that can be alike or not.
fn tail(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(pairs: &[(&str, &str)]) -> Surroundings {
        let pairs = pairs.iter();
        Surroundings {
            variables: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            home: None,
            folder: "no-such-folder".into(),
            now: jiff::Timestamp::UNIX_EPOCH,
            cores: 1,
        }
    }

    fn on(org: Option<&str>, target_org: Option<&str>) -> WalkArgs {
        WalkArgs {
            org: org.map(PathBuf::from),
            target_org: target_org.map(str::to_owned),
            ..WalkArgs::default()
        }
    }

    #[test]
    fn a_flag_decides_alone_and_an_empty_environment_means_the_sample() {
        let half = around(&[("SF_ACCESS_TOKEN", "x")]);
        let folder = Connection::SimulatedFrom("org".into());
        let chosen = for_check(&on(Some("org"), None), &half);
        assert!(chosen.is_ok_and(|chosen| chosen == (folder, None)));
        let alias = Connection::Real(LoginWords::Sf {
            alias: "prod".to_owned(),
            known: Vec::new(),
        });
        let chosen = for_check(&on(None, Some("prod")), &half);
        assert!(chosen.is_ok_and(|chosen| chosen == (alias, None)));
        assert!(matches!(
            for_check(&on(None, None), &half),
            Err(CliError::Login(_))
        ));
        let sample = (Connection::SimulatedSample, Some(Warning::SampleOrg));
        for empty in [
            around(&[]),
            around(&[("SF_ACCESS_TOKEN", ""), ("SF_INSTANCE_URL", "")]),
        ] {
            assert!(for_check(&on(None, None), &empty).is_ok_and(|chosen| chosen == sample));
        }
    }

    #[test]
    fn a_run_needs_a_real_org_and_a_rehearsal_never_has_one() {
        let real = around(&[("SF_ACCESS_TOKEN", "x"), ("SF_INSTANCE_URL", "https://x")]);
        assert!(for_run(&on(None, None), &real).is_ok());
        let nothing = for_run(&on(None, None), &around(&[]));
        assert!(matches!(nothing, Err(CliError::NoConnection)));
        let simulated = for_run(&on(Some("org"), None), &real);
        assert!(matches!(simulated, Err(CliError::RunOnSimulated)));
        let rehearsal = for_rehearsal(&on(None, Some("prod")));
        assert!(matches!(
            rehearsal,
            Err(CliError::Login(LoginProblem::Rehearsal))
        ));
        let folder = Connection::SimulatedFrom("org".into());
        let rehearsal = for_rehearsal(&on(Some("org"), None));
        assert!(rehearsal.is_ok_and(|chosen| chosen == (folder, None)));
    }

    #[test]
    fn variables_that_mean_nothing_are_named_with_what_may_be_meant() {
        let names = ["ADMIT_LANE", "ADMIT_LANES", "ADMITTED", "PATH"];
        let variables = names.map(|name| (name.to_owned(), "1".to_owned()));
        let warning = Warning::UnknownVariable {
            name: "ADMIT_LANE".to_owned(),
            near: vec!["ADMIT_LANES".to_owned()],
        };
        assert_eq!(unknown_variables(&variables.into()), [warning]);
    }
}
