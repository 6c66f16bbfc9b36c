//! What is decided once per run: which columns are sent, what fills the gaps, which site.
//!
//! Comes in: the file's layout, the settings, the org. Goes out: a [`Program`], or every fault
//! that would make the whole run senseless. After this no row asks the settings again.

mod columns;
mod describe;
mod sending;
mod sets;
mod site;

use columns::Claims;
use sets::Sets;

use super::derive::{Placeholder, UsernamePattern};
use super::error::{GateErrors, GateFault, GateWarning};
use super::fields::{NamePlaces, SentField};
use super::licence;
use crate::model::columns::Layout;
use crate::model::id::{PermissionSetId, ProfileId};
use crate::model::rejection::Code;
use crate::model::settings::{ProgramSettings, StandardProfiles};
use crate::model::user::SentColumns;
use crate::org_state::OrgState;

/// Everything decided once per run; rows are checked against it and the org alone.
#[derive(Debug)]
pub struct Program {
    sent: SentColumns,
    passed_through: Vec<String>,
    defaults: Vec<String>,
    warnings: Vec<GateWarning>,
    pub(super) site: Site,
    /// The file's headers, to name columns in reasons.
    pub(super) headers: Vec<String>,
    pub(super) columns: KeyColumns,
    pub(super) username: UsernamePlan,
    /// The fields after `Username` and `ContactId`, in the order they are sent.
    pub(super) fields: Vec<SentField>,
    /// Where the fields stand that others are derived from.
    pub(super) names: NamePlaces,
    /// The profile of rows that name none.
    pub(super) default_profile: Option<ProfileId>,
    pub(super) standard_profiles: StandardProfiles,
    pub(super) owner_accounts_max: u32,
}

/// Columns that say who the person is and what they get, by position in the row.
#[derive(Debug, Default)]
pub(super) struct KeyColumns {
    pub(super) contact_id: Option<usize>,
    /// With the external id field of Contact that each holds.
    pub(super) contact_external: Vec<(usize, String)>,
    pub(super) email: Option<usize>,
    pub(super) account_id: Option<usize>,
    /// With the external id field of Account that each holds.
    pub(super) account_external: Vec<(usize, String)>,
    pub(super) profile: Option<usize>,
    pub(super) license: Option<usize>,
    pub(super) permission_sets: Option<usize>,
    pub(super) end_date: Option<usize>,
    /// Codes and record of a row that an earlier run could not read.
    pub(super) earlier_code: Option<usize>,
    pub(super) earlier_raw: Option<usize>,
}

/// Where usernames come from.
#[derive(Debug)]
pub(super) struct UsernamePlan {
    pub(super) column: Option<usize>,
    pub(super) pattern: UsernamePattern,
    pub(super) asks_for_account: bool,
    /// Longest username, in characters.
    pub(super) length_max: usize,
}

/// The site the users become members of.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) name: String,
    /// Live, and set to mail new members?
    pub(super) mails: bool,
    /// Sorted.
    pub(super) profiles: Vec<ProfileId>,
    /// Sorted.
    pub(super) permission_sets: Vec<PermissionSetId>,
}

/// Decides everything that is the same for every row, or names every fault that stops the run.
pub fn prepare(
    layout: &Layout,
    program: &ProgramSettings,
    org: &OrgState,
) -> Result<Program, GateErrors> {
    let (mut faults, mut warnings) = (Vec::new(), Vec::new());
    warn_of_partial_visibility(org, &mut warnings);
    let site = site::choose(program.site.as_deref(), org, &mut faults, &mut warnings);
    let default_profile = profile_of_run(program, org, &mut faults);
    let pattern = UsernamePattern::parse(&program.username_pattern).map_err(|why| {
        let pattern = program.username_pattern.clone();
        faults.push(GateFault::UsernamePattern { pattern, why });
    });
    let claims = Claims::of(layout, org, &mut faults);
    let sets = Sets::of(&program.set, org, &mut faults);
    let Ok(pattern) = pattern else {
        return Err(gate(faults));
    };
    if !faults.is_empty() {
        return Err(gate(faults));
    }

    let username = UsernamePlan {
        column: claims.column_of("Username"),
        asks_for_account: pattern.asks_for(|what| what == Placeholder::Account),
        pattern,
        length_max: describe::length_of("Username", org),
    };
    let (fields, defaults) = sending::sent_fields(&claims, &sets, org);
    let defaults = with_program_defaults(program, &username, defaults);
    Ok(Program {
        sent: SentColumns::with(fields.iter().map(|field| field.name.clone())),
        passed_through: claims.passed_through,
        defaults,
        warnings,
        site,
        headers: layout
            .columns()
            .iter()
            .map(|column| column.header.clone())
            .collect(),
        columns: claims.keys,
        username,
        names: NamePlaces::of(&fields),
        fields,
        default_profile,
        standard_profiles: program.standard_profiles,
        owner_accounts_max: program.owner_accounts_max,
    })
}

