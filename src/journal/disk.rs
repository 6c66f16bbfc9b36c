//! What a journal is written to: a file, behind two verbs.
//!
//! A seam of its own, because the order of "on disk" and "sent" is a promise that only a disk
//! which writes down what it was asked can prove: killing a process shows nothing of it, the
//! system keeps what was written.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

/// Takes lines and brings them to disk.
pub trait Disk: Send {
    /// Appends one line, whole or not at all as far as that can be known.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;

    /// Returns when everything appended so far outlives the machine's power.
    fn flush_to_disk(&mut self) -> io::Result<()>;
}

/// Puts a disk around the journal's opened file.
pub type Disks = Arc<dyn Fn(File) -> Box<dyn Disk> + Send + Sync>;

/// The disk of the machine.
pub fn machine_disks() -> Disks {
    Arc::new(|file| Box::new(MachineDisk(file)))
}

struct MachineDisk(File);

impl Disk for MachineDisk {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.write_all(line)
    }

    fn flush_to_disk(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}
