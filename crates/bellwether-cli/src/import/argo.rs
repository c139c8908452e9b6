//! Argo Rollouts: `Rollout`, `AnalysisTemplate` and `ClusterAnalysisTemplate`.

use std::collections::BTreeSet;

use bellwether_core::{Basis, Duration, Finding, GateName, Route, Weight};
use bellwether_gate::{AllOf, Condition};
use bellwether_strategy::{Capacity, Conduct, FailureLimits, OnDeadline, PlanDraft, StableSizing, UnitsRule, Wait};

use self::{analysis::Run, canary::Canary};
use super::{
    exchange::exchange,
    field::survey,
    metadata, note,
    outline::{Outline, Stage},
    place::Place,
    surroundings::{self, Surroundings, Template},
    time,
    workload::Imported,
};
use crate::complaint::Complaint;

mod analysis;
mod canary;
pub(super) mod row;

/// As long as Argo Rollouts waits where nothing else is said.
const DEADLINE: Duration = Duration::from_seconds(600);
const SCALE_DOWN_DELAY: Duration = Duration::from_seconds(30);

/// Imports a `Rollout`.
pub(super) fn rollout(document: &Place<'_>, surroundings: &Surroundings<'_>) -> Result<Imported, Complaint> {
    let mut imported = Imported::new("Rollout", document)?;
    let rows = [metadata::ROWS, row::ROLLOUT, row::CANARY, row::STEP, row::BLUE_GREEN];
    imported.findings = survey(document, &rows);
    let spec = document.field("spec")?;
    let workload = surroundings.deployment(&spec.field("workloadRef")?)?;
    let image = surroundings::image(&spec)?.or_else(|| workload.and_then(|workload| workload.image.clone()));
    let mut draft = imported.draft(document, image, surroundings)?;
    draft.conduct.deadline = deadline(&spec, &mut imported.findings)?;
    time::check_ready(&spec, draft.conduct.deadline)?;
    let replicas = surroundings.replicas(&spec.field("replicas")?, &mut imported.findings)?;
    draft.capacity = Some(Capacity::of(replicas));
    let (canary, blue_green) = (spec.path(&["strategy", "canary"])?, spec.path(&["strategy", "blueGreen"])?);
    match (canary.is_there(), blue_green.is_there()) {
        (true, false) => read_canary(&canary, draft, surroundings, &mut imported)?,
        (false, true) => read_blue_green(&blue_green, draft, surroundings, &mut imported)?,
        (_, _) => return Err(spec.field("strategy")?.unexpected("either `canary` or `blueGreen`")),
    }
    Ok(imported)
}

