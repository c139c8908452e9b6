use std::collections::{BTreeMap, BTreeSet};

use bellwether_core::{Duration, Finding, Level, RolloutId, Route, Weight};

use super::{note, place::Place};
use crate::complaint::Complaint;

/// What a document does not say about its rollout, and the caller may.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// What the rollout is called.
    pub(crate) id: Option<RolloutId>,
    /// What runs today.
    pub(crate) stable: Option<String>,
    /// What shall run.
    pub(crate) candidate: Option<String>,
    /// How risky the change is.
    pub(crate) level: Option<Level>,
    /// How many units carry everything, where the document does not say it.
    pub(crate) replicas: Option<u32>,
    /// How much of the traffic a cohort is.
    pub(crate) cohort_size: Option<Weight>,
    /// Whether live shares are compared with stable, although the document only lets time pass.
    pub(crate) compare: bool,
}

/// What is beside a document: what the caller said, and the other documents of the file.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) settings: &'a Settings,
    /// The analyses of the file, by the names of their gates.
    templates: BTreeMap<String, Template>,
    deployments: BTreeMap<String, Deployment>,
    /// The Deployments that other documents roll out.
    targets: BTreeSet<String>,
}

/// What a rollout asks of its analysis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template {
    /// How long it takes.
    pub(super) length: Duration,
    /// How many measurements may fail; none means any number.
    pub(super) failures: Option<u32>,
}

/// What other documents ask of a Deployment.
#[derive(Clone, Debug, Default)]
pub(super) struct Deployment {
    /// How many pods it has.
    pub(super) replicas: Option<u32>,
    /// What runs in them, where that is one container.
    pub(super) image: Option<String>,
}

impl<'a> Surroundings<'a> {
    pub(super) const fn new(settings: &'a Settings) -> Self {
        Self { settings, templates: BTreeMap::new(), deployments: BTreeMap::new(), targets: BTreeSet::new() }
    }

    pub(super) fn add_template(&mut self, gate: &str, template: Template) {
        self.templates.insert(gate.to_owned(), template);
    }

    pub(super) fn add_deployment(&mut self, document: &Place<'_>) -> Result<(), Complaint> {
        let name = document.path(&["metadata", "name"])?.name()?;
        let spec = document.field("spec")?;
        let deployment = Deployment { replicas: spec.field("replicas")?.count()?, image: image(&spec)? };
        self.deployments.insert(name.to_owned(), deployment);
        Ok(())
    }

    /// Notes that a document rolls the Deployment out that it names.
    pub(super) fn add_target(&mut self, name: &Place<'_>) -> Result<(), Complaint> {
        self.targets.extend(name.text()?.map(str::to_owned));
        Ok(())
    }

    pub(super) fn is_target(&self, name: &str) -> bool {
        self.targets.contains(name)
    }

    /// The analysis of a gate, where its template is in the file.
    pub(super) fn template(&self, gate: &str) -> Option<Template> {
        self.templates.get(gate).copied()
    }

    /// The Deployment of that name, where it is in the file.
    pub(super) fn deployment(&self, name: &str) -> Option<&Deployment> {
        self.deployments.get(name)
    }

    /// How many units carry everything: what the caller says, then what is written, then one.
    pub(super) fn replicas(&self, place: &Place<'_>, findings: &mut Vec<Finding>) -> Result<u32, Complaint> {
        let (written, told) = (place.count()?, self.settings.replicas);
        if let (Some(_), Some(_)) = (written, told) {
            findings.push(note::assumed(place, "--replicas outranks it"));
        }
        if written.is_none() && told.is_none() {
            let why = "one replica, as there; --replicas says how many an autoscaler keeps";
            findings.push(note::assumed(place, why));
        }
        Ok(told.or(written).unwrap_or(1))
    }

    /// Whether the caller wants an exposure compared that can be.
    pub(super) fn is_compared(&self, route: &Route) -> bool {
        self.settings.compare && route.share != Weight::ZERO && route.share != Weight::FULL && route.cohort.is_none()
    }
}

/// The image of a pod template's single container.
pub(super) fn image(spec: &Place<'_>) -> Result<Option<String>, Complaint> {
    let containers = spec.path(&["template", "spec", "containers"])?.items()?;
    let [container] = containers.as_slice() else { return Ok(None) };
    Ok(container.field("image")?.text()?.filter(|image| !image.is_empty()).map(str::to_owned))
}
