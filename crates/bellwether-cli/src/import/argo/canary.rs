use bellwether_core::{Basis, Cohort, CohortName, Duration, Finding, GateName, Route, Weight};
use bellwether_strategy::{Capacity, UnitsRule};

use super::analysis::Run;
use crate::{
    complaint::Complaint,
    import::{
        exchange::shown_share,
        note,
        outline::{Outline, Stage},
        place::Place,
        share::share,
        surroundings::Surroundings,
        time,
    },
    node::Node,
};

/// What becomes of a wait without an end.
pub(super) const ASKED: &str = "it waits there until somebody agrees; here for an approval of the next step, and without one the \
                                rollout goes back after 3 days";

/// What becomes of the end of the steps.
const PROMOTION: &str = "after the last step everything goes to the candidate there and stable is taken away; here that is a \
                         step of its own";

/// Every way to say one step. An entry says exactly one.
const STEPS: [&str; 9] = [
    "setWeight",
    "pause",
    "setCanaryScale",
    "analysis",
    "experiment",
    "setHeaderRoute",
    "setMirrorRoute",
    "plugin",
    "replicaProgressThreshold",
];

/// The steps of a canary with a router, read one after the other.
pub(super) struct Canary<'a> {
    pub(super) outline: Outline,
    pub(super) findings: Vec<Finding>,
    /// Whether a gate stands for something that takes as long as it takes.
    pub(super) has_plugin: bool,
    /// The analyses that are asked for.
    pub(super) runs: Vec<Run>,
    surroundings: &'a Surroundings<'a>,
    capacity: Capacity,
    whole: u32,
    units_min: Option<u32>,
    /// The units that were asked for until further notice.
    scale: UnitsRule,
    cohort: Option<Cohort>,
    mirror: Weight,
    background: Option<Background>,
}

/// An analysis that watches while the steps go on.
struct Background {
    run: Run,
    starting_step: usize,
}

impl<'a> Canary<'a> {
    /// Reads the strategy's steps.
    pub(super) fn read(
        strategy: &Place<'_>,
        capacity: Capacity,
        surroundings: &'a Surroundings<'a>,
    ) -> Result<Self, Complaint> {
        let whole_at = strategy.path(&["trafficRouting", "maxTrafficWeight"])?;
        let whole = whole_at.count()?.unwrap_or(100);
        if whole == 0 {
            return Err(whole_at.unexpected("a whole number of at least 1"));
        }
        let mut canary = Self {
            outline: Outline::default(),
            findings: Vec::new(),
            has_plugin: false,
            runs: Vec::new(),
            surroundings,
            capacity,
            whole,
            units_min: None,
            scale: UnitsRule::ByShare,
            cohort: None,
            mirror: Weight::ZERO,
            background: None,
        };
        canary.read_units_min(&strategy.field("minPodsPerReplicaSet")?)?;
        canary.read_background(&strategy.field("analysis")?)?;
        for (index, step) in strategy.field("steps")?.items()?.iter().enumerate() {
            canary.step(step)?;
            canary.watch(index);
        }
        canary.finish(strategy);
        Ok(canary)
    }

    fn read_units_min(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        if self.capacity.exchange.is_some() {
            return Ok(());
        }
        self.units_min = place.count()?.filter(|count| *count > 0).map(|count| count.min(self.capacity.replicas));
        if self.units_min != place.count()? {
            let why = format!("never more than the {} replicas, there and here", self.capacity.replicas);
            self.findings.push(note::assumed(place, why));
        }
        Ok(())
    }

    fn read_background(&mut self, analysis: &Place<'_>) -> Result<(), Complaint> {
        let starting_step = analysis.field("startingStep")?.count()?.unwrap_or(0);
        let run = Run::read(analysis, "templates", self.surroundings, &mut self.findings)?;
        if let Some(run) = run {
            let place = analysis.field("startingStep")?;
            if place.is_there() {
                self.findings.push(note::assumed(&place, "it watches from the step on that this entry belongs to"));
            }
            let starting_step = usize::try_from(starting_step).unwrap_or(usize::MAX);
            self.background = Some(Background { run, starting_step });
        }
        Ok(())
    }

