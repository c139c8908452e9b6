use alloc::{format, string::String, vec::Vec};

use super::*;
use crate::{DataClass, Environment, Need, OnNewer, Trigger, Verification};

fn environment<'a>(graph: &'a Graph, name: &str) -> &'a Environment {
    graph.environment(&name.parse().unwrap()).unwrap()
}

fn arrows(graph: &Graph) -> Vec<String> {
    let arrow = |environment: &Environment| {
        let before: Vec<&str> = environment.from.iter().map(|name| name.as_str()).collect();
        format!("{} → {}", before.join(" + "), environment.name)
    };
    graph.environments().map(arrow).collect()
}

fn rules(graph: &Graph) -> Vec<String> {
    graph.check().iter().map(|finding| format!("{} {}", finding.rule, finding.value("environment").unwrap())).collect()
}

/// The workflow of the guide: "on: push: branches: [main]", "deploy-staging: needs: build", "smoke-tests: needs:
/// deploy-staging", "deploy-production: needs: smoke-tests".
#[test]
fn seed_000_goes_from_main_to_staging_and_after_its_smoke_tests_to_production() {
    let graph = seed_000();
    assert_eq!(arrows(&graph), [" → staging", "staging → production"]);
    for name in ["staging", "production"] {
        let environment = environment(&graph, name);
        assert_eq!((environment.trigger, environment.branches.join(" ")), (Trigger::Automatic, "main".into()));
    }
    assert_eq!(environment(&graph, "staging").verification, Verification::Required);
    assert_eq!(rules(&graph), ["promotion.unguarded production"], "the guide asks nobody before production");
}

/// The table of the guide, "Environment | Purpose | Data | Access | Deployment":
/// Local: Fake/seeded, Manual. Development: Fake/seeded, Auto on merge to `develop`. Staging: Production-like or copy,
/// Auto on merge to `main`. Production: Real customer data, Manual approval required. And "Preview/Ephemeral: [Per PR,
/// auto-deployed, auto-destroyed]", "Demo: [For sales demos, stable, production-like data]".
#[test]
fn seed_001_has_the_triggers_the_data_and_the_approval_of_its_table() {
    let graph = seed_001();
    let rows: Vec<String> = graph
        .environments()
        .map(|it| {
            let approvals = it.approvals.as_ref().map_or(0, |approvals| approvals.count);
            format!("{} {:?} {:?} {:?} {approvals}", it.name, it.data, it.trigger, it.branches)
        })
        .collect();
    assert_eq!(
        rows,
        [
            "local Some(Seeded) Person [] 0",
            "development Some(Seeded) Automatic [\"develop\"] 0",
            "staging Some(Copy) Automatic [\"main\"] 0",
            "production Some(Live) Person [\"main\"] 1",
            "preview Some(Seeded) Automatic [] 0",
            "demo Some(Copy) Person [] 0",
            "load-testing None Person [] 0",
        ]
    );
    // "Deployment trigger: Manual approval after staging verification", "needs: [deploy-staging, run-smoke-tests]".
    let production = environment(&graph, "production");
    assert_eq!((arrows(&graph)[3].as_str(), production.need), ("staging → production", Need::All));
    assert_eq!(environment(&graph, "staging").verification, Verification::Required);
    assert!(rules(&graph).is_empty());
}

/// ".env.staging" and ".env.production" of the guide; "Deploy Staging" (smoke and end-to-end tests) comes before
/// "Deploy Production"; "Dockerfile - Same image across all environments".
#[test]
fn seed_002_has_the_settings_of_both_environment_files() {
    let graph = seed_002();
    assert_eq!(arrows(&graph), [" → staging", "staging → production"]);
    let setting = |name: &str, key: &str| environment(&graph, name).settings[key].clone();
    for (key, staging, production) in [
        ("NODE_ENV", "staging", "production"),
        ("DATABASE_URL", "${STAGING_DATABASE_URL}", "${PRODUCTION_DATABASE_URL}"),
        ("REDIS_URL", "${STAGING_REDIS_URL}", "${PRODUCTION_REDIS_URL}"),
        ("API_BASE_URL", "https://api-staging.example.com", "https://api.example.com"),
        ("LOG_LEVEL", "debug", "info"),
    ] {
        assert_eq!((setting("staging", key), setting("production", key)), (staging.into(), production.into()));
        assert!(environment(&graph, "production").may_differ.contains(key), "{key}");
    }
    assert!(graph.draft().varies.is_empty(), "no digest is made anew for an environment");
}

/// The diagram of the guide: Development Environment → Integration Testing → Staging Environment → Pre-Production →
/// Production Blue and Green; Performance Testing → Security Testing → Demo Environment. And its table: "replicas: 1",
/// "2", "5"; "cpu: '100m'", "'250m'", "'500m'"; "memory: '128Mi'", "'256Mi'", "'512Mi'"; "debug_mode: true", "false",
/// "false"; "log_level: 'debug'", "'info'", "'warn'"; the three databases.
#[test]
fn seed_004_has_the_rows_of_its_diagram_and_the_figures_of_its_table() {
    let graph = seed_004();
    assert_eq!(
        arrows(&graph),
        [
            " → development",
            "development → integration-testing",
            "integration-testing → staging",
            "staging → pre-production",
            "pre-production → production",
            " → performance-testing",
            "performance-testing → security-testing",
            "security-testing → demo",
        ]
    );
    for (key, values) in [
        ("replicas", ["1", "2", "5"]),
        ("cpu", ["100m", "250m", "500m"]),
        ("memory", ["128Mi", "256Mi", "512Mi"]),
        ("database", ["dev-postgres", "staging-postgres", "prod-postgres-cluster"]),
        ("debug_mode", ["true", "false", "false"]),
        ("log_level", ["debug", "info", "warn"]),
    ] {
        for (name, value) in ["development", "staging", "production"].into_iter().zip(values) {
            assert_eq!(environment(&graph, name).settings[key], value, "{key} of {name}");
        }
    }
    assert_eq!(environment(&graph, "production").data, Some(DataClass::Live));
}

#[test]
fn no_preset_starves_an_environment_and_each_reads_back() {
    assert_eq!(ALL.map(|preset| preset.graph()), [seed_000(), seed_001(), seed_002(), seed_004()]);
    for graph in ALL.map(|preset| preset.graph()) {
        assert!(graph.environments().all(|environment| environment.on_newer == OnNewer::Wait));
        let text = serde_json::to_string(&graph).unwrap();
        assert_eq!(serde_json::from_str::<Graph>(&text).unwrap(), graph, "{text}");
    }
}
