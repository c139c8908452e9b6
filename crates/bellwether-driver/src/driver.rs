use std::sync::Arc;

use bellwether_core::{Decision, StageId, Time, Verdict};
use bellwether_port::{Clock, Course};
use bellwether_rollout::{Event, Wake, goal};
use tokio::sync::watch;

use crate::backoff::Backoff;
use crate::calls::Calls;
use crate::gates::Gates;
use crate::health::Health;
use crate::hooks::Hooks;
use crate::log::{Halt, Log};
use crate::meter::Meter;
use crate::outbox::Outbox;
use crate::setup::Setup;
use crate::within::within;
use crate::world::World;
use crate::{DriverError, End, Handle, OnStuck, Outcome, Status};

/// How often in a row a journal that went on differently is loaded again.
const CONFLICTS_MAX: u32 = 3;

/// Carries one rollout out: looks, decides, writes down, then closes the difference between goal and world.
///
/// Everything that it knows can be had from the journal and the ports, so it may be killed at any instant: the next
/// driver takes the rollout over and goes on. It owns the rollout by a token that the journal, and every router that can,
/// holds against later commands of earlier owners.
///
/// - Nothing acts before it is written down. While the journal does not answer nothing goes forward; going back is tried
///   once from memory, with an alarm, and written down first when the journal is back.
/// - A port that fails or hangs holds up nothing but what needs its answer, and never a command or the way back.
/// - An adapter that panics ends this rollout's task and no other: run each driver in a task of its own, and take the
///   rollout over again when the task has ended with a panic.
///
/// # Example: somebody sends a rollout back
/// ```
/// use std::sync::Arc;
///
/// use bellwether_driver::{Driver, Outcome, Ports, Setup};
/// use bellwether_port::testing::{FakeJournal, SimulatedWorld, WorldPorts, example_plan};
/// use bellwether_port::{InboxSender, Opened};
/// use bellwether_rollout::{Actor, Cause, Event, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let world = Arc::new(WorldPorts::new(SimulatedWorld::new(7, 10)));
/// let operator = InboxSender::new();
/// let ports = Ports::new(Arc::new(FakeJournal::default()), world.clone())
///     .with_workload(world.clone())
///     .with_inbox(Arc::new(operator.open()))
///     .with_clock(world.clone());
///
/// let driver = Driver::open(Setup::new(ports), Opened::new(example_plan("checkout-42"))).await?;
/// let by = Actor::Person("ada".parse()?);
/// let kind = Kind::Aborted { why: "wrong image".into() };
/// operator.send(Event { id: "abort-1".parse()?, at: Default::default(), by, kind });
/// let end = driver.run_to_end().await?;
/// assert_eq!(end.outcome, Outcome::RolledBack { cause: Cause::Aborted });
/// # Ok(())
/// # }
/// ```
pub struct Driver {
    pub(crate) setup: Setup,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) course: Course,
    pub(crate) log: Log,
    pub(crate) calls: Calls,
    pub(crate) world: World,
    pub(crate) meter: Meter,
    pub(crate) gates: Gates,
    pub(crate) hooks: Hooks,
    pub(crate) outbox: Outbox,
    pub(crate) health: Health,
    /// What came from outside and is not stepped yet.
    pub(crate) commands: Vec<Event>,
    /// What came from outside and could only lead forward, while the journal does not answer.
    pub(crate) waiting: Vec<Event>,
    pub(crate) inbox_again: Backoff,
    /// What was taken up again must be said and looked at before anything else.
    pub(crate) resumes: bool,
    /// Missed intervals must be read and judged.
    pub(crate) is_behind: bool,
    /// The next look is stepped whether it shows something new or not.
    pub(crate) must_observe: bool,
    /// When a look was stepped last.
    pub(crate) observed_at: Option<Time>,
    /// The last verdict that was stepped.
    pub(crate) judged: Option<(StageId, Decision<Verdict>)>,
    /// The last wake-up that was stepped.
    pub(crate) ticked: Option<Wake>,
    /// The generation for which somebody was told that the journal does not know of it.
    pub(crate) alarmed: Option<u64>,
    /// Tells this driver's events from those of any other, so that two that took the same token never write the same.
    pub(crate) instance: u64,
    /// How many rounds there were; part of each event's name.
    pub(crate) rounds: u64,
    /// The next round comes at once.
    pub(crate) hurries: bool,
    pub(crate) conflicts: u32,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) status: watch::Sender<Status>,
}

