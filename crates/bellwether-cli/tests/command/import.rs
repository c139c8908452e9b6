//! Documents of other systems, as plans.

use serde_json::Value;

use crate::{
    call::{assert_answer, call, call_with, fixture},
    schema::assert_valid,
};

/// The fixtures, each with how many plans it makes and how the call ends.
const FIXTURES: [(&str, usize, i32); 9] = [
    ("rollout-canary.yaml", 1, 0),
    ("rollout-blue-green.yaml", 1, 0),
    ("rollout-routes.yaml", 1, 1),
    ("rollout-units.yaml", 1, 0),
    ("deployments.json", 2, 0),
    ("canary-shares.yaml", 1, 0),
    ("canary-list.yaml", 1, 0),
    ("canary-match.yaml", 1, 0),
    ("canary-switch.yaml", 1, 0),
];

fn path(name: &str) -> String {
    format!("imports/{name}")
}

fn imported(name: &str, words: &[&str]) -> Value {
    let path = path(name);
    let words = [&["plan", "import", path.as_str(), "--print", "report"], words].concat();
    let called = call(&words);
    assert!(called.status < 2 && called.err.is_empty(), "{}", called.err);
    serde_json::from_str(&called.out).unwrap()
}

fn lines(entry: &Value) -> Vec<String> {
    entry["findings"].as_array().unwrap().iter().map(|finding| finding["line"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_imported_is_what_is_checked() {
    for (name, plans, status) in FIXTURES {
        let report = imported(name, &["--cohort-size", "2 %"]);
        assert_valid("import-answer", &report);
        let entries = report["imported"].as_array().unwrap();
        let digests: Vec<&Value> = entries.iter().map(|entry| &entry["digest"]).filter(|it| !it.is_null()).collect();
        assert_eq!(digests.len(), plans, "{name}");
        let called = call(&["plan", "import", &path(name), "--cohort-size", "2 %"]);
        assert_eq!(called.status, status, "{name}: {}", called.err);
        let check = if plans == 1 { &["plan", "--check"][..] } else { &["plan", "--check", "--lines"] };
        let checked = call_with(check, &called.out).answered(0);
        let checked: Vec<Value> =
            serde_json::Deserializer::from_str(&checked).into_iter().collect::<Result<_, _>>().unwrap();
        assert_eq!(checked.iter().map(|it| &it["digest"]).collect::<Vec<_>>(), digests, "{name}");
        let told: usize = entries.iter().map(|entry| lines(entry).len()).sum();
        let all = told + report["findings"].as_array().unwrap().len();
        assert_eq!(called.err.lines().count(), all, "each finding is a line: {name}");
    }
}

#[test]
fn people_read_what_became_of_each_document() {
    for name in ["rollout-canary.yaml", "rollout-units.yaml", "deployments.json", "canary-match.yaml"] {
        let called = call(&["plan", "import", &path(name), "--cohort-size", "2 %", "--output", "text"]);
        assert_eq!((called.status, called.err.as_str()), (0, ""), "{name}");
        assert_answer(&called.out, &format!("import-{}.txt", name.split('.').next().unwrap()));
    }
}

#[test]
fn every_ignored_field_is_named_when_everything_is_asked_for() {
    let words = ["plan", "import", "imports/rollout-units.yaml", "--output", "text"];
    let (short, long) = (call(&words).answered(0), call(&[&words[..], &["--explain"]].concat()).answered(0));
    assert!(short.contains("2 more fields say nothing about how a rollout goes; --explain names them"), "{short}");
    for line in ["info import.ignored: $.spec.selector (", "info import.ignored: $.spec.template ("] {
        assert!(long.contains(line) && !short.contains(line), "{line}: {long}");
    }
}

/// A part of a document changed, and what is said about it then.
struct Trap {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    /// How a finding begins; the place of the first document is left out.
    told: &'static str,
}

impl Trap {
    const fn new(name: &'static str, from: &'static str, to: &'static str, told: &'static str) -> Self {
        Self { name, from, to, told }
    }

    #[track_caller]
    fn check(&self) {
        let Self { name, from, to, told } = self;
        let text = fixture(&path(name));
        assert!(text.contains(from), "{from:?} is not in {name}");
        let words = ["plan", "import", "--print", "report", "--cohort-size", "2 %"];
        let called = call_with(&words, text.replacen(from, to, 1));
        assert!(called.status < 2, "{from:?} became {to:?}: {}", called.err);
        let report: Value = serde_json::from_str(&called.out).unwrap();
        let entry = &report["imported"][0];
        let lines: Vec<String> = lines(entry).iter().map(|line| line.replace("document at line 1: ", "")).collect();
        let found = lines.iter().find(|line| line.starts_with(told));
        assert!(found.is_some(), "{from:?} became {to:?}: {told:?} is not in {lines:#?}");
        let is_refused = told.starts_with("critical import.refused");
        assert_eq!(entry["plan"].is_null(), is_refused, "{from:?} became {to:?}: {lines:#?}");
        assert!(!told.starts_with("critical") || called.status == 1, "{from:?} became {to:?}: it is denied");
    }
}

#[test]
fn a_trap_of_argo_rollouts_is_told() {
    const CANARY: &str = "rollout-canary.yaml";
    const STEPS: &str = "        - setWeight: 500\n";
    for trap in [
        Trap::new(
            CANARY,
            "setWeight: 500",
            "setWeight: 50",
            "critical import.refused: no plan was made: $.spec.strategy.canary.steps[8].setWeight: expected more than the 10 % of the step before, found 5 %",
        ),
        Trap::new(
            CANARY,
            "setWeight: 500",
            "setWieght: 500",
            "critical import.lost: $.spec.strategy.canary.steps[8] ({setWieght: 500}): a step that is none of the known ones",
        ),
        Trap::new(
            CANARY,
            "setWeight: 500",
            "setWieght: 500",
            "warning import.unknown: $.spec.strategy.canary.steps[8].setWieght (500)",
        ),
        Trap::new(
            CANARY,
            STEPS,
            "        - setWeight: 1000\n        - pause: {}\n",
            "critical import.lost: $.spec.strategy.canary: nothing comes after 100 % that could wait for an approval",
        ),
        Trap::new(
            CANARY,
            "setWeight: 500",
            "setWeight: 100",
            "info import.assumed: $.spec.strategy.canary.steps[8].setWeight (100): the share stays as it is",
        ),
        Trap::new(
            CANARY,
            "maxTrafficWeight: 1000",
            "maxTrafficWeight: 7000",
            "warning import.changed: $.spec.strategy.canary.steps[3].setWeight (5): 5 of 7000 was rounded down to 0.07 %",
        ),
        Trap::new(
            CANARY,
            "maxTrafficWeight: 1000",
            "maxTrafficWeight: 100000000",
            "critical import.refused: no plan was made: $.spec.strategy.canary.steps[3].setWeight (5): 5 of 100000000 is less than the smallest share of 0.01 %",
        ),
        Trap::new(
            CANARY,
            "duration: 10m",
            "duration: 90500ms",
            "info import.assumed: $.spec.strategy.canary.steps[4].pause.duration (90500ms): a pause is counted in whole seconds there too, so it is 1m30s",
        ),
        Trap::new(
            CANARY,
            "        - pause: {}\n",
            "        - pause: {}\n        - pause: {duration: 1m}\n",
            "warning import.changed: $.spec.strategy.canary.steps[8].pause ({duration: 1m}): it comes after a wait for something else there",
        ),
        Trap::new(
            CANARY,
            "        - pause: {}\n",
            "        - pause:\n",
            "critical import.lost: $.spec.strategy.canary.steps[7] ({pause: null})",
        ),
        Trap::new(
            CANARY,
            "minPodsPerReplicaSet: 2",
            "minPodsPerReplicaSet: 40",
            "info import.assumed: $.spec.strategy.canary.minPodsPerReplicaSet (40): never more than the 12 replicas",
        ),
        Trap::new(
            "rollout-routes.yaml",
            "dynamicStableScale: true",
            "dynamicStableScale: true\n      minPodsPerReplicaSet: 2",
            "warning import.changed: $.spec.strategy.canary.minPodsPerReplicaSet (2): it holds for the candidate",
        ),
        Trap::new(
            CANARY,
            "progressDeadlineAbort: true",
            "progressDeadlineAbort: false",
            "warning import.changed: $.spec.progressDeadlineAbort (false): a rollout that is late is only marked there; here it goes back",
        ),
        Trap::new(CANARY, "replicas: 12", "replicaz: 12", "warning import.unknown: $.spec.replicaz (12)"),
        Trap::new(
            CANARY,
            "replicas: 12",
            "replicaz: 12",
            "info import.assumed: $.spec.replicas (nothing): one replica, as there",
        ),
        Trap::new(
            CANARY,
            "replicas: 12",
            "replicas: 0",
            "critical import.refused: no plan was made: $.spec.replicas (0): nothing runs, so nothing can be rolled out",
        ),
        Trap::new(
            CANARY,
            "replicas: 12",
            "replicas: 12\n  paused: true",
            "warning import.changed: $.spec.paused (true): a rollout begins to move at once",
        ),
        Trap::new(
            CANARY,
            "v1alpha1\nkind: Rollout",
            "v1beta1\nkind: Rollout",
            "warning import.changed: $.apiVersion (argoproj.io/v1beta1): another version than is known here",
        ),
        Trap::new(
            CANARY,
            STEPS,
            "        - plugin: {name: acme/warm}\n        - setWeight: 500\n",
            "warning import.changed: $.spec.strategy.canary.steps[8].plugin ({name: acme/warm}): the host must do what the plugin does",
        ),
        Trap::new(
            CANARY,
            STEPS,
            "        - setCanaryScale: {replicas: 3}\n        - setWeight: 500\n",
            "warning import.changed: $.spec.strategy.canary.steps[9].setWeight (500): 3 units were asked for before, but this share needs 6",
        ),
        Trap::new(
            CANARY,
            "{replicas: 1}",
            "{replicas: 1}\n        - setMirrorRoute: {name: a, match: [{method: {exact: GET}, path: {prefix: /}}]}",
            "critical import.lost: $.spec.strategy.canary.steps[1].setMirrorRoute",
        ),
        Trap::new(
            "rollout-blue-green.yaml",
            "previewReplicaCount: 2",
            "previewReplicaCount: 9",
            "warning import.changed: $.spec.strategy.blueGreen.previewReplicaCount (9): cut to the 6 that carry everything",
        ),
        Trap::new(
            "rollout-blue-green.yaml",
            "autoPromotionEnabled: true",
            "autoPromotionEnabled: false",
            "info import.assumed: $.spec.strategy.blueGreen.autoPromotionSeconds (120): without automatic promotion it has no effect there either",
        ),
        Trap::new(
            "rollout-blue-green.yaml",
            "autoPromotionEnabled: true",
            "autoPromotionEnabled: false",
            "warning import.changed: $.spec.strategy.blueGreen.autoPromotionEnabled (false): it waits there until somebody agrees",
        ),
        Trap::new(
            "rollout-blue-green.yaml",
            "autoPromotionSeconds: 120",
            "autoPromotionSeconds: 120",
            "info import.assumed: $.spec.strategy.blueGreen.autoPromotionSeconds (120): it begins when the analysis has passed there",
        ),
        Trap::new(
            "rollout-units.yaml",
            "maxSurge: 30%",
            "maxSurge: 30%\n      minPodsPerReplicaSet: 2",
            "info import.assumed: $.spec.strategy.canary.minPodsPerReplicaSet (2): without a router it does nothing, there either",
        ),
        Trap::new(
            "rollout-units.yaml",
            "setWeight: 50",
            "setWeight: 93",
            "warning import.changed: $.spec.strategy.canary.steps[3].setWeight (93): 93 % of 7 units is 6 of 7, which is 85.72 %; there it is 7 beside 1",
        ),
    ] {
        trap.check();
    }
}

#[test]
fn a_trap_of_an_analysis_is_told() {
    let analysis = |metric: &str| {
        let head = "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {name: a}\nspec:\n  metrics:\n";
        let called = call_with(&["plan", "import", "--print", "report"], format!("{head}  - {{name: m, {metric}}}\n"));
        assert!(called.status < 2, "{metric}: {}", called.err);
        let report: Value = serde_json::from_str(&called.out).unwrap();
        let entry = &report["imported"][0];
        (lines(entry).join("\n"), entry["gates"][0]["conditions"].clone())
    };
    let bound = |metric: &str| {
        let conditions = analysis(metric).1;
        let shown = |it: &Value| format!("{} {} {}", it["metric"], it["operator"], it["bound"]).replace('"', "");
        conditions.as_array().unwrap().iter().map(shown).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(bound("successCondition: 'result[0] >= 0.95 && result[0] < 2'"), "m ge 0.95, m lt 2.0");
    assert_eq!(bound("failureCondition: result.p99 > 300"), "m.p99 le 300.0");
    assert_eq!(
        bound("successCondition: result > 1, failureCondition: result <= 3"),
        "m gt 3.0",
        "the stricter of both"
    );
    assert_eq!(bound("successCondition: result == true"), "m eq true");
    for (metric, told) in [
        (
            "successCondition: 'len(result) == 0 || result[0] < 5'",
            "warning import.changed: $.spec.metrics[0].successCondition (len(result) == 0 || result[0] < 5): a gate cannot demand this",
        ),
        (
            "successCondition: 'result >= {{args.least}}'",
            "warning import.changed: $.spec.metrics[0].successCondition (result >= {{args.least}})",
        ),
        (
            "provider: {job: {}}",
            "warning import.changed: $.spec.metrics[0] ({name: m, provider: {job: {}}}): without a condition every measurement passes there",
        ),
    ] {
        let (lines, conditions) = analysis(metric);
        assert!(lines.contains(told), "{metric}: {lines}");
        assert_eq!((&conditions[0]["operator"], &conditions[0]["bound"]), (&"eq".into(), &true.into()), "{metric}");
    }
    for (metric, told) in [
        ("successCondition: result > 1, failureLimit: -1", "info import.assumed: $.spec.metrics[0].failureLimit (-1)"),
        (
            "successCondition: result > 1, failureLimit: '{{args.limit}}'",
            "warning import.changed: $.spec.metrics[0].failureLimit ({{args.limit}}): no argument is followed here",
        ),
        (
            "successCondition: result > 1, interval: 1m, count: 5",
            "warning import.changed: $.spec.metrics[0].count (5): so many measurements must pass there",
        ),
        (
            "successCondition: result > 1, consecutiveErrorLimit: 0",
            "warning import.changed: $.spec.metrics[0].consecutiveErrorLimit (0)",
        ),
        (
            "successCondition: result > 1, failureCondition: result < 0",
            "warning import.changed: $.spec.metrics[0].failureCondition (result < 0): what neither succeeds nor fails",
        ),
    ] {
        let (lines, _) = analysis(metric);
        assert!(lines.contains(told), "{metric}: {lines}");
    }
}

/// How often an analysis may fail is a part of its template, and of the plan that asks for it.
#[test]
fn the_limits_of_an_analysis_become_those_of_the_plan() {
    let text = fixture(&path("rollout-canary.yaml"));
    let failures = |from: &str, to: &str| {
        let report = call_with(&["plan", "import", "--print", "report"], text.replacen(from, to, 1));
        let report: Value = serde_json::from_str(&report.out).unwrap();
        report["imported"][0]["plan"]["conduct"]["failures"].clone()
    };
    let total = |total: Value| serde_json::json!({"consecutive": null, "total": total, "window": null});
    assert_eq!(failures("a", "a"), total(1.into()), "the smoke test and the latency may not fail once");
    let lenient = "failureLimit: 3\n      successCondition";
    assert_eq!(failures(lenient, "failureLimit: 0\n      successCondition"), total(1.into()));
    let single = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec:\n  replicas: 4\n  strategy:\n    \
                  canary: {trafficRouting: {smi: {}}, analysis: {templates: [{templateName: t}]}, steps: [{setWeight: 5}]}\n";
    let template = |limit: &str| {
        format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {{name: t}}\nspec: {{metrics: [{{name: m, successCondition: result > 1{limit}}}]}}\n"
        )
    };
    let of = |text: String| {
        let plan: Value = serde_json::from_str(&call_with(&["plan", "import"], text).out).unwrap();
        plan["conduct"]["failures"].clone()
    };
    assert_eq!(
        of(single.to_owned() + &template(", failureLimit: 3")),
        total(4.into()),
        "failed when more than the limit"
    );
    assert_eq!(
        of(single.to_owned() + &template(", failureLimit: -1")),
        total(Value::Null),
        "the limit is switched off"
    );
    assert_eq!(of(single.to_owned()), Value::Null, "of a template that is elsewhere nothing is known: three in a row");
}

#[test]
fn a_trap_of_flagger_is_told() {
    const SHARES: &str = "canary-shares.yaml";
    const LIST: &str = "canary-list.yaml";
    for trap in [
        Trap::new(
            SHARES,
            "threshold: 4",
            "threshold: 4",
            "info import.assumed: $.spec.analysis.threshold (4): 4 failed checks in all go back, as there",
        ),
        Trap::new(
            SHARES,
            "maxWeight: 50",
            "maxWeight: 50",
            "info import.assumed: $.spec.analysis.maxWeight (50): the last share is 60 %, there too",
        ),
        Trap::new(
            SHARES,
            "stepWeight: 20",
            "iterations: 5",
            "info import.assumed: $.spec.analysis.maxWeight (50): with iterations there are no shares, there either",
        ),
        Trap::new(
            SHARES,
            "stepWeight: 20",
            "stepWieght: 20",
            "critical import.refused: no plan was made: $.spec.analysis: from 0 % its controller never goes on",
        ),
        Trap::new(
            SHARES,
            "interval: 2m",
            "interval: 5s",
            "info import.assumed: $.spec.analysis.interval (5s): its controller looks every 10s at most",
        ),
        Trap::new(
            SHARES,
            "type: event",
            "type: rollback",
            "critical import.lost: $.spec.analysis.webhooks[2].type (rollback): it can send a rollout back there",
        ),
        Trap::new(
            SHARES,
            "  analysis:\n",
            "  skipAnalysis: true\n  analysis:\n",
            "warning import.changed: $.spec.analysis (",
        ),
        Trap::new(
            SHARES,
            "  analysis:\n",
            "  canaryAnalysis:\n",
            "critical import.refused: no plan was made: $.spec.canaryAnalysis (",
        ),
        Trap::new(
            SHARES,
            "mirror: true",
            "mirror: false",
            "info import.assumed: $.spec.analysis.mirrorWeight (30): without `mirror` it has no effect there either",
        ),
        Trap::new(
            SHARES,
            "name: podcast}\n",
            "name: podcats}\n",
            "info import.assumed: $.spec.targetRef.name (podcats): what it rolls out is not in this file",
        ),
        Trap::new(
            SHARES,
            "{min: 1, max: 250.5}",
            "{}",
            "warning import.changed: $.spec.analysis.metrics[2].thresholdRange ({}): without a bound nothing is checked",
        ),
        Trap::new(
            LIST,
            "[1, 5, 10, 80]",
            "[1, 50, 10, 80]",
            "critical import.refused: no plan was made: $.spec.analysis: from 50 % its controller never goes on",
        ),
        Trap::new(
            LIST,
            "    stepWeights",
            "    maxWeight: 30\n    stepWeights",
            "info import.assumed: $.spec.analysis.maxWeight (30): the list's last weight outranks it there too",
        ),
        Trap::new(
            LIST,
            "    stepWeights",
            "    stepWeight: 40\n    stepWeights",
            "info import.assumed: $.spec.analysis.stepWeights ([1, 5, 10, 80]): only its last weight counts",
        ),
        Trap::new(
            LIST,
            "stepWeightPromotion: 50",
            "stepWeightPromotion: 50",
            "warning import.changed: $.spec.analysis.stepWeightPromotion (50)",
        ),
        Trap::new(
            LIST,
            "        threshold: 98.5\n",
            "",
            "warning import.changed: $.spec.analysis.metrics[0] ({name: request-success-rate}): no bound is written",
        ),
        Trap::new(LIST, "v1beta1", "v1", "warning import.changed: $.apiVersion (flagger.app/v1): another version"),
        Trap::new(
            "canary-match.yaml",
            "iterations: 12",
            "stepWeight: 12",
            "warning import.changed: $.spec.analysis.match (",
        ),
        Trap::new(
            "canary-switch.yaml",
            "iterations: 6",
            "stepWeight: 10",
            "warning import.changed: $.spec.analysis: without a router there are no shares there either, but 10 intervals",
        ),
        Trap::new(
            "canary-switch.yaml",
            "provider: kubernetes",
            "provider: kubernetes",
            "warning import.changed: $.spec.provider (kubernetes): nothing splits traffic there",
        ),
    ] {
        trap.check();
    }
}

#[test]
fn a_trap_of_a_deployment_is_told() {
    const DEPLOYMENTS: &str = "deployments.json";
    for trap in [
        Trap::new(
            DEPLOYMENTS,
            "\"minReadySeconds\": 20",
            "\"paused\": true",
            "warning import.changed: $.items[0].spec.paused (true)",
        ),
        Trap::new(
            DEPLOYMENTS,
            "\"progressDeadlineSeconds\": 300",
            "\"progressDeadlineSeconds\": 2147483647",
            "warning import.changed: $.items[0].spec.progressDeadlineSeconds (2147483647): there is no deadline there",
        ),
        Trap::new(
            DEPLOYMENTS,
            "\"maxUnavailable\": 1",
            "\"maxUnavailable\": \"100%\"",
            "warning import.changed: $.items[0].spec.strategy.rollingUpdate.maxUnavailable (100%): every unit may be missing at once",
        ),
        Trap::new(
            DEPLOYMENTS,
            "\"maxSurge\": \"20%\"",
            "\"maxSurge\": \"250%\"",
            "info import.assumed: $.items[0].spec.strategy.rollingUpdate.maxSurge (250%): more than all of 10 is 25 units",
        ),
        Trap::new(
            DEPLOYMENTS,
            "\"maxSurge\": \"20%\"",
            "\"maxSruge\": \"20%\"",
            "warning import.unknown: $.items[0].spec.strategy.rollingUpdate.maxSruge (20%)",
        ),
    ] {
        trap.check();
    }
}

/// What the other system would refuse is never read as something else.
#[test]
fn what_is_wrong_is_one_line_that_names_the_place() {
    for (name, from, to, expected) in [
        (
            "rollout-canary.yaml",
            "setWeight: 500",
            "setWeight: \"500\"",
            "document at line 1: $.spec.strategy.canary.steps[8].setWeight: expected a whole number from 0 to 2147483647, found \"500\"",
        ),
        (
            "rollout-canary.yaml",
            "setWeight: 500",
            "setWeight: 5000",
            "document at line 1: $.spec.strategy.canary.steps[8].setWeight: expected a weight from 0 to 1000, found 5000",
        ),
        (
            "rollout-canary.yaml",
            "setWeight: 500",
            "setWeight: 500\n          pause: {}",
            "document at line 1: $.spec.strategy.canary.steps[8]: expected one step in an entry, found a map",
        ),
        (
            "rollout-canary.yaml",
            "duration: 10m",
            "duration: 10 minutes",
            "document at line 1: $.spec.strategy.canary.steps[4].pause.duration: expected a length of time such as 500ms, 30s, 1.5h or 1h30m, found \"10 minutes\"",
        ),
        (
            "rollout-canary.yaml",
            "replicas: 12",
            "replicas: 12, 13",
            "document at line 1: $.spec.replicas: expected a whole number from 0 to 2147483647, found \"12, 13\"",
        ),
        (
            "rollout-canary.yaml",
            "replicas: 12",
            "replicas: 12\n  replicas: 12",
            "document at line 1: $.spec.replicas: expected each key once, found `replicas` twice",
        ),
        (
            "rollout-canary.yaml",
            "    canary:\n",
            "    canaries:\n",
            "document at line 1: $.spec.strategy: expected either `canary` or `blueGreen`, found a map",
        ),
        (
            "rollout-canary.yaml",
            "name: checkout\n",
            "named: checkout\n",
            "document at line 1: $.metadata.name: expected a name, found none",
        ),
        (
            "rollout-canary.yaml",
            "interval: 1m\n      initialDelay",
            "interval: [1m]\n      initialDelay",
            "document at line 53: $.spec.metrics[0].interval: expected a length of time such as 500ms, 30s, 1.5h or 1h30m, found a list",
        ),
        (
            "rollout-canary.yaml",
            "  metrics:\n    - name: success-rate",
            "  metrics: {a\n    - name: success-rate",
            "document at line 53: $: expected YAML, found broken syntax at line 66 column 15: ",
        ),
        (
            "rollout-blue-green.yaml",
            "templates: [{templateName: catalogue-smoke, clusterScope: false}]",
            "templates: []",
            "$.spec.strategy.blueGreen.prePromotionAnalysis.templates: expected at least one template, found a list",
        ),
        (
            "rollout-units.yaml",
            "maxSurge: 30%",
            "maxSurge: 0%",
            "$.spec.strategy.canary.maxUnavailable: expected more than 0 beside `maxSurge: 0`, found 0",
        ),
        (
            "rollout-units.yaml",
            "maxSurge: 30%",
            "scaleDownDelaySeconds: 0",
            "$.spec.strategy.canary.scaleDownDelaySeconds: expected none without `trafficRouting`, found 0",
        ),
        (
            "rollout-units.yaml",
            "- setWeight: 20",
            "- setCanaryScale: {replicas: 2}\n        - setWeight: 20",
            "$.spec.strategy.canary.steps[1].setCanaryScale: expected none without `trafficRouting`, found a map",
        ),
        (
            "rollout-units.yaml",
            "maxSurge: 30%",
            "dynamicStableScale: true",
            "$.spec.strategy.canary.dynamicStableScale: expected no stable that follows the traffic without `trafficRouting`, found true",
        ),
        (
            "rollout-canary.yaml",
            "dynamicStableScale: false",
            "dynamicStableScale: true",
            "document at line 1: $.spec.strategy.canary.dynamicStableScale: expected false beside `scaleDownDelaySeconds`, found true",
        ),
        (
            "rollout-routes.yaml",
            "minReadySeconds: 15",
            "minReadySeconds: 600",
            "document at line 1: $.spec.minReadySeconds: expected less than the progress deadline of 10m, found 600",
        ),
        (
            "rollout-units.yaml",
            "maxSurge: 30%",
            "maxSurge: some",
            "$.spec.strategy.canary.maxSurge: expected a whole number of at least 0, or a percentage such as \"25%\", found \"some\"",
        ),
        (
            "canary-shares.yaml",
            "type: pre-rollout",
            "type: before",
            "document at line 1: $.spec.analysis.webhooks[0].type: expected `confirm-rollout`, ",
        ),
        (
            "canary-shares.yaml",
            "{min: 99}",
            "{min: .nan}",
            "document at line 1: $.spec.analysis.metrics[0].thresholdRange.min: expected a finite number, found NaN",
        ),
        (
            "deployments.json",
            "\"Recreate\"",
            "\"Recreated\"",
            "$.items[1].spec.strategy.type: expected `RollingUpdate` or `Recreate`, found \"Recreated\"",
        ),
        (
            "deployments.json",
            "\"RollingUpdate\"",
            "\"Recreate\"",
            "$.items[0].spec.strategy.rollingUpdate: expected none beside `Recreate`, found a map",
        ),
    ] {
        let text = fixture(&path(name));
        assert!(text.contains(from), "{from:?} is not in {name}");
        let line = call_with(&["plan", "import"], text.replacen(from, to, 1)).refused();
        assert!(line.starts_with(&format!("<stdin>: {expected}")), "{from:?} became {to:?}: {line}");
    }
}

#[test]
fn a_file_without_a_rollout_is_refused() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n";
    let line = call_with(&["plan", "import"], service).refused();
    assert!(
        line.starts_with(
            "<stdin>: $.kind: expected a Rollout, AnalysisTemplate or ClusterAnalysisTemplate of argoproj.io"
        ),
        "{line}"
    );
    assert!(line.ends_with("found \"Service\""), "{line}");
    let other = "apiVersion: rollouts.example.com/v1\nkind: Rollout\nmetadata: {name: a}\n";
    assert!(call_with(&["plan", "import"], other).refused().ends_with("found \"Rollout\""), "of another group");
    let list = "apiVersion: v1\nkind: List\nitems: []\n";
    assert!(call_with(&["plan", "import"], list).refused().ends_with("found an empty list"));
    assert_eq!(
        call_with(&["plan", "import"], "# nothing\n---\n").refused(),
        "<stdin>: $: expected YAML, found nothing"
    );
    assert!(
        call_with(&["plan", "import"], "replicas: 3\n").refused().starts_with("<stdin>: $.apiVersion: expected a name")
    );
    let many = "---\na: 1\n".repeat(101);
    assert_eq!(call_with(&["plan", "import"], many).refused(), "<stdin>: $: expected at most 100 documents, found 101");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollout.yaml");
    std::fs::write(&path, "[".repeat(10_000_000)).unwrap();
    let line = call(&["plan", "import", path.to_str().unwrap()]).refused();
    assert!(line.ends_with("$: expected at most 1048576 bytes, found more"), "{line}");
}

#[test]
fn what_the_file_does_not_say_is_told_by_options() {
    let words =
        ["plan", "import", "imports/canary-match.yaml", "--id", "search-9", "--stable", "8", "--candidate", "9"];
    let words = [&words[..], &["--level", "low", "--replicas", "4", "--cohort-size", "1.5 %", "--compare"]].concat();
    let plan: Value = serde_json::from_str(&call(&words).out).unwrap();
    assert_eq!((&plan["id"], &plan["level"]), (&"search-9".into(), &"low".into()));
    assert_eq!((&plan["arms"]["stable"]["name"], &plan["arms"]["candidate"]["name"]), (&"8".into(), &"9".into()));
    assert_eq!((&plan["capacity"]["replicas"], &plan["steps"][0]["route"]["cohort"]["size"]), (&4.into(), &150.into()));
    assert_eq!(plan["steps"][0]["evidence"], "guard", "a cohort has no control group to be compared with");
    let compared = call(&["plan", "import", "imports/rollout-units.yaml", "--compare"]);
    let plan: Value = serde_json::from_str(&compared.out).unwrap();
    let evidence: Vec<&Value> = plan["steps"].as_array().unwrap().iter().map(|step| &step["evidence"]).collect();
    assert_eq!(evidence, ["compare", "compare", "guard"]);
    let several = call(&["plan", "import", "imports/deployments.json", "--id", "a"]).refused();
    assert!(several.contains("expected --id beside a file that makes one plan, found several plans"), "{several}");
    let unknown = call(&["plan", "import", "imports/canary-match.yaml"]);
    assert_eq!((unknown.status, unknown.out.as_str()), (1, "null\n"));
    assert!(unknown.err.contains("say it with --cohort-size"), "{}", unknown.err);
}

#[test]
fn a_plan_of_a_name_that_is_taken_gets_another() {
    let one = fixture(&path("rollout-blue-green.yaml"));
    let twice = format!("{one}---\n{}", one.replace("replicas: 6", "replicas: 3"));
    let called = call_with(&["plan", "import"], twice);
    let ids: Vec<Value> =
        called.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, ["catalogue", "catalogue-2"]);
    assert!(called.err.contains("another plan is called `catalogue`, so this one is `catalogue-2`"), "{}", called.err);
}

#[test]
fn gates_are_printed_as_sets() {
    let gates = call(&["plan", "import", "imports/rollout-canary.yaml", "--print", "gates"]).out;
    let names: Vec<String> = gates
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["checkout-errors", "cluster/smoke"]);
    let one = call(&["plan", "import", "imports/canary-list.yaml", "--print", "gates"]).out;
    let set: Value = serde_json::from_str(&one).unwrap();
    assert_eq!((&set["conditions"][0]["operator"], &set["conditions"][0]["unit"]), (&"ge".into(), &"percent".into()));
}

