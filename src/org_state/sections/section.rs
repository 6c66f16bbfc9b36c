//! The bytes of one section, and how to let go of those that were touched.
//!
//! Comes in: bytes in memory, or a place in a file. Goes out: the same bytes, whenever they are
//! asked for. Every section of a file has a mapping of its own, so that what a lookup has touched
//! of one can be given back without the others. It never copies a section.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use super::map::map_range;

/// One section.
#[derive(Debug, Clone, Default)]
pub(in crate::org_state) struct Section {
    bytes: Bytes,
    /// The file and the first byte there; none in memory.
    place: Option<(Arc<File>, u64)>,
}

impl Section {
    /// A section of a file.
    pub(super) fn mapped(file: Arc<File>, offset: u64, length: usize) -> io::Result<Self> {
        Ok(Self {
            bytes: map_range(&file, offset, length)?,
            place: Some((file, offset)),
        })
    }

    /// Some of the bytes from a place on, at most so many where they have to be copied: of a file
    /// they are read, so that nothing of it stays in memory. What cannot be read is no bytes.
    pub(super) fn some(&self, start: usize, length: usize) -> Cow<'_, [u8]> {
        let Some(held) = self.bytes.get(start..) else {
            return Cow::Borrowed(&[]);
        };
        #[cfg(unix)]
        if let Some((file, offset)) = &self.place {
            let mut bytes = vec![0; length.min(held.len())];
            let read = std::os::unix::fs::FileExt::read_exact_at(
                &**file,
                &mut bytes,
                offset + start as u64,
            );
            return Cow::Owned(read.map_or_else(|_| Vec::new(), |()| bytes));
        }
        Cow::Borrowed(held)
    }

    /// Gives back the memory that reading took: the file is mapped anew, with nothing touched.
    /// What is in memory only stays there, and so does a mapping in whose place there can be no
    /// other.
    pub(in crate::org_state) fn let_go(&mut self) {
        if let Some((file, offset)) = &self.place
            && let Ok(bytes) = map_range(file, *offset, self.bytes.len())
        {
            self.bytes = bytes;
        }
    }
}

impl From<Bytes> for Section {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, place: None }
    }
}

impl From<Vec<u8>> for Section {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl Deref for Section {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_reads_the_same_after_its_memory_was_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        std::fs::write(&path, [vec![0; 5000], b"section".to_vec()].concat()).unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        let mut section = Section::mapped(file, 5000, 7).unwrap();
        // An older version is unlinked while it is in use.
        std::fs::remove_file(path).unwrap();
        assert_eq!(&*section, b"section");
        assert_eq!(&*section.some(2, 3), b"cti");
        assert_eq!(&*section.some(5, 100), b"on");
        assert_eq!(&*section.some(8, 1), b"");
        section.let_go();
        assert_eq!(&*section, b"section");

        let mut in_memory = Section::from(b"bytes".to_vec());
        in_memory.let_go();
        assert_eq!(&*in_memory, b"bytes");
    }
}
