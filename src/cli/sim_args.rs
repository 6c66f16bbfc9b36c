//! What `sim` is told.

use std::path::PathBuf;

use clap::Args;

/// What `sim` does.
pub(super) const SERVING: &str = "\
The address and the access token stand on stdout as SF_INSTANCE_URL=... and SF_ACCESS_TOKEN=...,
fit for eval; then it serves, on 127.0.0.1 only, until Ctrl-C or SIGTERM. What clients write is
kept until then.

  admit sim --port 18080 --log -
  admit sim --seed-from ~/.local/state/admit/00D5g0000000ABCEA2
  admit sim --org samples/org --tls-cert leaf.pem --tls-key leaf.key

A line of the log: method, path without query, status, milliseconds it took, milliseconds since
the start when it came.";

/// What `sim` takes.
#[derive(Debug, Args)]
pub(crate) struct SimArgs {
    /// Port of 127.0.0.1; 0 is any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Seeds the org from this folder, instead of the built-in sample
    #[arg(long, value_name = "DIR")]
    pub(crate) org: Option<PathBuf>,
    /// Seeds the org from the cached state of another: its folder below the state folder
    #[arg(long, value_name = "CACHE", conflicts_with = "org")]
    pub(crate) seed_from: Option<PathBuf>,
    /// Certificate chain as PEM, leaf first: serves https
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The leaf's key as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Writes a line for every request to the end of this file; - is stderr
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// What goes wrong: calm, busy, stormy, hostile, or a file [default: calm]
    #[arg(long, value_name = "PLAN")]
    pub(crate) faults: Option<String>,
    /// Times faster than a real org, for jobs and queries; 1 is as slow as one
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) speed: u64,
    /// Tokens from the token endpoint, and the one on stdout, are good for so many requests
    #[arg(long, value_name = "N", hide_short_help = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) token_requests: Option<u64>,
    /// The token endpoint grants so many tokens, then refuses
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) logins: Option<u64>,
}
