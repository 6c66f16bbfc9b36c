//! Rules of the family `licence`: profile, licence, seats, portal role, permission sets, site.

use super::{BASE, Code, DecidedBy, Family, Rule};

const LICENCE: Rule = Rule {
    family: Family::Licence,
    ..BASE
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: Code::ProfileMissing,
        source: &["R-101", "R-401"],
        prevents: "REQUIRED_FIELD_MISSING: Required fields are missing: [ProfileId]",
        cause: "neither the row nor the run names a profile, and the profile decides the licence",
        proof: "the row and the settings of the run",
        fix: "Fill `Profile`, or give one for every row with `--profile`",
        ..LICENCE
    },
    Rule {
        code: Code::ProfileNotFound,
        source: &["R-121", "R-402"],
        prevents: "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
        cause: "the org has no profile of that name or id",
        proof: "the Profiles of the org",
        fix: "Correct the profile's name, or give its id",
        ..LICENCE
    },
    Rule {
        code: Code::ProfileAmbiguous,
        decided_by: DecidedBy::Policy,
        source: &["R-402"],
        cause: "several profiles carry that name, and the profile decides licence and access",
        proof: "the Profiles of the org",
        fix: "Give the id of the right profile instead of its name",
        ..LICENCE
    },
    Rule {
        code: Code::ProfileNotExternal,
        decided_by: DecidedBy::Policy,
        source: &["R-402"],
        cause: "the profile is one for internal users: it takes an internal licence, and makes no \
                external user",
        proof: "the profile's UserType",
        fix: "Use a profile of a community licence",
        ..LICENCE
    },
    Rule {
        code: Code::ProfileStandard,
        severity: super::Severity::Warn,
        severity_note: "blocks when the org is known to refuse standard external profiles",
        source: &["R-403"],
        prevents: "FIELD_INTEGRITY_EXCEPTION: To create or update users for this profile, go to \
                   Setup > Digital Experiences > Settings and select Allow using standard external \
                   profiles for self-registration, user creation, and login.",
        cause: "standard external profiles are refused unless an org setting allows them; the \
                setting cannot be read through the API",
        proof: "the profile's name, compared with the standard ones",
        fix: "Clone the standard profile and use the clone, or allow standard external profiles in \
              Setup > Digital Experiences > Settings",
        ..LICENCE
    },
    Rule {
        code: Code::LicenseMismatch,
        decided_by: DecidedBy::Policy,
        source: &["R-401"],
        cause: "the profile alone decides the licence, and the row expects another one",
        proof: "the licence of the profile",
        fix: "Correct `License`, or use a profile of that licence",
        ..LICENCE
    },
    Rule {
        code: Code::LicenseInactive,
        source: &["R-404"],
        prevents: "LICENSE_LIMIT_EXCEEDED: License Limit Exceeded",
        cause: "the licence of the profile is not active in the org",
        proof: "the Status of the UserLicense",
        fix: "Use a profile of an active licence, or have the licence renewed",
        ..LICENCE
    },
    Rule {
        code: Code::NoSeat,
        source: &["R-405", "R-406"],
        prevents: "LICENSE_LIMIT_EXCEEDED: License Limit Exceeded",
        cause: "every active user takes a seat; seats are dealt in input order to rows that pass \
                every other rule, and none was left for this one",
        proof: "TotalLicenses and UsedLicenses of the UserLicense, less the rows before this one",
        fix: "Deactivate users who no longer need the licence, or buy seats, then run the row again",
        ..LICENCE
    },
    Rule {
        code: Code::RoleNotAllowed,
        source: &["R-502"],
        prevents: "a refusal whose text is not known (unverified)",
        cause: "users of high-volume licences have no account role, so a portal role cannot be set",
        proof: "the profile's UserType",
        fix: "Empty `PortalRole` for this row, or use a profile with account roles",
        ..LICENCE
    },
    Rule {
        code: Code::RoleUnknown,
        source: &["R-508"],
        prevents: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: bad value for restricted picklist field",
        cause: "a portal role is Executive, Manager or User; internal roles cannot be chosen",
        proof: "the values of PortalRole in the org's own describe of User",
        fix: "Use Executive, Manager or User, or leave `PortalRole` empty for the lowest level",
        ..LICENCE
    },
    Rule {
        code: Code::RoleLevelMissing,
        severity_note: "warns for the first user of an account, whose roles the org is about to make",
        source: &["R-505", "R-508"],
        prevents: "FIELD_INTEGRITY_EXCEPTION: role type must match user type",
        cause: "the account's roles were made with fewer levels; a change of the org's number of \
                roles reaches new accounts only",
        proof: "the UserRoles generated for the account",
        fix: "Use a level the account has, or leave `PortalRole` empty for the lowest level",
        ..LICENCE
    },
    Rule {
        code: Code::PermissionSetNotFound,
        source: &["R-121", "R-604"],
        prevents: "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
        cause: "the org has no permission set of that name or label",
        proof: "the PermissionSets of the org",
        fix: "Correct the permission set's name; several are separated by `;`",
        ..LICENCE
    },
    Rule {
        code: Code::ProfileNotInSite,
        decided_by: DecidedBy::Policy,
        source: &["R-604"],
        cause: "a user becomes a member of a site through its profile or one of its permission \
                sets; this one would exist, take a seat, and be unable to log in anywhere",
        proof: "the members of the site (NetworkMemberGroup)",
        fix: "Add the profile to the site's members, or use a profile or permission set that is one",
        ..LICENCE
    },
];
