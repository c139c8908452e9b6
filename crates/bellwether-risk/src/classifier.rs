use std::sync::Arc;

use bellwether_core::{Decision, Level};

use crate::Change;

/// Says how risky a change is.
///
/// # Contract
/// The caller names every file of the change, renamed ones with both paths, and leaves out what it does not know instead
/// of writing a zero. It treats the level as a floor: other knowledge may raise it, never lower it.
///
/// The implementer answers from the change alone: the same change gets the same decision, byte for byte, because a replay
/// compares it. It reads no clock, no repository and no environment, does not fail and does not panic. What it does not
/// know it does not call [`Level::Zero`]. It names every reason it found, not only the one that decided.
///
/// A decision that a crash kept from being recorded is simply made again, so nothing may depend on having been asked.
///
/// # Example: a classifier of one's own
/// ```
/// use bellwether_core::{Decision, Finding, Level};
/// use bellwether_risk::{Change, Classifier, File, Status};
///
/// struct TouchesBilling;
///
/// impl Classifier for TouchesBilling {
///     fn classify(&self, change: &Change) -> Decision<Level> {
///         match change.files.iter().find(|file| file.path.starts_with("billing/")) {
///             Some(file) => Decision::new(Level::High)
///                 .because(Finding::warning("path.billing", "{path} moves money").figure("path", file.path.clone())),
///             None => Decision::new(Level::Medium),
///         }
///     }
/// }
///
/// let classifier: Box<dyn Classifier> = Box::new(TouchesBilling);
/// let change = Change::new(vec![File::new("billing/invoice.rs", Status::Modified)]);
/// assert_eq!(
///     classifier.classify(&change).to_string(),
///     "high\n  warning path.billing: billing/invoice.rs moves money"
/// );
/// ```
pub trait Classifier {
    /// Answers for a change.
    fn classify(&self, change: &Change) -> Decision<Level>;
}

/// Makes a [`Classifier`] of a closure.
///
/// # Example: everything is high during an audit
/// ```
/// use bellwether_core::{Decision, Level};
/// use bellwether_risk::{Change, Classifier, classifier_fn};
///
/// let audit = classifier_fn(|_: &Change| Decision::new(Level::High));
/// assert_eq!(audit.classify(&Change::default()).outcome, Level::High);
/// ```
pub const fn classifier_fn<F>(function: F) -> ClassifierFn<F>
where
    F: Fn(&Change) -> Decision<Level>,
{
    ClassifierFn(function)
}

/// A closure as a [`Classifier`]; see [`classifier_fn`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ClassifierFn<F>(F);

impl<F> Classifier for ClassifierFn<F>
where
    F: Fn(&Change) -> Decision<Level>,
{
    fn classify(&self, change: &Change) -> Decision<Level> {
        (self.0)(change)
    }
}

impl<C: Classifier + ?Sized> Classifier for &C {
    fn classify(&self, change: &Change) -> Decision<Level> {
        (**self).classify(change)
    }
}

impl<C: Classifier + ?Sized> Classifier for Arc<C> {
    fn classify(&self, change: &Change) -> Decision<Level> {
        (**self).classify(change)
    }
}

impl<C: Classifier + ?Sized> Classifier for Box<C> {
    fn classify(&self, change: &Change) -> Decision<Level> {
        (**self).classify(change)
    }
}
