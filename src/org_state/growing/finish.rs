//! The end of growing: sort, join, write.

use std::io;

use super::Growing;
use super::join::{Members, Slots, count_by_owner, count_by_profile, count_roles_and_users};
use crate::org_state::joined::{RoleTotals, role_totals};
use crate::org_state::sections::{Kind, Target};
use crate::org_state::tables::Row;

/// Bytes of rows that are encoded at a time.
const ROWS_AT_ONCE_BYTES: usize = 1 << 16;

/// Writes the sections of all tables; says what the generated roles add up to.
pub(in crate::org_state) fn finish(
    growing: Growing,
    target: &mut Target,
) -> io::Result<RoleTotals> {
    let Growing {
        contacts,
        accounts,
        mut users,
        roles,
    } = growing;
    let account_slots = Slots::of(
        accounts.order(),
        &[
            contacts.accounts.ids(),
            users.accounts.ids(),
            roles.accounts.ids(),
        ],
        |id, order| accounts.find(id, order),
    );
    let slots = |ids| account_slots.slots(ids, |id, order| accounts.find(id, order));
    let of_contacts = slots(contacts.accounts.ids());
    let of_users = slots(users.accounts.ids());
    let of_roles = slots(roles.accounts.ids());
    let roles = roles.settle(&of_roles);
    users.join_roles(|role| roles.shared(role));
    let user_slots = Slots::of(users.order(), &[accounts.owners.ids()], |id, order| {
        users.find(id, order)
    });
    let owners = user_slots.slots(accounts.owners.ids(), |id, order| users.find(id, order));
    let contact_order = contacts.order();

    let members = Members {
        table: &users,
        order: &user_slots.order,
        accounts: &of_users,
        contacts: (&contacts, &contact_order),
        contact_accounts: &of_contacts,
    };
    let counts = count_roles_and_users(account_slots.count(), &roles, &members);
    let owned = count_by_owner((&accounts, &account_slots), &counts, (&owners, &user_slots));
    let active = count_by_profile(&users, &user_slots.order);

    contacts.write(&contact_order, &of_contacts, target)?;
    let Slots { order, unknown } = &account_slots;
    accounts.write((order, unknown), &owners, &counts, target)?;
    let Slots { order, unknown } = &user_slots;
    users.write((order, unknown), &of_users, (&owned, &active), target)?;
    roles.write(target)?;
    Ok(role_totals(|| roles.0.iter().copied()))
}

/// The slot of a number; none for none.
pub(super) fn slot_of(number: u32, slots: &[u32]) -> u32 {
    slots.get(number as usize).copied().unwrap_or(u32::MAX)
}

/// Writes rows of fixed size.
pub(super) fn write_rows<R: Row>(
    kind: Kind,
    rows: impl Iterator<Item = R>,
    target: &mut Target,
) -> io::Result<()> {
    target.section(kind, |out| {
        let mut bytes = Vec::with_capacity(ROWS_AT_ONCE_BYTES + R::BYTES);
        for row in rows {
            row.write(&mut bytes);
            if bytes.len() >= ROWS_AT_ONCE_BYTES {
                out.write_all(&bytes)?;
                bytes.clear();
            }
        }
        out.write_all(&bytes)
    })
}
