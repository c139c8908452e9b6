//! Three releases on real HTTP traffic: one is paused and promoted, one is rolled back, one loses its driver to SIGKILL.
//!
//! `cargo run --release --example canary`, under a minute. Everything runs on loopback ports: the two versions of a
//! service, bellwether's proxy in front of them, and users who send thousands of requests a second. The driver reaches
//! the proxy by its admin socket and the journal by its file, so it can die and be replaced; commands reach it by its
//! inbox.

#[path = "canary/load.rs"]
mod load;
#[path = "canary/narrator.rs"]
mod narrator;
#[path = "canary/operator.rs"]
mod operator;
#[path = "canary/service.rs"]
mod service;

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode},
    sync::Arc,
    time::Duration,
};

use bellwether_analysis::{Dependence, MetricSpec, MinimumEvidence, Schedule, Sequential, SequentialSpec};
use bellwether_core::{Arms, Level, Release, RolloutId, Target, Version, Weight};
use bellwether_driver::{Driver, End, Options, Outcome, Ports, Setup};
use bellwether_port::{Body, InboxSender, Journal, Opened, Record, TrafficRouter, replay};
use bellwether_proxy::{Admin, Config, Proxy, ProxyClient};
use bellwether_redb::RedbJournal;
use bellwether_risk::{Change, Classifier, Commit, File, Rules, Status};
use bellwether_rollout::{Move, Place};
use bellwether_strategy::{Canary, CanaryStep, Conduct, Plan, Strategy};

use crate::{
    load::{Load, Seen},
    narrator::{Narrator, View},
    operator::Operator,
    service::Service,
};

