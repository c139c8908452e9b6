use bellwether_strategy::preset::{self, Preset};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Status},
    look::{Look, Role},
};

/// The presets that come with the command.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct PresetsAnswer {
    /// Each, by name.
    presets: Vec<PresetLine>,
}

/// A preset.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Preset")]
struct PresetLine {
    /// What `plan --preset` calls it.
    name: &'static str,
    /// What it does.
    about: &'static str,
}

/// All of them.
pub(crate) fn answer() -> PresetsAnswer {
    let line = |preset: &Preset| PresetLine { name: preset.name, about: preset.about };
    PresetsAnswer { presets: preset::ALL.iter().map(line).collect() }
}

impl Answer for PresetsAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, look: &Look) -> String {
        let width = self.presets.iter().map(|preset| preset.name.len()).max().unwrap_or_default();
        let line = |preset: &PresetLine| {
            format!("{}  {}", look.paint(Role::Outcome, &format!("{:<width$}", preset.name)), preset.about)
        };
        self.presets.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
