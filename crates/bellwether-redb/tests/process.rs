//! Two processes, and a process that is killed. Each test plays both parts: it starts itself again as the child.

#![expect(clippy::unwrap_used, reason = "a process that cannot be started fails the test")]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bellwether_core::{Fence, RolloutId, Time};
use bellwether_port::testing::example_plan;
use bellwether_port::{Body, Chain, Course, Journal, Opened, Record, load};
use bellwether_redb::RedbJournal;
use tempfile::TempDir;

/// Names the journal's file to the child.
const CHILD: &str = "BELLWETHER_REDB_TEST_CHILD";

#[test]
fn a_second_process_on_the_same_file_is_refused_with_the_file_named() {
    if let Some(path) = env::var_os(CHILD) {
        let refused = RedbJournal::open(PathBuf::from(path)).err().map(|error| error.to_string());
        return println!("answer {}", refused.unwrap_or_else(|| "opened".into()));
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rollouts.redb");
    let ask = || {
        let child = start("a_second_process_on_the_same_file_is_refused_with_the_file_named", &path);
        answers(child).pop().unwrap()
    };
    let journal = RedbJournal::open(&path).unwrap();
    let expected = format!("{}: somebody else has the journal open", path.display());
    assert!(ask().starts_with(&expected), "{}", ask());
    drop(journal);
    assert_eq!(ask(), "opened");
}

/// A child appends in a loop and is killed without a warning, thirty times; every record that it said was stored is there,
/// and the chain goes on.
#[test]
fn a_killed_process_loses_no_acknowledged_record() {
    if let Some(path) = env::var_os(CHILD) {
        return append_for_ever(Path::new(&path));
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rollouts.redb");
    let rollout: RolloutId = "checkout-42".parse().unwrap();
    let (mut stored, mut lost_answers) = (0, 0);
    for round in 0..30 {
        let mut child = start("a_killed_process_loses_no_acknowledged_record", &path);
        std::thread::sleep(Duration::from_millis(20 + 7 * round));
        child.kill().unwrap();
        let acknowledged = answers(child).last().map_or(stored, |answer| answer.parse::<usize>().unwrap());
        let records = read(&path, &rollout);
        assert!(
            records.len() >= acknowledged,
            "round {round}: {acknowledged} were acknowledged, {} are there",
            records.len()
        );
        assert!(records.len() >= stored, "round {round}: what was there stays");
        lost_answers += usize::from(records.len() > acknowledged);
        if !records.is_empty() {
            load(&rollout, &records).unwrap();
        }
        stored = records.len();
    }
    assert!(stored > 30, "the children appended {stored} records; {lost_answers} answers were lost");
}

fn append_for_ever(path: &Path) {
    let rollout: RolloutId = "checkout-42".parse().unwrap();
    let opened = Opened::new(example_plan(rollout.as_str()));
    let course = Course::open(&opened, Time::default());
    block_on(async {
        let journal = RedbJournal::open(path).unwrap();
        let mut chain = Chain::new(rollout.clone());
        journal.read(&rollout, 0).await.unwrap().iter().try_for_each(|record| chain.push(record)).unwrap();
        loop {
            let body = match chain.head() {
                None => Body::from(opened.clone()),
                Some(_) => Body::from(course.stored()),
            };
            let record = chain.next(Time::default(), Fence::default(), &body).unwrap();
            journal.append(&rollout, &record).await.unwrap();
            chain.push(&record).unwrap();
            println!("answer {}", chain.next_seq());
        }
    });
}

fn read(path: &Path, rollout: &RolloutId) -> Vec<Record> {
    let journal = RedbJournal::open(path).unwrap();
    block_on(journal.read(rollout, 0)).unwrap()
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Starts one test of this file as the child.
fn start(test: &str, path: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the child answered until it ended. A line that the kill cut off is no answer.
fn answers(mut child: Child) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap());
    let whole = lines.split(b'\n').map(|line| String::from_utf8(line.unwrap()).unwrap());
    let answers = whole.filter_map(|line| Some(line.split_once("answer ")?.1.to_owned())).collect();
    child.wait().unwrap();
    answers
}
