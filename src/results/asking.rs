//! Rows whose fate the results leave open: which the org must be asked about, and what its answer
//! makes of them. Pure, but for reading the answer.
//!
//! A row is never sent again blindly: after a lost result its user may exist (R-1013). The contact
//! is what it is asked by, because a contact has at most one user.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use csv::StringRecord;

use crate::model::change::AskedKey;
use crate::model::id::{ContactId, PermissionSetId, UserId};
use crate::model::outcome::{RowError, RowOutcome};

use super::error::ResultsError;
use super::settle::{SentKey, SentRow, Settlement};

/// The contact has a user.
const CONTACT_HAS_USER: &str = "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT";

/// The keys of rows of which a record may exist that nobody told us of: rows without a result; rows
/// a job did not try, because what is asked for costs little and what is made twice much; rows that
/// were sent `earlier` and are refused now, because the earlier try may have made them, whatever
/// speaks against this one; and where results were not seen to be `whole`, every row that is not
/// among the successes.
pub fn to_ask(
    sent: &[SentRow],
    settlement: &Settlement,
    whole: bool,
    earlier: &dyn Fn(&SentRow) -> bool,
) -> Vec<AskedKey> {
    let is_open = |sent: &SentRow, outcome: &RowOutcome| match outcome {
        RowOutcome::Created(_) => false,
        RowOutcome::Unaccounted | RowOutcome::Unprocessed => true,
        RowOutcome::Failed(_) => !whole || earlier(sent),
    };
    let rows = sent.iter().zip(&settlement.rows);
    rows.filter(|(sent, settled)| is_open(sent, &settled.outcome))
        .map(|(sent, _)| sent.key.into())
        .collect()
}

/// Takes over what the org answered about the rows asked: a row whose record is there has made it.
/// A contact with a user of another username has one that is not ours; rows without a record stay
/// as they were settled.
pub fn adopt(
    settlement: &mut Settlement,
    sent: &[SentRow],
    answers: &Path,
) -> Result<(), ResultsError> {
    let is_user = sent
        .first()
        .is_some_and(|row| matches!(row.key, SentKey::Contact(_)));
    let known = if is_user {
        Known::Users(read_users(answers)?)
    } else {
        Known::Assignments(read_assignments(answers)?)
    };
    for (sent, settled) in sent.iter().zip(&mut settlement.rows) {
        let is_made = matches!(settled.outcome, RowOutcome::Created(_));
        if !is_made && let Some(outcome) = known.outcome_of(sent) {
            settled.outcome = outcome;
        }
    }
    Ok(())
}

/// What the org answered. Only looked up in.
enum Known {
    /// Users by contact.
    Users(BTreeMap<ContactId, Vec<(UserId, String)>>),
    Assignments(BTreeSet<(UserId, PermissionSetId)>),
}

impl Known {
    fn outcome_of(&self, sent: &SentRow) -> Option<RowOutcome> {
        match (self, sent.key) {
            (Self::Users(users), SentKey::Contact(contact)) => {
                let users = users.get(&contact)?;
                let ours = |(_, username): &&(UserId, String)| is_same(username, &sent.username);
                if let Some((user, _)) = users.iter().find(ours) {
                    return Some(RowOutcome::Created(*user));
                }
                let (user, username) = users.first()?;
                Some(RowOutcome::Failed(RowError {
                    code: CONTACT_HAS_USER.to_owned(),
                    message: format!(
                        "the contact has user {user} with the username {username}, which is not \
                         the one this row asks for"
                    ),
                    fields: "ContactId".to_owned(),
                }))
            }
            (Self::Assignments(pairs), SentKey::Assignment(user, wanted)) => pairs
                .contains(&(user, wanted))
                .then_some(RowOutcome::Created(user)),
            (Self::Users(_), SentKey::Assignment(..))
            | (Self::Assignments(_), SentKey::Contact(_)) => None,
        }
    }
}

/// Usernames are compared without regard to case.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn read_users(path: &Path) -> Result<BTreeMap<ContactId, Vec<(UserId, String)>>, ResultsError> {
    let mut users: BTreeMap<_, Vec<_>> = BTreeMap::new();
    read_answers(path, ["Id", "ContactId", "Username"], &mut |cells| {
        let [user, contact, username] = cells;
        if let (Ok(user), Ok(contact)) = (UserId::parse(user), ContactId::parse(contact)) {
            let of_contact = users.entry(contact).or_default();
            of_contact.push((user, username.to_owned()));
        }
    })?;
    Ok(users)
}

fn read_assignments(path: &Path) -> Result<BTreeSet<(UserId, PermissionSetId)>, ResultsError> {
    let mut pairs = BTreeSet::new();
    read_answers(path, ["AssigneeId", "PermissionSetId"], &mut |cells| {
        let [user, set] = cells;
        if let (Ok(user), Ok(set)) = (UserId::parse(user), PermissionSetId::parse(set)) {
            pairs.insert((user, set));
        }
    })?;
    Ok(pairs)
}

/// Hands on these columns of every record; a file without records needs none.
fn read_answers<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
    take: &mut dyn FnMut([&str; N]),
) -> Result<(), ResultsError> {
    let file = File::open(path).map_err(|source| ResultsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let name = || path.display().to_string();
    let broken = |source| ResultsError::ResultBroken {
        name: name(),
        source,
    };
    let mut reader = csv::Reader::from_reader(BufReader::new(file));
    let header = reader.headers().map_err(broken)?.clone();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        let mut cells = [""; N];
        for (cell, column) in cells.iter_mut().zip(columns) {
            let is_it = |name: &str| name.trim().eq_ignore_ascii_case(column);
            let place = header.iter().position(is_it);
            let place = place.ok_or_else(|| ResultsError::ColumnMissing {
                name: name(),
                column,
            })?;
            *cell = record.get(place).unwrap_or_default().trim();
        }
        take(cells);
    }
    Ok(())
}
