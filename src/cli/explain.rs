//! `admit explain`: the rules table as text. Pure.

use crate::model::rejection::{Retry, Severity};
use crate::pipeline::rules::{self, Family, Rule};

use super::error::CliError;
use super::near::nearest;
use super::page::Page;

/// One code: cause, proof, fix, source.
pub(crate) fn code(typed: &str) -> Result<String, CliError> {
    let wanted = typed.trim().to_lowercase().replace('_', "-");
    match rules::all().find(|rule| rule.code.as_str() == wanted) {
        Some(rule) => Ok(render(rule)),
        None => Err(CliError::UnknownCode {
            code: typed.to_owned(),
            near: nearest(&wanted, rules::all().map(|rule| rule.code.as_str())),
        }),
    }
}

/// All codes, family by family.
pub(crate) fn list() -> String {
    let mut page = Page::default();
    let mut family = None;
    let width = rules::all()
        .map(|rule| rule.code.as_str().len())
        .max()
        .unwrap_or_default();
    for rule in rules::all() {
        if family != Some(rule.family) {
            if family.is_some() {
                page.gap();
            }
            family = Some(rule.family);
            page.line(rule.family.as_str());
        }
        page.cut(&format!("  {:width$}  {}", rule.code.as_str(), rule.cause));
    }
    page.gap();
    page.line("More on one of them: admit explain CODE");
    page.into_text()
}

fn render(rule: &Rule) -> String {
    let mut page = Page::default();
    page.line(rule.code.as_str());
    page.gap();
    let effect = match (rule.severity, rule.family == Family::Gate) {
        (Severity::Block, true) => "stops the run: nothing is sent",
        (Severity::Block, false) => "stops the row: it is not sent",
        (Severity::Warn, true) => "a warning: the run goes on",
        (Severity::Warn, false) => "a warning: sent all the same",
    };
    page.fact("Effect", effect);
    page.fact("", rule.severity_note);
    page.fact("Decided by", rule.decided_by.as_str());
    page.fact("Cause", rule.cause);
    page.fact("Known from", rule.proof);
    page.fact("Fix", rule.fix);
    page.fact("Send again", retry(rule.retry));
    page.fact("The org says", rule.prevents);
    page.fact("Source", &rule.source.join(", "));
    page.into_text()
}

fn retry(retry: Retry) -> &'static str {
    match retry {
        Retry::Now => "as it is, any time",
        Retry::AfterFix => "after the fix",
        Retry::Never => "never: the row cannot succeed",
    }
}
