//! Every way to log in, in the binary, against `admit sim`: a run whose tokens die under way ends
//! like an undisturbed one, a refused login ends it, and nothing shows a secret.

use std::path::PathBuf;

use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;

use crate::org_like::edited_org;
use crate::run_over_http::essence;
use crate::served::{Served, first_rows};
use crate::world::{Done, World};

const SECRET: &str = "s3cretThatMustNotShow";
const SEND: [&str; 3] = ["--yes", "--welcome", "now"];
const FEATURES: &str = "[features]";

/// An org whose app has this secret, this refresh token and this public key.
fn org_with_an_app(world: &World, public_key: &str) -> PathBuf {
    let facts = format!(
        "client_id = \"3MVG9.app\"\nclient_secret = \"{SECRET}\"\nrefresh_token = \
         \"{SECRET}\"\njwt_public_key = '''\n{public_key}'''\n\n{FEATURES}"
    );
    edited_org(world, &[("org.toml", FEATURES, &facts)])
}

/// A run of the first rows, quickly, with these variables and flags.
pub(crate) fn run(world: &World, out: &str, env: &[(&str, &str)], flags: &[&str]) -> Done {
    let contacts = first_rows(world, "some.csv", 60);
    let words = ["run", contacts.to_str().unwrap(), "--out", out];
    let pace = ["--state-dir", "state", "--poll-ms", "10"];
    let pace = [&pace[..], &["--requests-per-second", "400"]].concat();
    world.admit_with(&[&words[..], &pace, &SEND, flags].concat(), env)
}

