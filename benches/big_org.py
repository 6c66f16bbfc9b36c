#!/usr/bin/env python3
"""Makes an org folder for `admit sim --org` out of generated tables.

    python3 benches/big_org.py TABLES FOLDER

TABLES holds accounts.csv, contacts.csv, users.csv, profiles.csv and picklists.csv of the bench
generator. The org has 200 owners with a role and one without; every licence has seats enough,
standard profiles are allowed, one site without welcome mail has all profiles as members, and the
day's allowances are large. Standard library only; the same bytes on every run.
"""

import csv
import pathlib
import sys

LICENSES = {
    "Partner Community": ("1005g0000000001AAA", "PowerPartner"),
    "Customer Community Plus": ("1005g0000000002AAA", "PowerCustomerSuccess"),
    "Customer Community": ("1005g0000000003AAA", "CspLitePortal"),
}


def long_id(short):
    """The 18-character form of a 15-character id."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    suffix = ""
    for start in (0, 5, 10):
        five = short[start:start + 5]
        suffix += alphabet[sum(1 << i for i, c in enumerate(five) if c.isupper())]
    return short + suffix


def numbered(prefix, number):
    return long_id(f"{prefix}5g0bench{number:04d}")


def main():
    tables, folder = map(pathlib.Path, sys.argv[1:3])
    (folder / "picklists").mkdir(parents=True, exist_ok=True)
    here = pathlib.Path(__file__).resolve().parent.parent / "samples" / "org"

    def rows(name):
        return csv.DictReader((tables / name).open(newline="", encoding="utf-8"))

    def write(name, header, records):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(records)

    role = numbered("00E", 1)
    owners = [numbered("005", number) for number in range(200)]
    without_role, runner = numbered("005", 998), numbered("005", 999)
    admin = numbered("00e", 1)
    internal = "1005g0000000009AAA"
    profiles = list(rows("profiles.csv"))
    customer = next(row["Id"] for row in profiles if row["License"] == "Customer Community")

    write("Account.csv", ["Id", "Name", "IsPartner", "OwnerId"], (
        [row["Id"], row["Name"], row["IsPartner"],
         owners[place % 200] if row["OwnerHasRole"] == row["OwnerActive"] == "true"
         else without_role]
        for place, row in enumerate(rows("accounts.csv"))))
    write("Contact.csv", ["Id", "AccountId", "Email", "FirstName", "LastName", "IsDeleted"], (
        [row[name] for name in ("Id", "AccountId", "Email", "FirstName", "LastName", "IsDeleted")]
        for row in rows("contacts.csv")))

    def staff():
        for number, owner in enumerate(owners + [without_role, runner]):
            yield [owner, f"staff{number}@acme.example.com", "", "true", f"staff{number}", admin,
                   "" if owner == without_role else role, "Staff"]
        for row in rows("users.csv"):
            profile = customer if row["ContactId"] else admin
            yield [row["Id"], row["Username"], row["ContactId"], row["IsActive"],
                   row["CommunityNickname"] + "." + row["Id"][-9:], profile, "", "User"]

    write("User.csv", ["Id", "Username", "ContactId", "IsActive", "CommunityNickname", "ProfileId",
                       "UserRoleId", "LastName"], staff())
    write("UserRole.csv", ["Id", "Name"], [[role, "Sales"]])
    write("Profile.csv", ["Id", "Name", "UserType", "UserLicenseId"], [
        [admin, "System Administrator", "Standard", internal],
        *([row["Id"], row["Name"], LICENSES[row["License"]][1], LICENSES[row["License"]][0]]
          for row in profiles)])
    write("UserLicense.csv",
          ["Id", "Name", "MasterLabel", "LicenseDefinitionKey", "Status", "TotalLicenses"], [
              [internal, "Salesforce", "Salesforce", "SFDC", "Active", 100_000],
              *([key, name, name, name, "Active", 9_000_000]
                for name, (key, _) in LICENSES.items())])
    site = numbered("0DB", 1)
    write("Network.csv", ["Id", "Name", "Status", "OptionsSendWelcomeEmail"],
          [[site, "Bench", "Live", "false"]])
    write("NetworkMemberGroup.csv", ["Id", "NetworkId", "ParentId", "AssignmentStatus"], [
        [numbered("0DL", place), site, row["Id"], "Added"] for place, row in enumerate(profiles)])
    owned = numbered("0PS", 1)
    rights = ["PermissionsApiEnabled", "PermissionsViewSetup", "PermissionsViewAllData",
              "PermissionsManageUsers", "PermissionsManagePartners", "PermissionsManageCssUsers",
              "PermissionsManageInternalUsers"]
    write("PermissionSet.csv", ["Id", "Name", "Label", "IsOwnedByProfile", "ProfileId", *rights],
          [[owned, "X00e", "X00e", "true", admin, *["true"] * len(rights)]])
    write("PermissionSetAssignment.csv", ["Id", "AssigneeId", "PermissionSetId"],
          [[numbered("0Pa", 1), runner, owned]])
    write("fields.csv", ["object", "api_name", "label", "type", "length", "createable",
                         "updateable", "nillable", "unique", "external_id", "restricted",
                         "values"], [])
    for name in ("TimeZoneSidKey", "LocaleSidKey", "LanguageLocaleKey", "EmailEncodingKey"):
        (folder / "picklists" / f"{name}.csv").write_bytes(
            (here / "picklists" / f"{name}.csv").read_bytes())
    (folder / "org.toml").write_text(f'''org_id = "{long_id("00D5g0000000BIG")}"
name = "Bench"
is_sandbox = true
instance_url = "https://bench.my.salesforce.example.com"
access_token = "00D5g0000000BIG!bench-token"
running_user = "{runner}"
time_zone = "Europe/Berlin"
language = "en_US"
locale = "en_US"
daily_api_requests = 100000000
daily_bulk_batches = 10000000
# The client is what is measured, with jobs of any size.
batch_minutes = 1000000

[features]
partner_licenses = true
customer_licenses = true
standard_external_profiles = true
partner_role_levels = 3
customer_role_levels = 3
''', encoding="utf-8")


if __name__ == "__main__":
    main()
