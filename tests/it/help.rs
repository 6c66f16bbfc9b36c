//! What admit says of itself: help texts and `explain`, as snapshots.

use admit::model::rejection::Code;

use crate::world::{Done, World};

fn admit(words: &[&str]) -> Done {
    World::new().admit(words)
}

#[test]
fn help_texts() {
    for (name, words) in [
        ("help", &["--help"][..]),
        ("help_short", &["-h"]),
        ("check", &["check", "--help"]),
        ("check_short", &["check", "-h"]),
        ("rehearse", &["rehearse", "--help"]),
        ("resume", &["resume", "--help"]),
        ("abort", &["abort", "--help"]),
        ("explain", &["explain", "--help"]),
    ] {
        let done = admit(words);
        assert_eq!(done.code, 0, "{name}");
        assert_eq!(done.stderr, "", "{name}");
        insta::assert_snapshot!(format!("help_{name}"), done.stdout);
    }
}

#[test]
fn only_a_check_and_a_pull_promise_the_sample_where_no_org_is_named() {
    let checked = "the file is checked against the built-in sample org";
    let read = "the built-in sample org is read";
    let sample = "built-in sample org";
    for (words, promises) in [
        (&["check", "--help"][..], checked),
        (&["check", "-h"], checked),
        (&["org", "pull", "--help"], read),
    ] {
        let page = admit(words).stdout;
        assert!(page.contains(promises), "{words:?}: {page}");
    }
    for words in ["run", "resume", "abort"] {
        let page = admit(&[words, "--help"]).stdout;
        let (_, about) = page.split_once("Connection: --target-org").unwrap();
        assert!(!about.contains(sample), "{words}: {about}");
        assert!(about.contains("the exit code is 2"), "{words}: {about}");
    }
}

#[test]
fn without_a_command_the_help_is_an_error() {
    let done = admit(&[]);
    assert_eq!(done.code, 2);
    assert_eq!(done.stdout, "");
    assert_eq!(done.stderr, admit(&["-h"]).stdout);
}

#[test]
fn a_flag_that_does_not_exist_is_an_error_with_a_suggestion() {
    let done = admit(&["check", "contacts.csv", "--lane", "3"]);
    assert_eq!(done.code, 2);
    assert_eq!(done.stdout, "");
    assert!(done.stderr.contains("--lanes"), "{}", done.stderr);
}

#[test]
fn the_version_is_the_packages() {
    let done = admit(&["--version"]);
    assert_eq!(done.code, 0);
    assert_eq!(
        done.stdout,
        format!("admit {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn help_has_no_line_that_a_terminal_would_break() {
    for words in [
        &["--help"][..],
        &["check", "--help"],
        &["explain", "--help"],
    ] {
        for line in admit(words).stdout.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn some_codes_explained() {
    for code in [
        "account-owner-without-role",
        "no-seat",
        "profile-standard",
        "row-encoding",
        "site-ambiguous",
    ] {
        let done = admit(&["explain", code]);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{code}");
        insta::assert_snapshot!(format!("explain_{code}"), done.stdout);
    }
}

#[test]
fn the_list_of_codes() {
    let done = admit(&["explain", "--list"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    assert_eq!(done.stdout, admit(&["explain"]).stdout);
    insta::assert_snapshot!("explain_list", done.stdout);
}

#[test]
fn every_code_is_explained_with_cause_proof_fix_and_source() {
    for code in Code::ALL {
        let done = admit(&["explain", code.as_str()]);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{code}");
        for fact in [
            "Effect",
            "Decided by",
            "Cause",
            "Known from",
            "Fix",
            "Source",
        ] {
            let text = done.stdout.lines().find_map(|line| line.strip_prefix(fact));
            let text = text.unwrap_or_else(|| panic!("{code} has no {fact}: {}", done.stdout));
            assert!(!text.trim().is_empty(), "{code}: nothing under {fact}");
        }
    }
}

#[test]
fn a_code_may_be_written_as_the_org_writes_codes() {
    let plain = admit(&["explain", "contact-not-found"]);
    let shouted = admit(&["explain", "CONTACT_NOT_FOUND"]);
    assert_eq!(shouted.stdout, plain.stdout);
}

#[test]
fn an_unknown_code_brings_those_like_it() {
    for (typed, remedy) in [
        (
            "contact-not-fuond",
            "Try `contact-not-found`, or see all codes with `admit explain --list`.",
        ),
        (
            "owner-without-role",
            "Try `account-owner-without-role`, or see all codes with `admit explain --list`.",
        ),
        ("???", "Run `admit explain --list` to see all codes."),
    ] {
        let done = admit(&["explain", typed]);
        assert_eq!(done.code, 2);
        assert_eq!(done.stdout, "");
        let error =
            format!("error: there is no code `{typed}`\n   at: argument CODE\n   do: {remedy}\n");
        assert_eq!(done.stderr, error);
    }
}
