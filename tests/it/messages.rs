//! Every error of every room as the operator reads it, one snapshot file per room, and what they
//! all have in common. A variant without an example does not compile.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use admit::cli::{CliError, FaultsProblem, LoginProblem, OrgProblem, Source, told};
use admit::intake::IntakeError;
use admit::journal::{Illegal, JournalError, LineFault};
use admit::model::explain::{Explain, Place};
use admit::model::id::{IdFault, JobId, OrgId, ProfileId};
use admit::model::job::{JobState, ResultKind};
use admit::model::rejection::Code;
use admit::model::settings::Welcome;
use admit::org_state::OrgStateError;
use admit::output::OutputError;
use admit::pipeline::{CorridorError, RunError};
use admit::plan::PlanError;
use admit::results::ResultsError;
use admit::salesforce::http::HttpTransport;
use admit::salesforce::login::{AuthUrl, JwtKey, LoginError};
use admit::salesforce::transport::Sent;
use admit::salesforce::{AccessToken, OrgError, Said};
use admit::sim::{FaultPlanError, Seed, SeedError, ServeError};
use admit::upload::UploadError;
use admit::validate::{GateErrors, GateFault};

/// The name of a variant, and an error of it.
type Example = (&'static str, Box<dyn Explain>);

/// Examples for every variant of an enum. The match has no `_`: a new variant does not compile
/// before it is named here and given an example.
macro_rules! examples {
    ($enum:ident { $($variant:ident: $($example:expr),+;)+ }) => {{
        fn variant(error: &$enum) -> &'static str {
            match error { $($enum::$variant { .. } => stringify!($variant),)+ }
        }
        let examples: Vec<(&'static str, $enum)> =
            vec![$($((stringify!($variant), $example)),+),+];
        let check = |(name, error): (&'static str, $enum)| -> Example {
            assert_eq!(variant(&error), name, "the example is of its variant");
            (name, Box::new(error))
        };
        examples.into_iter().map(check).collect::<Vec<Example>>()
    }};
}

#[test]
fn errors_of_the_street_door() {
    let mut examples = of_the_street_door();
    examples.extend(seeds());
    assert_told("cli", &examples);
}

#[expect(clippy::too_many_lines, reason = "a list, and one match cannot be cut")]
fn of_the_street_door() -> Vec<Example> {
    examples!(CliError {
        Org:
            OrgProblem::ExternalId { value: "Badge__c".into() }.into(),
            OrgProblem::WhichOrg { kept: vec![] }.into(),
            OrgProblem::WhichOrg {
                kept: vec!["00D5g0000000ABCEA2".into(), "00D5g0000000XYZEA2".into()],
            }
            .into(),
            OrgProblem::NothingKept { org_id: "00D5g0000000ABCEA2".into() }.into();
        Value:
            CliError::Value {
                by: flag("--lanes"),
                value: "many".into(),
                wants: "a whole number from 1 to 100".into(),
            },
            CliError::Value {
                by: Source::Variable("ADMIT_BOM".into()),
                value: "perhaps".into(),
                wants: "true or false".into(),
            },
            CliError::Value {
                by: key("lanes"),
                value: "array".into(),
                wants: "a text, a number or a truth".into(),
            };
        Twice: CliError::Twice { by: flag("--set"), field: "Department".into() };
        NotCommon: CliError::NotCommon { by: flag("--set"), field: "FederationIdentifier".into() };
        OwnSetting: CliError::OwnSetting {
            by: flag("--set"),
            field: "ProfileId".into(),
            flag: "--profile",
        };
        Contacts: CliError::Contacts {
            path: "contacts.csv".into(),
            reason: "it is not a regular file".into(),
        };
        NoConnection: CliError::NoConnection;
        RunOnSimulated: CliError::RunOnSimulated;
        NobodyToAsk: CliError::NobodyToAsk;
        NotConfirmed: CliError::NotConfirmed;
        Serve:
            CliError::Serve { error: ServeError::Port { port: 18_080, source: refused() } },
            CliError::Serve {
                error: ServeError::Tls {
                    path: "leaf.pem".into(),
                    why: "it holds no certificate".into(),
                },
            };
        Faults:
            FaultsProblem::Unreadable { path: "squally".into(), error: refused() }.into(),
            FaultsProblem::Invalid {
                path: "squalls.toml".into(),
                error: FaultPlanError {
                    line: 4,
                    message: "`nth` and `every` count from 1".into(),
                },
            }
            .into();
        Log: CliError::Log { path: "requests.log".into(), error: full() };
        Sdl: CliError::Sdl { path: "contacts.sdl".into(), error: refused() };
        ConfigUnreadable: CliError::ConfigUnreadable {
            path: "admit.toml".into(),
            error: refused(),
        };
        ConfigSyntax: CliError::ConfigSyntax {
            path: "admit.toml".into(),
            line: 3,
            message: "invalid string, expected `\"`".into(),
        };
        UnknownKey:
            CliError::UnknownKey {
                path: "admit.toml".into(),
                line: 4,
                key: "lanse".into(),
                inside: "at the top level",
                near: vec!["lanes"],
            },
            CliError::UnknownKey {
                path: "admit.toml".into(),
                line: 4,
                key: "colour".into(),
                inside: "in a program",
                near: vec![],
            };
        MisplacedKey: CliError::MisplacedKey {
            path: "admit.toml".into(),
            line: 9,
            key: "lanes".into(),
        };
        ProgramUnknown:
            CliError::ProgramUnknown {
                by: flag("--program"),
                name: "partner".into(),
                known: vec!["customers".into(), "partners".into()],
            },
            CliError::ProgramUnknown {
                by: flag("--program"),
                name: "partners".into(),
                known: vec![],
            };
        OutTaken: CliError::OutTaken { path: "out".into() };
        Folder: CliError::Folder { path: "out".into(), error: refused() };
        NoStateDir: CliError::NoStateDir;
        Login: LoginProblem::Rehearsal.into();
        OrgFolder: org_folder(SeedError::NoRunningUser);
        CacheNoOrg: CliError::CacheNoOrg {
            path: "state/00D5g0000000ABCEA2".into(),
            error: SeedError::NoRunningUser,
        };
        Runtime: CliError::Runtime { error: refused() };
        UnknownCode:
            CliError::UnknownCode {
                code: "contact-not-fuond".into(),
                near: vec!["contact-not-found"],
            },
            CliError::UnknownCode { code: "zzz".into(), near: vec![] };
    })
}

/// What the folder of a simulated org can have, as the street door tells it.
fn seeds() -> Vec<Example> {
    fn name(error: &SeedError) -> &'static str {
        match error {
            SeedError::Unreadable { .. } => "OrgFolder, a file is not readable",
            SeedError::NotToml(_) => "OrgFolder, not TOML",
            SeedError::Setting { .. } => "OrgFolder, a setting",
            SeedError::UnknownSetting { .. } => "OrgFolder, an unknown setting",
            SeedError::UnknownObject { .. } => "OrgFolder, an unknown object",
            SeedError::NotCsv { .. } => "OrgFolder, not CSV",
            SeedError::UnknownColumn { .. } => "OrgFolder, an unknown column",
            SeedError::BadRecord { .. } => "OrgFolder, a bad record",
            SeedError::NoRunningUser => "OrgFolder, no running user",
        }
    }
    let table = || "User".to_owned();
    let errors = [
        SeedError::Unreadable {
            path: "my-org/org.toml".into(),
            source: refused(),
        },
        Seed::from_texts("org_id = ", &[]).unwrap_err(),
        SeedError::Setting {
            setting: "features.customer_role_levels".into(),
            wanted: "1, 2 or 3",
        },
        SeedError::UnknownSetting {
            setting: "features.magic".into(),
        },
        SeedError::UnknownObject {
            object: "Lead".into(),
        },
        SeedError::NotCsv {
            table: table(),
            source: broken_csv(),
        },
        SeedError::UnknownColumn {
            table: table(),
            column: "Hat__c".into(),
        },
        SeedError::BadRecord {
            table: table(),
            line: 7,
            fault: "its id stands twice",
        },
        SeedError::NoRunningUser,
    ];
    errors
        .into_iter()
        .map(|error| -> Example { (name(&error), Box::new(org_folder(error))) })
        .collect()
}

