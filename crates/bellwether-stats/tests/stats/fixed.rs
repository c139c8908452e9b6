//! The fixed-sample tests against R 4.2.2, SciPy 1.17.1 and statsmodels 0.15.0; `reference` holds what they said and how
//! to ask them again.

use bellwether_stats::Counts;
use bellwether_stats::fixed::{
    Alternative, Method, Proportions, Sample, Samples, Sides, Spending, boundaries, brunner_munzel, fisher,
    hodges_lehmann, kolmogorov_smirnov, mann_whitney, miettinen_nurminen, newcombe, normal_cdf, normal_quantile,
    quantile, two_proportions, welch,
};
use serde_json::Value;

const R: &str = include_str!("../../reference/r.jsonl");
const SCIPY: &str = include_str!("../../reference/scipy.jsonl");

const ALTERNATIVES: [Alternative; 3] = [Alternative::TwoSided, Alternative::Less, Alternative::Greater];

/// What all of it must agree to where the definitions are the same.
const CLOSE: f64 = 1e-9;

#[test]
fn mann_whitney_is_that_of_r() {
    for (row, samples) in samples(R) {
        let u = mann_whitney(&samples, Alternative::TwoSided, Method::Exact).map(|test| test.u);
        if let Ok(u) = u {
            assert_eq!(u, number(&row["u"]), "{row}");
        }
        for (field, method) in
            [("automatic", Method::Automatic), ("normal", Method::Normal), ("uncorrected", Method::NormalUncorrected)]
        {
            if let Some(expected) = numbers(&row[field]) {
                for (alternative, expected) in ALTERNATIVES.into_iter().zip(expected) {
                    match mann_whitney(&samples, alternative, method) {
                        Ok(test) => {
                            assert_close(test.p_value, expected, CLOSE, &format!("{field} {alternative:?} {row}"));
                        }
                        // Where all values are equal R divides by zero, and takes one infinity for a probability of 1.
                        Err(undefined) => assert!(expected.is_nan() || expected == 1.0, "{undefined}: {field} {row}"),
                    }
                }
            }
        }
    }
}

#[test]
fn mann_whitney_is_that_of_scipy() {
    for (row, samples) in samples(SCIPY) {
        for (field, method) in [("exact", Method::Exact), ("normal", Method::Normal)] {
            for (alternative, expected) in ALTERNATIVES.into_iter().zip(numbers(&row[field]).unwrap_or_default()) {
                let test = mann_whitney(&samples, alternative, method).unwrap();
                // SciPy takes continuity away from the larger tail, so that where U is in the middle its two-sided
                // normal p-value is that of half a pair and not 1.
                if method == Method::Normal && alternative == Alternative::TwoSided && expected > 0.9 {
                    continue;
                }
                assert_close(test.p_value, expected, CLOSE, &format!("{field} {alternative:?} {row}"));
            }
        }
    }
}

/// R searches the limits of the normal approximation with a tolerance, here of 1e-15 of the largest value; its own
/// estimate there is any number between two differences, so the median of R's matrix of all differences is compared.
#[test]
fn hodges_and_lehmanns_shift_is_that_of_r() {
    for (row, samples) in samples(R) {
        let scale =
            samples.treatment.sorted().iter().chain(samples.control.sorted()).fold(0.0_f64, |a, b| a.max(b.abs()));
        for (field, method) in [("exact_limits", Method::Automatic), ("normal_limits", Method::Normal)] {
            let Some(limits) = numbers(&row[field]) else { continue };
            for (confidence, expected) in [0.9, 0.95, 0.98].into_iter().zip(limits.chunks(2)) {
                let shift = hodges_lehmann(&samples, confidence, method).unwrap();
                for (found, expected) in [shift.low, shift.high].into_iter().zip(expected) {
                    assert!(
                        (found - expected).abs() <= CLOSE * scale.max(expected.abs()),
                        "{field} {confidence}: {found}, not {expected}: {row}"
                    );
                }
                assert_close(shift.estimate, number(&row["median"]), 1e-15, &row.to_string());
            }
        }
    }
}

