//! Rules of the family `row`: the text of a record and the values of its cells.

use super::{BASE, Code, DecidedBy, Rule};

const ROW: Rule = Rule {
    proof: "the row, and what its Contact and the run supply",
    ..BASE
};

/// A restricted picklist of locale keys.
const LOCALE: Rule = Rule {
    source: &["R-101", "R-103", "R-114"],
    prevents: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: bad value for restricted picklist field",
    proof: "the picklist values in the org's own describe of User",
    ..BASE
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: Code::RowWidth,
        decided_by: DecidedBy::Policy,
        source: &["design 4"],
        cause: "the record has more or fewer cells than the header, usually because a delimiter \
                or a quote is missing or unescaped, so no cell can be trusted to be in its column",
        proof: "the record, counted against the header",
        fix: "Write the record again with one cell per column, quoting cells that hold a delimiter",
        ..ROW
    },
    Rule {
        code: Code::RowEncoding,
        decided_by: DecidedBy::Policy,
        source: &["design 4"],
        cause: "the record holds bytes that are not text in the file's encoding, or a NUL character",
        proof: "the record's bytes",
        fix: "Save the file as UTF-8 without NUL characters, or name its encoding with `--encoding`",
        ..ROW
    },
    Rule {
        code: Code::ContactKeyMissing,
        source: &["R-201", "R-207", "R-211"],
        prevents: "INVALID_CROSS_REFERENCE_KEY: Cannot create a portal user without contact.",
        cause: "an external user belongs to a Contact, and the row has neither a ContactId, nor an \
                external id of the Contact, nor an e-mail together with an account",
        proof: "the cells of the key columns",
        fix: "Fill `ContactId`, or `Contact.<external id>`, or `Email` together with the account",
        ..ROW
    },
    Rule {
        code: Code::MalformedId,
        source: &["R-119"],
        prevents: "MALFORMED_ID: id value of incorrect type",
        cause: "a record id has 15 or 18 letters and digits and starts with its object's prefix; \
                the 18-character form carries a checksum that shows when a spreadsheet changed \
                upper and lower case",
        proof: "the shape, prefix and checksum of the id",
        fix: "Copy the id again from the org, in its 18-character form",
        ..ROW
    },
    Rule {
        code: Code::LastNameMissing,
        source: &["R-101", "R-120"],
        prevents: "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]",
        cause: "neither the row nor the Contact has a last name; the API copies nothing from the \
                Contact, so admit must send one",
        fix: "Fill `LastName` in the row or on the Contact",
        ..ROW
    },
    Rule {
        code: Code::EmailMissing,
        source: &["R-101", "R-120"],
        prevents: "REQUIRED_FIELD_MISSING: Required fields are missing: [Email]",
        cause: "neither the row nor the Contact has an e-mail address; the API copies nothing from \
                the Contact, so admit must send one",
        fix: "Fill `Email` in the row or on the Contact",
        ..ROW
    },
    Rule {
        code: Code::EmailInvalid,
        source: &["R-111"],
        prevents: "INVALID_EMAIL_ADDRESS: Email: invalid email address",
        cause: "the address is not of the form name@domain.tld",
        fix: "Correct the e-mail address",
        ..ROW
    },
    Rule {
        code: Code::UsernameMissing,
        source: &["R-101"],
        prevents: "REQUIRED_FIELD_MISSING: Required fields are missing: [Username]",
        cause: "the row has no username, and the username pattern asks for something that neither \
                the row nor its Contact has",
        fix: "Fill `Username`, or give a `--username-pattern` that every row can fill",
        ..ROW
    },
    Rule {
        code: Code::UsernameMalformed,
        severity_note: "warns when the form is right but it holds characters usernames rarely have",
        source: &["R-104", "R-105"],
        prevents: "FIELD_INTEGRITY_EXCEPTION: Username must be in the form of an email address \
                   (for example, john@acme.com): Username: [Username]",
        cause: "a username has the form of an e-mail address, though no mail needs to arrive there",
        fix: "Give a username of the form name@domain.tld, without blanks",
        ..ROW
    },
    Rule {
        code: Code::FieldTooLong,
        source: &["R-102", "R-103"],
        prevents: "STRING_TOO_LONG: data value too large",
        cause: "the value has more characters than the field takes, or the whole record more than \
                the Bulk API takes",
        proof: "the field lengths in the org's own describe of User",
        fix: "Shorten the value",
        ..ROW
    },
    Rule {
        code: Code::TimezoneUnknown,
        cause: "TimeZoneSidKey takes a key such as America/New_York, not a label; some keys were \
                renamed over the years",
        fix: "Use one of the org's time zone keys, such as Europe/Berlin",
        ..LOCALE
    },
    Rule {
        code: Code::LocaleUnknown,
        cause: "LocaleSidKey takes a key such as en_US, not a label; keys of a language alone were \
                retired",
        fix: "Use one of the org's locale keys, such as en_US",
        ..LOCALE
    },
    Rule {
        code: Code::LanguageUnknown,
        severity_note: "warns when the org knows the language but does not display it (R-115)",
        source: &["R-101", "R-114", "R-115"],
        cause: "LanguageLocaleKey takes a key such as en_US or de of a language the org offers",
        fix: "Use one of the org's language keys, such as en_US, or add the language in Setup",
        ..LOCALE
    },
    Rule {
        code: Code::EmailEncodingUnknown,
        cause: "EmailEncodingKey takes a key such as UTF-8, not a label",
        fix: "Use one of the org's e-mail encoding keys, such as UTF-8",
        ..LOCALE
    },
    Rule {
        code: Code::CurrencyUnknown,
        source: &["R-101", "R-114"],
        cause: "the currency is not one of the org's, or the org has several and the row has none",
        fix: "Use the code of one of the org's active currencies, such as EUR",
        ..LOCALE
    },
    Rule {
        code: Code::DateInvalid,
        source: &["R-101", "R-908"],
        prevents: "INVALID_TYPE_ON_FIELD_IN_RECORD: value not of required type",
        cause: "the org reads dates as yyyy-MM-dd, and dates with time as \
                yyyy-MM-ddTHH:mm:ssZ or with an offset; a spreadsheet may have changed the form",
        fix: "Write the date as yyyy-MM-dd, for example 2026-12-31",
        ..ROW
    },
    Rule {
        code: Code::ValueInvalid,
        source: &["R-103", "R-114"],
        prevents: "INVALID_TYPE_ON_FIELD_IN_RECORD or INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        cause: "the value does not fit the type of the field, or is none of the values of a \
                restricted picklist",
        proof: "the field's type and values in the org's own describe of User",
        fix: "Correct the value, or leave the cell empty",
        ..ROW
    },
    Rule {
        code: Code::SpreadsheetError,
        decided_by: DecidedBy::Policy,
        source: &["design 4"],
        cause: "a formula failed in the spreadsheet the file came from; the Bulk API would store \
                the error text, or read #N/A as an empty value",
        proof: "the cell",
        fix: "Repair the formula and export the file again",
        ..ROW
    },
    Rule {
        code: Code::RequiredFieldMissing,
        source: &["R-101"],
        prevents: "REQUIRED_FIELD_MISSING: Required fields are missing",
        cause: "the org requires the field when a user is created, and neither the row nor the run \
                nor the org supplies a value",
        proof: "the fields that the org's own describe of User calls required",
        fix: "Fill the column, or give one value for every row with `--set Field=Value`",
        ..ROW
    },
];
