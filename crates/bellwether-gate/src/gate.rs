use alloc::{boxed::Box, sync::Arc};

use bellwether_core::{Decision, Time, Verdict};

use crate::Evidence;

/// One question that must be answered with a pass before a rollout goes on.
///
/// # Contract
/// The caller hands over everything that is known in `evidence` and the time of asking in `now`; it leaves out what was
/// not measured instead of writing a zero. It takes only [`Verdict::Pass`] as leave to go forward, and asks no gate
/// before it goes *back*.
///
/// The implementer answers from its arguments alone: the same evidence at the same time gets the same decision, byte for
/// byte, because a replay compares it. It does not block, does not fail and does not panic: what it cannot judge is
/// [`Verdict::NoData`] or [`Verdict::Inconclusive`] with a finding that says what is missing. Without any evidence it
/// never passes, unless the time alone is what it judges by, as a calendar does.
///
/// A decision that a crash kept from being recorded is simply made again, so nothing may depend on having been asked.
///
/// # Example: a gate of one's own
/// ```
/// use bellwether_core::{Decision, Finding, MetricName, Time, Verdict};
/// use bellwether_gate::{Evidence, Gate, Measurement, Reading};
///
/// struct NoOpenIncident(MetricName);
///
/// impl Gate for NoOpenIncident {
///     fn check(&self, evidence: &Evidence, _now: Time) -> Decision<Verdict> {
///         match evidence.measurement(&self.0).map(|measurement| measurement.value) {
///             Some(Reading::Count(0)) => Decision::new(Verdict::Pass),
///             Some(Reading::Count(open)) => Decision::new(Verdict::Fail)
///                 .because(Finding::critical("incident.open", "{open} incidents are open").figure("open", open)),
///             Some(Reading::Number(_) | Reading::Flag(_)) | None => Decision::new(Verdict::NoData),
///         }
///     }
/// }
///
/// let metric = MetricName::new("open_incidents")?;
/// let gate: Box<dyn Gate> = Box::new(NoOpenIncident(metric.clone()));
/// let now: Time = "2026-03-03T10:00:00Z".parse()?;
/// assert_eq!(gate.check(&Evidence::default(), now).outcome, Verdict::NoData, "nobody asked the incident system");
///
/// let evidence = Evidence::default().with(metric, Measurement::new(Reading::Count(2), now));
/// assert_eq!(gate.check(&evidence, now).to_string(), "fail\n  critical incident.open: 2 incidents are open");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Gate {
    /// Answers from the evidence at a time.
    fn check(&self, evidence: &Evidence, now: Time) -> Decision<Verdict>;
}

/// Makes a [`Gate`] of a closure.
///
/// # Example: a gate in one line
/// ```
/// use bellwether_core::{Decision, Time, Verdict};
/// use bellwether_gate::{Evidence, Gate, gate_fn};
///
/// let closed = gate_fn(|_: &Evidence, _: Time| Decision::new(Verdict::Fail));
/// assert_eq!(closed.check(&Evidence::default(), Time::default()).outcome, Verdict::Fail);
/// ```
pub const fn gate_fn<F>(function: F) -> GateFn<F>
where
    F: Fn(&Evidence, Time) -> Decision<Verdict>,
{
    GateFn(function)
}

/// A closure as a [`Gate`]; see [`gate_fn`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct GateFn<F>(F);

impl<F> Gate for GateFn<F>
where
    F: Fn(&Evidence, Time) -> Decision<Verdict>,
{
    fn check(&self, evidence: &Evidence, now: Time) -> Decision<Verdict> {
        (self.0)(evidence, now)
    }
}

impl<G: Gate + ?Sized> Gate for &G {
    fn check(&self, evidence: &Evidence, now: Time) -> Decision<Verdict> {
        (**self).check(evidence, now)
    }
}

impl<G: Gate + ?Sized> Gate for Arc<G> {
    fn check(&self, evidence: &Evidence, now: Time) -> Decision<Verdict> {
        (**self).check(evidence, now)
    }
}

impl<G: Gate + ?Sized> Gate for Box<G> {
    fn check(&self, evidence: &Evidence, now: Time) -> Decision<Verdict> {
        (**self).check(evidence, now)
    }
}
