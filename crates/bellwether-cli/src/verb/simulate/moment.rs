use bellwether_core::{Arms, Decision, Duration, Figure, Finding, Severity, Time, Value, Weight};
use bellwether_rollout::{Event, Move, Scenario, State, Stepped, WorldFault, goal};
use schemars::JsonSchema;
use serde::Serialize;

use super::SimulateAnswer;
use crate::{
    event_text::{by, moved, said},
    fault::one_line,
    finding_with_line::{DecisionWithLines, decision_with_lines},
    look::Look,
    table,
};

/// Something that somebody would want to know of.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Moment {
    /// How long after the beginning.
    pub(super) after: Duration,
    /// What happened.
    #[serde(flatten)]
    pub(super) what: What,
}

/// An event of the rollout, or one of its world.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// The rollout decided on an event.
    Decided(Box<Decided>),
    /// Something went wrong in the world, or right again.
    Fault(WorldFault),
}

/// An event, what was decided on it, and how things were then.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Decided {
    /// The event.
    pub(super) event: Event,
    /// What was decided.
    #[schemars(with = "DecisionWithLines<'static, Move>")]
    #[serde(serialize_with = "decision_with_lines")]
    pub(super) decision: Decision<Move>,
    /// The exposure that is wanted from now on, in basis points.
    wanted: Weight,
    /// The exposure that the router showed last, in basis points; null while it did not answer.
    shown: Option<Weight>,
    /// How many units of each version were ready when they were last seen; null where nobody scales or could tell.
    ready: Option<Arms<u32>>,
    /// How many more like it followed at once, the last of them so long after the beginning.
    repeated: Option<Repeated>,
}

/// Moments like the one before, which say nothing new.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
struct Repeated {
    /// How many.
    times: u64,
    /// How long after the beginning the last one was.
    until: Duration,
}

/// Collects the moments.
pub(super) struct Timeline {
    began: Time,
    moments: Vec<Moment>,
    faults: Vec<Moment>,
}

impl Timeline {
    pub(super) fn new(began: Time, scenario: &Scenario) -> Self {
        let fault = |fault: &bellwether_rollout::After<WorldFault>| Moment {
            after: fault.after,
            what: What::Fault(fault.what),
        };
        Self { began, moments: Vec::new(), faults: scenario.faults.iter().map(fault).collect() }
    }

    /// Keeps an event if somebody would want to know of it.
    pub(super) fn see(&mut self, state: &State, Stepped { event, decision }: Stepped) {
        let is_news = decision.findings.iter().any(|finding| finding.severity > Severity::Info);
        if decision.outcome == Move::Stay && !event.is_command() && !is_news {
            return;
        }
        let after = event.at.since(self.began);
        if let Some(Moment { what: What::Decided(last), .. }) = self.moments.last_mut()
            && last.is_like(&event, &decision)
        {
            let times = last.repeated.map_or(1, |repeated| repeated.times.saturating_add(1));
            last.repeated = Some(Repeated { times, until: after });
            return;
        }
        let seen = state.observed();
        let decided = Decided {
            wanted: goal(state).route.exposure(),
            shown: seen.and_then(|seen| seen.route.as_ref()).map(bellwether_core::Route::exposure),
            ready: seen.and_then(|seen| seen.units).map(|units| units.map(|units| units.ready)),
            event,
            decision,
            repeated: None,
        };
        self.moments.push(Moment { after, what: What::Decided(Box::new(decided)) });
    }

    /// Everything in order; a fault comes before what was decided at its instant.
    pub(super) fn moments(self, took: Duration) -> Vec<Moment> {
        let happened = self.faults.into_iter().filter(|fault| fault.after <= took);
        let mut moments: Vec<Moment> = happened.chain(self.moments).collect();
        moments.sort_by_key(|moment| moment.after);
        moments
    }
}

impl Decided {
    fn is_like(&self, event: &Event, decision: &Decision<Move>) -> bool {
        let rules = |decision: &Decision<Move>| decision.findings.iter().map(|it| it.rule.clone()).collect::<Vec<_>>();
        let is_repeatable = matches!(decision.outcome, Move::Stay) && !event.is_command();
        is_repeatable
            && self.event.kind.name() == event.kind.name()
            && self.decision.outcome == decision.outcome
            && rules(&self.decision) == rules(decision)
    }
}

