//! Seeds: what is refused, with words, and what a folder or the compiled-in sample gives.

use super::fixture::{Caller, ORG_TOML, TABLES, seed};
use crate::sim::{Seed, SimOptions, SimOrg};

/// The test tables with one of them replaced.
fn with(name: &str, text: &str) -> Result<Seed, String> {
    let mut tables: Vec<(&str, &str)> = TABLES
        .into_iter()
        .filter(|(known, _)| *known != name)
        .collect();
    tables.push((name, text));
    Seed::from_texts(ORG_TOML, &tables).map_err(|error| error.to_string())
}

#[test]
fn a_bad_table_is_refused_with_its_place() {
    let cases = [
        (
            "Contact",
            "Id,Nonsense\n",
            "`Contact.csv`: there is no field `Nonsense`",
        ),
        (
            "Contact",
            "Id\nnonsense\n",
            "`Contact.csv`, line 2: the first cell is not a 15- or 18-character id",
        ),
        (
            "Contact",
            "Id\n001000000000001\n",
            "`Contact.csv`, line 2: the id has the prefix of another object",
        ),
        (
            "Contact",
            "Id\n003000000000001\n003000000000001AAA\n",
            "`Contact.csv`, line 3: the id was there before",
        ),
        (
            "Contact",
            "Id,LastName\n003000000000001\n",
            "`Contact.csv` is not a rectangular CSV",
        ),
        (
            "Nonsense",
            "Id\n",
            "`Nonsense.csv`: the simulated org has no such object",
        ),
        (
            "User",
            "Id\n005000000000009\n",
            "org.toml: `running_user` is not a record of User.csv",
        ),
        (
            "fields",
            "object,api_name,type\nUser,X__c,nonsense\n",
            "`fields.csv`, line 2: no such field type",
        ),
        (
            "fields",
            "object,api_name,type\nX,X__c,string\n",
            "`fields.csv`, line 2: the simulated org has no such object",
        ),
    ];
    for (table, text, message) in cases {
        assert_eq!(with(table, text).unwrap_err(), message);
    }
}

#[test]
fn a_bad_org_file_is_refused_with_its_setting() {
    let cases = [
        ("nonsense", "org.toml is not valid TOML"),
        ("name = \"X\"", "org.toml: `org_id` must be a text"),
        (
            &format!("{ORG_TOML}\nnonsense = 1"),
            "org.toml: there is no setting `features.nonsense`",
        ),
        (
            &format!("nonsense = 1\n{ORG_TOML}"),
            "org.toml: there is no setting `nonsense`",
        ),
        (
            &format!("is_sandbox = 1\n{ORG_TOML}"),
            "org.toml: `is_sandbox` must be true or false",
        ),
        (
            &format!("{ORG_TOML}\npartner_role_levels = 4"),
            "org.toml: `features.partner_role_levels` must be 1, 2 or 3",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(
            Seed::from_texts(text, &TABLES).unwrap_err().to_string(),
            message
        );
    }
}

#[tokio::test(start_paused = true)]
async fn seeded_records_get_their_derived_fields() {
    let caller = Caller::new();
    let user = |name: &str| caller.org.field("User", "005000000000003", name);
    assert_eq!(user("AccountId"), "001000000000002AAA");
    assert_eq!(user("UserType"), "PowerPartner");
    assert_eq!(user("Name"), "Pia Portal");
    assert_eq!(
        caller.org.field("Contact", "003000000000001", "Name"),
        "Anna Alpha"
    );
    let seats = |license: &str| caller.org.field("UserLicense", license, "UsedLicenses");
    assert_eq!(seats("100000000000001"), "2");
    assert_eq!(
        seats("100000000000002"),
        "0",
        "an inactive user takes no seat"
    );
    assert_eq!(seats("100000000000003"), "1");
    assert_eq!(
        caller.org.field("Organization", "00D000000000001", "Name"),
        "Test Org"
    );
}

#[tokio::test(start_paused = true)]
async fn columns_of_features_that_are_off_are_left_out() {
    let mut seed = seed();
    seed.org.features.person_accounts = false;
    let caller = Caller::of(seed);
    let error = caller
        .soql("query", "SELECT PersonContactId FROM Account")
        .await
        .error();
    assert_eq!(error.1, "INVALID_FIELD");
    assert_eq!(caller.query("SELECT Id FROM Account").await.len(), 5);
}

#[test]
fn picklists_of_the_seed_replace_the_built_in_ones() {
    let mut tables = TABLES.to_vec();
    tables.push((
        "picklists/LanguageLocaleKey",
        "key,label,active\nfr,French,true\ncy,Welsh,false\n",
    ));
    let seed = Seed::from_texts(ORG_TOML, &tables).unwrap();
    let values = &seed.values["LanguageLocaleKey"];
    let values: Vec<(&str, bool)> = values
        .iter()
        .map(|value| (value.value.as_str(), value.active))
        .collect();
    assert_eq!(values, [("fr", true), ("cy", false)]);
}

#[test]
fn a_folder_is_read_like_texts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("org.toml"), ORG_TOML).unwrap();
    for (name, text) in TABLES {
        std::fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let picklists = folder.path().join("picklists");
    std::fs::create_dir(&picklists).unwrap();
    std::fs::write(
        picklists.join("LocaleSidKey.csv"),
        "key,label\nfr_FR,French\n",
    )
    .unwrap();
    let seed = Seed::from_dir(folder.path()).unwrap();
    assert_eq!(seed.access_token(), "00D000000000001!TEST");
    assert_eq!(seed.instance_url(), "https://sim.my.salesforce.com");
    assert_eq!(seed.tables.len(), TABLES.len() - 1);
    assert_eq!(seed.values.len(), 1);
    let missing = Seed::from_dir(&folder.path().join("nowhere"))
        .unwrap_err()
        .to_string();
    assert!(missing.starts_with("cannot read `"), "{missing}");
}

#[test]
fn the_compiled_in_sample_is_an_org() {
    let org = SimOrg::new(Seed::sample(), SimOptions::default());
    assert_eq!(org.jobs_open(), 0);
}
