//! Values a row need not give: username by pattern, alias, nickname.
//!
//! Each is a pure function of the person's name, e-mail and ids, so that the same file gives the
//! same users on any machine and any day.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::model::id::ContactId;
use crate::model::user::FoldedKey;

/// A username pattern, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UsernamePattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Lower-cased text between placeholders.
    Text(String),
    Placeholder(Placeholder),
}

/// What a pattern may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    Email,
    First,
    Last,
    ContactId,
    Account,
}

/// What the derived values are made of; empty texts are unknown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ingredients<'a> {
    pub(super) first: &'a str,
    pub(super) last: &'a str,
    pub(super) email: &'a str,
    pub(super) contact: Option<ContactId>,
    pub(super) account: &'a str,
}

/// Characters of a derived alias: first letter and four of the last name, as the org's own user
/// page does it (R-113).
pub(super) const ALIAS_LETTERS: usize = 5;

/// Letters of a derived nickname before its hash.
const NICKNAME_LETTERS_MAX: usize = 24;

/// Characters of the hash in a derived nickname: 36^8 values for people of one name.
const NICKNAME_HASH_LENGTH: usize = 8;

impl Placeholder {
    const ALL: [Self; 5] = [
        Self::Email,
        Self::First,
        Self::Last,
        Self::ContactId,
        Self::Account,
    ];

    /// As the pattern spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Email => "{email}",
            Self::First => "{first}",
            Self::Last => "{last}",
            Self::ContactId => "{contactid}",
            Self::Account => "{account}",
        }
    }

    /// What it stands for, for people.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::First => "first name",
            Self::Last => "last name",
            Self::ContactId => "contact",
            Self::Account => "account name",
        }
    }
}

impl UsernamePattern {
    /// Takes a pattern apart; the error says what is wrong with it.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let lower = pattern.trim().to_lowercase();
        let (mut parts, mut rest) = (Vec::new(), lower.as_str());
        while let Some(open) = rest.find('{') {
            let known = |what: &&Placeholder| rest[open..].starts_with(what.name());
            let Some(what) = Placeholder::ALL.iter().find(known) else {
                return Err(format!(
                    "`{}` starts no placeholder it knows",
                    &rest[open..]
                ));
            };
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            parts.push(Part::Placeholder(*what));
            rest = &rest[open + what.name().len()..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let pattern = Self { parts };
        if !pattern.asks_for(|what| what != Placeholder::Account) {
            return Err("it would give several people the same username".to_owned());
        }
        if !lower.contains('@') && !pattern.asks_for(|what| what == Placeholder::Email) {
            return Err("a username has the form of an e-mail address".to_owned());
        }
        Ok(pattern)
    }

    /// Does it hold a placeholder that fits?
    pub(super) fn asks_for(&self, fits: impl Fn(Placeholder) -> bool) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Placeholder(what) if fits(*what)))
    }

    /// Writes the username, lower case (R-106), or says what is missing for it. Names lose what
    /// usernames cannot hold; the e-mail address stands as it is.
    pub(super) fn fill(
        &self,
        from: Ingredients<'_>,
        username: &mut String,
    ) -> Result<(), Placeholder> {
        username.clear();
        for part in &self.parts {
            let what = match part {
                Part::Text(text) => {
                    username.push_str(text);
                    continue;
                }
                Part::Placeholder(what) => *what,
            };
            let before = username.len();
            match what {
                Placeholder::Email => push_lower(username, from.email),
                Placeholder::First => push_plain(username, from.first, usize::MAX),
                Placeholder::Last => push_plain(username, from.last, usize::MAX),
                Placeholder::Account => push_plain(username, from.account, usize::MAX),
                Placeholder::ContactId => {
                    let id = from.contact.map(|contact| contact.record().to_18());
                    let letters = id.iter().flatten().map(u8::to_ascii_lowercase);
                    username.extend(letters.map(char::from));
                }
            }
            if username.len() == before {
                return Err(what);
            }
        }
        Ok(())
    }
}

/// Writes an alias of at most eight plain letters and digits.
pub(super) fn alias(from: Ingredients<'_>, alias: &mut String) {
    alias.clear();
    push_plain(alias, from.first, 1);
    push_plain(alias, from.last, ALIAS_LETTERS - alias.len());
    if alias.is_empty() {
        // A name without Latin letters.
        alias.push('u');
        push_hash(alias, from, 0, ALIAS_LETTERS);
    }
}

/// Writes a nickname: first initial, last name, hash of the contact's id (R-110). Another
/// `attempt` gives another hash. Tells how many letters of the name it starts with; the first of
/// them are the alias too, unless there is none.
pub(super) fn nickname(from: Ingredients<'_>, attempt: u64, nickname: &mut String) -> usize {
    nickname.clear();
    push_plain(nickname, from.first, 1);
    push_plain(nickname, from.last, NICKNAME_LETTERS_MAX);
    let letters = nickname.len();
    if nickname.is_empty() {
        nickname.push_str("member");
    }
    nickname.push('-');
    push_hash(nickname, from, attempt, NICKNAME_HASH_LENGTH);
    letters
}

/// The key under which equal texts are found; the text must already be folded where case does
/// not count.
pub(super) fn key(folded: &str) -> FoldedKey {
    FoldedKey(xxh3_128(folded.as_bytes()))
}

/// Appends text in lower case.
pub(super) fn push_lower(to: &mut String, text: &str) {
    if text.is_ascii() {
        let start = to.len();
        to.push_str(text);
        to[start..].make_ascii_lowercase();
    } else {
        to.push_str(&text.to_lowercase());
    }
}

/// Appends the plain Latin letters and digits of a text, lower case, at most so many characters.
fn push_plain(to: &mut String, text: &str, mut room: usize) {
    if text.is_ascii() {
        let head = &text[..text.len().min(room)];
        if head.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return push_lower(to, head);
        }
        let plain = text.bytes().filter(u8::is_ascii_alphanumeric).take(room);
        to.extend(plain.map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    for letter in text.chars() {
        if room == 0 {
            return;
        }
        if letter.is_ascii() {
            if letter.is_ascii_alphanumeric() {
                to.push(letter.to_ascii_lowercase());
                room -= 1;
            }
            continue;
        }
        for lower in letter.to_lowercase() {
            let plain = plain_letters(lower);
            let plain = &plain[..plain.len().min(room)];
            to.push_str(plain);
            room -= plain.len();
        }
    }
}

fn push_hash(to: &mut String, from: Ingredients<'_>, attempt: u64, length: usize) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let contact = from.contact.map(ContactId::record);
    let id = contact.as_ref().map_or(&[][..], |id| id.as_bytes());
    let mut rest = xxh3_64(id).wrapping_add(attempt);
    for _ in 0..length {
        to.push(char::from(DIGITS[usize::try_from(rest % 36).unwrap_or(0)]));
        rest /= 36;
    }
}

/// The plain form of a lower-case letter with a mark; empty for everything else.
fn plain_letters(letter: char) -> &'static str {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    }
}