    fn step(&mut self, step: &Place<'_>) -> Result<(), Complaint> {
        let mut said = Vec::new();
        for name in STEPS {
            let field = step.field(name)?;
            // An empty map says something here: `pause: {}` waits for ever.
            if field.is_there() {
                said.push((name, field));
            }
        }
        let (name, field) = match said.as_slice() {
            [one] => one,
            [] => {
                let why = "a step that is none of the known ones; what it does is not done here";
                self.findings.push(note::lost(step, why));
                return Ok(());
            }
            [_, ..] => return Err(step.unexpected("one step in an entry")),
        };
        let needs_router = matches!(*name, "setCanaryScale" | "setHeaderRoute" | "setMirrorRoute");
        if needs_router && self.capacity.exchange.is_some() {
            return Err(field.unexpected("none without `trafficRouting`"));
        }
        match *name {
            "setWeight" => self.set_weight(field),
            "pause" => self.pause(field),
            "setCanaryScale" => self.set_scale(field),
            "analysis" => self.analyse(field, "templates"),
            "experiment" => self.experiment(field),
            "setHeaderRoute" => self.set_header_route(field),
            "setMirrorRoute" => self.set_mirror_route(field),
            "plugin" => self.plugin(field),
            _ => Ok(()),
        }
    }

    fn set_weight(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let Some(share) = share(place, self.whole, &mut self.findings)? else { return Ok(()) };
        let share = shown_share(place, share, self.capacity, &mut self.findings)?;
        let before = self.outline.current().map_or(Weight::ZERO, |stage| stage.route.share);
        if share == before && self.outline.current().is_some_and(|stage| stage.route.cohort == self.cohort) {
            self.findings
                .push(note::assumed(place, "the share stays as it is, so what follows belongs to the step before"));
            return Ok(());
        }
        self.begin(place, share);
        Ok(())
    }

    /// Begins a stage with everything that is in force. Without a router a candidate's unit is never hidden.
    fn begin(&mut self, place: &Place<'_>, share: Weight) {
        if self.capacity.exchange.is_some() && share == Weight::ZERO {
            self.findings.push(note::changed(
                place,
                "without a router there is no candidate before the first share, there either, so nothing waits here",
            ));
            return;
        }
        self.wait_for_background();
        let is_whole = share == Weight::FULL;
        let route = Route {
            share,
            mirror: if is_whole { Weight::ZERO } else { self.mirror },
            cohort: self.cohort.clone().filter(|_| !is_whole),
        };
        let stage = Stage::new(&*place.at, route);
        let units = self.units(place, &stage);
        let evidence = if self.surroundings.is_compared(&stage.route) { Basis::Compare } else { Basis::Time };
        self.outline.begin(stage.with_units(units).with_evidence(evidence));
    }

    fn units(&mut self, place: &Place<'_>, stage: &Stage) -> UnitsRule {
        let needed = stage.route.exposure().of(self.capacity.replicas);
        match (self.scale, self.units_min) {
            // Everything needs all units; what was asked for before ends here, there too.
            _ if stage.route.share == Weight::FULL => UnitsRule::ByShare,
            (UnitsRule::Count(count), _) => {
                if count < needed {
                    let why = format!(
                        "{count} units were asked for before, but this share needs {needed}, so it gets {needed}"
                    );
                    self.findings.push(note::changed(place, why));
                }
                UnitsRule::Count(count)
            }
            (UnitsRule::ByShare, Some(least)) if stage.is_live() => UnitsRule::Count(least),
            (UnitsRule::ByShare, _) => UnitsRule::ByShare,
        }
    }

    fn pause(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let duration = place.field("duration")?;
        if !duration.is_there() {
            self.findings.push(note::changed(place, ASKED));
            self.outline.ask();
            return Ok(());
        }
        let pause = time::pause(&duration, &mut self.findings)?;
        self.bake(place, pause);
        Ok(())
    }

