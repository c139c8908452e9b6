/// R's and Kayenta's tolerance, in the unit of the metric: why a judgement there depends on the unit.
const TOLERANCE: f64 = 1e-4;

/// As many steps as Kayenta takes before it gives what it has.
const STEPS_MAX: usize = 1_001;

/// Finds where a function crosses zero between two points, by Brent's method with R's and Kayenta's tolerance.
///
/// The steps are those of R's `zeroin`, one by one, because the function here is a staircase: another path would end on
/// another place of the same step. `ends` are the two points with the function's values there, which need not have
/// opposite signs.
pub(super) fn root<E>(ends: [Point; 2], mut function: impl FnMut(f64) -> Result<f64, E>) -> Result<f64, E> {
    let [first, second] = ends;
    for end in ends {
        if is_zero(end.value) {
            return Ok(end.at);
        }
    }
    let mut search = Search { before: first, best: second, other: first };
    for _ in 0..STEPS_MAX {
        let last_step = search.best.at - search.before.at;
        search.order();
        let tolerance = 2.0 * f64::EPSILON * search.best.at.abs() + TOLERANCE / 2.0;
        let half = (search.other.at - search.best.at) / 2.0;
        if half.abs() <= tolerance || is_zero(search.best.value) {
            return Ok(search.best.at);
        }
        let step = at_least(search.step(last_step, half, tolerance), tolerance);
        let at = search.best.at + step;
        search.go_on(Point { at, value: function(at)? });
    }
    Ok(search.best.at)
}

/// A place and the function's value there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) at: f64,
    pub(super) value: f64,
}

/// The points that Brent's method keeps: the best one, the one before it, and one on the other side of zero.
struct Search {
    before: Point,
    best: Point,
    other: Point,
}

impl Search {
    /// Makes the point that is nearer to zero the best one.
    fn order(&mut self) {
        if self.other.value.abs() < self.best.value.abs() {
            (self.before, self.best, self.other) = (self.best, self.other, self.best);
        }
    }

    /// An interpolated step where it can be trusted, half of what is left where it cannot.
    fn step(&self, last_step: f64, half: f64, tolerance: f64) -> f64 {
        let is_trusted = last_step.abs() >= tolerance && self.before.value.abs() > self.best.value.abs();
        if !is_trusted {
            return half;
        }
        let (above, below) = self.interpolation();
        let (above, below) = if above > 0.0 { (above, -below) } else { (-above, below) };
        let left = self.other.at - self.best.at;
        let is_inside = above < 0.75 * left * below - (tolerance * below).abs() / 2.0;
        if is_inside && above < (last_step * below / 2.0).abs() { above / below } else { half }
    }

    /// The step as a quotient: linear with two different points, inverse quadratic with three.
    fn interpolation(&self) -> (f64, f64) {
        let left = self.other.at - self.best.at;
        if self.before.at == self.other.at {
            let ratio = self.best.value / self.before.value;
            return (left * ratio, 1.0 - ratio);
        }
        let q = self.before.value / self.other.value;
        let r = self.best.value / self.other.value;
        let s = self.best.value / self.before.value;
        let above = s * (left * q * (q - r) - (self.best.at - self.before.at) * (r - 1.0));
        (above, (q - 1.0) * (r - 1.0) * (s - 1.0))
    }

    /// Takes the next point, and keeps the other one on the other side of it.
    fn go_on(&mut self, next: Point) {
        self.before = self.best;
        self.best = next;
        let (next, other) = (next.value, self.other.value);
        if (next > 0.0 && other > 0.0) || (next < 0.0 && other < 0.0) {
            self.other = self.before;
        }
    }
}

fn at_least(step: f64, tolerance: f64) -> f64 {
    match step.abs() < tolerance {
        true if step > 0.0 => tolerance,
        true => -tolerance,
        false => step,
    }
}

/// Zero, or the smallest number beside it, as Apache Commons compares.
fn is_zero(value: f64) -> bool {
    value.abs() <= f64::from_bits(1)
}
