use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::gauss_legendre::{Node, nodes};
use super::normal::{normal_cdf, normal_quantile};
use super::undefined::Undefined;

/// Says how an error probability is spread over looks at a growing sample: Lan and DeMets 1983.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the two functions that everybody names")]
pub enum Spending {
    /// Hardly any at first, nearly all at the end, as O'Brien and Fleming's boundaries do:
    /// `2 - 2 cdf(quantile(1 - alpha / 2) / sqrt(t))`.
    #[default]
    OBrienFleming,
    /// About as much at each look, as Pocock's do: `alpha ln(1 + (e - 1) t)`.
    Pocock,
}

/// Says in which directions a boundary is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are two sides")]
pub enum Sides {
    /// Above only, with all of alpha.
    One,
    /// Above and below, with half of alpha each.
    Two,
}

/// Holds the boundary of one look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct Boundary {
    /// The part of all information that there is.
    pub fraction: f64,
    /// How much of alpha is spent so far, on all sides together.
    pub spent: f64,
    /// The normal statistic from which on the look finds a difference.
    pub z: f64,
}

/// A statistic this many deviations out does not happen: 1e-19.
const FAR: f64 = 9.0;

/// So many points of an integral at most.
const POINTS_MAX: f64 = 4_000.0;

/// Returns the boundary of each look, so that all together find a difference where there is none with a probability of
/// `alpha`.
///
/// The looks are planned by the part of all information that each has; that part must not depend on what was found.
/// The probabilities are integrals over the ways that were not ended before (Armitage, McPherson and Rowe 1969), on
/// Gauss and Legendre's points, to about ten digits.
///
/// # Errors
///
/// An alpha that is not above 0 and below 1, or fractions that do not rise from above 0 to at most 1.
///
/// # Example: five looks
///
/// ```
/// use bellwether_stats::fixed::{Sides, Spending, boundaries};
///
/// let looks = boundaries(0.05, &[0.2, 0.4, 0.6, 0.8, 1.0], (Spending::OBrienFleming, Sides::Two))?;
/// let published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310];
/// let is_close = looks.iter().zip(published).all(|(look, published)| (look.z - published).abs() < 1.5e-4);
/// assert!(is_close, "Reboussin, DeMets, Kim and Lan 2000: {looks:?}");
/// # Ok::<(), bellwether_stats::fixed::Undefined>(())
/// ```
pub fn boundaries(
    alpha: f64,
    fractions: &[f64],
    (spending, sides): (Spending, Sides),
) -> Result<Vec<Boundary>, Undefined> {
    Undefined::check_probability("alpha", alpha)?;
    check(fractions)?;
    let count = match sides {
        Sides::One => 1.0,
        Sides::Two => 2.0,
    };
    let mut walk = Walk::new(sides);
    let mut looks = Vec::with_capacity(fractions.len());
    for (index, fraction) in fractions.iter().copied().enumerate() {
        let spent = spending.spent(alpha / count, fraction);
        let boundary = walk.step(fraction, spent);
        if let Some(next) = fractions.get(index + 1) {
            walk.end_beyond(boundary, fraction, *next);
        }
        looks.push(Boundary { fraction, spent: spent * count, z: boundary / libm::sqrt(fraction) });
    }
    Ok(looks)
}

fn check(fractions: &[f64]) -> Result<(), Undefined> {
    let mut before = 0.0;
    for (index, found) in fractions.iter().copied().enumerate() {
        if !(found > before && found <= 1.0) {
            return Err(Undefined::Fraction { index, found });
        }
        before = found;
    }
    Ok(())
}

impl Spending {
    /// What one side has spent at this part of the information.
    fn spent(self, alpha: f64, fraction: f64) -> f64 {
        match self {
            Self::OBrienFleming => 2.0 * normal_cdf(normal_quantile(alpha / 2.0) / libm::sqrt(fraction)),
            Self::Pocock => alpha * libm::log1p((core::f64::consts::E - 1.0) * fraction),
        }
    }
}

/// A Brownian motion that was not ended yet: its density at the points of an integral, each times what it counts.
#[derive(Clone, Debug)]
struct Walk {
    sides: Sides,
    fraction: f64,
    spent: f64,
    density: Vec<Node>,
    /// How far the next step goes, in deviations of it.
    reach: f64,
}

impl Walk {
    fn new(sides: Sides) -> Self {
        Self { sides, fraction: 0.0, spent: 0.0, density: Vec::from([Node { at: 0.0, weight: 1.0 }]), reach: 0.0 }
    }

    /// Goes on to a look and returns the boundary that spends as much on each side: by halving, and as far out as
    /// anything happens if nothing may be spent.
    fn step(&mut self, fraction: f64, spent: f64) -> f64 {
        self.reach = libm::sqrt(fraction - self.fraction);
        let spend = spent - self.spent;
        (self.fraction, self.spent) = (fraction, spent);
        let farthest = FAR * libm::sqrt(fraction);
        let mut high = farthest;
        let mut low = match self.sides {
            Sides::One => -farthest,
            Sides::Two => 0.0,
        };
        for _ in 0..200 {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if self.beyond(middle) > spend { low = middle } else { high = middle }
        }
        high
    }

    fn beyond(&self, boundary: f64) -> f64 {
        self.density.iter().map(|from| from.weight * normal_cdf((from.at - boundary) / self.reach)).sum()
    }

    /// Keeps the ways that are within the boundary, at as many points as the narrowest bump needs that this step or
    /// the next one makes.
    fn end_beyond(&mut self, boundary: f64, fraction: f64, next: f64) {
        let lowest = match self.sides {
            Sides::One => (-FAR * libm::sqrt(fraction)).min(boundary - FAR * self.reach),
            Sides::Two => -boundary,
        };
        let narrowest = self.reach.min(libm::sqrt(next - fraction));
        let points = (40.0 + 8.0 * (boundary - lowest) / narrowest).min(POINTS_MAX);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the limit above")]
        let mut nodes = nodes(points as usize, [lowest, boundary]);
        for node in &mut nodes {
            node.weight *= self.density_at(node.at);
        }
        self.density = nodes;
    }

    fn density_at(&self, at: f64) -> f64 {
        let near = self.density.iter().filter(|from| (from.at - at).abs() < FAR * self.reach);
        let bump = |from: &Node| {
            let distance = (from.at - at) / self.reach;
            from.weight * libm::exp(-0.5 * distance * distance)
        };
        near.map(bump).sum::<f64>() / (self.reach * libm::sqrt(core::f64::consts::TAU))
    }
}
