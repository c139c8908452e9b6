//! A weighted HTTP proxy that splits traffic between two versions and counts what both answer.