/// What a run of the same rows makes that nothing disturbs.
fn undisturbed() -> [Vec<Vec<String>>; 2] {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let done = run(&world, "out", &served.variables(), &[]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    files(&world)
}

fn files(world: &World) -> [Vec<Vec<String>>; 2] {
    ["success.csv", "failure.csv"].map(|name| essence(&world.table("out", name)))
}

fn assert_secret_nowhere(world: &World, done: &Done, except: &[&str]) {
    assert!(!done.stdout.contains(SECRET) && !done.stderr.contains(SECRET));
    for (name, bytes) in world.files("") {
        let holds = bytes
            .windows(SECRET.len())
            .any(|at| at == SECRET.as_bytes());
        let known = name.starts_with("org/") || except.contains(&name.as_str());
        assert!(!holds || known, "{name} holds the secret");
    }
}

/// How often the token endpoint was asked.
fn logins(served: &Served) -> usize {
    let seen = served.seen();
    seen.iter()
        .filter(|one| one.path.ends_with("/oauth2/token"))
        .count()
}

#[test]
fn a_run_whose_tokens_die_under_way_ends_like_an_undisturbed_one() {
    let key = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
    let public = key
        .to_public_key()
        .to_public_key_pem(LineEnding::LF)
        .unwrap();
    let expected = undisturbed();
    for kind in ["jwt", "client credentials"] {
        let world = World::new();
        let org = org_with_an_app(&world, &public);
        let flags = ["--org", org.to_str().unwrap(), "--token-requests", "13"];
        let served = Served::start(&world, &flags);
        let url = served.variables()[0].1;
        let private = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        world.file("admit.key", private.as_bytes());
        let env: &[(&str, &str)] = match kind {
            "jwt" => &[
                ("SF_CLIENT_ID", "3MVG9.app"),
                ("SF_USERNAME", "ada.admin@acme.example.com"),
                ("SF_JWT_KEY_FILE", "admit.key"),
                ("SF_LOGIN_URL", url),
                ("SF_AUDIENCE_URL", "https://login.salesforce.com"),
            ],
            _ => &[
                ("SF_CLIENT_ID", "3MVG9.app"),
                ("SF_CLIENT_SECRET", SECRET),
                ("SF_INSTANCE_URL", url),
            ],
        };
        let done = run(&world, "out", env, &[]);
        assert_eq!(done.code, 3, "{kind}: {}", done.stderr);
        assert!(logins(&served) > 3, "{kind}: {} logins", logins(&served));
        assert!(files(&world) == expected, "{kind}");
        assert_secret_nowhere(&world, &done, &[]);
    }
}

#[test]
fn a_section_of_the_settings_file_is_an_org_with_secrets_elsewhere() {
    let world = World::new();
    let org = org_with_an_app(&world, "");
    let served = Served::start(&world, &["--org", org.to_str().unwrap()]);
    let [(_, url), (_, token)] = served.variables();
    world.file("app.secret", format!("{SECRET}\n"));
    let section = format!("client-id = \"3MVG9.app\"\ninstance-url = \"{url}\"");
    world.file(
        "admit.toml",
        format!(
            "[org.app]\n{section}\nclient-secret-file = \"app.secret\"\n[org.token]\n\
             instance-url = \"{url}\"\naccess-token-env = \"MY_TOKEN\"\n[org.wrong]\n{section}\n\
             client-secret-env = \"WRONG\"\n"
        ),
    );
    // The environment's own login is whole, and wrong: the flag decides alone.
    let env = [
        ("SF_INSTANCE_URL", "http://127.0.0.1:9"),
        ("SF_ACCESS_TOKEN", "00D!wrong"),
        ("MY_TOKEN", token),
        ("WRONG", "wrong"),
    ];
    let contacts = first_rows(&world, "some.csv", 20);
    let contacts = contacts.to_str().unwrap();
    let check = |alias: &str, out: &str| {
        let words = [
            "check",
            contacts,
            "--out",
            out,
            "--state-dir",
            out,
            "-o",
            alias,
        ];
        world.admit_with(&words, &env)
    };
    for alias in ["app", "token"] {
        let done = check(alias, alias);
        assert_eq!(done.code, 0, "{alias}: {}", done.stderr);
        assert_secret_nowhere(&world, &done, &["app.secret"]);
    }
    let done = check("wrong", "wrong");
    assert_eq!(done.code, 6, "{}", done.stderr);
    assert!(
        done.stderr
            .contains("the login was refused: status 400 invalid_client")
    );
}

#[test]
fn a_login_that_is_refused_under_way_stops_the_run() {
    let world = World::new();
    let served = Served::start(&world, &["--token-requests", "35", "--logins", "1"]);
    let env = [
        ("SF_CLIENT_ID", "3MVG9.app"),
        ("SF_CLIENT_SECRET", SECRET),
        ("SF_INSTANCE_URL", served.variables()[0].1),
    ];
    let done = run(&world, "out", &env, &[]);
    assert_eq!(done.code, 6, "{}", done.stderr);
    assert!(
        done.stderr.contains("the login was refused"),
        "{}",
        done.stderr
    );
    assert_secret_nowhere(&world, &done, &[]);

    let done = run(&world, "again", &env, &[]);
    assert_eq!(done.code, 6, "at once: {}", done.stderr);
    let wrong = [("SFDX_AUTH_URL", "https://s3cretThatMustNotShow")];
    let done = run(&world, "wrong", &wrong, &[]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert_secret_nowhere(&world, &done, &[]);
}

#[test]
fn a_login_that_is_not_exactly_one_is_a_question_for_the_operator() {
    let world = World::new();
    let url = ("SF_INSTANCE_URL", "https://x.my.salesforce.com");
    let token = ("SF_ACCESS_TOKEN", SECRET);
    let id = ("SF_CLIENT_ID", "id");
    let secret = ("SF_CLIENT_SECRET", SECRET);
    let auth = ("SFDX_AUTH_URL", SECRET);
    let key = ("SF_JWT_KEY_FILE", "missing.key");
    let user = ("SF_USERNAME", "ada@acme.example");
    let login = ("SF_LOGIN_URL", "https://login.salesforce.com");
    let cases: [(&[(&str, &str)], &str); 8] = [
        (
            &[token],
            "`SF_ACCESS_TOKEN` is set and `SF_INSTANCE_URL` is not",
        ),
        (
            &[url],
            "`SF_INSTANCE_URL` is set and `SF_ACCESS_TOKEN` is not",
        ),
        (
            &[id, user],
            "`SF_CLIENT_ID` and `SF_USERNAME` are set and `SF_JWT_KEY_FILE` and `SF_LOGIN_URL` are \
             not",
        ),
        (
            &[id, url],
            "`SF_CLIENT_ID` and `SF_INSTANCE_URL` are set and `SF_CLIENT_SECRET` is not",
        ),
        (&[url, token, id], "are set, which is more than one login"),
        (
            &[url, token, id, secret],
            "are set, which is more than one login",
        ),
        (
            &[url, token, auth],
            "`SF_INSTANCE_URL`, `SF_ACCESS_TOKEN` and `SFDX_AUTH_URL` are set, which is more than \
             one login",
        ),
        (&[id, user, key, login], "the login's file cannot be read"),
    ];
    for (env, told) in cases {
        let done = run(&world, "out", env, &[]);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(done.stderr.contains(told), "{}", done.stderr);
        assert_secret_nowhere(&world, &done, &[]);
    }
    let inline = format!("[org.x]\nclient-id = \"id\"\nclient-secret = \"{SECRET}\"\n");
    world.file("admit.toml", inline);
    let done = run(&world, "out", &[], &["-o", "x"]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr
            .contains("the settings file holds a secret: `client-secret`")
    );
    assert_secret_nowhere(&world, &done, &["admit.toml"]);
    let contacts = first_rows(&world, "some.csv", 5);
    let done = world.rehearse(&contacts, "out", &["-o", "x"]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr
            .contains("a rehearsal never talks to a real org")
    );
}

#[cfg(unix)]
#[test]
fn the_sf_commands_own_store_is_asked_for_the_address_once_and_for_tokens() {
    let world = World::new();
    let served = Served::start(&world, &["--token-requests", "13"]);
    let url = served.variables()[0].1;
    // Stands for `sf`, which is another's program: it tells what 2.150 tells, and a new token of
    // the org each time.
    let tokens: Vec<String> = (0..40).map(|_| fresh_token(url)).collect();
    world.file("tokens", tokens.join("\n") + "\n");
    let script = format!(
        r#"#!/bin/sh
echo "$@" >> "$HOME/sf.log"
case "$1 $2 $3" in
"org display "*) echo '{{"status":0,"result":{{"instanceUrl":"{url}","accessToken":"[REDACTED] Use x"}}}}' ;;
"org auth show-access-token") token=$(sed -n "$(grep -c show "$HOME/sf.log")p" "$HOME/tokens")
  echo "{{\"status\":0,\"result\":{{\"accessToken\":\"$token\"}},\"warnings\":[\"x\"]}}" ;;
esac
"#
    );
    let sf = world.file("sf", script);
    make_executable(&sf);
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", world.path("").display());
    let done = run(&world, "out", &[("PATH", &path)], &["-o", "prod"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(files(&world) == undisturbed());
    let asked = std::fs::read_to_string(world.path("sf.log")).unwrap();
    let displays = asked
        .lines()
        .filter(|line| *line == "org display --target-org=prod --json");
    assert_eq!(displays.count(), 1, "{asked}");
    let tokens = "org auth show-access-token --target-org=prod --json";
    assert!(
        asked.lines().filter(|line| *line == tokens).count() > 3,
        "{asked}"
    );

    let nothing = world.path("nothing").display().to_string();
    let done = run(&world, "none", &[("PATH", &nothing)], &["-o", "prod"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(
        done.stderr.contains("there is no `sf` command to ask"),
        "{}",
        done.stderr
    );
    let failing = world.file("sf", "#!/bin/sh\necho '{\"status\":1,\"message\":\"No authorization information found for prod.\"}'\nexit 1\n");
    make_executable(&failing);
    let done = run(&world, "failing", &[("PATH", &path)], &["-o", "prod"]);
    assert_eq!(done.code, 6, "{}", done.stderr);
    assert!(
        done.stderr.contains("No authorization information found"),
        "{}",
        done.stderr
    );
}

#[cfg(unix)]
#[test]
fn an_alias_nobody_knows_is_a_question_of_usage_and_those_of_the_settings_file_are_named() {
    let world = World::new();
    let section = "instance-url = \"https://x.my.salesforce.com\"";
    world.file(
        "admit.toml",
        format!("[org.prod]\n{section}\n[org.test]\n{section}\n"),
    );
    let answer = r#"{"name":"NamedOrgNotFoundError","status":1,"message":"No authorization information found for prud."}"#;
    let sf = world.file("sf", format!("#!/bin/sh\necho '{answer}'\nexit 1\n"));
    make_executable(&sf);
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", world.path("").display());
    let nothing = world.path("nothing").display().to_string();
    for path in [path, nothing] {
        let done = run(&world, "out", &[("PATH", &path)], &["-o", "prud"]);
        assert_eq!(done.code, 2, "{}", done.stderr);
        for words in ["the org `prud`", "Name `prod` or `test`"] {
            assert!(done.stderr.contains(words), "{}", done.stderr);
        }
    }
}

/// A token of the org, asked for as any client would.
#[cfg(unix)]
fn fresh_token(url: &str) -> String {
    use std::io::{Read, Write};
    let host = url.strip_prefix("http://").unwrap();
    let form = "grant_type=client_credentials&client_id=a&client_secret=b";
    let mut line = std::net::TcpStream::connect(host).unwrap();
    let head = "POST /services/oauth2/token HTTP/1.1\r\nConnection: close\r\n";
    let length = form.len();
    write!(
        line,
        "{head}Host: {host}\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    let token = answer.split_once(r#""access_token":""#).unwrap().1;
    token.split('"').next().unwrap().to_owned()
}

#[cfg(unix)]
fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
