//! Comparing text as the org does: without regard to case.

use std::borrow::Cow;

/// Folds text for comparison without regard to case; borrows where nothing changes.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// Are the two equal once folded? Allocates only where one of them is not ASCII.
pub(super) fn eq_folded(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        left.eq_ignore_ascii_case(right)
    } else {
        fold(left) == fold(right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_only_in_case_are_equal() {
        let cases = [
            ("ada@acme.com", "ADA@Acme.com", true),
            ("zoë@acme.com", "ZOË@ACME.COM", true),
            ("ada@acme.com", "ada@acme.org", false),
            ("", "", true),
            ("e", "é", false),
        ];
        for (left, right, equal) in cases {
            assert_eq!(eq_folded(left, right), equal, "{left} {right}");
            assert_eq!(fold(left) == fold(right), equal, "{left} {right}");
        }
    }
}
