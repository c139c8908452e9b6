//! What becomes of each field of Argo Rollouts' kinds, as of its version 1.9.

use crate::import::field::Field;

/// What `kind: Rollout` says, whatever its strategy.
pub(in crate::import) const ROLLOUT: &[Field] = &[
    Field::kept("spec.replicas", "`capacity.replicas`; 1 where it is absent, as there"),
    Field::ignored("spec.selector", "which pods it is about is the workload's own"),
    Field::ignored("spec.template", "of it only the image of a single container is read, as the candidate's name"),
    Field::ignored(
        "spec.workloadRef",
        "of it only kind and name are read: that Deployment gets no plan of its own, and its image is the candidate's name",
    ),
    Field::changed("spec.minReadySeconds", "a unit counts from the moment that the workload port calls it ready"),
    Field::ignored("spec.revisionHistoryLimit", "no old replica sets are kept"),
    Field::changed("spec.paused", "a rollout begins to move at once; pause it with a command"),
    Field::kept(
        "spec.progressDeadlineSeconds",
        "`conduct.deadline`, for scaling and for shifting; 10m where it is absent, as there",
    ),
    Field::kept("spec.progressDeadlineAbort", "a rollout that is late always goes back"),
    Field::ignored("spec.restartAt", "restarting pods is no rollout"),
    Field::changed("spec.rollbackWindow", "going back to an earlier version is a rollout of its own and skips no step"),
    Field::ignored("spec.analysis", "the journal keeps everything"),
    Field::ignored("status", "where a rollout stands is in its journal"),
];

/// What `spec.strategy.blueGreen` says.
pub(in crate::import) const BLUE_GREEN: &[Field] = &[
    Field::ignored("spec.strategy.blueGreen.activeService", "which service is switched is the router port's own"),
    Field::ignored(
        "spec.strategy.blueGreen.previewService",
        "which service shows the preview is the router port's own",
    ),
    Field::kept("spec.strategy.blueGreen.previewReplicaCount", "the units of the step `preview`"),
    Field::kept("spec.strategy.blueGreen.autoPromotionEnabled", "false: the step `switch` needs an approval"),
    Field::kept("spec.strategy.blueGreen.autoPromotionSeconds", "the least bake of the step `preview`"),
    Field::kept("spec.strategy.blueGreen.scaleDownDelaySeconds", "`conduct.standby`; 30s where it is absent, as there"),
    Field::ignored("spec.strategy.blueGreen.scaleDownDelayRevisionLimit", "there are two versions and no third"),
    Field::kept(
        "spec.strategy.blueGreen.abortScaleDownDelaySeconds",
        "`conduct.drain`; 30s where it is absent, as there",
    ),
    Field::kept("spec.strategy.blueGreen.prePromotionAnalysis.templates[].templateName", "a gate of the step `switch`"),
    Field::kept(
        "spec.strategy.blueGreen.prePromotionAnalysis.templates[].clusterScope",
        "the gate's name begins with `cluster/`",
    ),
    Field::kept(
        "spec.strategy.blueGreen.postPromotionAnalysis.templates[].templateName",
        "the step `switch` is guarded",
    ),
    Field::kept(
        "spec.strategy.blueGreen.postPromotionAnalysis.templates[].clusterScope",
        "the step `switch` is guarded",
    ),
    Field::ignored("spec.strategy.blueGreen.prePromotionAnalysis.args", QUERY),
    Field::ignored("spec.strategy.blueGreen.postPromotionAnalysis.args", QUERY),
    Field::changed("spec.strategy.blueGreen.prePromotionAnalysis.dryRun", DRY_RUN),
    Field::changed("spec.strategy.blueGreen.postPromotionAnalysis.dryRun", DRY_RUN),
    Field::ignored("spec.strategy.blueGreen.prePromotionAnalysis.measurementRetention", RETENTION),
    Field::ignored("spec.strategy.blueGreen.postPromotionAnalysis.measurementRetention", RETENTION),
    Field::ignored("spec.strategy.blueGreen.prePromotionAnalysis.analysisRunMetadata", METADATA),
    Field::ignored("spec.strategy.blueGreen.postPromotionAnalysis.analysisRunMetadata", METADATA),
    Field::ignored("spec.strategy.blueGreen.maxUnavailable", "it is about restarts there, which are no rollout"),
    Field::ignored("spec.strategy.blueGreen.antiAffinity", "where pods run is the workload's own"),
    Field::ignored("spec.strategy.blueGreen.activeMetadata", METADATA),
    Field::ignored("spec.strategy.blueGreen.previewMetadata", METADATA),
];

