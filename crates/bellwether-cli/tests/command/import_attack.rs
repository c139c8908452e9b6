//! Documents of other systems that are broken, or meant to mislead.

use serde_json::{Value, json};

use crate::call::call_with;

const PLAIN: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: a}
spec:
  replicas: 4
  strategy:
    canary:
      trafficRouting: {smi: {}}
      steps:
        - setWeight: 5
        - pause: {duration: 1m}
        - setWeight: 10
        - pause: {duration: 1m}
";

/// What became of documents: the status, and the report.
#[track_caller]
fn report(text: &str) -> (i32, Value) {
    let called = call_with(&["plan", "import", "--print", "report"], text);
    assert!(called.status < 2 && called.err.is_empty(), "{text}: {}", called.err);
    (called.status, serde_json::from_str(&called.out).unwrap())
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>) -> String {
    let line = call_with(&["plan", "import"], text).refused();
    line.strip_prefix("<stdin>: ").unwrap().to_owned()
}

/// The lines about one document.
fn lines(entry: &Value) -> String {
    entry["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{}\n", finding["line"].as_str().unwrap()))
        .collect()
}

/// The plan and what runs in it, by the name of each document that makes one.
fn made(report: &Value) -> Vec<(&str, &str, &Value)> {
    let plans = report["imported"].as_array().unwrap().iter().filter(|entry| !entry["plan"].is_null());
    plans
        .map(|entry| {
            let plan = &entry["plan"];
            let runs = plan["arms"]["candidate"]["name"].as_str().unwrap();
            (entry["name"].as_str().unwrap(), runs, &plan["capacity"]["replicas"])
        })
        .collect()
}

fn deployment(namespace: &str, image: &str, replicas: u32) -> String {
    let template = json!({"spec": {"containers": [{"name": "a", "image": image}]}});
    let metadata = json!({"name": "shop", "namespace": namespace});
    let spec = json!({"replicas": replicas, "template": template});
    format!("---\n{}\n", json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}))
}

fn canary(namespace: &str, kind: &str) -> String {
    let spec = json!({
        "targetRef": {"apiVersion": "apps/v1", "kind": kind, "name": "shop"}, "analysis": {"stepWeight": 50},
    });
    let metadata = json!({"name": "canary", "namespace": namespace});
    let document = json!({"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": metadata, "spec": spec});
    format!("---\n{document}\n")
}

/// The service of another team has the same name, other replicas and another image.
#[test]
fn a_name_is_one_of_its_namespace() {
    let here = ("canary", "here:1", &json!(3));
    let there = ("shop", "there:1", &json!(90));
    let both = canary("here", "Deployment") + &deployment("there", "there:1", 90) + &deployment("here", "here:1", 3);
    assert_eq!(made(&report(&both).1), [here, there]);
    let turned = canary("here", "Deployment") + &deployment("here", "here:1", 3) + &deployment("there", "there:1", 90);
    assert_eq!(made(&report(&turned).1), [here, there]);
    let other = canary("here", "Deployment") + &deployment("there", "there:1", 90);
    assert_eq!(made(&report(&other).1), [("canary", "candidate", &Value::Null), there]);
    let unsaid = canary("here", "Deployment") + &deployment("", "here:1", 3);
    assert_eq!(made(&report(&unsaid).1), [here], "who applies a file says where what it leaves open goes");
}

/// Flagger takes the units of its target away between two rollouts, and a cluster says so.
#[test]
fn what_has_no_units_is_told() {
    let idle = canary("here", "Deployment") + &deployment("here", "here:1", 0);
    let (status, report) = report(&idle);
    assert_eq!((status, made(&report)), (0, vec![("canary", "here:1", &Value::Null)]));
    let told = "$.spec.targetRef.name (shop): it has no units between two rollouts there, so the plan counts none";
    assert!(lines(&report["imported"][0]).contains(told), "{report}");
    let told =
        "critical import.refused: no plan was made: $.spec.replicas (0): nothing runs, so nothing can be rolled out";
    let router = PLAIN.replace("replicas: 4", "replicas: 0");
    for nothing in [router.replace("trafficRouting: {smi: {}}", "maxSurge: 1"), router] {
        let (status, report) = self::report(&nothing);
        assert_eq!((status, made(&report)), (1, vec![]));
        assert!(lines(&report["imported"][0]).contains(told), "{report}");
    }
}

