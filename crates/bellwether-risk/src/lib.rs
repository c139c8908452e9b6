//! Risk classification: facts about a change in, a level and its reasons out.
