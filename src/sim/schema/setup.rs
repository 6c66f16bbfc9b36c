//! Setup objects: licences, profiles, roles, sites, permissions, the org itself.

use super::standard::{
    ID, SYSTEM, Standard, StandardObject, area, boolean, lookup, moment, number, picklist, text,
};
use super::{Feature, Kind};

const USER_TYPES: &[&str] = &[
    "Standard",
    "PowerPartner",
    "PowerCustomerSuccess",
    "CustomerSuccess",
    "Guest",
    "CspLitePortal",
    "CsnOnly",
    "SelfService",
];

pub(super) const ORGANIZATION: StandardObject = setup(
    "Organization",
    "Organization",
    "00D",
    &[
        &[
            ID,
            text("Name", "Name", 80),
            text("Division", "Division", 80).read_only(),
            boolean("IsSandbox", "Is Sandbox").read_only(),
            text("InstanceName", "Instance Name", 5).read_only(),
            text("OrganizationType", "Edition", 40).read_only(),
            text("NamespacePrefix", "Namespace Prefix", 15).read_only(),
            moment("TrialExpirationDate", "Trial Expiration Date").read_only(),
            picklist("DefaultLocaleSidKey", "Locale").read_only(),
            picklist("LanguageLocaleKey", "Language").read_only(),
            picklist("TimeZoneSidKey", "Time Zone").read_only(),
        ],
        SYSTEM,
    ],
);

pub(super) const PROFILE: StandardObject = setup(
    "Profile",
    "Profile",
    "00e",
    &[
        &[
            ID,
            text("Name", "Name", 255),
            lookup(
                "UserLicenseId",
                "User License ID",
                "UserLicense",
                &[Kind::UserLicense],
            ),
            picklist("UserType", "User Type")
                .read_only()
                .one_of(USER_TYPES),
            text("Description", "Description", 255),
        ],
        PERMISSIONS,
        SYSTEM,
    ],
);

/// external-users.md §7; R-707: an org need not have them all.
const PERMISSIONS: &[Standard] = &[
    boolean("PermissionsManagePartners", "Manage External Users"),
    boolean(
        "PermissionsManageMyExternalUsers",
        "Manage External Users (Limited)",
    ),
    boolean("PermissionsManageCssUsers", "Manage Customer Users"),
    boolean("PermissionsManageInternalUsers", "Manage Internal Users"),
    boolean("PermissionsManageUsers", "Manage Users"),
    boolean("PermissionsManageNetworks", "Create and Set Up Experiences"),
    boolean("PermissionsApiEnabled", "API Enabled"),
    boolean("PermissionsViewSetup", "View Setup and Configuration"),
    boolean(
        "PermissionsResetPasswords",
        "Reset User Passwords and Unlock Users",
    ),
    boolean("PermissionsViewAllData", "View All Data"),
    boolean("PermissionsModifyAllData", "Modify All Data"),
    boolean("PermissionsViewAllUsers", "View All Users"),
];

pub(super) const USER_LICENSE: StandardObject = setup(
    "UserLicense",
    "User License",
    "100",
    &[
        &[
            ID,
            text("LicenseDefinitionKey", "License Def. ID", 40),
            text("Name", "Name", 40),
            text("MasterLabel", "Master Label", 80),
            picklist("Status", "Status"),
            number("TotalLicenses", "Total Licenses"),
            number("UsedLicenses", "Used Licenses"),
            moment("UsedLicensesLastUpdated", "Used Licenses Last Updated"),
            // visible only with Digital Experiences.
            number("MonthlyLoginsEntitlement", "Monthly Logins Entitlement")
                .only_with(Feature::DigitalExperiences),
            number("MonthlyLoginsUsed", "Monthly Logins Used")
                .only_with(Feature::DigitalExperiences),
        ],
        SYSTEM,
    ],
);

pub(super) const USER_ROLE: StandardObject = setup(
    "UserRole",
    "Role",
    "00E",
    &[
        &[
            ID,
            text("Name", "Name", 80),
            text("DeveloperName", "Developer Name", 80),
            lookup(
                "ParentRoleId",
                "Parent Role ID",
                "ParentRole",
                &[Kind::UserRole],
            ),
            text("RollupDescription", "Description", 80),
            picklist("PortalType", "Portal Type").one_of(&["None", "CustomerPortal", "Partner"]),
            picklist("PortalRole", "Portal Role"),
            lookup(
                "PortalAccountId",
                "Account ID",
                "PortalAccount",
                &[Kind::Account],
            ),
            lookup(
                "PortalAccountOwnerId",
                "User ID",
                "PortalAccountOwner",
                &[Kind::User],
            ),
        ],
        SYSTEM,
    ],
);

