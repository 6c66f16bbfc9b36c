//! The street door: who is listened to, what goes to which stream, what is left on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::world::{Done, Table, World, sample};

/// Three rows that become users, by contact id alone; what they get comes from elsewhere.
const THREE: &str = "ContactId,Region__c\n\
                     0035g000010p2vgAAA,DACH\n\
                     0035g000010p3QeAAI,DACH\n\
                     0035g000010p3R8AAI,DACH\n";

fn summary(world: &World, out: &str) -> Value {
    serde_json::from_slice(&std::fs::read(world.path(out).join("summary.json")).unwrap()).unwrap()
}

/// The users that a rehearsal sent, by contact id: field and value.
fn sent(world: &World, out: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let files = world.files(out);
    let waves = files
        .iter()
        .filter(|(name, _)| name.contains("create-user"));
    let mut users = BTreeMap::new();
    for (_, wave) in waves {
        let Table { header, rows } = Table::read(wave);
        for row in rows {
            let user: BTreeMap<_, _> = header.iter().cloned().zip(row).collect();
            users.insert(user["ContactId"].clone(), user);
        }
    }
    users
}

/// One field of every user sent, in the order of their contact ids.
fn sent_values(world: &World, out: &str, field: &str) -> Vec<String> {
    let users = sent(world, out);
    users.values().map(|user| user[field].clone()).collect()
}

