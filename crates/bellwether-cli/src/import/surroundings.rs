use std::borrow::Cow;

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
    /// Where the document is that is being read.
    namespace: Option<&'a str>,
    /// The analyses of the file, by the names of their gates.
    templates: Vec<(Named<'a>, Template)>,
    deployments: Vec<(Named<'a>, Deployment)>,
    /// The Deployments that other documents roll out.
    targets: Vec<Named<'a>>,
}

/// What another document may speak of.
#[derive(Clone, Debug)]
struct Named<'a> {
    /// Absent in a file that leaves it to whoever applies it, and then any.
    namespace: Option<&'a str>,
    name: Cow<'a, str>,
}

impl Named<'_> {
    /// Names are unique in a namespace only.
    fn is(&self, namespace: Option<&str>, name: &str) -> bool {
        let is_same = self.namespace.zip(namespace).is_none_or(|(one, other)| one == other);
        is_same && self.name == name
    }
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
        Self { settings, namespace: None, templates: Vec::new(), deployments: Vec::new(), targets: Vec::new() }
    }

    /// What is asked from here on, or added, is of this document's namespace.
    pub(super) fn enter(&mut self, document: &Place<'a>) -> Result<(), Complaint> {
        self.namespace = document.path(&["metadata", "namespace"])?.text()?.filter(|namespace| !namespace.is_empty());
        Ok(())
    }

    fn named(&self, name: impl Into<Cow<'a, str>>) -> Named<'a> {
        Named { namespace: self.namespace, name: name.into() }
    }

    pub(super) fn add_template(&mut self, gate: String, template: Template) {
        self.templates.push((self.named(gate), template));
    }

    pub(super) fn add_deployment(&mut self, document: &Place<'a>) -> Result<(), Complaint> {
        let name = document.path(&["metadata", "name"])?.name()?;
        let spec = document.field("spec")?;
        let deployment = Deployment { replicas: spec.field("replicas")?.count()?, image: image(&spec)? };
        self.deployments.push((self.named(name), deployment));
        Ok(())
    }

    /// Notes that the document rolls out what it refers to, if that is a Deployment.
    pub(super) fn add_target(&mut self, reference: &Place<'a>) -> Result<(), Complaint> {
        if let Some(name) = target(reference)? {
            self.targets.push(self.named(name));
        }
        Ok(())
    }

    pub(super) fn is_target(&self, name: &str) -> bool {
        self.targets.iter().any(|target| target.is(self.namespace, name))
    }

    /// The analysis of a gate, where its template is in the file; of several the longest and the strictest.
    pub(super) fn template(&self, gate: &str) -> Option<Template> {
        let of_that_name = self.templates.iter().filter(|(named, _)| named.is(self.namespace, gate));
        of_that_name.map(|(_, template)| *template).reduce(|one, other| Template {
            length: one.length.max(other.length),
            failures: one.failures.into_iter().chain(other.failures).min(),
        })
    }

    /// The Deployment that a document refers to, where it is in the file.
    pub(super) fn deployment(&self, reference: &Place<'_>) -> Result<Option<&Deployment>, Complaint> {
        let Some(name) = target(reference)? else { return Ok(None) };
        let mut of_that_name = self.deployments.iter().filter(|(named, _)| named.is(self.namespace, name));
        let first = of_that_name.clone().find(|(named, _)| named.namespace == self.namespace);
        Ok(first.or_else(|| of_that_name.next()).map(|(_, deployment)| deployment))
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
        let replicas = told.or(written).unwrap_or(1);
        if replicas == 0 {
            let why = "nothing runs, so nothing can be rolled out; --replicas says how many units carry everything";
            findings.push(note::refused(place, why));
        }
        Ok(replicas)
    }

    /// Whether the caller wants an exposure compared that can be.
    pub(super) fn is_compared(&self, route: &Route) -> bool {
        self.settings.compare && route.share != Weight::ZERO && route.share != Weight::FULL && route.cohort.is_none()
    }
}

/// The name of the Deployment that is referred to; none where it is something else.
fn target<'a>(reference: &Place<'a>) -> Result<Option<&'a str>, Complaint> {
    let is_deployment = reference.field("kind")?.text()?.is_none_or(|kind| kind == "Deployment");
    Ok(reference.field("name")?.text()?.filter(|_| is_deployment))
}

/// The image of a pod template's single container.
pub(super) fn image(spec: &Place<'_>) -> Result<Option<String>, Complaint> {
    let containers = spec.path(&["template", "spec", "containers"])?.items()?;
    let [container] = containers.as_slice() else { return Ok(None) };
    Ok(container.field("image")?.text()?.filter(|image| !image.is_empty()).map(str::to_owned))
}
