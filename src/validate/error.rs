//! What stops a run before its first row: every gate fault at once, each with its own remedy.

use std::borrow::Cow;
use std::fmt;

use super::rules::rule;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::rejection::Code;
use crate::model::settings::Welcome;

/// One thing that stops the run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateFault {
    /// The org has no Digital Experiences.
    #[error("Digital Experiences is not enabled in the org")]
    DigitalExperiencesOff,
    /// No site, or none of that name.
    #[error("{}", site_missing(.wanted.as_deref(), .visible, *.may_be_hidden))]
    SiteMissing {
        /// The name given, if one was.
        wanted: Option<String>,
        /// Sites there are.
        visible: Vec<String>,
        /// Not everything is visible to the running user, so it may be there.
        may_be_hidden: bool,
    },
    /// Several sites and none named.
    #[error("the org has several sites and none is named: {}", .visible.join(", "))]
    SiteAmbiguous {
        /// Sites there are.
        visible: Vec<String>,
    },
    /// A column that cannot be sent as the User field it names.
    #[error("column `{header}` cannot be sent: {why}")]
    Column {
        /// `column-not-writable` or `feature-license-column`.
        code: Code,
        /// The column's header.
        header: String,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// A `--set` whose field cannot be sent, or whose value does not fit it.
    #[error("`--set {field}` cannot be used: {why}")]
    Set {
        /// The rule that refuses it.
        code: Code,
        /// The field named.
        field: String,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// The profile of the run cannot be used.
    #[error("the profile of the run, {profile:?}, cannot be used: {why}")]
    Profile {
        /// The rule that refuses it.
        code: Code,
        /// As it was given.
        profile: String,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// A username pattern that makes no sense.
    #[error("the username pattern {pattern:?} cannot be used: {why}")]
    UsernamePattern {
        /// As it was given.
        pattern: String,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// The running user may not create external users.
    #[error("{user} may not create external users")]
    PermissionMissing {
        /// The running user.
        user: String,
    },
    /// No licence for external users.
    #[error("the org has no active licence for external users")]
    LicenseMissing,
    /// Mail is asked for, and the site is not live.
    #[error(
        "`--welcome now` asks for mails, but the site {site:?} is not live: nobody would get one, nor could log in"
    )]
    SiteNotLive {
        /// The site.
        site: String,
    },
    /// Mails would go out, and nobody said that they may.
    #[error("{}", mails_predicted(*.mails, .sites, *.welcome))]
    MailsPredicted {
        /// How many.
        mails: u64,
        /// The sites that would send them.
        sites: Vec<String>,
        /// What was said about mails.
        welcome: Option<Welcome>,
    },
    /// An allowance of the day would not last.
    #[error(
        "the run needs about {needed} {what}, and of the {max} of a day {remaining} are left, {reserve} of them kept for others"
    )]
    AllowanceShort {
        /// `api-calls-short` or `bulk-batches-short`.
        code: Code,
        /// What is short: `API calls`.
        what: &'static str,
        /// How many the run needs.
        needed: u64,
        /// How many the org has in 24 hours.
        max: u64,
        /// How many are left.
        remaining: u64,
        /// How many are not for this run.
        reserve: u64,
    },
}

impl GateFault {
    /// The rule behind it.
    pub fn code(&self) -> Code {
        match self {
            Self::DigitalExperiencesOff => Code::DigitalExperiencesOff,
            Self::SiteMissing { .. } => Code::SiteMissing,
            Self::SiteAmbiguous { .. } => Code::SiteAmbiguous,
            Self::Column { code, .. }
            | Self::Set { code, .. }
            | Self::Profile { code, .. }
            | Self::AllowanceShort { code, .. } => *code,
            Self::UsernamePattern { .. } => Code::UsernameMalformed,
            Self::PermissionMissing { .. } => Code::PermissionMissing,
            Self::LicenseMissing => Code::LicenseMissing,
            Self::SiteNotLive { .. } => Code::SiteNotLive,
            Self::MailsPredicted { .. } => Code::MailsPredicted,
        }
    }
}

