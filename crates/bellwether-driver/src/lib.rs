//! Carries a plan out: observes, decides, writes down, then closes the difference through ports.
