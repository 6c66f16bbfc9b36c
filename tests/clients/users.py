"""Users for the outside clients to insert, made from the samples: good rows, and bad ones with the
error the org must give them. Knows nothing of admit."""

import csv
import pathlib
import sys

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"

NOBODY = "0035g0000999999AAA"


def good_rows():
    """The twelve people of the Data Loader sample as rows of the User object."""
    with open(SAMPLES / "contacts-dataloader.csv", newline="", encoding="utf-8") as file:
        for number, person in enumerate(csv.DictReader(file)):
            yield {
                "ContactId": person["CONTACT ID"],
                "FirstName": person["GIVEN NAME"],
                "LastName": person["SURNAME"],
                "Email": person["E-MAIL ADDRESS"],
                "Username": person["LOGIN"],
                "Alias": f"u{number}",
                "CommunityNickname": f"outside-{number}",
                "ProfileId": person["PROFILE ID"],
                "TimeZoneSidKey": person["TZ"],
                "LocaleSidKey": person["LOC"],
                "LanguageLocaleKey": person["LANG"],
                "EmailEncodingKey": person["ENC"],
                "CurrencyIsoCode": "EUR",
                "Region__c": person["SALES REGION"],
                "Title": "",
                "Street": "",
            }


# What is changed in a good row -> the error of the org.
FAULTS = [
    ({"Region__c": ""}, "REQUIRED_FIELD_MISSING"),
    ({"Username": "ada.admin@acme.example.com"}, "DUPLICATE_USERNAME"),
    ({"TimeZoneSidKey": "Europe/Atlantis"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ({"Alias": "ninechars"}, "STRING_TOO_LONG"),
    ({"Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
    ({"ContactId": NOBODY}, "INVALID_CROSS_REFERENCE_KEY"),
]


def users():
    """All rows, and by username the error code of the bad ones."""
    rows = list(good_rows())
    # Nothing a CSV may hold must get lost on the way.
    rows[0] |= {"Title": 'Head of "Sales", DACH', "Street": "Gewerbepark 5\nHalle 2"}
    good = [dict(row) for row in rows]
    # A second user for a contact; everything else about it is good.
    twice = good[0] | {"Username": "twice@outside.example.net", "CommunityNickname": "twice"}
    rows.append(twice)
    errors = {twice["Username"]: "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT"}
    # The last good rows make room for the faults: one fault each.
    for row, (fault, code) in zip(rows[12 - len(FAULTS) : 12], FAULTS):
        row |= fault
        errors[row["Username"]] = code
    return rows, errors


def write(path):
    rows, errors = users()
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows, errors


if __name__ == "__main__":
    # users.py DATA ERRORS: the CSV, and `username,code` of the bad rows.
    with open(sys.argv[2], "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(write(sys.argv[1])[1].items())
