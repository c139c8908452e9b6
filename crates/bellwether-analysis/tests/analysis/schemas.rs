//! The JSON Schemas say what is read.

use bellwether_analysis::{Sequential, Series};
use schemars::schema_for;
use serde_json::{Value, json};

#[test]
fn the_schema_of_a_series_has_the_fields_that_are_written() {
    let schema: Value = schema_for!(Series).into();
    let interval = &schema["$defs"]["Interval"];
    let fields: Vec<_> = interval["properties"].as_object().unwrap().keys().collect();
    let mut written = ["start", "end", "stage", "intended", "observed", "settled", "stable", "candidate"];
    written.sort_unstable();
    assert_eq!(fields, written);
    assert_eq!(interval["properties"]["candidate"]["$ref"], "#/$defs/Sample", "{schema:#}");
    let samples = schema["$defs"]["Sample"]["oneOf"].as_array().unwrap();
    let required: Vec<&Value> = samples.iter().map(|kind| &kind["required"]).collect();
    let kinds = [json!(["requests", "errors"]), json!(["histogram"]), json!(["values"]), json!(["instances"])];
    assert_eq!(required, kinds.each_ref());
    let kinds = &schema["$defs"]["Histogram"]["oneOf"];
    assert_eq!((&kinds[0]["required"], &kinds[1]["required"]), (&json!(["bounds", "counts"]), &json!(["scale"])));
}

#[test]
fn the_schema_of_a_judge_asks_for_the_format_and_the_metrics() {
    let schema: Value = schema_for!(Sequential).into();
    assert_eq!(schema["required"], json!(["schema", "metrics"]));
    assert_eq!(schema["additionalProperties"], false);
}
