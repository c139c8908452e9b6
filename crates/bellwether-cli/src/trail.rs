use std::fmt;

use serde_path_to_error::{Path, Segment};

/// The place where a reader stands, as a chain from the document's root: it costs nothing until it is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trail<'a> {
    /// The document itself.
    Root,
    /// An entry of a list.
    Index(&'a Trail<'a>, usize),
    /// A value of a map.
    Key(&'a Trail<'a>, &'a str),
}

/// The deepest place that is shown in full.
const SHOWN_MAX: usize = 16;

impl Trail<'_> {
    /// How many lists and maps are around the place.
    pub(crate) const fn depth(&self) -> usize {
        let (mut here, mut depth) = (self, 0);
        loop {
            match here {
                Self::Root => return depth,
                Self::Index(parent, _) | Self::Key(parent, _) => (here, depth) = (*parent, depth + 1),
            }
        }
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => formatter.write_str("$"),
            Self::Index(parent, _) | Self::Key(parent, _) if parent.depth() >= SHOWN_MAX => {
                write!(formatter, "{parent}")?;
                if parent.depth() == SHOWN_MAX { formatter.write_str("...") } else { Ok(()) }
            }
            Self::Index(parent, index) => write!(formatter, "{parent}[{index}]"),
            Self::Key(parent, key) => write!(formatter, "{parent}{}", Key(key)),
        }
    }
}

/// A path of `serde_path_to_error` in the same form.
pub(crate) fn shown(path: &Path) -> String {
    path.iter().fold(String::from("$"), |text, segment| match segment {
        Segment::Seq { index } => format!("{text}[{index}]"),
        Segment::Map { key } => format!("{text}{}", Key(key)),
        Segment::Enum { variant } => format!("{text}{}", Key(variant)),
        Segment::Unknown => text,
    })
}

/// A key below a place, in the same form.
pub(crate) fn key(name: &str) -> impl fmt::Display {
    Key(name)
}

/// A key as JSONPath writes it: `.name`, or `["any text"]`.
struct Key<'a>(&'a str);

impl fmt::Display for Key<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-');
        if !self.0.is_empty() && self.0.chars().all(plain) && self.0.chars().count() <= 80 {
            return write!(formatter, ".{}", self.0);
        }
        write!(formatter, "[\"{}\"]", crate::fault::cut(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_a_json_path() {
        let steps = Trail::Key(&Trail::Root, "steps");
        let second = Trail::Index(&steps, 2);
        assert_eq!(Trail::Key(&second, "a key").to_string(), "$.steps[2][\"a key\"]");
    }

    #[test]
    fn a_deep_place_is_cut() {
        fn descend(trail: &Trail<'_>, levels: usize) -> String {
            if levels == 0 { trail.to_string() } else { descend(&Trail::Index(trail, 0), levels - 1) }
        }
        assert_eq!(descend(&Trail::Root, 64), format!("${}...", "[0]".repeat(16)));
        assert_eq!(descend(&Trail::Root, 16), format!("${}", "[0]".repeat(16)));
    }
}
