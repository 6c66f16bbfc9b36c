//! The small questions: who am I, what does an object look like, what is left of the day.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Org;
use super::error::OrgError;
use super::job::count;
use crate::model::id::{OrgId, UserId};

/// Whom the token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// The running user.
    pub user_id: UserId,
    /// Its org.
    pub org_id: OrgId,
    /// Its username.
    pub username: String,
}

/// What the org says of an object. Field-level security is already applied: what the running user
/// may not see is not there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Describe {
    /// Its fields, in the org's order.
    #[serde(default, deserialize_with = "null_is_default")]
    pub fields: Vec<DescribeField>,
}

/// One field.
#[expect(
    clippy::struct_excessive_bools,
    reason = "as the org describes it, member by member"
)]
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DescribeField {
    /// API name.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// Label in the running user's language.
    #[serde(deserialize_with = "null_is_default")]
    pub label: String,
    /// Such as `string`, `picklist`, `reference`.
    #[serde(rename = "type", deserialize_with = "null_is_default")]
    pub field_type: String,
    /// Characters, where it is text; else 0.
    #[serde(deserialize_with = "null_is_default")]
    pub length: u32,
    /// Digits in all, where it is a number.
    #[serde(deserialize_with = "null_is_default")]
    pub precision: u32,
    /// Digits after the point.
    #[serde(deserialize_with = "null_is_default")]
    pub scale: u32,
    /// Digits of an integer.
    #[serde(deserialize_with = "null_is_default")]
    pub digits: u32,
    /// May it be empty?
    #[serde(deserialize_with = "null_is_default")]
    pub nillable: bool,
    /// May the running user set it on insert?
    #[serde(deserialize_with = "null_is_default")]
    pub createable: bool,
    /// May the running user change it?
    #[serde(deserialize_with = "null_is_default")]
    pub updateable: bool,
    /// Does the org fill it on insert?
    #[serde(deserialize_with = "null_is_default")]
    pub defaulted_on_create: bool,
    /// Made in this org or by a package?
    #[serde(deserialize_with = "null_is_default")]
    pub custom: bool,
    /// Marked as external id?
    #[serde(deserialize_with = "null_is_default")]
    pub external_id: bool,
    /// No two records with one value?
    #[serde(deserialize_with = "null_is_default")]
    pub unique: bool,
    /// Are only listed values taken?
    #[serde(deserialize_with = "null_is_default")]
    pub restricted_picklist: bool,
    /// Values of a picklist, in the org's order.
    #[serde(deserialize_with = "null_is_default")]
    pub picklist_values: Vec<PicklistValue>,
    /// Objects a reference may point to.
    #[serde(deserialize_with = "null_is_default")]
    pub reference_to: Vec<String>,
    /// The name under which a query follows the reference, such as `Owner`.
    #[serde(deserialize_with = "null_is_default")]
    pub relationship_name: String,
}

/// One value of a picklist.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PicklistValue {
    /// What is stored.
    #[serde(deserialize_with = "null_is_default")]
    pub value: String,
    /// What people read.
    #[serde(deserialize_with = "null_is_default")]
    pub label: String,
    /// May it be given to new records?
    #[serde(deserialize_with = "null_is_default")]
    pub active: bool,
    /// Is it what new records get?
    #[serde(deserialize_with = "null_is_default")]
    pub default_value: bool,
}

/// Allowances of the org by name, such as `DailyApiRequests`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// By name.
    pub by_name: BTreeMap<String, Allowance>,
}

/// One allowance of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// All of it.
    pub max: u64,
    /// What is left.
    pub remaining: u64,
}

impl Org {
    /// The user and org of the token.
    pub async fn user_info(&self) -> Result<UserInfo, OrgError> {
        const PATH: &str = "/services/oauth2/userinfo";
        let claims: BTreeMap<String, Value> = self.get_json(PATH.to_owned()).await?;
        let claim = |name| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let malformed = |what: &str| OrgError::Malformed {
            request: format!("GET {PATH}"),
            what: what.to_owned(),
        };
        Ok(UserInfo {
            user_id: UserId::parse(claim("user_id")).map_err(|_| malformed("no user_id in it"))?,
            org_id: OrgId::parse(claim("organization_id"))
                .map_err(|_| malformed("no organization_id in it"))?,
            username: claim("preferred_username").to_owned(),
        })
    }

    /// The API versions the org offers, such as `67.0`, oldest first.
    pub async fn versions(&self) -> Result<Vec<String>, OrgError> {
        #[derive(Deserialize)]
        struct Offered {
            version: String,
        }
        let offered: Vec<Offered> = self.get_json("/services/data/".to_owned()).await?;
        Ok(offered.into_iter().map(|offered| offered.version).collect())
    }

    /// The fields of an object.
    pub async fn describe(&self, object: &str) -> Result<Describe, OrgError> {
        self.get_json(self.versioned(&format!("sobjects/{object}/describe")))
            .await
    }

    /// API names of every object the running user can see.
    pub async fn describe_global(&self) -> Result<Vec<String>, OrgError> {
        #[derive(Deserialize)]
        struct Object {
            name: String,
        }
        #[derive(Deserialize)]
        struct Global {
            sobjects: Vec<Object>,
        }
        let global: Global = self.get_json(self.versioned("sobjects")).await?;
        Ok(global
            .sobjects
            .into_iter()
            .map(|object| object.name)
            .collect())
    }

    /// What is left of the org's allowances. Needs "View Setup and Configuration"
    /// ([source](https://developer.salesforce.com/docs/atlas.en-us.214.0.api_rest.meta/api_rest/resources_limits.htm)).
    pub async fn limits(&self) -> Result<Limits, OrgError> {
        let all: BTreeMap<String, Value> = self.get_json(self.versioned("limits")).await?;
        // Entries that are no allowance are passed over: some names nest members per app.
        let by_name = all.into_iter().filter_map(|(name, value)| {
            let (max, remaining) = (count(value.get("Max")?), count(value.get("Remaining")?));
            Some((name, Allowance { max, remaining }))
        });
        Ok(Limits {
            by_name: by_name.collect(),
        })
    }
}

impl Limits {
    /// One allowance, if the org names it.
    pub fn get(&self, name: &str) -> Option<Allowance> {
        self.by_name.get(name).copied()
    }
}

/// The org writes null for much that it leaves out elsewhere.
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
