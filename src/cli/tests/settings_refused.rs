//! What no setting may be, and how that is said.

use crate::model::explain::{Exit, Explain};

use super::*;

#[test]
fn each_bad_value_names_its_flag_and_what_would_do() {
    for (flag, value, told) in [
        ("--lanes", "0", "a whole number from 1 to 50"),
        ("--lanes", "51", "a whole number from 1 to 50"),
        ("--lanes", "many", "a whole number from 1 to 50"),
        ("--rows-per-job", "0", "a whole number from 1 to 10000"),
        ("--rows-per-job", "10001", "a whole number from 1 to 10000"),
        ("--job-minutes", "0", "a whole number from 1 to 600"),
        ("--requests-per-second", "0", "a whole number from 1 to 500"),
        ("--threads", "0", "a whole number from 1 to 512"),
        ("--seed", "-1", "a whole number of at most 64 bits"),
        (
            "--api-version",
            "46.0",
            "an API version from 47.0 on, such as 67.0",
        ),
        (
            "--api-version",
            "v67",
            "an API version from 47.0 on, such as 67.0",
        ),
        (
            "--encoding",
            "klingon",
            "the label of an encoding, such as windows-1252 or utf-16le",
        ),
        (
            "--delimiter",
            "x",
            "one of comma, semicolon, tab, pipe, or one punctuation character",
        ),
        (
            "--delimiter",
            "\"",
            "one of comma, semicolon, tab, pipe, or one punctuation character",
        ),
        (
            "--delimiter",
            "§",
            "one of comma, semicolon, tab, pipe, or one punctuation character",
        ),
        (
            "--standard-profiles",
            "maybe",
            "one of unknown, refused and allowed",
        ),
        ("--profile", "  ", "a name"),
        ("--site", "", "a name"),
        ("--set", "Title", "Field=Value, such as Department=Sales"),
        ("--set", "Title=", "Field=Value, such as Department=Sales"),
        ("--map", "=Email", "Header=Field, such as Mail=Email"),
    ] {
        let told = format!(
            "`{flag}` is `{value}`, which is not {told} @ flag {flag} -> Give `{flag}` {told}."
        );
        let typed = format!("{flag}={value}");
        assert_eq!(Desk::new().problems(&[&typed]), [told], "{flag}");
    }
}

#[test]
fn a_username_pattern_must_make_distinct_addresses() {
    for pattern in [
        "{email}",
        "{email}.partners",
        "{first}.{last}@x.example",
        "{ContactId}@{account}.x",
    ] {
        let settled = Desk::new()
            .settle(&["--username-pattern", pattern])
            .unwrap();
        assert_eq!(settled.settings.program.username_pattern, pattern);
    }
    for (pattern, wants) in [
        (
            "{mail}",
            "placeholders from {email}, {first}, {last}, {contactid}, {account}",
        ),
        ("{email", "placeholders from"),
        ("email}", "placeholders from"),
        ("{{email}}", "placeholders from"),
        ("{}", "placeholders from"),
        ("everyone@x.example", "differs by person"),
        ("{account}@x.example", "differs by person"),
        ("{first}.{last}", "an @"),
        ("", "differs by person"),
    ] {
        let problems = Desk::new().problems(&["--username-pattern", pattern]);
        assert!(
            problems.len() == 1 && problems[0].contains(wants),
            "{pattern}: {problems:?}"
        );
    }
}

#[test]
fn fields_that_tell_people_apart_cannot_be_set_for_all() {
    for (pair, told) in [
        (
            "Username=a@b.c",
            "has a setting of its own @ flag --set -> Use `--username-pattern` instead.",
        ),
        (
            "User.nickname=x",
            "`--set` sets `User.nickname`, which cannot be the same for every user",
        ),
        (
            "ContactId=003",
            "`--set` sets `ContactId`, which cannot be the same for every user",
        ),
        (
            "Nickname=x",
            "`--set` sets `Nickname`, which cannot be the same for every user",
        ),
        (
            "ProfileId=00e",
            "`--set` sets `ProfileId`, which has a setting of its own",
        ),
        (
            "Not a field=x",
            "which is not Field=Value, with the API name of a User field",
        ),
    ] {
        let problems = Desk::new().problems(&["--set", pair]);
        assert!(
            problems.len() == 1 && problems[0].contains(told),
            "{pair}: {problems:?}"
        );
    }
    let twice = Desk::new().problems(&["--set", "Role=User", "--set", "PortalRole=Manager"]);
    assert_eq!(
        twice,
        [
            "`--set` gives `PortalRole` twice @ flag --set -> Keep one of the two values of `PortalRole`."
        ]
    );
}

#[test]
fn all_problems_are_said_at_once() {
    let desk = Desk::new()
        .variable("ADMIT_THREADS", "none")
        .config("lanes = 0\nlanse = 1\n");
    let problems = desk.problems(&["--seed", "x", "--program", "p"]);
    let starts = [
        "the settings file has a key `lanse`",
        "`--program`",
        "`lanes`",
        "`ADMIT_THREADS`",
        "`--seed`",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem} / {start}");
    }
}

