//! How the settings of an environment differ from those of the nearest ones before it whose settings are known.

use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

use bellwether_core::Finding;

use crate::{Environment, case::Case, notes::Notes};

type Settings = BTreeMap<String, String>;

/// As many differences are told one by one.
const TOLD_MAX: usize = 10;

impl<'a> Case<'a> {
    /// Compares the settings with those of each environment before. Differences are told; only a setting that must be
    /// the same keeps a release out.
    pub(crate) fn check_settings(&self, notes: &mut Notes) {
        self.check_drift(notes);
        let here = self.settings(self.environment);
        let is_known = |before: &Environment| {
            !before.settings.is_empty() || self.facts.history.place(&before.name).settings.is_some()
        };
        let before = self.graph.nearest_before(self.environment, is_known);
        if before.is_empty() && !self.environment.same.is_empty() {
            let text =
                "nobody knows the settings of any environment before {environment}, some of which must be the same";
            notes.wait(None, || self.warning("promotion.same", text).flips_when("they were known"));
        }
        for before in before {
            let there = self.settings(before);
            self.check_same((before, there), here, notes);
            if notes.is_told() && !here.is_empty() {
                self.compare((before, there), here, notes);
            }
        }
    }

    /// The settings that were read, or else those that the graph declares.
    fn settings(&self, environment: &'a Environment) -> &'a Settings {
        self.facts.history.place(&environment.name).settings.as_ref().unwrap_or(&environment.settings)
    }

    /// What was read is what the graph declares.
    fn check_drift(&self, notes: &mut Notes) {
        let declared = &self.environment.settings;
        let Some(read) = self.place.settings.as_ref().filter(|_| !declared.is_empty()) else { return };
        let drifted: Vec<&String> = differing(declared, read).collect();
        if !drifted.is_empty() {
            let text = "{environment} is not configured as the graph says: {settings}";
            notes.tell(|| self.warning("promotion.drift", text).figure("settings", listed(&drifted, declared, read)));
        }
    }

    fn check_same(&self, (before, there): (&Environment, &Settings), here: &Settings, notes: &mut Notes) {
        for name in &self.environment.same {
            match (there.get(name), here.get(name)) {
                (Some(before), Some(here)) if before == here => {}
                (None, None) => notes.wait(None, || {
                    let text = "nobody knows {setting} of {before} or {environment}, which must be the same";
                    self.of_setting(self.warning("promotion.same", text), before, name).flips_when("both were known")
                }),
                (there, here) => notes.refuse(|| {
                    let text = "{setting} must be the same: it is {there} in {before}, {here} in {environment}";
                    let finding = self.of_setting(self.critical("promotion.same", text), before, name);
                    let finding = finding.figure("there", shown(there)).figure("here", shown(here));
                    finding.flips_when("both were the same")
                }),
            }
        }
    }

    fn compare(&self, (before, there): (&Environment, &Settings), here: &Settings, notes: &mut Notes) {
        let differing = differing(there, here).filter(|name| !self.environment.same.contains(*name));
        let (expected, other): (Vec<&String>, Vec<&String>) =
            differing.partition(|name| self.environment.may_differ.contains(*name));
        if !other.is_empty() {
            let text = "{environment} is not configured as {before}: {settings}";
            notes.tell(|| {
                let finding = self.warning("promotion.parity", text).figure("before", before.name.as_str().to_owned());
                finding.figure("settings", listed(&other, there, here))
            });
        }
        if !expected.is_empty() {
            let text = "{environment} differs from {before} as expected: {settings}";
            notes.tell(|| {
                let finding = self.info("promotion.parity", text).figure("before", before.name.as_str().to_owned());
                finding.figure("settings", listed(&expected, there, here))
            });
        }
    }

    fn of_setting(&self, finding: Finding, before: &Environment, name: &str) -> Finding {
        finding.figure("before", before.name.as_str().to_owned()).figure("setting", name.to_owned())
    }
}

fn differing<'a>(there: &'a Settings, here: &'a Settings) -> impl Iterator<Item = &'a String> {
    let names: BTreeSet<&String> = there.keys().chain(here.keys()).collect();
    names.into_iter().filter(|name| there.get(*name) != here.get(*name))
}

fn shown(value: Option<&String>) -> String {
    value.map_or_else(|| "not set".to_owned(), |value| value.chars().take(80).collect())
}

fn listed(names: &[&String], there: &Settings, here: &Settings) -> String {
    let of = |name: &&String| format!("{name} {} → {}", shown(there.get(*name)), shown(here.get(*name)));
    let told: Vec<String> = names.iter().take(TOLD_MAX).map(of).collect();
    let more = names.len().saturating_sub(TOLD_MAX);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", told.join(", "))
}
