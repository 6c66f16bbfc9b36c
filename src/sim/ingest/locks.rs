//! Locks: what chunks in work keep from each other (R-1001, R-1003, R-1004).
//!
//! A chunk of 200 rows is one transaction. From its beginning to its end it holds the lock of
//! every account its rows touch and, when one of them makes account roles, the org's one lock on
//! group membership. A chunk that begins while another job's chunk holds a lock it needs loses
//! the rows that need it, and only those; a row that is lost holds nothing. Users who join roles
//! that are there, and high-volume users, need no more than their account.
//!
//! Who is first is decided by simulated time, then by the number of the job: nothing here is
//! drawn by lot.

use std::collections::BTreeSet;

use super::needs::Need;

/// The lock a row did not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// Another job is at work on the account.
    Account(u32),
    /// Another job is making account roles.
    GroupMembership,
}

/// Chunks in work, and what became of those who came too late.
#[derive(Debug, Default)]
pub(super) struct Locks {
    in_work: Vec<InWork>,
    /// Rows lost to a lock so far.
    pub(super) errors: u64,
    /// The most rows that were in work at one time.
    pub(super) rows_peak: usize,
}

/// A chunk in work and what it holds.
#[derive(Debug)]
struct InWork {
    job: u32,
    until_ms: u64,
    rows: usize,
    makes_roles: bool,
    accounts: BTreeSet<u32>,
}

impl Locks {
    /// Begins a chunk of a job that is in work until then; says for each row which lock it lost.
    pub(super) fn begin(
        &mut self,
        job: u32,
        (now_ms, until_ms): (u64, u64),
        needs: &[Need],
    ) -> Vec<Option<Conflict>> {
        self.in_work
            .retain(|chunk| chunk.until_ms > now_ms && chunk.job != job);
        let conflicts: Vec<Option<Conflict>> =
            needs.iter().map(|need| self.conflict(need)).collect();
        let won = || {
            let both = needs.iter().zip(&conflicts);
            both.filter(|(_, conflict)| conflict.is_none())
                .map(|(need, _)| need)
        };
        let chunk = InWork {
            job,
            until_ms,
            rows: needs.len(),
            makes_roles: won().any(|need| need.makes_roles),
            accounts: won().filter_map(|need| need.account).collect(),
        };
        self.in_work.push(chunk);
        let rows = self.in_work.iter().map(|chunk| chunk.rows).sum();
        self.rows_peak = self.rows_peak.max(rows);
        conflicts
    }

    /// Lets go of everything a job holds.
    pub(super) fn release(&mut self, job: u32) {
        self.in_work.retain(|chunk| chunk.job != job);
    }

    fn conflict(&self, need: &Need) -> Option<Conflict> {
        let of_account = |account: &u32| {
            let mut others = self.in_work.iter();
            others.any(|chunk| chunk.accounts.contains(account))
        };
        let account = need.account.filter(of_account).map(Conflict::Account);
        account.or_else(|| {
            let mut others = self.in_work.iter();
            let taken = need.makes_roles && others.any(|chunk| chunk.makes_roles);
            taken.then_some(Conflict::GroupMembership)
        })
    }
}
