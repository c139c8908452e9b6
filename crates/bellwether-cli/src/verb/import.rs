use bellwether_core::{Digest, Finding};
use bellwether_gate::AllOf;
use bellwether_strategy::{Facts, Plan, PlanDraft, WayBack, check};
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::{Shown, status};
use crate::{
    answer::{Answer, Question, Status},
    command::{self, Options, Print},
    complaint::Complaint,
    document::{self, Document},
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    import::{Guide, Imported, Settings, import},
    look::{Look, Role},
    node::Node,
    source::Source,
};

/// A cluster keeps more of a document than its author wrote.
const BYTES_MAX: usize = 1_024 * 1_024;

/// Answers for a file, which may hold several documents, or for each line.
pub(crate) fn answer(call: command::PlanImport, options: Options) -> Result<Status, Complaint> {
    if call.fields {
        frame::refuse_document_options(options)?;
        return frame::show(&FieldsAnswer { kinds: Guide::all() }, options);
    }
    let (question, file) = (Import::new(&call), call.file);
    if options.lines {
        return frame::ask(&question, file, options);
    }
    let source = Source::new(file);
    let documents = document::read_all(&source, BYTES_MAX, options.input)?;
    let answer = question.of(&documents).map_err(|complaint| complaint.of(&source))?;
    frame::show(&answer, options)
}

/// Asks what another system's documents are as plans.
#[derive(Clone, Debug)]
struct Import {
    settings: Settings,
    print: Print,
}

/// What another system's documents are as plans.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct ImportAnswer {
    /// One entry a document that is rolled out, or that says what a gate demands.
    imported: Vec<Entry>,
    /// What is to be said about the other documents.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    #[serde(skip)]
    print: Print,
    /// All findings, for those who only see the plans.
    #[serde(skip)]
    all: Vec<Finding>,
}

/// What became of one document.
#[derive(Debug, JsonSchema, Serialize)]
struct Entry {
    /// Its kind, such as `Rollout`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Where it stands in its file.
    at: String,
    /// Its plan; null where it has none, because no plan can say the same or because it is rolled out by another one.
    #[schemars(with = "Option<PlanDraft>")]
    plan: Option<Plan>,
    /// The plan's identity.
    digest: Option<Digest>,
    /// What gates of plans demand, as far as the document says so.
    gates: Vec<AllOf>,
    /// What became of its fields, and what to know before its plan is carried out. The most serious first.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Import {
    fn new(call: &command::PlanImport) -> Self {
        let settings = Settings {
            id: call.id.clone(),
            stable: call.stable.clone(),
            candidate: call.candidate.clone(),
            level: call.level,
            replicas: call.replicas,
            cohort_size: call.cohort_size,
            compare: call.compare,
        };
        Self { settings, print: call.print }
    }

    fn of(&self, documents: &[Document]) -> Result<ImportAnswer, Complaint> {
        let made = import(documents, &self.settings)?;
        let imported: Vec<Entry> = made.imported.into_iter().map(Entry::from).collect();
        let all = imported.iter().flat_map(|entry| &entry.findings).chain(&made.findings).cloned().collect();
        Ok(ImportAnswer { imported, findings: made.findings, print: self.print, all })
    }
}

/// One line is one document, or a list of them.
impl Question for Import {
    type Input = Node;
    type Answer = ImportAnswer;

    const BYTES_MAX: usize = BYTES_MAX;

    fn answer(&self, node: Node) -> Result<ImportAnswer, Complaint> {
        self.of(&[Document { within: None, node }])
    }
}

impl From<Imported> for Entry {
    fn from(imported: Imported) -> Self {
        let Imported { kind, name, at, plan, gates, mut findings } = imported;
        findings.extend(plan.iter().flat_map(|plan| check(plan, &Facts::default())));
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Self { kind, name, at, digest: plan.as_ref().map(Plan::digest), plan, gates, findings }
    }
}

impl Answer for ImportAnswer {
    fn status(&self) -> Status {
        status(&self.all)
    }

    fn text(&self, look: &Look) -> String {
        let mut parts: Vec<String> = self.imported.iter().map(|entry| entry.text(look)).collect();
        if !self.findings.is_empty() {
            parts.push(format!("{}{}", look.paint(Role::Quiet, "other documents"), look.findings(&self.findings)));
        }
        parts.join("\n\n")
    }

    fn document(&self) -> serde_json::Result<String> {
        let plans: Vec<&Plan> = self.imported.iter().filter_map(|entry| entry.plan.as_ref()).collect();
        let gates: Vec<&AllOf> = self.imported.iter().flat_map(|entry| &entry.gates).collect();
        match self.print {
            Print::Report => serde_json::to_string_pretty(self),
            Print::Plans => each(&plans),
            Print::Gates => each(&gates),
        }
    }

    fn beside(&self) -> &[Finding] {
        match self.print {
            Print::Report => &[],
            Print::Plans | Print::Gates => &self.all,
        }
    }
}

/// What becomes of every field.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct FieldsAnswer {
    /// By the kind of the document.
    kinds: Vec<Guide>,
}

impl Answer for FieldsAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, _: &Look) -> String {
        self.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
    }
}

/// One document as it is, several one a line each, as `--lines` reads them.
fn each<T: Serialize>(documents: &[T]) -> serde_json::Result<String> {
    match documents {
        [] => Ok("null".to_owned()),
        [one] => serde_json::to_string_pretty(one),
        several => {
            let lines = several.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
            Ok(lines.join("\n"))
        }
    }
}

impl Entry {
    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &format!("{} {} at {}", self.kind, self.name, self.at));
        let plan = match &self.plan {
            Some(plan) => {
                let shown = Shown { plan, way_back: WayBack::of(plan), rto: None };
                format!("\n{}", shown.text(look))
            }
            None if self.gates.is_empty() => "\nno plan".to_owned(),
            None => String::new(),
        };
        let gates: String = self.gates.iter().map(|set| format!("\n{}", demanded(set))).collect();
        format!("{head}{plan}{gates}{}", told(&self.findings, look))
    }
}

/// The findings. What says nothing about the rollout is only counted, unless everything is asked for.
fn told(findings: &[Finding], look: &Look) -> String {
    let is_ignored = |finding: &&Finding| finding.rule == "import.ignored";
    let ignored = findings.iter().filter(is_ignored).count();
    if look.explain || ignored == 0 {
        return look.findings(findings);
    }
    let text = match ignored {
        1 => "1 more field says nothing about how a rollout goes; --explain names it".to_owned(),
        several => format!("{several} more fields say nothing about how a rollout goes; --explain names them"),
    };
    let others = look.findings(findings.iter().filter(|finding| !is_ignored(finding)));
    format!("{others}\n  {}", look.paint(Role::Quiet, &text))
}

/// What a set demands, in one line.
fn demanded(set: &AllOf) -> String {
    let conditions: Vec<String> =
        set.conditions().iter().map(|it| format!("{} {} {}", it.metric, it.operator, it.bound)).collect();
    format!("gate {}: {}", set.name(), conditions.join(", "))
}