/// R 4.2 takes the exact probability from 1, so that it has no more than 12 decimals; SciPy's, of samples without ties,
/// keeps its digits.
#[test]
fn kolmogorov_and_smirnovs_test_is_that_of_r_and_scipy() {
    for (row, samples) in samples(R) {
        // R's alternative is about the distribution function, which lies lower where values are larger.
        let turned = [Alternative::TwoSided, Alternative::Greater, Alternative::Less];
        let (distances, p_values) = (numbers(&row["ks"]).unwrap(), numbers(&row["ks_p"]).unwrap());
        for ((alternative, distance), p_value) in turned.into_iter().zip(distances).zip(p_values) {
            let test = kolmogorov_smirnov(&samples, alternative);
            assert!((test.distance - distance).abs() <= 1e-12, "{}, not {distance}: {row}", test.distance);
            assert_eq!(test.is_exact, row["ks_exact"] == true, "{row}");
            // With ties R takes the distribution of the distance to the other side for R's "less"; see the enumeration.
            let all = || samples.treatment.sorted().iter().chain(samples.control.sorted());
            let is_tied = || all().any(|a| all().filter(|b| a == *b).count() > 1);
            if alternative == Alternative::Greater && is_tied() {
                continue;
            }
            // R sums its limit distribution up to a tolerance of 1e-6, and below 1 drops the second term.
            let decimals = if test.is_exact { 1e-12 } else { 5e-5 };
            let is_close = (test.p_value - p_value).abs() <= (CLOSE * p_value).max(decimals);
            assert!(is_close, "{alternative:?}: {}, not {p_value}: {row}", test.p_value);
        }
    }
    for (row, samples) in samples(SCIPY) {
        for (alternative, expected) in ALTERNATIVES.into_iter().zip(numbers(&row["ks"]).unwrap_or_default()) {
            assert_close(kolmogorov_smirnov(&samples, alternative).p_value, expected, CLOSE, &row.to_string());
        }
        if let Some(expected) = row["ks_limit"].as_f64() {
            let test = kolmogorov_smirnov(&samples, Alternative::TwoSided);
            assert_close(test.p_value, expected, CLOSE, &row.to_string());
        }
    }
}

/// Every way to give the treatment as many of the pooled values as it has is equally probable if the arms do not differ.
#[test]
fn kolmogorov_and_smirnovs_probability_is_that_of_all_arrangements() {
    let pooled = [-2.0, -1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 3.0, 3.0];
    let split = |places: u32| {
        let part = |is_in: bool| {
            let values = pooled.iter().enumerate().filter(|(place, _)| (places >> place & 1 == 1) == is_in);
            Sample::new(&values.map(|(_, value)| *value).collect::<Vec<_>>()).unwrap()
        };
        Samples { treatment: part(true), control: part(false) }
    };
    for alternative in ALTERNATIVES {
        for size in 1..9 {
            let ways: Vec<u32> = (1..1 << 9).filter(|places: &u32| places.count_ones() == size).collect();
            let tests: Vec<_> = ways.iter().map(|places| kolmogorov_smirnov(&split(*places), alternative)).collect();
            for test in &tests {
                let as_far = tests.iter().filter(|other| other.distance >= test.distance - 1e-12).count();
                assert_close(
                    test.p_value,
                    as_far as f64 / ways.len() as f64,
                    1e-13,
                    &format!("{alternative:?} {size}"),
                );
            }
        }
    }
}

#[test]
fn welchs_test_is_that_of_r() {
    for (row, samples) in samples(R) {
        let Some(limits) = numbers(&row["t_limits"]) else { continue };
        let tests = ALTERNATIVES.map(|alternative| welch(&samples, alternative, 0.95).unwrap());
        let t = number(&row["t"]);
        assert!((tests[0].t - t).abs() <= (CLOSE * t.abs()).max(1e-14), "{}, not {t}: {row}", tests[0].t);
        assert_close(tests[0].freedom, number(&row["freedom"]), CLOSE, &row.to_string());
        for (test, expected) in tests.iter().zip(numbers(&row["t_p"]).unwrap()) {
            assert_close(test.p_value, expected, CLOSE, &row.to_string());
        }
        for (confidence, expected) in [0.9, 0.95, 0.999].into_iter().zip(limits.chunks(2)) {
            let test = welch(&samples, Alternative::TwoSided, confidence).unwrap();
            // A limit may be next to zero, where only its distance to the other one means anything.
            let width = expected[1] - expected[0];
            for (found, expected) in [test.low, test.high].into_iter().zip(expected) {
                assert!((found - expected).abs() <= CLOSE * width, "{confidence}: {found}, not {expected}: {row}");
            }
        }
    }
}

