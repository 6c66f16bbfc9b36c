//! The rules table itself.

use crate::model::rejection::{Code, Severity};
use crate::validate::rules::{DecidedBy, Family, all, rule};

#[test]
fn every_code_has_exactly_one_rule_in_the_order_of_the_codes() {
    let codes: Vec<Code> = all().map(|rule| rule.code).collect();
    assert_eq!(codes, Code::ALL);
    for code in Code::ALL {
        assert_eq!(rule(*code).code, *code);
    }
}

#[test]
fn every_rule_explains_itself_and_says_where_it_comes_from() {
    for rule in all() {
        let code = rule.code;
        assert!(!rule.source.is_empty(), "{code} has no source");
        for (what, text) in [
            ("cause", rule.cause),
            ("proof", rule.proof),
            ("fix", rule.fix),
        ] {
            assert!(text.len() > 5, "{code} has no {what}");
            assert!(
                !text.contains("  "),
                "{code}: the {what} holds a broken line"
            );
            assert!(
                !text.ends_with('.'),
                "{code}: the {what} ends in a full stop"
            );
        }
        assert!(
            !rule.prevents.contains("  "),
            "{code}: what it prevents holds a broken line"
        );
    }
}

#[test]
fn what_the_platform_refuses_has_its_text_and_what_policy_refuses_needs_none() {
    for rule in all().filter(|rule| rule.decided_by == DecidedBy::Platform) {
        assert!(!rule.prevents.is_empty(), "{} prevents nothing", rule.code);
    }
}

#[test]
fn families_come_in_one_piece_and_warnings_are_few() {
    let families: Vec<Family> = all().map(|rule| rule.family).collect();
    assert!(families.is_sorted());
    let warns = all()
        .filter(|rule| rule.severity == Severity::Warn)
        .map(|rule| rule.code.as_str());
    let expected = [
        "account-owner-inactive",
        "owner-account-ceiling",
        "profile-standard",
        "visibility-partial",
        "site-not-live",
    ];
    assert_eq!(warns.collect::<Vec<_>>(), expected);
}