    /// Makes the present exposure last longer; before the first weight the candidate is hidden.
    fn bake(&mut self, place: &Place<'_>, length: Duration) {
        if length.is_zero() {
            return;
        }
        if self.outline.current().is_none() {
            self.begin(place, Weight::ZERO);
        }
        if !self.outline.waiting().is_empty() {
            let why = "it comes after a wait for something else there; here the step bakes first, and then waits";
            self.findings.push(note::changed(place, why));
        }
        if let Some(stage) = self.outline.current_mut() {
            stage.bake = stage.bake.saturating_add(length);
        }
    }

    fn set_scale(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let (replicas, weight) = (place.field("replicas")?, place.field("weight")?);
        let follows = place.field("matchTrafficWeight")?;
        self.scale = match (replicas.count()?, weight.is_there(), follows.flag()?.unwrap_or(false)) {
            (Some(count), false, false) => UnitsRule::Count(count),
            (None, true, false) => {
                let Some(part) = share(&weight, self.whole, &mut self.findings)? else { return Ok(()) };
                UnitsRule::Count(part.of(self.capacity.replicas))
            }
            (None, false, true) => UnitsRule::ByShare,
            _ => return Err(place.unexpected("one of `replicas`, `weight` and `matchTrafficWeight`")),
        };
        let scale = self.scale;
        if !self.outline.current().is_some_and(Stage::is_live) {
            match scale {
                UnitsRule::Count(_) => self.begin(place, Weight::ZERO),
                UnitsRule::ByShare => {
                    let why = "the candidate keeps its units until the first share instead of losing them for a moment";
                    self.findings.push(note::assumed(place, why));
                }
            }
            return Ok(());
        }
        if let Some(stage) = self.outline.current_mut() {
            stage.units = larger(stage.units, scale);
            let why = "the units are there from the beginning of the step, and stay to its end";
            self.findings.push(note::assumed(place, why));
        }
        Ok(())
    }

    fn analyse(&mut self, place: &Place<'_>, list: &str) -> Result<(), Complaint> {
        let Some(run) = Run::read(place, list, self.surroundings, &mut self.findings)? else { return Ok(()) };
        self.bake(place, run.length());
        for gate in &run.gates {
            self.outline.wait_for(gate.clone());
        }
        self.runs.push(run);
        Ok(())
    }

    fn experiment(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let duration = time::go_duration(&place.field("duration")?)?;
        self.bake(place, duration.unwrap_or(Duration::ZERO));
        if place.field("analyses")?.is_there() {
            self.analyse(place, "analyses")?;
        }
        Ok(())
    }

    fn set_header_route(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let name = place.field("name")?;
        if place.field("match")?.items()?.is_empty() {
            self.cohort = None;
            self.findings.push(note::changed(place, "the cohort is let go when the next share is asked for"));
            return Ok(());
        }
        let Some(size) = self.surroundings.settings.cohort_size else {
            let why = "how much of the traffic these requests are is not in the file; say it with --cohort-size";
            self.findings.push(note::refused(place, why));
            return Ok(());
        };
        let cohort = CohortName::new(name.name()?)
            .map_err(|_| name.unexpected("a name of at most 200 bytes without control characters"))?;
        self.cohort = Some(Cohort { name: cohort, size, matched: false });
        let share = self.outline.current().map_or(Weight::ZERO, |stage| stage.route.share);
        self.begin(place, share);
        Ok(())
    }

