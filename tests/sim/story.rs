//! A seed becomes an org, a contacts file about it, and the settings of a run.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use admit::model::settings::{PacingSettings, ProgramSettings, UsernameConflict};
use admit::sim::Seed;

use crate::dice::{Dice, Stream};

macro_rules! sample {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../samples/org/", $name, ".csv")))),+]
    };
}

const ORG: &str = include_str!("../../samples/org/org.toml");
const USERS: &str = include_str!("../../samples/org/User.csv");
const ROLES: &str = include_str!("../../samples/org/UserRole.csv");
/// The header, and users of the firm itself.
const OWN_USER_LINES: usize = 11;
/// The header, and roles of the firm itself.
const OWN_ROLE_LINES: usize = 5;

/// Owners of accounts: all have a role but the last.
const OWNERS: [&str; 4] = [
    "0055g000010UGLyAAO",
    "0055g000010UGMbAAO",
    "0055g000010UGMyAAO",
    "0055g000010UGNrAAO",
];

/// Profiles, the frequent ones several times; the fourth licence has few seats.
const PROFILES: [&str; 12] = [
    "Acme Partner",
    "Acme Partner",
    "Acme Partner",
    "Acme Partner",
    "Acme Partner Manager",
    "Acme Customer",
    "Acme Customer",
    "Acme Customer",
    "Acme Customer Plus",
    "Acme Customer Plus",
    "Acme Customer Login",
    "Acme Partner Login",
];

const SETS: [&str; 3] = [
    "Partner_Deal_Registration",
    "Partner_Marketing_Funds",
    "Customer_Case_Plus",
];

/// A row of the contacts file.
pub(crate) struct Row {
    /// The record as it stands in the file, line end apart.
    pub(crate) raw: String,
    /// The contact it names.
    pub(crate) contact: String,
    /// Permission sets it asks for.
    pub(crate) sets: BTreeSet<String>,
    /// Has it as many cells as the header?
    pub(crate) is_rectangular: bool,
    /// Does it name a nickname itself?
    pub(crate) has_nickname: bool,
}

/// What is played.
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) org: Seed,
    pub(crate) rows: Vec<Row>,
    pub(crate) file: Vec<u8>,
    pub(crate) delimiter: u8,
    pub(crate) pacing: PacingSettings,
    pub(crate) program: ProgramSettings,
    /// How long each attempt is waited for, in milliseconds.
    pub(crate) wait_ms: Option<u64>,
    /// Seats of each licence that others leave, whenever they are counted again for a wave; none
    /// means all.
    pub(crate) seats_left: Option<u64>,
    /// What decides which faults strike.
    pub(crate) faults_seed: u64,
    pub(crate) jitter_seed: u64,
}

impl Story {
    /// The story of a seed, with up to so many rows.
    pub(crate) fn new(seed: u64, rows_max: usize) -> Self {
        let mut dice = Dice::new(seed, Stream::Data);
        // Most are small: more of them can be played.
        let most = if dice.percent(80) { 60 } else { 300 };
        let count = dice.between(10, most.min(rows_max));
        let mut cast = Cast::new(&mut dice, count);
        let (rows, file, delimiter) = contacts_file(&mut dice, &mut cast, count);
        let mut dice = Dice::new(seed, Stream::Settings);
        let pacing = PacingSettings {
            requests_per_second: u32::try_from(dice.between(2, 20)).unwrap(),
            lanes: u32::try_from(dice.between(1, 5)).unwrap(),
            rows_per_job: (!dice.percent(20)).then(|| u32::try_from(dice.between(3, 40)).unwrap()),
            ..PacingSettings::default()
        };
        let username_on_conflict = if dice.percent(50) {
            UsernameConflict::Suffix
        } else {
            UsernameConflict::Report
        };
        let program = ProgramSettings {
            username_on_conflict,
            ..ProgramSettings::default()
        };
        let wait_ms = dice
            .percent(30)
            .then(|| dice.between(20_000, 900_000) as u64);
        Self {
            seed,
            org: cast.org(&mut dice),
            rows,
            file,
            delimiter,
            pacing,
            program,
            wait_ms,
            seats_left: None,
            faults_seed: Dice::new(seed, Stream::Faults).number(),
            jitter_seed: Dice::new(seed, Stream::Jitter).number(),
        }
    }
}

