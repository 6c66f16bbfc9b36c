//! How we prove to a real org who we are: from environment, settings file or the `sf` command's
//! store. Exactly one way, whole; a half one, or two, is a question only the operator can answer.
//!
//! Comes in: what was said. Goes out: one complete login, secrets read. Asks no org.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use crate::model::explain::Place;

use super::config_file::ConfigFile;
use super::layers::{Said, variable};
use super::login_problem::LoginProblem;

/// A complete login. Has no `Debug`: it holds secrets.
#[derive(PartialEq, Eq)]
pub(crate) enum LoginWords {
    /// A token somebody else fetched.
    Token {
        instance_url: String,
        access_token: String,
    },
    /// The JWT bearer flow.
    Jwt {
        client_id: String,
        username: String,
        key_pem: Vec<u8>,
        login_url: String,
        /// None: the one that goes with the login URL.
        audience: Option<String>,
    },
    /// The client credentials flow.
    ClientCredentials {
        client_id: String,
        client_secret: String,
        instance_url: String,
    },
    /// A login that was made in a browser, as the `sf` command hands it on.
    AuthUrl(String),
    /// The `sf` command's own store.
    Sf {
        alias: String,
        /// The orgs the settings file names.
        known: Vec<String>,
    },
}

/// What a login is said with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    InstanceUrl,
    AccessToken,
    ClientId,
    ClientSecret,
    Username,
    JwtKeyFile,
    LoginUrl,
    AuthUrl,
}

impl Key {
    const ALL: [Self; 8] = [
        Self::InstanceUrl,
        Self::AccessToken,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::JwtKeyFile,
        Self::LoginUrl,
        Self::AuthUrl,
    ];

    fn variable(self) -> &'static str {
        match self {
            Self::InstanceUrl => "SF_INSTANCE_URL",
            Self::AccessToken => "SF_ACCESS_TOKEN",
            Self::ClientId => "SF_CLIENT_ID",
            Self::ClientSecret => "SF_CLIENT_SECRET",
            Self::Username => "SF_USERNAME",
            Self::JwtKeyFile => "SF_JWT_KEY_FILE",
            Self::LoginUrl => "SF_LOGIN_URL",
            Self::AuthUrl => "SFDX_AUTH_URL",
        }
    }

    /// As a section `[org.ALIAS]` spells it; a secret stands in a file of its own, or in the
    /// environment.
    fn in_file(self) -> &'static str {
        match self {
            Self::InstanceUrl => "instance-url",
            Self::AccessToken => "access-token-file",
            Self::ClientId => "client-id",
            Self::ClientSecret => "client-secret-file",
            Self::Username => "username",
            Self::JwtKeyFile => "jwt-key-file",
            Self::LoginUrl => "login-url",
            Self::AuthUrl => "sfdx-auth-url-file",
        }
    }
}

/// Keys of a section `[org.ALIAS]`.
pub(crate) const ORG_KEYS: [&str; 12] = [
    "instance-url",
    "access-token-file",
    "access-token-env",
    "client-id",
    "client-secret-file",
    "client-secret-env",
    "username",
    "jwt-key-file",
    "login-url",
    "audience-url",
    "sfdx-auth-url-file",
    "sfdx-auth-url-env",
];

/// Secrets that are not to stand in a settings file themselves.
pub(crate) const INLINE_SECRETS: [&str; 3] = ["access-token", "client-secret", "sfdx-auth-url"];

/// What may replace the audience that goes with the login URL; the `sf` command knows it too.
const AUDIENCE: &str = "SF_AUDIENCE_URL";

/// The complete ways; the first that fits best names what a half one lacks.
const WAYS: [&[Key]; 4] = [
    &[Key::InstanceUrl, Key::AccessToken],
    &[Key::ClientId, Key::ClientSecret, Key::InstanceUrl],
    &[Key::ClientId, Key::Username, Key::JwtKeyFile, Key::LoginUrl],
    &[Key::AuthUrl],
];

/// The login the environment holds, if any.
pub(crate) fn of_variables(
    variables: &BTreeMap<String, String>,
) -> Result<Option<LoginWords>, LoginProblem> {
    let said = Key::ALL.into_iter().filter_map(|key| {
        let said = variable(variables, key.variable())?;
        Some((key, said.text))
    });
    let said: BTreeMap<Key, String> = said.collect();
    if said.is_empty() {
        return Ok(None);
    }
    let place = Place::Setting("environment variables of the login".to_owned());
    let way = way(&said, Key::variable, &place)?;
    let audience = variable(variables, AUDIENCE).map(|said| said.text);
    words(way, said, audience).map(Some)
}

