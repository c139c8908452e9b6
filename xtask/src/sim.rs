use crate::failure::Failure;
use crate::step::Step;

const RESULTS: &str = "docs/statistics-results.md";

/// Makes every table of the statistics again, with as many runs as the results in the repository have.
pub(crate) fn run() -> Result<(), Failure> {
    step(&["--output", RESULTS]).run()
}

/// Prints the same tables with so few runs that it takes two minutes.
pub(crate) fn quick() -> Result<(), Failure> {
    step(&["--quick"]).run()
}

fn step(words: &[&'static str]) -> Step {
    let call = ["run", "--release", "-p", "bellwether-analysis", "--example", "statistics", "--"];
    Step::cargo(call.iter().chain(words).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_are_written_where_the_repository_has_them() {
        let line = step(&["--output", RESULTS]).to_string();
        assert!(line.ends_with("--example statistics -- --output docs/statistics-results.md"), "{line}");
    }
}
