//! Rules of the family `run gate`: what is checked once, before the first row.

use super::{BASE, Code, DecidedBy, Family, Rule};
use crate::model::rejection::Severity;

const GATE: Rule = Rule {
    family: Family::Gate,
    ..BASE
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: Code::DigitalExperiencesOff,
        source: &["R-601"],
        prevents: "PORTAL_NO_ACCESS, or INVALID_TYPE: sObject type 'Network' is not supported",
        cause: "external users need Digital Experiences, and the org has no Network object",
        proof: "the objects of the org",
        fix: "Enable Digital Experiences in Setup > Digital Experiences > Settings",
        ..GATE
    },
    Rule {
        code: Code::PermissionMissing,
        source: &["R-701", "R-707"],
        prevents: "INSUFFICIENT_ACCESS_OR_READONLY or \
                   INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY, for every row",
        cause: "the running user has none of the permissions that let it create external users: \
                Manage External Users, Manage Customer Users (customers only), Manage Users",
        proof: "the permission sets of the running user, its profile's own included",
        fix: "Give the running user a permission set with Manage External Users",
        ..GATE
    },
    Rule {
        code: Code::VisibilityPartial,
        severity: Severity::Warn,
        decided_by: DecidedBy::Policy,
        source: &["design 5"],
        cause: "the running user may not see every Contact, Account and User, so what is not found \
                may still exist",
        proof: "the running user's permissions",
        fix: "Run as a user with View All Data, or View All on Accounts and Contacts plus View All \
              Users",
        ..GATE
    },
    Rule {
        code: Code::SiteMissing,
        decided_by: DecidedBy::Policy,
        source: &["R-602", "R-603", "R-604"],
        cause: "the org has no site, or none of that name, or the running user may not see it; \
                users without a site cannot log in anywhere",
        proof: "the sites (Network) the running user sees",
        fix: "Name one of the org's sites with `--site`, or create the site first",
        ..GATE
    },
    Rule {
        code: Code::SiteAmbiguous,
        decided_by: DecidedBy::Policy,
        source: &["R-604", "R-606"],
        cause: "the org has several sites, and membership and mail depend on which one is meant",
        proof: "the sites (Network) the running user sees",
        fix: "Name the site with `--site`",
        ..GATE
    },
    Rule {
        code: Code::SiteNotLive,
        severity: Severity::Warn,
        severity_note: "blocks when mail is asked for",
        decided_by: DecidedBy::Policy,
        source: &["R-602", "R-607"],
        cause: "users are created but cannot log in until the site is published; publishing may \
                mail everybody who was loaded before",
        proof: "the Status of the site",
        fix: "Publish the site, or know that nobody can log in until you do",
        ..GATE
    },
    Rule {
        code: Code::LicenseMissing,
        source: &["R-401", "R-404"],
        prevents: "LICENSE_LIMIT_EXCEEDED: License Limit Exceeded",
        cause: "the org has no active licence that makes external users, so no row could be sent",
        proof: "the licences (UserLicense) of the org's external profiles",
        fix: "Buy or activate a community or external apps licence, and run as a user with View \
              Setup and Configuration, who sees licences",
        ..GATE
    },
    Rule {
        code: Code::ColumnNotWritable,
        source: &["external-users 1.1", "R-103", "R-316", "R-904"],
        prevents: "INVALID_FIELD or INVALID_FIELD_FOR_INSERT_UPDATE, for the whole job",
        cause: "the column or setting names a User field that the org does not have, that nobody \
                can write, or that admit never writes",
        proof: "the org's own describe of User",
        fix: "Remove or rename the column, or map it to another field with `--map`",
        ..GATE
    },
    Rule {
        code: Code::FeatureLicenseColumn,
        source: &["R-408"],
        prevents: "LICENSE_LIMIT_EXCEEDED: License limit exceeded",
        cause: "the column switches on a feature licence for internal users, which an external \
                user does not need",
        proof: "the column's name",
        fix: "Remove the column",
        ..GATE
    },
    Rule {
        code: Code::ApiCallsShort,
        source: &["bulk-api-2 2.2", "design 8"],
        prevents: "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded",
        cause: "the run needs more API calls than the org has left today, a tenth of the day's \
                allowance kept for others",
        proof: "DailyApiRequests of the org's limits, and the plan's estimate",
        fix: "Wait until calls of the last 24 hours fall out of the count, send fewer rows, or use \
              larger jobs with `--rows-per-job`",
        ..GATE
    },
    Rule {
        code: Code::BulkBatchesShort,
        source: &["bulk-api-2 2.2", "design 8"],
        prevents: "ExceededQuota, and batches whose results are not recorded",
        cause: "the run needs more Bulk API batches than the org has left today, a tenth of the \
                day's allowance kept for others",
        proof: "DailyBulkApiBatches of the org's limits, and the plan's jobs",
        fix: "Wait until batches of the last 24 hours fall out of the count, send fewer rows, or \
              use larger jobs with `--rows-per-job`",
        ..GATE
    },
    Rule {
        code: Code::MailsPredicted,
        decided_by: DecidedBy::Policy,
        source: &["R-606", "R-607", "R-608", "design 9"],
        cause: "the org mails everybody who becomes a member of a live site that greets new \
                members; mails cannot be called back, so somebody has to say that they may go",
        proof: "Status and OptionsSendWelcomeEmail of the sites, their member profiles, and the \
                active users of the plan",
        fix: "Say `--welcome now` if they may go out, else untick the site's welcome mail first",
        ..GATE
    },
];