#[test]
fn the_settings_file_is_told_by_line_and_key() {
    for (text, told) in [
        ("a = [", "the settings file is not valid TOML: "),
        ("lanes = 1\nlanes = 2", "admit.toml, line 2"),
        (
            "\nlanse = 1",
            "the settings file has a key `lanse` that admit does not know at the top level \
             @ admit.toml, line 2 -> Write `lanes` instead.",
        ),
        (
            "access-token = \"x\"",
            "the settings file has a key `access-token` that admit does not know at the top level \
             @ admit.toml, line 1 -> Remove the key; `admit check --help` lists the known ones.",
        ),
        (
            "[program.a]\n# comment\nlanes = 1",
            "the key `lanes` stands inside a section @ admit.toml, line 3 -> Move `lanes` to the \
             top of the file, above the first section.",
        ),
        (
            "[programs.a]\nsite = \"x\"",
            "the settings file has a key `programs`",
        ),
        (
            "program = \"a\"",
            "`program` is `string`, which is not a section `[program.NAME]`",
        ),
        (
            "lanes = [1]",
            "`lanes` is `array`, which is not a text, a number or a truth",
        ),
        (
            "set = \"Title=x\"",
            "`set` is `string`, which is not a table such as",
        ),
        (
            "set = { Title = \"\" }",
            "`Title` is ``, which is not a value @ admit.toml, line 1",
        ),
        (
            "lanes = \"x\"",
            "`lanes` is `x`, which is not a whole number",
        ),
        (
            "bom = \"perhaps\"",
            "`bom` is `perhaps`, which is not one of true and false",
        ),
        (
            "role = \"User\"\nset = { PortalRole = \"Manager\" }",
            "gives `PortalRole` twice",
        ),
    ] {
        let problems = Desk::new().config(text).problems(&[]);
        assert!(
            problems.len() == 1 && problems[0].contains(told),
            "{text}: {problems:?}"
        );
        assert!(
            problems[0].contains("admit.toml, line "),
            "{text}: {problems:?}"
        );
    }
}

#[test]
fn an_unknown_program_names_those_there_are() {
    let desk = Desk::new().config("[program.partners]\n[program.customers]\n");
    assert_eq!(
        desk.problems(&["--program", "partner"]),
        [
            "`--program` names the program `partner`, which the settings file does not have \
          @ flag --program -> Name one of its programs: `customers` or `partners`."
        ]
    );
    assert_eq!(
        Desk::new().variable("ADMIT_PROGRAM", "x").problems(&[]),
        [
            "`ADMIT_PROGRAM` names the program `x`, which the settings file does not have \
          @ environment variable ADMIT_PROGRAM -> Add a section `[program.x]` to the settings file."
        ]
    );
}

#[test]
fn files_and_folders_are_looked_at_before_anything_begins() {
    let desk = Desk::new();
    let here = |name: &str| desk.path().join(name).display().to_string();
    std::fs::create_dir(desk.path().join("empty")).unwrap();
    for (flags, told) in [
        (vec!["--out", &here("empty")], None),
        (vec!["--out", &here("new/deep")], None),
        (
            vec!["--out", &here(".")],
            Some("the run folder is not empty"),
        ),
        (
            vec!["--out", &here("contacts.csv")],
            Some("the folder cannot be used"),
        ),
        (
            vec!["--sdl", &here("no.sdl")],
            Some("the mapping file cannot be read"),
        ),
        (
            vec!["--config", &here("no.toml")],
            Some("the settings file cannot be read"),
        ),
    ] {
        let problems = desk.problems(&flags);
        match told {
            None => assert!(problems.is_empty(), "{problems:?}"),
            Some(told) => assert!(
                problems.len() == 1 && problems[0].starts_with(told),
                "{problems:?}"
            ),
        }
    }
}

#[test]
fn a_missing_contacts_file_is_an_unreadable_input() {
    let desk = Desk::new();
    for name in ["nosuch.csv", "."] {
        let path = desk.path().join(name).display().to_string();
        let problems = settle(
            pipeline::Command::Check,
            &walk_args(&path, &[]),
            &desk.surroundings(),
        )
        .unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].exit(), Exit::Input, "{name}");
    }
}

#[test]
fn without_a_home_the_state_folder_must_be_named() {
    let desk = Desk::new();
    let contacts = desk.path().join("contacts.csv").display().to_string();
    let around = Surroundings {
        home: None,
        ..desk.surroundings()
    };
    let problems = settle(
        pipeline::Command::Check,
        &walk_args(&contacts, &[]),
        &around,
    )
    .unwrap_err();
    assert!(
        matches!(problems[..], [CliError::NoStateDir]),
        "{problems:?}"
    );
    assert!(
        settle(
            pipeline::Command::Check,
            &walk_args(&contacts, &["--state-dir", "x"]),
            &around
        )
        .is_ok()
    );
}