#[test]
fn errors_of_intake() {
    let path = || PathBuf::from("contacts.csv");
    let sdl = || PathBuf::from("contacts.sdl");
    let examples = examples!(IntakeError {
        Unreadable: IntakeError::Unreadable { path: path(), source: refused() };
        NotAFile: IntakeError::NotAFile { path: path() };
        Changed: IntakeError::Changed { path: path() };
        Empty: IntakeError::Empty { path: path() };
        UnknownEncoding: IntakeError::UnknownEncoding { label: "klingon".into() };
        BadDelimiter:
            IntakeError::BadDelimiter { delimiter: b'a' },
            IntakeError::BadDelimiter { delimiter: b'\n' };
        Utf16WithoutBom: IntakeError::Utf16WithoutBom { path: path(), label: "utf-16le" };
        HeaderNotText: IntakeError::HeaderNotText { path: path(), line: 1, encoding: "UTF-8" };
        NoHeader: IntakeError::NoHeader { path: path(), line: 1, column: 2 };
        EmptyHeader: IntakeError::EmptyHeader { path: path(), line: 1, column: 7 };
        DuplicateHeader: IntakeError::DuplicateHeader {
            path: path(),
            line: 1,
            first: 3,
            second: 7,
            header: "Email".into(),
        };
        DuplicateMeaning: IntakeError::DuplicateMeaning {
            path: path(),
            line: 1,
            first: "Encoding".into(),
            second: "Email Encoding".into(),
            field: "EmailEncodingKey".into(),
        };
        NoPersonKey:
            IntakeError::NoPersonKey { path: path(), line: 1, candidate: None },
            IntakeError::NoPersonKey { path: path(), line: 1, candidate: Some("Id".into()) };
        MapHeaderMissing: IntakeError::MapHeaderMissing {
            path: path(),
            line: 1,
            header: "E Mail".into(),
        };
        MapTwice: IntakeError::MapTwice { header: "Mail".into() };
        MapOwnColumn: IntakeError::MapOwnColumn { header: "sf__Id".into() };
        MapFieldUnknown: IntakeError::MapFieldUnknown {
            header: "Mail".into(),
            field: "E-Mail Address".into(),
        };
        SdlUnreadable: IntakeError::SdlUnreadable { path: sdl(), source: refused() };
        SdlFieldUnknown: IntakeError::SdlFieldUnknown {
            path: sdl(),
            line: 4,
            field: "E-Mail Address".into(),
        };
        SdlConstant: IntakeError::SdlConstant {
            path: sdl(),
            line: 4,
            field: "Department".into(),
        };
        SdlSeveralFields: IntakeError::SdlSeveralFields {
            path: sdl(),
            line: 4,
            header: "MAIL".into(),
        };
        UnclosedQuote: IntakeError::UnclosedQuote { path: path(), line: 3 };
        TextAfterQuote: IntakeError::TextAfterQuote { path: path(), line: 5, opened: 3 };
        RecordTooLong: IntakeError::RecordTooLong { path: path(), line: 3 };
        TooManyRows: IntakeError::TooManyRows { path: path(), rows_max: 4_294_967_294 };
    });
    assert_told("intake", &examples);
}

