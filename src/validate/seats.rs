//! Seats: how many each licence has left, dealt in input order.

use crate::model::id::LicenseIndex;
use crate::model::summary::SeatForecast;
use crate::org_state::LicenseFacts;

/// The seats of every licence of the org.
#[derive(Debug)]
pub(super) struct Seats {
    licenses: Vec<SeatForecast>,
}

/// What came of asking for a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seat {
    Taken,
    /// None is left: why, for the row's reason.
    None(String),
}

impl Seats {
    /// As the org counts them before the run.
    pub(super) fn of(licenses: &[LicenseFacts]) -> Self {
        let forecast = |license: &LicenseFacts| SeatForecast {
            license: license.name.clone(),
            total: license.seats_total,
            used_before: license.seats_used,
            taken: 0,
            short: 0,
        };
        Self {
            licenses: licenses.iter().map(forecast).collect(),
        }
    }

    /// Takes a seat if one is left.
    pub(super) fn take(&mut self, license: LicenseIndex) -> Seat {
        let Some(seats) = self.licenses.get_mut(usize::from(license.0)) else {
            return Seat::None("the profile's licence is not one of the org's".to_owned());
        };
        if seats.used_before.saturating_add(seats.taken) < seats.total {
            seats.taken += 1;
            return Seat::Taken;
        }
        seats.short += 1;
        Seat::None(format!(
            "no free seat of {}: {} of {} were in use, rows before this one take {}, and this is \
             waiting row {}",
            seats.license, seats.used_before, seats.total, seats.taken, seats.short
        ))
    }

    /// The licences this file asks for.
    pub(super) fn in_use(&self) -> Vec<SeatForecast> {
        let is_used = |seats: &&SeatForecast| seats.taken + seats.short > 0;
        self.licenses.iter().filter(is_used).cloned().collect()
    }
}
