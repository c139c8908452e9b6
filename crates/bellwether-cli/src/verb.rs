//! One file a verb.

pub(crate) mod bake;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod judge;
pub(crate) mod plan;
pub(crate) mod presets;
pub(crate) mod promotion;
pub(crate) mod replay;
pub(crate) mod risk;
pub(crate) mod schema;
pub(crate) mod simulate;
pub(crate) mod window;
