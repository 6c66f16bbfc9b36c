//! Tests of the simulated org, through its seam: requests in, responses out.

mod bulk_queries;
mod fault_caller;
mod fault_plans;
mod faults;
mod fixture;
mod job_faults;
mod jobs;
mod jobs_data;
mod locks;
mod logins;
mod page;
mod pure;
mod queries;
mod refusals;
mod rest;
mod seeds;
mod states;
mod user_row;
mod users;
