//! Kubernetes: the strategy of a `Deployment`.

use bellwether_core::{Duration, Finding, Route, Weight};
use bellwether_strategy::{Capacity, Exchange};

use super::{
    exchange::exchange,
    field::{Field, survey},
    metadata, note,
    outline::{Outline, Stage},
    place::Place,
    surroundings::{self, Surroundings},
    time,
    workload::Imported,
};
use crate::complaint::Complaint;

/// As long as Kubernetes waits where nothing else is said.
const DEADLINE: Duration = Duration::from_seconds(600);

/// What becomes of each field.
pub(super) const ROWS: &[Field] = &[
    Field::kept("spec.replicas", "`capacity.replicas`; 1 where it is absent, as there"),
    Field::ignored("spec.selector", "which pods it is about is the workload's own"),
    Field::ignored("spec.template", "of it only the image of a single container is read, as the candidate's name"),
    Field::kept(
        "spec.strategy.type",
        "`RollingUpdate`, which is also the default, or `Recreate`: all units go before the first comes",
    ),
    Field::kept(
        "spec.strategy.rollingUpdate.maxSurge",
        "`capacity.exchange.surge`; a quarter where it is absent, as there",
    ),
    Field::kept(
        "spec.strategy.rollingUpdate.maxUnavailable",
        "`capacity.exchange.unavailable`; a quarter where it is absent, as there",
    ),
    Field::changed("spec.minReadySeconds", "a unit counts from the moment that the workload port calls it ready"),
    Field::kept("spec.progressDeadlineSeconds", "`conduct.deadline`; 10m where it is absent, as there"),
    Field::changed("spec.paused", "a rollout begins to move at once; pause it with a command"),
    Field::ignored("spec.revisionHistoryLimit", "no old replica sets are kept"),
    Field::ignored("status", "where a rollout stands is in its journal"),
];

/// Imports a `Deployment`: units are exchanged in one move, held up by their readiness alone.
pub(super) fn deployment(document: &Place<'_>, surroundings: &Surroundings<'_>) -> Result<Imported, Complaint> {
    let mut imported = Imported::new("Deployment", document)?;
    imported.findings = survey(document, &[metadata::ROWS, ROWS]);
    let spec = document.field("spec")?;
    let mut draft = imported.draft(document, surroundings::image(&spec)?, surroundings)?;
    let findings = &mut imported.findings;
    draft.conduct.deadline = deadline(&spec.field("progressDeadlineSeconds")?, findings)?;
    time::check_ready(&spec, draft.conduct.deadline)?;
    let replicas = surroundings.replicas(&spec.field("replicas")?, findings)?;
    let strategy = spec.field("strategy")?;
    let kind = strategy.field("type")?;
    let rolling = strategy.field("rollingUpdate")?;
    let exchange = match kind.text()?.unwrap_or("RollingUpdate") {
        "RollingUpdate" => exchange(&rolling, replicas, findings)?,
        "Recreate" if !rolling.is_there() => {
            let why = "nobody serves between the old version's last unit and the new one's first, there and here";
            findings.push(note::changed(&kind, why));
            Exchange::RECREATE
        }
        "Recreate" => return Err(rolling.unexpected("none beside `Recreate`")),
        _ => return Err(kind.unexpected("`RollingUpdate` or `Recreate`")),
    };
    draft.capacity = Some(Capacity::of(replicas).with_exchange(exchange));
    let mut outline = Outline::default();
    outline.begin(Stage::new(&*spec.at, Route::share(Weight::FULL)));
    imported.finish(outline, draft);
    Ok(imported)
}

/// What is to be said about a `Deployment` that another document rolls out.
pub(super) fn target(document: &Place<'_>) -> Result<Vec<Finding>, Complaint> {
    let why = "another document of the file rolls it out, with its replicas and its image";
    let mut findings = vec![note::left_out(&document.at, "Deployment", why)];
    findings.extend(survey(document, &[metadata::ROWS, ROWS]));
    for name in ["strategy", "progressDeadlineSeconds"] {
        let place = document.path(&["spec", name])?;
        if place.is_there() {
            findings.push(note::changed(
                &place,
                "the document that rolls it out decides here; there it holds for its pods too",
            ));
        }
    }
    Ok(findings)
}

fn deadline(place: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Duration, Complaint> {
    /// The largest number means that there is no deadline.
    const NONE: u32 = i32::MAX.unsigned_abs();
    let deadline = time::seconds(place)?;
    let why = if place.count()? == Some(NONE) {
        "there is no deadline there; here the rollout goes back after that time"
    } else {
        "a rollout that is late is only marked there; here it goes back"
    };
    findings.push(note::changed(place, why));
    Ok(deadline.unwrap_or(DEADLINE))
}
