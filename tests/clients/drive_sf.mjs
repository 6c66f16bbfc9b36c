// The `sf` command, unmodified, against `admit sim`; and admit, which asks it for a login.
//
//     drive_sf.mjs FOLDER-WITH-NODE_MODULES USERS.csv ERRORS.csv ADMIT CONTACTS.csv
//
// Works in the current folder, which is also its home: what `sf` keeps, it keeps here.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const [modules, usersFile, errorsFile, admit, contacts] = process.argv.slice(2);
const home = process.cwd();
const bin = path.join(modules, 'node_modules', '.bin');
const node = path.dirname(process.execPath);
const token = process.env.SF_ACCESS_TOKEN;
const env = {
  HOME: home,
  PATH: [bin, node, process.env.PATH].join(path.delimiter),
  SF_AUTOUPDATE_DISABLE: 'true',
  SF_DISABLE_TELEMETRY: 'true',
  SF_SKIP_NEW_VERSION_CHECK: 'true',
  SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
};

function same(found, wanted, what) {
  assert.deepEqual(found, wanted, `sf: ${what}`);
  console.log(`sf: ${what}: as it should be`);
}

function sf(words, more = {}) {
  const done = spawnSync('sf', [...words, '--json'], { cwd: home, env: { ...env, ...more } });
  assert.ok(done.stdout?.length > 0, `sf ${words.join(' ')}: ${done.error ?? done.stderr}`);
  return JSON.parse(done.stdout);
}

function logIn() {
  const url = process.env.SF_INSTANCE_URL;
  const words = ['org', 'login', 'access-token', '--instance-url', url, '--alias', 'outside'];
  const done = sf([...words, '--no-prompt'], { SF_ACCESS_TOKEN: token });
  same([done.status, done.result?.orgId], [0, '00D5g0000000SimEAE'], 'the org it is logged in to');
  same(done.result.username, 'ada.admin@acme.example.com', 'the user it is logged in as');
}

function importAndFetch(errors) {
  const to = ['--target-org', 'outside'];
  const done = sf(
    ['data', 'import', 'bulk', '--file', usersFile, '--sobject', 'User', '--wait', '5', ...to],
  );
  same([done.status, done.name], [1, 'FailedRecordDetailsError'], 'an import with bad rows');
  const results = sf(['data', 'bulk', 'results', '--job-id', done.data.jobId, ...to]);
  same(results.status, 0, 'fetching the results');
  const { processedRecords, successfulRecords, failedRecords, status } = results.result;
  same(status, 'JobComplete', 'the state of the job');
  same(failedRecords, errors.length, 'rows failed');
  same(successfulRecords, processedRecords - errors.length, 'rows that passed');
  const read = (name) => fs.readFileSync(path.join(home, results.result[name]), 'utf8');
  const made = read('successFilePath').match(/^"005[^"]*","true",/gm) ?? [];
  same(made.length, successfulRecords, 'users made');
  const failed = read('failedFilePath');
  const missing = errors.filter(([user, code]) => !failed.includes(user) || !failed.includes(code));
  same(missing, [], 'usernames and error codes of the bad rows');
}

// What admit borrows from `sf`: address and token, by alias.
function borrowLogin() {
  const words = ['check', contacts, '--out', 'checked', '--state-dir', 'state', '-o', 'outside'];
  const done = spawnSync(admit, [...words, '--json'], { cwd: home, env, encoding: 'utf8' });
  assert.ok([0, 3].includes(done.status), `admit check: ${done.status} ${done.stderr}`);
  assert.ok(!(done.stdout + done.stderr).includes(token.split('!')[1]), 'the token stays unsaid');
  same(JSON.parse(done.stdout).org.org_id, '00D5g0000000SimEAE', "admit's org, by the alias of sf");
}

const errors = fs
  .readFileSync(errorsFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));
logIn();
importAndFetch(errors);
borrowLogin();
