//! Rows in the order of their ids, each id once.

/// Sorts rows by id; of equal ids the row that came last stays. The org mostly answers in the
/// order of ids, and then nothing moves.
pub(crate) fn sort_by_id<Row: Copy, Id: Ord>(rows: &mut Vec<Row>, id: impl Fn(&Row) -> Id) {
    if !rows.is_sorted_by(|left, right| id(left) < id(right)) {
        // The sort is stable, so the last of equal ids is the one that came last.
        rows.sort_by_key(&id);
        rows.dedup_by(|later, kept| {
            let is_same = id(later) == id(kept);
            if is_same {
                *kept = *later;
            }
            is_same
        });
    }
    rows.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_ids_and_the_last_of_equals_stays() {
        type Rows = &'static [(u8, char)];
        let cases: [(Rows, Rows); 4] = [
            (&[], &[]),
            (
                &[(1, 'a'), (2, 'b'), (3, 'c')],
                &[(1, 'a'), (2, 'b'), (3, 'c')],
            ),
            (
                &[(3, 'a'), (1, 'b'), (2, 'c')],
                &[(1, 'b'), (2, 'c'), (3, 'a')],
            ),
            (
                &[(1, 'a'), (2, 'b'), (1, 'c'), (1, 'd')],
                &[(1, 'd'), (2, 'b')],
            ),
        ];
        for (came, expected) in cases {
            let mut rows = came.to_vec();
            sort_by_id(&mut rows, |row| row.0);
            assert_eq!(rows, expected, "{came:?}");
        }
    }
}
