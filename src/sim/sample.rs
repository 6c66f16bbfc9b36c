//! The sample org, compiled in: `samples/org`.

use super::seed::Seed;

/// One table of the sample org by its file name.
macro_rules! tables {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../samples/org/", $name, ".csv")))),+]
    };
}

const ORG: &str = include_str!("../../samples/org/org.toml");

const TABLES: &[(&str, &str)] = tables![
    "fields",
    "Account",
    "Contact",
    "User",
    "UserRole",
    "Profile",
    "UserLicense",
    "Network",
    "NetworkMemberGroup",
    "PermissionSet",
    "PermissionSetAssignment",
    "picklists/TimeZoneSidKey",
    "picklists/LocaleSidKey",
    "picklists/LanguageLocaleKey",
    "picklists/EmailEncodingKey",
];

impl Seed {
    /// The sample org.
    ///
    /// # Panics
    ///
    /// Never: the files are compiled in, and a test builds an org of them.
    #[expect(clippy::expect_used, reason = "compiled in, and checked by a test")]
    pub fn sample() -> Self {
        Self::from_texts(ORG, TABLES).expect("the compiled-in sample org is a good seed")
    }
}
