//! The User object: lengths, defaults and writability of external-users.md §1.1.

use super::standard::{
    ID, SYSTEM, Standard, StandardObject, area, boolean, currency_code, email, lookup, moment,
    number, phone, picklist, text,
};
use super::{Feature, Kind};

pub(super) const USER: StandardObject = StandardObject {
    name: "User",
    label: "User",
    prefix: "005",
    createable: true,
    updateable: true,
    // users are never deleted.
    deletable: false,
    feature: Feature::Always,
    fields: &[PERSON, ACCESS, FEATURE_LICENCES, SYSTEM],
};

const PERSON: &[Standard] = &[
    ID,
    text("Username", "Username", 80)
        .required()
        .unique()
        .id_lookup(),
    text("LastName", "Last Name", 80).required(),
    text("FirstName", "First Name", 40),
    text("Name", "Full Name", 121).read_only(),
    text("CompanyName", "Company Name", 80),
    text("Division", "Division", 80),
    text("Department", "Department", 80),
    text("Title", "Title", 80),
    area("Street", "Street", 255),
    text("City", "City", 40),
    text("State", "State/Province", 80),
    text("PostalCode", "Zip/Postal Code", 20),
    text("Country", "Country", 80),
    email("Email", "Email", 128).required().id_lookup(),
    phone("Phone", "Phone"),
    phone("Fax", "Fax"),
    phone("MobilePhone", "Mobile"),
    phone("Extension", "Extension"),
    text("Alias", "Alias", 8).required(),
    text("CommunityNickname", "Nickname", 40)
        .default("")
        .unique(),
    text("EmployeeNumber", "Employee Number", 20),
    area("AboutMe", "About Me", 1000),
];

/// The locale keys listed here are a fallback; a seed brings the whole picklists.
const ACCESS: &[Standard] = &[
    boolean("IsActive", "Active").default("true"),
    picklist("TimeZoneSidKey", "Time Zone").required().one_of(&[
        "America/Los_Angeles",
        "America/New_York",
        "Asia/Tokyo",
        "Europe/Berlin",
        "Europe/London",
        "GMT",
    ]),
    lookup("UserRoleId", "Role ID", "UserRole", &[Kind::UserRole]),
    picklist("LocaleSidKey", "Locale")
        .required()
        .one_of(&["de_DE", "en_GB", "en_US", "ja_JP"]),
    boolean("ReceivesInfoEmails", "Info Emails"),
    boolean("ReceivesAdminInfoEmails", "Admin Info Emails"),
    picklist("EmailEncodingKey", "Email Encoding")
        .required()
        .one_of(&["UTF-8", "ISO-8859-1"]),
    lookup("ProfileId", "Profile ID", "Profile", &[Kind::Profile]).required(),
    picklist("UserType", "User Type").read_only().one_of(&[
        "Standard",
        "PowerPartner",
        "PowerCustomerSuccess",
        "CustomerSuccess",
        "Guest",
        "CspLitePortal",
        "CsnOnly",
        "SelfService",
    ]),
    picklist("LanguageLocaleKey", "Language")
        .required()
        .one_of(&["de", "en_US", "ja"]),
    currency_code("CurrencyIsoCode", "User Currency").required(),
    currency_code("DefaultCurrencyIsoCode", "Default Currency ISO Code"),
    lookup("ManagerId", "Manager ID", "Manager", &[Kind::User]),
    moment("LastLoginDate", "Last Login").read_only(),
    moment("LastPasswordChangeDate", "Last Password Change or Reset").read_only(),
    moment("PasswordExpirationDate", "Password Expiration Date").read_only(),
    number("NumberOfFailedLogins", "Failed Login Attempts").read_only(),
    boolean("HasUserVerifiedEmail", "Has User Verified Their Email").read_only(),
    // Updatable in current docs; it changes only for a contactless user (§1.1, R-805).
    lookup("ContactId", "Contact ID", "Contact", &[Kind::Contact]),
    lookup("AccountId", "Account ID", "Account", &[Kind::Account]).read_only(),
    // Its values depend on the org: the name of the lowest level is not certain.
    picklist("PortalRole", "Portal Role Level").restricted(),
    boolean("IsPortalEnabled", "Is Portal Enabled"),
    boolean("IsPrmSuperUser", "Is Partner Super User").only_with(Feature::PartnerSuperUser),
    boolean("ForecastEnabled", "Allow Forecasting"),
    text("FederationIdentifier", "SAML Federation ID", 512).unique(),
    picklist("DigestFrequency", "Chatter Email Highlights Frequency")
        .one_of(&["D", "W", "N"])
        .default("D"),
    picklist(
        "DefaultGroupNotificationFrequency",
        "Default Notification Frequency when Joining Groups",
    )
    .one_of(&["P", "D", "W", "N"])
    .default("N"),
];

/// each takes a feature licence.
const FEATURE_LICENCES: &[Standard] = &[
    boolean("UserPermissionsMarketingUser", "Marketing User"),
    boolean("UserPermissionsOfflineUser", "Offline User"),
    boolean(
        "UserPermissionsCallCenterAutoLogin",
        "Auto-login To Call Center",
    ),
    boolean(
        "UserPermissionsSFContentUser",
        "Salesforce CRM Content User",
    ),
    boolean("UserPermissionsKnowledgeUser", "Knowledge User"),
    boolean("UserPermissionsInteractionUser", "Flow User"),
    boolean("UserPermissionsSupportUser", "Service Cloud User"),
    boolean(
        "UserPermissionsSiteforceContributorUser",
        "Site.com Contributor User",
    ),
    boolean(
        "UserPermissionsSiteforcePublisherUser",
        "Site.com Publisher User",
    ),
    boolean("UserPermissionsWorkDotComUserFeature", "WDC User"),
];
