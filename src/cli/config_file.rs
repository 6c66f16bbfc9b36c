//! `admit.toml` -> settings as text, each with its line. Unknown keys are problems, all of them
//! named; values are read by `settings`, like those of flags and environment.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::CliError;
use super::layers::{Said, Scope, Setting, Source};
use super::login::{INLINE_SECRETS, ORG_KEYS};
use super::login_problem::LoginProblem;
use super::near::nearest;

/// Keys that stand for one `set` field each.
pub(crate) const SET_KEYS: &[(&str, &str)] = &[
    ("role", "PortalRole"),
    ("time-zone", "TimeZoneSidKey"),
    ("locale", "LocaleSidKey"),
    ("language", "LanguageLocaleKey"),
    ("email-encoding", "EmailEncodingKey"),
];

/// A settings file.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    /// Its folder: relative paths in it start there.
    pub(crate) folder: PathBuf,
    /// What stands before the first section.
    pub(crate) top: Section,
    /// The sections `[program.NAME]`.
    pub(crate) programs: BTreeMap<String, Section>,
    /// The sections `[org.ALIAS]`, by key.
    pub(crate) orgs: BTreeMap<String, BTreeMap<&'static str, Said>>,
}

/// One section.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// Settings with one value.
    pub(crate) values: BTreeMap<Setting, Said>,
    /// `set` and the keys that stand for it: field and value, in file order.
    pub(crate) set: Vec<(String, Said)>,
    /// `map`: header and field, in file order.
    pub(crate) maps: Vec<(String, Said)>,
}

/// Reads a settings file; problems of single keys are pushed and the rest is kept.
pub(crate) fn read(path: &Path, problems: &mut Vec<CliError>) -> ConfigFile {
    let shown = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    match std::fs::read_to_string(path) {
        Ok(text) => ConfigFile {
            folder,
            ..parse(&shown, &text, problems)
        },
        Err(error) => {
            problems.push(CliError::ConfigUnreadable { path: shown, error });
            ConfigFile::default()
        }
    }
}

/// Parses the text of a settings file.
pub(crate) fn parse(path: &str, text: &str, problems: &mut Vec<CliError>) -> ConfigFile {
    let mut file = ConfigFile::default();
    let mut reader = Reader {
        path,
        text,
        problems,
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            let message = error.message().to_owned();
            let path = path.to_owned();
            reader.problems.push(CliError::ConfigSyntax {
                path,
                line,
                message,
            });
            return file;
        }
    };
    for (key, value) in in_file_order(&table) {
        if key.get_ref() == "program" {
            reader.programs(value, &mut file.programs);
        } else if key.get_ref() == "org" {
            reader.orgs(value, &mut file.orgs);
        } else {
            reader.entry(key, value, Scope::Top, &mut file.top);
        }
    }
    file
}

type Key<'i> = Spanned<Cow<'i, str>>;

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    problems: &'a mut Vec<CliError>,
}

