use super::normal::{normal_cdf, normal_quantile, polynomial};

/// Below this difference between two terms a continued fraction or a search has arrived.
const ENOUGH: f64 = 1e-16;

/// The probability that Student's t with these degrees of freedom is at least `t`; with no limit to them, a normal
/// variable.
pub(super) fn upper_tail(t: f64, freedom: f64) -> f64 {
    if freedom > 1e20 {
        return normal_cdf(-t);
    }
    // Far out the square may overflow, where the tail is a power of t.
    let outside = 0.5 * two_tails(t.abs(), freedom);
    if t < 0.0 { 1.0 - outside } else { outside }
}

/// The value that Student's t exceeds with this probability, at most one half.
pub(super) fn upper_quantile(tail: f64, freedom: f64) -> f64 {
    let mut low = 0.0;
    let mut high = normal_quantile(1.0 - tail).max(1.0);
    while upper_tail(high, freedom) > tail && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    let mut guess = low + (high - low) / 2.0;
    for _ in 0..200 {
        let excess = upper_tail(guess, freedom) - tail;
        (low, high) = if excess > 0.0 { (guess, high) } else { (low, guess) };
        let newton = guess + excess / density(guess, freedom);
        let next = if newton > low && newton < high { newton } else { low + (high - low) / 2.0 };
        if (next - guess).abs() <= ENOUGH * guess.abs() {
            return next;
        }
        guess = next;
    }
    guess
}

fn density(t: f64, freedom: f64) -> f64 {
    let power = -0.5 * (freedom + 1.0) * libm::log1p(t / freedom * t);
    libm::exp(power + log_gamma_step(0.5 * freedom)) / libm::sqrt(freedom * core::f64::consts::PI)
}

/// The regularised incomplete beta function at x = f / (f + t^2) with a = f / 2 and b = 1/2.
fn two_tails(t: f64, freedom: f64) -> f64 {
    let (a, b) = (0.5 * freedom, 0.5);
    let square = t / freedom * t;
    if square == 0.0 {
        return 1.0;
    }
    // ln x and ln (1 - x), neither of which may be computed from a rounded x.
    let log_x = -log1p(square);
    let log_rest = -log1p(1.0 / square);
    let x = libm::exp(log_x);
    let log_front = a * log_x + b * log_rest + log_gamma_step(a) - 0.5 * libm::log(core::f64::consts::PI);
    if x < (a + 1.0) / (a + b + 2.0) {
        libm::exp(log_front) / a * continued_fraction(x, [a, b])
    } else {
        1.0 - libm::exp(log_front) / b * continued_fraction(libm::exp(log_rest), [b, a])
    }
}

fn log1p(x: f64) -> f64 {
    if x.is_infinite() { f64::MAX } else { libm::log1p(x) }
}

/// The coefficients of 1/a, 1/a^3, ... 1/a^15, from the Bernoulli polynomials at 1/2 and 0 (NIST DLMF 5.11.8), the
/// highest power first. At 12 the last one adds 4e-18.
const LOG_GAMMA_STEP: [f64; 8] = [
    929_569.0 / 15_728_640.0,
    -5_461.0 / 425_984.0,
    691.0 / 180_224.0,
    -31.0 / 18_432.0,
    17.0 / 14_336.0,
    -1.0 / 640.0,
    1.0 / 192.0,
    -1.0 / 8.0,
];

/// ln of gamma(a + 1/2) / gamma(a), without the difference of two large logarithms: by its expansion from 12 on, below
/// that by recurrence.
fn log_gamma_step(a: f64) -> f64 {
    let (mut a, mut below) = (a, 0.0);
    while a < 12.0 {
        // gamma(a + 1/2) / gamma(a) = gamma(a + 3/2) / gamma(a + 1) * a / (a + 1/2)
        below += libm::log(a / (a + 0.5));
        a += 1.0;
    }
    let inverse = 1.0 / a;
    below + 0.5 * libm::log(a) + inverse * polynomial(inverse * inverse, &LOG_GAMMA_STEP)
}

/// The continued fraction of the incomplete beta function by Lentz's method (Press et al. 2007, section 6.4).
fn continued_fraction(x: f64, [a, b]: [f64; 2]) -> f64 {
    let away = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut product = d;
    for step in 1..100_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            product *= d * c;
        }
        if (d * c - 1.0).abs() < ENOUGH * 10.0 {
            break;
        }
    }
    product
}
