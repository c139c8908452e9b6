//! Units that are exchanged where no router splits traffic.

use bellwether_core::{Finding, Weight};
use bellwether_strategy::{
    Amount, Capacity, Exchange,
    arithmetic::argo_rollouts::{Approximation, approximate_weighted},
};

use super::{note, place::Place};
use crate::{complaint::Complaint, node::Node};

/// Reads `maxSurge` and `maxUnavailable`, a quarter each where they are absent, as Kubernetes and Argo Rollouts do.
pub(super) fn exchange(place: &Place<'_>, replicas: u32, findings: &mut Vec<Finding>) -> Result<Exchange, Complaint> {
    let (more, less) = (place.field("maxSurge")?, place.field("maxUnavailable")?);
    let default = Exchange::default();
    let surge = amount(&more, replicas, findings)?.unwrap_or(default.surge);
    let unavailable = amount(&less, replicas, findings)?.unwrap_or(default.unavailable);
    let mut exchange = Exchange::new(surge, unavailable);
    if is_nothing(exchange.surge) && is_nothing(exchange.unavailable) {
        return Err(less.unexpected("more than 0 beside `maxSurge: 0`"));
    }
    if takes_all(exchange, replicas) {
        exchange.outage = true;
        findings.push(note::changed(&less, "every unit may be missing at once, there and here"));
    }
    Ok(exchange)
}

/// A number of units, or a share of them; none where it is absent.
fn amount(place: &Place<'_>, replicas: u32, findings: &mut Vec<Finding>) -> Result<Option<Amount>, Complaint> {
    const EXPECTED: &str = "a whole number of at least 0, or a percentage such as \"25%\"";
    let text = match place.node() {
        None => return Ok(None),
        Some(Node::Text(text)) => text,
        Some(_) => {
            let units = place.count().map_err(|_| place.unexpected(EXPECTED))?;
            if let Some(units) = units.filter(|units| *units > replicas) {
                let why =
                    format!("{units} units, and not {units} % of them, are more than all of {replicas}, there too");
                findings.push(note::assumed(place, why));
            }
            return Ok(units.map(Amount::Units));
        }
    };
    let percent = text.strip_suffix('%').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    let percent = percent.and_then(|digits| digits.parse::<u32>().ok()).ok_or_else(|| place.unexpected(EXPECTED))?;
    let points = percent.checked_mul(100).and_then(|points| u16::try_from(points).ok());
    if let Some(share) = points.and_then(|points| Weight::new(points).ok()) {
        return Ok(Some(Amount::Share(share)));
    }
    let units = u64::from(percent).saturating_mul(replicas.into()).div_ceil(100);
    let units = u32::try_from(units).map_err(|_| place.unexpected(EXPECTED))?;
    findings.push(note::assumed(place, format!("more than all of {replicas} is {units} units")));
    Ok(Some(Amount::Units(units)))
}

fn is_nothing(amount: Amount) -> bool {
    match amount {
        Amount::Units(units) => units == 0,
        Amount::Share(share) => share == Weight::ZERO,
    }
}

/// Whether nothing need be left of the old units: one may always be missing where rounding leaves no room at all.
fn takes_all(exchange: Exchange, replicas: u32) -> bool {
    let surge = match exchange.surge {
        Amount::Units(units) => units,
        Amount::Share(share) => share.of(replicas),
    };
    let unavailable = match exchange.unavailable {
        Amount::Units(units) => units,
        Amount::Share(share) => share.units_down(replicas),
    };
    unavailable.max(u32::from(surge == 0)) >= replicas
}

/// The share that whole units show where Argo Rollouts runs without a router: its candidate has the same ones.
///
/// Two counts of its are not taken over, with a finding. It may run one unit beside all replicas; here that one is stable's
/// anyway. And where a weight is as far from all units as from all but one, it finds no count and runs no candidate at all
/// (the branch that says "should not get here" of `approximateWeightedCanaryStableReplicaCounts`).
pub(super) fn shown_share(
    place: &Place<'_>,
    wanted: Weight,
    capacity: Capacity,
    findings: &mut Vec<Finding>,
) -> Result<Weight, Complaint> {
    let Some(exchange) = capacity.exchange.filter(|_| wanted != Weight::ZERO && wanted != Weight::FULL) else {
        return Ok(wanted);
    };
    let replicas = capacity.replicas;
    let surge = exchange.bounds(replicas).most.saturating_sub(replicas);
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let weight = i32::from(wanted.basis_points() / 100);
    let asked = Approximation { replicas: number(replicas), weight, max_weight: None, max_surge: number(surge) };
    let theirs = approximate_weighted(&asked).map_err(|error| place.unexpected(error))?;
    let canary = u32::try_from(theirs.canary).unwrap_or(0);
    let all_but_one = replicas.saturating_sub(1);
    let (candidate, stable) = match canary {
        0 if replicas > 1 => (all_but_one, 1),
        _ if canary == replicas && replicas > 1 => (all_but_one, 1),
        _ if replicas == 1 => (canary, u32::try_from(theirs.stable).unwrap_or(0)),
        _ => (canary, replicas.saturating_sub(canary)),
    };
    let share = Weight::carried_by(stable, candidate.saturating_add(stable)).rest();
    let units = candidate.saturating_add(stable);
    let shown = format!("{wanted} of {replicas} units is {candidate} of {units}, which is {share}");
    if canary != candidate || number(stable) != theirs.stable {
        findings.push(note::changed(place, format!("{shown}; there it is {canary} beside {}", theirs.stable)));
    } else if share != wanted {
        findings.push(note::assumed(place, format!("{shown}, there too")));
    }
    Ok(share)
}