#[test]
fn errors_of_org_state() {
    let path = || "state/00D5g0000000ABCEA2/cache/v00000007.index".into();
    let examples = examples!(OrgStateError {
        CacheUnwritten: OrgStateError::CacheUnwritten { source: full() };
        CacheDamaged: OrgStateError::CacheDamaged {
            path: path(),
            what: "the header fails its checksum".into(),
        };
        CacheFormat: OrgStateError::CacheFormat { path: path(), found: 2, ours: 1 };
        CacheForeign: OrgStateError::CacheForeign {
            path: path(),
            found: "00D5g0000000XYZEA2".into(),
            expected: "00D5g0000000ABCEA2".into(),
        };
        CacheUnreadable: OrgStateError::CacheUnreadable { path: path(), source: refused() };
        CacheMissing: OrgStateError::CacheMissing {
            address: "https://acme.my.salesforce.com".into(),
        };
        CacheNotThere: OrgStateError::CacheNotThere { path: "elsewhere".into() };
        CacheAmbiguous: OrgStateError::CacheAmbiguous {
            address: "https://acme.my.salesforce.com".into(),
            orgs: vec!["00D5g0000000ABCEA2".into(), "00D5g0000000XYZEA2".into()],
        };
        CacheBusy: OrgStateError::CacheBusy { path: "state/00D5g0000000ABCEA2/cache/cache.lock".into() };
        Org: OrgStateError::Org { object: "Contact", source: session_refused() };
        ExternalIdUnknown:
            OrgStateError::ExternalIdUnknown {
                object: "Contact",
                field: "Kee__c".into(),
                existing: vec!["Key__c".into(), "Old_Key__c".into()],
            },
            OrgStateError::ExternalIdUnknown {
                object: "Account",
                field: "Key__c".into(),
                existing: vec![],
            };
        FieldHidden: OrgStateError::FieldHidden { object: "User", field: "ContactId" };
        OrganizationHidden: OrgStateError::OrganizationHidden;
        LicenseHidden: OrgStateError::LicenseHidden {
            profile: ProfileId::parse("00e5g000010r87J").unwrap(),
        };
        ColumnMissing: OrgStateError::ColumnMissing {
            object: "Account",
            column: "OwnerId".into(),
        };
        RecordUnreadable: OrgStateError::RecordUnreadable {
            object: "Account",
            column: "OwnerId",
            source: IdFault::Length(3),
        };
        TooLarge: OrgStateError::TooLarge { object: "Contact" };
    });
    assert_told("org_state", &examples);
}

