//! The file's bytes become decoded text, block by block, and a digest.
//!
//! Comes in: a reader. Goes out: UTF-8 text, except that bytes which do not decode stay (in a
//! UTF-8 file) or become one byte 0xFF (in any other), so that the record they stand in is found
//! not to be text. Reads forward only, and never more than was asked for.

use std::io::{self, Cursor, Read};

use crate::model::digest::hex;
use encoding_rs::{Decoder, DecoderResult, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3Default;

/// Bytes that are looked at to find a byte order mark, or UTF-16 without one.
const SNIFF_BYTES: usize = 512;
/// Stands for bytes that do not decode; occurs nowhere in UTF-8.
const UNDECODABLE: u8 = 0xFF;
/// Text decoded at once.
const DECODED_BYTES: usize = 16 << 10;

/// How a file's bytes are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoded {
    /// The encoding.
    pub(super) encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub(super) bom_bytes: usize,
}

impl Encoded {
    /// Is the text something else than the bytes of the file?
    pub(super) fn is_transcoded(self) -> bool {
        self.encoding != UTF_8
    }

    /// How the encoding is called to people.
    pub(super) fn name(self) -> &'static str {
        self.encoding.name()
    }

    /// Does this label name the encoding? `utf-16` names both byte orders.
    pub(super) fn is_called(self, label: &str) -> bool {
        let both = label.trim().eq_ignore_ascii_case("utf-16");
        Encoding::for_label(label.as_bytes()) == Some(self.encoding)
            || both && (self.encoding == UTF_16LE || self.encoding == UTF_16BE)
    }
}

/// Why a file's encoding is not clear.
#[derive(Debug)]
pub(super) enum SniffError {
    /// Reading failed.
    Io(io::Error),
    /// The label names no encoding.
    UnknownLabel,
    /// It looks like this encoding, and nothing says so.
    Utf16WithoutBom(&'static str),
}

/// A file being read.
pub(super) struct Source {
    raw: Box<dyn Read + Send>,
    block_bytes: usize,
    /// None: the bytes are the text.
    transcoder: Option<Transcoder>,
    digests: Digests,
}

/// What is made of all bytes on the way.
struct Digests {
    /// The name of the content. None: nobody wants it, for it costs more than the parsing.
    sha256: Option<Sha256>,
    /// Tells in a second pass whether the content is still the same. None: there is no other pass.
    fingerprint: Option<Xxh3Default>,
}

struct Transcoder {
    decoder: Decoder,
    raw: Vec<u8>,
    scratch: Vec<u8>,
    decoded: Vec<u8>,
    /// Bytes of `decoded` that were handed out.
    taken: usize,
    ended: bool,
}

impl Source {
    /// Looks at the first bytes and starts reading behind the byte order mark.
    pub(super) fn start(
        mut raw: Box<dyn Read + Send>,
        label: Option<&str>,
        block_bytes: usize,
    ) -> Result<(Self, Encoded), SniffError> {
        let mut head = Vec::with_capacity(SNIFF_BYTES);
        raw.by_ref()
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut head)
            .map_err(SniffError::Io)?;
        let encoded = sniff(&head, label)?;
        let mut digests = Digests {
            sha256: Some(Sha256::new()),
            fingerprint: Some(Xxh3Default::new()),
        };
        digests.update(&head[..encoded.bom_bytes]);
        head.drain(..encoded.bom_bytes);
        let transcoder = encoded.is_transcoded().then(|| Transcoder {
            decoder: encoded.encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            scratch: vec![0; DECODED_BYTES],
            decoded: Vec::new(),
            taken: 0,
            ended: false,
        });
        let raw = Box::new(Cursor::new(head).chain(raw));
        Ok((
            Self {
                raw,
                block_bytes,
                transcoder,
                digests,
            },
            encoded,
        ))
    }

