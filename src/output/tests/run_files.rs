//! run.log and summary.json, and who may read what a run leaves.

use crate::model::contact::Window;
use crate::model::event::{Event, Listener, RunStage};
use crate::model::summary::{OrgIdentity, OrgKind, PlanSummary, RunSummary};

use super::{PLAIN, layout, text, write_all};
use crate::output::{RunLog, write_summary};

#[test]
fn the_log_has_one_line_per_event_and_grows_on_a_second_start() {
    let folder = tempfile::tempdir().unwrap();
    let open = || RunLog::open(folder.path(), Box::new(|| "08:00".into())).unwrap();
    let log = open();
    let stage = RunStage::Validate;
    log.on(&Event::StageStarted {
        stage,
        total: Some(9),
    });
    log.on(&Event::StageAdvanced { stage, by: 4 });
    log.on(&Event::StageAdvanced { stage, by: 5 });
    log.on(&Event::StageEnded { stage });
    log.on(&Event::JobChanged {
        job: "750A".into(),
        rows: 50,
        state: "Open".into(),
    });
    log.finish().unwrap();
    let log = open();
    log.on(&Event::Warned {
        code: "site-not-live".into(),
        text: "two\nlines".into(),
    });
    log.on(&Event::Said("done".into()));
    let expected = "08:00 validating: started, 9 to do\n08:00 validating: ended, 9 done\n\
        08:00 job 750A: 50 rows, Open\n08:00 warning site-not-live: two lines\n08:00 done\n";
    assert_eq!(text(folder.path(), "run.log"), expected);
}

fn summary() -> RunSummary {
    RunSummary {
        command: "rehearse".into(),
        version: "0.1.0".into(),
        org: OrgIdentity {
            org_id: "00D".into(),
            instance_url: "https://example.com".into(),
            username: "admin@example.com".into(),
            user_id: "005".into(),
            kind: OrgKind::Simulated,
            api_version: "67.0".into(),
        },
        stopped: None,
        started_at: "2026-01-05T08:00:00Z".into(),
        duration_s: 1.5,
        plan: PlanSummary {
            rows: 3,
            accepted: 2,
            rejected: 1,
            by_code: [("no-seat".to_owned(), 1)].into(),
            warnings: [].into(),
            waves: Vec::new(),
            seats: Vec::new(),
            profiles: Vec::new(),
            columns_sent: Vec::new(),
            columns_passed_through: Vec::new(),
            defaults: Vec::new(),
            roles_new: 0,
            roles_existing: 0,
            mails: 0,
            site: String::new(),
            api_calls: 9,
            duration_s: (1, 2),
            digest: "ab".into(),
        },
        outcomes: [("rejected".to_owned(), 1), ("created".to_owned(), 2)].into(),
        failures_by_code: [("no-seat".to_owned(), 1)].into(),
        created_by_license: [].into(),
        seats_used_after: [].into(),
        jobs: 1,
        api_calls: 12,
        bytes_sent: 345,
        timings_s: [("validate".to_owned(), 0.25)].into(),
        input_sha256: "cd".into(),
    }
}

#[test]
fn the_summary_reads_back_as_it_was_and_is_written_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    write_summary(folder.path(), &summary()).unwrap();
    let first = text(folder.path(), "summary.json");
    assert_eq!(
        serde_json::from_str::<RunSummary>(&first).unwrap(),
        summary()
    );
    assert!(first.starts_with("{\n  \"command\": \"rehearse\",\n") && first.ends_with("}\n"));
    write_summary(folder.path(), &summary()).unwrap();
    assert_eq!(text(folder.path(), "summary.json"), first);
}

#[cfg(unix)]
#[test]
fn outputs_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    write_all(
        folder.path(),
        &layout(&["A"]),
        PLAIN,
        (&Window::default(), &[]),
    );
    write_summary(folder.path(), &summary()).unwrap();
    RunLog::open(folder.path(), Box::new(String::new)).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}
