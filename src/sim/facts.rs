//! `org.toml`: what kind of org the simulation is. Every setting has a documented default.

use super::schema::Feature;
use super::seed::SeedError;

/// Facts about the org as a whole.
#[derive(Debug, Clone)]
pub struct OrgFacts {
    /// 18-character id of the org.
    pub org_id: String,
    /// Company name.
    pub name: String,
    /// A sandbox, not production.
    pub is_sandbox: bool,
    /// `https://<domain>`, as the token endpoint returns it.
    pub instance_url: String,
    /// Name of the pod.
    pub instance_name: String,
    /// Edition, as `Organization.OrganizationType` prints it.
    pub organization_type: String,
    /// The token every call of a rehearsal carries; others come from the token endpoint.
    pub access_token: String,
    /// Id of the user everything runs as.
    pub running_user: String,
    /// Time zone key of the org.
    pub time_zone: String,
    /// Language key of the org.
    pub language: String,
    /// Locale key of the org.
    pub locale: String,
    /// Corporate currency.
    pub currency: String,
    /// Active currencies of a multi-currency org; the corporate one is always among them.
    pub currencies: Vec<String>,
    /// Usernames taken in other orgs.
    pub usernames_elsewhere: Vec<String>,
    /// The only e-mail domains users may have; empty for no restriction.
    pub user_email_domains: Vec<String>,
    /// Requests per 24 hours.
    pub daily_api_requests: u64,
    /// Ingest batches per 24 hours.
    pub daily_bulk_batches: u64,
    /// How many times faster than a real org jobs are worked on; default 1. An org that is served
    /// on real time wants a large one.
    pub speed: u64,
    /// Minutes of work after which an internal batch is tried again; default 5 (R-1008). A bench
    /// of clients with jobs of any size wants more.
    pub batch_minutes: u64,
    /// Consumer key of the only app that may log in; none for any.
    pub client_id: Option<String>,
    /// Its secret; none for any.
    pub client_secret: Option<String>,
    /// The only refresh token that is good; none for any.
    pub refresh_token: Option<String>,
    /// The app's public key as PEM (`PUBLIC KEY`); without one no JWT is accepted.
    pub jwt_public_key: Option<String>,
    /// Requests a token is good for; none for no end.
    pub token_requests: Option<u64>,
    /// Tokens the token endpoint grants; none for no end.
    pub logins: Option<u64>,
    /// What is switched on or bought.
    pub features: Features,
}

/// What the org has switched on or bought.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "an org's features are independent switches"
)]
pub struct Features {
    /// Digital Experiences is on; default true.
    pub digital_experiences: bool,
    /// Person accounts are on; default false.
    pub person_accounts: bool,
    /// The org has partner licences, so `Account.IsPartner` exists; default true.
    pub partner_licenses: bool,
    /// The org has customer licences, so `Account.IsCustomerPortal` exists; default true.
    pub customer_licenses: bool,
    /// Several currencies; default false.
    pub multi_currency: bool,
    /// Account role optimisation: one shared role for an account's first user;
    /// default false.
    pub shared_roles: bool,
    /// Standard external profiles may be used; default false.
    pub standard_external_profiles: bool,
    /// Partner usernames need to be unique in this org only; default true.
    pub unique_partner_usernames: bool,
    /// `User.IsPrmSuperUser` exists; default false.
    pub partner_super_user: bool,
    /// Levels 1-3 of customer roles; default 1.
    pub customer_role_levels: u8,
    /// Levels 1-3 of partner roles; default 1.
    pub partner_role_levels: u8,
    /// API value of the lowest portal role; default `User`, some orgs say `Worker`.
    pub lowest_portal_role: String,
}

impl OrgFacts {
    /// Reads `org.toml`. A setting nobody knows is an error, since it is a slip of the pen.
    pub(super) fn parse(text: &str) -> Result<Self, SeedError> {
        let mut top = Reader::new("", text.parse().map_err(SeedError::NotToml)?);
        let mut features = Reader::new("features.", top.table("features")?);
        let facts = Self {
            org_id: top.text("org_id", None)?,
            name: top.text("name", Some("Simulated Org"))?,
            is_sandbox: top.boolean("is_sandbox", false)?,
            instance_url: top.text("instance_url", Some("https://sim.my.salesforce.com"))?,
            instance_name: top.text("instance_name", Some("SIM1"))?,
            organization_type: top.text("organization_type", Some("Enterprise Edition"))?,
            access_token: top.text("access_token", None)?,
            running_user: top.text("running_user", None)?,
            time_zone: top.text("time_zone", Some("Europe/Berlin"))?,
            language: top.text("language", Some("en_US"))?,
            locale: top.text("locale", Some("en_US"))?,
            currency: top.text("currency", Some("EUR"))?,
            currencies: top.texts("currencies")?,
            usernames_elsewhere: top.texts("usernames_elsewhere")?,
            user_email_domains: top.texts("user_email_domains")?,
            // bulk-api-2.md §2.2: 100,000 and more for production; batches 15,000.
            daily_api_requests: top.count("daily_api_requests", 100_000)?,
            daily_bulk_batches: top.count("daily_bulk_batches", 15_000)?,
            speed: top.count("speed", 1)?,
            batch_minutes: top.count("batch_minutes", 5)?,
            client_id: top.optional_text("client_id")?,
            client_secret: top.optional_text("client_secret")?,
            refresh_token: top.optional_text("refresh_token")?,
            jwt_public_key: top.optional_text("jwt_public_key")?,
            token_requests: top.optional_count("token_requests")?,
            logins: top.optional_count("logins")?,
            features: Features::read(&mut features)?,
        };
        top.done()?;
        features.done()?;
        Ok(facts)
    }

