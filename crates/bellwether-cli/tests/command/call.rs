//! Calls of the built binary.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// What a call gave.
pub(crate) struct Called {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Calls the command within the folder of fixtures.
pub(crate) fn call(words: &[&str]) -> Called {
    called(command(words).stdin(Stdio::null()).output().unwrap())
}

/// Calls the command with something on standard input.
pub(crate) fn call_with(words: &[&str], input: impl AsRef<[u8]>) -> Called {
    let mut child = command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    // A refusal may come before everything was written, and answers may fill the pipe before everything was read.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    called(output)
}

pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command.current_dir(fixtures()).args(words).env_remove("NO_COLOR");
    command
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

pub(crate) fn fixture(name: &str) -> String {
    std::fs::read_to_string(fixtures().join(name)).unwrap()
}

pub(crate) fn called(output: Output) -> Called {
    Called {
        status: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Called {
    /// An answer, and nothing on standard error.
    #[track_caller]
    pub(crate) fn answered(self, status: i32) -> String {
        assert_eq!((self.status, self.err.as_str()), (status, ""), "{}", self.out);
        self.out
    }

    /// Exactly one line on standard error, status 2 and no answer.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!((self.status, self.out.as_str()), (2, ""), "{}", self.err);
        let line = self.err.strip_suffix('\n').expect("a line end").to_owned();
        assert!(!line.contains('\n') && !line.chars().any(char::is_control), "{line:?}");
        line
    }
}

/// Compares an answer with the file of that name, which was checked by eye.
#[track_caller]
pub(crate) fn assert_answer(answer: &str, name: &str) {
    assert_eq!(answer, fixture(&format!("answers/{name}")), "compare with {name}");
}
