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
Tokens of all but the first are renewed when the org refuses them. Without any, and without
--org, the file is checked against the built-in sample org. Nothing of it is printed, logged
or stored.";

/// What `run` does before and while it sends.
pub(super) const SENDING: &str = "\
Connection: --target-org alone, or one login in the environment, whole (--help lists them):
SF_INSTANCE_URL with SF_ACCESS_TOKEN, JWT bearer, client credentials or SFDX_AUTH_URL. Nothing
of it is printed, logged or stored.

Before anything is sent, the plan is shown with the org, its address, the running user and
PRODUCTION or SANDBOX. In production the number of users has to be typed, elsewhere `y`;
--yes answers for you, and is needed where nobody can be asked. Where the org would mail the
new users by itself, --welcome has to say so.

Ctrl-C finishes and settles the jobs in flight, then writes both files; a second one leaves at
once. Rows that were not sent stand in failure.csv, which is the next run's input.";
