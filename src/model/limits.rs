//! Every limit that is not a setting, in one place, with its source.

/// Rows of one ingest job: the org cuts jobs into internal batches of this many
/// ([source](https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_understanding_bulk2_ingest.htm)).
pub const JOB_ROWS_MAX: u32 = 10_000;

/// Bytes of one job's data, header included: the org accepts 100 MB raw, we stay below
/// ([source](https://developer.salesforce.com/docs/platform/api-asynch/guide/upload-job-data.html)).
pub const JOB_BYTES_MAX: u64 = 95_000_000;

/// Rows of a first job into a role-based licence (R-1009).
pub const ROLE_BASED_JOB_ROWS_FIRST: u32 = 50;

/// Rows below which a job is never made on account of what earlier ones showed (design §8).
pub const JOB_ROWS_LEARNED_MIN: u64 = 25;

/// Milliseconds before the second round of a wave; doubles from round to round.
pub const ROUND_WAIT_FIRST_MS: u64 = 5_000;

/// Longest wait before a round of a wave, in milliseconds.
pub const ROUND_WAIT_LONGEST_MS: u64 = 5 * 60_000;

/// Jobs opened for one chunk before its trouble is taken to be the org's.
pub const JOBS_OPENED_MAX: u32 = 5;

/// Times a close is sent while the org goes on saying that the job is open.
pub const CLOSES_SENT_MAX: u32 = 5;

/// Times an abort is repeated of a job that runs on.
pub const ABORTS_REPEATED_MAX: usize = 4;

/// Times the results of one job are fetched because they were not whole.
pub const RESULT_FETCHES_MAX: u32 = 4;

/// Times the org must say that it does not have a job before that is believed.
pub const NOT_FOUND_BELIEVED: u32 = 3;

/// Milliseconds without progress after which a closed job of ours is aborted: orgs have left small
/// jobs waiting for hours (bulk-api-2 §8, row 11).
pub const STALLED_JOB_MS: u64 = 6 * 3_600_000;

/// Characters of one header row of job data (bulk-api-2 §4).
pub const JOB_HEADER_CHARACTERS_MAX: usize = 32_000;

/// Characters of one record of job data (bulk-api-2 §6).
pub const RECORD_CHARACTERS_MAX: usize = 400_000;

/// Bytes of one record of the input, decoded; a longer one is taken for an unclosed quote.
pub const INPUT_RECORD_BYTES_MAX: usize = 8 << 20;

/// Rows of one input: rows are known by a 32-bit ordinal.
pub const INPUT_ROWS_MAX: u32 = u32::MAX - 1;

/// Bytes of input text one window holds, a long last record apart: what becomes of so many, two
/// windows at a time, still lies near the processor.
pub const WINDOW_BYTES: usize = 1 << 20;

/// Accounts with role-based users one owner may own.
pub const OWNER_ACCOUNTS_MAX: u32 = 50_000;

/// Characters of a request URI ([source](https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.md): 16,384 bytes, headers included); what we let a SOQL query grow to.
pub const SOQL_URI_BYTES_MAX: usize = 12_000;

/// Rows of one page of a bulk query's results; larger pages risk time-outs (bulk-api-2 §5).
pub const QUERY_PAGE_ROWS: u32 = 50_000;

/// Bytes of one such page, held in memory until it has arrived whole.
pub const QUERY_PAGE_BYTES_MAX: usize = 256 << 20;

/// Milliseconds from a request's first attempt past which it is not attempted again, and the
/// longest wait an org may ask for.
pub const RETRY_SPAN_MS_MAX: u64 = 15 * 60_000;

/// Repeats after status 420, which means that the org's host is being moved or is gone
/// ([source](https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.md)).
pub const NO_ROUTE_REPEATS_MAX: u32 = 2;

/// Times one row is sent at most in a run: once, and four retries.
pub const ROW_TRIES_MAX: u8 = 5;

/// Characters of an org's message that an error repeats.
pub const MESSAGE_CHARACTERS_MAX: usize = 300;

/// Records re-read by id behind rejections in one run (R-1309); past it the cached state stands.
pub const REREAD_RECORDS_MAX: usize = 10_000;

/// Bytes of one JSON or error answer that are read; more is cut off and said.
pub const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Seats of a licence without a limit; the org says so with a negative number.
pub const SEATS_UNLIMITED: u64 = u64::MAX;

/// Rounds of one wave at most. A row goes five times, and twice as many rows of an account move up
/// each time, so that two hundred are enough for four billion rows; past it something is wrong.
pub const ROUNDS_PER_WAVE_MAX: u32 = 1_000;
