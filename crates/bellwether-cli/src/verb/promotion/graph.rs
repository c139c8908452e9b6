use bellwether_core::Finding;
use bellwether_promotion::{Environment, Graph, GraphDraft, Need, OnNewer, Order, Site, Trigger, Verification};
use schemars::JsonSchema;
use serde::Serialize;

use super::GRAPH_BYTES_MAX;
use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    table::table,
    verb::plan::status,
};

/// Asks whether a graph is one, and what is unwise about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckGraph;

/// A graph, and what is unwise about it.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct GraphAnswer {
    /// The graph.
    #[schemars(with = "GraphDraft")]
    graph: Graph,
    /// What to know about it.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for CheckGraph {
    type Input = Graph;
    type Answer = GraphAnswer;

    const BYTES_MAX: usize = GRAPH_BYTES_MAX;

    fn answer(&self, graph: Graph) -> Result<GraphAnswer, Complaint> {
        let findings = graph.check();
        Ok(GraphAnswer { graph, findings })
    }
}

impl Answer for GraphAnswer {
    fn status(&self) -> Status {
        status(&self.findings)
    }

    fn text(&self, look: &Look) -> String {
        let head = ["environment", "from", "takes", "asks for"].map(str::to_owned);
        let rows: Vec<[String; 4]> = [head].into_iter().chain(self.graph.environments().map(row)).collect();
        let text = table(&rows);
        let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
        format!("{}\n{rest}{}", look.paint(Role::Quiet, head), look.findings(&self.findings))
    }
}

fn row(environment: &Environment) -> [String; 4] {
    let from: Vec<&str> = environment.from.iter().map(|name| name.as_str()).collect();
    let joint = match environment.need {
        Need::All => " + ",
        Need::One => " | ",
    };
    [environment.name.to_string(), from.join(joint), takes(environment), asks(environment)]
}

/// Who brings which releases.
fn takes(environment: &Environment) -> String {
    let order = match (environment.site, environment.trigger, environment.order) {
        (Site::Junction, ..) => return "nothing: a junction".into(),
        (Site::Deployed, Trigger::Person, _) => "a person",
        (Site::Deployed, Trigger::Automatic, Order::Newest) => "newest first",
        (Site::Deployed, Trigger::Automatic, Order::Oldest) => "oldest first",
    };
    let replaces = match environment.on_newer {
        OnNewer::Wait => "",
        OnNewer::Replace => ", at once",
    };
    let branches = match environment.branches.is_empty() {
        true => String::new(),
        false => format!(" of {}", environment.branches.join(", ")),
    };
    format!("{order}{replaces}{branches}")
}

fn asks(environment: &Environment) -> String {
    let mut asks = Vec::new();
    if !environment.soak.is_zero() {
        asks.push(format!("{} soak", environment.soak));
    }
    if let Some(approvals) = &environment.approvals {
        let of = if approvals.of.is_empty() { String::new() } else { format!(" of {}", approvals.of.len()) };
        asks.push(format!("{}{of} approved", approvals.count));
    }
    asks.extend(environment.gates.iter().map(|gate| format!("gate {gate}")));
    asks.extend(environment.same.iter().map(|name| format!("same {name}")));
    if environment.site == Site::Deployed && environment.verification == Verification::None {
        asks.push("verifies nothing".into());
    }
    asks.extend(environment.back.map(|rule| format!("returns within {}", rule.within)));
    asks.join(", ")
}
