use bellwether_core::{Arms, Finding, RolloutId, Version};
use bellwether_gate::AllOf;
use bellwether_strategy::{Capacity, Plan, PlanDraft};

use super::{note, outline::Outline, place::Place, surroundings::Surroundings};
use crate::complaint::Complaint;

/// What was made of one document.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    /// Of which kind it is: `Rollout`, `Canary`, ...
    pub(crate) kind: &'static str,
    /// What it is called.
    pub(crate) name: String,
    /// Where it stands in its file.
    pub(crate) at: String,
    /// Its plan, where it is rolled out and a plan can say how.
    pub(crate) plan: Option<Plan>,
    /// What its gates demand, as far as it says so.
    pub(crate) gates: Vec<AllOf>,
    /// What became of its fields.
    pub(crate) findings: Vec<Finding>,
}

impl Imported {
    pub(super) fn new(kind: &'static str, document: &Place<'_>) -> Result<Self, Complaint> {
        let name = document.path(&["metadata", "name"])?.name()?.to_owned();
        let at = document.at.clone();
        Ok(Self { kind, name, at, plan: None, gates: Vec::new(), findings: Vec::new() })
    }

    /// Makes the plan of the steps, unless a finding says that there is none.
    pub(super) fn finish(&mut self, outline: Outline, draft: PlanDraft) {
        let is_refused = self.findings.iter().any(|finding| finding.rule == "import.refused");
        if is_refused {
            return;
        }
        match outline.plan(draft, &self.at) {
            Ok(plan) => self.plan = Some(plan),
            Err(refusal) => self.findings.push(refusal),
        }
    }

    /// The frame of the plan: whose it is, which versions, how many units.
    pub(super) fn draft(
        &mut self,
        document: &Place<'_>,
        image: Option<String>,
        surroundings: &Surroundings<'_>,
    ) -> Result<PlanDraft, Complaint> {
        let settings = surroundings.settings;
        let id = match &settings.id {
            Some(id) => id.clone(),
            None => {
                let name = document.path(&["metadata", "name"])?;
                RolloutId::new(&self.name)
                    .map_err(|_| name.unexpected("a name of at most 200 bytes without control characters"))?
            }
        };
        let stable = settings.stable.clone().unwrap_or_else(|| {
            let why = "what runs today is not in the file and is called `stable`; name it with --stable";
            self.findings.push(note::assumed_at(&document.at, why));
            "stable".to_owned()
        });
        let candidate = settings.candidate.clone().or(image).unwrap_or_else(|| {
            let why = "what shall run is not in the file and is called `candidate`; name it with --candidate";
            self.findings.push(note::assumed_at(&document.at, why));
            "candidate".to_owned()
        });
        let arms = Arms { stable: Version::named(&stable), candidate: Version::named(&candidate) };
        let mut draft = PlanDraft::new(id, arms);
        draft.level = settings.level;
        draft.capacity = settings.replicas.map(Capacity::of);
        Ok(draft)
    }
}
