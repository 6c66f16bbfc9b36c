//! The wall clock of the simulated org: one origin plus the runtime's elapsed time.
//!
//! Under a paused runtime clock every timestamp is a pure function of what was asked and when.
//! Milliseconds since 1970 go in and out; texts follow the wire (bulk-api-2.md §3.3, §5).

use std::sync::OnceLock;

use tokio::time::Instant;

/// 2026-01-05T08:00:00Z, the moment the first request reaches the org.
pub(super) const ORIGIN_MS: u64 = 1_767_600_000_000;

/// When seeded records were last touched, unless the seed says otherwise.
pub(super) const SEEDED_AT: &str = "2026-01-04T08:00:00.000Z";

const DAY_MS: u64 = 86_400_000;

/// Starts to run at the first request, so that the time spent building the org does not count.
#[derive(Debug, Default)]
pub(super) struct Clock {
    started: OnceLock<Instant>,
}

impl Clock {
    /// Milliseconds since 1970, by the simulated wall.
    pub(super) fn now_ms(&self) -> u64 {
        let now = Instant::now();
        let started = *self.started.get_or_init(|| now);
        let elapsed = now.saturating_duration_since(started).as_millis();
        ORIGIN_MS.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }
}

/// As a record stores it and a Bulk query prints it: `2026-01-05T08:00:00.000Z`.
pub(super) fn stored(ms: u64) -> String {
    format!("{}Z", without_zone(ms))
}

/// As REST and job JSON print it: `2026-01-05T08:00:00.000+0000`, without a colon.
pub(super) fn on_the_wire(ms: u64) -> String {
    format!("{}+0000", without_zone(ms))
}

/// A stored date-time as REST prints it.
pub(super) fn rest_form(stored: &str) -> String {
    stored
        .strip_suffix('Z')
        .map_or_else(|| stored.to_owned(), |head| format!("{head}+0000"))
}

/// A calendar date, `2026-01-05`.
pub(super) fn is_date(text: &str) -> bool {
    day_of(text).is_some()
}

/// A date-time of the forms the Bulk API takes (bulk-api-2.md §4), as milliseconds since 1970.
pub(super) fn parse_date_time(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once('T')?;
    let day = day_of(date)?;
    let (clock, offset_minutes) = split_zone(rest)?;
    let (hms, millis) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = hms.split(':');
    let hour = two_digits(parts.next()?, 23)?;
    let minute = two_digits(parts.next()?, 59)?;
    let second = two_digits(parts.next()?, 59)?;
    if parts.next().is_some() || millis.is_empty() || millis.len() > 3 || !all_digits(millis) {
        return None;
    }
    let millis = format!("{millis:0<3}").parse::<i64>().ok()?;
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + millis;
    let ms = day.checked_mul(DAY_MS.cast_signed())? + of_day - offset_minutes * 60_000;
    u64::try_from(ms).ok()
}

fn without_zone(ms: u64) -> String {
    let (year, month, day) = civil((ms / DAY_MS).cast_signed());
    let of_day = ms % DAY_MS;
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, milli) = (of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}")
}

/// Splits `08:00:00.000Z` or `08:00:00+02:00` into clock time and offset in minutes.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let at = text.rfind(['+', '-'])?;
    let (clock, zone) = (text.get(..at)?, text.get(at..)?);
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 4 || zone.len() > 6 {
        return None;
    }
    let minutes = two_digits(digits.get(..2)?, 23)? * 60 + two_digits(digits.get(2..)?, 59)?;
    Some((
        clock,
        if zone.starts_with('-') {
            -minutes
        } else {
            minutes
        },
    ))
}

/// Days since 1970 of a `yyyy-MM-dd` text that names a real day.
fn day_of(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || !all_digits(year) {
        return None;
    }
    let (year, month, day) = (
        year.parse().ok()?,
        two_digits(month, 12)?,
        two_digits(day, 31)?,
    );
    let days = days_from_civil(year, month, day);
    (civil(days) == (year, month, day)).then_some(days)
}

fn two_digits(text: &str, max: i64) -> Option<i64> {
    let value = (text.len() == 2 && all_digits(text))
        .then(|| text.parse().ok())
        .flatten()?;
    (value <= max).then_some(value)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Year, month and day of a day number (the era arithmetic of the proleptic Gregorian calendar).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}
