//! Rollouts that other systems describe, as plans: every field becomes a part of the plan or a finding that says why not.

use std::collections::BTreeSet;

use bellwether_core::{Finding, RolloutId};
use bellwether_strategy::Plan;

pub(crate) use self::{guide::Guide, surroundings::Settings, workload::Imported};
use self::{place::Place, surroundings::Surroundings};
use crate::{complaint::Complaint, document::Document};

#[cfg(test)]
mod agreement;
mod argo;
mod deployment;
mod exchange;
mod expression;
mod field;
mod flagger;
mod guide;
mod metadata;
mod note;
mod outline;
mod place;
mod share;
mod surroundings;
#[cfg(test)]
mod tests;
mod time;
mod workload;

/// What all documents of a file became.
#[derive(Debug)]
pub(crate) struct Import {
    /// One entry a document that is rolled out, or that says what a gate demands.
    pub(crate) imported: Vec<Imported>,
    /// What is to be said about the others.
    pub(crate) findings: Vec<Finding>,
}

/// The kinds of documents that say how something is rolled out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Rollout,
    AnalysisTemplate,
    ClusterAnalysisTemplate,
    Canary,
    Deployment,
    /// Says nothing about it.
    Other,
}

impl Kind {
    /// By the group of its API and its kind; the group's version says nothing, because fields have kept their meaning.
    fn of(document: &Place<'_>) -> Result<Self, Complaint> {
        let (version, kind) = (document.field("apiVersion")?, document.field("kind")?);
        let (group, _) = version.name()?.split_once('/').unwrap_or_default();
        Ok(match (group, kind.name()?) {
            ("argoproj.io", "Rollout") => Self::Rollout,
            ("argoproj.io", "AnalysisTemplate") => Self::AnalysisTemplate,
            ("argoproj.io", "ClusterAnalysisTemplate") => Self::ClusterAnalysisTemplate,
            ("flagger.app", "Canary") => Self::Canary,
            ("apps", "Deployment") => Self::Deployment,
            (_, _) => Self::Other,
        })
    }
}

/// What is known of the API's version.
fn unknown_version(document: &Place<'_>, kind: Kind) -> Result<Option<Finding>, Complaint> {
    let known: &[&str] = match kind {
        Kind::Rollout | Kind::AnalysisTemplate | Kind::ClusterAnalysisTemplate => &["argoproj.io/v1alpha1"],
        Kind::Canary => &["flagger.app/v1beta1", "flagger.app/v1alpha3"],
        Kind::Deployment => &["apps/v1"],
        Kind::Other => return Ok(None),
    };
    let version = document.field("apiVersion")?;
    let is_known = known.contains(&version.name()?);
    Ok((!is_known).then(|| {
        note::changed(&version, format!("another version than is known here, read as {}", known.join(" or ")))
    }))
}

/// Imports every document of a file.
pub(crate) fn import(documents: &[Document], settings: &Settings) -> Result<Import, Complaint> {
    let places = flatten(documents)?;
    let kinds = places.iter().map(Kind::of).collect::<Result<Vec<_>, _>>()?;
    let mut surroundings = Surroundings::new(settings);
    for (place, kind) in places.iter().zip(&kinds) {
        surroundings.enter(place)?;
        note_down(place, *kind, &mut surroundings)?;
    }
    let mut import = Import { imported: Vec::new(), findings: Vec::new() };
    for (place, kind) in places.iter().zip(&kinds) {
        surroundings.enter(place)?;
        let spec = place.field("spec")?;
        if *kind != Kind::Other && !spec.is_there() {
            return Err(spec.unexpected("a map"));
        }
        let mut one = match kind {
            Kind::Rollout => argo::rollout(place, &surroundings)?,
            Kind::AnalysisTemplate => argo::template(place, false)?,
            Kind::ClusterAnalysisTemplate => argo::template(place, true)?,
            Kind::Canary => flagger::canary(place, &surroundings)?,
            Kind::Deployment if !surroundings.is_target(name(place)?) => deployment::deployment(place, &surroundings)?,
            Kind::Deployment => {
                import.findings.extend(deployment::target(place)?);
                import.findings.extend(unknown_version(place, *kind)?);
                continue;
            }
            Kind::Other => {
                import.findings.push(left_out(place)?);
                continue;
            }
        };
        one.findings.extend(unknown_version(place, *kind)?);
        import.imported.push(one);
    }
    if import.imported.is_empty() {
        return Err(nothing(&places));
    }
    name_apart(&mut import.imported, settings)?;
    tell_gates_of_one_name(&mut import.imported);
    Ok(import)
}

