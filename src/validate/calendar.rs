//! Dates and times in the forms the org reads (bulk-api-2 §4: `yyyy-MM-dd` without offset,
//! `yyyy-MM-ddTHH:mm:ss` with `Z` or an offset).
//!
//! Only their form and the calendar are checked; nothing here knows today's date.

/// `yyyy-MM-dd`, and a day the calendar has.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (year, month, day) = (
        number(&bytes[..4]),
        number(&bytes[5..7]),
        number(&bytes[8..]),
    );
    match (year, month, day) {
        (Some(year), Some(month @ 1..=12), Some(day)) => (1..=days_of(year, month)).contains(&day),
        _ => false,
    }
}

/// `yyyy-MM-ddTHH:mm:ss`, perhaps with a fraction, then `Z` or an offset such as `+01:00`.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('T') else {
        return false;
    };
    is_date(date) && rest.is_ascii() && rest.len() > 8 && is_time(&rest[..8]) && is_zone(&rest[8..])
}

fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let below = |part: &[u8], limit| number(part).is_some_and(|value| value < limit);
    bytes[2] == b':'
        && bytes[5] == b':'
        && below(&bytes[..2], 24)
        && below(&bytes[3..5], 60)
        && below(&bytes[6..], 60)
}

fn is_zone(text: &str) -> bool {
    let zone = match text.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => text,
    };
    let Some(offset) = zone.strip_prefix(['+', '-']) else {
        return zone == "Z";
    };
    let digits: Vec<u8> = offset.bytes().filter(|byte| *byte != b':').collect();
    let is_shaped = offset.len() == 4 || (offset.len() == 5 && offset.as_bytes()[2] == b':');
    is_shaped && digits.len() == 4 && number(&digits).is_some()
}

fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_the_calendar_has_are_dates() {
        for good in ["2026-12-31", "2024-02-29", "2000-02-29", "1999-01-01"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "31.12.2026",
            "2026-1-1",
            "12/31/2026",
            "2026-12-31T00:00:00Z",
            "",
            "０026-12-31",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn a_date_with_time_needs_a_zone() {
        for good in [
            "2026-12-31T23:59:59Z",
            "2026-12-31T00:00:00.000Z",
            "2026-12-31T00:00:00+01:00",
            "2026-12-31T00:00:00.5-0800",
        ] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in [
            "2026-12-31",
            "2026-12-31T00:00:00",
            "2026-12-31T24:00:00Z",
            "2026-12-31T00:60:00Z",
            "2026-12-31 00:00:00Z",
            "2026-12-31T00:00:00+1",
            "2026-12-31Té",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }
}
