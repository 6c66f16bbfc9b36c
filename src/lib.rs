//! `admit` provisions Salesforce external users in bulk.
//!
//! A guided tour, in the order a row walks:
//!
//! 1. [`intake`]: the bytes of a contacts file become rows.
//! 2. [`org_state`]: what the org already holds, pulled through the telephone.
//! 3. [`validate`]: a row and the org state become a new user, or a rejection with every fault.
//! 4. [`plan`]: accepted rows become waves of changes, written down.
//! 5. [`upload`]: a wave becomes Bulk API 2.0 jobs, sent and waited for.
//! 6. [`results`]: a job's result files become one outcome per row.
//! 7. [`output`]: outcomes become success.csv, failure.csv and the summary.
//!
//! [`pipeline`] is the corridor that calls the rooms in that order. [`model`] holds the words
//! they share, [`journal`] the memory that survives a crash, [`salesforce`] the telephone, [`sim`]
//! the rehearsal org at its other end. [`cli`] is the street door: the only part that prints.

pub mod cli;
pub mod pipeline;

pub mod intake;
pub mod org_state;
pub mod validate;
pub mod plan;
pub mod upload;
pub mod results;
pub mod output;

pub mod journal;
pub mod model;
pub mod salesforce;
pub mod sim;
