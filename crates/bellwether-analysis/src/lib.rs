//! Canary analysis: a series of both arms in, one of four verdicts and the reasons out.