fn name<'a>(document: &Place<'a>) -> Result<&'a str, Complaint> {
    document.path(&["metadata", "name"])?.name()
}

/// Why a document becomes nothing.
fn left_out(place: &Place<'_>) -> Result<Finding, Complaint> {
    let why = "it says nothing about how something is rolled out";
    Ok(note::left_out(&place.at, place.field("kind")?.name()?, why))
}

/// Two plans of one name could not be told apart: the same service in two namespaces, or a name for all of them.
fn name_apart(imported: &mut [Imported], settings: &Settings) -> Result<(), Complaint> {
    let mut taken: Vec<String> = Vec::new();
    for one in imported.iter_mut() {
        let Some(plan) = &one.plan else { continue };
        let name = plan.id().as_str().to_owned();
        if settings.id.is_some() && !taken.is_empty() {
            let message = "expected --id beside a file that makes one plan, found several plans";
            return Err(Complaint::new("call", &*one.at, message));
        }
        let unused = outline::unused(name.clone(), &taken);
        if unused != name
            && let Ok(id) = RolloutId::new(&unused)
        {
            let mut draft = plan.draft();
            draft.id = id;
            one.plan = Plan::try_from(draft).ok();
            one.findings
                .push(note::changed_at(&one.at, format!("another plan is called `{name}`, so this one is `{unused}`")));
        }
        taken.push(unused);
    }
    Ok(())
}

/// A plan names its gates, and cannot tell two of one name apart.
fn tell_gates_of_one_name(imported: &mut [Imported]) {
    let mut seen = BTreeSet::new();
    for one in imported {
        for set in &one.gates {
            if !seen.insert(set.name().clone()) {
                let why = format!(
                    "another set of the file is called `{}` too: the host must know which one a plan asks",
                    set.name()
                );
                one.findings.push(note::changed_at(&one.at, why));
            }
        }
    }
}

/// The documents of a file, with those that a list holds in its place.
fn flatten(documents: &[Document]) -> Result<Vec<Place<'_>>, Complaint> {
    let mut places = Vec::new();
    for document in documents {
        let at = document.within.as_ref().map_or_else(|| "$".to_owned(), |within| format!("{within}: $"));
        unpack(Place::root(&document.node, at), &mut places)?;
    }
    Ok(places)
}

fn unpack<'a>(document: Place<'a>, places: &mut Vec<Place<'a>>) -> Result<(), Complaint> {
    let is_list = document.field("kind")?.text()?.is_some_and(|kind| kind.ends_with("List"));
    let items = document.field("items")?;
    if !is_list || !items.is_there() {
        places.push(document);
        return Ok(());
    }
    items.items()?.into_iter().try_for_each(|item| unpack(item, places))
}

/// What the other documents of the file must know of a document.
fn note_down<'a>(document: &Place<'a>, kind: Kind, surroundings: &mut Surroundings<'a>) -> Result<(), Complaint> {
    match kind {
        Kind::Rollout => surroundings.add_target(&document.path(&["spec", "workloadRef"])?),
        Kind::Canary => surroundings.add_target(&document.path(&["spec", "targetRef"])?),
        Kind::AnalysisTemplate | Kind::ClusterAnalysisTemplate => {
            let (gate, template) = argo::known(document, kind == Kind::ClusterAnalysisTemplate)?;
            surroundings.add_template(gate, template);
            Ok(())
        }
        Kind::Deployment => surroundings.add_deployment(document),
        Kind::Other => Ok(()),
    }
}

/// Why nothing was imported.
fn nothing(places: &[Place<'_>]) -> Complaint {
    const EXPECTED: &str = "a Rollout, AnalysisTemplate or ClusterAnalysisTemplate of argoproj.io, a Canary of flagger.app or a \
                            Deployment of apps";
    match places.first().map(|place| (place, place.field("kind"))) {
        Some((_, Ok(kind))) => kind.unexpected(EXPECTED),
        Some((place, Err(_))) => place.unexpected(EXPECTED),
        None => Complaint::new("invalid", "$", format_args!("expected {EXPECTED}, found an empty list")),
    }
}