#[test]
fn a_name_is_one_of_its_kind() {
    for kind in ["DaemonSet", "Service"] {
        let (_, report) = report(&(canary("here", kind) + &deployment("here", "here:1", 3)));
        assert_eq!(made(&report), [("canary", "candidate", &Value::Null), ("shop", "here:1", &json!(3))]);
        let told =
            format!("info import.assumed: document at line 1: $.spec.targetRef.kind ({kind}): only a Deployment");
        assert!(lines(&report["imported"][0]).contains(&told), "{report}");
    }
    let nobody = canary("here", "Deployment").replace(r#""kind":"Deployment","#, "");
    assert_eq!(refused(nobody), "$.spec.targetRef.kind: expected a name, found none");
}

#[test]
fn two_templates_of_one_name_count_where_they_are_and_are_told() {
    let template = |namespace: &str, limit: u32| {
        let metric = json!({"name": "m", "successCondition": "result > 1", "failureLimit": limit});
        let metadata = json!({"name": "t", "namespace": namespace});
        let document = json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisTemplate", "metadata": metadata,
            "spec": {"metrics": [metric]},
        });
        format!("---\n{document}\n")
    };
    let rollout = PLAIN.replace("{name: a}", "{name: a, namespace: here}");
    let rollout = rollout + "        - analysis: {templates: [{templateName: t}]}\n        - setWeight: 20\n";
    let (_, report) = report(&(rollout + &template("here", 7) + &template("there", 2)));
    let entries = &report["imported"];
    assert_eq!(entries[0]["plan"]["conduct"]["failures"]["total"], 8, "{report}");
    assert!(!lines(&entries[1]).contains("another set"), "{report}");
    assert!(lines(&entries[2]).contains("another set of the file is called `t` too"), "{report}");
}

#[test]
fn yaml_that_says_the_same_makes_the_same_plan() {
    let digest = |text: &[u8]| {
        let called = call_with(&["plan", "import", "--print", "report"], text);
        assert_eq!((called.status, called.err.as_str()), (0, ""), "{}", String::from_utf8_lossy(text));
        serde_json::from_str::<Value>(&called.out).unwrap()["imported"][0]["digest"].clone()
    };
    let wanted = digest(PLAIN.as_bytes());
    let aliases = PLAIN.replacen("{duration: 1m}", "&minute {duration: 1m}", 1);
    let aliases = aliases.replacen("pause: {duration: 1m}", "pause: *minute", 1);
    assert!(aliases.contains("*minute"));
    for same in [
        aliases,
        PLAIN.replacen("{duration: 1m}", "&minute {duration: 1m}", 1).replacen(
            "pause: {duration: 1m}",
            "pause: {<<: *minute}",
            1,
        ),
        format!("\u{feff}{PLAIN}"),
        PLAIN.replace('\n', "\r\n"),
        format!("%YAML 1.2\n---\n{PLAIN}"),
        format!("---\n# nothing\n---\n{PLAIN}...\n---\n---\n"),
        PLAIN.replace("setWeight: 10", "setWeight: 0xA"),
        PLAIN.replace("setWeight: 10", "\"setWeight\" : !!int \"10\""),
        PLAIN.replace("{duration: 1m}", "{duration: 60}"),
    ] {
        assert_eq!(digest(same.as_bytes()), wanted, "{same}");
    }
}

