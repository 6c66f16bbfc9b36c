//! Rows in the order of their ids, each id once; the columns of a table follow.

/// The rows in ascending order of id, of equal ids only the last that came.
///
/// None where they already are: the org mostly answers in the order of ids.
pub(crate) fn order_by_id<Id: Ord>(ids: &[Id]) -> Option<Vec<u32>> {
    if ids.is_sorted_by(|left, right| left < right) {
        return None;
    }
    let mut order: Vec<u32> = (0..).take(ids.len()).collect();
    let id = |row: u32| &ids[row as usize];
    order.sort_by(|left, right| id(*left).cmp(id(*right)));
    // The sort is stable, so the last of equal ids is the one that came last.
    let last: Vec<u32> = order
        .chunk_by(|left, right| id(*left) == id(*right))
        .filter_map(|equal| equal.last().copied())
        .collect();
    Some(last)
}

/// Puts a column in this order; rows the order leaves out are gone.
pub(crate) fn reorder<T: Copy>(column: &mut Vec<T>, order: &[u32]) {
    *column = order.iter().map(|row| column[*row as usize]).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_ids_and_the_last_of_equals_stays() {
        let cases: [(&[u8], Option<&[u32]>); 5] = [
            (&[], None),
            (&[1, 2, 3], None),
            (&[3, 1, 2], Some(&[1, 2, 0])),
            (&[1, 2, 1], Some(&[2, 1])),
            (&[5, 5], Some(&[1])),
        ];
        for (ids, order) in cases {
            assert_eq!(order_by_id(ids).as_deref(), order, "{ids:?}");
        }
    }
}
