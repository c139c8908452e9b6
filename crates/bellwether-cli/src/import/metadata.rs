//! What every document of Kubernetes has.

use super::field::Field;

/// What becomes of it.
pub(super) const ROWS: &[Field] = &[
    Field::kept("apiVersion", "says with `kind` which system's document it is"),
    Field::kept("kind", "says with `apiVersion` which system's document it is"),
    Field::kept("metadata.name", "the plan's `id`, where --id names no other, or the name of a gate's set"),
    Field::ignored(
        "metadata.namespace",
        "a plan is for a service, wherever it runs; of it only is read which documents of a file speak of each other",
    ),
    Field::ignored("metadata.labels", OWN),
    Field::ignored("metadata.annotations", OWN),
    Field::ignored("metadata.creationTimestamp", CLUSTER),
    Field::ignored("metadata.deletionTimestamp", CLUSTER),
    Field::ignored("metadata.finalizers", CLUSTER),
    Field::ignored("metadata.generation", CLUSTER),
    Field::ignored("metadata.managedFields", CLUSTER),
    Field::ignored("metadata.ownerReferences", CLUSTER),
    Field::ignored("metadata.resourceVersion", CLUSTER),
    Field::ignored("metadata.selfLink", CLUSTER),
    Field::ignored("metadata.uid", CLUSTER),
];

const OWN: &str = "labels and annotations say nothing about how a rollout goes";
const CLUSTER: &str = "what the cluster keeps of the document says nothing about how a rollout goes";
