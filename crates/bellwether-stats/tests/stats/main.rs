//! What the tests of bellwether-stats promise, checked against enumeration, simulation and published figures.

#[cfg(test)]
mod continuity;
#[cfg(test)]
mod detection;
#[cfg(test)]
mod exact;
#[cfg(test)]
mod false_alarms;
#[cfg(test)]
mod fixed;
#[cfg(test)]
mod fixed_totality;
#[cfg(test)]
mod formulas;
#[cfg(test)]
mod gauges;
#[cfg(test)]
mod passing;
#[cfg(test)]
mod ranks;
#[cfg(test)]
mod ratios;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod totality;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod values;
