//! A small org and a caller of it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::super::{Seed, SimOptions, SimOrg};
pub(super) use super::user_row::UserRow;
use crate::salesforce::transport::{Body, Method, Request, Transport};

pub(super) const TOKEN: &str = "00D000000000001!TEST";

pub(super) const ORG_TOML: &str = r#"
org_id = "00D000000000001"
name = "Test Org"
access_token = "00D000000000001!TEST"
running_user = "005000000000001"
usernames_elsewhere = ["Taken@Elsewhere.example"]
[features]
person_accounts = true
"#;

pub(super) const LICENSES: &str = "\
Id,Name,LicenseDefinitionKey,Status,TotalLicenses
100000000000001,Salesforce,SFDC,Active,10
100000000000002,Customer Community,PID_Customer_Community,Active,50
100000000000003,Partner Community,PID_Partner_Community,Active,50
100000000000004,Customer Community Plus,PID_Customer_Community_Plus,Active,1
100000000000005,External Identity,,Active,50
100000000000006,Gold Partner,PID_STRATEGIC_PRM,Disabled,50
";

pub(super) const PROFILES: &str = "\
Id,Name,UserType,UserLicenseId,PermissionsModifyAllData
00e000000000001,System Administrator,Standard,100000000000001,true
00e000000000002,Acme Customer,CspLitePortal,100000000000002,
00e000000000003,Acme Partner,PowerPartner,100000000000003,
00e000000000004,Acme Plus,PowerCustomerSuccess,100000000000004,
00e000000000005,Acme Identity,CspLitePortal,100000000000005,
00e000000000006,Partner Community User,PowerPartner,100000000000003,
00e000000000007,Acme Gold,PowerPartner,100000000000006,
00e000000000008,Acme Strong,PowerPartner,100000000000003,true
00e000000000009,Acme Staff,Standard,100000000000001,
";

pub(super) const ROLES: &str = "\
Id,Name,DeveloperName,PortalType,PortalRole,PortalAccountId
00E000000000001,Sales,Sales,None,,
00E000000000002,Beta Partner User,Beta_Partner_User,Partner,User,001000000000002
";

pub(super) const USERS: &str = "\
Id,Username,LastName,FirstName,Email,Alias,CommunityNickname,ProfileId,UserRoleId,IsActive,\
ContactId,FederationIdentifier
005000000000001,admin@acme.example,Admin,Ada,admin@acme.example,admin,admin,00e000000000001,\
00E000000000001,true,,
005000000000002,norole@acme.example,Norole,Nils,n@acme.example,nils,nils,00e000000000009,,true,,
005000000000003,portal@acme.example,Portal,Pia,p@acme.example,pia,pia,00e000000000003,\
00E000000000002,true,003000000000020,FED-1
005000000000004,gone@acme.example,Gone,Gero,g@acme.example,gero,gero,00e000000000002,,false,\
003000000000021,
";

pub(super) const ACCOUNTS: &str = "\
Id,Name,OwnerId,IsPartner,IsPersonAccount,PersonContactId,SystemModstamp,NumberOfEmployees
001000000000001,Alpha,005000000000001,false,false,,2026-01-01T00:00:00.000Z,23
001000000000002,Beta,005000000000001,true,false,,2026-01-02T00:00:00.000Z,7
001000000000003,No Role Inc,005000000000002,true,false,,,
001000000000004,Portal Owned,005000000000003,true,false,,,
001000000000005,Pat Person,005000000000001,false,true,003000000000005,,
";

