//! Seats are counted again right before each wave of users: others work in the org too, and a
//! row that finds no seat any more is told so by us, not refused by the org (R-1307, R-405).

use std::collections::BTreeMap;

use crate::model::id::{LicenseId, LicenseIndex, RowOrdinal};
use crate::model::rejection::{Code, Fault, Rejected};
use crate::pipeline::work::{Run, Shared};
use crate::pipeline::{RunError, late};
use crate::plan::PlannedWave;
use crate::validate::rules::rule;

/// Seats of a licence as the org counts them now.
struct Seats {
    total: u64,
    used: u64,
}

/// Rejects the rows of a wave that would find no seat now, the last of the input first. A row that
/// was sent before is left to the org, which may have made its user; it counts like the others.
pub(super) async fn recount(
    run: Run<'_>,
    work: &Shared,
    wave: &PlannedWave,
) -> Result<(), RunError> {
    let seats = seats_now(run).await?;
    let of = wave.clone();
    let wanted = work
        .compute(run.walk, move |work| {
            work.plan.seats_wanted(&of, &|row| work.is_due(row))
        })
        .await;
    let mut rejected = Vec::new();
    for (license, wanted) in wanted {
        let Some(now) = seats.get(&license) else {
            continue;
        };
        let left = now.total.saturating_sub(now.used);
        if wanted <= left {
            continue;
        }
        let name = run
            .licenses
            .get(usize::from(license.0))
            .map_or("", |license| license.name.as_str());
        let rows = work.with(|work| {
            let is_new = |row| work.is_due(row) && work.outcomes.tries(row) == 0;
            work.plan.rows_wanting_seats(wave, license, &is_new)
        });
        let tried = wanted - rows.len() as u64;
        let left_to_new = usize::try_from(left.saturating_sub(tried)).unwrap_or(usize::MAX);
        let Some(without) = rows.get(left_to_new..).filter(|rows| !rows.is_empty()) else {
            continue;
        };
        let text = format!(
            "{} rows find no free seat of {name} any more: {left} are left now, {wanted} are \
             wanted; see failure.csv",
            without.len()
        );
        run.walk.warn(Code::NoSeat.as_str(), &text);
        rejected.extend(without.iter().map(|row| without_seat(*row, name, now)));
    }
    late::reject(run, work, rejected).await
}

/// The seats of every licence, asked anew. A licence without a limit, which the org writes as a
/// negative number, is left out.
async fn seats_now(run: Run<'_>) -> Result<BTreeMap<LicenseIndex, Seats>, RunError> {
    const SOQL: &str = "SELECT Id, TotalLicenses, UsedLicenses FROM UserLicense";
    let records = run.walk.org.query(SOQL).await?;
    let seats = records.iter().filter_map(|record| {
        let id = LicenseId::parse(record.text("Id")).ok()?;
        let place = run.licenses.iter().position(|one| one.is(id))?;
        let index = LicenseIndex(u16::try_from(place).ok()?);
        let total = record
            .number("TotalLicenses")
            .filter(|total| *total >= 0.0)?;
        let used = record.number("UsedLicenses").unwrap_or_default();
        let (total, used) = (whole(total), whole(used));
        Some((index, Seats { total, used }))
    });
    Ok(seats.collect())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of seats are whole and small; `as` saturates"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn without_seat(row: RowOrdinal, license: &str, now: &Seats) -> Rejected {
    let rule = rule(Code::NoSeat);
    let fault = Fault {
        code: Code::NoSeat.as_str().to_owned(),
        reason: format!(
            "no free seat of {license} was left when this row was to be sent: {} of {} are in use",
            now.used, now.total
        ),
        fix: rule.fix.to_owned(),
        retry: rule.retry,
    };
    Rejected {
        row,
        faults: vec![(Code::NoSeat, fault)],
        behind: Vec::new(),
    }
}
