//! When a run stops or pauses: flags, variables and keys -> `StoppingSettings`. Pure.

use crate::model::settings::{DailyWindow, FailuresMax, StoppingSettings};

use super::layers::Setting;
use super::settings::Desk;
use super::values::{self, Wants};

/// Milliseconds of the unit of `--wait`, which is that of the `sf` command.
const MINUTE_MS: u64 = 60_000;

/// Shortest wait for a run's end.
const WAIT_MS_MIN: u64 = 1_000;

/// Everything said about stopping.
pub(super) fn stopping(desk: &mut Desk<'_>) -> StoppingSettings {
    StoppingSettings {
        wait_ms: desk.value(Setting::Wait, None, wait_ms),
        failures_max: desk.value(Setting::MaxFailures, None, failures_max),
        counts_anew: false,
        window: desk.value(Setting::Window, None, window),
        pilot_rows: desk.value(Setting::Pilot, None, pilot_rows),
    }
}

/// What a process that takes up a run is told of stopping: a pilot is the run's own.
pub(super) fn stopping_anew(desk: &mut Desk<'_>) -> StoppingSettings {
    StoppingSettings {
        wait_ms: desk.value(Setting::Wait, None, wait_ms),
        failures_max: desk.typed(Setting::MaxFailures, None, failures_max),
        counts_anew: false,
        window: desk.value(Setting::Window, None, window),
        pilot_rows: None,
    }
}

/// `--wait`: minutes, as `sf` counts, or a duration with its unit. Whoever does not wait at all
/// would begin a run only to leave it.
fn wait_ms(text: &str) -> Result<Option<u64>, Wants> {
    let wants = || Wants::from("a number of minutes, or a duration from 1s such as 90s or 2h");
    let minutes = text.trim().parse::<u64>().ok();
    let ms = match minutes.and_then(|minutes| minutes.checked_mul(MINUTE_MS)) {
        Some(ms) => ms,
        None => values::duration_ms(text).map_err(|_| wants())?,
    };
    if ms < WAIT_MS_MIN {
        return Err(wants());
    }
    Ok(Some(ms))
}

/// `--max-failures`: `20` in a row, or `5%` of all.
fn failures_max(text: &str) -> Result<Option<FailuresMax>, Wants> {
    let text = text.trim();
    let wants = || Wants::from("a whole number from 1, or a percentage from 0% to 99%");
    let max = match text.strip_suffix('%') {
        Some(percent) => {
            let percent = values::number(percent, 0, 99).map_err(|_| wants())?;
            FailuresMax::Percent(u8::try_from(percent).unwrap_or(u8::MAX))
        }
        None => FailuresMax::InARow(
            values::number(text, 1, u32::MAX)
                .map_err(|_| wants())?
                .into(),
        ),
    };
    Ok(Some(max))
}

/// `--window`: `20:00-06:00`.
fn window(text: &str) -> Result<Option<DailyWindow>, Wants> {
    let wants = || Wants::from("two times of the day, such as 20:00-06:00");
    let (from, to) = text.trim().split_once('-').ok_or_else(wants)?;
    let minute = |text: &str| {
        let (hour, minute) = text.trim().split_once(':').ok_or_else(wants)?;
        let hour = values::number(hour, 0, 23).map_err(|_| wants())?;
        let minute = values::number(minute, 0, 59).map_err(|_| wants())?;
        u16::try_from(hour * 60 + minute).map_err(|_| wants())
    };
    let (from_minute, to_minute) = (minute(from)?, minute(to)?);
    if from_minute == to_minute {
        return Err("two times of the day that differ, such as 20:00-06:00".into());
    }
    Ok(Some(DailyWindow {
        from_minute,
        to_minute,
    }))
}

/// `--pilot`.
fn pilot_rows(text: &str) -> Result<Option<u32>, Wants> {
    values::number(text, 1, 10_000).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_said_in_minutes_or_with_a_unit() {
        assert_eq!(wait_ms("30"), Ok(Some(30 * 60_000)));
        assert_eq!(wait_ms("90s"), Ok(Some(90_000)));
        assert_eq!(wait_ms("1s"), Ok(Some(1_000)));
        for text in ["soon", "0", "0s"] {
            assert!(wait_ms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refusals_are_counted_in_a_row_or_in_percent() {
        assert_eq!(failures_max("20"), Ok(Some(FailuresMax::InARow(20))));
        assert_eq!(failures_max("5%"), Ok(Some(FailuresMax::Percent(5))));
        for text in ["0", "100%", "-1", "five", "%"] {
            assert!(failures_max(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_is_two_different_times_of_the_day() {
        let night = DailyWindow {
            from_minute: 20 * 60,
            to_minute: 6 * 60,
        };
        assert_eq!(window("20:00-06:00"), Ok(Some(night)));
        for text in [
            "20-06",
            "24:00-06:00",
            "20:00",
            "20:60-06:00",
            "06:00-06:00",
        ] {
            assert!(window(text).is_err(), "{text}");
        }
    }
}
