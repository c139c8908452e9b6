//! Every course of a small experiment, with the best stopping rule and the worst case of the null.

/// One interval: what can happen, and the probabilities that the null allows for it.
pub(crate) struct Round<O> {
    pub(crate) outcomes: Vec<O>,
    pub(crate) laws: Vec<Vec<f64>>,
}

/// What an expectation of at most 1 comes to in floating point.
pub(crate) const EXACT: f64 = 1.0 + 1e-12;

/// The expected evidence when stopping at the best moment against the most generous law, by dynamic programming.
pub(crate) fn value<P: Clone, O>(
    process: &P,
    rounds: &[Round<O>],
    play: &impl Fn(&mut P, usize, &O),
    e: &impl Fn(&P) -> f64,
) -> f64 {
    from((process, 0), rounds, play, e)
}

fn from<P: Clone, O>(
    (process, done): (&P, usize),
    rounds: &[Round<O>],
    play: &impl Fn(&mut P, usize, &O),
    e: &impl Fn(&P) -> f64,
) -> f64 {
    let Some(round) = rounds.get(done) else { return e(process) };
    let after = |outcome| {
        let mut child = process.clone();
        play(&mut child, done, outcome);
        from((&child, done + 1), rounds, play, e)
    };
    let values: Vec<f64> = round.outcomes.iter().map(after).collect();
    let expected = |law: &Vec<f64>| law.iter().zip(&values).map(|(chance, value)| chance * value).sum();
    round.laws.iter().map(expected).fold(e(process), f64::max)
}