#[test]
fn faults_of_the_gate() {
    let sites = || vec!["Partner Central".to_owned(), "Customer Care".to_owned()];
    let missing = |wanted: Option<&str>, visible, may_be_hidden| GateFault::SiteMissing {
        wanted: wanted.map(str::to_owned),
        visible,
        may_be_hidden,
    };
    let column = |code, header: &str, why: &str| GateFault::Column {
        code,
        header: header.into(),
        why: why.into(),
    };
    let mut examples = examples!(GateFault {
        DigitalExperiencesOff: GateFault::DigitalExperiencesOff;
        SiteMissing:
            missing(None, vec![], false),
            missing(None, vec![], true),
            missing(Some("Central"), vec![], false),
            missing(Some("Central"), sites(), true);
        SiteAmbiguous: GateFault::SiteAmbiguous { visible: sites() };
        Column:
            column(Code::ColumnNotWritable, "User.Name", "User.Name is never written"),
            column(Code::FeatureLicenseColumn, "Service Cloud User", "it is for internal users");
        Set: GateFault::Set {
            code: Code::ValueInvalid,
            field: "Department".into(),
            why: "it has 90 characters, the field takes 80".into(),
        };
        Profile: GateFault::Profile {
            code: Code::ProfileNotExternal,
            profile: "Standard User".into(),
            why: "it is for internal users".into(),
        };
        UsernamePattern: GateFault::UsernamePattern {
            pattern: "{mail}".into(),
            why: "{mail} stands for nothing".into(),
        };
        PermissionMissing: GateFault::PermissionMissing { user: "the integration user".into() };
        LicenseMissing: GateFault::LicenseMissing;
        SiteNotLive: GateFault::SiteNotLive { site: "Partner Central".into() };
        MailsPredicted:
            GateFault::MailsPredicted { mails: 1_801, sites: sites(), welcome: None },
            GateFault::MailsPredicted {
                mails: 1_801,
                sites: sites(),
                welcome: Some(Welcome::Later),
            };
        AllowanceShort:
            GateFault::AllowanceShort {
                code: Code::ApiCallsShort,
                what: "API calls",
                needed: 300,
                max: 15_000,
                remaining: 1_600,
                reserve: 1_500,
            };
    });
    let several = vec![
        GateFault::DigitalExperiencesOff,
        GateFault::SiteAmbiguous { visible: sites() },
    ];
    let first = column(
        Code::ColumnNotWritable,
        "User.Name",
        "User.Name is never written",
    );
    let errors = GateErrors::of(first, several);
    examples.push(("several at once", Box::new(errors)));
    assert_told("gate", &examples);
}

#[test]
fn errors_of_the_plan() {
    let path = || PathBuf::from("out/plan/01-create-user-a.r1.csv");
    let spill = || PathBuf::from("out/plan/changes.spill");
    let examples = examples!(PlanError {
        DraftUnwritable: PlanError::DraftUnwritable { path: spill(), source: full() };
        WaveUnwritable: PlanError::WaveUnwritable { path: path(), source: full() };
        SpillUnreadable: PlanError::SpillUnreadable { path: spill(), source: refused() };
        SpillDamaged: PlanError::SpillDamaged { path: spill() };
        StoredUnreadable: PlanError::StoredUnreadable { path: path(), source: refused() };
        Changed: PlanError::Changed { path: path() };
        ChangeTooLong: PlanError::ChangeTooLong { line: 12, bytes: 70_000 };
    });
    assert_told("plan", &examples);
}