    /// Has the org what the field or object needs?
    pub(super) fn has(&self, feature: Feature) -> bool {
        let features = &self.features;
        match feature {
            Feature::Always => true,
            Feature::CustomerLicenses => features.customer_licenses,
            Feature::DigitalExperiences => features.digital_experiences,
            Feature::MultiCurrency => features.multi_currency,
            Feature::PartnerLicenses => features.partner_licenses,
            Feature::PartnerSuperUser => features.partner_super_user,
            Feature::PersonAccounts => features.person_accounts,
        }
    }

    /// The active currencies, corporate one first.
    pub(super) fn currencies(&self) -> impl Iterator<Item = &str> {
        let others = self
            .currencies
            .iter()
            .filter(|other| **other != self.currency);
        std::iter::once(&self.currency)
            .chain(others)
            .map(String::as_str)
    }

    /// The portal role levels, highest first, and the shared person-account role.
    pub(super) fn portal_roles(&self) -> impl Iterator<Item = &str> {
        let lowest = self.features.lowest_portal_role.as_str();
        ["Executive", "Manager", lowest, "PersonAccount"].into_iter()
    }
}

impl Features {
    fn read(from: &mut Reader) -> Result<Self, SeedError> {
        Ok(Self {
            digital_experiences: from.boolean("digital_experiences", true)?,
            person_accounts: from.boolean("person_accounts", false)?,
            partner_licenses: from.boolean("partner_licenses", true)?,
            customer_licenses: from.boolean("customer_licenses", true)?,
            multi_currency: from.boolean("multi_currency", false)?,
            shared_roles: from.boolean("shared_roles", false)?,
            standard_external_profiles: from.boolean("standard_external_profiles", false)?,
            unique_partner_usernames: from.boolean("unique_partner_usernames", true)?,
            partner_super_user: from.boolean("partner_super_user", false)?,
            customer_role_levels: from.levels("customer_role_levels")?,
            partner_role_levels: from.levels("partner_role_levels")?,
            lowest_portal_role: from.text("lowest_portal_role", Some("User"))?,
        })
    }
}

/// Takes settings out of a table, so that what is left over is unknown.
struct Reader {
    path: &'static str,
    left: toml::Table,
}

impl Reader {
    fn new(path: &'static str, left: toml::Table) -> Self {
        Self { path, left }
    }

    fn table(&mut self, key: &str) -> Result<toml::Table, SeedError> {
        match self.left.remove(key) {
            None => Ok(toml::Table::new()),
            Some(toml::Value::Table(table)) => Ok(table),
            Some(_) => Err(self.wrong(key, "a table")),
        }
    }

    fn text(&mut self, key: &str, default: Option<&str>) -> Result<String, SeedError> {
        match (self.left.remove(key), default) {
            (Some(toml::Value::String(text)), _) => Ok(text),
            (None, Some(default)) => Ok(default.to_owned()),
            _ => Err(self.wrong(key, "a text")),
        }
    }

    fn optional_text(&mut self, key: &str) -> Result<Option<String>, SeedError> {
        let given = self.left.contains_key(key);
        given.then(|| self.text(key, None)).transpose()
    }

    fn optional_count(&mut self, key: &str) -> Result<Option<u64>, SeedError> {
        let given = self.left.contains_key(key);
        given.then(|| self.count(key, 0)).transpose()
    }

    fn texts(&mut self, key: &str) -> Result<Vec<String>, SeedError> {
        let list = match self.left.remove(key) {
            None => return Ok(Vec::new()),
            Some(toml::Value::Array(list)) => list,
            Some(_) => return Err(self.wrong(key, "a list of texts")),
        };
        let texts = list
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect();
        let texts: Option<Vec<String>> = texts;
        texts.ok_or_else(|| self.wrong(key, "a list of texts"))
    }

    fn boolean(&mut self, key: &str, default: bool) -> Result<bool, SeedError> {
        match self.left.remove(key) {
            None => Ok(default),
            Some(toml::Value::Boolean(value)) => Ok(value),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    fn count(&mut self, key: &str, default: u64) -> Result<u64, SeedError> {
        let Some(value) = self.left.remove(key) else {
            return Ok(default);
        };
        let count = value
            .as_integer()
            .and_then(|count| u64::try_from(count).ok());
        count.ok_or_else(|| self.wrong(key, "a whole number"))
    }

    fn levels(&mut self, key: &str) -> Result<u8, SeedError> {
        match self.count(key, 1)? {
            1 => Ok(1),
            2 => Ok(2),
            3 => Ok(3),
            _ => Err(self.wrong(key, "1, 2 or 3")),
        }
    }

    fn done(&self) -> Result<(), SeedError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(key) => Err(SeedError::UnknownSetting {
                setting: format!("{}{key}", self.path),
            }),
        }
    }

    fn wrong(&self, key: &str, wanted: &'static str) -> SeedError {
        SeedError::Setting {
            setting: format!("{}{key}", self.path),
            wanted,
        }
    }
}
