//! The records of the simulated org and what can be asked of them by name.
//!
//! `Org` holds no wire shapes and decides nothing: reading, writing and minting ids only.

use std::borrow::Cow;
use std::collections::HashMap;

use super::clock;
use super::doubts::Doubt;
use super::facts::OrgFacts;
use super::faults::Elsewhere;
use super::ids;
use super::schema::{self, Field, FieldType, KINDS, Kind, ObjectDef};
use super::seed::Seed;
use super::tables::Table;

/// Every record of the org.
#[derive(Debug)]
pub(super) struct Org {
    pub(super) facts: OrgFacts,
    /// Doubtful refusals that are switched off: the org lets these rows pass.
    pub(super) lets_pass: Vec<Doubt>,
    objects: Vec<Object>,
    minted: HashMap<&'static str, u64>,
    pub(super) users_created: Vec<String>,
    pub(super) elsewhere: Elsewhere,
}

#[derive(Debug)]
struct Object {
    def: ObjectDef,
    table: Table,
}

impl Org {
    /// Builds the org of a checked seed.
    pub(super) fn new(seed: Seed, lets_pass: Vec<Doubt>) -> Self {
        let Seed {
            org: facts,
            tables,
            custom,
            values,
        } = seed;
        let objects = KINDS.into_iter().map(|kind| {
            let def = schema::object(kind, &facts, &custom, &values);
            let table = Table::new(&def);
            Object { def, table }
        });
        let objects = objects.collect();
        let mut org = Self {
            facts,
            lets_pass,
            objects,
            minted: HashMap::new(),
            users_created: Vec::new(),
            elsewhere: Elsewhere::default(),
        };
        org.add_organization();
        org.add_currencies();
        for (kind, text) in tables {
            org.load(kind, &text);
        }
        org.count_seats();
        org
    }

    /// The object's fields.
    pub(super) fn def(&self, kind: Kind) -> &ObjectDef {
        &self.objects[kind as usize].def
    }

    /// The object's records.
    pub(super) fn table(&self, kind: Kind) -> &Table {
        &self.objects[kind as usize].table
    }

    /// What a reader of the field sees; empty is null.
    pub(super) fn value(&self, kind: Kind, row: u32, field: usize) -> &str {
        let Object { def, table } = &self.objects[kind as usize];
        let stored = table.cell(row, field);
        if stored.is_empty() {
            &def.fields[field].fallback
        } else {
            stored
        }
    }

    /// The same by field name; a field this org does not have is null.
    pub(super) fn get(&self, kind: Kind, row: u32, name: &str) -> &str {
        self.def(kind)
            .position(name)
            .map_or("", |at| self.value(kind, row, at))
    }

    /// A boolean field.
    pub(super) fn is(&self, kind: Kind, row: u32, name: &str) -> bool {
        self.get(kind, row, name) == "true"
    }

