/// How often each thing goes wrong, as a probability a round or a call. All of them are zero by default.
///
/// # Example: a router that forgets
/// ```
/// use bellwether_port::testing::Troubles;
///
/// let troubles = Troubles { router_restarts: 0.05, ..Troubles::default() };
/// assert_eq!(troubles.unit_crashes, 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "tests write `Troubles { drifts: 0.1, ..Troubles::default() }`")]
pub struct Troubles {
    /// A command is acknowledged and lost.
    pub lost_commands: f64,
    /// A call fails; a command may have had its effect all the same.
    pub failing_ports: f64,
    /// Neither the router nor the units answer for up to two hours.
    pub outages: f64,
    /// Somebody else changes the route.
    pub drifts: f64,
    /// The router restarts and forgets: stable has everything.
    pub router_restarts: f64,
    /// A unit crashes and starts again.
    pub unit_crashes: f64,
    /// The driver's process dies; another one takes over from the journal.
    pub process_crashes: f64,
    /// While no process runs, or the journal is away, somebody sends everything back to stable by hand.
    pub hand_rollbacks: f64,
    /// A command of the dead process arrives late.
    pub late_commands: f64,
    /// A person or another system sends a command.
    pub commands: f64,
    /// A command is delivered a second time.
    pub repeated_commands: f64,
    /// An event carries a time that is too early, or an observation comes late.
    pub late_events: f64,
    /// A verdict is not a pass.
    pub bad_verdicts: f64,
    /// A gate does not pass.
    pub closed_gates: f64,
}

impl Troubles {
    /// Everything at once, each rarely enough that some rollouts finish.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            lost_commands: 0.05,
            failing_ports: 0.05,
            outages: 0.002,
            drifts: 0.01,
            router_restarts: 0.01,
            unit_crashes: 0.02,
            process_crashes: 0.02,
            hand_rollbacks: 0.3,
            late_commands: 0.3,
            commands: 0.03,
            repeated_commands: 0.02,
            late_events: 0.03,
            bad_verdicts: 0.15,
            closed_gates: 0.3,
        }
    }
}
