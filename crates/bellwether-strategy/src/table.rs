use alloc::{string::String, vec::Vec};
use core::fmt;

use bellwether_core::{Duration, Weight};

use crate::{Plan, Step, WayBack};

/// A plan's steps as a table for people: share, units, evidence, bake, gates, and how long going back takes.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    plan: &'a Plan,
    way_back: WayBack,
    rto: Option<Duration>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self { plan, way_back: WayBack::of(plan), rto: None }
    }

    /// Sets how the rollout goes back, where that is known better than the plan tells ([`WayBack::of`]).
    #[must_use]
    pub const fn with_way_back(mut self, way_back: WayBack) -> Self {
        self.way_back = way_back;
        self
    }

    /// Sets the recovery time objective that the time of going back is shown against.
    #[must_use]
    pub const fn with_rto(mut self, rto: Duration) -> Self {
        self.rto = Some(rto);
        self
    }

    /// How long it takes at most until stable carries everything again.
    #[must_use]
    pub const fn rollback_time(&self) -> Duration {
        self.way_back.time
    }

    /// The earliest end of each step, counted from the start.
    #[must_use]
    pub fn earliest_ends(&self) -> Vec<Duration> {
        let add = |elapsed: &mut Duration, step: &Step| {
            *elapsed = elapsed.saturating_add(step.bake.min);
            Some(*elapsed)
        };
        self.plan.steps().iter().scan(Duration::ZERO, add).collect()
    }

    fn rows(&self) -> Vec<[String; 8]> {
        let rollback = self.rto.map_or_else(|| "rollback".into(), |rto| alloc::format!("rollback (RTO {rto})"));
        let names = ["step", "share", "units", "evidence", "bake", "gates", "earliest end", rollback.as_str()];
        let header = names.map(String::from);
        let steps = (0..).zip(self.plan.steps().iter().zip(self.earliest_ends()));
        core::iter::once(header).chain(steps.map(|(index, (step, end))| self.row(index, step, end))).collect()
    }

    fn row(&self, index: u32, step: &Step, end: Duration) -> [String; 8] {
        let units = self.plan.candidate_units(step).map_or_else(|| "-".into(), |units| alloc::format!("{units}"));
        let past_floor = self.plan.floor_index().is_some_and(|floor| floor <= index);
        [
            alloc::format!("{}", step.id),
            share(step),
            units,
            alloc::format!("{}", step.evidence),
            alloc::format!("{} to {}", step.bake.min, step.bake.max),
            gates(step),
            alloc::format!("{end}"),
            if past_floor { "impossible".into() } else { self.rollback() },
        ]
    }

    fn rollback(&self) -> String {
        let slow = self.rto.is_some_and(|rto| rto < self.way_back.time);
        alloc::format!("< {}{}", self.way_back.time, if slow { ", too slow" } else { "" })
    }
}

fn share(step: &Step) -> String {
    let route = &step.route;
    match &route.cohort {
        Some(cohort) => alloc::format!("{} ({})", cohort.size, cohort.name),
        None if route.mirror != Weight::ZERO => alloc::format!("mirror {}", route.mirror),
        None => alloc::format!("{}", route.share),
    }
}

/// What must pass before the step, people's approvals last.
fn gates(step: &Step) -> String {
    let approvals = match step.approvals {
        0 => None,
        1 => Some("1 approval".into()),
        several => Some(alloc::format!("{several} approvals")),
    };
    let all: Vec<String> = step.gates.iter().map(|gate| gate.as_str().into()).chain(approvals).collect();
    if all.is_empty() { "-".into() } else { all.join(", ") }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let mut widths = [0; 8];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (index, row) in rows.iter().enumerate() {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| alloc::format!("{cell:<width$}")).collect();
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}
