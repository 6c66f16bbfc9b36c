//! Every answer of the simulated org that rests on something the reference does not prove.
//!
//! `docs/simulated-org.md` lists the same keys; a test keeps page and table equal. A refusal that
//! carries a doubt can be switched off (`SimOptions::lets_pass`), so that both answers of a real
//! org can be rehearsed.

/// An unproved answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// the error for a contact without account.
    ContactWithoutAccount,
    /// an inactive user still occupies its contact.
    InactiveUserKeepsContact,
    /// the error for a partner user on a person account.
    PersonAccountPartner,
    /// the error for a deleted contact.
    DeletedContact,
    /// the text for a value that is too long.
    TooLongText,
    /// the label in the text for an unknown picklist key.
    PicklistLabel,
    /// of two rows with one username, the earlier one wins.
    EarlierRowWins,
    /// the full text for a nickname that is taken.
    NicknameText,
    /// which addresses count as valid.
    EmailForm,
    /// an 18-character id whose suffix contradicts its case.
    IdSuffix,
    /// the error for a role on a high-volume licence.
    HighVolumeRole,
    /// the error for a portal role level the account does not have.
    PortalRoleLevel,
    /// the error when the running user may not create external users.
    PermissionMissing,
    /// the text when Digital Experiences is off.
    SitesOffText,
    /// an inactive licence refuses like one without seats.
    InactiveLicense,
    /// a contact together with an internal profile.
    ContactOnInternalUser,
    /// an unwritable column fails the job like an unknown one.
    UnwritableColumn,
    /// the text for a field the org does not have.
    MissingFieldText,
    /// the error for deleting a contact that has a user.
    DeleteContactWithUser,
    /// the error for an upgrade between licences that is not supported.
    UpgradePair,
    /// the error for a community licence before the contact.
    LicenseBeforeContact,
    /// external-users.md §1.1: the error for giving a user another contact.
    ContactFixed,
    /// bulk-api-2.md §3.8: how an error without fields, or with several, ends.
    ErrorFieldsEnd,
    /// bulk-api-2.md §3.10: the text for a header that stands twice.
    DuplicateHeader,
    /// bulk-api-2.md §3.10: unprocessed rows after a header failure.
    UnprocessedAfterHeader,
    /// bulk-api-2.md §3.10, §4: the row error for extra cells or misplaced quotes.
    MalformedRow,
    /// bulk-api-2.md §4: `1` and `0` are booleans.
    BooleanForms,
    /// bulk-api-2.md §3.6: results of a job that has not ended.
    ResultsTooEarly,
    /// bulk-api-2.md §3.6: closing a job that got no data.
    CloseWithoutData,
    /// bulk-api-2.md §3.6: status and text of a step the job's state forbids.
    JobStateConflict,
    /// bulk-api-2.md §3.5: an upload beyond the size limit.
    OversizedUpload,
    /// bulk-api-2.md §7.3: a delete job on User, or any write job on a setup object.
    UnsupportedWrite,
    /// bulk-api-2.md §3.8: line ending and delimiter of result files.
    ResultDialect,
    /// bulk-api-2.md §5: the body of the 409 for another API version.
    VersionPinBody,
    /// bulk-api-2.md §5: the status for query results that are not ready.
    QueryTooEarly,
    /// R-1001, R-1003, R-1004: who loses which row to a lock, and to which of the two errors.
    LockModel,
    /// bulk-api-2.md §3.7: what a batch that ran out of time does when it is tried again.
    BatchRetry,
    /// R-1008: the `errorMessage` of a job whose batch was tried too often.
    BatchFailure,
    /// bulk-api-2.md §2.4: the text when the daily allowance is spent.
    AllowanceText,
    /// peers.md part 3: job data sent as `application/octet-stream` is taken.
    OctetStream,
    /// The text for a permission set assigned twice.
    DuplicateAssignment,
    /// Which of several faults of a row is named: one, by a fixed order of checks.
    FirstFaultOnly,
}

