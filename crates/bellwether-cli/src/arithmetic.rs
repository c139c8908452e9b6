//! `plan arithmetic`: the replica and weight arithmetic of other systems, by name.
//!
//! A call names a system and one of its functions; the table in [`function`] is the whole list, from which
//! `schema arithmetic` is made too. Fields that an original ignores are taken and passed over, so that a call can be
//! written down from a manifest as it is.

use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    fault::cut,
    look::Look,
    node::Node,
};

mod argument;
mod function;

use function::{FUNCTIONS, Function};

/// A call may have this many bytes.
const CALL_BYTES_MAX: usize = 256 * 1_024;

/// Asks for what another system would compute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compute;

/// A call: which function of which system, and its arguments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    system: String,
    function: String,
    #[serde(rename = "in")]
    arguments: Node,
}

/// What the original gives for it.
#[derive(Debug, Serialize)]
pub(crate) struct Computed {
    out: Value,
}

impl Question for Compute {
    type Input = Call;
    type Answer = Computed;

    const BYTES_MAX: usize = CALL_BYTES_MAX;

    fn answer(&self, call: Call) -> Result<Computed, Complaint> {
        let function = named(&call)?;
        let mut arguments = call.arguments;
        if let Node::Map(map) = &mut arguments {
            map.retain(|field, _| !function.ignored.contains(&field.as_str()));
        }
        Ok(Computed { out: (function.compute)(arguments)? })
    }
}

impl Answer for Computed {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, _: &Look) -> String {
        let Value::Object(fields) = &self.out else { return self.out.to_string() };
        fields.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    }
}

/// The JSON Schema of a call: one alternative for each function, with what it gives back under `x-out`.
pub(crate) fn schema() -> Schema {
    let mut generator = SchemaGenerator::default();
    let calls: Vec<Value> = FUNCTIONS.iter().map(|function| alternative(function, &mut generator)).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ArithmeticCall",
        "description": "A function of another system, and its arguments.",
        "type": "object",
        "properties": {
            "id": { "description": "The line's own." },
            "system": { "description": "Which system.", "type": "string" },
            "function": { "description": "Which of its functions.", "type": "string" },
            "in": { "description": "The function's arguments." },
        },
        "required": ["system", "function", "in"],
        "additionalProperties": false,
        "oneOf": calls,
        "$defs": generator.take_definitions(true),
    });
    Schema::try_from(schema).unwrap_or_default()
}

fn alternative(function: &Function, generator: &mut SchemaGenerator) -> Value {
    let mut arguments = (function.arguments)(generator);
    arguments.remove("description");
    if let Some(Value::Object(fields)) = arguments.get_mut("properties") {
        for field in function.ignored {
            fields.insert((*field).to_owned(), json!({ "description": "Has no effect." }));
        }
    }
    json!({
        "title": format!("{} {}", function.system, function.name),
        "description": format!("Follows {}.", function.original),
        "properties": {
            "system": { "const": function.system },
            "function": { "const": function.name },
            "in": arguments,
        },
        "x-out": function.results,
    })
}

/// The function that is called.
fn named(call: &Call) -> Result<&'static Function, Complaint> {
    let mut of_system = FUNCTIONS.iter().filter(|function| function.system == call.system).peekable();
    if of_system.peek().is_none() {
        return Err(unknown("$.system", FUNCTIONS.iter().map(|function| function.system), &call.system));
    }
    let names = of_system.clone().map(|function| function.name);
    of_system
        .find(|function| function.name == call.function)
        .ok_or_else(|| unknown("$.function", names, &call.function))
}

fn unknown(at: &str, known: impl Iterator<Item = &'static str>, found: &str) -> Complaint {
    let mut names: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    names.dedup();
    Complaint::new("invalid", at, format_args!("expected one of {}, found \"{}\"", names.join(", "), cut(found)))
}