fn assert_done(done: &Done) {
    assert_eq!(done.code, 0, "{}", done.stderr);
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_program_which_beats_the_file() {
    let world = World::new();
    world.file("three.csv", THREE);
    world.file(
        "admit.toml",
        "username-pattern = \"{contactid}.file@x.example\"\nprofile = \"Acme Partner\"\n\
         [program.partners]\nusername-pattern = \"{contactid}.program@x.example\"\n",
    );
    let env = [("ADMIT_USERNAME_PATTERN", "{contactid}.env@x.example")];
    let flag = ["--username-pattern", "{contactid}.flag@x.example"];
    let program = ["--program", "partners"];
    let flag_and_program = [flag, program].concat();
    for (name, flags, env) in [
        ("file", &[][..], &[][..]),
        ("program", &program, &[]),
        ("env", &program, &env),
        ("flag", &flag_and_program, &env),
    ] {
        let words = [&["rehearse", "three.csv", "--out", name], flags].concat();
        assert_done(&world.admit_with(&words, env));
        for user in world.table(name, "success.csv").cells("admit__Username") {
            assert!(user.ends_with(&format!(".{name}@x.example")), "{user}");
        }
    }
}

#[test]
fn an_empty_variable_counts_as_not_set_and_an_unknown_one_is_said() {
    let world = World::new();
    world.file("three.csv", THREE);
    let words = ["rehearse", "three.csv", "--profile", "Acme Partner"];
    let done = world.admit_with(&words, &[("ADMIT_LANES", ""), ("ADMIT_LANE", "3")]);
    assert_done(&done);
    let warning = "warning: the environment variable ADMIT_LANE means nothing to admit; \
                   use `ADMIT_LANES`\n";
    assert!(done.stderr.contains(warning), "{}", done.stderr);
}

#[test]
fn a_program_of_the_settings_file_says_what_users_get() {
    let world = World::new();
    world.file("three.csv", THREE);
    world.file(
        "admit.toml",
        "time-zone = \"Europe/Paris\"\n\
         [program.partners]\nprofile = \"Acme Partner\"\nrole = \"Manager\"\n\
         language = \"fr\"\nset = { Department = \"Sales\", Title = \"Partner\" }\n\
         [program.customers]\nprofile = \"Acme Customer\"\n",
    );
    let rehearse = [
        "rehearse",
        "three.csv",
        "--out",
        "out",
        "--program",
        "partners",
    ];
    assert_done(&world.admit(&[&rehearse[..], &["--set", "Title=Boss"]].concat()));
    for (field, value) in [
        ("TimeZoneSidKey", "Europe/Paris"),
        ("LanguageLocaleKey", "fr"),
        ("PortalRole", "Manager"),
        ("Department", "Sales"),
        ("Title", "Boss"),
        ("ProfileId", "00e5g000010r87JAAQ"),
    ] {
        assert_eq!(sent_values(&world, "out", field), [value; 3], "{field}");
    }

    let done = world.admit(&["rehearse", "three.csv", "--program", "partner"]);
    assert_eq!(done.code, 2);
    assert_eq!(
        done.stderr,
        "error: `--program` names the program `partner`, which the settings file does not have\n   \
         at: flag --program\n   \
         do: Name one of its programs: `customers` or `partners`.\n"
    );
}

#[test]
fn all_that_is_wrong_with_the_command_line_is_said_at_once() {
    let world = World::new();
    world.file("three.csv", THREE);
    world.file("admit.toml", "lanse = 3\n\n[program.p]\nthreads = 2\n");
    let done = world.admit_with(
        &[
            "check",
            "nowhere.csv",
            "--lanes",
            "many",
            "--set",
            "FederationIdentifier=x",
        ],
        &[("ADMIT_SEED", "-1"), ("SF_ACCESS_TOKEN", "hunter2")],
    );
    assert_eq!(done.code, 2);
    let places: Vec<&str> = done
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("   at: "))
        .collect();
    for place in [
        "nowhere.csv",
        "admit.toml, line 1",
        "admit.toml, line 4",
        "flag --lanes",
        "flag --set",
        "environment variable ADMIT_SEED",
        "environment variables of the login",
    ] {
        assert!(places.contains(&place), "{place}: {}", done.stderr);
    }
    assert!(!done.stderr.contains("hunter2"));
    assert!(!world.path("admit-runs").exists(), "nothing was begun");
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_sent() {
    let world = World::new();
    world.file("three.csv", THREE);
    for (flags, code, what) in [
        (["--encoding", "klingon"], 2, "klingon"),
        (["--delimiter", "a"], 2, "a"),
        (
            ["--map", "Nothing=Email"],
            5,
            "the CSV has no `Nothing` column",
        ),
        (["--set", "Hat__c=x"], 2, "Hat__c"),
        (["--set", "TimeZoneSidKey=Mars/Base"], 2, "TimeZoneSidKey"),
        (["--profile", "Nobody"], 8, "Nobody"),
        (["--profile", "Acme Sales"], 8, "Acme Sales"),
        (["--site", "Nowhere"], 8, "there is no site \"Nowhere\""),
        (["--username-pattern", "{mail}"], 2, "mail"),
        (["--rows-per-job", "0"], 2, "--rows-per-job"),
        (
            ["--sdl", "nowhere.sdl"],
            2,
            "the mapping file cannot be read",
        ),
        (
            ["--config", "nowhere.toml"],
            2,
            "the settings file cannot be read",
        ),
        (
            ["--org", "nowhere"],
            2,
            "the simulated org cannot be seeded",
        ),
        (["--api-version", "new"], 2, "--api-version"),
    ] {
        let out = flags.join("").replace("--", "of-");
        let words = ["check", "three.csv", "--out", &out, flags[0], flags[1]];
        let done = world.admit(&words);
        assert_eq!(done.code, code, "{flags:?}: {}", done.stderr);
        assert_eq!(done.stdout, "");
        let error = &done.stderr[done.stderr.find("error: ").unwrap()..];
        assert!(error.contains(what), "{flags:?}: {error}");
        assert!(
            error.contains("\n   at: ") && error.contains("\n   do: "),
            "{error}"
        );
        assert!(!world.path(&out).join("failure.csv").exists());
    }
}

#[test]
fn json_is_the_summary_on_stdout_and_lines_on_stderr() {
    let world = World::new();
    for verb in ["check", "rehearse"] {
        let contacts = sample("nasty/ragged.csv");
        let words = [verb, contacts.to_str().unwrap(), "--out", verb, "--json"];
        let done = world.admit(&words);
        assert_eq!(done.code, 3, "{}", done.stderr);
        let printed: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(printed, summary(&world, verb));
        assert_eq!(printed["command"], verb);
        let mut events = Vec::new();
        for line in done.stderr.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            events.push(line["event"].as_str().unwrap().to_owned());
        }
        for event in ["stage-started", "stage-ended", "log"] {
            assert!(events.iter().any(|e| e == event), "{event}: {events:?}");
        }
    }

    let done = world.admit(&["check", "nowhere.csv", "--json"]);
    assert_eq!((done.code, done.stdout.as_str()), (5, ""));
    let error: Value = serde_json::from_str(&done.stderr).unwrap();
    assert_eq!(
        (&error["event"], &error["exit"]),
        (&"error".into(), &5.into())
    );
    assert_eq!(error["at"], "nowhere.csv");
}

