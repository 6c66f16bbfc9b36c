//! `admit org`: what is kept of orgs between walks, read, shown and deleted.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::model::event::Events;
use crate::model::explain::Exit;
use crate::model::id::OrgId;
use crate::pipeline::{self, CachedOrg, KeptOrg, PullSettings};
use crate::sim::SimOptions;

use super::args::{OrgCommand, OrgForgetArgs, OrgPullArgs, OrgStatusArgs};
use super::connection;
use super::figures;
use super::launch::{self, LaunchError};
use super::notice::{self, Voice};
use super::org_problem::OrgProblem;
use super::page::Page;
use super::progress::{Progress, Style};
use super::settings::{self, Surroundings, settle_some};

/// Objects whose field can be an external id of a file.
const WITH_EXTERNAL_IDS: [&str; 2] = ["Contact", "Account"];

/// Does one of the commands about orgs.
pub(crate) fn obey(command: &OrgCommand, around: &Surroundings) -> Exit {
    match command {
        OrgCommand::Pull(args) => pull(args, around),
        OrgCommand::Status(args) => status(args, around),
        OrgCommand::Forget(args) => forget(args, around),
    }
}

fn voice(json: bool) -> Voice {
    if json { Voice::Json } else { Voice::Text }
}

fn pull(args: &OrgPullArgs, around: &Surroundings) -> Exit {
    let voice = voice(args.place.json);
    let settled = settle_some(&args.settings(), around, |desk| {
        let state_dir = settings::state_dir(desk, around);
        (
            state_dir,
            settings::asking(desk),
            settings::api_version(desk),
        )
    });
    let prepared = settled.and_then(|settings| {
        let connection = connection::for_check(&args.settings(), around);
        let fields = args.external_id.iter().map(|text| external_id(text));
        let fields = fields.collect::<Result<Vec<_>, _>>();
        match (connection, fields) {
            (Ok(connection), Ok(fields)) => Ok((settings, connection, fields)),
            (Err(problem), Ok(_)) => Err(vec![problem]),
            (Ok(_), Err(problem)) => Err(vec![problem.into()]),
            (Err(one), Err(other)) => Err(vec![one, other.into()]),
        }
    });
    let (settings, (connection, warning), external_ids) = match prepared {
        Ok(prepared) => prepared,
        Err(problems) => return launch::refuse(&problems, voice),
    };
    if let Some(warning) = warning {
        notice::warning(&mut io::stderr().lock(), voice, &warning);
    }
    let style = Style::choose(
        voice,
        io::IsTerminal::is_terminal(&io::stderr()),
        &around.variables,
    );
    let progress = Arc::new(Progress::new(style));
    let events: Events = progress.clone();
    let now = now(around);
    let (state_dir, pacing, api_version) = settings;
    let pulled = launch::open_line(connection, SimOptions::default()).and_then(|(line, clock)| {
        let settings = PullSettings {
            state_dir: &state_dir,
            now: &now,
            pacing: &pacing,
            api_version: &api_version,
            external_ids: &external_ids,
        };
        launch::on_runtime(clock, async {
            Ok(Box::pin(pipeline::pull_org(settings, line, &events)).await?)
        })
    });
    progress.close();
    match pulled {
        Ok(cache) => say(voice, &about(&cache, &now), &json_of(&cache, &now)),
        Err(error) => tell(&error, voice),
    }
}

fn tell(error: &LaunchError, voice: Voice) -> Exit {
    notice::error(&mut io::stderr().lock(), voice, error.explain())
}

/// `Contact.Badge__c`.
fn external_id(text: &str) -> Result<(String, String), OrgProblem> {
    let parts = text.trim().split_once('.');
    let known = parts.filter(|(object, field)| {
        let mut objects = WITH_EXTERNAL_IDS.iter();
        objects.any(|known| known.eq_ignore_ascii_case(object)) && !field.is_empty()
    });
    match known {
        Some((object, field)) => Ok((object.to_owned(), field.to_owned())),
        None => Err(OrgProblem::ExternalId {
            value: text.to_owned(),
        }),
    }
}

fn status(args: &OrgStatusArgs, around: &Surroundings) -> Exit {
    let voice = voice(args.place.json);
    let kept = match kept(&args.place.settings(), around, voice) {
        Ok((_, kept)) => kept,
        Err(exit) => return exit,
    };
    let now = now(around);
    let mut texts = Vec::new();
    let mut values = Vec::new();
    let mut worst = Exit::Done;
    for KeptOrg { org_id, cache } in &kept {
        match cache {
            Ok(cache) => {
                texts.push(about(cache, &now));
                values.push(json_of(cache, &now));
            }
            Err(error) => {
                worst = worst.max(notice::error(&mut io::stderr().lock(), voice, error));
                values.push(json!({"org_id": org_id, "sound": false, "error": error.to_string()}));
            }
        }
    }
    let text = if kept.is_empty() {
        "nothing is kept of any org\n".to_owned()
    } else {
        texts.join("\n")
    };
    say(voice, &text, &Value::Array(values)).max(worst)
}

