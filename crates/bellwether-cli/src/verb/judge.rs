//! `judge`: is the candidate worse than what runs today, by bellwether's judges or by those of other systems.

use bellwether_core::Verdict;

use crate::{
    answer::Status,
    command::{self, JudgeFormat, JudgeName, Options},
    complaint::Complaint,
    frame,
};

mod argo;
mod calibrate;
mod kayenta;
mod series;
mod series_document;

pub(crate) use argo::{AnalysisAnswer, AnalysisDocument};
pub(crate) use calibrate::{CalibrateAnswer, HistoryDocument};
pub(crate) use kayenta::{Canary, KayentaAnswer};
pub(crate) use series::JudgeAnswer;
pub(crate) use series_document::SeriesDocument;

/// Answers by the judge that was asked for.
pub(crate) fn run(call: command::Judge, options: Options) -> Result<Status, Complaint> {
    let command::Judge { file, format, calibrate, judge, spec, at } = call;
    if calibrate {
        return frame::ask(&calibrate::Calibrate, file, options);
    }
    match format {
        Some(JudgeFormat::Kayenta) => frame::ask(&kayenta::AskKayenta, file, options),
        Some(JudgeFormat::Argo) => frame::ask(&argo::AskArgo, file, options),
        None => {
            let judge = judge.unwrap_or(JudgeName::Sequential);
            frame::ask(&series::AskJudge::new(judge, spec, at)?, file, options)
        }
    }
}

/// What a verdict is as an exit status.
const fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Pass => Status::Pass,
        Verdict::Fail => Status::Fail,
        Verdict::Inconclusive | Verdict::NoData => Status::Inconclusive,
    }
}