#[test]
fn stdout_has_the_summary_and_stderr_all_the_rest() {
    let world = World::new();
    let contacts = sample("contacts.csv");
    for verb in ["check", "rehearse"] {
        let done = world.admit(&[verb, contacts.to_str().unwrap(), "--out", verb]);
        assert_eq!(done.code, 3);
        assert!(done.stdout.contains("What became of the rows"));
        assert!(!done.stderr.contains("What became of the rows"));
        for word in ["warning: ", "reading the org", "writing files"] {
            assert!(!done.stdout.contains(word), "{}", done.stdout);
        }
        let starts = |start: &str| done.stderr.lines().filter(|line| *line == start).count();
        assert_eq!(starts("reading the org"), 1, "{}", done.stderr);
        let no_escapes = !done.stderr.contains('\u{1b}') && !done.stdout.contains('\u{1b}');
        assert!(no_escapes, "not a terminal: no bars and no colours");
    }
}

#[test]
fn progress_ends_where_its_total_said_it_would() {
    let world = World::new();
    let done = world.rehearse(&sample("contacts.csv"), "out", &[]);
    for stage in ["provisioning", "writing files"] {
        let of = |start: String| {
            let line = done
                .stderr
                .lines()
                .find_map(|line| line.strip_prefix(&start));
            line.unwrap_or_else(|| panic!("no {start}: {}", done.stderr))
                .to_owned()
        };
        let total = of(format!("{stage}: "));
        assert_eq!(of(format!("{stage}: done, ")), total, "{stage}");
    }
}

#[test]
fn the_counts_of_the_summary_are_those_of_the_files() {
    let world = World::new();
    // Two cells of a row are too long: one code, twice.
    let long = "x".repeat(300);
    let mut contacts = std::fs::read(sample("contacts.csv")).unwrap();
    let header = String::from_utf8_lossy(&contacts);
    let header: Vec<&str> = header.lines().next().unwrap().split(',').collect();
    let cells = header.iter().map(|name| match *name {
        "FirstName" | "LastName" | "First Name" | "Last Name" => long.as_str(),
        _ => "",
    });
    contacts.extend((cells.collect::<Vec<_>>().join(",") + "\n").into_bytes());
    let contacts = world.file("long.csv", contacts);
    for verb in ["rehearse", "check"] {
        world.run(verb, &contacts, verb, &[]);
        let summary = summary(&world, verb);
        assert_counts_are_those_of_the_files(&world, verb, &summary);
    }
}

