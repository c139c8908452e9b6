use std::sync::LazyLock;

use bellwether_core::{Severity, Value};
use proptest::prelude::*;

use super::*;
use crate::{Commit, File, Flag, FlagState, Risk, Rule, Status};

static DEFAULT: LazyLock<Rules> = LazyLock::new(Rules::default);

const LEVELS: [Level; 4] = [Level::Zero, Level::Low, Level::Medium, Level::High];

fn rule(id: &str, level: Level) -> Rule {
    Rule::new(id, level, Risk::Bugs, "matters")
}

fn rules(rules: Vec<Rule>) -> Rules {
    rules.into_iter().fold(RuleSet::new("test"), RuleSet::with_rule).compile().unwrap()
}

fn modified(paths: &[&str]) -> Change {
    Change::new(paths.iter().map(|path| File::new(*path, Status::Modified)).collect())
}

fn fired(decision: &Decision<Level>) -> Vec<&str> {
    decision.findings.iter().map(|finding| finding.rule.as_ref()).collect()
}

#[test]
fn the_highest_level_wins_and_every_rule_that_fired_is_named() {
    let rules = rules(vec![
        rule("docs", Level::Zero).with_path("docs/**"),
        rule("auth", Level::High).with_path("**/auth/**").with_mitigation("canary"),
    ]);
    let decision = rules.classify(&modified(&["docs/b.md", "src/auth/b.rs", "docs/a.md", "src/auth/a.rs"]));
    assert_eq!(
        decision.to_string(),
        "high\n  \
         warning auth: src/auth/a.rs matters (high, bugs, paths: 2); canary (would change: to zero without these paths)\n  \
         info docs: docs/a.md matters (zero, bugs, paths: 2)"
    );
    assert_eq!(decision.findings[0].value("paths"), Some(&Value::Count(2)));
}

#[test]
fn the_flip_of_a_reason_is_what_the_rest_of_the_change_would_get() {
    let rules = rules(vec![
        rule("auth", Level::High).with_path("auth/**"),
        rule("login", Level::Medium).with_path("auth/login.rs"),
        rule("docs", Level::Zero).with_path("docs/**"),
    ]);
    let decision = rules.classify(&modified(&["auth/login.rs", "docs/a.md"]));
    assert_eq!(
        decision.findings[0].rendered_flip().as_deref(),
        Some("to zero without these paths"),
        "the medium rule goes with its path"
    );
    let alone = rules.classify(&modified(&["auth/login.rs"]));
    assert_eq!(alone.findings[0].flips_when, None, "an empty change would say nothing");
}

#[test]
fn one_unknown_path_keeps_a_change_from_being_harmless() {
    let set = RuleSet::new("test").with_rule(rule("docs", Level::Zero).with_path("docs/**"));
    for (unmatched, severity) in [Level::Low, Level::Medium, Level::High].map(|level| (level, Severity::Warning)) {
        let rules = set.clone().with_unmatched(unmatched).compile().unwrap();
        assert_eq!(rules.classify(&modified(&["docs/a"])).outcome, Level::Zero);
        let decision = rules.classify(&modified(&["docs/a", "Makefile"]));
        assert_eq!((decision.outcome, fired(&decision)), (unmatched, vec!["path.unmatched", "docs"]));
        assert_eq!(decision.findings[0].severity, severity);
    }
}

#[test]
fn an_empty_change_is_as_unknown_as_an_unknown_path() {
    let decision = rules(vec![rule("docs", Level::Zero).with_path("docs/**")]).classify(&Change::default());
    assert_eq!((decision.outcome, fired(&decision)), (Level::Medium, vec!["change.empty"]));
}

/// All orders of three rules over one path, against the definition: the first, the last, the maximum.
#[test]
fn combining_takes_the_first_the_last_or_the_highest_of_a_path() {
    for levels in LEVELS.iter().flat_map(|a| LEVELS.iter().flat_map(move |b| LEVELS.map(|c| [*a, *b, c]))) {
        let expected =
            [(Combine::First, levels[0]), (Combine::Last, levels[2]), (Combine::Max, *levels.iter().max().unwrap())];
        for (combine, expected) in expected {
            let named = ["a", "b", "c"].into_iter().zip(levels);
            let set =
                named.fold(RuleSet::new("test"), |set, (id, level)| set.with_rule(rule(id, level).with_path("**")));
            let decision = set.with_combine(combine).compile().unwrap().classify(&modified(&["x"]));
            assert_eq!(decision.outcome, expected, "{combine:?} of {levels:?}");
            let count = if combine == Combine::Max { 3 } else { 1 };
            assert_eq!(decision.findings.len(), count, "{combine:?} of {levels:?}");
        }
    }
}

