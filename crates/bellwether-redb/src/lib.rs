//! The embedded journal of bellwether: one file, one writer, every record verified.
