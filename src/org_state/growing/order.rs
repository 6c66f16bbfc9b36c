//! Rows in the order of their ids, each id once.

/// Which rows stay, and in which order.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::org_state) enum Order {
    /// All of them as they came: the org mostly answers in the order of ids.
    AsTheyCame(u32),
    /// These, by their place of arrival.
    Sorted(Vec<u32>),
}

impl Order {
    /// Orders rows by id; of equal ids the row that came last stays.
    pub(in crate::org_state) fn of<Id: Ord>(count: usize, id: impl Fn(u32) -> Id) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if (1..count).all(|place| id(place - 1) < id(place)) {
            return Self::AsTheyCame(count);
        }
        let mut places: Vec<u32> = (0..count).collect();
        places.sort_unstable_by(|left, right| (id(*left), left).cmp(&(id(*right), right)));
        places.dedup_by(|later, kept| {
            let is_same = id(*later) == id(*kept);
            if is_same {
                *kept = *later;
            }
            is_same
        });
        Self::Sorted(places)
    }

    /// How many rows stay.
    pub(in crate::org_state) fn len(&self) -> u32 {
        match self {
            Self::AsTheyCame(count) => *count,
            Self::Sorted(places) => u32::try_from(places.len()).unwrap_or(u32::MAX),
        }
    }

    /// Where the row of a slot came.
    pub(in crate::org_state) fn place(&self, slot: u32) -> u32 {
        match self {
            Self::AsTheyCame(_) => slot,
            Self::Sorted(places) => places[slot as usize],
        }
    }

    /// The slot of an id.
    pub(in crate::org_state) fn find<Id: Ord>(
        &self,
        sought: &Id,
        id: impl Fn(u32) -> Id,
    ) -> Option<u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match id(self.place(middle)).cmp(sought) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_ids_and_the_last_of_equals_stays() {
        let cases: [(&[u8], Order); 4] = [
            (&[], Order::AsTheyCame(0)),
            (&[1, 2, 3], Order::AsTheyCame(3)),
            (&[3, 1, 2], Order::Sorted(vec![1, 2, 0])),
            (&[1, 2, 1, 1], Order::Sorted(vec![3, 1])),
        ];
        for (came, expected) in cases {
            let order = Order::of(came.len(), |place| came[place as usize]);
            assert_eq!(order, expected, "{came:?}");
            for slot in 0..order.len() {
                let id = came[order.place(slot) as usize];
                let found = order.find(&id, |place| came[place as usize]);
                assert_eq!(found, Some(slot), "{came:?}");
            }
            assert_eq!(order.find(&9, |place| came[place as usize]), None);
        }
    }
}
