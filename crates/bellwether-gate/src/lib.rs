//! Quality gates: evidence in, one of four verdicts and the reasons out.