/// Accounts, contacts and users the file is about.
struct Cast {
    accounts: String,
    contacts: String,
    users: String,
    roles: String,
    /// Contacts without a user, and their number; rows take from here.
    free: Vec<usize>,
    /// Contacts that have a user already.
    taken: Vec<usize>,
}

fn contact_id(number: usize) -> String {
    format!("0039{number:011}")
}

fn first_lines(text: &str, count: usize) -> String {
    let mut lines = String::new();
    for line in text.lines().take(count) {
        let _ = writeln!(lines, "{line}");
    }
    lines
}

impl Cast {
    fn new(dice: &mut Dice, rows: usize) -> Self {
        let header = "Id,Name,OwnerId,IsPartner,IsCustomerPortal,IsPersonAccount,PersonContactId,\
                      Customer_Number__c,IsDeleted,MasterRecordId\n";
        let mut cast = Self {
            accounts: header.to_owned(),
            contacts: "Id,AccountId,FirstName,LastName,Email,Phone,Title,OwnerId,\
                       External_Key__c,IsDeleted,MasterRecordId\n"
                .to_owned(),
            users: first_lines(USERS, OWN_USER_LINES),
            roles: first_lines(ROLES, OWN_ROLE_LINES),
            free: Vec::new(),
            taken: Vec::new(),
        };
        let mut account = 0;
        while cast.free.len() < rows {
            let contacts = if dice.percent(15) {
                dice.between(8, 25)
            } else {
                dice.between(1, 6)
            };
            cast.add_account(dice, account, contacts);
            account += 1;
        }
        // Rows come in an order that has nothing to do with accounts.
        for place in (1..cast.free.len()).rev() {
            let other = dice.between(0, place);
            cast.free.swap(place, other);
        }
        cast
    }

    fn add_account(&mut self, dice: &mut Dice, account: usize, contacts: usize) {
        let id = format!("0019{account:011}");
        let is_ownerless = dice.percent(3);
        let owner = if is_ownerless {
            OWNERS[3]
        } else {
            dice.one_of(&OWNERS[..3])
        };
        let is_partner = dice.percent(92);
        let _ = writeln!(
            self.accounts,
            "{id},Load {account},{owner},{is_partner},false,false,,,false,"
        );
        if is_partner && dice.percent(20) {
            let _ = writeln!(
                self.roles,
                "00E9{account:011},Load {account} Partner User,Load_{account},,Partner,User,{id}"
            );
        }
        for _ in 0..contacts {
            let number = self.free.len() + self.taken.len();
            let contact = contact_id(number);
            let email = if dice.percent(3) {
                String::new()
            } else {
                format!("p{number}@load.example.org")
            };
            let _ = writeln!(
                self.contacts,
                "{contact},{id},Pat,Läd{number},{email},,,{owner},,false,"
            );
            if dice.percent(6) {
                self.taken.push(number);
                let _ = writeln!(
                    self.users,
                    "0059{number:011},old{number}@load.example.org,Pat,Läd{number},p{number}@load.example.org,\
                     old{number},old{number},00e5g000010r88DAAQ,true,Europe/Berlin,de_DE,en_US,UTF-8,EUR,DACH,,\
                     {contact},true,,"
                );
            } else {
                self.free.push(number);
            }
        }
    }

    fn org(&self, dice: &mut Dice) -> Seed {
        let facts = if dice.percent(25) {
            ORG.replace("shared_roles = false", "shared_roles = true")
        } else {
            ORG.to_owned()
        };
        let mut tables = sample![
            "fields",
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
        ]
        .to_vec();
        tables.extend([
            ("Account", self.accounts.as_str()),
            ("Contact", &self.contacts),
            ("User", &self.users),
            ("UserRole", &self.roles),
        ]);
        Seed::from_texts(&facts, &tables).unwrap()
    }
}

