//! The help tells what exists, all of it and nothing else.

use clap::CommandFactory;

use super::super::config_file::SET_KEYS;
use super::super::layers::{Scope, Setting};
use super::*;

fn help(words: &[&str]) -> String {
    Cli::try_parse_from(words).unwrap_err().to_string()
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn help_names_every_flag_variable_key_and_exit_code() {
    let help = help(&["admit", "check", "--help"]);
    for setting in Setting::ALL {
        assert!(
            help.contains(&format!("--{}", setting.name())),
            "--{}",
            setting.name()
        );
        assert!(help.contains(&setting.variable()), "{}", setting.variable());
        let keys = &help[help.find("Top level:").unwrap()..];
        assert!(
            setting.scope() != Scope::Top || keys.contains(setting.name()),
            "{setting:?}"
        );
        let keys = &help[help.find("  Program:").unwrap()..];
        assert!(
            setting.scope() != Scope::Program || keys.contains(setting.name()),
            "{setting:?}"
        );
    }
    for (key, _) in SET_KEYS {
        assert!(help.contains(key), "{key}");
    }
    for code in 0..=8 {
        assert!(help.contains(&format!("  {code}  ")), "exit code {code}");
    }
    for name in [
        "SF_INSTANCE_URL",
        "SF_ACCESS_TOKEN",
        "SF_ORG_API_VERSION",
        "NO_COLOR",
    ] {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn the_settings_file_of_the_help_is_a_good_one() {
    let help = help(&["admit", "check", "--help"]);
    let example = &help[help.find("  lanes = 6").unwrap()..help.find("  Top level:").unwrap()];
    let desk = Desk::new().config(example);
    assert_eq!(desk.problems(&["--program", "partners"]), [""; 0]);
}

#[test]
fn the_defaults_told_by_help_are_the_defaults() {
    let help = help(&["admit", "check", "--help"]);
    let settings = Desk::new().settle(&[]).unwrap().settings;
    for told in [
        format!(
            "Jobs at once, where several may be [default: {}]",
            settings.pacing.lanes
        ),
        format!(
            "Requests per second [default: {}]",
            settings.pacing.requests_per_second
        ),
        format!("API version [default: {}]", settings.api_version),
        format!("Seed of everything random [default: {}]", settings.seed),
        format!("[default: {}]", settings.program.username_pattern),
    ] {
        assert!(help.contains(&told), "{told}");
    }
}

#[test]
fn a_slip_in_a_flag_is_a_usage_error_with_a_hint() {
    let error = Cli::try_parse_from(["admit", "check", "x.csv", "--lanse", "2"]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--lanes"), "{error}");
}
