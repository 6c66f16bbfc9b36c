//! THE TELEPHONE: everything that is said to the org, and nothing else.
//!
//! Layers, each one file, each knowing only the next:
//! verbs (`ingest`, `query`, `rest`) -> `retry` -> `auth` -> `pace` -> `transport`,
//! so that each attempt carries a live token and waits its turn.

pub mod transport;
