//! The circuit breaker: when the org refuses row after row for one reason, the rest need not try.
//! Pure: told what became of rows, in the order they were sent, it says when it is enough.

use crate::model::settings::FailuresMax;

/// Rows that must have an answer before a percentage means anything.
const ROWS_BEFORE_PERCENT: u64 = 50;

/// Counts refusals against a limit.
#[derive(Debug)]
pub(super) struct Breaker {
    max: Option<FailuresMax>,
    /// The code of the latest refusals, and how many came in a row.
    latest: (String, u64),
    refused: u64,
    answered: u64,
}

/// Why it broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// The code that came last.
    pub code: String,
    /// Refusals that count.
    pub refused: u64,
    /// Rows they are counted against.
    pub of: u64,
}

impl Breaker {
    /// Nothing has happened yet.
    pub(super) fn new(max: Option<FailuresMax>) -> Self {
        Self {
            max,
            latest: (String::new(), 0),
            refused: 0,
            answered: 0,
        }
    }

    /// Takes the answers of one job: the code of each refusal, none for a row that succeeded.
    pub(super) fn see<'c>(&mut self, answers: impl IntoIterator<Item = Option<&'c str>>) {
        for answer in answers {
            // Once is enough: what was in flight then must not make it whole again.
            if self.is_broken().is_some() {
                return;
            }
            self.answered += 1;
            match answer {
                None => self.latest.1 = 0,
                Some(code) => {
                    self.refused += 1;
                    if self.latest.0 == code {
                        self.latest.1 += 1;
                    } else {
                        self.latest = (code.to_owned(), 1);
                    }
                }
            }
        }
    }

    /// Is it enough?
    pub(super) fn is_broken(&self) -> Option<Broken> {
        let (code, in_a_row) = &self.latest;
        let (broken, refused, of) = match self.max? {
            FailuresMax::InARow(max) => (*in_a_row >= max, *in_a_row, *in_a_row),
            FailuresMax::Percent(max) => {
                let is_over = self.refused * 100 > self.answered * u64::from(max);
                let broken = is_over && self.answered >= ROWS_BEFORE_PERCENT;
                (broken, self.refused, self.answered)
            }
        };
        let code = code.clone();
        broken.then_some(Broken { code, refused, of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(max: FailuresMax, answers: &[Option<&str>]) -> Option<Broken> {
        let mut breaker = Breaker::new(Some(max));
        breaker.see(answers.iter().copied());
        breaker.is_broken()
    }

    #[test]
    fn refusals_in_a_row_count_only_for_one_reason_and_without_a_success_between() {
        let max = FailuresMax::InARow(3);
        assert!(broken(max, &[Some("A"), Some("A"), None, Some("A")]).is_none());
        assert!(broken(max, &[Some("A"), Some("A"), Some("B"), Some("A")]).is_none());
        let enough = broken(max, &[None, Some("A"), Some("A"), Some("A"), None]);
        assert_eq!(enough.map(|broken| broken.code), Some("A".to_owned()));
    }

    #[test]
    fn a_share_counts_once_enough_rows_have_an_answer() {
        let answers = |refused: usize, of: usize| {
            let refusal = |place| (place < refused).then_some("A");
            (0..of).map(refusal).collect::<Vec<_>>()
        };
        let max = FailuresMax::Percent(10);
        assert!(broken(max, &answers(49, 49)).is_none());
        assert!(broken(max, &answers(5, 50)).is_none());
        assert!(broken(max, &answers(6, 50)).is_some());
    }

    #[test]
    fn without_a_limit_nothing_breaks_it() {
        let mut breaker = Breaker::new(None);
        breaker.see(std::iter::repeat_n(Some("A"), 10_000));
        assert!(breaker.is_broken().is_none());
    }
}