fn deadline(spec: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Duration, Complaint> {
    let deadline = time::seconds(&spec.field("progressDeadlineSeconds")?)?;
    let abort = spec.field("progressDeadlineAbort")?;
    if !abort.flag()?.unwrap_or(false) {
        let why = "a rollout that is late is only marked there; here it goes back";
        findings.push(note::changed(&abort, why));
    }
    Ok(deadline.unwrap_or(DEADLINE))
}

fn read_canary(
    strategy: &Place<'_>,
    mut draft: PlanDraft,
    surroundings: &Surroundings<'_>,
    imported: &mut Imported,
) -> Result<(), Complaint> {
    let has_router = strategy.field("trafficRouting")?.is_there();
    let mut capacity = draft.capacity.unwrap_or(Capacity::of(1));
    if has_router {
        delays(strategy, &mut draft.conduct, &mut imported.findings)?;
    } else {
        capacity.exchange = Some(exchange(strategy, capacity.replicas, &mut imported.findings)?);
        draft.capacity = Some(capacity);
    }
    refuse_delay(strategy, has_router)?;
    tell_unused(strategy, has_router, &mut imported.findings)?;
    let canary = Canary::read(strategy, capacity, surroundings)?;
    imported.findings.extend(canary.findings);
    let conduct = &mut draft.conduct;
    if has_router && strategy.field("dynamicStableScale")?.flag()?.unwrap_or(false) {
        conduct.stable_sizing = StableSizing::FollowsTraffic;
        let least = strategy.field("minPodsPerReplicaSet")?;
        if least.is_there() {
            let why = "it holds for the candidate; stable follows the traffic down to what its share needs";
            imported.findings.push(note::changed(&least, why));
        }
    }
    if !canary.has_plugin {
        conduct.gate = Wait { until: conduct.deadline, then: OnDeadline::RollBack };
    }
    conduct.failures = limits(&canary.runs, conduct, &mut imported.findings);
    imported.finish(canary.outline, draft);
    Ok(())
}

/// Refuses what `ValidateRolloutStrategyCanary` of Argo Rollouts refuses as well.
fn refuse_delay(strategy: &Place<'_>, has_router: bool) -> Result<(), Complaint> {
    let (delay, dynamic) = (strategy.field("scaleDownDelaySeconds")?, strategy.field("dynamicStableScale")?);
    let is_dynamic = dynamic.flag()?.unwrap_or(false);
    match (has_router, delay.is_there(), is_dynamic) {
        (false, true, _) => Err(delay.unexpected("none without `trafficRouting`")),
        (false, false, true) => Err(dynamic.unexpected("no stable that follows the traffic without `trafficRouting`")),
        (true, true, true) => Err(dynamic.unexpected("false beside `scaleDownDelaySeconds`")),
        (_, _, _) => Ok(()),
    }
}

/// Says what has no effect, there either, because there is a router or there is none.
fn tell_unused(strategy: &Place<'_>, has_router: bool, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
    let (names, why): (&[&str], _) = if has_router {
        (&["maxSurge", "maxUnavailable"], "a canary with a router is not bound by it, there either")
    } else {
        let names = &["abortScaleDownDelaySeconds", "minPodsPerReplicaSet"];
        (names, "without a router it does nothing, there either")
    };
    for name in names {
        let place = strategy.field(name)?;
        if place.is_there() {
            findings.push(note::assumed(&place, why));
        }
    }
    Ok(())
}

/// How long the versions are kept that carry nothing any more.
fn delays(strategy: &Place<'_>, conduct: &mut Conduct, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
    conduct.standby = time::seconds(&strategy.field("scaleDownDelaySeconds")?)?.unwrap_or(SCALE_DOWN_DELAY);
    let place = strategy.field("abortScaleDownDelaySeconds")?;
    let delay = time::seconds(&place)?;
    if delay == Some(Duration::ZERO) {
        let why = "zero keeps the candidate for ever after it was aborted there; here it is taken away after 30s";
        findings.push(note::changed(&place, why));
    }
    conduct.drain = delay.filter(|delay| !delay.is_zero()).unwrap_or(SCALE_DOWN_DELAY);
    Ok(())
}

fn read_blue_green(
    strategy: &Place<'_>,
    mut draft: PlanDraft,
    surroundings: &Surroundings<'_>,
    imported: &mut Imported,
) -> Result<(), Complaint> {
    let findings = &mut imported.findings;
    let replicas = draft.capacity.map_or(1, |capacity| capacity.replicas);
    let before = Run::read(&strategy.field("prePromotionAnalysis")?, "templates", surroundings, findings)?;
    let after = Run::read(&strategy.field("postPromotionAnalysis")?, "templates", surroundings, findings)?;
    let mut outline = Outline::default();
    let preview = strategy.field("previewReplicaCount")?.count()?.unwrap_or(replicas);
    let units = UnitsRule::Count(preview.min(replicas));
    if preview > replicas {
        let why = format!("cut to the {replicas} that carry everything: more would be taken away at the switch");
        findings.push(note::changed(&strategy.field("previewReplicaCount")?, why));
    }
    let bake = preview_bake(strategy, before.as_ref(), findings)?;
    outline.begin(Stage::new(&*strategy.at, Route::STABLE).named("preview").with_units(units).with_bake(bake));
    for gate in before.iter().flat_map(|run| &run.gates) {
        outline.wait_for(gate.clone());
    }
    let enabled = strategy.field("autoPromotionEnabled")?;
    if !enabled.flag()?.unwrap_or(true) {
        outline.ask();
        findings.push(note::changed(&enabled, canary::ASKED));
    }
    let mut switch = Stage::new(&*strategy.at, Route::share(Weight::FULL)).named("switch");
    if let Some(run) = &after {
        switch = switch.with_evidence(Basis::Guard).with_bake(run.length());
        let why =
            "the host's judge must hold the candidate against what these templates demand; no gate comes after 100 %";
        findings.push(note::changed(&strategy.field("postPromotionAnalysis")?, why));
    }
    outline.begin(switch);
    delays(strategy, &mut draft.conduct, findings)?;
    draft.conduct.gate = Wait { until: draft.conduct.deadline, then: OnDeadline::RollBack };
    let runs: Vec<Run> = before.into_iter().chain(after).collect();
    draft.conduct.failures = limits(&runs, &draft.conduct, findings);
    imported.finish(outline, draft);
    Ok(())
}

/// How many failures of a check go back: as many as the strictest of the templates that are in the file.
fn limits(runs: &[Run], conduct: &Conduct, findings: &mut Vec<Finding>) -> FailureLimits {
    let Some(first) = runs.first() else { return conduct.failures };
    let names: BTreeSet<&str> = runs.iter().flat_map(|run| &run.gates).map(GateName::as_str).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let templates: Vec<Template> = runs.iter().flat_map(|run| &run.templates).copied().collect();
    let strictest = templates.iter().filter_map(|template| template.failures).min();
    let (limits, how) = match (strictest, templates.is_empty()) {
        (Some(failures), _) => {
            let total = failures.saturating_add(1);
            (
                FailureLimits { total: Some(total), consecutive: None, window: None },
                format!("goes back after {total} in all"),
            )
        }
        (None, false) => {
            (FailureLimits { total: None, consecutive: None, window: None }, "never goes back for it".to_owned())
        }
        (None, true) => {
            (conduct.failures, "goes back after three in a row, because no template is in the file".to_owned())
        }
    };
    let why = format!(
        "it runs by itself there and sends the rollout back; here the host asks the gates {} and sends their failures as \
         checks, and the rollout {how}",
        names.join(", ")
    );
    findings.push(note::changed_at(&first.at, why));
    limits
}

/// How long the preview stands: as long as the analysis takes, and then the pause before it is promoted.
fn preview_bake(
    strategy: &Place<'_>,
    before: Option<&Run>,
    findings: &mut Vec<Finding>,
) -> Result<Duration, Complaint> {
    let (enabled, pause) = (strategy.field("autoPromotionEnabled")?, strategy.field("autoPromotionSeconds")?);
    let length = before.map_or(Duration::ZERO, Run::length);
    let Some(seconds) = time::seconds(&pause)?.filter(|seconds| !seconds.is_zero()) else { return Ok(length) };
    if !enabled.flag()?.unwrap_or(true) {
        findings.push(note::assumed(&pause, "without automatic promotion it has no effect there either"));
        return Ok(length);
    }
    if before.is_some() {
        let why = "it begins when the analysis has passed there; here the step bakes for both, and then the analysis must pass";
        findings.push(note::assumed(&pause, why));
    }
    Ok(length.saturating_add(seconds))
}

/// Imports an `AnalysisTemplate`, or one of the whole cluster.
pub(super) fn template(document: &Place<'_>, is_of_cluster: bool) -> Result<Imported, Complaint> {
    let kind = if is_of_cluster { "ClusterAnalysisTemplate" } else { "AnalysisTemplate" };
    let mut imported = Imported::new(kind, document)?;
    imported.findings = survey(document, &[metadata::ROWS, row::ANALYSIS]);
    let name = document.path(&["metadata", "name"])?;
    let gate = analysis::gate_name(&imported.name, is_of_cluster);
    let gate = gate.ok_or_else(|| name.unexpected("a name of at most 190 bytes without control characters"))?;
    let conditions = read_conditions(document, &mut imported.findings)?;
    match AllOf::new(gate, conditions) {
        Ok(set) => imported.gates.push(set),
        Err(error) => imported.findings.push(note::lost_at(&document.at, format!("its metrics make no set: {error}"))),
    }
    Ok(imported)
}

fn read_conditions(document: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Vec<Condition>, Complaint> {
    let spec = document.field("spec")?;
    let metrics = spec.field("metrics")?.items()?;
    let names = metrics.iter().map(|metric| metric.field("name")?.name()).collect::<Result<Vec<_>, _>>()?;
    let mut dry_run = Vec::new();
    for pattern in spec.field("dryRun")?.items()? {
        let place = pattern.field("metricName")?;
        let pattern = place.name()?;
        if pattern != ".*" && !names.contains(&pattern) {
            findings.push(note::changed(&place, "a pattern is not followed: the metrics that it means are enforced"));
        }
        dry_run.push(pattern.to_owned());
    }
    let mut conditions = Vec::new();
    for metric in &metrics {
        conditions.extend(analysis::conditions(metric, &dry_run, findings)?);
    }
    Ok(conditions)
}

/// The name of a template's gate and what the rollouts of the same file ask of it.
pub(super) fn known(document: &Place<'_>, is_of_cluster: bool) -> Result<(String, Template), Complaint> {
    let name = document.path(&["metadata", "name"])?.name()?;
    let gate = analysis::gate_name(name, is_of_cluster).map_or_else(String::new, |gate| gate.to_string());
    Ok((gate, analysis::known(document)?))
}
