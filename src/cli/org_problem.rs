//! What can be wrong with a command about an org, before the org is asked.

use std::borrow::Cow;

use crate::model::explain::{Exit, Explain, Place};

use super::near::any_of;

/// A problem of `admit org`.
#[derive(Debug, thiserror::Error)]
pub enum OrgProblem {
    /// An external id that is not named as object and field.
    #[error("`--external-id` is `{value}`, which is not Object.Field")]
    ExternalId {
        /// As typed.
        value: String,
    },
    /// What is kept of an org is to be deleted, and which org is not said.
    #[error("which org to forget is not said")]
    WhichOrg {
        /// Those there are.
        kept: Vec<String>,
    },
    /// Nothing is kept of the org that is to be forgotten.
    #[error("nothing is kept of the org {org_id}")]
    NothingKept {
        /// As typed, or made long.
        org_id: String,
    },
}

impl Explain for OrgProblem {
    fn place(&self) -> Place {
        let place = match self {
            Self::ExternalId { .. } => "flag --external-id",
            Self::WhichOrg { .. } | Self::NothingKept { .. } => "argument ORG-ID",
        };
        Place::Setting(place.to_owned())
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::ExternalId { .. } => {
                "Name a field of Contact or Account, such as Contact.Badge__c.".into()
            }
            Self::WhichOrg { kept } if kept.is_empty() => {
                "There is nothing to forget; `admit org status` shows what is kept.".into()
            }
            Self::WhichOrg { kept } => {
                let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
                format!("Name one of {}.", any_of(&kept)).into()
            }
            Self::NothingKept { .. } => "See with `admit org status` what is kept.".into(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
