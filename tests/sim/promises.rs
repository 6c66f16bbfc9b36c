//! What every run must have kept, looked at from outside: in its files and in the org.

use std::collections::BTreeSet;

use crate::line::Happening;
use crate::outputs::{End, Outputs, Written};
use crate::rehearsal::Rehearsal;

/// What is wrong with a run that ended; nothing where all is well.
pub(crate) fn broken(rehearsal: &Rehearsal<'_>, outputs: &Outputs) -> Result<(), String> {
    let twice = rehearsal.org().contacts_with_two_users();
    if !twice.is_empty() {
        return Err(format!("contacts with two users: {twice:?}"));
    }
    conserved(rehearsal, outputs)?;
    reported(rehearsal, outputs)?;
    assigned(rehearsal, outputs)?;
    within_pace(rehearsal)
}

/// Every row in one file, once, in input order, as it came.
fn conserved(rehearsal: &Rehearsal<'_>, outputs: &Outputs) -> Result<(), String> {
    let story = rehearsal.story;
    for (name, file) in [
        ("success.csv", &outputs.success),
        ("failure.csv", &outputs.failure),
    ] {
        if !file.is_sorted_by(|one, other| one.number < other.number) {
            return Err(format!("{name} is not in input order"));
        }
        for written in file {
            as_it_came(rehearsal, written).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    let all = outputs.success.iter().chain(&outputs.failure);
    let mut numbers: Vec<usize> = all.map(|row| row.number).collect();
    numbers.sort_unstable();
    if numbers != (0..story.rows.len()).collect::<Vec<_>>() {
        return Err(format!(
            "not every row ended once: {numbers:?} of {}",
            story.rows.len()
        ));
    }
    Ok(())
}

fn as_it_came(rehearsal: &Rehearsal<'_>, written: &Written) -> Result<(), String> {
    let (story, number) = (rehearsal.story, written.number);
    let row = story
        .rows
        .get(number)
        .ok_or_else(|| format!("row {number} is none of the input"))?;
    if row.is_rectangular {
        let mut cells = row.raw.clone().into_bytes();
        cells.push(story.delimiter);
        if written.record.starts_with(&cells) {
            return Ok(());
        }
    } else if let End::Failure { raw, .. } = &written.end
        && *raw == row.raw.replace('\t', "\\t")
    {
        return Ok(());
    }
    let record = String::from_utf8_lossy(&written.record);
    Err(format!("row {number} is not as it came: {record}"))
}

/// The users the org made and the users the files report are the same, each of its contact.
fn reported(rehearsal: &Rehearsal<'_>, outputs: &Outputs) -> Result<(), String> {
    let org = rehearsal.org();
    let made: BTreeSet<String> = org.users_created().into_iter().collect();
    let mut told = BTreeSet::new();
    for written in outputs.success.iter().chain(&outputs.failure) {
        let Some(user) = written.end.user() else {
            continue;
        };
        if !told.insert(user.to_owned()) {
            return Err(format!("user {user} is reported twice"));
        }
        let contact = org.field("User", user, "ContactId");
        let row = &rehearsal.story.rows[written.number];
        if contact.is_empty() || contact[..15] != row.contact[..15] {
            let number = written.number;
            return Err(format!(
                "user {user} of contact {contact} is reported for row {number}"
            ));
        }
        if let End::Success { username, .. } = &written.end
            && org.field("User", user, "Username") != *username
        {
            return Err(format!("user {user} has another username than {username}"));
        }
    }
    if made != told {
        let unreported = made.difference(&told);
        let contact = |user: &String| org.field("User", user, "ContactId");
        let unreported: Vec<_> = unreported.map(|user| (user, contact(user))).collect();
        let invented: Vec<_> = told.difference(&made).collect();
        return Err(format!(
            "users nobody reported: {unreported:?}; users that jobs did not make: {invented:?}"
        ));
    }
    Ok(())
}

/// Whoever is called a success has all its permission sets, whoever is said to lack one lacks one,
/// and nobody has more than asked for.
fn assigned(rehearsal: &Rehearsal<'_>, outputs: &Outputs) -> Result<(), String> {
    for written in outputs.success.iter().chain(&outputs.failure) {
        let Some(user) = written.end.user() else {
            continue;
        };
        let wanted = &rehearsal.story.rows[written.number].sets;
        let has = rehearsal.org().permission_sets_of(user);
        let once: BTreeSet<String> = has.iter().cloned().collect();
        let is_success = matches!(written.end, End::Success { .. });
        if once.len() != has.len() || !once.is_subset(wanted) || is_success != (once == *wanted) {
            return Err(format!(
                "user {user} of row {} has {has:?}, asked for were {wanted:?}",
                written.number
            ));
        }
    }
    Ok(())
}

/// No second saw more requests than were allowed, and the org no more jobs at work than lanes.
fn within_pace(rehearsal: &Rehearsal<'_>) -> Result<(), String> {
    let pacing = &rehearsal.story.pacing;
    let allowed = pacing.requests_per_second as usize;
    let mut times = Vec::new();
    for happening in rehearsal.around.happened() {
        match happening {
            // A process does not know when the one before it asked last.
            Happening::Began => times.clear(),
            Happening::Asked { at_ms, .. } => times.push(at_ms),
            Happening::Appended(_) | Happening::Flushed => {}
        }
        // Times are cut to milliseconds.
        if let [first, .., last] = times[times.len().saturating_sub(allowed + 1)..]
            && times.len() > allowed
            && last - first < 999
        {
            return Err(format!(
                "more than {allowed} requests in the second that ends at {last} ms"
            ));
        }
    }
    let (peak, lanes) = (rehearsal.org().jobs_working_peak(), pacing.lanes as usize);
    if peak > lanes {
        return Err(format!("{peak} jobs worked at once in {lanes} lanes"));
    }
    Ok(())
}