    /// The record with that id.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Option<u32> {
        self.table(kind).find(id)
    }

    /// Rows whose field has the value; case does not count except in ids.
    pub(super) fn matching(&self, kind: Kind, name: &str, value: &str) -> Vec<u32> {
        let Some(at) = self.def(kind).position(name) else {
            return Vec::new();
        };
        self.table(kind).matching(at, value).unwrap_or_else(|| {
            let same =
                |row: &u32| self.value(kind, *row, at).to_lowercase() == value.to_lowercase();
            self.table(kind).rows().filter(same).collect()
        })
    }

    /// Inserts a record under a new id; `None` when the org has no such object.
    pub(super) fn insert(&mut self, kind: Kind, values: &[(&str, &str)]) -> Option<(u32, String)> {
        if !self.def(kind).present {
            return None;
        }
        let id = self.mint(kind);
        let def = self.def(kind);
        let mut cells = vec![String::new(); def.fields.len()];
        for (name, value) in values {
            if let Some(at) = def.position(name) {
                worth_storing(&def.fields[at], value).clone_into(&mut cells[at]);
            }
        }
        cells[0].clone_from(&id);
        self.derive(kind, &mut cells);
        let row = self.objects[kind as usize].table.insert(&cells);
        Some((row, id))
    }

    /// Writes fields of a record; fields this org does not have are left out.
    pub(super) fn change(&mut self, kind: Kind, row: u32, values: &[(&str, &str)]) {
        let Object { def, table } = &mut self.objects[kind as usize];
        let changes: Vec<(usize, String)> = values
            .iter()
            .filter_map(|(name, value)| def.position(name).map(|at| (at, *value)))
            .map(|(at, value)| (at, worth_storing(&def.fields[at], value).to_owned()))
            .collect();
        table.change(row, &changes);
    }

    /// Computes the derived fields of a record anew.
    pub(super) fn rederive(&mut self, kind: Kind, row: u32) {
        let width = self.def(kind).fields.len();
        let mut cells: Vec<String> = (0..width)
            .map(|at| self.table(kind).cell(row, at).to_owned())
            .collect();
        self.derive(kind, &mut cells);
        let changes: Vec<(usize, String)> = cells.into_iter().enumerate().collect();
        let stored = |at: usize| self.table(kind).cell(row, at);
        let changes: Vec<(usize, String)> = changes
            .into_iter()
            .filter(|(at, cell)| stored(*at) != cell)
            .collect();
        self.objects[kind as usize].table.change(row, &changes);
    }

    /// Takes a record away for good.
    pub(super) fn remove(&mut self, kind: Kind, row: u32) {
        self.objects[kind as usize].table.remove(row);
    }

    /// A new id of the object.
    pub(super) fn mint(&mut self, kind: Kind) -> String {
        loop {
            let id = self.mint_prefixed(kind.prefix());
            if self.find(kind, &id).is_none() {
                return id;
            }
        }
    }

    /// A new id of any prefix: jobs and cursors have ids too.
    pub(super) fn mint_prefixed(&mut self, prefix: &'static str) -> String {
        let count = self.minted.entry(prefix).or_insert(0);
        *count += 1;
        ids::minted(prefix, *count)
    }

    /// The licence a user has by profile.
    pub(super) fn license_of_profile(&self, profile: u32) -> Option<u32> {
        self.find(
            Kind::UserLicense,
            self.get(Kind::Profile, profile, "UserLicenseId"),
        )
    }

    /// One seat more or less in use.
    pub(super) fn count_seat(&mut self, profile: u32, change: i64, stamp: &str) {
        let Some(license) = self.license_of_profile(profile) else {
            return;
        };
        let used = (self.number(Kind::UserLicense, license, "UsedLicenses") + change).to_string();
        let changes = [("UsedLicenses", &*used), ("UsedLicensesLastUpdated", stamp)];
        self.change(Kind::UserLicense, license, &changes);
    }

    /// A whole-number field; null counts as 0.
    pub(super) fn number(&self, kind: Kind, row: u32, name: &str) -> i64 {
        self.get(kind, row, name).parse().unwrap_or(0)
    }

    fn add_organization(&mut self) {
        let facts = self.facts.clone();
        let Object { def, table } = &mut self.objects[Kind::Organization as usize];
        let mut cells = vec![String::new(); def.fields.len()];
        let id = ids::key(&facts.org_id).map_or(facts.org_id, |key| ids::long(&key));
        let sandbox = if facts.is_sandbox { "true" } else { "" };
        for (name, value) in [
            ("Id", id.as_str()),
            ("Name", &facts.name),
            ("IsSandbox", sandbox),
            ("InstanceName", &facts.instance_name),
            ("OrganizationType", &facts.organization_type),
            ("DefaultLocaleSidKey", &facts.locale),
            ("LanguageLocaleKey", &facts.language),
            ("TimeZoneSidKey", &facts.time_zone),
        ] {
            if let Some(at) = def.position(name) {
                value.clone_into(&mut cells[at]);
            }
        }
        table.insert(&cells);
    }

    /// One record per active currency, the corporate one first.
    fn add_currencies(&mut self) {
        let facts = self.facts.clone();
        let Object { def, table } = &mut self.objects[Kind::CurrencyType as usize];
        for (number, code) in facts.currencies().enumerate() {
            let id = ids::minted(Kind::CurrencyType.prefix(), number as u64);
            let corporate = if number == 0 { "true" } else { "" };
            let mut cells = vec![String::new(); def.fields.len()];
            for (name, value) in [
                ("Id", id.as_str()),
                ("IsoCode", code),
                ("IsActive", "true"),
                ("IsCorporate", corporate),
            ] {
                if let Some(at) = def.position(name) {
                    value.clone_into(&mut cells[at]);
                }
            }
            table.insert(&cells);
        }
    }

    /// Loads one seed table; columns of features that are off are left out.
    fn load(&mut self, kind: Kind, text: &str) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let Ok(columns) = reader.headers().cloned() else {
            return;
        };
        let def = self.def(kind);
        let columns: Vec<Option<usize>> = columns.iter().map(|name| def.position(name)).collect();
        let blanks = def
            .fields
            .iter()
            .map(|field| canonical(field, "").into_owned());
        let blanks: Vec<String> = blanks.collect();
        let mut cells = blanks.clone();
        let mut record = csv::StringRecord::new();
        // A checked seed has no unreadable record.
        while reader.read_record(&mut record).unwrap_or(false) {
            cells.clone_from(&blanks);
            for (at, cell) in columns.iter().zip(&record) {
                if let Some(at) = at {
                    let cell = canonical(&self.def(kind).fields[*at], cell);
                    cell.as_ref().clone_into(&mut cells[*at]);
                }
            }
            self.derive(kind, &mut cells);
            self.objects[kind as usize].table.insert(&cells);
        }
    }

    /// Fills what the platform computes: names, types, accounts.
    pub(super) fn derive(&self, kind: Kind, cells: &mut [String]) {
        if !matches!(kind, Kind::User | Kind::Contact) {
            return;
        }
        let def = self.def(kind);
        let given = |cells: &[String], name: &str| {
            def.position(name)
                .map_or_else(String::new, |at| cells[at].clone())
        };
        let name = format!("{} {}", given(cells, "FirstName"), given(cells, "LastName"));
        let mut derived = vec![("Name", name.trim().to_owned())];
        if kind == Kind::User {
            let contact = self.find(Kind::Contact, &given(cells, "ContactId"));
            let account = contact.map_or("", |row| self.get(Kind::Contact, row, "AccountId"));
            let profile = self.find(Kind::Profile, &given(cells, "ProfileId"));
            let user_type = profile.map_or("", |row| self.get(Kind::Profile, row, "UserType"));
            derived.push(("AccountId", account.to_owned()));
            derived.push(("UserType", user_type.to_owned()));
        }
        for (name, value) in derived {
            if let Some(at) = def.position(name) {
                cells[at] = value;
            }
        }
    }

    /// Counts the seats the seeded users take.
    fn count_seats(&mut self) {
        let mut used: HashMap<u32, i64> = HashMap::new();
        for row in self.table(Kind::User).rows() {
            let profile = self.find(Kind::Profile, self.get(Kind::User, row, "ProfileId"));
            let license = profile.and_then(|profile| self.license_of_profile(profile));
            if let Some(license) = license.filter(|_| self.is(Kind::User, row, "IsActive")) {
                *used.entry(license).or_default() += 1;
            }
        }
        for row in self.table(Kind::UserLicense).rows().collect::<Vec<_>>() {
            let count = used.get(&row).copied().unwrap_or(0).to_string();
            let read_at = clock::SEEDED_AT;
            let changes = [
                ("UsedLicenses", &*count),
                ("UsedLicensesLastUpdated", read_at),
            ];
            self.change(Kind::UserLicense, row, &changes);
        }
    }
}

/// `false` is what an empty boolean means; everything else is stored as it is.
fn worth_storing<'a>(field: &Field, value: &'a str) -> &'a str {
    if field.kind == FieldType::Boolean && value == "false" && field.fallback == "false" {
        ""
    } else {
        value
    }
}

/// A seed cell as records store it: long ids, lower-case booleans, the default of a blank
/// boolean that is true unless said.
fn canonical<'a>(field: &'a Field, cell: &'a str) -> Cow<'a, str> {
    let own = |other: Option<String>| other.map_or(Cow::Borrowed(cell), Cow::Owned);
    match field.kind {
        FieldType::Boolean if cell.is_empty() => {
            let default = field.default.as_deref().unwrap_or_default();
            Cow::Borrowed(worth_storing(field, default))
        }
        FieldType::Boolean => {
            Cow::Owned(worth_storing(field, &cell.to_ascii_lowercase()).to_owned())
        }
        FieldType::Id | FieldType::Reference => own(ids::key(cell).map(|key| ids::long(&key))),
        FieldType::DateTime => own(clock::parse_date_time(cell).map(clock::stored)),
        _ => Cow::Borrowed(cell),
    }
}
