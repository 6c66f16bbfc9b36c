//! Single values against single kinds of fields.

use crate::org_state::{FieldFacts, PicklistFacts};
use crate::validate::address::{UsernameForm, is_email, username_form};
use crate::validate::tests::records::field;
use crate::validate::value::Check;

#[test]
fn a_value_is_read_by_the_kind_of_its_field() {
    let keys = PicklistFacts {
        restricted: true,
        values: vec![
            ("Blue".into(), true),
            ("Old".into(), false),
            ("Red".into(), true),
        ],
    };
    let decimal = FieldFacts {
        precision: 6,
        scale: 2,
        ..field("F", "currency", 0)
    };
    let several = FieldFacts {
        picklist: Some(keys.clone()),
        ..field("F", "multipicklist", 4099)
    };
    let open = FieldFacts {
        picklist: Some(PicklistFacts {
            restricted: false,
            ..keys
        }),
        ..field("F", "picklist", 5)
    };
    let kind = |kind: &str| field("F", kind, 5);
    for (facts, value, expected) in [
        (&kind("string"), "ünfäü", Some("ünfäü")),
        (&kind("string"), "sechs!", None),
        (&kind("phone"), "+4989", Some("+4989")),
        (&kind("somethingnew"), "text", Some("text")),
        (&kind("boolean"), "YES", Some("true")),
        (&kind("boolean"), "ja", None),
        (&kind("int"), "-12", Some("-12")),
        (&kind("int"), "1.5", None),
        (&kind("int"), "3000000000", None),
        (&decimal, "-1234.567", Some("-1234.567")),
        (&decimal, "12345", None),
        (&decimal, "1,5", None),
        (&decimal, "1e3", Some("1e3")),
        (&decimal, "inf", None),
        (
            &kind("reference"),
            "005000000000001",
            Some("005000000000001"),
        ),
        (&kind("reference"), "x", None),
        (&several, "red; blue;", Some("Red;Blue")),
        (&several, "Red;Old", None),
        (&open, "Any", Some("Any")),
        (&open, "TooLong", None),
    ] {
        let fitted = Check::of(facts).fit(value.into()).ok();
        assert_eq!(fitted.as_deref(), expected, "{} {value}", facts.kind);
    }
}

#[test]
fn addresses_are_refused_only_when_no_mail_system_would_take_them() {
    for good in [
        "a@b.de",
        "o'neil+tag@sub.example.com",
        "jörg@bücher.example",
        "a..b@c.d.e",
    ] {
        assert!(is_email(good), "{good}");
    }
    for bad in [
        "",
        "a",
        "a@b",
        "@b.de",
        "a@.de",
        "a@b..de",
        "a@b.de.",
        "a b@c.de",
        "a@b@c.de",
        "a@b.de;c@d.de",
        "a.b@c",
        "a@",
        "<a@b.de>",
    ] {
        assert!(!is_email(bad), "{bad}");
    }
}

#[test]
fn usernames_have_the_loose_form_the_org_asks_for() {
    for good in ["a@b.c", "a@b@c.averyveryverylongtop", "jörg@acme.com"] {
        assert_ne!(username_form(good), UsernameForm::Malformed, "{good}");
    }
    for bad in [
        "",
        "a",
        "a@b",
        "@b.c",
        "a@.c",
        "a@b.",
        "a b@c.d",
        "a\u{7}@b.c",
        "a.b@c",
    ] {
        assert_eq!(username_form(bad), UsernameForm::Malformed, "{bad}");
    }
}