#[test]
fn a_line_is_a_document_or_a_list_of_them() {
    let list = fixture(&path("deployments.json")).replace('\n', " ");
    let answers =
        call_with(&["plan", "import", "--lines"], format!("{{\"id\": 7, \"kind\": 3}}\n{list}\n")).answered(0);
    let answers: Vec<Value> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["id"], &answers[0]["error"]["at"]), (&7.into(), &"$.kind".into()));
    let plans = answers[1]["imported"].as_array().unwrap();
    assert_eq!(plans.iter().map(|entry| entry["name"].as_str().unwrap()).collect::<Vec<_>>(), ["gateway", "scheduler"]);
}

/// The guide's tables are what the command prints, and that is what the importers are checked by.
#[test]
fn the_guide_has_the_tables_of_the_command() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/imports.md")).unwrap();
    let tables = call(&["plan", "import", "--fields", "--output", "text"]).answered(0);
    assert!(guide.ends_with(&tables), "the end of docs/imports.md is not what `plan import --fields` prints");
    let fields: Value = serde_json::from_str(&call(&["plan", "import", "--fields"]).answered(0)).unwrap();
    assert_valid("import-fields", &fields);
    for kind in fields["kinds"].as_array().unwrap() {
        for field in kind["fields"].as_array().unwrap() {
            let path = field["path"].as_str().unwrap();
            assert!(guide.contains(&format!("\n| `{path}` | ")), "{path}");
        }
    }
}
