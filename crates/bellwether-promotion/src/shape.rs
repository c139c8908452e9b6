//! The checks of a graph: what is wrong with it, or how its environments hang together.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec,
    vec::Vec,
};

use bellwether_core::{ActorName, EnvironmentName};

use crate::{Environment, GraphDraft, GraphError, graph::SCHEMA, person::Person};

/// More environments than anybody has; a bound on what one decision looks at.
const ENVIRONMENTS_MAX: usize = 500;

/// How the environments hang together.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) places: BTreeMap<EnvironmentName, usize>,
    pub(crate) order: Vec<usize>,
    pub(crate) behind: Vec<Vec<usize>>,
}

pub(crate) fn check(draft: &GraphDraft) -> Result<Shape, GraphError> {
    if draft.schema != SCHEMA {
        return Err(GraphError::new("$.schema", format!("{SCHEMA}"), draft.schema));
    }
    let count = draft.environments.len();
    if count == 0 || count > ENVIRONMENTS_MAX {
        return Err(GraphError::new("$.environments", format!("1 to {ENVIRONMENTS_MAX} environments"), count));
    }
    let places = places(draft)?;
    for (index, environment) in draft.environments.iter().enumerate() {
        let at = format!("$.environments[{index}]");
        check_before(environment, &places, &at)?;
        check_site(environment, &at)?;
        check_entrance(environment, &at)?;
        check_times(environment, &at)?;
        check_people(environment, &at)?;
        check_words(environment, &at)?;
    }
    let behind = behind(draft, &places);
    let order = in_order(draft, &behind)?;
    Ok(Shape { places, order, behind })
}

/// Where each name stands; each stands once.
fn places(draft: &GraphDraft) -> Result<BTreeMap<EnvironmentName, usize>, GraphError> {
    let mut places = BTreeMap::new();
    for (index, environment) in draft.environments.iter().enumerate() {
        if places.insert(environment.name.clone(), index).is_some() {
            let at = format!("$.environments[{index}].name");
            return Err(GraphError::new(at, "a name that no environment before has", &environment.name));
        }
    }
    Ok(places)
}

fn check_before(
    environment: &Environment,
    places: &BTreeMap<EnvironmentName, usize>,
    at: &str,
) -> Result<(), GraphError> {
    let mut seen = BTreeSet::new();
    for (index, before) in environment.from.iter().enumerate() {
        let at = format!("{at}.from[{index}]");
        if before == &environment.name {
            return Err(GraphError::new(at, "another environment", format!("{before} itself")));
        }
        if !places.contains_key(before) {
            return Err(GraphError::new(at, "the name of an environment", before));
        }
        if !seen.insert(before) {
            return Err(GraphError::new(at, "each environment once", format!("{before} twice")));
        }
    }
    Ok(())
}

/// Nothing runs in a junction, so nothing can be asked for there.
fn check_site(environment: &Environment, at: &str) -> Result<(), GraphError> {
    if !environment.is_junction() {
        return Ok(());
    }
    let plain = Environment::new(environment.name.clone());
    let meant = [
        ("soak", environment.soak != plain.soak),
        ("silence", environment.silence.is_some()),
        ("verification", environment.verification != plain.verification),
        ("trigger", environment.trigger != plain.trigger),
        ("order", environment.order != plain.order),
        ("on_newer", environment.on_newer != plain.on_newer),
        ("settle", environment.settle != plain.settle),
        ("on_older", environment.on_older != plain.on_older),
        ("branches", !environment.branches.is_empty()),
        ("approvals", environment.approvals.is_some()),
        ("gates", !environment.gates.is_empty()),
        ("overrides", environment.overrides.is_some()),
        ("return", environment.back.is_some()),
        ("data", environment.data.is_some()),
        ("settings", !environment.settings.is_empty()),
        ("same", !environment.same.is_empty()),
        ("may_differ", !environment.may_differ.is_empty()),
    ];
    if let Some((field, _)) = meant.iter().find(|(_, is_meant)| *is_meant) {
        return Err(GraphError::new(format!("{at}.{field}"), "none at a junction, where nothing runs", "one"));
    }
    if environment.from.is_empty() {
        return Err(GraphError::new(format!("{at}.from"), "an environment before the junction", "none"));
    }
    Ok(())
}

/// Nothing comes before an entrance, so nothing can be asked of it.
fn check_entrance(environment: &Environment, at: &str) -> Result<(), GraphError> {
    if !environment.from.is_empty() {
        return Ok(());
    }
    if !environment.soak.is_zero() {
        let expected = "no soak without an environment before to soak in";
        return Err(GraphError::new(format!("{at}.soak"), expected, environment.soak));
    }
    if environment.overrides.is_some() {
        let expected = "none without an environment before to skip";
        return Err(GraphError::new(format!("{at}.overrides"), expected, "one"));
    }
    if let Some(name) = environment.same.first() {
        let expected = "none without an environment before to compare with";
        return Err(GraphError::new(format!("{at}.same"), expected, name));
    }
    Ok(())
}

