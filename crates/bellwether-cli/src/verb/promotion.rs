use bellwether_core::EnvironmentName;
use bellwether_promotion::{Graph, Trigger, preset};
use clap::ValueEnum;

use crate::{
    answer::{Question, Status},
    command::Options,
    complaint::Complaint,
    document, frame,
    source::Source,
};

mod call;
mod facts;
mod goal;
mod graph;
mod journey;

pub(crate) use call::Promotion;
pub(crate) use facts::FactsDocument;
pub(crate) use goal::GoalAnswer;
pub(crate) use graph::GraphAnswer;
pub(crate) use journey::PromotionAnswer;

use goal::AskGoal;
use graph::CheckGraph;
use journey::AskJourney;

/// Graphs may have this many bytes.
const GRAPH_BYTES_MAX: usize = 256 * 1_024;

/// Who asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Asker {
    /// A person, who names the release.
    Person,
    /// Nobody: whether it would be its turn.
    Automatic,
}

impl From<Asker> for Trigger {
    fn from(asker: Asker) -> Self {
        match asker {
            Asker::Person => Self::Person,
            Asker::Automatic => Self::Automatic,
        }
    }
}

/// Answers whatever is asked about promotion.
pub(crate) fn run(call: Promotion, options: Options) -> Result<Status, Complaint> {
    if call.check {
        return check(call, options);
    }
    let (graph, facts) = match call.preset {
        Some(name) => (Place::Preset(name), only(call.graph, call.release)?),
        None => {
            let message = "expected a graph's file or --preset, found neither";
            (Place::File(call.graph.ok_or_else(|| Complaint::new("call", "", message))?), call.release)
        }
    };
    let is_standard = |path: &std::path::Path| path.as_os_str() == "-";
    if matches!(&graph, Place::File(path) if is_standard(path)) && facts.as_deref().is_none_or(is_standard) {
        let message = "expected the graph or the release from standard input, found both";
        return Err(Complaint::new("call", "", message));
    }
    let graph = graph.read(options)?;
    if call.goal {
        return frame::ask(&AskGoal { graph, at: call.at }, facts, options);
    }
    if let Some(name) = &call.environment {
        check_environment(&graph, name)?;
    }
    let by = call.by.unwrap_or(Asker::Person).into();
    frame::ask(&AskJourney { graph, at: call.at, environment: call.environment, by }, facts, options)
}

fn check(call: Promotion, options: Options) -> Result<Status, Complaint> {
    if let Some(second) = call.release {
        let message = format_args!("expected a graph alone beside --check, found {} too", second.display());
        return Err(Complaint::new("call", "", message));
    }
    let Some(name) = call.preset else { return frame::ask(&CheckGraph, call.graph, options) };
    frame::refuse_document_options(options)?;
    only(None, call.graph)?.map_or(Ok(()), |file| {
        let message = format_args!("expected --preset or a graph's file, found {} too", file.display());
        Err(Complaint::new("call", "", message))
    })?;
    frame::show(&CheckGraph.answer(Place::Preset(name).read(options)?)?, options)
}

/// The one of two files that may be given.
fn only(
    first: Option<std::path::PathBuf>,
    second: Option<std::path::PathBuf>,
) -> Result<Option<std::path::PathBuf>, Complaint> {
    match (first, second) {
        (Some(_), Some(second)) => {
            let message = format_args!("expected one file beside --preset, found {} too", second.display());
            Err(Complaint::new("call", "", message))
        }
        (first, second) => Ok(first.or(second)),
    }
}

fn check_environment(graph: &Graph, name: &EnvironmentName) -> Result<(), Complaint> {
    if graph.environment(name).is_some() {
        return Ok(());
    }
    let names: Vec<String> = graph.environments().map(|environment| format!("`{}`", environment.name)).collect();
    let message = format_args!("expected one of {}, found \"{name}\"", names.join(", "));
    Err(Complaint::new("call", "--environment", message))
}

/// Where a graph comes from.
enum Place {
    File(std::path::PathBuf),
    Preset(String),
}

impl Place {
    fn read(self, options: Options) -> Result<Graph, Complaint> {
        match self {
            Self::Preset(name) => {
                let found = preset::ALL.iter().find(|preset| preset.name == name);
                let unknown =
                    || Complaint::new("call", "--preset", format_args!("expected a preset, found \"{name}\""));
                found.map(preset::Preset::graph).ok_or_else(unknown)
            }
            Self::File(path) => {
                let source = Source::new(Some(path));
                // `--input` and `--lines` are about the release.
                let told = if options.lines { None } else { options.input_of(&source) };
                let node = document::read_node(&source, GRAPH_BYTES_MAX, told)?;
                document::typed(node).map_err(|complaint| complaint.of(&source))
            }
        }
    }
}