/// What `spec.strategy.canary` says beside its steps.
pub(in crate::import) const CANARY: &[Field] = &[
    Field::ignored("spec.strategy.canary.canaryService", "which service a share goes to is the router port's own"),
    Field::ignored("spec.strategy.canary.stableService", "which service a share goes to is the router port's own"),
    Field::ignored("spec.strategy.canary.canaryMetadata", METADATA),
    Field::ignored("spec.strategy.canary.stableMetadata", METADATA),
    Field::ignored("spec.strategy.canary.antiAffinity", "where pods run is the workload's own"),
    Field::ignored("spec.strategy.canary.pingPong", "how services are switched is the router port's own"),
    Field::kept(
        "spec.strategy.canary.maxSurge",
        "without a router: `capacity.exchange.surge`; a quarter where it is absent, as there",
    ),
    Field::kept(
        "spec.strategy.canary.maxUnavailable",
        "without a router: `capacity.exchange.unavailable`; a quarter where it is absent, as there",
    ),
    Field::kept(
        "spec.strategy.canary.scaleDownDelaySeconds",
        "with a router: `conduct.standby`; 30s where it is absent, as there",
    ),
    Field::ignored("spec.strategy.canary.scaleDownDelayRevisionLimit", "there are two versions and no third"),
    Field::kept(
        "spec.strategy.canary.abortScaleDownDelaySeconds",
        "with a router: `conduct.drain`; 30s where it is absent, as there",
    ),
    Field::kept("spec.strategy.canary.minPodsPerReplicaSet", "with a router: the least units of each live step"),
    Field::changed("spec.strategy.canary.replicaProgressThreshold", "all units must be ready before a share is raised"),
    Field::kept("spec.strategy.canary.dynamicStableScale", "`conduct.stable_sizing: follows_traffic`"),
    Field::kept(
        "spec.strategy.canary.analysis.templates[].templateName",
        "a gate of every later step, and the steps that it watches are guarded",
    ),
    Field::kept("spec.strategy.canary.analysis.templates[].clusterScope", "the gate's name begins with `cluster/`"),
    Field::kept("spec.strategy.canary.analysis.startingStep", "the first entry of the steps that it watches"),
    Field::ignored("spec.strategy.canary.analysis.args", QUERY),
    Field::changed("spec.strategy.canary.analysis.dryRun", DRY_RUN),
    Field::ignored("spec.strategy.canary.analysis.measurementRetention", RETENTION),
    Field::ignored("spec.strategy.canary.analysis.analysisRunMetadata", METADATA),
    Field::kept(
        "spec.strategy.canary.trafficRouting.maxTrafficWeight",
        "the whole of which the weights are parts; 100 where it is absent, as there",
    ),
    Field::ignored("spec.strategy.canary.trafficRouting.managedRoutes", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.istio", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.smi", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.ambassador", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.appMesh", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.traefik", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.apisix", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.plugins", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.nginx.stableIngress", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.nginx.stableIngresses", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.nginx.annotationPrefix", ROUTER),
    Field::changed(
        "spec.strategy.canary.trafficRouting.nginx.additionalIngressAnnotations",
        "what they route by headers or cookies is no part of the shares",
    ),
    Field::changed(
        "spec.strategy.canary.trafficRouting.nginx.canaryIngressAnnotations",
        "what they route by headers or cookies is no part of the shares",
    ),
    Field::ignored("spec.strategy.canary.trafficRouting.alb.ingress", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.alb.ingresses", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.alb.rootService", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.alb.servicePort", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.alb.servicePorts", ROUTER),
    Field::ignored("spec.strategy.canary.trafficRouting.alb.annotationPrefix", ROUTER),
    Field::changed(
        "spec.strategy.canary.trafficRouting.alb.stickinessConfig",
        "whether users stay with their version is the router port's own",
    ),
];

