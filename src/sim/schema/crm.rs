//! Account and Contact: the fields of external-users.md §13.1 and the everyday ones.

use super::standard::{
    ID, SYSTEM, Standard, StandardObject, area, boolean, currency_code, email, lookup, number,
    phone, picklist, text,
};
use super::{Feature, FieldType, Kind};

pub(super) const ACCOUNT: StandardObject = StandardObject {
    name: "Account",
    label: "Account",
    prefix: "001",
    createable: true,
    updateable: true,
    deletable: true,
    feature: Feature::Always,
    fields: &[ACCOUNT_FIELDS, SYSTEM],
};

pub(super) const CONTACT: StandardObject = StandardObject {
    name: "Contact",
    label: "Contact",
    prefix: "003",
    createable: true,
    updateable: true,
    deletable: true,
    feature: Feature::Always,
    fields: &[CONTACT_FIELDS, SYSTEM],
};

const ACCOUNT_FIELDS: &[Standard] = &[
    ID,
    boolean("IsDeleted", "Deleted").read_only(),
    merged_into(&[Kind::Account]),
    text("Name", "Account Name", 255).required(),
    picklist("Type", "Account Type"),
    parent(),
    area("BillingStreet", "Billing Street", 255),
    text("BillingCity", "Billing City", 40),
    text("BillingState", "Billing State/Province", 80),
    text("BillingPostalCode", "Billing Zip/Postal Code", 20),
    text("BillingCountry", "Billing Country", 80),
    phone("Phone", "Account Phone"),
    phone("Fax", "Account Fax"),
    text("AccountNumber", "Account Number", 40),
    Standard::new("Website", "Website", FieldType::Url, 255),
    picklist("Industry", "Industry"),
    Standard::new("AnnualRevenue", "Annual Revenue", FieldType::Currency, 0),
    number("NumberOfEmployees", "Employees"),
    area("Description", "Account Description", 32_000),
    lookup("OwnerId", "Owner ID", "Owner", &[Kind::User]).default(""),
    currency_code("CurrencyIsoCode", "Account Currency"),
    // the partner switch is updatable, not createable; R-316: absent without licences.
    boolean("IsPartner", "Partner Account")
        .update_only()
        .only_with(Feature::PartnerLicenses),
    boolean("IsCustomerPortal", "Customer Portal Account")
        .update_only()
        .only_with(Feature::CustomerLicenses),
    boolean("IsPersonAccount", "Is Person Account")
        .read_only()
        .only_with(Feature::PersonAccounts),
    lookup(
        "PersonContactId",
        "Person Contact ID",
        "PersonContact",
        &[Kind::Contact],
    )
    .read_only()
    .only_with(Feature::PersonAccounts),
    text("FirstName", "First Name", 40).only_with(Feature::PersonAccounts),
    text("LastName", "Last Name", 80).only_with(Feature::PersonAccounts),
    email("PersonEmail", "Email", 80).only_with(Feature::PersonAccounts),
];

const CONTACT_FIELDS: &[Standard] = &[
    ID,
    boolean("IsDeleted", "Deleted").read_only(),
    merged_into(&[Kind::Contact]),
    lookup("AccountId", "Account ID", "Account", &[Kind::Account]),
    text("LastName", "Last Name", 80).required(),
    text("FirstName", "First Name", 40),
    text("Salutation", "Salutation", 40),
    text("Name", "Full Name", 121).read_only(),
    area("MailingStreet", "Mailing Street", 255),
    text("MailingCity", "Mailing City", 40),
    text("MailingState", "Mailing State/Province", 80),
    text("MailingPostalCode", "Mailing Zip/Postal Code", 20),
    text("MailingCountry", "Mailing Country", 80),
    phone("Phone", "Business Phone"),
    phone("Fax", "Business Fax"),
    phone("MobilePhone", "Mobile Phone"),
    email("Email", "Email", 80).indexed().id_lookup(),
    text("Title", "Title", 128),
    text("Department", "Department", 80),
    Standard::new("Birthdate", "Birthdate", FieldType::Date, 0),
    area("Description", "Contact Description", 32_000),
    lookup(
        "ReportsToId",
        "Reports To ID",
        "ReportsTo",
        &[Kind::Contact],
    ),
    lookup("OwnerId", "Owner ID", "Owner", &[Kind::User]).default(""),
    currency_code("CurrencyIsoCode", "Contact Currency"),
    boolean("IsPersonAccount", "Is Person Account")
        .read_only()
        .only_with(Feature::PersonAccounts),
];

/// The survivor of a merge.
const fn merged_into(targets: &'static [Kind]) -> Standard {
    lookup(
        "MasterRecordId",
        "Master Record ID",
        "MasterRecord",
        targets,
    )
    .read_only()
}

const fn parent() -> Standard {
    lookup("ParentId", "Parent Account ID", "Parent", &[Kind::Account])
}
