//! What the environments before one have shown of a release.

use alloc::{borrow::ToOwned, collections::BTreeMap, vec::Vec};

use bellwether_core::{Duration, EnvironmentName, Finding, Time, Verdict};

use crate::{
    Environment, Need, Standing, Verification,
    case::Case,
    notes::Notes,
    place::{Granted, Place},
    record::Record,
};

/// Environments that stand for others, each evaluated once: a lattice of junctions has more ways through it than
/// anybody can walk.
type Seen<'a> = BTreeMap<(&'a EnvironmentName, Duration), Notes>;

impl<'a> Case<'a> {
    /// Asks the environments before whether the release may come here.
    pub(crate) fn check_upstream(&self, notes: &mut Notes) {
        let upstream = self.upstream(self.environment, self.environment.soak, (&mut Seen::new(), &*notes));
        notes.add(upstream);
    }

    fn upstream(&self, environment: &'a Environment, soak: Duration, (seen, notes): (&mut Seen<'a>, &Notes)) -> Notes {
        let parts = self.graph.before(environment).map(|before| self.part(before, soak, (&mut *seen, notes)));
        let parts: Vec<Notes> = parts.collect();
        let mut all = notes.fresh();
        match environment.need {
            Need::All => parts.into_iter().for_each(|part| all.add(part)),
            Need::One => all.add(one_of(parts, notes)),
        }
        all
    }

    /// What one environment before has shown, or those that it stands for.
    fn part(&self, before: &'a Environment, soak: Duration, (seen, notes): (&mut Seen<'a>, &Notes)) -> Notes {
        if before.is_junction() {
            return self.through(before, soak, (seen, notes));
        }
        let mut shown = notes.fresh();
        let failed = self.evidence(before, soak, &mut shown);
        if shown.standing == Standing::Enter {
            return shown;
        }
        let mut void = notes.fresh();
        let Some((granted, until)) = self.leave_to_skip(before, failed, &mut void) else {
            shown.findings.extend(void.findings);
            return shown;
        };
        let mut skipped = self.through(before, before.soak, (seen, notes));
        skipped.wake_at(Some(until));
        skipped.tell(|| self.skipped(before, granted, until));
        skipped
    }

    /// What the environments before one that nothing is asked of have shown.
    fn through(&self, before: &'a Environment, soak: Duration, (seen, notes): (&mut Seen<'a>, &Notes)) -> Notes {
        if let Some(known) = seen.get(&(&before.name, soak)) {
            // Its findings stand there once already.
            let mut again = notes.fresh();
            again.standing = known.standing;
            again.wake = known.wake;
            return again;
        }
        let shown = self.upstream(before, soak, (&mut *seen, notes));
        seen.insert((&before.name, soak), shown.clone());
        shown
    }

    /// What one environment has shown of the release itself. Gives when it last failed there.
    fn evidence(&self, before: &Environment, soak: Duration, notes: &mut Notes) -> Option<Time> {
        let place = self.facts.history.place(&before.name);
        let Some(record) = place.record(self.rank()) else {
            self.tell_absent(before, place, notes);
            return None;
        };
        if let Some(other) = &record.moved {
            let text = "what ran in {before} as {release} had the {kind} {seen}, it was made with {made}";
            notes.refuse(|| {
                let finding = self.before(Finding::critical("promotion.other_artefact", text), before);
                let seen = other.seen.clone().unwrap_or_else(|| "nobody looked at".to_owned());
                let finding = finding.figure("kind", other.kind.clone()).figure("seen", seen);
                finding.figure("made", other.made.clone()).flips_when("the same bytes ran there that were made")
            });
            return None;
        }
        let failed = self.tell_failed(before, record, notes);
        if failed.is_some() {
            return failed;
        }
        if !record.is_exposed {
            self.tell_absent(before, place, notes);
            return None;
        }
        self.check_verified(before, record, notes);
        self.check_soak(before, (record, soak), notes);
        if let Some(last) = place.last.filter(|last| *last > notes.now) {
            let text =
                "the last event of {before} says {last}, which is still to come: nothing there counts until then";
            notes.wait(Some(last), || {
                self.before(Finding::warning("promotion.clock", text), before).figure("last", last)
            });
        }
        if notes.standing == Standing::Enter {
            notes.tell(|| self.fulfilled(before, record, soak));
        }
        None
    }

    fn tell_absent(&self, before: &Environment, place: &Place, notes: &mut Notes) {
        let is_coming = place.under_way.is_some_and(|under_way| under_way.rank == self.rank());
        let text = if is_coming {
            "{release} is on its way into {before}, not fully exposed there yet"
        } else {
            "{release} was never fully exposed in {before}"
        };
        notes.wait(None, || {
            self.before(Finding::info("promotion.upstream", text), before)
                .flips_when("it were fully exposed, verified and had soaked in {before}")
        });
    }

    /// A failure there, of a verification or of the rollout itself.
    fn tell_failed(&self, before: &Environment, record: &Record, notes: &mut Notes) -> Option<Time> {
        let judged = record.verdict.filter(|judged| judged.verdict == Verdict::Fail).map(|judged| judged.at);
        let (at, text) = match (judged, record.went_back) {
            (Some(at), _) => (at, "{release} failed its last verification in {before} at {at}"),
            (None, Some(at)) => (at, "the rollout of {release} into {before} went back at {at}"),
            (None, None) => return None,
        };
        notes.refuse(|| {
            let finding = self.before(Finding::critical("promotion.failed_upstream", text), before).figure("at", at);
            finding.flips_when("it were brought into {before} again and passed there")
        });
        Some(judged.max(record.went_back).unwrap_or(at))
    }

    fn check_verified(&self, before: &Environment, record: &Record, notes: &mut Notes) {
        if before.verification == Verification::None || record.is_verified() {
            return;
        }
        notes.wait(None, || {
            let verdict = record.verdict.map(|judged| judged.verdict);
            let text = if verdict.is_some() {
                "the last verification of {release} in {before} was {verdict}"
            } else {
                "{release} is not verified in {before}"
            };
            let finding = self.before(Finding::info("promotion.unverified", text), before);
            let finding = finding.flips_when("its verification in {before} passed");
            match verdict {
                Some(verdict) => finding.figure("verdict", alloc::format!("{verdict}")),
                None => finding,
            }
        });
    }

    fn check_soak(&self, before: &Environment, (record, soak): (&Record, Duration), notes: &mut Notes) {
        let soaked = record.soaked(notes.now, before.silence);
        if soaked >= soak {
            return;
        }
        let until = record.soaks_until(soak, before.silence);
        notes.wait(until, || {
            let is_there = record.stay.is_some();
            let text = match (until, is_there) {
                (Some(_), _) => "{release} has soaked {soaked} of {soak} in {before}: {left} left, until {until}",
                (None, true) => {
                    "{release} has soaked {soaked} of {soak} in {before}: {left} left, seen again and again"
                }
                (None, false) => "{release} has soaked {soaked} of {soak} in {before}, and is no longer there",
            };
            let finding = self.before(Finding::info("promotion.soak", text), before);
            let finding = finding.figure("soaked", in_seconds(soaked)).figure("soak", soak);
            let finding = finding.figure("left", rounded_up(soak.saturating_sub(soaked)));
            match until {
                Some(until) => finding.figure("until", until).flips_when("it stays fully exposed until {until}"),
                None if is_there => finding.flips_when("looks find it fully exposed for {left} more"),
                None => finding.flips_when("it were brought there again and soaked"),
            }
        });
    }

    fn fulfilled(&self, before: &Environment, record: &Record, soak: Duration) -> Finding {
        let text = match (before.verification, soak.is_zero()) {
            (Verification::None, true) => "{release} was fully exposed in {before}",
            (Verification::None, false) => "{release} soaked {soaked} in {before}, {soak} were asked for",
            (Verification::Required, true) => "{release} was fully exposed and verified in {before}",
            (Verification::Required, false) => {
                "{release} was verified and soaked {soaked} in {before}, {soak} were asked for"
            }
        };
        let finding = self.before(Finding::info("promotion.upstream", text), before);
        let soaked = record.soaked(self.facts.now, before.silence);
        finding.figure("soaked", in_seconds(soaked)).figure("soak", soak)
    }

    fn skipped(&self, before: &Environment, granted: &Granted, until: Time) -> Finding {
        let text = "{by} lets {release} skip {before} until {until}: {why}";
        let finding = self.before(Finding::warning("promotion.override", text), before);
        let finding = finding.figure("by", granted.leave.by.as_str().to_owned()).figure("until", until);
        finding.figure("why", granted.leave.why.clone())
    }

    pub(crate) fn before(&self, finding: Finding, before: &Environment) -> Finding {
        let finding = finding.figure("release", self.known.made.release.as_str().to_owned());
        finding.figure("before", before.name.as_str().to_owned())
    }
}

/// Any one that is fulfilled is enough; otherwise everything is told that would be.
fn one_of(parts: Vec<Notes>, notes: &Notes) -> Notes {
    if parts.iter().any(|part| part.standing == Standing::Enter) {
        let fulfilled = parts.into_iter().filter(|part| part.standing == Standing::Enter);
        // What lapses last, so that leave to skip is not relied on where there is evidence.
        let best = fulfilled.max_by_key(|part| part.wake.map_or(Time::MAX, |wake| wake));
        return best.unwrap_or_else(|| notes.fresh());
    }
    let is_hopeless = parts.iter().all(|part| part.standing == Standing::Refuse);
    let mut all = notes.fresh();
    parts.into_iter().for_each(|part| all.add(part));
    all.standing = match (is_hopeless, all.standing) {
        (true, _) | (false, Standing::Enter) => all.standing,
        (false, _) => Standing::Wait,
    };
    all
}

/// Whole seconds: nobody reads the rest.
fn in_seconds(duration: Duration) -> Duration {
    Duration::from_seconds(duration.as_millis() / 1_000)
}

/// What is left, so that it has really gone by.
fn rounded_up(duration: Duration) -> Duration {
    Duration::from_seconds(duration.as_millis().div_ceil(1_000))
}
