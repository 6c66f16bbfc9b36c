// jsforce, unmodified, against `admit sim`.
//
//     drive_jsforce.mjs FOLDER-WITH-NODE_MODULES USERS.csv ERRORS.csv

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [modules, usersFile, errorsFile] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, 'package.json'));
const { Connection } = require('jsforce');
const { QueryJobV2 } = require('jsforce/lib/api/bulk2');
const { HttpApi } = require('jsforce/lib/http-api');

const connection = new Connection({
  instanceUrl: process.env.SF_INSTANCE_URL,
  accessToken: process.env.SF_ACCESS_TOKEN,
  version: '67.0',
});
connection.bulk2.pollInterval = 100;

function same(found, wanted, what) {
  assert.deepEqual(found, wanted, `jsforce: ${what}`);
  console.log(`jsforce: ${what}: as it should be`);
}

// Good and bad rows from a stream, which goes out chunked, without a length.
async function insert(errors) {
  const job = connection.bulk2.createJob({ object: 'User', operation: 'insert' });
  await job.open();
  await job.uploadData(fs.createReadStream(usersFile));
  await job.close();
  await job.poll(100, 30_000);
  const info = await job.check();
  same(info.state, 'JobComplete', 'the state of the job');
  const { successfulResults, failedResults, unprocessedRecords } = await job.getAllResults();
  same(info.numberRecordsFailed, errors.size, 'rows failed');
  same(info.numberRecordsProcessed, successfulResults.length + errors.size, 'rows processed');
  const codes = failedResults.map((row) => [row.Username, row.sf__Error.split(':')[0]]);
  same(new Map(codes.sort()), new Map([...errors].sort()), 'error codes');
  same(unprocessedRecords.length, 0, 'unprocessed rows');
  const titled = successfulResults.find((row) => row.Title !== '');
  same(titled.Title, 'Head of "Sales", DACH', 'a title with quotes');
  same(titled.Street, 'Gewerbepark 5\nHalle 2', 'a street of two lines');
  const made = await connection.sobject('User').retrieve(titled.sf__Id);
  same(made.Username, titled.Username, 'a new user, read by id');
}

// The same rows again, as records: now every contact has its user.
async function insertAgain() {
  const { successfulResults, failedResults } = await connection.bulk2.loadAndWaitForResults({
    object: 'User',
    operation: 'insert',
    input: fs.createReadStream(usersFile),
    pollInterval: 100,
  });
  same(successfulResults.length, 0, 'rows of a second insert that pass');
  same(failedResults.every((row) => row.sf__Error.length > 0), true, 'and why not');
}

// Both kinds of query, several pages of each, give the same contacts.
async function ask() {
  const soql = 'SELECT Id, Email FROM Contact';
  const first = await connection.query(soql);
  same([first.done, first.records.length], [false, 2000], 'the first page of a query');
  const byRest = await connection.query(soql, { autoFetch: true, maxFetch: 100_000 });
  same(byRest.records.length, byRest.totalSize, 'contacts by query');
  const pairs = (records) => records.map((row) => `${row.Id} ${row.Email ?? ''}`).sort();
  const stream = await connection.bulk2.query(soql, { pollInterval: 100, pollTimeout: 30_000 });
  same(pairs(await stream.toArray()), pairs(byRest.records), 'contacts by bulk query');
  const pages = await bulkPages(soql, 500);
  same(pages.length, Math.ceil(byRest.totalSize / 500), 'pages of a bulk query');
  same(pairs(pages.flat()), pairs(byRest.records), 'contacts by bulk query, page by page');
}

// jsforce's own loop over pages ends its stream after the first one
// (https://github.com/jsforce/jsforce/issues/1546), so the loop stands here; the job, the requests
// and the reading of CSV are jsforce's.
async function bulkPages(query, maxRecords) {
  const bodyParams = { query, operation: 'query' };
  const job = new QueryJobV2(connection, { bodyParams, pollingOptions: connection.bulk2 });
  await job.open();
  await job.poll(100, 30_000);
  const pages = [];
  for (let locator = ''; locator !== 'null'; ) {
    const api = new HttpApi(connection, {});
    api.on('response', (response) => {
      locator = response.headers['sforce-locator'];
    });
    const parameters = new URLSearchParams(locator === '' ? { maxRecords } : { maxRecords, locator });
    const url = `${connection.instanceUrl}/services/data/v67.0/jobs/query/${job.id}/results?${parameters}`;
    pages.push(await api.request({ method: 'GET', url, headers: { Accept: 'text/csv' } }));
  }
  return pages;
}

async function lookAround() {
  const userInfo = await connection.identity();
  same(userInfo.username, 'ada.admin@acme.example.com', 'who am I');
  const { fields } = await connection.sobject('User').describe();
  same(fields.some((field) => field.name === 'Region__c'), true, 'describe');
}

async function beRefused() {
  await assert.rejects(connection.query('SELECT Nothing FROM User'), { errorCode: 'INVALID_FIELD' });
  const stranger = new Connection({ instanceUrl: process.env.SF_INSTANCE_URL, accessToken: '00D!wrong', version: '67.0' });
  await assert.rejects(stranger.query('SELECT Id FROM User'), { errorCode: 'INVALID_SESSION_ID' });
  console.log('jsforce: refusals: as they should be');
}

const errors = new Map(fs.readFileSync(errorsFile, 'utf8').trim().split('\n').map((line) => line.split(',')));
await lookAround();
await insert(errors);
await insertAgain();
await ask();
await beRefused();
