//! Pages of help about the org a command talks to. Text only.

/// How a real org is named.
pub(super) const CONNECTION: &str = "\
Connection: --target-org alone, or one of these in the environment, whole:
  SF_INSTANCE_URL, SF_ACCESS_TOKEN
                       https://<My Domain>.my.salesforce.com and an access token; it is not
                       renewed
  SF_CLIENT_ID, SF_USERNAME, SF_JWT_KEY_FILE, SF_LOGIN_URL
                       JWT bearer: consumer key, user, private key as PEM, and
                       https://login.salesforce.com or https://test.salesforce.com
                       (SF_AUDIENCE_URL replaces the audience that goes with it)
  SF_CLIENT_ID, SF_CLIENT_SECRET, SF_INSTANCE_URL
                       client credentials
  SFDX_AUTH_URL        force://<id>:<secret>:<refresh token>@<host>
Tokens of all but the first are renewed when the org refuses them. Nothing of it is printed,
logged or stored.";

/// What `check` does where no org is named.
pub(super) const CHECKED_SAMPLE: &str = "\
Without any, and without --org, the file is checked against the built-in sample org.";

/// What `org pull` does where no org is named.
pub(super) const PULLED_SAMPLE: &str = "\
Without any, and without --org, the built-in sample org is read.";

/// What everything that sends does where no org is named.
pub(super) const NO_SAMPLE: &str = "\
Without any, nothing is begun: the exit code is 2.";

/// What `run` does before and while it sends.
pub(super) const SENDING: &str = "\
Connection: --target-org alone, or one login in the environment, whole (--help lists them):
SF_INSTANCE_URL with SF_ACCESS_TOKEN, JWT bearer, client credentials or SFDX_AUTH_URL. Nothing
of it is printed, logged or stored.

Before anything is sent, the plan is shown with the org, its address, the running user and
PRODUCTION or SANDBOX. In production the number of users has to be typed, elsewhere `y`;
--yes answers for you, and is needed where nobody can be asked. Where the org would mail the
new users by itself, --welcome has to say so.

Ctrl-C sends nothing more and settles the jobs that run; a second one leaves at once. Either way
`admit resume` finishes the run, and `admit abort` ends it. No row is sent twice.";

/// What `resume` does.
pub(super) const RESUMING: &str = "\
The journal in the run's folder says where everything stood: jobs that ran on are settled, what was
never sent is checked against the org as it is now and sent. The org, the input and the plan must
be those of the run; pace, window and waiting may change.

The connection is named as for `run`.";

/// What `abort` does.
pub(super) const ABORTING: &str = "\
Jobs of the run that still work in the org are stopped, no others. What they made is settled, every
other row is written to failure.csv as not sent, and the run is over.

The connection is named as for `run`.";

/// How the process ends.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  every row as asked
  1  a bug in admit (101 if it panicked)
  2  command line or settings
  3  finished, some rows rejected or failed
  4  stopped early
  5  the input cannot be read
  6  the org refused us: login, permission
  7  journal or cache cannot be trusted
  8  a safety guard refused, nothing was sent";