fn check_times(environment: &Environment, at: &str) -> Result<(), GraphError> {
    let given = [
        ("settle", Some(environment.settle), "more than none; `on_newer: replace` says that nothing waits"),
        ("silence", environment.silence, "more than none, or nothing would ever soak"),
        ("return.within", environment.back.map(|rule| rule.within), "more than none, or nothing would ever return"),
        (
            "overrides.at_most",
            environment.overrides.as_ref().map(|overrides| overrides.at_most),
            "more than none, or no override would ever count",
        ),
    ];
    match given.iter().find(|(_, duration, _)| duration.is_some_and(|duration| duration.is_zero())) {
        Some((field, _, expected)) => Err(GraphError::new(format!("{at}.{field}"), *expected, "0s")),
        None => Ok(()),
    }
}

fn check_people(environment: &Environment, at: &str) -> Result<(), GraphError> {
    if let Some(overrides) = &environment.overrides {
        let at = format!("{at}.overrides.by");
        if overrides.by.is_empty() {
            return Err(GraphError::new(at, "somebody who may override", "nobody"));
        }
        each_once(&overrides.by, &at)?;
    }
    let Some(approvals) = &environment.approvals else { return Ok(()) };
    each_once(&approvals.of, &format!("{at}.approvals.of"))?;
    let people = u32::try_from(approvals.of.len()).unwrap_or(u32::MAX);
    let at = format!("{at}.approvals.count");
    if approvals.count == 0 {
        return Err(GraphError::new(at, "at least 1, or no approvals at all", 0));
    }
    if people > 0 && approvals.count > people {
        return Err(GraphError::new(at, format!("at most the {people} that are named"), approvals.count));
    }
    Ok(())
}

/// Names that differ in case alone are one person.
fn each_once(people: &[ActorName], at: &str) -> Result<(), GraphError> {
    let mut seen = BTreeSet::new();
    match people.iter().enumerate().find(|(_, name)| !seen.insert(Person::of(name))) {
        Some((index, name)) => Err(GraphError::new(format!("{at}[{index}]"), "each person once", name)),
        None => Ok(()),
    }
}

fn check_words(environment: &Environment, at: &str) -> Result<(), GraphError> {
    let mut seen = BTreeSet::new();
    if let Some((index, gate)) = environment.gates.iter().enumerate().find(|(_, gate)| !seen.insert(*gate)) {
        return Err(GraphError::new(format!("{at}.gates[{index}]"), "each gate once", gate));
    }
    let mut seen = BTreeSet::new();
    for (index, branch) in environment.branches.iter().enumerate() {
        let at = format!("{at}.branches[{index}]");
        let name = branch.strip_suffix("/*").unwrap_or(branch);
        if name.is_empty() || name.contains('*') {
            return Err(GraphError::new(at, "a branch, or all below one as `release/*`", format!("{branch:?}")));
        }
        if !seen.insert(branch) {
            return Err(GraphError::new(at, "each branch once", branch));
        }
    }
    if let Some(name) = environment.same.intersection(&environment.may_differ).next() {
        let at = format!("{at}.may_differ");
        return Err(GraphError::new(at, "no setting that must be the same", name));
    }
    Ok(())
}

fn behind(draft: &GraphDraft, places: &BTreeMap<EnvironmentName, usize>) -> Vec<Vec<usize>> {
    let mut behind = vec![Vec::new(); draft.environments.len()];
    for (index, environment) in draft.environments.iter().enumerate() {
        for before in &environment.from {
            if let Some(list) = places.get(before).and_then(|place| behind.get_mut(*place)) {
                list.push(index);
            }
        }
    }
    behind
}

/// The environments in an order in which each comes after those before it, as near to the document's as possible.
fn in_order(draft: &GraphDraft, behind: &[Vec<usize>]) -> Result<Vec<usize>, GraphError> {
    let mut waits: Vec<usize> = draft.environments.iter().map(|environment| environment.from.len()).collect();
    let mut free: BTreeSet<usize> = (0..waits.len()).filter(|index| waits.get(*index) == Some(&0)).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(index) = free.pop_first() {
        order.push(index);
        for next in behind.get(index).into_iter().flatten() {
            let Some(count) = waits.get_mut(*next) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                free.insert(*next);
            }
        }
    }
    if order.len() == draft.environments.len() {
        return Ok(order);
    }
    let done: BTreeSet<usize> = order.into_iter().collect();
    Err(circle(draft, &done))
}

/// Names a circle among what is left: everything that waits for something that waits has one behind it.
fn circle(draft: &GraphDraft, done: &BTreeSet<usize>) -> GraphError {
    let left = || draft.environments.iter().enumerate().filter(|(index, _)| !done.contains(index));
    let mut way: Vec<(usize, &EnvironmentName)> = Vec::new();
    let mut next = left().next();
    while let Some((index, environment)) = next {
        if let Some(start) = way.iter().position(|(seen, _)| *seen == index) {
            let names: Vec<&str> = way.iter().skip(start).map(|(_, name)| name.as_str()).rev().collect();
            let at = format!("$.environments[{index}].from");
            let circle: String = names.join(" → ");
            let last = names.first().copied().unwrap_or_default();
            return GraphError::new(at, "environments that do not come after this one", format!("{circle} → {last}"));
        }
        way.push((index, &environment.name));
        next = left().find(|(_, before)| environment.from.contains(&before.name));
    }
    GraphError::new("$.environments", "environments without a circle", "one")
}
