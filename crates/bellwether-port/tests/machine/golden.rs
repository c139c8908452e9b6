//! Committed journals of each strategy: a machine that decides otherwise, or writes the same otherwise, is a visible
//! difference here.
//!
//! A line is a record: its time, its fence, the digest of the chain and the body as it is stored. After a deliberate change
//! of the rules, `BELLWETHER_BLESS=1 cargo test -p bellwether-port --test machine golden` writes them anew.

use std::fmt::Write as _;
use std::{env, fs, path::PathBuf};

use bellwether_core::{Duration, Fence};
use bellwether_port::testing::Troubles;
use bellwether_port::{Body, Chain, Record, replay};
use bellwether_strategy::Plan;

use crate::plans::{plans, simulate};

/// A plan of every kind, the seed of its world, and where that leads.
const GOLDEN: [(&str, u64, &str); 9] = [
    ("canary", 2, "completed"),
    ("mirror and cohort", 2, "completed"),
    ("hidden", 2, "completed"),
    ("floor", 2, "completed"),
    ("following", 2, "completed"),
    ("rolling by quarters", 8, "rolled back"),
    ("recreate", 2, "completed"),
    ("test", 5, "kept"),
    ("big bang", 2, "completed"),
];

#[test]
fn committed_journals_are_written_again_byte_by_byte_and_replay() {
    for (name, seed, end) in GOLDEN {
        let plan = quick(name);
        let troubles = Troubles { drifts: 0.01, unit_crashes: 0.01, failing_ports: 0.02, ..Troubles::default() };
        let bad_verdicts = if end == "completed" { 0.0 } else { 0.9 };
        let simulation = simulate(name, &plan, seed).with_troubles(Troubles { bad_verdicts, ..troubles });
        let written = simulation.run().unwrap();
        assert_eq!(written.state().place().to_string(), end, "{name}");
        let text = lines(written.records());
        let file =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{}.txt", name.replace(' ', "-")));
        if env::var_os("BELLWETHER_BLESS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let different = committed.lines().zip(text.lines()).position(|(committed, written)| committed != written);
        assert_eq!(different, None, "{name}: the first line that is written otherwise");
        assert_eq!(committed.len(), text.len(), "{name}");
        let replayed = replay(plan.id(), &read(&plan, &committed)).unwrap();
        assert_eq!(replayed.course.state(), written.state(), "{name}");
    }
}

/// The plan with a bake that leaves the journal short enough to be read.
fn quick(name: &str) -> Plan {
    let (_, plan) = plans().into_iter().find(|(known, _)| *known == name).unwrap();
    let mut draft = plan.draft();
    for step in &mut draft.steps {
        let is_test = step.bake.min == step.bake.max;
        step.bake.min = step.bake.min.min(Duration::from_seconds(10));
        step.bake.max = if is_test { step.bake.min } else { step.bake.max };
    }
    Plan::try_from(draft).unwrap()
}

fn lines(records: &[Record]) -> String {
    records.iter().fold(String::new(), |mut text, record| {
        let Fence { token, generation } = record.fence();
        let body = str::from_utf8(record.json()).unwrap();
        writeln!(text, "{} {token} {generation} {} {body}", record.at(), record.digest()).unwrap();
        text
    })
}

/// The records of a committed journal, whose digests must be those of its bytes.
fn read(plan: &Plan, text: &str) -> Vec<Record> {
    let mut chain = Chain::new(plan.id().clone());
    let mut records = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.splitn(5, ' ').collect();
        let fence = Fence { token: parts[1].parse().unwrap(), generation: parts[2].parse().unwrap() };
        let body: Body = serde_json::from_str(parts[4]).unwrap();
        let record = chain.next(parts[0].parse().unwrap(), fence, &body).unwrap();
        chain.push(&record).unwrap();
        assert_eq!((record.digest().to_string().as_str(), record.json()), (parts[3], parts[4].as_bytes()));
        records.push(record);
    }
    records
}
