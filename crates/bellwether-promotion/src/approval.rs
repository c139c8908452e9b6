//! Who agreed to a release.

use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use bellwether_core::{ActorName, Finding, Time};

use crate::{Approvals, artefact::difference, case::Case, notes::Notes, person::Person, place::Word};

/// Why a word does not count.
enum Counts {
    /// It does, until a time.
    Approved(Option<Time>),
    Declined(String),
    Not(&'static str),
}

impl Case<'_> {
    /// Counts the people who agreed to exactly these bytes, none of them an author.
    pub(crate) fn check_approvals(&self, notes: &mut Notes) {
        let Some(approvals) = &self.environment.approvals else { return self.tell_unasked(notes) };
        if self.known.made.authors.is_empty() {
            let text = "{environment} asks for approvals, and nobody knows whose work {release} is";
            return notes.wait(None, || {
                self.warning("promotion.author_unknown", text).flips_when("its making had named its authors")
            });
        }
        let authors: BTreeSet<Person> = self.known.made.authors.iter().map(Person::of).collect();
        if self.is_impossible(approvals, &authors, notes) {
            return;
        }
        let (mut given, mut heard): (Vec<&str>, _) = (Vec::new(), authors.clone());
        for (person, word) in self.place.words.get(&self.rank()).into_iter().flatten() {
            let (Word::Approved { by, .. } | Word::Declined { by, .. }) = word;
            match self.counts(approvals, &authors, (person, word)) {
                Counts::Approved(until) => {
                    notes.wake_at(until);
                    given.push(by.as_str());
                    heard.insert(person.clone());
                }
                Counts::Declined(why) => notes.refuse(|| {
                    let finding =
                        self.critical("promotion.declined", "{by} declined {release} for {environment}: {why}");
                    let finding = finding.figure("by", by.as_str().to_owned()).figure("why", why);
                    finding.flips_when("{by} had approved it")
                }),
                Counts::Not(why) => notes.tell(|| self.unheard(word, why)),
            }
        }
        self.tell_given(approvals, (&given, others(approvals, &heard)), notes);
    }

    /// Says who agreed, and who else may.
    fn tell_given(&self, approvals: &Approvals, (given, others): (&[&str], String), notes: &mut Notes) {
        let count = u32::try_from(given.len()).unwrap_or(u32::MAX);
        let by = || if given.is_empty() { "nobody".to_owned() } else { given.join(", ") };
        if count >= approvals.count {
            return notes.tell(|| {
                self.info("promotion.approved", "{release} is approved for {environment} by {by}").figure("by", by())
            });
        }
        notes.wait(None, || {
            let text = "{given} of {count} approvals of {release} for {environment}, by {by}";
            let finding = self.warning("promotion.approval", text).figure("given", count);
            let finding = finding.figure("count", approvals.count).figure("by", by());
            let finding = finding.figure("missing", approvals.count.saturating_sub(count));
            finding.figure("of", others).flips_when("{missing} more of {of} approved it")
        });
    }

    /// Nobody should believe to have been heard who was not.
    fn tell_unasked(&self, notes: &mut Notes) {
        for word in self.place.words.get(&self.rank()).into_iter().flat_map(BTreeMap::values) {
            notes.tell(|| self.unheard(word, "nobody is asked here"));
        }
    }

    fn unheard(&self, word: &Word, why: &'static str) -> Finding {
        let (Word::Approved { by, .. } | Word::Declined { by, .. }) = word;
        let text = "what {by} said of {release} for {environment} does not count: {void}";
        let finding = self.warning("promotion.approval_void", text);
        finding.figure("by", by.as_str().to_owned()).figure("void", why)
    }

    /// Whether no approvals that may still come could be enough.
    fn is_impossible(&self, approvals: &Approvals, authors: &BTreeSet<Person>, notes: &mut Notes) -> bool {
        let others = approvals.of.iter().filter(|name| !authors.contains(&Person::of(name))).count();
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        if approvals.of.is_empty() || others >= approvals.count {
            return false;
        }
        let text = "{count} approvals of {of} are asked for, and only {others} of them did not make {release}";
        notes.refuse(|| {
            let finding = self.critical("promotion.approval_impossible", text).figure("count", approvals.count);
            let finding = finding.figure("of", people(approvals)).figure("others", others);
            finding.flips_when("more people could approve for {environment}")
        });
        true
    }

    fn counts(&self, approvals: &Approvals, authors: &BTreeSet<Person>, (person, word): (&Person, &Word)) -> Counts {
        let is_author = authors.contains(person);
        let is_asked = approvals.of.is_empty() || approvals.of.iter().any(|name| Person::of(name) == *person);
        let now = self.facts.now;
        match word {
            // An author who warns of the own work is heard.
            Word::Declined { why, .. } if is_author => Counts::Declined(why.clone()),
            Word::Approved { .. } if is_author => Counts::Not("it is their own work"),
            Word::Approved { .. } | Word::Declined { .. } if !is_asked => Counts::Not("they are not asked"),
            Word::Declined { why, .. } => Counts::Declined(why.clone()),
            Word::Approved { digests, .. } if self.is_other(digests) => Counts::Not("it is for other bytes"),
            Word::Approved { until: Some(until), .. } if *until <= now => Counts::Not("it has lapsed"),
            Word::Approved { until, .. } => Counts::Approved(*until),
        }
    }

    fn is_other(&self, digests: &BTreeMap<String, String>) -> bool {
        difference(&self.known.made.version, digests, &self.graph.draft().varies).is_some()
    }
}

fn people(approvals: &Approvals) -> String {
    let names: Vec<&str> = approvals.of.iter().map(ActorName::as_str).collect();
    names.join(", ")
}

/// Those whose word would be one more: neither an author nor somebody who has agreed already.
fn others(approvals: &Approvals, heard: &BTreeSet<Person>) -> String {
    if approvals.of.is_empty() {
        return "anybody".to_owned();
    }
    let others = approvals.of.iter().filter(|name| !heard.contains(&Person::of(name)));
    others.map(ActorName::as_str).collect::<Vec<_>>().join(", ")
}
