"""Limits of fields that the API's schemas leave out and its server enforces.

From the fields' own documentation and `pkg/apis/*/validation` of Kubernetes, as JSON Schema: definition, field, what more holds
of it. A definition or field that a version does not have is passed over.
"""

from __future__ import annotations

from typing import Any

from policies.model.workloads import quantities

Schema = dict[str, Any]

_PORT: Schema = {"minimum": 1, "maximum": 65535}
_PORT_OR_0: Schema = {"minimum": 0, "maximum": 65535}
_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL: Schema = {"pattern": rf"^{_NAME}$", "maxLength": 63}
_PORT_NAME: Schema = {"pattern": r"^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 15}
_KEY = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
_LABELS: Schema = {
    "propertyNames": {"pattern": _KEY},
    "additionalProperties": {
        "type": ["string", "null"], "maxLength": 63, "pattern": r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
    },
}  # fmt: skip
_DATA: Schema = {"propertyNames": {"pattern": r"^[-._a-zA-Z0-9]+$", "maxLength": 253}}
_NOT_NEGATIVE: Schema = {"minimum": 0}
_POSITIVE: Schema = {"minimum": 1}


def _one_of(*values: str) -> Schema:
    return {"enum": [None, *values]}


_PROTOCOL = _one_of("TCP", "UDP", "SCTP", "")
_UPDATE = _one_of("RollingUpdate", "OnDelete", "")
_PROFILE = _one_of("RuntimeDefault", "Localhost", "Unconfined")
_CORE, _APPS, _NETWORK = "io.k8s.api.core.v1.", "io.k8s.api.apps.v1.", "io.k8s.api.networking.v1."
_META, _RBAC, _SCALING = "io.k8s.apimachinery.pkg.apis.meta.v1.", "io.k8s.api.rbac.v1.", "io.k8s.api.autoscaling.v2."

LIMITS: dict[str, dict[str, Schema]] = {
    f"{_META}ObjectMeta": {"labels": _LABELS, "annotations": {"propertyNames": {"pattern": f"(?i){_KEY}"}}},
    f"{_META}LabelSelector": {"matchLabels": _LABELS},
    f"{_META}LabelSelectorRequirement": {"operator": _one_of("In", "NotIn", "Exists", "DoesNotExist")},
    f"{_CORE}PodSpec": {
        "containers": {"minItems": 1}, "restartPolicy": _one_of("Always", "OnFailure", "Never", ""),
        "dnsPolicy": _one_of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", ""),
        "terminationGracePeriodSeconds": _NOT_NEGATIVE, "activeDeadlineSeconds": _POSITIVE,
    },
    f"{_CORE}Container": {
        "name": _LABEL, "imagePullPolicy": _one_of("Always", "IfNotPresent", "Never", ""),
        "terminationMessagePolicy": _one_of("File", "FallbackToLogsOnError", ""),
    },
    f"{_CORE}ContainerPort": {"containerPort": _PORT, "hostPort": _PORT_OR_0, "protocol": _PROTOCOL, "name": _PORT_NAME},
    f"{_CORE}EnvVar": {"name": {"pattern": "^[^=]+$"}},
    f"{_CORE}Probe": dict.fromkeys(("periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold", "initialDelaySeconds"), _NOT_NEGATIVE),
    f"{_CORE}HTTPGetAction": {"scheme": _one_of("HTTP", "HTTPS", ""), "port": _PORT},
    f"{_CORE}TCPSocketAction": {"port": _PORT},
    f"{_CORE}GRPCAction": {"port": _PORT},
    f"{_CORE}Volume": {"name": _LABEL},
    f"{_CORE}VolumeMount": {"mountPath": {"pattern": "^[^:]+$"}},
    f"{_CORE}EmptyDirVolumeSource": {"medium": {"pattern": "^(|Memory|HugePages.*)$"}},
    f"{_CORE}PersistentVolumeClaimSpec": {
        "accessModes": {"items": _one_of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"), "minItems": 1},
        "volumeMode": _one_of("Filesystem", "Block"),
    },
    f"{_CORE}TopologySpreadConstraint": {"maxSkew": _POSITIVE, "whenUnsatisfiable": _one_of("DoNotSchedule", "ScheduleAnyway")},
    f"{_CORE}Toleration": {"effect": _one_of("", "NoSchedule", "PreferNoSchedule", "NoExecute")},
    f"{_CORE}SeccompProfile": {"type": _PROFILE},
    f"{_CORE}AppArmorProfile": {"type": _PROFILE},
    f"{_CORE}ServiceSpec": {
        "type": _one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName", ""),
        "sessionAffinity": _one_of("None", "ClientIP", ""), "selector": _LABELS,
        "externalTrafficPolicy": _one_of("Cluster", "Local", ""), "internalTrafficPolicy": _one_of("Cluster", "Local", ""),
        "ipFamilyPolicy": _one_of("SingleStack", "PreferDualStack", "RequireDualStack", ""),
    },
    f"{_CORE}ServicePort": {"port": _PORT, "targetPort": _PORT_OR_0, "nodePort": _PORT_OR_0, "protocol": _PROTOCOL, "name": _LABEL},
    f"{_CORE}ConfigMap": {"data": _DATA, "binaryData": _DATA},
    f"{_CORE}Secret": {"data": _DATA, "stringData": _DATA},
    f"{_APPS}DeploymentSpec": {"replicas": _NOT_NEGATIVE},
    f"{_APPS}DeploymentStrategy": {"type": _one_of("RollingUpdate", "Recreate", "")},
    f"{_APPS}StatefulSetSpec": {"replicas": _NOT_NEGATIVE, "podManagementPolicy": _one_of("OrderedReady", "Parallel", "")},
    f"{_APPS}StatefulSetUpdateStrategy": {"type": _UPDATE},
    f"{_APPS}DaemonSetUpdateStrategy": {"type": _UPDATE},
    "io.k8s.api.batch.v1.JobSpec": dict.fromkeys(("backoffLimit", "completions", "parallelism", "ttlSecondsAfterFinished"), _NOT_NEGATIVE),
    "io.k8s.api.batch.v1.CronJobSpec": {
        "concurrencyPolicy": _one_of("Allow", "Forbid", "Replace", ""), "schedule": {"pattern": r"^\s*(@\w+( \S+)?|\S+(\s+\S+){4})\s*$"},
    },
    f"{_SCALING}HorizontalPodAutoscalerSpec": {"maxReplicas": _POSITIVE, "minReplicas": _NOT_NEGATIVE},
    f"{_SCALING}MetricSpec": {"type": _one_of("Resource", "ContainerResource", "Pods", "Object", "External")},
    f"{_SCALING}MetricTarget": {"type": _one_of("Utilization", "Value", "AverageValue"), "averageUtilization": _POSITIVE},
    f"{_NETWORK}NetworkPolicySpec": {"policyTypes": {"items": _one_of("Ingress", "Egress")}},
    f"{_NETWORK}NetworkPolicyPort": {"port": _PORT, "endPort": _PORT, "protocol": _PROTOCOL},
    f"{_NETWORK}HTTPIngressPath": {"pathType": _one_of("Exact", "Prefix", "ImplementationSpecific")},
    f"{_NETWORK}ServiceBackendPort": {"number": _PORT},
    f"{_RBAC}RoleRef": {"kind": _one_of("Role", "ClusterRole")},
    f"{_RBAC}Subject": {"kind": _one_of("User", "Group", "ServiceAccount")},
}  # fmt: skip

QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"


def add_limits(definitions: dict[str, Schema]) -> None:
    """Add the limits to the definitions of a version's schemas."""
    for name, fields in LIMITS.items():
        properties = definitions.get(name, {}).get("properties", {})
        for field, limit in fields.items():
            if field in properties:
                merged = {**properties[field], **limit}
                if "items" in limit:
                    merged["items"] = {**properties[field].get("items", {}), **limit["items"]}
                properties[field] = merged
    if QUANTITY in definitions:
        definitions[QUANTITY] = {**definitions[QUANTITY], "pattern": quantities.PATTERN}
