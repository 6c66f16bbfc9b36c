//! Rules of the family `account`: the person's company, and who owns it.

use super::{BASE, Code, DecidedBy, Family, Rule};
use crate::model::rejection::Severity;

const ACCOUNT: Rule = Rule {
    family: Family::Account,
    ..BASE
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: Code::AccountNotFound,
        source: &["R-121", "R-211"],
        prevents: "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
        cause: "the Account the row names was deleted, comes from another org, or the running user \
                may not see it; admit never creates Accounts",
        proof: "the Accounts of the org, as far as the running user sees them",
        fix: "Correct the account key, or create the Account first",
        ..ACCOUNT
    },
    Rule {
        code: Code::AccountMismatch,
        decided_by: DecidedBy::Policy,
        source: &["R-202", "R-207"],
        cause: "the row names one Account and its Contact belongs to another; the platform takes \
                the Account from the Contact, so the user would see the wrong company's data",
        proof: "the Contact's AccountId",
        fix: "Correct the account or the contact of the row, or empty the account cell",
        ..ACCOUNT
    },
    Rule {
        code: Code::AccountNotPartner,
        decided_by: DecidedBy::Policy,
        source: &["R-301", "R-302"],
        cause: "partner users belong on Accounts enabled as partner; the API would let this pass, \
                the product rules do not",
        proof: "the Account's IsPartner",
        fix: "Enable the Account as partner (Manage External Account > Enable As Partner)",
        ..ACCOUNT
    },
    Rule {
        code: Code::AccountOwnerWithoutRole,
        source: &["R-306"],
        prevents: "UNKNOWN_EXCEPTION: portal account owner must have a role",
        cause: "external users hang below the role of the Account's owner, so the owner needs one, \
                whatever the licence",
        proof: "UserRoleId of the Account's owner",
        fix: "Give the owner a role in Setup > Users, or give the Account another owner",
        ..ACCOUNT
    },
    Rule {
        code: Code::AccountOwnerInactive,
        severity: Severity::Warn,
        decided_by: DecidedBy::Policy,
        source: &["R-309"],
        cause: "the Account's owner is inactive; no platform rule against it was found (unverified)",
        proof: "IsActive of the Account's owner",
        fix: "Give the Account an active owner",
        ..ACCOUNT
    },
    Rule {
        code: Code::AccountOwnerExternal,
        source: &["R-210", "R-308"],
        prevents: "UNKNOWN_EXCEPTION: portal users cannot own partner accounts",
        cause: "the Account is owned by an external user, and the row makes a partner user on it",
        proof: "UserType of the Account's owner",
        fix: "Give the Account an internal owner who has a role",
        ..ACCOUNT
    },
    Rule {
        code: Code::PersonAccountPartner,
        source: &["R-208"],
        prevents: "a refusal whose text is not known (unverified)",
        cause: "partner users cannot sit on person accounts",
        proof: "the Account's IsPersonAccount and the profile's UserType",
        fix: "Give the row a customer profile, or a Contact of a business account",
        ..ACCOUNT
    },
    Rule {
        code: Code::OwnerAccountCeiling,
        severity: Severity::Warn,
        severity_note: "blocks at the ceiling, for accounts that have no role-based user yet",
        source: &["R-310"],
        prevents: "a refusal whose text is not known (unverified)",
        cause: "one owner may own at most 50,000 accounts with role-based users, unless the owner \
                is a PersonAccountOwnerPowerUser",
        proof: "the accounts with generated roles, counted by owner",
        fix: "Spread the accounts over several owners, or make the owner a \
              PersonAccountOwnerPowerUser and raise the ceiling in the settings",
        ..ACCOUNT
    },
];