/// The login of an alias: a section of the settings file, else the `sf` command's store.
pub(crate) fn of_alias(
    alias: &str,
    file: &ConfigFile,
    variables: &BTreeMap<String, String>,
) -> Result<LoginWords, LoginProblem> {
    let Some(section) = file.orgs.get(alias) else {
        return Ok(LoginWords::Sf {
            alias: alias.to_owned(),
            known: file.orgs.keys().cloned().collect(),
        });
    };
    let place = Place::Setting(format!("section [org.{alias}] of the settings file"));
    let mut said = BTreeMap::new();
    for key in Key::ALL {
        if let Some(text) = in_section(key, section, file, variables)? {
            said.insert(key, text);
        }
    }
    let way = way(&said, Key::in_file, &place)?;
    let audience = section.get("audience-url").map(|said| said.text.clone());
    words(way, said, audience)
}

/// A value of a section; what it refers to is read.
fn in_section(
    key: Key,
    section: &BTreeMap<&'static str, Said>,
    file: &ConfigFile,
    variables: &BTreeMap<String, String>,
) -> Result<Option<String>, LoginProblem> {
    let plain = section.get(key.in_file());
    match key {
        Key::InstanceUrl | Key::ClientId | Key::Username | Key::LoginUrl => {
            Ok(plain.map(|said| said.text.clone()))
        }
        Key::JwtKeyFile => {
            let path = plain.map(|said| file.folder.join(&said.text));
            Ok(path.map(|path| path.display().to_string()))
        }
        Key::AccessToken | Key::ClientSecret | Key::AuthUrl => {
            let name = key.in_file().replace("-file", "-env");
            match (plain, section.get(name.as_str())) {
                (Some(said), None) => {
                    let bytes = read(&file.folder.join(&said.text))?;
                    Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
                }
                (None, Some(said)) => match variable(variables, &said.text) {
                    Some(value) => Ok(Some(value.text)),
                    None => Err(LoginProblem::Variable {
                        by: said.by.clone(),
                        name: said.text.clone(),
                    }),
                },
                (Some(_), Some(said)) => Err(LoginProblem::FileAndVariable {
                    by: said.by.clone(),
                }),
                (None, None) => Ok(None),
            }
        }
    }
}

/// The one way that is whole, with nothing beside it.
fn way(
    said: &BTreeMap<Key, String>,
    name: fn(Key) -> &'static str,
    place: &Place,
) -> Result<&'static [Key], LoginProblem> {
    let lacks = |way: &[Key]| way.iter().filter(|key| !said.contains_key(key)).count();
    let has = |way: &[Key]| way.len() - lacks(way);
    let whole: Vec<&'static [Key]> = WAYS.into_iter().filter(|way| lacks(way) == 0).collect();
    let names = |keys: Vec<Key>| keys.into_iter().map(name).collect::<Vec<_>>();
    if let [way] = whole[..]
        && said.len() == way.len()
    {
        return Ok(way);
    }
    if !whole.is_empty() {
        let names = names(said.keys().copied().collect());
        let place = place.clone();
        return Err(LoginProblem::Several { place, names });
    }
    let fits_best = WAYS
        .into_iter()
        .min_by_key(|way| (Reverse(has(way)), lacks(way)));
    let meant = fits_best.unwrap_or(WAYS[0]);
    let (present, missing) = meant
        .iter()
        .copied()
        .partition::<Vec<Key>, _>(|key| said.contains_key(key));
    Err(LoginProblem::Half {
        place: place.clone(),
        present: names(present),
        missing: names(missing),
    })
}

/// Takes the values of a whole way.
fn words(
    way: &[Key],
    mut said: BTreeMap<Key, String>,
    audience: Option<String>,
) -> Result<LoginWords, LoginProblem> {
    let mut take = |key| said.remove(&key).unwrap_or_default();
    Ok(if way.contains(&Key::AccessToken) {
        LoginWords::Token {
            instance_url: take(Key::InstanceUrl),
            access_token: take(Key::AccessToken),
        }
    } else if way.contains(&Key::ClientSecret) {
        LoginWords::ClientCredentials {
            client_id: take(Key::ClientId),
            client_secret: take(Key::ClientSecret),
            instance_url: take(Key::InstanceUrl),
        }
    } else if way.contains(&Key::JwtKeyFile) {
        LoginWords::Jwt {
            client_id: take(Key::ClientId),
            username: take(Key::Username),
            key_pem: read(Path::new(&take(Key::JwtKeyFile)))?,
            login_url: take(Key::LoginUrl),
            audience,
        }
    } else {
        LoginWords::AuthUrl(take(Key::AuthUrl))
    })
}

fn read(path: &Path) -> Result<Vec<u8>, LoginProblem> {
    std::fs::read(path).map_err(|error| LoginProblem::File {
        path: path.display().to_string(),
        error,
    })
}
