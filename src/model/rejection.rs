//! Why a row is not sent, or was refused: stable codes and the sentence, fix and retry advice
//! of one fault. The table that gives each code its meaning is `validate::rules`.

use serde::{Deserialize, Serialize};

use super::id::{RecordId, RowOrdinal};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        /// A stable code. Codes are added, never reused or renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code, family by family.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as files, `explain` and scripts spell it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// More or fewer cells than the header.
    RowWidth = "row-width";
    /// Bytes that do not decode, or NUL characters.
    RowEncoding = "row-encoding";
    /// Nothing in the row says which person it is.
    ContactKeyMissing = "contact-key-missing";
    /// An id of the wrong shape, checksum or object.
    MalformedId = "malformed-id";
    /// No last name, neither in the row nor on the Contact.
    LastNameMissing = "last-name-missing";
    /// No e-mail, neither in the row nor on the Contact.
    EmailMissing = "email-missing";
    /// An e-mail address the org would refuse.
    EmailInvalid = "email-invalid";
    /// No username, and the pattern makes none.
    UsernameMissing = "username-missing";
    /// A username that is not of e-mail form.
    UsernameMalformed = "username-malformed";
    /// Longer than the field.
    FieldTooLong = "field-too-long";
    /// Not a time zone key of the org.
    TimezoneUnknown = "timezone-unknown";
    /// Not a locale key of the org.
    LocaleUnknown = "locale-unknown";
    /// Not a language key of the org.
    LanguageUnknown = "language-unknown";
    /// Not an e-mail encoding key of the org.
    EmailEncodingUnknown = "email-encoding-unknown";
    /// Not a currency of the org, or missing in a multi-currency org.
    CurrencyUnknown = "currency-unknown";
    /// Not a date of the form the org reads.
    DateInvalid = "date-invalid";
    /// A value of the wrong type or outside a restricted picklist.
    ValueInvalid = "value-invalid";
    /// A spreadsheet's error text such as `#REF!` in a column that is sent.
    SpreadsheetError = "spreadsheet-error";
    /// A field the org requires has no value.
    RequiredFieldMissing = "required-field-missing";

    /// No such Contact.
    ContactNotFound = "contact-not-found";
    /// More than one Contact fits.
    ContactAmbiguous = "contact-ambiguous";
    /// The Contact is in the recycle bin, or was merged away.
    ContactDeleted = "contact-deleted";
    /// The Contact has no Account.
    ContactWithoutAccount = "contact-without-account";
    /// The Contact already has an active user.
    ContactHasUser = "contact-has-user";
    /// The Contact already has an inactive user.
    ContactHasInactiveUser = "contact-has-inactive-user";

    /// No such Account.
    AccountNotFound = "account-not-found";
    /// The row names another Account than the one its Contact belongs to.
    AccountMismatch = "account-mismatch";
    /// A partner profile, and the Account is not a partner account.
    AccountNotPartner = "account-not-partner";
    /// The Account's owner has no role.
    AccountOwnerWithoutRole = "account-owner-without-role";
    /// The Account's owner is inactive.
    AccountOwnerInactive = "account-owner-inactive";
    /// The Account's owner is an external user.
    AccountOwnerExternal = "account-owner-external";
    /// A partner profile on a person account.
    PersonAccountPartner = "person-account-partner";
    /// The owner is close to, or at, the ceiling of accounts with role-based users.
    OwnerAccountCeiling = "owner-account-ceiling";

    /// No profile in the row and none given for the run.
    ProfileMissing = "profile-missing";
    /// No such Profile.
    ProfileNotFound = "profile-not-found";
    /// Several Profiles of that name.
    ProfileAmbiguous = "profile-ambiguous";
    /// The Profile is one for internal users.
    ProfileNotExternal = "profile-not-external";
    /// A standard external profile, which most orgs refuse.
    ProfileStandard = "profile-standard";
    /// The row's licence is not the profile's.
    LicenseMismatch = "license-mismatch";
    /// The profile's licence is not active in the org.
    LicenseInactive = "license-inactive";
    /// No free seat of the licence is left for this row.
    NoSeat = "no-seat";
    /// A portal role for a licence without account roles.
    RoleNotAllowed = "role-not-allowed";
    /// Not a portal role of the org.
    RoleUnknown = "role-unknown";
    /// The account's roles do not have that level.
    RoleLevelMissing = "role-level-missing";
    /// No such permission set.
    PermissionSetNotFound = "permission-set-not-found";
    /// Neither profile nor permission sets make the user a member of the site.
    ProfileNotInSite = "profile-not-in-site";

    /// An earlier row of the file is for the same Contact.
    DuplicateContact = "duplicate-contact";
    /// An earlier row of the file has the same username.
    DuplicateUsername = "duplicate-username";
    /// An earlier row of the file has the same nickname.
    DuplicateNickname = "duplicate-nickname";
    /// An earlier row of the file has the same federation id.
    DuplicateFederationId = "duplicate-federation-id";
    /// A user of the org has that username.
    UsernameTaken = "username-taken";
    /// A user of the org has that nickname.
    NicknameTaken = "nickname-taken";
    /// A user of the org has that federation id.
    FederationIdTaken = "federation-id-taken";

    /// Digital Experiences is not enabled in the org.
    DigitalExperiencesOff = "digital-experiences-off";
    /// The running user may not create external users.
    PermissionMissing = "permission-missing";
    /// The running user may not see everything.
    VisibilityPartial = "visibility-partial";
    /// The org has no site, or none of that name.
    SiteMissing = "site-missing";
    /// Several sites and none named.
    SiteAmbiguous = "site-ambiguous";
    /// The site is not live.
    SiteNotLive = "site-not-live";
    /// The org has no active licence for external users.
    LicenseMissing = "license-missing";
    /// A column names a User field that cannot be written.
    ColumnNotWritable = "column-not-writable";
    /// A column would take a feature licence.
    FeatureLicenseColumn = "feature-license-column";
    /// The org's API calls of the day would not last.
    ApiCallsShort = "api-calls-short";
    /// The org's Bulk API batches of the day would not last.
    BulkBatchesShort = "bulk-batches-short";
    /// Welcome mails would go out, and nothing was said about them, or that they must not.
    MailsPredicted = "mails-predicted";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Does it stop the row?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row, or the run for a gate code, is not sent.
    Block,
    /// Sent, and said.
    Warn,
}

/// Is it worth sending the same row again?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// As it is, any time.
    Now,
    /// After somebody mended the org or the row.
    AfterFix,
    /// Never: nothing about it can succeed.
    Never,
}

impl Retry {
    /// As `admit__Retry` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::AfterFix => "after-fix",
            Self::Never => "never",
        }
    }
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Our [`Code`], or the org's status code for a row the org refused.
    pub code: String,
    /// One sentence: the record, the value, what is wrong with it.
    pub reason: String,
    /// One sentence: what to do about it.
    pub fix: String,
    /// Is the row worth sending again?
    pub retry: Retry,
}

/// A row that is not sent, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which row.
    pub row: RowOrdinal,
    /// All faults, in the order of the rules table; never empty.
    pub faults: Vec<(Code, Fault)>,
    /// The org's records these faults rest on; re-read before the row is given up (R-1309).
    /// Empty when no fault rests on the org's state.
    pub behind: Vec<RecordId>,
}

/// Something worth saying about a row that is sent all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWarning {
    /// Which row.
    pub row: RowOrdinal,
    /// Its line in the file.
    pub line: u64,
    /// The rule that speaks.
    pub code: Code,
}
