//! Rules of the family `contact`: the person the row is about.

use super::{BASE, Code, Family, Retry, Rule};

const CONTACT: Rule = Rule {
    family: Family::Contact,
    ..BASE
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: Code::ContactNotFound,
        source: &["R-121", "R-201", "R-211"],
        prevents: "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
        cause: "no Contact fits the row's key: it was purged, comes from another org, was never \
                made, or the running user may not see it",
        proof: "the Contacts of the org, deleted ones included, as far as the running user sees them",
        fix: "Create the Contact or correct the key, then run the row again",
        ..CONTACT
    },
    Rule {
        code: Code::ContactAmbiguous,
        source: &["R-211", "R-212"],
        decided_by: super::DecidedBy::Policy,
        cause: "several Contacts fit the row's key, and a user on the wrong one gives a stranger \
                access",
        proof: "the Contacts of the org that carry this key",
        fix: "Give the `ContactId` of the right one, or merge the duplicates",
        ..CONTACT
    },
    Rule {
        code: Code::ContactDeleted,
        source: &["R-209"],
        prevents: "ENTITY_IS_DELETED or INVALID_CROSS_REFERENCE_KEY (which of the two is unverified)",
        cause: "the Contact is in the recycle bin: deleted, or merged into another one",
        proof: "the Contact's IsDeleted and MasterRecordId",
        fix: "Use the Contact it was merged into, or restore it from the recycle bin",
        ..CONTACT
    },
    Rule {
        code: Code::ContactWithoutAccount,
        source: &["R-203"],
        prevents: "UNKNOWN_EXCEPTION: portal account owner must have a role (the text is ambiguous)",
        cause: "a Contact without an Account is private; an external user takes its Account from it",
        proof: "the Contact's AccountId",
        fix: "Give the Contact an Account",
        ..CONTACT
    },
    Rule {
        code: Code::ContactHasUser,
        source: &["R-204"],
        prevents: "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT: portal user already exists for contact",
        cause: "a Contact has at most one User, and this one has an active one",
        proof: "the ContactId of every User of the org",
        fix: "Drop the row, or change the user that exists",
        retry: Retry::Never,
        ..CONTACT
    },
    Rule {
        code: Code::ContactHasInactiveUser,
        source: &["R-204", "R-205"],
        prevents: "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT: portal user already exists for contact \
                   (unverified for inactive users)",
        cause: "an inactive User keeps its Contact occupied",
        proof: "the ContactId of every User of the org, inactive ones included",
        fix: "Reactivate the user that exists instead of creating another",
        retry: Retry::Never,
        ..CONTACT
    },
];
