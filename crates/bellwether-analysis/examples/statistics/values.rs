//! Latencies as histograms: false alarms, and how long it takes to find slower requests.

use bellwether_stats::{Dependence, Edges, ValueHarm, ValueInterval, ValueSpec};

use crate::effort::Effort;
use crate::outcome::Outcome;
use crate::table::{Table, beside};
use crate::values_world::{Regression, Trouble, World};

/// Hosts of stable beside the candidate's one: equal arms, and a fleet.
const EQUAL: usize = 1;
const FLEET: usize = 19;

pub(crate) fn section(effort: Effort) -> String {
    format!("{}\n{}", alarms(effort), detection(effort))
}

const fn spec(dependence: Dependence, value_tolerance: f64) -> ValueSpec {
    ValueSpec { dependence, direction: bellwether_stats::Direction::HigherIsWorse, tolerance: 1.1, value_tolerance }
}

const INDEPENDENT: ValueSpec = spec(Dependence::Independent, 0.0);
const CLUSTERED: ValueSpec = spec(Dependence::Clustered, 0.0);
const TENTH: ValueSpec = spec(Dependence::Clustered, 0.1);
const TWENTIETH: ValueSpec = spec(Dependence::Clustered, 0.05);

fn alarms(effort: Effort) -> String {
    let mut table = Table::new(
        "False alarms on latencies",
        "A candidate of one host that is as good, 300 requests a minute a host, 720 minutes, equal arms / a fleet of 19; \
         log-normal latencies of deviation 0.5 in exponential buckets of scale 5, tolerance 1.1, alpha 1 %. The design does \
         not say its distribution, so the order of magnitude is what compares.",
        &["trouble", "independent", "clustered", "clustered, 10 % of the value (default)"],
    );
    let rows = [
        ("none", Trouble::Nothing, ["0", "0", "0"]),
        ("a slow dependency of both", Trouble::SlowDependency, ["0", "0", "0"]),
        ("10 s one-host episodes x5", Trouble::Episodes, ["42 / 36", "0", "0"]),
        ("slow requests in batches of 5-20", Trouble::Batches, ["15 / 15", "0", "0"]),
        ("host AR(.9), sd 5 %", Trouble::Drift(0.9, 0.05), ["9 / 4", "1.5 / 3", "0 / 0"]),
        ("host AR(.99), sd 5 %", Trouble::Drift(0.99, 0.05), ["29 / 22", "30 / 24", ".5 / 0"]),
        ("static hosts, sd 3 %", Trouble::Static(0.03), ["- / 10", "- / 11", "- / 0"]),
        ("static hosts, sd 5 %", Trouble::Static(0.05), ["27 / 20", "31 / 21", "4.5 / 0"]),
        ("static hosts, sd 10 %", Trouble::Static(0.1), ["- / 28", "- / 29", "- / 9"]),
    ];
    for (name, trouble, expected) in rows {
        let specs = [INDEPENDENT, CLUSTERED, TENTH];
        let what = (trouble, Regression::None);
        let [equal, fleet] = [EQUAL, FLEET].map(|stable| watch(stable, what, &specs, (effort.values, 720)));
        let cells =
            equal.iter().zip(&fleet).zip(expected).map(|((equal, fleet), expected)| {
                beside(&format!("{} / {}", equal.percent(), fleet.percent()), expected)
            });
        table.row([name.to_owned()].into_iter().chain(cells));
    }
    table.finish()
}

