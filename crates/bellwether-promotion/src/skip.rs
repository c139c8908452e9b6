//! Leave to skip an environment: named, recorded, and good for one release until a time.

use alloc::borrow::ToOwned;

use bellwether_core::{Finding, Time};

use crate::{Environment, artefact::difference, case::Case, notes::Notes, person::Person, place::Granted};

impl<'a> Case<'a> {
    /// The override that lets the release skip an environment, and until when. One that does not count is told.
    pub(crate) fn leave_to_skip(
        &self,
        before: &Environment,
        failed: Option<Time>,
        notes: &mut Notes,
    ) -> Option<(&'a Granted, Time)> {
        let granted = self.place.overrides.get(&self.rank())?;
        let named = granted.iter().rev().filter(|granted| granted.leave.skips.contains(&before.name));
        for granted in named {
            match self.void(granted, failed, notes.now) {
                Ok(until) => return Some((granted, until)),
                Err(why) => notes.tell(|| {
                    let text = "the override of {before} by {by} does not count: {void}";
                    let finding = self.before(Finding::warning("promotion.override_void", text), before);
                    finding.figure("by", granted.leave.by.as_str().to_owned()).figure("void", why)
                }),
            }
        }
        None
    }

    /// Until when an override counts, or why it does not.
    fn void(&self, granted: &Granted, failed: Option<Time>, now: Time) -> Result<Time, &'static str> {
        let Some(overrides) = &self.environment.overrides else {
            return Err("nobody may override here");
        };
        let by = Person::of(&granted.leave.by);
        if !overrides.by.iter().any(|name| Person::of(name) == by) {
            return Err("this person may not override here");
        }
        if self.known.made.authors.is_empty() {
            return Err("nobody knows whose work the release is");
        }
        if self.known.made.authors.iter().any(|author| Person::of(author) == by) {
            return Err("it is this person's own work");
        }
        if granted.leave.why.trim().is_empty() {
            return Err("it does not say why");
        }
        let varies = &self.graph.draft().varies;
        if difference(&self.known.made.version, &granted.leave.digests, varies).is_some() {
            return Err("it is for other bytes");
        }
        if failed.is_some_and(|failed| failed > granted.at) {
            return Err("the release failed there after it was given");
        }
        let until = granted.leave.until.min(granted.at.after(overrides.at_most));
        if until <= now { Err("it has lapsed") } else { Ok(until) }
    }
}
