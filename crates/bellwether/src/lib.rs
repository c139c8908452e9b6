//! Decides how a change reaches production. This page walks from a change to a decision.
//!
//! Everything here is one of two shapes. A **rule** looks at facts and answers with a
//! [`Decision`](core::Decision): an outcome, and findings that say why and what would have changed it. The **machine**
//! takes an event and gives the next state and a decision; its goal says what the world should look like. Neither reads a
//! clock or touches the world, so whatever was decided can be decided again, byte by byte.
//!
//! # How risky is the change?
//!
//! A [`Classifier`](risk::Classifier) answers with one of four levels. The usual one is [rules](risk::RuleSet) as data;
//! the default ones know where repositories put what is dangerous. A path that no rule knows is never harmless.
//!
//! ```
//! use bellwether::core::Level;
//! use bellwether::risk::{Change, Classifier, File, Rules, Status};
//!
//! let change = Change::new(vec![
//!     File::new("src/middleware/session.rs", Status::Modified),
//!     File::new("docs/session.md", Status::Modified),
//! ]);
//! let risk = Rules::default().classify(&change);
//! assert_eq!(risk.outcome, Level::Medium);
//! assert_eq!(risk.findings[0].rule, "path.middleware", "the reason that decided comes first");
//! ```
//!
//! # Which steps does it take?
//!
//! A [`Strategy`](strategy::Strategy) makes a [`Plan`](strategy::Plan) of a release and what its surroundings can do. A
//! plan cannot be wrong: it has passed its checks, or it does not exist. [`check`](strategy::check()) finds what is
//! possible and unwise.
//!
//! ```
//! use bellwether::core::{Arms, Duration, Level, Release, Target, Version};
//! use bellwether::strategy::{Facts, check, for_level};
//!
//! let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
//! let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
//! let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
//! let shares: Vec<String> = plan.steps().iter().map(|step| step.route.share.to_string()).collect();
//! assert_eq!(shares, ["10 %", "50 %", "100 %"]);
//!
//! let hurried = Facts::default().with_rto(Duration::from_seconds(5));
//! assert_eq!(check(&plan, &hurried)[0].rule, "plan.slow_rollback");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # May it begin?
//!
//! A [`Gate`](gate::Gate) is one question before a rollout goes on, and answers with one of four
//! [verdicts](core::Verdict). What was not measured is `NoData`, which never passes.
//!
//! ```
//! use bellwether::core::{Time, Verdict};
//! use bellwether::gate::{AllOf, Condition, Evidence, Gate, Measurement, Operator};
//!
//! let tests = Condition::new("failed_tests".parse()?, Operator::Eq, 0_u64);
//! let gate = AllOf::new("tests".parse()?, vec![tests])?;
//! let now: Time = "2026-03-03T10:00:00Z".parse()?;
//! assert_eq!(gate.check(&Evidence::default(), now).outcome, Verdict::NoData);
//!
//! let evidence = Evidence::default().with("failed_tests".parse()?, Measurement::new(0_u64, now));
//! assert_eq!(gate.check(&evidence, now).outcome, Verdict::Pass);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Calendar`](window::Calendar) is a gate that asks for nothing but the time: it is open, discouraged or closed, and
//! says when that changes. Nobody who goes back is held by one.
//!
//! ```
//! use bellwether::core::{Duration, Time};
//! use bellwether::window::{Calendar, Holidays, State, preset};
//!
//! let holidays = Holidays::new("ours", "2026-01-01".parse()?, "2027-01-01".parse()?);
//! let calendar = Calendar::new(preset::seed_003("Europe/Berlin", holidays, Vec::new()))?;
//! let friday: Time = "2026-03-06T15:00:00+01:00".parse()?;
//! assert_eq!(calendar.state(friday).outcome, State::Closed);
//! let opens = calendar.next_open(friday, Duration::from_hours(7 * 24));
//! assert_eq!(opens, Some("2026-03-09T11:00:00+01:00".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which environment comes next?
//!
//! Before production a release passes through other environments. A [`Graph`](promotion::Graph) says what each asks for,
//! a [`History`](promotion::History) is what a log comes to, and [`entry`](promotion::Graph::entry) says whether a
//! release may go on and when to ask again.
//!
//! ```
//! use bellwether::promotion::{Ask, Facts, Graph, History, Standing, preset};
//!
//! let graph = preset::seed_001();
//! let history = History::default();
//! let ask = Ask::by_person("checkout-42".parse()?, "production".parse()?);
//! let decision = graph.entry(&Facts::new(&history, "2026-03-03T10:00:00Z".parse()?), &ask);
//! assert_eq!(decision.outcome.standing, Standing::Refuse, "nobody has made it");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What should the world look like?
//!
//! [`start`](rollout::start) takes the plan, [`step`](rollout::step()) one event after the other, and
//! [`goal`](rollout::goal()) says what should be true now. The machine emits no commands that could be lost:
//! [`difference`](rollout::difference) compares the goal with what was observed, as often as you like.
//!
//! ```
//! # use bellwether::core::{Arms, Level, Release, Target, Version};
//! # use bellwether::strategy::for_level;
//! use bellwether::core::{Fence, Route, Time};
//! use bellwether::rollout::{Actor, Event, Kind, Observation, Place, difference, goal, start, step};
//!
//! # let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
//! # let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
//! # let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
//! let at: Time = "2026-03-03T10:00:00Z".parse()?;
//! let nobody = Observation { as_of: at, route: Some(Route::STABLE), units: None, applied: None };
//! let looked = |id: &str, seen: &Observation| -> Result<Event, Box<dyn std::error::Error>> {
//!     Ok(Event { id: id.parse()?, at, by: Actor::Driver, kind: Kind::Observed(seen.clone()) })
//! };
//! let (state, decision) = step(start(plan, at), &looked("1", &nobody)?);
//! println!("{decision}");
//!
//! let wanted = goal(&state);
//! let route = difference(&wanted, &nobody).route.ok_or("a route is to be changed")?;
//! assert_eq!(route.share.to_string(), "10 %");
//!
//! // The host tells its router, and looks again.
//! let applied = Some(Fence { token: 1, generation: wanted.generation });
//! let seen = Observation { as_of: at, route: Some(route), units: None, applied };
//! let (state, _) = step(state, &looked("2", &seen)?);
//! assert_eq!(state.place(), Place::Bake(0), "ten percent see the candidate");
//! assert!(difference(&goal(&state), &seen).is_empty(), "there is nothing to do");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Is the candidate worse?
//!
//! A [`Judge`](analysis::Judge) compares what both versions did. The usual one, [`Sequential`](analysis::Sequential),
//! may be asked after every interval and still blames a good candidate with a probability of at most `alpha` over the
//! whole rollout. A [`Monitor`](analysis::Monitor) is the same judge, interval by interval.
//!
//! ```
//! use bellwether::analysis::{Interval, Judge, Sample, Sequential, Series};
//! use bellwether::core::{Arms, Duration, StageId, Time, Verdict, Weight};
//!
//! let stage = StageId { rollout: "checkout-42".parse()?, step: 0, entry: 0 };
//! let mut minutes = Vec::new();
//! let mut now: Time = "2026-03-03T10:00:00Z".parse()?;
//! for _ in 0..5 {
//!     let (start, end) = (now, now.after(Duration::from_minutes(1)));
//!     let arms = Arms { stable: Sample::counts(5_400, 5)?, candidate: Sample::counts(600, 12)? };
//!     let (stage, share) = (stage.clone(), Weight::new(1_000)?);
//!     minutes.push(Interval { start, end, stage, intended: share, observed: share, settled: true, arms });
//!     now = end;
//! }
//! let mut series = Series::new(stage);
//! series.metrics.insert("errors".parse()?, minutes);
//! let verdict = Sequential::default().judge(&series, now);
//! assert_eq!(verdict.outcome, Verdict::Fail);
//! println!("{verdict}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # And then?
//!
//! A `Fail` goes back in the same transition: no window, no approval and no second opinion is waited for. The log of
//! events and decisions says why, and gives the same decisions on every machine.
//!
//! ```
//! # use bellwether::core::{Arms, Level, Release, StageId, Target, Time, Version};
//! # use bellwether::strategy::for_level;
//! use bellwether::core::{Decision, Finding, Verdict, Weight};
//! use bellwether::rollout::{Actor, Event, Kind, Move, Place, Stepped, explain, goal, replay, start, step};
//!
//! # let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
//! # let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
//! # let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
//! # let at: Time = "2026-03-03T10:00:00Z".parse()?;
//! # let stage = StageId { rollout: "checkout-42".parse()?, step: 0, entry: 0 };
//! let beginning = start(plan, at);
//! let worse = Decision::new(Verdict::Fail).because(Finding::critical("judge.harm", "12 of 600 requests failed"));
//! let kind = Kind::Judged { stage, decision: worse };
//! let event = Event { id: "judged-5".parse()?, at, by: Actor::Driver, kind };
//! let (state, decision) = step(beginning.clone(), &event);
//! assert_eq!(decision.outcome, Move::Enter(Place::ShiftBack));
//! assert_eq!(goal(&state).route.share, Weight::ZERO);
//!
//! let log = [Stepped { event: event.clone(), decision }];
//! assert_eq!(replay(beginning.clone(), &log)?, state);
//! let why = explain(beginning, [&event], 0).ok_or("the log has this entry")?;
//! println!("{why}");
//! # assert!(why.to_string().contains("judge.harm"), "{why}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Who does the rest?
//!
//! Your own loop, in about forty lines: look at the world, step, close the difference, write the decisions down. A
//! [`Chain`](port::Chain) of [records](port::Record) makes that log one that nobody changes unseen, and
//! [`replay`](port::replay()) decides all of it again, the judge's verdicts included. Or the driver (feature `driver`),
//! which does the whole round through [`port`]s: traffic router, workload, metrics, evidence, journal, clock.
//!
//! | module | what is in it |
//! |---|---|
//! | [`core`] | the words that all others use: time, weights, verdicts, findings, decisions |
//! | [`risk`] | a change in, a level and its reasons out |
//! | [`gate`] | evidence in, a verdict and its reasons out |
//! | [`window`] | a time in; open, discouraged or closed and the reasons out |
//! | [`strategy`] | a release and a target in, a checked plan out |
//! | [`analysis`] | what both versions did in, a verdict and its reasons out |
//! | [`stats`] | the tests beneath the judge; they know nothing of deployments |
//! | [`promotion`] | environments and what happened in them in, which release may enter where out |
//! | [`rollout`] | the machine: step, goal, difference, replay, explain |
//! | [`port`] | the traits through which a driver touches the world, and the journal's records |
//! | `driver` | carries a plan out through the ports; with the feature `driver` |

pub use bellwether_analysis as analysis;
pub use bellwether_core as core;
#[cfg(feature = "driver")]
pub use bellwether_driver as driver;
pub use bellwether_gate as gate;
pub use bellwether_port as port;
pub use bellwether_promotion as promotion;
pub use bellwether_risk as risk;
pub use bellwether_rollout as rollout;
pub use bellwether_stats as stats;
pub use bellwether_strategy as strategy;
pub use bellwether_window as window;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
