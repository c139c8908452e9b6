use std::{net::SocketAddr, path::PathBuf};

use bellwether_core::{Arms, Duration, Route};
use hyper::header::HeaderName;
use serde::Deserialize;

use crate::{Classifier, Token};

/// How a proxy is set up.
///
/// The addresses have no default. Everything else has one that suits a service whose answers take well under a second.
///
/// # Example: any free port, and a socket for whoever changes the route
/// ```
/// use bellwether_core::Arms;
/// use bellwether_proxy::{Admin, Config};
///
/// let upstreams = Arms { stable: "127.0.0.1:8081".parse()?, candidate: "127.0.0.1:8082".parse()? };
/// let mut config = Config::new("127.0.0.1:0".parse()?, upstreams, Admin::Socket("run/proxy.sock".into()));
/// config.user_header = "x-account".to_owned();
/// assert!(config.check().is_ok());
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Where it takes requests; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where it sends them.
    pub upstreams: Arms<SocketAddr>,
    /// Where the route is changed and counts are read.
    pub admin: Admin,
    /// The header that names the user, so that a user stays with their version. Requests without it are spread one by
    /// one.
    #[serde(default = "default::user_header")]
    pub user_header: String,
    /// Who is early: two proxies with the same salt agree on every user, two with different ones are independent.
    #[serde(default)]
    pub salt: String,
    /// The route until the first change.
    #[serde(default)]
    pub route: Route,
    /// Which answers are errors of the version that gave them.
    #[serde(default)]
    pub classifier: Classifier,
    /// The length of an interval: a whole part or a multiple of a second, 250 ms to a minute. Shorter ones tell
    /// sooner; longer ones cost less to read.
    #[serde(default = "default::tick")]
    pub tick: Duration,
    /// How long after its end an interval waits for the outcome of its requests; one whose requests are all answered
    /// closes at once. Requests without one are left out of its counts then; were it shorter than `answer_timeout`, that
    /// would be all the errors of requests that hang.
    #[serde(default = "default::grace")]
    pub grace: Duration,
    /// How long a connection to an upstream may take to be made; then 504.
    #[serde(default = "default::connect_timeout")]
    pub connect_timeout: Duration,
    /// How long an upstream may take to begin its answer once the request's body stopped moving; then 504.
    #[serde(default = "default::answer_timeout")]
    pub answer_timeout: Duration,
    /// How long an upstream may go without sending more of an answer that it began; then the answer is broken off and is
    /// an error of its arm. A client that is slow to take it is nobody's error. Services that send events with long
    /// silences between need a longer one; where it is longer than `grace`, what stalls comes too late to be judged, and
    /// is only left out of the counts.
    #[serde(default = "default::body_timeout")]
    pub body_timeout: Duration,
    /// How long an unused connection to an upstream is kept. Longer than what the upstream keeps it, a request now and
    /// then meets a connection that is being closed.
    #[serde(default = "default::idle_timeout")]
    pub idle_timeout: Duration,
    /// How long a client may take to send the head of a request.
    #[serde(default = "default::head_timeout")]
    pub head_timeout: Duration,
    /// The most connections of clients at a time; more wait to be accepted.
    #[serde(default = "default::connections_max")]
    pub connections_max: u32,
}

/// Where the route is changed and counts are read: for the machine itself only.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[non_exhaustive]
pub enum Admin {
    /// A Unix socket that only its owner can open.
    Socket(PathBuf),
    /// A port on loopback; any user of the machine reaches it, so it asks for a token.
    Loopback {
        /// A loopback address; port 0 takes any free one.
        address: SocketAddr,
        /// What a caller must send as `authorization: Bearer ...`.
        token: Token,
    },
}

/// Tells what is wrong with a [`Config`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The admin port would be open to other machines.
    #[error("$.admin.loopback.address: expected a loopback address such as 127.0.0.1:0, found {found}")]
    NotLoopback {
        /// The address.
        found: SocketAddr,
    },
    /// The user's header cannot be a header.
    #[error("$.user_header: expected the name of a header such as x-user-id, found {found:?}")]
    UserHeader {
        /// The text.
        found: String,
    },
    /// The first route is one that it cannot carry out.
    #[error("$.route: {0}")]
    Route(#[from] crate::UnsupportedRoute),
    /// Intervals would not line up with seconds, or be too many or too few.
    #[error(
        "$.tick: expected a whole part or a multiple of a second from 250ms to 1m (250ms, 500ms, 1s, 5s), found {found}"
    )]
    Tick {
        /// The length.
        found: Duration,
    },
    /// Requests that hang would be left out of the counts before they are errors.
    #[error("$.grace: expected at least the answer timeout ({answer_timeout}), found {found}")]
    Grace {
        /// The grace.
        found: Duration,
        /// The answer timeout.
        answer_timeout: Duration,
    },
    /// No time at all to do something.
    #[error("$.{field}: expected more than zero, found {found}")]
    Zero {
        /// Which one.
        field: &'static str,
        /// What it is.
        found: String,
    },
}

impl Config {
    /// A set-up with the defaults.
    #[must_use]
    pub fn new(listen: SocketAddr, upstreams: Arms<SocketAddr>, admin: Admin) -> Self {
        Self {
            listen,
            upstreams,
            admin,
            user_header: default::user_header(),
            salt: String::new(),
            route: Route::STABLE,
            classifier: Classifier::default(),
            tick: default::tick(),
            grace: default::grace(),
            connect_timeout: default::connect_timeout(),
            answer_timeout: default::answer_timeout(),
            body_timeout: default::body_timeout(),
            idle_timeout: default::idle_timeout(),
            head_timeout: default::head_timeout(),
            connections_max: default::connections_max(),
        }
    }

