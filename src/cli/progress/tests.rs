//! What each style writes, and when.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;

/// A place to write to that can be read afterwards.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A pipe whose reader went away.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }
}

const STAGE: RunStage = RunStage::Validate;

#[test]
fn the_style_follows_json_terminal_and_environment() {
    for (voice, terminal, variable, expected) in [
        (Voice::Text, true, ("X", ""), Style::Bars { colours: true }),
        (
            Voice::Text,
            true,
            ("NO_COLOR", "1"),
            Style::Bars { colours: false },
        ),
        (
            Voice::Text,
            true,
            ("NO_COLOR", ""),
            Style::Bars { colours: true },
        ),
        (Voice::Text, true, ("TERM", "dumb"), Style::Lines),
        (Voice::Text, false, ("X", ""), Style::Lines),
        (Voice::Json, true, ("X", ""), Style::Json),
    ] {
        let variables = BTreeMap::from([(variable.0.to_owned(), variable.1.to_owned())]);
        assert_eq!(
            Style::choose(voice, terminal, &variables),
            expected,
            "{variable:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_quick_stage_is_two_lines() {
    let paper = Paper::default();
    let lines = Lines::new(Box::new(paper.clone()));
    lines.on(&Event::StageStarted {
        stage: STAGE,
        total: Some(2000),
    });
    for _ in 0..2000 {
        lines.on(&Event::StageAdvanced {
            stage: STAGE,
            by: 1,
        });
    }
    lines.on(&Event::StageEnded { stage: STAGE });
    assert_eq!(
        paper.text(),
        "validating: 2,000 rows\nvalidating: done, 2,000 rows\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_stage_speaks_once_every_tenth() {
    let paper = Paper::default();
    let lines = Lines::new(Box::new(paper.clone()));
    lines.on(&Event::StageStarted {
        stage: STAGE,
        total: Some(100),
    });
    for _ in 0..100 {
        tokio::time::advance(Duration::from_secs(2)).await;
        lines.on(&Event::StageAdvanced {
            stage: STAGE,
            by: 1,
        });
    }
    let text = paper.text();
    assert_eq!(text.lines().count(), 10, "{text}");
    assert_eq!(text.lines().nth(1), Some("validating: 10 of 100 (10 %)"));
}

#[tokio::test(start_paused = true)]
async fn a_stage_without_an_end_speaks_every_ten_seconds() {
    let paper = Paper::default();
    let lines = Lines::new(Box::new(paper.clone()));
    lines.on(&Event::StageStarted {
        stage: RunStage::Pull,
        total: None,
    });
    for _ in 0..25 {
        tokio::time::advance(Duration::from_secs(1)).await;
        lines.on(&Event::StageAdvanced {
            stage: RunStage::Pull,
            by: 100,
        });
    }
    assert_eq!(
        paper.text(),
        "reading the org\nreading the org: 1,000 records so far\n\
         reading the org: 2,000 records so far\n"
    );
}

#[test]
fn json_lines_count_up_and_keep_their_names() {
    let paper = Paper::default();
    let json = JsonLines::new(Box::new(paper.clone()));
    json.on(&Event::StageStarted {
        stage: STAGE,
        total: None,
    });
    json.on(&Event::StageAdvanced {
        stage: STAGE,
        by: 3,
    });
    json.on(&Event::StageAdvanced {
        stage: STAGE,
        by: 4,
    });
    json.on(&Event::Warned {
        code: "x".to_owned(),
        text: "a\nb".to_owned(),
    });
    assert_eq!(
        paper.text(),
        "{\"event\":\"stage-started\",\"stage\":\"validate\",\"total\":null}\n\
         {\"done\":3,\"event\":\"stage-advanced\",\"stage\":\"validate\"}\n\
         {\"done\":7,\"event\":\"stage-advanced\",\"stage\":\"validate\"}\n\
         {\"code\":\"x\",\"event\":\"warning\",\"text\":\"a\\nb\"}\n"
    );
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let started = Event::StageStarted {
        stage: STAGE,
        total: Some(1),
    };
    Lines::new(Box::new(Closed)).on(&started);
    JsonLines::new(Box::new(Closed)).on(&started);
}