fn assert_counts_are_those_of_the_files(world: &World, out: &str, summary: &serde_json::Value) {
    let outcomes = summary["outcomes"].as_object().unwrap();
    let count = |name: &str| {
        outcomes
            .get(name)
            .map_or(0, |count| count.as_u64().unwrap())
    };
    let failure = world.table(out, "failure.csv");
    if out == "rehearse" {
        let success = world.table(out, "success.csv").rows.len() as u64;
        assert_eq!(count("created"), success);
        assert_eq!(count("would-send"), 0);
    } else {
        assert_eq!(count("would-send"), summary["plan"]["accepted"]);
    }
    for stage in ["rejected", "failed", "unprocessed", "unaccounted"] {
        let rows = failure.cells("admit__Stage");
        let rows = rows.into_iter().filter(|cell| *cell == stage).count();
        assert_eq!(count(stage), rows as u64, "{stage}");
    }
    let mut by_code: BTreeMap<String, u64> = BTreeMap::new();
    let mut of_plan = by_code.clone();
    for (codes, stage) in failure
        .cells("admit__Code")
        .iter()
        .zip(failure.cells("admit__Stage"))
    {
        for code in codes.split(" | ").collect::<BTreeSet<_>>() {
            *by_code.entry(code.to_owned()).or_default() += 1;
            if stage == "rejected" {
                *of_plan.entry(code.to_owned()).or_default() += 1;
            }
        }
    }
    let mut codes = failure.cells("admit__Code").into_iter();
    assert!(codes.any(|codes| codes.contains("field-too-long | field-too-long")));
    let said = |counts: &serde_json::Value| serde_json::from_value(counts.clone()).unwrap();
    assert_eq!(by_code, said(&summary["failures_by_code"]));
    assert_eq!(of_plan, said(&summary["plan"]["by_code"]));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let world = World::new();
    world.file("three.csv", THREE);
    let rehearse = [
        "rehearse",
        "three.csv",
        "--profile",
        "Acme Partner",
        "--out",
    ];
    let cases: [(&[&str], &[&str], i32); 4] = [
        (&rehearse, &["out"], 0),
        (&rehearse, &["json", "--json"], 0),
        (&["explain"], &[], 0),
        (&["--help"], &[], 0),
    ];
    for (words, more, code) in cases {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_admit"));
        command.args(words).args(more).current_dir(world.path(""));
        command.env_clear().env("HOME", world.path(""));
        let output = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {stderr}");
        assert!(
            !stderr.contains("panicked") && !stderr.contains("ipe"),
            "{stderr}"
        );
    }
    assert_eq!(world.table("out", "success.csv").rows.len(), 3);
}

#[test]
fn nobody_reading_the_errors_changes_nothing() {
    let world = World::new();
    world.file("three.csv", THREE);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_admit"));
    command.args([
        "rehearse",
        "three.csv",
        "--profile",
        "Acme Partner",
        "--out",
        "out",
    ]);
    command
        .current_dir(world.path(""))
        .env_clear()
        .env("HOME", world.path(""));
    let output = command
        .stderr(writer)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(world.table("out", "success.csv").rows.len(), 3);
}

#[test]
fn a_run_folder_that_holds_something_is_left_alone() {
    let world = World::new();
    world.file("three.csv", THREE);
    std::fs::create_dir(world.path("out")).unwrap();
    world.file("out/mine.txt", "mine");
    for verb in ["check", "rehearse"] {
        let done = world.admit(&[verb, "three.csv", "--out", "out"]);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""));
        assert_eq!(
            done.stderr,
            "error: the run folder is not empty\n   at: out\n   \
             do: Name a new or empty folder with `--out`; each run has its own.\n"
        );
    }
    let files = world.files("out");
    assert_eq!(files.keys().collect::<Vec<_>>(), ["mine.txt"]);
}

