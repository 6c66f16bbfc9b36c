//! May this account have such a user (family `account`).

use super::findings::Findings;
use super::sight::Sight;
use crate::model::rejection::Code;
use crate::model::user::{AccountRoles, PortalKind};
use crate::org_state::{AccountFacts, OwnerFacts};

/// Percent of the ceiling of an owner's accounts from which rows are warned about.
const CEILING_WARN_PERCENT: u64 = 80;

/// Checks the account and its owner. Rules that hang on the kind of user are left out where the
/// profile, and so the kind, is not known.
pub(super) fn check(
    account: &AccountFacts<'_>,
    kind: Option<PortalKind>,
    sight: &Sight<'_>,
    findings: &mut Findings,
) {
    if kind == Some(PortalKind::Partner) {
        check_partner(account, findings);
    }
    // An owner the running user may not see proves nothing.
    let Some(owner) = &account.owner else { return };
    if !owner.has_role {
        owner_without_role(account, owner, findings);
    }
    if !owner.is_active {
        findings.warn(Code::AccountOwnerInactive);
    }
    if owner.is_external && kind == Some(PortalKind::Partner) {
        let reason = format!(
            "{} is owned by the external user {}",
            named(account),
            owner.name()
        );
        findings.fault(Code::AccountOwnerExternal, reason);
        findings.rests_on([account.id.record(), owner.id.record()]);
    }
    if let Some(kind) = kind.filter(|kind| kind.is_role_based()) {
        check_ceiling(account, owner, kind, sight, findings);
    }
}

fn check_partner(account: &AccountFacts<'_>, findings: &mut Findings) {
    if account.is_person_account {
        let reason = format!(
            "{} is a person account, and the profile makes partners",
            named(account)
        );
        findings.fault(Code::PersonAccountPartner, reason);
        findings.rests_on([account.id.record()]);
    } else if !account.is_partner {
        let reason = format!("{} is not enabled as partner", named(account));
        let fix = format!(
            "Enable Account {:?} as partner (Manage External Account > Enable As Partner)",
            account.name()
        );
        findings.fault_with_fix(Code::AccountNotPartner, reason, fix);
        findings.rests_on([account.id.record()]);
    }
}

fn owner_without_role(account: &AccountFacts<'_>, owner: &OwnerFacts<'_>, findings: &mut Findings) {
    // Read once: every name is read from the disk.
    let (name, id) = (owner.name(), owner.id);
    let reason = format!(
        "the owner of {}, {name} ({id}), has no role",
        named(account)
    );
    let fix = format!("Give {name} a role in Setup > Users, or give the Account another owner");
    findings.fault_with_fix(Code::AccountOwnerWithoutRole, reason, fix);
    findings.rests_on([account.id.record(), owner.id.record()]);
}

/// Only an account without roles of this kind adds to what its owner owns.
fn check_ceiling(
    account: &AccountFacts<'_>,
    owner: &OwnerFacts<'_>,
    kind: PortalKind,
    sight: &Sight<'_>,
    findings: &mut Findings,
) {
    let (count, ceiling) = (owner.role_based_accounts, sight.program.owner_accounts_max);
    if u64::from(count) * 100 < u64::from(ceiling) * CEILING_WARN_PERCENT {
        return;
    }
    let adds_one = sight.org.roles(account.slot, kind) == AccountRoles::None;
    if count >= ceiling && adds_one {
        let reason = format!(
            "{} owns {count} accounts with role-based users; the ceiling is {ceiling}",
            owner.name()
        );
        findings.fault(Code::OwnerAccountCeiling, reason);
        findings.rests_on([account.id.record(), owner.id.record()]);
    } else {
        findings.warn(Code::OwnerAccountCeiling);
    }
}

fn named(account: &AccountFacts<'_>) -> String {
    format!("Account {:?} ({})", account.name(), account.id)
}
