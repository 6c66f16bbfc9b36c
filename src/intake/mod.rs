//! ROOM 1: CSV bytes become rows.
//!
//! Comes in: the path of a contacts file and how to read it. Goes out: what its columns mean
//! ([`Layout`](crate::model::columns::Layout)) and its rows, window by window, in file order
//! ([`Windows`]). The file is read forward in blocks and never held whole; a window is parsed on
//! every core, and the result is the same whatever their number.
//!
//! Refused as a whole, with the line: a file without a usable header, a quote that is never
//! closed, text behind a closing quote. Rejected row by row, in
//! [`Record::fault`](crate::model::contact::Record): a wrong number of cells, bytes that do not
//! decode, NUL characters. What a cell says is not looked at here.

mod dialect;
mod error;
mod header;
mod maps;
mod names;
mod notice;
mod opening;
mod scan;
mod sdl;
mod slices;
mod source;
mod tokens;
mod windows;

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::model::limits;
use crate::model::settings::InputSettings;

pub use error::IntakeError;
pub use notice::IntakeNotice;
pub use opening::Input;
pub use windows::Windows;

/// Opens a contacts file: reads its header and decides how the rest is to be read.
pub fn open(contacts: &Path, settings: &InputSettings) -> Result<Input, IntakeError> {
    opening::open(contacts, settings, SIZES)
}

/// Blocks are large enough that reading costs little, slices small enough that every core has
/// some of each window.
const SIZES: windows::Sizes = windows::Sizes {
    block_bytes: 1 << 20,
    window_bytes: limits::WINDOW_BYTES,
    slice_bytes: 256 << 10,
    head_bytes: 64 << 10,
    record_bytes_max: limits::INPUT_RECORD_BYTES_MAX,
    rows_max: limits::INPUT_ROWS_MAX,
};
