use bellwether_analysis::kayenta::{
    CanaryConfig, Classification, Judgement, Kayenta, MetricSetPair, Points, Thresholds,
};
use serde::Deserialize;

/// What the target reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    config: CanaryConfig,
    metrics: Vec<MetricSetPair>,
    thresholds: Thresholds,
}

/// Reads Kayenta's documents as JSON and judges: one result for each pair, the same when it is asked again and whatever
/// the order of the values, and no class but one of no data for an arm without any.
pub fn canary(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return false };
    let Document { config, metrics, thresholds } = document;
    let Ok(judge) = Kayenta::new(config, thresholds) else { return false };
    let Ok(judgement) = judge.judge(&metrics) else { return false };
    check(&judgement, &metrics);
    assert_eq!(text(&judgement), text(&again(&judge, &metrics)), "the same noise each time");
    let turned: Vec<MetricSetPair> = metrics.iter().map(turned).collect();
    for (result, other) in judgement.results.iter().zip(again(&judge, &turned).results) {
        assert_eq!(format!("{:?}", result.interval), format!("{:?}", other.interval), "in another order of time");
    }
    true
}

fn check(judgement: &Judgement, pairs: &[MetricSetPair]) {
    let names = |pairs: &[MetricSetPair]| pairs.iter().map(|pair| pair.name.clone()).collect::<Vec<_>>();
    let judged: Vec<String> = judgement.results.iter().map(|result| result.name.clone()).collect();
    assert_eq!(judged, names(pairs));
    for (result, pair) in judgement.results.iter().zip(pairs) {
        let is_empty = |points: &Points| points.0.is_empty();
        let compared = matches!(result.classification, Classification::High | Classification::Low);
        assert!(!compared || result.interval.is_some(), "{result:?}");
        assert!(!compared || !(is_empty(&pair.values.control) || is_empty(&pair.values.experiment)), "{result:?}");
    }
    assert!(judgement.groups.iter().all(|group| (0.0..=100.0).contains(&group.score)), "{judgement:?}");
    let fails = |critical: bool, class| critical && class != Classification::Pass;
    if judgement.results.iter().any(|it| !it.is_muted && fails(it.critical, it.classification)) {
        assert_eq!(judgement.score, 0.0, "{judgement:?}");
    }
    assert!(judgement.findings.iter().all(|finding| !finding.rendered().is_empty()), "{judgement:?}");
}

fn again(judge: &Kayenta, pairs: &[MetricSetPair]) -> Judgement {
    judge.judge(pairs).unwrap_or_else(|error| panic!("{error}"))
}

fn turned(pair: &MetricSetPair) -> MetricSetPair {
    let mut pair = pair.clone();
    pair.values.control.0.reverse();
    pair.values.experiment.0.reverse();
    pair
}

fn text(judgement: &Judgement) -> String {
    serde_json::to_string(judgement).unwrap_or_else(|error| panic!("{error}"))
}
