use std::collections::BTreeSet;

use bellwether_core::{Duration, Level, Weight};

use super::*;
use crate::{Change, Classifier, File, Flag, FlagState, Status};

/// A pair of changes for one rule: the first fires it, the second is as close as one gets without.
struct Pair {
    rule: &'static str,
    fires: Change,
    near_miss: Change,
}

fn pair(rule: &'static str, fires: Change, near_miss: Change) -> Pair {
    Pair { rule, fires, near_miss }
}

fn modified(path: &str) -> Change {
    Change::new(vec![File::new(path, Status::Modified)])
}

fn added(path: &str) -> Change {
    Change::new(vec![File::new(path, Status::Added)])
}

fn deleted(path: &str) -> Change {
    Change::new(vec![File::new(path, Status::Deleted)])
}

fn pairs() -> Vec<Pair> {
    let guarded = |state| modified("src/new/page.rs").with_flag(Flag::new("new-page", state).guarding("src/new/"));
    vec![
        pair("path.test", modified("src/tests/page.rs"), modified("src/contests/page.rs")),
        pair("path.document", modified("docs/guide.html"), modified("src/docs.rs")),
        pair("flag.off", guarded(FlagState::Off), guarded(FlagState::On)),
        pair("file.new", added("src/new/page.rs"), modified("src/new/page.rs")),
        pair("utility.not_called", modified("src/util/text.rs").with_label("not-called"), modified("src/util/text.rs")),
        pair("path.middleware", modified("src/middleware/trace.rs"), modified("src/middle/trace.rs")),
        pair("path.interface", modified("src/api/orders.rs"), modified("src/apiary/bees.rs")),
        pair("migration.added", added("db/migrations/0007_add.sql"), added("db/immigration/0007_add.sql")),
        pair("path.authentication", modified("src/auth/token.rs"), modified("src/author/token.rs")),
        pair("path.payment", modified("src/payments/charge.rs"), modified("src/repayments/charge.rs")),
        pair("path.data_write", modified("src/repository/order.rs"), modified("src/repositioning/order.rs")),
        pair("label.data_write", modified("a.rs").with_label("data-writes"), modified("a.rs").with_label("data-reads")),
        pair("migration.changed", deleted("db/migrations/0007_add.sql"), added("db/migrations/0007_add.sql")),
        pair(
            "label.breaking_migration",
            added("db/migrations/0007_drop.sql").with_label("breaking-migration"),
            added("db/migrations/0007_drop.sql").with_label("migration"),
        ),
    ]
}

fn fired(change: &Change) -> BTreeSet<String> {
    seed_003_rules().classify(change).findings.into_iter().map(|finding| finding.rule.into_owned()).collect()
}

fn level(change: &Change) -> Level {
    seed_003_rules().classify(change).outcome
}

#[test]
fn every_rule_has_a_pair_that_fires_and_nearly_fires() {
    for Pair { rule, fires, near_miss } in pairs() {
        assert!(fired(&fires).contains(rule), "{rule} did not fire for {fires:?}");
        assert!(!fired(&near_miss).contains(rule), "{rule} fired for {near_miss:?}");
    }
    let in_pairs: Vec<_> = pairs().iter().map(|pair| pair.rule).collect();
    let in_preset: Vec<_> = seed_003().rules.into_iter().map(|rule| rule.id).collect();
    assert_eq!(in_pairs, in_preset);
}

/// The trigger lines of the deployment strategy decision matrix, word for word, each with a change that it is about.
#[test]
fn the_classes_of_the_decision_matrix_get_its_levels() {
    let guarded = Flag::new("new-page", FlagState::Off).guarding("src/page.rs");
    let table = [
        ("Test files, documentation, code with flags OFF", Level::Zero, modified("tests/orders.rs")),
        ("Test files, documentation, code with flags OFF", Level::Zero, modified("docs/orders.md")),
        ("Test files, documentation, code with flags OFF", Level::Zero, modified("src/page.rs").with_flag(guarded)),
        ("New files not yet integrated", Level::Low, added("src/loyalty.rs")),
        ("Utility functions not yet called", Level::Low, modified("src/utils/round.ts").with_label("not-called")),
        ("Middleware changes, API modifications", Level::Medium, modified("app/middleware.ts")),
        ("Middleware changes, API modifications", Level::Medium, modified("proto/orders.proto")),
        ("Database migrations (backward compatible)", Level::Medium, added("db/migrate/1_add_column.rb")),
        ("Authentication, payment processing", Level::High, modified("src/login.ts")),
        ("Authentication, payment processing", Level::High, modified("internal/payment_gateway.go")),
        ("Data writes, breaking DB migrations", Level::High, modified("src/persistence/order.kt")),
        (
            "Data writes, breaking DB migrations",
            Level::High,
            added("db/migrate/2_drop.rb").with_label("breaking-migration"),
        ),
    ];
    for (line, expected, change) in table {
        assert_eq!(level(&change), expected, "{line}: {}", seed_003_rules().classify(&change));
    }
}