impl Explain for GateFault {
    fn place(&self) -> Place {
        match self {
            Self::DigitalExperiencesOff => Place::Setting("the org's settings".to_owned()),
            Self::SiteMissing { .. } | Self::SiteAmbiguous { .. } => {
                Place::Setting("--site".to_owned())
            }
            Self::Column { header, .. } => {
                Place::Setting(format!("column `{header}` of the contacts file"))
            }
            Self::Set { field, .. } => Place::Setting(format!("--set {field}")),
            Self::Profile { .. } => Place::Setting("--profile".to_owned()),
            Self::UsernamePattern { .. } => Place::Setting("--username-pattern".to_owned()),
            Self::PermissionMissing { .. } => {
                Place::Setting("the running user's permissions".to_owned())
            }
            Self::LicenseMissing => Place::Setting("the org's licences".to_owned()),
            Self::SiteNotLive { .. } | Self::MailsPredicted { .. } => {
                Place::Setting("--welcome".to_owned())
            }
            Self::AllowanceShort { .. } => Place::Setting("the org's limits".to_owned()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Set { .. } => {
                "Correct the field or value of that `--set`, or leave it out.".into()
            }
            Self::UsernamePattern { .. } => {
                "Use text around {email}, {first}, {last}, {contactid} and {account}.".into()
            }
            Self::MailsPredicted {
                welcome: Some(_), ..
            } => "Untick the welcome mail of the site (Administration, Emails) before the run and \
                  tick it again after, or say `--welcome now`."
                .into(),
            other => format!("{}.", rule(other.code()).fix).into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::SiteAmbiguous { .. } | Self::Set { .. } | Self::UsernamePattern { .. } => {
                Exit::Usage
            }
            Self::DigitalExperiencesOff
            | Self::SiteMissing { .. }
            | Self::Column { .. }
            | Self::Profile { .. }
            | Self::PermissionMissing { .. }
            | Self::LicenseMissing
            | Self::SiteNotLive { .. }
            | Self::MailsPredicted { .. }
            | Self::AllowanceShort { .. } => Exit::Guard,
        }
    }
}

/// Everything that stops the run, in the order it was found; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateErrors {
    first: GateFault,
    others: Vec<GateFault>,
}

impl GateErrors {
    /// At least one, so never empty.
    pub fn of(first: GateFault, others: Vec<GateFault>) -> Self {
        Self { first, others }
    }

    /// Each of them; every one explains itself.
    pub fn faults(&self) -> impl Iterator<Item = &GateFault> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Display for GateErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.others
            .iter()
            .try_for_each(|other| write!(f, "; also, {other}"))
    }
}

impl std::error::Error for GateErrors {}

impl Explain for GateErrors {
    fn place(&self) -> Place {
        self.first.place()
    }

    fn remedy(&self) -> Cow<'static, str> {
        let mut remedies: Vec<Cow<'static, str>> = Vec::new();
        for remedy in self.faults().map(Explain::remedy) {
            if !remedies.contains(&remedy) {
                remedies.push(remedy);
            }
        }
        remedies.join(" ").into()
    }

    /// A guard outranks a wrong setting: correcting the command line would not be enough.
    fn exit(&self) -> Exit {
        self.faults()
            .map(Explain::exit)
            .max()
            .unwrap_or(Exit::Guard)
    }
}

/// Something to know before the first row; the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateWarning {
    /// The rule that speaks.
    pub code: Code,
    /// What was found, and what to do about it.
    pub text: String,
}

fn mails_predicted(mails: u64, sites: &[String], welcome: Option<Welcome>) -> String {
    let would = format!(
        "{mails} welcome mails would go out at once, because these sites are live and greet new \
         members: {}",
        sites.join(", ")
    );
    match welcome {
        None => format!("{would}; nothing was said about mails"),
        Some(welcome) => format!("{would}; `--welcome {}` cannot be kept", welcome.as_str()),
    }
}

fn site_missing(wanted: Option<&str>, visible: &[String], may_be_hidden: bool) -> String {
    let what = match (wanted, visible.is_empty()) {
        (Some(name), true) => format!("there is no site {name:?}, nor any other"),
        (Some(name), false) => {
            format!(
                "there is no site {name:?}; there are {}",
                visible.join(", ")
            )
        }
        (None, _) => "the org has no site".to_owned(),
    };
    if may_be_hidden {
        // Not by name: errors end in the logs of others.
        format!("{what}, or it is not visible to the running user")
    } else {
        what
    }
}
