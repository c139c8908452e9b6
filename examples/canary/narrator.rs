//! Tells what is decided while it happens: each move with its reasons as lines, and on a terminal how it stands below.

use std::{fs, io::IsTerminal, path::PathBuf};

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
    told: PathBuf,
}

impl Narrator {
    pub(crate) fn new(told: PathBuf) -> Self {
        Self { told }
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
        println!("{rollout} #{seq} {decision}");
        fs::write(&self.told, seq.to_string()).map_err(PortError::transient)
    }
}

/// A line that shows how a rollout stands, gone when dropped.
pub(crate) struct View {
    bar: ProgressBar,
    task: JoinHandle<()>,
}

/// Shows how a rollout stands, on a terminal; elsewhere the narrator's lines are enough.
pub(crate) fn view(handle: &Handle) -> Option<View> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let style =
        ProgressStyle::with_template("{bar:40.cyan} {pos:>3} % {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(100).with_style(style);
    let (shown, mut status) = (bar.clone(), handle.watch());
    let task = tokio::spawn(async move {
        while status.changed().await.is_ok() {
            show(&shown, &status.borrow_and_update());
        }
    });
    Some(View { bar, task })
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
