use std::{path::PathBuf, str::FromStr};

use bellwether_core::{Digest, Duration, Level, ParseDigestError, RolloutId, Weight};
use bellwether_strategy::preset;
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use clap_complete::Shell;

use crate::{
    schema::Name,
    source::Source,
    verb::{bake::Bake, promotion::Promotion, simulate::Simulate},
};

mod gate;
mod judge;
mod risk;
mod window;

pub(crate) use gate::{Gate, GateFormat, GatePreset};
pub(crate) use judge::{Judge, JudgeFormat, JudgeName};
pub(crate) use risk::{RiskFit, RiskScore, RiskVerb};
pub(crate) use window::{Import, Window, WindowFormat, WindowVerb};

const LONG_ABOUT: &str = "\
Decides how a change reaches production: how risky it is, which steps it takes, whether it may go on, and why.

Every verb reads one document (JSON, YAML or TOML by extension or --input; standard input for `-` or no file) and prints \
one answer: text on a terminal, JSON when piped. Nothing is changed in the world, and no network is used.";

const AFTER_HELP: &str = "\
Exit status:
  0  pass, allowed
  1  fail, denied
  2  the input or the call is wrong
  3  inconclusive, or no data: a simulation that does not come to an end, a time about which nobody can tell, a release
     that waits

Examples:
  bellwether risk change.json                     how risky is this change, and why?
  bellwether plan release.yaml > plan.json        make a plan and keep it
  bellwether plan --check plan.json               may this plan be carried out?
  bellwether simulate plan.json scenario.yaml     what would it do in such a world?
  bellwether bake --traffic 6000 --share 0.05     how long must a step bake to see what?
  bellwether window calendar.yaml                 is it a time to go forward, and when is the next?
  bellwether promotion graph.yaml release.json    which environment may it enter next?
  bellwether judge series.json                    is the candidate worse than what runs today?
  bellwether gate conditions.yaml evidence.json   is what was measured good enough?
  bellwether risk --lines < changes.jsonl         one answer a line, in the same order
  bellwether explain rollouts.redb                what does the rollout wait for, and why?
  bellwether replay rollouts.redb                 were these decisions made by these rules?
  bellwether schema change                        what a change looks like";

/// Decides how a change reaches production.
#[derive(Clone, Debug, Parser)]
#[command(name = "bellwether", version, about, long_about = LONG_ABOUT, after_help = AFTER_HELP, max_term_width = 100)]
#[command(arg_required_else_help = true, subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Command {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// What every verb understands.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Options of every verb")]
pub(crate) struct Options {
    /// How to answer [default: text on a terminal, json when piped]
    #[arg(long, value_enum, value_name = "FORM", global = true)]
    pub(crate) output: Option<Output>,
    /// How the input is written [default: by its extension; without a known one JSON where it begins with { or [, else
    /// YAML]
    #[arg(long, value_enum, value_name = "FORMAT", global = true)]
    pub(crate) input: Option<Input>,
    /// Read JSON Lines and answer each with one line, in the same order
    #[arg(long, global = true)]
    pub(crate) lines: bool,
    /// Print the whole tree of reasons
    #[arg(long, global = true)]
    pub(crate) explain: bool,
    /// When to colour text; `auto` also respects NO_COLOR
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, global = true)]
    pub(crate) color: Colour,
}

impl Options {
    /// How a document is written, where it does not tell by its name and somebody else did.
    pub(crate) fn input_of(&self, source: &Source) -> Option<Input> {
        let tells = source.extension().is_some_and(|it| matches!(it.as_str(), "json" | "yaml" | "yml" | "toml"));
        self.input.filter(|_| !tells)
    }
}

/// How to answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Output {
    /// For people: tables, and one line for each finding.
    Text,
    /// For programs: one document.
    Json,
}

/// How an input is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Input {
    /// One document of RFC 8259.
    Json,
    /// One document of YAML 1.2.
    Yaml,
    /// TOML 1.
    Toml,
}

/// When to colour text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is asked.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Verb {
    Risk(Risk),
    Plan(Plan),
    Simulate(Simulate),
    Bake(Bake),
    Window(Box<Window>),
    Promotion(Promotion),
    Judge(Judge),
    Gate(Gate),
    Replay(Replay),
    Explain(Explain),
    Journal(Journal),
    Schema(Schema),
    Completions(Completions),
}

