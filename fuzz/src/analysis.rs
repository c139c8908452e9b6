use std::collections::BTreeMap;

use bellwether_analysis::argo::{AnalysisRun, AnalysisSpec, Measured, Run};
use bellwether_analysis::threshold::{Outcome, Phase};
use serde::Deserialize;

/// What the target reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    spec: AnalysisSpec,
    measurements: BTreeMap<String, Vec<Measured>>,
    #[serde(default)]
    terminated: bool,
}

/// Reads an analysis and its measurements as JSON: counters that add up, an end that nothing later changes, and no success
/// for an answer that could not be understood.
pub fn analysis(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return false };
    let Document { spec, measurements, terminated } = document;
    let Ok(analysis) = AnalysisRun::new(spec) else { return false };
    let Ok(run) = analysis.run(&measurements, terminated) else { return false };
    check(&run, &measurements);
    if !terminated && run.phase.is_over() {
        let more = |measured: &Vec<Measured>| [measured.as_slice(), &[Measured::Error("later".into())]].concat();
        let later: BTreeMap<String, Vec<Measured>> =
            measurements.iter().map(|(name, measured)| (name.clone(), more(measured))).collect();
        let later = analysis.run(&later, false).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((later.phase, later.metrics), (run.phase, run.metrics), "after the end");
    }
    true
}

fn check(run: &Run, measurements: &BTreeMap<String, Vec<Measured>>) {
    for metric in &run.metrics {
        let tally = metric.tally;
        let count = |outcome| metric.measurements.iter().filter(|it| **it == outcome).count();
        let counted = [Outcome::Successful, Outcome::Failed, Outcome::Inconclusive, Outcome::Error].map(count);
        let tallied = [tally.successful, tally.failed, tally.inconclusive, tally.error].map(|count| count as usize);
        assert_eq!(counted, tallied, "{metric:?}");
        let measured = measurements.get(&metric.name).map(Vec::as_slice).unwrap_or_default();
        assert!(metric.measurements.len() <= measured.len(), "{metric:?}");
        for (measured, outcome) in measured.iter().zip(&metric.measurements) {
            assert!(!matches!(measured, Measured::Error(_)) || *outcome == Outcome::Error, "{metric:?}");
        }
    }
    let worst = run.metrics.iter().filter(|metric| !metric.dry_run).map(|metric| metric.phase).max();
    assert!(!run.phase.ends_run() || worst == Some(run.phase), "{run:?}");
    assert!(run.phase != Phase::Successful || worst.is_none_or(|worst| worst == Phase::Successful), "{run:?}");
    assert!(serde_json::to_string(run).is_ok() && run.findings.iter().all(|it| !it.rendered().is_empty()), "{run:?}");
}
