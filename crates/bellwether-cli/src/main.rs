//! The command `bellwether`: every decision of the library, asked from a shell.

mod answer;
mod command;
mod complaint;
mod document;
mod fault;
mod frame;
mod look;
mod node;
mod release;
mod schema;
mod source;
mod trail;
mod verb;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    answer::Status,
    command::{Command, Options, Verb},
    complaint::Complaint,
};

fn main() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(usage) => {
            // Whether the usage arrives changes nothing about the status.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { 2 } else { 0 });
        }
    };
    match run(command) {
        Ok(status) => status.into(),
        Err(complaint) => {
            frame::tell(&complaint.to_string());
            Status::Wrong.into()
        }
    }
}

fn run(Command { verb, options }: Command) -> Result<Status, Complaint> {
    match verb {
        Verb::Risk(risk) => frame::ask(&verb::risk::Classify::new(&risk)?, risk.change, options),
        Verb::Plan(plan) if plan.check => frame::ask(&verb::check::Check { rto: plan.rto }, plan.file, options),
        Verb::Plan(plan) => frame::ask(&verb::plan::MakePlan, plan.file, options),
        Verb::Schema(schema) => one_answer("schema", options).and_then(|()| verb::schema::print(schema.name)),
        Verb::Completions(completions) => {
            one_answer("completions", options).and_then(|()| verb::completions::print(completions.shell))
        }
    }
}

/// Refuses `--lines` where there is no document to read.
fn one_answer(verb: &str, options: Options) -> Result<(), Complaint> {
    if !options.lines {
        return Ok(());
    }
    let message = format_args!("expected a verb that reads documents beside --lines, found `{verb}`");
    Err(Complaint::new("call", "", message))
}