    fn set_mirror_route(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let matches = place.field("match")?.items()?;
        let percentage = place.field("percentage")?;
        if matches.is_empty() {
            self.mirror = Weight::ZERO;
            self.findings.push(note::changed(place, "the mirror ends when the next share is asked for"));
            return Ok(());
        }
        let mirror =
            if percentage.is_there() { share(&percentage, 100, &mut self.findings)? } else { Some(Weight::FULL) };
        let Some(mirror) = mirror else { return Ok(()) };
        if !matches.iter().any(is_everything) {
            let why = "only some requests are copied there; here all would be, writes too, so none is and the step has no mirror";
            self.findings.push(note::lost(place, why));
            return Ok(());
        }
        self.mirror = mirror;
        let Some(stage) = self.outline.current_mut().filter(|stage| stage.is_live()) else {
            self.begin(place, Weight::ZERO);
            return Ok(());
        };
        stage.route.mirror = mirror;
        self.findings.push(note::assumed(place, "requests are copied from the beginning of the step"));
        Ok(())
    }

    fn plugin(&mut self, place: &Place<'_>) -> Result<(), Complaint> {
        let name = place.field("name")?;
        // Each time it is asked for it does its work again.
        let gate = format!("plugin-{}-{}", name.name()?, self.outline.number_of_next());
        self.outline.wait_for(
            GateName::new(gate)
                .map_err(|_| name.unexpected("a name of at most 180 bytes without control characters"))?,
        );
        self.findings.push(note::changed(place, "the host must do what the plugin does and answer the gate"));
        self.has_plugin = true;
        Ok(())
    }

    /// Lets the present exposure be watched from the step on with which the background analysis starts.
    fn watch(&mut self, index: usize) {
        let is_watched = self.background.as_ref().is_some_and(|background| index >= background.starting_step);
        let Some(stage) = self.outline.current_mut().filter(|_| is_watched) else { return };
        stage.is_watched = true;
        if stage.evidence == Basis::Time {
            stage.evidence = Basis::Guard;
        }
    }

    /// What was watched must be well before more is shown.
    fn wait_for_background(&mut self) {
        let is_watched = self.outline.current().is_some_and(|stage| stage.is_watched);
        let Some(background) = self.background.as_ref().filter(|_| is_watched) else { return };
        for gate in &background.run.gates {
            self.outline.wait_for(gate.clone());
        }
    }

    fn finish(&mut self, strategy: &Place<'_>) {
        let is_whole = self.outline.current().is_some_and(|stage| stage.route.share == Weight::FULL);
        if !is_whole {
            self.begin(strategy, Weight::FULL);
            self.findings.push(note::assumed_at(&strategy.at, PROMOTION));
        } else if !self.outline.waiting().is_empty() {
            let why = format!("nothing comes after 100 % that could wait for {}", self.outline.waiting().join(", "));
            self.findings.push(note::lost_at(&strategy.at, why));
            self.outline.stop_waiting();
        }
        let is_watched = self.background.is_some() || self.surroundings.settings.compare;
        if let Some(stage) = self.outline.current_mut().filter(|_| is_watched) {
            stage.evidence = Basis::Guard;
        }
        self.runs.extend(self.background.take().map(|background| background.run));
    }
}

/// More units are never wrong: a share may have more than it needs.
fn larger(one: UnitsRule, other: UnitsRule) -> UnitsRule {
    match (one, other) {
        (UnitsRule::Count(one), UnitsRule::Count(other)) => UnitsRule::Count(one.max(other)),
        (UnitsRule::Count(count), UnitsRule::ByShare) | (UnitsRule::ByShare, UnitsRule::Count(count)) => {
            UnitsRule::Count(count)
        }
        (UnitsRule::ByShare, UnitsRule::ByShare) => UnitsRule::ByShare,
    }
}

/// Whether a match names every request: any path, and nothing else.
fn is_everything(place: &Place<'_>) -> bool {
    let Some(Node::Map(map)) = place.node() else { return false };
    let is_any_path = |node: &Node| {
        let any = [("prefix", "/"), ("regex", ".*"), ("regex", "/.*")];
        let is_one_key = matches!(node, Node::Map(map) if map.len() == 1);
        is_one_key && any.iter().any(|(kind, text)| node.get(kind) == Some(&Node::Text((*text).to_owned())))
    };
    map.len() == 1 && map.get("path").is_some_and(is_any_path)
}
