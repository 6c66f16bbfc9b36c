//! What tests may ask the simulated org behind its back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;
use super::schema::Kind;
use super::{RequestCounts, SimOrg};
use crate::salesforce::transport::{Body, Method, Request};

impl SimOrg {
    /// Ids of the users linked to a contact, active or not.
    pub fn users_of_contact(&self, contact: &str) -> Vec<String> {
        let mut world = self.world();
        world.advance();
        let rows = world.org.matching(Kind::User, "ContactId", contact);
        rows.iter()
            .map(|row| world.org.get(Kind::User, *row, "Id").to_owned())
            .collect()
    }

    /// Contacts with more than one user: there must never be any.
    pub fn contacts_with_two_users(&self) -> Vec<String> {
        let mut world = self.world();
        world.advance();
        let org = &world.org;
        let twice = |row: &u32| {
            let id = org.get(Kind::Contact, *row, "Id");
            org.matching(Kind::User, "ContactId", id).len() > 1
        };
        let rows = org.table(Kind::Contact).rows().filter(twice);
        rows.map(|row| org.get(Kind::Contact, row, "Id").to_owned())
            .collect()
    }

    /// Ids of the users made by jobs, in the order they were made.
    pub fn users_created(&self) -> Vec<String> {
        let mut world = self.world();
        world.advance();
        world.org.users_created.clone()
    }

    /// Names of the permission sets assigned to a user, those of its profile apart, in the order
    /// they were assigned.
    pub fn permission_sets_of(&self, user: &str) -> Vec<String> {
        let mut world = self.world();
        world.advance();
        let org = &world.org;
        let rows = org.matching(Kind::PermissionSetAssignment, "AssigneeId", user);
        let sets = rows.iter().filter_map(|row| {
            let set = org.get(Kind::PermissionSetAssignment, *row, "PermissionSetId");
            let set = org.find(Kind::PermissionSet, set)?;
            let is_own = !org.is(Kind::PermissionSet, set, "IsOwnedByProfile");
            is_own.then(|| org.get(Kind::PermissionSet, set, "Name").to_owned())
        });
        sets.collect()
    }

    /// One field of one record; empty for null, and where there is no such thing.
    pub fn field(&self, object: &str, id: &str, field: &str) -> String {
        let mut world = self.world();
        world.advance();
        let Some(kind) = Kind::named(object) else {
            return String::new();
        };
        let row = world.org.find(kind, id);
        row.map_or_else(String::new, |row| {
            world.org.get(kind, row, field).to_owned()
        })
    }

    /// Requests so far.
    pub fn requests(&self) -> RequestCounts {
        self.world().counts
    }

    /// Ingest jobs that wait for data or for being closed.
    pub fn jobs_open(&self) -> usize {
        self.world().desk.open()
    }

    /// Ingest jobs closed and not yet ended, now.
    pub fn jobs_working(&self) -> usize {
        let mut world = self.world();
        world.advance();
        world.desk.working()
    }

    /// The most ingest jobs that were closed and not yet ended at one time.
    pub fn jobs_working_peak(&self) -> usize {
        self.world().desk.working_peak
    }

    /// Rows lost to a lock so far.
    pub fn lock_errors(&self) -> u64 {
        let mut world = self.world();
        world.advance();
        world.desk.lock_errors()
    }

    /// The most rows that were in work at one time.
    pub fn rows_in_work_peak(&self) -> usize {
        let mut world = self.world();
        world.advance();
        world.desk.rows_peak()
    }

    /// Ingest jobs of which a batch did not end in time, whether or not they failed for it.
    pub fn jobs_timed_out(&self) -> usize {
        let mut world = self.world();
        world.advance();
        world.desk.timed_out()
    }

    /// Now by the simulated wall, in milliseconds since 1970; its clock starts with the first
    /// request, or the first call of this.
    pub fn now_ms(&self) -> u64 {
        self.world().advance()
    }

    /// Faults that were played so far, by kind as a plan spells it.
    pub fn faults_played(&self) -> BTreeMap<&'static str, u64> {
        let world = self.world();
        let mut played = world.faults.played.clone();
        played.extend(world.desk.faults.played.clone());
        played.extend(world.org.elsewhere.played());
        played
    }

    /// Opens an ingest job that inserts records, as another client of the running user would;
    /// gives its id, or the org's refusal.
    pub fn foreign_job(&self, object: &str) -> Result<String, String> {
        let body = json!({ "object": object, "operation": "insert" });
        let request = Request {
            method: Method::Post,
            path: "/services/data/v67.0/jobs/ingest".to_owned(),
            headers: Vec::new(),
            body: Body::Bytes(body.to_string().into()),
        };
        let call = Call::read(request).map_err(|error| error.to_string())?;
        let answer = self.world().create_foreign(&call);
        let job: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let id = job["id"].as_str().map(str::to_owned);
        id.ok_or_else(|| String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// The state of an ingest job, as the wire spells it; `None` when there is no such job.
    pub fn job_state(&self, id: &str) -> Option<&'static str> {
        let mut world = self.world();
        let now_ms = world.advance();
        world.desk.state(id, now_ms)
    }

    /// Ends every session: the next call of each client is answered with 401.
    pub fn expire_sessions(&self) {
        self.world().sessions.expire_all();
    }
}
