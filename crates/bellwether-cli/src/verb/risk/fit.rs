use std::path::Path;

use bellwether_core::{Finding, Value};
use bellwether_risk::prior::{Fit, Fitted, Row};
use serde::Serialize;

use super::history;
use crate::{
    answer::{Answer, Status},
    command::{Options, RiskFit},
    complaint::Complaint,
    frame,
    look::{Look, Role},
    table::table,
};

/// A fitted table, and what it is worth.
struct FitAnswer {
    fitted: Fitted,
    worth: Vec<Finding>,
}

/// Fits a table on the files.
pub(super) fn run(call: RiskFit, options: Options) -> Result<Status, Complaint> {
    frame::refuse_document_options(options)?;
    let RiskFit { features, pairs, ridge, provenance } = call;
    let read = |path: &std::path::PathBuf| {
        let commits = history::read(path, true)?;
        Ok(commits.into_iter().map(|commit| commit.row).collect())
    };
    let projects = features.iter().map(read).collect::<Result<Vec<Vec<Row>>, Complaint>>()?;
    let names = features.iter().filter_map(|path| path.file_name()).map(|name| Path::new(name).display().to_string());
    let provenance = provenance.unwrap_or_else(|| names.collect::<Vec<_>>().join(", "));
    let fit = Fit::default().with_ridge(ridge).with_provenance(provenance);
    let fit = if pairs { fit.with_pairs() } else { fit };
    let fitted = fit.fit(&projects).map_err(|error| Complaint::new("refused", "", error))?;
    let worth = vec![worth(&fitted)];
    frame::show(&FitAnswer { fitted, worth }, options)
}

fn worth(fitted: &Fitted) -> Finding {
    let validation = &fitted.validation;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let text = "fitted on {rows} commits, {bugs} of which a later fix touched; a table of the older four fifths scores the \
                newer {newer} with an AUC of {auc}, a Brier score of {brier}, and {captured} of the bad ones in the riskiest \
                fifth";
    Finding::info("risk.fitted", text)
        .figure("rows", count(fitted.rows))
        .figure("bugs", count(fitted.bugs))
        .figure("newer", count(validation.rows))
        .figure("auc", Value::Ratio(validation.auc))
        .figure("brier", Value::Ratio(validation.brier))
        .figure("captured", Value::Share(validation.captured))
}

impl Serialize for FitAnswer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fitted.table.serialize(serializer)
    }
}

impl Answer for FitAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, "a table of coefficients");
        let mut rows = vec![["band", "commits", "said", "was"].map(str::to_owned)];
        let bands = self.fitted.validation.calibration.iter().enumerate();
        rows.extend(bands.map(|(index, band)| {
            let share = |share: f64| Value::Share(share).to_string();
            [(index + 1).to_string(), band.rows.to_string(), share(band.said), share(band.was)]
        }));
        let hint = "with --output json the table itself is printed, which `risk score --table` reads";
        format!("{head}{}\n{}\n{hint}", look.findings(&self.worth), table(&rows).trim_end())
    }

    fn beside(&self) -> &[Finding] {
        &self.worth
    }
}