    /// Checks what a proxy could not work with.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn check(&self) -> Result<(), ConfigError> {
        if let Admin::Loopback { address, .. } = &self.admin
            && !address.ip().is_loopback()
        {
            return Err(ConfigError::NotLoopback { found: *address });
        }
        self.user_header_name()?;
        crate::UnsupportedRoute::check(&self.route)?;
        let tick = self.tick.as_millis();
        if !(250..=60_000).contains(&tick) || !(tick.is_multiple_of(1_000) || 1_000_u64.is_multiple_of(tick)) {
            return Err(ConfigError::Tick { found: self.tick });
        }
        self.check_times()
    }

    fn check_times(&self) -> Result<(), ConfigError> {
        for (field, length) in [
            ("connect_timeout", self.connect_timeout),
            ("answer_timeout", self.answer_timeout),
            ("body_timeout", self.body_timeout),
            ("head_timeout", self.head_timeout),
        ] {
            if length.is_zero() {
                return Err(ConfigError::Zero { field, found: length.to_string() });
            }
        }
        if self.connections_max == 0 {
            return Err(ConfigError::Zero { field: "connections_max", found: "0".to_owned() });
        }
        if self.grace < self.answer_timeout {
            return Err(ConfigError::Grace { found: self.grace, answer_timeout: self.answer_timeout });
        }
        Ok(())
    }

    pub(crate) fn user_header_name(&self) -> Result<HeaderName, ConfigError> {
        let name = HeaderName::try_from(self.user_header.as_str());
        name.map_err(|_| ConfigError::UserHeader { found: self.user_header.chars().take(80).collect() })
    }
}

mod default {
    use super::Duration;

    pub(super) fn user_header() -> String {
        "x-user-id".to_owned()
    }

    pub(super) const fn tick() -> Duration {
        Duration::from_seconds(1)
    }

    /// One answer timeout and the time to make a connection.
    pub(super) const fn grace() -> Duration {
        Duration::from_seconds(12)
    }

    pub(super) const fn connect_timeout() -> Duration {
        Duration::from_seconds(2)
    }

    pub(super) const fn answer_timeout() -> Duration {
        Duration::from_seconds(10)
    }

    pub(super) const fn body_timeout() -> Duration {
        Duration::from_seconds(10)
    }

    /// Below the shortest that servers commonly keep a connection: gunicorn's 2 s.
    pub(super) const fn idle_timeout() -> Duration {
        Duration::from_millis(1_500)
    }

    pub(super) const fn head_timeout() -> Duration {
        Duration::from_seconds(30)
    }

    pub(super) const fn connections_max() -> u32 {
        10_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let upstreams = Arms { stable: "127.0.0.1:1".parse().unwrap(), candidate: "127.0.0.1:2".parse().unwrap() };
        Config::new("127.0.0.1:0".parse().unwrap(), upstreams, Admin::Socket("proxy.sock".into()))
    }

    fn refusal(change: impl FnOnce(&mut Config)) -> String {
        let mut config = config();
        change(&mut config);
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let token = || Token::new("0123456789abcdef").unwrap();
        let admin = Admin::Loopback { address: "0.0.0.0:0".parse().unwrap(), token: token() };
        assert!(refusal(|config| config.admin = admin).starts_with("$.admin.loopback.address: "));
        assert!(refusal(|config| config.user_header = "x user".to_owned()).starts_with("$.user_header: "));
        assert!(refusal(|config| config.route.mirror = bellwether_core::Weight::FULL).starts_with("$.route: "));
        assert!(refusal(|config| config.grace = Duration::from_seconds(9)).starts_with("$.grace: "));
        assert!(refusal(|config| config.answer_timeout = Duration::ZERO).starts_with("$.answer_timeout: "));
        assert!(refusal(|config| config.body_timeout = Duration::ZERO).starts_with("$.body_timeout: "));
        assert!(refusal(|config| config.connections_max = 0).starts_with("$.connections_max: "));
    }

    #[test]
    fn intervals_line_up_with_seconds() {
        for millis in [250, 500, 1_000, 5_000, 60_000] {
            let tick = Duration::from_millis(millis);
            assert_eq!(Config { tick, ..config() }.check(), Ok(()), "{tick}");
        }
        for millis in [0, 100, 200, 300, 750, 1_500, 61_000] {
            let tick = Duration::from_millis(millis);
            assert_eq!(Config { tick, ..config() }.check(), Err(ConfigError::Tick { found: tick }));
        }
    }

    #[test]
    fn a_config_is_read_from_its_three_addresses_and_unknown_fields_are_refused() {
        let text = r#"{"listen":"127.0.0.1:0","upstreams":{"stable":"127.0.0.1:1","candidate":"127.0.0.1:2"},"admin":{"loopback":{"address":"127.0.0.1:0","token":"0123456789abcdef"}}}"#;
        let config: Config = serde_json::from_str(text).unwrap();
        assert_eq!(config.check(), Ok(()));
        assert!(!format!("{config:?}").contains("0123456789abcdef"), "the token is not shown");
        assert!(serde_json::from_str::<Config>(&text.replacen("listen", "listens", 1)).is_err());
    }
}