impl Program {
    /// The fields of the job data, in the order they are sent.
    pub fn sent(&self) -> &SentColumns {
        &self.sent
    }

    /// Headers of columns that only pass through to the outputs.
    pub fn passed_through(&self) -> &[String] {
        &self.passed_through
    }

    /// What fills the gaps of a row, each as `Field=value (where from)`.
    pub fn defaults_in_use(&self) -> Vec<String> {
        self.defaults.clone()
    }

    /// What is worth saying before the first row.
    pub fn warnings(&self) -> &[GateWarning] {
        &self.warnings
    }

    /// The site the users become members of.
    pub fn site_name(&self) -> &str {
        &self.site.name
    }

    /// Does the site mail an accepted, active user with this profile as soon as it is made? Rows
    /// that are members through a permission set count too.
    pub fn mails_for(&self, profile: ProfileId) -> bool {
        self.site.mails && (self.site.has_profile(profile) || !self.site.permission_sets.is_empty())
    }
}

impl Site {
    /// Are users of this profile members?
    pub(super) fn has_profile(&self, profile: ProfileId) -> bool {
        self.profiles.binary_search(&profile).is_ok()
    }

    /// Are users with this permission set members?
    pub(super) fn has_permission_set(&self, set: PermissionSetId) -> bool {
        self.permission_sets.binary_search(&set).is_ok()
    }
}

fn warn_of_partial_visibility(org: &OrgState, warnings: &mut Vec<GateWarning>) {
    let visibility = org.visibility();
    if !visibility.everything {
        let text = format!(
            "{} may not see every Contact, Account and User: what is not found may still exist; \
             give that user View All Data to be certain",
            visibility.running_user
        );
        warnings.push(GateWarning {
            code: Code::VisibilityPartial,
            text,
        });
    }
}

fn profile_of_run(
    program: &ProgramSettings,
    org: &OrgState,
    faults: &mut Vec<GateFault>,
) -> Option<ProfileId> {
    let typed = program
        .profile
        .as_deref()
        .map(str::trim)
        .filter(|typed| !typed.is_empty())?;
    match licence::profile_named(typed, org) {
        Ok(profile) => Some(profile.id),
        Err(trouble) => {
            let (code, why) = (trouble.code(), trouble.to_string());
            faults.push(GateFault::Profile {
                code,
                profile: typed.to_owned(),
                why,
            });
            None
        }
    }
}

/// Adds what the run itself supplies to the defaults of single fields.
fn with_program_defaults(
    program: &ProgramSettings,
    username: &UsernamePlan,
    fields: Vec<String>,
) -> Vec<String> {
    let profile = program
        .profile
        .iter()
        .map(|profile| format!("Profile={profile} (--profile)"));
    let origin = match username.column {
        Some(_) => "where the row has none",
        None => "username pattern",
    };
    let username = format!("Username={} ({origin})", program.username_pattern);
    profile.chain([username]).chain(fields).collect()
}

/// Called only with at least one fault in hand.
fn gate(mut faults: Vec<GateFault>) -> GateErrors {
    let first = faults.remove(0);
    GateErrors::of(first, faults)
}
