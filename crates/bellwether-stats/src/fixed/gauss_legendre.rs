use alloc::vec::Vec;
use core::f64::consts::PI;

/// A point of an integral, and what its value counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) at: f64,
    pub(super) weight: f64,
}

/// Gauss and Legendre's points between two limits: exact for every polynomial up to the degree `2 count - 1`.
pub(super) fn nodes(count: usize, [from, to]: [f64; 2]) -> Vec<Node> {
    let (middle, half) = (from + (to - from) / 2.0, (to - from) / 2.0);
    let node = |index: usize| {
        let guess = libm::cos(PI * (index as f64 + 0.75) / (count as f64 + 0.5));
        let (root, slope) = root(count, guess);
        Node { at: middle - half * root, weight: 2.0 * half / ((1.0 - root * root) * slope * slope) }
    };
    (0..count).map(node).collect()
}

/// A root of the Legendre polynomial by Newton's method, and the slope there.
fn root(degree: usize, guess: f64) -> (f64, f64) {
    let (mut x, mut slope) = (guess, 1.0);
    for _ in 0..100 {
        let (value, derivative) = legendre(degree, x);
        slope = derivative;
        let step = value / derivative;
        x -= step;
        if step.abs() < 1e-16 {
            break;
        }
    }
    (x, slope)
}

fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (0.0, 1.0);
    for step in 1..=degree {
        let k = step as f64;
        let next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k;
        (before, value) = (value, next);
    }
    (value, degree as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for count in [1, 2, 5, 40, 400] {
            let nodes = nodes(count, [-1.0, 3.0]);
            for power in (0..12).take(2 * count) {
                let sum: f64 = nodes.iter().map(|node| node.weight * node.at.powi(power)).sum();
                let exact = (3_f64.powi(power + 1) - (-1_f64).powi(power + 1)) / f64::from(power + 1);
                assert!((sum - exact).abs() <= 1e-12 * exact.abs(), "{count} points, power {power}: {sum}, {exact}");
            }
        }
    }
}
