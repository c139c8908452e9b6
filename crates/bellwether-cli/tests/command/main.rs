//! The command as its users meet it: the built binary, its files, its streams and its exit status.

#[cfg(test)]
mod arithmetic;
#[cfg(test)]
mod bake;
#[cfg(test)]
mod call;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod frame;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod import;
#[cfg(test)]
mod import_attack;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod prior;
#[cfg(test)]
mod promotion;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod risk;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod window;
