use bellwether_rollout::{Kind, Move, Place};

use super::moment::{Moment, What};

/// How a moment is marked in a picture, the most serious last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Mark {
    Forward,
    Hold,
    Said,
    Fault,
    Back,
    Stuck,
}

impl Mark {
    /// The mark of a moment; none for what a picture of the exposure need not show.
    pub(super) fn of(moment: &Moment) -> Option<Self> {
        let decided = match &moment.what {
            What::Fault(_) => return Some(Self::Fault),
            What::Decided(decided) => decided,
        };
        match decided.decision.outcome {
            Move::Enter(Place::ShiftBack) => Some(Self::Back),
            Move::Enter(Place::Stuck) => Some(Self::Stuck),
            Move::Enter(Place::Bake(_) | Place::Completed | Place::Kept) => Some(Self::Forward),
            Move::Hold => Some(Self::Hold),
            Move::Enter(
                Place::Gate(_)
                | Place::Scale(_)
                | Place::Shift(_)
                | Place::Standby
                | Place::ShrinkStable
                | Place::Drain
                | Place::ShrinkCandidate
                | Place::RolledBack,
            )
            | Move::Stay
            | Move::Release => {
                let is_fault = matches!(decided.event.kind, Kind::PortFailed { .. });
                let said = decided.event.is_command().then_some(Self::Said);
                if is_fault { Some(Self::Fault) } else { said }
            }
        }
    }

    /// What it means, in a word.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Forward => "on",
            Self::Hold => "held",
            Self::Said => "said",
            Self::Fault => "fault",
            Self::Back => "back",
            Self::Stuck => "stuck",
        }
    }
}
