use std::sync::Arc;

use bellwether_analysis::Missing;
use bellwether_core::{Decision, Duration, EventId, Finding, Response, Time, Verdict};
use bellwether_port::{Body, PortError};
use bellwether_rollout::{Actor, Event, Kind, Move, Observation, Phase, Sub, goal, sort_round};

use crate::calls::{Answer, Slot};
use crate::log::{Entry, Halt};
use crate::outside::{is_from_outside, writable};
use crate::world::Permission;
use crate::{Driver, Status};

/// How often an unchanged world is confirmed once the least bake is over: the longest heartbeat of a bake.
const HEARTBEAT_AFTER_BAKE: Duration = Duration::from_seconds(60);

impl Driver {
    /// One round: look, judge, decide, write down, then close the difference.
    pub(crate) async fn round(&mut self) -> Result<(), Halt> {
        self.rounds = self.rounds.saturating_add(1);
        self.listen();
        self.repay();
        self.look().await?;
        self.measure().await?;
        self.ask_gates().await?;
        let events = self.events();
        self.take_all(events).await?;
        self.append_snapshot().await?;
        self.close_difference();
        self.outbox.send(&mut self.calls);
        self.publish();
        Ok(())
    }

    /// Waits for commands, in every round and between them.
    pub(crate) fn listen(&mut self) {
        let Some(inbox) = &self.setup.ports.inbox else { return };
        if self.calls.is_under_way(&Slot::Inbox) || !self.inbox_again.is_over(self.clock.now()) {
            return;
        }
        let inbox = Arc::clone(inbox);
        self.calls.start(Slot::Inbox, async move { Answer::Inbox(inbox.next().await) });
    }

    /// Appends what the journal is owed; once that is done, the rollout is taken up again.
    fn repay(&mut self) {
        self.log.repay(&mut self.calls);
    }

    async fn look(&mut self) -> Result<(), Halt> {
        if self.wake_is_due() || self.heartbeat_is_due() {
            self.world.hurry();
        }
        self.world.look(&mut self.calls);
        self.wait_for(&self.world.answering()).await
    }

    /// Reads the intervals that are complete, writes them down and shows them to the judge.
    async fn measure(&mut self) -> Result<(), Halt> {
        let Some(stage) = goal(self.course.state()).stage else { return Ok(()) };
        if let Some(until) = self.world.looked_until().filter(|_| !self.log.is_full()) {
            self.meter.ask(&mut self.calls, &self.course, until);
        }
        self.wait_for(&self.meter.answering()).await?;
        for (metric, measured) in self.meter.take() {
            let interval = self.world.timeline().interval(measured, self.course.state().plan(), &stage);
            let Some(interval) = interval else { continue };
            let body = Body::interval(metric.clone(), interval.clone());
            match self.log.seal(self.course.state().generation(), &body) {
                Ok(record) => {
                    self.log.append(&mut self.calls, Entry::new(record)).await?;
                    self.course.see(&metric, &interval);
                }
                Err(error) => self.health.heard("metrics", Some(&PortError::refused(error)), self.clock.now()),
            }
        }
        Ok(())
    }

    async fn ask_gates(&mut self) -> Result<(), Halt> {
        self.gates.ask(&mut self.calls, self.course.state());
        self.wait_for(&[Slot::Evidence]).await
    }

    /// Takes every answer that is there, and waits for those that are wanted: not for long, and not while a command
    /// waits. A port that did not answer last time is not waited for again before it does.
    async fn wait_for(&mut self, wanted: &[Slot]) -> Result<(), Halt> {
        let (clock, end) = (Arc::clone(&self.clock), self.clock.now().after(self.setup.options.patience));
        let mut stopped = self.stopped.clone();
        loop {
            while let Some(answer) = self.calls.ready().await {
                self.accept(answer)?;
            }
            if !self.commands.is_empty() || !wanted.iter().any(|slot| self.calls.is_under_way(slot)) {
                return Ok(());
            }
            let answer = tokio::select! {
                biased;
                _ = stopped.wait_for(|is_stopped| *is_stopped) => return Ok(()),
                answer = self.calls.answer() => answer,
                () = clock.sleep_until(end) => return Ok(()),
            };
            self.accept(answer)?;
        }
    }

