//! Which of several sayings holds: flag, variable, program, file, default.

use std::path::PathBuf;

use crate::model::settings::{
    GuardSettings, PacingSettings, ProgramSettings, StandardProfiles, UsernameConflict, Welcome,
};

use super::super::layers::Setting;
use super::*;

const FILE: &str = "\
lanes = 2
requests-per-second = 5
[program.partners]
profile = \"Partner\"
";

#[test]
fn with_nothing_said_the_defaults_hold() {
    let settled = Desk::new().settle(&[]).unwrap();
    let settings = settled.settings;
    assert!(settled.out_made_up);
    assert_eq!(
        settings.out,
        PathBuf::from("admit-runs/2026-01-05T080000Z-contacts")
    );
    assert_eq!(
        settings.state_dir,
        PathBuf::from("/home/ada/.local/state/admit")
    );
    assert_eq!(settings.program, ProgramSettings::default());
    assert_eq!(settings.pacing, PacingSettings::default());
    assert_eq!(
        (
            settings.api_version.as_str(),
            settings.threads,
            settings.seed
        ),
        ("67.0", 3, 0)
    );
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    for (flags, variable, lanes) in [
        (&["--lanes", "9"][..], Some("7"), 9),
        (&["--lanes", "9"], None, 9),
        (&[], Some("7"), 7),
        (&[], Some(""), 2),
        (&[], None, 2),
    ] {
        let mut desk = Desk::new().config(FILE);
        if let Some(value) = variable {
            desk = desk.variable("ADMIT_LANES", value);
        }
        let pacing = desk.settle(flags).unwrap().settings.pacing;
        assert_eq!(pacing.lanes, lanes, "{flags:?} {variable:?}");
        assert_eq!(
            pacing.requests_per_second, 5,
            "the file still speaks of the rest"
        );
    }
}

#[test]
fn every_setting_with_a_value_can_be_set_by_its_variable() {
    let desk = Desk::new()
        .config(FILE)
        .variable("ADMIT_PROGRAM", "partners");
    let sdl = desk.path().join("contacts.csv").display().to_string();
    let desk = [
        ("ADMIT_OUT", "runs/x"),
        ("ADMIT_STATE_DIR", "state"),
        ("ADMIT_SITE", "Central"),
        ("ADMIT_USERNAME_PATTERN", "{email}.x"),
        ("ADMIT_USERNAME_ON_CONFLICT", "suffix"),
        ("ADMIT_STANDARD_PROFILES", "refused"),
        ("ADMIT_ENCODING", "windows-1252"),
        ("ADMIT_DELIMITER", "semicolon"),
        ("ADMIT_BOM", "true"),
        ("ADMIT_SDL", &sdl),
        ("ADMIT_ROWS_PER_JOB", "25"),
        ("ADMIT_JOB_MINUTES", "9"),
        ("ADMIT_API_VERSION", "66"),
        ("ADMIT_THREADS", "2"),
        ("ADMIT_SEED", "11"),
        ("ADMIT_RESERVE", "25"),
    ]
    .into_iter()
    .fold(desk, |desk, (name, value)| desk.variable(name, value));
    let settled = desk.settle(&[]).unwrap();
    let settings = settled.settings;
    assert!(!settled.out_made_up);
    assert_eq!(settings.out, PathBuf::from("runs/x"));
    assert_eq!(settings.state_dir, PathBuf::from("state"));
    assert_eq!(settings.program.profile.as_deref(), Some("Partner"));
    assert_eq!(settings.program.site.as_deref(), Some("Central"));
    assert_eq!(settings.program.username_pattern, "{email}.x");
    assert_eq!(
        settings.program.username_on_conflict,
        UsernameConflict::Suffix
    );
    assert_eq!(
        settings.program.standard_profiles,
        StandardProfiles::Refused
    );
    assert_eq!(settings.input.encoding.as_deref(), Some("windows-1252"));
    assert_eq!(settings.input.delimiter, Some(b';'));
    assert!(settings.input.output_bom);
    assert_eq!(settings.input.sdl, Some(PathBuf::from(sdl)));
    assert_eq!(settings.pacing.rows_per_job, Some(25));
    assert_eq!(settings.pacing.job_minutes, 9);
    assert_eq!(settings.api_version, "66.0");
    assert_eq!((settings.threads, settings.seed), (2, 11));
    assert_eq!(settings.pacing.reserve_percent, 25);
}

