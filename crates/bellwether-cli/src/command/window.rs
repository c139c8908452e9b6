use std::path::PathBuf;

use bellwether_core::{ActorName, Time};
use bellwether_window::{Attempt, Day, Effect, Override};
use clap::{Args, Subcommand, ValueEnum};

/// Say whether it is a time to go forward, why not, and when that changes
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether window calendar.yaml
  bellwether window calendar.yaml --at 2026-12-24T10:00:00+01:00
  bellwether window --preset seed-003 --zone Europe/Berlin --holidays holidays.yaml
  bellwether window import team.ics --zone Europe/Berlin > calendar.json
  bellwether window --format argocd --lines < questions.jsonl

The exit status is 0 when it is open, 1 when it is closed, and 3 when nobody can tell or the time is discouraged.
`--back` asks for a move back, which is always open.")]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Window {
    #[command(subcommand)]
    pub(crate) verb: Option<WindowVerb>,
    /// The calendar, as `bellwether schema calendar` describes it
    pub(crate) calendar: Option<PathBuf>,
    /// The time that is asked about [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Time>,
    /// A calendar that comes with bellwether, instead of a file
    #[arg(long, value_enum, value_name = "NAME", requires = "zone", conflicts_with = "calendar")]
    pub(crate) preset: Option<WindowPreset>,
    /// With --preset: the time zone, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", requires = "preset")]
    pub(crate) zone: Option<String>,
    /// With --preset: your holidays, as `bellwether schema holidays` describes them
    #[arg(long, value_name = "FILE", requires = "preset")]
    pub(crate) holidays: Option<PathBuf>,
    /// Whose documents are read
    #[arg(long, value_enum, value_name = "SYSTEM", conflicts_with_all = ["preset", "at", "back", "class", "author", "by"])]
    pub(crate) format: Option<WindowFormat>,
    #[command(flatten)]
    pub(crate) mover: Mover,
}

/// Who wants to move, and with what leave.
#[derive(Args, Clone, Debug)]
pub(crate) struct Mover {
    /// Ask for a move back, which no calendar holds
    #[arg(long)]
    back: bool,
    /// The class of the change, such as security_fix
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// Who made the change
    #[arg(long, value_name = "NAME")]
    author: Option<ActorName>,
    /// Who lets a change of this class pass in spite of the calendar
    #[arg(long = "override-by", value_name = "NAME", requires_all = ["reason", "until", "class"])]
    by: Option<ActorName>,
    /// Why
    #[arg(long = "override-reason", value_name = "TEXT", requires = "by")]
    reason: Option<String>,
    /// From when that holds [default: the time that is asked about]
    #[arg(long = "override-from", value_name = "TIME", requires = "by")]
    from: Option<Time>,
    /// Until when that holds
    #[arg(long = "override-until", value_name = "TIME", requires = "by")]
    until: Option<Time>,
}

impl Mover {
    /// What the calendar is asked, at a time.
    pub(crate) fn attempt(self, now: Time) -> Attempt {
        let mut attempt = if self.back { Attempt::back() } else { Attempt::forward() };
        attempt.class = self.class;
        attempt.author = self.author;
        attempt.granted = self
            .by
            .zip(self.reason)
            .zip(self.until)
            .map(|((by, reason), until)| Override::new(by, reason, self.from.unwrap_or(now), until));
        attempt
    }
}

/// Calendars that come with bellwether.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum WindowPreset {
    /// The deployment times of a published guide; what it does not speak of is discouraged.
    #[value(name = "seed-003")]
    Seed003,
}

/// Whose documents are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum WindowFormat {
    /// Argo CD's sync windows (`bellwether schema argocd-question`).
    Argocd,
}

/// What else is done with calendars.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum WindowVerb {
    Import(Import),
}

/// Make a calendar of an iCalendar file
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether window import freezes.ics --zone Europe/Berlin > calendar.json
  bellwether window import holidays.ics --zone Europe/Berlin --holidays --from 2026-01-01 --until 2027-01-01

Each event becomes a rule. Without --effect and --otherwise events close and other times are open, unless the file says
X-CALENDAR-TYPE:DEFAULT_CLOSED.")]
pub(crate) struct Import {
    /// The file (RFC 5545)
    pub(crate) file: Option<PathBuf>,
    /// The zone of the calendar, and of times in the file that name none
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: String,
    /// What the calendar is called [default: the name that the file gives itself]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What an event does
    #[arg(long, value_name = "EFFECT", value_parser = effect)]
    pub(crate) effect: Option<Effect>,
    /// What holds without an event
    #[arg(long, value_name = "EFFECT", value_parser = effect)]
    pub(crate) otherwise: Option<Effect>,
    /// Leave out what ends before that day
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Day>,
    /// Leave out what begins on that day or later
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Day>,
    /// Take the events for holidays, of which the file has all in that time, and close the working day before them too
    #[arg(long, requires_all = ["from", "until"], conflicts_with = "effect")]
    pub(crate) holidays: bool,
}

fn effect(text: &str) -> Result<Effect, String> {
    match text {
        "open" => Ok(Effect::Open),
        "discouraged" => Ok(Effect::Discouraged),
        "closed" => Ok(Effect::Closed),
        other => Err(format!("expected one of open, discouraged, closed, found {other:?}")),
    }
}
