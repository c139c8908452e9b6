use bellwether_core::{Route, Weight};

/// Tells why a route cannot be carried out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedRoute {
    /// It copies traffic.
    #[error("expected no mirrored traffic (this router does not copy requests), found {0}")]
    Mirror(Weight),
    /// It names a group of users.
    #[error("expected no cohort (this router knows users only by their share), found one")]
    Cohort,
}

impl UnsupportedRoute {
    /// Checks that a route is a plain split.
    pub(crate) const fn check(route: &Route) -> Result<(), Self> {
        if route.mirror.basis_points() > 0 {
            return Err(Self::Mirror(route.mirror));
        }
        if route.cohort.is_some() {
            return Err(Self::Cohort);
        }
        Ok(())
    }
}
