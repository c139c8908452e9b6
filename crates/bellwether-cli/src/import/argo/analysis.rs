use bellwether_core::{Duration, Finding, GateName, MetricName};
use bellwether_gate::{Condition, Enforcement, Operator};

use crate::{
    complaint::Complaint,
    import::{
        expression::{Bound, Demand, demands},
        note,
        place::Place,
        surroundings::{Surroundings, Template},
        time,
    },
    node::Node,
};

/// How old a measurement may be whose metric does not say how often it is made.
const FRESH_FOR: Duration = Duration::from_minutes(5);

/// An analysis that a rollout asks for: one gate a template.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) gates: Vec<GateName>,
    /// Its templates, as far as they are in the same file.
    pub(super) templates: Vec<Template>,
    /// Where it is asked for.
    pub(super) at: String,
}

impl Run {
    /// Reads the templates that are named in a list; none where there is no list.
    pub(super) fn read(
        analysis: &Place<'_>,
        list: &str,
        surroundings: &Surroundings<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Self>, Complaint> {
        let mut run = Self { gates: Vec::new(), templates: Vec::new(), at: analysis.at.clone() };
        for template in analysis.field(list)?.items()? {
            let name = template.field("templateName")?;
            let is_of_cluster = template.field("clusterScope")?.flag()?.unwrap_or(false);
            let gate = gate_name(name.name()?, is_of_cluster)
                .ok_or_else(|| name.unexpected("a name of at most 190 bytes without control characters"))?;
            match surroundings.template(gate.as_str()) {
                Some(template) => run.templates.push(template),
                None => findings
                    .push(note::assumed(&name, "the template is not in this file, so the host must know the gate")),
            }
            run.gates.push(gate);
        }
        if run.gates.is_empty() && analysis.is_there() {
            return Err(analysis.field(list)?.unexpected("at least one template"));
        }
        Ok((!run.gates.is_empty()).then_some(run))
    }

    /// How long it takes, as far as its templates are in the same file.
    pub(super) fn length(&self) -> Duration {
        self.templates.iter().map(|template| template.length).max().unwrap_or(Duration::ZERO)
    }
}

/// What a template's gate is called.
pub(super) fn gate_name(template: &str, is_of_cluster: bool) -> Option<GateName> {
    GateName::new(if is_of_cluster { format!("cluster/{template}") } else { template.to_owned() }).ok()
}

/// How long a template's measurements take together, and how many of them may fail: the fewest of all metrics.
pub(super) fn known(template: &Place<'_>) -> Result<Template, Complaint> {
    let (mut longest, mut failures) = (Duration::ZERO, None::<u32>);
    for metric in template.path(&["spec", "metrics"])?.items()? {
        let delay = length(&metric.field("initialDelay")?)?.unwrap_or(Duration::ZERO);
        let interval = length(&metric.field("interval")?)?.unwrap_or(Duration::ZERO);
        let waits = count(&metric)?.unwrap_or(1).saturating_sub(1);
        longest = longest.max(delay.saturating_add(interval.saturating_mul(waits.into())));
        failures = failures.into_iter().chain(failure_limit(&metric)?).min();
    }
    Ok(Template { length: longest, failures })
}

/// How many measurements of a metric may fail; none means any number. A text may hold an argument, which nobody knows here
/// and which is therefore taken for none.
fn failure_limit(metric: &Place<'_>) -> Result<Option<u32>, Complaint> {
    let place = metric.field("failureLimit")?;
    match place.node() {
        Some(Node::Signed(-1)) => Ok(None),
        Some(Node::Text(text)) if text == "-1" => Ok(None),
        Some(Node::Text(text)) => Ok(Some(text.parse::<u32>().unwrap_or(0))),
        Some(_) | None => Ok(Some(place.count()?.unwrap_or(0))),
    }
}

/// A length of time; none where an argument stands there, which nobody knows here.
fn length(place: &Place<'_>) -> Result<Option<Duration>, Complaint> {
    if has_argument(place) { Ok(None) } else { time::go_duration(place) }
}

fn has_argument(place: &Place<'_>) -> bool {
    matches!(place.node(), Some(Node::Text(text)) if text.contains("{{"))
}

/// How often a metric is measured: a number, or a text because an argument may stand there.
fn count(metric: &Place<'_>) -> Result<Option<u32>, Complaint> {
    let count = metric.field("count")?;
    match count.text() {
        Ok(Some(text)) => Ok(text.parse::<u32>().ok()),
        Ok(None) | Err(_) => count.count(),
    }
}

/// The conditions of one metric.
pub(super) fn conditions(
    metric: &Place<'_>,
    dry_run: &[String],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Condition>, Complaint> {
    let name = metric.field("name")?;
    let enforcement = enforcement(name.name()?, dry_run);
    let interval = metric.field("interval")?;
    let max_age = length(&interval)?.filter(|interval| !interval.is_zero());
    if has_argument(&interval) {
        let why = format!("no argument is followed here, so a measurement may be {FRESH_FOR} old");
        findings.push(note::changed(&interval, why));
    }
    let told =
        |condition: Condition| condition.with_max_age(max_age.unwrap_or(FRESH_FOR)).with_enforcement(enforcement);
    tell_count(metric, findings)?;
    tell_limit(&metric.field("failureLimit")?, findings);
    let delay = metric.field("initialDelay")?;
    if has_argument(&delay) {
        findings.push(note::changed(&delay, "no argument is followed here, so it adds nothing to the bake"));
    } else if delay.text()?.is_some_and(|text| !text.is_empty()) {
        let why = "an inline analysis adds it to the bake; a gate does not wait before it is asked";
        findings.push(note::assumed(&delay, why));
    }
    let metric_name = |of: &str| {
        MetricName::new(format!("{}{of}", name.name()?))
            .map_err(|_| name.unexpected("a name of at most 200 bytes without control characters"))
    };
    let Some(demands) = wanted(metric, findings)? else {
        return Ok(vec![told(Condition::new(metric_name("")?, Operator::Eq, true))]);
    };
    let condition = |demand: &Demand| {
        let metric = metric_name(&demand.of)?;
        Ok(told(match demand.bound {
            Bound::Number(bound) => Condition::new(metric, demand.operator, bound),
            Bound::Flag(flag) => Condition::new(metric, demand.operator, flag),
        }))
    };
    demands.iter().map(condition).collect()
}

/// What must hold of a measurement; none where no gate can demand it, and the host must say whether it holds.
fn wanted(metric: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Option<Vec<Demand>>, Complaint> {
    let (success, failure) = (metric.field("successCondition")?, metric.field("failureCondition")?);
    let text = |place: &Place<'_>| Ok::<_, Complaint>(place.text()?.filter(|text| !text.is_empty()).map(str::to_owned));
    let (succeeds, fails) = (text(&success)?, text(&failure)?);
    if succeeds.is_none() && fails.is_none() {
        let why = "without a condition every measurement passes there; here the host must say whether it is well";
        findings.push(note::changed(metric, why));
        return Ok(None);
    }
    let both = succeeds.is_some() && fails.is_some();
    let mut all = Some(Vec::new());
    for (place, condition, is_wanted) in [(&success, succeeds, true), (&failure, fails, false)] {
        let Some(condition) = condition else { continue };
        let demands = demands(&condition, is_wanted);
        if demands.is_none() {
            let why = "a gate cannot demand this; the host must evaluate it and say whether it holds";
            findings.push(note::changed(place, why));
        }
        all = all.zip(demands).map(|(mut all, demands)| {
            all.extend(demands);
            all
        });
    }
    if both {
        let why = "what neither succeeds nor fails there pauses the rollout; here the gate does not pass";
        findings.push(note::changed(&failure, why));
    }
    Ok(all.and_then(strictest))
}

/// Each value and operator once; of two bounds the one that demands more. None where two cannot both hold.
fn strictest(demands: Vec<Demand>) -> Option<Vec<Demand>> {
    let mut kept: Vec<Demand> = Vec::new();
    for demand in demands {
        let Some(same) = kept.iter_mut().find(|it| (&it.of, it.operator) == (&demand.of, demand.operator)) else {
            kept.push(demand);
            continue;
        };
        match (demand.operator, same.bound, demand.bound) {
            (Operator::Lt | Operator::Le, Bound::Number(one), Bound::Number(other)) => {
                same.bound = Bound::Number(one.min(other));
            }
            (Operator::Gt | Operator::Ge, Bound::Number(one), Bound::Number(other)) => {
                same.bound = Bound::Number(one.max(other));
            }
            (_, one, other) if one == other => {}
            (_, _, _) => return None,
        }
    }
    Some(kept)
}

fn tell_count(metric: &Place<'_>, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
    let place = metric.field("count")?;
    let is_endless = !place.is_there() && metric.field("interval")?.is_there();
    match count(metric)? {
        None if has_argument(&place) => {
            let why =
                "no argument is followed here, so it adds nothing to the bake, and the last measurement must pass";
            findings.push(note::changed(&place, why));
            Ok(())
        }
        None if place.is_there() => Err(place.unexpected("a whole number")),
        Some(count) if count > 1 => {
            let why = "so many measurements must pass there; here the last one before the next step";
            findings.push(note::changed(&place, why));
            Ok(())
        }
        None if is_endless => {
            let why = "measured until the steps end there; here whenever a gate is asked";
            findings.push(note::assumed(&metric.field("interval")?, why));
            Ok(())
        }
        Some(_) | None => Ok(()),
    }
}

/// One limit holds for all checks of a plan.
fn tell_limit(place: &Place<'_>, findings: &mut Vec<Finding>) {
    let is_argument = matches!(place.node(), Some(Node::Text(text)) if text != "-1" && text.parse::<u32>().is_err());
    if is_argument {
        findings.push(note::changed(place, "no argument is followed here, so no measurement may fail"));
    } else if place.is_there() {
        findings.push(note::assumed(place, "the smallest limit of all metrics and templates holds for each of them"));
    }
}

/// A name, or the pattern of every name; another pattern is none, because enforcing too much is the safe side.
fn enforcement(name: &str, dry_run: &[String]) -> Enforcement {
    let is_dry = dry_run.iter().any(|pattern| pattern == name || pattern == ".*");
    if is_dry { Enforcement::DryRun } else { Enforcement::Enforce }
}