fn forget(args: &OrgForgetArgs, around: &Surroundings) -> Exit {
    let voice = voice(args.place.json);
    let (state_dir, kept) = match kept(&args.place.settings(), around, voice) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let org_id = match which(args.org_id.as_deref(), &kept) {
        Ok(org_id) => org_id,
        Err(problem) => return launch::refuse(&[problem.into()], voice),
    };
    match pipeline::forget_org(&state_dir, &org_id) {
        Ok(true) => {
            let text = format!("forgotten: the cached state of org {org_id}\n");
            say(voice, &text, &json!({"forgotten": org_id}))
        }
        Ok(false) => launch::refuse(&[OrgProblem::NothingKept { org_id }.into()], voice),
        Err(error) => notice::error(&mut io::stderr().lock(), voice, &error),
    }
}

/// The org that is meant: the one named, in its long form, or the only one there is.
fn which(named: Option<&str>, kept: &[KeptOrg]) -> Result<String, OrgProblem> {
    if let Some(named) = named {
        let long = OrgId::parse(named.trim()).map(|id| id.to_string());
        let org_id = long.unwrap_or_else(|_| named.trim().to_owned());
        // Nothing that is no name of a kept org becomes part of a path.
        return if kept.iter().any(|kept| kept.org_id == org_id) {
            Ok(org_id)
        } else {
            Err(OrgProblem::NothingKept { org_id })
        };
    }
    match kept {
        [only] => Ok(only.org_id.clone()),
        several => Err(OrgProblem::WhichOrg {
            kept: several.iter().map(|kept| kept.org_id.clone()).collect(),
        }),
    }
}

fn kept(
    args: &super::args::WalkArgs,
    around: &Surroundings,
    voice: Voice,
) -> Result<(PathBuf, Vec<KeptOrg>), Exit> {
    let settled = settle_some(args, around, |desk| settings::state_dir(desk, around));
    let state_dir = settled.map_err(|problems| launch::refuse(&problems, voice))?;
    match pipeline::kept_orgs(&state_dir) {
        Ok(kept) => Ok((state_dir, kept)),
        Err(error) => Err(notice::error(&mut io::stderr().lock(), voice, &error)),
    }
}

fn now(around: &Surroundings) -> String {
    format!("{:.3}", around.now)
}

/// What is kept of one org, for people.
fn about(cache: &CachedOrg, now: &str) -> String {
    let mut page = Page::default();
    let identity = &cache.identity;
    page.fact(
        "Org",
        &format!(
            "{} {} at {}",
            identity.kind.as_str(),
            identity.org_id,
            identity.instance_url
        ),
    );
    let sight = if cache.visibility.everything {
        "who sees all records"
    } else {
        "who may not see all records"
    };
    page.fact("Read by", &format!("{}, {sight}", identity.username));
    let age = pipeline::age_s(cache, now).map(figures::duration);
    let age = age.map_or_else(|| "not in the past".to_owned(), |age| format!("{age} ago"));
    page.fact("Read at", &format!("{}, {age}", cache.pulled_at));
    if cache.is_outdated {
        page.fact("", "a run has changed the org since: it will be read anew");
    }
    let counts = cache.counts.iter();
    let counts = counts.map(|(object, count)| format!("{} {object}", figures::count(*count)));
    page.fact("Records", &counts.collect::<Vec<_>>().join(", "));
    let keys = [
        ("Contact", &cache.external_ids.contact),
        ("Account", &cache.external_ids.account),
    ];
    let keys = keys.iter().flat_map(|(object, fields)| {
        let fields = fields.iter();
        fields.map(move |field| format!("{object}.{}", field.name))
    });
    page.fact("External ids", &keys.collect::<Vec<_>>().join(", "));
    page.fact("On disk", &figures::bytes(cache.bytes));
    page.into_text()
}

fn json_of(cache: &CachedOrg, now: &str) -> Value {
    json!({
        "org_id": cache.identity.org_id,
        "sound": true,
        "age_s": pipeline::age_s(cache, now),
        "cache": cache,
    })
}

fn say(voice: Voice, text: &str, value: &Value) -> Exit {
    let said = match voice {
        Voice::Text => text.to_owned(),
        Voice::Json => format!("{value:#}\n"),
    };
    match launch::print(&said) {
        Ok(()) => Exit::Done,
        // Nothing was asked for but this text.
        Err(_) => Exit::Bug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_is_an_object_and_a_field() {
        let named = external_id(" contact.Badge__c").ok();
        assert_eq!(named, Some(("contact".into(), "Badge__c".into())));
        for wrong in ["Badge__c", "Contact.", "Lead.Badge__c", ""] {
            assert!(matches!(
                external_id(wrong),
                Err(OrgProblem::ExternalId { .. })
            ));
        }
    }

    #[test]
    fn only_what_is_kept_can_be_forgotten_and_the_only_one_needs_no_name() {
        let kept = |ids: &[&str]| {
            let one = |id: &&str| KeptOrg {
                org_id: (*id).to_owned(),
                cache: Err(pipeline::CorridorError::StoppedEarly.into()),
            };
            ids.iter().map(one).collect::<Vec<_>>()
        };
        let long = "00D5g0000000ABCEA2";
        for named in [None, Some(long), Some("00D5g0000000ABC")] {
            assert_eq!(which(named, &kept(&[long])).ok().as_deref(), Some(long));
        }
        for named in ["..", "../..", "00D5g0000000ABD"] {
            let refused = which(Some(named), &kept(&[long]));
            assert!(matches!(refused, Err(OrgProblem::NothingKept { .. })));
        }
        for several in [kept(&[]), kept(&[long, "other"])] {
            let refused = which(None, &several);
            assert!(matches!(refused, Err(OrgProblem::WhichOrg { .. })));
        }
    }
}