/// The moments as a table for people.
pub(super) fn table(answer: &SimulateAnswer, look: &Look) -> String {
    let header = ["after", "event", "decision", "share", "units", "why"].map(str::to_owned);
    let rows = answer.moments.iter().map(|moment| moment.row(answer));
    let rows: Vec<[String; 6]> = std::iter::once(header).chain(rows).collect();
    let text = table::table(&rows);
    if !look.explain {
        return text;
    }
    let more = std::iter::once(String::new()).chain(answer.moments.iter().map(|moment| moment.reasons(answer, look)));
    text.lines().zip(more).map(|(line, more)| format!("{line}{more}")).collect::<Vec<_>>().join("\n")
}

impl Moment {
    fn row(&self, answer: &SimulateAnswer) -> [String; 6] {
        let after = rounded(self.after).to_string();
        match &self.what {
            What::Fault(fault) => {
                [after, format!("! {}", fault_text(*fault)), "".into(), "".into(), "".into(), "".into()]
            }
            What::Decided(decided) => {
                let event = format!("{}{}", said(&decided.event.kind), by(&decided.event.by));
                let [decision, why] = [moved(decided.decision.outcome, &answer.shown.plan), decided.why(answer)];
                [after, one_line(&event), decision, decided.share(), decided.units(), why]
            }
        }
    }

    /// Every reason, each on its own line.
    fn reasons(&self, answer: &SimulateAnswer, look: &Look) -> String {
        let What::Decided(decided) = &self.what else { return String::new() };
        let findings = decided.decision.findings.iter().map(|finding| relative(finding, answer.told_since()));
        look.findings(&findings.collect::<Vec<_>>()).replace('\n', "\n  ")
    }
}

impl Decided {
    /// What is wanted, and what is shown where that is something else.
    fn share(&self) -> String {
        match self.shown {
            Some(shown) if shown == self.wanted => shown.to_string(),
            Some(shown) => format!("{shown} → {}", self.wanted),
            None => format!("? → {}", self.wanted),
        }
    }

    /// The ready units of stable and of the candidate.
    fn units(&self) -> String {
        self.ready.map_or_else(|| "-".to_owned(), |ready| format!("{} + {}", ready.stable, ready.candidate))
    }

    /// The most serious reason.
    fn why(&self, answer: &SimulateAnswer) -> String {
        let findings = &self.decision.findings;
        let most = findings.iter().map(|finding| finding.severity).max();
        let first = findings.iter().find(|finding| Some(finding.severity) == most);
        let why = first.map(|finding| relative(finding, answer.told_since()).rendered()).unwrap_or_default();
        let repeated = self
            .repeated
            .map(|Repeated { times, until }| format!(" (and {times} times more, until {})", rounded(until)));
        one_line(&(why + &repeated.unwrap_or_default()))
    }
}

/// What went wrong, in words.
pub(super) fn fault_text(fault: WorldFault) -> String {
    match fault {
        WorldFault::RouterForgets => "the router forgets".to_owned(),
        WorldFault::RouterIsChanged(share) => format!("somebody sets {share}"),
        WorldFault::RouterFails => "the router fails".to_owned(),
        WorldFault::RouterRecovers => "the router recovers".to_owned(),
        WorldFault::WorkloadFails => "the scaler fails".to_owned(),
        WorldFault::WorkloadRecovers => "the scaler recovers".to_owned(),
        WorldFault::CandidateCrashes(count) => format!("{count} of the candidate crash"),
        WorldFault::StableCrashes(count) => format!("{count} of stable crash"),
        WorldFault::CandidateFails => "the candidate fails".to_owned(),
        WorldFault::CandidateRecovers => "the candidate recovers".to_owned(),
        WorldFault::StableFails => "stable fails".to_owned(),
        WorldFault::StableRecovers => "stable recovers".to_owned(),
        WorldFault::DriverSleeps(length) => format!("the driver sleeps {length}"),
    }
}

/// A length of time as a person reads it: without milliseconds, unless there is nothing else.
pub(super) fn rounded(duration: Duration) -> Duration {
    let millis = duration.as_millis();
    if millis < 1_000 { Duration::ZERO } else { Duration::from_seconds(millis / 1_000) }
}

/// The finding with its times told since a beginning, where that is wanted: who simulates has no date in mind.
pub(super) fn relative(finding: &Finding, began: Option<Time>) -> Finding {
    let Some(began) = began else { return finding.clone() };
    let since = |figure: &Figure| match figure.value {
        Value::Time(at) => {
            let value = Value::from(format!("+{}", rounded(at.since(began))));
            Figure { name: figure.name.clone(), value }
        }
        Value::Count(_)
        | Value::Weight(_)
        | Value::Duration(_)
        | Value::Ratio(_)
        | Value::Share(_)
        | Value::Text(_) => figure.clone(),
    };
    Finding { figures: finding.figures.iter().map(since).collect(), ..finding.clone() }
}
