use std::{fs, path::PathBuf};

use bellwether_analysis::{BakePlan, BakeQuestion, Reach};
use bellwether_core::Duration;
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Status},
    command::{Options, Output},
    complaint::Complaint,
    document, frame,
    look::{Look, Role},
    source::Source,
    table::table,
};

mod chart;
mod drawing;

/// Questions may have this many bytes.
const QUESTION_BYTES_MAX: usize = 64 * 1_024;

/// Say how long a step must bake to see what, for given traffic
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether bake --traffic 6000 --rate 0.001 --share 0.05
  bellwether bake --traffic 6000 --rate 0.001 --share 0.05 --ratio 2 --ratio 5 --picture
  bellwether bake question.yaml --svg bake.svg

The figures come from simulating the judge's own tests with a fixed seed: half of all bakes take longer than the median.
The exit status is 0 when nine of ten bakes of a good candidate pass within the longest time, and 3 when they do not.")]
pub(crate) struct Bake {
    /// The traffic and how it is judged, as `bellwether schema bake` describes it [default: the options alone]
    pub(crate) question: Option<PathBuf>,
    /// Requests of both versions in a minute
    #[arg(long, value_name = "REQUESTS")]
    pub(crate) traffic: Option<f64>,
    /// How often requests of stable fail, 0 to 1
    #[arg(long, value_name = "RATE")]
    pub(crate) rate: Option<f64>,
    /// The candidate's part of the traffic, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub(crate) share: Option<f64>,
    /// How many times stable's rate to look for; may stand several times
    #[arg(long, value_name = "RATIO")]
    pub(crate) ratio: Vec<f64>,
    /// How long to look at most, such as 24h
    #[arg(long, value_name = "DURATION")]
    pub(crate) longest: Option<Duration>,
    /// Draw the times below the table
    #[arg(long)]
    pub(crate) picture: bool,
    /// Draw the same into a file, as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// How long a step must bake to see what.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct BakeAnswer {
    /// What was asked, with what was not said filled in.
    question: BakeQuestion,
    /// How long it takes.
    plan: BakePlan,
    #[serde(skip)]
    picture: bool,
}

/// Simulates and prints.
pub(crate) fn run(call: Bake, mut options: Options) -> Result<Status, Complaint> {
    if options.lines {
        return Err(frame::no_lines("--lines"));
    }
    if call.picture {
        if options.output == Some(Output::Json) {
            let message = "expected --picture with --output text, found json: `plan` has the figures";
            return Err(Complaint::new("call", "", message));
        }
        options.output = Some(Output::Text);
    }
    let svg = call.svg.clone();
    let answer = answer(call, options)?;
    if let Some(path) = svg {
        let unwritable = |error| Complaint::new("unwritable", "", format_args!("expected to write it, found: {error}"));
        fs::write(&path, drawing::draw(&answer)).map_err(|error| unwritable(error).of(path.display()))?;
    }
    frame::show(&answer, options)
}

fn answer(call: Bake, options: Options) -> Result<BakeAnswer, Complaint> {
    let picture = call.picture;
    let source = call.question.clone().map(|path| Source::new(Some(path)));
    let read = match &source {
        Some(source) => {
            let node = document::read_node(source, QUESTION_BYTES_MAX, options.input_of(source))?;
            document::typed(node).map_err(|complaint| complaint.of(source))?
        }
        None => {
            frame::refuse_document_options(options)?;
            BakeQuestion::default()
        }
    };
    let question = asked(read, call);
    let plan = question.plan().map_err(|error| {
        let message = format_args!("expected {}, found {}", error.expected, error.found);
        let complaint = Complaint::new("invalid", format!("$.{}", error.field), message);
        match &source {
            Some(source) => complaint.of(source),
            None => complaint.of("bake"),
        }
    })?;
    Ok(BakeAnswer { question, plan, picture })
}

/// What the call says counts more than what the document does.
fn asked(mut question: BakeQuestion, call: Bake) -> BakeQuestion {
    let Bake { traffic, rate, share, ratio, longest, .. } = call;
    question.traffic_per_minute = traffic.unwrap_or(question.traffic_per_minute);
    question.rate = rate.unwrap_or(question.rate);
    question.share = share.unwrap_or(question.share);
    question.longest = longest.unwrap_or(question.longest);
    if !ratio.is_empty() {
        question.ratios = ratio;
    }
    question
}

impl BakeAnswer {
    /// What is shown: each ratio that fails, and a good candidate that passes.
    fn reaches(&self) -> impl Iterator<Item = (String, Reach)> {
        let fails = self.plan.fail.iter().map(|of| (format!("x{} fails", of.ratio), of.time));
        fails.chain([("equal passes".to_owned(), self.plan.pass)])
    }

    fn head(&self) -> String {
        let BakeQuestion { traffic_per_minute, rate, share, longest, .. } = &self.question;
        format!(
            "{traffic_per_minute} requests a minute, {} % of them the candidate's; {} % of stable's fail; within {longest}",
            percent(*share),
            percent(*rate)
        )
    }
}

impl Answer for BakeAnswer {
    fn status(&self) -> Status {
        if self.plan.pass.p90.is_some() { Status::Pass } else { Status::Inconclusive }
    }

    fn text(&self, look: &Look) -> String {
        let mut rows =
            vec![["".into(), "half within".into(), "9 of 10 within".into(), "power".into(), "one look needs".into()]];
        let fixed = self.plan.fail.iter().map(|of| of.fixed_sample);
        for ((name, reach), fixed) in self.reaches().zip(fixed.chain([None])) {
            let sample = fixed.map_or_else(|| "-".to_owned(), |requests| format!("{requests} requests"));
            rows.push([name, time(reach.median), time(reach.p90), format!("{:.0} %", 100.0 * reach.power), sample]);
        }
        let least = format!(
            "A fail takes at least {} intervals at this share, a pass by the ratio {}.",
            count(self.plan.least_intervals_to_fail),
            count(self.plan.least_intervals_to_pass)
        );
        let picture = if self.picture { format!("\n\n{}", chart::draw(self)) } else { String::new() };
        format!(
            "{}\n{}\n{}{picture}",
            look.paint(Role::Quiet, &self.head()),
            table(&rows),
            look.paint(Role::Quiet, &least)
        )
    }
}

fn time(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.to_string())
}

fn count(intervals: u32) -> String {
    if intervals == u32::MAX { "more than there can be".to_owned() } else { intervals.to_string() }
}

/// Without digits that say nothing.
fn percent(part: f64) -> String {
    let text = format!("{:.4}", 100.0 * part);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