pub(super) const CONTACTS: &str = "\
Id,AccountId,FirstName,LastName,Email,OwnerId,IsDeleted,MasterRecordId,Ext__c
003000000000001,001000000000001,Anna,Alpha,anna@alpha.example,005000000000001,,,X1
003000000000002,001000000000002,Bernd,Beta,bernd@beta.example,005000000000001,,,X2
003000000000003,001000000000003,Nora,Norole,nora@norole.example,005000000000001,,,
003000000000004,001000000000004,Otto,Owned,otto@owned.example,005000000000001,,,
003000000000005,001000000000005,Pat,Person,pat@person.example,005000000000001,,,
003000000000006,,Priva,Private,priva@private.example,005000000000001,,,
003000000000007,001000000000001,Dora,Deleted,dora@alpha.example,005000000000001,true,003000000000001,
003000000000008,001000000000001,Axel,Alpha,axel@alpha.example,005000000000001,,,
003000000000009,001000000000001,\"Ödön \"\"Odi\"\"\",\"Quote, Comma\",odi@alpha.example,\
005000000000001,,,
003000000000020,001000000000002,Pia,Portal,p@acme.example,005000000000001,,,
003000000000021,001000000000001,Gero,Gone,g@acme.example,005000000000001,,,
";

pub(super) const FIELDS: &str = "\
object,api_name,label,type,length,external_id,unique,restricted,values
Contact,Ext__c,External Key,string,20,true,true,,
User,Region__c,Region,picklist,40,,,true,North;South
User,Score__c,Score,double,,,,,
";

pub(super) const NETWORKS: &str = "\
Id,Name,Status,OptionsSendWelcomeEmail
0DB000000000001,Partners,Live,true
";

pub(super) const MEMBER_GROUPS: &str = "\
Id,NetworkId,ParentId,AssignmentStatus
0DL000000000001,0DB000000000001,00e000000000003,Added
0DL000000000002,0DB000000000001,0PS000000000002,Added
0DL000000000003,0DB000000000001,00e000000000002,Waiting for Add
";

pub(super) const PERMISSION_SETS: &str = "\
Id,Name,PermissionsManagePartners,PermissionsManageUsers,PermissionsApiEnabled
0PS000000000001,Admin,true,true,true
0PS000000000002,Extra,false,false,false
";

pub(super) const ASSIGNMENTS: &str = "\
Id,PermissionSetId,AssigneeId
0Pa000000000001,0PS000000000001,005000000000001
";

/// The tables of the test org.
pub(super) const TABLES: [(&str, &str); 11] = [
    ("fields", FIELDS),
    ("UserLicense", LICENSES),
    ("Profile", PROFILES),
    ("UserRole", ROLES),
    ("User", USERS),
    ("Account", ACCOUNTS),
    ("Contact", CONTACTS),
    ("Network", NETWORKS),
    ("NetworkMemberGroup", MEMBER_GROUPS),
    ("PermissionSet", PERMISSION_SETS),
    ("PermissionSetAssignment", ASSIGNMENTS),
];

pub(super) fn seed() -> Seed {
    Seed::from_texts(ORG_TOML, &TABLES).unwrap()
}

/// A caller with a token.
pub(super) struct Caller {
    pub(super) org: SimOrg,
}

/// A response, read to its end.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) text: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Status, code and message of an error array.
    pub(super) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |key: &str| body[0][key].as_str().unwrap_or_default().to_owned();
        (self.status, text("errorCode"), text("message"))
    }
}

impl Caller {
    pub(super) fn new() -> Self {
        Self::of(seed())
    }

    pub(super) fn of(seed: Seed) -> Self {
        Self {
            org: SimOrg::new(seed, SimOptions::default()),
        }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Body,
    ) -> Reply {
        let mut all = vec![("authorization", format!("Bearer {TOKEN}"))];
        all.retain(|_| !headers.iter().any(|(name, _)| *name == "authorization"));
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let request = Request {
            method,
            path: path.to_owned(),
            headers: all,
            body,
        };
        let mut response = self.org.send(request).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = response.body.next().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        let text = String::from_utf8(bytes).unwrap();
        Reply {
            status: response.status,
            headers: response.headers,
            text,
        }
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(Method::Get, path, &[], Body::Empty).await
    }