impl Reader<'_> {
    fn programs(&mut self, value: &Spanned<DeValue<'_>>, into: &mut BTreeMap<String, Section>) {
        let Some(programs) = value.get_ref().as_table() else {
            self.wrong(
                value.span().start,
                "program",
                value,
                "a section `[program.NAME]`",
            );
            return;
        };
        for (name, value) in in_file_order(programs) {
            let Some(section) = value.get_ref().as_table() else {
                self.wrong(
                    name.span().start,
                    name.get_ref(),
                    value,
                    "a section of settings",
                );
                continue;
            };
            let kept = into.entry(name.get_ref().to_string()).or_default();
            for (key, value) in in_file_order(section) {
                self.entry(key, value, Scope::Program, kept);
            }
        }
    }

    fn orgs(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        into: &mut BTreeMap<String, BTreeMap<&'static str, Said>>,
    ) {
        let Some(orgs) = value.get_ref().as_table() else {
            self.wrong(value.span().start, "org", value, "a section `[org.ALIAS]`");
            return;
        };
        for (alias, value) in in_file_order(orgs) {
            let Some(section) = value.get_ref().as_table() else {
                self.wrong(
                    alias.span().start,
                    alias.get_ref(),
                    value,
                    "a section of a login",
                );
                continue;
            };
            let kept = into.entry(alias.get_ref().to_string()).or_default();
            for (key, value) in in_file_order(section) {
                let name = key.get_ref().as_ref();
                if let Some(known) = ORG_KEYS.into_iter().find(|known| *known == name) {
                    kept.extend(self.text(key, value).map(|said| (known, said)));
                    continue;
                }
                let (path, line) = (self.path.to_owned(), self.line(key.span().start));
                let key = name.to_owned();
                self.problems.push(if INLINE_SECRETS.contains(&name) {
                    LoginProblem::Inline { path, line, key }.into()
                } else {
                    CliError::UnknownKey {
                        path,
                        line,
                        key,
                        inside: "in an org",
                        near: nearest(name, ORG_KEYS),
                    }
                });
            }
        }
    }

    /// One `key = value` of a section.
    fn entry(&mut self, key: &Key<'_>, value: &Spanned<DeValue<'_>>, at: Scope, to: &mut Section) {
        let name = key.get_ref().as_ref();
        if name == "set" {
            self.pairs(name, value, &mut to.set);
        } else if name == "map" && at == Scope::Top {
            self.pairs(name, value, &mut to.maps);
        } else if let Some((_, field)) = SET_KEYS.iter().find(|(known, _)| *known == name) {
            if let Some(said) = self.text(key, value) {
                to.set.push(((*field).to_owned(), said));
            }
        } else if let Some(setting) = setting_of(name, at) {
            if let Some(said) = self.text(key, value) {
                to.values.insert(setting, said);
            }
        } else {
            let (path, line) = (self.path.to_owned(), self.line(key.span().start));
            let key = name.to_owned();
            self.problems
                .push(if known_keys(Scope::Top).any(|known| known == name) {
                    CliError::MisplacedKey { path, line, key }
                } else {
                    let inside = if at == Scope::Top {
                        "at the top level"
                    } else {
                        "in a program"
                    };
                    let near = nearest(name, known_keys(at));
                    CliError::UnknownKey {
                        path,
                        line,
                        key,
                        inside,
                        near,
                    }
                });
        }
    }

    /// `set = { Field = "Value" }`.
    fn pairs(&mut self, name: &str, value: &Spanned<DeValue<'_>>, into: &mut Vec<(String, Said)>) {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(
                value.span().start,
                name,
                value,
                "a table such as { Title = \"Partner\" }",
            );
            return;
        };
        for (key, value) in in_file_order(table) {
            if let Some(said) = self.text(key, value) {
                into.push((key.get_ref().to_string(), said));
            }
        }
    }

    /// The value as a flag would give it.
    fn text(&mut self, key: &Key<'_>, value: &Spanned<DeValue<'_>>) -> Option<Said> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                self.wrong(
                    key.span().start,
                    key.get_ref(),
                    value,
                    "a text, a number or a truth",
                );
                return None;
            }
        };
        Some(Said {
            text,
            by: self.source(key.span().start, key.get_ref()),
        })
    }

    fn wrong(&mut self, at: usize, key: &str, value: &Spanned<DeValue<'_>>, wants: &'static str) {
        let value = value.get_ref().type_str().to_owned();
        let by = self.source(at, key);
        self.problems.push(CliError::Value {
            by,
            value,
            wants: wants.into(),
        });
    }

    fn source(&self, at: usize, key: &str) -> Source {
        Source::Key {
            path: self.path.to_owned(),
            line: self.line(at),
            key: key.to_owned(),
        }
    }

    /// Line of a byte, from 1.
    fn line(&self, at: usize) -> u64 {
        let before = self.text.as_bytes().iter().take(at);
        1 + before.filter(|byte| **byte == b'\n').count() as u64
    }
}

/// A TOML table forgets the order of its keys; their places bring it back.
fn in_file_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Key<'i>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn setting_of(name: &str, at: Scope) -> Option<Setting> {
    Setting::ALL
        .iter()
        .copied()
        .find(|setting| setting.name() == name && setting.scope() >= at)
}

fn known_keys(at: Scope) -> impl Iterator<Item = &'static str> {
    let settings = Setting::ALL
        .iter()
        .filter(move |setting| setting.scope() >= at);
    let maps = (at == Scope::Top).then_some("map");
    let set_keys = SET_KEYS.iter().map(|(key, _)| *key);
    settings
        .map(|setting| setting.name())
        .chain(set_keys)
        .chain(["set"])
        .chain(maps)
}
