//! The small tables that are searched by name: profiles, permission sets, the fields of User.

use std::collections::HashMap;

use super::error::OrgStateError;
use super::facts::{FieldFacts, LicenseFacts, Matches, ProfileFacts};
use super::fold::eq_folded;
use super::records::{PermissionSetRecord, ProfileRecord};
use super::sections::hash::{HashTable, hash_folded};
use crate::model::id::{LicenseId, LicenseIndex, PermissionSetId, ProfileId};
use crate::model::user::PortalKind;

/// Standard external profiles by name, as far as their names are known (external-users §4.1;
/// those of External Apps are inferred from their licences). No flag tells them in SOQL.
const STANDARD_PROFILES: &[&str] = &[
    "Authenticated Website User",
    "Bronze Partner User",
    "Customer Community Login User",
    "Customer Community Plus Login User",
    "Customer Community Plus User",
    "Customer Community User",
    "Customer Portal Manager",
    "Customer Portal Manager Custom",
    "Customer Portal Manager Standard",
    "Customer Portal User",
    "External Apps Login User",
    "External Apps Plus Login User",
    "External Apps Plus User",
    "External Apps User",
    "External Identity User",
    "Gold Partner User",
    "High Volume Customer Portal User",
    "High Volume Portal User",
    "Limited Customer Portal Manager Custom",
    "Limited Customer Portal Manager Standard",
    "Overage Authenticated Website User",
    "Overage Customer Portal Manager Custom",
    "Overage Customer Portal Manager Standard",
    "Overage High Volume Customer Portal User",
    "Partner Community Login User",
    "Partner Community User",
    "Partner User",
    "Silver Partner User",
];

/// The kind of external user a `UserType` stands for; its case varies between API versions.
pub(super) fn portal_kind(user_type: &str) -> Option<PortalKind> {
    let is = |name: &str| user_type.eq_ignore_ascii_case(name);
    if is("CspLitePortal") {
        Some(PortalKind::HighVolume)
    } else if is("PowerCustomerSuccess") || is("CustomerSuccess") {
        Some(PortalKind::Customer)
    } else if is("PowerPartner") {
        Some(PortalKind::Partner)
    } else {
        None
    }
}

/// Profiles, in the order of their ids.
#[derive(Debug)]
pub(super) struct Profiles {
    list: Vec<ProfileFacts>,
    by_name: HashTable,
}

impl Profiles {
    /// Joins each profile to its licence; `licenses` are in the order of their ids. An internal
    /// profile whose licence is not among them is passed over, an external one is an error.
    pub(super) fn join(
        records: Vec<ProfileRecord>,
        licenses: &[LicenseFacts],
    ) -> Result<Self, OrgStateError> {
        let mut list = Vec::with_capacity(records.len());
        for record in records {
            let kind = portal_kind(&record.user_type);
            let license = match (index_of(licenses, record.license), kind) {
                (Some(license), _) => license,
                (None, None) => continue,
                (None, Some(_)) => {
                    return Err(OrgStateError::LicenseHidden { profile: record.id });
                }
            };
            list.push(ProfileFacts {
                is_standard: kind.is_some() && has_standard_name(&record.name),
                id: record.id,
                name: record.name,
                kind,
                user_type: record.user_type,
                license,
                active_users: 0,
            });
        }
        list.sort_by_key(|profile| profile.id);
        list.dedup_by_key(|profile| profile.id);
        let by_name = index_texts(list.iter().map(|profile| profile.name.as_str()));
        Ok(Self { list, by_name })
    }

    pub(super) fn by_id(&self, id: ProfileId) -> Option<&ProfileFacts> {
        let at = self
            .list
            .binary_search_by_key(&id, |profile| profile.id)
            .ok()?;
        self.list.get(at)
    }

    /// Every profile, by id.
    pub(super) fn all(&self) -> &[ProfileFacts] {
        &self.list
    }

