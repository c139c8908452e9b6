use bellwether_core::{Finding, Value};

use super::{about, arms, exponential, first_that_changes};
use crate::MetricKind;
use crate::monitor::Reading;
use crate::pass_process::PassProcess;

/// A metric passes.
pub(crate) fn no_harm(reading: &Reading<'_>) -> Finding {
    let text = match reading.spec.kind {
        MetricKind::Rate => {
            "the rate of {metric} is below {harm} times that of stable at this exposure, or below {acceptable}; evidence \
             {evidence} reached {needed}"
        }
        MetricKind::Distribution => {
            "at every named edge the rate of values of {metric} beyond it is below {harm} times that of stable at this \
             exposure, or below {acceptable}; evidence {evidence} reached {needed}"
        }
        MetricKind::Samples | MetricKind::Gauge => {
            "nothing speaks against {metric}, which cannot show that there is no harm"
        }
    };
    let finding = about(Finding::info("judge.no_harm", text), reading)
        .figure("harm", Value::Ratio(reading.spec.harm))
        .figure("acceptable", Value::Share(reading.spec.acceptable))
        .figure("evidence", exponential(reading.state.stage.pass.log_e()))
        .figure("needed", exponential(reading.log_needed_to_pass()))
        .figure("beta", Value::Ratio(reading.beta()));
    let Some(errors) = errors_that_end_the_pass(reading) else { return finding };
    finding
        .figure("flip_errors", errors)
        .flips_when("one more interval like the last had {flip_errors} or more candidate errors")
}

/// A metric passes where there is nothing to compare with.
pub(crate) fn guard_is_quiet(reading: &Reading<'_>) -> Finding {
    let text = "nothing speaks against {metric} at this exposure, where there is nothing to compare with: {candidate_errors} \
                of {candidate_requests} candidate requests failed ({candidate_rate})";
    let totals = reading.state.stage.totals;
    arms(about(Finding::info("judge.guard_quiet", text), reading), "", totals.stable, totals.candidate)
}

/// The fewest candidate errors in one more interval like the last that would take the evidence of no harm away.
fn errors_that_end_the_pass(reading: &Reading<'_>) -> Option<u64> {
    let PassProcess::Rate(no_harm) = &reading.state.stage.pass else { return None };
    let last = reading.state.stage.last?;
    let passes = |errors| {
        let mut no_harm = no_harm.clone();
        no_harm.update(&last.with_candidate_errors(errors).rates());
        no_harm.log_e() >= reading.log_needed_to_pass()
    };
    first_that_changes(last.arms.candidate.exposure, passes)
}
