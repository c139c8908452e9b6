//! Appends that wait for the file: whoever finds nobody writing writes for all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bellwether_core::RolloutId;
use bellwether_port::{AppendError, Record};
use tokio::sync::oneshot;

use crate::store::Store;

/// The appends that wait while the file is written, which go into the next commit together: a flush of the disk takes
/// nearly as long for one record as for many.
#[derive(Default)]
pub(crate) struct Queue(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    appends: Vec<Append>,
    /// Somebody writes, and will take whatever waits then.
    is_writing: bool,
}

/// One append, and who waits for it.
pub(crate) struct Append {
    pub(crate) rollout: RolloutId,
    pub(crate) record: Record,
    answer: oneshot::Sender<Result<(), AppendError>>,
}

/// What waits for an append.
pub(crate) type Answer = oneshot::Receiver<Result<(), AppendError>>;

/// The one that writes, until nobody waits.
///
/// When it is dropped before, because its runtime ended or it panicked, whoever waits hears of it and the next append
/// finds nobody writing.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    store: Arc<Store>,
    is_done: bool,
}

impl Queue {
    /// Lets an append wait. Where nobody writes there is a writer now, which must be run.
    pub(crate) fn push(self: &Arc<Self>, store: &Arc<Store>, append: Append) -> Option<Writer> {
        let mut waiting = self.waiting();
        waiting.appends.push(append);
        let is_writing = std::mem::replace(&mut waiting.is_writing, true);
        (!is_writing).then(|| Writer { queue: Arc::clone(self), store: Arc::clone(store), is_done: false })
    }

    fn take(&self) -> Vec<Append> {
        std::mem::take(&mut self.waiting().appends)
    }

    /// Whether somebody waits by now; if not, the writing is over.
    fn goes_on(&self) -> bool {
        let mut waiting = self.waiting();
        waiting.is_writing = !waiting.appends.is_empty();
        waiting.is_writing
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Append {
    pub(crate) fn new(rollout: &RolloutId, record: &Record) -> (Self, Answer) {
        let (answer, answered) = oneshot::channel();
        (Self { rollout: rollout.clone(), record: record.clone(), answer }, answered)
    }
}

impl Writer {
    /// Writes until nobody waits.
    pub(crate) fn run(self) {
        let mut writer = Some(self);
        while let Some(writing) = writer.take() {
            let (appends, answers);
            (writer, appends, answers) = writing.write();
            for (append, answer) in appends.into_iter().zip(answers) {
                // Who does not wait any more reads what happened from the journal.
                let _ = append.answer.send(answer);
            }
        }
    }

    /// Writes what waits. The writer is gone before the last ones are answered, so that whoever drops the journal then has
    /// closed the file.
    fn write(mut self) -> (Option<Self>, Vec<Append>, Vec<Result<(), AppendError>>) {
        let appends = self.queue.take();
        let answers = self.store.append_all(&appends);
        self.is_done = !self.queue.goes_on();
        ((!self.is_done).then_some(self), appends, answers)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_done {
            let mut waiting = self.queue.waiting();
            waiting.is_writing = false;
            waiting.appends.clear();
        }
    }
}