#[test]
fn a_harmless_file_makes_no_other_file_harmless_whatever_combines() {
    for combine in [Combine::First, Combine::Last, Combine::Max] {
        let set = RuleSet::new("test")
            .with_combine(combine)
            .with_rule(rule("auth", Level::High).with_path("auth/**"))
            .with_rule(rule("docs", Level::Zero).with_path("docs/**"));
        let decision = set.compile().unwrap().classify(&modified(&["docs/a", "auth/a"]));
        assert_eq!(decision.outcome, Level::High, "{combine:?}");
    }
}

#[test]
fn rules_about_the_change_stand_beside_the_paths() {
    let docs = rule("docs", Level::Zero).with_path("docs/**");
    let table = [
        (rule("label", Level::High).with_label("risky"), modified(&["docs/a"]).with_label("risky"), true),
        (rule("label", Level::High).with_label("risky"), modified(&["docs/a"]).with_label("risk"), false),
        (
            rule("type", Level::Low).with_commit_type("feat"),
            modified(&["docs/a"]).with_commit(Commit::new("Feat(x): y")),
            true,
        ),
        (
            rule("type", Level::Low).with_commit_type("feat"),
            modified(&["docs/a"]).with_commit(Commit::new("feature: y")),
            false,
        ),
        (
            rule("both", Level::High).with_label("risky").with_commit_type("fix"),
            modified(&["docs/a"]).with_label("risky").with_commit(Commit::new("feat: y")),
            false,
        ),
    ];
    for (rule, change, fires) in table {
        let expected = if fires { rule.level } else { Level::Zero };
        let decision = rules(vec![docs.clone(), rule.clone()]).classify(&change);
        assert_eq!(decision.outcome, expected, "{decision}");
        assert_eq!(fired(&decision).contains(&rule.id.as_str()), fires, "{decision}");
    }
}

#[test]
fn size_counts_the_lines_of_the_files_that_a_rule_matches() {
    let large = rule("large", Level::High).with_path("src/**").with_lines_min(100);
    let any = rule("any", Level::Low).with_path("**");
    let rules = rules(vec![large, any]);
    let change = |lines, elsewhere| {
        Change::new(vec![
            File::new("src/a.rs", Status::Modified).with_lines(lines, 1),
            File::new("generated/b.rs", Status::Modified).with_lines(elsewhere, 0),
        ])
    };
    assert_eq!(rules.classify(&change(99, 0)).outcome, Level::High);
    assert_eq!(rules.classify(&change(98, 5_000)).outcome, Level::Low);
}

#[test]
fn a_size_that_nobody_told_is_said() {
    let rules = rules(vec![rule("large", Level::High).with_lines_min(100), rule("any", Level::Low).with_path("**")]);
    let decision = rules.classify(&modified(&["logo.png"]));
    assert_eq!((decision.outcome, fired(&decision)), (Level::Low, vec!["any", "lines.unknown"]));
    let known = Change::new(vec![File::new("a", Status::Modified).with_lines(60, 40)]);
    assert_eq!(rules.classify(&known).findings[0].rendered(), "100 changed lines, 100 or more: matters (high, bugs)");
}

#[test]
fn a_breaking_commit_is_at_least_medium() {
    let rules = rules(vec![rule("docs", Level::Zero).with_path("docs/**")]);
    for (message, expected) in [
        ("docs!: drop the guide", Level::Medium),
        ("docs: x\n\nBREAKING CHANGE: the guide is gone", Level::Medium),
        ("docs: x\n\nBREAKING CHANGES are bad", Level::Zero),
        ("docs: x", Level::Zero),
    ] {
        let decision = rules.classify(&modified(&["docs/a"]).with_commit(Commit::new(message)));
        assert_eq!(decision.outcome, expected, "{message:?}");
    }
}

