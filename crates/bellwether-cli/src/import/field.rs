use bellwether_core::Finding;

use super::{note, place::Place};
use crate::node::Node;

/// A field of another system's document, and what becomes of it.
///
/// The rows are what the importers are checked against: a key that no row names is reported, and the guide's tables are
/// these rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Where: `spec.strategy.canary.steps[].setWeight`. A row for a map or a list holds for everything in it.
    pub(super) path: &'static str,
    /// What becomes of it.
    pub(super) becomes: Becomes,
    /// Whether zero, false and empty say something that the absence of the field does not.
    says_zero: bool,
}

/// What becomes of a field, in words that a person reads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Becomes {
    /// It is read: this part of the plan. Where its meaning differs the importer says so.
    Kept(&'static str),
    /// It says nothing about how a rollout goes.
    Ignored(&'static str),
    /// It means something else here.
    Changed(&'static str),
    /// It protects the rollout there, and nothing here does it instead.
    Lost(&'static str),
}

impl Field {
    pub(super) const fn kept(path: &'static str, becomes: &'static str) -> Self {
        Self { path, becomes: Becomes::Kept(becomes), says_zero: false }
    }

    pub(super) const fn ignored(path: &'static str, why: &'static str) -> Self {
        Self { path, becomes: Becomes::Ignored(why), says_zero: false }
    }

    pub(super) const fn changed(path: &'static str, why: &'static str) -> Self {
        Self { path, becomes: Becomes::Changed(why), says_zero: false }
    }

    pub(super) const fn lost(path: &'static str, why: &'static str) -> Self {
        Self { path, becomes: Becomes::Lost(why), says_zero: false }
    }

    /// Says something about zero, false and empty values too.
    pub(super) const fn with_zero(mut self) -> Self {
        self.says_zero = true;
        self
    }

    fn finding(&self, place: &Place<'_>) -> Option<Finding> {
        if !self.says_zero && place.node().is_none_or(is_zero) {
            return None;
        }
        match self.becomes {
            Becomes::Kept(_) => None,
            Becomes::Ignored(why) => Some(note::ignored(place, why)),
            Becomes::Changed(why) => Some(note::changed(place, why)),
            Becomes::Lost(why) => Some(note::lost(place, why)),
        }
    }
}

/// What is to be said about the fields of a document that nobody reads: those whose row says so, and those without a row.
pub(super) fn survey(document: &Place<'_>, rows: &[&[Field]]) -> Vec<Finding> {
    let mut findings = Vec::new();
    visit(document, "", rows, &mut findings);
    findings
}

fn visit(place: &Place<'_>, path: &str, rows: &[&[Field]], findings: &mut Vec<Finding>) {
    let fields = || rows.iter().flat_map(|rows| rows.iter());
    if let Some(field) = fields().find(|field| field.path == path) {
        findings.extend(field.finding(place));
        if !matches!(field.becomes, Becomes::Kept(_)) {
            return;
        }
    }
    let goes_on = |sign: &str| {
        fields()
            .any(|field| field.path.strip_prefix(path).is_some_and(|rest| path.is_empty() || rest.starts_with(sign)))
    };
    match place.node() {
        Some(Node::Map(map)) if goes_on(".") => {
            for name in map.keys() {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let Ok(field) = place.field(name) else { continue };
                // A key with a dot in it is no place in a row.
                if !name.contains(['.', '[']) && fields().any(|row| covers(row.path, &below)) {
                    visit(&field, &below, rows, findings);
                } else if field.is_there() {
                    findings.push(note::unknown(&field));
                }
            }
        }
        Some(Node::List(_)) if goes_on("[]") => {
            for item in place.items().unwrap_or_default() {
                visit(&item, &format!("{path}[]"), rows, findings);
            }
        }
        Some(_) | None => {}
    }
}

/// Whether a row is about the place, or about something in it.
fn covers(row: &str, path: &str) -> bool {
    row.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What Go's structs cannot tell from a field that is not there.
pub(super) fn is_zero(node: &Node) -> bool {
    match node {
        Node::Null | Node::Bool(false) | Node::Unsigned(0) => true,
        Node::Bool(true) | Node::Signed(_) | Node::Unsigned(_) => false,
        Node::Float(number) => *number == 0.0,
        Node::Text(text) => text.is_empty(),
        Node::List(list) => list.is_empty(),
        Node::Map(map) => map.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &[Field] = &[
        Field::kept("name", "the name"),
        Field::kept("steps[].weight", "the share"),
        Field::changed("steps[].paused", "nothing is paused"),
        Field::ignored("labels", "nobody reads them"),
        Field::lost("limit", "nothing stops it").with_zero(),
    ];

    fn told(json: &str) -> Vec<String> {
        let node = crate::document::json_line(json.as_bytes()).unwrap();
        survey(&Place::root(&node, "$"), &[ROWS]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_nobody_reads_is_told_with_its_place_and_its_value() {
        assert_eq!(
            told(r#"{"name": "a", "steps": [{"weight": 1}, {"weight": 2, "paused": false}], "labels": {}}"#),
            [""; 0]
        );
        let json = r#"{"steps": [{"weight": 1, "wieght": 2}, {"paused": true}], "labels": {"a": {"b": 1}}, "limit": 0, "steps[].weight": 5, "x": null, "y": 0}"#;
        assert_eq!(
            told(json),
            [
                "info import.ignored: $.labels ({a: {b: 1}}): nobody reads them",
                "critical import.lost: $.limit (0): nothing stops it",
                "warning import.unknown: $.steps[0].wieght (2): not a known field of this kind, so it has no effect here",
                "warning import.changed: $.steps[1].paused (true): nothing is paused",
                "warning import.unknown: $[\"steps[].weight\"] (5): not a known field of this kind, so it has no effect here",
                "warning import.unknown: $.y (0): not a known field of this kind, so it has no effect here",
            ]
        );
    }
}