impl Driver {
    /// Watches and stops this driver from elsewhere.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(self.stop.clone(), self.status.subscribe())
    }

    /// Carries the rollout out until it has ended, a person is needed and [`OnStuck::Return`] is set, or somebody stops
    /// the driver.
    ///
    /// Dropping the future is what a kill is: nothing that the journal has is lost, and effects that are under way may
    /// still happen.
    ///
    /// # Errors
    /// Somebody else owns the rollout now, or the journal cannot be read when it went on differently.
    pub async fn run_to_end(mut self) -> Result<End, DriverError> {
        loop {
            if *self.stopped.borrow() {
                return Ok(self.finish(Outcome::Stopped).await);
            }
            match self.round().await {
                Ok(()) => {}
                Err(Halt::Conflict) => self.reload().await?,
                Err(Halt::Superseded) => return Err(DriverError::Superseded),
            }
            if let Some(outcome) = self.outcome() {
                return Ok(self.finish(outcome).await);
            }
            match self.sleep().await {
                Ok(()) => {}
                Err(Halt::Conflict) => self.reload().await?,
                Err(Halt::Superseded) => return Err(DriverError::Superseded),
            }
        }
    }

    /// Why the work ends now, if it does. What is owed to the journal is never left behind.
    fn outcome(&self) -> Option<Outcome> {
        let outcome = Outcome::of(self.course.state()).filter(|_| !self.log.is_behind())?;
        let waits = outcome == Outcome::Stuck && self.setup.options.on_stuck == OnStuck::Wait;
        (!waits).then_some(outcome)
    }

    /// Sleeps until the next look or the machine's next wake-up, or until a port has news.
    async fn sleep(&mut self) -> Result<(), Halt> {
        if std::mem::take(&mut self.hurries) || !self.commands.is_empty() {
            tokio::task::yield_now().await;
            return Ok(());
        }
        let until = self.next_round();
        let (clock, mut stopped) = (Arc::clone(&self.clock), self.stopped.clone());
        let answer = tokio::select! {
            biased;
            _ = stopped.wait_for(|is_stopped| *is_stopped) => return Ok(()),
            answer = self.calls.answer() => answer,
            () = clock.sleep_until(until) => return Ok(()),
        };
        self.accept(answer)
    }

    /// When something is due, if no port has news before.
    fn next_round(&self) -> Time {
        let (now, state) = (self.clock.now(), self.course.state());
        let wake = goal(state).wake.filter(|wake| self.ticked != Some(*wake)).map(|wake| wake.at);
        let times = [
            wake,
            self.heartbeat_at(),
            self.gates.next(state),
            self.meter.next(&self.course, now),
            self.log.retry_at(),
            self.world.retry_at(),
            self.hooks.retry_at(),
            self.outbox.retry_at(),
            self.inbox_again.next(),
        ];
        // What was due is done; a time that is over now was not of any use to this round, and looks come often.
        let later = times.into_iter().flatten().filter(|at| *at > now);
        later.fold(self.world.next_look().max(now), Time::min)
    }

    /// Loads the journal again after it went on differently.
    async fn reload(&mut self) -> Result<(), DriverError> {
        self.conflicts = self.conflicts.saturating_add(1);
        if self.conflicts > CONFLICTS_MAX {
            return Err(DriverError::Conflict(self.conflicts));
        }
        tracing::warn!(rollout = %self.log.rollout(), "the journal went on differently: it is loaded again");
        self.clock.sleep_until(self.clock.now().after(self.jitter())).await;
        self.load_again().await
    }

    /// A pause that differs between two drivers of one rollout and grows with each conflict.
    fn jitter(&self) -> bellwether_core::Duration {
        let spread = self.log.token().wrapping_mul(37).wrapping_add(self.rounds) % 50;
        bellwether_core::Duration::from_millis(spread.saturating_mul(u64::from(self.conflicts)))
    }

    /// Lets what is under way finish, and tells what was not told yet, but not for long.
    async fn finish(mut self, outcome: Outcome) -> End {
        let (clock, limit) = (Arc::clone(&self.clock), self.setup.options.stop_within);
        if within(&*clock, limit, self.settle()).await.is_err() {
            tracing::warn!(rollout = %self.log.rollout(), "a port did not answer before the end");
        }
        if self.course.state().is_terminal() {
            let close = self.setup.ports.journal.close(self.log.rollout());
            if !matches!(within(&*clock, limit, close).await, Ok(Ok(()))) {
                tracing::warn!(rollout = %self.log.rollout(), "the journal did not close; the rollout has ended all the same");
            }
        }
        End { outcome, state: self.course.state().clone(), head: self.log.stored() }
    }

    async fn settle(&mut self) {
        while self.calls.has_effect_under_way() || !self.outbox.is_empty() || self.owes_the_end_of_hooks() {
            self.outbox.send(&mut self.calls);
            if self.owes_the_end_of_hooks() {
                self.hooks.close(&mut self.calls, &goal(self.course.state()), self.log.token());
            }
            let retry = self.outbox.retry_at().into_iter().chain(self.hooks.retry_at()).min();
            let again = retry.filter(|at| *at > self.clock.now()).unwrap_or(Time::MAX);
            let clock = Arc::clone(&self.clock);
            tokio::select! {
                biased;
                // Whoever owns the rollout now, this driver ends.
                answer = self.calls.answer() => drop(self.accept(answer)),
                () = clock.sleep_until(again) => {}
            }
        }
    }

    /// Whether the rollout has ended and what was kept in force for it has not.
    fn owes_the_end_of_hooks(&self) -> bool {
        self.course.state().is_terminal() && self.hooks.owes(&goal(self.course.state()))
    }
}