fn detection(effort: Effort) -> String {
    let mut table = Table::new(
        "Slower requests",
        "Median minutes to detect within 120, equal arms / a fleet of 19, clustered, tolerance 1.1.",
        &["regression", "60 s, 10 % of the value", "60 s, 5 %", "10 s, 10 %"],
    );
    let rows = [
        ("+20 %", Regression::Slower(1.2), ["80 (.93) / 39", "43 / 20", "29 / 15"]),
        ("+30 %", Regression::Slower(1.3), ["34 / 15", "26 / 11", "9 / 4"]),
        ("2 % of requests x5", Regression::Some(0.02, 5.0), ["23 / 8", "21 / 7", "14 / 6"]),
        ("0.5 % of requests x10", Regression::Some(0.005, 10.0), ["30 / 8", "30 / 9", "22 / 7"]),
        ("10 % of requests +200 ms", Regression::Waits(0.1, 2.0), ["41 / 19", "31 / 14", "8 / 4"]),
    ];
    for (name, regression, expected) in rows {
        let what = (Trouble::Nothing, regression);
        let minutes = |outcome: &Outcome, by: u32| {
            let power = 100.0 * outcome.reached() as f64 / outcome.runs() as f64;
            let median = outcome.quantile(5).map_or_else(|| "never".to_owned(), |looks| looks.div_ceil(by).to_string());
            if power < 99.0 { format!("{median} ({power:.0})") } else { median }
        };
        let long = [EQUAL, FLEET].map(|stable| watch(stable, what, &[TENTH, TWENTIETH], (effort.values, 120)));
        let short = [EQUAL, FLEET].map(|stable| watch_parts(stable, what, effort.values));
        let cell = |at: usize| format!("{} / {}", minutes(&long[0][at], 1), minutes(&long[1][at], 1));
        let fast = format!("{} / {}", minutes(&short[0], 6), minutes(&short[1], 6));
        table.row([
            name.to_owned(),
            beside(&cell(0), expected[0]),
            beside(&cell(1), expected[1]),
            beside(&fast, expected[2]),
        ]);
    }
    table.finish()
}

/// Several tests on the same traffic.
fn watch(stable: usize, what: (Trouble, Regression), specs: &[ValueSpec], size: (u64, u32)) -> Vec<Outcome> {
    let edges = usual_edges(stable);
    let fresh: Vec<ValueHarm> = specs.iter().map(|spec| started(spec, edges.clone())).collect();
    let mut times = vec![Vec::new(); specs.len()];
    for seed in 0..size.0 {
        let mut world = World::new(seed, stable, what, 1);
        let mut tests = fresh.clone();
        let mut found = vec![None; specs.len()];
        for look in 1..=size.1 {
            let (control, treatment) = world.interval();
            let interval = ValueInterval::new(&control, &treatment, None);
            for (test, found) in tests.iter_mut().zip(&mut found).filter(|(_, found)| found.is_none()) {
                test.update(&interval);
                *found = (test.log_e() >= 100_f64.ln()).then_some(look);
            }
            if found.iter().all(Option::is_some) {
                break;
            }
        }
        times.iter_mut().zip(found).for_each(|(times, found)| times.push(found));
    }
    let outcome = |times: Vec<Option<u32>>| {
        let mut times = times.into_iter();
        Outcome::of(size.0, |_| times.next().flatten())
    };
    times.into_iter().map(outcome).collect()
}

/// Intervals of ten seconds.
fn watch_parts(stable: usize, what: (Trouble, Regression), runs: u64) -> Outcome {
    let fresh = started(&TENTH, usual_edges(stable));
    Outcome::of(runs, |seed| {
        let (mut world, mut test) = (World::new(seed, stable, what, 6), fresh.clone());
        (1..=720).find(|_| {
            let (control, treatment) = world.interval();
            test.update(&ValueInterval::new(&control, &treatment, None));
            test.log_e() >= 100_f64.ln()
        })
    })
}

fn started(spec: &ValueSpec, edges: Edges) -> ValueHarm {
    let mut harm = ValueHarm::new(spec, edges).expect("a valid specification");
    harm.restart(1.0);
    harm
}

/// Of ten minutes before.
fn usual_edges(stable: usize) -> Edges {
    let mut world = World::new(u64::MAX, stable.max(10), (Trouble::Nothing, Regression::None), 1);
    Edges::of(&world.interval().0).expect("values")
}