    pub(super) async fn json(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = Body::Bytes(Bytes::from(body.to_string()));
        self.send(method, path, &[("content-type", "application/json")], body)
            .await
    }

    pub(super) async fn put(&self, path: &str, csv: &str) -> Reply {
        let body = Body::Bytes(Bytes::from(csv.to_owned()));
        self.send(Method::Put, path, &[("content-type", "text/csv")], body)
            .await
    }

    /// A REST query; gives the records.
    pub(super) async fn query(&self, soql: &str) -> Vec<Value> {
        let reply = self.soql("query", soql).await;
        assert_eq!(reply.status, 200, "{soql}: {}", reply.text);
        reply.json()["records"].as_array().unwrap().clone()
    }

    pub(super) async fn soql(&self, resource: &str, soql: &str) -> Reply {
        let soql = percent_encoding::utf8_percent_encode(soql, percent_encoding::NON_ALPHANUMERIC);
        self.get(&format!("/services/data/v67.0/{resource}?q={soql}"))
            .await
    }

    /// Creates a job; gives its id.
    pub(super) async fn create(&self, object: &str, operation: &str, more: &Value) -> String {
        let mut body = json!({ "object": object, "operation": operation });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let reply = self.json(Method::Post, INGEST, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn close(&self, job: &str) -> Reply {
        let body = json!({ "state": "UploadComplete" });
        self.json(Method::Patch, &format!("{INGEST}/{job}"), &body)
            .await
    }

    /// Polls until the job has ended; gives its JSON.
    pub(super) async fn ended(&self, job: &str) -> Value {
        loop {
            let info = self.get(&format!("{INGEST}/{job}")).await.json();
            let state = info["state"].as_str().unwrap();
            if matches!(state, "JobComplete" | "Failed" | "Aborted") {
                return info;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// A whole job with default settings; gives its id and its last JSON.
    pub(super) async fn load(&self, object: &str, operation: &str, csv: &str) -> (String, Value) {
        self.load_with(object, operation, &Value::Null, csv).await
    }

    pub(super) async fn load_with(
        &self,
        object: &str,
        operation: &str,
        more: &Value,
        csv: &str,
    ) -> (String, Value) {
        let job = self.create(object, operation, more).await;
        assert_eq!(
            self.put(&format!("{INGEST}/{job}/batches"), csv)
                .await
                .status,
            201
        );
        assert_eq!(self.close(&job).await.status, 200);
        let info = self.ended(&job).await;
        (job, info)
    }

    /// One result file.
    pub(super) async fn results(&self, job: &str, file: &str) -> String {
        let reply = self.get(&format!("{INGEST}/{job}/{file}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.text
    }

    /// Loads one user row; gives its id, or its `sf__Error`.
    pub(super) async fn insert_user(&self, row: &UserRow) -> Result<String, String> {
        let (job, info) = self.load("User", "insert", &row.csv()).await;
        assert_eq!(info["state"], "JobComplete", "{info}");
        let failed = self.results(&job, "failedResults").await;
        let successful = self.results(&job, "successfulResults").await;
        match (
            column(&failed, "sf__Error").pop(),
            column(&successful, "sf__Id").pop(),
        ) {
            (Some(error), None) => Err(error),
            (None, Some(id)) => Ok(id),
            other => panic!("{other:?}"),
        }
    }
}

pub(super) const INGEST: &str = "/services/data/v67.0/jobs/ingest";

/// A contacts file with so many rows.
pub(super) fn numbered(count: usize) -> String {
    let rows = (0..count).map(|row| format!("Row {row}"));
    let lines: Vec<String> = std::iter::once("LastName".to_owned()).chain(rows).collect();
    lines.join("\n") + "\n"
}

/// One column of a result file.
pub(super) fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader
        .headers()
        .unwrap()
        .iter()
        .position(|header| header == name)
        .unwrap();
    reader
        .records()
        .map(|record| record.unwrap()[at].to_owned())
        .collect()
}
