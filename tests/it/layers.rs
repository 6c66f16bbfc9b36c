//! The arrows of the house: which part may name which.
//!
//! Judges every path that any file under `src` names ([`crate::arrows`] reads them). Test code in
//! `src` obeys too. Planted bad arrows prove that the test sees them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::arrows::{Deed, Found, read_source};

/// What a part may name beside itself. Paths are spelled from the root of the crate.
struct Rule {
    /// A top-level module, or one file of it with a stricter rule of its own.
    part: &'static str,
    may: &'static [&'static str],
    /// No async, no clock, no runtime: a plain function of its arguments.
    pure: bool,
}

const fn rule(part: &'static str, may: &'static [&'static str]) -> Rule {
    Rule {
        part,
        may,
        pure: false,
    }
}

const fn pure(part: &'static str, may: &'static [&'static str]) -> Rule {
    Rule {
        part,
        may,
        pure: true,
    }
}

/// ARCHITECTURE.md draws the same table. The longest matching part counts.
const HOUSE: &[Rule] = &[
    pure("model", &[]),
    pure("intake", &["model"]),
    pure("validate", &["model", "org_state"]),
    pure("plan::key", &["model", "plan::waves"]),
    pure("plan::waves", &["model", "plan::error", "plan::key"]),
    pure("upload::chunk", &["model", "upload::error"]),
    pure("upload::tempo", &["model", "upload::chunk"]),
    pure("results::row_error", &["model"]),
    pure(
        "results::settle",
        &["model", "results::error", "results::row_error"],
    ),
    pure("results::classify", &["model", "results::error"]),
    rule("journal", &["model"]),
    rule("salesforce", &["model"]),
    rule("org_state", &["model", "salesforce", "journal"]),
    // Its tests pull from the simulated org: the seam is what they test.
    rule(
        "org_state::tests",
        &["model", "salesforce", "journal", "org_state", "sim"],
    ),
    rule("plan", &["model", "salesforce", "journal"]),
    rule("upload", &["model", "salesforce", "journal"]),
    rule("results", &["model", "salesforce", "journal"]),
    rule("output", &["model", "salesforce", "journal"]),
    rule("sim", &["salesforce::transport"]),
    rule(
        "pipeline",
        &[
            "model",
            "journal",
            "salesforce",
            "intake",
            "org_state",
            "validate",
            "plan",
            "upload",
            "results",
            "output",
        ],
    ),
    rule("cli", &["model", "pipeline", "sim", "salesforce::http"]),
    rule(
        "main",
        &["model", "pipeline", "sim", "salesforce::http", "cli"],
    ),
];

/// Other people's crates that only some files may name.
const KEPT_TO: &[(&str, &[&str])] = &[
    ("reqwest", &["salesforce::http"]),
    ("rustls", &["salesforce::http", "main", "cli"]),
    ("tokio_rustls", &["sim::serve"]),
    ("hyper", &["sim::serve"]),
    ("hyper_util", &["sim::serve"]),
    ("clap", &["cli", "main"]),
    ("indicatif", &["cli", "main"]),
];

/// What a pure part never names: runtimes, clocks, sockets.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio_util",
    "futures_util",
    "governor",
    "reqwest",
    "jiff",
    "std::net",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// What the words of the house may be made of.
const MODEL_MAY: &[&str] = &["std", "core", "alloc", "serde", "thiserror"];

#[test]
fn every_arrow_of_the_house_is_an_allowed_one() {
    let (files, found) = read_house();
    let mut faults = Vec::new();
    for (file, found) in files.iter().zip(&found) {
        for one in found {
            if let Some(why) = fault(&one.module, &one.deed) {
                faults.push(format!("{file}:{}: {why}", one.line));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "arrows that style.md section 2 forbids:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_reader_follows_real_arrows() {
    let (_, found) = read_house();
    let arrows: BTreeSet<(String, String)> = found
        .into_iter()
        .flatten()
        .filter_map(|one| match one.deed {
            Deed::Names(to) => Some((one.module.first()?.clone(), to.first()?.clone())),
            Deed::NamesOutside(_) | Deed::Awaits => None,
        })
        .collect();
    for (from, to) in [("org_state", "model"), ("journal", "model")] {
        assert!(
            arrows.contains(&(from.to_owned(), to.to_owned())),
            "{from} -> {to} not seen"
        );
    }
}

#[test]
fn a_planted_bad_arrow_is_found_however_it_is_spelled() {
    let planted = [
        ("model/id.rs", "use crate::journal::Journal;"),
        ("model/id.rs", "use serde_json::Value;"),
        ("model/mod.rs", "use super::salesforce;"),
        (
            "intake/header.rs",
            "use crate::{model::id, org_state::OrgState};",
        ),
        ("intake/header.rs", "use crate::*;"),
        ("intake/header.rs", "use crate as everything;"),
        (
            "intake/dialect.rs",
            "fn f() { let _ = super::super::plan::Draft::create(); }",
        ),
        (
            "intake/dialect.rs",
            "fn f(_: Option<&crate::plan::Draft>) {}",
        ),
        (
            "intake/mod.rs",
            "fn f() { assert!(crate::plan::is_due(), \"due\"); }",
        ),
        (
            "intake/mod.rs",
            "macro_rules! m { () => { $crate::plan::Draft } }",
        ),
        (
            "intake/mod.rs",
            "macro_rules! m { () => { use crate::{plan::Draft}; } }",
        ),
        (
            "intake/mod.rs",
            "mod tests { use super::super::plan::Draft; }",
        ),
        ("intake/mod.rs", "async fn read() {}"),
        ("intake/mod.rs", "fn f() -> std::time::Instant { loop {} }"),
        ("validate/row.rs", "use crate::org_state::reread;"),
        ("validate/row.rs", "use tokio::sync::Mutex;"),
        ("plan/seal.rs", "use crate::upload::Chunk;"),
        ("plan/waves.rs", "use crate::journal::Journal;"),
        ("plan/waves.rs", "use super::seal::seal;"),
        ("upload/chunk.rs", "fn f() { let _ = async { 1 }; }"),
        ("results/settle.rs", "use crate::salesforce::OrgError;"),
        ("journal/mod.rs", "use crate::salesforce::OrgError;"),
        ("salesforce/mod.rs", "use crate::journal::Journal;"),
        ("salesforce/rest.rs", "fn f() { reqwest::get(\"\"); }"),
        ("sim/ingest.rs", "use crate::model::id::ContactId;"),
        ("sim/ingest.rs", "use crate::salesforce::ingest::JobJson;"),
        ("pipeline/provision.rs", "use crate::sim::Seed;"),
        ("pipeline/provision.rs", "use crate::cli::settings;"),
        ("cli/args.rs", "use crate::intake::open;"),
        ("cli/args.rs", "use crate::salesforce::Org;"),
        ("main.rs", "use admit::validate::rules;"),
        ("attic/mod.rs", "use crate::model::id;"),
    ];
    for (file, source) in planted {
        let found = read_source(file, source);
        let seen = found
            .iter()
            .any(|one| fault(&one.module, &one.deed).is_some());
        assert!(seen, "not seen in {file}: {source}");
    }
}

#[test]
fn an_allowed_arrow_is_left_alone() {
    let allowed = [
        (
            "model/wave.rs",
            "use super::id::RowOrdinal; pub(crate) struct S(pub(super) u8); m! { pub(crate) u8 }",
        ),
        (
            "intake/header.rs",
            "use super::error::IntakeError; use crate::model::columns::Layout;",
        ),
        (
            "intake/mod.rs",
            "mod tests { use super::*; use proptest::prelude::*; }",
        ),
        (
            "validate/org.rs",
            "use crate::org_state::{Matches, OrgState, fold};",
        ),
        (
            "plan/waves.rs",
            "use super::error::PlanError; mod tests { use super::*; }",
        ),
        (
            "plan/seal.rs",
            "use crate::journal::Journal; use super::waves::order;",
        ),
        (
            "salesforce/http.rs",
            "use reqwest::Client; use super::transport::Transport;",
        ),
        (
            "sim/mod.rs",
            "use crate::salesforce::transport::{Request, Transport};",
        ),
        (
            "pipeline/execute.rs",
            "use crate::{upload, results::settle}; async fn f() {}",
        ),
        (
            "cli/mod.rs",
            "use crate::salesforce::http::Http; use crate::sim::Seed;",
        ),
        ("main.rs", "fn main() { admit::cli::run(); }"),
        ("lib.rs", "pub mod model; pub use crate::model::id;"),
    ];
    for (file, source) in allowed {
        for one in read_source(file, source) {
            assert_eq!(fault(&one.module, &one.deed), None, "{file}: {source}");
        }
    }
}

/// Every source file by its path under `src`, with what was found in it.
fn read_house() -> (Vec<String>, Vec<Vec<Found>>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    list_files(&root, "", &mut files);
    assert!(
        files.len() > 20,
        "only {} files under {}",
        files.len(),
        root.display()
    );
    let found = files
        .iter()
        .map(|file| {
            let source = fs::read_to_string(root.join(file))
                .unwrap_or_else(|error| panic!("cannot read src/{file}: {error}"));
            read_source(file, &source)
        })
        .collect();
    (files, found)
}

fn list_files(folder: &Path, under: &str, files: &mut Vec<String>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        let path = folder.join(&name);
        let name = format!("{under}{}", name.to_string_lossy());
        if path.is_dir() {
            list_files(&path, &format!("{name}/"), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(name);
        }
    }
}

/// What is wrong with a deed at that place, if anything.
fn fault(module: &[String], deed: &Deed) -> Option<String> {
    let part = module.first()?; // lib.rs is nobody's part: it names them all
    let Some(rule) = rule_of(module) else {
        return Some(format!(
            "`{part}` is no part of the house: give it a rule in HOUSE"
        ));
    };
    match deed {
        Deed::Awaits if rule.pure => Some(format!("{} is async", rule.part)),
        Deed::Awaits => None,
        Deed::Names(to) => inside_fault(rule, module, to),
        Deed::NamesOutside(to) => outside_fault(rule, module, &to.join("::")),
    }
}

fn rule_of(module: &[String]) -> Option<&'static Rule> {
    let place = module.join("::");
    let fitting = HOUSE.iter().filter(|rule| is_under(&place, rule.part));
    fitting.max_by_key(|rule| rule.part.len())
}

fn inside_fault(rule: &Rule, module: &[String], to: &[String]) -> Option<String> {
    let path = to.join("::");
    let own_file = is_under(&path, &module.join("::"));
    // A file with a rule of its own does not get its room's freedom.
    let own_part = is_under(&path, rule.part);
    if own_file || own_part || rule.may.iter().any(|may| is_under(&path, may)) {
        return (rule.part == "validate" && asks_the_org(to))
            .then(|| format!("validate calls {path}: it may look facts up, never fetch them"));
    }
    let path = if path.is_empty() {
        "the whole crate".to_owned()
    } else {
        format!("crate::{path}")
    };
    Some(format!("{} may not name {path}", rule.part))
}

/// The verbs of `org_state` are lower-case functions; its lookups are types and `fold`.
fn asks_the_org(to: &[String]) -> bool {
    let [room, name, ..] = to else { return false };
    room == "org_state" && name.starts_with(char::is_lowercase) && name != "fold"
}

fn outside_fault(rule: &Rule, module: &[String], path: &str) -> Option<String> {
    let place = module.join("::");
    if rule.part == "model" && !MODEL_MAY.iter().any(|may| is_under(path, may)) {
        return Some(format!("model may not name {path}"));
    }
    if rule.pure && IMPURE.iter().any(|impure| is_under(path, impure)) {
        return Some(format!("{} is pure and may not name {path}", rule.part));
    }
    let kept = KEPT_TO.iter().find(|(name, _)| is_under(path, name));
    let (name, homes) = kept?;
    let at_home = homes.iter().any(|home| is_under(&place, home));
    (!at_home).then(|| format!("{place} may not name {name}: only {} may", homes.join(", ")))
}

/// Is `path` the same as `above`, or inside it?
fn is_under(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
