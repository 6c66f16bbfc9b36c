//! THE REHEARSAL ORG: the other end of the telephone, in memory.
//!
//! A request comes in over the seam, an answer goes out; in between stands an org that behaves
//! like the ones described by the reference: its endpoints and their quirks, SOQL, Bulk API 2.0
//! jobs on simulated time, and the refusals external users meet. It shares no codec and no rule
//! with the rest of the crate, because a shared mistake would agree with itself.
//!
//! What rests on guesses is listed in `doubts` and in `docs/simulated-org.md`.
//!
//! Left out so far: multipart create, `resultPages`, passwords, collections.

mod answer;
mod auth;
mod base64;
mod bulk_query;
mod call;
mod clock;
mod describe;
mod doubts;
mod facts;
mod faults;
mod ids;
mod ingest;
mod jwt;
mod meter;
mod org;
mod refusals;
mod rest;
mod roles;
mod sample;
mod schema;
mod seed;
mod serve;
mod soql;
mod speed;
mod tables;
#[cfg(test)]
mod tests;
mod watch;
mod world;
mod write;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::salesforce::transport::{Request, Response, SendError, Transport};
use answer::Answer;
use call::Call;
use world::World;

pub use doubts::{DOUBTS, Doubt, DoubtEntry};
pub use facts::{Features, OrgFacts};
pub use faults::{FaultPlan, FaultPlanError};
pub use seed::{Seed, SeedError};
pub use serve::{Exchange, ServeError, Server, TlsFiles, Watcher};
pub use world::RequestCounts;

/// Time a request spends on the line, there and back.
const LATENCY: Duration = Duration::from_millis(120);

/// How the simulated org plays.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// Decides everything that is arbitrary, like the order of result rows.
    pub seed: u64,
    /// Time a request spends on the line, there and back; passes on the runtime clock.
    pub latency: Duration,
    /// Doubtful refusals this org does not make: such rows pass.
    pub lets_pass: Vec<Doubt>,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            latency: LATENCY,
            lets_pass: Vec::new(),
            faults: FaultPlan::default(),
        }
    }
}

/// A Salesforce org in memory.
#[derive(Debug)]
pub struct SimOrg {
    address: String,
    world: Mutex<World>,
    latency: Duration,
}

impl SimOrg {
    /// Builds the org of a seed. Its clock starts with the first request.
    pub fn new(seed: Seed, options: SimOptions) -> Self {
        let latency = options.latency;
        let address = seed.instance_url().to_owned();
        let world = Mutex::new(World::new(seed, options));
        Self {
            address,
            world,
            latency,
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A panic in another test thread leaves the tables whole enough to look at.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request from end to end, with what goes wrong on the way.
    async fn asked(&self, request: Request) -> Result<Answer, SendError> {
        let call = Call::read(request)?;
        let met = self.world().meet(&call);
        // The org acts when half of the time has passed: a caller who stops waiting then has
        // lost the answer, not the deed.
        pause(self.latency / 2).await;
        let (intercepted, delay) = (met.intercepted(), met.delay);
        let end = intercepted.unwrap_or_else(|| met.spoil(self.world().answer(call)));
        pause(self.latency / 2 + delay).await;
        end
    }
}

impl Transport for SimOrg {
    fn address(&self) -> &str {
        &self.address
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(async move { self.asked(request).await.map(Answer::into_response) })
    }
}

/// Where the line is real, there is no latency to play, and a timer would add some.
async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}
