use async_trait::async_trait;
use bellwether_core::Time;

/// Tells the time and waits.
///
/// # Contract
/// The caller takes every time of a rollout from one clock, and looks again after each wait: it may have been shorter or
/// longer.
///
/// The implementer's `now` never falls, also when somebody sets the machine's clock: it reads UTC once (the store's,
/// where there is one) and adds what has passed since. `sleep_until` returns at once for a time that is over.
///
/// A dropped wait has no effect.
///
/// # Example: a clock that is always right
/// ```
/// use async_trait::async_trait;
/// use bellwether_core::Time;
/// use bellwether_port::Clock;
///
/// struct Stopped(Time);
///
/// #[async_trait]
/// impl Clock for Stopped {
///     fn now(&self) -> Time {
///         self.0
///     }
///
///     async fn sleep_until(&self, at: Time) {
///         if at > self.0 {
///             std::future::pending::<()>().await;
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock: Box<dyn Clock> = Box::new(Stopped(Time::MIN));
/// clock.sleep_until(clock.now()).await;
/// # }
/// ```
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Time;

    /// Waits until that time.
    async fn sleep_until(&self, at: Time);
}