#[test]
fn yaml_that_is_none_is_refused_where_it_ends() {
    let with = |from: &str, to: &str| PLAIN.replacen(from, to, 1).into_bytes();
    let laughs: String = ('b'..='i')
        .zip('a'..)
        .map(|(name, before)| format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 9].join(", ")))
        .collect();
    let utf_16: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (text, expected) in [
        (
            with("- setWeight: 5", "- *five"),
            "$: expected YAML, found broken syntax at line 10 column 11: alias references unknown anchor",
        ),
        (b"a: &a [*a]\n".to_vec(), "$: expected YAML, found broken syntax at line 1 column 8: "),
        (
            format!("a: &a [x, x, x, x, x, x, x, x, x]\n{laughs}").into_bytes(),
            "$: expected YAML, found broken syntax at line 5 column ",
        ),
        (
            format!("kind: {}", "[".repeat(200_000)).into_bytes(),
            "$: expected YAML, found broken syntax at line 1 column ",
        ),
        (
            format!("{}1{}", "{\"items\":[".repeat(60), "]}".repeat(60)).into_bytes(),
            "$.items[0].items[0].items[0].items[0]",
        ),
        (with("      steps:", "\tsteps:"), "$: expected YAML, found broken syntax at line 9 column "),
        (with("setWeight: 5", "setWeight: \0"), "$: expected YAML, found broken syntax at line 10 column "),
        (utf_16, "$: expected YAML, found broken syntax at line 1 column 2: unexpected character"),
        ([PLAIN.as_bytes(), b"# caf\xe9\n"].concat(), "$: expected text in UTF-8, found other bytes after byte "),
        (with("setWeight: 5", "setWeight: !percent 5"), "$: expected YAML, found broken syntax at line 10 column "),
        (
            with("setWeight: 5", "{setWeight: 5, \"setWeight\": 6}"),
            "$.spec.strategy.canary.steps[0].setWeight: expected each key once, found `setWeight` twice",
        ),
        (with("kind: Rollout", "kind: Rollout\nkind: Canary"), "$.kind: expected each key once, found `kind` twice"),
        (format!("- {}", PLAIN.replace('\n', "\n  ")).into_bytes(), "$: expected a map, found a list"),
        (format!("a note\n---\n{PLAIN}").into_bytes(), "document at line 1: $: expected a map, found \"a note\""),
        (b"1: 2\n".to_vec(), "$.apiVersion: expected a name, found none"),
        (
            b"{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [null]}".to_vec(),
            "$.items[0].apiVersion: expected a name, found none",
        ),
        (
            b"{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": {}}".to_vec(),
            "$.items: expected a list, found a map",
        ),
    ] {
        let line = refused(&text);
        let shown: String = String::from_utf8_lossy(&text).chars().take(200).collect();
        assert!(line.starts_with(expected), "{shown}: {line}");
    }
}

/// Where the other system reads another number, or none.
#[test]
fn a_number_that_is_written_in_another_way_is_not_guessed() {
    const WHOLE: &str = "expected a whole number from 0 to 2147483647, found ";
    for (written, found) in [
        ("010", "10.0"),
        ("08", "8.0"),
        ("10.0", "10.0"),
        ("1e1", "10.0"),
        ("\"10\"", "\"10\""),
        ("10%", "\"10%\""),
        ("-5", "-5"),
        ("yes", "\"yes\""),
        ("1:30", "\"1:30\""),
        ("\u{ff11}\u{ff10}", "\"\u{ff11}\u{ff10}\""),
        ("99999999999999999999", "1e20"),
        ("[10]", "a list"),
    ] {
        let line = refused(PLAIN.replacen("setWeight: 10", &format!("setWeight: {written}"), 1));
        assert_eq!(line, format!("$.spec.strategy.canary.steps[2].setWeight: {WHOLE}{found}"));
    }
}

#[test]
fn a_percentage_is_a_text_and_a_number_is_so_many_units() {
    const EXPECTED: &str = "expected a whole number of at least 0, or a percentage such as \"25%\", found ";
    let surge = |written: &str| PLAIN.replace("trafficRouting: {smi: {}}", &format!("maxSurge: {written}"));
    for (written, found) in [
        ("\"25\"", "\"25\""),
        ("25.5%", "\"25.5%\""),
        ("\"-5%\"", "\"-5%\""),
        ("\" 25%\"", "\" 25%\""),
        ("\"%\"", "\"%\""),
        ("-1", "-1"),
        ("25.5", "25.5"),
        ("{}", "a map"),
        ("99999999999%", "\"99999999999%\""),
    ] {
        assert_eq!(refused(surge(written)), format!("$.spec.strategy.canary.maxSurge: {EXPECTED}{found}"));
    }
    let (_, report) = report(&surge("25"));
    assert_eq!(report["imported"][0]["plan"]["capacity"]["exchange"]["surge"], json!({"units": 25}));
    let told =
        "$.spec.strategy.canary.maxSurge (25): 25 units, and not 25 % of them, are more than all of 4, there too";
    assert!(lines(&report["imported"][0]).contains(told), "{report}");
}

