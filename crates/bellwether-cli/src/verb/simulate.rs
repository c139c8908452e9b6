use std::{fs, path::PathBuf};

use bellwether_core::{Digest, Duration, Finding, RolloutId, Time};
use bellwether_rollout::{Place, Scenario, SimulationEnd, simulate_each, waiting_for};
use bellwether_strategy::Plan;
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::{explain, plan::PLAN_BYTES_MAX};
use crate::{
    answer::{Answer, Status},
    command::{Options, Output},
    complaint::Complaint,
    document,
    event_text::place,
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    look::{Look, Role},
    source::Source,
};

mod curve;
mod mark;
mod moment;
mod picture;
mod svg;

use curve::Curve;
use moment::{Moment, Timeline};

/// Scenarios may have this many bytes.
const SCENARIO_BYTES_MAX: usize = 256 * 1_024;

/// Carry a plan out in a scripted world, days in milliseconds, and print what happens
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether simulate plan.json
  bellwether simulate plan.json scenario.yaml --picture
  bellwether plan release.yaml | bellwether simulate - scenario.yaml --svg rollout.svg

Without a scenario the world obeys at once, and its judge and gates pass.
The exit status is 0 when the rollout is completed, 1 when it went back, and 3 when it did not come to an end.")]
pub(crate) struct Simulate {
    /// The plan, as `bellwether schema plan` describes it
    pub(crate) plan: Option<PathBuf>,
    /// What the world does, as `bellwether schema scenario` describes it
    pub(crate) scenario: Option<PathBuf>,
    /// When it begins; without it times are counted from the beginning
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Time>,
    /// Draw the candidate's share over time below the table
    #[arg(long)]
    pub(crate) picture: bool,
    /// Draw the same into a file, as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// What a plan does in a scripted world.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct SimulateAnswer {
    rollout: RolloutId,
    /// The plan's identity.
    plan: Digest,
    /// Where the rollout stands at the end.
    place: Place,
    /// Why the simulation went no further.
    end: SimulationEnd,
    /// When it began.
    began: Time,
    /// How long it took in its own time.
    took: Duration,
    /// How many events were decided on.
    events: u64,
    /// What somebody would want to know of, in order: decisions that changed something, warnings, commands and faults.
    moments: Vec<Moment>,
    /// The candidate's exposure as the router showed it, whenever that changed.
    curve: Curve,
    /// What is waited for, where it has not ended.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    waiting: Vec<Finding>,
    #[serde(skip)]
    shown: Shown,
}

/// What only the text needs.
#[derive(Debug)]
struct Shown {
    plan: Plan,
    /// Whether somebody said when it begins, so that its times mean something.
    is_dated: bool,
    picture: bool,
}

/// Simulates and prints.
pub(crate) fn run(call: Simulate, mut options: Options) -> Result<Status, Complaint> {
    if options.lines {
        return Err(frame::no_lines("--lines"));
    }
    if call.picture {
        if options.output == Some(Output::Json) {
            let message = "expected --picture with --output text, found json: `curve` has the figures";
            return Err(Complaint::new("call", "", message));
        }
        options.output = Some(Output::Text);
    }
    let svg = call.svg.clone();
    let answer = answer(call, options)?;
    if let Some(path) = svg {
        let unwritable = |error| Complaint::new("unwritable", "", format_args!("expected to write it, found: {error}"));
        fs::write(&path, svg::draw(&answer)).map_err(|error| unwritable(error).of(path.display()))?;
    }
    frame::show(&answer, options)
}

