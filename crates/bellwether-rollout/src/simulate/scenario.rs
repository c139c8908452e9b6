use alloc::{collections::BTreeMap, format, string::ToString, vec::Vec};

use bellwether_core::{ActorName, Duration, GateName, StepId, Verdict, Weight};
use bellwether_strategy::Plan;
use serde::{Deserialize, Serialize};

use super::ScenarioError;
use crate::{Actor, Kind};

/// A scripted world for [`simulate`](crate::simulate): how fast it is, what it says and what goes wrong in it, and when.
///
/// Everything has a default: a world that obeys at once and whose judge and gates pass.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// How long the router takes to obey.
    pub router_latency: Duration,
    /// How long a unit takes to be ready.
    pub unit_latency: Duration,
    /// What the judge says of each step, and how long after its exposure was first seen; the latest entry that applies
    /// counts. A step without an entry passes at once.
    pub verdicts: BTreeMap<StepId, Vec<After<Verdict>>>,
    /// What each gate says, and from when on, counted from the start. A gate without an entry passes.
    pub gates: BTreeMap<GateName, Vec<After<Verdict>>>,
    /// What goes wrong, and when, counted from the start.
    pub faults: Vec<After<WorldFault>>,
    /// What people and other systems say, and when, counted from the start.
    pub commands: Vec<Command>,
    /// When the simulation gives up, counted from the start.
    pub until: Duration,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            router_latency: Duration::ZERO,
            unit_latency: Duration::ZERO,
            verdicts: BTreeMap::new(),
            gates: BTreeMap::new(),
            faults: Vec::new(),
            commands: Vec::new(),
            until: Duration::from_hours(24 * 14),
        }
    }
}

/// Something with its time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct After<T> {
    /// How long after the beginning.
    pub after: Duration,
    /// What.
    pub what: T,
}

/// What somebody says in a scripted world, and when.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// How long after the beginning.
    pub after: Duration,
    /// Who; a person called `somebody` where nobody is named.
    #[serde(default = "somebody")]
    pub by: Actor,
    /// What.
    pub what: Kind,
}

impl Command {
    /// Something that an unnamed person says.
    #[must_use]
    pub fn new(after: Duration, what: Kind) -> Self {
        Self { after, by: somebody(), what }
    }
}

fn somebody() -> Actor {
    ActorName::new("somebody").map_or(Actor::Driver, Actor::Person)
}

/// What goes wrong in a simulated world.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorldFault {
    /// The router sends everything to stable and knows no command any more.
    RouterForgets,
    /// Somebody else gives the candidate this share.
    RouterIsChanged(Weight),
    /// The router neither answers nor obeys from now on.
    RouterFails,
    /// The router works again.
    RouterRecovers,
    /// Who scales neither answers nor obeys from now on. Units that are starting go on.
    WorkloadFails,
    /// Who scales works again.
    WorkloadRecovers,
    /// So many of the candidate's units are gone; they come back as fast as units do.
    CandidateCrashes(u32),
    /// So many of stable's units are gone; they come back as fast as units do.
    StableCrashes(u32),
    /// No unit of the candidate is ready from now on, as when each crashes while it starts.
    CandidateFails,
    /// The candidate's units are ready again.
    CandidateRecovers,
    /// No unit of stable is ready from now on.
    StableFails,
    /// Stable's units are ready again.
    StableRecovers,
    /// Nobody drives the rollout for so long.
    DriverSleeps(Duration),
}

impl Scenario {
    /// Checks that the script is one for this plan: its times run forwards, and what it names is there.
    ///
    /// [`simulate`](crate::simulate) takes any script: what is out of order is put in order, and what is said of a step or
    /// a gate that the plan does not have is never heard. Both are slips of whoever wrote it.
    ///
    /// # Errors
    /// The first place that is wrong.
    ///
    /// # Example: a verdict on a step that the plan does not have
    /// ```
    /// use bellwether_core::{Arms, Duration, Level, Release, Target, Verdict, Version};
    /// use bellwether_rollout::{After, Scenario};
    /// use bellwether_strategy::for_level;
    ///
    /// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    /// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
    /// let plan = for_level(Level::Medium).plan(&release, &Target::default())?.outcome;
    /// let mut scenario = Scenario::default();
    /// scenario.verdicts.insert("canary-5".parse()?, vec![After { after: Duration::ZERO, what: Verdict::Fail }]);
    /// assert_eq!(
    ///     scenario.check(&plan).unwrap_err().to_string(),
    ///     "$.verdicts.canary-5: expected a step of the plan (canary-10, canary-50, full), found another"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, plan: &Plan) -> Result<(), ScenarioError> {
        let steps: Vec<&str> = plan.steps().iter().map(|step| step.id.as_str()).collect();
        for (step, said) in &self.verdicts {
            let at = format!("$.verdicts.{step}");
            check_name(&steps, step.as_str(), ("a step", &at))?;
            check_order(said.iter().map(|said| said.after), &at)?;
        }
        let gates: Vec<&str> = plan.steps().iter().flat_map(|step| &step.gates).map(GateName::as_str).collect();
        for (gate, said) in &self.gates {
            let at = format!("$.gates.{gate}");
            check_name(&gates, gate.as_str(), ("a gate", &at))?;
            check_order(said.iter().map(|said| said.after), &at)?;
        }
        check_order(self.faults.iter().map(|fault| fault.after), "$.faults")?;
        check_order(self.commands.iter().map(|command| command.after), "$.commands")?;
        if self.until.is_zero() {
            return Err(ScenarioError::new("$.until", "more than no time at all", self.until));
        }
        Ok(())
    }
}

fn check_name(known: &[&str], name: &str, (what, at): (&str, &str)) -> Result<(), ScenarioError> {
    if known.contains(&name) {
        return Ok(());
    }
    let known = if known.is_empty() { "it has none".to_string() } else { known.join(", ") };
    Err(ScenarioError::new(at, format!("{what} of the plan ({known})"), "another"))
}

fn check_order(times: impl Iterator<Item = Duration>, at: &str) -> Result<(), ScenarioError> {
    let mut before = Duration::ZERO;
    for (index, after) in times.enumerate() {
        if after < before {
            let expected = format!("{before} or later, because the entry before it is then");
            return Err(ScenarioError::new(&format!("{at}[{index}].after"), expected, after));
        }
        before = after;
    }
    Ok(())
}
