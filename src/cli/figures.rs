//! Numbers, times and foreign text as people read them. Pure.

/// `1234567` -> `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(number: u64, one: &str, several: &str) -> String {
    format!(
        "{} {}",
        count(number),
        if number == 1 { one } else { several }
    )
}

/// Seconds as their two largest units: `45 s`, `3 min 20 s`, `5 h 2 min`, `2 d 4 h`.
pub(crate) fn duration(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let Some(largest) = units.iter().position(|(size, _)| seconds >= *size) else {
        return "0 s".to_owned();
    };
    let (size, name) = units[largest];
    let whole = format!("{} {name}", seconds / size);
    match units.get(largest + 1) {
        Some((next, name)) if seconds % size >= *next => {
            format!("{whole} {} {name}", seconds % size / next)
        }
        _ => whole,
    }
}

/// Seconds of a stop watch; below ten with one decimal.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shown to people; never negative, and `as` saturates"
)]
pub(crate) fn stopwatch(seconds: f64) -> String {
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        duration(seconds.round() as u64)
    }
}

/// Bytes in the largest decimal unit: `980 B`, `12.3 kB`, `4.0 MB`.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(size, _)| bytes >= *size) {
        Some((size, name)) => format!("{:.1} {name}", bytes as f64 / *size as f64),
        None => format!("{bytes} B"),
    }
}

/// Text that came from outside, safe for a terminal: control characters become spaces, so that
/// no cell, name or path can move the cursor or change colours.
pub(crate) fn tame(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_a_comma_every_three_digits() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(2000, "row", "rows"), "2,000 rows");
    }

    #[test]
    fn durations_show_their_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (3_600, "1 h"),
            (3_659, "1 h"),
            (18_120, "5 h 2 min"),
            (187_300, "2 d 4 h"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(stopwatch(0.04), "0.0 s");
        assert_eq!(stopwatch(61.4), "1 min 1 s");
    }

    #[test]
    fn bytes_take_the_largest_unit() {
        for (number, text) in [(980, "980 B"), (12_340, "12.3 kB"), (4_000_000, "4.0 MB")] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(tame("a\u{1b}[31mb\r\nc"), "a [31mb  c");
    }
}