/// Prints a formatted line.
macro_rules! say {
    ($($text:tt)*) => { narrator::say(format_args!($($text)*)) };
}

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const REQUESTS_PER_SECOND: u64 = 2_400;
/// 4 %, in parts of a million.
const FOUR_PERCENT: u64 = 40_000;
const TICK: bellwether_core::Duration = bellwether_core::Duration::from_millis(250);

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show().await,
        ["drive", folder, rollout] => drive_as_child(Path::new(folder), rollout).await,
        _ => Err("the example takes no arguments".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("canary: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn show() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let level = classify();
    say!("\n== The plan for {level} risk, hours shortened to seconds\n{}", plan("checkout-42", level)?.table());

    say!("\n== Release 42 is healthy, and ada pauses it for a while");
    say!("Each decision is shown with the number of its record; steps count from 0.");
    let (end, seen) = release(folder.path(), "checkout-42", 0, Operator::PausesForLunch).await?;
    expect(end.outcome == Outcome::Completed, &end)?;
    report(&end, &seen);

    say!("\n== Release 43 fails 4 % of its requests");
    let (end, seen) = release(folder.path(), "checkout-43", FOUR_PERCENT, Operator::Watches).await?;
    expect(matches!(end.outcome, Outcome::RolledBack { .. }), &end)?;
    report(&end, &seen);
    compare_with_everybody(&seen, exposed_for(folder.path(), "checkout-43").await?);

    say!("\n== Release 44 is healthy, and its driver is killed");
    let seen = survive_a_kill(folder.path(), "checkout-44").await?;
    say!("{} requests, {} failed", seen.requests, seen.failed);

    say!("\n== The journals, decided again");
    replay_all(folder.path(), &["checkout-42", "checkout-43", "checkout-44"]).await
}

fn classify() -> Level {
    let change = Change::new(vec![
        File::new("src/middleware/session.rs", Status::Modified).with_lines(41, 12),
        File::new("docs/session.md", Status::Modified).with_lines(8, 1),
    ])
    .with_commit(Commit::new("feat(session): renew sessions on use"));
    let decision = Rules::default().classify(&change);
    say!("== The change\n{decision}");
    decision.outcome
}

fn plan(release: &str, level: Level) -> Result<Plan> {
    let shares = ["5 %", "25 %", "50 %"].map(str::parse::<Weight>).into_iter().collect::<Result<Vec<_>, _>>()?;
    let bake = bellwether_core::Duration::from_seconds(2);
    let conduct = Conduct { drain: bellwether_core::Duration::from_seconds(1), ..Conduct::default() };
    let strategy = Canary::new(shares.into_iter().map(|share| CanaryStep::new(share, bake))).with_conduct(conduct);
    let arms = Arms { stable: Version::named("stable"), candidate: Version::named("candidate") };
    let target = Target::default().with_router(bellwether_proxy::capabilities());
    Ok(strategy.plan(&Release::new(release.parse()?, "checkout".parse()?, arms, level), &target)?.outcome)
}

/// Requests of this example fail one by one, by construction, so each request is a piece of evidence. Those of real
/// users fail together (a host, a dependency, a retry loop), which is why `Dependence::Clustered` is the default.
fn judge() -> Result<Sequential> {
    let dependence = Dependence::Independent;
    let metric = MetricSpec { dependence, acceptable: 0.01, interval: TICK, ..MetricSpec::default() };
    Ok(Sequential::new(SequentialSpec {
        metrics: bellwether_proxy::metrics().map(|name| (name, metric)).collect(),
        schedule: Schedule { steps: 4, hours: 1 },
        minimum: MinimumEvidence { requests: 300, ..MinimumEvidence::default() },
        ..SequentialSpec::default()
    })?)
}

/// The two versions of a service behind the proxy, under load.
struct Traffic {
    _services: Arms<Service>,
    proxy: Proxy,
    load: Load,
}

impl Traffic {
    async fn start(folder: &Path, failing: u64) -> Result<Self> {
        let services =
            Arms { stable: Service::start("stable", 0).await?, candidate: Service::start("candidate", failing).await? };
        let upstreams = services.as_ref().map(|service| service.address);
        let mut config = Config::new(([127, 0, 0, 1], 0).into(), upstreams, Admin::Socket(socket(folder)));
        config.tick = TICK;
        let proxy = Proxy::start(config).await?;
        let load = Load::start(proxy.address(), REQUESTS_PER_SECOND);
        Ok(Self { _services: services, proxy, load })
    }

    async fn stop(self) -> Seen {
        let seen = self.load.stop().await;
        self.proxy.stop(Duration::from_secs(1)).await;
        seen
    }
}

async fn release(folder: &Path, rollout: &str, failing: u64, operator: Operator) -> Result<(End, Seen)> {
    let traffic = Traffic::start(folder, failing).await?;
    let end = drive(folder, rollout, operator).await;
    let seen = traffic.stop().await;
    Ok((end?, seen))
}

/// Carries a release out, or goes on with it where an earlier driver left it.
async fn drive(folder: &Path, rollout: &str, operator: Operator) -> Result<End> {
    let proxy = Arc::new(ProxyClient::new(Admin::Socket(socket(folder))));
    let journal = Arc::new(RedbJournal::open(journal(folder))?);
    let bar = narrator::bar();
    let narrator = Arc::new(Narrator::new(bar.clone(), folder.join(rollout)));
    let commands = InboxSender::new();
    let ports = Ports::new(journal, proxy.clone())
        .with_metrics(proxy)
        .with_inbox(Arc::new(commands.open()))
        .with_notifier(narrator);
    let options = Options::default().with_poll(bellwether_core::Duration::from_millis(100));
    let opened = Opened::new(plan(rollout, Level::Medium)?).with_judge(judge()?);
    let driver = Driver::open(Setup::new(ports).with_options(options), opened).await?;
    let _view = View::new(bar, &driver.handle());
    let attended = operator.attend(driver.handle(), commands);
    let (end, ()) = tokio::try_join!(async { Ok(driver.run_to_end().await?) }, attended)?;
    Ok(end)
}

async fn drive_as_child(folder: &Path, rollout: &str) -> Result<()> {
    let end = drive(folder, rollout, Operator::Watches).await?;
    expect(end.outcome == Outcome::Completed, &end)
}

async fn survive_a_kill(folder: &Path, rollout: &str) -> Result<Seen> {
    let traffic = Traffic::start(folder, 0).await?;
    let mut first = child(folder, rollout)?;
    wait_for_share(&traffic.proxy, &mut first, "25 %".parse()?).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    first.kill()?;
    first.wait()?;
    say!("-- the driver was killed with SIGKILL while the step at 25 % baked; a new one takes the journal over");
    let mut second = child(folder, rollout)?;
    let status = tokio::task::spawn_blocking(move || second.wait()).await??;
    if !status.success() {
        return Err(format!("the second driver: expected a completed rollout, found {status}").into());
    }
    Ok(traffic.stop().await)
}

fn child(folder: &Path, rollout: &str) -> Result<Child> {
    Ok(Command::new(env::current_exe()?).arg("drive").arg(folder).arg(rollout).spawn()?)
}

async fn wait_for_share(proxy: &Proxy, driver: &mut Child, share: Weight) -> Result<()> {
    while proxy.handle().observe().await?.value.share != share {
        if let Some(status) = driver.try_wait()? {
            return Err(format!("the first driver: expected it to run until {share}, found {status}").into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Decides everything in the journals again, and looks whether each step was baked once and in its turn.
async fn replay_all(folder: &Path, rollouts: &[&str]) -> Result<()> {
    let journal = RedbJournal::open(journal(folder))?;
    let (mut decisions, mut verdicts) = (0, 0);
    for name in rollouts {
        let rollout: RolloutId = name.parse()?;
        let records = journal.read(&rollout, 0).await?;
        let replayed = replay(&rollout, &records)?;
        if !replayed.not_derived.is_empty() {
            return Err(format!("{name}: {:?} was not derived again", replayed.not_derived).into());
        }
        (decisions, verdicts) = (decisions + replayed.decisions, verdicts + replayed.verdicts);
        say!("{name}: {} records, baked at {}", records.len(), shares_baked(&rollout, &records)?.join(", "));
    }
    say!("replayed {decisions} decisions, all equal; and {verdicts} verdicts of the judge");
    Ok(())
}

fn shares_baked(rollout: &RolloutId, records: &[Record]) -> Result<Vec<String>> {
    let (mut baked, mut plan) = (Vec::new(), None);
    for record in records {
        match record.body(rollout)? {
            Body::Opened(opened) => plan = Some(opened.plan),
            Body::Event(stepped) => {
                if let Move::Enter(Place::Bake(step)) = stepped.decision.outcome {
                    baked.push(step);
                }
            }
            Body::Interval(_) | Body::Snapshot(_) | Body::Adopted(_) => {}
        }
    }
    let in_turn = (0..).zip(&baked).all(|(turn, step)| turn == *step);
    if !in_turn {
        return Err(format!("{rollout}: expected every step once and in its turn, found {baked:?}").into());
    }
    let share = |step: &u32| plan.as_ref()?.step(*step).map(|step| step.route.share.to_string());
    Ok(baked.iter().filter_map(share).collect())
}

fn expect(holds: bool, end: &End) -> Result<()> {
    if holds { Ok(()) } else { Err(format!("the rollout ended otherwise: {}", end.outcome).into()) }
}

fn report(end: &End, seen: &Seen) {
    let (rate, users) = (seen.requests as f64 / seen.seconds, seen.users_who_met_an_error);
    say!("{}: {} requests ({rate:.0} a second), {} failed for {users} users", end.outcome, seen.requests, seen.failed);
    if seen.failed > 0 {
        say!("from the first error to the last: {:.1} s", seen.seconds_of_errors);
    }
}

/// What the same bug would have cost in the same time, had everybody been sent to the candidate. Users take turns, so
/// some have sent one request more than the others.
fn compare_with_everybody(seen: &Seen, exposed: bellwether_core::Duration) {
    let seconds = exposed.as_millis() as f64 / 1e3;
    let failing = FOUR_PERCENT as f64 / 1e6;
    let requests = seconds * seen.requests as f64 / seen.seconds;
    let (each, rest) = ((requests / load::USERS as f64).floor(), requests % load::USERS as f64);
    let spared = |requests: f64| (1.0 - failing).powf(requests);
    let met = (load::USERS as f64 - rest) * (1.0 - spared(each)) + rest * (1.0 - spared(each + 1.0));
    say!(
        "the candidate answered for {seconds:.1} s; at 100 % it would have failed {:.0} requests for {met:.0} users in that time",
        requests * failing
    );
}

/// From the moment the candidate's first share was seen to the moment it was taken away.
async fn exposed_for(folder: &Path, rollout: &str) -> Result<bellwether_core::Duration> {
    let rollout: RolloutId = rollout.parse()?;
    let (mut first, mut last) = (None, None);
    for record in RedbJournal::open(journal(folder))?.read(&rollout, 0).await? {
        let Body::Event(stepped) = record.body(&rollout)? else { continue };
        match stepped.decision.outcome {
            Move::Enter(Place::Bake(_)) => first = first.or(Some(stepped.event.at)),
            Move::Enter(Place::Drain) => last = Some(stepped.event.at),
            Move::Enter(_) | Move::Stay | Move::Hold | Move::Release => {}
        }
    }
    Ok(last.zip(first).map(|(last, first)| last.since(first)).unwrap_or_default())
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("proxy.sock")
}

fn journal(folder: &Path) -> PathBuf {
    folder.join("journal.redb")
}
