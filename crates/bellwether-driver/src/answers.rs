//! What the driver does with the answers of its ports, whenever they come.

use bellwether_core::Time;
use bellwether_port::{Observed, PortError};
use bellwether_rollout::{Event, goal};

use crate::Driver;
use crate::backoff::Backoff;
use crate::calls::Answer;
use crate::log::Halt;
use crate::outside::may_come_from_outside;

impl Driver {
    /// Takes a port's answer.
    pub(crate) fn accept(&mut self, answer: Answer) -> Result<(), Halt> {
        let now = self.clock.now();
        match answer {
            Answer::Inbox(answer) => self.heard_from_outside(answer),
            Answer::Journal(answer) => {
                if let Some(entry) = self.log.repaid(&answer)? {
                    self.outbox.stored(entry);
                    self.log.repay(&mut self.calls);
                    self.has_repaid();
                }
            }
            Answer::Router(asked, answer) => {
                self.check("router", &answer)?;
                self.check_date("router.clock", asked, &answer);
                let stage = goal(self.course.state()).stage;
                self.world.router_answered(asked, answer, stage.as_ref());
            }
            Answer::Workload(asked, answer) => {
                self.check("workload", &answer)?;
                self.check_date("workload.clock", asked, &answer);
                self.world.workload_answered(asked, answer);
                self.look_at_units();
            }
            Answer::Route(answer) => {
                self.check("router.apply", &answer)?;
                self.world.router_told(&answer);
            }
            Answer::Units(answer) => {
                self.check("workload.apply", &answer)?;
                self.world.workload_told(&answer);
            }
            Answer::Hooks(answer) => {
                self.check("hooks", &answer)?;
                self.hooks.told(&answer);
            }
            Answer::Metric(metric, answer) => {
                self.health.heard("metrics", answer.as_ref().err(), now);
                self.meter.answered(&metric, answer);
            }
            Answer::Evidence(answer) => {
                self.health.heard("evidence", answer.as_ref().err(), now);
                self.gates.answered(answer.ok());
            }
            Answer::Done(id, answer) => {
                self.outbox.sent_done(&id, &answer);
                self.outbox.send(&mut self.calls);
            }
            Answer::Notify(seq, answer) => {
                self.outbox.sent_decision(seq, &answer);
                self.outbox.send(&mut self.calls);
            }
        }
        Ok(())
    }

    /// What the units that were just seen show of the route, where traffic follows them.
    fn look_at_units(&mut self) {
        let state = self.course.state();
        if state.plan().exchange().is_none() {
            return;
        }
        if let Some(observation) = self.world.observation(false) {
            let stage = goal(state).stage;
            self.world.units_showed(&state.as_seen(&observation), stage.as_ref());
        }
    }

    /// Goes on once nothing is owed any more: where the journal was away, or was left out on the way back, as after a
    /// start; where it was only slow, from where everything stands.
    fn has_repaid(&mut self) {
        if self.log.is_behind() {
            return;
        }
        self.conflicts = 0;
        self.hurries = true;
        if self.log.take_absence() | self.alarmed.take().is_some() {
            self.take_up();
        } else {
            self.commands.append(&mut self.waiting);
        }
    }

    /// Takes note of a failure; an owner of today is obeyed at once.
    fn check<T>(&mut self, port: &'static str, answer: &Result<T, PortError>) -> Result<(), Halt> {
        let error = answer.as_ref().err();
        if error.is_some_and(PortError::is_superseded) {
            return Err(Halt::Superseded);
        }
        self.health.heard(port, error, self.clock.now());
        Ok(())
    }

    fn check_date<T>(&mut self, port: &'static str, asked: Time, answer: &Result<Observed<T>, PortError>) {
        if let Ok(observed) = answer {
            self.health.dated(port, (asked, observed.issued_at), self.clock.now());
        }
    }

    /// Takes a command, with the time of its arrival: a rollout has one clock, and it is not the sender's.
    fn heard_from_outside(&mut self, answer: Result<Event, PortError>) {
        let now = self.clock.now();
        self.health.heard("inbox", answer.as_ref().err(), now);
        match answer {
            Ok(event) if may_come_from_outside(&event) => {
                self.inbox_again = Backoff::default();
                self.commands.push(Event { at: now, ..event });
            }
            Ok(event) => {
                let error = PortError::refused(format_args!(
                    "event {}: expected a command, an alarm or a verdict of somebody else",
                    event.id
                ));
                self.health.heard("inbox", Some(&error), now);
                self.outbox.done(&event);
            }
            Err(_) => self.inbox_again.failed(now),
        }
        self.listen();
    }
}