/// without Digital Experiences the object is not there.
pub(super) const NETWORK: StandardObject = site_object(
    "Network",
    "Experience",
    "0DB",
    &[
        &[
            ID,
            text("Name", "Name", 255),
            area("Description", "Description", 1000),
            text("UrlPathPrefix", "URL Path Prefix", 255),
            picklist("Status", "Status").one_of(&[
                "UnderConstruction",
                "Live",
                "DownForMaintenance",
            ]),
            boolean("OptionsSendWelcomeEmail", "Send welcome email"),
            boolean("OptionsSelfRegistrationEnabled", "Allow self-registration"),
            lookup(
                "SelfRegProfileId",
                "Self-Registration Profile",
                "SelfRegProfile",
                &[Kind::Profile],
            ),
            text("WelcomeEmailTemplateId", "Welcome Email Template", 18),
            text(
                "ChangePasswordEmailTemplateId",
                "Change Password Email Template",
                18,
            ),
            text(
                "ForgotPasswordEmailTemplateId",
                "Forgot Password Email Template",
                18,
            ),
            text("EmailSenderAddress", "Email Sender Address", 80),
            text("EmailSenderName", "Email Sender Name", 80),
            text("NewSenderAddress", "New Sender Address", 80),
        ],
        SYSTEM,
    ],
);

///
pub(super) const NETWORK_MEMBER_GROUP: StandardObject = site_object(
    "NetworkMemberGroup",
    "Experience Members",
    "0DL",
    &[
        &[
            ID,
            lookup("NetworkId", "Network ID", "Network", &[Kind::Network]),
            lookup(
                "ParentId",
                "Parent ID",
                "Parent",
                &[Kind::Profile, Kind::PermissionSet],
            ),
            picklist("AssignmentStatus", "Status"),
        ],
        SYSTEM,
    ],
);

/// query and update only.
pub(super) const NETWORK_MEMBER: StandardObject = site_object(
    "NetworkMember",
    "Experience User Settings",
    "0DO",
    &[
        &[
            ID,
            lookup("NetworkId", "Network ID", "Network", &[Kind::Network]),
            lookup("MemberId", "Member ID", "Member", &[Kind::User]),
        ],
        SYSTEM,
    ],
);

pub(super) const PERMISSION_SET: StandardObject = setup(
    "PermissionSet",
    "Permission Set",
    "0PS",
    &[
        &[
            ID,
            text("Name", "Permission Set Name", 80),
            text("Label", "Permission Set Label", 80),
            area("Description", "Description", 255),
            lookup("ProfileId", "Profile ID", "Profile", &[Kind::Profile]),
            boolean("IsOwnedByProfile", "Is Owned By Profile").read_only(),
        ],
        PERMISSIONS,
        SYSTEM,
    ],
);

pub(super) const PERMISSION_SET_ASSIGNMENT: StandardObject = StandardObject {
    name: "PermissionSetAssignment",
    label: "Permission Set Assignment",
    prefix: "0Pa",
    createable: true,
    updateable: false,
    deletable: true,
    feature: Feature::Always,
    fields: &[
        &[
            ID,
            lookup(
                "PermissionSetId",
                "PermissionSet ID",
                "PermissionSet",
                &[Kind::PermissionSet],
            )
            .required()
            .create_only(),
            lookup("AssigneeId", "Assignee ID", "Assignee", &[Kind::User])
                .required()
                .create_only(),
        ],
        SYSTEM,
    ],
};

///
pub(super) const USER_LOGIN: StandardObject = setup(
    "UserLogin",
    "User Login",
    "0Yw",
    &[
        &[
            ID,
            lookup("UserId", "User ID", "User", &[Kind::User]).read_only(),
            boolean("IsFrozen", "Frozen"),
            boolean("IsPasswordLocked", "Password Locked"),
        ],
        SYSTEM,
    ],
);

///
pub(super) const POWER_USER: StandardObject = setup(
    "PersonAccountOwnerPowerUser",
    "Person Account Owner Power User",
    "0RC",
    &[
        &[
            ID,
            lookup("UserId", "User ID", "User", &[Kind::User]),
            picklist("PortalType", "Portal Type"),
        ],
        SYSTEM,
    ],
);

/// The currencies of an org with several
/// ([source](https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_currencytype.htm)).
pub(super) const CURRENCY_TYPE: StandardObject = StandardObject {
    feature: Feature::MultiCurrency,
    ..setup(
        "CurrencyType",
        "Currency Type",
        "01L",
        &[
            &[
                ID,
                text("IsoCode", "Currency ISO Code", 3).read_only(),
                boolean("IsActive", "Active").read_only(),
                boolean("IsCorporate", "Is Corporate Currency").read_only(),
            ],
            SYSTEM,
        ],
    )
};

/// A setup object: read here; the org's own setup pages write it.
const fn setup(
    name: &'static str,
    label: &'static str,
    prefix: &'static str,
    fields: &'static [&'static [Standard]],
) -> StandardObject {
    StandardObject {
        name,
        label,
        prefix,
        createable: false,
        updateable: false,
        deletable: false,
        feature: Feature::Always,
        fields,
    }
}

const fn site_object(
    name: &'static str,
    label: &'static str,
    prefix: &'static str,
    fields: &'static [&'static [Standard]],
) -> StandardObject {
    let mut object = setup(name, label, prefix, fields);
    object.feature = Feature::DigitalExperiences;
    object
}