#[test]
fn a_renamed_file_leaves_one_place_and_arrives_at_another() {
    let rules = rules(vec![
        rule("docs", Level::Zero).with_path("docs/**"),
        rule("left", Level::High).with_path("migrations/**").with_status(Status::Deleted),
        rule("came", Level::Medium).with_path("migrations/**").with_status(Status::Added),
    ]);
    let level = |from, to| rules.classify(&Change::new(vec![File::renamed(from, to)])).outcome;
    assert_eq!(level("migrations/1.sql", "docs/1.sql"), Level::High);
    assert_eq!(level("docs/1.sql", "migrations/1.sql"), Level::Medium);
    assert_eq!(level("docs/1.sql", "docs/2.sql"), Level::Zero);
    let unknown = rules.classify(&Change::new(vec![File::new("docs/2.sql", Status::Renamed)]));
    assert_eq!((unknown.outcome, fired(&unknown)[0]), (Level::Medium, "path.origin_unknown"));
}

#[test]
fn a_path_cannot_hide_where_it_leads() {
    let rules =
        rules(vec![rule("docs", Level::Zero).with_path("docs/**"), rule("auth", Level::High).with_path("src/auth/**")]);
    for (path, expected) in [
        ("docs/../src/auth/login.rs", Level::High),
        ("src\\auth\\login.rs", Level::High),
        ("./src//auth/login.rs", Level::High),
        ("SRC/Auth/login.rs", Level::High),
        ("./docs/a", Level::Medium),
        ("/docs/a", Level::Medium),
        ("", Level::Medium),
        ("docs/a", Level::Zero),
    ] {
        assert_eq!(rules.classify(&modified(&[path])).outcome, expected, "{path:?}");
    }
}

#[test]
fn a_flag_hides_only_what_it_names_and_only_while_every_guard_is_off() {
    let rules = rules(vec![rule("off", Level::Zero).with_flag(FlagState::Off)]);
    let level = |flags: Vec<Flag>| {
        rules.classify(&flags.into_iter().fold(modified(&["src/new/a.rs"]), Change::with_flag)).outcome
    };
    let off = Flag::new("a", FlagState::Off);
    assert_eq!(level(vec![off.clone().guarding("src/new/")]), Level::Zero);
    assert_eq!(level(vec![off.clone().guarding("src/new/a.rs")]), Level::Zero);
    assert_eq!(level(vec![off.clone().guarding("src/new")]), Level::Medium, "a folder ends in /");
    assert_eq!(level(vec![off.clone().guarding("/")]), Level::Medium);
    assert_eq!(level(vec![off.clone()]), Level::Medium);
    let on = Flag::new("b", FlagState::On).guarding("src/new/a.rs");
    assert_eq!(level(vec![off.guarding("src/new/"), on]), Level::Medium);
}

