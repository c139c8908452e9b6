//! The workspace's own commands. `cargo xtask` without a command lists them.

mod bare;
mod complaint;
mod failure;
mod features;
mod function;
mod lint;
mod package;
mod sim;
mod source;
mod step;
mod test;
mod test_module;
mod tidy;
mod toolchain;
mod tree;

use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;

type Run = fn() -> Result<(), Failure>;

/// Every command with the line that `cargo xtask` prints about it.
const COMMANDS: [(&str, Run, &str); 7] = [
    ("test", test::run, "everything that tests the project: tests, doctests, golden logs, examples, benches compile"),
    ("lint", lint::run, "format, clippy and rustdoc with warnings as errors, tidy"),
    ("tidy", tidy::run, "the rules of style that a program can check"),
    ("bare", bare::run, "builds each no_std crate alone for a target without an operating system"),
    ("features", features::run, "checks each crate alone, then with each of its features alone"),
    ("sim", sim::run, "makes docs/statistics-results.md again by simulation"),
    ("sim-quick", sim::quick, "prints the same tables with few runs, in about two minutes"),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            failure.exit_code()
        }
    }
}

fn dispatch(words: &[String]) -> Result<(), Failure> {
    let [word] = words else { return Err(Failure::Usage(usage())) };
    match COMMANDS.iter().find(|(name, ..)| name == word) {
        Some((_, run, _)) => run(),
        None => Err(Failure::Usage(format!("no command `{word}`\n{}", usage()))),
    }
}

fn usage() -> String {
    let lines = COMMANDS.iter().map(|(name, _, text)| format!("  cargo xtask {name:<9} {text}\n"));
    format!("expected one command\n{}", lines.collect::<String>())
}

/// The root of the repository: the folder above this package.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_refused_with_the_list_of_commands() {
        let refused = dispatch(&["tset".to_owned()]).unwrap_err().to_string();
        assert!(refused.contains("`tset`") && refused.contains("cargo xtask tidy"), "{refused}");
    }

    #[test]
    fn a_second_word_is_refused() {
        let words = ["tidy".to_owned(), "--fast".to_owned()];
        assert!(matches!(dispatch(&words), Err(Failure::Usage(_))));
    }
}
