//! Nothing that a document says is dropped in silence: whatever is changed in it, the plan, a gate or a finding changes.

use std::{collections::BTreeSet, sync::LazyLock};

use proptest::prelude::*;

use super::{
    field::{Becomes, Field},
    place::brief,
    *,
};
use crate::{
    document::{self, Format},
    node::Node,
};

/// Every fixture that is imported without a complaint.
const FIXTURES: [&str; 9] = [
    include_str!("../../tests/fixtures/imports/rollout-canary.yaml"),
    include_str!("../../tests/fixtures/imports/rollout-blue-green.yaml"),
    include_str!("../../tests/fixtures/imports/rollout-routes.yaml"),
    include_str!("../../tests/fixtures/imports/rollout-units.yaml"),
    include_str!("../../tests/fixtures/imports/deployments.json"),
    include_str!("../../tests/fixtures/imports/canary-shares.yaml"),
    include_str!("../../tests/fixtures/imports/canary-list.yaml"),
    include_str!("../../tests/fixtures/imports/canary-match.yaml"),
    include_str!("../../tests/fixtures/imports/canary-switch.yaml"),
];

fn settings() -> Settings {
    Settings { cohort_size: "2 %".parse().ok(), ..Settings::default() }
}

/// What is made of a text, and what of the text should show in it.
fn read(bytes: &[u8]) -> Option<(String, Vec<Node>)> {
    let documents = document::utf8(bytes).and_then(|text| document::all(text, Format::Yaml)).ok()?;
    let import = import(&documents, &settings()).ok()?;
    let said = flatten(&documents).unwrap().iter().map(significant).collect();
    Some((shown(&import), said))
}

fn shown(import: &Import) -> String {
    let mut text = format!("{:?}", import.findings);
    for one in &import.imported {
        text += &serde_json::to_string(&(&one.plan, &one.gates)).unwrap();
        text += &format!("{:?}", one.findings);
    }
    text
}

/// A document without what its findings do not show in full: of a field that is not read only the line that shows it.
fn significant(place: &Place<'_>) -> Node {
    let kind = Kind::of(place).unwrap();
    if kind == Kind::Other {
        // Nothing of it is read but what it is.
        return Node::Text(place.field("kind").unwrap().brief());
    }
    prune(place.node().unwrap(), "", rows(kind))
}

fn rows(kind: Kind) -> &'static [&'static [Field]] {
    match kind {
        Kind::Rollout => {
            &[metadata::ROWS, argo::row::ROLLOUT, argo::row::CANARY, argo::row::STEP, argo::row::BLUE_GREEN]
        }
        Kind::AnalysisTemplate | Kind::ClusterAnalysisTemplate => &[metadata::ROWS, argo::row::ANALYSIS],
        Kind::Canary => &[metadata::ROWS, flagger::row::CANARY, flagger::row::ANALYSIS],
        Kind::Deployment => &[metadata::ROWS, deployment::ROWS],
        Kind::Other => &[],
    }
}

fn prune(node: &Node, path: &str, rows: &[&[Field]]) -> Node {
    let row = rows.iter().flat_map(|rows| rows.iter()).find(|row| row.path == path);
    if row.is_some_and(|row| !matches!(row.becomes, Becomes::Kept(_))) {
        return if field::is_zero(node) { Node::Null } else { Node::Text(brief(node)) };
    }
    match node {
        Node::Map(map) => {
            let below = |key: &String| if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let pruned = map.iter().map(|(key, value)| (key.clone(), prune(value, &below(key), rows)));
            Node::Map(pruned.filter(|(_, value)| *value != Node::Null).collect())
        }
        Node::List(list) => Node::List(list.iter().map(|item| prune(item, &format!("{path}[]"), rows)).collect()),
        // What is not written is false, but for one field.
        Node::Bool(flag) if *flag == path.ends_with("autoPromotionEnabled") => Node::Null,
        Node::Text(text) if path.ends_with("Condition") => Node::Text(text.split_whitespace().collect()),
        Node::Null | Node::Bool(_) | Node::Signed(_) | Node::Unsigned(_) | Node::Float(_) | Node::Text(_) => {
            node.clone()
        }
    }
}

/// A fixture and what is made of it.
struct Original {
    text: &'static str,
    made: String,
    said: Vec<Node>,
}

static ORIGINALS: LazyLock<Vec<Original>> = LazyLock::new(|| {
    let original = |text: &'static str| {
        let (made, said) = read(text.as_bytes()).expect("a fixture is imported");
        Original { text, made, said }
    };
    FIXTURES.map(original).into()
});

impl Original {
    #[track_caller]
    fn assert_told(&self, changed: &[u8]) {
        let Some((made, said)) = read(changed) else { return };
        let changed = String::from_utf8_lossy(changed);
        let first = self.text.lines().zip(changed.lines()).position(|(was, is)| was != is);
        assert!(
            said == self.said || made != self.made,
            "dropped in silence: line {first:?} and on became {:?}",
            first.and_then(|line| changed.lines().nth(line))
        );
    }
}

/// The places that a document has, as rows name them.
fn paths(node: &Node, path: &str, found: &mut BTreeSet<String>) {
    found.insert(path.to_owned());
    match node {
        Node::Map(map) => {
            for (key, value) in map {
                paths(value, if path.is_empty() { key.clone() } else { format!("{path}.{key}") }.as_str(), found);
            }
        }
        Node::List(list) => list.iter().for_each(|item| paths(item, &format!("{path}[]"), found)),
        Node::Null | Node::Bool(_) | Node::Signed(_) | Node::Unsigned(_) | Node::Float(_) | Node::Text(_) => {}
    }
}

/// So that the tests below change every field that is read.
#[test]
fn every_field_that_is_read_is_in_a_fixture() {
    let mut missing = Vec::new();
    let documents: Vec<Document> =
        FIXTURES.iter().flat_map(|text| document::all(text, Format::Yaml).unwrap()).collect();
    let places = flatten(&documents).unwrap();
    for kind in [Kind::Rollout, Kind::AnalysisTemplate, Kind::Canary, Kind::Deployment] {
        let mut found = BTreeSet::new();
        for place in places.iter().filter(|place| Kind::of(place).unwrap() == kind) {
            paths(place.node().unwrap(), "", &mut found);
        }
        missing.extend(
            rows(kind)
                .iter()
                .flat_map(|rows| rows.iter())
                .filter(|row| matches!(row.becomes, Becomes::Kept(_)) && !found.contains(row.path))
                .map(|row| row.path),
        );
    }
    assert_eq!(missing, ["spec.canaryAnalysis"], "a document with it makes no plan");
}

#[test]
fn every_beginning_of_a_document_is_told() {
    for original in ORIGINALS.iter() {
        let text = original.text;
        for end in text.match_indices('\n').map(|(end, _)| end).chain((0..text.len()).step_by(37)) {
            original.assert_told(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn every_line_that_is_left_out_is_told() {
    for original in ORIGINALS.iter() {
        let lines: Vec<&str> = original.text.split_inclusive('\n').collect();
        for left_out in 0..lines.len() {
            let rest: String =
                lines.iter().enumerate().filter(|(line, _)| *line != left_out).map(|(_, text)| *text).collect();
            original.assert_told(rest.as_bytes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn one_byte_that_is_changed_is_told(
        fixture in 0..FIXTURES.len(),
        at in any::<prop::sample::Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(b"0123456789 :-.aetx{}[]\n".to_vec())],
    ) {
        let original = &ORIGINALS[fixture];
        let mut bytes = original.text.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        original.assert_told(&bytes);
    }
}
