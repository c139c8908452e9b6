/// When each run of a cell got there, if it did.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Sorted; runs that did not get there come last.
    times: Vec<Option<u32>>,
}

impl Outcome {
    pub(crate) fn of(runs: u64, run: impl FnMut(u64) -> Option<u32>) -> Self {
        let mut times: Vec<_> = (0..runs).map(run).collect();
        times.sort_by_key(|time| time.unwrap_or(u32::MAX));
        Self { times }
    }

    /// The smallest time that this part of the runs reached.
    pub(crate) fn quantile(&self, tenths: usize) -> Option<u32> {
        let rank = (self.times.len() * tenths).div_ceil(10).max(1);
        self.times.get(rank - 1).copied().flatten()
    }

    pub(crate) fn reached(&self) -> usize {
        self.times.iter().flatten().count()
    }

    pub(crate) fn reached_by(&self, look: u32) -> usize {
        self.times.iter().flatten().filter(|time| **time <= look).count()
    }

    pub(crate) fn runs(&self) -> usize {
        self.times.len()
    }

    /// The median, with the power where it is below 99 %.
    pub(crate) fn median(&self) -> String {
        let power = 100.0 * self.reached() as f64 / self.runs() as f64;
        let median = self.quantile(5).map_or_else(|| "never".to_owned(), |median| median.to_string());
        if power < 99.0 { format!("{median} ({power:.0})") } else { median }
    }

    /// The part of the runs with its limits.
    pub(crate) fn percent(&self) -> String {
        percent(self.reached(), self.runs())
    }
}

/// A part with its exact one-sided 99 % limits.
pub(crate) fn percent(hits: usize, runs: usize) -> String {
    let (lower, upper) = limits(hits, runs);
    format!("{:.1} % [{:.1}, {:.1}]", 100.0 * hits as f64 / runs as f64, 100.0 * lower, 100.0 * upper)
}

/// Clopper and Pearson 1934, by halving.
pub(crate) fn limits(hits: usize, runs: usize) -> (f64, f64) {
    let lower = halve(|p| at_least(hits, runs, p) < 0.01);
    let upper = halve(|p| 1.0 - at_least(hits + 1, runs, p) > 0.01);
    (if hits == 0 { 0.0 } else { lower }, if hits == runs { 1.0 } else { upper })
}

/// The largest probability for which something holds that holds for small ones.
fn halve(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if holds(middle) { low = middle } else { high = middle }
    }
    low
}

/// The probability of so many hits or more.
fn at_least(hits: usize, runs: usize, p: f64) -> f64 {
    let mut below = 0.0;
    let mut log_term = runs as f64 * (-p).ln_1p();
    for count in 0..hits.min(runs + 1) {
        below += log_term.exp();
        log_term += ((runs - count.min(runs)) as f64 / (count as f64 + 1.0)).ln() + p.ln() - (-p).ln_1p();
    }
    (1.0 - below).max(0.0)
}
