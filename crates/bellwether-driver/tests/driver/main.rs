//! The driver in a world of fakes: whole rollouts, faults of every port, and a kill at every call.

#[cfg(test)]
mod crashes;
#[cfg(test)]
mod cut;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod journals;
#[cfg(test)]
mod rollouts;
#[cfg(test)]
mod time;
#[cfg(test)]
mod troubles;
#[cfg(test)]
mod world;
