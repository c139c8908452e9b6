//! Mann and Whitney's test and Hodges and Lehmann's interval beside R, SciPy and statrs, on the same data in one run.
//!
//! R and SciPy are timed within their own process, so that starting them counts for nothing; they are left out where they
//! are not installed (`PYTHON` names another interpreter). The figure to reach: 100 times as fast as
//! `wilcox.test(conf.int = TRUE)` at 1,440 values an arm, and the interval of 1,000 against 1,000 in at most 5 ms.

use std::{
    hint::black_box,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use bellwether_stats::fixed::{Alternative, Method, Sample, Samples, hodges_lehmann, mann_whitney};

const R: &str = r#"
lines <- readLines(file("stdin")); x <- as.numeric(strsplit(lines[1], " ")[[1]]); y <- as.numeric(strsplit(lines[2], " ")[[1]])
time <- function(expression, times) min(replicate(times, system.time(expression())[["elapsed"]]))
cat("wilcox.test(conf.int = TRUE)", time(function() wilcox.test(x, y, conf.int = TRUE), 3), "\n")
cat("wilcox.test()", time(function() for (i in 1:50) wilcox.test(x, y), 3) / 50, "\n")
cat("median(outer(x, y, '-'))", time(function() median(outer(x, y, "-")), 3), "\n")
"#;

const PYTHON: &str = r#"
import sys, timeit
import numpy as np
from scipy import stats
x, y = (np.array([float(v) for v in line.split()]) for line in sys.stdin)
print("mannwhitneyu()", min(timeit.repeat(lambda: stats.mannwhitneyu(x, y), number=50, repeat=3)) / 50)
"#;

fn main() {
    for size in [60, 1_000, 1_440] {
        let (treatment, control) = (values(size, 7, 0.3), values(size, 11, 0.0));
        println!("{size} values an arm");
        let ours = ours(&treatment, &control);
        for (name, time) in [("bellwether, test", ours.test), ("bellwether, test and interval", ours.interval)] {
            println!("  {name:<46} {:>12.1} us", micros(time));
        }
        let statrs = fastest(|| {
            statrs::stats_tests::mannwhitneyu::mannwhitneyu(&treatment, &control, automatic(), two_sided()).is_ok()
        });
        println!("  {:<46} {:>12.1} us {:>9.1} x", "statrs, mannwhitneyu", micros(statrs), ratio(statrs, ours.test));
        let text = [&treatment, &control].map(|values| values.iter().map(f64::to_string).collect::<Vec<_>>().join(" "));
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        for (program, code) in [("Rscript", R), (python.as_str(), PYTHON)] {
            for (name, time) in peer(program, code, &text.join("\n")) {
                let beside =
                    if name.contains("conf.int") || name.contains("outer") { ours.interval } else { ours.test };
                println!("  {name:<46} {:>12.1} us {:>9.1} x", micros(time), ratio(time, beside));
            }
        }
    }
}

fn automatic() -> statrs::stats_tests::mannwhitneyu::MannWhitneyUMethod {
    statrs::stats_tests::mannwhitneyu::MannWhitneyUMethod::Automatic
}

fn two_sided() -> statrs::stats_tests::Alternative {
    statrs::stats_tests::Alternative::TwoSided
}

struct Ours {
    test: Duration,
    interval: Duration,
}

/// Sorting counts in both.
fn ours(treatment: &[f64], control: &[f64]) -> Ours {
    let samples = || Some(Samples { treatment: Sample::new(treatment).ok()?, control: Sample::new(control).ok()? });
    let test = |samples: &Samples| mann_whitney(samples, Alternative::TwoSided, Method::Automatic).is_ok();
    let interval = |samples: &Samples| hodges_lehmann(samples, 0.95, Method::Automatic).is_ok();
    Ours {
        test: fastest(|| samples().is_some_and(|samples| test(&samples))),
        interval: fastest(|| samples().is_some_and(|samples| test(&samples) && interval(&samples))),
    }
}

/// The fastest of some runs: what else the machine does only adds.
fn fastest(run: impl Fn() -> bool) -> Duration {
    let time = || {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..30).map(|_| time()).min().unwrap_or_default()
}

/// Lines of a name and seconds; none where the program is not there.
fn peer(program: &str, code: &str, input: &str) -> Vec<(String, Duration)> {
    let flag = if program == "Rscript" { "-e" } else { "-c" };
    let spawned = Command::new(program)
        .args([flag, code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else { return Vec::new() };
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(format!("{input}\n").as_bytes()));
    let Ok(output) = child.wait_with_output() else { return Vec::new() };
    if written.is_none_or(|written| written.is_err()) {
        return Vec::new();
    }
    let line = |line: &str| {
        let (name, seconds) = line.trim().rsplit_once(' ')?;
        Some((format!("{program}, {name}"), Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?))
    };
    String::from_utf8_lossy(&output.stdout).lines().filter_map(line).collect()
}

/// Log-normal latencies of a fixed sequence.
fn values(count: usize, seed: u64, shift: f64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count).map(|_| bellwether_stats::fixed::normal_quantile(uniform().max(1e-12)) + shift).map(f64::exp).collect()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn ratio(theirs: Duration, ours: Duration) -> f64 {
    theirs.as_secs_f64() / ours.as_secs_f64()
}