#[test]
fn what_happens_to_a_taken_username_is_said_by_flag_or_program() {
    let said = |desk: &Desk, flags: &[&str]| {
        let settled = desk.settle(flags).unwrap();
        settled.settings.program.username_on_conflict
    };
    let desk = Desk::new().config("[program.partners]\nusername-on-conflict = \"suffix\"\n");
    assert_eq!(said(&desk, &[]), UsernameConflict::Report);
    let partners = ["--program", "partners"];
    assert_eq!(said(&desk, &partners), UsernameConflict::Suffix);
    let flags = ["--program", "partners", "--username-on-conflict", "Report"];
    assert_eq!(said(&desk, &flags), UsernameConflict::Report);
    let problems = desk.problems(&["--username-on-conflict", "rename"]);
    assert!(problems[0].contains("report and suffix"), "{problems:?}");
}

#[test]
fn the_api_version_of_sf_counts_where_ours_is_silent() {
    let desk = Desk::new().variable("SF_ORG_API_VERSION", "60.0");
    assert_eq!(desk.settle(&[]).unwrap().settings.api_version, "60.0");
    let desk = desk.variable("ADMIT_API_VERSION", "61.0");
    assert_eq!(desk.settle(&[]).unwrap().settings.api_version, "61.0");
    assert_eq!(
        desk.settle(&["--api-version", "62"])
            .unwrap()
            .settings
            .api_version,
        "62.0"
    );
}

#[test]
fn a_program_beats_the_top_level_and_flags_beat_both() {
    let desk = Desk::new().config(
        "site = \"Old\"\ntime-zone = \"Europe/Paris\"\nset = { Title = \"Guest\", City = \"Bonn\" }\n\
         [program.partners]\nsite = \"New\"\nrole = \"Manager\"\nset = { title = \"Partner\" }\n\
         [program.empty]\n",
    );
    let of = |flags: &[&str]| desk.settle(flags).unwrap().settings.program;
    let set = |program: &ProgramSettings| {
        let pairs: Vec<_> = program
            .set
            .iter()
            .map(|(field, value)| format!("{field}={value}"))
            .collect();
        pairs.join(" ")
    };
    let top = of(&[]);
    assert_eq!(
        set(&top),
        "TimeZoneSidKey=Europe/Paris Title=Guest City=Bonn"
    );
    assert_eq!(top.site.as_deref(), Some("Old"));
    let chosen = of(&["--program", "partners"]);
    assert_eq!(
        set(&chosen),
        "TimeZoneSidKey=Europe/Paris Title=Partner City=Bonn PortalRole=Manager"
    );
    assert_eq!(chosen.site.as_deref(), Some("New"));
    let flagged = of(&[
        "--program",
        "partners",
        "--set",
        "Role=User",
        "--set",
        "User.Fax=1=2",
    ]);
    assert_eq!(
        set(&flagged),
        "TimeZoneSidKey=Europe/Paris Title=Partner City=Bonn PortalRole=User Fax=1=2"
    );
    assert_eq!(of(&["--program", "empty"]), top);
}

#[test]
fn maps_grow_from_file_to_flags_and_headers_may_hold_equals_signs() {
    let desk = Desk::new().config("map = { Mail = \"Email\", Firma = \"Company\" }\n");
    let maps = desk
        .settle(&["--map", "mail=Username", "--map", "a=b=Fax"])
        .unwrap();
    let pair = |left: &str, right: &str| (left.to_owned(), right.to_owned());
    assert_eq!(
        maps.settings.input.maps,
        [
            pair("Mail", "Username"),
            pair("Firma", "Company"),
            pair("a=b", "Fax")
        ]
    );
}

#[test]
fn paths_in_the_file_start_at_the_file() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path().join("conf")).unwrap();
    std::fs::write(desk.path().join("conf/a.toml"), "state-dir = \"state\"\n").unwrap();
    let config = desk.path().join("conf/a.toml").display().to_string();
    let settled = desk.settle(&["--config", &config]).unwrap();
    assert_eq!(settled.settings.state_dir, desk.path().join("conf/state"));
}

