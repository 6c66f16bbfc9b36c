//! The whole walk on the sample file: check and rehearse, 2,000 rows, in memory and on disk.
//!
//! Budget: a check of the sample stays below 100 ms of CPU and a rehearsal below 300 ms, most of
//! it the simulated org. The sum behind it: 2,000 rows at about 2 us each through validation and
//! plan, 3,200 records pulled at about 5 us, 31 jobs with three result files each.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run shall stop")]

use std::path::Path;
use std::sync::Arc;

use admit::model::event::{Event, Listener};
use admit::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StoppingSettings,
};
use admit::model::summary::{OrgKind, RunSummary};
use admit::pipeline::{self, AccessToken, Clock, Command, Line, Login, Outside, Walk};
use admit::sim::{Seed, SimOptions, SimOrg};
use divan::Bencher;
use divan::counter::ItemsCount;
use tokio_util::sync::CancellationToken;

fn main() {
    divan::main();
}

struct Silent;

impl Listener for Silent {
    fn on(&self, _: &Event) {}
}

fn settings(out: &Path) -> Settings {
    Settings {
        contacts: Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/contacts.csv"),
        out: out.to_owned(),
        state_dir: out.to_owned(),
        input: InputSettings::default(),
        program: ProgramSettings::default(),
        guard: GuardSettings::default(),
        cache: CacheSettings::default(),
        pacing: PacingSettings::default(),
        stopping: StoppingSettings::default(),
        api_version: "67.0".to_owned(),
        threads: 2,
        seed: 0,
    }
}

fn walk(command: Command) -> RunSummary {
    let folder = tempfile::tempdir().unwrap();
    let seed = Seed::sample();
    let login = Login::Token(AccessToken::parse(seed.access_token()).unwrap());
    let transport = Arc::new(SimOrg::new(seed, SimOptions::default()));
    let line = Line {
        transport,
        login,
        kind: OrgKind::Simulated,
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let settings = settings(&folder.path().join("out"));
        let outside = Outside {
            line,
            clock: Clock::Simulated,
            events: Arc::new(Silent),
            cancel: CancellationToken::new(),
            disks: pipeline::machine_disks(),
        };
        let walk = Walk::new(settings, command, outside).unwrap();
        match command {
            Command::Check => pipeline::check(&walk).await.unwrap(),
            Command::Rehearse => pipeline::rehearse(&walk).await.unwrap(),
            Command::Run => unreachable!("a bench has no real org"),
        }
    })
}

#[divan::bench(args = [Command::Check, Command::Rehearse], sample_count = 10)]
fn sample_file(bencher: Bencher<'_, '_>, command: Command) {
    bencher
        .counter(ItemsCount::new(2_000_usize))
        .bench(|| walk(command));
}