/// What the design of the rules says beyond the matrix.
#[test]
fn what_is_not_known_to_be_harmless_is_not_zero() {
    assert_eq!(level(&modified("Makefile")), Level::Medium, "an unknown path");
    assert_eq!(level(&Change::default()), Level::Medium, "no file named");
    assert_eq!(level(&modified("docs/../src/page.rs")), Level::Medium, "a path that hides where it leads");
    assert_eq!(level(&deleted("db/migrations/0007_add.sql")), Level::High, "a migration taken away");
    let both = Change::new(vec![
        File::new("docs/login.md", Status::Modified),
        File::new("src/auth/login.rs", Status::Modified),
    ]);
    assert_eq!(level(&both), Level::High, "a document and a login");
    assert_eq!(
        level(&Change::new(vec![File::renamed("src/page.rs", "docs/page.rs")])),
        Level::Medium,
        "a file taken away"
    );
    let hidden = modified("src/auth/login.rs").with_flag(Flag::new("login", FlagState::Off).guarding("src/auth/"));
    assert_eq!(level(&hidden), Level::High, "a login behind a flag");
}

#[test]
fn tests_and_documents_of_sensitive_code_stay_harmless() {
    for path in ["src/auth/tests/login.rs", "src/payments/README.md", "src/auth/__tests__/login.test.ts"] {
        assert_eq!(level(&modified(path)), Level::Zero, "{path}");
    }
}

#[test]
fn a_text_that_the_program_may_read_is_no_document() {
    assert_eq!(level(&modified("src/prompts/system.md")), Level::Medium);
}

/// The matrix: "Wait: 0 hours", "Wait: 1 hour with flag OFF", "10% (2-4 hrs) → 50% (4-8 hrs) → 100%", "1-5% (8-24 hrs) →
/// 10% → 25% → 50% → 75% → 100%" and "Each stage: 4-8 hours minimum".
#[test]
fn the_matrix_prints_what_the_guide_says() {
    let matrix = seed_003_matrix();
    let shown = |level| matrix.approach(level).to_string();
    assert_eq!(matrix.name(), "seed-003-patterns-reference");
    assert_eq!(shown(Level::Zero), "immediate: 100 %; watch deployment success only");
    assert_eq!(shown(Level::Low), "flag gated: flag off (1h); watch no errors from new code");
    assert_eq!(
        shown(Level::Medium),
        "canary: 10 % (2h to 4h) → 50 % (4h to 8h) → 100 %; watch error rate, latency, success rate"
    );
    assert_eq!(
        shown(Level::High),
        "extended canary: 1 % to 5 % (8h to 1d) → 10 % (4h to 8h) → 25 % (4h to 8h) → 50 % (4h to 8h) → 75 % (4h to 8h) \
         → 100 % (4h to 8h); watch everything, intensively at every stage"
    );
}

/// 2 + 4 hours, and 8 + 5 · 4 hours, by the same lines.
#[test]
fn the_shortest_way_is_the_sum_of_the_least_waits() {
    let matrix = seed_003_matrix();
    let shortest = |level| matrix.approach(level).shortest();
    let hours = [Level::Zero, Level::Low, Level::Medium, Level::High].map(shortest);
    assert_eq!(hours, [0, 1, 6, 28].map(Duration::from_hours));
}

#[test]
fn a_matrix_that_goes_backwards_is_refused_with_its_place() {
    let backwards = SEED_003_MATRIX.replacen("2500", "900", 1);
    let error = serde_json::from_str::<Matrix>(&backwards).unwrap_err().to_string();
    let expected = "$.high.stages[2].share: expected more than the 10 % of the stage before, found 9 % to 25 %";
    assert!(error.starts_with(expected), "{error}");

    let standing = SEED_003_MATRIX.replacen("2500", "1000", 1);
    assert!(serde_json::from_str::<Matrix>(&standing).is_err(), "a stage that reaches nobody new");

    let mut matrix: serde_json::Value = serde_json::from_str(SEED_003_MATRIX).unwrap();
    matrix["medium"]["stages"][1]["wait"]["min"] = "9h".into();
    let error = serde_json::from_value::<Matrix>(matrix).unwrap_err().to_string();
    assert_eq!(error, "$.medium.stages[1].wait: expected min at most max, found 9h to 8h");
}

#[test]
fn the_presets_read_back() {
    let rules = serde_json::to_string(&seed_003()).unwrap();
    assert_eq!(serde_json::from_str::<RuleSet>(&rules).unwrap(), seed_003());
    let matrix = serde_json::to_string(&seed_003_matrix()).unwrap();
    assert_eq!(serde_json::from_str::<Matrix>(&matrix).unwrap(), seed_003_matrix());
    assert_eq!(seed_003_matrix().approach(Level::High).stages[0].share.max, Weight::new(500).unwrap());
}
