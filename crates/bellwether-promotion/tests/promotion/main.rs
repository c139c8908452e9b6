//! Promotion as its users meet it: a graph, a log of what happened, a question and its answer.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod approvals;
#[cfg(test)]
mod bytes;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod overrides;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod soak;
#[cfg(test)]
mod starvation;
#[cfg(test)]
mod turns;
#[cfg(test)]
mod world;
