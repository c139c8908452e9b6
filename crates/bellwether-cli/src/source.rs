use std::{
    fmt,
    fs::File,
    io::{self, BufReader, IsTerminal, Read, Write},
    path::PathBuf,
};

use crate::complaint::Complaint;

/// Where an input comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Standard,
}

impl Source {
    /// The file of that name; standard input when there is none, or for `-`.
    pub(crate) fn new(name: Option<PathBuf>) -> Self {
        match name {
            Some(path) if path.as_os_str() != "-" => Self::File(path),
            Some(_) | None => Self::Standard,
        }
    }

    /// The file's extension in small letters.
    pub(crate) fn extension(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.extension()?.to_str()?.to_ascii_lowercase()),
            Self::Standard => None,
        }
    }

    /// Opens it to read.
    pub(crate) fn open(&self) -> Result<BufReader<Box<dyn Read>>, Complaint> {
        let reader: Box<dyn Read> = match self {
            Self::File(path) => Box::new(File::open(path).map_err(|error| self.unreadable(&error))?),
            Self::Standard => {
                announce_terminal();
                Box::new(io::stdin())
            }
        };
        Ok(BufReader::new(reader))
    }

    /// Reads everything, but never more than the limit.
    pub(crate) fn read(&self, bytes_max: usize) -> Result<Vec<u8>, Complaint> {
        let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        self.open()?.take(limit).read_to_end(&mut bytes).map_err(|error| self.unreadable(&error))?;
        if bytes.len() > bytes_max {
            return Err(too_large(bytes_max).of(self));
        }
        Ok(bytes)
    }

    /// Why it cannot be read.
    pub(crate) fn unreadable(&self, error: &io::Error) -> Complaint {
        Complaint::new("unreadable", "", format_args!("expected a readable file, found: {error}")).of(self)
    }
}

/// The input is larger than it may be.
pub(crate) fn too_large(bytes_max: usize) -> Complaint {
    Complaint::new("too_large", "$", format_args!("expected at most {bytes_max} bytes, found more"))
}

/// Somebody who forgot to name a file should not stare at a silent terminal.
fn announce_terminal() {
    if io::stdin().is_terminal() {
        // Whether the hint arrives changes nothing.
        let _ = writeln!(io::stderr(), "reading from the terminal; end with Ctrl-D");
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Standard => formatter.write_str("<stdin>"),
        }
    }
}
