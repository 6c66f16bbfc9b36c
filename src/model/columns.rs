//! The columns of an input file and what each of them means.
//!
//! Intake resolves headers to [`Field`]s; validation, with the org's describe at hand, decides
//! what becomes of the others ([`ColumnRole::Other`]).

/// A column meaning that admit itself knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The person, by id.
    ContactId,
    /// The person's e-mail: matches the Contact, and is sent as `User.Email`.
    Email,
    /// The person's account, by id.
    AccountId,
    /// Profile by name or id.
    Profile,
    /// Licence name; only verified against the profile.
    License,
    /// `Executive`, `Manager` or `User`.
    PortalRole,
    /// Permission set names, `;` between.
    PermissionSets,
    /// Lifecycle: why this user exists.
    Purpose,
    /// Lifecycle: when it should end, `yyyy-MM-dd`.
    EndDate,
    /// Lifecycle: wanted state, obeyed by `sync`.
    Status,
    /// A field of User that is sent under its own API name.
    User(UserField),
}

macro_rules! user_fields {
    ($($name:ident($length:literal) $(= $alias:literal)*;)+) => {
        /// A standard field of User that a row may carry, beside `Email` and the profile.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum UserField {
            $(#[doc = concat!("`User.", stringify!($name), "`")] $name,)+
        }

        impl UserField {
            /// Every one of them, in the order they are sent.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The API name, as Salesforce spells it.
            pub fn api_name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// Labels and aliases a header may use instead of the API name.
            pub fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($alias),*],)+ }
            }

            /// Longest value in characters when the describe does not say;
            /// 0 where length is not what limits it.
            pub fn length_max_fallback(self) -> usize {
                match self { $(Self::$name => $length,)+ }
            }
        }
    };
}

user_fields! {
    Username(80) = "User Name";
    FirstName(40) = "First Name";
    LastName(80) = "Last Name";
    Alias(8);
    CommunityNickname(40) = "Nickname" = "Community Nickname";
    FederationIdentifier(512) = "Federation Id" = "Federation ID" = "SAML Federation ID";
    TimeZoneSidKey(40) = "TimeZone" = "Time Zone";
    LocaleSidKey(40) = "Locale";
    LanguageLocaleKey(40) = "Language";
    EmailEncodingKey(40) = "Encoding" = "Email Encoding";
    CurrencyIsoCode(3) = "Currency" = "User Currency" = "Currency ISO Code";
    DefaultCurrencyIsoCode(3) = "Default Currency ISO Code";
    IsActive(0) = "Active";
    Title(80);
    Phone(40);
    MobilePhone(40) = "Mobile" = "Mobile Phone";
    Fax(40);
    Extension(40);
    EmployeeNumber(20) = "Employee Number";
    Department(80);
    Division(80);
    CompanyName(80) = "Company" = "Company Name";
    Street(255);
    City(40);
    State(80) = "State/Province";
    PostalCode(20) = "Postal Code" = "Zip" = "Zip/Postal Code";
    Country(80);
    AboutMe(1000) = "About Me";
}

/// What one column of the input is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnRole {
    /// A meaning admit knows.
    Known(Field),
    /// `User.X` or `--map Header=User.X`: sent as that User field once the describe allows it.
    UserField(String),
    /// `Contact.<ExternalId__c>`: finds the Contact.
    ContactExternalId(String),
    /// `Account.<ExternalId__c>`: finds the Account.
    AccountExternalId(String),
    /// Anything else: sent when the describe calls it createable on User, else passed through.
    Other,
    /// `sf__*` and `admit__*`: ignored and not repeated in outputs.
    Ours,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The header's text, unquoted, as it came.
    pub header: String,
    /// What it is for.
    pub role: ColumnRole,
}

/// The columns of a file, in file order; each known field at most once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    columns: Vec<Column>,
}

impl Layout {
    /// Columns in file order. The caller (intake) has refused two columns with one meaning.
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns }
    }

    /// All columns, in file order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many cells a record must have.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The column that carries this field, if the file has one.
    pub fn of_field(&self, field: Field) -> Option<usize> {
        self.position(|role| *role == ColumnRole::Known(field))
    }

    /// A column of ours of this name, which an earlier run wrote.
    pub fn of_earlier_run(&self, name: &str) -> Option<usize> {
        let is_it = |column: &Column| {
            column.role == ColumnRole::Ours && column.header.trim().eq_ignore_ascii_case(name)
        };
        self.columns.iter().position(is_it)
    }

    /// The first column whose role fits.
    pub fn position(&self, fits: impl Fn(&ColumnRole) -> bool) -> Option<usize> {
        self.columns.iter().position(|column| fits(&column.role))
    }
}
