use std::path::PathBuf;

use bellwether_risk::prior::{Metrics, Score, Table, standings};
use serde::Serialize;

use super::history::{self, Commit};
use crate::{
    answer::{Answer, Status},
    command::{Options, RiskScore},
    complaint::Complaint,
    document, frame,
    look::{Look, Role},
    source::Source,
    table::table,
};

/// Tables may have this many bytes.
const TABLE_BYTES_MAX: usize = 256 * 1_024;

/// As many commits are shown to people, the riskiest first.
const SHOWN_MAX: usize = 20;

/// What is said of each commit of a project.
struct ScoreAnswer {
    scored: Vec<Scored>,
    explain: bool,
}

/// What is said of one commit.
#[derive(Serialize)]
struct Scored {
    commit: String,
    probability: f64,
    #[serde(skip)]
    score: Score,
}

/// Scores the commits of a file.
pub(super) fn run(call: RiskScore, options: Options) -> Result<Status, Complaint> {
    frame::refuse_document_options(options)?;
    let table = read_table(call.table)?;
    let commits = history::read(&call.features, false)?;
    frame::show(&ScoreAnswer { scored: scored(&table, commits), explain: options.explain }, options)
}

fn read_table(file: Option<PathBuf>) -> Result<Table, Complaint> {
    file.map_or_else(|| Ok(Table::shipped()), |file| document::read(&Source::new(Some(file)), TABLE_BYTES_MAX))
}

/// Scores each commit against those before it, and gives them back in the file's order.
fn scored(table: &Table, commits: Vec<Commit>) -> Vec<Scored> {
    let mut commits: Vec<(usize, Commit)> = commits.into_iter().enumerate().collect();
    commits.sort_by_key(|(_, commit)| commit.row.date);
    let metrics: Vec<Metrics> = commits.iter().map(|(_, commit)| commit.row.metrics).collect();
    let scored = commits.into_iter().zip(standings(&metrics)).map(|((index, commit), standing)| {
        let score = table.score(&commit.row.metrics, standing);
        (index, Scored { commit: commit.name, probability: score.probability, score })
    });
    let mut scored: Vec<(usize, Scored)> = scored.collect();
    scored.sort_by_key(|(index, _)| *index);
    scored.into_iter().map(|(_, scored)| scored).collect()
}

impl Serialize for ScoreAnswer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.scored.serialize(serializer)
    }
}

impl Answer for ScoreAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, look: &Look) -> String {
        let mut riskiest: Vec<&Scored> = self.scored.iter().collect();
        riskiest.sort_by(|left, right| right.probability.total_cmp(&left.probability));
        let shown = if self.explain { riskiest.len() } else { SHOWN_MAX };
        let mut rows = vec![["commit", "probability", "because of"].map(str::to_owned)];
        rows.extend(riskiest.iter().take(shown).map(|scored| row(scored)));
        let head = look.paint(Role::Outcome, &format!("{} commits, the riskiest first", self.scored.len()));
        let rest = riskiest.len().saturating_sub(shown);
        let rest = if rest > 0 { format!("\n... and {rest} more") } else { String::new() };
        format!("{head}\n{}{rest}", table::<3>(&rows).trim_end())
    }

    /// One line a commit.
    fn document(&self) -> serde_json::Result<String> {
        let lines: Result<Vec<String>, _> = self.scored.iter().map(serde_json::to_string).collect();
        Ok(lines?.join("\n"))
    }
}

/// The commit and the three metrics that say the most about it.
fn row(scored: &Scored) -> [String; 3] {
    let part =
        |it: &bellwether_risk::prior::Contribution| format!("{} {} ({:+.1})", it.metric, short(it.value), it.log_odds);
    let parts: Vec<String> = scored.score.contributions.iter().take(3).map(part).collect();
    [scored.commit.clone(), format!("{:.3}", scored.probability), parts.join(", ")]
}

/// As many digits as people compare.
fn short(number: f64) -> String {
    bellwether_core::Value::Ratio(number).to_string()
}
