//! What stderr says.

use crate::model::explain::Exit;

use super::super::notice::{Voice, Warning, error, warning};
use super::*;

fn said(voice: Voice, problem: &CliError) -> (String, Exit) {
    let mut out = Vec::new();
    let exit = error(&mut out, voice, problem);
    (String::from_utf8(out).unwrap(), exit)
}

#[test]
fn an_error_says_what_where_and_what_to_do() {
    let problem = CliError::OutTaken {
        path: "a\u{1b}[2J".to_owned(),
    };
    let (text, exit) = said(Voice::Text, &problem);
    assert_eq!(
        text,
        "error: the run folder is not empty\n   at: a [2J\n   \
         do: Name a new or empty folder with `--out`; each run has its own.\n"
    );
    assert_eq!(exit, Exit::Usage);
}

#[test]
fn machines_get_the_same_as_json() {
    let problem = CliError::OutTaken {
        path: "a".to_owned(),
    };
    let (text, _) = said(Voice::Json, &problem);
    assert_eq!(
        text,
        "{\"at\":\"a\",\"do\":\"Name a new or empty folder with `--out`; each run has its own.\",\
         \"event\":\"error\",\"exit\":2,\"message\":\"the run folder is not empty\"}\n"
    );
}

#[test]
fn warnings_are_one_line() {
    let mut out = Vec::new();
    let near = vec!["ADMIT_LANES".to_owned()];
    let name = "ADMIT_LANE".to_owned();
    warning(
        &mut out,
        Voice::Text,
        &Warning::UnknownVariable { name, near },
    );
    warning(&mut out, Voice::Json, &Warning::SampleOrg);
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with(
        "warning: the environment variable ADMIT_LANE means nothing to admit; use `ADMIT_LANES`\n\
         {\"code\":\"sample-org\",\"event\":\"warning\",\"text\":\"no org connection: "
    ));
}
