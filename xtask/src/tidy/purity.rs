use crate::complaint::Complaint;
use crate::package::Package;
use crate::source::{Source, Token, begins, closing};
use crate::test_module::TestModule;
use crate::tree::Tree;

use super::row::Row;

/// Names that bring a clock or an order that differs from run to run.
const NAMES: [&str; 5] = ["Instant", "SystemTime", "HashMap", "HashSet", "RandomState"];
/// Modules of `std` that reach the world.
const MODULES: [&str; 7] = ["env", "fs", "io", "net", "os", "process", "thread"];
/// Types of chrono that read the clock by their `now`.
const CLOCKS: [&str; 2] = ["Utc", "Local"];

/// Each place outside the tests where a decision crate names a clock, the environment, a file, a socket, a thread or
/// a hash order. The bare build proves more for most of them; this names the line, and holds where std is allowed.
pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Complaint> {
    let decisions = packages.iter().filter(|package| Row::of(&package.name).is_some_and(Row::is_decision));
    let sources: Vec<String> = decisions.map(|package| format!("{}src/", package.folder())).collect();
    let tests = super::ratchet::test_files(tree);
    let files = tree.rust().filter(|(path, _)| sources.iter().any(|folder| path.starts_with(folder.as_str())));
    files
        .filter(|(path, _)| !tests.iter().any(|test| test.covers(path)))
        .flat_map(|(path, text)| of_file(path, text))
        .collect()
}

fn of_file(path: &str, text: &str) -> Vec<Complaint> {
    let source = Source::read(text);
    let tests = TestModule::all(&source);
    let tails = (0..source.tokens.len()).filter_map(|index| source.tokens.get(index..));
    let found = tails.flat_map(impure);
    let found = found.filter(|(line, _)| !tests.iter().any(|module| module.lines.contains(line)));
    found.map(|(line, name)| Complaint::new(path, line, format!("a decision crate does not use `{name}`"))).collect()
}

/// What the tokens begin with that a decision crate must not name.
fn impure(tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let Some(first) = tokens.first() else { return Vec::new() };
    if NAMES.contains(&first.text) {
        return vec![(first.line, first.text.to_owned())];
    }
    if CLOCKS.iter().any(|clock| begins(tokens, &[clock, ":", ":", "now"])) {
        return vec![(first.line, format!("{}::now", first.text))];
    }
    let Some(rest) = tokens.get(3..).filter(|_| begins(tokens, &["std", ":", ":"])) else { return Vec::new() };
    let modules = imported(rest).into_iter().filter(|module| MODULES.contains(&module.text));
    modules.map(|module| (module.line, format!("std::{}", module.text))).collect()
}

/// The modules named after `std::`: one, or those of a group.
fn imported<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let end = if begins(tokens, &["{"]) { closing(tokens) } else { None };
    let Some(group) = end.and_then(|end| tokens.get(..end)) else {
        return tokens.first().copied().into_iter().collect();
    };
    let mut depth = 0_usize;
    let mut names = Vec::new();
    for pair in group.windows(2) {
        let [before, name] = pair else { continue };
        match before.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 1 && ["{", ","].contains(&before.text) {
            names.push(*name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: (&str, &str) = ("crates/bellwether-risk/Cargo.toml", "[package]\nname = \"bellwether-risk\"\n");

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::from([MANIFEST, ("crates/bellwether-risk/src/rule.rs", text)]);
        let complaints = check(&tree, &Package::all(&tree).unwrap());
        complaints
            .iter()
            .map(|it| format!("{} {}", it.line, it.text.trim_start_matches("a decision crate does not use ")))
            .collect()
    }

    #[test]
    fn every_way_to_the_world_is_named_with_its_line() {
        assert_eq!(found("use std::env;\nlet a = std::fs::read(b);"), ["1 `std::env`", "2 `std::fs`"]);
        assert_eq!(found("use std::{\n fmt,\n collections::{BTreeMap, btree_map},\n thread,\n};"), ["4 `std::thread`"]);
        assert_eq!(found("use std::collections::HashMap;"), ["1 `HashMap`"]);
        assert_eq!(found("let now = time::Instant::now();\nUtc::now()"), ["1 `Instant`", "2 `Utc::now`"]);
    }

    #[test]
    fn near_misses_pass() {
        assert!(found("use std::{fmt, collections::{BTreeMap, fs}};\nuse core::net;\nself.env.now();").is_empty());
        assert!(found("// HashMap and std::fs\nlet a = \"std::env\"; let b = MyInstant;").is_empty());
    }

    #[test]
    fn tests_may_touch_the_world() {
        assert!(found("#[cfg(test)]\nmod tests {\n use std::collections::HashSet;\n}\n").is_empty());
        let tree = Tree::from([
            MANIFEST,
            ("crates/bellwether-risk/src/lib.rs", "#[cfg(test)]\nmod model;\n"),
            ("crates/bellwether-risk/src/model.rs", "use std::fs;"),
            ("crates/bellwether-risk/tests/a.rs", "use std::fs;"),
        ]);
        assert!(check(&tree, &Package::all(&tree).unwrap()).is_empty());
    }

    #[test]
    fn other_crates_may_touch_the_world() {
        let manifest = ("crates/bellwether-proxy/Cargo.toml", "[package]\nname = \"bellwether-proxy\"\n");
        let tree = Tree::from([manifest, ("crates/bellwether-proxy/src/lib.rs", "use std::net::TcpStream;")]);
        assert!(check(&tree, &Package::all(&tree).unwrap()).is_empty());
    }
}