const HEADER: [&str; 10] = [
    "No",
    "ContactId",
    "Last Name",
    "Email",
    "Username",
    "Nickname",
    "Profile",
    "PermissionSets",
    "Region__c",
    "Notes",
];

/// Position of the cell that tells a row.
pub(crate) const NUMBER_COLUMN: usize = 0;

fn contacts_file(dice: &mut Dice, cast: &mut Cast, count: usize) -> (Vec<Row>, Vec<u8>, u8) {
    let delimiter = dice.one_of(&[",", ",", ";", "\t", "|"]);
    let line_end = dice.one_of(&["\n", "\n", "\r\n"]);
    let mut file = String::new();
    if dice.percent(20) {
        file.push('\u{feff}');
    }
    file.push_str(&HEADER.join(delimiter));
    file.push_str(line_end);
    let mut rows: Vec<Row> = Vec::new();
    for number in 0..count {
        let row = one_row(dice, cast, (number, delimiter), &rows);
        file.push_str(&row.raw);
        if number + 1 < count || !dice.percent(20) {
            file.push_str(line_end);
        }
        rows.push(row);
    }
    (rows, file.into_bytes(), delimiter.as_bytes()[0])
}

fn one_row(
    dice: &mut Dice,
    cast: &mut Cast,
    (number, delimiter): (usize, &str),
    earlier: &[Row],
) -> Row {
    let mut contact = cast.free.pop().map(contact_id).unwrap();
    if dice.percent(10) {
        // The 18-character form of an id of digits alone has a suffix of blanks: AAA.
        contact.push_str("AAA");
    }
    let mut sets = BTreeSet::new();
    if dice.percent(15) {
        for _ in 0..dice.between(1, 2) {
            sets.insert(dice.one_of(&SETS).to_owned());
        }
    }
    let mut cells = HEADER.map(|_| String::new());
    cells[0] = number.to_string();
    cells[6] = dice.one_of(&PROFILES).to_owned();
    cells[8] = dice.one_of(&["DACH", "Americas"]).to_owned();
    if dice.percent(10) {
        cells[4] = format!("user{number}@names.example.org");
    }
    if dice.percent(10) {
        cells[5] = format!("nick{number}");
    }
    cells[9] = match dice.between(0, 9) {
        0 => "\"two\nlines\"".to_owned(),
        1 => "\"says \"\"hi\"\"\"".to_owned(),
        2 => format!("\"a{delimiter}b\""),
        3 => " Ünï cödé ".to_owned(),
        4 => "=1+1".to_owned(),
        _ => String::new(),
    };
    let mut is_rectangular = true;
    let mut cut = None;
    if dice.percent(8) {
        match dice.between(0, 8) {
            0 => contact = "003900000999999".to_owned(),
            1 => {
                let other = earlier.iter().rev().nth(dice.between(0, 4));
                contact = other.map_or(contact, |row| row.contact.clone());
            }
            2 => {
                contact = cast
                    .taken
                    .first()
                    .map_or(contact, |taken| contact_id(*taken));
            }
            3 => cells[3] = "not an address".to_owned(),
            4 => cells[6] = "Acme Partnr".to_owned(),
            5 => cells[8] = String::new(),
            6 => {
                sets.insert("Gold".to_owned());
            }
            7 => cells[4] = "petra.sommer@acme.example.com".to_owned(),
            _ => cut = Some(dice.between(3, 8)),
        }
    }
    cells[1].clone_from(&contact);
    cells[7] = sets
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(";");
    if delimiter == ";" && sets.len() > 1 {
        cells[7] = format!("\"{}\"", cells[7]);
    }
    if let Some(cut) = cut {
        is_rectangular = false;
        cells[9] = String::new();
        return Row {
            raw: cells[..cut].join(delimiter),
            contact,
            sets,
            is_rectangular,
            has_nickname: false,
        };
    }
    Row {
        raw: cells.join(delimiter),
        contact,
        sets,
        is_rectangular,
        has_nickname: !cells[5].is_empty(),
    }
}