#[test]
fn errors_of_upload() {
    let examples = examples!(UploadError {
        Journal:
            UploadError::Journal { job: None, source: journal() },
            UploadError::Journal { job: Some(job()), source: journal() };
        Unwritable:
            UploadError::Unwritable { job: None, path: "out/jobs".into(), source: refused() },
            UploadError::Unwritable { job: Some(job()), path: "out/jobs".into(), source: full() };
        NotCreated:
            UploadError::NotCreated { source: session_refused() },
            UploadError::NotCreated { source: unreachable() };
        DataNotSent:
            UploadError::DataNotSent { job: job(), aborted: true, source: session_refused() },
            UploadError::DataNotSent { job: job(), aborted: false, source: unreachable() };
        NotClosed: UploadError::NotClosed {
            job: job(),
            aborted: true,
            source: session_refused(),
        };
        CloseUnknown: UploadError::CloseUnknown { job: job(), source: unreachable() };
        CloseUnsettled: UploadError::CloseUnsettled { job: job(), times: 5 };
        Unwatched:
            UploadError::Unwatched { job: job(), source: unreachable() },
            UploadError::Unwatched { job: job(), source: session_refused() };
        StillRunning: UploadError::StillRunning {
            job: job(),
            waited_s: 86_400,
            state: JobState::InProgress,
        };
        NotStopped: UploadError::NotStopped { job: job(), source: session_refused() };
        ResultsMissing: UploadError::ResultsMissing {
            job: job(),
            kind: ResultKind::Failed,
            source: unreachable(),
        };
        NotAsked: UploadError::NotAsked { job: job(), source: session_refused() };
        Nameless: UploadError::Nameless { wave: 3, first: 40 };
    });
    assert_told("upload", &examples);
}

#[test]
fn errors_of_results() {
    let path = || PathBuf::from("out/plan/faults.spill");
    let name = || "out/jobs/750A0000006Vm9rXYZ-failed.csv".to_owned();
    let examples = examples!(ResultsError {
        Unreadable: ResultsError::Unreadable { path: path(), source: refused() };
        SealedDamaged: ResultsError::SealedDamaged { path: path() };
        ResultBroken: ResultsError::ResultBroken { name: name(), source: broken_csv() };
        ColumnMissing: ResultsError::ColumnMissing { name: name(), column: "sf__Error" };
        FaultsUnwritable: ResultsError::FaultsUnwritable { path: path(), source: full() };
        Unwritable: ResultsError::Unwritable { path: path(), source: full() };
        Changed: ResultsError::Changed { path: path() };
        FaultsUnreadable: ResultsError::FaultsUnreadable { path: path(), source: refused() };
    });
    assert_told("results", &examples);
}

#[test]
fn errors_of_output() {
    let examples = examples!(OutputError {
        Folder: OutputError::Folder { path: "out".into(), source: refused() };
        Unwritable: OutputError::Unwritable { path: "out/success.csv".into(), source: full() };
    });
    assert_told("output", &examples);
}

#[test]
fn errors_of_the_journal() {
    let examples = examples!(JournalError {
        Unwritable: journal();
        Taken: JournalError::Taken {
            path: "out/run.lock".into(),
            holder: "process 4711 in out, since 2026-01-05T08:00:00.000Z".into(),
        };
        NotHeld: JournalError::NotHeld { path: "out/run.lock".into(), source: refused() };
        Unreadable: JournalError::Unreadable {
            path: "out/journal.jsonl".into(),
            source: std::io::ErrorKind::NotFound.into(),
        };
        Damaged: JournalError::Damaged {
            path: "out/journal.jsonl".into(),
            line: 7,
            fault: LineFault::Checksum,
        };
        Impossible: JournalError::Impossible {
            path: "out/journal.jsonl".into(),
            line: 7,
            illegal: Illegal::UnknownJob { job: "750A0000006Vm9r".into() },
        };
    });
    assert_told("journal", &examples);
}

#[test]
fn errors_of_a_login_that_is_not_one() {
    let place = || Place::Setting("environment variables of the login".into());
    let by = || Source::Key {
        path: "admit.toml".into(),
        line: 7,
        key: "client-secret-env".into(),
    };
    let examples = examples!(LoginProblem {
        Half:
            LoginProblem::Half {
                place: place(),
                present: vec!["SF_ACCESS_TOKEN"],
                missing: vec!["SF_INSTANCE_URL"],
            },
            LoginProblem::Half {
                place: place(),
                present: vec!["SF_CLIENT_ID", "SF_USERNAME"],
                missing: vec!["SF_JWT_KEY_FILE", "SF_LOGIN_URL"],
            };
        Several: LoginProblem::Several {
            place: place(),
            names: vec!["SF_INSTANCE_URL", "SF_ACCESS_TOKEN", "SFDX_AUTH_URL"],
        };
        Inline: LoginProblem::Inline {
            path: "admit.toml".into(),
            line: 7,
            key: "client-secret".into(),
        };
        File: LoginProblem::File { path: "admit.key".into(), error: refused() };
        Variable: LoginProblem::Variable { by: by(), name: "APP_SECRET".into() };
        FileAndVariable: LoginProblem::FileAndVariable { by: by() };
        Rehearsal: LoginProblem::Rehearsal;
    });
    assert_told("cli_login", &examples);
}

