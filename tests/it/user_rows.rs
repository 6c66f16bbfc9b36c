//! User rows for whoever sends them by hand: the twelve good people of the Data Loader sample as
//! a CSV of the User object, with faults put into the last ones.

use crate::world::{Table, sample};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `Region__c` is required and empty.
    NoRegion,
    /// A user of the org has the username.
    UsernameTaken,
}

const HEADER: &str = "ContactId,FirstName,LastName,Email,Username,Alias,CommunityNickname,\
ProfileId,TimeZoneSidKey,LocaleSidKey,LanguageLocaleKey,EmailEncodingKey,CurrencyIsoCode,Region__c";

/// The people as users whose names begin with `prefix`; the last rows have one fault each.
pub(crate) fn user_csv(prefix: &str, faults: &[Fault]) -> String {
    let table = Table::read(&std::fs::read(sample("contacts-dataloader.csv")).unwrap());
    let good = table.rows.len() - faults.len();
    let mut lines = vec![HEADER.to_owned()];
    for (number, row) in table.rows.iter().enumerate() {
        let cell = |name: &str| row[table.column(name)].as_str();
        let fault = number.checked_sub(good).map(|at| faults[at]);
        let region = match fault {
            Some(Fault::NoRegion) => "",
            _ => cell("SALES REGION"),
        };
        let username = match fault {
            Some(Fault::UsernameTaken) => "ada.admin@acme.example.com".to_owned(),
            _ => format!("{prefix}.{}", cell("LOGIN")),
        };
        let cells = [
            cell("CONTACT ID"),
            cell("GIVEN NAME"),
            cell("SURNAME"),
            cell("E-MAIL ADDRESS"),
            &username,
            &format!("u{number}"),
            &format!("{prefix}{number}"),
            cell("PROFILE ID"),
            cell("TZ"),
            cell("LOC"),
            cell("LANG"),
            cell("ENC"),
            "EUR",
            region,
        ];
        lines.push(cells.join(","));
    }
    lines.join("\n") + "\n"
}