    /// Appends text until there are `target` bytes of it; fewer mean that the file has ended.
    ///
    /// Tells where the bytes begin that [`Self::digest`] has still to be given.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>, target: usize) -> io::Result<usize> {
        let before = text.len();
        if let Some(transcoder) = &mut self.transcoder {
            transcoder.hand_out(text, target);
            while text.len() < target && !transcoder.ended {
                transcoder.read(&mut self.raw, self.block_bytes, &mut self.digests)?;
                transcoder.hand_out(text, target);
            }
            return Ok(text.len());
        }
        text.reserve_exact(target.saturating_sub(before));
        while text.len() < target {
            let wanted = self.block_bytes.min(target - text.len()) as u64;
            if self.raw.by_ref().take(wanted).read_to_end(text)? == 0 {
                break;
            }
        }
        Ok(before)
    }

    /// Takes raw bytes into the digest; apart from [`Self::fill`], so that it can go on while
    /// the same bytes are parsed.
    pub(super) fn digest(&mut self, raw: &[u8]) {
        self.digests.update(raw);
    }

    /// Makes no SHA-256.
    pub(super) fn forget_sha256(&mut self) {
        self.digests.sha256 = None;
    }

    /// Takes no fingerprint.
    pub(super) fn forget_fingerprint(&mut self) {
        self.digests.fingerprint = None;
    }

    /// The fingerprint of all bytes read so far.
    pub(super) fn fingerprint(&self) -> Option<u128> {
        let fingerprint = self.digests.fingerprint.as_ref()?;
        Some(fingerprint.digest128())
    }

    /// The SHA-256 of all bytes read so far, as lower-case hex.
    pub(super) fn sha256(&self) -> Option<String> {
        let digest = self.digests.sha256.clone()?.finalize();
        Some(hex(&digest))
    }
}

impl Digests {
    fn update(&mut self, raw: &[u8]) {
        if let Some(fingerprint) = &mut self.fingerprint {
            fingerprint.update(raw);
        }
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(raw);
        }
    }
}

impl Transcoder {
    /// Moves decoded text over, up to the target.
    fn hand_out(&mut self, text: &mut Vec<u8>, target: usize) {
        let ready = &self.decoded[self.taken..];
        let taken = ready.len().min(target.saturating_sub(text.len()));
        text.extend_from_slice(&ready[..taken]);
        self.taken += taken;
    }

    /// Decodes one more block; what was decoded before has been handed out.
    fn read(
        &mut self,
        from: &mut dyn Read,
        block_bytes: usize,
        digests: &mut Digests,
    ) -> io::Result<()> {
        self.raw.clear();
        from.take(block_bytes as u64).read_to_end(&mut self.raw)?;
        digests.update(&self.raw);
        self.ended = self.raw.is_empty();
        self.decoded.clear();
        self.taken = 0;
        let mut rest = self.raw.as_slice();
        loop {
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                rest,
                &mut self.scratch,
                self.ended,
            );
            rest = &rest[read..];
            self.decoded.extend_from_slice(&self.scratch[..written]);
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.decoded.push(UNDECODABLE),
            }
        }
    }
}

/// A byte order mark decides, else the label, else it is UTF-8 unless it looks like UTF-16.
fn sniff(head: &[u8], label: Option<&str>) -> Result<Encoded, SniffError> {
    let named = match label {
        Some(label) => Some(
            Encoding::for_label(label.as_bytes())
                .filter(|encoding| *encoding != REPLACEMENT)
                .ok_or(SniffError::UnknownLabel)?,
        ),
        None => None,
    };
    if let Some((encoding, bom_bytes)) = Encoding::for_bom(head) {
        return Ok(Encoded {
            encoding,
            bom_bytes,
        });
    }
    match (named, unmarked_utf_16(head)) {
        (None, Some(encoding)) => Err(SniffError::Utf16WithoutBom(encoding)),
        (named, _) => Ok(Encoded {
            encoding: named.unwrap_or(UTF_8),
            bom_bytes: 0,
        }),
    }
}

/// The label of the UTF-16 these bytes look like: one of the first two bytes is zero, as are a
/// third of those in its places and none of the others. No usable UTF-8 header begins so.
fn unmarked_utf_16(head: &[u8]) -> Option<&'static str> {
    let zeros = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let many = head.len() / 6;
    match (head, zeros(0), zeros(1)) {
        ([_, 0, ..], 0, odd) if odd >= many => Some("utf-16le"),
        ([0, _, ..], even, 0) if even >= many => Some("utf-16be"),
        _ => None,
    }
}