fn answer(call: Simulate, options: Options) -> Result<SimulateAnswer, Complaint> {
    let Simulate { plan, scenario, at, picture, .. } = call;
    let source = Source::new(plan);
    let script = scenario.map(|path| Source::new(Some(path)));
    if script.as_ref() == Some(&source) && source == Source::Standard {
        let message = "expected the plan or the scenario from standard input, found both";
        return Err(Complaint::new("call", "", message));
    }
    let read = |source: &Source, bytes_max| document::read_node(source, bytes_max, options.input_of(source));
    let plan: Plan = document::typed(read(&source, PLAN_BYTES_MAX)?).map_err(|complaint| complaint.of(&source))?;
    let scenario = match script {
        Some(script) => {
            let read = document::typed(read(&script, SCENARIO_BYTES_MAX)?);
            checked(read, &plan).map_err(|complaint| complaint.of(&script))?
        }
        None => Scenario::default(),
    };
    let shown = Shown { plan, is_dated: at.is_some(), picture };
    Ok(simulated(shown, &scenario, at.unwrap_or_default()))
}

fn checked(read: Result<Scenario, Complaint>, plan: &Plan) -> Result<Scenario, Complaint> {
    let scenario = read?;
    scenario.check(plan).map_err(|error| {
        let text = error.to_string();
        let message = text.strip_prefix(error.at()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text);
        Complaint::new("invalid", error.at(), message)
    })?;
    Ok(scenario)
}

fn simulated(shown: Shown, scenario: &Scenario, began: Time) -> SimulateAnswer {
    let (mut timeline, mut curve, mut events) = (Timeline::new(began, scenario), Curve::new(began), 0_u64);
    let (state, end) = simulate_each(shown.plan.clone(), began, scenario, |state, stepped| {
        events = events.saturating_add(1);
        curve.see(state, &stepped.event);
        timeline.see(state, stepped);
    });
    let took = state.now().since(began);
    SimulateAnswer {
        rollout: shown.plan.id().clone(),
        plan: state.digest(),
        place: state.place(),
        end,
        began,
        took,
        events,
        moments: timeline.moments(took),
        curve,
        waiting: waiting_for(&state),
        shown,
    }
}

impl Answer for SimulateAnswer {
    fn status(&self) -> Status {
        match self.place {
            // An experiment that ended in its order has passed, whichever version it chose.
            Place::Completed | Place::Kept => Status::Pass,
            Place::RolledBack => Status::Fail,
            Place::Gate(_)
            | Place::Scale(_)
            | Place::Shift(_)
            | Place::Bake(_)
            | Place::Standby
            | Place::ShrinkStable
            | Place::ShiftBack
            | Place::Drain
            | Place::ShrinkCandidate
            | Place::Stuck => Status::Inconclusive,
        }
    }

    fn text(&self, look: &Look) -> String {
        let arms = self.shown.plan.arms();
        let head = look.paint(Role::Outcome, &format!("{}: {} → {}", self.rollout, arms.stable, arms.candidate));
        let began = self.told_since();
        let waiting: Vec<Finding> = self.waiting.iter().map(|finding| moment::relative(finding, began)).collect();
        let waiting = explain::waiting(&waiting);
        let picture = if self.shown.picture { format!("\n\n{}", picture::draw(self)) } else { String::new() };
        format!("{head}, {}\n{}{waiting}{picture}", self.outcome(look), moment::table(self, look))
    }
}

impl SimulateAnswer {
    /// How it ended, in one line.
    fn outcome(&self, look: &Look) -> String {
        let took = moment::rounded(self.took);
        let place = place(self.place, &self.shown.plan);
        let outcome = match self.end {
            SimulationEnd::Ended => format!("{place} after {took}"),
            SimulationEnd::Quiet => format!("{place} after {took}, and nothing more will happen"),
            SimulationEnd::TimeUp => format!("not ended after {took}: {place}"),
            SimulationEnd::TooLong => format!("given up after {} events in {took}: {place}", self.events),
        };
        look.paint(if self.status() == Status::Pass { Role::Outcome } else { Role::Critical }, &outcome)
    }

    /// The time that times of findings are told since, unless they mean something by themselves.
    const fn told_since(&self) -> Option<Time> {
        if self.shown.is_dated { None } else { Some(self.began) }
    }
}
