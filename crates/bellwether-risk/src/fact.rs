//! What rules look at: the paths that a change touches, written one way.
use std::borrow::Cow;

use crate::{Change, File, Flag, FlagState, Status};

/// One path that a change touches. A renamed file touches two.
#[derive(Clone, Debug)]
pub(crate) struct Touch<'a> {
    /// Its number within the change.
    pub(crate) number: usize,
    /// As the change writes it.
    pub(crate) written: &'a str,
    /// From the root, without `.` and `..`, with `/` between the parts.
    pub(crate) path: Cow<'a, str>,
    /// What happened at this path.
    pub(crate) status: &'static [Status],
    /// The state of the flags that guard it.
    pub(crate) flag: Option<FlagState>,
    /// Lines added and deleted; none when unknown.
    pub(crate) lines: Option<u64>,
    /// Why the path cannot be trusted to be all there is.
    pub(crate) doubt: Option<Doubt>,
}

/// Why a path does not prove that a file is harmless.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Doubt {
    /// It is not a plain path from the root, so that `docs/../src/main.rs` may look like a document.
    Irregular,
    /// The file came from a path that nobody named.
    UnknownOrigin,
}

impl<'a> Touch<'a> {
    /// Everything that a change touches.
    pub(crate) fn all(change: &'a Change) -> Vec<Self> {
        let paths = change.files.iter().flat_map(|file| {
            let origin = file.previous_path.as_deref().map(|path| Self::origin(path, &change.flags));
            std::iter::once(Self::place(file, &change.flags)).chain(origin)
        });
        paths.enumerate().map(|(number, touch)| Self { number, ..touch }).collect()
    }

    fn place(file: &'a File, flags: &[Flag]) -> Self {
        let status: &[Status] = match file.status {
            Status::Added => &[Status::Added],
            Status::Modified => &[Status::Modified],
            Status::Deleted => &[Status::Deleted],
            Status::Renamed => &[Status::Renamed, Status::Added],
        };
        let mut touch = Self::new(&file.path, status, flags);
        touch.lines = file.lines();
        if file.status == Status::Renamed && file.previous_path.is_none() {
            touch.doubt = touch.doubt.or(Some(Doubt::UnknownOrigin));
        }
        touch
    }

    /// The place that a file left. Its lines are counted where it went.
    fn origin(path: &'a str, flags: &[Flag]) -> Self {
        Self::new(path, &[Status::Renamed, Status::Deleted], flags)
    }

    fn new(written: &'a str, status: &'static [Status], flags: &[Flag]) -> Self {
        let path = plain(written);
        let doubt = (path != written || path.is_empty()).then_some(Doubt::Irregular);
        let flag = flags.iter().filter(|flag| flag.is_guarding(&path)).map(|flag| flag.state).max();
        Self { number: 0, written, path, status, flag, lines: Some(0), doubt }
    }
}

/// The path without what could hide where it leads.
fn plain(path: &str) -> Cow<'_, str> {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    if !path.contains('\\') && path.split('/').all(is_part) {
        return Cow::Borrowed(path);
    }
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    Cow::Owned(parts.join("/"))
}
