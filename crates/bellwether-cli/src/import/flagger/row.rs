//! What becomes of each field of Flagger's `Canary`, as of its version 1.4x.

use crate::import::field::Field;

/// What `kind: Canary` says beside its analysis.
pub(in crate::import) const CANARY: &[Field] = &[
    Field::kept(
        "spec.provider",
        "`kubernetes` has no shares: blue-green, of 10 iterations where none are named, as there",
    ),
    Field::ignored("spec.metricsServer", QUERY),
    Field::kept(
        "spec.targetRef.name",
        "the Deployment of that name and namespace in the same file gives replicas and image, and gets no plan of its own",
    ),
    Field::ignored("spec.targetRef.apiVersion", "only a Deployment is looked for"),
    Field::kept(
        "spec.targetRef.kind",
        "only a `Deployment` is looked for; of another kind replicas and image are not known",
    ),
    Field::ignored("spec.targetRef.namespace", "only this file is looked at"),
    Field::changed(
        "spec.autoscalerRef",
        "an autoscaler is the workload port's own; --replicas says how many units it keeps",
    ),
    Field::ignored("spec.ingressRef", ROUTER),
    Field::ignored("spec.routeRef", ROUTER),
    Field::ignored("spec.upstreamRef", ROUTER),
    Field::ignored("spec.service", ROUTER),
    Field::kept(
        "spec.progressDeadlineSeconds",
        "`conduct.deadline`, for scaling and for shifting; 10m where it is absent, as there",
    ),
    Field::kept("spec.canaryAnalysis", "no plan: the name of `analysis` in old versions, to be renamed"),
    Field::kept("spec.skipAnalysis", "true: one step at 100 % that goes on by time, and nothing of the analysis"),
    Field::changed("spec.suspend", "a rollout begins to move at once; pause it with a command"),
    Field::ignored("spec.revertOnDeletion", "nothing is deleted"),
    Field::ignored("status", "where a rollout stands is in its journal"),
];

/// What `spec.analysis` says.
pub(in crate::import) const ANALYSIS: &[Field] = &[
    Field::kept(
        "spec.analysis.interval",
        "the least bake of each step; 60s where it is absent, at least 10s, as there",
    ),
    Field::kept(
        "spec.analysis.iterations",
        "so many intervals of a hidden or mirrored candidate, or of a cohort, before 100 %",
    ),
    Field::kept("spec.analysis.threshold", "`conduct.failures.total`; 1 where it is absent, as there"),
    Field::kept("spec.analysis.maxWeight", "the last share before 100 %; 100 where it is absent, as there"),
    Field::kept("spec.analysis.stepWeight", "the shares, each so much more than the one before"),
    Field::kept("spec.analysis.stepWeights", "the shares"),
    Field::changed(
        "spec.analysis.stepWeightPromotion",
        "the candidate takes everything over in one step and is not copied",
    ),
    Field::kept("spec.analysis.mirror", "a mirror before the first share"),
    Field::kept("spec.analysis.mirrorWeight", "the share that is mirrored; all where it is absent, as there"),
    Field::changed("spec.analysis.primaryReadyThreshold", "all units must be ready before a share is raised"),
    Field::changed("spec.analysis.canaryReadyThreshold", "all units must be ready before a share is raised"),
    Field::changed("spec.analysis.sessionAffinity", "whether users stay with their version is the router port's own"),
    Field::changed(
        "spec.analysis.match[]",
        "they are the cohort `match`, whose size --cohort-size declares; which requests it is must be told to the router",
    ),
    Field::ignored("spec.analysis.alerts", "whom to tell is the notifier's own"),
    Field::kept(
        "spec.analysis.metrics[].name",
        "the metric of a condition in the set `NAME-analysis`, a gate of every step after the first",
    ),
    Field::kept("spec.analysis.metrics[].thresholdRange.min", "a condition: at least that"),
    Field::kept("spec.analysis.metrics[].thresholdRange.max", "a condition: at most that"),
    Field::kept(
        "spec.analysis.metrics[].threshold",
        "a condition: at most that; at least that for `request-success-rate`",
    ),
    Field::kept(
        "spec.analysis.metrics[].interval",
        "the time that a measurement sums up; 1m where it is absent, as there",
    ),
    Field::ignored("spec.analysis.metrics[].query", QUERY),
    Field::ignored("spec.analysis.metrics[].templateRef", QUERY),
    Field::ignored("spec.analysis.metrics[].templateVariables", QUERY),
    Field::kept("spec.analysis.webhooks[].name", "the name of a gate"),
    Field::kept("spec.analysis.webhooks[].type", "which steps the gate belongs to, see below"),
    Field::ignored("spec.analysis.webhooks[].url", HOOK),
    Field::ignored("spec.analysis.webhooks[].timeout", HOOK),
    Field::ignored("spec.analysis.webhooks[].retries", HOOK),
    Field::ignored("spec.analysis.webhooks[].disableTLS", HOOK),
    Field::ignored("spec.analysis.webhooks[].muteAlert", HOOK),
    Field::ignored("spec.analysis.webhooks[].metadata", HOOK),
];

const QUERY: &str = "where a metric is measured is the host's own";
const ROUTER: &str = "how the router is addressed is the router port's own";
const HOOK: &str = "how a gate is asked is the host's own";