/// Say how risky a change is: level, reasons, and how such a change is rolled out
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether risk change.json --explain
  bellwether risk score --features commits.csv
  bellwether risk fit --features commits.csv > table.json")]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Risk {
    #[command(subcommand)]
    pub(crate) verb: Option<RiskVerb>,
    /// The change, as `bellwether schema change` describes it
    pub(crate) change: Option<PathBuf>,
    /// Rules of your own, as `bellwether schema rules` describes them
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub(crate) rules: Option<PathBuf>,
    /// Rules that come with bellwether
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Preset::Seed003)]
    pub(crate) preset: Preset,
}

/// Rules that come with bellwether.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Preset {
    /// The trigger classes of a published deployment decision matrix.
    #[value(name = "seed-003")]
    Seed003,
}

/// Make or check a plan: its steps, their evidence and waits, and what will hurt
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether plan release.yaml > plan.json
  bellwether plan release.yaml --compare
  bellwether plan release.yaml --preset seed-001-canary
  bellwether plan --check plan.json
  bellwether plan arithmetic --lines < calls.jsonl

A release that names no strategy gets the one that is recommended for its level, target and needs.
With JSON output the plan itself is the answer, null where none is possible, and findings go to standard error.
No plan, or a critical finding, makes the exit status 1.")]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Plan {
    #[command(subcommand)]
    pub(crate) verb: Option<PlanVerb>,
    /// The release, as `bellwether schema release` describes it; with --check a plan (`bellwether schema plan`)
    #[arg(value_name = "RELEASE|PLAN")]
    pub(crate) file: Option<PathBuf>,
    /// Check a plan instead of making one
    #[arg(long)]
    pub(crate) check: bool,
    /// With --check: how long going back may take at most, such as 20s or 5m
    #[arg(long, value_name = "DURATION", requires = "check", conflicts_with_all = ["compare", "preset", "presets"])]
    pub(crate) rto: Option<Duration>,
    /// Compare every strategy on the release's target instead of making one plan
    #[arg(long, conflicts_with_all = ["check", "preset", "presets"])]
    pub(crate) compare: bool,
    /// Make the plan of this preset, whatever the release's level
    #[arg(long, value_name = "NAME", value_parser = preset_names(), hide_possible_values = true,
          conflicts_with_all = ["check", "presets"])]
    pub(crate) preset: Option<String>,
    /// List the presets
    #[arg(long, conflicts_with_all = ["check", "file"])]
    pub(crate) presets: bool,
}

/// The presets, each with what it does.
fn preset_names() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(preset::ALL.iter().map(|preset| PossibleValue::new(preset.name).help(preset.about)))
}

/// What else is asked about plans.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PlanVerb {
    Arithmetic(Arithmetic),
    Import(PlanImport),
}

/// Read what other systems roll out, and say what became of each field
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether plan import rollout.yaml
  bellwether plan import canary.yaml --stable 1.8 --candidate 1.9 > plan.json
  kubectl get rollouts -o json | bellwether plan import --print report

Read are Rollout, AnalysisTemplate and ClusterAnalysisTemplate of Argo Rollouts, Canary of Flagger and Deployment of \
Kubernetes, alone, in a List, or as several YAML documents.
With JSON output the plan is the answer, several plans one a line, and findings go to standard error.
What protects a rollout there and nothing here does instead is a critical finding, and makes the exit status 1.")]
pub(crate) struct PlanImport {
    /// The documents
    pub(crate) file: Option<PathBuf>,
    /// What the rollout is called [default: the document's name]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<RolloutId>,
    /// The version that runs today
    #[arg(long, value_name = "VERSION")]
    pub(crate) stable: Option<String>,
    /// The version that shall run [default: the image of a single container]
    #[arg(long, value_name = "VERSION")]
    pub(crate) candidate: Option<String>,
    /// How risky the change is: zero, low, medium or high
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: Option<Level>,
    /// How many units carry the whole traffic [default: the document's replicas]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) replicas: Option<u32>,
    /// How much of the traffic the users are who are chosen by headers, such as 2 %
    #[arg(long, value_name = "SHARE")]
    pub(crate) cohort_size: Option<Weight>,
    /// Compare each share with stable, also where the document only lets time pass
    #[arg(long)]
    pub(crate) compare: bool,
    /// What JSON output holds
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Print::Plans)]
    pub(crate) print: Print,
    /// List every known field and what becomes of it
    #[arg(long, conflicts_with = "file")]
    pub(crate) fields: bool,
}

