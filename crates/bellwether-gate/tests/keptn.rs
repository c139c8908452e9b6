//! What Keptn 1.4.5's lighthouse service says of documents, by its own evaluation; each expectation was read off it.

#[cfg(test)]
mod tests {
    use bellwether_gate::keptn::{Outcome, Question, Status};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// An evaluation of one objective with one pass criterion.
    fn ask(criterion: &str, value: f64, before: &[f64]) -> Question {
        question(&json!([{ "sli": "rt", "pass": [{ "criteria": [criterion] }] }]), &[("rt", value)], before)
    }

    fn question(objectives: &Value, values: &[(&str, f64)], before: &[f64]) -> Question {
        let measured = |(metric, value): &(&str, f64)| json!({ "metric": metric, "success": true, "value": value });
        let document = json!({
            "slo": {
                "spec_version": "1.0",
                "comparison": { "aggregate_function": "avg", "compare_with": "several_results" },
                "objectives": objectives,
                "total_score": { "pass": "90%", "warning": "75%" },
            },
            "values": values.iter().map(measured).collect::<Vec<_>>(),
            "previous": before.iter().map(|value| json!([measured(&("rt", *value))])).collect::<Vec<_>>(),
        });
        serde_json::from_value(document).unwrap()
    }

    fn rules(question: &Question) -> Vec<String> {
        question.evaluate().unwrap().findings.iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn criteria_are_fixed_or_relative_to_what_was_before() {
        // Before it was 10 on average. A percentage is relative with and without a sign, a bare number only with one.
        for (criterion, value, passes) in [
            ("<10", 10.0, false),
            ("<=10", 10.0, true),
            ("=10", 10.0, true),
            (">=10", 9.999, false),
            (">10", 10.001, true),
            ("<=+10%", 11.0, true),
            ("<=10%", 11.0, true),
            ("<=10%", 11.01, false),
            ("<=-10%", 9.0, true),
            ("<=-10%", 9.01, false),
            ("<=+1", 11.0, true),
            (">=-1", 9.0, true),
            ("< = + 10 %", 11.0, true),
            ("<=1e2", 100.0, true),
            ("<=.5", 0.5, true),
            ("<=0x1p4", 16.0, true),
        ] {
            let result = ask(criterion, value, &[8.0, 12.0]).evaluate().unwrap().result;
            assert_eq!(result == Outcome::Pass, passes, "{value} {criterion}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name_where_it_would_count() {
        for (criterion, keptn) in [
            ("==10", "could not parse criteria target value"),
            ("!=10", "invalid criteria string"),
            ("=>10", "could not parse criteria target value"),
            ("<=10ms", "could not parse criteria target value"),
            ("<=+-1%%", "could not parse criteria target value"),
            ("<=10%%", "could not parse criteria target value"),
            ("10", "invalid criteria string"),
            ("", "invalid criteria string"),
        ] {
            let refusal = ask(criterion, 1.0, &[]).evaluate().unwrap_err();
            assert_eq!(refusal.keptn, format!("error with rt: {keptn}"), "{criterion:?}");
            let place = (refusal.at.as_str(), refusal.found);
            assert_eq!(place, ("slo.objectives[0].pass[0].criteria[0]", format!("{criterion:?}")));
        }
        // A criterion that warns, or one of something that was not measured, refuses nothing.
        let warning = json!([{ "sli": "rt", "pass": [{ "criteria": ["<1"] }], "warning": [{ "criteria": ["<1ms"] }] }]);
        assert_eq!(question(&warning, &[("rt", 5.0)], &[]).evaluate().unwrap().result, Outcome::Fail);
        let unmeasured = json!([{ "sli": "rt", "pass": [{ "criteria": ["<1ms"] }] }]);
        assert_eq!(question(&unmeasured, &[], &[]).evaluate().unwrap().result, Outcome::Fail);
    }

    #[test]
    fn lists_within_are_met_together_and_lists_beside_one_by_one() {
        let objectives =
            json!([{ "sli": "rt", "pass": [{ "criteria": ["<=+10%", "<600"] }, { "criteria": ["<200"] }] }]);
        let evaluation = question(&objectives, &[("rt", 150.0)], &[100.0]).evaluate().unwrap();
        assert_eq!(evaluation.result, Outcome::Pass);
        let targets: Vec<_> =
            evaluation.indicators[0].pass_targets.iter().map(|target| (target.target_value, target.violated)).collect();
        assert_eq!(targets, [(110.0, true), (600.0, false), (200.0, false)]);
    }

    #[test]
    fn weights_halves_and_key_indicators_make_the_score() {
        let objectives = json!([
            { "sli": "rt", "pass": [{ "criteria": ["<200"] }], "warning": [{ "criteria": ["<500"] }], "weight": 4 },
            { "sli": "er", "pass": [{ "criteria": ["=0"] }], "key_sli": true },
            { "sli": "tp", "warning": [{ "criteria": [">1"] }], "key_sli": true },
        ]);
        let evaluate = |rt, er| question(&objectives, &[("rt", rt), ("er", er)], &[]).evaluate().unwrap();
        let warned = evaluate(300.0, 0.0);
        assert_eq!((warned.result, warned.score, warned.key_sli_failed), (Outcome::Fail, 60.0, false));
        let passed = evaluate(100.0, 0.0);
        assert_eq!((passed.result, passed.score), (Outcome::Pass, 100.0));
        // What is only shown fails nothing, although it is a key indicator and was not measured.
        let statuses: Vec<_> = passed.indicators.iter().map(|indicator| indicator.status).collect();
        assert_eq!(statuses, [Status::Pass, Status::Pass, Status::Info]);
        let failed = evaluate(100.0, 1.0);
        assert_eq!((failed.result, failed.score, failed.key_sli_failed), (Outcome::Fail, 80.0, true));
    }

    #[test]
    fn a_value_serves_one_objective() {
        let twice = json!({ "sli": "rt", "pass": [{ "criteria": ["<2"] }] });
        let evaluation = question(&json!([twice, twice]), &[("rt", 1.0)], &[]).evaluate().unwrap();
        assert_eq!((evaluation.result, evaluation.score), (Outcome::Fail, 50.0));
    }

    #[test]
    fn total_scores_are_percentages_with_and_without_the_sign() {
        for (total, expected) in [
            (json!({ "pass": "100" }), Ok(Outcome::Pass)),
            (json!({ "pass": 100 }), Ok(Outcome::Pass)),
            (json!({ "pass": "101%" }), Ok(Outcome::Fail)),
            (json!({ "pass": "101%", "warning": "100%" }), Ok(Outcome::Warning)),
            (json!({}), Err("no target score defined")),
            (json!(null), Err("no target score defined")),
            (json!({ "pass": "most" }), Err("could not parse pass target percentage")),
            (json!({ "pass": "90%", "warning": "abc" }), Err("could not parse warning target percentage")),
        ] {
            let mut question = ask("<2", 1.0, &[]);
            question.slo.as_mut().unwrap().total_score = serde_json::from_value(total.clone()).unwrap();
            let found = question.evaluate();
            match expected {
                Ok(outcome) => assert_eq!(found.unwrap().result, outcome, "{total}"),
                Err(keptn) => assert_eq!(found.unwrap_err().keptn, keptn, "{total}"),
            }
        }
    }

    #[test]
    fn whatever_passes_by_saying_nothing_carries_a_finding() {
        let nothing: Question = serde_json::from_value(json!({ "values": [] })).unwrap();
        assert_eq!(nothing.evaluate().unwrap().result, Outcome::Pass);
        assert_eq!(rules(&nothing), ["keptn.no_slo"]);
        let none = question(&json!([]), &[], &[]);
        assert_eq!(none.evaluate().unwrap().result, Outcome::Fail);
        assert_eq!(rules(&none), ["keptn.no_objectives"]);
        let shown = question(&json!([{ "sli": "rt" }]), &[("rt", 1.0)], &[]);
        assert_eq!(shown.evaluate().unwrap().score, 100.0);
        assert_eq!(rules(&shown), ["keptn.nothing_to_pass"]);
        assert_eq!(rules(&ask("<=+10%", 1e9, &[])), ["keptn.no_history"]);
        // An empty list passes its indicator and adds nothing to the total.
        let empty = question(&json!([{ "sli": "rt", "pass": [{ "criteria": [] }] }]), &[("rt", 1.0)], &[]);
        let evaluation = empty.evaluate().unwrap();
        assert_eq!((evaluation.result, evaluation.score), (Outcome::Fail, 0.0));
        assert_eq!((evaluation.indicators[0].status, evaluation.indicators[0].score), (Status::Pass, 1.0));
        assert_eq!(rules(&empty), ["keptn.no_criteria"]);
        let mut typo = ask(">1", 2.0, &[]);
        typo.slo = serde_json::from_value(json!({
            "objectives": [{ "sli": "rt", "pas": [{ "criteria": ["<1"] }] }], "total_score": { "pass": "90%" }
        }))
        .unwrap();
        assert_eq!(rules(&typo), ["keptn.unknown_field", "keptn.nothing_to_pass"]);
        let mut unknown = ask("<=+10%", 5.0, &[10.0]);
        unknown.slo.as_mut().unwrap().comparison.as_mut().unwrap().aggregate_function = Some("median".into());
        assert_eq!(unknown.evaluate().unwrap().result, Outcome::Fail, "compared with 0");
        assert_eq!(rules(&unknown), ["keptn.unknown_aggregate"]);
    }

    proptest! {
        /// Better values never make a worse verdict where smaller is better.
        #[test]
        fn a_smaller_value_never_scores_less_where_smaller_is_better(
            low in 0.0..100.0_f64,
            more in 0.0..100.0_f64,
            bound in 1u32..100,
            percent in 0u32..50,
            before in 1.0..100.0_f64,
        ) {
            let objectives = json!([{
                "sli": "rt",
                "pass": [{ "criteria": [format!("<{bound}"), format!("<=+{percent}%")] }],
                "warning": [{ "criteria": [format!("<={}", 2 * bound)] }],
            }]);
            let score = |value| question(&objectives, &[("rt", value)], &[before]).evaluate().unwrap().score;
            prop_assert!(score(low) >= score(low + more));
        }

        #[test]
        fn no_criterion_panics_and_each_is_met_or_refused(text in ".{0,12}", value in -1e9..1e9_f64) {
            let evaluated = ask(&text, value, &[1.0]).evaluate();
            prop_assert!(evaluated.is_err() || evaluated.is_ok_and(|it| (0.0..=100.0).contains(&it.score)));
        }
    }
}
