//! STREET DOOR: the only part that prints.

mod args;
mod config_file;
mod error;
mod figures;
mod layers;
mod near;
mod notice;
mod page;
mod pairs;
mod progress;
mod report;
mod settings;
mod values;

pub use error::CliError;

#[cfg(test)]
mod tests;
