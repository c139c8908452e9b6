//! Every answer is as its schema says: each field is described there, and each is what the description allows.

use serde_json::{Map, Value, json};

use crate::call::{call, call_with, fixture};

/// Checks an answer against the schema of that name, as the command prints it.
#[track_caller]
pub(crate) fn assert_valid(name: &str, answer: &Value) {
    let root: Value = serde_json::from_str(&call(&["schema", name]).answered(0)).unwrap();
    if let Err(fault) = check(&root, answer) {
        panic!("{name}: {fault}\n{answer:#}");
    }
}

fn check(root: &Value, answer: &Value) -> Result<(), String> {
    Place { root, value: answer, at: "$".to_owned(), is_part: false }.check(root)
}

/// A place of an answer, checked by the part of JSON Schema (2020-12) that our schemas use. A keyword that is not known
/// here is a fault, so that none is passed over; unlike a validator it also wants every field to be described.
struct Place<'a> {
    root: &'a Value,
    value: &'a Value,
    at: String,
    /// Whether the schema is one of several that describe one map together.
    is_part: bool,
}

/// Keywords that only describe, and patterns, which the types' own tests check.
const NOT_CHECKED: &[&str] = &["$schema", "$defs", "title", "description", "default", "format", "pattern", "x-out"];

impl Place<'_> {
    fn below(&self, name: &str, value: &Value, schema: &Value) -> Result<(), String> {
        Place { root: self.root, value, at: format!("{}{name}", self.at), is_part: false }.check(schema)
    }

    fn fault(&self, what: &str) -> Result<(), String> {
        Err(format!("{}: {what}", self.at))
    }

    fn check(&self, schema: &Value) -> Result<(), String> {
        let Value::Object(schema) = schema else {
            return if schema == &Value::Bool(true) { Ok(()) } else { self.fault("nothing is allowed here") };
        };
        schema.iter().try_for_each(|(keyword, argument)| self.keyword(keyword, argument, schema))
    }

    fn keyword(&self, keyword: &str, argument: &Value, schema: &Map<String, Value>) -> Result<(), String> {
        let (value, number, list) = (self.value, argument.as_f64(), argument.as_array());
        let length = value.as_str().map(|text| text.chars().count() as f64);
        let holds = match keyword {
            "type" => has_type(argument, value),
            "const" => argument == value,
            "enum" => list.unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|value| Some(value) >= number),
            "maximum" => value.as_f64().is_none_or(|value| Some(value) <= number),
            "minLength" => length.is_none_or(|length| Some(length) >= number),
            "maxLength" => length.is_none_or(|length| Some(length) <= number),
            "required" => list.unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "$ref" => return self.check(self.root.pointer(&argument.as_str().unwrap()[1..]).unwrap()),
            "items" => {
                let mut items = value.as_array().into_iter().flatten().enumerate();
                return items.try_for_each(|(index, item)| self.below(&format!("[{index}]"), item, argument));
            }
            "properties" => return self.fields(schema),
            "additionalProperties" if schema.contains_key("properties") => true,
            "additionalProperties" => return self.fields(schema),
            "oneOf" | "anyOf" => return self.alternatives(list.unwrap(), keyword == "oneOf", schema),
            known if NOT_CHECKED.contains(&known) => true,
            unknown => return self.fault(&format!("the keyword {unknown} is not known here")),
        };
        if holds { Ok(()) } else { self.fault(&format!("{keyword} {argument}, found {value}")) }
    }

    fn alternatives(&self, schemas: &[Value], one: bool, beside: &Map<String, Value>) -> Result<(), String> {
        let is_part = beside.contains_key("properties");
        let place = Place { root: self.root, value: self.value, at: self.at.clone(), is_part };
        let faults: Vec<String> = schemas.iter().filter_map(|schema| place.check(schema).err()).collect();
        match schemas.len() - faults.len() {
            1 => Ok(()),
            fitting if fitting > 1 && !one => Ok(()),
            fitting => self.fault(&format!("{fitting} alternatives fit: {}", faults.join("; "))),
        }
    }

    fn fields(&self, schema: &Map<String, Value>) -> Result<(), String> {
        let is_part = self.is_part || schema.contains_key("oneOf");
        for (name, field) in self.value.as_object().into_iter().flatten() {
            let described = schema.get("properties").and_then(|properties| properties.get(name));
            match described.or_else(|| schema.get("additionalProperties").filter(|_| !is_part)) {
                Some(schema) => self.below(&format!(".{name}"), field, schema)?,
                None if is_part => {}
                None => return self.fault(&format!("{name} is not described")),
            }
        }
        Ok(())
    }
}

fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no such type: {other}"),
    };
    types.as_array().map_or_else(|| is(types), |types| types.iter().any(is))
}

fn answer(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// An answer to a line without the line's id, which is no part of it.
fn of_line(verb: &[&str], input: &str) -> Value {
    let mut answer = answer(&call_with(verb, input).answered(0));
    answer.as_object_mut().unwrap().remove("id");
    answer
}

#[test]
fn the_validator_finds_what_it_should() {
    let risk = answer(&call(&["risk", "change.json"]).answered(0));
    let root = answer(&call(&["schema", "risk-answer"]).answered(0));
    assert_eq!(check(&root, &risk), Ok(()));
    for (pointer, wrong, expected) in [
        ("/outcome", json!("severe"), "$.outcome: 0 alternatives fit"),
        ("/findings/0/line", json!(1), "$.findings[0].line: type \"string\", found 1"),
        ("/findings/0", json!({"line": "x"}), "$.findings[0]: required"),
        ("/approach/stages", json!({}), "$.approach.stages: type \"array\""),
        ("/approach/more", json!(1), "$.approach.more: nothing is allowed here"),
        ("/more", json!(1), "$: more is not described"),
    ] {
        let mut changed = risk.clone();
        match changed.pointer_mut(pointer) {
            Some(place) => *place = wrong,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                changed.pointer_mut(parent).unwrap()[name] = wrong;
            }
        }
        let fault = check(&root, &changed).unwrap_err();
        assert!(fault.starts_with(expected), "{fault}");
    }
}

#[test]
fn answers_about_changes_and_plans_are_as_their_schemas_say() {
    assert_valid("risk-answer", &answer(&call(&["risk", "change.json"]).answered(0)));
    assert_valid("plan", &answer(&call(&["plan", "release.json"]).answered(0)));
    assert_valid("check-answer", &answer(&call(&["plan", "--check", "plan.yaml", "--rto", "20s"]).answered(1)));
    let release = fixture("release.json").replace('\n', " ");
    assert_valid("plan-answer", &of_line(&["plan", "--lines"], &release));
    let none = of_line(&["plan", "--lines"], &release.replace("\"2m\"", "\"20s\""));
    assert_eq!(none["plan"], Value::Null);
    assert_valid("plan-answer", &none);
    assert_valid("error", &answer(&call_with(&["plan", "--lines"], "{}").answered(0)));
}

/// The line is what the text for people says of the same finding.
#[test]
fn a_finding_in_json_has_the_line_that_people_read() {
    let json = answer(&call(&["plan", "--check", "plan.yaml", "--rto", "20s"]).answered(1));
    let line = json["findings"][0]["line"].as_str().unwrap();
    assert!(line.starts_with("critical plan.slow_rollback: going back takes about 30s"), "{line}");
    let text = call(&["plan", "--check", "plan.yaml", "--rto", "20s", "--output", "text"]).answered(1);
    assert!(text.contains(&format!("\n  {line}\n")), "{text}");
    let risk = answer(&call(&["risk", "change.json"]).answered(0));
    let text = fixture("answers/risk.txt");
    for finding in risk["findings"].as_array().unwrap() {
        assert!(text.contains(finding["line"].as_str().unwrap()), "{finding}");
    }
}
