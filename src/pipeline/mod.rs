//! CORRIDOR: the only part that knows every room; it calls them in the order a row walks.
//!
//! Comes in: a [`Walk`], which holds all that is needed from outside. Goes out: a run folder and
//! its [`RunSummary`](crate::model::summary::RunSummary). Nothing here prints, and nothing here
//! decides about a row: rooms decide, the corridor carries.

mod error;
mod execute;
mod forecast;
mod judge;
mod provision;
mod walk;
mod write;

pub use error::RunError;
pub use provision::{check, rehearse};
pub use walk::{Clock, Command, Line, Walk};

pub use crate::salesforce::{AccessToken, Login};
pub use crate::validate::rules::{self, Rule};