    /// Everything that happened since the last round, in the order in which it is stepped.
    fn events(&mut self) -> Vec<Event> {
        let mut events: Vec<Event> = std::mem::take(&mut self.commands);
        let mut facts = Vec::new();
        if self.resumes && !self.log.is_behind() {
            facts.push(("resumed".to_owned(), Kind::Resumed));
        }
        let judged = self.judge();
        facts.extend(judged.map(|kind| ("judged".to_owned(), kind)));
        facts.extend(self.news_of_world().map(|observation| ("observed".to_owned(), Kind::Observed(observation))));
        if self.is_behind && (self.meter.is_caught_up() || goal(self.course.state()).stage.is_none()) {
            facts.push(("caught-up".to_owned(), Kind::CaughtUp));
        }
        let checked = self.gates.check(self.course.state());
        facts.extend(checked.into_iter().enumerate().map(|(index, kind)| (format!("gate-{index}"), kind)));
        let reports = self.health.take_reports();
        facts.extend(reports.into_iter().enumerate().map(|(index, kind)| (format!("failed-{index}"), kind)));
        if self.wake_is_due() {
            facts.push(("ticked".to_owned(), Kind::Ticked));
        }
        let now = self.clock.now();
        events.extend(facts.into_iter().filter_map(|(name, kind)| self.event(&name, now, kind)));
        let (mut events, later): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| self.may_be_taken(event));
        self.waiting.extend(later.into_iter().filter(is_from_outside));
        sort_round(&mut events);
        events
    }

    fn event(&self, name: &str, at: Time, kind: Kind) -> Option<Event> {
        let id = EventId::new(format!("{}-{:016x}-{:08}-{name}", self.log.token(), self.instance, self.rounds)).ok()?;
        Some(Event { id, at, by: Actor::Driver, kind })
    }

    /// While the journal does not answer, only what may lead back or hold is taken.
    fn may_be_taken(&self, event: &Event) -> bool {
        if !self.log.is_behind() {
            return true;
        }
        match &event.kind {
            Kind::Judged { decision, .. } | Kind::Checked { decision, .. } => decision.outcome == Verdict::Fail,
            Kind::Responded { decision } => matches!(decision.outcome, Response::RollBack { .. }),
            Kind::Aborted { .. }
            | Kind::Refused { .. }
            | Kind::Alarmed { .. }
            | Kind::Paused { .. }
            | Kind::Superseded { .. } => true,
            Kind::Observed(_) | Kind::Ticked => self.is_going_back(),
            Kind::Resumed
            | Kind::CaughtUp
            | Kind::GateChecked { .. }
            | Kind::Approved { .. }
            | Kind::PlanChanged { .. }
            | Kind::Rescaled { .. }
            | Kind::Unpaused
            | Kind::Skipped { .. }
            | Kind::AdvancedInFull { .. }
            | Kind::PredecessorEnded { .. }
            | Kind::PortFailed { .. } => false,
        }
    }

    /// What the judge says of the current stage, when it says something new.
    fn judge(&self) -> Option<Kind> {
        let stage = goal(self.course.state()).stage?;
        let decision = self.verdict()?;
        let is_known = self.judged.as_ref().is_some_and(|(at, said)| *at == stage && *said == decision);
        (!is_known).then_some(Kind::Judged { stage, decision })
    }

    /// The judge's verdict; no data while the source does not answer, unless there is harm.
    fn verdict(&self) -> Option<Decision<Verdict>> {
        let verdict = self.course.verdict(self.clock.now())?;
        let failing: Vec<_> = self.meter.failing().collect();
        if verdict.outcome == Verdict::Fail || failing.is_empty() {
            return Some(verdict);
        }
        let findings = failing.into_iter().map(|metric| Missing::ProviderError.finding(metric)).collect();
        Some(Decision { outcome: Verdict::NoData, findings })
    }

    /// What the world looks like, when the machine should hear of it: it has changed, or its bake needs a confirmation.
    fn news_of_world(&self) -> Option<Observation> {
        let state = self.course.state();
        let observation = self.world.observation(matches!(state.phase(), Phase::RollingBack(_)))?;
        let seen = state.as_seen(&observation);
        let is_news = state.observed().is_none_or(|known| !looks_the_same(known, &seen));
        (is_news || self.must_observe || self.heartbeat_is_due() || self.wake_is_due()).then_some(observation)
    }

    /// When an unchanged world must be confirmed again at the latest, so that the bake clock goes on.
    pub(crate) fn heartbeat_at(&self) -> Option<Time> {
        let state = self.course.state();
        let Phase::Stepping(stepping) = state.phase() else { return None };
        let step = state.step().filter(|_| stepping.sub == Sub::Bake)?;
        // Once it has baked for long enough the bake clock is not needed any more, and the rarest heartbeat does.
        let has_baked = stepping.bake.total >= step.bake.min;
        let heartbeat = if has_baked { HEARTBEAT_AFTER_BAKE } else { step.bake.heartbeat() };
        Some(self.observed_at?.after(heartbeat))
    }

    fn heartbeat_is_due(&self) -> bool {
        self.heartbeat_at().is_some_and(|at| at <= self.clock.now())
    }

    fn wake_is_due(&self) -> bool {
        let wake = goal(self.course.state()).wake;
        wake.is_some_and(|wake| wake.at <= self.clock.now() && self.ticked != Some(wake))
    }

    /// Steps the events of a round. What sends the rollout back is acted on before anything else is even written down.
    async fn take_all(&mut self, events: Vec<Event>) -> Result<(), Halt> {
        let mut events = events.into_iter();
        while let Some(event) = events.next() {
            if *self.stopped.borrow() {
                return Ok(());
            }
            let was_going_back = self.is_going_back();
            if let Err(halt) = self.take(event.clone()).await {
                self.commands.extend(std::iter::once(event).chain(events).filter(is_from_outside));
                return Err(halt);
            }
            if self.is_going_back() && !was_going_back {
                self.commands.extend(events.filter(is_from_outside));
                self.hurries = true;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Steps one event, writes event and decision down, and goes on with the new state.
    async fn take(&mut self, event: Event) -> Result<(), Halt> {
        let Some(event) = self.still_true(event) else { return Ok(()) };
        let event = writable(event);
        let (course, decision) = self.course.clone().step(&event);
        if decision.findings.first().is_some_and(|finding| finding.rule == "rollout.repeated") {
            self.outbox.done(&event);
            return Ok(());
        }
        let body = Body::event(event.clone(), decision.clone());
        let record = match self.log.seal(course.state().generation(), &body) {
            Ok(record) => record,
            Err(error) => {
                tracing::error!(%error, event = %event.id, "an event cannot be written down and is not taken");
                return Ok(());
            }
        };
        let entry =
            Entry { command: is_from_outside(&event).then(|| event.clone()), decision: Some(decision.clone()), record };
        if let Some(stored) = self.log.append(&mut self.calls, entry).await? {
            self.conflicts = 0;
            self.outbox.stored(stored);
        }
        self.adopt(course, &event);
        self.announce(decision);
        Ok(())
    }

    /// Leaves out what an event of this round has overtaken: a verdict on another stage than the judge is at by now, which
    /// is asked anew, and a wake-up that has been heeded.
    fn still_true(&self, event: Event) -> Option<Event> {
        if let Kind::Judged { stage, .. } = &event.kind
            && event.by == Actor::Driver
            && goal(self.course.state()).stage.as_ref() != Some(stage)
        {
            return None;
        }
        let is_heeded = event.kind == Kind::Ticked && !self.wake_is_due();
        (!is_heeded).then_some(event)
    }

    fn adopt(&mut self, course: bellwether_port::Course, event: &Event) {
        let (place, generation) = (self.course.state().place(), self.course.state().generation());
        let wake = goal(self.course.state()).wake;
        self.course = course;
        match &event.kind {
            Kind::Resumed => self.resumes = false,
            Kind::CaughtUp => self.is_behind = false,
            Kind::Observed(_) => (self.must_observe, self.observed_at) = (false, Some(event.at)),
            Kind::Ticked => self.ticked = wake,
            Kind::Judged { stage, decision } if event.by == Actor::Driver => {
                self.judged = Some((stage.clone(), decision.clone()));
            }
            Kind::Judged { .. }
            | Kind::GateChecked { .. }
            | Kind::Responded { .. }
            | Kind::Checked { .. }
            | Kind::Approved { .. }
            | Kind::Refused { .. }
            | Kind::PlanChanged { .. }
            | Kind::Rescaled { .. }
            | Kind::Paused { .. }
            | Kind::Unpaused
            | Kind::Aborted { .. }
            | Kind::Skipped { .. }
            | Kind::AdvancedInFull { .. }
            | Kind::Superseded { .. }
            | Kind::PredecessorEnded { .. }
            | Kind::Alarmed { .. }
            | Kind::PortFailed { .. } => {}
        }
        let goal = goal(self.course.state());
        self.world.enter(goal.stage.as_ref());
        self.hurries |= place != self.course.state().place() || generation != self.course.state().generation();
    }

    fn announce(&self, decision: Decision<Move>) {
        tracing::info!(rollout = %self.log.rollout(), %decision, "decided");
        let status = Status::new(self.course.state(), decision, self.log.token());
        self.status.send_replace(status.with_records(self.log.next_seq(), self.log.owed()));
    }

    fn publish(&self) {
        let (records, owed) = (self.log.next_seq().saturating_sub(self.log.owed()), self.log.owed());
        self.status.send_if_modified(|status| {
            let is_news = (status.records, status.owed) != (records, owed);
            (status.records, status.owed) = (records, owed);
            is_news
        });
    }

    async fn append_snapshot(&mut self) -> Result<(), Halt> {
        if !self.log.wants_snapshot() {
            return Ok(());
        }
        let body = Body::from(self.course.stored());
        match self.log.seal(self.course.state().generation(), &body) {
            Ok(record) => self.log.append(&mut self.calls, Entry::new(record)).await.map(|_| ()),
            Err(error) => {
                tracing::error!(%error, "a snapshot cannot be written down; the journal is loaded more slowly");
                Ok(())
            }
        }
    }

    /// Tells the ports what differs from the goal, by the owner's fence.
    fn close_difference(&mut self) {
        let state = self.course.state();
        if !self.log.is_behind() || self.is_going_back() {
            self.hooks.close(&mut self.calls, &goal(state), self.log.token());
        }
        if state.is_terminal() || self.resumes && !self.log.is_behind() {
            return;
        }
        let permission = match (self.log.is_behind(), self.is_going_back()) {
            (false, false) => Permission::Forward,
            (false, true) => Permission::Back,
            (true, true) => Permission::Unjournalled,
            (true, false) => return,
        };
        let goal = goal(state);
        let told = self.world.close(&mut self.calls, &goal, (self.log.token(), permission));
        if told && permission == Permission::Unjournalled && self.alarmed != Some(goal.generation) {
            self.alarmed = Some(goal.generation);
            self.alarm();
        }
    }

    /// Calls somebody: what happens now is not in the journal.
    fn alarm(&mut self) {
        let text = "the journal does not answer; traffic goes back from memory, and {owed} records are owed";
        let finding = Finding::critical("driver.unjournalled", text).figure("owed", self.log.owed());
        tracing::error!(rollout = %self.log.rollout(), alarm = %finding, "unjournalled");
        // Told under the number that the record will have: whoever knows it then has been told the reasons already.
        let decision =
            Decision { outcome: Move::Enter(self.course.state().place()), findings: self.log.owed_reasons() };
        self.outbox.tell(self.log.next_seq().saturating_sub(1), decision.because(finding));
    }

    fn is_going_back(&self) -> bool {
        matches!(self.course.state().phase(), Phase::RollingBack(_))
    }
}

/// Everything but the time of the look.
fn looks_the_same(left: &Observation, right: &Observation) -> bool {
    left.route == right.route && left.units == right.units && left.applied == right.applied
}
