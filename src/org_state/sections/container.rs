//! The file format of the index: a header with a table of sections, then the sections.
//!
//! ```text
//! 0   8  magic
//! 8   4  format version
//! 12  4  number of sections
//! 16  8  bytes of the whole file
//! 24  18 org id
//! 42  2  zero
//! 44  4  bytes of the header, a multiple of 4096
//! 48  8  zero
//! 56  8  xxh3 of the header with this field zero
//! 64  32 for each section: kind 2, number 2, zero 4, offset 8, bytes 8, xxh3 of the bytes 8
//! ```
//!
//! Every section begins at a multiple of 4096. Opening reads the header alone, so it costs the
//! same for every size: it finds a file that is cut short, foreign, or of another format, and a
//! header that was damaged. Damage inside a section is found by [`verify`], which reads all.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;

use bytes::Bytes;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::spool::Spooled;
use super::{Key, Sections};

/// How the file begins.
const MAGIC: &[u8; 8] = b"ADMITIDX";

/// The format that is written, and the only one that is read.
pub(in crate::org_state) const FORMAT: u32 = 3;

/// Sections begin at a multiple of this.
const PAGE: u64 = 4096;

/// Sections that fit the header: those of a full org and more external ids than a file can name.
const SECTIONS_MAX: usize = 1024;

const HEADER_FIXED: usize = 64;
const ENTRY: usize = 32;
const CHECKSUM: Range<usize> = 56..64;
const BUFFER_BYTES: usize = 1 << 18;

/// Characters of an org id.
const ORG_ID_BYTES: usize = 18;

/// Why a file is no index that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::org_state) enum ContainerFault {
    /// Cut short or damaged; what gave it away.
    Torn(&'static str),
    /// Written in this format, which is not ours.
    Format(u32),
    /// Of another org.
    Foreign(String),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: Key,
    offset: u64,
    length: u64,
    checksum: u64,
}

/// Writes a container.
#[derive(Debug)]
pub(in crate::org_state) struct ContainerWriter {
    file: BufWriter<File>,
    org_id: [u8; ORG_ID_BYTES],
    position: u64,
    entries: Vec<Entry>,
}

/// Counts and sums what passes.
struct Summed<'a> {
    out: &'a mut BufWriter<File>,
    length: u64,
    checksum: Xxh3,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.checksum.update(bytes);
        self.length += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ContainerWriter {
    /// Begins a container in an empty file. The header is written last.
    pub(in crate::org_state) fn begin(mut file: File, org_id: &str) -> io::Result<Self> {
        let mut org_id_bytes = [0; ORG_ID_BYTES];
        for (to, from) in org_id_bytes.iter_mut().zip(org_id.bytes()) {
            *to = from;
        }
        let header = header_bytes(SECTIONS_MAX);
        file.seek(SeekFrom::Start(header))?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            org_id: org_id_bytes,
            position: header,
            entries: Vec::new(),
        })
    }

    /// Writes one section.
    pub(super) fn section(
        &mut self,
        key: Key,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut summed = Summed {
            out: &mut self.file,
            length: 0,
            checksum: Xxh3::new(),
        };
        write(&mut summed)?;
        let (length, checksum) = (summed.length, summed.checksum.digest());
        self.end_section(key, length, checksum)
    }

    /// Copies a section that grew in a file of its own, or in memory.
    pub(super) fn spooled(&mut self, key: Key, spooled: Spooled) -> io::Result<()> {
        match spooled {
            Spooled::Memory(bytes) => self.section(key, |out| out.write_all(&bytes)),
            Spooled::File {
                path,
                length,
                checksum,
            } => {
                let mut from = File::open(&path)?;
                self.file.flush()?;
                // File to file, the system copies without a way through this process.
                let copied = io::copy(&mut from, self.file.get_mut())?;
                if copied != length {
                    return Err(io::Error::other("a part of the cache shrank meanwhile"));
                }
                self.end_section(key, length, checksum)?;
                std::fs::remove_file(path)
            }
        }
    }

    fn end_section(&mut self, key: Key, length: u64, checksum: u64) -> io::Result<()> {
        let offset = self.position;
        self.entries.push(Entry {
            key,
            offset,
            length,
            checksum,
        });
        let end = offset + length;
        self.position = end.next_multiple_of(PAGE);
        let padding = usize::try_from(self.position - end).unwrap_or(0);
        self.file.write_all(&vec![0; padding])
    }

    /// Writes the header and waits until all of it is on the disk. Returns the file's length.
    pub(in crate::org_state) fn finish(mut self) -> io::Result<u64> {
        if self.entries.len() > SECTIONS_MAX {
            return Err(io::Error::other("more sections than an index may have"));
        }
        self.file.flush()?;
        let length = self.position;
        let header = self.header();
        let mut file = self.file.into_inner().map_err(io::Error::other)?;
        file.set_len(length)?;
        file.rewind()?;
        file.write_all(&header)?;
        file.sync_all()?;
        Ok(length)
    }

    fn header(&self) -> Vec<u8> {
        let bytes = header_bytes(SECTIONS_MAX);
        let mut header = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&FORMAT.to_le_bytes());
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        header.extend_from_slice(&count.to_le_bytes());
        header.extend_from_slice(&self.position.to_le_bytes());
        header.extend_from_slice(&self.org_id);
        header.extend_from_slice(&[0; 2]);
        header.extend_from_slice(&u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes());
        header.resize(HEADER_FIXED, 0);
        for entry in &self.entries {
            header.extend_from_slice(&entry.key.kind.to_le_bytes());
            header.extend_from_slice(&entry.key.nth.to_le_bytes());
            header.extend_from_slice(&[0; 4]);
            for number in [entry.offset, entry.length, entry.checksum] {
                header.extend_from_slice(&number.to_le_bytes());
            }
        }
        header.resize(usize::try_from(bytes).unwrap_or(0), 0);
        let checksum = xxh3_64(&header);
        header[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
        header
    }
}

