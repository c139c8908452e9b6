//! Somebody who stops a rollout for a while, by the driver's inbox.

use std::time::Duration;

use bellwether_core::Time;
use bellwether_driver::Handle;
use bellwether_port::InboxSender;
use bellwether_rollout::{Actor, Event, Kind, Place};

use crate::Result;

/// Longer than a step bakes, so that the rollout is seen to wait.
const LUNCH: Duration = Duration::from_secs(3);

/// What somebody does while a driver works.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operator {
    /// Nothing.
    Watches,
    /// Pauses the rollout in its second step and lets it go on later.
    PausesForLunch,
}

impl Operator {
    pub(crate) async fn attend(self, driver: Handle, inbox: InboxSender) -> Result<()> {
        match self {
            Self::Watches => Ok(()),
            Self::PausesForLunch => pause_for_lunch(driver, inbox).await,
        }
    }
}

async fn pause_for_lunch(driver: Handle, inbox: InboxSender) -> Result<()> {
    driver.watch().wait_for(|status| status.place == Place::Bake(1)).await?;
    inbox.send(command("pause-1", Kind::Paused { why: "lunch".into() })?);
    tokio::time::sleep(LUNCH).await;
    inbox.send(command("unpause-1", Kind::Unpaused)?);
    Ok(())
}

/// A command of ada's. The driver writes down when it came; the sender's clock does not count.
fn command(id: &str, kind: Kind) -> Result<Event> {
    Ok(Event { id: id.parse()?, at: Time::default(), by: Actor::Person("ada".parse()?), kind })
}
