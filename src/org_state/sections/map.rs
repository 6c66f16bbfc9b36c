//! Maps a file into memory: the one place of this crate that needs `unsafe`.
//!
//! Why at all: a lookup touches a few dozen bytes of an index that may be a gigabyte, and a run of
//! five thousand rows must not pay for the rest. Reading the whole file would.

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions};

/// The bytes of a file, read by the system as they are touched.
pub(in crate::org_state) fn map(file: &File) -> io::Result<Bytes> {
    mapped(file, &MmapOptions::new())
}

/// Some of the bytes of a file; none need no mapping.
pub(super) fn map_range(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    if length == 0 {
        return Ok(Bytes::new());
    }
    // Past the end of a file a mapping would be a trap.
    let end = offset.checked_add(length as u64);
    if end.is_none_or(|end| end > file.metadata().map_or(0, |about| about.len())) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut options = MmapOptions::new();
    options.offset(offset).len(length);
    mapped(file, &options)
}

fn mapped(file: &File, options: &MmapOptions) -> io::Result<Bytes> {
    #[expect(
        unsafe_code,
        reason = "a mapping is unsound only if the file shrinks or changes while it is mapped. \
                  Cache files are immutable: a version is written under another name, then \
                  renamed, and never opened for writing again; an old one is unlinked, which \
                  leaves its mappings whole. The folder is closed to other users. Bytes that were \
                  damaged on disk are read as numbers and checked text, never trusted as types"
    )]
    // SAFETY: see the reason above: nobody writes to or cuts this file while it is mapped.
    let map: Mmap = unsafe { options.map(file) }?;
    Ok(Bytes::from_owner(map))
}