#[test]
fn errors_name_the_rule_and_the_place() {
    let path = |glob: &str| rule("a", Level::High).with_path("x").with_path(glob);
    let table = [
        (vec![path("")], "$.rules[0].paths[1] of rule \"a\": expected a glob of 1 to 256 bytes, found \"\""),
        (
            vec![path("a[")],
            "$.rules[0].paths[1] of rule \"a\": expected a glob (unclosed character class; missing ']'), found \"a[\"",
        ),
        (
            vec![path("/docs/**")],
            "$.rules[0].paths[1] of rule \"a\": expected a glob of files from the root such as docs/** (no / or ! in \
             front, no / at the end), found \"/docs/**\"",
        ),
        (
            vec![rule("b", Level::Low).with_path("x"), rule("a", Level::High)],
            "$.rules[1] of rule \"a\": expected a condition: paths, status, flag, labels, commit_types or lines_min, \
             found none",
        ),
        (
            vec![rule("a", Level::Zero).with_label("docs")],
            "$.rules[0].level of rule \"a\": expected a level above zero, because without paths or a flag that is off \
             the rule knows nothing harmless, found zero",
        ),
        (
            vec![path("y"), path("z")],
            "$.rules[1].id of rule \"a\": expected an identifier that no rule before it has, found \"a\"",
        ),
        (
            vec![rule("path.unmatched", Level::Low).with_path("x")],
            "$.rules[0].id of rule \"path.unmatched\": expected an identifier that no built-in finding has, found \
             \"path.unmatched\"",
        ),
        (
            vec![rule("a", Level::High).with_label("x").with_except("y")],
            "$.rules[0].except of rule \"a\": expected globs only beside paths that they are taken from, found no paths",
        ),
    ];
    for (list, expected) in table {
        let error = list.into_iter().fold(RuleSet::new("test"), RuleSet::with_rule).compile().unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn settings_that_would_make_the_unknown_harmless_are_refused() {
    let refused = |set: RuleSet| set.compile().unwrap_err().to_string();
    let set = RuleSet::new("test");
    assert_eq!(
        refused(set.clone().with_unmatched(Level::Zero)),
        "$.unmatched: expected low, medium or high, found zero"
    );
    assert_eq!(refused(set.clone().with_breaking(Level::Low)), "$.breaking: expected medium or high, found low");
    assert_eq!(refused(RuleSet { schema: 2, ..set.clone() }), "$.schema: expected 1, found 2");
    let long = "x".repeat(257);
    assert!(set.with_rule(rule("a", Level::Low).with_path(long)).compile().is_err());
}

#[test]
fn unknown_and_doubled_fields_are_refused_by_name() {
    let refused = |text: &str| serde_json::from_str::<Change>(text).unwrap_err().to_string();
    assert!(
        refused(r#"{"files":[],"fils":[]}"#).starts_with("unknown field `fils`, expected one of `release`, `files`")
    );
    assert!(refused(r#"{"files":[],"files":[]}"#).starts_with("duplicate field `files`"));
    assert!(refused(r#"{"files":[{"path":"a","status":"copied"}]}"#).starts_with("unknown variant `copied`"));
    assert!(refused(r#"{"files":[{"path":"a"}]}"#).starts_with("missing field `status`"));
    assert!(serde_json::from_str::<RuleSet>(r#"{"schema":1,"name":"a","rules":[],"rule":[]}"#).is_err());
}

/// A naive classifier for the same rules: no globs, only folders, written from the definition.
fn naive(change: &[(usize, usize)]) -> Level {
    const FOLDERS: [Option<Level>; 5] =
        [Some(Level::Zero), Some(Level::Low), Some(Level::Medium), Some(Level::High), None];
    let levels = change.iter().map(|(folder, _)| FOLDERS[*folder].unwrap_or(Level::Medium));
    levels.max().unwrap_or(Level::Medium)
}

fn by_folder() -> Rules {
    let named = ["zero", "low", "medium", "high"].into_iter().zip(LEVELS);
    rules(named.map(|(name, level)| rule(name, level).with_path(format!("{name}/**"))).collect())
}

fn change_of(files: &[(usize, usize)]) -> Change {
    let folders = ["zero", "low", "medium", "high", "other"];
    let file = |(folder, name): &(usize, usize)| File::new(format!("{}/{name}", folders[*folder]), Status::Modified);
    Change::new(files.iter().map(file).collect())
}

proptest! {
    #[test]
    fn the_level_is_what_the_definition_says(files in prop::collection::vec((0_usize..5, 0_usize..9), 0..12)) {
        prop_assert_eq!(by_folder().classify(&change_of(&files)).outcome, naive(&files));
    }

    #[test]
    fn the_order_of_the_files_decides_nothing(
        files in prop::collection::vec((0_usize..5, 0_usize..9), 0..12).prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle()))
    ) {
        let rules = by_folder();
        prop_assert_eq!(rules.classify(&change_of(&files.0)), rules.classify(&change_of(&files.1)));
    }

    #[test]
    fn another_file_never_lowers_the_level(
        files in prop::collection::vec((0_usize..5, 0_usize..9), 1..12), more in (0_usize..5, 0_usize..9)
    ) {
        let rules = by_folder();
        let mut larger = files.clone();
        larger.push(more);
        prop_assert!(rules.classify(&change_of(&larger)).outcome >= rules.classify(&change_of(&files)).outcome);
    }

    #[test]
    fn zero_needs_every_path_to_be_known_as_zero(files in prop::collection::vec((0_usize..5, 0_usize..9), 0..6)) {
        let is_zero = !files.is_empty() && files.iter().all(|(folder, _)| *folder == 0);
        prop_assert_eq!(by_folder().classify(&change_of(&files)).outcome == Level::Zero, is_zero);
    }

    #[test]
    fn any_text_can_be_classified(path in ".{0,40}", message in "(?s).{0,60}") {
        let change = modified(&[&path]).with_commit(Commit::new(message));
        let decision = DEFAULT.classify(&change);
        prop_assert!(!decision.findings.is_empty());
        let text = serde_json::to_string(&decision).unwrap();
        prop_assert_eq!(serde_json::from_str::<Decision<Level>>(&text).unwrap(), decision);
    }
}
