use clap::ValueEnum;

use crate::{answer::Status, complaint::Complaint, frame, schema::Name};

/// Prints the JSON Schema of that name, or all names with what they describe.
pub(crate) fn print(name: Option<Name>) -> Result<Status, Complaint> {
    let text = match name {
        Some(name) => format!("{:#}", name.schema().to_value()),
        None => Name::value_variants().iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    frame::print(&text)?;
    Ok(Status::Pass)
}

fn line(name: &Name) -> String {
    let value = name.to_possible_value().unwrap_or_default();
    format!("{:<15} {}", value.get_name(), value.get_help().map(ToString::to_string).unwrap_or_default())
}