/// What an entry of `spec.strategy.canary.steps` says.
pub(in crate::import) const STEP: &[Field] = &[
    Field::kept("spec.strategy.canary.steps[].setWeight", "a step with that share"),
    Field::kept("spec.strategy.canary.steps[].pause.duration", "added to the step's least bake"),
    Field::kept("spec.strategy.canary.steps[].pause", "without a duration: the next step needs an approval"),
    Field::kept("spec.strategy.canary.steps[].setCanaryScale.replicas", "the units of the steps from here on"),
    Field::kept(
        "spec.strategy.canary.steps[].setCanaryScale.weight",
        "the units of the steps from here on, as a part of the replicas",
    ),
    Field::kept(
        "spec.strategy.canary.steps[].setCanaryScale.matchTrafficWeight",
        "the units of the steps from here on follow the share again",
    ),
    Field::kept(
        "spec.strategy.canary.steps[].analysis.templates[].templateName",
        "a gate of the next step; its length is added to the bake where the template is in the same file",
    ),
    Field::kept(
        "spec.strategy.canary.steps[].analysis.templates[].clusterScope",
        "the gate's name begins with `cluster/`",
    ),
    Field::ignored("spec.strategy.canary.steps[].analysis.args", QUERY),
    Field::changed("spec.strategy.canary.steps[].analysis.dryRun", DRY_RUN),
    Field::ignored("spec.strategy.canary.steps[].analysis.measurementRetention", RETENTION),
    Field::ignored("spec.strategy.canary.steps[].analysis.analysisRunMetadata", METADATA),
    Field::kept("spec.strategy.canary.steps[].experiment.analyses[].templateName", "a gate of the next step"),
    Field::kept(
        "spec.strategy.canary.steps[].experiment.analyses[].clusterScope",
        "the gate's name begins with `cluster/`",
    ),
    Field::ignored("spec.strategy.canary.steps[].experiment.analyses[].name", "a gate has its template's name"),
    Field::ignored("spec.strategy.canary.steps[].experiment.analyses[].args", QUERY),
    Field::ignored(
        "spec.strategy.canary.steps[].experiment.analyses[].requiredForCompletion",
        "every gate is required",
    ),
    Field::kept("spec.strategy.canary.steps[].experiment.duration", "added to the step's least bake"),
    Field::lost(
        "spec.strategy.canary.steps[].experiment.templates",
        "a baseline and a candidate side by side of one size are no part of a plan",
    ),
    Field::changed("spec.strategy.canary.steps[].experiment.dryRun", DRY_RUN),
    Field::ignored("spec.strategy.canary.steps[].experiment.analysisRunMetadata", METADATA),
    Field::kept(
        "spec.strategy.canary.steps[].setHeaderRoute.name",
        "the name of a cohort, whose size `--cohort-size` declares",
    ),
    Field::changed(
        "spec.strategy.canary.steps[].setHeaderRoute.match[].headerName",
        "which requests are the cohort is told to the router",
    ),
    Field::changed(
        "spec.strategy.canary.steps[].setHeaderRoute.match[].headerValue",
        "which requests are the cohort is told to the router",
    ),
    Field::ignored("spec.strategy.canary.steps[].setMirrorRoute.name", "a mirror has no name"),
    Field::kept(
        "spec.strategy.canary.steps[].setMirrorRoute.percentage",
        "the share that is mirrored; all where it is absent, as there",
    ),
    Field::kept(
        "spec.strategy.canary.steps[].setMirrorRoute.match[]",
        "a mirror where it names every request; none where it names some, because the others would be copied too",
    ),
    Field::kept("spec.strategy.canary.steps[].plugin.name", "a gate `plugin-...` of the next step"),
    Field::changed("spec.strategy.canary.steps[].plugin.config", "what the plugin does is the gate's own"),
    Field::changed(
        "spec.strategy.canary.steps[].replicaProgressThreshold",
        "all units must be ready before a share is raised",
    ),
];

/// What `kind: AnalysisTemplate` and `kind: ClusterAnalysisTemplate` say.
pub(in crate::import) const ANALYSIS: &[Field] = &[
    Field::kept("spec.metrics[].name", "the metric of a condition in a gate's set"),
    Field::kept("spec.metrics[].successCondition", "the condition's operator and bound"),
    Field::kept("spec.metrics[].failureCondition", "the condition's operator and bound, turned round"),
    Field::kept("spec.metrics[].interval", "how old a measurement may be; 5m where it is absent"),
    Field::kept("spec.metrics[].initialDelay", "a part of the length that an inline analysis adds to the bake"),
    Field::kept("spec.metrics[].count", "a part of the length that an inline analysis adds to the bake"),
    Field::kept(
        "spec.metrics[].failureLimit",
        "one less than `conduct.failures.total` of the plans in the same file that ask for it, the smallest of all",
    ),
    Field::changed("spec.metrics[].inconclusiveLimit", "a gate waits as long as it does not pass"),
    Field::changed("spec.metrics[].consecutiveErrorLimit", "a gate waits as long as nothing is measured").with_zero(),
    Field::changed("spec.metrics[].consecutiveSuccessLimit", "one measurement that passes is enough"),
    Field::ignored("spec.metrics[].provider", "where a metric is measured is the host's own"),
    Field::ignored("spec.args", QUERY),
    Field::kept("spec.dryRun[].metricName", "the metric's conditions only report"),
    Field::ignored("spec.measurementRetention", RETENTION),
    Field::lost("spec.templates", "the metrics of other templates are not in this set"),
    Field::ignored("status", "an analysis has no state here"),
];

const QUERY: &str = "what is asked of a metrics system is the host's own";
const DRY_RUN: &str = "every gate of a plan is enforced";
const RETENTION: &str = "the journal keeps everything";
const METADATA: &str = "labels and annotations say nothing about how a rollout goes";
const ROUTER: &str = "how the router is addressed is the router port's own";
