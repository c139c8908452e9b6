//! What the judge promises, checked against a naive recomputation, simulation and the figures of its design.

#[cfg(test)]
mod argo;
#[cfg(test)]
mod calibration;
#[cfg(test)]
mod continuity;
#[cfg(test)]
mod counters;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod kayenta;
#[cfg(test)]
mod kayenta_again;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod planning;
#[cfg(all(test, feature = "schema"))]
mod schemas;
#[cfg(test)]
mod series;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod totality;
#[cfg(test)]
mod verdicts;
#[cfg(test)]
mod world;
