//! Deployment strategies: a release and a target in, a checked plan out.