    pub(super) fn by_name(&self, name: &str) -> Matches<&ProfileFacts> {
        let candidates = self.by_name.candidates(hash_folded(name));
        let profiles = candidates.map(|at| &self.list[at as usize]);
        Matches::of(profiles.filter(|profile| eq_folded(&profile.name, name)))
    }

    /// Sets how many active users each profile has; those that are not named have none.
    pub(super) fn count_active_users(&mut self, counts: impl Iterator<Item = (ProfileId, u64)>) {
        let counts: HashMap<ProfileId, u64> = counts.collect();
        for profile in &mut self.list {
            profile.active_users = counts.get(&profile.id).copied().unwrap_or(0);
        }
    }
}

fn index_of(licenses: &[LicenseFacts], id: LicenseId) -> Option<LicenseIndex> {
    let at = licenses
        .binary_search_by_key(&id, |license| license.id)
        .ok()?;
    u16::try_from(at).ok().map(LicenseIndex)
}

fn has_standard_name(name: &str) -> bool {
    STANDARD_PROFILES
        .iter()
        .any(|standard| standard.eq_ignore_ascii_case(name))
}

/// Permission sets.
#[derive(Debug)]
pub(super) struct PermissionSets {
    list: Vec<PermissionSetRecord>,
    by_name: HashTable,
    by_label: HashTable,
}

impl PermissionSets {
    pub(super) fn of(list: Vec<PermissionSetRecord>) -> Self {
        let by_name = index_texts(list.iter().map(|set| set.name.as_str()));
        let by_label = index_texts(list.iter().map(|set| set.label.as_str()));
        Self {
            list,
            by_name,
            by_label,
        }
    }

    /// The one of that name, else the one of that label. Neither where several share it: whom to
    /// give which permissions is never guessed.
    pub(super) fn by_name_or_label(&self, text: &str) -> Option<PermissionSetId> {
        match self.named(text) {
            Matches::One(id) => Some(id),
            Matches::Many(_) => None,
            Matches::None => match self.labelled(text) {
                Matches::One(id) => Some(id),
                Matches::None | Matches::Many(_) => None,
            },
        }
    }

    fn named(&self, name: &str) -> Matches<PermissionSetId> {
        let sets = self
            .by_name
            .candidates(hash_folded(name))
            .map(|at| &self.list[at as usize]);
        Matches::of(
            sets.filter(|set| eq_folded(&set.name, name))
                .map(|set| set.id),
        )
    }

    fn labelled(&self, label: &str) -> Matches<PermissionSetId> {
        let sets = self
            .by_label
            .candidates(hash_folded(label))
            .map(|at| &self.list[at as usize]);
        Matches::of(
            sets.filter(|set| eq_folded(&set.label, label))
                .map(|set| set.id),
        )
    }
}

/// The fields of User, in describe order.
#[derive(Debug)]
pub(super) struct Fields {
    list: Vec<FieldFacts>,
    by_name: HashTable,
}

impl Fields {
    /// Sorts the values of picklists, so that [`PicklistFacts::has`] may search them.
    ///
    /// [`PicklistFacts::has`]: super::facts::PicklistFacts::has
    pub(super) fn of(mut list: Vec<FieldFacts>) -> Self {
        for picklist in list.iter_mut().filter_map(|field| field.picklist.as_mut()) {
            picklist.values.sort();
        }
        let by_name = index_texts(list.iter().map(|field| field.api_name.as_str()));
        Self { list, by_name }
    }

    pub(super) fn by_name(&self, api_name: &str) -> Option<&FieldFacts> {
        let candidates = self.by_name.candidates(hash_folded(api_name));
        let mut fields = candidates.map(|at| &self.list[at as usize]);
        fields.find(|field| eq_folded(&field.api_name, api_name))
    }

    pub(super) fn all(&self) -> &[FieldFacts] {
        &self.list
    }
}

fn index_texts<'a>(texts: impl ExactSizeIterator<Item = &'a str>) -> HashTable {
    let mut index = HashTable::with_room_for(texts.len());
    for (at, text) in (0..).zip(texts) {
        index.insert(hash_folded(text), at);
    }
    index
}