#[test]
fn what_must_be_there_and_is_not_is_asked_for() {
    for (group, kind) in [
        ("argoproj.io/v1alpha1", "Rollout"),
        ("argoproj.io/v1alpha1", "AnalysisTemplate"),
        ("argoproj.io/v1alpha1", "ClusterAnalysisTemplate"),
        ("flagger.app/v1beta1", "Canary"),
        ("apps/v1", "Deployment"),
    ] {
        for spec in [json!({}), json!({"spec": null}), json!({"spce": {}})] {
            let mut document = json!({"apiVersion": group, "kind": kind, "metadata": {"name": "a"}});
            document.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
            let line = refused(document.to_string());
            assert!(line.starts_with("$.spec: expected a map, found no"), "{document}: {line}");
        }
        let nameless = json!({"apiVersion": group, "kind": kind, "spec": {}});
        assert_eq!(refused(nameless.to_string()), "$.metadata.name: expected a name, found none");
    }
}

fn template(metric: &Value) -> String {
    let spec = json!({"metrics": [metric]});
    json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisTemplate", "metadata": {"name": "a"}, "spec": spec})
        .to_string()
}

/// A chain of conditions was as deep as it is long, and the command died of it.
#[test]
fn a_condition_of_any_length_is_answered() {
    for sign in [" && ", " || "] {
        let condition = vec!["result > 1"; 50_000].join(sign);
        let (status, report) = report(&template(&json!({"name": "m", "successCondition": condition})));
        assert_eq!(status, 0);
        assert!(lines(&report["imported"][0]).contains("a gate cannot demand this"));
    }
}

#[test]
fn an_argument_is_not_followed() {
    let metric = |field: &str| json!({"name": "m", "successCondition": "result > 1", field: "{{args.it}}"});
    for field in ["interval", "initialDelay", "count", "failureLimit"] {
        let (status, report) = report(&template(&metric(field)));
        let told = format!(
            "warning import.changed: $.spec.metrics[0].{field} ({{{{args.it}}}}): no argument is followed here"
        );
        assert_eq!(status, 0);
        assert!(lines(&report["imported"][0]).contains(&told), "{report}");
    }
    let line = refused(template(&json!({"name": "m", "successCondition": "result > 1", "count": "some"})));
    assert_eq!(line, "$.spec.metrics[0].count: expected a whole number, found \"some\"");
}

/// Each of them must agree there; two of one name would be asked as one here.
#[test]
fn webhooks_of_one_name_stay_two() {
    let hooks = json!([
        {"name": "smoke", "url": "http://a/"}, {"name": "smoke", "url": "http://b/"},
        {"name": "canary-analysis", "url": "http://c/"},
    ]);
    let metrics = json!([{"name": "request-success-rate", "threshold": 99}]);
    let spec = json!({
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
        "analysis": {"stepWeight": 50, "maxWeight": 50, "metrics": metrics, "webhooks": hooks},
    });
    let document =
        json!({"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "canary"}, "spec": spec});
    let (_, report) = report(&document.to_string());
    let gates = &report["imported"][0]["plan"]["steps"][1]["gates"];
    assert_eq!(*gates, json!(["canary-analysis", "smoke", "smoke-2", "canary-analysis-2"]));
    let told = "$.spec.analysis.webhooks[1].name (smoke): another gate has that name, so this one is `smoke-2`";
    assert!(lines(&report["imported"][0]).contains(told), "{report}");
}

#[test]
fn nothing_that_is_written_reaches_the_terminal_as_it_is() {
    let hostile = "x\u{1b}[31m\ny\u{202e}";
    let deployment = |name: &str, spec: &Value| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}).to_string()
    };
    let called = call_with(&["plan", "import", "--output", "text"], deployment("a", &json!({hostile: hostile})));
    assert_eq!(called.status, 0);
    assert!(called.out.contains("import.unknown: $.spec[\"x\\u{1b}[31m\\ny\\u{202e}\"]"), "{:?}", called.out);
    let line = refused(deployment(hostile, &json!({})));
    assert_eq!(
        line,
        "$.metadata.name: expected a name of at most 200 bytes without control characters, found \
         \"x\\u{1b}[31m\\ny\\u{202e}\""
    );
    for text in [called.out, line] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}
