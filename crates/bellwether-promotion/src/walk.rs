//! Ways through environments that do not count, such as junctions.

use alloc::{collections::BTreeSet, vec::Vec};

use bellwether_core::EnvironmentName;

use crate::{Environment, Graph};

impl Graph {
    /// The nearest environments before one that count, by name.
    pub(crate) fn nearest_before<'a>(
        &'a self,
        environment: &'a Environment,
        counts: impl Fn(&Environment) -> bool,
    ) -> Vec<&'a Environment> {
        nearest(environment, counts, |of| self.before(of).collect())
    }

    /// The environments directly before one in which something runs, by name.
    pub(crate) fn deployed_before<'a>(&'a self, environment: &'a Environment) -> Vec<&'a Environment> {
        self.nearest_before(environment, |before| !before.is_junction())
    }

    /// The environments directly behind one in which something runs, by name.
    pub(crate) fn deployed_behind<'a>(&'a self, environment: &'a Environment) -> Vec<&'a Environment> {
        nearest(environment, |behind| !behind.is_junction(), |of| self.behind(&of.name).collect())
    }

    /// Whether an environment is somewhere before another one.
    pub(crate) fn comes_before(&self, name: &EnvironmentName, environment: &Environment) -> bool {
        !self.nearest_before(environment, |before| before.name == *name).is_empty()
    }
}

fn nearest<'a>(
    environment: &'a Environment,
    counts: impl Fn(&Environment) -> bool,
    beyond: impl Fn(&'a Environment) -> Vec<&'a Environment>,
) -> Vec<&'a Environment> {
    let mut seen: BTreeSet<&EnvironmentName> = BTreeSet::new();
    let mut found = Vec::new();
    let mut next = beyond(environment);
    while let Some(environment) = next.pop() {
        if !seen.insert(&environment.name) {
            continue;
        }
        if counts(environment) {
            found.push(environment);
        } else {
            next.extend(beyond(environment));
        }
    }
    found.sort_by_key(|environment| &environment.name);
    found
}
