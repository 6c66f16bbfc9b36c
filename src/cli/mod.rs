//! STREET DOOR: the only part that prints.

mod args;
mod config_file;
mod error;
mod layers;
mod near;
mod pairs;
mod settings;
mod values;

pub use error::CliError;
