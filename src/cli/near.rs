//! "Did you mean": which known words look like the one that was typed. Pure.

/// One more edit is forgiven for so many characters typed.
const CHARACTERS_PER_EDIT: usize = 4;

/// Suggestions at most.
const SUGGESTIONS_MAX: usize = 4;

/// The known words most like `word`, best first: a few edits away, or sharing its beginning or
/// its words.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let edits_max = 1 + word.chars().count() / CHARACTERS_PER_EDIT;
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let folded = candidate.to_lowercase();
            let edits = edits(&word, &folded);
            let alike = edits <= edits_max || shares_words(&word, &folded);
            alike.then_some((edits, candidate))
        })
        .collect();
    found.sort_unstable();
    found.truncate(SUGGESTIONS_MAX);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The words quoted and joined, such as `` `a` or `b` ``; empty when nothing is near.
pub(crate) fn any_of(near: &[&str]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = near.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(" or ")
}

/// Every word of what was typed stands in the candidate.
fn shares_words(word: &str, candidate: &str) -> bool {
    let mut parts = word
        .split(['-', '_', ' '])
        .filter(|part| part.len() > 2)
        .peekable();
    parts.peek().is_some() && parts.all(|part| candidate.contains(part))
}

/// Levenshtein distance in characters.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let known = [
            "lanes",
            "seed",
            "site",
            "contact-not-found",
            "account-not-found",
        ];
        for (typed, expected) in [
            ("lanse", &["lanes"][..]),
            ("contcat-not-found", &["contact-not-found"]),
            ("not-found", &["account-not-found", "contact-not-found"]),
            ("zzz", &[]),
        ] {
            assert_eq!(nearest(typed, known), expected, "{typed}");
        }
    }

    #[test]
    fn edits_count_insertions_removals_and_replacements() {
        for (left, right, count) in [("", "abc", 3), ("abc", "abc", 0), ("abc", "axc", 1)] {
            assert_eq!(edits(left, right), count);
            assert_eq!(edits(right, left), count);
        }
    }
}
