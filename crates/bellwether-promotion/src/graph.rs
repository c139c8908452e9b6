use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use bellwether_core::EnvironmentName;
use serde::{Deserialize, Serialize};

use crate::{Environment, GraphError, shape};

/// The version of the format of graphs that this build reads and writes.
pub(crate) const SCHEMA: u32 = 1;

/// The environments of a service and how releases flow through them. Checked: no cycles, no unknown names, nothing that
/// could never be met.
///
/// # Example: a graph is checked when it is read
/// ```
/// use bellwether_promotion::Graph;
///
/// let text = r#"{"schema": 1, "environments": [
///     {"name": "staging", "trigger": "automatic"},
///     {"name": "production", "from": ["staging"], "soak": "12h", "approvals": {"count": 2}}
/// ]}"#;
/// let graph: Graph = serde_json::from_str(text)?;
/// assert_eq!(graph.environments().count(), 2);
///
/// let error = serde_json::from_str::<Graph>(&text.replace(r#"["staging"]"#, r#"["stage"]"#)).unwrap_err();
/// assert!(error.to_string().contains("$.environments[1].from[0]: expected the name of an environment, found stage"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(into = "GraphDraft", try_from = "GraphDraft")]
pub struct Graph {
    draft: GraphDraft,
    /// Where each environment stands in the draft.
    places: BTreeMap<EnvironmentName, usize>,
    /// Every environment after all of those before it.
    order: Vec<usize>,
    /// For each environment those that name it in `from`.
    behind: Vec<Vec<usize>>,
}

/// A graph before its checks.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename = "Graph")]
pub struct GraphDraft {
    /// The version of this format.
    pub schema: u32,
    /// The kinds of digests that are made anew for each environment, such as `configuration`: reported, not compared.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub varies: BTreeSet<String>,
    /// The environments.
    pub environments: Vec<Environment>,
}

impl Graph {
    /// Checks environments and makes them a graph.
    ///
    /// # Errors
    /// See [`GraphError`]: the first place that is wrong.
    pub fn new(environments: Vec<Environment>) -> Result<Self, GraphError> {
        Self::try_from(GraphDraft { schema: SCHEMA, varies: BTreeSet::new(), environments })
    }

    /// The graph as data.
    #[must_use]
    pub const fn draft(&self) -> &GraphDraft {
        &self.draft
    }

    /// The environments, each after all of those before it.
    pub fn environments(&self) -> impl Iterator<Item = &Environment> {
        self.order.iter().filter_map(|index| self.draft.environments.get(*index))
    }

    /// The environment of that name.
    #[must_use]
    pub fn environment(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.draft.environments.get(*self.places.get(name)?)
    }

    /// The environments that come directly after one.
    pub(crate) fn behind(&self, name: &EnvironmentName) -> impl Iterator<Item = &Environment> {
        let behind = self.places.get(name).and_then(|index| self.behind.get(*index));
        behind.into_iter().flatten().filter_map(|index| self.draft.environments.get(*index))
    }

    /// The environments that come directly before one.
    pub(crate) fn before<'a>(&'a self, environment: &'a Environment) -> impl Iterator<Item = &'a Environment> {
        environment.from.iter().filter_map(|name| self.environment(name))
    }
}

impl From<Graph> for GraphDraft {
    fn from(graph: Graph) -> Self {
        graph.draft
    }
}

impl TryFrom<GraphDraft> for Graph {
    type Error = GraphError;

    fn try_from(draft: GraphDraft) -> Result<Self, GraphError> {
        let shape = shape::check(&draft)?;
        Ok(Self { draft, places: shape.places, order: shape.order, behind: shape.behind })
    }
}
