//! Tells what is decided while it happens: each move with its reasons as lines, and on a terminal how it stands below.

use std::{
    fmt::Display,
    fs,
    io::{IsTerminal, Write, stdout},
    path::PathBuf,
    process,
};

use async_trait::async_trait;
use bellwether_core::{Decision, RolloutId};
use bellwether_driver::{Handle, Status};
use bellwether_port::{Notifier, PortError};
use bellwether_rollout::Move;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

/// Prints what a driver tells: every decision that moves the rollout or that somebody should look at.
///
/// A new driver tells again what an earlier one may not have told, so the last decision told is kept in a file.
pub(crate) struct Narrator {
    bar: ProgressBar,
    told: PathBuf,
}

impl Narrator {
    pub(crate) fn new(bar: ProgressBar, told: PathBuf) -> Self {
        Self { bar, told }
    }

    fn is_told(&self, seq: u64) -> bool {
        let last = fs::read_to_string(&self.told).ok().and_then(|text| text.parse::<u64>().ok());
        last.is_some_and(|last| seq <= last)
    }
}

#[async_trait]
impl Notifier for Narrator {
    async fn notify(&self, rollout: &RolloutId, seq: u64, decision: &Decision<Move>) -> Result<(), PortError> {
        if self.is_told(seq) {
            return Ok(());
        }
        self.bar.suspend(|| say(format_args!("{rollout} #{seq} {decision}")));
        fs::write(&self.told, seq.to_string()).map_err(PortError::transient)
    }
}

/// Prints a line. When nobody reads any more there is nobody left to show anything to.
pub(crate) fn say(line: impl Display) {
    if writeln!(stdout(), "{line}").is_err() {
        process::exit(0);
    }
}

/// A line that shows how a rollout stands, on a terminal; elsewhere the narrator's lines are enough.
pub(crate) fn bar() -> ProgressBar {
    if !stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:20.cyan} {pos:>3} % {wide_msg}");
    ProgressBar::new(100).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Keeps a bar up to date; the bar is gone when this is dropped.
pub(crate) struct View {
    bar: ProgressBar,
    task: JoinHandle<()>,
}

impl View {
    pub(crate) fn new(bar: ProgressBar, handle: &Handle) -> Self {
        let (shown, mut status) = (bar.clone(), handle.watch());
        let task = tokio::spawn(async move {
            while status.changed().await.is_ok() {
                show(&shown, &status.borrow_and_update());
            }
        });
        Self { bar, task }
    }
}

fn show(bar: &ProgressBar, status: &Status) {
    bar.set_position(u64::from(status.share.basis_points()) / 100);
    let verdict = status.verdict.map_or_else(String::new, |verdict| format!(", the judge says {verdict}"));
    bar.set_message(format!("{}{verdict}, {} records", status.place, status.records));
}

impl Drop for View {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
