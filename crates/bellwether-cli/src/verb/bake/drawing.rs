//! How long everything takes, as a drawing that needs nothing but itself.

use std::fmt::Write as _;

use bellwether_core::Duration;

use super::BakeAnswer;

/// The drawing and the frame of the bars within it, in pixels.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 120.0;
const RIGHT: f64 = 32.0;
const TOP: f64 = 64.0;
const ROW: f64 = 34.0;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.grid{stroke:#d0d7de;stroke-dasharray:2 4}\
.fails{fill:#fa7970}.passes{fill:#54aeff}.late{stroke:#57606a;stroke-width:2}.never{fill:#57606a}";

/// Draws a bar to the median and a line from there to nine of ten, on an axis of logarithms.
pub(super) fn draw(answer: &BakeAnswer) -> String {
    let rows: Vec<_> = answer.reaches().collect();
    let floor = TOP + ROW * rows.len() as f64;
    let height = floor + 56.0;
    let mut svg = String::new();
    // Writing into a text cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         \n<title>{head}</title>\n<style>{STYLE}</style>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\
         \n<text class=\"title\" x=\"24\" y=\"34\">{head}</text>\n{axis}",
        head = answer.head(),
        axis = axis(answer, floor),
    );
    for (at, (name, reach)) in rows.iter().enumerate() {
        let (top, middle) = (TOP + ROW * at as f64, TOP + ROW * (at as f64 + 0.5));
        let (label, below) = (LEFT - 10.0, middle + 4.0);
        let _ = writeln!(svg, "<text x=\"{label}\" y=\"{below:.1}\" text-anchor=\"end\">{name}</text>");
        let Some(median) = reach.median else {
            let end = WIDTH - RIGHT;
            let _ = writeln!(
                svg,
                "<text class=\"never\" x=\"{end}\" y=\"{below:.1}\" text-anchor=\"end\">not within</text>"
            );
            continue;
        };
        let class = if name.ends_with("passes") { "passes" } else { "fails" };
        let (width, height, from) = (x(answer, median) - LEFT, ROW - 10.0, top + 5.0);
        let late = reach.p90.map_or(WIDTH - RIGHT, |time| x(answer, time));
        let start = LEFT + width;
        let title = format!("{name}: half within {median}");
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{from:.1}\" width=\"{width:.1}\" height=\"{height}\"><title>{title}</title></rect>\
             <line class=\"late\" x1=\"{start:.1}\" x2=\"{late:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>"
        );
    }
    let below = floor + 44.0;
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{below:.1}\">bars: half within; lines: nine of ten within</text>\n</svg>"
    );
    svg
}

/// Where a time is from left to right.
fn x(answer: &BakeAnswer, time: Duration) -> f64 {
    let shortest = answer.question.metric.interval.as_millis().max(1) as f64 / 2.0;
    let all = (answer.question.longest.as_millis() as f64 / shortest).ln().max(1e-9);
    let part = (time.as_millis() as f64 / shortest).ln() / all;
    LEFT + (WIDTH - LEFT - RIGHT) * part.clamp(0.0, 1.0)
}

fn axis(answer: &BakeAnswer, floor: f64) -> String {
    let usual = [1, 5, 15, 60, 240, 720, 1_440, 2_880].map(Duration::from_minutes);
    let within = |time: &Duration| *time >= answer.question.metric.interval && *time <= answer.question.longest;
    let mut text = String::new();
    for time in usual.into_iter().filter(within) {
        let (at, below) = (x(answer, time), floor + 20.0);
        let _ = writeln!(
            text,
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{floor:.1}\"/>\
             <text x=\"{at:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{time}</text>"
        );
    }
    text
}