#[test]
fn a_run_without_a_folder_makes_one_of_its_own() {
    let world = World::new();
    world.file("three.csv", THREE);
    for _ in 0..3 {
        let words = ["rehearse", "three.csv", "--profile", "Acme Partner"];
        assert_done(&world.admit(&words));
    }
    let mut folders: Vec<String> = std::fs::read_dir(world.path("admit-runs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders.len(), 3);
    for folder in folders {
        let (time, rest) = folder.split_at("2026-01-05T080000Z".len());
        assert!(
            time.ends_with('Z') && rest.starts_with("-three"),
            "{folder}"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_their_owner_may_read_the_files_of_a_run() {
    use std::os::unix::fs::PermissionsExt;
    fn look(path: &Path, seen: &mut usize) {
        let data = std::fs::metadata(path).unwrap();
        let mode = data.permissions().mode() & 0o777;
        *seen += 1;
        if data.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            for entry in std::fs::read_dir(path).unwrap() {
                look(&entry.unwrap().path(), seen);
            }
        } else {
            assert_eq!(mode, 0o600, "{}", path.display());
        }
    }
    let world = World::new();
    let open = world.path("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
    world.rehearse(&sample("contacts.csv"), "open", &[]);
    world.check(&sample("contacts.csv"), "a/b", &[]);
    world.admit(&["rehearse", sample("contacts.csv").to_str().unwrap()]);
    for folder in ["open", "a", "admit-runs"] {
        let mut seen = 0;
        look(&world.path(folder), &mut seen);
        assert!(seen > 8, "{folder} has files");
    }
}

#[test]
fn a_mended_row_of_the_failure_file_succeeds_and_the_others_stay() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "first", &[]);
    let failure = world.table("first", "failure.csv");
    let zone = failure.column("Time Zone");
    let code = failure.column("admit__Code");
    let mut mended = Vec::new();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&failure.header).unwrap();
    for row in &failure.rows {
        let mut row = row.clone();
        if row[code] == "timezone-unknown" {
            row[zone] = "Europe/Berlin".into();
            mended.push(row[failure.column("ContactId")].clone());
        }
        writer.write_record(&row).unwrap();
    }
    assert!(!mended.is_empty());
    let file = world.file("mended.csv", writer.into_inner().unwrap());
    let done = world.rehearse(&file, "second", &[]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let success = world.table("second", "success.csv");
    let created = success.cells("ContactId");
    assert!(mended.iter().all(|id| created.contains(&id.as_str())));
    let left = world.table("second", "failure.csv");
    assert_eq!(left.rows.len() + success.rows.len(), failure.rows.len());
    assert!(!left.cells("admit__Code").contains(&"timezone-unknown"));
    let ignored = "warning: columns of an earlier run are ignored and not repeated: admit__Line";
    assert!(done.stderr.contains(ignored), "{}", done.stderr);
}

#[test]
fn the_success_file_is_an_input_too_and_its_outcome_columns_are_replaced() {
    let world = World::new();
    let file = world.file("three.csv", THREE);
    let flags = ["--profile", "Acme Partner"];
    assert_done(&world.rehearse(&file, "first", &flags));
    assert_done(&world.rehearse(&world.path("first/success.csv"), "second", &flags));
    assert_eq!(
        std::fs::read(world.path("first/success.csv")).unwrap(),
        std::fs::read(world.path("second/success.csv")).unwrap(),
        "the simulated org begins anew each time"
    );
}

#[test]
fn the_second_row_of_one_person_is_rejected() {
    let world = World::new();
    let twice = format!("{THREE}{}", THREE.split_once('\n').unwrap().1);
    let file = world.file("twice.csv", twice);
    let done = world.rehearse(&file, "out", &["--profile", "Acme Partner"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert_eq!(world.table("out", "success.csv").rows.len(), 3);
    let failure = world.table("out", "failure.csv");
    assert_eq!(failure.cells("admit__Line"), ["5", "6", "7"]);
    for codes in failure.cells("admit__Code") {
        assert!(codes.contains("duplicate-contact"), "{codes}");
    }
}

#[test]
fn set_fills_what_a_row_leaves_out_and_nothing_else() {
    let world = World::new();
    let rows = "ContactId,Department,Region__c\n\
                0035g000010p2vgAAA,Own,DACH\n\
                0035g000010p3QeAAI,,DACH\n";
    let file = world.file("rows.csv", rows);
    let flags = [
        "--profile",
        "acme partner",
        "--set",
        "Department=Sales = all",
    ];
    let more = [&flags[..], &["--set", "TimeZoneSidKey=Europe/Vienna"]].concat();
    assert_done(&world.rehearse(&file, "out", &more));
    assert_eq!(
        sent_values(&world, "out", "Department"),
        ["Own", "Sales = all"]
    );
    assert_eq!(
        sent_values(&world, "out", "TimeZoneSidKey"),
        ["Europe/Vienna"; 2]
    );
    let success = world.table("out", "success.csv");
    assert_eq!(
        success.cells("Department"),
        ["Own", ""],
        "cells stay as they came"
    );
}

#[test]
fn map_says_what_a_column_means() {
    let world = World::new();
    let rows = "Id,Mail,Profil,Raum\n\
                0035g000010p2vgAAA,somebody@x.example,Acme Partner,DACH\n";
    let file = world.file("rows.csv", rows);
    let maps = [
        "Id=ContactId",
        "Mail=Email",
        "Profil=Profile",
        "raum=Region__c",
    ];
    let flags: Vec<&str> = maps.iter().flat_map(|map| ["--map", *map]).collect();
    assert_done(&world.rehearse(&file, "out", &flags));
    assert_eq!(sent_values(&world, "out", "Email"), ["somebody@x.example"]);
    assert_eq!(sent_values(&world, "out", "Region__c"), ["DACH"]);
}

#[test]
fn a_data_loader_mapping_file_is_understood() {
    let world = World::new();
    let sdl = sample("contacts.sdl");
    let flags = ["--sdl", sdl.to_str().unwrap()];
    assert_done(&world.rehearse(&sample("contacts-dataloader.csv"), "out", &flags));
    let success = world.table("out", "success.csv");
    assert_eq!(success.rows.len(), 12);
    assert_eq!(success.cells("LOGIN"), success.cells("admit__Username"));
    let users = sent(&world, "out");
    for row in &success.rows {
        let cell = |name: &str| &row[success.column(name)];
        let user = &users[cell("CONTACT ID")];
        assert_eq!(&user["LastName"], cell("SURNAME"));
        assert_eq!(&user["Region__c"], cell("SALES REGION"));
        assert!(!user.values().any(|value| value == cell("REMARKS")));
    }
}

#[test]
fn usernames_follow_their_pattern() {
    let world = World::new();
    let file = world.file("three.csv", THREE);
    let flags = [
        "--profile",
        "Acme Partner",
        "--username-pattern",
        "{email}.partners",
    ];
    assert_done(&world.rehearse(&file, "out", &flags));
    let success = world.table("out", "success.csv");
    assert_eq!(
        success.cells("admit__Username"),
        [
            "goetz.jaeger@kranich-moebelwerke.example.com.partners",
            "juergen.mueller@falkenberg-kaeltetechnik-ch.example.net.partners",
            "matthias.weiss@falkenberg-kaeltetechnik-ch.example.net.partners",
        ]
    );
}

#[test]
fn outputs_have_a_byte_order_mark_where_it_is_asked_for() {
    let world = World::new();
    let file = world.file("three.csv", THREE);
    let flags = ["--profile", "Acme Partner"];
    assert_done(&world.rehearse(&file, "without", &flags));
    assert_done(&world.rehearse(&file, "with", &["--profile", "Acme Partner", "--bom"]));
    for name in ["success.csv", "failure.csv"] {
        let read = |out: &str| std::fs::read(world.path(out).join(name)).unwrap();
        assert_eq!(
            read("with"),
            [b"\xef\xbb\xbf", &read("without")[..]].concat()
        );
    }
}

#[test]
fn the_folder_of_the_sample_org_is_the_built_in_sample() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "built-in", &[]);
    let org = sample("org");
    let flags = ["--org", org.to_str().unwrap()];
    world.rehearse(&sample("contacts.csv"), "folder", &flags);
    assert!(world.files("built-in") == world.files("folder"));
}

#[test]
fn a_token_is_never_shown_or_stored() {
    let world = World::new();
    world.file("three.csv", THREE);
    for url in [
        "http://org.example.com",
        "https://joe:hunter2@org.example.com",
    ] {
        let env = [("SF_INSTANCE_URL", url), ("SF_ACCESS_TOKEN", "00Dhunter2")];
        let done = world.admit_with(&["check", "three.csv", "--out", "out"], &env);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(done.stderr.contains("do: Give the org's My Domain address"));
        assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
        assert!(!world.path("out").exists(), "nothing was begun");
    }
}

#[test]
fn an_input_that_changes_under_the_run_is_noticed_or_was_read_before() {
    let world = World::new();
    let file = world.file("three.csv", THREE);
    let before = std::fs::read(&file).unwrap();
    assert_done(&world.rehearse(&file, "out", &["--profile", "Acme Partner"]));
    assert_eq!(
        std::fs::read(&file).unwrap(),
        before,
        "the input is never written"
    );
    let mut grown = std::fs::OpenOptions::new()
        .append(true)
        .open(&file)
        .unwrap();
    grown.write_all(b"0035g000010p2vgAAA,DACH\n").unwrap();
    let done = world.rehearse(&file, "again", &["--profile", "Acme Partner"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
}
