//! The command `bellwether`: every decision of the library, asked from a shell.

mod answer;
mod arithmetic;
mod clock;
mod command;
mod complaint;
mod document;
mod event_text;
mod export;
mod fault;
mod finding_with_line;
mod frame;
mod history;
mod id;
mod import;
mod line;
mod look;
mod node;
mod release;
mod schema;
mod source;
mod table;
mod trail;
mod verb;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    answer::Status,
    command::{Command, JournalVerb, Verb},
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
    let has_document = matches!(
        verb,
        Verb::Risk(_)
            | Verb::Plan(_)
            | Verb::Simulate(_)
            | Verb::Bake(_)
            | Verb::Window(_)
            | Verb::Promotion(_)
            | Verb::Judge(_)
            | Verb::Gate(_)
    );
    if !has_document {
        frame::refuse_document_options(options)?;
    }
    match verb {
        Verb::Risk(risk) => verb::risk::run(risk, options),
        Verb::Plan(plan) => verb::plan::run(plan, options),
        Verb::Simulate(simulate) => verb::simulate::run(simulate, options),
        Verb::Bake(bake) => verb::bake::run(bake, options),
        Verb::Window(window) => verb::window::run(*window, options),
        Verb::Promotion(promotion) => verb::promotion::run(promotion, options),
        Verb::Judge(judge) => verb::judge::run(judge, options),
        Verb::Gate(gate) => verb::gate::run(gate, options),
        Verb::Replay(replay) => frame::show(&verb::replay::answer(replay)?, options),
        Verb::Explain(explain) => frame::show(&verb::explain::answer(explain)?, options),
        Verb::Journal(journal) => match journal.verb {
            JournalVerb::Export(file) => verb::journal::export(file),
            JournalVerb::Verify(verify) => frame::show(&verb::journal::verify(verify)?, options),
        },
        Verb::Schema(schema) => verb::schema::print(schema.name),
        Verb::Completions(completions) => verb::completions::print(completions.shell),
    }
}
