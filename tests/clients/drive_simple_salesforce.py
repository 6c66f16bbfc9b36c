"""simple-salesforce, unmodified, against `admit sim` over https (it speaks nothing else).

    drive_simple_salesforce.py USERS.csv
"""

import csv
import io
import os
import sys
import urllib.parse

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

import users


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def results(fetch, job):
    """The org sends results as `text/csv` without a charset, and the client reads that as latin-1
    (https://github.com/simple-salesforce/simple-salesforce/issues/706): mended as its users do."""
    return read(fetch(job["job_id"]).encode("latin-1").decode("utf-8"))


def same(found, wanted, what):
    if found != wanted:
        sys.exit(f"simple-salesforce: {what}: {found!r} instead of {wanted!r}")
    print(f"simple-salesforce: {what}: as it should be")


def insert(org, path):
    """Good and bad rows in two jobs; every row comes back once, on the right side."""
    rows, errors = users.users()
    jobs = org.bulk2.User.insert(path, batch_size=10, wait=0.1)
    same([job["numberRecordsTotal"] for job in jobs], [10, len(rows) - 10], "rows of the jobs")
    processed = sum(job["numberRecordsProcessed"] for job in jobs)
    failed = sum(job["numberRecordsFailed"] for job in jobs)
    same((processed, failed), (len(rows), len(errors)), "rows processed and failed")
    good, bad, left = [], [], []
    for job in jobs:
        good += results(org.bulk2.User.get_successful_records, job)
        bad += results(org.bulk2.User.get_failed_records, job)
        left += results(org.bulk2.User.get_unprocessed_records, job)
    same({row["Username"]: row["sf__Error"].split(":")[0] for row in bad}, errors, "error codes")
    same({row["sf__Id"] for row in bad}, {""}, "ids of failed rows")
    same({row["sf__Created"] for row in good}, {"true"}, "sf__Created")
    same(left, [], "unprocessed rows")
    wanted = [row for row in rows if row["Username"] not in errors]
    key = lambda row: row["Username"]
    echoed = [{name: row[name] for name in wanted[0]} for row in good]
    same(sorted(echoed, key=key), sorted(wanted, key=key), "cells of successful rows")
    made = org.query("SELECT Id, Title, ContactId FROM User WHERE Username = '" + wanted[0]["Username"] + "'")
    record = made["records"][0]
    same(record["Title"], wanted[0]["Title"], "the title of a new user")
    ids = {row["Username"]: row["sf__Id"] for row in good}
    same(record["Id"], ids[wanted[0]["Username"]], "its id")


def ask(org):
    """Both kinds of query, several pages of each, give the same contacts."""
    by_rest = {row["Id"]: row["Email"] or "" for row in org.query_all_iter("SELECT Id, Email FROM Contact")}
    first = org.query("SELECT Id, Email FROM Contact")
    same((first["done"], len(first["records"])), (False, 2000), "the first page of a query")
    same(first["totalSize"], len(by_rest), "contacts by query")
    pages = list(org.bulk2.Contact.query("SELECT Id, Email FROM Contact", max_records=500, wait=0.1))
    by_bulk = [row for page in pages for row in read(page)]
    same(len(pages), -(-len(by_rest) // 500), "pages of a bulk query")
    same({row["Id"]: row["Email"] for row in by_bulk}, by_rest, "contacts by bulk query")
    same(len(by_bulk), len(by_rest), "rows of a bulk query")


def look_around(org):
    fields = {field["name"] for field in org.User.describe()["fields"]}
    same({"Username", "ContactId", "Region__c"} <= fields, True, "describe")
    same(org.limits()["DailyApiRequests"]["Max"] > 0, True, "limits")
    same("User" in {object["name"] for object in org.describe()["sobjects"]}, True, "objects")


def be_refused(org, instance):
    try:
        org.query("SELECT Nothing FROM User")
        sys.exit("simple-salesforce: a bad query passed")
    except SalesforceMalformedRequest as refusal:
        same(refusal.content[0]["errorCode"], "INVALID_FIELD", "a bad query")
    try:
        Salesforce(instance=instance, session_id="00D!wrong", version="67.0").limits()
        sys.exit("simple-salesforce: a wrong token passed")
    except SalesforceExpiredSession as refusal:
        same(refusal.content[0]["errorCode"], "INVALID_SESSION_ID", "a wrong token")


def main():
    instance = urllib.parse.urlparse(os.environ["SF_INSTANCE_URL"]).netloc
    org = Salesforce(instance=instance, session_id=os.environ["SF_ACCESS_TOKEN"], version="67.0")
    look_around(org)
    insert(org, sys.argv[1])
    ask(org)
    be_refused(org, instance)


main()
