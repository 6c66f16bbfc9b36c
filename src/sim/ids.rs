//! Record ids: 15 case-sensitive characters, or 18 with a suffix that protects the case.

/// The 15 characters that tell records apart.
pub(super) type IdKey = [u8; 15];

const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The key of a 15- or 18-character id; `None` when the text is no id, or its suffix contradicts
/// its case.
pub(super) fn key(text: &str) -> Option<IdKey> {
    let bytes = text.as_bytes();
    if !matches!(bytes.len(), 15 | 18) || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let key: IdKey = bytes.get(..15)?.try_into().ok()?;
    let fits = bytes.len() == 15 || bytes.get(15..)?.eq_ignore_ascii_case(&suffix(&key));
    fits.then_some(key)
}

/// The 18-character form.
pub(super) fn long(key: &IdKey) -> String {
    let mut text = String::with_capacity(18);
    text.extend(key.iter().map(|byte| char::from(*byte)));
    text.extend(suffix(key).map(char::from));
    text
}

/// The id number `count` of a prefix, as this org hands them out.
pub(super) fn minted(prefix: &str, count: u64) -> String {
    let mut key = *b"000SIM000000000";
    for (slot, byte) in key.iter_mut().zip(prefix.bytes()) {
        *slot = byte;
    }
    let mut rest = count;
    for slot in key.iter_mut().skip(6).rev() {
        *slot = DIGITS[usize::try_from(rest % 62).unwrap_or(0)];
        rest /= 62;
    }
    long(&key)
}

/// One character per five: which of them are upper case.
fn suffix(key: &IdKey) -> [u8; 3] {
    let mut suffix = [0; 3];
    for (slot, five) in suffix.iter_mut().zip(key.chunks(5)) {
        let bits = five
            .iter()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_uppercase());
        *slot = SUFFIX[bits.fold(0, |sum, (place, _)| sum | (1 << place))];
    }
    suffix
}
