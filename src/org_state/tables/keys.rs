//! How values of external id fields are compared, and hashed so that equal ones meet.

use crate::org_state::fold::eq_folded;
use crate::org_state::records::Comparison;
use crate::org_state::sections::hash::{NO_KEY, hash_folded, hash_number, hash_text};

/// The hash of a value; an empty one has none.
pub(crate) fn external_id_hash(comparison: Comparison, value: &str) -> u32 {
    if value.is_empty() {
        return NO_KEY;
    }
    match (comparison, number(value)) {
        (Comparison::AsStored, _) => hash_text(value),
        (Comparison::Number, Some(number)) => hash_number(number),
        (Comparison::Number, None) | (Comparison::Folded, _) => hash_folded(value),
    }
}

/// Is the stored value the one that is sought? An empty one never is.
pub(crate) fn is_external_id(comparison: Comparison, stored: &str, sought: &str) -> bool {
    let equal = match comparison {
        Comparison::AsStored => stored == sought,
        Comparison::Folded => eq_folded(stored, sought),
        Comparison::Number => match (number(stored), number(sought)) {
            (Some(stored), Some(sought)) => stored.total_cmp(&sought).is_eq(),
            _ => eq_folded(stored, sought),
        },
    };
    equal && !stored.is_empty()
}

/// A number as the org writes it: `23`, `23.0`, `2.3E1`. Only zero has two signs.
fn number(value: &str) -> Option<f64> {
    value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number + 0.0)
}
