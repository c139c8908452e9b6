//! The candidate's share over time, in the signs of a terminal.

use bellwether_core::{Duration, Weight};

use super::{SimulateAnswer, mark::Mark, moment::rounded};

/// Signs from left to right, and from the bottom to the top.
const WIDTH: usize = 72;
const HEIGHT: usize = 10;

/// Parts of a sign, from nothing to all of it.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws what the router showed, with a mark wherever something was decided.
pub(super) fn draw(answer: &SimulateAnswer) -> String {
    let bars: Vec<Option<usize>> = (0..WIDTH).map(|column| bar(answer, column)).collect();
    let mut lines: Vec<String> = (0..HEIGHT).rev().map(|row| line(row, &bars)).collect();
    lines.push(format!("{:>6} └{}", "0 %", "─".repeat(WIDTH)));
    lines.push(format!("{:>6}  {}", "", marks(answer)));
    lines.push(format!("{:>6}  {}", "", times(answer)));
    lines.push(legend(answer));
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// When a column begins; it ends where the next one begins.
fn begins(answer: &SimulateAnswer, column: usize) -> Duration {
    let (millis, column) = (u128::from(answer.took.as_millis()), column as u128);
    Duration::from_millis(u64::try_from(millis * column / WIDTH as u128).unwrap_or(u64::MAX))
}

/// The column's height in eighths of a sign; none where the router did not answer.
fn bar(answer: &SimulateAnswer, column: usize) -> Option<usize> {
    let until = begins(answer, column.saturating_add(1));
    // The end itself belongs to the last column.
    let until = if column.saturating_add(1) == WIDTH { Duration::MAX } else { until };
    let most = answer.curve.most(begins(answer, column), until)?;
    let eighths = usize::from(most.basis_points()) * HEIGHT * 8;
    Some(eighths.div_ceil(usize::from(Weight::FULL.basis_points())))
}

fn line(row: usize, bars: &[Option<usize>]) -> String {
    let sign = |bar: &Option<usize>| match bar {
        Some(eighths) => EIGHTHS.get(eighths.saturating_sub(row * 8).min(8)).copied().unwrap_or(' '),
        None if row == 0 => '?',
        None => ' ',
    };
    let percent = (row + 1) * 10;
    let label = if percent.is_multiple_of(50) { format!("{percent} %") } else { String::new() };
    format!("{label:>6} │{}", bars.iter().map(sign).collect::<String>())
}

/// One sign a column: the most serious of the moments in it.
fn marks(answer: &SimulateAnswer) -> String {
    let mut most: Vec<Option<Mark>> = vec![None; WIDTH];
    for moment in &answer.moments {
        let after = u128::from(moment.after.as_millis()) * WIDTH as u128;
        let column = after.checked_div(u128::from(answer.took.as_millis())).unwrap_or(0);
        let column = usize::try_from(column).unwrap_or(WIDTH).min(WIDTH - 1);
        if let Some(place) = most.get_mut(column) {
            *place = Mark::of(moment).max(*place);
        }
    }
    most.into_iter().map(|mark| mark.map_or(' ', sign)).collect()
}

const fn sign(mark: Mark) -> char {
    match mark {
        Mark::Forward => '>',
        Mark::Hold => '=',
        Mark::Said => '*',
        Mark::Fault => '!',
        Mark::Back => '<',
        Mark::Stuck => 'X',
    }
}

/// The beginning, the middle and the end.
fn times(answer: &SimulateAnswer) -> String {
    let middle = rounded(begins(answer, WIDTH / 2)).to_string();
    let end = rounded(answer.took).to_string();
    let left = format!("{:<width$}{middle}", "0s", width = WIDTH / 2);
    format!("{left}{end:>width$}", width = WIDTH.saturating_sub(left.chars().count()))
}

/// What the marks that were drawn mean.
fn legend(answer: &SimulateAnswer) -> String {
    let mut marks: Vec<Mark> = answer.moments.iter().filter_map(Mark::of).collect();
    marks.sort();
    marks.dedup();
    let entry = |mark: &Mark| format!("{} {}", sign(*mark), mark.name());
    let unknown = answer.curve.points().iter().any(|point| point.shown.is_none()).then(|| "? unknown".to_owned());
    format!("{:>6}  {}", "", marks.iter().map(entry).chain(unknown).collect::<Vec<_>>().join("   "))
}
