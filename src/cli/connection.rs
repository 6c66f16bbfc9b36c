//! Which org answers: the simulated one from a folder or built in, or the one the environment
//! names. Decides only; `launch` opens the line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::layers::{Setting, variable};
use super::near::nearest;
use super::notice::Warning;

/// The org's address.
const INSTANCE_URL: &str = "SF_INSTANCE_URL";

/// The running user's access token.
const ACCESS_TOKEN: &str = "SF_ACCESS_TOKEN";

/// Where the line goes. Has no `Debug`: it holds a token.
#[derive(PartialEq, Eq)]
pub(crate) enum Connection {
    /// The simulated org, with the records of this folder.
    SimulatedFrom(PathBuf),
    /// The simulated org, with the built-in sample records.
    SimulatedSample,
    /// A real org.
    Real {
        /// Its address.
        instance_url: String,
        /// An access token.
        access_token: String,
    },
}

/// The line of `check`: `--org` alone decides when given; else the environment; else the sample.
pub(crate) fn for_check(
    org: Option<&Path>,
    variables: &BTreeMap<String, String>,
) -> Result<(Connection, Option<Warning>), CliError> {
    if let Some(folder) = org {
        return Ok((Connection::SimulatedFrom(folder.to_path_buf()), None));
    }
    let half = |present, missing| Err(CliError::HalfConnection { present, missing });
    match (
        variable(variables, INSTANCE_URL),
        variable(variables, ACCESS_TOKEN),
    ) {
        (Some(url), Some(token)) => {
            let (instance_url, access_token) = (url.text, token.text);
            Ok((
                Connection::Real {
                    instance_url,
                    access_token,
                },
                None,
            ))
        }
        (Some(_), None) => half(INSTANCE_URL, ACCESS_TOKEN),
        (None, Some(_)) => half(ACCESS_TOKEN, INSTANCE_URL),
        (None, None) => Ok((Connection::SimulatedSample, Some(Warning::SampleOrg))),
    }
}

/// The line of `run`: a real org, or none.
pub(crate) fn for_run(
    org: Option<&Path>,
    variables: &BTreeMap<String, String>,
) -> Result<(Connection, Option<Warning>), CliError> {
    if org.is_some() {
        return Err(CliError::RunOnSimulated);
    }
    match for_check(None, variables)? {
        (Connection::SimulatedSample | Connection::SimulatedFrom(_), _) => {
            Err(CliError::NoConnection)
        }
        real @ (Connection::Real { .. }, _) => Ok(real),
    }
}

/// The line of `rehearse`: never a real org.
pub(crate) fn for_rehearsal(org: Option<&Path>) -> Connection {
    match org {
        Some(folder) => Connection::SimulatedFrom(folder.to_path_buf()),
        None => Connection::SimulatedSample,
    }
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

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_environment_names_a_real_org_with_both_variables_or_none() {
        let url = ("SF_INSTANCE_URL", "https://x.my.salesforce.com");
        let token = ("SF_ACCESS_TOKEN", "00D!secret");
        let choose = |pairs: &[(&str, &str)]| for_check(None, &environment(pairs));
        let real = Connection::Real {
            instance_url: url.1.to_owned(),
            access_token: token.1.to_owned(),
        };
        assert!(choose(&[url, token]).is_ok_and(|chosen| chosen == (real, None)));
        let sample = (Connection::SimulatedSample, Some(Warning::SampleOrg));
        assert!(choose(&[]).is_ok_and(|chosen| chosen == sample));
        assert!(choose(&[(url.0, ""), (token.0, "")]).is_ok_and(|chosen| chosen == sample));
        for (pair, told) in [
            (url, "`SF_INSTANCE_URL` is set and `SF_ACCESS_TOKEN` is not"),
            (
                token,
                "`SF_ACCESS_TOKEN` is set and `SF_INSTANCE_URL` is not",
            ),
        ] {
            let error = choose(&[pair]).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(told), "and the value stays untold");
        }
    }

    #[test]
    fn a_run_needs_a_real_org() {
        let url = ("SF_INSTANCE_URL", "https://x.my.salesforce.com");
        let token = ("SF_ACCESS_TOKEN", "00D!secret");
        let choose = |org: Option<&Path>, pairs: &[(&str, &str)]| for_run(org, &environment(pairs));
        assert!(choose(None, &[url, token]).is_ok());
        assert!(matches!(choose(None, &[]), Err(CliError::NoConnection)));
        assert!(matches!(
            choose(None, &[url]),
            Err(CliError::HalfConnection { .. })
        ));
        assert!(matches!(
            choose(Some(Path::new("org")), &[url, token]),
            Err(CliError::RunOnSimulated)
        ));
    }

    #[test]
    fn the_org_flag_decides_alone() {
        let variables = environment(&[("SF_ACCESS_TOKEN", "x")]);
        let folder = Connection::SimulatedFrom("org".into());
        let chosen = for_check(Some(Path::new("org")), &variables);
        assert!(chosen.is_ok_and(|chosen| chosen == (folder, None)));
        assert!(for_rehearsal(Some(Path::new("org"))) == Connection::SimulatedFrom("org".into()));
        assert!(for_rehearsal(None) == Connection::SimulatedSample);
    }

    #[test]
    fn variables_that_mean_nothing_are_named_with_what_may_be_meant() {
        let variables = environment(&[
            ("ADMIT_LANE", "1"),
            ("ADMIT_LANES", "1"),
            ("ADMITTED", ""),
            ("PATH", ""),
        ]);
        let warning = Warning::UnknownVariable {
            name: "ADMIT_LANE".to_owned(),
            near: vec!["ADMIT_LANES".to_owned()],
        };
        assert_eq!(unknown_variables(&variables), [warning]);
    }
}
