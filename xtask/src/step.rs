use std::fmt;
use std::process::Command;
use std::time::Instant;

use crate::failure::Failure;
use crate::root;

/// One command line, shown before it runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    program: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Step {
    /// A call of the cargo that runs us, so that every step uses one toolchain.
    pub(crate) fn cargo<A: Into<String>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::program("cargo", arguments)
    }

    pub(crate) fn program<A: Into<String>>(program: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { program: program.to_owned(), arguments, variables: Vec::new() }
    }

    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn run(&self) -> Result<(), Failure> {
        println!("$ {self}");
        let status = self.command().status().map_err(|source| Failure::Start { line: self.to_string(), source })?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::Ended { line: self.to_string(), status: status.to_string() })
    }

    /// Runs without showing anything and gives back what was printed, or `None` if it failed.
    pub(crate) fn answer(&self) -> Option<String> {
        let output = self.command().output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    }

    fn command(&self) -> Command {
        let cargo = std::env::var("CARGO").ok().filter(|_| self.program == "cargo");
        let mut command = Command::new(cargo.as_deref().unwrap_or(&self.program));
        command.args(&self.arguments).current_dir(root());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}=\"{value}\" ")?;
        }
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

/// Runs the steps in order, stops at the first that fails, and ends with one line that sums up.
pub(crate) fn run_all(title: &str, steps: &[Step]) -> Result<(), Failure> {
    let begin = Instant::now();
    for (done, step) in steps.iter().enumerate() {
        let since = Instant::now();
        println!("\n[{title} {}/{}]", done + 1, steps.len());
        if let Err(failure) = step.run() {
            println!("\n{title}: FAILED at step {} of {} after {} s", done + 1, steps.len(), begin.elapsed().as_secs());
            return Err(failure);
        }
        println!("  took {} s", since.elapsed().as_secs());
    }
    println!("\n{title}: all {} steps passed in {} s", steps.len(), begin.elapsed().as_secs());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_as_it_would_be_typed() {
        let step = Step::cargo(["doc", "--no-deps"]).with_variable("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(step.to_string(), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }

    #[test]
    fn the_first_failing_step_ends_the_run() {
        let none = [""; 0];
        let steps = [Step::program("false", none), Step::program("no-such-program-here", none)];
        assert!(matches!(run_all("sample", &steps), Err(Failure::Ended { line, .. }) if line == "false"));
    }

    #[test]
    fn a_program_that_cannot_start_is_a_failure() {
        let step = Step::program("no-such-program-here", [""; 0]);
        assert!(matches!(step.run(), Err(Failure::Start { .. })));
    }
}
