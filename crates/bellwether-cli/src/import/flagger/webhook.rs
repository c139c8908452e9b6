use bellwether_core::{Finding, GateName};

use crate::{
    complaint::Complaint,
    import::{note, outline::unused, place::Place},
};

/// A webhook that must agree.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub(super) gate: GateName,
    pub(super) moment: Moment,
}

/// When a webhook is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Moment {
    /// Before the candidate has units.
    Start,
    /// When the candidate is ready, before anybody meets it.
    BeforeTraffic,
    /// Before each share.
    BeforeShare,
    /// With the metrics, at every look.
    Check,
    /// Before the candidate gets everything.
    Promotion,
}

impl Webhook {
    /// The webhooks of an analysis that something waits for.
    pub(super) fn all(
        analysis: &Place<'_>,
        of_metrics: &GateName,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Self>, Complaint> {
        let (mut hooks, mut taken) = (Vec::new(), vec![of_metrics.as_str().to_owned()]);
        for hook in analysis.field("webhooks")?.items()? {
            let (name, kind) = (hook.field("name")?, hook.field("type")?);
            let title = unused(name.name()?.to_owned(), &taken);
            let gate = GateName::new(&title).map_err(|error| name.unexpected(error))?;
            let Some(moment) = Moment::of(&kind, findings)? else {
                findings.push(note::ignored(&name, "no step waits for it"));
                continue;
            };
            if title != name.name()? {
                findings.push(note::changed(&name, format!("another gate has that name, so this one is `{title}`")));
            }
            hooks.push(Self { gate, moment });
            taken.push(title);
        }
        Ok(hooks)
    }
}

impl Moment {
    fn of(kind: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Option<Self>, Complaint> {
        Ok(Some(match kind.text()?.unwrap_or_default() {
            "confirm-rollout" => Self::Start,
            "pre-rollout" => Self::BeforeTraffic,
            "confirm-traffic-increase" => Self::BeforeShare,
            "rollout" => Self::Check,
            "" => {
                findings.push(note::assumed(kind, "checked with the metrics, there too"));
                Self::Check
            }
            "confirm-promotion" => Self::Promotion,
            "post-rollout" | "event" => {
                findings.push(note::ignored(kind, "whom to tell is the notifier's own"));
                return Ok(None);
            }
            "rollback" => {
                findings.push(note::lost(
                    kind,
                    "it can send a rollout back there; here the host must send the command `abort`",
                ));
                return Ok(None);
            }
            _ => {
                let known = "`confirm-rollout`, `pre-rollout`, `rollout`, `confirm-traffic-increase`, `confirm-promotion`, \
                             `post-rollout`, `rollback` or `event`";
                return Err(kind.unexpected(known));
            }
        }))
    }

    /// Whether a person answers, who may take as long as it needs.
    pub(super) const fn asks_a_person(self) -> bool {
        match self {
            Self::Start | Self::BeforeShare | Self::Promotion => true,
            Self::BeforeTraffic | Self::Check => false,
        }
    }
}
