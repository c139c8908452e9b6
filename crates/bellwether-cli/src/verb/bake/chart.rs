//! How long everything takes, in the signs of a terminal.

use bellwether_analysis::Reach;
use bellwether_core::Duration;

use super::BakeAnswer;

/// Signs from left to right.
const WIDTH: usize = 60;

/// Draws a bar to the median and a line from there to nine of ten, on an axis of logarithms.
pub(super) fn draw(answer: &BakeAnswer) -> String {
    let scale = Scale::of(answer);
    let names: Vec<(String, Reach)> = answer.reaches().collect();
    let widest = names.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> =
        names.iter().map(|(name, reach)| format!("{name:>widest$} │{}", scale.bar(*reach))).collect();
    lines.push(format!("{:>widest$} └{}", "", "─".repeat(WIDTH)));
    lines.push(format!("{:>widest$}  {}", "", scale.times()));
    lines.push(format!("{:>widest$}  █ half within   ─ 9 of 10 within   ? not within {}", "", scale.longest));
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// From one interval to the longest time.
struct Scale {
    shortest: f64,
    longest: Duration,
}

impl Scale {
    fn of(answer: &BakeAnswer) -> Self {
        let shortest = answer.question.metric.interval.as_millis().max(1) as f64;
        Self { shortest, longest: answer.question.longest }
    }

    /// The column of a time, counted from 1.
    fn column(&self, time: Duration) -> usize {
        let all = (self.longest.as_millis() as f64 / self.shortest).ln().max(1e-9);
        let part = (time.as_millis() as f64 / self.shortest).ln() / all;
        (1..=WIDTH).find(|column| *column as f64 >= 1.0 + part * (WIDTH - 1) as f64 - 1e-9).unwrap_or(WIDTH)
    }

    fn bar(&self, reach: Reach) -> String {
        let Some(median) = reach.median else { return format!("{}?", " ".repeat(WIDTH - 1)) };
        let median = self.column(median);
        let end = reach.p90.map_or(WIDTH, |time| self.column(time));
        let unknown = if reach.p90.is_none() { "?" } else { "" };
        let line = "─".repeat(end.saturating_sub(median + unknown.len()));
        format!("{}{line}{unknown}", "█".repeat(median))
    }

    /// The shortest, the middle and the longest time.
    fn times(&self) -> String {
        let middle = (self.shortest * self.longest.as_millis() as f64).sqrt();
        let first = whole(self.shortest).to_string();
        let (middle, last) = (whole(middle).to_string(), self.longest.to_string());
        let left = format!("{first:<width$}{middle}", width = WIDTH / 2);
        format!("{left}{last:>width$}", width = WIDTH.saturating_sub(left.chars().count()))
    }
}

/// To whole minutes, or seconds where there are none.
fn whole(millis: f64) -> Duration {
    let unit = if millis >= 60_000.0 { 60_000.0 } else { 1_000.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a checked length of time")]
    let millis = ((millis / unit).round() * unit) as u64;
    Duration::from_millis(millis)
}
