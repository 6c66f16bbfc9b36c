//! THE REHEARSAL ORG: the other end of the telephone, in memory.
//!
//! A request comes in over the seam, an answer goes out; in between stands an org that behaves
//! like the ones described by the reference: its endpoints and their quirks, SOQL, Bulk API 2.0
//! jobs on simulated time, and the refusals external users meet. It shares no codec and no rule
//! with the rest of the crate, because a shared mistake would agree with itself.
//!
//! What rests on guesses is listed in `doubts` and in `docs/simulated-org.md`.
//!
//! Left out so far: multipart create, `resultPages`, passwords, collections; faults (their place
//! is `SimOrg::send`).

mod answer;
mod auth;
mod base64;
mod bulk_query;
mod call;
mod clock;
mod describe;
mod doubts;
mod facts;
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
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            latency: LATENCY,
            lets_pass: Vec::new(),
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
        let SimOptions {
            seed: number,
            latency,
            lets_pass,
        } = options;
        let address = seed.instance_url().to_owned();
        let world = Mutex::new(World::new(seed, number, lets_pass));
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
}

impl Transport for SimOrg {
    fn address(&self) -> &str {
        &self.address
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(async move {
            // The org acts when half of the time has passed: a caller who stops waiting then has
            // lost the answer, not the deed.
            tokio::time::sleep(self.latency / 2).await;
            let answer = Call::read(request).map(|call| self.world().answer(call));
            tokio::time::sleep(self.latency / 2).await;
            answer.map(Answer::into_response)
        })
    }
}
