use bellwether_core::{Digest, Duration, Finding, RolloutId};
use bellwether_strategy::{Facts, Plan, WayBack, check};
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::{PLAN_BYTES_MAX, Shown, status};
use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::Look,
};

/// Asks whether a plan can be carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    /// How long going back may take, where that is known.
    pub(crate) rto: Option<Duration>,
}

/// What there is to say about a plan that can be.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct CheckAnswer {
    /// The rollout that it is for.
    rollout: RolloutId,
    /// The plan's identity: the same in every format.
    digest: Digest,
    /// What to know before it is carried out.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    #[serde(skip)]
    plan: Plan,
    #[serde(skip)]
    rto: Option<Duration>,
}

impl Question for Check {
    type Input = Plan;
    type Answer = CheckAnswer;

    const BYTES_MAX: usize = PLAN_BYTES_MAX;
    const OWNS_ID: bool = true;

    fn answer(&self, plan: Plan) -> Result<CheckAnswer, Complaint> {
        let mut facts = Facts::default();
        facts.rto = self.rto;
        let findings = check(&plan, &facts);
        Ok(CheckAnswer { rollout: plan.id().clone(), digest: plan.digest(), findings, plan, rto: self.rto })
    }
}

impl Answer for CheckAnswer {
    fn status(&self) -> Status {
        status(&self.findings)
    }

    fn text(&self, look: &Look) -> String {
        let shown = Shown { plan: &self.plan, way_back: WayBack::of(&self.plan), rto: self.rto };
        format!("{}{}", shown.text(look), look.findings(&self.findings))
    }
}
