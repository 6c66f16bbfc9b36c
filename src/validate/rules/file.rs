//! Rules of the family `file`: what must be unique, in the file and in the org.

use super::{BASE, Code, Family, Retry, Rule};

const FILE: Rule = Rule {
    family: Family::File,
    ..BASE
};

const DUPLICATE: Rule = Rule {
    proof: "the rows before this one that passed every rule",
    ..FILE
};

const TAKEN: Rule = Rule {
    proof: "every User of the org, inactive and internal ones included",
    ..FILE
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: Code::DuplicateContact,
        source: &["R-206"],
        prevents: "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT: portal user already exists for contact",
        cause: "an earlier row of the file makes the user of this Contact",
        fix: "Keep one row per Contact",
        retry: Retry::Never,
        ..DUPLICATE
    },
    Rule {
        code: Code::DuplicateUsername,
        source: &["R-106", "R-109"],
        prevents: "DUPLICATE_USERNAME: Duplicate Username.",
        cause: "an earlier row of the file has the same username; upper and lower case count alike",
        fix: "Give this row another username; it need not be the e-mail address",
        ..DUPLICATE
    },
    Rule {
        code: Code::DuplicateNickname,
        source: &["R-110"],
        prevents: "DUPLICATE_COMM_NICKNAME: Duplicate Nickname",
        cause: "an earlier row of the file has the same nickname",
        fix: "Give this row another nickname, or leave the cell empty to have one made",
        ..DUPLICATE
    },
    Rule {
        code: Code::DuplicateFederationId,
        source: &["R-118"],
        prevents: "FIELD_INTEGRITY_EXCEPTION: This Federation ID is already in use.",
        cause: "an earlier row of the file has the same federation id",
        fix: "Give each person their own federation id",
        ..DUPLICATE
    },
    Rule {
        code: Code::UsernameTaken,
        source: &["R-106", "R-107"],
        prevents: "DUPLICATE_USERNAME: Duplicate Username.",
        cause: "a user of the org, active or not, has that username; other orgs may hold it too, \
                which nobody can see beforehand (R-108)",
        fix: "Choose another username; it need not be the e-mail address",
        ..TAKEN
    },
    Rule {
        code: Code::NicknameTaken,
        source: &["R-110"],
        prevents: "DUPLICATE_COMM_NICKNAME: Duplicate Nickname",
        cause: "a user of the org, active or not, has that nickname",
        fix: "Choose another nickname, or leave the cell empty to have one made",
        ..TAKEN
    },
    Rule {
        code: Code::FederationIdTaken,
        source: &["R-118"],
        prevents: "FIELD_INTEGRITY_EXCEPTION: This Federation ID is already in use.",
        cause: "a user of the org, active or not, has that federation id",
        fix: "Correct the federation id, or clear it on the user who has it",
        ..TAKEN
    },
];