/// What an import prints as JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Print {
    /// The plans alone: `bellwether schema plan`.
    Plans,
    /// What their gates demand, alone.
    Gates,
    /// Everything: `bellwether schema import-answer`.
    Report,
}

fn level(text: &str) -> Result<Level, String> {
    let known = [Level::Zero, Level::Low, Level::Medium, Level::High];
    let found = known.into_iter().find(|level| level.to_string() == text);
    found.ok_or_else(|| "expected zero, low, medium or high".to_owned())
}

/// Compute pods and weights as Kubernetes, Argo Rollouts and Flagger do
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  echo '{\"system\": \"kubernetes\", \"function\": \"resolve_fenceposts\",
         \"in\": {\"desired\": 10, \"max_surge\": \"25%\", \"max_unavailable\": \"25%\"}}' | bellwether plan arithmetic

`bellwether schema arithmetic` lists the functions and their fields.")]
pub(crate) struct Arithmetic {
    /// The call, as `bellwether schema arithmetic` describes it
    pub(crate) call: Option<PathBuf>,
}

/// Decide everything again that a journal holds, and compare byte by byte
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  bellwether replay rollouts.redb --rollout checkout-42

The exit status is 1 at the first decision or verdict that this build would not make.
A journal's file is only read, as a whole into memory. It is locked while a driver runs.")]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) file: JournalFile,
}

/// Say why a rollout stands where it does, and what it waits for to go on
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether explain rollouts.redb --rollout checkout-42
  bellwether explain rollouts.redb --rollout checkout-42 --at 57 --explain
  bellwether explain rollouts.redb --rollout checkout-42 --what-if aborted

Nothing is recorded, whatever is asked.")]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) file: JournalFile,
    /// Up to this record [default: the last one]
    #[arg(long, value_name = "SEQ")]
    pub(crate) at: Option<u64>,
    /// Also say what an event would do then: pass, fail, inconclusive, no-data, ticked (time passes), paused, unpaused,
    /// aborted, skipped, advanced-in-full, alarmed, or an event as `bellwether schema event` describes it, or its file
    #[arg(long, value_name = "EVENT", allow_hyphen_values = true)]
    pub(crate) what_if: Option<String>,
}

/// Export a journal as JSON Lines, or verify its chain of digests
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether journal export rollouts.redb --rollout checkout-42 > checkout-42.jsonl
  bellwether journal verify checkout-42.jsonl")]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Journal {
    #[command(subcommand)]
    pub(crate) verb: JournalVerb,
}

/// What is done with a journal.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum JournalVerb {
    /// Print one line of JSON a record and one that ends them; every verb that reads a journal reads this too
    Export(JournalFile),
    /// Check that every record is what was written and follows the one before
    Verify(Verify),
}

/// A journal, and which of its rollouts.
#[derive(Args, Clone, Debug)]
pub(crate) struct JournalFile {
    /// A journal's file, or an export of one
    pub(crate) journal: Option<PathBuf>,
    /// Which rollout [default: those that are under way; without any those that have ended; of an export every one]
    #[arg(long, value_name = "ID")]
    pub(crate) rollout: Option<RolloutId>,
}

/// A journal to verify.
#[derive(Args, Clone, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) file: JournalFile,
    /// The last record that must be there, as an earlier call printed it: shows whether the end was cut off
    #[arg(long, value_name = "SEQ:DIGEST")]
    pub(crate) head: Option<HeadText>,
}

/// The last record of a journal: `57:9c4e...`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct HeadText {
    /// Its number.
    pub(crate) seq: u64,
    /// Its digest.
    pub(crate) digest: Digest,
}

impl FromStr for HeadText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (seq, digest) = text.split_once(':').ok_or("expected a record's number and digest such as 57:9c4e...")?;
        let seq = seq.parse().map_err(|_| format!("expected a record's number before the colon, found {seq:?}"))?;
        let digest = digest.parse().map_err(|error: ParseDigestError| error.to_string())?;
        Ok(Self { seq, digest })
    }
}

/// Print the JSON Schema of an input or an answer, or the list of names
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bellwether schema plan > plan.schema.json")]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum)]
    pub(crate) name: Option<Name>,
}

/// Print completions for a shell
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  bellwether completions bash > ~/.local/share/bash-completion/completions/bellwether"
)]
pub(crate) struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
