use bellwether_core::Arms;

/// Which of the two versions a request goes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Arm {
    Stable,
    Candidate,
}

impl Arm {
    pub(crate) const fn of<T>(self, arms: &Arms<T>) -> &T {
        match self {
            Self::Stable => &arms.stable,
            Self::Candidate => &arms.candidate,
        }
    }

    pub(crate) const fn of_mut<T>(self, arms: &mut Arms<T>) -> &mut T {
        match self {
            Self::Stable => &mut arms.stable,
            Self::Candidate => &mut arms.candidate,
        }
    }
}