/// One line of the table.
#[derive(Debug)]
pub struct DoubtEntry {
    /// The doubt.
    pub doubt: Doubt,
    /// Its name in the page.
    pub key: &'static str,
    /// The rule or section of the reference that leaves it open.
    pub source: &'static str,
    /// What the simulated org answers.
    pub choice: &'static str,
}

const fn entry(
    doubt: Doubt,
    key: &'static str,
    source: &'static str,
    choice: &'static str,
) -> DoubtEntry {
    DoubtEntry {
        doubt,
        key,
        source,
        choice,
    }
}

/// All doubts. The page repeats key, source and choice.
pub const DOUBTS: &[DoubtEntry] = &[
    entry(
        Doubt::ContactWithoutAccount,
        "contact-without-account",
        "R-203",
        "`UNKNOWN_EXCEPTION`: portal account owner must have a role",
    ),
    entry(
        Doubt::InactiveUserKeepsContact,
        "inactive-user-keeps-contact",
        "R-205",
        "`PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT`, as for an active user",
    ),
    entry(
        Doubt::PersonAccountPartner,
        "person-account-partner",
        "R-208",
        "`FIELD_INTEGRITY_EXCEPTION`, with a text of our own",
    ),
    entry(
        Doubt::DeletedContact,
        "deleted-contact",
        "R-209",
        "`ENTITY_IS_DELETED`, not `INVALID_CROSS_REFERENCE_KEY`",
    ),
    entry(
        Doubt::TooLongText,
        "too-long-text",
        "R-102",
        "the text common to all objects",
    ),
    entry(
        Doubt::PicklistLabel,
        "picklist-label",
        "R-114",
        "the field's label from describe",
    ),
    entry(
        Doubt::EarlierRowWins,
        "earlier-row-wins",
        "R-109",
        "rows are taken in upload order, so the earlier one wins",
    ),
    entry(
        Doubt::NicknameText,
        "nickname-text",
        "R-110",
        "the part that is known, completed by us",
    ),
    entry(
        Doubt::EmailForm,
        "email-form",
        "R-111",
        "one `@`, ASCII without blanks, a domain of at least two labels",
    ),
    entry(Doubt::IdSuffix, "id-suffix", "R-119", "`MALFORMED_ID`"),
    entry(
        Doubt::HighVolumeRole,
        "high-volume-role",
        "R-502",
        "`FIELD_INTEGRITY_EXCEPTION`: role type must match user type",
    ),
    entry(
        Doubt::PortalRoleLevel,
        "portal-role-level",
        "R-508",
        "refused when the account has roles without that level; a first user gets the lowest",
    ),
    entry(
        Doubt::PermissionMissing,
        "permission-missing",
        "R-701",
        "`INSUFFICIENT_ACCESS_OR_READONLY`",
    ),
    entry(
        Doubt::SitesOffText,
        "sites-off-text",
        "R-601",
        "`PORTAL_NO_ACCESS` with our own text",
    ),
    entry(
        Doubt::InactiveLicense,
        "inactive-license",
        "R-404",
        "`LICENSE_LIMIT_EXCEEDED`",
    ),
    entry(
        Doubt::ContactOnInternalUser,
        "contact-on-internal-user",
        "R-402",
        "`FIELD_INTEGRITY_EXCEPTION`; the reference is silent on internal profiles",
    ),
    entry(
        Doubt::UnwritableColumn,
        "unwritable-column",
        "R-304",
        "the job fails with `InvalidBatch : Field name not found`",
    ),
    entry(
        Doubt::MissingFieldText,
        "missing-field-text",
        "R-316",
        "the text of any unknown field",
    ),
    entry(
        Doubt::DeleteContactWithUser,
        "delete-contact-with-user",
        "R-218",
        "`DELETE_FAILED` with our own text",
    ),
    entry(
        Doubt::UpgradePair,
        "upgrade-pair",
        "R-411",
        "`FIELD_INTEGRITY_EXCEPTION` with our own text",
    ),
    entry(
        Doubt::LicenseBeforeContact,
        "license-before-contact",
        "R-802",
        "the error of R-201, as for an insert",
    ),
    entry(
        Doubt::ContactFixed,
        "contact-fixed",
        "external-users.md §1.1",
        "`FIELD_INTEGRITY_EXCEPTION` with our own text",
    ),
    entry(
        Doubt::ErrorFieldsEnd,
        "error-fields-end",
        "bulk-api-2.md §3.8",
        "no fields: `…:--`; several: blanks between",
    ),
    entry(
        Doubt::DuplicateHeader,
        "duplicate-header",
        "bulk-api-2.md §3.10",
        "`InvalidBatch : Duplicate field name : X`",
    ),
    entry(
        Doubt::UnprocessedAfterHeader,
        "unprocessed-after-header",
        "bulk-api-2.md §3.10",
        "all rows, with the columns as uploaded",
    ),
    entry(
        Doubt::MalformedRow,
        "malformed-row",
        "bulk-api-2.md §3.10, §4",
        "`INVALID_FIELD` row error with our own text; missing cells count as empty",
    ),
    entry(
        Doubt::BooleanForms,
        "boolean-forms",
        "bulk-api-2.md §4",
        "`true`, `false` in any case, `1`, `0`",
    ),
    entry(
        Doubt::ResultsTooEarly,
        "results-too-early",
        "bulk-api-2.md §3.6",
        "400 `INVALIDJOBSTATE`",
    ),
    entry(
        Doubt::CloseWithoutData,
        "close-without-data",
        "bulk-api-2.md §3.6",
        "taken as an empty upload: `JobComplete`, nothing processed",
    ),
    entry(
        Doubt::JobStateConflict,
        "job-state-conflict",
        "bulk-api-2.md §3.6",
        "400 `INVALIDJOBSTATE`",
    ),
    entry(
        Doubt::OversizedUpload,
        "oversized-upload",
        "bulk-api-2.md §3.5",
        "more than 150,000,000 raw bytes: 400 `LIMIT_EXCEEDED`",
    ),
    entry(
        Doubt::UnsupportedWrite,
        "unsupported-write",
        "bulk-api-2.md §7.3",
        "400 `INVALIDJOB` when the job is created",
    ),
    entry(
        Doubt::ResultDialect,
        "result-dialect",
        "bulk-api-2.md §3.8",
        "delimiter and line ending of the job",
    ),
    entry(
        Doubt::VersionPinBody,
        "version-pin-body",
        "bulk-api-2.md §5",
        "409 with `INVALIDOPERATION`",
    ),
    entry(
        Doubt::QueryTooEarly,
        "query-too-early",
        "bulk-api-2.md §5",
        "412 up to version 47, 204 from 48",
    ),
    entry(
        Doubt::LockModel,
        "lock-model",
        "R-1001",
        "the later chunk loses: `UNABLE_TO_LOCK_ROW` for an account, else `UNKNOWN_EXCEPTION`",
    ),
    entry(
        Doubt::BatchRetry,
        "batch-retry",
        "bulk-api-2.md §3.7",
        "begins anew and gets no further; switched off, it goes on behind the last chunk written",
    ),
    entry(
        Doubt::BatchFailure,
        "batch-failure",
        "R-1008",
        "`InternalServerError : Retried more than twenty times`",
    ),
    entry(
        Doubt::AllowanceText,
        "allowance-text",
        "bulk-api-2.md §2.4",
        "403 `REQUEST_LIMIT_EXCEEDED`: TotalRequests Limit exceeded.",
    ),
    entry(
        Doubt::OctetStream,
        "octet-stream",
        "peers.md part 3",
        "taken like `text/csv`",
    ),
    entry(
        Doubt::DuplicateAssignment,
        "duplicate-assignment",
        "not in the reference",
        "`DUPLICATE_VALUE` with our own text",
    ),
    entry(
        Doubt::FirstFaultOnly,
        "first-fault-only",
        "not in the reference",
        "one error per row, by the order of the checks in `insert_user.rs`",
    ),
];