#[test]
fn brunner_and_munzels_test_is_that_of_scipy() {
    let mut compared = 0;
    for (row, samples) in samples(SCIPY) {
        let Some(expected) = numbers(&row["brunner_munzel"]) else { continue };
        let test = brunner_munzel(&samples, Alternative::TwoSided).unwrap();
        assert_close(test.statistic, expected[0], CLOSE, &row.to_string());
        for (alternative, expected) in ALTERNATIVES.into_iter().zip(&expected[1..]) {
            let test = brunner_munzel(&samples, alternative).unwrap();
            assert_close(test.p_value, *expected, CLOSE, &format!("{alternative:?} {row}"));
        }
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn quantiles_are_those_of_r() {
    for (row, samples) in samples(R) {
        let probabilities = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.99, 1.0];
        for (probability, expected) in probabilities.into_iter().zip(numbers(&row["quantiles"]).unwrap()) {
            assert_close(quantile(samples.treatment.sorted(), probability).unwrap(), expected, CLOSE, &row.to_string());
        }
    }
}

#[test]
fn the_normal_distribution_is_that_of_r() {
    let row = rows(R, "normal").next().unwrap();
    let pairs = |a: &str, b: &str| numbers(&row[a]).unwrap().into_iter().zip(numbers(&row[b]).unwrap());
    for (probability, expected) in pairs("probabilities", "quantiles") {
        assert_close(normal_quantile(probability), expected, 1e-15, &probability.to_string());
    }
    for (x, expected) in pairs("x", "cdf") {
        // Below 1e-300 R's own has fewer digits.
        if expected > 1e-300 {
            assert_close(normal_cdf(x), expected, 1e-12, &x.to_string());
        }
    }
}

#[test]
fn fishers_test_and_the_test_of_two_proportions_are_those_of_r() {
    for row in rows(R, "proportions") {
        let proportions = proportions(&row);
        for (alternative, expected) in ALTERNATIVES.into_iter().zip(numbers(&row["fisher"]).unwrap()) {
            assert_close(fisher(&proportions, alternative).unwrap(), expected, CLOSE, &row.to_string());
        }
        let Some(expected) = numbers(&row["z_p"]) else { continue };
        for (alternative, expected) in ALTERNATIVES.into_iter().zip(expected) {
            let test = two_proportions(&proportions, alternative).unwrap();
            assert_close(test.z, number(&row["z"]), CLOSE, &row.to_string());
            assert_close(test.p_value, expected, CLOSE, &row.to_string());
        }
    }
}

/// The limits of the score test were computed with 50 digits by their definition.
#[test]
fn intervals_of_a_difference_of_proportions_are_those_of_statsmodels_and_of_fifty_digits() {
    let tables = [(SCIPY, "newcombe", newcombe as fn(&_, _) -> _), (SCIPY, "score", miettinen_nurminen)];
    for (table, field, interval) in tables {
        for row in rows(table, "proportions") {
            let (proportions, limits) = (proportions(&row), numbers(&row[field]).unwrap());
            for (confidence, expected) in [0.9, 0.95, 0.99].into_iter().zip(limits.chunks(2)) {
                let found = interval(&proportions, confidence).unwrap();
                for (found, expected) in [found.low, found.high].into_iter().zip(expected) {
                    // statsmodels takes the difference of numbers near 1.
                    let is_close = (found - expected).abs() <= (CLOSE * expected.abs()).max(1e-15);
                    assert!(is_close, "{field} {confidence}: {found}, not {expected}: {row}");
                }
            }
        }
    }
}

#[test]
fn boundaries_are_those_of_rpact_and_of_an_integral_by_r() {
    for row in rows(R, "boundaries") {
        let spending = if row["spending"] == "asOF" { Spending::OBrienFleming } else { Spending::Pocock };
        let sides = if row["sides"] == 2 { Sides::Two } else { Sides::One };
        let fractions = numbers(&row["fractions"]).unwrap();
        let looks = boundaries(number(&row["alpha"]), &fractions, (spending, sides)).unwrap();
        for (look, expected) in looks.iter().zip(numbers(&row["z"]).unwrap()) {
            // Beyond about 6 rpact says anything, or that there is no boundary.
            if expected.is_nan() || expected > 6.0 {
                assert!(look.z > 6.0, "{} {row}", look.z);
            } else {
                // Where a look spends less than 1e-5 its rule of integration has few digits left.
                let tolerance = if expected > 4.0 { 1e-3 } else { number(&row["tolerance"]) };
                assert_close(look.z, expected, tolerance, &row.to_string());
            }
        }
    }
}

fn rows(table: &'static str, kind: &'static str) -> impl Iterator<Item = Value> {
    let rows = table.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter(move |row| row["kind"] == kind)
}

fn samples(table: &'static str) -> impl Iterator<Item = (Value, Samples)> {
    let sample = |values: &Value| Sample::new(&numbers(values).unwrap()).unwrap();
    rows(table, "samples").map(move |row| {
        let samples = Samples { treatment: sample(&row["treatment"]), control: sample(&row["control"]) };
        (row, samples)
    })
}

fn proportions(row: &Value) -> Proportions {
    let counts = row["counts"].as_array().unwrap();
    let of = |events: usize| Counts {
        exposure: counts[events + 1].as_u64().unwrap(),
        events: counts[events].as_u64().unwrap(),
    };
    Proportions { treatment: of(0), control: of(2) }
}

/// A null is a number that R or SciPy did not have.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array().map(|values| values.iter().map(number).collect())
}

#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64, about: &str) {
    let is_close = (found - expected).abs() <= tolerance * expected.abs() || (found == 0.0 && expected.abs() < 1e-300);
    assert!(is_close, "{found}, not {expected}: {about}");
}