#[test]
fn a_paused_run_says_once_how_it_is_finished() {
    let uploads = [
        UploadError::Journal {
            job: Some(job()),
            source: journal(),
        },
        UploadError::Nameless { wave: 1, first: 0 },
        UploadError::NotCreated {
            source: unreachable(),
        },
        UploadError::CloseUnknown {
            job: job(),
            source: unreachable(),
        },
        UploadError::StillRunning {
            job: job(),
            waited_s: 60,
            state: JobState::InProgress,
        },
    ];
    let reasons = uploads.into_iter().map(RunError::Upload);
    for why in reasons.chain([RunError::Journal(journal())]) {
        let remedy = paused(&[], why).remedy().into_owned();
        assert_eq!(remedy.matches("`admit resume").count(), 1, "{remedy}");
    }
}

#[test]
fn errors_of_the_login() {
    let refused = |description: &str| LoginError::Refused {
        request: "POST /services/oauth2/token".into(),
        said: said(400, "invalid_grant", description),
    };
    let examples = examples!(LoginError {
        Address: LoginError::Address { why: "it is neither https nor http".into() };
        Key: JwtKey::parse(b"hunter2").unwrap_err();
        AuthUrl: AuthUrl::parse("force://id:hunter2@host").unwrap_err();
        Refused:
            refused("user hasn't approved this consumer"),
            refused("Audience validation failed"),
            refused("expired authorization code"),
            refused("expired access/refresh token"),
            refused("authentication failure");
        Unusable: LoginError::Unusable { what: "the token is empty".into() };
        Moved: LoginError::Moved;
        SfMissing: LoginError::SfMissing { alias: "prod".into(), known: vec![] };
        AliasUnknown:
            LoginError::AliasUnknown { alias: "prud".into(), known: vec![] },
            LoginError::AliasUnknown { alias: "prud".into(), known: vec!["prod".into()] },
            LoginError::AliasUnknown {
                alias: "prud".into(),
                known: vec!["prod".into(), "test".into(), "uat".into()],
            };
        Sf: LoginError::Sf {
            alias: "prod".into(),
            what: "No authorization information found for prod".into(),
        };
    });
    assert_told("login", &examples);
}

