/// What a crate is, and with that what it may be built from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Pure, without the standard library.
    Decision,
    /// Pure as well, but a library it needs is built on std; clippy keeps the rest of std out.
    DecisionWithStd,
    /// Knows the world through traits.
    Port,
    /// Speaks to one real system.
    Adapter,
    /// Names the others for a host.
    Facade,
    /// Ends in a program: may use everything.
    Program,
}

/// One line of the table of crates: its name without the common prefix, and the own and foreign crates it may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    own: &'static [&'static str],
    foreign: &'static [&'static str],
}

/// The arrows between the crates, as ARCHITECTURE.md describes them. They point one way.
const ROWS: &[Row] = &[
    row("core", Kind::Decision, &[], &[]),
    row("stats", Kind::Decision, &[], &[]),
    row("risk", Kind::DecisionWithStd, &["core"], &["globset"]),
    row("gate", Kind::Decision, &["core"], &[]),
    // Planning simulates; without its default features `rand` has no source but a seed.
    row("analysis", Kind::Decision, &["core", "stats"], &["rand"]),
    row("strategy", Kind::Decision, &["core"], &["sha2"]),
    row("rollback", Kind::Decision, &["core"], &[]),
    row("rollout", Kind::Decision, &["core", "strategy"], &[]),
    row("window", Kind::DecisionWithStd, &["core", "gate"], &["croner", "chrono-tz"]),
    row("migration", Kind::Decision, &["core"], &[]),
    row("promotion", Kind::Decision, &["core", "gate"], &[]),
    row("flag", Kind::Decision, &["core", "strategy"], &[]),
    row("port", Kind::Port, &["core", "rollout", "analysis", "gate", "strategy"], &[]),
    row("driver", Kind::Port, &["port", "rollout", "analysis", "gate", "rollback", "core", "strategy"], &[]),
    row("proxy", Kind::Adapter, &[], &[]),
    row("redb", Kind::Adapter, &[], &[]),
    row("sqlite", Kind::Adapter, &[], &[]),
    row("postgres", Kind::Adapter, &[], &[]),
    row("prometheus", Kind::Adapter, &[], &[]),
    row("haproxy", Kind::Adapter, &[], &[]),
    row("envoy", Kind::Adapter, &[], &[]),
    row("evidence", Kind::Adapter, &[], &[]),
    row("git", Kind::Adapter, &[], &[]),
    row("openfeature", Kind::Adapter, &[], &[]),
    row("bellwether", Kind::Facade, &[], &[]),
    row("cli", Kind::Program, &[], &[]),
    row("examples", Kind::Program, &[], &[]),
    row("benches", Kind::Program, &[], &[]),
];

/// What every decision crate may use: types and arithmetic, nothing that touches the world.
const FOREIGN: [&str; 6] = ["serde", "serde_json", "thiserror", "chrono", "libm", "schemars"];

impl Row {
    pub(crate) fn of(package: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.name == short(package))
    }

    pub(crate) fn is_decision(&self) -> bool {
        matches!(self.kind, Kind::Decision | Kind::DecisionWithStd)
    }

    pub(crate) fn may_use(&self, package: &str) -> bool {
        if !is_own(package) {
            return !self.is_decision() || FOREIGN.contains(&package) || self.foreign.contains(&package);
        }
        let Some(used) = Self::of(package) else { return false };
        match self.kind {
            Kind::Decision | Kind::DecisionWithStd | Kind::Port => self.own.contains(&used.name),
            Kind::Adapter => used.is_decision() || used.name == "port",
            Kind::Facade => used.is_decision() || used.kind == Kind::Port,
            Kind::Program => true,
        }
    }
}

const fn row(name: &'static str, kind: Kind, own: &'static [&'static str], foreign: &'static [&'static str]) -> Row {
    Row { name, kind, own, foreign }
}

pub(crate) fn is_own(package: &str) -> bool {
    package == "bellwether" || package.starts_with("bellwether-")
}

fn short(package: &str) -> &str {
    package.strip_prefix("bellwether-").unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_arrow_leads_back() {
        let mut before = BTreeSet::new();
        let mut rest: Vec<_> = ROWS.iter().filter(|row| !row.own.is_empty() || row.is_decision()).collect();
        while !rest.is_empty() {
            let (ready, waiting): (Vec<&Row>, Vec<&Row>) =
                rest.into_iter().partition(|row| row.own.iter().all(|name| before.contains(name)));
            assert!(!ready.is_empty(), "these wait for each other or name no row: {waiting:?}");
            before.extend(ready.into_iter().map(|row| row.name));
            rest = waiting;
        }
    }

    #[test]
    fn adapters_use_ports_and_decisions_but_neither_each_other_nor_the_driver() {
        let redb = Row::of("bellwether-redb").unwrap();
        assert!(redb.may_use("bellwether-port") && redb.may_use("bellwether-risk") && redb.may_use("redb"));
        for other in ["bellwether-proxy", "bellwether-driver", "bellwether", "bellwether-cli"] {
            assert!(!redb.may_use(other), "{other}");
        }
    }

    #[test]
    fn the_facade_names_decisions_and_the_driver_but_no_adapter() {
        let facade = Row::of("bellwether").unwrap();
        assert!(facade.may_use("bellwether-driver") && facade.may_use("bellwether-core"));
        assert!(!facade.may_use("bellwether-redb") && !facade.may_use("bellwether-cli"));
    }
}