/// The sections of a file, once its header has proved to be whole, of our format and of that org.
pub(in crate::org_state) fn open(file: &Bytes, org_id: &str) -> Result<Sections, ContainerFault> {
    let entries = entries(file, org_id)?;
    let mut sections = BTreeMap::new();
    for entry in entries {
        let range = range(&entry, file.len())
            .ok_or(ContainerFault::Torn("a section lies outside the file"))?;
        sections.insert(entry.key, (file.slice(range), entry.offset));
    }
    Ok(Sections::of(sections))
}

/// Reads all and compares every checksum.
pub(in crate::org_state) fn verify(file: &Bytes, org_id: &str) -> Result<(), ContainerFault> {
    for entry in entries(file, org_id)? {
        let section = range(&entry, file.len()).and_then(|range| file.get(range));
        if section.map(xxh3_64) != Some(entry.checksum) {
            return Err(ContainerFault::Torn("a section fails its checksum"));
        }
    }
    Ok(())
}

fn entries(file: &Bytes, org_id: &str) -> Result<Vec<Entry>, ContainerFault> {
    let torn = ContainerFault::Torn;
    let header = header_of(file)?;
    let number = |at: usize| u64::from_le_bytes(bytes_at(header, at));
    let mut unsummed = header.to_vec();
    unsummed[CHECKSUM].fill(0);
    if xxh3_64(&unsummed) != number(CHECKSUM.start) {
        return Err(torn("the header fails its checksum"));
    }
    if number(16) != file.len() as u64 {
        return Err(torn("the file has not the length it should have"));
    }
    let written_for = &header[24..24 + ORG_ID_BYTES];
    let end = written_for.iter().position(|byte| *byte == 0);
    let written_for = &written_for[..end.unwrap_or(ORG_ID_BYTES)];
    if written_for != org_id.as_bytes() {
        let found = String::from_utf8_lossy(written_for).into_owned();
        return Err(ContainerFault::Foreign(found));
    }
    let count = u32::from_le_bytes(bytes_at(header, 12)) as usize;
    let table = header[HEADER_FIXED..].chunks_exact(ENTRY).take(count);
    Ok(table
        .map(|entry| {
            let word = |at: usize| u64::from_le_bytes(bytes_at(entry, at));
            Entry {
                key: Key {
                    kind: u16::from_le_bytes(bytes_at(entry, 0)),
                    nth: u16::from_le_bytes(bytes_at(entry, 2)),
                },
                offset: word(8),
                length: word(16),
                checksum: word(24),
            }
        })
        .collect())
}

/// The bytes of the header, after magic and format.
fn header_of(file: &Bytes) -> Result<&[u8], ContainerFault> {
    let torn = ContainerFault::Torn;
    let fixed = file
        .get(..HEADER_FIXED)
        .ok_or(torn("it is shorter than a header"))?;
    if &fixed[..MAGIC.len()] != MAGIC {
        return Err(torn("it does not begin as an index does"));
    }
    let format = u32::from_le_bytes(bytes_at(fixed, 8));
    if format != FORMAT {
        return Err(ContainerFault::Format(format));
    }
    let bytes = u32::from_le_bytes(bytes_at(fixed, 44)) as usize;
    file.get(..bytes)
        .filter(|header| header.len() >= HEADER_FIXED)
        .ok_or(torn("it is shorter than its header says"))
}

fn range(entry: &Entry, file_bytes: usize) -> Option<Range<usize>> {
    let start = usize::try_from(entry.offset).ok()?;
    let end = start.checked_add(usize::try_from(entry.length).ok()?)?;
    (end <= file_bytes).then_some(start..end)
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut number = [0; N];
    if let Some(found) = bytes.get(at..at + N) {
        number.copy_from_slice(found);
    }
    number
}

fn header_bytes(section_count: usize) -> u64 {
    ((HEADER_FIXED + section_count * ENTRY) as u64).next_multiple_of(PAGE)
}
