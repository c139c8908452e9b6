use bellwether_core::{Duration, ReleaseId};

/// How a driver works. Nothing in here changes what is decided.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How often the world is looked at. A drift must be seen within a second, so the default is half of that; a longer
    /// pause asks the router less and sees less.
    pub poll: Duration,
    /// How long a round waits for slow ports before it goes on without their answers, which are taken when they come. A
    /// journal that is slower than this is one that does not answer yet: nothing goes forward until it has, and going back
    /// does not wait for it.
    pub patience: Duration,
    /// After how long a port that has not answered counts as failed.
    pub port_timeout: Duration,
    /// How often gates are asked while the rollout waits for them.
    pub gate_poll: Duration,
    /// How long a gate's pass may be used.
    pub gate_validity: Duration,
    /// How long a stop waits for the effect that is under way.
    pub stop_within: Duration,
    /// The release that evidence is asked for; the rollout's own name where it is not given.
    pub release: Option<ReleaseId>,
    /// The lease token, where somebody else hands them out. It must be higher than any in the journal; where it is not
    /// given, the driver takes the journal's highest and one, which is a lease because the journal refuses lower ones.
    pub token: Option<u64>,
    /// What tells this driver's events from those of any other; drawn where it is not given. Give it where two runs must
    /// write the same bytes.
    pub instance: Option<u64>,
    /// What happens when only a person can go on.
    pub on_stuck: OnStuck,
}

/// What a driver does when neither forward nor back is possible without a person.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a driver waits or it does not")]
pub enum OnStuck {
    /// It keeps the exposure and waits for a command.
    #[default]
    Wait,
    /// It returns; whoever takes the rollout over later goes on.
    Return,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            patience: Duration::from_seconds(1),
            port_timeout: Duration::from_seconds(10),
            gate_poll: Duration::from_seconds(5),
            gate_validity: Duration::from_seconds(60),
            stop_within: Duration::from_seconds(5),
            release: None,
            token: None,
            instance: None,
            on_stuck: OnStuck::Wait,
        }
    }
}

impl Options {
    /// Sets how often the world is looked at.
    #[must_use]
    pub const fn with_poll(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }

    /// Sets how long a round waits for slow ports.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets after how long a silent port counts as failed.
    #[must_use]
    pub const fn with_port_timeout(mut self, timeout: Duration) -> Self {
        self.port_timeout = timeout;
        self
    }

    /// Sets how often gates are asked.
    #[must_use]
    pub const fn with_gate_poll(mut self, poll: Duration) -> Self {
        self.gate_poll = poll;
        self
    }

    /// Sets how long a gate's pass may be used.
    #[must_use]
    pub const fn with_gate_validity(mut self, validity: Duration) -> Self {
        self.gate_validity = validity;
        self
    }

    /// Sets the release that evidence is asked for.
    #[must_use]
    pub fn with_release(mut self, release: ReleaseId) -> Self {
        self.release = Some(release);
        self
    }

    /// Sets the lease token.
    #[must_use]
    pub const fn with_token(mut self, token: u64) -> Self {
        self.token = Some(token);
        self
    }

    /// Sets what tells this driver's events from those of any other.
    #[must_use]
    pub const fn with_instance(mut self, instance: u64) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Sets what happens when only a person can go on.
    #[must_use]
    pub const fn on_stuck(mut self, on_stuck: OnStuck) -> Self {
        self.on_stuck = on_stuck;
        self
    }
}