#[test]
fn errors_of_the_telephone() {
    let request = || "GET /services/data/v67.0/limits".to_owned();
    let examples = examples!(OrgError {
        Address:
            HttpTransport::new("http://org.example.com").unwrap_err(),
            HttpTransport::new("https://joe:hunter2@org.example.com").unwrap_err();
        Token:
            AccessToken::parse(" ").unwrap_err(),
            AccessToken::parse("00Dhunter2\u{e4}").unwrap_err();
        Login: LoginError::Moved.into();
        SessionRefused: session_refused();
        PermissionDenied: OrgError::PermissionDenied {
            request: request(),
            said: said(403, "API_DISABLED_FOR_ORG", "API is not enabled"),
        };
        LimitExceeded: OrgError::LimitExceeded {
            request: request(),
            said: said(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded"),
        };
        NotFound: OrgError::NotFound { request: request(), said: said(404, "NOT_FOUND", "") };
        VersionGone: OrgError::VersionGone { request: request(), said: said(410, "", "") };
        Redirected: OrgError::Redirected { request: request(), status: 302 };
        Refused: OrgError::Refused {
            request: request(),
            said: said(400, "INVALIDJOB", "Unable to find object"),
        };
        Busy: OrgError::Busy {
            request: request(),
            said: said(503, "SERVER_UNAVAILABLE", "Too busy"),
            attempts: 5,
        };
        Unreachable: unreachable();
        Distrusted: OrgError::Distrusted {
            request: request(),
            address: "https://acme.my.salesforce.com".into(),
            what: "invalid peer certificate: UnknownIssuer".into(),
        };
        Ambiguous: OrgError::Ambiguous {
            request: request(),
            what: "the connection was reset".into(),
        };
        Malformed: OrgError::Malformed {
            request: request(),
            what: "the answer is not JSON".into(),
        };
        QueryFailed: OrgError::QueryFailed {
            job: job(),
            message: "InvalidBatch".into(),
        };
        QueryUnfinished: OrgError::QueryUnfinished { job: job(), waited_s: 86_400 };
        Disk: OrgError::Disk { path: "out/jobs/x.csv".into(), source: full() };
    });
    assert_told("salesforce", &examples);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list, and one match cannot be cut")]
fn errors_of_the_corridor() {
    let run = || PathBuf::from("admit-runs/20260105-080000-partners");
    let contacts = || PathBuf::from("contacts.csv");
    let examples = examples!(RunError {
        Intake: RunError::Intake(IntakeError::UnclosedQuote { path: contacts(), line: 3 });
        OrgState: RunError::OrgState(OrgStateError::OrganizationHidden);
        Gate: RunError::Gate(GateErrors::of(GateFault::DigitalExperiencesOff, vec![]));
        Plan: RunError::Plan(PlanError::ChangeTooLong { line: 12, bytes: 70_000 });
        Upload: RunError::Upload(UploadError::CloseUnknown {
            job: job(),
            source: unreachable(),
        });
        Org: RunError::Org(session_refused());
        Results: RunError::Results(ResultsError::SealedDamaged { path: "out/plan/a.csv".into() });
        Output: RunError::Output(OutputError::Unwritable {
            path: "out/success.csv".into(),
            source: full(),
        });
        Journal: RunError::Journal(journal());
        Corridor: RunError::Corridor(CorridorError::StoppedEarly);
    });
    assert_told("pipeline", &examples);
    let lock = || PathBuf::from("state/00D5g0000000SimEAE/run.lock");
    let examples = examples!(CorridorError {
        NotCached: CorridorError::NotCached { field: "Contact.Badge__c".into() };
        Folder: CorridorError::Folder { path: "out".into(), source: refused() };
        Copy: CorridorError::Copy { path: "out/input.csv".into(), source: full() };
        InputChanged: CorridorError::InputChanged { path: contacts() };
        AnotherOrg: CorridorError::AnotherOrg {
            found: OrgId::parse("00D5g0000000SimEAE").unwrap(),
            expected: OrgId::parse("00D5g0000000Abc").unwrap(),
        };
        OrgTaken: CorridorError::OrgTaken {
            path: lock(),
            holder: "process 4711, run folder admit-runs/partners".into(),
        };
        Lock: CorridorError::Lock { path: lock(), source: refused() };
        StoppedEarly: CorridorError::StoppedEarly;
        Stopped: CorridorError::Stopped;
        WaitOver: CorridorError::WaitOver;
        ReserveReached: CorridorError::ReserveReached { used: 13_600, max: 15_000, percent: 10 };
        TooManyFailures: CorridorError::TooManyFailures {
            code: "FIELD_CUSTOM_VALIDATION_EXCEPTION".into(),
            refused: 20,
            of: 20,
        };
        OrgRefusesAll: CorridorError::OrgRefusesAll {
            code: "LICENSE_LIMIT_EXCEEDED".into(),
            reason: "license limit exceeded".into(),
            fix: "Free seats of this licence, or buy more.".into(),
        };
        PilotEnded: CorridorError::PilotEnded { failed: 2, rows: 5 };
        CannotSend: CorridorError::CannotSend { why: "the connection was reset".into() };
        WaveWithoutEnd: CorridorError::WaveWithoutEnd {
            wave: "create-user A".into(),
            rounds: 1_000,
        };
        Paused:
            paused(&[], CorridorError::Stopped.into()),
            paused(&["750A0000006Vm9r"], CorridorError::WaitOver.into()),
            paused(&["750A0000006Vm9r", "750A0000006VmAA"], RunError::Journal(journal())),
            paused(&["750A0000006Vm9r"], RunError::Upload(UploadError::Unwatched {
                job: job(),
                source: session_refused(),
            })),
            paused(&[], RunError::Upload(UploadError::NotCreated { source: unreachable() })),
            paused(&[], RunError::Intake(IntakeError::Changed { path: contacts() }));
        NotBegun: not_begun();
        Unfinished: CorridorError::Unfinished { run: run() };
        NothingToResume: CorridorError::NothingToResume { path: "admit-runs".into() };
        NotARun: CorridorError::NotARun {
            path: "out/run.json".into(),
            source: io::ErrorKind::NotFound.into(),
        };
        AlreadyEnded: CorridorError::AlreadyEnded { run: run(), exit: 3 };
        RunFileDamaged: CorridorError::RunFileDamaged { path: "out/input.csv".into() };
        RunFileUnreadable: CorridorError::RunFileUnreadable {
            path: "out/jobs/750A0000006Vm9r-*.csv".into(),
            source: io::ErrorKind::PermissionDenied.into(),
        };
        RunOfAnotherOrg: CorridorError::RunOfAnotherOrg {
            run: run(),
            found: "00D5g0000000XYZEA2".into(),
            expected: "00D5g0000000ABCEA2".into(),
        };
        RunOfAnotherUser: CorridorError::RunOfAnotherUser {
            run: run(),
            found: "0055g000010UGLyAAO".into(),
            expected: "0055g000010UGLzAAO".into(),
        };
        PlanChanged: CorridorError::PlanChanged { run: run() };
    });
    assert_told("corridor", &examples);
}

fn not_begun() -> CorridorError {
    let why = GateErrors::of(GateFault::LicenseMissing, Vec::new());
    CorridorError::NotBegun {
        folder: "admit-runs/20260105-080000-partners".into(),
        why: Box::new(why.into()),
    }
}

fn paused(running: &[&str], why: RunError) -> CorridorError {
    CorridorError::Paused {
        folder: "admit-runs/20260105-080000-partners".into(),
        running: running.iter().copied().map(str::to_owned).collect(),
        why: Box::new(why),
    }
}

/// Compares a room's errors with its snapshot, and each with what all have in common.
fn assert_told(room: &str, examples: &[Example]) {
    let mut text = String::new();
    for (name, error) in examples {
        assert_well_spoken(&format!("{room}: {name}"), error.as_ref());
        let exit = error.exit().code();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}\n{} exit: {exit}\n", told(error.as_ref()));
    }
    insta::assert_snapshot!(room, text.trim_end());
}

/// Names that keep their capital at the start of a sentence without one.
const PROPER_NAMES: [&str; 1] = ["Digital Experiences"];

fn assert_well_spoken(name: &str, error: &dyn Explain) {
    let what = error.to_string();
    let proper = PROPER_NAMES.iter().any(|proper| what.starts_with(proper));
    let capital = what.starts_with(char::is_uppercase);
    assert!(proper || !capital, "{name}: starts with a capital: {what}");
    assert!(!what.ends_with('.'), "{name}: ends in a full stop: {what}");

    let remedy = error.remedy();
    let is_sentence = remedy.ends_with('.') && !remedy.ends_with("..");
    assert!(is_sentence, "{name}: one full stop at its end: {remedy}");
    let capital = remedy.starts_with(char::is_uppercase);
    assert!(capital, "{name}: starts with a capital: {remedy}");
    assert!(
        !remedy.contains("  ") && !remedy.contains('\n'),
        "{name}: one line: {remedy}"
    );
    assert!(!error.place().to_string().is_empty(), "{name}: has a place");
    assert!(error.exit().code() > 0, "{name}: an error is no success");

    let all = told(error);
    assert!(!all.contains("hunter2"), "{name}: shows a secret: {all}");
    let is_address = |word: &str| {
        word.split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
    };
    assert!(
        !all.split_whitespace().any(is_address),
        "{name}: shows an e-mail address: {all}"
    );
}

fn flag(name: &str) -> Source {
    Source::Flag(name.into())
}

fn key(name: &str) -> Source {
    Source::Key {
        path: "admit.toml".into(),
        line: 2,
        key: name.into(),
    }
}

fn org_folder(error: SeedError) -> CliError {
    let path = "my-org".into();
    CliError::OrgFolder { path, error }
}

fn refused() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

fn broken_csv() -> csv::Error {
    let mut reader = csv::Reader::from_reader("a,b\nc\n".as_bytes());
    reader.records().next().unwrap().unwrap_err()
}

fn job() -> JobId {
    JobId::parse("750A0000006Vm9r").unwrap()
}

fn journal() -> JournalError {
    JournalError::Unwritable {
        path: "out/journal.jsonl".into(),
        source: full(),
    }
}

fn said(status: u16, code: &str, message: &str) -> Said {
    Said {
        status,
        code: code.into(),
        message: message.into(),
    }
}

fn session_refused() -> OrgError {
    OrgError::SessionRefused {
        request: "POST /services/data/v67.0/jobs/ingest".into(),
        said: said(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    }
}

fn unreachable() -> OrgError {
    OrgError::Unreachable {
        request: "PATCH /services/data/v67.0/jobs/ingest/750A0000006Vm9r".into(),
        what: "the connection was reset".into(),
        attempts: 5,
        sent: Sent::Maybe,
    }
}
