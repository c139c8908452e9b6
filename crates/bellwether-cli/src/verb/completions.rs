use clap::CommandFactory;
use clap_complete::Shell;

use crate::{answer::Status, command::Command, complaint::Complaint, frame};

/// Prints what a shell needs to complete the command.
pub(crate) fn print(shell: Shell) -> Result<Status, Complaint> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Command::command(), "bellwether", &mut script);
    frame::print(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Status::Pass)
}
