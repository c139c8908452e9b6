//! The candidate's share over time as a drawing that needs nothing but itself.

use std::fmt::Write;

use bellwether_core::{Duration, Weight};

use super::{
    SimulateAnswer,
    mark::Mark,
    moment::{Moment, What, fault_text, rounded},
};
use crate::{
    event_text::{by, moved, said},
    fault::is_hidden,
};

/// The drawing and the frame of the curve within it, in pixels.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 88.0;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.axis{stroke:#8c959f}\
.grid{stroke:#d0d7de;stroke-dasharray:2 4}.shown{fill:#54aeff;fill-opacity:.35;stroke:#0969da;stroke-width:1.5}\
.wanted{fill:none;stroke:#57606a;stroke-dasharray:5 3}.unknown{fill:#d0d7de;fill-opacity:.7}.on{fill:#1a7f37}\
.held{fill:#9a6700}.said{fill:#8250df}.fault{fill:#bc4c00}.back,.stuck{fill:#cf222e}";

/// Draws what the router showed and what was wanted, with a mark wherever something was decided.
pub(super) fn draw(answer: &SimulateAnswer) -> String {
    let mut svg = String::new();
    // Writing into a text cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\
         \n<title>{title}</title>\n<style>{STYLE}</style>\
         \n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\
         \n<text class=\"title\" x=\"{LEFT}\" y=\"30\">{title}</text>\n{axes}{curve}{marks}{legend}</svg>\n",
        title = escaped(&title(answer)),
        axes = axes(answer),
        curve = curve(answer),
        marks = marks(answer),
        legend = legend(),
    );
    svg
}

fn title(answer: &SimulateAnswer) -> String {
    let arms = answer.shown.plan.arms();
    let place = crate::event_text::place(answer.place, &answer.shown.plan);
    format!("{}: {} → {}, {place} after {}", answer.rollout, arms.stable, arms.candidate, rounded(answer.took))
}

/// Where an instant is from left to right.
fn x(answer: &SimulateAnswer, after: Duration) -> f64 {
    let all = answer.took.as_millis().max(1) as f64;
    LEFT + (WIDTH - LEFT - RIGHT) * (after.as_millis() as f64 / all).min(1.0)
}

/// Where a share is from top to bottom.
fn y(share: Weight) -> f64 {
    let floor = HEIGHT - BOTTOM;
    floor - (floor - TOP) * share.fraction()
}

fn axes(answer: &SimulateAnswer) -> String {
    let mut text = String::new();
    for percent in [0_u16, 25, 50, 75, 100] {
        let at = y(Weight::new(percent * 100).unwrap_or(Weight::FULL));
        let class = if percent == 0 { "axis" } else { "grid" };
        let (end, label, below) = (WIDTH - RIGHT, LEFT - 8.0, at + 4.0);
        let _ = writeln!(
            text,
            "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{end}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{label}\" y=\"{below:.1}\" text-anchor=\"end\">{percent} %</text>"
        );
    }
    for quarter in 0..=4_u64 {
        let after = Duration::from_millis(answer.took.as_millis() / 4 * quarter);
        let after = if quarter == 4 { answer.took } else { after };
        let (at, below) = (x(answer, after), HEIGHT - BOTTOM + 40.0);
        let anchor = if quarter == 4 { "end" } else { "middle" };
        let _ = writeln!(text, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"{anchor}\">{}</text>", rounded(after));
    }
    text
}

/// What was shown as an area, what was wanted as a line, and where nobody could tell.
fn curve(answer: &SimulateAnswer) -> String {
    let points = answer.curve.points();
    let ends = points.iter().skip(1).map(|point| point.after).chain([answer.took]);
    let (mut shown, mut wanted, mut unknown) = (String::new(), String::new(), String::new());
    for (point, end) in points.iter().zip(ends) {
        let (from, to) = (x(answer, point.after), x(answer, end));
        let _ = write!(wanted, " {from:.1},{at:.1} {to:.1},{at:.1}", at = y(point.wanted));
        let at = y(point.shown.unwrap_or(Weight::ZERO));
        let _ = write!(shown, " {from:.1},{at:.1} {to:.1},{at:.1}");
        if point.shown.is_none() {
            let (width, height) = (to - from, HEIGHT - BOTTOM - TOP);
            let _ = writeln!(
                unknown,
                "<rect class=\"unknown\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height}\">\
                 <title>the router did not answer</title></rect>"
            );
        }
    }
    let (left, right, floor) = (LEFT, x(answer, answer.took), HEIGHT - BOTTOM);
    format!(
        "{unknown}<polygon class=\"shown\" points=\"{left},{floor}{shown} {right:.1},{floor}\"/>\n\
         <polyline class=\"wanted\" points=\"{}\"/>\n",
        wanted.trim_start()
    )
}

/// The most serious marks last, so that no other one lies on them.
fn marks(answer: &SimulateAnswer) -> String {
    let mut marks: Vec<(Mark, &Moment)> =
        answer.moments.iter().filter_map(|moment| Some((Mark::of(moment)?, moment))).collect();
    marks.sort_by_key(|(mark, _)| *mark);
    marks.into_iter().map(|(mark, moment)| circle(answer, mark, moment)).collect()
}

fn circle(answer: &SimulateAnswer, mark: Mark, moment: &Moment) -> String {
    let class = mark.name();
    let (at, below) = (x(answer, moment.after), HEIGHT - BOTTOM + 14.0);
    let what = match &moment.what {
        What::Fault(fault) => fault_text(*fault),
        What::Decided(decided) => {
            let (event, plan) = (&decided.event, &answer.shown.plan);
            format!("{}{}: {}", said(&event.kind), by(&event.by), moved(decided.decision.outcome, plan))
        }
    };
    let what = escaped(&format!("{} {what}", rounded(moment.after)));
    format!("<circle class=\"{class}\" cx=\"{at:.1}\" cy=\"{below}\" r=\"5\"><title>{what}</title></circle>\n")
}

fn legend() -> String {
    let marks = [Mark::Forward, Mark::Hold, Mark::Said, Mark::Fault, Mark::Back, Mark::Stuck];
    let at = HEIGHT - 20.0;
    let entry = |(index, mark): (u8, Mark)| {
        let (class, left) = (mark.name(), LEFT + 96.0 * f64::from(index));
        let (text, middle) = (left + 12.0, at - 4.0);
        format!(
            "<circle class=\"{class}\" cx=\"{left}\" cy=\"{middle}\" r=\"5\"/><text x=\"{text}\" y=\"{at}\">{class}</text>\n"
        )
    };
    (0..).zip(marks).map(entry).collect()
}

/// Text within XML 1.0, which has no place for controls at all.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, sign| {
        match sign {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            sign if is_hidden(sign) => escaped.extend(sign.escape_default()),
            sign => escaped.push(sign),
        }
        escaped
    })
}
