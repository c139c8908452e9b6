use alloc::{borrow::ToOwned, vec::Vec};

use bellwether_core::{Duration, Finding};

use crate::{DataClass, Environment, Graph, OnNewer, Trigger, Verification};

impl Graph {
    /// Finds what is possible and unwise: a release that would starve the ones behind it, live data that nobody guards.
    ///
    /// # Example: releases that never soak
    /// ```
    /// use bellwether_promotion::Graph;
    ///
    /// let graph: Graph = serde_json::from_str(r#"{"schema": 1, "environments": [
    ///     {"name": "staging", "trigger": "automatic", "on_newer": "replace"},
    ///     {"name": "production", "from": ["staging"], "soak": "12h"}]}"#)?;
    /// assert_eq!(graph.check()[0].rule, "promotion.starves");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let rules = [Self::starves, Self::unguarded, Self::unverified, Self::small_circle, Self::unwatched];
        let sites = self.environments().filter(|environment| !environment.is_junction());
        sites.flat_map(|environment| rules.iter().filter_map(|rule| rule(self, environment))).collect()
    }

    fn starves(&self, environment: &Environment) -> Option<Finding> {
        let soak = self.deployed_behind(environment).iter().map(|behind| behind.soak).max()?;
        let is_open = environment.on_newer == OnNewer::Replace && environment.trigger == Trigger::Automatic;
        if !is_open || soak.is_zero() {
            return None;
        }
        let text = "in {environment} newer releases replace those that soak: releases that come faster than {soak} never leave it";
        let finding = about(Finding::warning("promotion.starves", text), environment).figure("soak", soak);
        Some(finding.flips_when("`on_newer` were wait"))
    }

    fn unguarded(&self, environment: &Environment) -> Option<Finding> {
        let is_open = environment.trigger == Trigger::Automatic
            && environment.approvals.is_none()
            && environment.gates.is_empty()
            && environment.soak == Duration::ZERO;
        let text = "releases enter {environment}, which has live data, with no approval, no gate and no soak";
        let is_meant = environment.data == Some(DataClass::Live) && is_open;
        is_meant.then(|| about(Finding::warning("promotion.unguarded", text), environment))
    }

    fn unverified(&self, environment: &Environment) -> Option<Finding> {
        if environment.data != Some(DataClass::Live) {
            return None;
        }
        let before: Vec<&Environment> = self.deployed_before(environment);
        let is_verified = before.iter().any(|before| before.verification == Verification::Required);
        let text = "no environment before {environment}, which has live data, verifies a release";
        (!is_verified).then(|| about(Finding::warning("promotion.unverified", text), environment))
    }

    /// As many approvals as there are people: each of them who is an author makes it impossible.
    fn small_circle(&self, environment: &Environment) -> Option<Finding> {
        let approvals = environment.approvals.as_ref()?;
        let people = u32::try_from(approvals.of.len()).unwrap_or(u32::MAX);
        let text = "{environment} asks for {count} approvals of {people} people: none of them can be an author";
        let finding = || {
            let finding = about(Finding::warning("promotion.approval_impossible", text), environment);
            finding.figure("count", approvals.count).figure("people", people).flips_when("more people could approve")
        };
        (people == approvals.count).then(finding)
    }

    /// A return needs a verdict.
    fn unwatched(&self, environment: &Environment) -> Option<Finding> {
        let is_deaf = environment.back.is_some() && environment.verification == Verification::None;
        let text = "{environment} returns to its last good release after a failed verification, and asks for none";
        is_deaf.then(|| about(Finding::warning("promotion.unwatched", text), environment))
    }
}

fn about(finding: Finding, environment: &Environment) -> Finding {
    finding.figure("environment", environment.name.as_str().to_owned())
}