#[test]
fn the_state_folder_follows_xdg_only_when_absolute() {
    for (value, expected) in [
        ("/var/state", "/var/state/admit"),
        ("relative", "/home/ada/.local/state/admit"),
        ("", "/home/ada/.local/state/admit"),
    ] {
        let settled = Desk::new()
            .variable("XDG_STATE_HOME", value)
            .settle(&[])
            .unwrap();
        assert_eq!(
            settled.settings.state_dir,
            PathBuf::from(expected),
            "{value}"
        );
    }
}

#[test]
fn odd_characters_of_a_file_name_do_not_reach_the_run_folder() {
    for (name, stem) in [("a b;c.csv", "a-b-c"), ("Müller.2026.csv", "Müller.2026")] {
        let desk = Desk::new();
        let file = desk.path().join(name);
        std::fs::write(&file, "").unwrap();
        let settled = settle(
            pipeline::Command::Check,
            &walk_args(file.to_str().unwrap(), &[]),
            &desk.surroundings(),
        )
        .unwrap();
        let expected = format!("admit-runs/2026-01-05T080000Z-{stem}");
        assert_eq!(settled.settings.out, PathBuf::from(expected));
    }
}

#[test]
fn delimiters_have_names() {
    for (value, byte) in [
        ("comma", b','),
        ("Semicolon", b';'),
        ("tab", b'\t'),
        ("\\t", b'\t'),
        ("pipe", b'|'),
        ("^", b'^'),
    ] {
        let settled = Desk::new().settle(&["--delimiter", value]).unwrap();
        assert_eq!(settled.settings.input.delimiter, Some(byte), "{value}");
    }
}

#[test]
fn names_of_a_setting_agree() {
    assert_eq!(
        Setting::RequestsPerSecond.variable(),
        "ADMIT_REQUESTS_PER_SECOND"
    );
    for setting in Setting::ALL {
        assert!(
            setting
                .name()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-'),
            "{setting:?}"
        );
    }
}

#[test]
fn a_program_may_expect_an_org_but_only_a_person_speaks_of_mails() {
    let expecting = "[program.partners]\nexpect-org = \"001000000000001\"\n";
    let desk = Desk::new().config(expecting);
    assert_eq!(
        desk.settle(&[]).unwrap().settings.guard,
        GuardSettings::default()
    );
    let problems = desk.problems(&["--program", "partners"]);
    assert!(
        problems[0].contains("15 or 18 characters that begin with 00D"),
        "{problems:?}"
    );
    let right = Desk::new().config(&expecting.replace("001000", "00D000"));
    let flags = ["--program", "partners", "--welcome", "Later"];
    let guard = right.settle(&flags).unwrap().settings.guard;
    assert_eq!(guard.expect_org.unwrap().to_string(), "00D000000000001EAA");
    assert_eq!(guard.welcome, Some(Welcome::Later));
    let wrong = Desk::new().problems(&["--welcome", "perhaps"]);
    assert!(
        wrong[0].contains("one of now, later and never"),
        "{wrong:?}"
    );
    let in_file = Desk::new().config("welcome = \"now\"\n").problems(&[]);
    assert!(in_file[0].contains("does not know"), "{in_file:?}");
}

#[test]
fn a_rehearsal_is_in_the_org_that_was_typed_and_in_no_other() {
    let desk = Desk::new().variable("ADMIT_EXPECT_ORG", "00D000000000001");
    let contacts = desk.path().join("contacts.csv");
    let rehearsed = |flags| {
        let args = walk_args(contacts.to_str().unwrap(), flags);
        let settled = settle(pipeline::Command::Rehearse, &args, &desk.surroundings());
        settled.unwrap().settings.guard.expect_org
    };
    assert_eq!(rehearsed(&[]), None);
    let typed = rehearsed(&["--expect-org", "00D000000000002"]);
    assert_eq!(typed.unwrap().to_string(), "00D000000000002EAA");
    assert!(
        desk.settle(&[])
            .unwrap()
            .settings
            .guard
            .expect_org
            .is_some()
    );
}

#[test]
fn a_long_first_wait_lengthens_the_longest() {
    let pacing = |flag| {
        Desk::new()
            .settle(&["--poll-ms", flag])
            .unwrap()
            .settings
            .pacing
    };
    assert_eq!(
        (pacing("20").poll_first_ms, pacing("20").poll_longest_ms),
        (20, 30_000)
    );
    assert_eq!(pacing("60000").poll_longest_ms, 60_000);
}
